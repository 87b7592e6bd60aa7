/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "proto/ospf/ospf.h"

/* What LSAs say */

static bool prefix_counts(const struct prefix *p)
{
	const char *why;

	return p->length == 0 ? address_is_set(&p->address) : address_is_host(&p->address, &why);
}

struct claims_walk claims_walk(enum ospf_version v, const struct lsa *l)
{
	struct claims_walk w = { .version = v, .lsa = l };
	struct lsa_prefixes prefixes;
	struct lsa_router router;

	if (l->kind == LSA_ROUTER && v == OSPF_V2) {
		w.walk = lsa_router_walk(v, l->bytes, l->header.length, &router);
	} else if (l->kind == LSA_INTRA_PREFIX) {
		w.walk = lsa_prefixes_walk(v, l->bytes, l->header.length, &prefixes);
		/* RFC 5340 4.8.1: only what its own LSA says may be claimed. */
		w.ended = prefixes.reference.router != l->header.key.router;
	} else {
		w.ended = l->kind != LSA_INTER_PREFIX && l->kind != LSA_EXTERNAL &&
			  l->kind != LSA_NSSA && (l->kind != LSA_NETWORK || v != OSPF_V2);
	}
	return w;
}

static bool stub_next(struct claims_walk *w, struct prefix *ret_prefix, uint32_t *ret_metric)
{
	struct lsa_link link;

	while (lsa_link_next(&w->walk, &link))
		if (link.type == LSA_LINK_STUB && prefix_counts(&link.prefix)) {
			*ret_prefix = link.prefix;
			*ret_metric = link.metric;
			return true;
		}
	return false;
}

static bool intra_prefix_next(struct claims_walk *w, struct prefix *ret_prefix,
			      uint32_t *ret_metric)
{
	struct lsa_prefix p;

	while (lsa_prefix_next(&w->walk, &p))
		if (!(p.options & LSA_PREFIX_NU) && prefix_counts(&p.prefix)) {
			*ret_prefix = p.prefix;
			*ret_metric = p.metric;
			return true;
		}
	return false;
}

static bool single(struct claims_walk *w, struct prefix *ret_prefix)
{
	const struct lsa *l = w->lsa;
	struct lsa_destination d;
	uint32_t options;

	w->ended = true;
	if (l->kind == LSA_NETWORK) {
		(void)lsa_network_walk(w->version, l->bytes, l->header.length, &d.prefix, &options);
	} else if (!lsa_destination_read(w->version, l->bytes, l->header.length, &d) ||
		   d.metric >= LSA_METRIC_INFINITY || d.prefix_options & LSA_PREFIX_NU) {
		return false;
	}
	if (!prefix_counts(&d.prefix))
		return false;
	*ret_prefix = d.prefix;
	return true;
}

bool claims_next(struct claims_walk *w, struct prefix *ret_prefix, uint32_t *ret_metric)
{
	if (w->ended)
		return false;
	if (w->lsa->kind == LSA_ROUTER)
		return stub_next(w, ret_prefix, ret_metric);
	if (w->lsa->kind == LSA_INTRA_PREFIX)
		return intra_prefix_next(w, ret_prefix, ret_metric);
	*ret_metric = 0;
	return single(w, ret_prefix);
}

/* Destinations */

void table_init(struct table *t, enum ospf_version v, uint64_t seed)
{
	*t = (struct table){ .version = v, .seed = seed };
}

static void claims_free(struct destination *d)
{
	for (struct claim *c = d->claims.next, *next; c; c = next) {
		next = c->next;
		free(c);
	}
}

void table_done(struct table *t)
{
	struct destination *d;

	for (uint32_t place = 0; (d = table_next(t, &place));)
		claims_free(d);
	for (size_t k = 0; k < t->n_chunks; k++)
		free(t->chunks[k]);
	free(t->chunks);
	free(t->heads);
	*t = (struct table){ 0 };
}

struct destination *table_next(const struct table *t, uint32_t *place)
{
	while (*place < t->end) {
		struct destination *d = table_at(t, ++*place);

		if (d->used)
			return d;
	}
	return NULL;
}

static uint32_t *head_of(const struct table *t, const struct prefix *p)
{
	return &t->heads[prefix_hash(t->seed, p) & (t->n_heads - 1)];
}

struct destination *table_find(const struct table *t, const struct prefix *p)
{
	struct destination *d = t->n_heads ? table_at(t, *head_of(t, p)) : NULL;

	while (d && !prefix_equal(&d->prefix, p))
		d = table_at(t, d->next);
	return d;
}

