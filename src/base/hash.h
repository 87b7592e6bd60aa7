/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table whose nodes live inside the members, chained, growing by doubling. The member's
 * owner says how a key is hashed (hash_bytes) and compares keys itself while it walks a chain:
 *
 *	for (struct hash_node *n = hash_first(&t, h); n; n = hash_next(n, h))
 *		if (same key) ...
 *
 * A table whose keys somebody else chooses (prefixes that neighbours announce) is given a seed that
 * nobody else knows, and its keys are hashed with that (hash_keyed); else keys could be chosen that
 * share one chain. The seed comes from the owner's: a table is the same whenever a trace is
 * replayed.
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
	uint64_t seed; /* for the owner, who hashes */
};

void hash_init(struct hash *t);

/* Another seed, as long as nothing is in the table; then the one that it has stays. */
void hash_seed(struct hash *t, uint64_t seed);

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

/*
 * Walks the nodes of one of HASH_SLICES slices; NULL starts and ends. A node stays in its slice
 * whatever comes and goes and however the table grows: so who walks slice by slice, with changes
 * between two of them, meets each node once that is there all the time.
 */
#define HASH_SLICES 1024u
struct hash_node *hash_slice_next(const struct hash *t, uint32_t slice,
				  const struct hash_node *after);

/* SipHash-1-3: whoever does not know the seed can neither tell nor choose the hash. */
uint32_t hash_keyed(uint64_t seed, const void *bytes, size_t length);

/* SipHash-1-3 itself, for its test. */
uint64_t hash_sip(const uint64_t key[2], const void *bytes, size_t length);

/*
 * A seed for some use of the owner of a seed: from what is seen of one use, neither the owner's
 * seed nor that of another use can be found.
 */
uint64_t hash_seed_for(uint64_t seed, uint64_t use);

/* FNV-1a with a final mix, for what nobody chooses and for files; `seed` chains several fields. */
uint32_t hash_bytes(uint32_t seed, const void *bytes, size_t length);

#endif
