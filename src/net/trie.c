/* SPDX-License-Identifier: Apache-2.0 */
#include "net/trie.h"

#include <errno.h>
#include <stdlib.h>

void trie_init(struct trie *t)
{
	*t = (struct trie){ 0 };
}

static struct trie_node **trie_root(const struct trie *t, const struct prefix *p)
{
	return (struct trie_node **)&t->root[p->address.family == FAMILY_IPV6];
}

/* Which child of a node with a prefix of `length` bits leads to `p`. */
static int trie_side(const struct prefix *p, uint8_t length)
{
	return address_bit(&p->address, length);
}

/* How many leading bits both prefixes share, at most the shorter length. */
static uint8_t trie_common(const struct prefix *a, const struct prefix *b)
{
	uint8_t limit = a->length < b->length ? a->length : b->length;
	uint8_t i = 0;

	while (i + 8 <= limit && a->address.bytes[i / 8] == b->address.bytes[i / 8])
		i = (uint8_t)(i + 8);
	while (i < limit && address_bit(&a->address, i) == address_bit(&b->address, i))
		i++;
	return i;
}

/* Where the pointer to `n` stands. */
static struct trie_node **trie_link(struct trie *t, struct trie_node *n)
{
	if (!n->parent)
		return trie_root(t, &n->prefix);
	return &n->parent->child[n->parent->child[1] == n];
}

static struct trie_node *trie_next(const struct trie_node *n)
{
	if (n->child[0])
		return n->child[0];
	if (n->child[1])
		return n->child[1];
	while (n->parent && (n->parent->child[1] == n || !n->parent->child[1]))
		n = n->parent;
	return n->parent ? n->parent->child[1] : NULL;
}

void trie_done(struct trie *t)
{
	for (size_t i = 0; i < 2; i++) {
		struct trie_node *n = t->root[i];

		while (n) {
			struct trie_node *down = n->child[0] ? n->child[0] : n->child[1];
			struct trie_node *parent = n->parent;

			if (down) {
				n = down;
				continue;
			}
			if (parent)
				parent->child[parent->child[1] == n] = NULL;
			free(n);
			n = parent;
		}
	}
	trie_init(t);
}

static void trie_attach(struct trie_node **at, struct trie_node *parent, struct trie_node *n)
{
	*at = n;
	n->parent = parent;
}

static struct trie_node *trie_node_new(const struct prefix *p, void *value)
{
	struct trie_node *n = calloc(1, sizeof(*n));

	if (n) {
		n->prefix = *p;
		n->value = value;
	}
	return n;
}

/* Puts a node where `n` stands, with an inner node above both where neither covers the other. */
static int trie_split(struct trie *t, struct trie_node *n, uint8_t common, struct trie_node *node)
{
	struct trie_node **at = trie_link(t, n), *parent = n->parent, *top = node;

	if (common < node->prefix.length) {
		struct prefix p = prefix_make(&node->prefix.address, common);

		top = trie_node_new(&p, NULL);
		if (!top)
			return -ENOMEM;
		trie_attach(&top->child[trie_side(&node->prefix, common)], top, node);
	}
	trie_attach(at, parent, top);
	trie_attach(&top->child[trie_side(&n->prefix, common)], top, n);
	return 0;
}

int trie_insert(struct trie *t, const struct prefix *p, void *value)
{
	struct trie_node **at = trie_root(t, p), *parent = NULL, *n, *node;
	uint8_t common = 0;

	for (; (n = *at); parent = n, at = &n->child[trie_side(p, n->prefix.length)]) {
		common = trie_common(&n->prefix, p);
		if (common < n->prefix.length || n->prefix.length == p->length)
			break;
	}
	if (n && n->prefix.length == p->length && common == p->length) {
		if (n->value)
			return -EEXIST;
		n->value = value;
		t->count++;
		return 0;
	}
	node = trie_node_new(p, value);
	if (!node)
		return -ENOMEM;
	if (!n) {
		trie_attach(at, parent, node);
	} else if (trie_split(t, n, common, node) < 0) {
		free(node);
		return -ENOMEM;
	}
	t->count++;
	return 0;
}

/* Frees nodes without a value that no longer part two branches, from `n` upwards. */
static void trie_prune(struct trie *t, struct trie_node *n)
{
	while (n && !n->value && !(n->child[0] && n->child[1])) {
		struct trie_node *child = n->child[0] ? n->child[0] : n->child[1];
		struct trie_node *parent = n->parent;

		*trie_link(t, n) = child;
		if (child)
			child->parent = parent;
		free(n);
		n = parent;
	}
}

void trie_remove(struct trie *t, struct trie_node *node)
{
	node->value = NULL;
	t->count--;
	trie_prune(t, node);
}

struct trie_node *trie_match(const struct trie *t, const struct prefix *p)
{
	struct trie_node *n = *trie_root(t, p), *best = NULL;

	while (n && prefix_covers(&n->prefix, p)) {
		if (n->value)
			best = n;
		if (n->prefix.length == p->length)
			break;
		n = n->child[trie_side(p, n->prefix.length)];
	}
	return best;
}

struct trie_node *trie_find(const struct trie *t, const struct prefix *p)
{
	struct trie_node *n = trie_match(t, p);

	return n && n->prefix.length == p->length ? n : NULL;
}

struct trie_node *trie_within(const struct trie *t, const struct prefix *p)
{
	struct trie_node *n = *trie_root(t, p);

	while (n && n->prefix.length < p->length && prefix_covers(&n->prefix, p))
		n = n->child[trie_side(p, n->prefix.length)];
	if (!n || !prefix_covers(p, &n->prefix))
		return NULL;
	while (!n->value)
		n = n->child[0];
	return n;
}

struct trie_node *trie_walk(const struct trie *t, const struct trie_node *after)
{
	struct trie_node *n = after ? trie_next(after) : t->root[0];

	if (!n && (!after || after->prefix.address.family == FAMILY_IPV4))
		n = t->root[1];
	while (n && !n->value)
		n = n->child[0];
	return n;
}
