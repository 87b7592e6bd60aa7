/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which routes of the network may be used by this host (RFC 2453 3.9.2). What neighbours announce
 * is kept anyway (heard.c); here it is decided which of it is *learned*: what the interface's
 * filter wants (lesson.c), from neighbours that live, with the lowest metric. Neighbours that
 * announce a prefix with the same metric are its paths, all of them.
 *
 * Nothing of it is ever announced: rip_route is for prefixes of ours alone.
 */
#include <string.h>

#include "proto/rip/instance.h"

void learn_sweep(struct rip *r, struct instant now)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		list_each(each, &i->neighbors)
			heard_sweep(r, now, container_of(each, struct rip_neighbor, link));
	}
	if (r->lessons.count > 0)
		lesson_sweep_later(r, now);
}

struct address learn_next_hop(const struct rip_neighbor *n, const struct address *named)
{
	const struct rip_interface *i = n->interface;

	/* RFC 2453 4.4, RFC 2080 2.1.1: one that is not on this link is treated as if not named. */
	if (!address_is_set(named) || address_is_unspecified(named) || !interface_is_host(i, named))
		return n->address;
	/* By us: whatever we do with such a route, it leads back to us. */
	if (interface_is_ours(i, named))
		return (struct address){ 0 };
	return *named;
}

/* Somebody watches the next hop, and says that it is down. */
static bool next_hop_is_dead(const struct heard *h)
{
	const struct rip_neighbor *n =
		address_equal(&h->next_hop, &h->neighbor->address)
			? h->neighbor
			: interface_neighbor(h->neighbor->interface, &h->next_hop);

	return n && n->dead;
}

/* With which metric the announcement counts; infinity: it does not. */
static unsigned heard_cost(const struct rip *r, struct instant now, const struct heard *h)
{
	const struct rip_neighbor *n = h->neighbor;

	if (!h->lesson || !n->up || !n->interface->state.usable || next_hop_is_dead(h) ||
	    !heard_is_current(r, h, now))
		return RIP_INFINITY;
	return h->metric + n->interface->settings.cost;
}

static int path_compare(const struct route_path *a, const struct route_path *b)
{
	if (a->interface != b->interface)
		return a->interface < b->interface ? -1 : 1;
	return address_compare(&a->next_hop, &b->next_hop);
}

/* In their order, so that equal sets of paths are equal byte for byte; of too many the first. */
static void path_insert(struct route *to, const struct route_path *p)
{
	size_t at = 0, moved;

	while (at < to->n_paths && path_compare(&to->paths[at], p) < 0)
		at++;
	if (at == ROUTE_PATHS_MAX || (at < to->n_paths && path_compare(&to->paths[at], p) == 0))
		return;
	if (to->n_paths < ROUTE_PATHS_MAX)
		to->n_paths++;
	moved = to->n_paths - at - 1u;
	memmove(&to->paths[at + 1], &to->paths[at], moved * sizeof(*p));
	to->paths[at] = *p;
}

void rip_learned_of(const struct rip *r, struct instant now, const struct prefix *prefix,
		    struct route *ret)
{
	unsigned best = RIP_INFINITY;

	*ret = (struct route){ .prefix = *prefix, .metric = RIP_INFINITY };
	/* What is ours, or was just now, comes from nobody else. */
	if (route_find(r, prefix))
		return;
	for (struct heard *h = NULL; (h = heard_next(r, prefix, h));) {
		struct route_path path = { h->neighbor->interface->index, h->next_hop };
		unsigned cost = heard_cost(r, now, h);

		if (cost > best || cost >= RIP_INFINITY)
			continue;
		if (cost < best)
			ret->n_paths = 0;
		best = cost;
		path_insert(ret, &path);
	}
	ret->metric = (uint8_t)best;
}

bool rip_learned(struct rip *r, struct instant now, struct route *ret)
{
	struct prefix prefix;

	if (!lesson_take(r, &prefix))
		return false;
	rip_learned_of(r, now, &prefix, ret);
	return true;
}
