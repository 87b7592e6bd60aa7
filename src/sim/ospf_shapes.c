/* SPDX-License-Identifier: Apache-2.0 */
/* Topologies of networks of OSPF. */
#include <assert.h>

#include "sim/ospf_state.h"

#define COST 10

const char *ospf_net_shape_name(enum ospf_net_shape shape)
{
	static const char *const names[] = { "ring", "grid", "fat tree", "random" };

	return names[shape];
}

static void ring(struct ospf_net *net)
{
	for (size_t i = 0; i < net->n_nodes; i++)
		ospf_net_wire(net, i, (i + 1) % net->n_nodes, COST, COST);
}

/* The side of the square that has about n nodes. */
static size_t side(size_t n)
{
	size_t k = 2;

	while ((k + 1) * (k + 1) <= n)
		k++;
	return k;
}

static void grid(struct ospf_net *net, size_t k)
{
	for (size_t y = 0; y < k; y++)
		for (size_t x = 0; x < k; x++) {
			if (x + 1 < k)
				ospf_net_wire(net, y * k + x, y * k + x + 1, COST, COST);
			if (y + 1 < k)
				ospf_net_wire(net, y * k + x, (y + 1) * k + x, COST, COST);
		}
}

/* k pods of k/2 switches above and k/2 below, and (k/2)^2 in the core: 5k²/4 nodes. */
static size_t arity(size_t n)
{
	size_t k = 2;

	while (5 * (k + 2) * (k + 2) / 4 <= n)
		k += 2;
	return k;
}

static void fat_tree(struct ospf_net *net, size_t k)
{
	size_t half = k / 2, core = k * k;

	for (size_t pod = 0; pod < k; pod++)
		for (size_t above = 0; above < half; above++) {
			size_t node = pod * k + above;

			for (size_t below = 0; below < half; below++)
				ospf_net_wire(net, node, pod * k + half + below, COST, COST);
			for (size_t c = 0; c < half; c++)
				ospf_net_wire(net, node, core + above * half + c, COST, COST);
		}
}

static uint16_t cost(struct ospf_net *net)
{
	return (uint16_t)(1 + random_below(&net->random, 20));
}

static void tangle(struct ospf_net *net)
{
	size_t n = net->n_nodes;

	for (size_t i = 1; i < n; i++)
		ospf_net_wire(net, i, (size_t)random_below(&net->random, i), cost(net), cost(net));
	for (size_t i = 0; i < n / 2; i++) {
		size_t a = (size_t)random_below(&net->random, n),
		       b = (size_t)random_below(&net->random, n),
		       c = (size_t)random_below(&net->random, n);

		if (a == b || b == c || a == c)
			continue;
		if (random_below(&net->random, 4) == 0)
			ospf_net_lan(net, (const size_t[]){ a, b, c }, 3, cost(net));
		else
			ospf_net_wire(net, a, b, cost(net), cost(net));
	}
}

struct ospf_net *ospf_net_shaped(enum ospf_version v, enum ospf_vips vips,
				 enum ospf_net_shape shape, size_t n, uint64_t seed)
{
	size_t k = shape == OSPF_NET_GRID ? side(n) : arity(n);
	struct ospf_net *net;

	if (shape == OSPF_NET_GRID)
		n = k * k;
	else if (shape == OSPF_NET_FAT_TREE)
		n = 5 * k * k / 4;
	net = ospf_net_new(v, vips, n, seed);
	assert(net);
	if (shape == OSPF_NET_RING)
		ring(net);
	else if (shape == OSPF_NET_GRID)
		grid(net, k);
	else if (shape == OSPF_NET_FAT_TREE)
		fat_tree(net, k);
	else
		tangle(net);
	return net;
}
