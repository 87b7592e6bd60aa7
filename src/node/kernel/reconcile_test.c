/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node and its surroundings: a kernel that differs, interfaces that come and go, another
 * configuration.
 */
#include "node/stage_test.h"

#include "base/text.h"

static void test_a_board_that_vanishes_is_made_again_with_its_vips(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_bind(s, "10.9.1.2/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_board_drop(s, STAGE_BOARD_INDEX);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "the board is gone; it is made again"));
	assert_true(stage_said(s, "board add vnic0"));
	assert_true(stage_holds(s, "address 10.9.1.1/32") && stage_holds(s, "address 10.9.1.2/32"));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

/* To read ten thousand VIPs anew while they are being bound takes as long as to bind them. */
static void test_for_a_board_that_it_makes_the_kernel_is_not_read_anew(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->resyncs = 0;
	stage_board_drop(s, STAGE_BOARD_INDEX);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(s->resyncs, 0);
	/* What was on it while it was down, nobody knows. */
	stage_board_put(s, 0, false);
	stage_run(s, DURATION_S(1));
	assert_true(s->resyncs > 0);
}

static void test_a_board_that_is_set_down_is_set_up_again(void **state)
{
	struct stage *s = *state;

	stage_board_put(s, 0, false);
	assert_true(stage_said(s, "board up vnic0"));
}

static void
test_an_address_that_somebody_deletes_is_put_back_and_the_vip_stays_announced(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = s->n_objects = 0;
	stage_object_put(s, false, OBJECT_ADDRESS, STAGE_BOARD_INDEX, "10.9.1.1/32");
	assert_true(stage_said(s, "repair interface=vnic0 reason=\"the address 10.9.1.1/32 is "
				  "gone; it is put back\""));
	assert_true(stage_holds(s, "address 10.9.1.1/32"));
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "=16"));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	(void)stage_status(s);
	assert_int_equal(s->status.repairs, 1);
}

static void test_what_somebody_puts_on_a_board_is_removed_and_told(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_address_put(s, STAGE_BOARD_INDEX, "192.0.2.5/32");
	assert_true(stage_said(s, "remove address 192.0.2.5/32"));
	assert_true(stage_said(s, "repair interface=vnic0 reason=\"the address 192.0.2.5/32 is "
				  "there and was not asked for; it is removed\""));
	(void)stage_status(s);
	assert_int_equal(s->status.repairs, 1);
}

static void test_what_the_kernel_refuses_is_tried_again_with_growing_patience(void **state)
{
	struct stage *s = *state;
	size_t adds;

	s->refuse = -12;
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_end(s);
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	assert_string_equal(stage_vip(s, "10.9.1.1")->reason, "the kernel says no");
	assert_false(stage_said(s, "send 1 10.9.1.1/32"));
	/* After 1, 2, 4 … s, never more than a minute apart. */
	stage_run(s, DURATION_MS(7500));
	assert_int_equal(s->adds, 4);
	stage_run(s, DURATION_S(120));
	adds = s->adds;
	stage_run(s, DURATION_S(60));
	assert_in_range(s->adds - adds, 1, 1);
	s->refuse = 0;
	stage_run(s, DURATION_S(61));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

/* One of a bind; it is held as a route, or as an address. */
static void bind_part(struct stage *s, const char *vip, enum vip_hold hold, bool more)
{
	struct input in = { .kind = INPUT_BIND, .request = s->request, .more = more };
	struct prefix p;

	assert_int_equal(prefix_parse(vip, &p.address, &p.length), 0);
	vip_settings_default(&in.bind);
	in.bind.address = p.address;
	in.bind.length = p.length;
	in.bind.hold = (uint8_t)hold;
	in.bind.arp = VIP_ARP_ANSWER;
	stage_put(s, &in);
}

static void test_of_a_bind_that_the_kernel_refuses_in_part_nothing_stays(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.9/32");
	s->refuse = -13;
	s->refuses = OBJECT_LOCAL;
	s->request++;
	bind_part(s, "10.9.1.1/32", VIP_HOLD_ADDRESS, true);
	bind_part(s, "10.9.1.2/32", VIP_HOLD_ROUTE, true);
	bind_part(s, "2001:db8:9::3/128", VIP_HOLD_ADDRESS, false);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_FAILED, "the kernel says no");
	assert_null(stage_vip(s, "10.9.1.1"));
	assert_null(stage_vip(s, "10.9.1.2"));
	assert_null(stage_vip(s, "2001:db8:9::3"));
	assert_false(stage_holds(s, "address 10.9.1.1/32") ||
		     stage_holds(s, "address 2001:db8:9::3/128"));
	/* What was announced by then is withdrawn before it goes, and who was there before stays.
	 */
	assert_order(s, "10.9.1.1/32=16", "remove address 10.9.1.1/32");
	assert_state(s, "10.9.1.9", VIP_STATE_ANNOUNCED);
	/* Nobody tries again. */
	s->n_log = 0;
	stage_run(s, DURATION_S(120));
	assert_false(stage_said(s, "add "));
	/* And it can be asked for again. */
	s->refuse = 0;
	s->request++;
	bind_part(s, "10.9.1.1/32", VIP_HOLD_ADDRESS, true);
	bind_part(s, "10.9.1.2/32", VIP_HOLD_ROUTE, false);
	assert_reply(s, REPLY_OK, NULL);
}

