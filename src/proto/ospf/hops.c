/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/hops.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"

int hops_init(struct hops *h, uint64_t seed)
{
	*h = (struct hops){ .seed = seed };
	(void)hops_single(h, SLOTS_NONE);
	return h->failed ? -ENOMEM : 0;
}

void hops_done(struct hops *h)
{
	free(h->all);
	free(h->sets);
	slots_done(&h->by_path);
	slots_done(&h->by_members);
	*h = (struct hops){ 0 };
}

static int path_compare(const struct route_path *a, const struct route_path *b)
{
	if (a->interface != b->interface)
		return a->interface < b->interface ? -1 : 1;
	return address_compare(&a->next_hop, &b->next_hop);
}

static uint32_t path_hash(const struct hops *h, const struct route_path *path)
{
	return address_hash(h->seed, &path->next_hop) + path->interface;
}

static uint32_t hops_find(const struct hops *h, const struct route_path *path)
{
	uint32_t hash = path_hash(h, path);
	size_t at;

	for (uint32_t k = slots_first(&h->by_path, hash, &at); k != SLOTS_NONE;
	     k = slots_next(&h->by_path, hash, &at))
		if (path_compare(&h->all[k].path, path) == 0)
			return k;
	return SLOTS_NONE;
}

uint32_t hops_add(struct hops *h, const struct hop *hop)
{
	uint32_t hash = path_hash(h, &hop->path), known = hops_find(h, &hop->path);

	if (known != SLOTS_NONE)
		return known;
	if (ARRAY_RESERVE(h->all, h->capacity, h->n + 1) < 0 ||
	    slots_add(&h->by_path, hash, (uint32_t)h->n) < 0) {
		h->failed = true;
		return SLOTS_NONE;
	}
	h->all[h->n] = *hop;
	return (uint32_t)h->n++;
}

static bool set_equal(const struct hop_set *a, const struct hop_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t k = 0; k < a->n; k++)
		if (a->hops[k] != b->hops[k])
			return false;
	return true;
}

static uint32_t set_keep(struct hops *h, const struct hop_set *s)
{
	uint32_t hash = hash_keyed(h->seed, s->hops, s->n * sizeof(s->hops[0]));
	size_t at;

	for (uint32_t k = slots_first(&h->by_members, hash, &at); k != SLOTS_NONE;
	     k = slots_next(&h->by_members, hash, &at))
		if (set_equal(&h->sets[k], s))
			return k;
	if (ARRAY_RESERVE(h->sets, h->sets_capacity, h->n_sets + 1) < 0 ||
	    slots_add(&h->by_members, hash, (uint32_t)h->n_sets) < 0) {
		h->failed = true;
		return HOPS_EMPTY;
	}
	h->sets[h->n_sets] = *s;
	return (uint32_t)h->n_sets++;
}

uint32_t hops_single(struct hops *h, uint32_t hop)
{
	struct hop_set s = { .n = hop != SLOTS_NONE, .hops = { hop } };

	return set_keep(h, &s);
}

uint32_t hops_union(struct hops *h, uint32_t a, uint32_t b)
{
	struct hop_set both = { 0 };
	size_t i = 0, k = 0;

	if (a == b || b == HOPS_EMPTY)
		return a;
	if (a == HOPS_EMPTY)
		return b;
	while (both.n < ROUTE_PATHS_MAX && (i < h->sets[a].n || k < h->sets[b].n)) {
		int order;

		if (i == h->sets[a].n)
			order = 1;
		else if (k == h->sets[b].n)
			order = -1;
		else
			order = path_compare(&hops_hop(h, a, i)->path, &hops_hop(h, b, k)->path);
		both.hops[both.n++] = order <= 0 ? h->sets[a].hops[i] : h->sets[b].hops[k];
		i += order <= 0;
		k += order >= 0;
	}
	return set_keep(h, &both);
}

bool hops_are_attached(const struct hops *h, uint32_t set)
{
	for (size_t k = 0; k < h->sets[set].n; k++)
		if (!address_is_set(&hops_hop(h, set, k)->path.next_hop))
			return true;
	return false;
}

void hops_paths(const struct hops *h, uint32_t set, struct route *ret)
{
	ret->n_paths = 0;
	for (size_t k = 0; k < h->sets[set].n; k++)
		if (address_is_set(&hops_hop(h, set, k)->path.next_hop))
			ret->paths[ret->n_paths++] = hops_hop(h, set, k)->path;
}

bool hops_same(const struct hops *a, uint32_t a_set, const struct hops *b, uint32_t b_set)
{
	if (a->sets[a_set].n != b->sets[b_set].n)
		return false;
	for (size_t k = 0; k < a->sets[a_set].n; k++)
		if (path_compare(&hops_hop(a, a_set, k)->path, &hops_hop(b, b_set, k)->path) != 0)
			return false;
	return true;
}

void hops_used(struct hops *h, uint32_t set, bool used)
{
	for (size_t k = 0; k < h->sets[set].n; k++)
		h->all[h->sets[set].hops[k]].routes += used ? 1 : UINT32_MAX;
}

uint32_t hops_routes(const struct hops *h, const struct route_path *path)
{
	uint32_t k = hops_find(h, path);

	return k != SLOTS_NONE ? h->all[k].routes : 0;
}
