/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The echo: whether a router forwards to us, found out without its help. An ordinary UDP packet
 * from an address of ours, to an address of ours, goes to the router's MAC address; the router
 * forwards it by its own table, as it does with everybody's, and it comes back (RFC 5880 6.4, RFC
 * 5881 4; unaffiliated BFD echo, RFC 9747). As a library: tracks, requests, time and received
 * frames go in, frames, changes of state and proofs come out. README.md in this folder is the
 * overview.
 *
 * A *track* watches a router: the same packet again and again, to the address that we have there. A
 * *proof* asks once, with any destination: a VIP. The shape is that of every speaker: after any
 * call that may change something, take what there is with echo_output(), echo_event() and
 * echo_proofs(), and call echo_tick() at echo_deadline(). Nothing here does I/O, reads a clock or
 * draws a random number of its own.
 *
 * All memory is taken by echo_new(). No other call allocates.
 */
#ifndef PROTO_ECHO_ECHO_H
#define PROTO_ECHO_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/ether.h"
#include "net/path.h"

#define ECHO_PORT 3785 /* RFC 5881 4 */
#define ECHO_TTL 255   /* RFC 9747 2: with this it leaves, and one router takes one off */
#define ECHO_TRACKS_MAX 512
#define ECHO_PROOFS_MAX 1024
#define ECHO_INTERVAL_MIN_US 10000
#define ECHO_INTERVAL_MAX_US 60000000
#define ECHO_TRIES_MAX 100
#define ECHO_SPACING_MIN_US 1000
#define ECHO_GATHER DURATION_MS(20)

/*
 * What a filter in the kernel may look for in the payload: the magic number that all vipd have, the
 * cookie that no other instance has.
 */
#define ECHO_MAGIC 0x76697045u
#define ECHO_MAGIC_OFFSET 0
#define ECHO_COOKIE_OFFSET 4

/* A frame with an IP packet, as it arrived: what is longer than this is not read. */
#define ECHO_FRAME_MAX 256

struct echo_frame {
	uint32_t interface;
	uint16_t length;
	uint8_t bytes[ECHO_FRAME_MAX];
};

#define ECHO_STATES(X)                                                                             \
	X(UNKNOWN, "unknown") /* nothing has ever come back: nothing can be concluded */           \
	X(UP, "up")                                                                                \
	X(DOWN, "down") /* it has come back, and does so no more */

enum echo_state {
#define ECHO_STATE_ENUM(name, text) ECHO_STATE_##name,
	ECHO_STATES(ECHO_STATE_ENUM)
#undef ECHO_STATE_ENUM
		ECHO_STATE_COUNT
};

#define ECHO_OUTCOMES(X)                                                                           \
	X(RETURNED, "returned")	  /* the destination's packets come to us */                       \
	X(LOST, "lost")		  /* sent, and neither it nor a word about it came */              \
	X(REFUSED, "refused")	  /* somebody has said why it is not delivered */                  \
	X(UNREACHED, "unreached") /* nothing was sent: the router does not say where it is */

enum echo_outcome {
#define ECHO_OUTCOME_ENUM(name, text) ECHO_OUTCOME_##name,
	ECHO_OUTCOMES(ECHO_OUTCOME_ENUM)
#undef ECHO_OUTCOME_ENUM
		ECHO_OUTCOME_COUNT
};

/* What an ICMP error says (RFC 792, RFC 1812 5.2.7.1; RFC 4443 3.1, 3.3). */
#define ECHO_REFUSALS(X)                                                                           \
	X(NOTHING, "nothing")                                                                      \
	X(NO_ROUTE, "no-route")                                                                    \
	X(PROHIBITED, "prohibited") /* by a filter, or a policy */                                 \
	X(NO_HOST, "no-host") /* a route, and nobody there: it is on a link of the router's */     \
	X(NO_PORT, "no-port") /* another host has the address, and has taken the packet */         \
	X(TTL_EXCEEDED, "ttl-exceeded") /* it went in a circle */                                  \
	X(OTHER, "other")

enum echo_refusal {
#define ECHO_REFUSAL_ENUM(name, text) ECHO_REFUSAL_##name,
	ECHO_REFUSALS(ECHO_REFUSAL_ENUM)
#undef ECHO_REFUSAL_ENUM
		ECHO_REFUSAL_COUNT
};

