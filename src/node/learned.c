/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned routes: what the speaker has found out of the network, in the kernel.
 *
 *   route ──► group ──► hop       LEARNED, GROUP and NEXTHOP of enum object_kind
 *
 * A *hop* is an interface and a router on it. A *group* is a set of hops over which the kernel
 * spreads flows; all routes with the same set share one, also where it is a set of one. So a hop
 * that dies leaves the kernel by one message for each group that it was in, however many routes
 * there are: group_shrink(), before the routes are looked at. What the speaker then says of the
 * routes one by one is what is there already.
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
#include "node/learned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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
	n->learning = calloc(1, sizeof(*n->learning));
	if (!n->learning)
		return -ENOMEM;
	hash_init(&n->learning->routes);
	timer_init(&n->learning->due, NODE_TIMER_LEARNED);
	timer_init(&n->learning->kept, NODE_TIMER_LEARNED);
	return timers_reserve(&n->timers, n->timers.count + 2);
}

struct learned_hop *learned_hop_of(struct slot *s)
{
	return container_of(s, struct learned_hop, slot);
}

struct learned_group *learned_group_of(struct slot *s)
{
	return container_of(s, struct learned_group, slot);
}

struct learned_route *learned_route_of(struct slot *s)
{
	return container_of(s, struct learned_route, slot);
}

static bool hops_equal(const struct learned_hops *a, const struct learned_hops *b)
{
	return a->n == b->n && memcmp(a->hops, b->hops, a->n * sizeof(a->hops[0])) == 0;
}

static bool hops_have(const struct learned_hops *s, const struct learned_hop *h)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->hops[k] == h)
			return true;
	return false;
}

static void hops_drop(struct learned_hops *s, const struct learned_hop *h)
{
	size_t kept = 0;

	for (size_t k = 0; k < s->n; k++)
		if (s->hops[k] != h)
			s->hops[kept++] = s->hops[k];
	s->n = (uint8_t)kept;
}

/* Hops */

static struct learned_hop *hop_find(const struct learning *l, const struct rip_path *path)
{
	for (size_t k = 0; k < l->hops_end; k++) {
		struct learned_hop *h = l->hops[k];

		if (h && h->path.interface == path->interface &&
		    address_equal(&h->path.next_hop, &path->next_hop))
			return h;
	}
	return NULL;
}

static struct learned_hop *hop_make(struct node *n, size_t place, const struct rip_path *path)
{
	struct learning *l = n->learning;
	struct learned_hop *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	slot_begin(&h->slot, OBJECT_NEXTHOP);
	h->path = *path;
	h->id = LEARNED_HOP_ID + (uint32_t)place;
	l->hops[place] = h;
	if (place >= l->hops_end)
		l->hops_end = place + 1;
	return h;
}

/* The hop of a path; NULL when there are too many. Whoever does not use it sees it go. */
static struct learned_hop *hop_get(struct node *n, const struct rip_path *path)
{
	struct learning *l = n->learning;
	struct learned_hop *h = hop_find(l, path);
	size_t place = 0;

	if (h)
		return h;
	while (place < LEARNED_HOPS_MAX && l->hops[place])
		place++;
	h = place < LEARNED_HOPS_MAX ? hop_make(n, place, path) : NULL;
	if (h)
		slot_dirty(n, &h->slot);
	return h;
}

/* One that is refused stays, so that it is tried again, and not all the time. */
static void hop_review(struct node *n, struct learned_hop *h)
{
	bool wanted = h->n_groups > 0 || h->refused;

	if (h->slot.wanted != wanted)
		slot_want(n, &h->slot, wanted);
}

static void hop_use(struct node *n, struct learned_hop *h, bool use)
{
	if (use)
		h->n_groups++;
	else
		h->n_groups--;
	hop_review(n, h);
}

/* Groups */

static void group_use_hops(struct node *n, struct learned_group *g, bool use)
{
	for (size_t k = 0; k < g->wanted.n; k++)
		hop_use(n, g->wanted.hops[k], use);
}

