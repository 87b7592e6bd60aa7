/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/instance.h"

void database_init(struct database *d, struct ospf *of, enum lsa_scope scope, uint32_t place)
{
	*d = (struct database){ .of = of, .scope = scope, .place = place };
	hash_init(&d->lsas);
	hash_seed(&d->lsas, hash_seed_for(of->hash_seed, (uint64_t)scope << 32 | place));
	for (size_t k = 0; k < LSA_KINDS; k++)
		list_init(&d->kinds[k]);
}

void database_done(struct database *d)
{
	struct hash_node *n;

	while ((n = hash_walk(&d->lsas, NULL)))
		database_remove(container_of(n, struct lsa, node));
	hash_done(&d->lsas);
}

struct lsa *lsa_new(enum ospf_version v, const uint8_t *bytes, size_t length, struct instant now)
{
	struct lsa *l = malloc(sizeof(*l) + length);
	struct reader r;

	if (!l)
		return NULL;
	*l = (struct lsa){ .installed = now, .references = 1 };
	memcpy(l->bytes, bytes, length);
	reader_init(&r, l->bytes, length);
	l->header = lsa_header_read(v, &r);
	if (l->header.age > LSA_AGE_MAX)
		l->header.age = LSA_AGE_MAX;
	l->kind = (uint8_t)lsa_kind(v, &l->header.key);
	list_init(&l->of_kind);
	list_init(&l->waiting);
	list_init(&l->queued);
	timer_init(&l->due, SLOT_LSA);
	return l;
}

static uint32_t key_hash(const struct database *d, const struct lsa_key *k)
{
	const uint32_t words[] = { k->type, k->id, k->router };

	return hash_keyed(d->lsas.seed, words, sizeof(words));
}

int database_add(struct database *d, struct lsa *l)
{
	if (hash_insert(&d->lsas, &l->node, key_hash(d, &l->header.key)) < 0)
		return -ENOMEM;
	l->of = d;
	list_append(&d->kinds[l->kind], &l->of_kind);
	lsa_hold(l);
	return 0;
}

void database_remove(struct lsa *l)
{
	hash_remove(&l->of->lsas, &l->node);
	list_remove(&l->of_kind);
	l->of = NULL;
	lsa_release(l);
}

struct lsa *database_next(const struct database *d, const struct lsa *after)
{
	struct hash_node *n = hash_walk(&d->lsas, after ? &after->node : NULL);

	return n ? container_of(n, struct lsa, node) : NULL;
}

struct lsa *database_find(const struct database *d, const struct lsa_key *k)
{
	uint32_t h = key_hash(d, k);

	for (struct hash_node *n = hash_first(&d->lsas, h); n; n = hash_next(n, h)) {
		struct lsa *l = container_of(n, struct lsa, node);

		if (lsa_key_equal(&l->header.key, k))
			return l;
	}
	return NULL;
}

uint16_t lsa_age(const struct lsa *l, struct instant now)
{
	int64_t age = l->header.age + instant_since(now, l->installed).ns / DURATION_S(1).ns;

	return (uint16_t)(age < LSA_AGE_MAX ? age : LSA_AGE_MAX);
}

bool lsa_is_max_age(const struct lsa *l, struct instant now)
{
	return lsa_age(l, now) == LSA_AGE_MAX;
}

struct lsa *lsa_hold(struct lsa *l)
{
	l->references++;
	return l;
}

void lsa_release(struct lsa *l)
{
	if (--l->references == 0)
		free(l);
}
