/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define ROOT 0u

/* A link of one LSA to what another describes. */
struct edge {
	uint32_t from, to; /* vertices */
	uint32_t own;	   /* of a router's: its address there, or its interface ID */
	uint16_t metric;
	bool answered; /* RFC 2328 16.1 (2b): there is one back */
};

/* Edges by one of their ends: those of a vertex v are of[start[v]] up to of[start[v + 1]]. */
struct by_end {
	uint32_t *start, *of; /* owned */
};

/* What a run needs and leaves nothing of. */
struct run {
	const struct ospf *o;
	const struct area *area;
	struct graph *g;
	struct hops *h;
	struct edge *edges; /* owned */
	size_t n_edges, edges_capacity;
	struct by_end out, in;
	uint64_t *heap; /* owned: distance, a router behind a network, the vertex */
	size_t n_heap, heap_capacity;
	bool hosts_count; /* RFC 8770: an H-bit means something */
	bool failed;
};

void graph_done(struct graph *g)
{
	free(g->vertices);
	slots_done(&g->by_key);
	*g = (struct graph){ 0 };
}

bool graph_neighbor_counts(const struct ospf_neighbor *n)
{
	return n->interface->usable && n->liveness != VERDICT_DOWN &&
	       (n->state >= OSPF_NEIGHBOR_TWO_WAY || n->helped);
}

/* Vertices */

/* Multiplied by numbers that nobody else knows: Dietzfelbinger et al. 1997. */
static uint32_t key_hash(const struct graph *g, bool network, uint32_t id, uint32_t router)
{
	uint64_t a = ((uint64_t)id + 1) * g->factors[0], b = ((uint64_t)router + 1) * g->factors[1];

	return (uint32_t)((a + b + network) >> 32);
}

static uint32_t vertex_find(const struct graph *g, bool network, uint32_t id, uint32_t router)
{
	uint32_t hash = key_hash(g, network, id, router);
	size_t at;

	for (uint32_t k = slots_first(&g->by_key, hash, &at); k != SLOTS_NONE;
	     k = slots_next(&g->by_key, hash, &at)) {
		const struct vertex *v = &g->vertices[k];

		if (v->id == id && v->router == router && v->network == network)
			return k;
	}
	return SLOTS_NONE;
}

/* NULL without memory. Good until the next one is made. */
static struct vertex *vertex_get(struct run *r, bool network, uint32_t id, uint32_t router)
{
	struct graph *g = r->g;
	uint32_t found = vertex_find(g, network, id, router);

	if (found != SLOTS_NONE)
		return &g->vertices[found];
	if (ARRAY_RESERVE(g->vertices, g->capacity, g->n + 1) < 0 ||
	    slots_add(&g->by_key, key_hash(g, network, id, router), (uint32_t)g->n) < 0) {
		r->failed = true;
		return NULL;
	}
	g->vertices[g->n] = (struct vertex){ .id = id, .router = router, .network = network };
	return &g->vertices[g->n++];
}

static const struct vertex *vertex_reached(const struct graph *g, uint32_t k)
{
	return k != SLOTS_NONE && g->vertices[k].distance != GRAPH_UNREACHED ? &g->vertices[k]
									     : NULL;
}

const struct vertex *graph_router(const struct graph *g, uint32_t router)
{
	return vertex_reached(g, vertex_find(g, false, router, 0));
}

const struct vertex *graph_network(const struct graph *g, uint32_t id, uint32_t router)
{
	return vertex_reached(g, vertex_find(g, true, id, router));
}

/*
 * What the LSA describes. Of v2 a network is named by its DR's address alone: when the DR's router
 * ID has changed, there are two LSAs of it for a while, and the newer one counts.
 */
static struct vertex *vertex_of(struct run *r, const struct lsa *l)
{
	const struct lsa_key *k = &l->header.key;

	if (l->kind == LSA_ROUTER)
		return vertex_get(r, false, k->router, 0);
	return vertex_get(r, true, k->id, r->o->version == OSPF_V3 ? k->router : 0);
}

