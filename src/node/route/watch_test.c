/* SPDX-License-Identifier: Apache-2.0 */
/* Which neighbours are watched, with BFD, by probes or by the echo, and what follows from what is
 * seen. */
#include "node/stage_test.h"
#include "proto/rip/packet.h"

#define ROUTER "10.1.0.1"

static int setup(void **state, bool bfd, bool probe)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->bfd = bfd;
	s->probe = probe;
	stage_begin(s, NULL);
	stage_link_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	return 0;
}

static int watched_setup(void **state)
{
	return setup(state, true, false);
}

#define WATCHED_TEST(name) cmocka_unit_test_setup_teardown(name, watched_setup, stage_teardown)

static struct input session(bool known, uint8_t state, uint8_t remote_state)
{
	struct input in = { .kind = INPUT_BFD };

	in.bfd.key.interface = 1;
	in.bfd.key.peer = address_ipv4(0x0a010001);
	in.bfd.key.local = address_ipv4(0x0a01000a);
	in.bfd.known = known;
	in.bfd.state = state;
	in.bfd.remote_state = remote_state;
	in.bfd.diagnostic = state == BFD_STATE_UP ? BFD_DIAGNOSTIC_NONE : BFD_DIAGNOSTIC_EXPIRED;
	return in;
}

static void say(struct stage *s, bool known, uint8_t state, uint8_t remote_state)
{
	struct input in = session(known, state, remote_state);

	stage_put(s, &in);
}

static void hear(struct stage *s)
{
	stage_packet_put(s, ROUTER, "10.77.0.0/24", 2);
}

static void a_neighbour_is_watched_as_soon_as_it_is_heard(void **state)
{
	struct stage *s = *state;

	assert_false(stage_said(s, "bfd"));
	hear(s);
	assert_true(stage_said(s, "bfd 10.1.0.1 300000 us x 3"));
	s->n_log = 0;
	hear(s);
	stage_run(s, DURATION_S(60));
	assert_false(stage_said(s, "bfd 10.1.0.1"));
	/* Silent for the timeout: it is none any more. */
	stage_run(s, DURATION_S(200));
	assert_true(stage_said(s, "bfd 10.1.0.1 off"));
}

static void a_session_that_never_was_up_says_nothing(void **state)
{
	struct stage *s = *state;

	hear(s);
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	assert_false(stage_said(s, "10.1.0.1 reason=\"down"));
}

