/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/ospf_net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/random.h"
#include "sim/ospf_engine.h"
#include "sim/ospf_state.h"

#define DELAY_LOW DURATION_MS(0)
#define DELAY_HIGH ((struct duration){ 500000 })

#define NOTES_MAX 1000		    /* then all is written anew */
#define RESTART_TIME DURATION_S(50) /* as of a node: a dead interval, and ten seconds */

/* A packet on its way to a port. */
struct flight {
	struct timer due;
	size_t port;
	uint64_t wire_life; /* it is lost with the wire */
	uint64_t life;
	struct address source, destination;
	size_t length;
	uint8_t bytes[];
};

enum timer_slot {
	TIMER_NODE,
	TIMER_FLIGHT,
};

struct ospf_net *ospf_net_new(enum ospf_version v, enum ospf_vips vips, size_t n_nodes,
			      uint64_t seed)
{
	struct ospf_net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->version = v;
	net->vips = vips;
	net->seed = seed;
	random_init(&net->random, seed);
	timers_init(&net->timers);
	net->n_nodes = n_nodes;
	net->nodes = calloc(n_nodes, sizeof(*net->nodes));
	if (!net->nodes) {
		free(net);
		return NULL;
	}
	for (size_t i = 0; i < n_nodes; i++) {
		timer_init(&net->nodes[i].due, TIMER_NODE);
		net->nodes[i].metrics[0] = 1;
	}
	return net;
}

void ospf_net_free(struct ospf_net *net)
{
	struct timer *t;

	if (!net)
		return;
	while ((t = timers_pop(&net->timers, INSTANT_NEVER)))
		if (t->slot == TIMER_FLIGHT)
			free(container_of(t, struct flight, due));
	for (size_t i = 0; i < net->n_nodes; i++) {
		ospf_free(net->nodes[i].ospf);
		free(net->nodes[i].ports);
		free(net->nodes[i].notes);
	}
	for (size_t i = 0; i < net->n_wires; i++)
		free(net->wires[i].ports);
	timers_done(&net->timers);
	free(net->nodes);
	free(net->wires);
	free(net->ports);
	free(net->distances);
	free(net);
}

size_t ospf_net_wires(const struct ospf_net *net)
{
	return net->n_wires;
}

size_t ospf_net_nodes(const struct ospf_net *net)
{
	return net->n_nodes;
}

struct prefix net_prefix(const struct ospf_net *net, size_t node, size_t k)
{
	uint8_t bytes[16] = { 10, (uint8_t)(100 + k), (uint8_t)(node >> 8), (uint8_t)node };
	struct address a;

	if (net->version == OSPF_V2) {
		a = address_make(FAMILY_IPV4, bytes);
	} else {
		uint8_t wide[16] = { 0x20, 0x01, 0x0d, 0xb8, [12] = 10 };

		memcpy(wide + 12, bytes, 4);
		a = address_make(FAMILY_IPV6, wide);
	}
	return prefix_host(&a);
}

/* 10.0.0.0/8 below 10.100 has a /24 of each wire; OSPFv3 speaks from fe80::WIRE:PORT. */
static void port_address(struct ospf_net *net, struct net_port *p, size_t place)
{
	uint32_t wire = (uint32_t)p->wire;

	if (net->version == OSPF_V2) {
		p->address = address_ipv4(0xac100000u + (wire << 8) + (uint32_t)place + 1);
		p->length = 24;
	} else {
		uint8_t bytes[16] = { 0xfe, 0x80, [12] = (uint8_t)(wire >> 8),
				      (uint8_t)wire, [15] = (uint8_t)(place + 1) };

		p->address = address_make(FAMILY_IPV6, bytes);
		p->length = 64;
	}
}

static size_t wire_new(struct ospf_net *net, bool lan)
{
	int r = ARRAY_RESERVE(net->wires, net->wires_capacity, net->n_wires + 1);

	assert(r == 0);
	net->wires[net->n_wires] = (struct net_wire){ .lan = lan, .whole = true };
	return net->n_wires++;
}

static void plug(struct ospf_net *net, size_t wire, size_t node, uint16_t cost)
{
	struct net_wire *w = &net->wires[wire];
	struct net_node *n = &net->nodes[node];
	struct net_port p = { .node = node, .wire = wire, .cost = cost };
	int r = ARRAY_RESERVE(net->ports, net->ports_capacity, net->n_ports + 1);

	assert(r == 0 && w->n_ports < NET_WIRE_PORTS_MAX);
	port_address(net, &p, w->n_ports);
	p.index = (uint32_t)n->n_ports + 1;
	r = ARRAY_RESERVE(w->ports, w->capacity, w->n_ports + 1);
	assert(r == 0);
	w->ports[w->n_ports++] = net->n_ports;
	r = ARRAY_RESERVE(n->ports, n->capacity, n->n_ports + 1);
	assert(r == 0);
	(void)r;
	n->ports[n->n_ports++] = net->n_ports;
	net->ports[net->n_ports++] = p;
}

