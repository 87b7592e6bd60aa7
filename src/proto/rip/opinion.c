/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What neighbours say of our routes. Most often all neighbours say the same of very many routes, so
 * what is said is kept once, and each route points at it: a route is a third smaller for that.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

struct rip_opinion {
	struct hash_node by_words;
	struct rip_said said;
	uint32_t n_routes; /* of which this is said; with the last one it goes */
};

static const struct rip_said nothing;

const struct rip_said *opinion(const struct rip_route *t)
{
	return t->opinion ? &t->opinion->said : &nothing;
}

static struct rip_opinion *opinion_find(const struct rip *r, const struct rip_said *said,
					uint32_t hash)
{
	for (struct hash_node *n = hash_first(&r->opinions, hash); n; n = hash_next(n, hash)) {
		struct rip_opinion *o = container_of(n, struct rip_opinion, by_words);

		if (memcmp(&o->said, said, sizeof(*said)) == 0)
			return o;
	}
	return NULL;
}

static struct rip_opinion *opinion_get(struct rip *r, const struct rip_said *said)
{
	uint32_t hash = hash_keyed(r->opinions.seed, said, sizeof(*said));
	struct rip_opinion *o = opinion_find(r, said, hash);

	if (o)
		return o;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->said = *said;
	if (hash_insert(&r->opinions, &o->by_words, hash) == 0)
		return o;
	free(o);
	return NULL;
}

static void opinion_leave(struct rip *r, struct rip_route *t)
{
	struct rip_opinion *o = t->opinion;

	t->opinion = NULL;
	if (!o || --o->n_routes > 0)
		return;
	hash_remove(&r->opinions, &o->by_words);
	free(o);
}

bool opinion_set(struct rip *r, struct rip_route *t, const struct rip_said *said)
{
	bool says = memcmp(&nothing, said, sizeof(*said)) != 0;
	struct rip_opinion *o = NULL;

	if (says) {
		if (memcmp(opinion(t), said, sizeof(*said)) == 0)
			return true;
		o = opinion_get(r, said);
		if (!o)
			return false;
		o->n_routes++;
	}
	opinion_leave(r, t);
	t->opinion = o;
	return true;
}

void said_clear(struct rip_said *s, uint64_t bit)
{
	s->accepted &= ~bit;
	s->shown &= ~bit;
	s->restated &= ~bit;
	s->missed[0] &= ~bit;
	s->missed[1] &= ~bit;
	s->claimed &= ~bit;
	s->asked &= ~bit;
}

/* Two may say the same then, or nothing; whoever is asked for what they say finds another one. */
void opinions_clear(struct rip *r, uint64_t bit)
{
	for (struct hash_node *n = hash_walk(&r->opinions, NULL); n; n = hash_walk(&r->opinions, n))
		said_clear(&container_of(n, struct rip_opinion, by_words)->said, bit);
}

void opinions_claims_asked(struct rip *r, uint64_t bit)
{
	for (struct hash_node *n = hash_walk(&r->opinions, NULL); n;
	     n = hash_walk(&r->opinions, n)) {
		struct rip_said *s = &container_of(n, struct rip_opinion, by_words)->said;

		s->asked |= s->claimed & bit;
	}
}
