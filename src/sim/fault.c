/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a network, or is done in it, while only safety is demanded. */
#include "sim/fault.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "node/rows.h"

/* Any VIP of any host; NULL when nobody is there to take a command. */
static struct wish *any_wish(struct run *run, uint8_t *ret_host, uint8_t *ret_vip)
{
	*ret_host = (uint8_t)below(run, run->s->n_hosts);
	*ret_vip = (uint8_t)below(run, VIPS_PER_HOST);
	return host_lives(&run->s->hosts[*ret_host]) ? &run->wishes[*ret_host][*ret_vip] : NULL;
}

static void toggle_vip(struct run *run)
{
	uint8_t host, vip;
	struct wish *w = any_wish(run, &host, &vip);
	char text[32];

	if (!w)
		return;
	if (w->bound) {
		wish_text(run, host, vip, false, text, sizeof(text));
		host_unbind(run->s, host, text, below(run, 2) == 0);
		*w = (struct wish){ 0 };
		return;
	}
	*w = (struct wish){ .bound = true };
	if (below(run, 2))
		w->check = (uint8_t)below(run, CHECKS + 1);
	wish_bind(run, host, vip);
}

/* It is to lose its users, or gets them back. */
static void toggle_drain(struct run *run)
{
	uint8_t host, vip;
	struct wish *w = any_wish(run, &host, &vip);
	char text[32];

	if (!w || !w->bound)
		return;
	wish_text(run, host, vip, false, text, sizeof(text));
	w->drained = !w->drained;
	host_drain(run->s, host, text, w->drained,
		   random_between(&run->s->random, DURATION_MS(0), DURATION_S(120)));
}

/* The services of a host, or who uses them, are not as they were. */
static void change_service(struct run *run)
{
	struct sim_services *services = &run->s->hosts[below(run, run->s->n_hosts)].services;
	struct sim_service *service;

	if (services->n == 0)
		return;
	service = &services->all[below(run, services->n)];
	service->mood = (uint8_t)below(run, SIM_MOODS);
	service->countable = below(run, 4) > 0;
	service->connections = (uint32_t)below(run, 1000);
}

static void said(void *context, const struct finding *f)
{
	assert(f->what[0]);
	++*(unsigned *)context;
}

/* Somebody looks at a host; to read it does nothing to it. */
static void look(struct run *run)
{
	static struct row_source_why why;
	const struct sim *s = run->s;
	const struct sim_host *h = &s->hosts[below(run, s->n_hosts)];
	const struct source_question question = { .destination = s->shared };
	const struct source_look found = { .routed = true,
					   .n_interfaces = 1,
					   .interfaces = { h->ports[0].interface } };
	struct row_status status;
	struct walk at = { 0 };
	struct row_vip row;
	unsigned findings = 0, vips = 0;

	if (!host_lives(h))
		return;
	node_status(h->node, s->now, &status);
	while (node_vip_next(h->node, s->now, &at, &row))
		vips += !row.leaving || row.state != VIP_STATE_ABSENT;
	if (vips != status.vips)
		sim_break(run->s, "of %u VIPs %u are told", status.vips, vips);
	node_doctor(h->node, s->now, &(struct address){ 0 }, said, &findings);
	if (findings == 0)
		sim_break(run->s, "the doctor has nothing to say");
	if (address_is_set(&question.destination))
		node_source_why(h->node, &question, &found, &why);
}

static void switch_sources(struct run *run)
{
	struct input in = { .kind = INPUT_SOURCE };

	in.source.mode = (uint8_t)(SOURCE_MODE_OFF + below(run, 3));
	(void)host_ask(run->s, (uint8_t)below(run, run->s->n_hosts), &in);
}

/* A VIP that is not one host's alone: who has it gives it back, who has it not binds it. */
static void toggle_shared(struct run *run)
{
	struct sim *s = run->s;
	uint8_t host = (uint8_t)below(run, s->n_hosts);
	bool contested = address_is_set(&s->contested) && host < 2 && below(run, 2);
	const struct address *vip = contested ? &s->contested : &s->shared;
	enum vip_conflict conflict = (enum vip_conflict)below(run, VIP_CONFLICT_TAKE + 1);
	char text[64];

	if (!host_lives(&s->hosts[host]))
		return;
	if (host_lists(s, host, ADDRESS_TEXT(vip))) {
		host_unbind(s, host, ADDRESS_TEXT(vip), below(run, 2) == 0);
		return;
	}
	snprintf(text, sizeof(text), "%s/%u", ADDRESS_TEXT(vip), family_bits(s->family));
	(void)host_bind_how(s, host, text, contested ? VIP_ARP_ANSWER : VIP_ARP_SILENT, conflict);
}

static struct sim_port *any_port(struct run *run)
{
	struct sim_lan *lan = &run->s->lans[below(run, run->s->n_lans)];

	return lan->ports[below(run, lan->n_ports)];
}

