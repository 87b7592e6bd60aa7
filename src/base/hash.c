/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BUCKETS_MIN 16

void hash_init(struct hash *t)
{
	*t = (struct hash){ 0 };
}

void hash_seed(struct hash *t, uint64_t seed)
{
	if (t->count == 0)
		t->seed = seed;
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

struct hash_node *hash_slice_next(const struct hash *t, uint32_t slice,
				  const struct hash_node *after)
{
	struct hash_node *node;
	size_t i;

	if (t->count == 0)
		return NULL;
	i = (after ? after->hash : slice) & (t->n_buckets - 1);
	node = after ? after->next : t->buckets[i];
	while (!node || node->hash % HASH_SLICES != slice) {
		if (node) {
			node = node->next;
		} else {
			i += HASH_SLICES;
			if (i >= t->n_buckets)
				return NULL;
			node = t->buckets[i];
		}
	}
	return node;
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

struct sip {
	uint64_t v[4];
};

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(struct sip *s)
{
	uint64_t *v = s->v;

	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->v[3] ^= word;
	sip_round(s);
	s->v[0] ^= word;
}

uint64_t hash_sip(const uint64_t key[2], const void *bytes, size_t length)
{
	struct sip s = { { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
			   key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 } };
	const uint8_t *b = bytes, *end = b + length;
	uint64_t word;

	/* Little-endian words, the last with the length in its highest byte. */
	for (; end - b >= (ptrdiff_t)sizeof(word); b += sizeof(word)) {
		memcpy(&word, b, sizeof(word));
		sip_word(&s, le64toh(word));
	}
	word = 0;
	memcpy(&word, b, (size_t)(end - b));
	sip_word(&s, le64toh(word) | (uint64_t)length << 56);
	s.v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* The seed is 64 bits of a key of 128. */
static uint64_t sip_seeded(uint64_t seed, const void *bytes, size_t length)
{
	return hash_sip((const uint64_t[2]){ seed, ~seed }, bytes, length);
}

uint32_t hash_keyed(uint64_t seed, const void *bytes, size_t length)
{
	return (uint32_t)sip_seeded(seed, bytes, length);
}

uint64_t hash_seed_for(uint64_t seed, uint64_t use)
{
	uint8_t bytes[sizeof(use)];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(use >> i * 8);
	return sip_seeded(seed, bytes, sizeof(bytes));
}
