/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The destinations that source selection treats differently, kept as the kernel has them: this
 * host's own and broadcast addresses, and, while interfaces are switched off, what leaves by which.
 * They stand in two tries of the BPF programs (SOURCE_TRIE_LOCALS, _ROUTES).
 *
 * The kernel tells of changes, but not of all, nor what they amount to; so any change makes the
 * tables be read again and compared. To read takes a microsecond a route; at most a tenth of the
 * time is spent on it.
 */
#ifndef LINUX_DESTINATIONS_H
#define LINUX_DESTINATIONS_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "linux/source_hook.h"

struct destinations;

struct destinations_hooks {
	void *context;
	/* The tries cannot be kept any more: -errno. It is told once, and nothing is done then. */
	void (*failed)(void *context, int error);
};

/* At rest; `h` must outlive it. 0 or -errno. */
int destinations_new(uv_loop_t *loop, struct source_hook *h, const struct destinations_hooks *hooks,
		     struct destinations **ret);

/* Runs the loop, without waiting, until it has let go of its handles. NULL is fine. */
void destinations_free(struct destinations *d);

/*
 * Follows the kernel, with these interfaces switched off from now on; the array is copied. Both
 * tries are true when this returns. 0 or -errno.
 */
int destinations_set_off(struct destinations *d, const uint32_t *interfaces, size_t count);

/* Does not follow the kernel any more, until interfaces are set again. */
void destinations_rest(struct destinations *d);

#endif
