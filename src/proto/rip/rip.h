/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RIP speaker: RIP-1 and RIP-2 (RFC 1058, RFC 2453), and RIPng (RFC 2080), as a library. Time,
 * interfaces, prefixes and received bytes go in; packets, neighbours and what they say of our
 * prefixes come out. It announces the prefixes that it is given and nothing else, whatever it
 * hears.
 *
 * An instance speaks for one family: RIP for IPv4, RIPng for IPv6. RIPng is RIP-2 with other
 * addresses, so what holds for one holds for the other, and where the text says RIP both are meant.
 *
 * The shape is that of every speaker: after any call that may change something, take what there is
 * with rip_output() and rip_event() until they have nothing more, and call rip_tick() at
 * rip_deadline(). Nothing here does I/O, reads a clock or draws a random number of its own.
 */
#ifndef PROTO_RIP_RIP_H
#define PROTO_RIP_RIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fields/field.h"
#include "net/address.h"
#include "net/keychain.h"
#include "net/neighbor.h"
#include "net/overlap.h"
#include "net/packet.h"
#include "net/prefix.h"
#include "net/route.h"
#include "proto/speaker.h"

#define RIP_PORT 520	/* RFC 2453 3.9 */
#define RIPNG_PORT 521	/* RFC 2080 2.1 */
#define RIP_INFINITY 16 /* RFC 2453 3.6 */
#define RIP_COST_MAX 15
#define RIP_PACKET_MAX 1444 /* bytes that are kept of a packet: 72 entries of RIPng on Ethernet */
#define RIP_UNICAST_MAX 8   /* neighbours that an interface may name */
#define RIP_NEIGHBORS_MAX                                                                          \
	256 /* neighbours that are remembered, in each network of an interface                     \
	     */
#define RIP_INTERFACES_MAX 256
#define RIP_LEARN_ROUTES_MAX 4096 /* that are learned of one neighbour */

enum rip_version {
	RIP_VERSION_1 = 1,	    /* sends and accepts RIP-1, by broadcast */
	RIP_VERSION_2 = 2,	    /* sends and accepts RIP-2, by multicast */
	RIP_VERSION_COMPATIBLE = 3, /* sends RIP-2 by broadcast, accepts both: RFC 2453 5.1 */
};

/* Settings of the whole instance. rip_settings_default() fills in RFC 2453's times. */
struct rip_settings {
	struct duration update;	 /* between periodic updates; 30 s, varied by a sixth */
	struct duration timeout; /* of silence until a neighbour is given up; 180 s */
	struct duration
		garbage; /* for which a withdrawn prefix is still announced as gone; 120 s */
	uint8_t metric; /* that a prefix is announced with; 3, which leaves headroom for a rescue */
	uint8_t distance; /* hops between routers that a rescue must bridge; 1 */
	uint16_t pace;	  /* packets a second on each interface; 400 */
	uint16_t tag;	  /* the route tag that marks our own announcements; 0: none */
};

/* What only RIP has of the settings of an interface: the protocol's own in speech_settings. */
struct rip_speech {
	uint8_t version; /* enum rip_version; of no account in RIPng */
};

struct rip_interface_settings {
	uint8_t version; /* enum rip_version; of no account in RIPng */
	uint8_t cost;	 /* 1 to 15; all above 1 is added to what is announced here */
	bool passive;	 /* says nothing but to the neighbours named below */
	uint8_t n_unicast;
	struct address unicast[RIP_UNICAST_MAX]; /* neighbours that are told by unicast too */
	struct keychain auth;
};

/* Which of our two sockets a packet came to. */
enum rip_socket {
	RIP_SOCKET_MAIN,  /* rip_port() */
	RIP_SOCKET_QUERY, /* an ephemeral port: answers to our questions alone */
};

/*
 * Why a packet, or one entry of a packet, was not believed. The X-macro gives enum and names
 * together.
 */
