/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody else has the VIP: on the wire before it is bound and after, in routing, and taken over.
 */
#include <stdio.h>

#include "node/stage_test.h"

/* Another server's, as a router hands it on; ours is made of eth0's MAC. */
#define TAG 9

#define LOCAL "10.1.0.99"
#define LOCAL_VIP LOCAL "/32"

static void test_a_vip_in_a_physical_network_is_asked_for_before_it_is_bound(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	assert_state(s, LOCAL, VIP_STATE_CHECKING);
	stage_run(s, DURATION_MS(290));
	assert_false(stage_said(s, "add silence"));
	stage_run(s, DURATION_MS(20));
	assert_state(s, LOCAL, VIP_STATE_ANNOUNCED);
	assert_order(s, "watch 1 on", "probe 1 " LOCAL);
	assert_order(s, "probe 1 " LOCAL, "add silence " LOCAL);
	/* It is silent: nobody is told that it is here. */
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "claim "));
}

static void test_a_vip_elsewhere_is_bound_at_once_and_no_interface_is_watched(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	assert_reply(s, REPLY_OK, NULL);
	assert_false(stage_said(s, "watch "));
}

static void test_a_command_is_refused_when_somebody_answers_and_nothing_stays(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_rival_put(s, LOCAL, 0x77);
	assert_reply(s, REPLY_FAILED, "02:00:00:00:00:77 on eth0 has it too");
	assert_state(s, LOCAL, VIP_STATE_ABSENT);
	assert_order(s, "save vip " LOCAL, "save gone " LOCAL);
	assert_true(stage_said(s, "watch 1 off"));
	assert_int_equal(s->adds, 0);
	stage_run(s, DURATION_S(60));
	assert_int_equal(s->adds, 0);
}

static void test_a_configured_vip_waits_until_its_rival_has_gone(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	stage_config_vip(s, LOCAL_VIP, 0);
	stage_config_end(s);
	stage_rival_put(s, LOCAL, 0x77);
	assert_state(s, LOCAL, VIP_STATE_CONFLICT);
	assert_int_equal(s->rows[0].rival.seen, RIVAL_ON_WIRE);
	assert_int_equal(s->rows[0].rival.mac[5], 0x77);
	assert_string_equal(s->rows[0].rival.interface, "eth0");
	for (int i = 0; i < 3; i++) {
		stage_run(s, DURATION_MS(10050));
		stage_rival_put(s, LOCAL, 0x77);
		assert_state(s, LOCAL, VIP_STATE_CONFLICT);
		assert_int_equal(s->adds, 0);
	}
	/* The rival is silent from now on. */
	stage_run(s, DURATION_S(11));
	assert_state(s, LOCAL, VIP_STATE_ANNOUNCED);
	assert_int_equal(s->rows[0].rival.seen, RIVAL_NONE);
}

static void test_a_vip_that_only_warns_is_bound_all_the_same(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_WARN);
	stage_rival_put(s, LOCAL, 0x77);
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, LOCAL, VIP_STATE_CONFLICT);
	assert_true(stage_said(s, "send 1 " LOCAL_VIP "=3"));
	assert_true(stage_said(s, "vip=" LOCAL " rival interface=eth0"));
	/* Silent when it is asked, three times over. */
	stage_run(s, DURATION_S(40));
	assert_state(s, LOCAL, VIP_STATE_ANNOUNCED);
}

static void test_who_comes_later_is_told_of_and_takes_nothing_down(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_run(s, DURATION_S(1));
	assert_state(s, LOCAL, VIP_STATE_ANNOUNCED);
	s->n_log = 0;
	for (uint8_t k = 0; k < 100; k++)
		stage_rival_put(s, LOCAL, k + 10);
	assert_state(s, LOCAL, VIP_STATE_CONFLICT);
	assert_false(stage_said(s, "=16") || stage_said(s, "remove "));
	assert_int_equal(
		stage_find(s, stage_find(s, 0, "has a VIP of ours") + 1, "has a VIP of ours"),
		STAGE_LOG_MAX);
}

static void test_where_nobody_can_be_asked_it_is_bound_and_that_is_told(void **state)
{
	struct stage *s = *state;

	s->blind = true;
	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "nobody can be asked who has a VIP: it lacks CAP_NET_RAW"));
}

