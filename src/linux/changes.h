/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's tables as the node's world: makes the changes that the node wants, in their order,
 * tells it the outcome, and tells it of all changes by others. The one place that decides what is
 * sent next.
 */
#ifndef LINUX_CHANGES_H
#define LINUX_CHANGES_H

#include <stdbool.h>

#include "base/clock.h"
#include "node/boundary.h"

struct changes;

/*
 * Opens the way to the kernel. 0 or -errno. INPUT_LINK, _LINK_GONE, _OBJECT, _DUMP_BEGIN, _DUMP_END
 * and _DONE come by the sink.
 */
int changes_new(const struct input_sink *sink, struct changes **ret);
void changes_free(struct changes *c);

/* Readable when changes_run() has something to read. */
int changes_fd(const struct changes *c);

/* Queues an EFFECT_BOARD_*, EFFECT_OBJECT_* or EFFECT_RESYNC. */
void changes_add(struct changes *c, const struct effect *e);

/* True when changes wait to be made: changes_run() would do more than look for news. */
bool changes_waiting(const struct changes *c);

/*
 * Works until there is nothing left to do or `until` has come, whichever is first. True when work
 * is left: call again soon, without waiting for the descriptor. Not to be called from the hook.
 */
bool changes_run(struct changes *c, struct instant until);

/* How often the kernel has lost news for us. */
uint64_t changes_overruns(const struct changes *c);

#endif
