/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routing information base of what is our own: virtual networks, each with the VIPs that stand
 * behind it. A network is announced while at least one of them is there. The part of a network that no
 * VIP uses gets an `unreachable` route, or a packet for it would travel between us and the router until
 * its TTL ends.
 *
 * Where RIP-1 cannot carry a network, the host routes of its VIPs stand for it, so each VIP in a network
 * of more than one address announces both.
 */
#include <stdlib.h>

#include "node/instance.h"

struct network *network_find(const struct node *n, const struct prefix *p)
{
	uint32_t hash = prefix_hash(p);

	for (struct hash_node *h = hash_first(&n->by_prefix, hash); h; h = hash_next(h, hash)) {
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
	if (hash_insert(&n->by_prefix, &w->by_prefix, prefix_hash(p)) < 0) {
		free(w);
		return NULL;
	}
	return w;
}

void network_free(struct node *n, struct network *w)
{
	hash_remove(&n->by_prefix, &w->by_prefix);
	free(w);
}

/* The lowest metric of its VIPs; 0 where they leave it to the speaker. */
static uint8_t network_metric(const struct node *n, const struct network *w)
{
	uint8_t lowest = RIP_INFINITY;

	list_each(link, &w->members) {
		const struct binding *b = container_of(link, struct binding, member);
		uint8_t metric = b->settings.metric ? b->settings.metric : n->rip_settings.metric;

		if (metric < lowest)
			lowest = metric;
	}
	return lowest == n->rip_settings.metric ? 0 : lowest;
}

static void network_keep_unreachable(struct node *n, const struct network *w, bool wanted)
{
	struct slot *s;

	if (prefix_is_host(&w->prefix))
		return;
	s = slot_get(n, NULL, OBJECT_UNREACHABLE, &w->prefix.address, w->prefix.length);
	if (s)
		slot_want(n, s, wanted);
}

/* IPv4 only: RIP carries no IPv6, and the speaker that does is still to come. */
static void network_announce(struct node *n, struct network *w, struct binding *b)
{
	struct prefix host = prefix_host(&b->settings.address);

	if (w->prefix.address.family != FAMILY_IPV4 || !n->rip)
		return;
	w->metric = network_metric(n, w);
	(void)rip_announce(n->rip, n->now, &w->prefix, NULL, w->metric);
	if (!prefix_is_host(&w->prefix))
		(void)rip_announce(n->rip, n->now, &host, &w->prefix, w->metric);
}

void network_join(struct node *n, struct binding *b)
{
	struct prefix p = binding_network(b);
	struct network *w = network_get(n, &p);

	if (!w)
		return;
	if (list_empty(&w->members))
		network_keep_unreachable(n, w, true);
	list_append(&w->members, &b->member);
	b->network = w;
	network_announce(n, w, b);
}

void network_refresh(struct node *n, struct binding *b)
{
	if (b->network)
		network_announce(n, b->network, b);
}

bool network_leave(struct node *n, struct binding *b)
{
	struct prefix host = prefix_host(&b->settings.address);
	struct network *w = b->network;
	bool host_told = false, network_told = false;

	if (!w)
		return false;
	list_remove(&b->member);
	b->network = NULL;
	b->rivals = 0;
	if (n->rip && host.address.family == FAMILY_IPV4) {
		if (list_empty(&w->members))
			network_told = rip_withdraw(n->rip, n->now, &w->prefix) == 0;
		if (!prefix_is_host(&w->prefix))
			host_told = rip_withdraw(n->rip, n->now, &host) == 0;
	}
	if (list_empty(&w->members) && !network_told)
		network_withdrawn(n, w);
	return host_told || network_told;
}

void network_withdrawn(struct node *n, struct network *w)
{
	if (!list_empty(&w->members))
		return;
	network_keep_unreachable(n, w, false);
	network_free(n, w);
}
