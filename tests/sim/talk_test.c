/* SPDX-License-Identifier: Apache-2.0 */
/* Two speakers of different protocols in one node, on one interface: RIP, and talk over streams. */
#include "base/unit.h"
#include "sim/scenario.h"
#include "sim/talk.h"

#define VIP "172.16.0.1"

/* A router and two hosts on one LAN. */
static struct sim *network(uint64_t seed)
{
	struct sim *s = sim_new(seed, FAMILY_IPV4);
	uint8_t lan = sim_lan_add(s, "10.0.0.0/24");
	struct rip_settings rip;

	rip_settings_default(&rip);
	s->talks = true;
	sim_router_add(s, SIM_STYLE_BIRD);
	sim_port_add(s, SIM_ROUTER, 0, lan, 1);
	router_start(s, 0);
	for (uint8_t i = 0; i < 2; i++) {
		sim_host_add(s);
		sim_port_add(s, SIM_HOST, i, lan, (uint8_t)(100 + i));
		scenario_settings(s, i, &rip);
	}
	for (uint8_t i = 0; i < 2; i++)
		host_start(s, i);
	sim_run(s, DURATION_S(5));
	return s;
}

static bool hears(const struct sim *s, uint8_t host)
{
	struct prefix p;

	assert_int_equal(address_parse(VIP, &p.address), 0);
	p = prefix_host(&p.address);
	return talk_hears(s->hosts[host].talker, &p);
}

static bool reached(const struct sim *s)
{
	struct address a;
	uint8_t host;

	assert_int_equal(address_parse(VIP, &a), 0);
	return sim_reach(s, 0, &a, &host) == SIM_REACHED && host == 0;
}

static void assert_well(const struct sim *s)
{
	assert_string_equal(s->broken, "");
	for (size_t i = 0; i < 2; i++)
		if (s->hosts[i].talker)
			assert_int_equal(talk_counters(s->hosts[i].talker)->wrong, 0);
}

static void test_two_protocols_run_at_once_on_one_interface(void **state)
{
	struct sim *s = network(1);

	(void)state;
	host_bind(s, 0, VIP "/32");
	sim_run(s, DURATION_S(8));
	assert_true(reached(s));
	assert_true(hears(s, 1));
	host_unbind(s, 0, VIP, false);
	sim_run(s, DURATION_S(12));
	assert_false(reached(s));
	assert_false(hears(s, 1));
	assert_well(s);
	sim_free(s);
}

static void test_both_calls_meet_and_one_stays(void **state)
{
	uint32_t collisions = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct sim *s = network(seed);

		sim_run(s, DURATION_S(20));
		for (size_t i = 0; i < 2; i++) {
			const struct talk_counters *c = talk_counters(s->hosts[i].talker);

			collisions += c->collisions;
			assert_true(c->numbers >= 15);
		}
		assert_well(s);
		sim_free(s);
	}
	assert_true(collisions > 0);
}

/* What a host is told while it gets no time is not lost, and not more is written than it has room
 * for. */
static void test_who_gets_no_time_stops_who_writes(void **state)
{
	struct sim *s = network(3);
	uint32_t before;

	(void)state;
	sim_run(s, DURATION_S(10));
	before = talk_counters(s->hosts[1].talker)->numbers;
	host_stall(s, 1, DURATION_S(6));
	sim_run(s, DURATION_S(5));
	assert_int_equal(talk_counters(s->hosts[1].talker)->numbers, before);
	sim_run(s, DURATION_S(5));
	assert_true(talk_counters(s->hosts[1].talker)->numbers >= before + 8);
	assert_int_equal(talk_counters(s->hosts[1].talker)->sessions, 1);
	assert_well(s);
	sim_free(s);
}

static void harm(struct sim *s)
{
	uint8_t host = (uint8_t)random_below(&s->random, 2);
	struct sim_port *p = &s->hosts[host].ports[0];

	switch (random_below(&s->random, 6)) {
	case 0:
		stream_reset_any(s);
		break;
	case 1:
		host_stall(s, host, random_between(&s->random, DURATION_MS(5), DURATION_S(20)));
		break;
	case 2:
		host_crash(s, host, random_between(&s->random, DURATION_MS(5), DURATION_S(9)));
		break;
	case 3:
		p->deaf = !p->deaf;
		break;
	case 4:
		host_port(s, host, 1, !p->up);
		break;
	default:
		s->lans[0].loss_ppm = (uint32_t)random_below(&s->random, 600000);
		break;
	}
}

static void test_after_all_harm_the_session_is_there_again(void **state)
{
	uint32_t resets = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct sim *s = network(seed);

		host_bind(s, 0, VIP "/32");
		for (int i = 0; i < 20; i++) {
			harm(s);
			sim_run(s, random_between(&s->random, DURATION_MS(1), DURATION_S(10)));
		}
		s->lans[0].loss_ppm = 0;
		for (uint8_t i = 0; i < 2; i++) {
			s->hosts[i].ports[0].deaf = false;
			host_port(s, i, 1, true);
		}
		sim_run(s, DURATION_S(60));
		assert_true(hears(s, 1));
		assert_well(s);
		resets += s->streams->reset;
		sim_free(s);
	}
	assert_true(resets > 0);
}

/* The guard of a dead node says what each of its speakers would, and knows neither. */
static void test_of_a_dead_node_both_have_their_good_bye_said(void **state)
{
	struct sim *s = network(5);

	(void)state;
	host_bind(s, 0, VIP "/32");
	sim_run(s, DURATION_S(8));
	assert_true(reached(s) && hears(s, 1));
	host_crash(s, 0, DURATION_S(60));
	/* With its process its streams have ended; but RIP is said by nobody yet. */
	sim_run(s, DURATION_S(9));
	assert_false(hears(s, 1));
	assert_true(reached(s));
	assert_int_equal(talk_counters(s->hosts[1].talker)->good_byes, 0);
	sim_run(s, DURATION_S(2));
	assert_false(reached(s));
	assert_int_equal(talk_counters(s->hosts[1].talker)->good_byes, 3);
	assert_well(s);
	sim_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_protocols_run_at_once_on_one_interface),
		cmocka_unit_test(test_both_calls_meet_and_one_stays),
		cmocka_unit_test(test_who_gets_no_time_stops_who_writes),
		cmocka_unit_test(test_after_all_harm_the_session_is_there_again),
		cmocka_unit_test(test_of_a_dead_node_both_have_their_good_bye_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
