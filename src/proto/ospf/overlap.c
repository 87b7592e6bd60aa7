/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which networks that others announce overlap with one of ours: those that we are attached to do
 * not count, for the node knows them itself.
 */
#include <stdlib.h>

#include "net/overlap.h"
#include "proto/ospf/routing.h"

struct speaker_overlaps {
	const struct ospf *of;
	struct overlaps *all; /* owned */
};

struct speaker_overlaps *ospf_overlaps(const struct ospf *o, struct instant now)
{
	const struct table *t = &o->spf->table;
	struct speaker_overlaps *s = calloc(1, sizeof(*s));
	const struct destination *d;

	(void)now;
	if (!s)
		return NULL;
	s->of = o;
	s->all = overlaps_new(t->n);
	if (!s->all) {
		free(s);
		return NULL;
	}
	for (uint32_t place = 0; (d = table_next(t, &place));)
		if (d->kind != DESTINATION_NONE && !hops_are_attached(&o->spf->hops, d->hops))
			overlaps_add(s->all, &d->prefix, d->cost, d);
	overlaps_order(s->all);
	return s;
}

void ospf_overlaps_free(struct speaker_overlaps *s)
{
	if (s)
		overlaps_free(s->all);
	free(s);
}

bool ospf_overlap(const struct speaker_overlaps *s, const struct prefix *p,
		  struct prefix *ret_other, struct route_heard *ret)
{
	const struct destination *d = overlaps_find(s->all, p);
	struct route paths;

	if (!d)
		return false;
	hops_paths(&s->of->spf->hops, d->hops, &paths);
	*ret_other = d->prefix;
	*ret = (struct route_heard){
		.interface = paths.n_paths > 0 ? paths.paths[0].interface : 0,
		.neighbor = address_ipv4(d->router),
		.metric = d->cost,
		.sure = true,
	};
	return true;
}
