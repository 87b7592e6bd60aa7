/* SPDX-License-Identifier: Apache-2.0 */
#include "net/overlap.h"

#include <assert.h>
#include <stdlib.h>

#define NONE SIZE_MAX

struct overlap {
	const struct prefix *prefix;
	const void *of;
	size_t around; /* the smallest that covers it, or NONE; before: when it was added */
	uint32_t metric;
};

/* In the order of their prefixes, so that those inside of another one follow it at once. */
struct overlaps {
	size_t n, capacity;
	struct overlap all[];
};

struct overlaps *overlaps_new(size_t capacity)
{
	struct overlaps *o = calloc(1, sizeof(*o) + capacity * sizeof(*o->all));

	if (o)
		o->capacity = capacity;
	return o;
}

void overlaps_free(struct overlaps *o)
{
	free(o);
}

void overlaps_add(struct overlaps *o, const struct prefix *p, uint32_t metric, const void *of)
{
	assert(o->n < o->capacity);
	if (p->length == 0)
		return;
	o->all[o->n] = (struct overlap){ p, of, o->n, metric };
	o->n++;
}

/* Of two with the same prefix and the same metric the one that was added first is told of. */
static int overlap_compare(const void *left, const void *right)
{
	const struct overlap *a = left, *b = right;
	int order = prefix_compare(a->prefix, b->prefix);

	if (order)
		return order;
	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	return a->around < b->around ? -1 : 1;
}

/* The smallest that covers the prefix and is larger, of `from` and those around it. */
static size_t around(const struct overlaps *o, size_t from, const struct prefix *p)
{
	while (from != NONE) {
		const struct prefix *other = o->all[from].prefix;

		if (other->length < p->length && prefix_covers(other, p))
			break;
		from = o->all[from].around;
	}
	return from;
}

void overlaps_order(struct overlaps *o)
{
	size_t n = 0;

	if (o->n > 1)
		qsort(o->all, o->n, sizeof(*o->all), overlap_compare);
	for (size_t i = 0; i < o->n; i++) {
		struct overlap one = o->all[i];

		if (n > 0 && prefix_equal(o->all[n - 1].prefix, one.prefix))
			continue;
		one.around = around(o, n > 0 ? n - 1 : NONE, one.prefix);
		o->all[n++] = one;
	}
	o->n = n;
}

const void *overlaps_find(const struct overlaps *o, const struct prefix *prefix)
{
	size_t low = 0, high = o->n, found;

	/* The first one behind the prefix. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(o->all[middle].prefix, prefix) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	/* The first that lies inside and is smaller, or else the smallest that is larger. */
	if (low < o->n && prefix_covers(prefix, o->all[low].prefix))
		found = low;
	else
		found = around(o, low > 0 ? low - 1 : NONE, prefix);
	return found == NONE ? NULL : o->all[found].of;
}
