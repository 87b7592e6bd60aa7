/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What neighbours announce that does not come from us: the routes of the network, and the prefixes
 * of other servers. It is kept so that at the moment in which a prefix becomes ours it is known
 * whether somebody else has it already; a neighbour that switches to us at once would never say so
 * again.
 *
 * Our own echo is never kept. While a prefix of ours is being forgotten, an announcement of it
 * without a tag may be our own, on its way through the network; only one with another's tag counts.
 */
#include <stdlib.h>

#include "proto/rip/instance.h"

/* One who says something for longer than this has said it more than once. */
#define HEARD_MOMENT DURATION_S(1)

struct heard *heard_next(const struct rip *r, const struct prefix *p, struct heard *after)
{
	uint32_t hash = prefix_hash(r->heard.seed, p);
	struct hash_node *n =
		after ? hash_next(&after->by_prefix, hash) : hash_first(&r->heard, hash);

	for (; n; n = hash_next(n, hash)) {
		struct heard *h = container_of(n, struct heard, by_prefix);

		if (prefix_equal(&h->prefix, p))
			return h;
	}
	return NULL;
}

static struct heard *heard_find(const struct rip *r, const struct prefix *p,
				const struct rip_neighbor *n)
{
	struct heard *h = heard_next(r, p, NULL);

	while (h && h->neighbor != n)
		h = heard_next(r, p, h);
	return h;
}

static void heard_free(struct rip *r, struct heard *h)
{
	lesson_release(r, h);
	hash_remove(&r->heard, &h->by_prefix);
	list_remove(&h->link);
	h->neighbor->n_others--;
	free(h);
}

/* The neighbour that has the most to say that nobody uses. */
static struct rip_neighbor *most_talkative(const struct rip *r)
{
	struct rip_neighbor *most = NULL;

	list_each(link, &r->interfaces)
		list_each_entry(struct rip_neighbor, n,
				&container_of(link, struct rip_interface, link)->neighbors, link)
			if (!most || n->n_others - n->learned > most->n_others - most->learned)
				most = n;
	return most;
}

/*
 * The table is full. What is learned keeps its place. Of the rest somebody loses his last one: for
 * what may be learned, the one who has the most, and else only when he has more than this one; so
 * that nobody, however many networks he invents, takes the place of a router.
 */
static bool heard_make_room(struct rip *r, const struct rip_neighbor *n, bool wanted)
{
	struct rip_neighbor *most = most_talkative(r);

	if (!most || most->n_others <= most->learned)
		return false;
	if (!wanted && most->n_others - most->learned <= n->n_others - n->learned + 1)
		return false;
	for (struct list *link = most->others.prev; link != &most->others; link = link->prev) {
		struct heard *h = container_of(link, struct heard, link);

		if (h->lesson)
			continue;
		most->drops[RIP_DROP_TABLE_FULL]++;
		heard_free(r, h);
		return true;
	}
	return false;
}

static bool heard_has_room(struct rip *r, const struct rip_neighbor *n, const struct prefix *p)
{
	bool wanted = lesson_is_wanted(n->interface, p) || route_find(r, p);

	if (r->heard.count < RIP_HEARD_MAX || heard_make_room(r, n, wanted))
		return true;
	/* There are no more of these than neighbours. */
	return wanted && p->length == 0;
}

static struct heard *heard_make(struct rip *r, struct instant now, struct rip_neighbor *n,
				const struct prefix *p)
{
	struct heard *h = heard_has_room(r, n, p) ? calloc(1, sizeof(*h)) : NULL;

	if (!h || hash_insert(&r->heard, &h->by_prefix, prefix_hash(r->heard.seed, p)) < 0) {
		n->drops[RIP_DROP_TABLE_FULL]++;
		free(h);
		return NULL;
	}
	h->neighbor = n;
	h->prefix = *p;
	h->first = now;
	list_append(&n->others, &h->link);
	n->n_others++;
	return h;
}

bool heard_is_current(const struct rip *r, const struct heard *h, struct instant now)
{
	return instant_before(now, instant_add(h->last, r->settings.timeout));
}

void heard_note(struct rip *r, struct instant now, struct rip_neighbor *n, const struct prefix *p,
		const struct rip_entry *e, const struct address *next_hop)
{
	const struct rip_route *t = route_find(r, p);
	struct heard *h = heard_find(r, p, n);
	bool differs, echo = r->settings.tag != 0 && e->tag == r->settings.tag;

	if (t && !echo)
		echo = t->withdrawn ? e->tag == 0
				    : !rival_is_foreign(r, t, e->tag, (uint8_t)e->metric);
	if (e->metric >= RIP_INFINITY || echo) {
		if (h)
			heard_free(r, h);
		return;
	}
	if (!h)
		h = heard_make(r, now, n, p);
	if (!h)
		return;
	differs = h->metric != e->metric || !address_equal(&h->next_hop, next_hop);
	if (!differs)
		update_restates(n, now, h->changed);
	else
		h->changed = now;
	h->again |= instant_reached(instant_add(h->first, HEARD_MOMENT), now);
	h->metric = (uint8_t)e->metric;
	h->tag = e->tag;
	h->next_hop = *next_hop;
	h->last = now;
	lesson_heard(r, now, h, differs);
}

void heard_forget(struct rip *r, const struct rip_neighbor *n, const struct prefix *p)
{
	struct heard *h = heard_find(r, p, n);

	if (h)
		heard_free(r, h);
}

void heard_becomes_ours(struct rip *r, struct instant now, const struct prefix *p)
{
	lesson_prefix_changed(r, p);
	for (struct heard *h = NULL; (h = heard_next(r, p, h));)
		if (heard_is_current(r, h, now))
			rival_heard(r, now, h->neighbor, p, h->metric, h->again);
}

/*
 * What was said only once counts until it would have been said again: it is no longer an offer
 * then, it was one packet that anybody could have sent.
 */
static bool heard_is_offer(const struct rip *r, const struct heard *h, struct instant now)
{
	return h->again ? heard_is_current(r, h, now)
			: instant_before(now, instant_add(h->first, r->settings.update));
}

bool heard_is_outbid(const struct rip *r, struct instant now, const struct prefix *p,
		     const struct rip_neighbor *n, uint8_t metric, bool sure)
{
	for (struct heard *h = NULL; (h = heard_next(r, p, h));)
		if (h->neighbor != n && h->neighbor->interface->index == n->interface->index &&
		    h->metric <= metric && (h->again || !sure) && heard_is_offer(r, h, now))
			return true;
	return false;
}

void heard_drop(struct rip *r, struct rip_neighbor *n)
{
	list_each_safe(link, &n->others)
		heard_free(r, container_of(link, struct heard, link));
}

void heard_sweep(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	list_each_entry_safe(struct heard, h, &n->others, link)
		if (!heard_is_current(r, h, now))
			heard_free(r, h);
}

struct route_heard heard_as(const struct heard *h)
{
	return (struct route_heard){
		.interface = h->neighbor->interface->index,
		.neighbor = h->neighbor->address,
		.metric = h->metric,
		.sure = h->again,
	};
}

bool rip_heard(const struct rip *r, struct instant now, const struct prefix *prefix,
	       struct route_heard *ret)
{
	const struct heard *best = NULL;

	for (struct heard *h = NULL; (h = heard_next(r, prefix, h));)
		if (heard_is_current(r, h, now) && (!best || h->metric < best->metric))
			best = h;
	if (!best)
		return false;
	*ret = heard_as(best);
	return true;
}
