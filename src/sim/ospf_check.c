/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold in a network of OSPF, by a search over the topology that knows no OSPF. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "sim/ospf_state.h"

/* Whether packets pass from the port to another one of its wire. */
static bool passes(const struct ospf_net *net, const struct net_port *from,
		   const struct net_port *to)
{
	return from != to && net->wires[from->wire].whole && net->nodes[from->node].ospf &&
	       net->nodes[to->node].ospf;
}

/* Bellman's way: whoever has become nearer tells its neighbours. */
static void search(const struct ospf_net *net, size_t root, uint32_t *to, size_t *queue,
		   bool *queued)
{
	size_t head = 0, count = 1;

	for (size_t i = 0; i < net->n_nodes; i++)
		to[i] = NET_FAR;
	to[root] = 0;
	queue[0] = root;
	queued[root] = true;
	while (count) {
		size_t u = queue[head];
		const struct net_node *n = &net->nodes[u];

		head = (head + 1) % net->n_nodes;
		count--;
		queued[u] = false;
		for (size_t i = 0; i < n->n_ports; i++) {
			const struct net_port *p = &net->ports[n->ports[i]];
			const struct net_wire *w = &net->wires[p->wire];

			for (size_t k = 0; k < w->n_ports; k++) {
				const struct net_port *q = &net->ports[w->ports[k]];

				if (!passes(net, p, q) || to[q->node] <= to[u] + p->cost)
					continue;
				to[q->node] = to[u] + p->cost;
				if (queued[q->node])
					continue;
				queued[q->node] = true;
				queue[(head + count++) % net->n_nodes] = q->node;
			}
		}
	}
}

static void measure(struct ospf_net *net)
{
	size_t n = net->n_nodes, *queue;
	bool *queued;

	if (!net->changed)
		return;
	if (!net->distances)
		net->distances = malloc(n * n * sizeof(*net->distances));
	queue = malloc(n * sizeof(*queue));
	queued = calloc(n, sizeof(*queued));
	assert(net->distances && queue && queued);
	for (size_t i = 0; i < n; i++) {
		search(net, i, net->distances + i * n, queue, queued);
		net->nodes[i].touched = true;
	}
	free(queue);
	free(queued);
	net->changed = false;
}

static uint32_t distance(const struct ospf_net *net, size_t from, size_t to)
{
	return net->distances[from * net->n_nodes + to];
}

/* Whether the path leads on a shortest way from the node to `to`. */
static bool path_is_short(const struct ospf_net *net, size_t node, size_t to,
			  const struct route_path *path)
{
	const struct net_node *n = &net->nodes[node];
	const struct net_port *p;
	const struct net_wire *w;

	if (path->interface < 1 || path->interface > n->n_ports)
		return false;
	p = &net->ports[n->ports[path->interface - 1]];
	w = &net->wires[p->wire];
	for (size_t k = 0; k < w->n_ports; k++) {
		const struct net_port *q = &net->ports[w->ports[k]];

		if (passes(net, p, q) && address_equal(&q->address, &path->next_hop))
			return distance(net, q->node, to) != NET_FAR &&
			       p->cost + distance(net, q->node, to) == distance(net, node, to);
	}
	return false;
}

/* How many next hops there are on shortest ways. */
static size_t short_paths(const struct ospf_net *net, size_t node, size_t to)
{
	const struct net_node *n = &net->nodes[node];
	size_t count = 0;

	for (size_t i = 0; i < n->n_ports; i++) {
		const struct net_port *p = &net->ports[n->ports[i]];
		const struct net_wire *w = &net->wires[p->wire];

		for (size_t k = 0; k < w->n_ports; k++) {
			const struct net_port *q = &net->ports[w->ports[k]];

			count += passes(net, p, q) && distance(net, q->node, to) != NET_FAR &&
				 p->cost + distance(net, q->node, to) == distance(net, node, to);
		}
	}
	return count;
}

/* Whose prefix it is; n_nodes: nobody's. */
static size_t owner(const struct ospf_net *net, const struct prefix *p, size_t *ret_k)
{
	const uint8_t *b = p->address.bytes + (net->version == OSPF_V2 ? 0 : 12);
	size_t node = (size_t)b[2] << 8 | b[3];
	struct prefix is;

	*ret_k = (size_t)(b[1] - 100);
	if (b[1] < 100 || *ret_k >= OSPF_NET_PREFIXES || node >= net->n_nodes)
		return net->n_nodes;
	is = net_prefix(net, node, *ret_k);
	return prefix_equal(&is, p) ? node : net->n_nodes;
}

static bool wrong(struct text *t, size_t node, const struct prefix *p, const char *what)
{
	text_add(t, "router %zu: %s: %s", node, PREFIX_TEXT(p), what);
	return false;
}

static bool route_is_right(const struct ospf_net *net, size_t node, const struct ospf_route_row *r,
			   struct text *t)
{
	const struct route *route = &r->route;
	size_t k, of = owner(net, &route->prefix, &k), ways;
	uint32_t metric;