size_t ospf_net_wire(struct ospf_net *net, size_t a, size_t b, uint16_t cost_a, uint16_t cost_b)
{
	size_t wire = wire_new(net, false);

	plug(net, wire, a, cost_a);
	plug(net, wire, b, cost_b);
	return wire;
}

size_t ospf_net_lan(struct ospf_net *net, const size_t *nodes, size_t n, uint16_t cost)
{
	size_t wire = wire_new(net, true);

	for (size_t i = 0; i < n; i++)
		plug(net, wire, nodes[i], cost);
	return wire;
}

static void fly(struct ospf_net *net, size_t port, const struct ospf_packet *p)
{
	const struct net_port *to = &net->ports[port];
	struct net_wire *w = &net->wires[to->wire];
	struct instant due;
	struct flight *f;

	if (random_below(&net->random, 1000) < net->loss) {
		net->counters.lost++;
		return;
	}
	f = malloc(sizeof(*f) + p->length);
	assert(f);
	timer_init(&f->due, TIMER_FLIGHT);
	f->port = port;
	f->wire_life = w->life;
	f->life = net->nodes[to->node].life;
	f->source = p->source;
	f->destination = p->destination;
	f->length = p->length;
	memcpy(f->bytes, p->bytes, p->length);
	/* A wire does not let one packet pass another. */
	due = instant_add(net->now, random_between(&net->random, DELAY_LOW, DELAY_HIGH));
	due = instant_max(due, w->last);
	w->last = due;
	assert(timer_set(&net->timers, &f->due, due) == 0);
}

static void send(struct ospf_net *net, size_t node, const struct ospf_packet *p)
{
	const struct net_node *n = &net->nodes[node];
	const struct net_port *from;
	const struct net_wire *w;

	assert(p->interface >= 1 && p->interface <= n->n_ports);
	from = &net->ports[n->ports[p->interface - 1]];
	w = &net->wires[from->wire];
	net->counters.packets++;
	net->counters.bytes += p->length;
	if (!w->whole)
		return;
	for (size_t i = 0; i < w->n_ports; i++) {
		const struct net_port *to = &net->ports[w->ports[i]];

		if (to == from || !net->nodes[to->node].ospf)
			continue;
		if (address_is_multicast(&p->destination) ||
		    address_equal(&p->destination, &to->address))
			fly(net, w->ports[i], p);
	}
}

static void take_notes(struct ospf_net *net, struct net_node *n)
{
	struct speaker_note note;

	if (!net->writes)
		return;
	if (n->n_notes > NOTES_MAX) {
		n->n_notes = 0;
		ospf_notes_again(n->ospf);
	}
	while (ospf_note(n->ospf, &note)) {
		int r = ARRAY_RESERVE(n->notes, n->notes_capacity, n->n_notes + 1);

		assert(r == 0);
		(void)r;
		n->notes[n->n_notes++] = note;
	}
}

/* Takes out all that the node has to say. */
static void pump(struct ospf_net *net, size_t node)
{
	struct net_node *n = &net->nodes[node];
	struct ospf_packet p;

	while (engine_output(n->ospf, net->now, &p)) {
		take_notes(net, n);
		send(net, node, &p);
	}
	take_notes(net, n);
	n->touched = true;
	assert(timer_set(&net->timers, &n->due, ospf_deadline(n->ospf)) == 0);
}

static void tell_link(struct ospf_net *net, const struct net_port *p, bool usable)
{
	struct net_node *n = &net->nodes[p->node];

	if (!n->ospf)
		return;
	engine_link(n->ospf, net->now, p->index, usable, &p->address, p->length);
	pump(net, p->node);
}

static void set_interface(struct ospf_net *net, const struct net_port *p)
{
	const struct net_wire *w = &net->wires[p->wire];
	struct ospf_interface_settings s;

	ospf_interface_settings_default(&s);
	s.is.network = w->lan ? OSPF_BROADCAST : OSPF_POINT_TO_POINT;
	engine_interface(net->nodes[p->node].ospf, net->now, p->index, &s.is, p->cost);
}

