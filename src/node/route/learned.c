/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned routes: what the speaker has found out of the network, in the kernel.
 *
 *   route ──► group ──► hop       LEARNED, GROUP and NEXTHOP of enum object_kind
 *
 * A *hop* is an interface and a router on it. A *group* is a set of hops over which the kernel
 * spreads flows; all routes with the same set share one, also where it is a set of one. So a hop
 * that dies leaves the kernel by one message for each group that it was in, however many routes
 * there are: learned_group_shrink(), before the routes are looked at. What the speaker then says of
 * the routes one by one is what is there already.
 *
 * Each of the three has a slot, so the reconciler puts it into the kernel and takes it out, repairs
 * it, and tries again what was refused. Beside the slot each knows what is in the kernel's object
 * (`held`) and what is wanted to be in it. What others stand on goes after them: a group while no
 * route in the kernel is by it, a hop while it is in no group there.
 *
 * What Linux does on its own is done here as well, because it says nothing of it: an interface that
 * goes down takes its hops out of their groups, and a group that is empty takes its routes along.
 * The kernel is read anew afterwards, in case that this is not the whole story.
 *
 * What an earlier life has left is found in the kernel, by our mark. It stays as it is until the
 * neighbours have had the time to tell all of it again (learned_keeps()); then what nobody has told
 * goes. Nothing of it is written down.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/route/learned.h"

/* A group with no more routes than this gives way to another one with the same hops. */
#define GROUP_MERGE_MAX 16

/*
 * For so long after the start a route that an earlier life has left keeps the hops that it has,
 * when a part of them is told: the other routers are still speaking.
 */
#define LEARNED_SETTLE DURATION_S(5)

/* For so long a hop that has died is out of the groups before the routes are looked at. */
#define LEARNED_DEFER DURATION_MS(2)

int learned_init(struct node *n)
{
	n->routing->learning = calloc(1, sizeof(*n->routing->learning));
	if (!n->routing->learning)
		return -ENOMEM;
	hash_init(&n->routing->learning->routes);
	timer_init(&n->routing->learning->due, NODE_TIMER_LEARNED);
	timer_init(&n->routing->learning->kept, NODE_TIMER_LEARNED);
	return timers_reserve(&n->timers, n->timers.count + 2);
}

void learned_seed(struct node *n, uint64_t seed)
{
	hash_seed(&n->routing->learning->routes, seed);
}

/* What the speaker says, and what becomes of it */

/*
 * A network of ours, or a part of one, is not for others to direct: neither one of a physical
 * interface, which the kernel knows itself, nor a virtual network.
 */
static const char *route_why_not(const struct node *n, const struct prefix *p)
{
	const char *reason = n->routing->has(n, p);

	if (reason)
		return reason;
	list_each_entry(const struct link, l, &n->routing->links, link) {
		for (size_t k = 0; k < l->n_addresses; k++) {
			struct prefix on_link = link_address_network(&l->addresses[k]);

			if (prefix_covers(&on_link, p))
				return "it lies in the network of one of our interfaces";
		}
	}
	return NULL;
}

static const char *route_hops(struct node *n, const struct route *said, struct learned_hops *ret)
{
	const char *reason = NULL;

	ret->n = 0;
	for (size_t k = 0; k < said->n_paths; k++) {
		struct learned_hop *h = learned_hop_get(n, &said->paths[k]);

		if (!h) {
			reason = "there are more next hops than are kept";
			continue;
		}
		h->asked = true;
		if (h->refused)
			reason = "the kernel refuses its next hop";
		else
			learned_hops_insert(ret, h);
	}
	return ret->n > 0 ? NULL : reason;
}

static struct learned_change *change_append(struct learning *l)
{
	if (l->n_changes == l->changes_capacity) {
		size_t capacity = l->changes_capacity ? 2 * l->changes_capacity : 64;
		struct learned_change *grown =
			reallocarray(l->changes, capacity, sizeof(l->changes[0]));

		if (!grown)
			return NULL;
		l->changes = grown;
		l->changes_capacity = capacity;
	}
	return &l->changes[l->n_changes++];
}

/* Without memory the route goes alone, at once. */
static void change_plan(struct node *n, struct learned_route *r, const struct learned_hops *set)
{
	struct learned_change *c = change_append(n->routing->learning);
	struct learned_group *g = r->group;

	if (!c) {
		learned_route_move(n, r, set->n > 0 ? learned_group_get(n, set) : NULL);
		return;
	}
	*c = (struct learned_change){ .route = r, .to = *set };
	if (!g)
		return;
	if (g->n_leaving++ == 0)
		g->leaving_to = *set;
	else if (!learned_hops_equal(&g->leaving_to, set))
		g->parts = true;
}

/* Those that the kernel has, of an earlier life, where what has been told so far are some of them.
 */
static void route_settle(const struct node *n, const struct learned_route *r,
			 struct learned_hops *set)
{
	if (set->n == 0 || !r->held || r->group ||
	    !instant_before(n->now, n->routing->learning->settled))
		return;
	for (size_t k = 0; k < set->n; k++)
		if (!learned_hops_have(&r->held->held, set->hops[k]))
			return;
	*set = r->held->held;
}