static void test_where_nobody_can_be_asked_that_is_tried_again_and_told_once(void **state)
{
	struct stage *s = *state;

	s->blind = true;
	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_WARN);
	stage_run(s, DURATION_S(5));
	assert_true(stage_said(s, "watch 1 on"));
	assert_int_equal(
		stage_find(s, stage_find(s, 0, "nobody can be asked") + 1, "nobody can be asked"),
		STAGE_LOG_MAX);
	s->blind = false;
	stage_run(s, DURATION_S(10));
	s->n_log = 0;
	stage_rival_put(s, LOCAL, 10);
	assert_state(s, LOCAL, VIP_STATE_CONFLICT);
	stage_run(s, DURATION_S(120));
	assert_false(stage_said(s, "watch 1"));
}

static void test_a_link_that_fails_ends_the_question(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_link_put(s, 1, "eth0", false);
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, LOCAL, VIP_STATE_HEALTHY);
}

static void test_an_interface_that_goes_ends_the_question(void **state)
{
	struct stage *s = *state;
	struct input gone = { .kind = INPUT_LINK_GONE, .link_gone.index = 1 };

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
	stage_put(s, &gone);
	assert_reply(s, REPLY_OK, NULL);
}

static void test_a_vip_that_answers_says_that_it_is_here_until_it_leaves(void **state)
{
	struct stage *s = *state;
	size_t at = 0;

	stage_bind_how(s, LOCAL_VIP, VIP_ARP_ANSWER, VIP_CONFLICT_REFUSE);
	stage_run(s, DURATION_S(5));
	assert_order(s, "add address " LOCAL_VIP, "claim 1 " LOCAL);
	for (int i = 0; i < 3; i++)
		at = stage_find(s, at, "claim 1 " LOCAL) + 1;
	assert_true(at < STAGE_LOG_MAX);
	s->n_log = 0;
	stage_run(s, DURATION_S(70));
	assert_true(stage_said(s, "claim 1 " LOCAL));
	/* A NIC that comes back tells it again. */
	stage_link_put(s, 1, "eth0", false);
	s->n_log = 0;
	stage_link_put(s, 1, "eth0", true);
	assert_true(stage_said(s, "claim 1 " LOCAL));
	stage_unbind(s, LOCAL, false);
	s->n_log = 0;
	stage_run(s, DURATION_S(120));
	assert_false(stage_said(s, "claim "));
}

static void test_ipv6_goes_the_same_way(void **state)
{
	struct stage *s = *state;

	stage_address_put(s, 1, "2001:db8:1::10/64");
	stage_bind_how(s, "2001:db8:1::99/128", VIP_ARP_ANSWER, VIP_CONFLICT_REFUSE);
	assert_true(stage_said(s, "probe 1 2001:db8:1::99"));
	stage_rival_put(s, "2001:db8:1::99", 0x77);
	assert_reply(s, REPLY_FAILED, "02:00:00:00:00:77 on eth0 has it too");
	stage_bind_how(s, "2001:db8:1::98/128", VIP_ARP_ANSWER, VIP_CONFLICT_REFUSE);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "claim 1 2001:db8:1::98"));
}

/* Another life, which finds this VIP written down. */
static struct stage *start_over(void **state, const char *vip, enum vip_conflict conflict,
				uint32_t spoken)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_VIP };
	struct vip_settings *settings = &in.saved.vip.settings;

	assert_int_equal(stage_teardown(state), 0);
	stage_raise(state);
	vip_settings_default(settings);
	settings->conflict = (uint8_t)conflict;
	settings->arp = VIP_ARP_ANSWER;
	assert_int_equal(prefix_parse(vip, &settings->address, &settings->length), 0);
	in.saved.vip.spoken = spoken;
	stage_put(*state, &in);
	return *state;
}

static void test_what_an_earlier_life_left_is_not_asked_for(void **state)
{
	struct stage *s = start_over(state, LOCAL_VIP, VIP_CONFLICT_REFUSE, 0);

	stage_begin(s, LOCAL_VIP);
	stage_run(s, DURATION_S(1));
	assert_state(s, LOCAL, VIP_STATE_ANNOUNCED);
	assert_false(stage_said(s, "probe ") || stage_said(s, "remove "));
}

