/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dead vipd has left in the kernel: everything there that carries vipd's mark, whether
 * anybody remembers it or not. It is found and removed in the order of an unbind: the routes and
 * what learned ones stand on, the boards with their addresses, and last the ARP silence.
 */
#ifndef GUARD_REMAINS_H
#define GUARD_REMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "node/boundary.h"

struct remains;

struct remains_count {
	size_t boards, addresses, routes;
	size_t failed;			/* could not be removed, ... */
	char reason[NODE_SENTENCE_MAX]; /* ... and why the last of them */
};

/* Begins to read the kernel, and removes nothing yet. 0 or -errno. */
int remains_new(struct remains **ret);
void remains_free(struct remains *r);

/* Readable when remains_run() has something to do. */
int remains_fd(const struct remains *r);

/* Works until `until`. True when it has more to do at once. */
bool remains_run(struct remains *r, struct instant until);

/* Whether the kernel is read. */
bool remains_is_read(const struct remains *r);

/* Gives each VIP that was found, and each network that has an unreachable route. */
void remains_each(const struct remains *r, void (*take)(void *context, const struct prefix *p),
		  void *context);

/* Removes what was found, or is still to be. */
void remains_remove(struct remains *r);

/* Whether all that was found is removed, or cannot be. */
bool remains_done(const struct remains *r);
const struct remains_count *remains_count(const struct remains *r);

#endif
