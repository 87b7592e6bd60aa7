/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the node that all its floors see: time, timers, effects, the journal. README.md in
 * this folder draws how the floors hang together.
 */
#ifndef NODE_CORE_H
#define NODE_CORE_H

#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"
#include "base/timers.h"
#include "node/boundary.h"
#include "node/outbox.h"
#include "node/saved.h"

struct node;
struct kernel;
struct routing;
struct vips;
struct staging;
struct slot;

enum node_timer {
	NODE_TIMER_WATCH,    /* watch: whether a router has sent anything back by now */
	NODE_TIMER_RETRY,    /* slot: the kernel refused it; try again */
	NODE_TIMER_BOARD,    /* board: likewise */
	NODE_TIMER_WANT,     /* want: ask again */
	NODE_TIMER_EDGES,    /* node: edges of many VIPs are told together */
	NODE_TIMER_READY,    /* node: the neighbours have had their time */
	NODE_TIMER_BULK,     /* node: a large set is to be announced */
	NODE_TIMER_CLAIM,    /* binding: ask again whether somebody has it */
	NODE_TIMER_TAKE,     /* take: the next step */
	NODE_TIMER_PATIENCE, /* take: the command is not to wait any longer */
	NODE_TIMER_DRAIN,    /* drain: look again at its connections */
	NODE_TIMER_SOURCE,   /* node: a VIP that was a source may leave the kernel */
	NODE_TIMER_LEARNED,  /* node: learned routes are to be looked at */
	NODE_TIMER_PROVE,    /* node: a router is to be tried */
	NODE_TIMER_SAVE,     /* node: what could not be written down is tried again */
};

/* How often something was taken away lately, and given up then. */
struct fight {
	uint32_t since; /* in seconds of the clock */
	uint8_t losses, given_up;
};

/* What has gone wrong with what is wanted of the world, and when it is tried again: want.c. */
struct trouble {
	struct timer retry;
	struct slot *slot; /* whose it is; NULL: a board's */
	struct fight fight;
	uint8_t failures;
};

/* What is wanted of the world and is not an object of its kernel: it answers with an input. */
struct want {
	/* Tells the world by an effect: that it is wanted, or no longer, as `told` says. */
	void (*ask)(struct node *n, const struct want *w);
	bool told;  /* it has been asked for */
	bool there; /* and is there, as the last answer says */
	char *said; /* owned: why not, or not quite; NULL: nothing is against it */
	struct trouble trouble;
};

/* Lines of one kind that strangers can cause. */
struct event_quota {
	struct instant paced; /* when those so far would have come at an even pace */
	uint32_t left_out;
};

/*
 * What all floors share. Each floor has its own members, in a struct of its own that only its files
 * and those of the floors above can see.
 */
struct node {
	struct kernel *kernel;	 /* kernel/kernel.h */
	struct routing *routing; /* route/route.h */
	struct vips *vips;	 /* vip/vip.h */
	struct staging *staging; /* command.h */

	struct event_quota quotas[EVENT_KIND_COUNT];
	struct instant now, started;
	uint64_t inputs; /* so many have come: as long as it is the same, nothing has changed */
	bool synced;	 /* the kernel has been read whole once */
	bool dumping;	 /* it is being read now */
	bool resyncing;	 /* a re-read has been asked for */
	bool stopping, stopped;
	bool ready; /* the speaker has had the time to hear its neighbours: see ready.c */
	struct timers timers;
	struct outbox outbox;
	uint32_t next_id, next_serial;
	struct random random;
	uint64_t repairs;

	struct list requests;
	size_t n_records; /* written since the last snapshot */
	size_t n_whole;	  /* so many it had */
	struct {
		bool broken; /* something could not be written down; a snapshot makes it good */
		bool due;    /* and there is more to write since it was tried last */
		struct instant tried;
		struct timer again;
		char error[NODE_SENTENCE_MAX];
	} saving;
};

/*
 * want.c: it was taken away once more, by somebody who `what`. Zero: it is to be put back; else
 * it is left to him for so long, and the sentence says so.
 */
struct duration trouble_lost(struct trouble *t, struct instant now, const char *what,
			     char *sentence, size_t size);
struct duration trouble_failed(struct trouble *t); /* it was refused: how long to wait */

void want_init(struct want *w, void (*ask)(struct node *n, const struct want *w));
void want_done(struct node *n, struct want *w); /* forgets all of it, and tells nobody */

void want_tell(struct node *n, struct want *w, bool on); /* as if for the first time */
void want_ask(struct node *n, struct want *w);		 /* once more; what is known of it stays */
void want_wait(struct node *n, struct want *w, struct instant due); /* and ask then */
void want_due(struct node *n, struct timer *retry);
bool want_says(struct want *w, const char *text); /* keeps it; true: it is another one */
bool want_hears(struct want *w, bool there, const char *text); /* likewise, of an answer */

/* It is there, if not without any error, or is asked for again. True: the error is a new one. */
bool want_answered(struct node *n, struct want *w, bool ready, const char *error);
const char *want_said(const struct want *w); /* "": nothing is against it */
bool want_waits(const struct want *w);	     /* for the first answer */

/* journal.c */
void node_effect_put(struct node *n, const struct effect *e);
void node_event(struct node *n, const struct event *e);
void node_note(struct node *n, enum event_kind kind, const char *interface, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A request whose answer waits for something. */
struct request {
	struct list link;
	uint32_t id;
	uint32_t waiting; /* items that are not settled yet */
	uint32_t items, failed;
	struct list brought; /* bindings that exist because of it: of a bind all stay, or none */
	bool refused;	     /* one of them cannot be held: they are to go */
	char sentence[NODE_SENTENCE_MAX]; /* of the first that failed; a note while none has */
};

/* request.c */
struct request *request_find(const struct node *n, uint32_t id);
void request_wait(struct node *n, uint32_t id); /* one more item to wait for */

/* The binding exists because of the request, which has been waited for; or what it brings leaves.
 */
void request_brings(struct node *n, uint32_t id, struct list *brought);
void request_reject(struct node *n, uint32_t id);
void request_note(struct node *n, uint32_t id,
		  const char *note); /* worth knowing, when it is done */
void request_settle(struct node *n, uint32_t id, const char *failure); /* NULL: it went well */
void request_reply(struct node *n, uint32_t id, enum reply_code code, const char *sentence);

/* The same to somebody who has only asked. */
void request_answer(struct node *n, uint32_t id, enum reply_code code, const char *sentence);
bool request_finish(
	struct node *n); /* answers those that wait for nothing more; true: announced a set */
void request_free(struct request *r);

/* record.c: what outlives the node is written down */
void save_put(struct node *n, const struct saved *s);
void save_board(struct node *n, const char *name, bool wanted);

#endif
