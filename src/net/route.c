/* SPDX-License-Identifier: Apache-2.0 */
#include "net/route.h"

/*
 * A prefix with everything in it; the default route alone when it is that, because "all" is the
 * word for everything.
 */
static bool listed(const struct route_filter *f, const struct prefix *p)
{
	for (size_t k = 0; k < f->n_prefixes; k++) {
		const struct prefix *allowed = &f->prefixes[k];

		if (allowed->length == 0 ? prefix_equal(allowed, p) : prefix_covers(allowed, p))
			return true;
	}
	return false;
}

bool route_filter_wants(const struct route_filter *f, const struct prefix *p)
{
	switch ((enum route_filter_mode)f->mode) {
	case ROUTE_FILTER_DEFAULT:
		return p->length == 0;
	case ROUTE_FILTER_ALL:
		return true;
	case ROUTE_FILTER_PREFIXES:
		return listed(f, p);
	default:
		return false;
	}
}

bool route_filter_equal(const struct route_filter *a, const struct route_filter *b)
{
	if (a->mode != b->mode || a->n_prefixes != b->n_prefixes)
		return false;
	for (size_t k = 0; k < a->n_prefixes; k++)
		if (!prefix_equal(&a->prefixes[k], &b->prefixes[k]))
			return false;
	return true;
}
