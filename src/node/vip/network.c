/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routing information base of what is our own: virtual networks, each with the VIPs that stand
 * behind it. A network is announced while at least one of them is there. The part of a network that
 * no VIP uses gets an `unreachable` route, or a packet for it would travel between us and the
 * router until its TTL ends.
 *
 * Where RIP-1 cannot carry a network, the host routes of its VIPs stand for it, so each VIP in a
 * network of more than one address announces both.
 */
#include <stdlib.h>

#include "node/vip/vip.h"

static struct binding *member_binding(struct list *member)
{
	return container_of(member, struct binding_rare, member)->binding;
}

struct network *network_find(const struct node *n, const struct prefix *p)
{
	uint32_t hash = prefix_hash(n->vips->by_prefix.seed, p);

	for (struct hash_node *h = hash_first(&n->vips->by_prefix, hash); h;
	     h = hash_next(h, hash)) {
		struct network *w = container_of(h, struct network, by_prefix);

		if (prefix_equal(&w->prefix, p))
			return w;
	}
	return NULL;
}

static struct network *network_get(struct node *n, const struct prefix *p)
{
	struct network *w = network_find(n, p);

	if (w)
		return w;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->prefix = *p;
	list_init(&w->members);
	if (hash_insert(&n->vips->by_prefix, &w->by_prefix,
			prefix_hash(n->vips->by_prefix.seed, p)) < 0) {
		free(w);
		return NULL;
	}
	return w;
}

void network_free(struct node *n, struct network *w)
{
	hash_remove(&n->vips->by_prefix, &w->by_prefix);
	free(w);
}

uint32_t binding_metric(const struct binding *b)
{
	return binding_spoken(b) ? binding_spoken(b) : b->metric;
}

/* The lowest metric of its VIPs; 0 where they leave it to the speaker. */
static uint32_t network_metric(const struct node *n, const struct network *w)
{
	uint32_t usual, lowest = UINT32_MAX;

	/* Most often none has one, and a network may have very many members. */
	if (w->with_metric == 0)
		return 0;
	usual = speakers_pace(n, (enum family)w->prefix.address.family).metric;
	list_each(link, &w->members) {
		const struct binding *b = member_binding(link);
		uint32_t metric = binding_metric(b);

		if (!metric)
			metric = usual;
		if (metric < lowest)
			lowest = metric;
	}
	return lowest == usual ? 0 : lowest;
}

static void network_keep_unreachable(struct node *n, const struct prefix *p, bool wanted)
{
	struct slot *s =
		wanted ? slot_get_stray(n, NULL, OBJECT_UNREACHABLE, &p->address, p->length)
		       : slot_find(n, NULL, OBJECT_UNREACHABLE, &p->address, p->length);

	if (s)
		slot_want(n, s, wanted);
	learned_look_again(n);
}

static void network_announce(struct node *n, struct binding *b)
{
	struct prefix host = prefix_host(&b->address);
	struct network *w = binding_in_network(b);

	if (!w) {
		speakers_announce(n, &host, NULL, binding_metric(b));
		return;
	}
	speakers_announce(n, &w->prefix, NULL, network_metric(n, w));
	speakers_announce(n, &host, &w->prefix, network_metric(n, w));
}

void network_join(struct node *n, struct binding *b)
{
	struct prefix p = binding_network(b);

	b->announced = true;
	if (!prefix_is_host(&p)) {
		struct network *w = binding_rare(b) ? network_get(n, &p) : NULL;

		if (!w)
			return;
		if (list_empty(&w->members))
			network_keep_unreachable(n, &p, true);
		list_append(&w->members, &b->rare->member);
		w->with_metric += binding_metric(b) != 0;
		b->rare->network = w;
	}
	network_announce(n, b);
	proving_changed(n, b);
}

void network_refresh(struct node *n, struct binding *b)
{
	if (b->announced)
		network_announce(n, b);
}

void network_refresh_all(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		network_refresh(n, b);
}

void network_speak(struct node *n, struct binding *b, uint32_t metric)
{
	struct network *w = binding_in_network(b);
	bool had = binding_metric(b) != 0;

	if (binding_spoken(b) == metric || !binding_rare(b))
		return;
	b->rare->spoken = metric;
	if (w)
		w->with_metric += (binding_metric(b) != 0) - had;
	save_vip(n, b);
	network_refresh(n, b);
}

bool network_leave(struct node *n, struct binding *b)
{
	struct prefix host = prefix_host(&b->address);
	struct network *w = binding_in_network(b);
	bool told;

	if (!b->announced)
		return false;
	b->announced = false;
	proving_changed(n, b);
	told = speakers_withdraw(n, &host);
	if (!w)
		return told;
	b->rare->network = NULL;
	list_remove(&b->rare->member);
	w->with_metric -= binding_metric(b) != 0;
	if (!list_empty(&w->members))
		network_announce(n, member_binding(w->members.next));
	else if (!speakers_withdraw(n, &w->prefix))
		network_withdrawn(n, &w->prefix);
	return told;
}

void network_withdrawn(struct node *n, const struct prefix *p)
{
	struct network *w = network_find(n, p);

	if (!w || !list_empty(&w->members))
		return;
	network_keep_unreachable(n, p, false);
	network_free(n, w);
}

struct binding *network_next(const struct node *n, const struct prefix *p,
			     const struct binding *after)
{
	struct network *w;
	struct binding *b;
	struct list *next;

	if (prefix_is_host(p)) {
		b = after ? NULL : binding_find(n, &p->address);
		return b && b->announced ? b : NULL;
	}
	w = network_find(n, p);
	next = !w ? NULL : after ? after->rare->member.next : w->members.next;
	return !next || next == &w->members ? NULL : member_binding(next);
}
