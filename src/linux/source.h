/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out what the node wants of source selection (EFFECT_SOURCE): keeps the BPF programs
 *loaded and attached while there is something for them to do, and at no other time.
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

#include "node/boundary.h"

struct source;

struct source_hooks {
	struct input_sink sink; /* INPUT_SOURCING comes by it */
	/* What source_look() was to find out; false: it could not be done. */
	void (*looked)(void *context, uint32_t request, bool done, const struct source_look *look);
	void *context;
};

/* NULL: no memory. */
struct source *source_new(uv_loop_t *loop, const struct source_hooks *hooks);

/* Detaches everything; runs the loop until what is under way in threads is over. NULL is fine. */
void source_free(struct source *s);

void source_part(struct source *s, const struct source_policy_part *part);

/* Finds out what `vip source why` needs of the world; hooks.looked() is called with the request. */
void source_look(struct source *s, uint32_t request, const struct source_question *question);

/* What has become of connections since the policy was put into force. */
void source_counts(const struct source *s, uint64_t ret[SOURCE_VERDICT_COUNT]);

#endif
