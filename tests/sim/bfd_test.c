/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BFD in the simulator: a failure that takes no carrier away costs the detection time, and what is
 * no failure costs nothing.
 */
#include "sim/scenario.h"

#include "base/container.h"
#include "base/unit.h"
#include "outage_test.h"

#define SEEDS 10

/*
 * A router with simple split horizon says nothing on the host's LANs here, since it knows of no
 * other network; so it is no neighbour, and nobody watches it.
 */
static const enum sim_router_style styles[] = { SIM_STYLE_RFC, SIM_STYLE_BIRD };

static size_t sessions_up(const struct sim *s)
{
	struct bfd_session_info info;
	size_t position = 0, up = 0;

	while (bfd_session_next(s->hosts[0].watch.bfd, &position, &info))
		up += info.state == BFD_STATE_UP;
	return up;
}

static struct sim *watched(uint64_t seed, enum sim_router_style style)
{
	struct sim *s = scenario_figure_2(seed, family_of(seed), style, 3);

	sim_bfd(s, 10000, 3);
	host_bind(s, 0, vip_host_of(s));
	sim_run(s, DURATION_S(45));
	assert_int_equal(s->hosts[0].watch.flaps, 0);
	assert_int_equal(sessions_up(s), 2);
	return s;
}

static void a_silent_failure_costs_the_detection_time_and_a_triggered_update(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = watched(seed, styles[k]);

			assert_true(reaches(s, 0));
			s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = true;
			assert_in_range(outage_ms(s, 0, 5000), 1,
					styles[k] == SIM_STYLE_BIRD ? 140 : 40);
			assert_int_equal(s->hosts[0].rescues, 1);
			sim_free(s);
		}
	}
}

static void one_direction_is_enough(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = watched(seed, SIM_STYLE_BIRD);

		s->hosts[0].ports[0].mute = true;
		assert_in_range(outage_ms(s, 0, 5000), 1, 140);
		assert_int_equal(s->hosts[0].rescues, 1);
		/* It is mended: the neighbour is believed again, and nothing is lost. */
		s->hosts[0].ports[0].mute = false;
		assert_int_equal(outage_ms(s, 0, 60000), 0);
		assert_int_equal(s->hosts[0].watch.flaps, 1);
		sim_free(s);
	}
}

static void a_node_that_is_started_again_costs_no_flap(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = watched(seed, SIM_STYLE_RFC);

		host_crash(s, 0, DURATION_S(2));
		assert_int_equal(outage_ms(s, 0, 20000), 0);
		assert_true(host_lives(&s->hosts[0]));
		assert_int_equal(s->hosts[0].watch.flaps, 0);
		assert_int_equal(s->routers[0].watch.flaps + s->routers[1].watch.flaps, 0);
		/* And what it has taken up again still counts. */
		s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = true;
		assert_in_range(outage_ms(s, 0, 5000), 1, 40);
		assert_int_equal(s->hosts[0].rescues, 1);
		sim_free(s);
	}
}

static void a_node_that_stalls_keeps_its_sessions(void **state)
{
	struct sim *s = watched(1, SIM_STYLE_BIRD);

	(void)state;
	host_stall(s, 0, DURATION_S(5));
	assert_int_equal(outage_ms(s, 0, 10000), 0);
	assert_int_equal(s->hosts[0].watch.flaps, 0);
	sim_free(s);
}

static void a_stop_is_no_failure_to_the_routers(void **state)
{
	struct sim *s = watched(1, SIM_STYLE_BIRD);

	(void)state;
	host_stop(s, 0);
	sim_run(s, DURATION_S(5));
	assert_true(s->hosts[0].stopped);
	assert_true(bfd_is_empty(s->hosts[0].watch.bfd));
	assert_string_equal(s->broken, "");
	sim_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_failure_costs_the_detection_time_and_a_triggered_update),
		cmocka_unit_test(one_direction_is_enough),
		cmocka_unit_test(a_node_that_is_started_again_costs_no_flap),
		cmocka_unit_test(a_node_that_stalls_keeps_its_sessions),
		cmocka_unit_test(a_stop_is_no_failure_to_the_routers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
