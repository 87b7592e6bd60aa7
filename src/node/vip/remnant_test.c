/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the kernel with our mark, and nothing is written of it. */
#include <stdio.h>
#include <string.h>

#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define VIP_HOST VIP "/32"

/* A kernel that holds all this. */
static struct stage *kernel_put(struct stage *s, const char *vip6, const char *route,
				const char *network)
{
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	stage_link_put(s, 1, "eth0", true);
	stage_address_put(s, 1, "10.1.0.10/24");
	stage_address_put(s, 1, "fe80::10/64");
	strcpy(s->boards[0], NODE_BOARD_DEFAULT);
	stage_board_put(s, 0, true);
	stage_address_put(s, STAGE_BOARD_INDEX, VIP_HOST);
	if (vip6)
		stage_address_put(s, STAGE_BOARD_INDEX, vip6);
	if (route)
		stage_object_put(s, true, OBJECT_LOCAL, STAGE_BOARD_INDEX, route);
	if (network)
		stage_object_put(s, true, OBJECT_UNREACHABLE, 0, network);
	return s;
}

/* A node that has no records, and such a kernel. */
static struct stage *start_with(void **state, const char *vip6, const char *route,
				const char *network)
{
	stage_raise(state);
	return kernel_put(*state, vip6, route, network);
}

static void read_to_the_end(struct stage *s)
{
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_END });
	stage_run(s, DURATION_S(5));
}

static void configure_nothing(struct stage *s)
{
	stage_config_begin(s);
	stage_config_end(s);
}

static void test_an_address_with_our_mark_and_no_record_goes_with_a_good_bye(void **state)
{
	struct stage *s = start_with(state, NULL, NULL, NULL);

	configure_nothing(s);
	read_to_the_end(s);
	assert_order(s, "send 1 " VIP_HOST "=16", "remove address " VIP_HOST);
	assert_true(stage_said(s, "nothing is known of it: the neighbours are told"));
	assert_state(s, VIP, VIP_STATE_ABSENT);
}

static void test_so_does_a_local_route_and_a_network_that_stands_there_alone(void **state)
{
	struct stage *s = start_with(state, NULL, "10.9.2.1/32", "10.9.2.0/24");

	configure_nothing(s);
	read_to_the_end(s);
	assert_order(s, "10.9.2.1/32=16", "remove local 10.9.2.1/32");
	assert_order(s, "10.9.2.0/24=16", "remove unreachable 10.9.2.0/24");
}

static void test_so_does_an_ipv6_address(void **state)
{
	struct stage *s = start_with(state, "2001:db8:9::1/128", NULL, NULL);
	struct input in = { .kind = INPUT_CONFIG, .more = true };

	in.request = ++s->request;
	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	strcpy(in.config.rule.pattern, "eth0");
	stage_put(s, &in);
	stage_speech_put(s, PROTOCOL_RIPNG);
	stage_config_end(s);
	read_to_the_end(s);
	assert_order(s, "2001:db8:9::1/128=16", "remove address 2001:db8:9::1/128");
}

static void test_what_the_configuration_wants_stays_and_says_no_good_bye(void **state)
{
	struct stage *s = start_with(state, NULL, NULL, "10.9.2.0/24");

	stage_config_begin(s);
	stage_config_vip(s, VIP_HOST, 0);
	stage_config_vip(s, "10.9.2.1/24", 0);
	stage_config_end(s);
	read_to_the_end(s);
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_false(stage_said(s, "=16") || stage_said(s, "remove "));
}

static void test_what_is_not_to_be_announced_any_more_is_taken_back_and_stays(void **state)
{
	struct input in = { .kind = INPUT_CONFIG, .more = true };
	struct stage *s = start_with(state, NULL, NULL, NULL);

	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_VIP;
	vip_settings_default(&in.config.vip);
	assert_int_equal(address_parse(VIP, &in.config.vip.address), 0);
	in.config.vip.length = 32;
	in.config.vip.announce = false;
	stage_put(s, &in);
	stage_config_end(s);
	read_to_the_end(s);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
	assert_false(stage_said(s, "remove address"));
}

static void test_what_is_drained_by_its_record_is_taken_back_and_stays(void **state)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_VIP };
	struct stage *s;

	stage_raise(state);
	vip_settings_default(&in.saved.vip.settings);
	assert_int_equal(address_parse(VIP, &in.saved.vip.settings.address), 0);
	in.saved.vip.settings.length = 32;
	in.saved.vip.drain = DRAIN_DONE;
	stage_put(*state, &in);
	s = kernel_put(*state, NULL, NULL, NULL);
	configure_nothing(s);
	read_to_the_end(s);
	assert_state(s, VIP, VIP_STATE_DRAINED);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
	assert_false(stage_said(s, "remove address"));
}

static void test_who_is_asked_for_before_it_has_gone_stays(void **state)
{
	struct stage *s = start_with(state, NULL, NULL, NULL);

	configure_nothing(s);
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_END });
	stage_bind(s, VIP_HOST);
	stage_run(s, DURATION_S(5));
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_false(stage_said(s, "=16") || stage_said(s, "remove address"));
}

/* Each with a silence of its own, which is taken over with it: in whatever order they lie. */
static void test_many_that_are_silent_all_go_with_a_good_bye(void **state)
{
	for (unsigned net = 3; net < 11; net++) {
		struct stage *s = start_with(state, NULL, NULL, NULL);
		char text[40], said[40];

		configure_nothing(s);
		stage_object_put(s, true, OBJECT_ARP_TABLE, 0, NULL);
		for (unsigned i = 1; i <= 100; i++) {
			snprintf(text, sizeof(text), "10.9.%u.%u/32", net, i);
			stage_address_put(s, STAGE_BOARD_INDEX, text);
			stage_object_put(s, true, OBJECT_SILENCE, 0, text);
		}
		read_to_the_end(s);
		for (unsigned i = 1; i <= 100; i++) {
			snprintf(text, sizeof(text), "remove address 10.9.%u.%u/32", net, i);
			snprintf(said, sizeof(said), "send 1 10.9.%u.%u/32=16", net, i);
			assert_order(s, said, text);
		}
		if (net < 10)
			(void)stage_teardown(state);
	}
}

#define REMNANT_TEST(name) cmocka_unit_test_teardown(name, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REMNANT_TEST(test_an_address_with_our_mark_and_no_record_goes_with_a_good_bye),
		REMNANT_TEST(test_so_does_a_local_route_and_a_network_that_stands_there_alone),
		REMNANT_TEST(test_so_does_an_ipv6_address),
		REMNANT_TEST(test_many_that_are_silent_all_go_with_a_good_bye),
		REMNANT_TEST(test_what_the_configuration_wants_stays_and_says_no_good_bye),
		REMNANT_TEST(test_what_is_not_to_be_announced_any_more_is_taken_back_and_stays),
		REMNANT_TEST(test_what_is_drained_by_its_record_is_taken_back_and_stays),
		REMNANT_TEST(test_who_is_asked_for_before_it_has_gone_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
