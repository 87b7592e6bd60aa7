/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/overruled.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "linux/fib.h"
#include "linux/message.h"

#define ROUTES_MAX 262144
#define READ_ATTEMPTS 5

/* The main table. */
struct table {
	struct fib_route *routes; /* owned */
	size_t count, capacity;
};

static void route_taken(void *context, const struct fib_route *r)
{
	struct table *t = context;

	/* One whose way is dead does not win. */
	if (r->dead || t->count == ROUTES_MAX ||
	    ARRAY_RESERVE(t->routes, t->capacity, t->count + 1) < 0)
		return;
	t->routes[t->count++] = *r;
}

static void table_read(struct table *t)
{
	for (size_t k = 0; k < FAMILIES; k++) {
		size_t before = t->count;

		for (int i = 0; i < READ_ATTEMPTS; i++) {
			t->count = before;
			if (fib_read(family_at(k), FIB_MAIN, route_taken, t) != -EINTR)
				break;
		}
	}
}

/* By network, and in it as Linux chooses. */
static int by_choice(const void *a, const void *b)
{
	const struct fib_route *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : x->metric < y->metric ? -1 : x->metric > y->metric;
}

size_t overruled_find(struct overruled *ret, size_t max)
{
	struct table t = { 0 };
	size_t count = 0, first = 0;

	table_read(&t);
	if (t.count > 1)
		qsort(t.routes, t.count, sizeof(*t.routes), by_choice);
	for (size_t i = 1; i < t.count; i++) {
		const struct fib_route *best;

		if (!prefix_equal(&t.routes[i].prefix, &t.routes[first].prefix))
			first = i;
		best = &t.routes[first];
		if (t.routes[i].protocol != VIPD_RTPROT ||
		    t.routes[i].metric != VIPD_LEARNED_METRIC ||
		    best->metric >= VIPD_LEARNED_METRIC)
			continue;
		if (count < max)
			ret[count] =
				(struct overruled){ best->prefix, best->metric,
						    best->n_interfaces == 1 ? best->interfaces[0]
									    : 0 };
		count++;
	}
	free(t.routes);
	return count;
}