#define RIP_DROPS(X)                                                                               \
	X(SOURCE_PORT, "source-port") /* a response not from port 520: RFC 2453 3.9.2 */           \
	X(UNASKED, "unasked")	/* a response to us alone, whom we have neither named nor asked */ \
	X(OFF_LINK, "off-link") /* a source outside the interface's networks */                    \
	X(HOP_LIMIT, "hop-limit") /* a router has handed it on: RFC 2080 2.4.2 */                  \
	X(LENGTH, "length")	  /* shorter than a header, or not a whole number of entries */    \
	X(OVERSIZED, "oversized") /* more than 25 entries, in RIP */                               \
	X(VERSION, "version")	  /* 0, or one that the interface does not speak */                \
	X(COMMAND, "command")	  /* neither request nor response */                               \
	X(MUST_BE_ZERO,                                                                            \
	  "must-be-zero") /* RIP-1 with something where zeros belong: RFC 1058 3.4 */              \
	X(AUTHENTICATION, "authentication") /* authenticated, and we have no key */                \
	X(AUTH_MISSING, "auth-missing")	    /* not authenticated, and we have one: RFC 2453 4.1 */ \
	X(AUTH_MISPLACED, "auth-misplaced") /* an authentication entry that is not the first */    \
	X(AUTH_TYPE, "auth-type")	    /* authenticated in another way than here */           \
	X(AUTH_KEY, "auth-key")	      /* by a key that is unknown, or not to be accepted now */    \
	X(AUTH_LENGTH, "auth-length") /* its trailer is not where it should be, or is not one */   \
	X(AUTH_DIGEST, "auth-digest") /* the secret is another one, or somebody changed it */      \
	X(AUTH_REPLAY, "auth-replay") /* it has been sent before: RFC 4822 3.2.2 */                \
	X(NO_KEY, "no-key")	      /* none of our keys can be used now */                       \
	X(FAMILY, "address-family")   /* entry: not IPv4 */                                        \
	X(ADDRESS, "address")	    /* entry: loopback, multicast, link-local, net 0, reserved */  \
	X(MASK, "mask")		    /* entry: a mask with holes, or host bits below it */          \
	X(METRIC, "metric")	    /* entry: 0 or above 16 */                                     \
	X(OWN, "own-packet")	    /* our own packet came back to us */                           \
	X(TABLE_FULL, "table-full") /* more neighbours than are remembered */                      \
	X(ANSWER_LIMIT, "answer-limit") /* a question: more than are answered */                   \
	X(LEARN_LIMIT, "learn-limit")	/* entry: more routes than one neighbour may give us */

enum rip_drop {
#define RIP_DROP_ENUM(name, text) RIP_DROP_##name,
	RIP_DROPS(RIP_DROP_ENUM)
#undef RIP_DROP_ENUM
		RIP_DROP_COUNT
};

const char *rip_drop_name(enum rip_drop reason);

enum rip_event_kind {
	RIP_EVENT_NEIGHBOR_UP,
	RIP_EVENT_NEIGHBOR_DOWN, /* and with it all that it had accepted */
	RIP_EVENT_ACCEPTED,	 /* `neighbor` has taken `prefix` */
	RIP_EVENT_UNACCEPTED,	 /* it has let go of it; no prefix: of several */
	RIP_EVENT_RIVAL, /* `neighbor` announces `prefix`, which is ours, with `metric`, or now with
			    it */
	RIP_EVENT_RIVAL_SURE, /* it was asked, and has said so again */
	RIP_EVENT_RIVAL_GONE,
	RIP_EVENT_ANNOUNCED, /* `prefix` has gone out on every speaking interface */
	RIP_EVENT_WITHDRAWN, /* the good-byes for `prefix` have gone out, all three */
	/* `interface` failed, or `neighbor`, an address of ours there, is gone; the others now
	   announce `metric`, which is lower. */
	RIP_EVENT_RESCUE,
	RIP_EVENT_NO_HEADROOM,	 /* the same, but metrics were as low as they can be */
	RIP_EVENT_RELAX,	 /* the metrics on `interface` went up by one, to `metric` */
	RIP_EVENT_LEFT,		 /* an interface that was removed has said its good-byes */
	RIP_EVENT_HOSTS_IGNORED, /* a RIP-1 neighbour does not take host routes */
	RIP_EVENT_KEY,		 /* `interface` seals with `key` from now on */
	RIP_EVENT_SEQUENCE,	 /* the highest `sequence` of `neighbor` with `key` */
	RIP_EVENT_MUTE,		 /* `interface` has no key that can be used, and says nothing */
	/* `neighbor`, which we spoke from on `interface`, is not our address any more: what was
	   accepted there was so by that next hop, and is accepted no more. */
	RIP_EVENT_SOURCE_GONE,
	/* There is no place for `neighbor` on `interface`. Told once, and again if that goes on. */
	RIP_EVENT_CROWDED,
};

