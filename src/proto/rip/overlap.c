/* SPDX-License-Identifier: Apache-2.0 */
/* Which announcements of others overlap with a network of ours. */
#include "proto/rip/instance.h"

struct overlaps *rip_overlaps_new(const struct rip *r, struct instant now)
{
	struct overlaps *o = overlaps_new(r->heard.count);

	if (!o)
		return NULL;
	for (struct hash_node *n = hash_walk(&r->heard, NULL); n; n = hash_walk(&r->heard, n)) {
		const struct heard *h = container_of(n, struct heard, by_prefix);

		if (heard_is_current(r, h, now))
			overlaps_add(o, &h->prefix, h->metric, h);
	}
	overlaps_order(o);
	return o;
}

bool rip_overlaps_find(const struct overlaps *o, const struct prefix *prefix,
		       struct prefix *ret_other, struct route_heard *ret)
{
	const struct heard *found = overlaps_find(o, prefix);

	if (!found)
		return false;
	*ret_other = found->prefix;
	*ret = heard_as(found);
	return true;
}
