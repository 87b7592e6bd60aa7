/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/scenario.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "node/protocol.h"
#include "sim/question.h"

static uint8_t lan_add(struct sim *s)
{
	char network[32];

	snprintf(network, sizeof(network), "10.%u.0.0/24", s->n_lans);
	return sim_lan_add(s, network);
}

void scenario_settings(struct sim *s, uint8_t host, const struct rip_settings *rip)
{
	struct sim_host *h = &s->hosts[host];

	h->settings[SIM_RIP] = protocol_settings((enum protocol_id)speaker_of(s, SIM_RIP));
	memcpy(h->settings[SIM_RIP].own, rip, sizeof(*rip));
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

/* Hosts 0 and 1 meet on a LAN of their own, and there is a VIP in its network. */
static void share_lan(struct sim *s, uint8_t router)
{
	uint8_t lan = lan_add(s);

	sim_port_add(s, SIM_ROUTER, router, lan, (uint8_t)(router + 1));
	for (uint8_t host = 0; host < 2; host++)
		sim_port_add(s, SIM_HOST, host, lan, (uint8_t)(100 + host));
	s->contested = address_ipv4(address_ipv4_number(&s->lans[lan].network.address) + 200);
}

static bool has_hosts(const struct sim_lan *lan)
{
	for (size_t k = 0; k < lan->n_ports; k++)
		if (lan->ports[k]->kind == SIM_HOST)
			return true;
	return false;
}

/* RIP, OSPF, or both, and then where there are hosts perhaps one of them alone. */
static void choose_protocols(struct sim *s)
{
	static const bool all[][SIM_PROTOCOLS] = {
		{ true, false },
		{ false, true },
		{ true, true },
	};
	size_t how = (size_t)random_below(&s->random, ARRAY_LENGTH(all));

	for (size_t i = 0; i < s->n_lans; i++) {
		bool some = how == 2 && has_hosts(&s->lans[i]);
		size_t here = some ? (size_t)random_below(&s->random, ARRAY_LENGTH(all)) : how;

		memcpy(s->lans[i].speaks, all[here], sizeof(s->lans[i].speaks));
	}
}

/* The number that a node chooses for itself: the highest of its IPv4 addresses. */
static uint32_t chosen_router_id(const struct sim_host *h)
{
	uint32_t highest = 0;

	for (size_t k = 0; k < h->n_ports; k++)
		if (address_ipv4_number(&h->ports[k].address) > highest)
			highest = address_ipv4_number(&h->ports[k].address);
	return highest;
}

static void choose_ospf(struct sim *s)
{
	static const enum ospf_vips forms[] = { OSPF_VIPS_AUTO, OSPF_VIPS_STUB,
						OSPF_VIPS_EXTERNAL };
	bool quick = random_below(&s->random, 2), chosen = random_below(&s->random, 2);
	struct ospf_interface_settings is;
	struct ospf_settings own;

	ospf_interface_settings_default(&is);
	s->ospf = is.is;
	s->ospf.hello = quick ? DURATION_S(1) : DURATION_S(10);
	s->ospf.dead = quick ? DURATION_S(4) : DURATION_S(40);
	s->ospf.network = random_below(&s->random, 2) ? OSPF_BROADCAST : OSPF_POINT_TO_POINT;
	ospf_settings_default(&own);
	own.vips = (uint8_t)forms[random_below(&s->random, ARRAY_LENGTH(forms))];
	own.host = random_below(&s->random, 2) ? OSPF_HOST_AUTO : OSPF_HOST_MAX_METRIC;
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		struct sim_host *h = &s->hosts[i];

		own.router_id = s->family == FAMILY_IPV6 || !chosen ? 0x02000001u + i : 0;
		h->router_id = own.router_id ? own.router_id : chosen_router_id(h);
		h->settings[SIM_OSPF] =
			protocol_settings((enum protocol_id)speaker_of(s, SIM_OSPF));
		memcpy(h->settings[SIM_OSPF].own, &own, sizeof(own));
	}
}

void scenario_build(struct sim *s)
{
	uint8_t routers = (uint8_t)(2 + random_below(&s->random, 5)),
		extra = (uint8_t)random_below(&s->random, 3);
	uint8_t hosts = (uint8_t)(1 + random_below(&s->random, 3));

	for (uint8_t i = 0; i < routers; i++)
		sim_router_add(s, (enum sim_router_style)random_below(&s->random, 3));
	for (uint8_t i = 1; i < routers; i++)
		connect_lan(s, lan_add(s), i, (uint8_t)random_below(&s->random, i));
	for (uint8_t i = 0; i < extra; i++) {
		uint8_t a = (uint8_t)random_below(&s->random, routers),
			b = (uint8_t)random_below(&s->random, routers);

		if (a != b)
			connect_lan(s, lan_add(s), a, b);
	}
	for (uint8_t i = 0; i < hosts; i++) {
		uint8_t ports = (uint8_t)(1 + random_below(&s->random, 3));

		sim_host_add(s);
		s->hosts[i].learn = ROUTE_FILTER_ALL;
		s->hosts[i].checks = true;
		for (uint8_t k = 0; k < ports && s->n_lans < SIM_LANS_MAX; k++)
			attach_host(s, i, (uint8_t)random_below(&s->random, routers));
	}
	/* Its kernel answers for ARP alone. */
	if (hosts > 1 && s->n_lans < SIM_LANS_MAX && s->family == FAMILY_IPV4)
		share_lan(s, (uint8_t)random_below(&s->random, routers));
	assert(address_parse(s->family == FAMILY_IPV6 ? "fd00:18::1" : "172.18.0.1", &s->shared) ==
	       0);
	s->talks = s->family == FAMILY_IPV4;
	s->proves = true;
	choose_protocols(s);
	choose_ospf(s);
	start(s, (uint8_t)(1 + random_below(&s->random, 6)));
}

void scenario_reconfigure(struct sim *s, uint8_t host, const struct rip_settings *rip)
{
	struct input in = { .kind = INPUT_CONFIG, .request = SIM_REQUEST_FIRST - 1, .more = true };

	in.config.part = CONFIG_PROTOCOL;
	scenario_settings(s, host, rip);
	in.config.protocol = s->hosts[host].settings[SIM_RIP];
	host_input(s, host, &in);
	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	host_input(s, host, &in);
	in.config.part = CONFIG_SPEECH;
	in.config.speech = protocol_speech((enum protocol_id)speaker_of(s, SIM_RIP));
	host_input(s, host, &in);
	in.config.part = CONFIG_END;
	in.more = false;
	host_input(s, host, &in);
}
