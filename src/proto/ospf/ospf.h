/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OSPF speaker: OSPFv2 (RFC 2328) and OSPFv3 (RFC 5340), of a host, as a library. Time,
 * interfaces, prefixes and received bytes go in; packets, neighbours, what they have acknowledged
 * of our prefixes, and routes come out. It has the full database of its areas, announces the
 * prefixes that it is given and nothing else, and is never on the way of others: doc/ospf.md says
 * how.
 *
 * An instance is of one version: OSPFv2 for IPv4, OSPFv3 for IPv6. What differs stands in lsa.c,
 * packet.c, seal.c and version.c; all else is written once.
 *
 * The shape is that of every speaker: after any call that may change something, take what there is
 * with ospf_output(), ospf_event() and ospf_learned() until they have nothing more, and call
 * ospf_tick() at ospf_deadline(). Nothing here does I/O, reads a clock or draws a random number of
 * its own.
 */
#ifndef PROTO_OSPF_OSPF_H
#define PROTO_OSPF_OSPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fields/field.h"
#include "net/keychain.h"
#include "net/neighbor.h"
#include "net/route.h"
#include "proto/ospf/packet.h"
#include "proto/ospf/seal.h"
#include "proto/speaker.h"

#define OSPF_PROTOCOL 89 /* of IP */
#define OSPF_INTERFACES_MAX 256
#define OSPF_NEIGHBORS_MAX 256 /* on an interface */
#define OSPF_AREAS_MAX 64
#define OSPF_LSAS_MAX 200000 /* that others may have us keep, in all */
#define OSPF_COST_MAX 65535  /* of an interface, and of a VIP that is a stub link */

/*
 * An acknowledgment says that a router has an LSA, and not that its kernel has another route: BIRD
 * computes once a second, others within some hundred milliseconds. So long it is waited for that.
 */
#define OSPF_REACTION DURATION_MS(1500)

/* How VIPs are announced. */
enum ospf_vips {
	OSPF_VIPS_AUTO, /* as stub, and as external (in an NSSA nssa) when a packet is too small */
	OSPF_VIPS_STUB, /* v2: stub links of the router-LSA; v3: an intra-area-prefix-LSA */
	OSPF_VIPS_EXTERNAL,
	OSPF_VIPS_NSSA, /* LSAs of type 7; where the area is no NSSA: external */
};

/* How it is said that nobody is to go through us. */
enum ospf_host {
	OSPF_HOST_AUTO, /* as RFC 8770 where every router of the area knows it, else max-metric */
	OSPF_HOST_MAX_METRIC, /* RFC 6987 */
	OSPF_HOST_BIT,	      /* RFC 8770 whoever is there */
	OSPF_HOST_NOT, /* a router with transit, for networks of the simulator: not configurable */
};

enum ospf_area_kind {
	OSPF_AREA_NORMAL,
	OSPF_AREA_STUB,
	OSPF_AREA_NSSA, /* RFC 3101 */
};

enum ospf_network {
	OSPF_BROADCAST,
	OSPF_POINT_TO_POINT,
	OSPF_POINT_TO_MULTIPOINT,
};

/* Settings of the whole instance; the protocol's own in struct speaker_settings. */
struct ospf_settings {
	uint32_t router_id;  /* 0: the speaker is told one with ospf_router_id() */
	uint8_t vips;	     /* enum ospf_vips */
	uint8_t metric_type; /* of externals: 1 or 2; 2 */
	uint8_t host;	     /* enum ospf_host */
	uint32_t metric;     /* that a prefix is announced with: 10 */
	uint32_t tag;	     /* of externals; 0 */
	struct duration spf_delay,
		spf_delay_max; /* the first back-off, and the longest: RFC 8405 */
	struct duration grace; /* graceful restart: RFC 3623; 120 s; 0: none is asked for */
	bool helper;	       /* for neighbours that restart */
};

/* What only OSPF has of the settings of an interface: the protocol's own in speech_settings. */
struct ospf_speech {
	uint32_t area;
	uint8_t area_kind;	  /* enum ospf_area_kind */
	uint8_t network;	  /* enum ospf_network */
	uint8_t priority;	  /* 0: never the DR */
	uint8_t instance;	  /* v3 */
	uint8_t hello_multiplier; /* so many hellos in a dead interval of 1 s; 0: `hello` counts */
	bool mtu_ignore;
	bool ttl_security; /* RFC 5082: sends with 255 and takes nothing else */
	bool extended;	   /* v2: RFC 7474 */
	struct duration hello, dead, retransmit;
};

