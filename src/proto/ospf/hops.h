/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Next hops, and sets of them: what one run of SPF has found usable. A set is kept once, so of
 * thousands of destinations behind the same routers each has a number. When memory fails, sets
 * become smaller and `failed` is set.
 */
#ifndef PROTO_OSPF_HOPS_H
#define PROTO_OSPF_HOPS_H

#include <stdbool.h>

#include "net/route.h"
#include "proto/ospf/slots.h"

struct hop {
	struct route_path path; /* without an address: what is attached to the interface itself */
	uint32_t router;	/* the neighbour; 0: it is none */
	uint32_t interface_id;	/* v3: the neighbour's */
	uint32_t routes;	/* that lead through it: hops_used() */
};

/* In the order of their paths; of more than that the first. */
struct hop_set {
	uint8_t n;
	uint32_t hops[ROUTE_PATHS_MAX];
};

#define HOPS_EMPTY 0u /* the set without any */

struct hops {
	struct hop *all; /* owned */
	size_t n, capacity;
	struct hop_set *sets; /* owned */
	size_t n_sets, sets_capacity;
	struct slots by_path, by_members;
	uint64_t seed;
	bool failed;
};

int hops_init(struct hops *h, uint64_t seed); /* 0 or -ENOMEM */
void hops_done(struct hops *h);

/* Its number; one with the same path is there once. SLOTS_NONE without memory. */
uint32_t hops_add(struct hops *h, const struct hop *hop);

/* Sets: of one, SLOTS_NONE giving the empty one; and of what is in either. */
uint32_t hops_single(struct hops *h, uint32_t hop);
uint32_t hops_union(struct hops *h, uint32_t a, uint32_t b);

static inline const struct hop_set *hops_set(const struct hops *h, uint32_t set)
{
	return &h->sets[set];
}

/* The `k`th of the set. */
static inline const struct hop *hops_hop(const struct hops *h, uint32_t set, size_t k)
{
	return &h->all[h->sets[set].hops[k]];
}

/* One of them is an interface itself. */
bool hops_are_attached(const struct hops *h, uint32_t set);

/* Its paths; those by an interface itself are none that anybody has to be told of. */
void hops_paths(const struct hops *h, uint32_t set, struct route *ret);

/* A route goes by the set from now on, or no longer; and how many go by the path. */
void hops_used(struct hops *h, uint32_t set, bool used);
uint32_t hops_routes(const struct hops *h, const struct route_path *path);

/* Whether the same paths are in sets of two. */
bool hops_same(const struct hops *a, uint32_t a_set, const struct hops *b, uint32_t b_set);

#endif
