/* SPDX-License-Identifier: Apache-2.0 */
/* A VIP with a check is announced while the check passes. */
#include "node/stage_test.h"

#include "base/text.h"

#define VIP "10.9.1.1"
#define VIP_HOST VIP "/32"
#define OTHER "10.9.1.2"
#define THIRD "10.9.1.7"

/* The configuration: the rule for eth*, and the check 'web' as the test wants it. */
static void configure(struct stage *s, const struct check_settings *check)
{
	struct input in = { .kind = INPUT_CONFIG, .more = true };

	stage_config_begin(s);
	in.request = s->request;
	in.config.part = CONFIG_CHECK;
	in.config.check = *check;
	stage_put(s, &in);
	stage_config_end(s);
	assert_reply(s, REPLY_OK, NULL);
}

static struct check_settings web(void)
{
	struct check_settings c;

	check_settings_default(&c);
	text_copy(c.name, sizeof(c.name), "web");
	c.kind = CHECK_TCP;
	c.port = 80;
	return c;
}

static void bind_checked(struct stage *s, const char *vip)
{
	struct input in = { .kind = INPUT_BIND, .request = ++s->request };

	vip_settings_default(&in.bind);
	in.bind.arp = VIP_ARP_ANSWER;
	text_copy(in.bind.check, sizeof(in.bind.check), "web");
	assert_int_equal(address_parse(vip, &in.bind.address), 0);
	in.bind.length = 32;
	stage_put(s, &in);
}

static void answer(struct stage *s, uint32_t run, bool passed)
{
	struct input in = { .kind = INPUT_CHECKED };

	in.checked.run = run;
	in.checked.passed = passed;
	text_copy(in.checked.text, sizeof(in.checked.text),
		  passed ? "connected" : "connection refused");
	stage_put(s, &in);
}

/* Lets it be asked, and answers, so many times. */
static void answers(struct stage *s, uint32_t run, bool passed, int times)
{
	for (int i = 0; i < times; i++) {
		stage_run(s, DURATION_MS(2300));
		answer(s, run, passed);
	}
}

static void test_a_vip_is_announced_when_its_check_has_passed(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	configure(s, &c);
	bind_checked(s, VIP);
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, VIP, VIP_STATE_BOUND);
	assert_string_equal(s->rows[0].reason, "waits for the check 'web'");
	/* It is asked at its own address, once that is there. */
	assert_order(s, "add address " VIP_HOST, "check 1 tcp " VIP);
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "send 1 " VIP_HOST "=3"));
	answer(s, 1, true);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=3"));
	stage_run(s, DURATION_S(1));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
}

static void test_a_check_that_fails_three_times_withdraws_and_twice_well_announces(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, true);
	answers(s, 1, false, 2);
	answers(s, 1, true, 1);
	answers(s, 1, false, 2);
	assert_false(stage_said(s, "=16"));
	answers(s, 1, false, 1);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
	assert_state(s, VIP, VIP_STATE_BOUND);
	assert_string_equal(s->rows[0].reason, "the check 'web' fails: connection refused");
	assert_true(stage_holds(s, "address " VIP_HOST));
	s->n_log = 0;
	answers(s, 1, true, 1);
	assert_false(stage_said(s, "send 1 " VIP_HOST "=3"));
	answers(s, 1, true, 1);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=3"));
}

static void test_a_metric_that_a_check_lends_is_told_apart_from_the_wish(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	c.failing = CHECK_WORSENS;
	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, true);
	assert_true(stage_vip(s, VIP)->announced);
	assert_int_equal(stage_vip(s, VIP)->metric, 3);
	answers(s, 1, false, 3);
	assert_int_equal(stage_vip(s, VIP)->metric, 8);
	assert_int_equal(stage_vip(s, VIP)->own_metric, 3);
	assert_int_equal(stage_vip(s, VIP)->settings.metric, 0);
}

static void test_the_reason_is_the_one_that_was_found_last(void **state)
{
	struct input in = { .kind = INPUT_CHECKED };
	struct stage *s = *state;
	struct check_settings c = web();

	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, false);
	stage_run(s, DURATION_MS(2300));
	in.checked.run = 1;
	text_copy(in.checked.text, sizeof(in.checked.text), "status 503");
	stage_put(s, &in);
	assert_state(s, VIP, VIP_STATE_BOUND);
	assert_string_equal(s->rows[0].reason, "the check 'web' fails: status 503");
	/* Once well is not enough, and is no reason to fail. */
	answers(s, 1, true, 1);
	assert_state(s, VIP, VIP_STATE_BOUND);
	assert_string_equal(s->rows[0].reason, "the check 'web' fails: status 503");
}

static void test_a_check_may_worsen_in_place_of_withdrawing(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	c.failing = CHECK_WORSENS;
	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, true);
	stage_run(s, DURATION_S(1));
	answers(s, 1, false, 3);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=8"));
	assert_false(stage_said(s, "=16"));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_non_null(strstr(s->rows[0].reason, "as a last resort"));
	answers(s, 1, true, 2);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=3"));
}