/* The same for the library, in one piece. */
struct ospf_interface_settings {
	struct ospf_speech is;
	uint16_t cost; /* 1 to OSPF_COST_MAX */
	bool passive;
	bool unnumbered; /* v2, point-to-point: its address is that of another interface */
	uint8_t n_unicast;
	struct address unicast[SPEAKER_UNICAST_MAX]; /* of point-to-multipoint without multicast */
	struct keychain auth;
};

/*
 * Why a packet, or one LSA of it, was not believed. The X-macro gives enum and names together.
 */
#define OSPF_DROPS(X)                                                                              \
	X(LENGTH, "length") /* too short for what it says to be */                                 \
	X(VERSION, "version")                                                                      \
	X(TYPE, "type")                                                                            \
	X(CHECKSUM, "checksum")                                                                    \
	X(AREA, "area")		      /* another area than ours there: RFC 2328 8.2 */             \
	X(INSTANCE, "instance")	      /* v3: another instance ID */                                \
	X(OFF_LINK, "off-link")	      /* a source outside the interface's network */               \
	X(DESTINATION, "destination") /* of others; AllDRouters, and we are none */                \
	X(HOP_LIMIT, "hop-limit")     /* RFC 5082 */                                               \
	X(OWN, "own-packet")	      /* our own packet came back to us */                         \
	X(DUPLICATE_ROUTER, "duplicate-router-id") /* with our router ID, and it is not we */      \
	X(AUTHENTICATION, "authentication")	   /* authenticated, and we have no key */         \
	X(AUTH_MISSING, "auth-missing")		   /* not authenticated, and we have one */        \
	X(AUTH_TYPE, "auth-type")                                                                  \
	X(AUTH_KEY, "auth-key") /* unknown, or not to be accepted now */                           \
	X(AUTH_LENGTH, "auth-length")                                                              \
	X(AUTH_DIGEST, "auth-digest")                                                              \
	X(AUTH_REPLAY, "auth-replay")                                                              \
	X(MASK, "mask") /* hello: another network mask */                                          \
	X(HELLO_INTERVAL, "hello-interval")                                                        \
	X(DEAD_INTERVAL, "dead-interval")                                                          \
	X(OPTIONS, "options")	      /* hello: E or N bit, another kind of area */                \
	X(TABLE_FULL, "table-full")   /* more neighbours than are remembered */                    \
	X(NO_NEIGHBOR, "no-neighbor") /* no hello has come from there */                           \
	X(STATE, "state")	      /* not in this state of the neighbour */                     \
	X(MTU, "mtu")		      /* description: larger than ours */                          \
	X(LSA_CHECKSUM, "lsa-checksum")                                                            \
	X(LSA_TYPE, "lsa-type")	  /* unknown, or not in such an area */                            \
	X(LSA_FORM, "lsa-form")	  /* its contents are not what it says to be */                    \
	X(LSA_EARLY, "lsa-early") /* MinLSArrival */                                               \
	X(LSA_LIMIT, "lsa-limit") /* more than OSPF_LSAS_MAX */

enum ospf_drop {
#define OSPF_DROP_ENUM(name, text) OSPF_DROP_##name,
	OSPF_DROPS(OSPF_DROP_ENUM)
#undef OSPF_DROP_ENUM
		OSPF_DROP_COUNT
};

const char *ospf_drop_name(enum ospf_drop reason);

/* RFC 2328 9.1 */
enum ospf_interface_state {
	OSPF_INTERFACE_DOWN,
	OSPF_INTERFACE_LOOPBACK,
	OSPF_INTERFACE_WAITING,
	OSPF_INTERFACE_POINT_TO_POINT,
	OSPF_INTERFACE_DR_OTHER,
	OSPF_INTERFACE_BACKUP,
	OSPF_INTERFACE_DR,
};
const char *ospf_interface_state_name(uint8_t state); /* "waiting", "dr-other", … */

/* RFC 2328 10.1 */
enum ospf_neighbor_state {
	OSPF_NEIGHBOR_DOWN,
	OSPF_NEIGHBOR_ATTEMPT,
	OSPF_NEIGHBOR_INIT,
	OSPF_NEIGHBOR_TWO_WAY,
	OSPF_NEIGHBOR_EX_START,
	OSPF_NEIGHBOR_EXCHANGE,
	OSPF_NEIGHBOR_LOADING,
	OSPF_NEIGHBOR_FULL,
};
const char *ospf_neighbor_state_name(uint8_t state); /* "2-way", "full", … */

struct ospf;

void ospf_settings_default(struct ospf_settings *s);
void ospf_interface_settings_default(struct ospf_interface_settings *s);

extern const struct record ospf_settings_record;    /* struct ospf_settings */
extern const struct record ospf_interface_record;   /* struct speech_settings, and the one above */
extern const struct record ospfv3_interface_record; /* the same, of OSPFv3 */

