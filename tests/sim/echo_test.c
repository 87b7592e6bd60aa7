/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What routers forward, in the simulator: a router that speaks and answers and forwards nothing is
 * left, and a rescue is complete when all that are left bring the VIP's packets by the way that is.
 */
#include "sim/scenario.h"

#include "base/container.h"
#include "base/unit.h"
#include "node/rows.h"
#include "outage_test.h"

#define SEEDS 10

static const enum sim_router_style styles[] = { SIM_STYLE_RFC, SIM_STYLE_BIRD };

static size_t tracks_up(const struct sim *s)
{
	struct echo_track_info info;
	size_t position = 0, up = 0;

	while (echo_track_next(s->hosts[0].watch.echo, &position, &info))
		up += info.state == ECHO_STATE_UP;
	return up;
}

/* Routers through which the VIP is proven by this interface, or by any but it. */
static unsigned proven(const struct sim *s, const char *way, bool by_it)
{
	struct address a;
	struct row_vip row;
	unsigned count = 0;

	assert_int_equal(address_parse(vip_of(s), &a), 0);
	assert_true(node_vip_find(s->hosts[0].node, s->now, &a, &row));
	for (size_t k = 0; k < row.n_proofs; k++)
		if (row.proofs[k].state == FORWARDING_PROVEN)
			count += (strcmp(row.proofs[k].way, way) == 0) == by_it;
	return count;
}

/* In both families: there are addresses that routers forward from. */
static struct sim *watched(uint64_t seed, enum sim_router_style style)
{
	struct sim *s = scenario_figure_2(seed, family_of(seed), style, 3);

	sim_echo(s, 10000, 3);
	sim_prove(s);
	host_bind(s, 0, vip_host_of(s));
	sim_run(s, DURATION_S(45));
	assert_string_equal(s->broken, "");
	assert_int_equal(s->hosts[0].watch.flaps, 0);
	assert_int_equal(tracks_up(s), 2);
	assert_int_equal(proven(s, "eth1", true), 1);
	assert_int_equal(proven(s, "eth2", true), 1);
	return s;
}

static void a_router_that_speaks_and_forwards_nothing_is_left(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = watched(seed, styles[k]);

			s->routers[0].stuck = true;
			sim_run(s, DURATION_MS(50));
			assert_int_equal(s->hosts[0].watch.flaps, 1);
			assert_int_equal(s->hosts[0].rescues, 1);
			/* The other one is not disturbed by that. */
			assert_int_equal(outage_ms(s, 1, 20000), 0);
			assert_int_equal(proven(s, "eth1", true), 0);
			assert_int_equal(proven(s, "eth2", true), 1);
			s->routers[0].stuck = false;
			sim_run(s, DURATION_S(60));
			assert_int_equal(outage_ms(s, 0, 5000), 0);
			assert_int_equal(tracks_up(s), 2);
			assert_int_equal(s->hosts[0].watch.flaps, 1);
			sim_free(s);
		}
	}
}

static void a_silent_failure_costs_three_short_intervals(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = watched(seed, styles[k]);

			s->hosts[0].ports[0].mute = s->hosts[0].ports[0].deaf = true;
			/* BIRD sends what it is triggered to send 100 ms late. */
			assert_in_range(outage_ms(s, 0, 5000), 1,
					styles[k] == SIM_STYLE_BIRD ? 140 : 40);
			assert_int_equal(s->hosts[0].rescues, 1);
			sim_free(s);
		}
	}
}

/* What is told of the VIP by router 0: enum forwarding. */
static struct row_proof by_first(const struct sim *s)
{
	struct address a;
	struct row_vip row;

	assert_int_equal(address_parse(vip_of(s), &a), 0);
	assert_true(node_vip_find(s->hosts[0].node, s->now, &a, &row));
	for (size_t k = 0; k < row.n_proofs; k++)
		if (strcmp(row.proofs[k].interface, "eth1") == 0)
			return row.proofs[k];
	return (struct row_proof){ 0 };
}

