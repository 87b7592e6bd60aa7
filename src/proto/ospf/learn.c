/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which routes this host may use: those that the filter of an interface wants, by the paths over
 * that interface. What may have changed waits in a list, each destination once, until
 * ospf_learned() is asked.
 *
 * A network that we are attached to is none: the kernel has it. Nor is what is ours, or was just
 * now.
 */
#include <errno.h>

#include "proto/ospf/routing.h"

static bool is_wanted(const struct ospf *o, const struct destination *d)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (route_filter_wants(&i->learn, &d->prefix))
			return true;
	return false;
}

void learn_changed(struct ospf *o, struct destination *d)
{
	struct spf *s = o->spf;

	if (d->is_changed || (!d->learned && !is_wanted(o, d)))
		return;
	d->is_changed = true;
	d->changed = 0;
	if (s->changed)
		table_at(&s->table, s->changed_last)->changed = d->place;
	else
		s->changed = d->place;
	s->changed_last = d->place;
}

void ospf_learn_again(struct ospf *o)
{
	struct destination *d;

	for (uint32_t place = 0; (d = table_next(&o->spf->table, &place));)
		learn_changed(o, d);
}

int ospf_learn(struct ospf *o, struct instant now, uint32_t index,
	       const struct route_filter *filter)
{
	o->now = now;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		if (i->index != index)
			continue;
		if (route_filter_equal(&i->learn, filter))
			return 0;
		i->learn = *filter;
		ospf_learn_again(o);
		return 0;
	}
	return -ENOENT;
}

/* The paths of the route that may be used now. */
static void paths(const struct ospf *o, const struct destination *d, struct route *ret)
{
	const struct hops *h = &o->spf->hops;
	struct route all = { 0 };

	if (d->kind == DESTINATION_NONE || d->ours || hops_are_attached(h, d->hops))
		return;
	hops_paths(h, d->hops, &all);
	for (size_t k = 0; k < all.n_paths; k++)
		list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
			if (i->index == all.paths[k].interface && i->usable &&
			    route_filter_wants(&i->learn, &d->prefix))
				ret->paths[ret->n_paths++] = all.paths[k];
	if (ret->n_paths > 0)
		ret->metric = d->kind == OSPF_ROUTE_EXTERNAL_2 || d->kind == OSPF_ROUTE_NSSA_2
				      ? d->external_metric
				      : d->cost;
}

void ospf_learned_of(const struct ospf *o, struct instant now, const struct prefix *p,
		     struct route *ret)
{
	const struct destination *d = table_find(&o->spf->table, p);

	(void)now;
	*ret = (struct route){ .prefix = *p, .metric = LSA_METRIC_INFINITY };
	if (d)
		paths(o, d, ret);
}

bool ospf_learned(struct ospf *o, struct instant now, struct route *ret)
{
	struct spf *s = o->spf;
	struct destination *d;

	(void)now;
	while ((d = table_at(&s->table, s->changed))) {
		bool told = d->learned;

		s->changed = d->changed;
		d->is_changed = false;
		*ret = (struct route){ .prefix = d->prefix, .metric = LSA_METRIC_INFINITY };
		paths(o, d, ret);
		d->learned = ret->n_paths > 0;
		told |= d->learned;
		table_release(&s->table, d);
		if (told)
			return true;
	}
	return false;
}
