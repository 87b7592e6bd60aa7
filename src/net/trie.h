/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prefix trie: a binary radix tree with skipped levels, one root a family. It answers what covers
 * an address (longest match), what lies inside a network, and what is exactly there. The nodes are
 * the trie's; each holds its owner's value, and the inner nodes where two branches part hold NULL.
 */
#ifndef NET_TRIE_H
#define NET_TRIE_H

#include <stddef.h>

#include "net/prefix.h"

struct trie_node {
	struct prefix prefix;
	struct trie_node *parent, *child[2];
	void *value; /* NULL: an inner node */
};

struct trie {
	struct trie_node *root[2]; /* IPv4, IPv6 */
	size_t count;		   /* values */
};

void trie_init(struct trie *t);

/* Frees the nodes; the values are left to their owner. */
void trie_done(struct trie *t);

/* Puts a value, not NULL, at the prefix. 0; -EEXIST when there is one already; -ENOMEM. */
int trie_insert(struct trie *t, const struct prefix *p, void *value);

/* Takes the value of the node out; the node is gone after that, and all pointers to it. */
void trie_remove(struct trie *t, struct trie_node *node);

/* The node with exactly this prefix, or NULL. */
struct trie_node *trie_find(const struct trie *t, const struct prefix *p);

/*
 * The node with the longest prefix that covers `p`, which may be `p` itself; NULL when there is
 * none.
 */
struct trie_node *trie_match(const struct trie *t, const struct prefix *p);

/* The first node inside `p` or equal to it; NULL when there is none. */
struct trie_node *trie_within(const struct trie *t, const struct prefix *p);

/* Walks all values in the order of prefix_compare; NULL starts and ends. */
struct trie_node *trie_walk(const struct trie *t, const struct trie_node *after);

#endif