static void group_want(struct node *n, struct learned_group *g, bool wanted)
{
	if (g->slot.wanted == wanted)
		return;
	/* What others stand on comes before them and goes after them. */
	if (wanted)
		group_use_hops(n, g, true);
	slot_want(n, &g->slot, wanted);
	if (!wanted)
		group_use_hops(n, g, false);
}

/* Other hops in place of those that it has; it must be wanted. */
static void group_change(struct node *n, struct learned_group *g, const struct learned_hops *to)
{
	struct learned_hops from = g->wanted;

	for (size_t k = 0; k < to->n; k++)
		hop_use(n, to->hops[k], true);
	g->wanted = *to;
	slot_want(n, &g->slot, true);
	for (size_t k = 0; k < from.n; k++)
		hop_use(n, from.hops[k], false);
}

static struct learned_group *group_make(struct node *n, size_t place)
{
	struct learning *l = n->learning;
	struct learned_group *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	slot_begin(&g->slot, OBJECT_GROUP);
	g->id = LEARNED_GROUP_ID + (uint32_t)place;
	list_init(&g->routes);
	l->groups[place] = g;
	if (place >= l->groups_end)
		l->groups_end = place + 1;
	return g;
}

static struct learned_group *group_with(const struct learning *l, const struct learned_hops *set)
{
	for (size_t k = 0; k < l->groups_end; k++)
		if (l->groups[k] && hops_equal(&l->groups[k]->wanted, set))
			return l->groups[k];
	return NULL;
}

/* A group with these hops, found or made; NULL when there are too many. */
static struct learned_group *group_get(struct node *n, const struct learned_hops *set)
{
	struct learning *l = n->learning;
	struct learned_group *g = group_with(l, set);
	size_t place = 0;

	if (g)
		return g;
	while (place < LEARNED_GROUPS_MAX && l->groups[place])
		place++;
	g = place < LEARNED_GROUPS_MAX ? group_make(n, place) : NULL;
	if (g)
		g->wanted = *set;
	return g;
}

static void group_hold(struct learned_group *g, const struct learned_hops *held)
{
	for (size_t k = 0; k < g->held.n; k++)
		g->held.hops[k]->n_held--;
	g->held = *held;
	for (size_t k = 0; k < g->held.n; k++)
		g->held.hops[k]->n_held++;
}

/* Without the hop it goes on with the others, if there are any. */
static void group_shrink(struct node *n, struct learned_group *g, const struct learned_hop *h)
{
	struct learned_hops rest = g->wanted;

	if (!g->slot.wanted || !hops_have(&g->wanted, h) || g->wanted.n < 2)
		return;
	hops_drop(&rest, h);
	group_change(n, g, &rest);
}

/* Routes */

static struct learned_route *route_find(const struct learning *l, const struct prefix *p)
{
	uint32_t hash = prefix_hash(p);

	for (struct hash_node *h = hash_first(&l->routes, hash); h; h = hash_next(h, hash)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (prefix_equal(&r->prefix, p))
			return r;
	}
	return NULL;
}

static struct learned_route *route_make(struct node *n, const struct prefix *p)
{
	struct learned_route *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->prefix = *p;
	list_init(&r->in_group);
	if (hash_insert(&n->learning->routes, &r->by_prefix, prefix_hash(p)) < 0) {
		free(r);
		return NULL;
	}
	return r;
}

/* Nobody tells it, and the kernel does not have it. */
static void route_free_if_idle(struct node *n, struct learned_route *r)
{
	if (r->told || r->slot.kind)
		return;
	hash_remove(&n->learning->routes, &r->by_prefix);
	free(r);
}

/* By which group the kernel will have it when the effect that is on its way is done. */
static void route_send(struct learned_route *r, struct learned_group *sent)
{
	if (r->sent)
		r->sent->n_sent--;
	r->sent = sent;
	if (sent)
		sent->n_sent++;
}

static void route_hold(struct learned_route *r, struct learned_group *held)
{
	if (r->held)
		r->held->n_held--;
	r->held = held;
	if (held)
		held->n_held++;
}