/* Of two speakers that have a route to a prefix, the one that counts. */
static bool is_preferred(const struct speaker *a, const struct speaker *b)
{
	return a->class->preference != b->class->preference
		       ? a->class->preference < b->class->preference
		       : a->number < b->number;
}

/*
 * One of them has said something of a prefix: the route that counts now, of all that have one.
 * Metrics of two protocols say nothing about each other, so the protocols have an order.
 */
static const struct speaker *route_choose(const struct node *n, const struct speaker *sp,
					  const struct route *said, struct route *ret)
{
	const struct speaker *best = sp;

	*ret = *said;
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		const struct speaker *other = n->routing->speakers[k];
		struct route route;

		if (other == sp || (ret->n_paths > 0 && is_preferred(best, other)))
			continue;
		speaker_route(other, n->now, &said->prefix, &route);
		if (route.n_paths == 0)
			continue;
		*ret = route;
		best = other;
	}
	return best;
}

static void learned_take(struct node *n, const struct speaker *sp, const struct route *told)
{
	struct route chosen;
	const struct speaker *best = route_choose(n, sp, told, &chosen);
	const struct route *said = &chosen;
	struct learned_route *r = learned_route_find(n->routing->learning, &said->prefix);
	struct learned_hops set = { 0 };

	if (!r && said->n_paths > 0)
		r = learned_route_make(n, &said->prefix);
	if (!r)
		return;
	r->told = said->n_paths > 0;
	r->metric = said->metric;
	r->speaker = best->number;
	r->reason = r->told ? route_why_not(n, &said->prefix) : NULL;
	if (r->told && !r->reason)
		r->reason = route_hops(n, said, &set);
	route_settle(n, r, &set);
	if (r->group ? learned_hops_equal(&r->group->wanted, &set) : set.n == 0)
		learned_route_free_if_idle(n, r);
	else
		change_plan(n, r, &set);
}

/* All its routes go the same way: the group changes, and they stay. */
static bool group_goes_as_one(const struct learned_group *g)
{
	return g && !g->parts && g->n_leaving == g->n_routes && g->leaving_to.n > 0 &&
	       g->n_routes > GROUP_MERGE_MAX;
}

static void changes_make(struct node *n)
{
	struct learning *l = n->routing->learning;

	for (size_t i = 0; i < l->n_changes; i++) {
		struct learned_group *g = l->changes[i].route->group;

		if (group_goes_as_one(g) && !learned_hops_equal(&g->wanted, &g->leaving_to))
			learned_group_change(n, g, &g->leaving_to);
	}
	for (size_t i = 0; i < l->n_changes; i++) {
		struct learned_route *r = l->changes[i].route;
		const struct learned_hops *set = &l->changes[i].to;
		struct learned_group *to = NULL;

		if (!r->group || !learned_hops_equal(&r->group->wanted, set)) {
			to = set->n > 0 ? learned_group_get(n, set) : NULL;
			if (set->n > 0 && !to)
				r->reason = "there are more groups of next hops than are kept";
			learned_route_move(n, r, to);
		}
	}
	for (size_t k = 0; k < l->groups_end; k++)
		if (l->groups[k]) {
			l->groups[k]->n_leaving = 0;
			l->groups[k]->parts = false;
		}
	for (size_t i = 0; i < l->n_changes; i++)
		learned_route_free_if_idle(n, l->changes[i].route);
	l->n_changes = 0;
}

/* Of very many there is one line in the journal. */
static void learned_notes(struct node *n)
{
	struct learning *l = n->routing->learning;

	if (l->n_repaired > 0)
		node_note(n, EVENT_REPAIR, NULL,
			  "learned routes are gone, %zu of them; they are put back", l->n_repaired);
	if (l->n_refused > 0)
		node_note(n, EVENT_NOTE, NULL, "%zu learned routes are refused, as %s: %s",
			  l->n_refused, PREFIX_TEXT(&l->refused), l->refusal);
	l->n_repaired = l->n_refused = 0;
}

/* After all routes have been looked at: hops that none of them asks for. */
static void hops_review(struct node *n)
{
	struct learning *l = n->routing->learning;

	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		l->hops[k]->refused &= l->hops[k]->asked;
		learned_hop_review(n, l->hops[k]);
	}
}

void learned_pump(struct node *n)
{
	struct learning *l = n->routing->learning;
	struct route said;
	bool all = l->again;

	learned_notes(n);
	/* Until the neighbours have spoken, what an earlier life has left is better than a part. */
	if (!n->ready || n->stopping || timer_running(&l->due))
		return;
	l->again = false;
	for (size_t k = 0; all && k < l->hops_end; k++)
		if (l->hops[k])
			l->hops[k]->asked = false;
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		if (all)
			speaker_learn_again(n->routing->speakers[k]);
		while (speaker_learned(n->routing->speakers[k], n->now, &said))
			learned_take(n, n->routing->speakers[k], &said);
	}
	if (l->n_changes > 0)
		changes_make(n);
	if (all)
		hops_review(n);
}