/* As many heads as destinations at least. Without memory chains get longer. */
static void heads_grow(struct table *t)
{
	size_t n = t->n_heads ? 2 * t->n_heads : DESTINATIONS_CHUNK;
	uint32_t *heads = t->n < t->n_heads ? NULL : calloc(n, sizeof(*heads));
	struct destination *d;

	if (!heads)
		return;
	free(t->heads);
	t->heads = heads;
	t->n_heads = n;
	for (uint32_t place = 0; (d = table_next(t, &place));) {
		uint32_t *head = head_of(t, &d->prefix);

		d->next = *head;
		*head = place;
	}
}

/* A place that nobody has; NULL without memory. */
static struct destination *place_take(struct table *t)
{
	struct destination *d = table_at(t, t->free);

	if (d) {
		t->free = d->next;
		return d;
	}
	if (t->end == t->n_chunks * DESTINATIONS_CHUNK) {
		struct destination *chunk;

		if (ARRAY_RESERVE(t->chunks, t->capacity, t->n_chunks + 1) < 0)
			return NULL;
		chunk = calloc(DESTINATIONS_CHUNK, sizeof(*chunk));
		if (!chunk)
			return NULL;
		t->chunks[t->n_chunks++] = chunk;
	}
	d = table_at(t, ++t->end);
	d->place = t->end;
	return d;
}

static struct destination *table_get(struct table *t, const struct prefix *p)
{
	struct destination *d = table_find(t, p);
	uint32_t *head;

	if (d)
		return d;
	heads_grow(t);
	d = t->n_heads ? place_take(t) : NULL;
	if (!d)
		return NULL;
	head = head_of(t, p);
	*d = (struct destination){
		.prefix = *p,
		.used = true,
		.kind = DESTINATION_NONE,
		.place = d->place,
		.next = *head,
	};
	*head = d->place;
	t->n++;
	return d;
}

void table_release(struct table *t, struct destination *d)
{
	uint32_t *at;

	if (d->claims.lsa || d->rivals || d->is_dirty || d->is_changed)
		return;
	table_set_kind(t, d, DESTINATION_NONE);
	for (at = head_of(t, &d->prefix); *at != d->place;)
		at = &table_at(t, *at)->next;
	*at = d->next;
	d->used = false;
	d->next = t->free;
	t->free = d->place;
	t->n--;
}

void table_set_kind(struct table *t, struct destination *d, uint8_t kind)
{
	t->by_length[d->prefix.length] -= destination_is_internal(d);
	d->kind = kind;
	t->by_length[d->prefix.length] += destination_is_internal(d);
}

void table_dirty(struct table *t, struct destination *d)
{
	if (d->is_dirty)
		return;
	d->is_dirty = true;
	d->dirty = t->dirty;
	t->dirty = d->place;
}

struct destination *table_dirty_next(struct table *t)
{
	struct destination *d = table_at(t, t->dirty);

	if (!d)
		return NULL;
	t->dirty = d->dirty;
	d->dirty = 0;
	d->is_dirty = false;
	return d;
}

/* Claims */

/* By one more, or by one less. */
static void count_forwarded(struct table *t, const struct address *a, size_t by)
{
	struct forwardee *vacant = NULL;

	for (size_t k = 0; k < FORWARDEES_MAX; k++) {
		struct forwardee *f = &t->forwardees[k];

		if (f->count == 0) {
			vacant = vacant ? vacant : f;
		} else if (address_equal(&f->address, a)) {
			f->count += by;
			return;
		}
	}
	/* One less of an address for which there was no room is one of these. */
	if (by == 1 && vacant)
		*vacant = (struct forwardee){ *a, 1 };
	else
		t->n_forwarded += by;
}

bool table_is_forwarded_to(const struct table *t, const struct prefix *p)
{
	for (size_t k = 0; k < FORWARDEES_MAX; k++)
		if (t->forwardees[k].count > 0 && prefix_contains(p, &t->forwardees[k].address))
			return true;
	return t->n_forwarded > 0;
}

static void count_external(struct table *t, const struct lsa *l, size_t by)
{
	struct lsa_destination d;

	if ((l->kind != LSA_EXTERNAL && l->kind != LSA_NSSA) ||
	    !lsa_destination_read(t->version, l->bytes, l->header.length, &d))
		return;
	t->n_external += by;
	if (address_is_set(&d.forward))
		count_forwarded(t, &d.forward, by);
}

static struct claim *claim_find(struct destination *d, const struct lsa *l)
{
	for (struct claim *c = d->claims.lsa ? &d->claims : NULL; c; c = c->next)
		if (c->lsa == l)
			return c;
	return NULL;
}

