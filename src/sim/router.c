/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain RIP-2 or RIPng router, as RFC 2453 has it and as BIRD and FRR do it: one route for a
 * prefix, 30, 180 and 120 seconds, split horizon, triggered updates that damp each other. It shares
 * the packet format with our speaker and nothing else, so that a misunderstanding of the protocol
 * is not made on both sides.
 */
#include <string.h>

#include "proto/rip/packet.h"
#include "sim/lan.h"
#include "sim/router_ospf.h"
#include "sim/router.h"

#define ROUTER_UPDATE DURATION_S(30)
#define ROUTER_TIMEOUT DURATION_S(180)
#define ROUTER_GARBAGE DURATION_S(120)

static void router_arm(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];
	struct instant due = instant_min(r->update, r->trigger);

	for (size_t i = 0; i < r->n_routes; i++)
		due = instant_min(due, r->routes[i].metric < RIP_INFINITY ? r->routes[i].timeout
									  : r->routes[i].garbage);
	if (!r->running || r->woken.ns == due.ns)
		return;
	r->woken = due;
	due = instant_max(due, s->now);
	sim_schedule(s, instant_since(due, s->now),
		     &(struct sim_event){ .kind = SIM_EVENT_ROUTER, .owner = index });
}

/* RIP-2, or RIPng, which is 1. */
static uint8_t version(const struct sim *s)
{
	return s->family == FAMILY_IPV6 ? 1 : 2;
}

static uint8_t router_index(const struct sim *s, const struct sim_router *r)
{
	return (uint8_t)(r - s->routers);
}

static struct instant after_jitter(struct sim *s, struct duration low, struct duration high)
{
	return instant_add(s->now, random_between(&s->random, low, high));
}

static void router_change(struct sim *s, struct sim_router *r, struct sim_route *t)
{
	struct instant soonest;

	t->changed = true;
	if (!instant_is_never(r->trigger))
		return;
	soonest = r->style == SIM_STYLE_BIRD ? instant_add(s->now, DURATION_MS(100)) : s->now;
	r->trigger = instant_max(soonest, r->damped);
}

/* Sends the table, or only what has changed, on a port; to one address, or to all with NULL. */
static void router_tell(struct sim *s, struct sim_router *r, const struct sim_port *port,
			bool changed_only, const struct address *to)
{
	struct packet d = { .speaker = speaker_of(s, SIM_RIP),
			    .source = port->address,
			    .source_port = rip_port(s->family),
			    .destination = to ? *to : rip_group(s->family),
			    .destination_port = rip_port(s->family) };
	struct rip_packet p = rip_packet_make(s->family, RIP_RESPONSE, version(s));

	for (size_t i = 0; i <= r->n_routes; i++) {
		const struct sim_route *t = &r->routes[i];

		if (p.n_entries == rip_entries_max(s->family) ||
		    (i == r->n_routes && p.n_entries > 0)) {
			d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
			sim_send(s, port, &d);
			p.n_entries = 0;
		}
		if (i == r->n_routes || (changed_only && !t->changed))
			continue;
		/* RFC 2453 3.4.3: split horizon, with poison reverse where the style has it. */
		if (t->interface != port->interface)
			rip_packet_add(&p, &t->prefix, t->tag, t->metric);
		else if (r->style != SIM_STYLE_FRR || t->metric == RIP_INFINITY)
			rip_packet_add(&p, &t->prefix, t->tag, RIP_INFINITY);
	}
}

static void router_tell_all(struct sim *s, struct sim_router *r, bool changed_only)
{
	for (size_t i = 0; i < r->n_ports; i++)
		if (s->lans[r->ports[i].lan].speaks[SIM_RIP])
			router_tell(s, r, &r->ports[i], changed_only, NULL);
	for (size_t i = 0; i < r->n_routes; i++)
		r->routes[i].changed = false;
	r->trigger = INSTANT_NEVER;
}

static struct sim_route *route_find(struct sim_router *r, const struct prefix *p)
{
	for (size_t i = 0; i < r->n_routes; i++)
		if (prefix_equal(&r->routes[i].prefix, p))
			return &r->routes[i];
	return NULL;
}