/* By this group from now on; NULL: out of the kernel. */
static void route_move(struct node *n, struct learned_route *r, struct learned_group *to)
{
	struct learned_group *from = r->group;

	if (!to && !r->slot.kind)
		return;
	if (to)
		group_want(n, to, true);
	if (from) {
		list_remove(&r->in_group);
		from->n_routes--;
	}
	r->group = to;
	if (to) {
		list_append(&to->routes, &r->in_group);
		to->n_routes++;
	}
	if (!r->slot.kind)
		slot_begin(&r->slot, OBJECT_LEARNED);
	slot_want(n, &r->slot, to != NULL);
	if (from && from->n_routes == 0)
		group_want(n, from, false);
}

/* What the speaker says, and what becomes of it */

/*
 * A network of ours, or a part of one, is not for others to direct: neither one of a physical
 * interface, which the kernel knows itself, nor a virtual network.
 */
static const char *route_why_not(const struct node *n, const struct prefix *p)
{
	if (prefix_is_host(p) && binding_find(n, &p->address))
		return "it is a VIP of ours";
	for (uint8_t length = p->length; length > 0; length--) {
		struct prefix outer = prefix_make(&p->address, length);

		if (network_find(n, &outer))
			return "it lies in a virtual network of ours";
	}
	list_each(link, &n->links) {
		const struct link *l = container_of(link, struct link, link);

		for (size_t k = 0; k < l->n_addresses; k++) {
			struct prefix on_link =
				prefix_make(&l->addresses[k].address, l->addresses[k].length);

			if (prefix_covers(&on_link, p))
				return "it lies in the network of one of our interfaces";
		}
	}
	return NULL;
}

/* In the order of the numbers, so that equal sets are equal. */
static void set_insert(struct learned_hops *set, struct learned_hop *h)
{
	size_t at = set->n++;

	while (at > 0 && set->hops[at - 1]->id > h->id) {
		set->hops[at] = set->hops[at - 1];
		at--;
	}
	set->hops[at] = h;
}

/* The hops that the kernel takes; the reason when there are none. */
static const char *route_hops(struct node *n, const struct rip_learned *said,
			      struct learned_hops *ret)
{
	const char *reason = NULL;

	ret->n = 0;
	for (size_t k = 0; k < said->n_paths; k++) {
		struct learned_hop *h = hop_get(n, &said->paths[k]);

		if (!h) {
			reason = "there are more next hops than are kept";
			continue;
		}
		h->asked = true;
		if (h->refused)
			reason = "the kernel refuses its next hop";
		else
			set_insert(ret, h);
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
	struct learned_change *c = change_append(n->learning);
	struct learned_group *g = r->group;

	if (!c) {
		route_move(n, r, set->n > 0 ? group_get(n, set) : NULL);
		return;
	}
	*c = (struct learned_change){ .route = r, .to = *set };
	if (!g)
		return;
	if (g->n_leaving++ == 0)
		g->leaving_to = *set;
	else if (!hops_equal(&g->leaving_to, set))
		g->parts = true;
}

/* Those that the kernel has, of an earlier life, where what has been told so far are some of them.
 */
static void route_settle(const struct node *n, const struct learned_route *r,
			 struct learned_hops *set)
{
	if (set->n == 0 || !r->held || r->group || !instant_before(n->now, n->learning->settled))
		return;
	for (size_t k = 0; k < set->n; k++)
		if (!hops_have(&r->held->held, set->hops[k]))
			return;
	*set = r->held->held;
}

static void learned_take(struct node *n, const struct rip_learned *said)
{
	struct learned_route *r = route_find(n->learning, &said->prefix);
	struct learned_hops set = { 0 };

	if (!r && said->n_paths > 0)
		r = route_make(n, &said->prefix);
	if (!r)
		return;
	r->told = said->n_paths > 0;
	r->metric = said->metric;
	r->reason = r->told ? route_why_not(n, &said->prefix) : NULL;
	if (r->told && !r->reason)
		r->reason = route_hops(n, said, &set);
	route_settle(n, r, &set);
	if (r->group ? hops_equal(&r->group->wanted, &set) : set.n == 0)
		route_free_if_idle(n, r);
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
	struct learning *l = n->learning;

	for (size_t i = 0; i < l->n_changes; i++) {
		struct learned_group *g = l->changes[i].route->group;

		if (group_goes_as_one(g) && !hops_equal(&g->wanted, &g->leaving_to))
			group_change(n, g, &g->leaving_to);
	}
	for (size_t i = 0; i < l->n_changes; i++) {
		struct learned_route *r = l->changes[i].route;
		const struct learned_hops *set = &l->changes[i].to;
		struct learned_group *to = NULL;

		if (!r->group || !hops_equal(&r->group->wanted, set)) {
			to = set->n > 0 ? group_get(n, set) : NULL;
			if (set->n > 0 && !to)
				r->reason = "there are more groups of next hops than are kept";
			route_move(n, r, to);
		}
	}
	for (size_t k = 0; k < l->groups_end; k++)
		if (l->groups[k]) {
			l->groups[k]->n_leaving = 0;
			l->groups[k]->parts = false;
		}
	for (size_t i = 0; i < l->n_changes; i++)
		route_free_if_idle(n, l->changes[i].route);
	l->n_changes = 0;
}

/* Of very many there is one line in the journal. */
static void learned_notes(struct node *n)
{
	struct learning *l = n->learning;

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
	struct learning *l = n->learning;

	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		l->hops[k]->refused &= l->hops[k]->asked;
		hop_review(n, l->hops[k]);
	}
}

