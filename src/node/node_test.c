/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may ask of the node, in which order things happen, and what is left at the end. */
#include "node/stage_test.h"

#include <stdio.h>

#include "base/container.h"
#include "base/text.h"

static void
test_a_virtual_network_that_clashes_with_a_physical_one_is_refused_and_the_clash_is_named(
	void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.1.0.99/24");
	assert_reply(s, REPLY_REFUSED, "10.1.0.0/24 is the physical network 10.1.0.0/24 of eth0");
	stage_bind(s, "10.1.0.99/28");
	assert_reply(s, REPLY_REFUSED,
		     "10.1.0.96/28 lies inside the physical network 10.1.0.0/24 of eth0");
	stage_bind(s, "10.1.7.1/16");
	assert_reply(s, REPLY_REFUSED,
		     "10.1.0.0/16 contains the physical network 10.1.0.0/24 of eth0");
	assert_int_equal(s->adds, 0);
	assert_state(s, "10.1.0.99", VIP_STATE_ABSENT);
}

static void
test_a_host_mask_inside_a_physical_network_is_allowed_but_not_the_hosts_own_address(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.1.0.99/32");
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_holds(s, "address 10.1.0.99/32"));
	stage_bind(s, "10.1.0.10/32");
	assert_reply(s, REPLY_REFUSED, "10.1.0.10 is the address of eth0 already");
}

static void test_an_address_that_no_host_can_have_is_refused(void **state)
{
	static const struct {
		const char *vip, *sentence;
	} cases[] = {
		{ "224.0.0.9/32", "multicast" },
		{ "127.0.0.5/32", "loopback" },
		{ "10.9.1.0/24", "the address of its network" },
		{ "10.9.1.255/24", "the broadcast address of its network" },
		{ "0.0.0.0/32", "cannot be a VIP" },
		{ "ff02::1/128", "multicast" },
		{ "::1/128", "loopback" },
		{ "::ffff:10.9.1.1/128", "IPv4-mapped" },
		{ "::10.9.1.1/128", "IPv4-compatible" },
		{ "::2/128", "::/64" },
		{ "fec0::1/9", "the network fe80::/9 of the VIP fec0::1 begins among" },
	};
	struct stage *s = *state;

	for (size_t k = 0; k < ARRAY_LENGTH(cases); k++) {
		stage_bind(s, cases[k].vip);
		assert_reply(s, REPLY_REFUSED, cases[k].sentence);
	}
	assert_int_equal(s->adds, 0);
}

static void test_a_vip_goes_on_a_board_that_exists_and_on_nothing_else(void **state)
{
	struct input add = { .kind = INPUT_BOARD };
	struct stage *s = *state;

	s->request++;
	stage_bind_part(s, "10.9.1.1/32", "vnic7", false);
	assert_reply(s, REPLY_REFUSED, "there is no board vnic7");
	s->request++;
	stage_bind_part(s, "10.9.1.1/32", "eth0", false);
	assert_reply(s, REPLY_REFUSED, "eth0 is an interface that is not a virtual board");
	add.request = ++s->request;
	text_copy(add.board.name, sizeof(add.board.name), "vnic7");
	stage_put(s, &add);
	assert_reply(s, REPLY_OK, NULL);
	s->request++;
	stage_bind_part(s, "10.9.1.1/32", "vnic7", false);
	assert_reply(s, REPLY_OK, NULL);
}

static void test_a_vip_that_is_bound_already_is_refused(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	assert_reply(s, REPLY_OK, NULL);
	stage_bind(s, "10.9.1.1/32");
	assert_reply(s, REPLY_REFUSED, "10.9.1.1 is bound already, on vnic0");
	assert_int_equal(s->adds, 1);
}

static void test_a_request_is_taken_whole_or_not_at_all(void **state)
{
	struct stage *s = *state;

	s->request++;
	stage_bind_part(s, "10.9.1.1/32", NULL, true);
	stage_bind_part(s, "10.9.1.2/32", NULL, true);
	stage_bind_part(s, "10.1.0.10/32", NULL, false);
	assert_reply(s, REPLY_REFUSED, "10.1.0.10");
	assert_int_equal(s->adds, 0);
	assert_state(s, "10.9.1.1", VIP_STATE_ABSENT);
	/* The same address twice. */
	s->request++;
	stage_bind_part(s, "10.9.1.1/32", NULL, true);
	stage_bind_part(s, "10.9.1.1/32", NULL, false);
	assert_reply(s, REPLY_REFUSED, "10.9.1.1 is bound already");
	assert_state(s, "10.9.1.1", VIP_STATE_ABSENT);
	s->request++;
	stage_bind_part(s, "10.9.1.1/32", NULL, true);
	stage_bind_part(s, "10.9.1.2/32", NULL, false);
	assert_reply(s, REPLY_OK, NULL);
	assert_int_equal(s->adds, 2);
}

static void test_what_is_not_bound_cannot_be_unbound(void **state)
{
	struct stage *s = *state;

	stage_unbind(s, "10.9.1.1", false);
	assert_reply(s, REPLY_NOT_FOUND, "10.9.1.1 is not bound");
}

