/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out the last will of a vipd that is dead: says what node/will.h has to say, and then
 * removes its remains. All the while it holds the lock of the state directory, so a vipd that
 * starts meanwhile waits instead of racing it.
 */
#ifndef GUARD_EXECUTOR_H
#define GUARD_EXECUTOR_H

#include <stdbool.h>

#include "base/clock.h"
#include "guard/notes.h"

struct executor;

/*
 * Begins. `notes` must outlive it. 0; -EWOULDBLOCK: a living vipd has the state directory; -EBUSY:
 * another guard is at work in this network namespace; -EADDRINUSE: another vipd has it, who looks
 * after all that is in it, and has been named; or -ENOMEM.
 */
int executor_new(const char *directory, struct notes *notes, struct instant now,
		 struct executor **ret);
void executor_free(struct executor *e);

/* Does what there is to do at `now`. True when all is done. */
bool executor_run(struct executor *e, struct instant now);

/* When executor_run() is wanted next, unless executor_fd() becomes readable before. */
struct instant executor_deadline(const struct executor *e);

/* -1 while there is nothing to wait for but the time. It does not change any more after that. */
int executor_fd(const struct executor *e);

#endif
