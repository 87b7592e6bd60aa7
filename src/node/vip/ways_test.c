/* SPDX-License-Identifier: Apache-2.0 */
/* Which ways to the VIPs are lost, what is said of them, and that they clear by themselves. */
#include <stdio.h>

#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"
#include "proto/rip/packet.h"

#define FOREIGN "10.88.0.0/24"
#define VIP "10.9.1.1/32"

static void port_put(struct stage *s, uint32_t index, const char *name, bool carrier)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){
		.index = index, .kind = INTERFACE_PHYSICAL, .up = true, .carrier = carrier
	};
	text_copy(in.link.name, sizeof(in.link.name), name);
	stage_put(s, &in);
}

static void say(struct stage *s, uint32_t interface, const char *router, const char *about,
		uint8_t metric)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct input in = { .kind = INPUT_PACKET };
	struct prefix prefix;

	assert_int_equal(prefix_parse(about, &prefix.address, &prefix.length), 0);
	rip_packet_add(&p, &prefix, 0, metric);
	in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
				     .interface = interface,
				     .source_port = RIP_PORT };
	assert_int_equal(address_parse(router, &in.packet.source), 0);
	in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
	stage_put(s, &in);
}

/* A router's update by which it shows that it routes to the VIP: poisoned reverse. */
static void accept(struct stage *s, uint32_t interface, const char *router)
{
	say(s, interface, router, VIP, RIP_INFINITY);
}

/* So many periods, in which the routers that are given speak; NULL: that one does not. */
static void periods(struct stage *s, unsigned count, const char *first, const char *second)
{
	for (unsigned k = 0; k < count; k++) {
		if (first)
			accept(s, 1, first);
		if (second)
			accept(s, 2, second);
		stage_run(s, DURATION_S(30));
	}
}

static void assert_well(struct stage *s, uint32_t ways)
{
	if (stage_status(s)->lost[0])
		fail_msg("lost: %s", s->status.lost);
	assert_int_equal(s->status.ways_lost, 0);
	assert_int_equal(s->status.ways, ways);
}

static void assert_lost(struct stage *s, const char *what)
{
	assert_int_equal(stage_status(s)->ways_lost, 1);
	assert_string_equal(s->status.lost, what);
}

/* A VIP that two routers on two LANs have accepted. */
static void two_ways(struct stage *s)
{
	port_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	stage_bind(s, VIP);
	stage_run(s, DURATION_S(1));
	periods(s, 3, "10.1.0.1", "10.2.0.1");
	accept(s, 1, "10.1.0.1");
	accept(s, 2, "10.2.0.1");
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
	assert_well(s, 2);
}

static void a_host_with_one_way_is_well_with_it(void **state)
{
	struct stage *s = *state;

	/* A port that a pattern allows, and that nothing was ever plugged into. */
	port_put(s, 2, "eth1", false);
	stage_bind(s, VIP);
	stage_run(s, DURATION_S(1));
	periods(s, 20, "10.1.0.1", NULL);
	assert_well(s, 1);
}

static void a_carrier_that_goes_is_a_way_that_is_lost_until_it_comes_back(void **state)
{
	struct stage *s = *state;

	two_ways(s);
	port_put(s, 2, "eth1", false);
	assert_lost(s, "eth1 does not speak RIP: it has no carrier");
	port_put(s, 2, "eth1", true);
	accept(s, 2, "10.2.0.1");
	assert_well(s, 2);
}

static void a_router_that_falls_silent_is_a_way_that_is_lost_until_it_speaks(void **state)
{
	struct stage *s = *state;

	two_ways(s);
	periods(s, 7, "10.1.0.1", NULL);
	assert_lost(s, "the router 10.2.0.1 on eth1 is gone");
	say(s, 2, "10.2.0.1", FOREIGN, 2);
	assert_well(s, 2);
	/* It speaks, but has not taken the VIP in two periods. */
	for (unsigned k = 0; k < 4; k++) {
		say(s, 2, "10.2.0.1", FOREIGN, 2);
		periods(s, 1, "10.1.0.1", NULL);
	}
	assert_lost(s, "the router 10.2.0.1 on eth1 no longer routes to any VIP");
	periods(s, 2, "10.1.0.1", "10.2.0.1");
	assert_well(s, 2);
}

static void one_of_two_routers_on_a_lan_is_a_way_of_its_own(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP);
	stage_run(s, DURATION_S(1));
	periods(s, 2, "10.1.0.1", NULL);
	periods(s, 2, "10.1.0.2", NULL);
	accept(s, 1, "10.1.0.1");
	assert_well(s, 2);
	/* A server that announces and never routes to us is none, and may go. */
	say(s, 1, "10.1.0.77", FOREIGN, 2);
	periods(s, 8, "10.1.0.1", NULL);
	assert_lost(s, "the router 10.1.0.2 on eth0 is gone");
	/* Who has taken it away says so. */
	stage_config_begin(s);
	stage_config_vip(s, VIP, 0);
	stage_config_end(s);
	assert_well(s, 1);
}

static void a_router_that_is_gone_for_a_day_is_not_expected_any_more(void **state)
{
	struct stage *s = *state;

	two_ways(s);
	/* With another router on its LAN, for which it was not the only one. */
	accept(s, 2, "10.2.0.2");
	periods(s, 8, "10.1.0.1", "10.2.0.2");
	assert_lost(s, "the router 10.2.0.1 on eth1 is gone");
	periods(s, 2 * 60 * 24, "10.1.0.1", "10.2.0.2");
	assert_well(s, 2);
}

