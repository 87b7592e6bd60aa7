/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/scenario.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "node/protocol.h"
#include "node/rows.h"
#include "sim/invariants.h"
#include "sim/question.h"
#include "sim/talk.h"

#define VIPS_PER_HOST 5
#define CHECKS 4 /* of service.c */

/* A random run while it goes on. */
struct run {
	struct sim *s;
	struct wish {
		bool bound, drained;
		uint8_t check; /* its number plus one; 0: none */
	} wishes[SIM_HOSTS_MAX][VIPS_PER_HOST];
};

static uint64_t below(struct run *run, uint64_t bound)
{
	return random_below(&run->s->random, bound);
}

static uint8_t lan_add(struct sim *s)
{
	char network[32];

	snprintf(network, sizeof(network), "10.%u.0.0/24", s->n_lans);
	return sim_lan_add(s, network);
}

void scenario_settings(struct sim *s, uint8_t host, const struct rip_settings *rip)
{
	struct sim_host *h = &s->hosts[host];

	h->protocol = protocol_settings((enum protocol_id)(PROTOCOL_RIP + family_index(s->family)));
	memcpy(h->protocol.own, rip, sizeof(*rip));
	h->metric = rip->metric;
}

static void start_with(struct sim *s, const struct rip_settings *rip)
{
	for (uint8_t i = 0; i < s->n_routers; i++)
		router_start(s, i);
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		scenario_settings(s, i, rip);
		host_start(s, i);
	}
}

static void start(struct sim *s, uint8_t metric)
{
	struct rip_settings rip;

	rip_settings_default(&rip);
	rip.metric = metric;
	start_with(s, &rip);
}

static void connect_lan(struct sim *s, uint8_t lan, uint8_t a, uint8_t b)
{
	sim_port_add(s, SIM_ROUTER, a, lan, (uint8_t)(a + 1));
	sim_port_add(s, SIM_ROUTER, b, lan, (uint8_t)(b + 1));
}

static void attach_host(struct sim *s, uint8_t host, uint8_t router)
{
	uint8_t lan = lan_add(s);

	sim_port_add(s, SIM_ROUTER, router, lan, (uint8_t)(router + 1));
	sim_port_add(s, SIM_HOST, host, lan, (uint8_t)(100 + host));
}

struct sim *scenario_figure_2(uint64_t seed, enum family family, enum sim_router_style style,
			      uint8_t metric)
{
	return scenario_ring(seed, family, style, 2, metric);
}

struct sim *scenario_ring(uint64_t seed, enum family family, enum sim_router_style style,
			  uint8_t routers, uint8_t metric)
{
	struct sim *s = sim_new(seed, family);

	for (uint8_t i = 0; i < routers; i++)
		sim_router_add(s, style);
	for (uint8_t i = 0; i < (routers == 2 ? 1 : routers); i++)
		connect_lan(s, lan_add(s), i, (uint8_t)((i + 1) % routers));
	sim_host_add(s);
	attach_host(s, 0, 0);
	attach_host(s, 0, 1);
	start(s, metric);
	return s;
}

static struct sim *line_of_routers(uint64_t seed, enum family family, enum sim_router_style style,
				   uint8_t distance)
{
	struct sim *s = sim_new(seed, family);

	for (uint8_t i = 0; i <= distance; i++)
		sim_router_add(s, style);
	for (uint8_t i = 0; i < distance; i++)
		connect_lan(s, lan_add(s), i, (uint8_t)(i + 1));
	return s;
}

struct sim *scenario_two_servers(uint64_t seed, enum family family, enum sim_router_style style,
				 uint8_t distance, const struct rip_settings *rip)
{
	struct sim *s = line_of_routers(seed, family, style, distance);

	for (uint8_t host = 0; host < 2; host++) {
		sim_host_add(s);
		attach_host(s, host, host ? distance : 0);
	}
	start_with(s, rip);
	return s;
}

struct sim *scenario_line(uint64_t seed, enum family family, enum sim_router_style style,
			  uint8_t distance, const struct rip_settings *rip)
{
	struct sim *s = line_of_routers(seed, family, style, distance);

	sim_host_add(s);
	attach_host(s, 0, 0);
	attach_host(s, 0, distance);
	start_with(s, rip);
	return s;
}

void scenario_reconfigure(struct sim *s, uint8_t host, const struct rip_settings *rip)
{
	struct input in = { .kind = INPUT_CONFIG, .request = SIM_REQUEST_FIRST - 1, .more = true };

	in.config.part = CONFIG_PROTOCOL;
	scenario_settings(s, host, rip);
	in.config.protocol = s->hosts[host].protocol;
	host_input(s, host, &in);
	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	host_input(s, host, &in);
	in.config.part = CONFIG_SPEECH;
	in.config.speech =
		protocol_speech((enum protocol_id)(PROTOCOL_RIP + family_index(s->family)));
	host_input(s, host, &in);
	in.config.part = CONFIG_END;
	in.more = false;
	host_input(s, host, &in);
}