void learned_pump(struct node *n)
{
	struct learning *l = n->learning;
	struct rip_learned said;
	bool all = l->again;

	learned_notes(n);
	/* Until the neighbours have spoken, what an earlier life has left is better than a part. */
	if (!n->ready || n->stopping || timer_running(&l->due))
		return;
	l->again = false;
	for (size_t k = 0; all && k < l->hops_end; k++)
		if (l->hops[k])
			l->hops[k]->asked = false;
	for (size_t k = 0; k < FAMILIES; k++) {
		if (all)
			rip_learn_again(n->speakers[k]);
		while (rip_learned(n->speakers[k], n->now, &said))
			learned_take(n, &said);
	}
	if (l->n_changes > 0)
		changes_make(n);
	if (all)
		hops_review(n);
}

void learned_look_again(struct node *n)
{
	n->learning->again = true;
}

static void learned_defer(struct node *n)
{
	(void)timer_set(&n->timers, &n->learning->due, instant_add(n->now, LEARNED_DEFER));
}

void learned_router_lost(struct node *n, uint32_t interface, const struct address *router)
{
	const struct rip_path path = { interface, *router };
	struct learned_hop *h = hop_find(n->learning, &path);

	if (!h)
		return;
	for (size_t k = 0; k < n->learning->groups_end; k++)
		if (n->learning->groups[k])
			group_shrink(n, n->learning->groups[k], h);
	learned_defer(n);
}

/* The kernel has taken the group away, and its routes with it. */
static void group_fell(struct node *n, struct learned_group *g)
{
	struct learning *l = n->learning;

	for (struct hash_node *h = hash_walk(&l->routes, NULL); g->n_held > 0 && h;
	     h = hash_walk(&l->routes, h)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->held != g)
			continue;
		route_hold(r, NULL);
		slot_lost(n, &r->slot);
	}
	group_hold(g, &(struct learned_hops){ 0 });
	slot_lost(n, &g->slot);
}

/* The kernel has taken the hop out of its groups. */
static void hop_fell(struct node *n, struct learned_hop *h)
{
	struct learning *l = n->learning;

	for (size_t k = 0; k < l->groups_end; k++) {
		struct learned_group *g = l->groups[k];
		struct learned_hops rest;

		if (!g)
			continue;
		/* What is on its way either was before, or will be refused. */
		hops_drop(&g->sent, h);
		if (!hops_have(&g->held, h))
			continue;
		rest = g->held;
		hops_drop(&rest, h);
		if (rest.n == 0) {
			group_fell(n, g);
		} else {
			group_hold(g, &rest);
			slot_dirty(n, &g->slot);
		}
	}
	slot_lost(n, &h->slot);
}

