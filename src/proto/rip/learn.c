/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which routes of the network may be used by this host (RFC 2453 3.9.2). What neighbours announce
 * is kept anyway (heard.c); here it is decided which of it is *learned*: what the interface's
 * filter wants, from neighbours that live, with the lowest metric. Neighbours that announce a
 * prefix with the same metric are its paths, all of them.
 *
 * A *lesson* is a prefix of which at least one announcement passes a filter. It is made with the
 * first of them, so that a change can always be noted: when the memory for it is not there, the
 * announcement is not learned. What may have changed waits in a list, each prefix once, until
 * rip_learned() works it out; so a neighbour that takes a prefix back and forth while nobody looks
 * costs nothing more.
 *
 * Nothing of it is ever announced: rip_route is for prefixes of ours alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

/* Announcements that have timed out one by one are looked for so often. */
#define LEARN_SWEEP(timeout) ((struct duration){ (timeout).ns / 6 })

struct lesson {
	struct hash_node by_prefix;
	struct list changed; /* in rip.changed */
	struct prefix prefix;
	uint32_t n_heard;
};

static struct lesson *lesson_find(const struct rip *r, const struct prefix *p)
{
	uint32_t hash = prefix_hash(r->lessons.seed, p);

	for (struct hash_node *n = hash_first(&r->lessons, hash); n; n = hash_next(n, hash)) {
		struct lesson *l = container_of(n, struct lesson, by_prefix);

		if (prefix_equal(&l->prefix, p))
			return l;
	}
	return NULL;
}

static void lesson_changed(struct rip *r, struct lesson *l)
{
	if (list_empty(&l->changed))
		list_append(&r->changed, &l->changed);
}

static struct lesson *lesson_get(struct rip *r, struct instant now, const struct prefix *p)
{
	struct lesson *l = lesson_find(r, p);

	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l || hash_insert(&r->lessons, &l->by_prefix, prefix_hash(r->lessons.seed, p)) < 0) {
		free(l);
		return NULL;
	}
	l->prefix = *p;
	list_init(&l->changed);
	if (!timer_running(&r->sweep))
		(void)timer_set(&r->timers, &r->sweep,
				instant_add(now, LEARN_SWEEP(r->settings.timeout)));
	return l;
}

static void lesson_free(struct rip *r, struct lesson *l)
{
	hash_remove(&r->lessons, &l->by_prefix);
	list_remove(&l->changed);
	free(l);
}

void learn_free_all(struct rip *r)
{
	for (struct hash_node *n; (n = hash_walk(&r->lessons, NULL));)
		lesson_free(r, container_of(n, struct lesson, by_prefix));
	hash_done(&r->lessons);
}

/*
 * A prefix with everything in it; the default route alone when it is that, because "all" is the
 * word for everything.
 */
static bool listed(const struct route_filter *learn, const struct prefix *p)
{
	for (size_t k = 0; k < learn->n_prefixes; k++) {
		const struct prefix *allowed = &learn->prefixes[k];

		if (allowed->length == 0 ? prefix_equal(allowed, p) : prefix_covers(allowed, p))
			return true;
	}
	return false;
}

static bool wanted(const struct route_filter *learn, const struct prefix *p)
{
	switch ((enum route_filter_mode)learn->mode) {
	case ROUTE_FILTER_DEFAULT:
		return p->length == 0;
	case ROUTE_FILTER_ALL:
		return true;
	case ROUTE_FILTER_PREFIXES:
		return listed(learn, p);
	default:
		return false;
	}
}

bool learn_wants(const struct rip_interface *i, const struct prefix *p)
{
	return wanted(&i->learn, p);
}

static void lesson_release(struct rip *r, struct heard *h)
{
	struct lesson *l = h->lesson;

	if (!l)
		return;
	h->lesson = NULL;
	h->neighbor->learned--;
	l->n_heard--;
	lesson_changed(r, l);
}