static void begin(struct ospf_net *net, size_t node, bool returns)
{
	struct net_node *n = &net->nodes[node];

	if (n->ospf)
		return;
	n->life++;
	n->ospf = engine_new(net->version, net_router_id(node), net->vips,
			     random_next(&net->random), net->seed);
	for (size_t k = 0; returns && k < n->n_notes; k++)
		ospf_recall(n->ospf, &n->notes[k]);
	if (returns)
		ospf_restart(n->ospf, net->now, RESTART_TIME);
	n->n_notes = 0;
	for (size_t i = 0; i < n->n_ports; i++) {
		const struct net_port *p = &net->ports[n->ports[i]];

		set_interface(net, p);
		tell_link(net, p, net->wires[p->wire].whole || net->wires[p->wire].silent);
	}
	for (size_t k = 0; k < OSPF_NET_PREFIXES; k++)
		if (n->metrics[k])
			ospf_net_announce(net, node, k, n->metrics[k]);
	pump(net, node);
	net->changed = true;
}

void ospf_net_boot(struct ospf_net *net, size_t node)
{
	begin(net, node, false);
}

void ospf_net_return(struct ospf_net *net, size_t node)
{
	begin(net, node, true);
}

void ospf_net_write(struct ospf_net *net)
{
	net->writes = true;
}

void ospf_net_crash(struct ospf_net *net, size_t node)
{
	struct net_node *n = &net->nodes[node];

	if (!n->ospf)
		return;
	timer_stop(&net->timers, &n->due);
	ospf_free(n->ospf);
	n->ospf = NULL;
	net->changed = true;
}

void ospf_net_cut(struct ospf_net *net, size_t wire, bool silent)
{
	struct net_wire *w = &net->wires[wire];

	if (!w->whole)
		return;
	w->whole = false;
	w->silent = silent;
	w->life++;
	net->changed = true;
	for (size_t i = 0; i < w->n_ports && !silent; i++)
		tell_link(net, &net->ports[w->ports[i]], false);
}

void ospf_net_mend(struct ospf_net *net, size_t wire)
{
	struct net_wire *w = &net->wires[wire];

	if (w->whole)
		return;
	w->whole = true;
	w->life++;
	net->changed = true;
	for (size_t i = 0; i < w->n_ports; i++)
		tell_link(net, &net->ports[w->ports[i]], true);
}

void ospf_net_loss(struct ospf_net *net, unsigned per_mille)
{
	net->loss = per_mille;
}

void ospf_net_announce(struct ospf_net *net, size_t node, size_t k, uint32_t metric)
{
	struct net_node *n = &net->nodes[node];
	struct prefix p = net_prefix(net, node, k);

	n->metrics[k] = metric;
	net->changed = true;
	if (!n->ospf)
		return;
	if (metric)
		(void)ospf_announce(n->ospf, net->now, &p, metric);
	else
		(void)ospf_withdraw(n->ospf, net->now, &p);
	pump(net, node);
}

static void arrive(struct ospf_net *net, struct flight *f)
{
	const struct net_port *to = &net->ports[f->port];
	struct net_node *n = &net->nodes[to->node];
	struct ospf_packet p = {
		.interface = to->index,
		.source = f->source,
		.destination = f->destination,
		.hop_limit = 1,
		.bytes = f->bytes,
		.length = f->length,
	};

	if (n->ospf && n->life == f->life && net->wires[to->wire].life == f->wire_life) {
		ospf_input(n->ospf, net->now, &p);
		pump(net, to->node);
	}
	free(f);
}

/* Lets happen what is due until then. */
static void run_until(struct ospf_net *net, struct instant end)
{
	struct instant due;
	struct timer *t;

	for (;;) {
		due = timers_deadline(&net->timers);
		if (instant_before(end, due))
			break;
		net->now = instant_max(net->now, due);
		t = timers_pop(&net->timers, net->now);
		if (t->slot == TIMER_FLIGHT) {
			arrive(net, container_of(t, struct flight, due));
		} else {
			struct net_node *n = container_of(t, struct net_node, due);

			ospf_tick(n->ospf, net->now);
			pump(net, (size_t)(n - net->nodes));
		}
	}
	net->now = end;
}

void ospf_net_run(struct ospf_net *net, struct duration d)
{
	run_until(net, instant_add(net->now, d));
}

struct duration ospf_net_converge(struct ospf_net *net, struct duration most)
{
	struct instant start = net->now, end = instant_add(start, most);

	while (instant_before(net->now, end)) {
		if (net_routes_right(net))
			return instant_since(net->now, start);
		ospf_net_run(net, DURATION_MS(1));
	}
	return (struct duration){ -1 };
}

struct ospf_net_counters ospf_net_counters(const struct ospf_net *net)
{
	struct ospf_net_counters c = net->counters;
	struct ospf_spf_row row;

	for (size_t i = 0; i < net->n_nodes; i++)
		for (size_t at = 0;
		     net->nodes[i].ospf && ospf_spf_row(net->nodes[i].ospf, net->now, &at, &row);)
			c.full_runs += row.runs;
	return c;
}