void learned_link_lost(struct node *n, uint32_t interface)
{
	struct learning *l = n->learning;
	bool any = false;

	for (size_t k = 0; k < l->hops_end; k++) {
		struct learned_hop *h = l->hops[k];

		if (!h || h->path.interface != interface)
			continue;
		any = true;
		hop_fell(n, h);
		for (size_t i = 0; i < l->groups_end; i++)
			if (l->groups[i])
				group_shrink(n, l->groups[i], h);
	}
	if (!any)
		return;
	learned_defer(n);
	n->resyncing = true;
}

void learned_link_there(struct node *n, uint32_t interface)
{
	struct learning *l = n->learning;

	for (size_t k = 0; k < l->hops_end; k++)
		if (l->hops[k] && l->hops[k]->path.interface == interface &&
		    !l->hops[k]->slot.present && l->hops[k]->slot.wanted)
			slot_want(n, &l->hops[k]->slot, true);
}

void learned_due(struct node *n, struct timer *due)
{
	struct learning *l = n->learning;

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
	struct learning *l = n->learning;

	if (l->routes.count == 0)
		return;
	l->keep = instant_add(n->now, (struct duration){ 2 * n->rip_settings.update.ns });
	l->settled = instant_min(instant_add(n->now, LEARNED_SETTLE), l->keep);
	(void)timer_set(&n->timers, &l->kept, l->settled);
}

/* For the reconciler: slot.c */

static struct learned_hop *hop_by_id(const struct learning *l, uint32_t id)
{
	uint32_t place = id - LEARNED_HOP_ID;

	return place < LEARNED_HOPS_MAX ? l->hops[place] : NULL;
}

static struct learned_group *group_by_id(const struct learning *l, uint32_t id)
{
	uint32_t place = id - LEARNED_GROUP_ID;

	return place < LEARNED_GROUPS_MAX ? l->groups[place] : NULL;
}

static struct slot *hop_slot(struct node *n, const struct object *o, bool make)
{
	const struct rip_path path = { o->interface, o->address };
	struct learned_hop *h = hop_by_id(n->learning, o->id);

	if (!h && make && o->id - LEARNED_HOP_ID < LEARNED_HOPS_MAX)
		h = hop_make(n, o->id - LEARNED_HOP_ID, &path);
	return h ? &h->slot : NULL;
}

static struct slot *group_slot(struct node *n, const struct object *o, bool make)
{
	struct learned_group *g = group_by_id(n->learning, o->id);

	if (!g && make && o->id - LEARNED_GROUP_ID < LEARNED_GROUPS_MAX)
		g = group_make(n, o->id - LEARNED_GROUP_ID);
	return g ? &g->slot : NULL;
}

static struct slot *route_slot(struct node *n, const struct object *o, bool make)
{
	struct prefix p = prefix_make(&o->address, o->length);
	struct learned_route *r = route_find(n->learning, &p);

	if (!r && make)
		r = route_make(n, &p);
	if (r && !r->slot.kind && make)
		slot_begin(&r->slot, OBJECT_LEARNED);
	return r && r->slot.kind ? &r->slot : NULL;
}

struct slot *learned_slot(struct node *n, const struct object *o, bool make)
{
	switch (o->kind) {
	case OBJECT_NEXTHOP:
		return hop_slot(n, o, make);
	case OBJECT_GROUP:
		return group_slot(n, o, make);
	default:
		return route_slot(n, o, make);
	}
}

static struct object group_object(const struct learned_group *g)
{
	struct object o = { .kind = OBJECT_GROUP, .id = g->id, .n_members = g->wanted.n };

	for (size_t k = 0; k < g->wanted.n; k++)
		o.members[k] = g->wanted.hops[k]->id;
	return o;
}

struct object learned_object(struct slot *s)
{
	const struct learned_route *r;
	const struct learned_hop *h;

	switch (s->kind) {
	case OBJECT_NEXTHOP:
		h = learned_hop_of(s);
		return (struct object){ .kind = OBJECT_NEXTHOP,
					.interface = h->path.interface,
					.address = h->path.next_hop,
					.id = h->id };
	case OBJECT_GROUP:
		return group_object(learned_group_of(s));
	default:
		r = learned_route_of(s);
		return (struct object){ .kind = OBJECT_LEARNED,
					.address = r->prefix.address,
					.length = r->prefix.length,
					.id = r->group ? r->group->id : 0 };
	}
}