/* AllSPFRouters and AllDRouters. */
struct address ospf_group(enum ospf_version v, bool designated);

/*
 * An instance without interfaces. `seed` feeds its jitter, `hash_seed` its tables. NULL without
 * memory.
 */
struct ospf *ospf_new(enum ospf_version v, const struct ospf_settings *s, uint64_t seed,
		      uint64_t hash_seed);
void ospf_free(struct ospf *o);
void ospf_configure(struct ospf *o, struct instant now, const struct ospf_settings *s);

/*
 * The router ID to take when the settings name none: it has none before, and says nothing until it
 * has. Another one begins anew. ospf_router() is what it has.
 */
void ospf_router_id(struct ospf *o, struct instant now, uint32_t id);
uint32_t ospf_router(const struct ospf *o);

/* Starts speaking on an interface, or changes how. 0; -ENOMEM; -ENOSPC. */
int ospf_interface_set(struct ospf *o, struct instant now, uint32_t index,
		       const struct ospf_interface_settings *s);
void ospf_interface_remove(struct ospf *o, struct instant now, uint32_t index);

/*
 * The state of an interface. OSPFv2 speaks from its first source; the others are secondary
 * addresses that somebody may speak to us from. `mtu` 0: 1,500.
 */
void ospf_link(struct ospf *o, struct instant now, const struct speaker_link *link, uint16_t mtu);

/* A network on an interface; v3 says its global ones in its link-LSA and learns next hops by them.
 */
void ospf_network(struct ospf *o, uint32_t index, const struct prefix *p, bool present);

void ospf_clock(struct ospf *o, struct instant now, struct duration wall);
void ospf_secrets(struct ospf *o, struct instant now, uint32_t index, uint32_t places);
void ospf_sequence(struct ospf *o, uint64_t next);
void ospf_sequence_heard(struct ospf *o, struct instant now, const struct keychain_sequence *s);
bool ospf_sequence_next(const struct ospf *o, size_t *position, struct keychain_sequence *ret);

/*
 * Announces a prefix, or changes its metric (0: the default). 0, -ENOMEM, or -EAFNOSUPPORT for one
 * of the other family. Withdraws it: when that has been acknowledged by all neighbours, or has been
 * said to those who are there for a while, SPEAKER_EVENT_WITHDRAWN comes. -ENOENT.
 */
int ospf_announce(struct ospf *o, struct instant now, const struct prefix *p, uint32_t metric);
int ospf_withdraw(struct ospf *o, struct instant now, const struct prefix *p);
bool ospf_is_leaving(const struct ospf *o, const struct prefix *p);
void ospf_reserve(struct ospf *o, size_t count);
bool ospf_is_told(const struct ospf *o, const struct prefix *p, unsigned *ret_accepted);
enum proof ospf_proof(const struct ospf *o, const struct prefix *p, uint32_t interface,
		      const struct address *neighbor);

/*
 * RFC 3623: this life follows one that has ended a moment ago, by purpose or not, without a
 * good-bye. Called before any interface is set. Neighbours are asked to wait for it, and for as
 * long as `left` what they have of us counts, and nothing is said anew. It does nothing when the
 * settings ask for no graceful restart.
 */
void ospf_restart(struct ospf *o, struct instant now, struct duration left);

/*
 * What a later life is to know, so that its neighbours see nothing of the death: notes, which are
 * taken until there are none and written down in their order, before a packet leaves that came
 * after them; all that count, anew. The later life is given them back before ospf_restart(), in
 * their order; or it is to know of nothing.
 */
bool ospf_note(struct ospf *o, struct speaker_note *ret);
void ospf_notes_again(struct ospf *o);
void ospf_recall(struct ospf *o, const struct speaker_note *note);
void ospf_forget(struct ospf *o);

/*
 * The next life is to begin so: neighbours are asked to wait for it; and whether all who are there
 * have heard that. Who ends then must not remove interfaces before.
 */
void ospf_hand_over(struct ospf *o, struct instant now);
bool ospf_handed_over(const struct ospf *o);

/* Bytes from the network, opened. Whatever they are, nothing but a counter may break. */
void ospf_input(struct ospf *o, struct instant now, const struct ospf_packet *p);
void ospf_liveness(struct ospf *o, struct instant now, uint32_t interface,
		   const struct address *neighbor, enum verdict v);

bool ospf_farewell_next(const struct ospf *o, uint32_t index, size_t *position,
			struct farewell *ret);

struct instant ospf_deadline(const struct ospf *o);
void ospf_tick(struct ospf *o, struct instant now);

/* The next packet; its bytes are good until the next call of anything here. */
bool ospf_output(struct ospf *o, struct instant now, struct ospf_packet *ret);

