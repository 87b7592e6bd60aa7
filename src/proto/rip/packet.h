/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RIP packets: bytes to structs and back (RFC 1058 3.1, RFC 2453 3.6 and 4; RIPng: RFC 2080 2.1).
 * This file knows the formats and what a field may hold; what a packet means is decided elsewhere,
 * and there the protocols are the same.
 */
#ifndef PROTO_RIP_PACKET_H
#define PROTO_RIP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"
#include "proto/rip/rip.h"

#define RIP_ENTRIES_MAX 72 /* of RIPng, in the largest packet that Ethernet carries */

enum rip_command {
	RIP_REQUEST = 1,
	RIP_RESPONSE = 2,
};

/* Address family identifiers of entries. */
#define RIP_AFI_NONE 0 /* in a request: the whole table (RFC 2453 3.9.1) */
#define RIP_AFI_IPV4 2
#define RIP_AFI_AUTHENTICATION 0xffff /* RFC 2453 4.1 */

/* RFC 2080 2.1.1: the metric of an entry that is no route, but the next hop of those behind it. */
#define RIPNG_METRIC_NEXT_HOP 0xff

/* One entry as it stands on the wire, numbers in host order. */
struct rip_entry {
	uint16_t family; /* RIP: the address family identifier */
	uint16_t tag;
	struct address address;
	uint32_t mask;		 /* RIP */
	struct address next_hop; /* RIP: 0.0.0.0 is the sender */
	uint8_t length;		 /* RIPng */
	uint32_t metric;
};

struct rip_packet {
	uint8_t family; /* enum family: IPv4 for RIP, IPv6 for RIPng */
	uint8_t command, version;
	uint8_t n_entries;
	struct rip_entry entries[RIP_ENTRIES_MAX];
};

/* What rip_packet_decode() returns for a packet that is in order. */
#define RIP_DROP_NOTHING RIP_DROP_COUNT

/* How many entries a packet that we send may hold. */
size_t rip_entries_max(enum family family);

/* A packet without entries. */
struct rip_packet rip_packet_make(enum family family, enum rip_command command, uint8_t version);

/*
 * A packet of RIPng may be as long as the MTU of its link (RFC 2080 2.1): nine thousand bytes where
 * frames are jumbo. It is read in pieces that are packets themselves, of RIP_PACKET_MAX bytes at
 * most; a piece begins with the next hop entry that the one before ended under. To begin, only
 * `bytes` and `length` are set.
 */
struct rip_pieces {
	const uint8_t *bytes; /* the caller's */
	size_t length;
	size_t at;		 /* of the first entry that was not given out */
	const uint8_t *next_hop; /* the last entry that named one */
};

/*
 * Writes the next piece into `ret`, of at least RIP_PACKET_MAX, and returns its length. There is
 * one at least, and another while `at` is less than `length`. Bytes that are no packet of whole
 * entries are one piece with the length of all of them, which rip_packet_decode() drops.
 */
size_t rip_piece_next(struct rip_pieces *p, uint8_t *ret);

/*
 * Reads a packet of `length` bytes, of which at most RIP_PACKET_MAX are there: of a longer one the
 * entries in front are read. Gives
 * RIP_DROP_NOTHING, or why the packet as a whole must be dropped; then *ret is untouched.
 */
enum rip_drop rip_packet_decode(enum family family, const uint8_t *bytes, size_t length,
				struct rip_packet *ret);

/* Writes the packet into `bytes`, of at least RIP_PACKET_MAX; returns the length. */
size_t rip_packet_encode(const struct rip_packet *p, uint8_t *bytes);

/* Whether an entry of this packet says by which next hop those behind it go (RFC 2080 2.1.1). */
bool rip_entry_is_next_hop(const struct rip_packet *p, const struct rip_entry *e);

/*
 * The prefix that an entry of this response is about: by its mask in RIP-2, and by the class rules
 * where there is none (RFC 2453 4.3, RFC 1058 3.2), for which the network of the receiving
 * interface is needed; by its length in RIPng. Gives RIP_DROP_NOTHING, or why the entry must be
 * ignored (RFC 2453 3.9.2, RFC 2080 2.4.2).
 */
enum rip_drop rip_entry_prefix(const struct rip_packet *p, const struct rip_entry *e,
			       const struct prefix *network, struct prefix *ret);

/*
 * Whether RIP-1 can carry the prefix on an interface with this network, so that every receiver
 * there reads the same prefix out of the bare address: a host route, the default, a whole class
 * network, or a subnet of the interface's own class network with the same mask (RFC 1058 3.2).
 */
bool rip_prefix_fits_version_1(const struct prefix *p, const struct prefix *network);

/*
 * Appends an entry for the prefix, which must be of the packet's family. The packet must have room;
 * RIP-1 leaves tag and mask zero.
 */
void rip_packet_add(struct rip_packet *p, const struct prefix *prefix, uint16_t tag,
		    uint8_t metric);

/* The request for a neighbour's whole table (RFC 2453 3.9.1, RFC 2080 2.4.1). */
struct rip_packet rip_packet_request_all(enum family family, uint8_t version);
bool rip_packet_requests_all(const struct rip_packet *p);

#endif