/* Why a frame was no news. It then changes nothing but a counter. */
#define ECHO_DROPS(X)                                                                              \
	X(MALFORMED, "malformed")                                                                  \
	X(KIND, "kind")		  /* neither a return, nor an error, nor an answer */              \
	X(FOREIGN, "foreign")	  /* of another instance, or of somebody else */                   \
	X(FORGED, "forged")	  /* its tag is wrong */                                           \
	X(CLOSED, "closed")	  /* of a track or a proof that is over */                         \
	X(LATE, "late")		  /* its time is over */                                           \
	X(DUPLICATE, "duplicate") /* it has come back before */                                    \
	X(INTERFACE, "interface") /* a track's, by another interface */                            \
	X(TTL, "ttl")		/* no router has forwarded it, or more than the one of a track */  \
	X(QUOTE, "quote")	/* an error that does not quote enough to be believed */           \
	X(REDIRECT, "redirect") /* a router knows a better way: of no account */                   \
	X(UNASKED, "unasked")	/* an answer of a router that was not asked for its address */

enum echo_drop {
#define ECHO_DROP_ENUM(name, text) ECHO_DROP_##name,
	ECHO_DROPS(ECHO_DROP_ENUM)
#undef ECHO_DROP_ENUM
		ECHO_DROP_COUNT
};

const char *echo_state_name(enum echo_state state);
const char *echo_outcome_name(enum echo_outcome outcome);
const char *echo_refusal_name(enum echo_refusal refusal);
const char *echo_drop_name(enum echo_drop reason);

struct echo_settings {
	size_t tracks, proofs; /* the most there can be; 1 to ECHO_TRACKS_MAX, ECHO_PROOFS_MAX */
	uint64_t key[2];       /* a secret of this instance: true random bits, never used before */
};

/* What a client asks of a track. Compared as bytes: zero it first. */
struct echo_params {
	uint32_t interval_us; /* between packets; ECHO_INTERVAL_MIN_US … _MAX_US */
	uint8_t multiplier;   /* 1 and above: it is down after so many intervals of silence */
	/*
	 * The packet's source and destination: an address of ours of the path's family that the
	 * router forwards to us. Not set: the path's own. An IPv6 router forwards nothing from
	 * or to a link-local address (RFC 4291 2.5.6), so there it must be set, where the path has
	 * one of those.
	 */
	struct address source;
};

/* Whether packets to `destination` come to us through a router. */
struct echo_request {
	uint32_t token; /* the client's: it stands in the proof */
	uint8_t tries;	/* 1 to ECHO_TRIES_MAX */
	bool patient; /* how it came out may be told up to ECHO_GATHER later, with that of others */
	uint32_t spacing_us; /* ECHO_SPACING_MIN_US … ECHO_INTERVAL_MAX_US; so long each has time */
	struct path path; /* the router, and from which address of ours it is asked where it is */
	struct address source; /* of the packet: an address of ours, no VIP; never link-local */
	struct address destination; /* the VIP */
};

/* How that came out. */
struct echo_proof {
	uint32_t token;
	uint8_t outcome; /* enum echo_outcome */
	uint8_t refusal; /* REFUSED: enum echo_refusal */
	uint8_t tries; /* packets that were sent; one more when the router turned out to have moved
			*/
	uint8_t questions; /* that the router was asked for its sake where it is */
	struct path path;
	struct address destination;
	/* RETURNED: by which interface, with which TTL, after what time, from whom */
	uint32_t interface;
	uint8_t ttl;
	uint32_t time_us;
	uint8_t mac[ETHER_MAC_BYTES]; /* REFUSED too */
	struct address by;	      /* REFUSED: who says it */
};

/* Something that is to be sent now: echo_send_frame() makes a frame of it. */
struct echo_send {
	uint32_t interface;
	bool asks; /* a router where it is; else it is a packet */
	bool all;  /* everybody is asked, not the one alone who was the router last */
	struct path path;
	struct address source, destination;
	uint8_t mac[ETHER_MAC_BYTES]; /* the router's; not with `all` */
	uint64_t serial;
};

struct echo_event {
	struct path path;
	uint8_t state; /* enum echo_state */
};