/* A router that has another server's VIP, with its metric; it is asked, and says so again. */
static void rival_in_routing(struct stage *s, uint8_t metric)
{
	stage_tagged_put(s, "10.1.0.1", "10.9.1.1/32", metric, TAG);
	stage_run(s, DURATION_MS(1100));
	stage_tagged_put(s, "10.1.0.1", "10.9.1.1/32", metric, TAG);
}

static size_t lines_with(struct stage *s, const char *text)
{
	size_t count = 0, at = 0;

	while ((at = stage_find(s, at, text)) < STAGE_LOG_MAX) {
		count++;
		at++;
	}
	return count;
}

/* The router routes to us now, and says it again when it is asked. */
static void router_poisons(struct stage *s)
{
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	stage_run(s, DURATION_MS(1100));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
}

static void test_a_take_over_is_answered_when_the_routers_have_changed_over(void **state)
{
	struct stage *s = *state;
	size_t replies;

	rival_in_routing(s, 5);
	replies = s->replies;
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=1"));
	assert_false(stage_said(s, "send 1 10.9.1.1/32=3"));
	stage_run(s, DURATION_S(2));
	assert_int_equal(s->replies, replies);
	router_poisons(s);
	stage_run(s, DURATION_S(5));
	assert_int_equal(s->replies, replies);
	stage_run(s, DURATION_MS(1100));
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
	assert_int_equal(s->rows[0].metric, 1);
	s->n_log = 0;
	for (int i = 0; i < 12; i++) {
		stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
		stage_run(s, DURATION_S(15));
	}
	assert_order(s, "send 1 10.9.1.1/32=1", "send 1 10.9.1.1/32=2");
	assert_false(stage_said(s, "send 1 10.9.1.1/32=3"));
	for (int i = 0; i < 5; i++) {
		stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
		stage_run(s, DURATION_S(15));
	}
	assert_order(s, "send 1 10.9.1.1/32=2", "send 1 10.9.1.1/32=3");
	assert_true(stage_said(s, "announced with its own metric"));
}

static void test_a_take_over_of_what_nobody_has_is_a_bind(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=3"));
	/* Whoever is heard in the first moments had it before. */
	rival_in_routing(s, 5);
	assert_state(s, "10.9.1.1", VIP_STATE_CONFLICT);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=1"));
}

static void test_who_takes_over_later_is_let_have_it(void **state)
{
	struct stage *s = *state;

	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	stage_run(s, DURATION_S(11));
	rival_in_routing(s, 5);
	assert_state(s, "10.9.1.1", VIP_STATE_CONFLICT);
	stage_run(s, DURATION_S(5));
	assert_false(stage_said(s, "send 1 10.9.1.1/32=1"));
}

static void test_a_take_over_says_when_the_rival_leaves_no_headroom(void **state)
{
	struct stage *s = *state;

	/*
	 * Announced with 1 over there; it would be the same with 3 and 6, over three routers: the
	 * one near the rival will not change over.
	 */
	rival_in_routing(s, 3);
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	router_poisons(s);
	stage_run(s, DURATION_S(7));
	assert_reply(s, REPLY_FAILED, "the metric of the rival is so good");
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
}

static void test_a_take_over_says_when_a_rival_is_as_near(void **state)
{
	struct stage *s = *state;

	rival_in_routing(s, 2);
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	stage_run(s, DURATION_S(31));
	assert_reply(s, REPLY_FAILED, "not all routers have changed over");
	assert_state(s, "10.9.1.1", VIP_STATE_CONFLICT);
	assert_int_equal(s->rows[0].rival.seen, RIVAL_IN_ROUTING);
	assert_int_equal(s->rows[0].rival.metric, 2);
}

static void test_a_rival_that_is_still_there_is_taken_over_again(void **state)
{
	struct stage *s = *state;

	rival_in_routing(s, 5);
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
	router_poisons(s);
	stage_run(s, DURATION_S(190));
	assert_true(stage_said(s, "send 1 10.9.1.1/32=2"));
	s->n_log = 0;
	rival_in_routing(s, 5);
	assert_true(stage_said(s, "the rival is still there"));
	assert_true(stage_said(s, "send 1 10.9.1.1/32=1"));
}