/* Hosts 0 and 1 meet on a LAN of their own, and there is a VIP in its network. */
static void share_lan(struct sim *s, uint8_t router)
{
	uint8_t lan = lan_add(s);

	sim_port_add(s, SIM_ROUTER, router, lan, (uint8_t)(router + 1));
	for (uint8_t host = 0; host < 2; host++)
		sim_port_add(s, SIM_HOST, host, lan, (uint8_t)(100 + host));
	s->contested = address_ipv4(address_ipv4_number(&s->lans[lan].network.address) + 200);
}

/*
 * A connected network of 2 to 6 routers with 1 to 3 links too many, and 1 to 3 hosts with 1 to 3
 * ports.
 */
static void build(struct run *run)
{
	struct sim *s = run->s;
	uint8_t routers = (uint8_t)(2 + below(run, 5)), extra = (uint8_t)below(run, 3);
	uint8_t hosts = (uint8_t)(1 + below(run, 3));

	for (uint8_t i = 0; i < routers; i++)
		sim_router_add(s, (enum sim_router_style)below(run, 3));
	for (uint8_t i = 1; i < routers; i++)
		connect_lan(s, lan_add(s), i, (uint8_t)below(run, i));
	for (uint8_t i = 0; i < extra; i++) {
		uint8_t a = (uint8_t)below(run, routers), b = (uint8_t)below(run, routers);

		if (a != b)
			connect_lan(s, lan_add(s), a, b);
	}
	for (uint8_t i = 0; i < hosts; i++) {
		uint8_t ports = (uint8_t)(1 + below(run, 3));

		sim_host_add(s);
		s->hosts[i].learn = ROUTE_FILTER_ALL;
		s->hosts[i].checks = true;
		for (uint8_t k = 0; k < ports && s->n_lans < SIM_LANS_MAX; k++)
			attach_host(s, i, (uint8_t)below(run, routers));
	}
	/* Its kernel answers for ARP alone. */
	if (hosts > 1 && s->n_lans < SIM_LANS_MAX && s->family == FAMILY_IPV4)
		share_lan(s, (uint8_t)below(run, routers));
	assert(address_parse(s->family == FAMILY_IPV6 ? "fd00:18::1" : "172.18.0.1", &s->shared) ==
	       0);
	s->talks = s->family == FAMILY_IPV4;
	s->proves = true;
	start(s, (uint8_t)(1 + below(run, 6)));
}

/* The VIPs of a host: three with host masks, two that share a network. */
static void vip_text(const struct run *run, uint8_t host, uint8_t vip, bool with_length, char *text,
		     size_t size)
{
	bool ipv6 = run->s->family == FAMILY_IPV6, alone = vip < 3;
	const char *length = alone ? ipv6 ? "/128" : "/32" : ipv6 ? "/64" : "/24";

	snprintf(text, size, ipv6 ? "fd00:%u:%u::%u%s" : "172.%u.%u.%u%s", alone ? 16 : 17, host,
		 vip + 1, with_length ? length : "");
}

static struct address vip_address(const struct run *run, uint8_t host, uint8_t vip)
{
	struct address a;
	char text[32];

	vip_text(run, host, vip, false, text, sizeof(text));
	assert(address_parse(text, &a) == 0);
	return a;
}

static void bind_vip(struct run *run, uint8_t host, uint8_t vip)
{
	const struct wish *w = &run->wishes[host][vip];
	struct check_settings check = { 0 };
	struct vip_settings v;
	char text[32];

	vip_text(run, host, vip, true, text, sizeof(text));
	vip_settings_default(&v);
	assert(prefix_parse(text, &v.address, &v.length) == 0);
	if (w->check && service_check_settings(w->check - 1u, &check))
		text_copy(v.check, sizeof(v.check), check.name);
	host_bind_vip(run->s, host, &v);
}

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
		vip_text(run, host, vip, false, text, sizeof(text));
		host_unbind(run->s, host, text, below(run, 2) == 0);
		*w = (struct wish){ 0 };
		return;
	}
	*w = (struct wish){ .bound = true };
	if (below(run, 2))
		w->check = (uint8_t)below(run, CHECKS + 1);
	bind_vip(run, host, vip);
}