/* What the kernel has in an object that is there. */
void learned_observed(struct node *n, struct slot *s, const struct object *o)
{
	struct learned_hops held = { 0 };
	struct learned_group *g;

	switch (s->kind) {
	case OBJECT_GROUP:
		g = learned_group_of(s);
		for (size_t k = 0; k < o->n_members; k++) {
			struct learned_hop *h = hop_by_id(n->learning, o->members[k]);

			if (h && !hops_have(&held, h))
				set_insert(&held, h);
		}
		group_hold(g, &held);
		/* That of an earlier life: who wants a group like that takes it over. */
		if (!s->wanted)
			g->wanted = held;
		break;
	case OBJECT_LEARNED:
		route_hold(learned_route_of(s), group_by_id(n->learning, o->id));
		break;
	default:
		break;
	}
	if (learned_differs(s))
		slot_dirty(n, s);
}

bool learned_differs(struct slot *s)
{
	switch (s->kind) {
	case OBJECT_GROUP:
		return s->wanted &&
		       !hops_equal(&learned_group_of(s)->held, &learned_group_of(s)->wanted);
	case OBJECT_LEARNED:
		return s->wanted && learned_route_of(s)->held != learned_route_of(s)->group;
	default:
		return false;
	}
}

static bool slot_stands(const struct slot *s)
{
	return s->pending ? !s->removing : s->present;
}

bool learned_has_ground(const struct node *n, struct slot *s)
{
	const struct learned_group *g;
	const struct link *l;

	switch (s->kind) {
	case OBJECT_NEXTHOP:
		l = link_find(n, learned_hop_of(s)->path.interface);
		return l && interface_is_usable(&l->interface);
	case OBJECT_GROUP:
		g = learned_group_of(s);
		for (size_t k = 0; k < g->wanted.n; k++)
			if (!slot_stands(&g->wanted.hops[k]->slot))
				return false;
		return g->wanted.n > 0;
	default:
		g = learned_route_of(s)->group;
		return g && slot_stands(&g->slot);
	}
}

/* One of its hops is on an interface where something is still learned. */
static bool route_may_return(const struct node *n, const struct learned_route *r)
{
	for (size_t k = 0; r->held && k < r->held->held.n; k++) {
		const struct link *l = link_find(n, r->held->held.hops[k]->path.interface);
		const struct interface_rule *rule = l ? link_rule(n, l) : NULL;

		if (rule && rule->learn.mode != RIP_LEARN_OFF)
			return true;
	}
	return false;
}

bool learned_keeps(const struct node *n, struct slot *s)
{
	switch (s->kind) {
	case OBJECT_NEXTHOP:
		return learned_hop_of(s)->n_held > 0;
	case OBJECT_GROUP:
		return learned_group_of(s)->n_held > 0 || learned_group_of(s)->n_sent > 0;
	default:
		if (n->stopping)
			return false;
		if (!n->ready)
			return true;
		return instant_before(n->now, n->learning->keep) &&
		       route_may_return(n, learned_route_of(s));
	}
}

void learned_sending(struct slot *s)
{
	if (s->kind == OBJECT_GROUP)
		learned_group_of(s)->sent = learned_group_of(s)->wanted;
	else if (s->kind == OBJECT_LEARNED)
		route_send(learned_route_of(s), learned_route_of(s)->group);
}

static void hop_came(struct node *n, struct learned_hop *h)
{
	if (h->refused) {
		h->refused = false;
		learned_look_again(n);
	}
	for (size_t k = 0; k < n->learning->groups_end; k++) {
		struct learned_group *g = n->learning->groups[k];

		if (g && g->slot.wanted && hops_have(&g->wanted, h) &&
		    (!g->slot.present || learned_differs(&g->slot)))
			slot_want(n, &g->slot, true);
	}
}

static void group_came(struct node *n, struct learned_group *g)
{
	list_each(link, &g->routes) {
		struct learned_route *r = container_of(link, struct learned_route, in_group);

		if (!r->slot.pending && (!r->slot.present || learned_differs(&r->slot)))
			slot_want(n, &r->slot, true);
	}
}