static void test_of_a_bind_that_a_host_on_the_wire_objects_to_nothing_stays(void **state)
{
	struct stage *s = *state;

	s->request++;
	bind_part(s, "10.9.1.1/32", VIP_HOLD_ADDRESS, true);
	bind_part(s, "10.1.0.77/32", VIP_HOLD_ADDRESS, false);
	stage_rival_put(s, "10.1.0.77", 0x77);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_FAILED, "has it too");
	assert_null(stage_vip(s, "10.1.0.77"));
	assert_null(stage_vip(s, "10.9.1.1"));
}

static void test_a_bind_of_another_mask_is_answered_when_that_one_is_held(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/24");
	stage_run(s, DURATION_S(1));
	stage_unbind(s, "10.9.1.1", false);
	s->refuse = -13;
	s->refuses = OBJECT_LOCAL;
	s->request++;
	bind_part(s, "10.9.1.1/32", VIP_HOLD_ROUTE, false);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_FAILED, "the kernel says no");
	s->refuse = 0;
	stage_run(s, DURATION_S(5));
	assert_null(stage_vip(s, "10.9.1.1"));
}

/* Linux drops them with the board's last IPv4 address, whatever IPv6 addresses are there. */
static void test_routes_that_go_with_the_last_address_are_put_back_at_once(void **state)
{
	struct stage *s = *state;

	s->request++;
	bind_part(s, "10.9.1.1/32", VIP_HOLD_ROUTE, true);
	bind_part(s, "2001:db8:9::1/128", VIP_HOLD_ADDRESS, true);
	bind_part(s, "2001:db8:9::2/128", VIP_HOLD_ROUTE, true);
	bind_part(s, "10.9.1.2/32", VIP_HOLD_ADDRESS, true);
	bind_part(s, "10.9.1.3/32", VIP_HOLD_ADDRESS, false);
	stage_run(s, DURATION_S(1));
	s->n_log = s->resyncs = 0;
	stage_unbind(s, "10.9.1.2", true);
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "add "));
	stage_unbind(s, "10.9.1.3", true);
	stage_run(s, DURATION_S(1));
	assert_order(s, "remove address 10.9.1.3/32", "add local 10.9.1.1/32");
	assert_false(stage_said(s, "add local 2001:db8:9::2/128"));
	assert_false(stage_said(s, "vip=10.9.1.1 from=") || stage_said(s, "repair"));
	assert_int_equal(s->resyncs, 1);
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_dump_shows_what_is_missing_and_what_is_too_much(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_bind(s, "10.9.1.2/32");
	stage_run(s, DURATION_S(1));
	s->n_log = s->n_objects = 0;
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	stage_link_put(s, 1, "eth0", true);
	stage_address_put(s, 1, "10.1.0.10/24");
	stage_board_put(s, 0, true);
	stage_address_put(s, STAGE_BOARD_INDEX, "10.9.1.1/32");
	stage_address_put(s, STAGE_BOARD_INDEX, "10.9.7.7/32");
	stage_object_put(s, true, OBJECT_LOCAL, STAGE_BOARD_INDEX, "10.9.8.8/32");
	stage_object_put(s, true, OBJECT_UNREACHABLE, 0, "10.9.9.0/24");
	assert_false(stage_said(s, "remove ") || stage_said(s, "add "));
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_END });
	assert_true(stage_said(s, "remove address 10.9.7.7/32"));
	assert_true(stage_said(s, "remove local 10.9.8.8/32"));
	assert_true(stage_said(s, "remove unreachable 10.9.9.0/24"));
	assert_true(stage_said(s, "add address 10.9.1.2/32"));
	assert_false(stage_said(s, "address 10.9.1.1/32"));
}

