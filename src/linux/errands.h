/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to wait for somebody else (a user database, another host) is done in a thread of its
 * own, one errand after the other. Each owner has a thread, so that who waits for ever keeps only
 * errands of the same owner waiting: not the loop, not the checks, which have libuv's threads for
 * themselves.
 */
#ifndef LINUX_ERRANDS_H
#define LINUX_ERRANDS_H

#include <stdbool.h>
#include <uv.h>

#include "base/list.h"

struct errands;

/* The first member of what an owner wants done. */
struct errand {
	struct list link;
	/* In the thread. It touches nothing but the errand. */
	void (*run)(struct errand *e);
	/*
	 * The errand is the owner's again. `wanted`: in the loop, after it has run. Else nobody
	 * wants it any more, its owner may be gone, and it is called by whichever thread has it
	 * last: it is only to be freed.
	 */
	void (*done)(struct errand *e, bool wanted);
};

/* 0 or -errno. The thread begins with the first errand. */
int errands_new(uv_loop_t *loop, struct errands **ret);

/* Does not wait for an errand that runs. */
void errands_free(struct errands *es);

/* 0, or -errno when there is no thread for it; then the errand stays the caller's. */
int errands_put(struct errands *es, struct errand *e);

#endif
