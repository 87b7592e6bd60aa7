/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BFD and the probe in the simulated world. A host's sessions are those that its node wants; like
 * the guard they outlive the node and end with the last will, or with a stop. A router watches each
 * host on its LANs from the moment of sim_bfd(), and when a session that was up goes down, it drops
 * the routes that lead there. It answers probes, whatever its daemon does, and sends none. The echo
 * of a host is forwarded by its tables (forwarding.c), hop by hop.
 */
#include <assert.h>
#include <string.h>

#include "sim/forwarding.h"
#include "sim/lan.h"
#include "sim/router_ospf.h"
#include "sim/router.h"
#include "sim/watch.h"

#define WATCH_SESSIONS 16

#define ETHER_HEADER_BYTES (2 * ETHER_MAC_BYTES + 2)
#define IPV4_TTL (ETHER_HEADER_BYTES + 8)
#define IPV4_DESTINATION (ETHER_HEADER_BYTES + 16)
#define IPV6_TTL (ETHER_HEADER_BYTES + 7)
#define IPV6_DESTINATION (ETHER_HEADER_BYTES + 24)

static struct watch_point *point_of(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	return kind == SIM_ROUTER ? &s->routers[owner].watch : &s->hosts[owner].watch;
}

static struct sim_port *ports_of(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	return kind == SIM_ROUTER ? s->routers[owner].ports : s->hosts[owner].ports;
}

static struct input input_of(const struct path *key, uint8_t state, uint8_t diagnostic,
			     uint8_t remote_state, uint8_t remote_diagnostic)
{
	struct input in = { .kind = INPUT_BFD };

	in.bfd.key = *key;
	in.bfd.known = true;
	in.bfd.state = state;
	in.bfd.diagnostic = diagnostic;
	in.bfd.remote_state = remote_state;
	in.bfd.remote_diagnostic = remote_diagnostic;
	return in;
}

static struct input probe_input_of(const struct path *path, uint8_t state)
{
	struct input in = { .kind = INPUT_PROBE };

	in.probe.key = *path;
	in.probe.known = true;
	in.probe.state = state;
	return in;
}

/* RIP needs to know of a death alone, OSPF of what came after it too. */
static void router_watched(struct sim *s, uint8_t router, const struct bfd_event *e)
{
	bool lost = e->from == BFD_STATE_UP && e->remote_state != BFD_STATE_ADMIN_DOWN;

	if (lost)
		router_gateway_lost(s, router, e->key.interface, &e->key.peer);
	if (lost || e->to == BFD_STATE_UP)
		router_ospf_verdict(s, router, &e->key, lost ? VERDICT_DOWN : VERDICT_UP);
}

static void point_event(struct sim *s, enum sim_kind kind, uint8_t owner, const struct bfd_event *e)
{
	struct input in =
		input_of(&e->key, e->to, e->diagnostic, e->remote_state, e->remote_diagnostic);

	point_of(s, kind, owner)->flaps += e->from == BFD_STATE_UP;
	if (kind == SIM_HOST)
		sim_tell(s, owner, &in);
	else
		router_watched(s, owner, e);
}

/* Unless something wakes it before that. */
static void point_wake_at(struct sim *s, enum sim_kind kind, uint8_t owner, struct instant due)
{
	struct watch_point *w = point_of(s, kind, owner);

	if (instant_reached(w->woken, due))
		return;
	w->woken = due;
	due = instant_max(due, s->now);
	sim_schedule(s, instant_since(due, s->now),
		     &(struct sim_event){ .kind = SIM_EVENT_SESSIONS,
					  .owner = owner,
					  .detail = (uint32_t)kind });
}

static void point_arm(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	struct watch_point *w = point_of(s, kind, owner);
	struct instant due = instant_min(w->bfd ? bfd_deadline(w->bfd) : INSTANT_NEVER,
					 w->probe ? probe_deadline(w->probe) : INSTANT_NEVER);

	if (w->echo)
		due = instant_min(due, echo_deadline(w->echo));
	point_wake_at(s, kind, owner, due);
}

