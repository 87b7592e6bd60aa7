/* SPDX-License-Identifier: Apache-2.0 */
/* The clock, the queue, the wires, and the way of a packet through the network. */
#include "sim/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/invariants.h"
#include "sim/router_ospf.h"

struct sim *sim_new(uint64_t seed, enum family family)
{
	struct sim *s = calloc(1, sizeof(*s));

	assert(s);
	random_init(&s->random, seed);
	s->family = family;
	s->global = true;
	s->tell = host_input;
	s->now = (struct instant){ DURATION_S(1000).ns };
	return s;
}

void sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->n_hosts; i++)
		host_free(&s->hosts[i]);
	for (size_t i = 0; i < s->n_routers; i++) {
		bfd_free(s->routers[i].watch.bfd);
		router_ospf_stop(s, (uint8_t)i);
	}
	free(s->events);
	free(s->streams);
	free(s);
}

static struct prefix global_network(uint8_t lan)
{
	struct prefix ret = { .length = 64 };
	int r = address_parse("2001:db8::", &ret.address);

	assert(r == 0);
	ret.address.bytes[7] = lan;
	return ret;
}

uint8_t sim_lan_add(struct sim *s, const char *network)
{
	struct sim_lan *lan = &s->lans[s->n_lans];
	struct address a;
	uint8_t length;

	if (s->family == FAMILY_IPV6)
		network = "fe80::/64";
	assert(s->n_lans < SIM_LANS_MAX && prefix_parse(network, &a, &length) == 0);
	lan->network = prefix_make(&a, length);
	if (s->family == FAMILY_IPV6 && s->global)
		lan->global = global_network(s->n_lans);
	lan->speaks[SIM_RIP] = true;
	lan->delay = (struct duration){ 100000 };
	lan->jitter = (struct duration){ 100000 };
	return s->n_lans++;
}

uint8_t sim_router_add(struct sim *s, enum sim_router_style style)
{
	assert(s->n_routers < SIM_ROUTERS_MAX);
	s->routers[s->n_routers].style = style;
	return s->n_routers++;
}

uint8_t sim_host_add(struct sim *s)
{
	assert(s->n_hosts < SIM_HOSTS_MAX);
	return s->n_hosts++;
}

/* The last byte of the networks here is 0. */
static struct address host_in(const struct prefix *network, uint8_t number)
{
	struct address a = network->address;

	a.bytes[family_bytes((enum family)a.family) - 1] = number;
	return a;
}

struct sim_port *sim_port_add(struct sim *s, enum sim_kind kind, uint8_t owner, uint8_t lan,
			      uint8_t number)
{
	struct sim_port *ports =
		kind == SIM_ROUTER ? s->routers[owner].ports : s->hosts[owner].ports;
	uint8_t *n_ports =
		kind == SIM_ROUTER ? &s->routers[owner].n_ports : &s->hosts[owner].n_ports;
	struct sim_lan *l = &s->lans[lan];
	struct sim_port *p = &ports[*n_ports];

	assert(*n_ports < SIM_PORTS_MAX);
	*p = (struct sim_port){
		.kind = kind,
		.owner = owner,
		.lan = lan,
		.interface = ++*n_ports,
		.address = host_in(&l->network, number),
		.up = true,
		.voices = { { .speaks = INSTANT_NEVER }, { .speaks = INSTANT_NEVER } },
	};
	if (l->global.length > 0)
		p->global = host_in(&l->global, number);
	assert(l->n_ports < SIM_PORTS_MAX);
	l->ports[l->n_ports++] = p;
	return p;
}

/* The kernel answers at once, whatever its node does. */
static void frame_arrives(struct sim *s, const struct sim_packet *p)
{
	if (p->to->up && !p->to->deaf)
		host_frame_kernel(s, p->to->owner, p->to, &p->frame);
	else
		s->lans[p->to->lan].harmed = s->now;
}

static void sim_deliver(struct sim *s, struct sim_packet *p)
{
	const struct sim_port *to = p->to;
	struct packet d;

	if (p->is_frame && !p->seen) {
		p->seen = true;
		frame_arrives(s, p);
	}
	/* A host's sessions are the guard's: they do not stall with the node. */
	if (p->is_probe) {
		struct ether_frame frame = p->frame;

		p->used = false;
		if (to->up && !to->deaf)
			watch_answer(s, to, &frame);
		return;
	}
	if (p->is_bfd) {
		struct bfd_datagram packet = p->bfd;

		p->used = false;
		if (to->up && !to->deaf)
			watch_receive(s, to, &packet);
		return;
	}
	if (to->kind == SIM_HOST && !instant_reached(s->hosts[to->owner].stalled, s->now)) {
		/* It waits in the socket. */
		sim_schedule(s, instant_since(s->hosts[to->owner].stalled, s->now),
			     &(struct sim_event){ .kind = SIM_EVENT_DELIVER,
						  .detail = (uint32_t)(p - s->packets) });
		return;
	}
	p->used = false;
	if (!to->up || to->deaf)
		return;
	if (p->is_frame) {
		host_frame_node(s, to->owner, to, &p->frame);
		return;
	}
	d = p->datagram;
	d.interface = to->interface;
	d.hop_limit = 255;
	d.socket = d.destination_port == SIM_QUERY_PORT;
	if (to->kind == SIM_ROUTER)
		router_receive(s, &s->routers[to->owner], to, &d);
	else
		host_receive(s, to->owner, to, &d);
}

static void sim_step(struct sim *s)
{
	struct sim_event e = sim_pop(s);

	s->now = e.at;
	s->steps++;
	switch ((enum sim_event_kind)e.kind) {
	case SIM_EVENT_DELIVER:
		sim_deliver(s, &s->packets[e.detail]);
		break;
	case SIM_EVENT_ROUTER:
		router_wake(s, e.owner);
		break;
	case SIM_EVENT_OSPF:
		router_ospf_wake(s, e.owner);
		break;
	case SIM_EVENT_STREAM:
		stream_happens(s, &e);
		break;
	case SIM_EVENT_SESSIONS:
		watch_wake(s, (enum sim_kind)e.detail, e.owner);
		if (e.detail == SIM_HOST)
			watch_tell(s, e.owner);
		break;
	case SIM_EVENT_HOST:
	case SIM_EVENT_DONE:
	case SIM_EVENT_LISTEN:
	case SIM_EVENT_TALKS:
	case SIM_EVENT_WATCH:
	case SIM_EVENT_RESTART:
	case SIM_EVENT_GUARD:
	case SIM_EVENT_SOURCING:
	case SIM_EVENT_CHECKED:
	case SIM_EVENT_COUNTED:
	case SIM_EVENT_SAVING:
	case SIM_EVENT_SENDING:
	case SIM_EVENT_PROVED:
	case SIM_EVENT_REREAD:
		host_happens(s, &e);
		break;
	}
}

void sim_run(struct sim *s, struct duration time)
{
	struct instant until = instant_add(s->now, time);

	while (s->n_events > 0 && !s->broken[0] && instant_reached(s->events[1].at, until)) {
		sim_step(s);
		if (s->proves)
			forwarding_look(s);
	}
	if (!s->broken[0])
		s->now = until;
}

void sim_bfd(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	watch_with_bfd(s, interval_us, multiplier);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_configure(s, i);
}

void sim_probe(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	watch_with_probes(s, interval_us, multiplier);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_configure(s, i);
}

void sim_echo(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	watch_with_echoes(s, interval_us, multiplier);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_configure(s, i);
}

void sim_prove(struct sim *s)
{
	s->proves = true;
	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_configure(s, i);
}
