/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe in the simulator: routers that speak no BFD, and a failure that takes no carrier away
 * costs fractions of a second all the same.
 */
#include "sim/scenario.h"

#include "base/container.h"
#include "base/unit.h"
#include "outage_test.h"

#define SEEDS 10

/* As in bfd_test.c: with simple split horizon a router is no neighbour here. */
static const enum sim_router_style styles[] = { SIM_STYLE_RFC, SIM_STYLE_BIRD };

static size_t probes_up(const struct sim *s)
{
	struct probe_session_info info;
	size_t position = 0, up = 0;

	while (probe_session_next(s->hosts[0].watch.probe, &position, &info))
		up += info.state == PROBE_STATE_UP;
	return up;
}

static struct sim *probed(uint64_t seed, enum sim_router_style style)
{
	struct sim *s = scenario_figure_2(seed, family_of(seed), style, 3);

	sim_probe(s, 100000, 3);
	host_bind(s, 0, vip_host_of(s));
	sim_run(s, DURATION_S(45));
	assert_int_equal(s->hosts[0].watch.flaps, 0);
	assert_int_equal(probes_up(s), 2);
	return s;
}

/* BIRD sends what it is triggered to send 100 ms late. */
static int64_t outage_max(enum sim_router_style style)
{
	return style == SIM_STYLE_BIRD ? 440 : 340;
}

static void a_silent_failure_costs_three_intervals_without_bfd(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = probed(seed, styles[k]);

			assert_true(reaches(s, 0));
			s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = true;
			assert_in_range(outage_ms(s, 0, 5000), 1, outage_max(styles[k]));
			assert_int_equal(s->hosts[0].rescues, 1);
			sim_free(s);
		}
	}
}

static void either_direction_is_enough_and_it_comes_back(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = probed(seed, SIM_STYLE_BIRD);
		bool deaf = seed % 2;

		s->hosts[0].ports[0].mute = !deaf;
		s->hosts[0].ports[0].deaf = deaf;
		(void)outage_ms(s, 0, 2000);
		assert_int_equal(s->hosts[0].rescues, 1);
		s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = false;
		assert_int_equal(outage_ms(s, 0, 60000), 0);
		assert_int_equal(s->hosts[0].watch.flaps, 1);
		assert_int_equal(probes_up(s), 2);
		sim_free(s);
	}
}

static void a_node_that_is_started_again_costs_no_flap(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = probed(seed, SIM_STYLE_RFC);

		host_crash(s, 0, DURATION_S(2));
		assert_int_equal(outage_ms(s, 0, 20000), 0);
		assert_true(host_lives(&s->hosts[0]));
		assert_int_equal(s->hosts[0].watch.flaps, 0);
		/* And what it has taken up again still counts. */
		s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = true;
		assert_in_range(outage_ms(s, 0, 5000), 1, outage_max(SIM_STYLE_RFC));
		assert_int_equal(s->hosts[0].rescues, 1);
		sim_free(s);
	}
}

static void a_stop_ends_the_probes(void **state)
{
	struct sim *s = probed(1, SIM_STYLE_BIRD);

	(void)state;
	host_stop(s, 0);
	sim_run(s, DURATION_S(5));
	assert_true(s->hosts[0].stopped);
	assert_true(probe_is_empty(s->hosts[0].watch.probe));
	assert_string_equal(s->broken, "");
	sim_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_failure_costs_three_intervals_without_bfd),
		cmocka_unit_test(either_direction_is_enough_and_it_comes_back),
		cmocka_unit_test(a_node_that_is_started_again_costs_no_flap),
		cmocka_unit_test(a_stop_ends_the_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