void learned_look_again(struct node *n)
{
	n->routing->learning->again = true;
}

static void learned_defer(struct node *n)
{
	(void)timer_set(&n->timers, &n->routing->learning->due, instant_add(n->now, LEARNED_DEFER));
}

void learned_router_lost(struct node *n, uint32_t interface, const struct address *router)
{
	const struct route_path path = { interface, *router };
	struct learned_hop *h = learned_hop_find(n->routing->learning, &path);

	if (!h)
		return;
	for (size_t k = 0; k < n->routing->learning->groups_end; k++)
		if (n->routing->learning->groups[k])
			learned_group_shrink(n, n->routing->learning->groups[k], h);
	learned_defer(n);
}

void learned_link_lost(struct node *n, uint32_t interface)
{
	struct learning *l = n->routing->learning;
	bool any = false;

	for (size_t k = 0; k < l->hops_end; k++) {
		struct learned_hop *h = l->hops[k];

		if (!h || h->path.interface != interface)
			continue;
		any = true;
		learned_hop_fell(n, h);
		for (size_t i = 0; i < l->groups_end; i++)
			if (l->groups[i])
				learned_group_shrink(n, l->groups[i], h);
	}
	if (!any)
		return;
	learned_defer(n);
	n->resyncing = true;
}

void learned_link_there(struct node *n, uint32_t interface)
{
	struct learning *l = n->routing->learning;

	for (size_t k = 0; k < l->hops_end; k++)
		if (l->hops[k] && l->hops[k]->path.interface == interface &&
		    !l->hops[k]->slot.present && l->hops[k]->slot.wanted)
			slot_want(n, &l->hops[k]->slot, true);
}

void learned_due(struct node *n, struct timer *due)
{
	struct learning *l = n->routing->learning;

	if (due != &l->kept)
		return;
	/* The hops that nobody has told again go first, and the routes then. */
	learned_look_again(n);
	slot_look_at_all(n);
	if (instant_before(n->now, l->keep))
		(void)timer_set(&n->timers, &l->kept, l->keep);
}

void learned_adopt(struct node *n)
{
	struct learning *l = n->routing->learning;

	if (l->routes.count == 0)
		return;
	l->keep = instant_add(n->now,
			      (struct duration){ 2 * speakers_pace(n, FAMILY_NONE).repeat.ns });
	l->settled = instant_min(instant_add(n->now, LEARNED_SETTLE), l->keep);
	(void)timer_set(&n->timers, &l->kept, l->settled);
}

void learned_stop(struct node *n)
{
	struct learning *l = n->routing->learning;
	struct hash_node *next;

	for (struct hash_node *h = hash_walk(&l->routes, NULL); h; h = next) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		next = hash_walk(&l->routes, h);
		r->told = false;
		learned_route_move(n, r, NULL);
		learned_route_free_if_idle(n, r);
	}
	/* Nor are those to be tried again that are refused. */
	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		l->hops[k]->refused = false;
		learned_hop_review(n, l->hops[k]);
	}
}

bool learned_is_gone(const struct node *n)
{
	const struct learning *l = n->routing->learning;

	for (size_t k = 0; k < l->hops_end; k++)
		if (l->hops[k])
			return false;
	for (size_t k = 0; k < l->groups_end; k++)
		if (l->groups[k])
			return false;
	return l->routes.count == 0;
}

void learned_free_all(struct node *n)
{
	struct learning *l = n->routing->learning;
	struct hash_node *h;

	if (!l)
		return;
	timer_stop(&n->timers, &l->due);
	timer_stop(&n->timers, &l->kept);
	while ((h = hash_walk(&l->routes, NULL))) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->slot.kind)
			slot_drop(n, &r->slot);
		hash_remove(&l->routes, h);
		free(r);
	}
	for (size_t k = 0; k < l->groups_end; k++) {
		if (!l->groups[k])
			continue;
		slot_drop(n, &l->groups[k]->slot);
		free(l->groups[k]);
	}
	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		slot_drop(n, &l->hops[k]->slot);
		free(l->hops[k]);
	}
	hash_done(&l->routes);
	free(l->changes);
	free(l);
}

void learned_count(const struct node *n, uint32_t *ret_routes, uint32_t *ret_unused)
{
	const struct learning *l = n->routing->learning;

	*ret_routes = (uint32_t)l->routes.count;
	*ret_unused = 0;
	for (struct hash_node *h = hash_walk(&l->routes, NULL); h; h = hash_walk(&l->routes, h)) {
		const struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		*ret_unused += !r->slot.kind || !r->slot.present;
	}
}

uint32_t learned_through(const struct node *n, uint32_t interface, const struct address *router)
{
	const struct learning *l = n->routing->learning;
	const struct route_path path = { interface, *router };
	const struct learned_hop *h = learned_hop_find(n->routing->learning, &path);
	uint32_t count = 0;

	for (size_t k = 0; h && k < l->groups_end; k++)
		if (l->groups[k] && learned_hops_have(&l->groups[k]->wanted, h))
			count += l->groups[k]->n_routes;
	return count;
}