/* Whether the announcement is one that may be learned has to be decided, perhaps anew. */
static void learn_review(struct rip *r, struct instant now, struct heard *h)
{
	struct rip_neighbor *n = h->neighbor;

	if (!address_is_set(&h->next_hop) || !wanted(&n->interface->learn, &h->prefix)) {
		lesson_release(r, h);
		return;
	}
	if (h->lesson)
		return;
	if (n->learned >= RIP_LEARN_ROUTES_MAX) {
		n->drops[RIP_DROP_LEARN_LIMIT]++;
		return;
	}
	h->lesson = lesson_get(r, now, &h->prefix);
	if (!h->lesson) {
		n->drops[RIP_DROP_TABLE_FULL]++;
		return;
	}
	h->lesson->n_heard++;
	n->learned++;
	lesson_changed(r, h->lesson);
}

void learn_heard(struct rip *r, struct instant now, struct heard *h, bool differs)
{
	learn_review(r, now, h);
	if (differs && h->lesson)
		lesson_changed(r, h->lesson);
}

void learn_forgotten(struct rip *r, struct heard *h)
{
	lesson_release(r, h);
}

void learn_prefix_changed(struct rip *r, const struct prefix *p)
{
	struct lesson *l = lesson_find(r, p);

	if (l)
		lesson_changed(r, l);
}

/* What `other` says may change with what `n` is. */
static void learn_look_again(struct rip *r, const struct rip_neighbor *other,
			     const struct rip_neighbor *n)
{
	list_each(each, &other->others) {
		struct heard *h = container_of(each, struct heard, link);

		/* Others may name it as the next hop of their routes. */
		if (h->lesson && (other == n || address_equal(&h->next_hop, &n->address)))
			lesson_changed(r, h->lesson);
	}
}

void learn_neighbor_changed(struct rip *r, const struct rip_neighbor *n)
{
	for (struct rip_interface *at = NULL; (at = interface_each(n->interface, at));)
		list_each(link, &at->neighbors)
			learn_look_again(r, container_of(link, struct rip_neighbor, link), n);
}

void learn_cost_changed(struct rip *r, const struct rip_interface *i)
{
	list_each(link, &i->neighbors)
		list_each(each, &container_of(link, struct rip_neighbor, link)->others) {
			struct heard *h = container_of(each, struct heard, link);

			if (h->lesson)
				lesson_changed(r, h->lesson);
		}
}

void learn_sweep(struct rip *r, struct instant now)
{
	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		list_each(each, &i->neighbors)
			heard_sweep(r, now, container_of(each, struct rip_neighbor, link));
	}
	if (r->lessons.count > 0)
		(void)timer_set(&r->timers, &r->sweep,
				instant_add(now, LEARN_SWEEP(r->settings.timeout)));
}

static bool learn_equal(const struct route_filter *a, const struct route_filter *b)
{
	if (a->mode != b->mode || a->n_prefixes != b->n_prefixes)
		return false;
	for (size_t k = 0; k < a->n_prefixes; k++)
		if (!prefix_equal(&a->prefixes[k], &b->prefixes[k]))
			return false;
	return true;
}

static void interface_learn(struct rip *r, struct instant now, struct rip_interface *i,
			    const struct route_filter *learn)
{
	i->learn = *learn;
	list_each(link, &i->neighbors)
		list_each(each, &container_of(link, struct rip_neighbor, link)->others)
			learn_review(r, now, container_of(each, struct heard, link));
}

int rip_learn(struct rip *r, struct instant now, uint32_t index, const struct route_filter *learn)
{
	struct rip_interface *i = interface_find(r, index), *at = NULL;

	if (!i)
		return -ENOENT;
	if (learn_equal(&i->learn, learn))
		return 0;
	while ((at = interface_each(i, at)))
		interface_learn(r, now, at, learn);
	return 0;
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
	struct lesson *l;

	if (list_empty(&r->changed))
		return false;
	l = container_of(r->changed.next, struct lesson, changed);
	list_remove(&l->changed);
	rip_learned_of(r, now, &l->prefix, ret);
	if (l->n_heard == 0)
		lesson_free(r, l);
	return true;
}

void rip_learn_again(struct rip *r)
{
	for (struct hash_node *n = hash_walk(&r->lessons, NULL); n; n = hash_walk(&r->lessons, n))
		lesson_changed(r, container_of(n, struct lesson, by_prefix));
}