void learned_done(struct node *n, struct slot *s)
{
	struct learned_group *g;
	struct learned_route *r;

	switch (s->kind) {
	case OBJECT_NEXTHOP:
		if (!s->removing)
			hop_came(n, learned_hop_of(s));
		break;
	case OBJECT_GROUP:
		g = learned_group_of(s);
		group_hold(g, s->removing ? &(struct learned_hops){ 0 } : &g->sent);
		if (!s->removing)
			group_came(n, g);
		/* Hops that wait to go. */
		for (size_t k = 0; k < n->learning->hops_end; k++)
			if (n->learning->hops[k] && !n->learning->hops[k]->slot.wanted)
				slot_dirty(n, &n->learning->hops[k]->slot);
		break;
	default:
		r = learned_route_of(s);
		g = r->held;
		r->error[0] = '\0';
		route_hold(r, s->removing ? NULL : r->sent);
		route_send(r, NULL);
		if (g && g->n_held == 0 && !g->slot.wanted)
			slot_dirty(n, &g->slot);
		break;
	}
}

bool learned_refused(struct node *n, struct slot *s, int error, const char *text)
{
	struct learning *l = n->learning;

	if (s->kind == OBJECT_NEXTHOP && s->wanted) {
		/* Its link went in the meantime. */
		if (!learned_has_ground(n, s))
			return true;
		learned_hop_of(s)->refused = true;
		learned_look_again(n);
	}
	if (s->kind != OBJECT_LEARNED)
		return false;
	route_send(learned_route_of(s), NULL);
	if (error == -EEXIST) {
		/* Perhaps it is ours after all. */
		n->resyncing |= s->failures == 1;
		text = "there is another route to it with the same metric";
	}
	text_copy(learned_route_of(s)->error, sizeof(learned_route_of(s)->error), text);
	if (s->failures > 1)
		return true;
	l->n_refused++;
	l->refused = learned_route_of(s)->prefix;
	text_copy(l->refusal, sizeof(l->refusal), text);
	return true;
}

bool learned_vanished(struct node *n, struct slot *s)
{
	switch (s->kind) {
	case OBJECT_NEXTHOP:
		hop_fell(n, learned_hop_of(s));
		return false;
	case OBJECT_GROUP:
		group_fell(n, learned_group_of(s));
		return false;
	default:
		route_hold(learned_route_of(s), NULL);
		n->learning->n_repaired += s->wanted && !s->pending;
		return true;
	}
}

/* Effects that were on their way when it went are about nothing. */
static void group_forget(struct learning *l, struct learned_group *g)
{
	for (struct hash_node *h = hash_walk(&l->routes, NULL);
	     (g->n_sent > 0 || g->n_held > 0) && h; h = hash_walk(&l->routes, h)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->sent == g)
			route_send(r, NULL);
		if (r->held == g)
			route_hold(r, NULL);
	}
}

void learned_closed(struct node *n, struct slot *s, uint8_t kind)
{
	struct learning *l = n->learning;
	struct learned_group *g;
	struct learned_hop *h;

	switch (kind) {
	case OBJECT_NEXTHOP:
		h = learned_hop_of(s);
		/*
		 * By an effect that was on its way, or in a group of an earlier life that nobody
		 * wants.
		 */
		for (size_t k = 0; k < l->groups_end; k++) {
			if (!l->groups[k])
				continue;
			hops_drop(&l->groups[k]->wanted, h);
			hops_drop(&l->groups[k]->held, h);
			hops_drop(&l->groups[k]->sent, h);
		}
		l->hops[h->id - LEARNED_HOP_ID] = NULL;
		free(h);
		break;
	case OBJECT_GROUP:
		g = learned_group_of(s);
		group_hold(g, &(struct learned_hops){ 0 });
		group_forget(l, g);
		l->groups[g->id - LEARNED_GROUP_ID] = NULL;
		free(g);
		break;
	default:
		route_hold(learned_route_of(s), NULL);
		route_send(learned_route_of(s), NULL);
		route_free_if_idle(n, learned_route_of(s));
		break;
	}
}

