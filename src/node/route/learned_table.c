/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of learned routes: hops, groups of them, and routes by groups; who is by whom, and
 * what is wanted for that. learned.c is the overview.
 */
#include <stdlib.h>
#include <string.h>

#include "node/route/learned.h"

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

bool learned_hops_equal(const struct learned_hops *a, const struct learned_hops *b)
{
	return a->n == b->n && memcmp(a->hops, b->hops, a->n * sizeof(a->hops[0])) == 0;
}

bool learned_hops_have(const struct learned_hops *s, const struct learned_hop *h)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->hops[k] == h)
			return true;
	return false;
}

void learned_hops_drop(struct learned_hops *s, const struct learned_hop *h)
{
	size_t kept = 0;

	for (size_t k = 0; k < s->n; k++)
		if (s->hops[k] != h)
			s->hops[kept++] = s->hops[k];
	s->n = (uint8_t)kept;
}

/* Hops */

struct learned_hop *learned_hop_find(const struct learning *l, const struct route_path *path)
{
	for (size_t k = 0; k < l->hops_end; k++) {
		struct learned_hop *h = l->hops[k];

		if (h && h->path.interface == path->interface &&
		    address_equal(&h->path.next_hop, &path->next_hop))
			return h;
	}
	return NULL;
}

struct learned_hop *learned_hop_make(struct node *n, size_t place, const struct route_path *path)
{
	struct learning *l = n->routing->learning;
	struct learned_hop *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	slot_begin(&h->slot, SLOT_OF_LEARNED, OBJECT_NEXTHOP);
	h->path = *path;
	h->id = LEARNED_HOP_ID + (uint32_t)place;
	l->hops[place] = h;
	if (place >= l->hops_end)
		l->hops_end = place + 1;
	return h;
}

/* The hop of a path; NULL when there are too many. Whoever does not use it sees it go. */
struct learned_hop *learned_hop_get(struct node *n, const struct route_path *path)
{
	struct learning *l = n->routing->learning;
	struct learned_hop *h = learned_hop_find(l, path);
	size_t place = 0;

	if (h)
		return h;
	while (place < LEARNED_HOPS_MAX && l->hops[place])
		place++;
	h = place < LEARNED_HOPS_MAX ? learned_hop_make(n, place, path) : NULL;
	if (h)
		slot_dirty(n, &h->slot);
	return h;
}

/* One that is refused stays, so that it is tried again, and not all the time. */
void learned_hop_review(struct node *n, struct learned_hop *h)
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
	learned_hop_review(n, h);
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
void learned_group_change(struct node *n, struct learned_group *g, const struct learned_hops *to)
{
	struct learned_hops from = g->wanted;

	for (size_t k = 0; k < to->n; k++)
		hop_use(n, to->hops[k], true);
	g->wanted = *to;
	slot_want(n, &g->slot, true);
	for (size_t k = 0; k < from.n; k++)
		hop_use(n, from.hops[k], false);
}

struct learned_group *learned_group_make(struct node *n, size_t place)
{
	struct learning *l = n->routing->learning;
	struct learned_group *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	slot_begin(&g->slot, SLOT_OF_LEARNED, OBJECT_GROUP);
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
		if (l->groups[k] && learned_hops_equal(&l->groups[k]->wanted, set))
			return l->groups[k];
	return NULL;
}

/* A group with these hops, found or made; NULL when there are too many. */
struct learned_group *learned_group_get(struct node *n, const struct learned_hops *set)
{
	struct learning *l = n->routing->learning;
	struct learned_group *g = group_with(l, set);
	size_t place = 0;

	if (g)
		return g;
	while (place < LEARNED_GROUPS_MAX && l->groups[place])
		place++;
	g = place < LEARNED_GROUPS_MAX ? learned_group_make(n, place) : NULL;
	if (g)
		g->wanted = *set;
	return g;
}

void learned_group_hold(struct learned_group *g, const struct learned_hops *held)
{
	for (size_t k = 0; k < g->held.n; k++)
		g->held.hops[k]->n_held--;
	g->held = *held;
	for (size_t k = 0; k < g->held.n; k++)
		g->held.hops[k]->n_held++;
}

/* Without the hop it goes on with the others, if there are any. */
void learned_group_shrink(struct node *n, struct learned_group *g, const struct learned_hop *h)
{
	struct learned_hops rest = g->wanted;

	if (!g->slot.wanted || !learned_hops_have(&g->wanted, h) || g->wanted.n < 2)
		return;
	learned_hops_drop(&rest, h);
	learned_group_change(n, g, &rest);
}

/* Routes */

struct learned_route *learned_route_find(const struct learning *l, const struct prefix *p)
{
	uint32_t hash = prefix_hash(l->routes.seed, p);

	for (struct hash_node *h = hash_first(&l->routes, hash); h; h = hash_next(h, hash)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (prefix_equal(&r->prefix, p))
			return r;
	}
	return NULL;
}

struct learned_route *learned_route_make(struct node *n, const struct prefix *p)
{
	struct learned_route *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->prefix = *p;
	list_init(&r->in_group);
	if (hash_insert(&n->routing->learning->routes, &r->by_prefix,
			prefix_hash(n->routing->learning->routes.seed, p)) < 0) {
		free(r);
		return NULL;
	}
	return r;
}

/* Nobody tells it, and the kernel does not have it. */
void learned_route_free_if_idle(struct node *n, struct learned_route *r)
{
	if (r->told || r->slot.kind)
		return;
	hash_remove(&n->routing->learning->routes, &r->by_prefix);
	free(r);
}

/* By which group the kernel will have it when the effect that is on its way is done. */
void learned_route_send(struct learned_route *r, struct learned_group *sent)
{
	if (r->sent)
		r->sent->n_sent--;
	r->sent = sent;
	if (sent)
		sent->n_sent++;
}

void learned_route_hold(struct learned_route *r, struct learned_group *held)
{
	if (r->held)
		r->held->n_held--;
	r->held = held;
	if (held)
		held->n_held++;
}

/* By this group from now on; NULL: out of the kernel. */
void learned_route_move(struct node *n, struct learned_route *r, struct learned_group *to)
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
		slot_begin(&r->slot, SLOT_OF_LEARNED, OBJECT_LEARNED);
	slot_want(n, &r->slot, to != NULL);
	if (from && from->n_routes == 0)
		group_want(n, from, false);
}

/* In the order of the numbers, so that equal sets are equal. */
void learned_hops_insert(struct learned_hops *set, struct learned_hop *h)
{
	size_t at = set->n++;

	while (at > 0 && set->hops[at - 1]->id > h->id) {
		set->hops[at] = set->hops[at - 1];
		at--;
	}
	set->hops[at] = h;
}

/* The hops that the kernel takes; the reason when there are none. */
