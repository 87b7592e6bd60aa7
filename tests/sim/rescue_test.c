/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rescue metric in the simulator: what it saves, what it needs, how it goes back. The figures
 * that these tests hold are those of doc/rip.md.
 */
#include "sim/scenario.h"

#include <stdio.h>

#include "base/container.h"
#include "base/unit.h"
#include "outage_test.h"

#define SEEDS 20

static const enum sim_router_style styles[] = { SIM_STYLE_RFC, SIM_STYLE_BIRD, SIM_STYLE_FRR };

/* Binds the VIP and lets all settle until no router's trigger is damped any more. */
static void settle(struct sim *s)
{
	host_bind(s, 0, vip_host_of(s));
	sim_run(s, DURATION_S(45));
}

/* Figure 2 with the VIP bound and settled. */
static struct sim *settled(uint64_t seed, enum sim_router_style style, uint8_t metric)
{
	struct sim *s = scenario_figure_2(seed, family_of(seed), style, metric);

	settle(s);
	return s;
}

static void test_a_failed_nic_costs_the_time_of_one_triggered_update(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = settled(seed, styles[k], 3);
			struct duration lost;

			assert_true(reaches(s, 0));
			host_port(s, 0, 1, false);
			lost = outage(s, 0, DURATION_S(10), DURATION_MS(1));
			assert_in_range(duration_ms(lost), 0,
					styles[k] == SIM_STYLE_BIRD ? 105 : 5);
			assert_int_equal(s->hosts[0].rescues, 1);
			sim_free(s);
		}
	}
}

static void test_without_headroom_the_stale_route_lives_until_it_times_out(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct sim *s = settled(seed, SIM_STYLE_RFC, 1);

		host_port(s, 0, 1, false);
		assert_in_range(duration_ms(outage(s, 0, DURATION_S(300), DURATION_S(1))), 120000,
				190000);
		sim_free(s);
	}
}

/* The metric that the host last told on the port. */
static uint8_t told(const struct sim *s, size_t port)
{
	assert_true(s->hosts[0].n_told > 0);
	return s->hosts[0].told[0].metric[port];
}

static void test_relaxing_loses_nothing_and_ends_at_the_normal_metric(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = settled(seed, styles[k], 3);

			host_port(s, 0, 1, false);
			sim_run(s, DURATION_S(10));
			assert_int_equal(told(s, 1), 1);
			for (uint8_t router = 0; router < 2; router++)
				assert_int_equal(
					outage(s, router, DURATION_S(160), DURATION_MS(20)).ns, 0);
			assert_int_equal(told(s, 1), 3);
			sim_free(s);
		}
	}
}

static void test_the_interface_comes_back_without_a_second_outage(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = settled(seed, styles[k], 3);

			host_port(s, 0, 1, false);
			sim_run(s, DURATION_S(5 + (int64_t)seed));
			host_port(s, 0, 1, true);
			assert_int_equal(outage(s, 0, DURATION_S(150), DURATION_MS(5)).ns, 0);
			assert_int_equal(told(s, 0), 3);
			assert_int_equal(told(s, 1), 3);
			sim_free(s);
		}
	}
}

static void test_a_link_that_flaps_moves_the_traffic_once(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		struct sim *s = settled(11 + k, styles[k], 3);
		struct duration lost = { 0 };

		for (size_t flap = 0; flap < 100; flap++) {
			host_port(s, 0, 1, flap % 2 == 1);
			lost.ns += outage(s, 0, DURATION_MS(100), DURATION_MS(1)).ns;
		}
		assert_in_range(duration_ms(lost), 0, 105);
		sim_free(s);
	}
}

/* The survivor is away for a moment too, before the routers have told each other of its lift. */
static void test_the_last_interface_flaps_while_another_is_away(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = settled(seed, styles[k], 3);

			host_port(s, 0, 1, false);
			sim_run(s, DURATION_MS(1));
			host_port(s, 0, 2, false);
			sim_run(s, DURATION_MS(18));
			host_port(s, 0, 2, true);
			assert_in_range(duration_ms(outage(s, 0, DURATION_S(10), DURATION_MS(1))),
					0, styles[k] == SIM_STYLE_BIRD ? 105 : 5);
			assert_int_equal(told(s, 1), 1);
			sim_free(s);
		}
	}
}

