/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probes that the guard runs for vipd: the speaker (src/proto/probe) and its packet sockets, on
 * the terms of liveness.h. Nobody need be told of their end.
 */
#ifndef GUARD_PROBING_H
#define GUARD_PROBING_H

#include "guard/liveness.h"

struct probing;

/* 0 or -errno. `notes` stays the caller's. */
int probing_new(const struct liveness_hooks *hooks, struct notes *notes, struct probing **ret);
void probing_free(struct probing *p);

/* What vipd has said: GUARD_PROBE_SET or GUARD_PROBE_REMOVE. */
void probing_command(struct probing *p, struct instant now, const struct guard_message *m);

/* A vipd has come that knows nothing: it is told of all sessions. */
void probing_tell_all(struct probing *p);

/* Reads, ticks, sends, tells. */
void probing_run(struct probing *p, struct instant now);

/* Sets what there is to count of probes. */
void probing_count(const struct probing *p, struct guard_counters *ret);
struct instant probing_deadline(const struct probing *p);

/* Ends all of them. */
void probing_stop(struct probing *p);

#endif
