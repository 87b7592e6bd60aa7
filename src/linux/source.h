/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out what the node wants of source selection (EFFECT_SOURCE, EFFECT_SOURCE_LOOK): keeps
 * the BPF programs loaded and attached while there is something for them to do, and at no other
 * time.
 *
 *	parts ──► names of users become numbers ──► tries ──► policy ──► attached
 *	          programs are loaded, once                    └── nothing wanted: detached
 *
 * What waits for others (to load, to look a user up) runs in a thread; the policy that is in force
 * stays so meanwhile, and VIPs that are to leave are never waited for like that.
 */
#ifndef LINUX_SOURCE_H
#define LINUX_SOURCE_H

#include <uv.h>

#include "node/effect.h"

struct source;

/* NULL: no memory. INPUT_SOURCING and INPUT_SOURCE_LOOKED come by the sink. */
struct source *source_new(uv_loop_t *loop, const struct input_sink *sink);

/* Detaches everything; runs the loop until what is under way in threads is over. NULL is fine. */
void source_free(struct source *s);

void source_part(struct source *s, const struct source_policy_part *part);
void source_look(struct source *s, const struct effect *e);

#endif