static void one_that_was_up_takes_the_neighbour_down_at_once(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	hear(s);
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	assert_true(stage_said(s, "bfd interface=eth0 neighbor=10.1.0.1 "
				  "reason=\"down: detection time expired"));
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
	assert_true(stage_said(s, "rescue interface=eth0"));
	/* What it still says does not bring it back: the path may be broken in one direction. */
	s->n_log = 0;
	hear(s);
	/* Not later either, for RIP does not show whether it hears us. */
	stage_run(s, DURATION_S(10));
	hear(s);
	assert_false(stage_said(s, "reason=\"up\""));
	assert_false(stage_said(s, "bfd 10.1.0.1 off"));
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void one_that_stays_down_says_nothing_any_more_after_the_timeout(void **state)
{
	struct stage *s = *state;

	hear(s);
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	stage_run(s, DURATION_S(240));
	assert_true(stage_said(s, "bfd 10.1.0.1 off"));
	s->n_log = 0;
	hear(s);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
	assert_true(stage_said(s, "bfd 10.1.0.1 300000 us x 3"));
}

static void what_the_neighbour_takes_down_itself_is_no_failure(void **state)
{
	struct stage *s = *state;

	hear(s);
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	s->n_log = 0;
	say(s, true, BFD_STATE_DOWN, BFD_STATE_ADMIN_DOWN);
	assert_true(stage_said(s, "nothing follows"));
	assert_false(stage_said(s, "neighbor interface=eth0"));
}

static void a_guard_that_is_gone_is_no_failure(void **state)
{
	struct stage *s = *state;

	hear(s);
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	s->n_log = 0;
	say(s, false, BFD_STATE_DOWN, BFD_STATE_DOWN);
	assert_true(stage_said(s, "the guard is gone"));
	assert_false(stage_said(s, "neighbor interface=eth0"));
	/* Nor is what the next one says before it has met the neighbour. */
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	assert_false(stage_said(s, "neighbor interface=eth0"));
}

static void an_earlier_lifes_session_is_kept_until_its_neighbour_is_heard(void **state)
{
	struct stage *s = *state;

	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	stage_run(s, DURATION_S(30));
	assert_false(stage_said(s, "bfd 10.1.0.1 off"));
	hear(s);
	assert_true(stage_said(s, "bfd 10.1.0.1 300000 us x 3"));
	s->n_log = 0;
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
}

static void one_whose_neighbour_is_not_heard_ends_with_the_timeout(void **state)
{
	struct stage *s = *state;

	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	stage_run(s, DURATION_S(240));
	assert_true(stage_said(s, "bfd 10.1.0.1 off"));
}

static void a_configuration_without_bfd_ends_all_sessions(void **state)
{
	struct stage *s = *state;

	hear(s);
	s->bfd = false;
	stage_config_begin(s);
	stage_config_end(s);
	assert_true(stage_said(s, "bfd 10.1.0.1 off"));
}

static int probed_setup(void **state)
{
	return setup(state, false, true);
}

#define PROBED_TEST(name) cmocka_unit_test_setup_teardown(name, probed_setup, stage_teardown)

static void probe_says(struct stage *s, bool known, enum probe_state state)
{
	struct input in = { .kind = INPUT_PROBE };

	in.probe.key = session(true, BFD_STATE_UP, BFD_STATE_UP).bfd.key;
	in.probe.known = known;
	in.probe.state = (uint8_t)state;
	stage_put(s, &in);
}

static void a_neighbour_is_probed_as_long_as_it_is_known(void **state)
{
	struct stage *s = *state;

	hear(s);
	assert_true(stage_said(s, "probe 10.1.0.1 100000 us x 3"));
	assert_false(stage_said(s, "bfd 10.1.0.1"));
	stage_run(s, DURATION_S(260));
	assert_true(stage_said(s, "probe 10.1.0.1 off"));
}

static void one_that_never_answered_is_not_down(void **state)
{
	struct stage *s = *state;

	hear(s);
	s->n_log = 0;
	probe_says(s, true, PROBE_STATE_UNKNOWN);
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "neighbor interface=eth0"));
}

