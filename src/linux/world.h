/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux as a node's world: gives the node its inputs, stamped with the time, and carries its
 * effects out. All inputs, whoever makes them, go through world_input(). README.md in this folder
 * shows the flow.
 */
#ifndef LINUX_WORLD_H
#define LINUX_WORLD_H

#include <uv.h>

#include "base/clock.h"
#include "linux/logbook.h"
#include "linux/record.h"
#include "linux/sockets.h"
#include "linux/statefile.h"
#include "node/counters.h"
#include "node/node.h"

struct world;

struct world_hooks {
	void *context;
	/*
	 * An EFFECT_REPLY or EFFECT_EVENT, for whoever asked or listens, and what the guard is to
	 * do. Inputs may be given from inside: they wait for their turn.
	 */
	void (*reply)(void *context, struct instant now, const struct effect *e);
	/* EFFECT_BFD, EFFECT_PROBE, EFFECT_ECHO and EFFECT_PROVE, for whoever runs the sessions
	 * that watch neighbours. */
	void (*session)(void *context, const struct effect *e);
	/* EFFECT_STOPPED: nothing is left to do. */
	void (*stopped)(void *context);

	/* What was asked for with world_examine() and world_look(), whenever it is there. */
	void (*found)(void *context, uint32_t request, const struct finding *findings,
		      size_t count);
	void (*looked)(void *context, uint32_t request, bool done, const struct source_look *look);
};

/* What the world stands on. All of it stays the caller's and must outlive the world. */
struct world_parts {
	uv_loop_t *loop;
	struct node *node;
	struct logbook *logbook;
	struct recording *record; /* NULL: nothing is recorded */
	struct statefile *state;  /* NULL: nothing outlives the node */
};

/* Opens the way to the kernel; nothing is read or changed yet. 0 or -errno. */
int world_new(const struct world_parts *parts, const struct world_hooks *hooks, struct world **ret);

/*
 * Runs the loop, without waiting, until it has let go of the world's handles; whoever else gives it
 * inputs is to be closed before. NULL is fine.
 */
void world_free(struct world *w);

/*
 * Reads the kernel and keeps following it; for when the node has got its INPUT_START. 0 or -errno.
 */
int world_follow(struct world *w);

/*
 * Something has happened now. What the node wants in turn is done, or under way, when this returns.
 * May be called from inside the hooks; then the input is taken when the hook is done.
 */
void world_input(struct world *w, const struct input *in);

void world_count(const struct world *w, struct world_counters *ret);
void world_source_counts(const struct world *w, uint64_t ret[SOURCE_VERDICT_COUNT]);

/*
 * Looks at the host for what stands in the way of VIPs; `silent`, when set, is one that no ARP
 * request is to be answered for. Nobody waits for that: the hook `found` is called then.
 */
void world_examine(struct world *w, uint32_t request, const struct address *silent);

/* Likewise what a connection meets here: the hook `looked`. */
void world_look(struct world *w, uint32_t request, const struct source_question *question);

#endif