	if (of == net->n_nodes || !net->nodes[of].ospf || net->nodes[of].metrics[k] == 0)
		return wrong(t, node, &route->prefix, "a route to what nobody announces");
	if (of == node)
		return wrong(t, node, &route->prefix, "a route to what is its own");
	if (distance(net, node, of) == NET_FAR)
		return wrong(t, node, &route->prefix, "a route where there is no way");
	metric = net->nodes[of].metrics[k] + distance(net, node, of);
	if (route->metric != metric)
		return wrong(t, node, &route->prefix, "its metric is another one");
	ways = short_paths(net, node, of);
	if (route->n_paths != (ways < ROUTE_PATHS_MAX ? ways : ROUTE_PATHS_MAX))
		return wrong(t, node, &route->prefix, "it has not all of its paths");
	for (size_t i = 0; i < route->n_paths; i++)
		if (!path_is_short(net, node, of, &route->paths[i]))
			return wrong(t, node, &route->prefix, "one of its paths is not short");
	return true;
}

static size_t reachable(const struct ospf_net *net, size_t node)
{
	size_t count = 0;

	for (size_t i = 0; i < net->n_nodes; i++)
		for (size_t k = 0; k < OSPF_NET_PREFIXES; k++)
			count += i != node && net->nodes[i].ospf && net->nodes[i].metrics[k] &&
				 distance(net, node, i) != NET_FAR;
	return count;
}

static bool node_is_right(const struct ospf_net *net, size_t node, struct text *t)
{
	struct ospf_route_row row;
	size_t count = 0;

	for (size_t at = 0; ospf_route_row(net->nodes[node].ospf, net->now, &at, &row);) {
		/* v2: a LAN's own network, by its network-LSA. */
		if (!prefix_is_host(&row.route.prefix))
			continue;
		if (!route_is_right(net, node, &row, t))
			return false;
		count++;
	}
	if (count != reachable(net, node)) {
		text_add(t, "router %zu has %zu routes, and there are %zu", node, count,
			 reachable(net, node));
		return false;
	}
	return true;
}

static bool routes_right(struct ospf_net *net, struct text *t)
{
	measure(net);
	for (size_t i = 0; i < net->n_nodes; i++) {
		struct net_node *n = &net->nodes[i];

		if (!n->ospf)
			continue;
		if (n->touched)
			n->right = node_is_right(net, i, t);
		n->touched = !n->right;
		if (!n->right)
			return false;
	}
	return true;
}

bool net_routes_right(struct ospf_net *net)
{
	char sentence[160];
	struct text t;

	text_init(&t, sentence, sizeof(sentence));
	return routes_right(net, &t);
}

/* A sum over all that is flooded beyond a link, whatever the order. */
static uint64_t database_sum(const struct ospf_net *net, size_t node, size_t *ret_count)
{
	struct ospf_lsa_row row;
	uint64_t sum = 0;

	*ret_count = 0;
	for (size_t at = 0; ospf_lsa_row(net->nodes[node].ospf, net->now, &at, &row);) {
		uint32_t of[] = { row.header.key.type, row.header.key.id, row.header.key.router,
				  (uint32_t)row.header.sequence, row.header.checksum };

		if (row.scope == LSA_SCOPE_LINK)
			continue;
		sum += hash_bytes(0, of, sizeof(of)) * UINT64_C(0x9e3779b97f4a7c15);
		++*ret_count;
	}
	return sum;
}

/* The first one that is not the same for all who are connected with it. */
static bool databases_equal(const struct ospf_net *net, struct text *t)
{
	uint64_t *sums = calloc(net->n_nodes, sizeof(*sums));
	size_t *counts = calloc(net->n_nodes, sizeof(*counts));
	bool equal = true;

	assert(sums && counts);
	for (size_t i = 0; i < net->n_nodes; i++)
		if (net->nodes[i].ospf)
			sums[i] = database_sum(net, i, &counts[i]);
	for (size_t i = 1; i < net->n_nodes && equal; i++) {
		if (!net->nodes[0].ospf || !net->nodes[i].ospf || distance(net, 0, i) == NET_FAR)
			continue;
		equal = sums[i] == sums[0];
		if (!equal)
			text_add(t,
				 "routers 0 and %zu have databases that differ: %zu and %zu LSAs",
				 i, counts[0], counts[i]);
	}
	free(sums);
	free(counts);
	return equal;
}

/* Externals are of those who announce them now. */
static bool externals_current(const struct ospf_net *net, struct text *t)
{
	struct lsa_destination d;
	struct ospf_lsa_row row;
	size_t k, of;

	for (size_t at = 0;
	     net->nodes[0].ospf && ospf_lsa_row(net->nodes[0].ospf, net->now, &at, &row);) {
		if (lsa_kind(net->version, &row.header.key) != LSA_EXTERNAL ||
		    !lsa_destination_read(net->version, row.bytes, row.header.length, &d))
			continue;
		of = owner(net, &d.prefix, &k);
		if (of < net->n_nodes && net->nodes[of].metrics[k] &&
		    row.header.key.router == net_router_id(of))
			continue;
		text_add(t, "an LSA of %s is there, which was purged", PREFIX_TEXT(&d.prefix));
		return false;
	}
	return true;
}

bool ospf_net_check(struct ospf_net *net, char *sentence, size_t size)
{
	struct text t;

	text_init(&t, sentence, size);
	for (size_t i = 0; i < net->n_nodes; i++)
		net->nodes[i].touched = true;
	return routes_right(net, &t) && databases_equal(net, &t) && externals_current(net, &t);
}