struct rip_event {
	uint8_t kind; /* enum rip_event_kind */
	uint8_t metric;
	uint8_t key;
	uint32_t interface;
	struct address neighbor;
	struct prefix prefix;
	uint16_t tag;
	uint32_t sequence;
};

struct rip;

void rip_settings_default(struct rip_settings *s);
void rip_interface_settings_default(struct rip_interface_settings *s);

extern const struct record rip_settings_record;	   /* struct rip_settings */
extern const struct record rip_interface_record;   /* struct speech_settings, and the one below */
extern const struct record ripng_interface_record; /* the same, of RIPng */

/* The port of the protocol: RIP's, or RIPng's. */
uint16_t rip_port(enum family family);

/* The group that it speaks to: 224.0.0.9 (RFC 2453 3.5), or ff02::9 (RFC 2080 2.5.1). */
struct address rip_group(enum family family);

/* The name of the protocol for a person: "RIP" or "RIPng". */
const char *rip_protocol_name(enum family family);

/*
 * A speaker without interfaces, of RIP or RIPng by the family. `seed` feeds its jitter. NULL when
 * there is no memory.
 */
struct rip *rip_new(enum family family, const struct rip_settings *settings, uint64_t seed);

/*
 * How the tables of prefixes are hashed, before there is anything in them. It is not the seed of
 * the jitter, for that can be seen on the wire.
 */
void rip_hash_seed(struct rip *r, uint64_t seed);
void rip_free(struct rip *r);

/* New settings take effect at the next update; prefixes with the default metric change at once. */
void rip_configure(struct rip *r, struct instant now, const struct rip_settings *settings);

/* Starts speaking on an interface, or changes how. 0; -ENOMEM; -ENOSPC above RIP_INTERFACES_MAX. */
int rip_interface_set(struct rip *r, struct instant now, uint32_t index,
		      const struct rip_interface_settings *settings);

/* Says good-bye on the interface while it can, and forgets it with its neighbours. */
void rip_interface_remove(struct rip *r, struct instant now, uint32_t index);

/*
 * The state of an interface. From usable to not usable is a failure: the rescue begins (see
 * rescue.c). From not usable to usable: a request and a full update go out at once. While it is not
 * usable its sources say nothing: they may be back with it.
 *
 * A source that is gone while the interface is usable is a failure too: good-byes are said in its
 * name, and the other sources are among those that rescue (see source.c).
 */
void rip_link(struct rip *r, struct instant now, const struct speaker_link *link);

/*
 * Adds a network on an interface beside those of rip_link(): sources in it are on-link too (RFC
 * 2453 3.9.2). In RIPng, whose sources are link-local, two of our interfaces with a network in
 * common are known to be on the same wire by it. `present` false takes it away.
 */
int rip_network(struct rip *r, uint32_t index, const struct prefix *network, bool present);

/*
 * What the clock on the wall says at the instant 0: keys have their times by it. Until it is known
 * only keys without limits can be used. It may change at any time; nobody is given up for that.
 */
void rip_clock(struct rip *r, struct instant now, struct duration wall);

/*
 * Whose secrets are there: bit k stands for the key at place k of the interface's settings. Until
 * this is said after the keys have changed, the interface is mute.
 */
void rip_secrets(struct rip *r, struct instant now, uint32_t index, uint32_t places);

/*
 * No packet is sealed with a sequence number below this one: the highest that an earlier life may
 * have used. They are the time of the wall clock in seconds, and never go back when that does.
 */
void rip_sequence(struct rip *r, uint32_t next);

/* An earlier life has heard it: neither it nor one below it is believed until the timeout is over.
 */
void rip_sequence_heard(struct rip *r, struct instant now, const struct keychain_sequence *s);

/* Walks what is remembered, as rip_neighbor_next() does the neighbours. */
bool rip_sequence_next(const struct rip *r, size_t *position, struct keychain_sequence *ret);

/*
 * Announces a prefix, or changes its metric (0: the default; above 15 it is 15). It is on the wire
 * with the next rip_output(). With `stands_for` the prefix goes out only where RIP-1 is spoken and
 * cannot carry that network: a VIP's host route stands for its virtual network there. NULL
 * otherwise. 0, -ENOMEM, or -EAFNOSUPPORT for a prefix of the other family.
 */
int rip_announce(struct rip *r, struct instant now, const struct prefix *prefix,
		 const struct prefix *stands_for, uint32_t metric);

/*
 * Withdraws a prefix: metric 16 goes out three times, then RIP_EVENT_WITHDRAWN comes. The prefix is
 * announced as gone for the garbage time after that. -ENOENT when it is not announced.
 */
