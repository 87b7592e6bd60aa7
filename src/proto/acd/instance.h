/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#ifndef PROTO_ACD_INSTANCE_H
#define PROTO_ACD_INSTANCE_H

#include "base/container.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "proto/acd/acd.h"
#include "net/ether.h"

enum acd_timer {
	ACD_TIMER_PROBE,
	ACD_TIMER_ANNOUNCE,
};

struct acd_link {
	struct list link; /* in acd.links */
	uint32_t index;
	bool usable;
	uint8_t mac[ETHER_MAC_BYTES];
};

enum acd_watch_state {
	ACD_WATCH_PROBING,
	ACD_WATCH_ASKED, /* the verdict is given; a claim of it keeps what was learnt of a rival */
	ACD_WATCH_CLAIMED,
};

/* Frames that wait for acd_output(). */
enum acd_pending {
	ACD_PENDING_PROBE = 1,
	ACD_PENDING_ANNOUNCE = 2,
	ACD_PENDING_ANSWER = 4, /* to `asker` */
};

/* One address on one interface. */
struct acd_watch {
	struct hash_node node; /* in acd.watches, by its address alone */
	struct list output;    /* in acd.outputs while a frame is pending */
	struct list event;     /* in acd.events while there is something to tell */
	uint32_t interface;
	struct address address;
	uint8_t state;	 /* enum acd_watch_state */
	uint8_t pending; /* enum acd_pending, together */
	uint8_t tells;	 /* enum acd_event_kind */
	bool answer;

	struct timer probe;
	uint8_t probes;	  /* of this round, so far */
	uint8_t silences; /* rounds without a sign of the rival */

	struct timer announce;
	uint8_t announcements; /* of the burst, so far */
	struct instant defend_after;

	bool rival, told, heard; /* heard: since the last round ended */
	bool again;		 /* the rival has answered a round */
	uint8_t rival_mac[ETHER_MAC_BYTES];

	struct address asker;
	uint8_t asker_mac[ETHER_MAC_BYTES];
};

struct acd {
	struct timers timers; /* with room for all timers of all watches */
	struct random random;
	struct hash watches;
	struct list links, outputs, events;
	uint32_t dropped;
};

struct acd_link *acd_link_find(const struct acd *a, uint32_t index);
bool acd_link_is_usable(const struct acd *a, uint32_t index);

struct acd_watch *watch_find(const struct acd *a, uint32_t interface,
			     const struct address *address);

/* Finds it, or makes one that does nothing yet. NULL when there is no memory. */
struct acd_watch *watch_make(struct acd *a, uint32_t interface, const struct address *address);
void watch_free(struct acd *a, struct acd_watch *w);

void watch_probe(struct acd *a, struct acd_watch *w, struct instant now);
void watch_claim(struct acd *a, struct acd_watch *w, struct instant now, bool answer);
void watch_link_up(struct acd *a, struct acd_watch *w, struct instant now);
void watch_link_down(struct acd *a, struct acd_watch *w);

/* A frame of another host that is about the watch's address. */
void watch_input(struct acd *a, struct acd_watch *w, struct instant now,
		 const struct ether_message *m);

void watch_probe_due(struct acd *a, struct acd_watch *w, struct instant now);
void watch_announce_due(struct acd *a, struct acd_watch *w, struct instant now);

/* Takes one pending frame; at least one is. */
void watch_output(struct acd *a, struct acd_watch *w, struct ether_frame *ret);

#endif
