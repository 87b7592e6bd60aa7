/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be learned. A *lesson* is a prefix of which at least one announcement passes a filter.
 * It is made with the first of them, so that a change can always be noted: when the memory for it
 * is not there, the announcement is not learned. What may have changed waits in a list, each prefix
 * once, until rip_learned() works it out; so a neighbour that takes a prefix back and forth while
 * nobody looks costs nothing more.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/rip/instance.h"

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

/* Announcements that have timed out one by one are looked for so often. */
void lesson_sweep_later(struct rip *r, struct instant now)
{
	struct duration step = { r->settings.timeout.ns / 6 };

	(void)timer_set(&r->timers, &r->sweep, instant_add(now, step));
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
		lesson_sweep_later(r, now);
	return l;
}

static void lesson_free(struct rip *r, struct lesson *l)
{
	hash_remove(&r->lessons, &l->by_prefix);
	list_remove(&l->changed);
	free(l);
}

void lessons_free(struct rip *r)
{
	for (struct hash_node *n; (n = hash_walk(&r->lessons, NULL));)
		lesson_free(r, container_of(n, struct lesson, by_prefix));
	hash_done(&r->lessons);
}

bool lesson_is_wanted(const struct rip_interface *i, const struct prefix *p)
{
	return route_filter_wants(&i->learn, p);
}

void lesson_release(struct rip *r, struct heard *h)
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
static void lesson_review(struct rip *r, struct instant now, struct heard *h)
{
	struct rip_neighbor *n = h->neighbor;

	if (!address_is_set(&h->next_hop) || !lesson_is_wanted(n->interface, &h->prefix)) {
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

void lesson_heard(struct rip *r, struct instant now, struct heard *h, bool differs)
{
	lesson_review(r, now, h);
	if (differs && h->lesson)
		lesson_changed(r, h->lesson);
}

void lesson_prefix_changed(struct rip *r, const struct prefix *p)
{
	struct lesson *l = lesson_find(r, p);

	if (l)
		lesson_changed(r, l);
}

/* What `other` says may change with what `n` is. */
static void lesson_look_again(struct rip *r, const struct rip_neighbor *other,
			      const struct rip_neighbor *n)
{
	list_each_entry(struct heard, h, &other->others, link) {
		/* Others may name it as the next hop of their routes. */
		if (h->lesson && (other == n || address_equal(&h->next_hop, &n->address)))
			lesson_changed(r, h->lesson);
	}
}

void lesson_neighbor_changed(struct rip *r, const struct rip_neighbor *n)
{
	for (struct rip_interface *at = NULL; (at = interface_each(n->interface, at));)
		list_each(link, &at->neighbors)
			lesson_look_again(r, container_of(link, struct rip_neighbor, link), n);
}

void lesson_cost_changed(struct rip *r, const struct rip_interface *i)
{
	list_each(link, &i->neighbors)
		list_each_entry(struct heard, h,
				&container_of(link, struct rip_neighbor, link)->others, link)
			if (h->lesson)
				lesson_changed(r, h->lesson);
}

static void interface_learn(struct rip *r, struct instant now, struct rip_interface *i,
			    const struct route_filter *learn)
{
	i->learn = *learn;
	list_each(link, &i->neighbors)
		list_each(each, &container_of(link, struct rip_neighbor, link)->others)
			lesson_review(r, now, container_of(each, struct heard, link));
}

int rip_learn(struct rip *r, struct instant now, uint32_t index, const struct route_filter *learn)
{
	struct rip_interface *i = interface_find(r, index), *at = NULL;

	if (!i)
		return -ENOENT;
	if (route_filter_equal(&i->learn, learn))
		return 0;
	while ((at = interface_each(i, at)))
		interface_learn(r, now, at, learn);
	return 0;
}

void rip_learn_again(struct rip *r)
{
	for (struct hash_node *n = hash_walk(&r->lessons, NULL); n; n = hash_walk(&r->lessons, n))
		lesson_changed(r, container_of(n, struct lesson, by_prefix));
}

bool lesson_take(struct rip *r, struct prefix *ret)
{
	struct lesson *l;

	if (list_empty(&r->changed))
		return false;
	l = container_of(r->changed.next, struct lesson, changed);
	list_remove(&l->changed);
	*ret = l->prefix;
	if (l->n_heard == 0)
		lesson_free(r, l);
	return true;
}