static void route_lose(struct sim *s, struct sim_router *r, struct sim_route *t)
{
	t->metric = RIP_INFINITY;
	t->garbage = instant_add(s->now, ROUTER_GARBAGE);
	router_change(s, r, t);
}

/* RFC 2453 3.9.2: what a response does to the table. */
static void router_learn(struct sim *s, struct sim_router *r, const struct sim_port *port,
			 const struct packet *d, const struct rip_packet *packet,
			 const struct rip_entry *e)
{
	uint8_t metric = e->metric < 15 ? (uint8_t)(e->metric + 1) : RIP_INFINITY;
	struct sim_route *t;
	struct prefix p;
	bool same;

	if (rip_entry_prefix(packet, e, &s->lans[port->lan].network, &p) != RIP_DROP_NOTHING)
		return;
	t = route_find(r, &p);
	if (!t) {
		if (metric == RIP_INFINITY || r->n_routes == SIM_ROUTES_MAX)
			return;
		t = &r->routes[r->n_routes++];
		*t = (struct sim_route){ .prefix = p, .metric = RIP_INFINITY };
	}
	same = t->interface == port->interface && address_equal(&t->next_hop, &d->source);
	if (same && metric < RIP_INFINITY)
		t->timeout = instant_add(s->now, ROUTER_TIMEOUT);
	if ((same && metric != t->metric) || metric < t->metric) {
		if (metric == RIP_INFINITY) {
			route_lose(s, r, t);
			return;
		}
		t->metric = metric;
		t->next_hop = d->source;
		t->interface = port->interface;
		t->tag = e->tag;
		t->timeout = instant_add(s->now, ROUTER_TIMEOUT);
		router_change(s, r, t);
	}
}

/* RFC 2453 3.9.1. BIRD answers only the question for everything. */
static void router_answer(struct sim *s, struct sim_router *r, const struct sim_port *port,
			  const struct packet *d, struct rip_packet *p)
{
	struct packet reply = { .speaker = speaker_of(s, SIM_RIP),
				.source = port->address,
				.source_port = rip_port(s->family),
				.destination = d->source,
				.destination_port = d->source_port };

	if (rip_packet_requests_all(p)) {
		router_tell(s, r, port, false, &d->source);
		return;
	}
	if (r->style == SIM_STYLE_BIRD)
		return;
	p->command = RIP_RESPONSE;
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct sim_route *t;
		struct prefix prefix;

		p->entries[i].metric = RIP_INFINITY;
		if (rip_entry_prefix(p, &p->entries[i], &s->lans[port->lan].network, &prefix) !=
		    RIP_DROP_NOTHING)
			continue;
		t = route_find(r, &prefix);
		p->entries[i].metric = t ? t->metric : RIP_INFINITY;
	}
	reply.length = (uint16_t)rip_packet_encode(p, reply.bytes);
	sim_send(s, port, &reply);
}

void router_receive(struct sim *s, struct sim_router *r, const struct sim_port *port,
		    const struct packet *d)
{
	struct rip_packet p;

	if (protocol_of(d->speaker) == SIM_OSPF) {
		router_ospf_receive(s, r, port, d);
		return;
	}
	if (!r->running || !s->lans[port->lan].speaks[SIM_RIP] ||
	    rip_packet_decode(s->family, d->bytes, d->length, &p) != RIP_DROP_NOTHING)
		return;
	if (p.command == RIP_REQUEST)
		router_answer(s, r, port, d, &p);
	else if (d->source_port == rip_port(s->family))
		for (size_t i = 0; i < p.n_entries; i++)
			router_learn(s, r, port, d, &p, &p.entries[i]);
	router_arm(s, router_index(s, r));
}

void router_wake(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];

	if (!r->running || instant_before(s->now, r->woken))
		return;
	r->woken = INSTANT_NEVER;
	for (size_t i = 0; i < r->n_routes; i++) {
		struct sim_route *t = &r->routes[i];

		if (t->metric < RIP_INFINITY && instant_reached(t->timeout, s->now))
			route_lose(s, r, t);
		else if (t->metric == RIP_INFINITY && instant_reached(t->garbage, s->now))
			*t = r->routes[--r->n_routes];
	}
	if (instant_reached(r->update, s->now)) {
		router_tell_all(s, r, false);
		r->update = after_jitter(s, DURATION_S(25), DURATION_S(35));
	} else if (instant_reached(r->trigger, s->now)) {
		router_tell_all(s, r, true);
		r->triggered++;
		r->damped = r->style == SIM_STYLE_BIRD
				    ? instant_add(s->now, DURATION_S(5))
				    : after_jitter(s, DURATION_S(1), DURATION_S(5));
	}
	router_arm(s, index);
}

