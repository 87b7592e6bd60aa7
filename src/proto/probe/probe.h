/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe: watches a neighbour that speaks no protocol of liveness, by asking what every host
 * must answer: who has this address? An ARP request for IPv4 (RFC 826; to one host alone as in RFC
 * 1122 2.3.2.1), a neighbour solicitation for IPv6 (RFC 4861 7.3). As a library: sessions, time and
 * received frames go in, frames and changes of state come out. What a change means is its client's
 * affair.
 *
 * The shape is that of every speaker: after any call that may change something, take what there is
 * with probe_output() and probe_event() until they have nothing more, and call probe_tick() at
 * probe_deadline(). Nothing here does I/O, reads a clock or draws a random number of its own.
 *
 * All memory is taken by probe_new(). No other call allocates.
 */
#ifndef PROTO_PROBE_PROBE_H
#define PROTO_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/ether.h"
#include "net/path.h"

#define PROBE_SESSIONS_MAX 512
#define PROBE_INTERVAL_MIN_US 10000
#define PROBE_INTERVAL_MAX_US 60000000

#define PROBE_STATES(X)                                                                            \
	X(UNKNOWN, "unknown") /* it has never answered: nothing can be concluded */                \
	X(UP, "up")                                                                                \
	X(DOWN, "down") /* it has answered, and does so no more */

enum probe_state {
#define PROBE_STATE_ENUM(name, text) PROBE_STATE_##name,
	PROBE_STATES(PROBE_STATE_ENUM)
#undef PROBE_STATE_ENUM
		PROBE_STATE_COUNT
};

/* Why a frame was no answer. It then changes nothing but a counter. */
#define PROBE_DROPS(X)                                                                             \
	X(MALFORMED, "malformed")                                                                  \
	X(KIND, "kind")		    /* no reply, or an advertisement that nobody asked for */      \
	X(NO_SESSION, "no-session") /* of no address that is watched there, or not to ours */      \
	X(UNASKED, "unasked")	    /* no question is open: answered already, or made up */

enum probe_drop {
#define PROBE_DROP_ENUM(name, text) PROBE_DROP_##name,
	PROBE_DROPS(PROBE_DROP_ENUM)
#undef PROBE_DROP_ENUM
		PROBE_DROP_COUNT
};

const char *probe_state_name(enum probe_state state);
const char *probe_drop_name(enum probe_drop reason);

/* What a client asks of a session. Compared as bytes: zero it first. */
struct probe_params {
	uint32_t interval_us; /* between questions; PROBE_INTERVAL_MIN_US … _MAX_US */
	uint8_t multiplier;   /* 1 and above: it is down after so many intervals of silence */
};

struct probe_settings {
	size_t sessions; /* the most there can be; 1 to PROBE_SESSIONS_MAX */
};

/* A question that is to be sent now: probe_frame() makes a frame of it. */
struct probe_question {
	struct path path;
	uint8_t mac[ETHER_MAC_BYTES]; /* who is asked alone, when not `all` */
	bool all;		      /* everybody is asked */
};

struct probe_event {
	struct path path;
	uint8_t state; /* enum probe_state */
};

struct probe_session_info {
	struct path path;
	uint8_t state;		      /* enum probe_state */
	uint8_t mac[ETHER_MAC_BYTES]; /* that has answered last; zero: none */
	struct instant since;	      /* of the state */
	uint32_t flaps;		      /* how often it was up and went down */
	uint64_t asked, answered;
};

struct probe;

/* NULL when there is no memory. `seed` feeds the jitter. */
struct probe *probe_new(const struct probe_settings *settings, uint64_t seed);
void probe_free(struct probe *p);

/* 0, or -EINVAL when the parameters are not what struct probe_params says. */
int probe_params_check(const struct probe_params *params);

/*
 * Starts a session, or changes its parameters, without a flap. 0; -EINVAL as probe_params_check(),
 * or a path without an interface, without addresses, or with those of two families; -ENOSPC when
 * there are too many.
 */
int probe_session_set(struct probe *p, struct instant now, const struct path *path,
		      const struct probe_params *params);

/* Forgets the session. There is nobody to be told. */
void probe_session_remove(struct probe *p, const struct path *path);
void probe_stop(struct probe *p); /* all of them */
bool probe_is_empty(const struct probe *p);

/*
 * A frame from the network. What has arrived is to be given before probe_tick(), or a host that was
 * held up would find a neighbour silent that was not heard.
 */
void probe_input(struct probe *p, struct instant now, const struct ether_frame *frame);

/* When probe_tick() is wanted next; INSTANT_NEVER when nothing is waited for. */
struct instant probe_deadline(const struct probe *p);
void probe_tick(struct probe *p, struct instant now);

/* The next question to send at `now`, false when there is none. */
bool probe_output(struct probe *p, struct instant now, struct probe_question *ret);

/* The question as a frame of its interface, which has this address on the wire. */
void probe_frame(const struct probe_question *q, const uint8_t mac[ETHER_MAC_BYTES],
		 struct ether_frame *ret);

/*
 * The next session whose state has changed, or of which is to be told anew; false when there is
 * none. Only its latest state is told.
 */
bool probe_event(struct probe *p, struct probe_event *ret);

/* It could not be told on: probe_event() has it once more. */
void probe_event_again(struct probe *p, const struct path *path);

/* Somebody has come who knows nothing: probe_event() has all of them. */
void probe_event_all(struct probe *p);

/* Whether probe_event() has something. */
bool probe_has_event(const struct probe *p);

/* False when there is no such session. */
bool probe_session_find(const struct probe *p, const struct path *path,
			struct probe_session_info *ret);

/* Walks the sessions: `position` starts at 0 and is moved on; false at the end. */
bool probe_session_next(const struct probe *p, size_t *position, struct probe_session_info *ret);

/* How often a session has changed its state. */
uint64_t probe_changes(const struct probe *p);

/* Frames that were dropped, by enum probe_drop; PROBE_DROP_COUNT of them. */
const uint32_t *probe_drops(const struct probe *p);

#endif
