/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/border.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

void borders_done(struct borders *b)
{
	free(b->all);
	slots_done(&b->by_router);
	*b = (struct borders){ 0 };
}

int reach_compare(const struct reach *a, const struct reach *b)
{
	bool a_first = a->intra && a->area != 0, b_first = b->intra && b->area != 0;

	return b_first - a_first;
}

static uint32_t router_hash(const struct borders *b, uint32_t router)
{
	return hash_keyed(b->seed, &router, sizeof(router));
}

/* Another way to it. By one area those inside of it count alone (RFC 2328 16.2 (6)). */
static int border_add(struct borders *b, struct hops *h, uint32_t router, const struct reach *way)
{
	uint32_t hash = router_hash(b, router);
	size_t at;

	for (uint32_t k = slots_first(&b->by_router, hash, &at); k != SLOTS_NONE;
	     k = slots_next(&b->by_router, hash, &at)) {
		struct reach *known = &b->all[k].reach;

		if (b->all[k].router != router || known->area != way->area)
			continue;
		if (known->intra != way->intra ? way->intra : way->distance < known->distance)
			*known = *way;
		else if (known->intra == way->intra && way->distance == known->distance)
			known->hops = hops_union(h, known->hops, way->hops);
		return 0;
	}
	if (ARRAY_RESERVE(b->all, b->capacity, b->n + 1) < 0 ||
	    slots_add(&b->by_router, hash, (uint32_t)b->n) < 0)
		return -ENOMEM;
	b->all[b->n++] = (struct border){ router, *way };
	return 0;
}

static int borders_of_area(const struct ospf *o, const struct area *a, const struct graph *g,
			   struct hops *h, struct borders *b)
{
	int error = 0;

	for (size_t k = 1; k < g->n && !error; k++) {
		const struct vertex *v = &g->vertices[k];
		struct reach way = { a->id, true, v->distance, v->hops };

		if (!v->network && v->distance != GRAPH_UNREACHED && v->flags & LSA_ROUTER_E)
			error = border_add(b, h, v->id, &way);
	}
	list_each_entry(struct lsa, l, &a->database.kinds[LSA_INTER_ROUTER], of_kind) {
		const struct vertex *v = graph_router(g, l->header.key.router);
		struct lsa_destination d;
		struct reach way;

		if (error || !v || v->id == o->router || !(v->flags & LSA_ROUTER_B) || l->purged ||
		    lsa_is_max_age(l, o->now) ||
		    !lsa_destination_read(o->version, l->bytes, l->header.length, &d) ||
		    d.metric >= LSA_METRIC_INFINITY || d.router == o->router)
			continue;
		way = (struct reach){ a->id, false, GRAPH_UNREACHED - 1, v->hops };
		if (d.metric < way.distance - v->distance)
			way.distance = v->distance + d.metric;
		error = border_add(b, h, d.router, &way);
	}
	return error;
}

int borders_make(const struct ospf *o, const struct graph *graphs, size_t n, struct hops *h,
		 struct borders *b)
{
	int error = 0;

	b->n = 0;
	b->seed = o->hash_seed;
	if (slots_clear(&b->by_router, 0) < 0)
		return -ENOMEM;
	list_each_entry(const struct area, a, &o->areas, link)
		for (size_t k = 0; k < n && !error; k++)
			if (graphs[k].area == a->id && graphs[k].area_kind == OSPF_AREA_NORMAL)
				error = borders_of_area(o, a, &graphs[k], h, b);
	return error;
}

bool borders_find(const struct borders *b, uint32_t router, struct reach *ret)
{
	uint32_t hash = router_hash(b, router);
	const struct reach *best = NULL;
	size_t at;

	for (uint32_t k = slots_first(&b->by_router, hash, &at); k != SLOTS_NONE;
	     k = slots_next(&b->by_router, hash, &at)) {
		const struct reach *way = &b->all[k].reach;
		int order;

		if (b->all[k].router != router)
			continue;
		/* RFC 2328 16.4 (3): then the nearer, then that by the area with the higher ID. */
		order = best ? reach_compare(way, best) : -1;
		if (order == 0 && way->distance != best->distance)
			order = way->distance < best->distance ? -1 : 1;
		if (order < 0 || (order == 0 && way->area > best->area))
			best = way;
	}
	if (best)
		*ret = *best;
	return best;
}