int rip_withdraw(struct rip *r, struct instant now, const struct prefix *prefix);

/* Its good-byes are on the way: RIP_EVENT_WITHDRAWN has not come yet. */
bool rip_is_leaving(const struct rip *r, const struct prefix *prefix);

/* Many prefixes will be announced: makes room for `count` of them. */
void rip_reserve(struct rip *r, size_t count);

/*
 * Whether the last change of the prefix has gone out on every speaking interface, at least once.
 * *ret_accepted, unless NULL, is how many neighbours have accepted it, in the sense of enum
 * rip_proof.
 */
bool rip_is_told(const struct rip *r, const struct prefix *prefix, unsigned *ret_accepted);

/* Bytes from the network. Whatever they are, nothing but a counter may break. */
void rip_input(struct rip *r, struct instant now, const struct packet *datagram);

/*
 * A neighbour that is down is down at once, whatever it says, until something else is said of it or
 * its timeout is over; and when no other is up on its interface, that is a failure of the interface
 * (see rescue.c). One that is up again, or of which nothing is known, is believed at once if it was
 * heard within the timeout. Nothing happens for an address that was never heard.
 */
void rip_neighbor_liveness(struct rip *r, struct instant now, uint32_t interface,
			   const struct address *neighbor, enum verdict liveness);

/* How good-bye is said there when we are dead: speaker_farewell_next(). */
bool rip_farewell_next(const struct rip *r, uint32_t index, size_t *position, struct farewell *ret);

/* When rip_tick() is wanted next; INSTANT_NEVER when nothing is waited for. */
struct instant rip_deadline(const struct rip *r);
void rip_tick(struct rip *r, struct instant now);

/*
 * The next packet to send at `now`, false when there is none. Paced: the rest comes at the
 * deadline.
 */
bool rip_output(struct rip *r, struct instant now, struct packet *ret);

/* The next thing to tell, false when there is none. */
bool rip_event(struct rip *r, struct rip_event *ret);

/*
 * Whether a neighbour announces the prefix and it is not our own echo: the announcement with the
 * lowest metric, of those that were heard within the timeout. False when there is none, *ret is
 * left alone then. For a prefix that is not announced by us yet.
 */
bool rip_heard(const struct rip *r, struct instant now, const struct prefix *prefix,
	       struct route_heard *ret);

/* What is to be learned on an interface; nothing, until this is called. 0 or -ENOENT. */
int rip_learn(struct rip *r, struct instant now, uint32_t index, const struct route_filter *learn);

/*
 * The next route whose paths may have changed, as it is now; false when there is none. Taken out
 * like events, but each prefix waits once only, however often it changes.
 */
bool rip_learned(struct rip *r, struct instant now, struct route *ret);

/* What rip_learned() would give of a prefix now. */
void rip_learned_of(const struct rip *r, struct instant now, const struct prefix *prefix,
		    struct route *ret);

/* rip_learned() is to give all routes again. */
void rip_learn_again(struct rip *r);

/*
 * Whether neighbours announce other networks that lie in a network, or cover it: one of those that
 * lie in it, else of those that cover it the smallest. A default route covers nothing. What is
 * heard is put in order for all questions; nothing else may happen to the speaker until it is
 * freed. NULL without memory.
 */
struct overlaps *rip_overlaps_new(const struct rip *r, struct instant now);
bool rip_overlaps_find(const struct overlaps *o, const struct prefix *prefix,
		       struct prefix *ret_other, struct route_heard *ret);

/* The same for a prefix that we announce: the rival with the lowest metric. */
bool rip_rival(const struct rip *r, const struct prefix *prefix, struct route_heard *ret);

/* Walks the rivals, as rip_neighbor_next() does its neighbours. */
bool rip_rival_next(const struct rip *r, size_t *position, struct prefix *ret_prefix,
		    struct route_heard *ret);

/* What a neighbour has shown about a prefix. */
enum proof rip_proof(const struct rip *r, const struct prefix *prefix, uint32_t interface,
		     const struct address *neighbor);

/*
 * Walk the neighbours and the interfaces: `position` starts at 0 and is moved on; false at the end.
 */
bool rip_neighbor_next(const struct rip *r, struct instant now, size_t *position,
		       struct neighbor *ret);
bool rip_interface_next(const struct rip *r, struct instant now, size_t *position,
			struct speaker_interface *ret);

#endif
