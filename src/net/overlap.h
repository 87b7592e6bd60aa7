/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of many prefixes overlap with one: asked for thousands at once, so that all are put in
 * order first, and each question then costs a few steps.
 */
#ifndef NET_OVERLAP_H
#define NET_OVERLAP_H

#include "net/prefix.h"

struct overlaps;

/* Without any; NULL without memory for so many. */
struct overlaps *overlaps_new(size_t capacity);
void overlaps_free(struct overlaps *o);

/*
 * One more: `of` is whose it is. It and the prefix are the caller's, and stay. A default route
 * overlaps with nothing, and is left out.
 */
void overlaps_add(struct overlaps *o, const struct prefix *p, uint32_t metric, const void *of);

/* After the last. Of those with the same prefix the one with the lowest metric stays. */
void overlaps_order(struct overlaps *o);

/*
 * One that is not the same: the first that lies inside, or else the smallest that lies around.
 * NULL: none.
 */
const void *overlaps_find(const struct overlaps *o, const struct prefix *p);

#endif
