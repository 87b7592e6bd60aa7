/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned routes as the reconciler sees them: which object a slot stands for, what the kernel has
 * in it, when it may come and when it may go. learned.c is the overview.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "node/route/learned.h"

/* The kernel has taken the group away, and its routes with it. */
static void group_fell(struct node *n, struct learned_group *g)
{
	struct learning *l = n->routing->learning;

	for (struct hash_node *h = hash_walk(&l->routes, NULL); g->n_held > 0 && h;
	     h = hash_walk(&l->routes, h)) {
		struct learned_route *r = container_of(h, struct learned_route, by_prefix);

		if (r->held != g)
			continue;
		learned_route_hold(r, NULL);
		slot_lost(n, &r->slot);
	}
	learned_group_hold(g, &(struct learned_hops){ 0 });
	slot_lost(n, &g->slot);
}

/* The kernel has taken the hop out of its groups. */
void learned_hop_fell(struct node *n, struct learned_hop *h)
{
	struct learning *l = n->routing->learning;

	for (size_t k = 0; k < l->groups_end; k++) {
		struct learned_group *g = l->groups[k];
		struct learned_hops rest;

		if (!g)
			continue;
		/* What is on its way either was before, or will be refused. */
		learned_hops_drop(&g->sent, h);
		if (!learned_hops_have(&g->held, h))
			continue;
		rest = g->held;
		learned_hops_drop(&rest, h);
		if (rest.n == 0) {
			group_fell(n, g);
		} else {
			learned_group_hold(g, &rest);
			slot_dirty(n, &g->slot);
		}
	}
	slot_lost(n, &h->slot);
}

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
	const struct route_path path = { o->interface, o->address };
	struct learned_hop *h = hop_by_id(n->routing->learning, o->id);

	if (!h && make && o->id - LEARNED_HOP_ID < LEARNED_HOPS_MAX)
		h = learned_hop_make(n, o->id - LEARNED_HOP_ID, &path);
	return h ? &h->slot : NULL;
}

static struct slot *group_slot(struct node *n, const struct object *o, bool make)
{
	struct learned_group *g = group_by_id(n->routing->learning, o->id);

	if (!g && make && o->id - LEARNED_GROUP_ID < LEARNED_GROUPS_MAX)
		g = learned_group_make(n, o->id - LEARNED_GROUP_ID);
	return g ? &g->slot : NULL;
}

static struct slot *route_slot(struct node *n, const struct object *o, bool make)
{
	struct prefix p = prefix_make(&o->address, o->length);
	struct learned_route *r = learned_route_find(n->routing->learning, &p);

	if (!r && make)
		r = learned_route_make(n, &p);
	if (r && !r->slot.kind && make)
		slot_begin(&r->slot, SLOT_OF_LEARNED, OBJECT_LEARNED);
	return r && r->slot.kind ? &r->slot : NULL;
}

static struct slot *learned_slot(struct node *n, const struct object *o, bool make)
{
	switch (o->kind) {
	case OBJECT_NEXTHOP:
		return hop_slot(n, o, make);
	case OBJECT_GROUP:
		return group_slot(n, o, make);
	case OBJECT_LEARNED:
		return route_slot(n, o, make);
	default:
		return NULL;
	}
}

static struct object group_object(const struct learned_group *g)
{
	struct object o = { .kind = OBJECT_GROUP, .id = g->id, .n_members = g->wanted.n };

	for (size_t k = 0; k < g->wanted.n; k++)
		o.members[k] = g->wanted.hops[k]->id;
	return o;
}

static struct object learned_object(struct slot *s)
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

static bool learned_differs(struct slot *s)
{
	switch (s->kind) {
	case OBJECT_GROUP:
		return s->wanted && !learned_hops_equal(&learned_group_of(s)->held,
							&learned_group_of(s)->wanted);
	case OBJECT_LEARNED:
		return s->wanted && learned_route_of(s)->held != learned_route_of(s)->group;
	default:
		return false;
	}
}

/* What the kernel has in an object that is there. */
static void learned_observed(struct node *n, struct slot *s, const struct object *o)
{
	struct learned_hops held = { 0 };
	struct learned_group *g;

	switch (s->kind) {
	case OBJECT_GROUP:
		g = learned_group_of(s);
		for (size_t k = 0; k < o->n_members; k++) {
			struct learned_hop *h = hop_by_id(n->routing->learning, o->members[k]);

			if (h && !learned_hops_have(&held, h))
				learned_hops_insert(&held, h);
		}
		learned_group_hold(g, &held);
		/* That of an earlier life: who wants a group like that takes it over. */
		if (!s->wanted)
			g->wanted = held;
		break;
	case OBJECT_LEARNED:
		learned_route_hold(learned_route_of(s), group_by_id(n->routing->learning, o->id));
		break;
	default:
		break;
	}
	if (learned_differs(s))
		slot_dirty(n, s);
}

static bool slot_stands(const struct slot *s)
{
	return s->pending ? !s->removing : s->present;
}

static bool learned_has_ground(const struct node *n, struct slot *s)
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

		if (rule && rule->learn.mode != ROUTE_FILTER_OFF)
			return true;
	}
	return false;
}