static void port_mac(const struct sim_port *port, uint8_t ret[ETHER_MAC_BYTES])
{
	const uint8_t mac[ETHER_MAC_BYTES] = { 2,	    0x50,      (uint8_t)port->kind,
					       port->owner, port->lan, (uint8_t)port->interface };

	memcpy(ret, mac, sizeof(mac));
}

static void probes_drain(struct sim *s, uint8_t host)
{
	struct watch_point *w = &s->hosts[host].watch;
	struct probe_question q;
	struct probe_event e;

	while (probe_output(w->probe, s->now, &q)) {
		const struct sim_port *from = &s->hosts[host].ports[q.path.interface - 1];
		uint8_t mac[ETHER_MAC_BYTES];
		struct ether_frame frame;

		port_mac(from, mac);
		probe_frame(&q, mac, &frame);
		sim_send_probe(s, from, &q.path.peer, &frame);
	}
	while (probe_event(w->probe, &e)) {
		struct input in = probe_input_of(&e.path, e.state);

		w->flaps += e.state == PROBE_STATE_DOWN;
		sim_tell(s, host, &in);
	}
}

static void echoes_drain(struct sim *s, uint8_t host)
{
	struct watch_point *w = &s->hosts[host].watch;
	struct echo_send send;
	struct echo_event e;

	while (echo_output(w->echo, s->now, &send)) {
		const struct sim_port *from = &s->hosts[host].ports[send.interface - 1];
		uint8_t mac[ETHER_MAC_BYTES];
		struct ether_frame frame;

		port_mac(from, mac);
		echo_send_frame(w->echo, &send, mac, &frame);
		sim_send_probe(s, from, &send.path.peer, &frame);
	}
	while (echo_event(w->echo, &e)) {
		struct input in = { .kind = INPUT_ECHO };

		in.echo.key = e.path;
		in.echo.known = true;
		in.echo.state = e.state;
		w->flaps += e.state == ECHO_STATE_DOWN;
		sim_tell(s, host, &in);
	}
}

static void point_drain(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	struct watch_point *w = point_of(s, kind, owner);
	struct bfd_datagram d;
	struct bfd_event e;

	while (w->bfd && bfd_output(w->bfd, s->now, &d))
		sim_send_bfd(s, &ports_of(s, kind, owner)[d.interface - 1], &d);
	while (w->bfd && bfd_event(w->bfd, &e))
		point_event(s, kind, owner, &e);
	if (w->probe)
		probes_drain(s, owner);
	if (w->echo)
		echoes_drain(s, owner);
	point_arm(s, kind, owner);
}

void watch_wake(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	struct watch_point *w = point_of(s, kind, owner);

	/* It was to be woken sooner, and has been. */
	if (instant_before(s->now, w->woken))
		return;
	w->woken = INSTANT_NEVER;
	if (w->bfd)
		bfd_tick(w->bfd, s->now);
	if (w->probe)
		probe_tick(w->probe, s->now);
	if (w->echo)
		echo_tick(w->echo, s->now);
	point_drain(s, kind, owner);
}

void watch_receive(struct sim *s, const struct sim_port *to, const struct bfd_datagram *d)
{
	struct watch_point *w = point_of(s, to->kind, to->owner);

	if (!w->bfd)
		return;
	bfd_input(w->bfd, s->now, d);
	point_drain(s, to->kind, to->owner);
}