static void one_that_answers_no_more_is_down_until_it_answers(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	hear(s);
	probe_says(s, true, PROBE_STATE_UP);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	probe_says(s, true, PROBE_STATE_DOWN);
	assert_true(stage_said(s, "probe interface=eth0 neighbor=10.1.0.1 "
				  "reason=\"down: it does not answer any more, for 300 ms\""));
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
	assert_true(stage_said(s, "rescue interface=eth0"));
	s->n_log = 0;
	hear(s);
	assert_false(stage_said(s, "reason=\"up\""));
	probe_says(s, true, PROBE_STATE_UP);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void without_a_guard_the_probe_says_nothing(void **state)
{
	struct stage *s = *state;

	hear(s);
	probe_says(s, true, PROBE_STATE_UP);
	s->n_log = 0;
	probe_says(s, false, PROBE_STATE_UNKNOWN);
	assert_true(stage_said(s, "the guard is gone"));
	probe_says(s, true, PROBE_STATE_UNKNOWN);
	assert_false(stage_said(s, "neighbor interface=eth0"));
	/* One that was down is believed again. */
	probe_says(s, true, PROBE_STATE_UP);
	probe_says(s, true, PROBE_STATE_DOWN);
	s->n_log = 0;
	probe_says(s, false, PROBE_STATE_UNKNOWN);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static int through_setup(void **state)
{
	struct stage *s;

	(void)setup(state, false, true);
	s = *state;
	s->through = PROBE_THROUGH_ROUTER;
	stage_config_begin(s);
	stage_config_end(s);
	s->n_log = 0;
	return 0;
}

#define THROUGH_TEST(name) cmocka_unit_test_setup_teardown(name, through_setup, stage_teardown)

static void echo_says(struct stage *s, bool known, enum echo_state state)
{
	struct input in = { .kind = INPUT_ECHO };

	in.echo.key = session(true, BFD_STATE_UP, BFD_STATE_UP).bfd.key;
	in.echo.known = known;
	in.echo.state = (uint8_t)state;
	stage_put(s, &in);
}

static void until_something_comes_back_the_probe_watches_too(void **state)
{
	struct stage *s = *state;

	hear(s);
	assert_true(stage_said(s, "echo 10.1.0.1 100000 us x 3 from there"));
	assert_true(stage_said(s, "probe 10.1.0.1 100000 us x 3"));
	echo_says(s, true, ECHO_STATE_UNKNOWN);
	probe_says(s, true, PROBE_STATE_UP);
	assert_false(stage_said(s, "probe 10.1.0.1 off"));
	echo_says(s, true, ECHO_STATE_UP);
	assert_true(stage_said(s, "probe 10.1.0.1 off"));
	assert_false(stage_said(s, "echo 10.1.0.1 off"));
	/* What the guard has said before it heard that is no earlier life's. */
	s->n_log = 0;
	probe_says(s, true, PROBE_STATE_UP);
	assert_true(stage_said(s, "probe 10.1.0.1 off"));
	/* It is not asked for again while the router is down. */
	s->n_log = 0;
	echo_says(s, true, ECHO_STATE_DOWN);
	assert_false(stage_said(s, "probe 10.1.0.1 100000"));
	/* Without a guard nothing is known: then both are wanted of the next. */
	echo_says(s, false, ECHO_STATE_UNKNOWN);
	assert_true(stage_said(s, "probe 10.1.0.1 100000 us x 3"));
}

static void one_that_sends_nothing_back_any_more_is_down_until_it_does(void **state)
{
	struct stage *s = *state;

	stage_bind(s, "10.9.1.1/32");
	hear(s);
	echo_says(s, true, ECHO_STATE_UP);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	echo_says(s, true, ECHO_STATE_DOWN);
	assert_true(stage_said(s, "echo interface=eth0 neighbor=10.1.0.1 reason=\"down: nothing "
				  "comes back through it any more, for 300 ms\""));
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
	assert_true(stage_said(s, "rescue interface=eth0"));
	s->n_log = 0;
	hear(s);
	assert_false(stage_said(s, "reason=\"up\""));
	echo_says(s, true, ECHO_STATE_UP);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void when_nothing_ever_comes_back_it_is_told_once(void **state)
{
	struct stage *s = *state;

	hear(s);
	s->n_log = 0;
	echo_says(s, true, ECHO_STATE_UNKNOWN);
	stage_run(s, DURATION_S(4));
	assert_false(stage_said(s, "nothing has come back"));
	stage_run(s, DURATION_S(2));
	assert_true(stage_said(s, "echo interface=eth0 neighbor=10.1.0.1 reason=\"nothing has come "
				  "back through it: it is asked for its address instead\""));
	s->n_log = 0;
	echo_says(s, true, ECHO_STATE_UNKNOWN);
	stage_run(s, DURATION_S(20));
	assert_false(stage_said(s, "nothing has come back"));
	assert_false(stage_said(s, "neighbor interface=eth0"));
	/* The one that comes back in time is not complained of. */
	echo_says(s, true, ECHO_STATE_UP);
	assert_true(stage_said(s, "echo interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void another_configuration_ends_the_echo(void **state)
{
	struct stage *s = *state;

	hear(s);
	echo_says(s, true, ECHO_STATE_UP);
	s->n_log = 0;
	s->through = PROBE_THROUGH_NEIGHBOR;
	stage_config_begin(s);
	stage_config_end(s);
	assert_true(stage_said(s, "echo 10.1.0.1 off"));
	assert_true(stage_said(s, "probe 10.1.0.1 100000 us x 3"));
}

static void what_an_earlier_life_found_silent_is_not_believed_when_it_is_heard(void **state)
{
	struct stage *s = *state;

	probe_says(s, true, PROBE_STATE_DOWN);
	hear(s);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
	probe_says(s, true, PROBE_STATE_UP);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void of_two_watches_one_is_enough_to_be_down_and_both_are_needed_to_be_up(void **state)
{
	struct stage *s = *state;

	s->bfd = true;
	stage_config_begin(s);
	stage_config_end(s);
	hear(s);
	assert_true(stage_said(s, "probe 10.1.0.1 100000 us x 3"));
	assert_true(stage_said(s, "bfd 10.1.0.1 300000 us x 3"));
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	probe_says(s, true, PROBE_STATE_UP);
	probe_says(s, true, PROBE_STATE_DOWN);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"down\""));
	say(s, true, BFD_STATE_DOWN, BFD_STATE_DOWN);
	s->n_log = 0;
	probe_says(s, true, PROBE_STATE_UP);
	assert_false(stage_said(s, "neighbor interface=eth0"));
	say(s, true, BFD_STATE_UP, BFD_STATE_UP);
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
	/* The one that says so is not wanted any more. */
	probe_says(s, true, PROBE_STATE_DOWN);
	s->n_log = 0;
	s->probe = false;
	stage_config_begin(s);
	stage_config_end(s);
	assert_true(stage_said(s, "probe 10.1.0.1 off"));
	assert_false(stage_said(s, "bfd 10.1.0.1 off"));
	assert_true(stage_said(s, "neighbor interface=eth0 neighbor=10.1.0.1 reason=\"up\""));
}

static void hear_on(struct stage *s, uint32_t interface, struct address source,
		    const struct prefix *p)
{
	struct rip_packet packet = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct input in = { .kind = INPUT_PACKET };

	rip_packet_add(&packet, p, 0, 3);
	in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
				     .interface = interface,
				     .source = source,
				     .source_port = RIP_PORT };
	in.packet.length = (uint16_t)rip_packet_encode(&packet, in.packet.bytes);
	stage_put(s, &in);
}

/* As many as there are sessions; then a router on an interface that is in no need of room. */
static void a_router_is_watched_in_place_of_a_server(void **state)
{
	struct prefix host =
		prefix_host(&(struct address){ .family = FAMILY_IPV4, .bytes = { 10, 77, 0, 1 } });
	struct prefix network = prefix_make(&host.address, 24);
	struct stage *s = *state;

	stage_address_put(s, 1, "10.101.0.10/16");
	stage_address_put(s, 2, "10.102.0.10/16");
	stage_link_put(s, 3, "eth2", true);
	stage_address_put(s, 3, "10.103.0.10/16");
	for (uint32_t k = 0; k < 256; k++) {
		hear_on(s, 1, address_ipv4(0x0a650100 + k), &host);
		hear_on(s, 2, address_ipv4(0x0a660100 + k), &host);
	}
	assert_true(stage_said(s, "bfd 10.101.1.255 300000"));
	assert_true(stage_said(s, "bfd 10.102.1.255 300000"));
	s->n_log = 0;
	hear_on(s, 3, address_ipv4(0x0a670101), &host);
	assert_false(stage_said(s, "bfd"));
	hear_on(s, 3, address_ipv4(0x0a670102), &network);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "bfd 10.103.1.2 300000"));
	assert_order(s, " off", "bfd 10.103.1.2 300000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED_TEST(a_neighbour_is_watched_as_soon_as_it_is_heard),
		WATCHED_TEST(a_session_that_never_was_up_says_nothing),
		WATCHED_TEST(one_that_was_up_takes_the_neighbour_down_at_once),
		WATCHED_TEST(one_that_stays_down_says_nothing_any_more_after_the_timeout),
		WATCHED_TEST(what_the_neighbour_takes_down_itself_is_no_failure),
		WATCHED_TEST(a_guard_that_is_gone_is_no_failure),
		WATCHED_TEST(an_earlier_lifes_session_is_kept_until_its_neighbour_is_heard),
		WATCHED_TEST(one_whose_neighbour_is_not_heard_ends_with_the_timeout),
		WATCHED_TEST(a_router_is_watched_in_place_of_a_server),
		WATCHED_TEST(a_configuration_without_bfd_ends_all_sessions),
		PROBED_TEST(a_neighbour_is_probed_as_long_as_it_is_known),
		PROBED_TEST(one_that_never_answered_is_not_down),
		PROBED_TEST(one_that_answers_no_more_is_down_until_it_answers),
		PROBED_TEST(without_a_guard_the_probe_says_nothing),
		THROUGH_TEST(until_something_comes_back_the_probe_watches_too),
		THROUGH_TEST(one_that_sends_nothing_back_any_more_is_down_until_it_does),
		THROUGH_TEST(when_nothing_ever_comes_back_it_is_told_once),
		THROUGH_TEST(another_configuration_ends_the_echo),
		PROBED_TEST(what_an_earlier_life_found_silent_is_not_believed_when_it_is_heard),
		PROBED_TEST(of_two_watches_one_is_enough_to_be_down_and_both_are_needed_to_be_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
