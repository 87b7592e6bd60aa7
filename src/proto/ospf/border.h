/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routers at the border of the AS, and how it goes to them (RFC 2328 16.1 (4), 16.2): by the areas
 * in which externals are flooded.
 */
#ifndef PROTO_OSPF_BORDER_H
#define PROTO_OSPF_BORDER_H

#include "proto/ospf/graph.h"

/* How it goes somewhere inside of the AS. */
struct reach {
	uint32_t area;
	bool intra;
	uint32_t distance;
	uint32_t hops; /* set of hops; HOPS_EMPTY: it does not */
};

struct border {
	uint32_t router;
	struct reach reach;
};

struct borders {
	struct border *all; /* owned; one for each router and area */
	size_t n, capacity;
	struct slots by_router;
	uint64_t seed;
};

void borders_done(struct borders *b);

/* Of what the areas say now. 0 or -ENOMEM. */
int borders_make(const struct ospf *o, const struct graph *graphs, size_t n, struct hops *h,
		 struct borders *b);

/* The way to it that is preferred; false: there is none. */
bool borders_find(const struct borders *b, uint32_t router, struct reach *ret);

/*
 * RFC 2328 16.4.1: paths inside of an area that is not the backbone before all others. Negative: a
 * is preferred. 0: neither is, by that alone.
 */
int reach_compare(const struct reach *a, const struct reach *b);

#endif