static bool lsa_counts(const struct run *r, const struct lsa *l)
{
	return !l->purged && !lsa_is_max_age(l, r->o->now);
}

static void router_add(struct run *r, const struct lsa *l)
{
	struct vertex *v = vertex_of(r, l);
	struct lsa_router said;

	if (!v || (v->known && v->said_by < l->header.key.id))
		return;
	/* RFC 5340 4.8.1: several LSAs are one router, and the first of them says what it is. */
	(void)lsa_router_walk(r->o->version, l->bytes, l->header.length, &said);
	v->known = true;
	v->said_by = l->header.key.id;
	v->flags = said.flags;
	if (r->o->version == OSPF_V3) {
		v->transit = said.options & OSPF_V3_R;
		v->excluded = !(said.options & OSPF_V3_V6);
	} else {
		v->transit = true;
	}
}

static void network_add(struct run *r, const struct lsa *l)
{
	struct vertex *v = vertex_of(r, l);

	if (!v)
		return;
	v->known = v->transit = true;
	v->said_by = l->header.key.router;
}

static void capabilities_add(struct run *r, const struct lsa *l)
{
	uint32_t k = vertex_find(r->g, false, l->header.key.router, 0);

	if (k != SLOTS_NONE && lsa_knows_host(r->o->version, l->bytes, l->header.length))
		r->g->vertices[k].knows_host = true;
}

/* Edges */

static void edge_add(struct run *r, uint32_t from, uint32_t to, uint16_t metric, uint32_t own)
{
	if (to == SLOTS_NONE || !r->g->vertices[to].known)
		return;
	if (ARRAY_RESERVE(r->edges, r->edges_capacity, r->n_edges + 1) < 0) {
		r->failed = true;
		return;
	}
	r->edges[r->n_edges++] = (struct edge){ from, to, own, metric, false };
}

static void router_links(struct run *r, const struct lsa *l)
{
	uint32_t from = vertex_find(r->g, false, l->header.key.router, 0);
	enum ospf_version v = r->o->version;
	struct lsa_router said;
	struct lsa_walk w = lsa_router_walk(v, l->bytes, l->header.length, &said);
	struct lsa_link link;

	w.no_stubs = true;
	while (lsa_link_next(&w, &link)) {
		uint32_t to = SLOTS_NONE;

		if (link.type == LSA_LINK_POINT_TO_POINT || link.type == LSA_LINK_VIRTUAL)
			to = vertex_find(r->g, false, link.neighbor, 0);
		else if (link.type == LSA_LINK_TRANSIT)
			to = vertex_find(r->g, true, link.neighbor_interface,
					 v == OSPF_V3 ? link.neighbor : 0);
		edge_add(r, from, to, link.metric, link.own);
	}
}

static void network_links(struct run *r, const struct lsa *l)
{
	uint32_t from = vertex_find(r->g, true, l->header.key.id,
				    r->o->version == OSPF_V3 ? l->header.key.router : 0);
	uint32_t options, router;
	struct prefix prefix;
	struct lsa_walk w;

	if (r->g->vertices[from].said_by != l->header.key.router)
		return;
	w = lsa_network_walk(r->o->version, l->bytes, l->header.length, &prefix, &options);
	while (lsa_attached_next(&w, &router))
		edge_add(r, from, vertex_find(r->g, false, router, 0), 0, 0);
}

/* Counts, and puts each in its place: in the order in which they were found. */
static void edges_sort(struct run *r, struct by_end *b, bool by_to)
{
	size_t n = r->g->n;

	b->start = calloc(n + 2, sizeof(*b->start));
	b->of = calloc(r->n_edges + 1, sizeof(*b->of));
	if (!b->start || !b->of) {
		r->failed = true;
		return;
	}
	/* One further on: after all are placed each start is where it belongs. */
	for (size_t k = 0; k < r->n_edges; k++)
		b->start[(by_to ? r->edges[k].to : r->edges[k].from) + 2]++;
	for (size_t v = 2; v < n + 2; v++)
		b->start[v] += b->start[v - 1];
	for (size_t k = 0; k < r->n_edges; k++)
		b->of[b->start[(by_to ? r->edges[k].to : r->edges[k].from) + 1]++] = (uint32_t)k;
}

