/* SPDX-License-Identifier: Apache-2.0 */
/* What there is in a network of OSPF (ospf_net.h), for its files alone. */
#ifndef SIM_OSPF_STATE_H
#define SIM_OSPF_STATE_H

#include "base/container.h"
#include "base/random.h"
#include "base/timers.h"
#include "sim/ospf_net.h"

#define NET_WIRE_PORTS_MAX 64

/* Where a node is plugged in. */
struct net_port {
	size_t node, wire;
	uint32_t index; /* of the interface, from 1 */
	uint16_t cost;
	struct address address;
	uint8_t length;
};

struct net_wire {
	bool lan;
	bool whole, silent;  /* silent: it is cut, and nobody knows */
	uint64_t life;	     /* what is under way when it is cut is lost */
	struct instant last; /* the last packet arrives */
	size_t *ports, n_ports, capacity;
};

struct net_node {
	struct ospf *ospf; /* NULL: it is down */
	struct timer due;
	uint64_t life;
	uint32_t metrics[OSPF_NET_PREFIXES]; /* 0: not announced */
	size_t *ports, n_ports, capacity;    /* by their index, from 1 */
	bool touched;			     /* something has happened since it was looked at */
	bool right;			     /* its routes were, then */
	struct speaker_note *notes;	     /* owned: what this life has written down */
	size_t n_notes, notes_capacity;
};

struct ospf_net {
	enum ospf_version version;
	enum ospf_vips vips;
	uint64_t seed;
	struct random random;
	struct instant now;
	struct timers timers;
	unsigned loss;
	struct net_node *nodes;
	size_t n_nodes;
	struct net_wire *wires;
	size_t n_wires, wires_capacity;
	struct net_port *ports;
	size_t n_ports, ports_capacity;
	struct ospf_net_counters counters;
	bool writes;  /* what a later life is to know is written down */
	bool changed; /* the topology is another one than `distances` are of */
	uint32_t *
		distances; /* from a node to another: n_nodes * n_nodes; NET_FAR: there is no way */
};

#define NET_FAR UINT32_MAX

static inline uint32_t net_router_id(size_t node)
{
	return 0x01000000u + (uint32_t)node + 1;
}

struct prefix net_prefix(const struct ospf_net *net, size_t node, size_t k);

/* ospf_check.c: every node has the routes that it should have. */
bool net_routes_right(struct ospf_net *net);

#endif
