/* SPDX-License-Identifier: Apache-2.0 */
/* Order over a whole life: silence, address, announcement; what is written down, and before what.
 */
#include <stdio.h>

#include "node/stage_test.h"

#include "base/text.h"

static void bind_silent(struct stage *s, const char *vip)
{
	stage_bind_how(s, vip, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
}

static void test_a_vip_is_silent_before_it_is_bound_and_until_it_has_gone(void **state)
{
	struct stage *s = *state;

	bind_silent(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	assert_order(s, "add arp table", "add silence 10.9.1.1");
	assert_order(s, "add silence 10.9.1.1", "add address 10.9.1.1");
	assert_order(s, "add address 10.9.1.1", "10.9.1.1/32=3");
	assert_true(stage_holds(s, "sender 10.1.0.10/32"));
	s->n_log = 0;
	stage_unbind(s, "10.9.1.1", false);
	stage_run(s, DURATION_S(1));
	assert_order(s, "10.9.1.1/32=16", "remove address 10.9.1.1");
	assert_order(s, "remove address 10.9.1.1", "remove silence 10.9.1.1");
	assert_order(s, "remove silence 10.9.1.1", "remove arp table");
}

static void test_a_vip_that_answers_needs_no_table(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "arp table"));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_table_that_somebody_flushes_is_made_again_and_nothing_is_withdrawn(void **state)
{
	struct stage *s = *state;

	bind_silent(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_object_put(s, false, OBJECT_ARP_TABLE, 0, NULL);
	assert_order(s, "add arp table", "add silence 10.9.1.1");
	assert_true(stage_said(s, "repair reason=\"the table of ARP silence is gone"));
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "=16"));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_without_the_table_a_silent_vip_fails_and_says_what_helps(void **state)
{
	struct stage *s = *state;

	s->refuse = -95;
	bind_silent(s, "10.9.1.1/32");
	assert_reply(s, REPLY_FAILED, "'arp: answer' does without");
	assert_null(stage_vip(s, "10.9.1.1"));
	/* What the configuration wants is tried again. */
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_end(s);
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	s->refuse = 0;
	stage_run(s, DURATION_S(2));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_fight_is_left_to_the_other_for_a_while_and_says_so(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	for (int i = 0; i < 6; i++) {
		assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
		s->n_objects = 0;
		stage_object_put(s, false, OBJECT_ADDRESS, STAGE_BOARD_INDEX, "10.9.1.1/32");
		stage_run(s, DURATION_MS(500));
	}
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	assert_non_null(strstr(stage_vip(s, "10.9.1.1")->reason, "again and again"));
	assert_true(stage_said(s, "10.9.1.1/32=16"));
	stage_run(s, DURATION_S(8));
	assert_false(stage_holds(s, "address 10.9.1.1/32"));
	stage_run(s, DURATION_S(3));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_fight_for_the_table_withdraws_the_vips_that_cannot_be_silent(void **state)
{
	struct stage *s = *state;

	bind_silent(s, "10.9.1.1/32");
	stage_bind(s, "10.9.1.2/32");
	stage_run(s, DURATION_S(1));
	for (int i = 0; i < 6; i++) {
		assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
		stage_object_put(s, false, OBJECT_ARP_TABLE, 0, NULL);
		stage_run(s, DURATION_MS(500));
	}
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	assert_true(stage_said(s, "10.9.1.1/32=16"));
	assert_state(s, "10.9.1.2", VIP_STATE_ANNOUNCED);
	stage_run(s, DURATION_S(11));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void
test_a_board_that_is_removed_again_and_again_is_left_to_the_other_for_a_while(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	for (int i = 0; i < 6; i++) {
		assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
		stage_board_drop(s, STAGE_BOARD_INDEX);
		stage_run(s, DURATION_MS(500));
	}
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	assert_string_equal(stage_vip(s, "10.9.1.1")->reason,
			    "somebody removes the board or sets it down again and again, 6 times "
			    "in 10 s: tried again in 10 s");
	assert_true(stage_said(s, "10.9.1.1/32=16"));
	/* Who comes later learns why it cannot be, and need not wait for it. */
	stage_bind(s, "10.9.1.2/32");
	assert_reply(s, REPLY_FAILED, "removes the board or sets it down again and again");
	assert_null(stage_vip(s, "10.9.1.2"));
	s->n_log = 0;
	stage_run(s, DURATION_S(8));
	assert_false(stage_said(s, "board add"));
	stage_run(s, DURATION_S(3));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void
test_a_board_that_is_set_down_again_and_again_is_not_announced_as_long_as_it_is_down(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	for (int i = 0; i < 6; i++) {
		assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
		stage_board_put(s, 0, false);
		stage_run(s, DURATION_MS(500));
	}
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	assert_non_null(strstr(stage_vip(s, "10.9.1.1")->reason, "sets it down again and again"));
	assert_true(stage_said(s, "10.9.1.1/32=16"));
	/* The kernel still has the address, but does not answer for it. */
	stage_object_put(s, true, OBJECT_ADDRESS, STAGE_BOARD_INDEX, "10.9.1.1/32");
	stage_run(s, DURATION_S(8));
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	stage_run(s, DURATION_S(3));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_a_board_that_was_given_up_is_made_when_somebody_asks_for_it(void **state)
{
	struct input in = { .kind = INPUT_BOARD, .board.name = "vnic0" };
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	for (int i = 0; i < 6; i++) {
		stage_run(s, DURATION_MS(500));
		stage_board_drop(s, STAGE_BOARD_INDEX);
	}
	assert_state(s, "10.9.1.1", VIP_STATE_FAILED);
	in.request = ++s->request;
	stage_put(s, &in);
	assert_reply(s, REPLY_OK, NULL);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_what_is_to_happen_is_written_down_before_it_happens(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	assert_order(s, "save vip 10.9.1.1", "add address 10.9.1.1");
	s->n_log = 0;
	stage_unbind(s, "10.9.1.1", false);
	assert_order(s, "save leaving 10.9.1.1", "10.9.1.1/32=16");
	stage_run(s, DURATION_S(1));
	assert_order(s, "remove address 10.9.1.1", "save gone 10.9.1.1");
}

static void saving(struct stage *s, const char *error)
{
	struct input in = { .kind = INPUT_SAVING, .saving.ready = !error };

	if (error)
		text_copy(in.saving.error, sizeof(in.saving.error), error);
	stage_put(s, &in);
	s->n_log = 0;
}

static const char *why_degraded(struct stage *s)
{
	return stage_status(s)->unsaved;
}

static void test_what_could_not_be_written_down_is_written_whole_until_it_can(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	stage_bind(s, "10.9.1.2/32");
	assert_string_equal(why_degraded(s), "");
	saving(s, "No space left on device");
	assert_string_equal(why_degraded(s), "No space left on device");
	/* Time and again, though nothing happens. */
	for (int i = 0; i < 3; i++) {
		s->n_log = 0;
		stage_run(s, DURATION_MS(1001));
		assert_true(stage_said(s, "save vip 10.9.1.1") &&
			    stage_said(s, "save vip 10.9.1.2"));
	}
	/* And at once when something does. */
	stage_run(s, DURATION_MS(500));
	s->n_log = 0;
	stage_bind(s, "10.9.1.3/32");
	assert_true(stage_said(s, "save vip 10.9.1.1"));
	saving(s, NULL);
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "save "));
	assert_string_equal(why_degraded(s), "");
}

static void test_a_vip_on_its_way_to_another_mask_shows_the_wish(void **state)
{
	struct stage *s = *state;

	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/24", 7);
	stage_config_end(s);
	assert_state(s, "10.9.1.1", VIP_STATE_WITHDRAWN);
	assert_int_equal(stage_vip(s, "10.9.1.1")->settings.length, 24);
	assert_int_equal(stage_vip(s, "10.9.1.1")->settings.metric, 7);
	assert_false(stage_vip(s, "10.9.1.1")->leaving);
	assert_false(stage_vip(s, "10.9.1.1")->announced);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
	/* One that is unbound is wished by nobody any more, nor is its successor. */
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 0);
	stage_config_end(s);
	stage_put(s, &(struct input){ .kind = INPUT_PURGE, .request = ++s->request });
	assert_true(stage_vip(s, "10.9.1.1")->leaving);
	stage_run(s, DURATION_S(1));
	assert_int_equal(stage_vip(s, "10.9.1.1")->state, VIP_STATE_ABSENT);
	assert_int_equal(s->n_objects, 0);
}

static void configure_one(struct stage *s)
{
	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 7);
	stage_config_end(s);
}

/* The same kernel and these records, for the next life. */
static struct stage *next_life(void **state, enum saved_kind kind)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_UNBOUND };
	struct stage *s;

	(void)stage_teardown(state);
	stage_raise(state);
	s = *state;
	assert_int_equal(address_parse("10.9.1.1", &in.saved.address), 0);
	stage_put(s, &in);
	if (kind == SAVED_STOPPING)
		stage_put(s, &(struct input){ .kind = INPUT_SAVED, .saved.kind = (uint8_t)kind });
	configure_one(s);
	stage_begin_kernel(s, NULL);
	stage_run(s, DURATION_S(1));
	return s;
}

static void test_what_a_hand_has_unbound_of_the_configuration_is_seen_and_stays_so(void **state)
{
	struct stage *s = *state;

	configure_one(s);
	stage_run(s, DURATION_S(1));
	stage_unbind(s, "10.9.1.1", false);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "stands in the configuration and is unbound by hand"));
	assert_int_equal(stage_vip(s, "10.9.1.1")->state, VIP_STATE_ABSENT);
	assert_int_equal(s->rows[0].own_metric, 7);
	assert_true(s->rows[0].leaving && s->rows[0].configured);
	stage_vips(s);
	assert_int_equal(s->n_rows, 1);
	(void)stage_status(s);
	assert_int_equal(s->status.unbound, 1);
	assert_int_equal(s->status.vips, 0);
	/* A hand that binds it again has the last word. */
	stage_bind(s, "10.9.1.1/32");
	assert_true(stage_vip(s, "10.9.1.1")->configured);
	(void)stage_status(s);
	assert_int_equal(s->status.unbound, 0);
	/* And so has who applies the configuration anew. */
	stage_unbind(s, "10.9.1.1", false);
	stage_run(s, DURATION_S(1));
	configure_one(s);
	stage_run(s, DURATION_S(1));
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_what_a_hand_has_unbound_stays_so_over_a_death_and_not_over_a_stop(void **state)
{
	struct stage *s = next_life(state, SAVED_UNBOUND);

	assert_int_equal(stage_vip(s, "10.9.1.1")->state, VIP_STATE_ABSENT);
	assert_true(stage_said(s, "is not bound: it was unbound by hand"));
	s = next_life(state, SAVED_STOPPING);
	assert_state(s, "10.9.1.1", VIP_STATE_ANNOUNCED);
}