/* It is to lose its users, or gets them back. */
static void toggle_drain(struct run *run)
{
	uint8_t host, vip;
	struct wish *w = any_wish(run, &host, &vip);
	char text[32];

	if (!w || !w->bound)
		return;
	vip_text(run, host, vip, false, text, sizeof(text));
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
	struct address a = vip_address(run, (uint8_t)below(run, s->n_hosts),
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

static void fault(struct run *run)
{
	struct sim *s = run->s;
	struct sim_port *p = any_port(run);
	uint8_t router = (uint8_t)below(run, s->n_routers);
	uint8_t host = (uint8_t)below(run, s->n_hosts);

	s->lans[p->lan].harmed = s->now;
	switch (below(run, 26)) {
	case 23:
	case 24:
		toggle_fixed(run, &s->routers[router]);
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

static void heal(struct run *run)
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

/* What a host owes: who must be reached, who must not, and of whom neither can be said. */
enum duty {
	DUTY_REACHED,
	DUTY_GONE,
	DUTY_NONE,
};

static enum duty duty_of(const struct run *run, uint8_t host, uint8_t vip)
{
	const struct sim_host *h = &run->s->hosts[host];
	const struct wish *w = &run->wishes[host][vip];
	struct address a = vip_address(run, host, vip);

	if (!w->bound)
		return DUTY_GONE;
	if (!w->drained && service_lets(h, &a, SIM_LAST_RESORT))
		return service_is_uncertain(h, &a) ? DUTY_NONE : DUTY_REACHED;
	/* Its network is announced for the other one that is in it, and it is bound. */
	return vip < 3 ? DUTY_GONE : DUTY_NONE;
}

/* What every router must think of a VIP when all is well. */
static void demand(struct run *run, uint8_t host, uint8_t vip, enum duty duty)
{
	struct sim *s = run->s;
	struct address a = vip_address(run, host, vip);
	uint8_t found = UINT8_MAX;

	for (uint8_t r = 0; r < s->n_routers; r++) {
		enum sim_reach reach = sim_reach(s, r, &a, &found);
		/*
		 * A network with another VIP in it is announced still: the packet reaches a host
		 * that has no use for it.
		 */
		bool gone = reach == SIM_NO_ROUTE || (vip >= 3 && reach == SIM_LOST);

		if (duty == DUTY_REACHED && (reach != SIM_REACHED || found != host))
			sim_break(s, "router %u does not reach %s of host %u: %d", r,
				  ADDRESS_TEXT(&a), host, reach);
		else if (duty == DUTY_GONE && !gone)
			sim_break(s, "router %u still has a route to %s, which is unbound", r,
				  ADDRESS_TEXT(&a));
	}
}

/* A VIP that several hosts may have: whoever has it is reached, and nobody when nobody has. */
static void demand_shared(struct run *run, const struct address *vip, bool stopped)
{
	struct sim *s = run->s;
	bool listed = false;
	uint8_t found;

	if (!address_is_set(vip))
		return;
	for (uint8_t i = 0; i < s->n_hosts && !stopped; i++)
		listed |= host_lists(s, i, ADDRESS_TEXT(vip));
	for (uint8_t r = 0; r < s->n_routers; r++) {
		enum sim_reach reach = sim_reach(s, r, vip, &found);

		if (reach != (listed ? SIM_REACHED : SIM_NO_ROUTE))
			sim_break(s, "router %u and %s, which %s: %d", r, ADDRESS_TEXT(vip),
				  listed ? "is bound" : "nobody has", reach);
	}
}

static void demand_all(struct run *run, bool stopped)
{
	demand_shared(run, &run->s->shared, stopped);
	demand_shared(run, &run->s->contested, stopped);
	for (uint8_t host = 0; host < run->s->n_hosts; host++)
		for (uint8_t vip = 0; vip < VIPS_PER_HOST; vip++)
			demand(run, host, vip, stopped ? DUTY_GONE : duty_of(run, host, vip));
}

static bool hosts_meet(const struct sim *s, uint8_t a, uint8_t b)
{
	for (size_t i = 0; a != b && i < s->hosts[a].n_ports; i++)
		for (size_t k = 0; k < s->hosts[b].n_ports; k++)
			if (s->hosts[a].ports[i].lan == s->hosts[b].ports[k].lan)
				return true;
	return false;
}

/* By the time that everything is well each host has a route to the VIPs of the others. */
static void demand_learned(struct run *run, uint8_t index, uint8_t other)
{
	const struct sim_host *h = &run->s->hosts[index];

	for (uint8_t vip = 0; vip < 3 && index != other; vip++) {
		struct address a = vip_address(run, other, vip);
		enum duty duty = duty_of(run, other, vip);
		bool learned = host_has(h, OBJECT_LEARNED, &a);

		if (duty != DUTY_NONE && learned != (duty == DUTY_REACHED))
			sim_break(run->s, "host %u has %s the way to %s", index,
				  learned ? "still" : "not learned", ADDRESS_TEXT(&a));
	}
}

/* Hosts on one LAN have told each other of their VIPs, and understood each other all the time. */
static void demand_talk(struct run *run, uint8_t index, uint8_t other)
{
	const struct sim_host *h = &run->s->hosts[index];

	if (!h->talker)
		return;
	if (talk_counters(h->talker)->wrong > 0)
		sim_break(run->s, "host %u has heard what nobody has said over a stream", index);
	for (uint8_t vip = 0; vip < 3 && hosts_meet(run->s, index, other); vip++) {
		enum duty duty = duty_of(run, other, vip);
		struct address a = vip_address(run, other, vip);
		struct prefix p = prefix_host(&a);

		if (duty != DUTY_NONE && talk_hears(h->talker, &p) != (duty == DUTY_REACHED))
			sim_break(run->s, "host %u hears %s of %s over a stream", index,
				  duty == DUTY_REACHED ? "nothing" : "still", ADDRESS_TEXT(&a));
	}
}

static void stop_all(struct run *run)
{
	struct sim *s = run->s;

	for (uint8_t i = 0; i < s->n_hosts; i++)
		host_stop(s, i);
	sim_run(s, DURATION_S(2));
	for (uint8_t i = 0; i < s->n_hosts; i++)
		if (!s->hosts[i].stopped || s->hosts[i].n_objects > 0 || s->hosts[i].board)
			sim_break(s, "host %u leaves something behind after a clean stop", i);
	/* A withdrawal waits at most 5 s in each router; the longest way has 12 of them. */
	sim_run(s, DURATION_S(90));
}

/*
 * Of a bind that was refused nothing stays, nor of what could not be written down before a crash:
 * who wants it asks again when all is well.
 */
static void ask_again(struct run *run, uint8_t host, uint8_t vip)
{
	struct sim_host *h = &run->s->hosts[host];
	const struct wish *w = &run->wishes[host][vip];
	struct address a = vip_address(run, host, vip);
	const char *text = ADDRESS_TEXT(&a);
	bool known = service_of(h, &a)->known;

	if (!w->bound && host_lists(run->s, host, text)) {
		host_unbind(run->s, host, text, false);
	} else if (w->bound && !host_lists(run->s, host, text)) {
		bind_vip(run, host, vip);
		host_drain(run->s, host, text, w->drained, DURATION_S(60));
	} else if (w->bound && !known) {
		host_drain(run->s, host, text, w->drained, DURATION_S(60));
	}
}

bool scenario_random(uint64_t seed, bool verbose, char *broken, size_t size)
{
	/* Every other one is of IPv6. */
	struct run run = { .s = sim_new(seed, family_at(seed % FAMILIES)) };
	struct sim *s = run.s;
	size_t faults;
	bool good;

	/* And half of those have link-local addresses alone. */
	s->global = seed / FAMILIES % 2;
	s->verbose = verbose;
	build(&run);
	if (seed / (2 * FAMILIES) % 2)
		sim_echo(s, 100000, 3);
	sim_run(s, DURATION_S(5));
	for (faults = 10 + below(&run, 40); faults > 0 && !s->broken[0]; faults--) {
		fault(&run);
		sim_run(s, random_between(&s->random, DURATION_MS(1), DURATION_S(20)));
	}
	heal(&run);
	/* Longer than anybody is dead, or gets no time. */
	sim_run(s, DURATION_S(40));
	for (uint8_t i = 0; i < s->n_hosts; i++)
		for (uint8_t k = 0; k < VIPS_PER_HOST; k++)
			ask_again(&run, i, k);
	/*
	 * The stated bound: a silent route's timeout, its garbage time, and two updates to hear the
	 * rest; and a check that flapped may not pass before its time.
	 */
	sim_run(s, DURATION_S(180 + 120 + 70));
	sim_run(s, DURATION_S(600));
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		questions_demand(s, i);
		if (s->hosts[i].records.broken)
			sim_break(s, "host %u has not written down all", i);
	}
	if (!s->broken[0])
		demand_all(&run, false);
	for (uint8_t i = 0; i < s->n_hosts; i++)
		for (uint8_t k = 0; k < s->n_hosts && !s->broken[0]; k++) {
			demand_learned(&run, i, k);
			demand_talk(&run, i, k);
		}
	for (uint8_t i = 0; i < s->n_hosts; i++)
		if (s->hosts[i].rivals > 0)
			sim_break(s, "host %u takes its own echo for a rival", i);
	if (!s->broken[0])
		stop_all(&run);
	if (!s->broken[0])
		demand_all(&run, true);
	good = !s->broken[0];
	if (!good)
		snprintf(broken, size, "%s, after %.6f s", s->broken,
			 (double)(s->now.ns - DURATION_S(1000).ns) / 1e9);
	sim_free(s);
	return good;
}
