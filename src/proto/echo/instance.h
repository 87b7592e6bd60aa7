/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the echo, for its own files only.
 *
 *	struct echo ──┬─ routers[]: free, or used by tracks and proofs ── asking ── router ── …
 *		      ├─ tracks[]: free, or in by_path
 *		      │    ├─ ready ── track ── …	a packet leaves now
 *		      │    └─ changed ── track ── …	is to be told of
 *		      ├─ proofs[]: free, or open
 *		      │    ├─ waiting ── proof ── …	a packet leaves when the pace allows it
 *		      │    └─ done ── proof ── …	has come out, is to be told
 *		      └─ timers
 */
#ifndef PROTO_ECHO_INSTANCE_H
#define PROTO_ECHO_INSTANCE_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/echo/packet.h"

/* As BFD (RFC 5880 6.8.3): no faster than that while nothing comes back. */
#define ECHO_SLOW_US 1000000

/* What comes back later than this is no news, unless somebody waits longer for it. */
#define ECHO_LATE DURATION_S(1)

/* A router is asked no sooner again where it is, however many want to know. */
#define ECHO_ASK_SPACING DURATION_MS(5)

/*
 * So long an answer is good for proofs, and for those of which a packet has stayed away; and so
 * long one is of use to anybody.
 */
#define ECHO_SURE DURATION_S(10)
#define ECHO_SURE_IN_DOUBT DURATION_MS(200)
#define ECHO_KNOWN DURATION_S(60)

/* Proofs leave in small bursts: so that what comes back finds room in the socket. */
#define ECHO_BURST 32
#define ECHO_BURST_EVERY DURATION_MS(2)

/* Packets of a track that may still come back. */
#define ECHO_WINDOW 16

/* The slot of a serial number: its lowest 16 bits. */
#define ECHO_SLOT_PROOF 0x8000u
#define ECHO_SLOT_BITS 16

enum echo_timer {
	ECHO_TIMER_ASK,	   /* the next packet of a track */
	ECHO_TIMER_DETECT, /* nothing has come back for too long */
	ECHO_TIMER_TRY,	   /* a proof's packet has had its time */
	ECHO_TIMER_PACE,   /* more proofs may leave */
	ECHO_TIMER_GATHER, /* those that are over are told, the patient ones too */
};

/* A packet that has left. */
struct echo_sent {
	uint64_t serial; /* 0: none */
	struct instant at;
	bool open; /* it has not come back */
};

/* Where a router is; whoever needs to know it holds the router. */
struct echo_router {
	uint32_t holders; /* 0: it may give way to another */
	struct path path;
	bool known;
	bool asked;   /* it has not answered yet */
	bool doubted; /* who was the router last was asked alone, and has not answered since */
	bool all;     /* the question goes to all */
	uint8_t mac[ETHER_MAC_BYTES];
	struct instant asked_at, answered_at; /* 0: never */
	struct list asking;
};

struct echo_track {
	struct hash_node by_path;
	struct list ready; /* or in the list of the free */
	struct list changed;
	bool used;
	struct path path;
	struct echo_params params;
	struct address source; /* of the packets, and their destination */
	struct echo_router *router;
	uint8_t state; /* enum echo_state */
	uint8_t refusal;
	struct timer ask, detect;
	uint32_t open;		 /* packets since the last return */
	uint32_t excused;	 /* how often its end was put off since then: we were held up */
	struct instant held;	 /* it is not down before: we were held up */
	struct instant asked_at; /* the last packet */
	struct instant since;	 /* of the state */
	struct instant heard_at; /* the last return; 0: none */
	struct echo_sent window[ECHO_WINDOW];
	unsigned next; /* place in the window */
	uint32_t flaps, time_us;
	uint64_t sent, returned, refused;
};

/* Packets of a proof that may: the last ones. */
#define ECHO_TRY_WINDOW 8

struct echo_try {
	struct list link; /* free, waiting, done, or in none of them */
	bool used, over;
	struct echo_request request;
	struct echo_router *router;
	struct timer timer;
	struct echo_sent window[ECHO_TRY_WINDOW];
	uint8_t tries; /* that had their turn, whether something could be sent or not */
	struct echo_proof proof;
};

struct echo {
	struct echo_settings settings;
	struct echo_mark mark;
	struct random random;
	struct timers timers;
	struct hash by_path;
	struct echo_router *routers;   /* n_routers: one for each track and each proof */
	size_t n_routers, routers_end; /* none in use beyond the end */
	struct echo_track *tracks;
	struct echo_try *tries; /* settings.proofs of them */
	struct list asking;
	struct list free_tracks, ready, changed;
	struct list free_tries, waiting, done;
	struct timer pace, gather;
	unsigned burst; /* proofs that may leave now */
	bool tells;	/* what is done is told now, until nothing is left of it */
	size_t n_tracks, n_tries, n_open;
	uint64_t counter; /* of serials */
	uint64_t begun, changes;
	uint32_t drops[ECHO_DROP_COUNT];
};

static inline struct duration echo_us(uint64_t n)
{
	return (struct duration){ (int64_t)(n * 1000) };
}

/* A number that no packet has had. */
static inline uint64_t serial_draw(struct echo *e, unsigned slot)
{
	return ++e->counter << ECHO_SLOT_BITS | slot;
}

static inline void echo_drop_count(struct echo *e, enum echo_drop reason)
{
	e->drops[reason]++;
}

/* router.c: that of a path, held from now on; there are as many as may be held. */
struct echo_router *router_hold(struct echo *e, struct instant now, const struct path *path);
void router_release(struct echo_router *r);

/*
 * It may be elsewhere by now, or has never said where: all are asked, unless they were just now;
 * whether they are.
 */
bool router_ask(struct echo *e, struct instant now, struct echo_router *r);

/*
 * Unless its last answer is good still, the host is asked alone that gave it (RFC 1122 2.3.2.1, RFC
 * 4861 7.3.3); all are, when that one has not answered; whether anybody is.
 */
bool router_confirm(struct echo *e, struct instant now, struct echo_router *r,
		    struct duration good);

/* track.c */
struct echo_track *track_find(const struct echo *e, const struct path *path);
void track_asks(struct echo *e, struct instant now, struct echo_track *t);
void track_is_silent(struct echo *e, struct instant now, struct echo_track *t);
void track_heard(struct echo *e, struct instant now, struct echo_track *t,
		 const struct echo_heard *h, uint32_t interface);
void track_router_moved(struct echo *e, struct instant now, struct echo_track *t);

/* We have been run so much too late: who has heard nothing has not listened either. */
void tracks_held_up(struct echo *e, struct instant now, struct duration late);
void track_free(struct echo *e, struct echo_track *t);
bool track_output(struct echo *e, struct instant now, struct echo_send *ret);

/* proof.c */
void try_expires(struct echo *e, struct instant now, struct echo_try *t);
void try_heard(struct echo *e, struct instant now, struct echo_try *t, const struct echo_heard *h,
	       uint32_t interface);
void try_router_moved(struct echo *e, struct echo_try *t);
void try_free(struct echo *e, struct echo_try *t);
bool try_output(struct echo *e, struct instant now, struct echo_send *ret);
void tries_pace(struct echo *e);
void tries_tell(struct echo *e); /* how those came out that are done, until none is left */

#endif
