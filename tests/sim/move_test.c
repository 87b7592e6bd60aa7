/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planned moves in the simulator: from the moment in which the new server takes a VIP over until it
 * announces it with its own metric again, every router reaches it at every millisecond.
 */
#include "base/unit.h"
#include "outage_test.h"
#include "sim/scenario.h"

#define SEEDS 40

enum { OLD, NEW };

struct move {
	struct sim *s;
	struct address vip;
	uint8_t found; /* the host that the router looked at last leads to */
};

/* Lets time pass, and looks at every router after each step. */
static void watch(struct move *m, struct duration time, struct duration step)
{
	for (struct duration passed = { 0 }; passed.ns < time.ns; passed.ns += step.ns) {
		sim_run(m->s, step);
		for (uint8_t r = 0; r < m->s->n_routers; r++)
			if (sim_reach(m->s, r, &m->vip, &m->found) != SIM_REACHED)
				fail_msg("router %u has lost the VIP at %.3f s", r,
					 (double)m->s->now.ns / 1e9 - 1000);
	}
	assert_string_equal(m->s->broken, "");
}

static void all_lead_to(struct move *m, uint8_t host)
{
	for (uint8_t r = 0; r < m->s->n_routers; r++) {
		assert_int_equal(sim_reach(m->s, r, &m->vip, &m->found), SIM_REACHED);
		assert_int_equal(m->found, host);
	}
}

static void move_begin(struct move *m, uint64_t seed, enum sim_router_style style, uint8_t distance,
		       uint8_t metric)
{
	struct rip_settings rip;

	rip_settings_default(&rip);
	rip.metric = metric;
	rip.distance = distance;
	m->s = scenario_two_servers(seed, family_of(seed), style, distance, &rip);
	assert_int_equal(address_parse(vip_of(m->s), &m->vip), 0);
	sim_run(m->s, DURATION_S(40));
	host_bind(m->s, OLD, vip_host_of(m->s));
	/* At any time since the routers' last news: their damping is the hard part. */
	sim_run(m->s, DURATION_S(15));
	sim_run(m->s, random_between(&m->s->random, DURATION_MS(1), DURATION_S(10)));
	all_lead_to(m, OLD);
}

static void take_over_by(struct move *m, uint8_t host)
{
	struct sim_host *h = &m->s->hosts[host];
	uint32_t request =
		host_bind_how(m->s, host, vip_host_of(m->s), VIP_ARP_SILENT, VIP_CONFLICT_TAKE);

	for (int i = 0; i < 60000 && h->questions.answered != request; i++)
		watch(m, DURATION_MS(1), DURATION_MS(1));
	assert_int_equal(h->questions.answered, request);
	assert_int_equal(h->questions.refusals, 0);
}

static void take_over(struct move *m)
{
	take_over_by(m, NEW);
}

static void move_once(uint64_t seed, enum sim_router_style style, uint8_t distance)
{
	struct move m;

	move_begin(&m, seed, style, distance, (uint8_t)(distance + 2));
	take_over(&m);
	all_lead_to(&m, NEW);
	host_unbind(m.s, OLD, vip_of(m.s), seed % 2 == 0);
	watch(&m, DURATION_S(3), DURATION_MS(1));
	/* Holding, and all of relaxing. */
	watch(&m, DURATION_S(180 + 60 * (distance + 2)), DURATION_MS(50));
	all_lead_to(&m, NEW);
	assert_false(host_lists(m.s, OLD, vip_of(m.s)));
	sim_free(m.s);
}

static void test_a_move_loses_nothing_whatever_the_routers(void **state)
{
	(void)state;
	for (enum sim_router_style style = SIM_STYLE_RFC; style <= SIM_STYLE_FRR; style++)
		for (uint8_t distance = 1; distance <= 3; distance++)
			for (uint64_t seed = 1; seed <= SEEDS; seed++)
				move_once(seed, style, distance);
}

/* And back again: who took it over once does not insist. */
static void test_a_vip_moves_back(void **state)
{
	struct move m;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		move_begin(&m, seed, (enum sim_router_style)(seed % 3), 1, 3);
		take_over(&m);
		host_unbind(m.s, OLD, vip_of(m.s), false);
		watch(&m, DURATION_S(400), DURATION_MS(50));
		all_lead_to(&m, NEW);
		take_over_by(&m, OLD);
		all_lead_to(&m, OLD);
		host_unbind(m.s, NEW, vip_of(m.s), false);
		watch(&m, DURATION_S(3), DURATION_MS(1));
		watch(&m, DURATION_S(400), DURATION_MS(50));
		all_lead_to(&m, OLD);
		sim_free(m.s);
	}
}

/* It need not be quick: what was taken over is held with metric 1 for so long. */
static void test_the_old_server_has_three_minutes_to_leave(void **state)
{
	struct move m;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		move_begin(&m, seed, (enum sim_router_style)(seed % 3), 1, 3);
		take_over(&m);
		watch(&m, random_between(&m.s->random, DURATION_S(1), DURATION_S(170)),
		      DURATION_MS(50));
		host_unbind(m.s, OLD, vip_of(m.s), false);
		watch(&m, DURATION_S(1), DURATION_MS(1));
		watch(&m, DURATION_S(400), DURATION_MS(50));
		all_lead_to(&m, NEW);
		sim_free(m.s);
	}
}

/* A rival that is dead but still believed in: to take over is to be reached within seconds. */
static void test_the_place_of_a_dead_server_is_taken_at_once(void **state)
{
	struct move m;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		move_begin(&m, seed, (enum sim_router_style)(seed % 3), 1, 3);
		sim_run(m.s, DURATION_S(10));
		host_crash(m.s, OLD, DURATION_S(100000));
		/* Its machine is dead: the guard is, too. */
		host_port(m.s, OLD, 1, false);
		(void)host_bind_how(m.s, NEW, vip_host_of(m.s), VIP_ARP_SILENT, VIP_CONFLICT_TAKE);
		sim_run(m.s, DURATION_S(1));
		all_lead_to(&m, NEW);
		sim_free(m.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_move_loses_nothing_whatever_the_routers),
		cmocka_unit_test(test_a_vip_moves_back),
		cmocka_unit_test(test_the_old_server_has_three_minutes_to_leave),
		cmocka_unit_test(test_the_place_of_a_dead_server_is_taken_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
