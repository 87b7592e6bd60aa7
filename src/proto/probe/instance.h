/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the probe, for its own files only.
 *
 *   struct probe ──┬─ sessions[limit]: free, or in by_path
 *                  ├─ ready ── session ── session ── …    asks now
 *                  ├─ changed ── session ── …             is to be told of
 *                  └─ timers: ask, detect
 */
#ifndef PROTO_PROBE_INSTANCE_H
#define PROTO_PROBE_INSTANCE_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/probe/probe.h"

/* As BFD (RFC 5880 6.8.3): no faster than that while nobody answers. */
#define PROBE_SLOW_US 1000000

enum probe_timer {
	PROBE_TIMER_ASK,    /* the next question */
	PROBE_TIMER_DETECT, /* the neighbour is silent for too long */
};

/* The questions that a session has for this moment. */
enum probe_ask {
	PROBE_ASK_ONE = 1, /* to the MAC address that has answered last */
	PROBE_ASK_ALL = 2,
};

struct probe_session {
	struct hash_node by_path;
	struct list ready; /* or in the list of the free */
	struct list changed;
	bool used;
	struct path path;
	struct probe_params params;
	uint8_t state;	 /* enum probe_state */
	uint8_t waiting; /* enum probe_ask, while it is ready */
	bool mac_known;
	uint8_t mac[ETHER_MAC_BYTES];
	struct timer ask, detect;
	uint32_t open;		 /* questions since the last answer */
	struct instant asked_at; /* the last of them */
	struct instant since;	 /* of the state */
	struct instant heard_at; /* the last answer; 0: none */
	uint32_t flaps;
	uint64_t asked, answered;
};

struct probe {
	struct probe_settings settings;
	struct random random;
	struct timers timers;
	struct hash by_path;
	struct probe_session *sessions; /* settings.sessions of them */
	struct list free, ready, changed;
	size_t n_used;
	uint64_t changes;
	uint32_t drops[PROBE_DROP_COUNT];
};

/* session.c */
struct probe_session *session_find(const struct probe *p, const struct path *path);
void session_answered(struct probe *p, struct instant now, struct probe_session *s,
		      const uint8_t mac[ETHER_MAC_BYTES]);

/* Its timers have fired. */
void session_asks(struct probe *p, struct instant now, struct probe_session *s);
void session_is_silent(struct probe *p, struct instant now, struct probe_session *s);

#endif
