/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table whose nodes live inside the members, chained, growing by doubling. The member's
 * owner says how a key is hashed (hash_bytes) and compares keys itself while it walks a chain:
 *
 *	for (struct hash_node *n = hash_first(&t, h); n; n = hash_next(n, h))
 *		if (same key) ...
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_node {
	struct hash_node *next;
	uint32_t hash;
};

struct hash {
	struct hash_node **buckets;
	size_t n_buckets; /* a power of two, or 0 before the first insertion */
	size_t count;
};

void hash_init(struct hash *t);

/* Frees the buckets; the members belong to somebody else. */
void hash_done(struct hash *t);

/*
 * Makes the table fit for `count` nodes at once. It is no error when there is no memory for that.
 */
void hash_reserve(struct hash *t, size_t count);

/*
 * 0, or -ENOMEM when the very first buckets cannot be had. A failed growth is no error: chains get
 * longer.
 */
int hash_insert(struct hash *t, struct hash_node *node, uint32_t hash);

/* The node must be in the table. */
void hash_remove(struct hash *t, struct hash_node *node);

/* The first and the following nodes with exactly this hash; NULL at the end. */
struct hash_node *hash_first(const struct hash *t, uint32_t hash);
struct hash_node *hash_next(const struct hash_node *node, uint32_t hash);

/*
 * Walks all nodes in no useful order; NULL starts and ends. The current node must not be removed
 * while walking.
 */
struct hash_node *hash_walk(const struct hash *t, const struct hash_node *after);

/* FNV-1a with a final mix; `seed` chains several fields. */
uint32_t hash_bytes(uint32_t seed, const void *bytes, size_t length);

#endif