struct echo_track_info {
	struct path path;
	uint8_t state;		      /* enum echo_state */
	uint8_t refusal;	      /* enum echo_refusal: the last that was heard */
	uint8_t mac[ETHER_MAC_BYTES]; /* the router's; zero: it has not said where it is */
	struct instant since;	      /* of the state */
	uint32_t flaps;		      /* how often it was up and went down */
	uint32_t time_us;	      /* that the last return took */
	uint64_t sent, returned, refused;
};

struct echo;

/* NULL when there is no memory. `seed` feeds the jitter. */
struct echo *echo_new(const struct echo_settings *settings, uint64_t seed);
void echo_free(struct echo *e);

/* What its packets have behind ECHO_MAGIC. */
uint32_t echo_cookie(const struct echo *e);

/* 0, or -EINVAL when the parameters are not what struct echo_params says. */
int echo_params_check(const struct echo_params *params);

/*
 * Starts a track, or changes its parameters, without a flap. 0; -EINVAL as echo_params_check(), for
 * a path without an interface or two addresses of one family, and for a source that no router
 * forwards; -ENOSPC when there are too many.
 */
int echo_track_set(struct echo *e, struct instant now, const struct path *path,
		   const struct echo_params *params);

/* Forgets the track. There is nobody to be told. */
void echo_track_remove(struct echo *e, const struct path *path);

/* 0, or -EINVAL when the request is not what struct echo_request says. */
int echo_request_check(const struct echo_request *request);

/* Begins a proof. 0; -EINVAL as echo_request_check(); -ENOSPC when there are too many at once. */
int echo_prove(struct echo *e, struct instant now, const struct echo_request *request);

void echo_stop(struct echo *e); /* all of them, without a word */
bool echo_is_empty(const struct echo *e);

/*
 * A frame from the network: with an IP packet, or one by which routers say where they are. What has
 * arrived is to be given before echo_tick(), or a host that was held up would find a router silent
 * that was not heard.
 */
void echo_input(struct echo *e, struct instant now, const struct echo_frame *frame);
void echo_input_answer(struct echo *e, struct instant now, const struct ether_frame *frame);

/* When echo_tick() is wanted next; INSTANT_NEVER when nothing is waited for. */
struct instant echo_deadline(const struct echo *e);
void echo_tick(struct echo *e, struct instant now);

/* The next thing to send at `now`, false when there is none. */
bool echo_output(struct echo *e, struct instant now, struct echo_send *ret);

/* It as a frame of its interface, which has this address on the wire. */
void echo_send_frame(const struct echo *e, const struct echo_send *s,
		     const uint8_t mac[ETHER_MAC_BYTES], struct ether_frame *ret);

/*
 * The next track whose state has changed, or of which is to be told anew; false when there is none.
 * Only its latest state is told.
 */
bool echo_event(struct echo *e, struct echo_event *ret);

/* It could not be told on: echo_event() has it once more. */
void echo_event_again(struct echo *e, const struct path *path);

/* Somebody has come who knows nothing: echo_event() has all tracks. */
void echo_event_all(struct echo *e);

/*
 * The oldest proofs that have come out, at most `count`; how many there are. They stay, and take
 * places, until so many of them are said to be told.
 */
size_t echo_proofs(const struct echo *e, struct echo_proof *ret, size_t count);
void echo_proofs_told(struct echo *e, size_t count);

/* Whether echo_event() or echo_proofs() has something. */
bool echo_has_news(const struct echo *e);

/* False when there is no such track. */
bool echo_track_find(const struct echo *e, const struct path *path, struct echo_track_info *ret);

/* Walks the tracks: `position` starts at 0 and is moved on; false at the end. */
bool echo_track_next(const struct echo *e, size_t *position, struct echo_track_info *ret);

/* Walks the paths that tracks and proofs have; some may come more than once. */
bool echo_path_next(const struct echo *e, size_t *position, struct path *ret);

/* Proofs that are open, and those that were begun. */
size_t echo_proofs_open(const struct echo *e);
uint64_t echo_proofs_begun(const struct echo *e);

/* How often a track has changed its state. */
uint64_t echo_changes(const struct echo *e);

/* Frames that were dropped, by enum echo_drop; ECHO_DROP_COUNT of them. */
const uint32_t *echo_drops(const struct echo *e);

#endif