static void
test_a_vip_is_announced_only_when_the_kernel_holds_it_and_answered_only_then(void **state)
{
	struct stage *s = *state;

	s->lazy = true;
	stage_bind(s, "10.9.1.1/32");
	assert_true(stage_said(s, "add address 10.9.1.1/32"));
	stage_run(s, DURATION_S(2));
	assert_false(stage_said(s, "send 1 10.9.1.1/32"));
	assert_int_equal(s->replies, 1); /* that of the configuration */
	assert_state(s, "10.9.1.1", VIP_STATE_BOUND);
	stage_answer(s);
	assert_true(stage_find(s, stage_find(s, 0, "to=healthy"), "send 1 10.9.1.1/32=3") <
		    STAGE_LOG_MAX);
	assert_true(stage_said(s, "to=announced"));
	assert_true(stage_said(s, "reply 2 0"));
}

static void test_a_vip_leaves_the_kernel_only_when_its_good_byes_are_out(void **state)
{
	struct stage *s = *state;
	size_t last = 0;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_unbind(s, "10.9.1.1", false);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=16"));
	stage_run(s, DURATION_MS(90));
	assert_false(stage_said(s, "remove"));
	stage_run(s, DURATION_MS(50));
	for (size_t k = 0; k < 3; k++)
		last = stage_find(s, last, "send 1 10.9.1.1/32=16") + 1;
	assert_true(stage_find(s, last, "remove address 10.9.1.1/32") < STAGE_LOG_MAX);
	assert_true(stage_said(s, "from=withdrawn to=absent"));
	assert_reply(s, REPLY_OK, NULL);
}

static void test_unbinding_now_waits_for_the_first_good_bye_only(void **state)
{
	struct stage *s = *state;
	size_t sent;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_unbind(s, "10.9.1.1", true);
	stage_run(s, SOURCE_GRACE);
	sent = stage_find(s, 0, "send 1 10.9.1.1/32=16");
	assert_true(sent < STAGE_LOG_MAX &&
		    stage_find(s, sent, "remove address 10.9.1.1/32") < STAGE_LOG_MAX);
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, "10.9.1.1", VIP_STATE_ABSENT);
}

static void test_a_vip_that_is_bound_again_before_it_is_gone_stays_in_the_kernel(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	stage_unbind(s, "10.9.1.1", false);
	stage_run(s, DURATION_MS(30));
	stage_bind(s, "10.9.1.1/32");
	assert_reply(s, REPLY_OK, NULL);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(s->removes, 0);
	assert_int_equal(s->adds, 1);
}

static void test_a_network_is_announced_whole_with_an_unreachable_route_for_the_rest(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.2.1/24");
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_holds(s, "address 10.9.2.1/32"));
	assert_true(stage_holds(s, "unreachable 10.9.2.0/24"));
	assert_true(stage_said(s, "send 1 10.9.2.0/24=3"));
	assert_false(stage_said(s, "send 1 10.9.2.1/32"));
}

static void test_a_shared_network_stays_announced_until_its_last_vip_goes(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.2.1/24");
	stage_bind(s, "10.9.2.2/24");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_unbind(s, "10.9.2.1", false);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.2.1", VIP_STATE_ABSENT);
	assert_false(stage_said(s, "10.9.2.0/24=16"));
	assert_true(stage_holds(s, "unreachable 10.9.2.0/24"));
	stage_unbind(s, "10.9.2.2", false);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "send 1 10.9.2.0/24=16"));
	assert_false(stage_holds(s, "unreachable 10.9.2.0/24"));
}

/* In which order a node of this seed tells of sixteen networks: the order of its table. */
static void networks_told(uint64_t seed, char *order, size_t size)
{
	struct stage *s;
	struct text t;
	char vip[32];

	text_init(&t, order, size);
	stage_raise_seeded((void **)&s, seed);
	stage_begin(s, NULL);
	for (unsigned k = 0; k < 16; k++) {
		snprintf(vip, sizeof(vip), "10.9.%u.1/24", k);
		stage_bind(s, vip);
	}
	for (uint32_t k = 0; k < 16; k++) {
		(void)stage_route(s, k);
		text_add(&t, "%s ", PREFIX_TEXT(&s->route.prefix));
	}
	stage_teardown((void **)&s);
}

static void test_the_order_of_tables_is_that_of_the_seed(void **state)
{
	char first[512], same[512], other[512];

	(void)state;
	networks_told(1, first, sizeof(first));
	networks_told(1, same, sizeof(same));
	networks_told(2, other, sizeof(other));
	assert_non_null(strstr(first, "10.9.15.0/24"));
	assert_string_equal(first, same);
	assert_string_not_equal(first, other);
	assert_int_equal(strlen(first), strlen(other));
}