void learned_each(struct node *n, const struct board *board,
		  void (*visit)(struct node *n, struct slot *s, const struct board *board))
{
	struct learning *l = n->learning;

	for (size_t k = 0; k < l->hops_end; k++)
		if (l->hops[k])
			visit(n, &l->hops[k]->slot, board);
	for (size_t k = 0; k < l->groups_end; k++)
		if (l->groups[k])
			visit(n, &l->groups[k]->slot, board);
	for (struct hash_node *h = hash_walk(&l->routes, NULL); h; h = hash_walk(&l->routes, h)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->slot.kind)
			visit(n, &r->slot, board);
	}
}

void learned_stop(struct node *n)
{
	struct learning *l = n->learning;
	struct hash_node *next;

	for (struct hash_node *h = hash_walk(&l->routes, NULL); h; h = next) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		next = hash_walk(&l->routes, h);
		r->told = false;
		route_move(n, r, NULL);
		route_free_if_idle(n, r);
	}
	/* Nor are those to be tried again that are refused. */
	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		l->hops[k]->refused = false;
		hop_review(n, l->hops[k]);
	}
}

bool learned_is_gone(const struct node *n)
{
	const struct learning *l = n->learning;

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
	struct learning *l = n->learning;
	struct hash_node *h;

	if (!l)
		return;
	timer_stop(&n->timers, &l->due);
	timer_stop(&n->timers, &l->kept);
	while ((h = hash_walk(&l->routes, NULL))) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->slot.kind) {
			timer_stop(&n->timers, &r->slot.retry);
			list_remove(&r->slot.dirty);
		}
		hash_remove(&l->routes, h);
		free(r);
	}
	for (size_t k = 0; k < l->groups_end; k++) {
		if (!l->groups[k])
			continue;
		timer_stop(&n->timers, &l->groups[k]->slot.retry);
		list_remove(&l->groups[k]->slot.dirty);
		free(l->groups[k]);
	}
	for (size_t k = 0; k < l->hops_end; k++) {
		if (!l->hops[k])
			continue;
		timer_stop(&n->timers, &l->hops[k]->slot.retry);
		list_remove(&l->hops[k]->slot.dirty);
		free(l->hops[k]);
	}
	hash_done(&l->routes);
	free(l->changes);
	free(l);
}

/* For query.c */

static enum row_path_state path_state(const struct learned_route *r, struct learned_hop *h)
{
	if (h->refused)
		return ROW_PATH_REFUSED;
	return r->held && hops_have(&r->held->held, h) && h->slot.present ? ROW_PATH_USED
									  : ROW_PATH_WAITING;
}

void learned_row(const struct node *n, struct hash_node *at, struct row_route *ret)
{
	const struct learned_route *r = container_of(at, struct learned_route, by_prefix);
	const struct learned_group *g = r->group ? r->group : r->held;
	const struct learned_hops *set = !g ? NULL : r->group ? &g->wanted : &g->held;

	*ret = (struct row_route){
		.prefix = r->prefix,
		.learned = true,
		.metric = r->metric,
		.in_kernel = r->slot.kind && r->slot.present,
	};
	for (size_t k = 0; set && k < set->n; k++) {
		struct row_path *path = &ret->paths[ret->n_paths++];

		text_copy(path->interface, sizeof(path->interface),
			  link_name(n, set->hops[k]->path.interface));
		path->next_hop = set->hops[k]->path.next_hop;
		path->state = (uint8_t)path_state(r, set->hops[k]);
	}
	text_copy(ret->reason, sizeof(ret->reason),
		  r->error[0] ? r->error
		  : r->reason ? r->reason
		  : !r->told  ? "of an earlier life, and not told again yet"
			      : "");
}

struct hash_node *learned_walk(const struct node *n, struct hash_node *after)
{
	return hash_walk(&n->learning->routes, after);
}

void learned_count(const struct node *n, uint32_t *ret_routes, uint32_t *ret_unused)
{
	const struct learning *l = n->learning;

	*ret_routes = (uint32_t)l->routes.count;
	*ret_unused = 0;
	for (struct hash_node *h = hash_walk(&l->routes, NULL); h; h = hash_walk(&l->routes, h)) {
		const struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		*ret_unused += !r->slot.kind || !r->slot.present;
	}
}