void router_start(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];
	struct rip_packet p;

	r->running = true;
	r->n_routes = 0;
	r->trigger = r->woken = INSTANT_NEVER;
	r->damped = s->now;
	r->update = after_jitter(s, DURATION_MS(0), ROUTER_UPDATE);
	p = rip_packet_request_all(s->family, version(s));
	for (size_t i = 0; i < r->n_ports; i++) {
		struct packet d = { .speaker = speaker_of(s, SIM_RIP),
				    .source = r->ports[i].address,
				    .source_port = rip_port(s->family),
				    .destination = rip_group(s->family),
				    .destination_port = rip_port(s->family) };

		d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
		if (s->lans[r->ports[i].lan].speaks[SIM_RIP])
			sim_send(s, &r->ports[i], &d);
	}
	router_arm(s, index);
	router_ospf_start(s, index);
}

void router_stop(struct sim *s, uint8_t index)
{
	s->routers[index].running = false;
	s->routers[index].n_routes = 0;
	router_ospf_stop(s, index);
}

void router_port(struct sim *s, struct sim_router *r, struct sim_port *port, bool up)
{
	port->up = up;
	for (size_t i = 0; !up && i < r->n_routes; i++)
		if (r->routes[i].interface == port->interface && r->routes[i].metric < RIP_INFINITY)
			route_lose(s, r, &r->routes[i]);
	router_arm(s, router_index(s, r));
	router_ospf_port(s, r, port);
}

void router_gateway_lost(struct sim *s, uint8_t index, uint32_t interface,
			 const struct address *next_hop)
{
	struct sim_router *r = &s->routers[index];

	for (size_t i = 0; i < r->n_routes; i++)
		if (r->routes[i].interface == interface && r->routes[i].metric < RIP_INFINITY &&
		    address_equal(&r->routes[i].next_hop, next_hop))
			route_lose(s, r, &r->routes[i]);
	router_arm(s, index);
}

/* The longest one of RIP; NULL: none. */
static const struct sim_route *rip_lookup(const struct sim_router *r, const struct address *a)
{
	const struct sim_route *best = NULL;

	for (size_t i = 0; i < r->n_routes; i++) {
		const struct sim_route *t = &r->routes[i];

		if (t->metric < RIP_INFINITY && prefix_contains(&t->prefix, a) &&
		    (!best || t->prefix.length > best->prefix.length))
			best = t;
	}
	return best;
}

bool router_lookup(const struct sim *s, const struct sim_router *r, const struct address *a,
		   struct sim_route *ret)
{
	const struct sim_route *by_rip = r->running ? rip_lookup(r, a) : NULL;
	struct sim_route other;
	bool ospf = r->running && router_ospf_lookup(s, r, a, &other);

	if (r->running && r->fixed.prefix.length > 0 && prefix_contains(&r->fixed.prefix, a))
		*ret = r->fixed;
	else if (ospf && (!by_rip || other.prefix.length >= by_rip->prefix.length))
		*ret = other;
	else if (by_rip)
		*ret = *by_rip;
	else
		return false;
	return true;
}

int router_reads(const struct sim *s, const struct sim_port *port, const struct packet *d,
		 struct sim_entry ret[SIM_ENTRIES_MAX])
{
	struct rip_packet p;
	int n = 0;

	if (rip_packet_decode(s->family, d->bytes, d->length, &p) != RIP_DROP_NOTHING)
		return -1;
	for (size_t i = 0; p.command == RIP_RESPONSE && i < p.n_entries; i++) {
		if (n == SIM_ENTRIES_MAX ||
		    rip_entry_prefix(&p, &p.entries[i], &s->lans[port->lan].network,
				     &ret[n].prefix) != RIP_DROP_NOTHING)
			return -1;
		ret[n++].metric = p.entries[i].metric;
	}
	return n;
}
