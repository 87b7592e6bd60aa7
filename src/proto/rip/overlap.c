/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which announcements of others overlap with a network of ours: asked for thousands of networks at
 * once, so that what is heard is put in order first, and each question then costs a few steps.
 */
#include <stdlib.h>

#include "net/trie.h"
#include "proto/rip/instance.h"

struct rip_overlaps {
	struct trie heard; /* of the struct heard with the lowest metric for each prefix */
};

/* Which of two that announce the same prefix is told of. */
static const struct heard *better(const struct heard *a, const struct heard *b)
{
	if (!a || b->metric < a->metric)
		return b;
	return a;
}

static int overlaps_add(struct trie *t, const struct heard *h)
{
	struct trie_node *there = trie_find(t, &h->prefix);

	if (!there)
		return trie_insert(t, &h->prefix, (void *)h);
	there->value = (void *)better(there->value, h);
	return 0;
}

struct rip_overlaps *rip_overlaps_new(const struct rip *r, struct instant now)
{
	struct rip_overlaps *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	trie_init(&o->heard);
	for (struct hash_node *n = hash_walk(&r->heard, NULL); n; n = hash_walk(&r->heard, n)) {
		const struct heard *h = container_of(n, struct heard, by_prefix);

		if (h->prefix.length == 0 || !heard_is_current(r, h, now))
			continue;
		if (overlaps_add(&o->heard, h) < 0) {
			rip_overlaps_free(o);
			return NULL;
		}
	}
	return o;
}

void rip_overlaps_free(struct rip_overlaps *o)
{
	if (!o)
		return;
	trie_done(&o->heard);
	free(o);
}

/* The first that lies inside and is smaller. */
static const struct trie_node *inside(const struct trie *t, const struct prefix *p)
{
	const struct trie_node *n = trie_within(t, p);

	if (n && n->prefix.length == p->length)
		n = trie_walk(t, n);
	return n && prefix_covers(p, &n->prefix) ? n : NULL;
}

/* The smallest that covers it and is larger. */
static const struct trie_node *around(const struct trie *t, const struct prefix *p)
{
	const struct trie_node *n = trie_match(t, p);

	if (n && n->prefix.length == p->length)
		n = n->parent;
	while (n && !n->value)
		n = n->parent;
	return n;
}

bool rip_overlaps_find(const struct rip_overlaps *o, const struct prefix *prefix,
		       struct prefix *ret_other, struct route_heard *ret)
{
	const struct trie_node *n = inside(&o->heard, prefix);

	if (!n)
		n = around(&o->heard, prefix);
	if (!n)
		return false;
	*ret_other = n->prefix;
	*ret = heard_as(n->value);
	return true;
}