static void port_set(struct sim *s, struct sim_port *p, bool up)
{
	if (p->kind == SIM_HOST)
		host_port(s, p->owner, p->interface, up);
	else
		router_port(s, &s->routers[p->owner], p, up);
}

/* Back within the grace time, perhaps without its records; or after the guard has acted. */
static void crash(struct run *run, uint8_t host)
{
	struct sim *s = run->s;
	bool soon = below(run, 4);

	host_crash(s, host,
		   soon ? random_between(&s->random, DURATION_MS(5), DURATION_S(9))
			: DURATION_S(15));
	if (soon && below(run, 4) == 0)
		host_forget(s, host);
}

/* An administrator gives a router a route of his own to a VIP, to wherever, or takes it away. */
static void toggle_fixed(struct run *run, struct sim_router *r)
{
	struct sim *s = run->s;
	struct address a = wish_address(run, (uint8_t)below(run, s->n_hosts),
					(uint8_t)below(run, VIPS_PER_HOST));
	const struct sim_port *port = &r->ports[below(run, r->n_ports)];
	const struct sim_lan *lan = &s->lans[port->lan];

	if (r->fixed.prefix.length > 0) {
		r->fixed = (struct sim_route){ 0 };
		return;
	}
	r->fixed = (struct sim_route){ .prefix = prefix_host(&a), .interface = port->interface };
	/* Else it drops what is for it. */
	if (below(run, 2))
		r->fixed.next_hop = lan->ports[below(run, lan->n_ports)]->address;
}

void fault_happens(struct run *run)
{
	struct sim *s = run->s;
	struct sim_port *p = any_port(run);
	uint8_t router = (uint8_t)below(run, s->n_routers);
	uint8_t host = (uint8_t)below(run, s->n_hosts);

	s->lans[p->lan].harmed = s->now;
	switch (below(run, 27)) {
	case 23:
	case 24:
		toggle_fixed(run, &s->routers[router]);
		break;
	case 26:
		host_hand_over(s, host, random_between(&s->random, DURATION_MS(5), DURATION_S(9)));
		break;
	case 25:
		s->routers[router].stuck = !s->routers[router].stuck;
		break;
	case 22:
		stream_reset_any(s);
		break;
	case 14:
	case 15:
		toggle_drain(run);
		break;
	case 16:
	case 17:
		change_service(run);
		break;
	case 18:
		look(run);
		break;
	case 19:
		s->hosts[host].records.refuses = !s->hosts[host].records.refuses;
		break;
	case 20:
		if (p->kind == SIM_HOST)
			host_refuse_sends(s, p->owner, p->interface, !p->refuses);
		break;
	case 21:
		switch_sources(run);
		break;
	case 12:
	case 13:
		toggle_shared(run);
		break;
	case 8:
		crash(run, host);
		break;
	case 9:
		host_stall(s, host, random_between(&s->random, DURATION_MS(5), DURATION_S(30)));
		break;
	case 10:
	case 11:
		host_damage(s, host, below(run, 2) == 0);
		break;
	case 0:
	case 1:
	case 2:
		toggle_vip(run);
		break;
	case 3:
		port_set(s, p, !p->up);
		break;
	case 4:
		p->deaf = !p->deaf;
		break;
	case 5:
		p->mute = !p->mute;
		break;
	case 6:
		s->lans[p->lan].loss_ppm = below(run, 2) ? 0 : (uint32_t)below(run, 500000);
		s->hosts[below(run, s->n_hosts)].refuse_ppm = below(run, 2) ? 0 : 300000;
		break;
	default:
		if (s->routers[router].running)
			router_stop(s, router);
		else
			router_start(s, router);
		break;
	}
}

/* A service in four stays ill: what is announced of its VIP is known then, too. */
static void heal_host(struct run *run, struct sim_host *h)
{
	h->refuse_ppm = 0;
	h->records.refuses = false;
	for (size_t i = 0; i < h->services.n; i++) {
		h->services.all[i].mood = below(run, 4) ? SIM_WELL : SIM_ILL;
		h->services.all[i].countable = true;
		h->services.all[i].connections = 0;
	}
}

void fault_heal(struct run *run)
{
	struct sim *s = run->s;

	for (size_t i = 0; i < s->n_lans; i++) {
		s->lans[i].loss_ppm = 0;
		s->lans[i].harmed = s->now;
		for (size_t k = 0; k < s->lans[i].n_ports; k++) {
			struct sim_port *p = s->lans[i].ports[k];

			p->deaf = p->mute = false;
			if (p->refuses)
				host_refuse_sends(s, p->owner, p->interface, false);
			if (!p->up)
				port_set(s, p, true);
		}
	}
	for (uint8_t i = 0; i < s->n_routers; i++) {
		s->routers[i].stuck = false;
		s->routers[i].fixed = (struct sim_route){ 0 };
		if (!s->routers[i].running)
			router_start(s, i);
	}
	for (uint8_t i = 0; i < s->n_hosts; i++)
		heal_host(run, &s->hosts[i]);
}
