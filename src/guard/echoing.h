/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The echo that the guard runs for vipd (src/proto/echo), its packet sockets, and the shield that
 * keeps what comes back from the host's stack; on the terms of liveness.h. Nobody need be told of
 * its end.
 */
#ifndef GUARD_ECHOING_H
#define GUARD_ECHOING_H

#include "guard/liveness.h"

struct echoing;

/* 0 or -errno. `notes` stays the caller's. */
int echoing_new(const struct liveness_hooks *hooks, struct notes *notes, struct echoing **ret);
void echoing_free(struct echoing *e);

/* What vipd has said: GUARD_ECHO_SET, GUARD_ECHO_REMOVE or GUARD_PROVE. */
void echoing_command(struct echoing *e, struct instant now, const struct guard_message *m);

/* A vipd has come that knows nothing: it is told of all tracks. */
void echoing_tell_all(struct echoing *e);

/* Reads, ticks, sends, tells. */
void echoing_run(struct echoing *e, struct instant now);

/* Sets what there is to count of the echo. */
void echoing_count(const struct echoing *e, struct guard_counters *ret);
struct instant echoing_deadline(const struct echoing *e);

/* Ends all tracks and proofs, without a word. */
void echoing_stop(struct echoing *e);

#endif