static void test_a_take_over_outlives_the_daemon(void **state)
{
	struct stage *s = start_over(state, "10.9.1.1/32", VIP_CONFLICT_TAKE, 1);

	stage_begin(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(100));
	assert_true(stage_said(s, "send 1 10.9.1.1/32=1"));
	assert_false(stage_said(s, "send 1 10.9.1.1/32=2"));
	stage_run(s, DURATION_S(90));
	assert_true(stage_said(s, "send 1 10.9.1.1/32=2"));
}

static void test_a_vip_that_worsens_lets_the_rival_win_while_it_is_there(void **state)
{
	struct stage *s = *state;

	rival_in_routing(s, 5);
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_WORSEN);
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=6"));
	assert_false(stage_said(s, "send 1 10.9.1.1/32=3"));
	assert_state(s, "10.9.1.1", VIP_STATE_CONFLICT);
	rival_in_routing(s, 12);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=8"));
	rival_in_routing(s, 16);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=3"));
	assert_int_not_equal(stage_vip(s, "10.9.1.1")->state, VIP_STATE_CONFLICT);
}

static void test_of_two_that_worsen_neither_goes_on_for_ever(void **state)
{
	struct stage *s = *state;

	rival_in_routing(s, 3);
	stage_bind_how(s, "10.9.1.1/32", VIP_ARP_SILENT, VIP_CONFLICT_WORSEN);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=4"));
	s->n_log = 0;
	rival_in_routing(s, 4);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=8"));
	assert_false(stage_said(s, "send 1 10.9.1.1/32=5"));
}

/* Nobody on the LAN fills the disk. */
static void test_strangers_fill_no_journal(void **state)
{
	struct stage *s = *state;
	char vip[32];

	for (int k = 1; k <= 20; k++) {
		snprintf(vip, sizeof(vip), "10.9.1.%d/32", k);
		stage_bind(s, vip);
	}
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	for (int i = 0; i < 2000; i++) {
		snprintf(vip, sizeof(vip), "10.9.1.%d/32", 1 + i % 20);
		stage_tagged_put(s, "10.1.0.1", vip, (uint8_t)(2 + i / 20 % 2), TAG);
	}
	assert_in_range(lines_with(s, "announces a VIP of ours"), 20, 65);
	stage_run(s, DURATION_S(10));
	stage_tagged_put(s, "10.1.0.1", "10.9.1.1/32", 9, TAG);
	assert_true(stage_said(s, "more of these lines were left out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_a_vip_in_a_physical_network_is_asked_for_before_it_is_bound),
		STAGE_TEST(test_a_vip_elsewhere_is_bound_at_once_and_no_interface_is_watched),
		STAGE_TEST(test_a_command_is_refused_when_somebody_answers_and_nothing_stays),
		STAGE_TEST(test_a_configured_vip_waits_until_its_rival_has_gone),
		STAGE_TEST(test_a_vip_that_only_warns_is_bound_all_the_same),
		STAGE_TEST(test_who_comes_later_is_told_of_and_takes_nothing_down),
		STAGE_TEST(test_where_nobody_can_be_asked_it_is_bound_and_that_is_told),
		STAGE_TEST(test_where_nobody_can_be_asked_that_is_tried_again_and_told_once),
		STAGE_TEST(test_a_link_that_fails_ends_the_question),
		STAGE_TEST(test_an_interface_that_goes_ends_the_question),
		STAGE_TEST(test_a_vip_that_answers_says_that_it_is_here_until_it_leaves),
		STAGE_TEST(test_ipv6_goes_the_same_way),
		STAGE_TEST(test_what_an_earlier_life_left_is_not_asked_for),
		STAGE_TEST(test_a_take_over_is_answered_when_the_routers_have_changed_over),
		STAGE_TEST(test_a_take_over_of_what_nobody_has_is_a_bind),
		STAGE_TEST(test_who_takes_over_later_is_let_have_it),
		STAGE_TEST(test_a_take_over_says_when_the_rival_leaves_no_headroom),
		STAGE_TEST(test_a_take_over_says_when_a_rival_is_as_near),
		STAGE_TEST(test_a_rival_that_is_still_there_is_taken_over_again),
		STAGE_TEST(test_a_take_over_outlives_the_daemon),
		STAGE_TEST(test_strangers_fill_no_journal),
		STAGE_TEST(test_a_vip_that_worsens_lets_the_rival_win_while_it_is_there),
		STAGE_TEST(test_of_two_that_worsen_neither_goes_on_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