static void test_an_interface_speaks_only_when_nothing_is_missing_and_says_what_is(void **state)
{
	struct stage *s = *state;

	assert_string_equal(stage_interface_reason(s), "");
	stage_link_put(s, 1, "eth0", false);
	assert_string_equal(stage_interface_reason(s), "it is down");
	stage_link_put(s, 1, "eth0", true);
	assert_string_equal(stage_interface_reason(s), "");
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	assert_string_equal(stage_interface_reason(s), "it has no IPv4 address");
	stage_address_put(s, 1, "10.1.0.10/24");
	assert_string_equal(stage_interface_reason(s), "");
	/* Another name is another rule: none fits this one. */
	stage_link_put(s, 1, "wan0", true);
	assert_string_equal(stage_interface_reason(s),
			    "no rule of the configuration lets it speak");
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "listen 1 off"));
	stage_link_put(s, 1, "eth5", true);
	stage_run(s, DURATION_S(1));
	assert_string_equal(stage_interface_reason(s), "");
}

static void test_a_vip_says_when_nobody_can_be_told_of_it(void **state)
{
	struct stage *s = *state;

	stage_link_put(s, 1, "eth0", false);
	stage_bind(s, "10.9.1.1/32");
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, "10.9.1.1", VIP_STATE_HEALTHY);
	assert_non_null(strstr(stage_vip(s, "10.9.1.1")->reason, "no interface speaks"));
	stage_link_put(s, 1, "eth0", true);
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=3"));
}

static void test_sockets_that_cannot_be_opened_are_tried_again(void **state)
{
	struct input in = { .kind = INPUT_LISTENING };
	struct stage *s = *state;

	s->deaf = true;
	stage_link_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	in.listening.speaker = PROTOCOL_RIP;
	in.listening.interface = 2;
	text_copy(in.listening.error, sizeof(in.listening.error), "port 520 is taken");
	stage_put(s, &in);
	assert_true(stage_said(s, "cannot speak RIP: port 520 is taken"));
	stage_interface(s, 2);
	assert_string_equal(s->interface.reason, "port 520 is taken");
	s->n_log = 0;
	s->deaf = false;
	stage_run(s, DURATION_S(6));
	assert_true(stage_said(s, "listen 2 on"));
	assert_true(stage_said(s, "interface interface=eth1 reason=\"speaks RIP\""));
}