/* A router is asked for its address. */
static void router_answers(struct sim *s, const struct sim_port *port,
			   const struct ether_message *question)
{
	bool ipv6 = port->address.family == FAMILY_IPV6;
	struct ether_message m = { .kind = ipv6 ? ETHER_ADVERTISEMENT : ETHER_ARP_REPLY,
				   .has_option = ipv6,
				   .solicited = ipv6,
				   .override = ipv6,
				   .source = port->address,
				   .destination = question->source,
				   .target = ipv6 ? port->address : question->source };
	struct ether_frame frame;

	if (question->kind != (ipv6 ? ETHER_SOLICITATION : ETHER_ARP_REQUEST) ||
	    !address_equal(&question->target, &port->address))
		return;
	port_mac(port, m.mac);
	memcpy(m.from, m.mac, ETHER_MAC_BYTES);
	memcpy(m.to, question->mac, ETHER_MAC_BYTES);
	ether_encode(&m, &frame);
	sim_send_probe(s, port, &question->source, &frame);
}

/* A packet has come to a router: it goes on, as its tables say. */
static void router_passes_on(struct sim *s, const struct sim_port *at, const struct ether_frame *f)
{
	const struct sim_router *r = &s->routers[at->owner];
	bool ipv6 = s->family == FAMILY_IPV6;
	struct address destination =
		address_make(s->family, f->bytes + (ipv6 ? IPV6_DESTINATION : IPV4_DESTINATION));
	const struct sim_port *next =
		r->running ? forwarding_next(s, at->owner, &destination) : NULL;
	struct ether_frame frame = *f;
	uint8_t *ttl = &frame.bytes[ipv6 ? IPV6_TTL : IPV4_TTL];

	if (!next || --*ttl == 0)
		return;
	port_mac(next, frame.bytes);
	for (size_t k = 0; k < r->n_ports; k++) {
		if (r->ports[k].lan != next->lan)
			continue;
		port_mac(&r->ports[k], frame.bytes + ETHER_MAC_BYTES);
		sim_send_probe(s, &r->ports[k], &next->address, &frame);
		return;
	}
}

/* What has come back to a host, or says where a router is. */
static void host_hears(struct sim *s, const struct sim_port *at, const struct ether_frame *f,
		       bool is_message)
{
	struct watch_point *w = &s->hosts[at->owner].watch;
	struct echo_frame back = { .interface = at->interface, .length = f->length };

	if (w->probe && is_message)
		probe_input(w->probe, s->now, f);
	if (w->echo && is_message)
		echo_input_answer(w->echo, s->now, f);
	if (w->echo && !is_message) {
		memcpy(back.bytes, f->bytes, f->length);
		echo_input(w->echo, s->now, &back);
	}
	if (w->probe || w->echo)
		point_drain(s, SIM_HOST, at->owner);
}

void watch_answer(struct sim *s, const struct sim_port *to, const struct ether_frame *f)
{
	struct ether_message m;
	bool is_message = ether_decode(f, &m) == 0;

	if (to->kind == SIM_HOST)
		host_hears(s, to, f, is_message);
	else if (is_message)
		router_answers(s, to, &m);
	else
		router_passes_on(s, to, f);
}

void watch_effect(struct sim *s, uint8_t host, const struct effect *e)
{
	struct watch_point *w = &s->hosts[host].watch;
	struct bfd_session_info info;
	struct input in;

	if (e->kind == EFFECT_ECHO) {
		if (e->echo.remove)
			echo_track_remove(w->echo, &e->echo.path);
		else
			assert(echo_track_set(w->echo, s->now, &e->echo.path, &e->echo.params) ==
			       0);
	} else if (e->kind == EFFECT_PROBE) {
		if (e->probe.remove)
			probe_session_remove(w->probe, &e->probe.path);
		else
			assert(probe_session_set(w->probe, s->now, &e->probe.path,
						 &e->probe.params) == 0);
	} else if (e->bfd.remove) {
		bfd_session_remove(w->bfd, s->now, &e->bfd.key);
	} else {
		assert(bfd_session_set(w->bfd, s->now, &e->bfd.key, &e->bfd.params) == 0);
		assert(bfd_session_find(w->bfd, &e->bfd.key, &info));
		/* The node is told behind the effect, as by the guard. */
		in = input_of(&info.key, info.state, info.diagnostic, info.remote_state,
			      info.remote_diagnostic);
		if (w->n_told < WATCH_TOLD_MAX)
			w->told[w->n_told++] = in;
	}
	point_wake_at(s, SIM_HOST, host, instant_add(s->now, (struct duration){ 1000 }));
}

