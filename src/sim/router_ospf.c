/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/router_ospf.h"

#include <assert.h>
#include <string.h>

#include "sim/lan.h"
#include "sim/ospf_engine.h"

/* Not 1, so that a way with fewer links is not the shortest one by chance alone. */
#define ROUTER_COST 10

#define ROUTER_ID_FIRST 0x01000001u

/* How it is spoken on the LAN, by whoever does. */
static struct ospf_speech speech_on(const struct sim *s, const struct sim_lan *lan)
{
	struct ospf_speech is = s->ospf;

	/* Where more than two meet it has to be a LAN. */
	if (lan->n_ports > 2)
		is.network = OSPF_BROADCAST;
	return is;
}

void router_ospf_client(const struct sim *s, const struct sim_lan *lan,
			struct speech_settings *speech)
{
	struct ospf_speech is = speech_on(s, lan);

	is.priority = 0;
	memcpy(speech->own, &is, sizeof(is));
}

static uint8_t router_index(const struct sim *s, const struct sim_router *r)
{
	return (uint8_t)(r - s->routers);
}

static void pump(struct sim *s, struct sim_router *r)
{
	struct ospf_packet p;
	struct instant due;

	while (engine_output(r->ospf, s->now, &p)) {
		struct packet d = {
			.speaker = speaker_of(s, SIM_OSPF),
			.source = p.source,
			.destination = p.destination,
		};

		/* No LSA of these networks is longer than a packet. */
		assert(p.length <= sizeof(d.bytes));
		d.length = (uint16_t)p.length;
		memcpy(d.bytes, p.bytes, p.length);
		sim_send(s, &r->ports[p.interface - 1], &d);
	}
	due = ospf_deadline(r->ospf);
	/* Unless something wakes it before that. */
	if (instant_reached(r->ospf_woken, due))
		return;
	r->ospf_woken = due;
	due = instant_max(due, s->now);
	sim_schedule(s, instant_since(due, s->now),
		     &(struct sim_event){ .kind = SIM_EVENT_OSPF, .owner = router_index(s, r) });
}

static void tell_link(struct sim *s, struct sim_router *r, const struct sim_port *port)
{
	engine_link(r->ospf, s->now, port->interface, port->up, &port->address,
		    s->lans[port->lan].network.length);
}

void router_ospf_start(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];

	for (size_t k = 0; k < r->n_ports; k++) {
		const struct sim_lan *lan = &s->lans[r->ports[k].lan];
		struct ospf_speech is = speech_on(s, lan);

		if (!lan->speaks[SIM_OSPF])
			continue;
		if (!r->ospf)
			r->ospf = engine_new(router_ospf_version(s), ROUTER_ID_FIRST + index,
					     OSPF_VIPS_AUTO, random_next(&s->random),
					     random_next(&s->random));
		engine_interface(r->ospf, s->now, r->ports[k].interface, &is, ROUTER_COST);
		tell_link(s, r, &r->ports[k]);
	}
	r->ospf_woken = INSTANT_NEVER;
	if (r->ospf)
		pump(s, r);
}

void router_ospf_stop(struct sim *s, uint8_t index)
{
	ospf_free(s->routers[index].ospf);
	s->routers[index].ospf = NULL;
}

void router_ospf_wake(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];

	/* It was to be woken sooner, and has been; or is of an earlier life. */
	if (!r->ospf || instant_before(s->now, r->ospf_woken))
		return;
	r->ospf_woken = INSTANT_NEVER;
	ospf_tick(r->ospf, s->now);
	pump(s, r);
}

void router_ospf_receive(struct sim *s, struct sim_router *r, const struct sim_port *port,
			 const struct packet *d)
{
	struct ospf_packet p = {
		.interface = port->interface,
		.source = d->source,
		.destination = d->destination,
		.hop_limit = 1,
		.bytes = d->bytes,
		.length = d->length,
	};

	if (!r->ospf || d->refused)
		return;
	ospf_input(r->ospf, s->now, &p);
	pump(s, r);
}

void router_ospf_port(struct sim *s, struct sim_router *r, const struct sim_port *port)
{
	if (!r->ospf || !s->lans[port->lan].speaks[SIM_OSPF])
		return;
	tell_link(s, r, port);
	pump(s, r);
}

void router_ospf_verdict(struct sim *s, uint8_t index, const struct path *path, enum verdict v)
{
	struct sim_router *r = &s->routers[index];

	if (!r->ospf)
		return;
	ospf_liveness(r->ospf, s->now, path->interface, &path->peer, v);
	pump(s, r);
}

static bool is_lan(const struct sim *s, const struct prefix *p)
{
	for (size_t k = 0; k < s->n_lans; k++)
		if (prefix_equal(&s->lans[k].network, p) || prefix_equal(&s->lans[k].global, p))
			return true;
	return false;
}

bool router_ospf_lookup(const struct sim *s, const struct sim_router *r, const struct address *a,
			struct sim_route *ret)
{
	struct ospf_route_row row;

	*ret = (struct sim_route){ 0 };
	for (size_t at = 0; r->ospf && ospf_route_row(r->ospf, s->now, &at, &row);) {
		const struct route *route = &row.route;
		const struct route_path *path;

		if (route->n_paths == 0 || !prefix_contains(&route->prefix, a) ||
		    is_lan(s, &route->prefix) || route->prefix.length <= ret->prefix.length)
			continue;
		/* Of several one, and not the same for all routers. */
		path = &route->paths[router_index(s, r) % route->n_paths];
		*ret = (struct sim_route){ .prefix = route->prefix,
					   .next_hop = path->next_hop,
					   .interface = path->interface };
	}
	return ret->prefix.length > 0;
}