static void test_a_board_with_many_vips_holds_the_next_ones_as_routes(void **state)
{
	struct stage *s = *state;
	char text[32];

	for (unsigned k = 0; k < NODE_ADDRESSES_PER_BOARD; k++) {
		snprintf(text, sizeof(text), "10.8.%u.%u/32", k / 250, 1 + k % 250);
		stage_bind(s, text);
		assert_reply(s, REPLY_OK, NULL);
	}
	assert_true(stage_holds(s, "address 10.8.1.6/32"));
	stage_bind(s, "10.9.1.1/32");
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_holds(s, "local 10.9.1.1/32"));
	assert_true(stage_vip(s, "10.9.1.1")->held_as_route);
}

static void test_a_large_set_is_held_as_routes_from_its_first_one_on(void **state)
{
	struct stage *s = *state;

	stage_bind_many(s, 1000);
	assert_true(stage_holds(s, "local 10.8.0.1/32") && stage_holds(s, "local 10.8.3.232/32"));
	assert_state(s, "10.8.3.232", VIP_STATE_ANNOUNCED);
}

static void test_an_ipv6_vip_is_bound_and_says_why_it_is_not_announced(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "2001:db8::1/128");
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_holds(s, "address 2001:db8::1/128"));
	assert_state(s, "2001:db8::1", VIP_STATE_HEALTHY);
	assert_non_null(strstr(s->rows[0].reason,
			       "no interface speaks a routing protocol that carries it"));
}

static void test_a_stop_withdraws_all_leaves_nothing_and_says_so(void **state)
{
	struct input add = { .kind = INPUT_BOARD };
	struct stage *s = *state;
	size_t last;

	stage_bind(s, "10.9.1.1/32");
	stage_bind(s, "10.9.2.1/24");
	stage_bind(s, "2001:db8::1/128");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_put(s, &(struct input){ .kind = INPUT_STOP });
	stage_bind(s, "10.9.1.2/32");
	assert_reply(s, REPLY_REFUSED, "vipd is stopping");
	add.request = ++s->request;
	text_copy(add.board.name, sizeof(add.board.name), "vnic1");
	stage_put(s, &add);
	assert_reply(s, REPLY_REFUSED, "vipd is stopping");
	stage_run(s, DURATION_S(1));
	assert_int_equal(s->stopped, 1);
	assert_int_equal(s->n_objects, 0);
	assert_string_equal(s->boards[0], "");
	last = stage_find(s, 0, "stopped");
	assert_true(stage_find(s, 0, "send 1 10.9.1.1/32=16") <
		    stage_find(s, 0, "remove address 10.9.1.1/32"));
	assert_true(stage_find(s, 0, "send 1 10.9.2.0/24=16") <
		    stage_find(s, 0, "remove unreachable 10.9.2.0/24"));
	assert_true(stage_find(s, 0, "board remove vnic0") < last);
}

static void test_a_board_is_removed_with_all_its_vips(void **state)
{
	struct input in = { .kind = INPUT_BOARD };
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_bind(s, "2001:db8::1/128");
	in.request = ++s->request;
	in.board.remove = true;
	text_copy(in.board.name, sizeof(in.board.name), "vnic0");
	stage_put(s, &in);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, NULL);
	assert_int_equal(s->n_objects, 0);
	assert_string_equal(s->boards[0], "");
	assert_true(stage_find(s, 0, "send 1 10.9.1.1/32=16") <
		    stage_find(s, 0, "remove address 10.9.1.1/32"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(
			test_a_virtual_network_that_clashes_with_a_physical_one_is_refused_and_the_clash_is_named),
		STAGE_TEST(
			test_a_host_mask_inside_a_physical_network_is_allowed_but_not_the_hosts_own_address),
		STAGE_TEST(test_an_address_that_no_host_can_have_is_refused),
		STAGE_TEST(test_a_vip_goes_on_a_board_that_exists_and_on_nothing_else),
		STAGE_TEST(test_a_vip_that_is_bound_already_is_refused),
		STAGE_TEST(test_a_request_is_taken_whole_or_not_at_all),
		STAGE_TEST(test_what_is_not_bound_cannot_be_unbound),
		STAGE_TEST(
			test_a_vip_is_announced_only_when_the_kernel_holds_it_and_answered_only_then),
		STAGE_TEST(test_a_vip_leaves_the_kernel_only_when_its_good_byes_are_out),
		STAGE_TEST(test_unbinding_now_waits_for_the_first_good_bye_only),
		STAGE_TEST(test_a_vip_that_is_bound_again_before_it_is_gone_stays_in_the_kernel),
		STAGE_TEST(
			test_a_network_is_announced_whole_with_an_unreachable_route_for_the_rest),
		STAGE_TEST(test_a_shared_network_stays_announced_until_its_last_vip_goes),
		cmocka_unit_test(test_the_order_of_tables_is_that_of_the_seed),
		STAGE_TEST(test_a_board_with_many_vips_holds_the_next_ones_as_routes),
		STAGE_TEST(test_a_large_set_is_held_as_routes_from_its_first_one_on),
		STAGE_TEST(test_an_ipv6_vip_is_bound_and_says_why_it_is_not_announced),
		STAGE_TEST(test_a_stop_withdraws_all_leaves_nothing_and_says_so),
		STAGE_TEST(test_a_board_is_removed_with_all_its_vips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