/* RFC 2328 16.1 (2b), for all of them: an edge counts when there is another one back. */
static void edges_answer(struct run *r)
{
	uint32_t *met = calloc(r->g->n, sizeof(*met)); /* by which vertex, counted from 1 */

	if (!met) {
		r->failed = true;
		return;
	}
	for (uint32_t v = 0; v < r->g->n; v++) {
		for (uint32_t k = r->out.start[v]; k < r->out.start[v + 1]; k++)
			met[r->edges[r->out.of[k]].to] = v + 1;
		for (uint32_t k = r->in.start[v]; k < r->in.start[v + 1]; k++) {
			struct edge *e = &r->edges[r->in.of[k]];

			e->answered = met[e->from] == v + 1;
		}
	}
	free(met);
}

static void graph_build(struct run *r)
{
	const struct database *d = &r->area->database;
	struct vertex *root = vertex_get(r, false, r->o->router, 0);

	if (root) /* Also before its LSA is there. */
		*root = (struct vertex){ .id = r->o->router, .known = true, .said_by = UINT32_MAX };
	list_each_entry(struct lsa, l, &d->kinds[LSA_ROUTER], of_kind)
		if (lsa_counts(r, l))
			router_add(r, l);
	list_each_entry(struct lsa, l, &d->kinds[LSA_NETWORK], of_kind)
		if (lsa_counts(r, l))
			network_add(r, l);
	list_each_entry(struct lsa, l, &d->kinds[LSA_ROUTER_INFO], of_kind)
		if (lsa_counts(r, l))
			capabilities_add(r, l);
	if (r->failed)
		return;
	list_each_entry(struct lsa, l, &d->kinds[LSA_ROUTER], of_kind)
		if (lsa_counts(r, l))
			router_links(r, l);
	list_each_entry(struct lsa, l, &d->kinds[LSA_NETWORK], of_kind)
		if (lsa_counts(r, l))
			network_links(r, l);
	edges_sort(r, &r->out, false);
	edges_sort(r, &r->in, true);
	if (!r->failed)
		edges_answer(r);
}

/* The heap: the nearest first, and of those networks before routers (RFC 2328 16.1 (3)). */

#define HEAP_ROUTER (UINT64_C(1) << 31)

static void heap_push(struct run *r, uint32_t vertex)
{
	const struct vertex *v = &r->g->vertices[vertex];
	uint64_t entry = (uint64_t)v->distance << 32 | (v->network ? 0 : HEAP_ROUTER) | vertex;
	size_t at = r->n_heap;

	if (ARRAY_RESERVE(r->heap, r->heap_capacity, r->n_heap + 1) < 0) {
		r->failed = true;
		return;
	}
	r->n_heap++;
	for (; at > 0 && r->heap[(at - 1) / 2] > entry; at = (at - 1) / 2)
		r->heap[at] = r->heap[(at - 1) / 2];
	r->heap[at] = entry;
}

static uint32_t heap_pop(struct run *r)
{
	uint64_t first = r->heap[0], last = r->heap[--r->n_heap];
	size_t at = 0, below;

	while ((below = 2 * at + 1) < r->n_heap) {
		below += below + 1 < r->n_heap && r->heap[below + 1] < r->heap[below];
		if (r->heap[below] >= last)
			break;
		r->heap[at] = r->heap[below];
		at = below;
	}
	r->heap[at] = last;
	return (uint32_t)(first & (HEAP_ROUTER - 1));
}

/* Paths */

static void relax(struct run *r, uint32_t vertex, uint32_t from_distance, uint32_t metric,
		  uint32_t hops)
{
	struct vertex *v = &r->g->vertices[vertex];
	uint32_t distance = GRAPH_UNREACHED - 1;

	if (v->settled || v->excluded || hops == HOPS_EMPTY)
		return;
	/* A path so long that it cannot be counted is the worst that there is. */
	if (metric < distance - from_distance)
		distance = from_distance + metric;
	if (distance == v->distance) {
		v->hops = hops_union(r->h, v->hops, hops);
	} else if (distance < v->distance) {
		v->distance = distance;
		v->hops = hops;
		heap_push(r, vertex);
	}
}