void watch_tell(struct sim *s, uint8_t host)
{
	struct watch_point *w = &s->hosts[host].watch;

	while (w->n_told > 0) {
		struct input in = w->told[--w->n_told];

		sim_tell(s, host, &in);
	}
}

void watch_tell_all(struct sim *s, uint8_t host)
{
	struct watch_point *w = &s->hosts[host].watch;
	struct bfd_session_info info;
	struct input in;
	size_t position = 0;

	w->n_told = 0;
	while (w->bfd && bfd_session_next(w->bfd, &position, &info)) {
		in = input_of(&info.key, info.state, info.diagnostic, info.remote_state,
			      info.remote_diagnostic);
		sim_tell(s, host, &in);
	}
	if (w->probe)
		probe_event_all(w->probe);
	if (w->echo)
		echo_event_all(w->echo);
	point_drain(s, SIM_HOST, host);
}

void watch_end(struct sim *s, uint8_t host)
{
	struct watch_point *w = &s->hosts[host].watch;

	if (w->bfd)
		bfd_stop(w->bfd, s->now);
	if (w->probe)
		probe_stop(w->probe);
	if (w->echo)
		echo_stop(w->echo);
	point_drain(s, SIM_HOST, host);
}

static void point_make(struct sim *s, enum sim_kind kind, uint8_t owner)
{
	struct watch_point *w = point_of(s, kind, owner);
	const struct bfd_settings settings = { .sessions = WATCH_SESSIONS, .independent = true };

	w->bfd = bfd_new(&settings, random_next(&s->random));
	assert(w->bfd);
	w->woken = INSTANT_NEVER;
}

static void router_watches(struct sim *s, uint8_t index)
{
	struct sim_router *r = &s->routers[index];

	for (size_t i = 0; i < r->n_ports; i++) {
		const struct sim_lan *lan = &s->lans[r->ports[i].lan];

		for (size_t k = 0; k < lan->n_ports; k++) {
			struct path key = { r->ports[i].interface, lan->ports[k]->address,
					    r->ports[i].address };

			if (lan->ports[k]->kind == SIM_HOST)
				assert(bfd_session_set(r->watch.bfd, s->now, &key, &s->bfd) == 0);
		}
	}
	point_drain(s, SIM_ROUTER, index);
}

void watch_with_bfd(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	s->bfd = (struct bfd_params){ .tx_us = interval_us,
				      .rx_us = interval_us,
				      .multiplier = multiplier };
	for (uint8_t i = 0; i < s->n_routers; i++) {
		point_make(s, SIM_ROUTER, i);
		router_watches(s, i);
	}
	for (uint8_t i = 0; i < s->n_hosts; i++)
		point_make(s, SIM_HOST, i);
}

void watch_with_probes(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	const struct probe_settings settings = { .sessions = WATCH_SESSIONS };

	s->probe = (struct probe_params){ .interval_us = interval_us, .multiplier = multiplier };
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		struct watch_point *w = &s->hosts[i].watch;

		w->probe = probe_new(&settings, random_next(&s->random));
		assert(w->probe);
		w->woken = INSTANT_NEVER;
	}
}

void watch_with_echoes(struct sim *s, uint32_t interval_us, uint8_t multiplier)
{
	/* Where nothing has come back yet, the probe watches. */
	watch_with_probes(s, interval_us, multiplier);
	s->through = true;
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		const struct echo_settings settings = {
			.tracks = WATCH_SESSIONS,
			.proofs = 1,
			.key = { random_next(&s->random), random_next(&s->random) },
		};

		s->hosts[i].watch.echo = echo_new(&settings, random_next(&s->random));
		assert(s->hosts[i].watch.echo);
	}
}
