/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at the host for what stands in the way of VIPs (`vip doctor`): sysctls, packet filters,
 * other daemons, and ARP silence put to the test. It waits for things, so it is an errand: one at a
 * time, in a thread that nobody else waits for, and it touches nothing of the daemon's.
 */
#ifndef LINUX_EXAMINE_H
#define LINUX_EXAMINE_H

#include "linux/errands.h"
#include "linux/sockets.h"
#include "node/event.h"

#define EXAMINE_SPOKEN_MAX 64

struct examine_hooks {
	void *context;
	/* What there is to say, once. */
	void (*found)(void *context, uint32_t request, const struct finding *findings,
		      size_t count);
};

/* What is to be looked at. */
struct examine_what {
	uint32_t request;      /* comes back with what is found */
	struct address silent; /* a VIP that no ARP request is to be answered for; not set: none */
	struct sockets_spoken spoken[EXAMINE_SPOKEN_MAX];
	size_t n_spoken;
};

/*
 * Begins to look when those before it are done. One that is under way when the errands are freed
 * calls no hook. 0 or -errno.
 */
int examine_begin(struct errands *errands, const struct examine_hooks *hooks,
		  const struct examine_what *what);

#endif
