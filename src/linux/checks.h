/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health checks, done: the world's side of EFFECT_CHECK and INPUT_CHECKED. All of it happens in the
 * loop or in processes of its own; nothing here waits. So many are done at once, and the others
 * wait for their turn, which does not count against their timeout.
 */
#ifndef LINUX_CHECKS_H
#define LINUX_CHECKS_H

#include <uv.h>

#include "node/boundary.h"

struct checks;

/*
 * `programs` is the folder of the programs that run checks; NULL: beside our own executable or
 * where they are installed. NULL when there is no memory. INPUT_CHECKED comes by the sink, also
 * from inside checks_run().
 */
struct checks *checks_new(uv_loop_t *loop, const struct input_sink *sink, const char *programs);

/*
 * Ends all that is being done without a word; runs the loop, without waiting, until it has let go
 * of the handles. NULL is fine.
 */
void checks_free(struct checks *c);

/* Carries out an EFFECT_CHECK. */
void checks_run(struct checks *c, const struct effect *e);

#endif
