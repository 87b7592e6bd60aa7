/* SPDX-License-Identifier: Apache-2.0 */
/* A VIP loses its users before it loses its place. */
#include "node/stage_test.h"

#define VIP "10.9.1.1"
#define VIP_HOST VIP "/32"

static void drain(struct stage *s, bool on, struct duration time)
{
	struct input in = { .kind = INPUT_DRAIN, .request = ++s->request };

	assert_int_equal(address_parse(VIP, &in.drain.address), 0);
	in.drain.on = on;
	in.drain.time = time;
	stage_put(s, &in);
}

static void counted(struct stage *s, uint32_t connections)
{
	struct input in = { .kind = INPUT_COUNTED };

	assert_int_equal(address_parse(VIP, &in.counted.address), 0);
	in.counted.known = true;
	in.counted.connections = connections;
	stage_put(s, &in);
}

static void bind_and_drain(struct stage *s)
{
	stage_bind(s, VIP_HOST);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	drain(s, true, DURATION_S(60));
	assert_reply(s, REPLY_OK, NULL);
}

static void test_a_vip_is_withdrawn_when_its_last_connection_has_ended(void **state)
{
	struct stage *s = *state;

	bind_and_drain(s);
	assert_true(stage_said(s, "count " VIP));
	assert_true(stage_said(s, "send 1 " VIP_HOST "=8"));
	assert_state(s, VIP, VIP_STATE_DRAINING);
	counted(s, 3);
	assert_state(s, VIP, VIP_STATE_DRAINING);
	assert_int_equal(s->rows[0].drain.connections, 3);
	assert_string_equal(s->rows[0].reason, "drains: 3 connections are left");
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "=16"));
	counted(s, 0);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
	stage_run(s, DURATION_S(5));
	/* It stays bound, and in the state in which it is. */
	assert_true(stage_holds(s, "address " VIP_HOST));
	assert_state(s, VIP, VIP_STATE_DRAINED);
	assert_int_equal(s->rows[0].drain.phase, DRAIN_DONE);
}

static void test_a_vip_is_withdrawn_when_its_time_is_over(void **state)
{
	struct stage *s = *state;

	bind_and_drain(s);
	for (int i = 0; i < 58; i++) {
		counted(s, 1);
		stage_run(s, DURATION_S(1));
	}
	assert_false(stage_said(s, "=16"));
	stage_run(s, DURATION_S(3));
	assert_true(stage_said(s, "=16"));
}

static void test_an_undrained_vip_is_announced_as_before(void **state)
{
	struct stage *s = *state;

	bind_and_drain(s);
	counted(s, 2);
	s->n_log = 0;
	drain(s, false, DURATION_S(0));
	assert_reply(s, REPLY_OK, NULL);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=3"));
	assert_int_equal(stage_vip(s, VIP)->state, VIP_STATE_ANNOUNCED);
	/* Also when it had been withdrawn. */
	drain(s, true, DURATION_S(60));
	counted(s, 0);
	stage_run(s, DURATION_S(5));
	s->n_log = 0;
	drain(s, false, DURATION_S(0));
	assert_true(stage_said(s, "send 1 " VIP_HOST "=3"));
	stage_run(s, DURATION_S(1));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
}

static void test_a_drained_vip_can_be_unbound(void **state)
{
	struct stage *s = *state;

	bind_and_drain(s);
	counted(s, 0);
	stage_run(s, DURATION_S(1));
	stage_unbind(s, VIP, false);
	stage_run(s, DURATION_S(1));
	assert_reply(s, REPLY_OK, NULL);
	assert_state(s, VIP, VIP_STATE_ABSENT);
}

static void test_what_is_not_bound_cannot_be_drained(void **state)
{
	struct stage *s = *state;

	drain(s, true, DURATION_S(60));
	assert_reply(s, REPLY_NOT_FOUND, VIP " is not bound");
}

/* Another life, which finds the VIP drained so far. */
static struct stage *start_over(void **state, enum drain_phase phase)
{
	struct input in = { .kind = INPUT_SAVED, .saved.kind = SAVED_VIP };
	struct stage *s;

	assert_int_equal(stage_teardown(state), 0);
	stage_raise(state);
	s = *state;
	vip_settings_default(&in.saved.vip.settings);
	in.saved.vip.settings.arp = VIP_ARP_ANSWER;
	assert_int_equal(prefix_parse(VIP_HOST, &in.saved.vip.settings.address,
				      &in.saved.vip.settings.length),
			 0);
	in.saved.vip.drain = (uint8_t)phase;
	in.saved.vip.drain_until = instant_add(s->now, DURATION_S(30));
	stage_put(s, &in);
	stage_begin(s, VIP_HOST);
	stage_run(s, DURATION_S(2));
	return s;
}

static void test_a_drain_outlives_the_daemon(void **state)
{
	struct stage *s = start_over(state, DRAIN_DONE);

	assert_state(s, VIP, VIP_STATE_DRAINED);
	assert_false(stage_said(s, "send 1 " VIP_HOST "=8") ||
		     stage_said(s, "send 1 " VIP_HOST "=3"));
	s = start_over(state, DRAIN_RUNNING);
	assert_state(s, VIP, VIP_STATE_DRAINING);
	assert_true(stage_said(s, "send 1 " VIP_HOST "=8"));
	assert_false(stage_said(s, "send 1 " VIP_HOST "=3"));
	stage_run(s, DURATION_S(30));
	assert_true(stage_said(s, "send 1 " VIP_HOST "=16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(test_a_vip_is_withdrawn_when_its_last_connection_has_ended),
		STAGE_TEST(test_a_vip_is_withdrawn_when_its_time_is_over),
		STAGE_TEST(test_an_undrained_vip_is_announced_as_before),
		STAGE_TEST(test_a_drained_vip_can_be_unbound),
		STAGE_TEST(test_what_is_not_bound_cannot_be_drained),
		STAGE_TEST(test_a_drain_outlives_the_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
