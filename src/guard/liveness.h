/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BFD sessions that the guard runs for vipd: the speaker (src/proto/bfd) and its sockets. All
 * memory is taken at the start. The sessions stay when vipd dies; they end when it says so, or with
 * liveness_farewell().
 */
#ifndef GUARD_LIVENESS_H
#define GUARD_LIVENESS_H

#include "guard/message.h"
#include "guard/notes.h"

struct liveness;

struct liveness_hooks {
	void *context;
	/* A descriptor is to be watched for reading; it is closed without a word. */
	void (*watch)(void *context, int fd);
	/* Says it to vipd. False: it cannot be said now, and is tried again. */
	bool (*tell)(void *context, const struct guard_message *m);
};

/* 0 or -errno. `notes` stays the caller's. */
int liveness_new(const struct liveness_hooks *hooks, struct notes *notes, struct liveness **ret);
void liveness_free(struct liveness *l);

/* What vipd has said: GUARD_BFD_SET or GUARD_BFD_REMOVE. */
void liveness_command(struct liveness *l, struct instant now, const struct guard_message *m);

/* A vipd has come that knows nothing: it is told of all sessions. */
void liveness_tell_all(struct liveness *l);

/* Reads, ticks, sends, tells. */
void liveness_run(struct liveness *l, struct instant now);

/* Sets what there is to count of BFD. */
void liveness_count(const struct liveness *l, struct guard_counters *ret);

/* So long after one turn the next may come at the earliest, for the sake of the CPU; often 0. */
struct duration liveness_pace(struct liveness *l, struct instant now);
struct instant liveness_deadline(const struct liveness *l);

/* Says AdminDown for all of them, within 20 ms, and forgets them. */
void liveness_farewell(struct liveness *l);

#endif
