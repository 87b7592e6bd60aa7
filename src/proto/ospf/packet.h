/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of OSPFv2 (RFC 2328 A.3) and OSPFv3 (RFC 5340 A.3), bytes to structs and back. What they
 * carry in a list is read by walks, as in lsa.h. The bytes are those without a seal: the header of
 * OSPFv2 has type 0 of authentication, and the checksum is 0 in both (seal.h puts them there).
 */
#ifndef PROTO_OSPF_PACKET_H
#define PROTO_OSPF_PACKET_H

#include "proto/ospf/lsa.h"

#define OSPF_HEADER_MAX 24
#define OSPF_PACKET_MAX 65515 /* that an IP packet can carry */

enum ospf_packet_type {
	OSPF_HELLO = 1,
	OSPF_DESCRIPTION,
	OSPF_REQUEST,
	OSPF_UPDATE,
	OSPF_ACKNOWLEDGMENT,
	OSPF_PACKET_TYPES,
};

struct ospf_header {
	uint8_t version; /* as read; ospf_begin() writes its own */
	uint8_t type;
	uint16_t length;
	uint32_t router, area;
	uint8_t instance; /* v3 */
};

/* 24 in v2, 16 in v3. */
size_t ospf_header_bytes(enum ospf_version v);

/* "hello", "description", "request", "update", "acknowledgment". */
const char *ospf_packet_name(uint8_t type);

/*
 * Why a packet cannot be read. The length in the header may be less than what has arrived: what is
 * behind it (RFC 5613: LLS) is not looked at.
 */
enum packet_fault {
	PACKET_GOOD,
	PACKET_FAULT_LENGTH, /* too short, or its header says more than there is */
	PACKET_FAULT_VERSION,
	PACKET_FAULT_TYPE,
};

/* The header, and in *ret_body what follows it. */
enum packet_fault ospf_header_read(enum ospf_version v, const uint8_t *bytes, size_t length,
				   struct ospf_header *ret, struct reader *ret_body);

struct ospf_hello {
	uint8_t mask_length;   /* v2: of the network mask; on unnumbered ones 0 */
	bool mask_holes;       /* v2: it is no mask at all */
	uint32_t interface_id; /* v3 */
	uint32_t options;      /* 8 bits in v2, 24 in v3 */
	uint8_t priority;
	uint16_t interval; /* seconds; 0 of fast hellos */
	uint32_t dead;	   /* seconds; 16 bits in v3 */
	uint32_t dr, bdr;  /* v2: their addresses; v3: their router IDs; 0: none */
	struct reader neighbors;
};
/* False: it is too short, or the neighbours are no whole number. */
bool ospf_hello_read(enum ospf_version v, struct reader body, struct ospf_hello *ret);
bool ospf_neighbor_next(struct reader *neighbors, uint32_t *ret_router);

#define OSPF_DD_MASTER 0x01u
#define OSPF_DD_MORE 0x02u
#define OSPF_DD_INIT 0x04u
#define OSPF_DD_RESYNC 0x08u /* RFC 4811 */

struct ospf_description {
	uint16_t mtu;
	uint32_t options;
	uint8_t flags;
	uint32_t sequence;
	struct reader headers; /* of LSAs, each LSA_HEADER_BYTES */
};
bool ospf_description_read(enum ospf_version v, struct reader body, struct ospf_description *ret);

/* Of a description, or the body of an acknowledgment, which has nothing else. */
bool ospf_lsa_header_next(enum ospf_version v, struct reader *headers, struct lsa_header *ret);

/* The body of a request. The type is not checked. */
bool ospf_request_next(enum ospf_version v, struct reader *body, struct lsa_key *ret);

/*
 * The body of an update: how many LSAs it says that it has; and each, with its header read. False
 * at the end and when the next one is cut off or shorter than a header: then `failed` of the
 * reader.
 */
uint32_t ospf_update_read(struct reader *body);
bool ospf_update_next(enum ospf_version v, struct reader *body, struct lsa_header *ret,
		      const uint8_t **ret_bytes);

/* Writers: ospf_begin() first, ospf_finish() puts the length into the header. */
void ospf_begin(enum ospf_version v, struct writer *w, const struct ospf_header *h);
void ospf_write_hello(enum ospf_version v, struct writer *w, const struct ospf_hello *h);
void ospf_write_neighbor(struct writer *w, uint32_t router);
void ospf_write_description(enum ospf_version v, struct writer *w,
			    const struct ospf_description *d);
void ospf_write_request(enum ospf_version v, struct writer *w, const struct lsa_key *k);

/* The count of an update begins at 0 and is kept right by ospf_update_count(). */
void ospf_write_update(struct writer *w);
void ospf_update_count(enum ospf_version v, struct writer *w, uint32_t count);
void ospf_finish(struct writer *w);

#endif
