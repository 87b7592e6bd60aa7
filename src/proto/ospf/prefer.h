/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the claims to a destination make its route: RFC 2328 16.1 to 16.4 and 16.4.1 (not as
 * RFC 1583 had it), RFC 3101 2.5. Areas, inside of them or beyond, come before externals, so of all
 * destinations that change at once the internal routes are found first: forwarding addresses stand
 * on them.
 */
#ifndef PROTO_OSPF_PREFER_H
#define PROTO_OSPF_PREFER_H

#include "proto/ospf/border.h"
#include "proto/ospf/table.h"

/* What a forwarding address was found to be. */
struct forwarding {
	struct address address;
	uint32_t run;
	uint8_t area_kind; /* enum ospf_area_kind */
	struct reach reach;
};
#define FORWARDINGS 64

struct preference {
	const struct ospf *o;
	const struct table *table;
	const struct graph *graphs;
	size_t n_graphs;
	struct hops *hops;
	const struct borders *borders;
	uint32_t run; /* another one: what was found is forgotten */
	/* The router that was looked up last: the stubs of one most often stand together. */
	const struct graph *last_graph;
	const struct vertex *last_vertex;
	uint32_t last_router;
	struct forwarding forwardings[FORWARDINGS];
};

struct choice {
	uint8_t kind; /* enum ospf_route_kind; DESTINATION_NONE: none */
	struct reach reach;
	uint32_t cost, external_metric;
	uint32_t router;
	uint8_t precedence; /* RFC 3101 2.5 (6) (e) */
};

const struct graph *preference_graph(const struct preference *p, uint32_t area);

/* By claims inside of the AS. */
struct choice prefer_internal(struct preference *p, const struct destination *d);

/* By the others. */
struct choice prefer_external(struct preference *p, const struct destination *d);

/* What one claim alone would give. */
struct choice prefer_claim(struct preference *p, const struct claim *c);

#endif
