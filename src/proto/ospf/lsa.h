/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link state advertisements as bytes: of OSPFv2 (RFC 2328 A.4, RFC 3101 A, RFC 5250, RFC 8770) and
 * of OSPFv3 (RFC 5340 A.4). An LSA is always the bytes of it, as they stand on the wire, with the
 * header; what one needs of them is read by walks, in a form that is the same for both versions,
 * and written by a writer. Nothing here keeps anything.
 */
#ifndef PROTO_OSPF_LSA_H
#define PROTO_OSPF_LSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"
#include "wire/reader.h"
#include "wire/writer.h"

enum ospf_version {
	OSPF_V2 = 2,
	OSPF_V3 = 3,
};

#define LSA_HEADER_BYTES 20
#define LSA_BYTES_MAX 65515 /* that fit an LSU in an IP packet of 65,535 bytes, v2 */

/* RFC 2328 B */
#define LSA_AGE_MAX 3600
#define LSA_AGE_REFRESH 1800
#define LSA_AGE_CHECK 300
#define LSA_AGE_MAX_DIFF 900
#define LSA_SEQUENCE_INITIAL (-INT32_C(0x7fffffff)) /* 0x80000001 */
#define LSA_SEQUENCE_MAX INT32_C(0x7fffffff)
#define LSA_METRIC_MAX 0xffff	     /* of a link, and RFC 6987's */
#define LSA_METRIC_INFINITY 0xffffff /* LSInfinity, of summaries and externals */

/* Types as they stand in the header: 8 bits in OSPFv2, 16 bits in OSPFv3. */
enum lsa_type {
	LSA_V2_ROUTER = 1,
	LSA_V2_NETWORK = 2,
	LSA_V2_SUMMARY = 3,	 /* of a network */
	LSA_V2_SUMMARY_ASBR = 4, /* of a router at the border of the AS */
	LSA_V2_EXTERNAL = 5,
	LSA_V2_NSSA = 7,
	LSA_V2_OPAQUE_LINK = 9, /* RFC 5250 */
	LSA_V2_OPAQUE_AREA = 10,
	LSA_V2_OPAQUE_AS = 11,
	LSA_V3_ROUTER = 0x2001,
	LSA_V3_NETWORK = 0x2002,
	LSA_V3_INTER_PREFIX = 0x2003,
	LSA_V3_INTER_ROUTER = 0x2004,
	LSA_V3_EXTERNAL = 0x4005,
	LSA_V3_NSSA = 0x2007,
	LSA_V3_LINK = 0x0008,
	LSA_V3_INTRA_PREFIX = 0x2009,
	LSA_V3_GRACE = 0x000b,	     /* RFC 5187 */
	LSA_V3_ROUTER_INFO = 0xa00c, /* RFC 7770 2.2: of an area, and of the other scopes */
	LSA_V3_ROUTER_INFO_LINK = 0x800c,
	LSA_V3_ROUTER_INFO_AS = 0xc00c,
};

/* What it is, in either version. */
enum lsa_kind {
	LSA_UNKNOWN,
	LSA_ROUTER,
	LSA_NETWORK,
	LSA_INTER_PREFIX,
	LSA_INTER_ROUTER,
	LSA_EXTERNAL,
	LSA_NSSA,
	LSA_LINK,	  /* v3 */
	LSA_INTRA_PREFIX, /* v3 */
	LSA_GRACE,	  /* v2: an opaque one of link scope, opaque type 3 (RFC 3623 A) */
	LSA_ROUTER_INFO,  /* v2: an opaque one, opaque type 4 (RFC 7770 2.1) */
	LSA_OPAQUE,	  /* v2: any other */
	LSA_KINDS,
};

enum lsa_scope {
	LSA_SCOPE_LINK,
	LSA_SCOPE_AREA,
	LSA_SCOPE_AS,
	LSA_SCOPE_RESERVED,
};

/* Options, v2 (8 bits, RFC 2328 A.2 and others) and v3 (24 bits, RFC 5340 A.2). */
#define OSPF_V2_MT 0x01u
#define OSPF_V2_E 0x02u
#define OSPF_V2_MC 0x04u
#define OSPF_V2_NP 0x08u /* in hellos N, in LSAs of type 7 P */
#define OSPF_V2_L 0x10u
#define OSPF_V2_DC 0x20u
#define OSPF_V2_O 0x40u
#define OSPF_V3_V6 0x01u
#define OSPF_V3_E 0x02u
#define OSPF_V3_N 0x08u
#define OSPF_V3_R 0x10u
#define OSPF_V3_DC 0x20u
#define OSPF_V3_AF 0x100u /* RFC 5838 2.2 */
#define OSPF_V3_L 0x200u
#define OSPF_V3_AT 0x400u /* RFC 7166 */

/* Flags of a router-LSA: the same in both versions, but for Nt, W and H. */
#define LSA_ROUTER_B 0x01u
#define LSA_ROUTER_E 0x02u
#define LSA_ROUTER_V 0x04u
#define LSA_ROUTER_W 0x08u
#define LSA_ROUTER_NT 0x10u
#define LSA_ROUTER_H 0x80u /* v2, RFC 8770 */