static uint32_t hop_of(struct run *r, const struct ospf_neighbor *n)
{
	struct hop hop = {
		.path = { n->interface->index, n->address },
		.router = n->router,
		.interface_id = n->interface_id,
	};

	/* RFC 5340 4.8.2: what its link-LSA says, if there is one. */
	if (r->o->version == OSPF_V3) {
		const struct lsa_key key = { LSA_V3_LINK, n->interface_id, n->router };
		const struct lsa *l = database_find(&n->interface->database, &key);
		struct lsa_prefixes said = { 0 };

		if (l && lsa_counts(r, l))
			(void)lsa_prefixes_walk(OSPF_V3, l->bytes, l->header.length, &said);
		if (address_is_link_local(&said.link_local))
			hop.path.next_hop = said.link_local;
	}
	return hops_add(r->h, &hop);
}

/* The router, which says that `own` is its address on the network or its interface there. */
static uint32_t hop_on(struct run *r, uint32_t interface, uint32_t router, uint32_t own)
{
	const struct ospf_interface *i = ospf_interface_find(r->o, interface);

	if (!i)
		return SLOTS_NONE;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (n->router == router && graph_neighbor_counts(n) &&
		    (r->o->version == OSPF_V3 ? n->interface_id == own
					      : address_ipv4_number(&n->address) == own))
			return hop_of(r, n);
	return SLOTS_NONE;
}

/*
 * RFC 2328 16.1.1: how it goes to a router by a network. By one that we are attached to it goes to
 * the router itself, by each of the addresses that it has there; one that we do not hear there is
 * none that we can go to.
 */
static uint32_t hops_beyond(struct run *r, uint32_t network, uint32_t router)
{
	const struct vertex *v = &r->g->vertices[network];
	struct hop_set set = *hops_set(r->h, v->hops);
	uint32_t all = HOPS_EMPTY;

	if (!hops_are_attached(r->h, v->hops))
		return v->hops;
	for (size_t s = 0; s < set.n; s++) {
		struct route_path path = r->h->all[set.hops[s]].path;

		if (address_is_set(&path.next_hop)) {
			all = hops_union(r->h, all, hops_single(r->h, set.hops[s]));
			continue;
		}
		for (uint32_t k = r->out.start[router]; k < r->out.start[router + 1]; k++) {
			const struct edge *back = &r->edges[r->out.of[k]];
			uint32_t hop;

			if (back->to != network)
				continue;
			hop = hop_on(r, path.interface, r->g->vertices[router].id, back->own);
			all = hops_union(r->h, all, hops_single(r->h, hop));
		}
	}
	return all;
}

static void expand(struct run *r, uint32_t vertex)
{
	const struct vertex v = r->g->vertices[vertex];

	/* RFC 8770 4, RFC 5340 2.7: it is there, but nobody goes through it. */
	if (!v.transit || (!v.network && r->hosts_count && v.flags & LSA_ROUTER_H))
		return;
	for (uint32_t k = r->out.start[vertex]; k < r->out.start[vertex + 1]; k++) {
		const struct edge *e = &r->edges[r->out.of[k]];

		if (e->answered)
			relax(r, e->to, v.distance, e->metric,
			      v.network ? hops_beyond(r, vertex, e->to) : v.hops);
	}
}

/* It has an edge to us. */
static bool answers_root(const struct run *r, uint32_t vertex)
{
	if (vertex == SLOTS_NONE || !r->g->vertices[vertex].known)
		return false;
	for (uint32_t k = r->out.start[vertex]; k < r->out.start[vertex + 1]; k++)
		if (r->edges[r->out.of[k]].to == ROOT)
			return true;
	return false;
}