static void claim_add(struct table *t, const struct prefix *p, const struct lsa *l, uint32_t metric)
{
	struct destination *d = table_get(t, p);
	struct claim *c;

	if (d && d->n_claims >= CLAIMS_OF_ONE_MAX)
		return;
	c = d && d->claims.lsa ? malloc(sizeof(*c)) : NULL;
	if (!d || (d->claims.lsa && !c)) {
		t->failed = true;
		return;
	}
	if (c) {
		*c = (struct claim){ d->claims.next, l, metric };
		d->claims.next = c;
	} else {
		d->claims = (struct claim){ NULL, l, metric };
	}
	d->n_claims++;
	t->n_claims++;
	count_external(t, l, 1);
	table_dirty(t, d);
}

static void claim_remove(struct table *t, struct destination *d, struct claim *c)
{
	struct claim *gone = c;

	count_external(t, c->lsa, SIZE_MAX);
	/* There may be one that had no room. */
	t->failed |= d->n_claims == CLAIMS_OF_ONE_MAX;
	d->n_claims--;
	t->n_claims--;
	if (c == &d->claims) {
		gone = c->next;
		*c = gone ? *gone : (struct claim){ 0 };
	} else {
		struct claim *before = &d->claims;

		while (before->next != c)
			before = before->next;
		before->next = c->next;
	}
	free(gone);
	table_dirty(t, d);
}

/* What both say the same of is claimed by `l` now, and nothing changes by that. */
static bool claim_stays(struct table *t, const struct prefix *p, uint32_t metric,
			const struct lsa *old, const struct lsa *l)
{
	struct destination *d = old ? table_find(t, p) : NULL;
	struct claim *c = d ? claim_find(d, old) : NULL;

	if (!c)
		return false;
	count_external(t, old, SIZE_MAX);
	count_external(t, l, 1);
	c->lsa = l;
	if (c->metric != metric)
		table_dirty(t, d);
	c->metric = metric;
	return true;
}

static struct lsa_key reference_of(const struct table *t, const struct lsa *l)
{
	struct lsa_prefixes said;

	(void)lsa_prefixes_walk(t->version, l->bytes, l->header.length, &said);
	return said.reference;
}

/*
 * Whether a prefix with the same metric in both is the same claim: of LSAs that are about one
 * prefix all that they say of it counts.
 */
static bool claims_are_same(const struct table *t, const struct lsa *a, const struct lsa *b)
{
	if (a->kind == LSA_ROUTER || a->kind == LSA_NETWORK)
		return true;
	if (a->kind == LSA_INTRA_PREFIX) {
		struct lsa_key of_a = reference_of(t, a), of_b = reference_of(t, b);

		return lsa_key_equal(&of_a, &of_b);
	}
	return a->header.length == b->header.length && a->header.options == b->header.options &&
	       memcmp(a->bytes + LSA_HEADER_BYTES, b->bytes + LSA_HEADER_BYTES,
		      a->header.length - LSA_HEADER_BYTES) == 0;
}

static bool may_claim(const struct table *t, const struct lsa *l)
{
	return l->header.key.router != t->router || l->kind == LSA_NETWORK ||
	       (l->kind == LSA_INTRA_PREFIX && reference_of(t, l).type == LSA_V3_NETWORK);
}

void table_lsa_changed(struct table *t, const struct lsa *old, const struct lsa *l)
{
	struct claims_walk w;
	struct prefix prefix;
	uint32_t metric;

	if (l && may_claim(t, l)) {
		bool whole = old && !claims_are_same(t, old, l);

		for (w = claims_walk(t->version, l); claims_next(&w, &prefix, &metric);) {
			if (!claim_stays(t, &prefix, metric, old, l))
				claim_add(t, &prefix, l, metric);
			else if (whole)
				table_dirty(t, table_find(t, &prefix));
		}
	}
	if (!old)
		return;
	for (w = claims_walk(t->version, old); claims_next(&w, &prefix, &metric);) {
		struct destination *d = table_find(t, &prefix);
		struct claim *c = d ? claim_find(d, old) : NULL;

		if (c)
			claim_remove(t, d, c);
	}
}

void table_complete(struct table *t, const struct lsa *l)
{
	struct claims_walk w = claims_walk(t->version, l);
	struct prefix prefix;
	uint32_t metric;

	while (may_claim(t, l) && claims_next(&w, &prefix, &metric)) {
		struct destination *d = table_find(t, &prefix);

		if (!d || (d->n_claims < CLAIMS_OF_ONE_MAX && !claim_find(d, l)))
			claim_add(t, &prefix, l, metric);
	}
}