/* Options of a prefix, v3: RFC 5340 A.4.1.1. */
#define LSA_PREFIX_NU 0x01u
#define LSA_PREFIX_LA 0x02u
#define LSA_PREFIX_P 0x08u

/* Which one it is among all of its scope. `id` is the Link State ID. Host order. */
struct lsa_key {
	uint16_t type;
	uint32_t id, router;
};

struct lsa_header {
	uint16_t age;	 /* seconds, the DoNotAge bit is no part of it */
	uint8_t options; /* v2 */
	struct lsa_key key;
	int32_t sequence;
	uint16_t checksum;
	uint16_t length; /* the header included */
};

enum lsa_scope lsa_scope(enum ospf_version v, uint16_t type);

/* By the key alone: `id` says which opaque one it is. */
enum lsa_kind lsa_kind(enum ospf_version v, const struct lsa_key *k);

/* The type of a kind that is no opaque one, ROUTER_INFO of an area; 0: the version has none. */
uint16_t lsa_type(enum ospf_version v, enum lsa_kind kind);

/* "router", "asbr-summary", "opaque-area", "intra-area-prefix", …; "unknown" of others. */
const char *lsa_type_name(enum ospf_version v, uint16_t type);

bool lsa_key_equal(const struct lsa_key *a, const struct lsa_key *b);

/* Orders by type, Link State ID and router. */
int lsa_key_compare(const struct lsa_key *a, const struct lsa_key *b);

/* The header that stands next; r fails when it is not all there. Nothing is checked. */
struct lsa_header lsa_header_read(enum ospf_version v, struct reader *r);
void lsa_header_write(enum ospf_version v, struct writer *w, const struct lsa_header *h);

/*
 * RFC 2328 13.1: which of two instances of an LSA is the newer one. Positive: `a` is; negative: `b`
 * is; 0: they are the same instance. Ages are those of now.
 */
int lsa_compare(const struct lsa_header *a, const struct lsa_header *b);

/* RFC 2328 12.1.7, RFC 905 B: the checksum of all but the age, of an LSA of `length` bytes. */
uint16_t lsa_checksum(const uint8_t *bytes, size_t length);
bool lsa_checksum_is_good(const uint8_t *bytes, size_t length);

/* Writes length and checksum into the header of the LSA that begins at `start` and ends here. */
void lsa_finish(struct writer *w, size_t start);

/* Writes another age into the bytes of an LSA: no part of the checksum. */
void lsa_set_age(uint8_t *bytes, uint16_t age);

/* What is wrong with the body of an LSA. */
enum lsa_fault {
	LSA_GOOD,
	LSA_FAULT_LENGTH, /* too short, or something is left over or missing */
	LSA_FAULT_VALUE,  /* a mask with holes, a prefix that is too long, a type that is none */
};

/*
 * Whether the LSA, of `length` bytes, is well formed: then no walk below fails on it. One of an
 * unknown type is.
 */
enum lsa_fault lsa_check(enum ospf_version v, const uint8_t *bytes, size_t length);

/*
 * Walks. They begin with the bytes of an LSA of that kind, which must outlive them, and end with
 * false. On bytes that lsa_check() has not passed they end early, and never read beyond.
 */
struct lsa_walk {
	enum ospf_version version;
	struct reader r;
	uint32_t left;	/* elements, where the LSA says how many */
	uint8_t kind;	/* enum lsa_kind */
	uint8_t family; /* enum family: of prefixes */
	uint8_t fault;	/* enum lsa_fault: why it has ended early */
	bool no_stubs;	/* set by who walks: links of type STUB are passed over, unread */
};

/* A router-LSA. */
struct lsa_router {
	uint8_t flags;	  /* LSA_ROUTER_… */
	uint32_t options; /* v3; 0 in v2 */
};

enum lsa_link_type {
	LSA_LINK_POINT_TO_POINT = 1,
	LSA_LINK_TRANSIT,
	LSA_LINK_STUB, /* v2 alone */
	LSA_LINK_VIRTUAL,
};

struct lsa_link {
	uint8_t type;
	uint16_t metric;
	/*
	 * POINT_TO_POINT, VIRTUAL: the router ID of the other end. TRANSIT: v3: that of the DR, and
	 * with `neighbor_interface` it names the network-LSA; v2: 0.
	 */
	uint32_t neighbor;
	uint32_t neighbor_interface; /* v3: its interface ID there; v2, TRANSIT: the DR's address */
	uint32_t own; /* v3: the interface ID; v2: the link data: our address, or our ifIndex */
	struct prefix prefix; /* STUB */
};

struct lsa_walk lsa_router_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				struct lsa_router *ret);
bool lsa_link_next(struct lsa_walk *w, struct lsa_link *ret);

/* A network-LSA: the routers that are attached, and its prefix (v2: unset in v3). */
struct lsa_walk lsa_network_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				 struct prefix *ret_prefix, uint32_t *ret_options);
bool lsa_attached_next(struct lsa_walk *w, uint32_t *ret_router);

/*
 * An LSA of one destination: INTER_PREFIX, INTER_ROUTER, EXTERNAL, NSSA. False: it cannot be read.
 */