static void test_a_check_that_flaps_may_not_pass_for_a_while(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	c.rise = c.fall = 1;
	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, true);
	for (int i = 0; i < 3; i++) {
		answers(s, 1, false, 1);
		answers(s, 1, true, 1);
		assert_int_equal(stage_vip(s, VIP)->check.state, CHECK_PASSING);
	}
	answers(s, 1, false, 1);
	assert_true(stage_said(s, "the check 'web' flaps: it may not pass for 30 s"));
	answers(s, 1, true, 12);
	assert_int_equal(stage_vip(s, VIP)->check.state, CHECK_FAILING);
	answers(s, 1, true, 2);
	assert_int_equal(stage_vip(s, VIP)->check.state, CHECK_PASSING);
}

static void test_a_check_that_fails_for_all_may_count_for_none(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	c.fail_open = true;
	configure(s, &c);
	bind_checked(s, VIP);
	bind_checked(s, OTHER);
	answer(s, 1, true);
	answer(s, 2, true);
	stage_run(s, DURATION_S(1));
	answers(s, 1, false, 3);
	assert_state(s, VIP, VIP_STATE_BOUND);
	assert_state(s, OTHER, VIP_STATE_ANNOUNCED);
	s->n_log = 0;
	answers(s, 2, false, 3);
	assert_true(stage_said(s, "it is not heeded"));
	assert_false(stage_said(s, OTHER "/32=16"));
	stage_run(s, DURATION_S(1));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	/* Of one that comes now nothing is known yet. */
	bind_checked(s, THIRD);
	assert_state(s, THIRD, VIP_STATE_BOUND);
	answer(s, 3, false);
	stage_run(s, DURATION_S(1));
	assert_state(s, THIRD, VIP_STATE_ANNOUNCED);
	answers(s, 1, true, 2);
	assert_state(s, OTHER, VIP_STATE_BOUND);
}

static void test_vips_share_a_check_that_asks_somebody_else(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	assert_int_equal(address_parse("127.0.0.1", &c.address), 0);
	configure(s, &c);
	bind_checked(s, VIP);
	bind_checked(s, OTHER);
	assert_true(stage_said(s, "check 1 tcp 127.0.0.1"));
	assert_false(stage_said(s, "check 2 "));
	answer(s, 1, true);
	stage_run(s, DURATION_S(1));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_state(s, OTHER, VIP_STATE_ANNOUNCED);
	stage_unbind(s, VIP, false);
	stage_unbind(s, OTHER, false);
	assert_false(stage_said(s, "check 1 off"));
	stage_run(s, DURATION_S(60));
	assert_state(s, OTHER, VIP_STATE_ABSENT);
}

static void test_a_vip_that_leaves_is_no_longer_asked(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	configure(s, &c);
	bind_checked(s, VIP);
	stage_unbind(s, VIP, false);
	assert_true(stage_said(s, "check 1 off"));
	answer(s, 1, true);
	stage_run(s, DURATION_S(5));
	assert_false(stage_said(s, "send 1 " VIP_HOST "=3"));
}

static void test_a_changed_check_goes_on_with_what_is_known(void **state)
{
	struct stage *s = *state;
	struct check_settings c = web();

	configure(s, &c);
	bind_checked(s, VIP);
	answer(s, 1, true);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	c.port = 8080;
	assert_int_equal(address_parse("127.0.0.1", &c.address), 0);
	configure(s, &c);
	assert_true(stage_said(s, "check 2 tcp 127.0.0.1"));
	assert_false(stage_said(s, "=16"));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	answers(s, 2, false, 3);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
}

static void test_a_check_that_there_is_not_is_refused(void **state)
{
	struct stage *s = *state;

	bind_checked(s, VIP);
	assert_reply(s, REPLY_REFUSED, "there is no check 'web'");
}

static void test_what_an_earlier_life_announced_is_withdrawn_when_the_check_fails(void **state)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_VIP };
	struct check_settings c = web();
	struct stage *s;

	assert_int_equal(stage_teardown(state), 0);
	stage_raise(state);
	s = *state;
	vip_settings_default(&in.saved.vip.settings);
	in.saved.vip.settings.arp = VIP_ARP_ANSWER;
	text_copy(in.saved.vip.settings.check, sizeof(in.saved.vip.settings.check), "web");
	assert_int_equal(prefix_parse(VIP_HOST, &in.saved.vip.settings.address,
				      &in.saved.vip.settings.length),
			 0);
	stage_put(s, &in);
	configure(s, &c);
	stage_begin_kernel(s, VIP_HOST);
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "send 1 " VIP_HOST));
	answer(s, 1, false);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_a_vip_is_announced_when_its_check_has_passed),
		STAGE_TEST(test_a_check_that_fails_three_times_withdraws_and_twice_well_announces),
		STAGE_TEST(test_a_metric_that_a_check_lends_is_told_apart_from_the_wish),
		STAGE_TEST(test_the_reason_is_the_one_that_was_found_last),
		STAGE_TEST(test_a_check_may_worsen_in_place_of_withdrawing),
		STAGE_TEST(test_a_check_that_flaps_may_not_pass_for_a_while),
		STAGE_TEST(test_a_check_that_fails_for_all_may_count_for_none),
		STAGE_TEST(test_vips_share_a_check_that_asks_somebody_else),
		STAGE_TEST(test_a_vip_that_leaves_is_no_longer_asked),
		STAGE_TEST(test_a_changed_check_goes_on_with_what_is_known),
		STAGE_TEST(test_a_check_that_there_is_not_is_refused),
		STAGE_TEST(test_what_an_earlier_life_announced_is_withdrawn_when_the_check_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