static void expand_neighbors(struct run *r, const struct ospf_interface *i)
{
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link) {
		uint32_t to = vertex_find(r->g, false, n->router, 0);

		if (!neighbor_is_full(n) || !graph_neighbor_counts(n) || !answers_root(r, to))
			continue;
		relax(r, to, 0, i->settings.cost, hops_single(r->h, hop_of(r, n)));
	}
}

/* The network that the interface is attached to, as its DR names it. */
static uint32_t network_of(const struct run *r, const struct ospf_interface *i)
{
	if (r->o->version == OSPF_V2)
		return vertex_find(r->g, true, i->dr, 0);
	if (i->dr == r->o->router)
		return vertex_find(r->g, true, i->index, i->dr);
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (n->router == i->dr)
			return vertex_find(r->g, true, n->interface_id, i->dr);
	return SLOTS_NONE;
}

static void expand_root(struct run *r)
{
	r->g->vertices[ROOT].distance = 0;
	r->g->vertices[ROOT].settled = true;
	list_each_entry(const struct ospf_interface, i, &r->o->interfaces, link) {
		struct hop attached = { .path.interface = i->index };
		uint32_t network;

		if (i->area != r->area || !i->usable || i->leaving)
			continue;
		if (i->state == OSPF_INTERFACE_POINT_TO_POINT) {
			expand_neighbors(r, i);
		} else if (i->state >= OSPF_INTERFACE_DR_OTHER && i->dr) {
			network = network_of(r, i);
			if (answers_root(r, network))
				relax(r, network, 0, i->settings.cost,
				      hops_single(r->h, hops_add(r->h, &attached)));
		}
	}
}

/* RFC 2328 16.1, Dijkstra's: a vertex waits in the heap once for each time that it came nearer. */
static void paths_find(struct run *r)
{
	for (size_t v = 0; v < r->g->n; v++) {
		r->g->vertices[v].distance = GRAPH_UNREACHED;
		r->g->vertices[v].hops = HOPS_EMPTY;
		r->g->vertices[v].settled = false;
	}
	r->n_heap = 0;
	expand_root(r);
	while (r->n_heap > 0) {
		uint32_t vertex = heap_pop(r);

		if (r->g->vertices[vertex].settled)
			continue;
		r->g->vertices[vertex].settled = true;
		expand(r, vertex);
	}
}

/*
 * RFC 8770 5: an H-bit counts when every router knows what it means: of those that are reached, for
 * an LSA of one that is gone may stay for an hour.
 */
static bool hosts_count(const struct graph *g)
{
	bool all = true, any = false;

	for (size_t k = 1; k < g->n; k++) {
		const struct vertex *v = &g->vertices[k];

		if (v->network || v->distance == GRAPH_UNREACHED)
			continue;
		all &= v->knows_host;
		any |= (v->flags & LSA_ROUTER_H) != 0;
	}
	return all && any;
}

static void count(struct graph *g)
{
	g->n_routers = g->n_networks = 0;
	for (size_t k = 1; k < g->n; k++) {
		if (g->vertices[k].distance == GRAPH_UNREACHED)
			continue;
		g->n_networks += g->vertices[k].network;
		g->n_routers += !g->vertices[k].network;
	}
}

int graph_run(const struct ospf *o, const struct area *a, struct graph *g, struct hops *h)
{
	struct run r = { .o = o, .area = a, .g = g, .h = h };

	g->n = 0;
	for (size_t k = 0; k < 2; k++)
		g->factors[k] = (uint64_t)hash_seed_for(o->hash_seed, k) | 1;
	g->area = a->id;
	g->area_kind = a->kind;
	if (slots_clear(&g->by_key, 0) < 0)
		r.failed = true;
	else
		graph_build(&r);
	if (!r.failed)
		paths_find(&r);
	if (!r.failed) {
		r.hosts_count = o->version == OSPF_V2 && hosts_count(g);
		if (r.hosts_count)
			paths_find(&r);
		count(g);
	}
	free(r.edges);
	free(r.out.start);
	free(r.out.of);
	free(r.in.start);
	free(r.in.of);
	free(r.heap);
	if (r.failed)
		graph_done(g);
	return r.failed ? -ENOMEM : 0;
}