/* The next thing to tell, in the words of the face. */
bool ospf_event(struct ospf *o, struct speaker_event *ret);

/* What this host uses of the routes: as in speaker.h. */
int ospf_learn(struct ospf *o, struct instant now, uint32_t index,
	       const struct route_filter *filter);
bool ospf_learned(struct ospf *o, struct instant now, struct route *ret);
void ospf_learned_of(const struct ospf *o, struct instant now, const struct prefix *p,
		     struct route *ret);
void ospf_learn_again(struct ospf *o);

/* Who else announces a prefix; `neighbor` of *ret is the router ID as an IPv4 address. */
bool ospf_heard(const struct ospf *o, struct instant now, const struct prefix *p,
		struct route_heard *ret);
bool ospf_rival(const struct ospf *o, const struct prefix *p, struct route_heard *ret);
bool ospf_rival_next(const struct ospf *o, size_t *position, struct prefix *ret_prefix,
		     struct route_heard *ret);
struct speaker_overlaps *ospf_overlaps(const struct ospf *o, struct instant now);
void ospf_overlaps_free(struct speaker_overlaps *s);
bool ospf_overlap(const struct speaker_overlaps *s, const struct prefix *p,
		  struct prefix *ret_other, struct route_heard *ret);

bool ospf_neighbor_next_of(const struct ospf *o, struct instant now, size_t *position,
			   struct neighbor *ret);
bool ospf_interface_next(const struct ospf *o, struct instant now, size_t *position,
			 struct speaker_interface *ret);

/*
 * What only OSPF has, for those who look at it: rows for `vip ospf`, and what is wrong.
 */
struct ospf_neighbor_row {
	uint32_t interface, router, area;
	struct address address;
	uint8_t state; /* enum ospf_neighbor_state */
	uint8_t priority;
	uint32_t dr, bdr, options;
	uint16_t mtu; /* of its description, when it was not taken because it is larger than ours */
	struct duration dead_in, since;
	uint32_t retransmitting, requested, described; /* LSAs that are waited for */
	uint32_t retransmissions, events;
	uint32_t dropped; /* packets and LSAs that were not believed */
	bool helping;	  /* it restarts gracefully, and we help */
};
struct ospf_interface_row {
	uint32_t interface, area;
	uint8_t area_kind, network, state; /* enums */
	uint8_t priority;
	uint16_t cost, mtu;
	uint32_t dr, bdr; /* router IDs */
	struct address address;
	struct duration hello, dead, hello_in;
	uint32_t neighbors, adjacent;
	uint32_t sent[OSPF_PACKET_TYPES], received[OSPF_PACKET_TYPES];
	uint32_t dropped; /* with those of its neighbours */
};
struct ospf_lsa_row {
	uint32_t area;	    /* of AREA scope */
	uint32_t interface; /* of LINK scope */
	enum lsa_scope scope;
	struct lsa_header header; /* its age is that of now */
	bool own;
	const uint8_t *bytes; /* good until the next call that changes something */
};
struct ospf_route_row {
	struct route route;	  /* of type 2 its metric is that of the way to `router` */
	uint8_t kind;		  /* enum ospf_route_kind */
	uint32_t area;		  /* by which it goes */
	uint32_t router;	  /* whose prefix it is */
	uint32_t external_metric; /* type 2 */
};
enum ospf_route_kind {
	OSPF_ROUTE_INTRA,
	OSPF_ROUTE_INTER,
	OSPF_ROUTE_EXTERNAL_1,
	OSPF_ROUTE_EXTERNAL_2,
	OSPF_ROUTE_NSSA_1,
	OSPF_ROUTE_NSSA_2,
};
struct ospf_spf_row { /* of an area */
	uint32_t area;
	uint32_t runs, partial_runs, routers, networks, routes;
	struct duration ago;   /* since the last full run; 0: there was none */
	struct duration delay; /* that the next one keeps from it: RFC 8405 */
	bool host_bit,
		all_know_host; /* RFC 8770: what we say, and whether every router understands */
};
bool ospf_neighbor_row(const struct ospf *o, struct instant now, size_t *position,
		       struct ospf_neighbor_row *ret);
bool ospf_interface_row(const struct ospf *o, struct instant now, size_t *position,
			struct ospf_interface_row *ret);
bool ospf_lsa_row(const struct ospf *o, struct instant now, size_t *position,
		  struct ospf_lsa_row *ret);
bool ospf_route_row(const struct ospf *o, struct instant now, size_t *position,
		    struct ospf_route_row *ret);
bool ospf_spf_row(const struct ospf *o, struct instant now, size_t *position,
		  struct ospf_spf_row *ret);

#endif