/* A filter, or a route of an administrator; for the VIP alone. */
static void prefer(struct sim *s, const struct address *next_hop)
{
	struct address a;

	assert_int_equal(address_parse(vip_of(s), &a), 0);
	s->routers[0].fixed =
		(struct sim_route){ .prefix = prefix_host(&a),
				    .interface = 1,
				    .next_hop = next_hop ? *next_hop : (struct address){ 0 } };
}

static void a_router_that_drops_for_one_vip_is_found_out_within_a_second(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = watched(seed, styles[k]);

			assert_int_equal(by_first(s).state, FORWARDING_PROVEN);
			prefer(s, NULL);
			sim_run(s, DURATION_S(1));
			assert_int_equal(by_first(s).state, FORWARDING_FAILED);
			assert_true(by_first(s).belied);
			/* The router itself is well, and so is the other. */
			assert_int_equal(s->hosts[0].watch.flaps, 0);
			assert_int_equal(proven(s, "eth2", true), 1);
			s->routers[0].fixed = (struct sim_route){ 0 };
			sim_run(s, DURATION_MS(500));
			assert_int_equal(by_first(s).state, FORWARDING_PROVEN);
			assert_string_equal(s->broken, "");
			sim_free(s);
		}
	}
}

/* It sends the VIP's packets to the other router, which brings them in by the other interface. */
static void a_better_static_route_is_told_by_its_way(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = watched(seed, styles[k]);

			assert_string_equal(by_first(s).way, "eth1");
			prefer(s, &s->routers[1].ports[0].address);
			assert_int_equal(s->routers[1].ports[0].lan, s->routers[0].ports[0].lan);
			sim_run(s, DURATION_S(1));
			assert_int_equal(by_first(s).state, FORWARDING_PROVEN);
			assert_string_equal(by_first(s).way, "eth2");
			assert_string_equal(s->broken, "");
			sim_free(s);
		}
	}
}

static uint64_t returned(const struct sim *s)
{
	struct row_status status;

	node_status(s->hosts[0].node, s->now, &status);
	return status.proofs_returned;
}

static void a_rescue_is_complete_when_all_that_are_left_have_proven_it(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(styles); k++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct sim *s = scenario_figure_2(seed, family_of(seed), styles[k], 3);
			uint64_t before;

			sim_prove(s);
			host_bind(s, 0, vip_host_of(s));
			sim_run(s, DURATION_S(45));
			assert_int_equal(proven(s, "eth1", true), 1);
			before = returned(s);
			host_port(s, 0, 1, false);
			sim_run(s, DURATION_S(2));
			assert_int_equal(s->hosts[0].rescues, 1);
			/* One neighbour is left, by one way, and has been asked again. */
			assert_true(returned(s) > before);
			assert_int_equal(proven(s, "eth2", true), 1);
			assert_int_equal(proven(s, "eth2", false), 0);
			assert_string_equal(s->broken, "");
			sim_free(s);
		}
	}
}

static void a_node_that_is_started_again_costs_no_flap(void **state)
{
	struct sim *s = watched(1, SIM_STYLE_RFC);

	(void)state;
	host_crash(s, 0, DURATION_S(2));
	assert_int_equal(outage_ms(s, 0, 20000), 0);
	assert_true(host_lives(&s->hosts[0]));
	assert_int_equal(s->hosts[0].watch.flaps, 0);
	assert_int_equal(tracks_up(s), 2);
	host_stop(s, 0);
	sim_run(s, DURATION_S(5));
	assert_true(s->hosts[0].stopped);
	assert_true(echo_is_empty(s->hosts[0].watch.echo));
	sim_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_that_speaks_and_forwards_nothing_is_left),
		cmocka_unit_test(a_silent_failure_costs_three_short_intervals),
		cmocka_unit_test(a_router_that_drops_for_one_vip_is_found_out_within_a_second),
		cmocka_unit_test(a_better_static_route_is_told_by_its_way),
		cmocka_unit_test(a_rescue_is_complete_when_all_that_are_left_have_proven_it),
		cmocka_unit_test(a_node_that_is_started_again_costs_no_flap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
