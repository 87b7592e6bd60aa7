/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define HASH_BUCKETS_MIN 16

void hash_init(struct hash *t)
{
	*t = (struct hash){ 0 };
}

void hash_done(struct hash *t)
{
	free(t->buckets);
	hash_init(t);
}

static struct hash_node **hash_bucket(const struct hash *t, uint32_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

static int hash_resize(struct hash *t, size_t n_buckets)
{
	struct hash old = *t;

	t->buckets = calloc(n_buckets, sizeof(struct hash_node *));
	if (!t->buckets) {
		*t = old;
		return -ENOMEM;
	}
	t->n_buckets = n_buckets;
	for (size_t i = 0; i < old.n_buckets; i++) {
		struct hash_node *next;

		for (struct hash_node *n = old.buckets[i]; n; n = next) {
			next = n->next;
			n->next = *hash_bucket(t, n->hash);
			*hash_bucket(t, n->hash) = n;
		}
	}
	free(old.buckets);
	return 0;
}

void hash_reserve(struct hash *t, size_t count)
{
	size_t n_buckets = t->n_buckets ? t->n_buckets : HASH_BUCKETS_MIN;

	while (n_buckets < count)
		n_buckets *= 2;
	if (n_buckets > t->n_buckets)
		(void)hash_resize(t, n_buckets);
}

int hash_insert(struct hash *t, struct hash_node *node, uint32_t hash)
{
	if (t->n_buckets == 0) {
		int r = hash_resize(t, HASH_BUCKETS_MIN);

		if (r < 0)
			return r;
	} else if (t->count >= t->n_buckets) {
		(void)hash_resize(t, t->n_buckets * 2);
	}
	node->hash = hash;
	node->next = *hash_bucket(t, hash);
	*hash_bucket(t, hash) = node;
	t->count++;
	return 0;
}

void hash_remove(struct hash *t, struct hash_node *node)
{
	struct hash_node **at;

	assert(t->n_buckets > 0);
	for (at = hash_bucket(t, node->hash); *at != node; at = &(*at)->next)
		assert(*at);
	*at = node->next;
	node->next = NULL;
	t->count--;
}

static struct hash_node *hash_match(struct hash_node *n, uint32_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

struct hash_node *hash_first(const struct hash *t, uint32_t hash)
{
	return t->count ? hash_match(*hash_bucket(t, hash), hash) : NULL;
}

struct hash_node *hash_next(const struct hash_node *node, uint32_t hash)
{
	return hash_match(node->next, hash);
}

struct hash_node *hash_walk(const struct hash *t, const struct hash_node *after)
{
	size_t i = 0;

	if (after) {
		if (after->next)
			return after->next;
		i = (after->hash & (t->n_buckets - 1)) + 1;
	}
	for (; i < t->n_buckets; i++)
		if (t->buckets[i])
			return t->buckets[i];
	return NULL;
}

uint32_t hash_bytes(uint32_t seed, const void *bytes, size_t length)
{
	const uint8_t *b = bytes;
	uint32_t h = 2166136261u ^ seed;

	for (size_t i = 0; i < length; i++)
		h = (h ^ b[i]) * 16777619u;
	h ^= h >> 16;
	h *= 0x7feb352du;
	h ^= h >> 15;
	return h;
}