static void test_a_neighbour_that_poisons_the_vip_back_has_accepted_it(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	stage_run(s, DURATION_MS(200));
	/* It is asked, and says it again. */
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
	assert_int_equal(s->rows[0].n_accepted, 1);
	assert_string_equal(s->rows[0].accepted_by[0].interface, "eth0");
	/* It is silent for 180 s, and no longer a witness. */
	stage_run(s, DURATION_S(181));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

/* It lives, and its updates are without the poison: three times. */
static void test_a_neighbour_that_poisons_no_more_has_let_go(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_packet_put(s, "10.1.0.1", "10.7.0.0/16", 2);
	stage_run(s, DURATION_S(1));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	stage_run(s, DURATION_MS(200));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
	stage_run(s, DURATION_S(30));
	for (int i = 0; i < 3; i++) {
		assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
		stage_packet_put(s, "10.1.0.1", "10.7.0.0/16", 2);
		stage_run(s, DURATION_MS(1200));
	}
	/* The poison from above was still in the first of them. */
	assert_state(s, "10.9.1.1", VIP_STATE_ACCEPTED);
	stage_packet_put(s, "10.1.0.1", "10.7.0.0/16", 2);
	stage_run(s, DURATION_MS(1200));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_rival_is_a_conflict_that_is_told_and_ends(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 2);
	assert_state(s, "10.9.1.1", VIP_STATE_CONFLICT);
	assert_non_null(strstr(s->rows[0].reason, "10.1.0.1 on eth0 announces it too"));
	stage_packet_put(s, "10.1.0.1", "10.9.1.1/32", 16);
	assert_int_not_equal(stage_vip(s, "10.9.1.1")->state, VIP_STATE_CONFLICT);
}

static void test_a_configuration_touches_only_what_differs(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_vip(s, "10.9.1.2/32", 0);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	s->n_log = s->adds = s->removes = 0;
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_vip(s, "10.9.1.3/32", 0);
	stage_config_end(s);
	assert_reply(s, REPLY_OK, NULL);
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "10.9.1.1"));
	assert_true(stage_said(s, "add address 10.9.1.3/32") &&
		    stage_said(s, "remove address 10.9.1.2/32"));
	assert_int_equal(s->adds, 1);
	assert_int_equal(s->removes, 1);
	/* Another metric is told, and the kernel is left alone. */
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 7);
	stage_config_vip(s, "10.9.1.3/32", 0);
	stage_config_end(s);
	assert_true(stage_said(s, "send 1 10.9.1.1/32=7"));
	assert_int_equal(s->adds, 1);
}

static void test_a_vip_that_a_command_bound_outlives_a_configuration_without_it(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_config_begin(s);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_int_equal(s->removes, 0);
}

static void test_a_configuration_that_is_refused_leaves_the_old_one_in_force(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.2/32", 0);
	stage_config_vip(s, "224.0.0.1/32", 0);
	stage_config_end(s);
	assert_reply(s, REPLY_REFUSED, "224.0.0.1");
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	assert_state(s, "10.9.1.2", VIP_STATE_ABSENT);
	assert_false(stage_said(s, "add ") || stage_said(s, "remove "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_a_board_that_vanishes_is_made_again_with_its_vips),
		STAGE_TEST(test_for_a_board_that_it_makes_the_kernel_is_not_read_anew),
		STAGE_TEST(test_a_board_that_is_set_down_is_set_up_again),
		STAGE_TEST(
			test_an_address_that_somebody_deletes_is_put_back_and_the_vip_stays_announced),
		STAGE_TEST(test_what_somebody_puts_on_a_board_is_removed_and_told),
		STAGE_TEST(test_what_the_kernel_refuses_is_tried_again_with_growing_patience),
		STAGE_TEST(test_of_a_bind_that_the_kernel_refuses_in_part_nothing_stays),
		STAGE_TEST(test_of_a_bind_that_a_host_on_the_wire_objects_to_nothing_stays),
		STAGE_TEST(test_a_bind_of_another_mask_is_answered_when_that_one_is_held),
		STAGE_TEST(test_routes_that_go_with_the_last_address_are_put_back_at_once),
		STAGE_TEST(test_a_dump_shows_what_is_missing_and_what_is_too_much),
		STAGE_TEST(test_an_interface_speaks_only_when_nothing_is_missing_and_says_what_is),
		STAGE_TEST(test_a_vip_says_when_nobody_can_be_told_of_it),
		STAGE_TEST(test_sockets_that_cannot_be_opened_are_tried_again),
		STAGE_TEST(test_a_neighbour_that_poisons_the_vip_back_has_accepted_it),
		STAGE_TEST(test_a_neighbour_that_poisons_no_more_has_let_go),
		STAGE_TEST(test_a_rival_is_a_conflict_that_is_told_and_ends),
		STAGE_TEST(test_a_configuration_touches_only_what_differs),
		STAGE_TEST(test_a_vip_that_a_command_bound_outlives_a_configuration_without_it),
		STAGE_TEST(test_a_configuration_that_is_refused_leaves_the_old_one_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