static bool learned_keeps(const struct node *n, struct slot *s)
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
		return instant_before(n->now, n->routing->learning->keep) &&
		       route_may_return(n, learned_route_of(s));
	}
}

static void learned_sending(struct slot *s)
{
	if (s->kind == OBJECT_GROUP)
		learned_group_of(s)->sent = learned_group_of(s)->wanted;
	else if (s->kind == OBJECT_LEARNED)
		learned_route_send(learned_route_of(s), learned_route_of(s)->group);
}

static void hop_came(struct node *n, struct learned_hop *h)
{
	if (h->refused) {
		h->refused = false;
		learned_look_again(n);
	}
	for (size_t k = 0; k < n->routing->learning->groups_end; k++) {
		struct learned_group *g = n->routing->learning->groups[k];

		if (g && g->slot.wanted && learned_hops_have(&g->wanted, h) &&
		    (!g->slot.present || learned_differs(&g->slot)))
			slot_want(n, &g->slot, true);
	}
}

static void group_came(struct node *n, struct learned_group *g)
{
	list_each_entry(struct learned_route, r, &g->routes, in_group)
		if (!r->slot.pending && (!r->slot.present || learned_differs(&r->slot)))
			slot_want(n, &r->slot, true);
}

static void learned_done(struct node *n, struct slot *s)
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
		learned_group_hold(g, s->removing ? &(struct learned_hops){ 0 } : &g->sent);
		if (!s->removing)
			group_came(n, g);
		/* Hops that wait to go. */
		for (size_t k = 0; k < n->routing->learning->hops_end; k++)
			if (n->routing->learning->hops[k] &&
			    !n->routing->learning->hops[k]->slot.wanted)
				slot_dirty(n, &n->routing->learning->hops[k]->slot);
		break;
	default:
		r = learned_route_of(s);
		g = r->held;
		r->error[0] = '\0';
		learned_route_hold(r, s->removing ? NULL : r->sent);
		learned_route_send(r, NULL);
		if (g && g->n_held == 0 && !g->slot.wanted)
			slot_dirty(n, &g->slot);
		break;
	}
}

static bool learned_refused(struct node *n, struct slot *s, int error, const char *text)
{
	struct learning *l = n->routing->learning;

	if (s->kind == OBJECT_NEXTHOP && s->wanted) {
		/* Its link went in the meantime. */
		if (!learned_has_ground(n, s))
			return true;
		learned_hop_of(s)->refused = true;
		learned_look_again(n);
	}
	if (s->kind != OBJECT_LEARNED)
		return false;
	learned_route_send(learned_route_of(s), NULL);
	if (error == -EEXIST) {
		/* Perhaps it is ours after all. */
		n->resyncing |= slot_failures(n, s) == 1;
		text = "there is another route to it with the same metric";
	}
	text_copy(learned_route_of(s)->error, sizeof(learned_route_of(s)->error), text);
	if (slot_failures(n, s) > 1)
		return true;
	l->n_refused++;
	l->refused = learned_route_of(s)->prefix;
	text_copy(l->refusal, sizeof(l->refusal), text);
	return true;
}

static bool learned_vanished(struct node *n, struct slot *s)
{
	switch (s->kind) {
	case OBJECT_NEXTHOP:
		learned_hop_fell(n, learned_hop_of(s));
		return false;
	case OBJECT_GROUP:
		group_fell(n, learned_group_of(s));
		return false;
	default:
		learned_route_hold(learned_route_of(s), NULL);
		n->routing->learning->n_repaired += s->wanted && !s->pending;
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
			learned_route_send(r, NULL);
		if (r->held == g)
			learned_route_hold(r, NULL);
	}
}

static void learned_closed(struct node *n, struct slot *s, uint8_t kind)
{
	struct learning *l = n->routing->learning;
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
			learned_hops_drop(&l->groups[k]->wanted, h);
			learned_hops_drop(&l->groups[k]->held, h);
			learned_hops_drop(&l->groups[k]->sent, h);
		}
		l->hops[h->id - LEARNED_HOP_ID] = NULL;
		free(h);
		break;
	case OBJECT_GROUP:
		g = learned_group_of(s);
		learned_group_hold(g, &(struct learned_hops){ 0 });
		group_forget(l, g);
		l->groups[g->id - LEARNED_GROUP_ID] = NULL;
		free(g);
		break;
	default:
		learned_route_hold(learned_route_of(s), NULL);
		learned_route_send(learned_route_of(s), NULL);
		learned_route_free_if_idle(n, learned_route_of(s));
		break;
	}
}

static void learned_each(struct node *n, const struct board *board, slot_visit *visit)
{
	struct learning *l = n->routing->learning;

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

const struct slot_owner learned_slots = {
	.object = learned_object,
	.find = learned_slot,
	.each = learned_each,
	.has_ground = learned_has_ground,
	.keeps = learned_keeps,
	.differs = learned_differs,
	.sending = learned_sending,
	.seen = learned_observed,
	.done = learned_done,
	.vanished = learned_vanished,
	.refused = learned_refused,
	.closed = learned_closed,
};