static void a_renumbering_that_leaves_a_router_behind_is_told_by_its_address(void **state)
{
	struct stage *s = *state;

	two_ways(s);
	stage_address_put(s, 2, "10.3.0.10/24");
	stage_object_put(s, false, OBJECT_ADDRESS, 2, "10.2.0.10/24");
	stage_run(s, DURATION_S(1));
	assert_lost(s, "the router 10.2.0.1 on eth1 lies outside of the networks of eth1");
	stage_address_put(s, 2, "10.2.0.11/24");
	accept(s, 2, "10.2.0.1");
	assert_well(s, 2);
}

static void a_router_that_never_shows_that_it_routes_to_us_is_no_way(void **state)
{
	struct stage *s = *state;

	port_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	stage_bind(s, VIP);
	for (unsigned k = 0; k < 4; k++) {
		assert_well(s, 2);
		say(s, 2, "10.2.0.1", FOREIGN, 2);
		periods(s, 1, "10.1.0.1", NULL);
		if (k == 1)
			break;
	}
	for (unsigned k = 0; k < 3; k++) {
		say(s, 2, "10.2.0.1", FOREIGN, 2);
		periods(s, 1, "10.1.0.1", NULL);
	}
	assert_lost(s, "a router is heard on eth1, and none there has shown that it routes to a "
		       "VIP");
}

static void rule_put(struct stage *s, const char *name)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request, .more = true };

	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), name);
	stage_put(s, &in);
	stage_speech_put(s, PROTOCOL_RIP);
}

static void what_the_configuration_names_is_missed(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	rule_put(s, "eht2");
	stage_config_vip(s, VIP, 0);
	stage_config_end(s);
	periods(s, 3, "10.1.0.1", NULL);
	assert_lost(s, "there is no interface eht2, which 'interfaces' names");
	port_put(s, 2, "eht2", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	assert_well(s, 2);
	/* It speaks, and nobody is there. */
	periods(s, 3, "10.1.0.1", NULL);
	assert_lost(s, "no router has been heard on eht2");
	periods(s, 2, "10.1.0.1", "10.2.0.1");
	assert_well(s, 2);
}

static void sending_put(struct stage *s, uint32_t interface, const char *error)
{
	struct input in = { .kind = INPUT_SENDING };

	in.sending.interface = interface;
	in.sending.speaker = PROTOCOL_RIP;
	in.sending.ready = !error;
	text_copy(in.sending.error, sizeof(in.sending.error), error ? error : "");
	stage_put(s, &in);
}

static void what_the_kernel_refuses_to_send_is_not_announced(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	sending_put(s, 1, "Operation not permitted");
	assert_state(s, "10.9.1.1", VIP_STATE_HEALTHY);
	assert_lost(s, "eth0 does not speak RIP: the kernel refuses what is sent");
	assert_true(stage_said(s, "the kernel refuses what RIP sends: Operation not permitted"));
	assert_string_equal(stage_interface_reason(s), "the kernel refuses what is sent");
	/* On one of two it is announced, and said. */
	port_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_non_null(strstr(stage_vip(s, "10.9.1.1")->reason, "on some interfaces"));
	sending_put(s, 1, NULL);
	assert_string_equal(stage_vip(s, "10.9.1.1")->reason,
			    "sent on every interface that speaks");
	assert_well(s, 2);
}

static void the_ways_of_ipv6_are_counted_for_themselves(void **state)
{
	struct input rule = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s = *state;

	stage_config_begin(s);
	rule.request = s->request;
	rule.config.part = CONFIG_RULE;
	interface_rule_default(&rule.config.rule);
	text_copy(rule.config.rule.pattern, sizeof(rule.config.rule.pattern), "six0");
	stage_put(s, &rule);
	stage_speech_put(s, PROTOCOL_RIPNG);
	stage_config_vip(s, VIP, 0);
	stage_config_vip(s, "fd00::1/128", 0);
	stage_config_end(s);
	port_put(s, 2, "six0", true);
	periods(s, 1, "10.1.0.1", NULL);
	assert_lost(s, "six0 does not speak RIPng: it has no link-local IPv6 address");
	stage_address_put(s, 2, "fe80::10/64");
	assert_well(s, 2);
}

static void a_vip_has_neighbours_only_in_its_own_family(void **state)
{
	struct stage *s = *state;

	stage_bind(s, VIP);
	stage_bind(s, "fd00::1/128");
	assert_int_equal(stage_status(s)->unheard, 2);
	periods(s, 1, "10.1.0.1", NULL);
	assert_int_equal(stage_status(s)->neighbors_up, 1);
	assert_int_equal(s->status.unheard, 1);
}

static void without_vips_nothing_is_lost(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	rule_put(s, "eht2");
	stage_config_end(s);
	stage_run(s, DURATION_S(120));
	assert_well(s, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_host_with_one_way_is_well_with_it),
		STAGE_TEST(a_carrier_that_goes_is_a_way_that_is_lost_until_it_comes_back),
		STAGE_TEST(a_router_that_falls_silent_is_a_way_that_is_lost_until_it_speaks),
		STAGE_TEST(one_of_two_routers_on_a_lan_is_a_way_of_its_own),
		STAGE_TEST(a_router_that_is_gone_for_a_day_is_not_expected_any_more),
		STAGE_TEST(a_renumbering_that_leaves_a_router_behind_is_told_by_its_address),
		STAGE_TEST(a_router_that_never_shows_that_it_routes_to_us_is_no_way),
		STAGE_TEST(what_the_configuration_names_is_missed),
		STAGE_TEST(what_the_kernel_refuses_to_send_is_not_announced),
		STAGE_TEST(the_ways_of_ipv6_are_counted_for_themselves),
		STAGE_TEST(a_vip_has_neighbours_only_in_its_own_family),
		STAGE_TEST(without_vips_nothing_is_lost),
	};

	return cmocka_run_group_tests_name("node: ways", tests, NULL, NULL);
}