struct lsa_destination {
	struct prefix prefix;	/* unset of INTER_ROUTER */
	uint8_t prefix_options; /* v3 */
	uint32_t router;	/* INTER_ROUTER: which one */
	uint32_t options;	/* INTER_ROUTER of v3: its options */
	uint32_t metric;	/* up to LSA_METRIC_INFINITY */
	bool type_2;		/* EXTERNAL, NSSA */
	bool propagate;		/* NSSA: the P bit, of the header in v2, of the prefix in v3 */
	struct address
		forward; /* EXTERNAL, NSSA: the forwarding address; unset: none, or 0.0.0.0 */
	uint32_t tag;
	uint16_t reference_type; /* v3, EXTERNAL and NSSA: refers to another LSA; 0: to none */
	uint32_t reference_id;
};
bool lsa_destination_read(enum ospf_version v, const uint8_t *bytes, size_t length,
			  struct lsa_destination *ret);

/* Prefixes: of LINK and INTRA_PREFIX, with what these say before them. */
struct lsa_prefixes {
	uint8_t priority;	   /* LINK */
	uint32_t options;	   /* LINK */
	struct address link_local; /* LINK: of the AF of IPv4 (RFC 5838) an IPv4 address */
	struct lsa_key reference;  /* INTRA_PREFIX: the router- or network-LSA that it belongs to */
};
struct lsa_prefix {
	struct prefix prefix;
	uint8_t options;
	uint16_t metric; /* INTRA_PREFIX */
};
struct lsa_walk lsa_prefixes_walk(enum ospf_version v, const uint8_t *bytes, size_t length,
				  struct lsa_prefixes *ret);
bool lsa_prefix_next(struct lsa_walk *w, struct lsa_prefix *ret);

/*
 * The family of v3's prefixes: an instance is of one address family (RFC 5838), and a prefix on the
 * wire does not say of which. Walks and readers take IPv6. The first changes that for what a walk
 * gives from now on; the others change what has been read: the address of a link-LSA (RFC
 * 5838 2.5), and the prefix and the forwarding address of a destination. False: the prefix is too
 * long for it.
 */
void lsa_walk_family(struct lsa_walk *w, enum family family);
void lsa_address_family(struct address *a, enum family family);
bool lsa_destination_family(struct lsa_destination *d, enum family family);

/* GRACE: RFC 3623 A, RFC 5187 2.2. */
struct lsa_grace {
	uint32_t period_s;
	uint8_t reason; /* 0 unknown, 1 software restart, 2 reload, 3 switch to a redundant
			   processor */
	struct address interface; /* v2 */
};
bool lsa_grace_read(enum ospf_version v, const uint8_t *bytes, size_t length,
		    struct lsa_grace *ret);

/* ROUTER_INFO, RFC 7770: the functional and informational capabilities; absent ones are 0. */
struct lsa_capabilities {
	uint32_t informational, functional; /* bit 0 is the highest, as in the RFCs */
};
#define LSA_INFORMATIONAL_GRACEFUL 0x80000000u	  /* can restart gracefully */
#define LSA_INFORMATIONAL_HELPER 0x40000000u	  /* and help others to */
#define LSA_INFORMATIONAL_STUB_ROUTER 0x20000000u /* RFC 6987 */
#define LSA_FUNCTIONAL_HOST 0x01000000u		  /* RFC 8770 5: bit 7 */
bool lsa_capabilities_read(enum ospf_version v, const uint8_t *bytes, size_t length,
			   struct lsa_capabilities *ret);
bool lsa_knows_host(enum ospf_version v, const uint8_t *bytes, size_t length); /* RFC 8770 5 */

/*
 * Writers. Each begins an LSA with lsa_begin(), which returns where it begins, goes on with what
 * the kind needs, and ends it with lsa_finish().
 */
size_t lsa_begin(enum ospf_version v, struct writer *w, const struct lsa_header *h);
void lsa_write_router(enum ospf_version v, struct writer *w, const struct lsa_router *router);
/* v2: the count of links is kept right in the LSA that began at `start`. */
void lsa_write_link(enum ospf_version v, struct writer *w, size_t start, const struct lsa_link *l);
void lsa_write_network(enum ospf_version v, struct writer *w, const struct prefix *network,
		       uint32_t options);
void lsa_write_attached(struct writer *w, uint32_t router);
void lsa_write_destination(enum ospf_version v, struct writer *w, uint16_t type,
			   const struct lsa_destination *d);
void lsa_write_prefixes(struct writer *w, uint16_t type, const struct lsa_prefixes *p);
/* The count of prefixes is kept right in the LSA that began at `start`. */
void lsa_write_prefix(struct writer *w, size_t start, const struct lsa_prefix *p);
void lsa_write_grace(enum ospf_version v, struct writer *w, const struct lsa_grace *g);
void lsa_write_capabilities(struct writer *w, const struct lsa_capabilities *c);

/* How many bytes lsa_write_link() and lsa_write_prefix() need. */
size_t lsa_link_bytes(enum ospf_version v);
size_t lsa_prefix_bytes(const struct prefix *p);

#endif
