/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which announcements of others overlap with a network of ours: asked for thousands of networks at
 * once, so that what is heard is put in order first, and each question then costs a few steps.
 */
#include <stdlib.h>

#include "proto/rip/instance.h"

#define NONE SIZE_MAX

struct overlap {
	const struct heard *heard; /* with the lowest metric of those with this prefix */
	size_t around; /* the smallest that covers it, or NONE; before: when it was met */
};

/* In the order of their prefixes, so that those inside of another one follow it at once. */
struct rip_overlaps {
	size_t n;
	struct overlap all[];
};

/* Of two that announce the same prefix with the same metric the one that was met first is told of.
 */
static int overlap_order(const void *left, const void *right)
{
	const struct overlap *a = left, *b = right;
	int order = prefix_compare(&a->heard->prefix, &b->heard->prefix);

	if (order)
		return order;
	if (a->heard->metric != b->heard->metric)
		return a->heard->metric < b->heard->metric ? -1 : 1;
	return a->around < b->around ? -1 : 1;
}

/* The smallest that covers the prefix and is larger, of `from` and those around it. */
static size_t around(const struct rip_overlaps *o, size_t from, const struct prefix *p)
{
	while (from != NONE) {
		const struct prefix *other = &o->all[from].heard->prefix;

		if (other->length < p->length && prefix_covers(other, p))
			break;
		from = o->all[from].around;
	}
	return from;
}

/* Sorts, leaves one of each prefix, and finds out which lies around which. */
static void overlaps_order(struct rip_overlaps *o)
{
	size_t n = 0;

	qsort(o->all, o->n, sizeof(*o->all), overlap_order);
	for (size_t i = 0; i < o->n; i++) {
		const struct heard *h = o->all[i].heard;

		if (n > 0 && prefix_equal(&o->all[n - 1].heard->prefix, &h->prefix))
			continue;
		o->all[n].heard = h;
		o->all[n].around = around(o, n > 0 ? n - 1 : NONE, &h->prefix);
		n++;
	}
	o->n = n;
}

struct rip_overlaps *rip_overlaps_new(const struct rip *r, struct instant now)
{
	struct rip_overlaps *o = calloc(1, sizeof(*o) + r->heard.count * sizeof(*o->all));

	if (!o)
		return NULL;
	for (struct hash_node *n = hash_walk(&r->heard, NULL); n; n = hash_walk(&r->heard, n)) {
		const struct heard *h = container_of(n, struct heard, by_prefix);

		if (h->prefix.length == 0 || !heard_is_current(r, h, now))
			continue;
		o->all[o->n] = (struct overlap){ h, o->n };
		o->n++;
	}
	overlaps_order(o);
	return o;
}

void rip_overlaps_free(struct rip_overlaps *o)
{
	free(o);
}

bool rip_overlaps_find(const struct rip_overlaps *o, const struct prefix *prefix,
		       struct prefix *ret_other, struct route_heard *ret)
{
	size_t low = 0, high = o->n, found;

	/* The first one behind the prefix. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&o->all[middle].heard->prefix, prefix) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	/* The first that lies inside and is smaller, or else the smallest that is larger. */
	if (low < o->n && prefix_covers(prefix, &o->all[low].heard->prefix))
		found = low;
	else
		found = around(o, low > 0 ? low - 1 : NONE, prefix);
	if (found == NONE)
		return false;
	*ret_other = o->all[found].heard->prefix;
	*ret = heard_as(o->all[found].heard);
	return true;
}