static void test_many_that_are_unbound_come_page_by_page_behind_the_others(void **state)
{
	struct stage *s = *state;
	char text[24];

	stage_config_begin(s);
	for (unsigned i = 1; i <= 9; i++) {
		snprintf(text, sizeof(text), "10.9.1.%u/32", i);
		stage_config_vip(s, text, 0);
	}
	stage_config_end(s);
	stage_put(s, &(struct input){ .kind = INPUT_PURGE, .request = ++s->request });
	stage_run(s, DURATION_S(1));
	stage_bind(s, "10.9.2.1/32");
	stage_bind(s, "10.9.2.2/32");
	stage_vips(s);
	assert_int_equal(s->n_rows, 11);
	assert_int_not_equal(s->rows[0].state, VIP_STATE_ABSENT);
	assert_int_equal(s->rows[10].state, VIP_STATE_ABSENT);
}

static void test_who_hands_over_what_is_not_written_down_tries_once_more(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	saving(s, "Read-only file system");
	stage_put(s, &(struct input){ .kind = INPUT_STOP, .stop.hand_over = true });
	assert_true(stage_said(s, "save vip 10.9.1.1"));
	assert_int_equal(s->stopped, 1);
}

static void test_who_hands_over_leaves_all_as_it_is(void **state)
{
	struct stage *s = *state;

	bind_silent(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_put(s, &(struct input){ .kind = INPUT_STOP, .stop.hand_over = true });
	stage_run(s, DURATION_S(60));
	assert_int_equal(s->stopped, 1);
	assert_false(stage_said(s, "=16") || stage_said(s, "remove ") || stage_said(s, "save "));
}

static void test_a_purge_unbinds_all_and_goes_on(void **state)
{
	struct stage *s = *state;

	bind_silent(s, "10.9.1.1/32");
	stage_run(s, DURATION_S(1));
	stage_put(s, &(struct input){ .kind = INPUT_PURGE, .request = ++s->request });
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, "10.9.1.1", VIP_STATE_ABSENT);
	assert_true(stage_said(s, "board remove vnic0"));
	assert_int_equal(s->n_objects, 0);
	assert_int_equal(s->stopped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_a_vip_is_silent_before_it_is_bound_and_until_it_has_gone),
		STAGE_TEST(test_a_vip_that_answers_needs_no_table),
		STAGE_TEST(
			test_a_table_that_somebody_flushes_is_made_again_and_nothing_is_withdrawn),
		STAGE_TEST(test_without_the_table_a_silent_vip_fails_and_says_what_helps),
		STAGE_TEST(test_a_fight_is_left_to_the_other_for_a_while_and_says_so),
		STAGE_TEST(test_a_fight_for_the_table_withdraws_the_vips_that_cannot_be_silent),
		STAGE_TEST(
			test_a_board_that_is_removed_again_and_again_is_left_to_the_other_for_a_while),
		STAGE_TEST(
			test_a_board_that_is_set_down_again_and_again_is_not_announced_as_long_as_it_is_down),
		STAGE_TEST(test_a_board_that_was_given_up_is_made_when_somebody_asks_for_it),
		STAGE_TEST(test_what_is_to_happen_is_written_down_before_it_happens),
		STAGE_TEST(test_what_could_not_be_written_down_is_written_whole_until_it_can),
		STAGE_TEST(test_a_vip_on_its_way_to_another_mask_shows_the_wish),
		STAGE_TEST(test_what_a_hand_has_unbound_of_the_configuration_is_seen_and_stays_so),
		STAGE_TEST(test_what_a_hand_has_unbound_stays_so_over_a_death_and_not_over_a_stop),
		STAGE_TEST(test_many_that_are_unbound_come_page_by_page_behind_the_others),
		STAGE_TEST(test_who_hands_over_what_is_not_written_down_tries_once_more),
		STAGE_TEST(test_who_hands_over_leaves_all_as_it_is),
		STAGE_TEST(test_a_purge_unbinds_all_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