static void test_two_failures_are_survived_with_headroom_for_two(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = sim_new(seed, family_of(seed));
		struct rip_settings rip;
		uint8_t lan = sim_lan_add(s, "10.0.0.0/24");

		/* Three routers on the client's LAN, the host on a LAN of each. */
		sim_host_add(s);
		for (uint8_t i = 0; i < 3; i++) {
			char network[] = "10.1.0.0/24";
			uint8_t server_lan;

			network[3] = (char)('1' + i);
			sim_router_add(s, SIM_STYLE_RFC);
			sim_port_add(s, SIM_ROUTER, i, lan, (uint8_t)(i + 1));
			server_lan = sim_lan_add(s, network);
			sim_port_add(s, SIM_ROUTER, i, server_lan, (uint8_t)(i + 1));
			sim_port_add(s, SIM_HOST, 0, server_lan, 100);
		}
		rip_settings_default(&rip);
		rip.metric = 5;
		for (uint8_t i = 0; i < 3; i++)
			router_start(s, i);
		scenario_settings(s, 0, &rip);
		host_start(s, 0);
		settle(s);
		host_port(s, 0, 1, false);
		assert_in_range(duration_ms(outage(s, 0, DURATION_S(15), DURATION_MS(1))), 0, 5);
		host_port(s, 0, 2, false);
		assert_in_range(duration_ms(outage(s, 1, DURATION_S(15), DURATION_MS(1))), 0, 5);
		assert_true(reaches(s, 0));
		sim_free(s);
	}
}

/*
 * A ring of five routers, so that a packet can go round: 0 hears the host, 1 and 4 hear 0, 2 hears
 * 1 and 3 hears 4. The metric rises, and the update that tells 2 of it is lost: 3 knows, 2 does
 * not, until 1 speaks again a period later. Gives the time for which 3 does not reach the VIP.
 */
static struct duration lost_while_rising(uint64_t seed, uint8_t from, uint8_t to, uint8_t step)
{
	struct sim *s = scenario_ring(seed, family_of(seed), SIM_STYLE_RFC, 5, from);
	struct sim_port *of_2_to_1 = &s->routers[2].ports[0];
	struct duration lost = { 0 };
	struct rip_settings rip;

	rip_settings_default(&rip);
	host_port(s, 0, 2, false);
	settle(s);
	sim_run(s, DURATION_S(30));
	assert_int_equal(of_2_to_1->lan, s->routers[1].ports[1].lan);
	for (uint8_t metric = (uint8_t)(from + step); metric <= to;
	     metric = (uint8_t)(metric + step)) {
		rip.metric = metric;
		scenario_reconfigure(s, 0, &rip);
		of_2_to_1->deaf = true;
		sim_run(s, DURATION_MS(10));
		of_2_to_1->deaf = false;
		lost.ns += outage(s, 3, DURATION_S(60), DURATION_MS(5)).ns;
	}
	sim_free(s);
	return lost;
}

static void test_metrics_that_rise_by_one_never_make_a_loop_and_by_more_they_do(void **state)
{
	size_t loops = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		assert_int_equal(lost_while_rising(seed, 1, 7, 1).ns, 0);
		loops += lost_while_rising(seed, 1, 7, 6).ns > 0;
	}
	/* If big steps did no harm either, the small ones would prove nothing. */
	print_message(
		"# steps of six: packets lost with %zu of 40 seeds; steps of one: with none\n",
		loops);
	assert_true(loops > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_nic_costs_the_time_of_one_triggered_update),
		cmocka_unit_test(test_without_headroom_the_stale_route_lives_until_it_times_out),
		cmocka_unit_test(test_relaxing_loses_nothing_and_ends_at_the_normal_metric),
		cmocka_unit_test(test_the_interface_comes_back_without_a_second_outage),
		cmocka_unit_test(test_a_link_that_flaps_moves_the_traffic_once),
		cmocka_unit_test(test_the_last_interface_flaps_while_another_is_away),
		cmocka_unit_test(test_two_failures_are_survived_with_headroom_for_two),
		cmocka_unit_test(
			test_metrics_that_rise_by_one_never_make_a_loop_and_by_more_they_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
