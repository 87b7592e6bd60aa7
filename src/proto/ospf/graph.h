/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An area as a graph, and the shortest paths from us to all of it (RFC 2328 16.1, RFC 5340 4.8.1).
 * It is made anew by each full run, of the router- and network-LSAs that are there, in time linear
 * to their size. What stays are the vertices, for what is looked up by them until the next run.
 *
 * We are the root, and what goes out of us is not what our own router-LSA says but the adjacencies
 * as they are now: so a neighbour that is lost is no next hop any more although the LSA may have to
 * wait (MinLSInterval), and links that we say to be of the highest metric, because nobody is to go
 * through us, cost what they cost.
 */
#ifndef PROTO_OSPF_GRAPH_H
#define PROTO_OSPF_GRAPH_H

#include "proto/ospf/hops.h"
#include "proto/ospf/instance.h"

#define GRAPH_UNREACHED UINT32_MAX

struct vertex {
	/*
	 * A router: its ID, and 0. A network: v2: the address of its DR, and 0; v3: the DR's
	 * interface ID, and the DR.
	 */
	uint32_t id, router;
	uint32_t distance; /* GRAPH_UNREACHED: it is not reached */
	uint32_t hops;	   /* set of hops */
	uint32_t said_by;  /* v3: the lowest Link State ID; of a network: who says it */
	uint8_t flags;	   /* LSA_ROUTER_… */
	bool network;
	bool known;   /* there is an LSA of it */
	bool transit; /* a router that others may go through */
	bool excluded;
	bool settled;
	bool knows_host; /* RFC 8770 5 */
};

struct graph {
	uint32_t area;
	uint8_t area_kind;	 /* enum ospf_area_kind */
	struct vertex *vertices; /* owned; the first is we */
	size_t n, capacity;
	struct slots by_key;
	uint64_t factors[2];		/* of the hash, odd */
	uint32_t n_routers, n_networks; /* that are reached, without us */
};

void graph_done(struct graph *g);

/* A neighbour that may be a next hop: both hear each other, and nobody says that it is dead. */
bool graph_neighbor_counts(const struct ospf_neighbor *n);

/* What the area's database says now. *g is zero, or of an earlier run. 0 or -ENOMEM. */
int graph_run(const struct ospf *o, const struct area *a, struct graph *g, struct hops *h);

/* NULL: there is none, or it is not reached. */
const struct vertex *graph_router(const struct graph *g, uint32_t router);
const struct vertex *graph_network(const struct graph *g, uint32_t id, uint32_t router);

#endif
