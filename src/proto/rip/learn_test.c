/* SPDX-License-Identifier: Apache-2.0 */
/* Two routers on eth0 (index 2) and one on eth1 (index 3), and what is learned of them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/unit.h"
#include "proto/rip/instance.h"

#define FIRST "10.1.0.1"
#define SECOND "10.1.0.2"
#define THIRD "10.2.0.1"

struct bench {
	struct rip *rip;
	struct instant now;
};

static struct address address_of(const char *text)
{
	struct address a = { 0 };

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static struct prefix prefix_of(const char *text)
{
	struct address a;
	uint8_t length;

	assert_int_equal(prefix_parse(text, &a, &length), 0);
	return prefix_make(&a, length);
}

static void interface_begin(struct bench *b, uint32_t index, const char *address, uint8_t cost)
{
	struct rip_interface_settings settings;
	struct route_filter all = { .mode = ROUTE_FILTER_ALL };
	struct address own = address_of(address);
	struct speaker_link link = speaker_link_make(index, true, &own, 24);

	rip_interface_settings_default(&settings);
	settings.cost = cost;
	assert_int_equal(rip_interface_set(b->rip, b->now, index, &settings), 0);
	rip_link(b->rip, b->now, &link);
	assert_int_equal(rip_learn(b->rip, b->now, index, &all), 0);
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct rip_settings settings;

	rip_settings_default(&settings);
	b->now = (struct instant){ DURATION_S(1000).ns };
	b->rip = rip_new(FAMILY_IPV4, &settings, 1);
	interface_begin(b, 2, "10.1.0.10", 1);
	interface_begin(b, 3, "10.2.0.10", 1);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	rip_free(b->rip);
	free(b);
	return 0;
}

/* A router announces a network, by itself or (`by`) by another. */
static void hear_by(struct bench *b, const char *router, const char *network, uint8_t metric,
		    const char *by)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct prefix prefix = prefix_of(network);
	struct packet d = { .interface = router[3] == '1' ? 2 : 3,
			    .source = address_of(router),
			    .source_port = RIP_PORT };
	struct address next_hop = address_of(by ? by : "0.0.0.0");

	rip_packet_add(&p, &prefix, 0, metric);
	p.entries[0].next_hop = next_hop;
	d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
	rip_input(b->rip, b->now, &d);
}

static void hear(struct bench *b, const char *router, const char *network, uint8_t metric)
{
	hear_by(b, router, network, metric, NULL);
}

static void pass(struct bench *b, struct duration time)
{
	struct instant end = instant_add(b->now, time);
	struct packet d;

	while (instant_before(b->now, end)) {
		b->now = instant_min(end, instant_max(rip_deadline(b->rip),
						      instant_add(b->now, DURATION_MS(1))));
		rip_tick(b->rip, b->now);
		while (rip_output(b->rip, b->now, &d))
			;
	}
}

/*
 * The last that is told of the network: "10.1.0.1 10.2.0.1 =2" for two paths and the metric; empty
 * when it is not learned; NULL when nothing is told of it.
 */
static const char *told(struct bench *b, const char *network)
{
	static char text[300];
	struct prefix prefix = prefix_of(network);
	struct route l;
	const char *ret = NULL;

	while (rip_learned(b->rip, b->now, &l)) {
		size_t n = 0;

		if (!prefix_equal(&l.prefix, &prefix))
			continue;
		text[0] = '\0';
		for (size_t k = 0; k < l.n_paths; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ",
					      ADDRESS_TEXT(&l.paths[k].next_hop));
		if (l.n_paths > 0)
			snprintf(text + n, sizeof(text) - n, "=%u", l.metric);
		ret = text;
	}
	return ret;
}

static void assert_told(struct bench *b, const char *network, const char *what)
{
	const char *got = told(b, network);

	assert_non_null(got);
	assert_string_equal(got, what);
}

static void test_neighbours_with_the_same_metric_are_paths_of_one_route(void **state)
{
	struct bench *b = *state;

	hear(b, FIRST, "10.50.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 =3");
	hear(b, THIRD, "10.50.0.0/16", 2);
	hear(b, SECOND, "10.50.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 10.1.0.2 10.2.0.1 =3");
	hear(b, FIRST, "10.50.0.0/16", 2);
	assert_null(told(b, "10.50.0.0/16"));
}

static void test_the_better_metric_wins_and_the_cost_of_the_interface_counts(void **state)
{
	struct bench *b = *state;
	struct rip_interface_settings settings;

	hear(b, FIRST, "10.50.0.0/16", 4);
	hear(b, THIRD, "10.50.0.0/16", 3);
	assert_told(b, "10.50.0.0/16", "10.2.0.1 =4");
	hear(b, FIRST, "10.50.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 =3");
	rip_interface_settings_default(&settings);
	settings.cost = 2;
	assert_int_equal(rip_interface_set(b->rip, b->now, 2, &settings), 0);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 10.2.0.1 =4");
	/* 15 + 1 is infinity. */
	hear(b, FIRST, "10.60.0.0/16", 15);
	assert_told(b, "10.60.0.0/16", "");
}

static void test_poison_takes_a_path_away_at_once(void **state)
{
	struct bench *b = *state;

	hear(b, FIRST, "10.50.0.0/16", 2);
	hear(b, SECOND, "10.50.0.0/16", 2);
	hear(b, FIRST, "10.50.0.0/16", 16);
	assert_told(b, "10.50.0.0/16", "10.1.0.2 =3");
	hear(b, SECOND, "10.50.0.0/16", 16);
	assert_told(b, "10.50.0.0/16", "");
	assert_int_equal(b->rip->lessons.count, 0);
}

static void test_a_route_that_is_not_repeated_is_forgotten_though_its_router_speaks(void **state)
{
	struct bench *b = *state;

	hear(b, FIRST, "10.50.0.0/16", 2);
	hear(b, FIRST, "10.51.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 =3");
	for (int i = 0; i < 5; i++) {
		pass(b, DURATION_S(30));
		hear(b, FIRST, "10.51.0.0/16", 2);
	}
	assert_null(told(b, "10.50.0.0/16"));
	for (int i = 0; i < 2; i++) {
		pass(b, DURATION_S(31));
		hear(b, FIRST, "10.51.0.0/16", 2);
	}
	assert_told(b, "10.50.0.0/16", "");
}

static void test_a_neighbour_that_dies_takes_its_paths_with_it(void **state)
{
	struct bench *b = *state;
	struct address first = address_of(FIRST);

	hear(b, FIRST, "10.50.0.0/16", 2);
	hear(b, THIRD, "10.50.0.0/16", 2);
	hear_by(b, SECOND, "10.60.0.0/16", 2, FIRST);
	assert_told(b, "10.60.0.0/16", "10.1.0.1 =3");
	rip_neighbor_liveness(b->rip, b->now, 2, &first, VERDICT_DOWN);
	assert_told(b, "10.50.0.0/16", "10.2.0.1 =3");
	/* What it says while it is held down counts when it is believed again. */
	hear(b, FIRST, "10.50.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.2.0.1 =3");
	rip_neighbor_liveness(b->rip, b->now, 2, &first, VERDICT_UP);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 10.2.0.1 =3");
}

static void test_a_route_by_a_dead_router_is_not_learned_from_a_living_one(void **state)
{
	struct bench *b = *state;
	struct address first = address_of(FIRST);

	hear(b, FIRST, "10.51.0.0/16", 2);
	hear_by(b, SECOND, "10.60.0.0/16", 2, FIRST);
	assert_told(b, "10.60.0.0/16", "10.1.0.1 =3");
	rip_neighbor_liveness(b->rip, b->now, 2, &first, VERDICT_DOWN);
	assert_told(b, "10.60.0.0/16", "");
	rip_neighbor_liveness(b->rip, b->now, 2, &first, VERDICT_UP);
	assert_told(b, "10.60.0.0/16", "10.1.0.1 =3");
}

static void test_a_link_that_goes_takes_its_paths_with_it(void **state)
{
	struct bench *b = *state;
	struct speaker_link down = { .index = 2 };

	hear(b, FIRST, "10.50.0.0/16", 2);
	hear(b, THIRD, "10.50.0.0/16", 2);
	assert_told(b, "10.50.0.0/16", "10.1.0.1 10.2.0.1 =3");
	rip_link(b->rip, b->now, &down);
	assert_told(b, "10.50.0.0/16", "10.2.0.1 =3");
}

static void test_a_next_hop_is_honoured_where_it_is_on_link(void **state)
{
	struct bench *b = *state;

	hear_by(b, FIRST, "10.50.0.0/16", 2, "10.1.0.77");
	assert_told(b, "10.50.0.0/16", "10.1.0.77 =3");
	hear_by(b, FIRST, "10.51.0.0/16", 2, "10.2.0.77");
	assert_told(b, "10.51.0.0/16", "10.1.0.1 =3");
	hear_by(b, FIRST, "10.52.0.0/16", 2, "10.1.0.10");
	assert_null(told(b, "10.52.0.0/16"));
	/* The network itself and its broadcast address are no hosts: as if none were named. */
	hear_by(b, FIRST, "10.53.0.0/16", 2, "10.1.0.0");
	assert_told(b, "10.53.0.0/16", "10.1.0.1 =3");
	hear_by(b, FIRST, "10.54.0.0/16", 2, "10.1.0.255");
	assert_told(b, "10.54.0.0/16", "10.1.0.1 =3");
}

static void test_the_filter_says_what_is_learned_and_may_change(void **state)
{
	struct bench *b = *state;
	struct route_filter some = { .mode = ROUTE_FILTER_PREFIXES, .n_prefixes = 2 };
	struct route_filter only_default = { .mode = ROUTE_FILTER_DEFAULT }, off = { 0 };

	hear(b, FIRST, "10.50.1.0/24", 2);
	hear(b, FIRST, "0.0.0.0/0", 2);
	hear(b, FIRST, "172.16.0.0/12", 2);
	assert_told(b, "172.16.0.0/12", "10.1.0.1 =3");
	some.prefixes[0] = prefix_of("10.50.0.0/16");
	some.prefixes[1] = prefix_of("0.0.0.0/0");
	rip_learn(b->rip, b->now, 2, &some);
	assert_told(b, "172.16.0.0/12", "");
	rip_learn(b->rip, b->now, 2, &only_default);
	assert_told(b, "10.50.1.0/24", "");
	rip_learn(b->rip, b->now, 2, &off);
	assert_told(b, "0.0.0.0/0", "");
	rip_learn(b->rip, b->now, 2, &some);
	assert_told(b, "10.50.1.0/24", "10.1.0.1 =3");
}

static void test_what_is_ours_is_not_learned_until_it_is_forgotten(void **state)
{
	struct bench *b = *state;
	struct prefix ours = prefix_of("10.9.1.1/32");

	hear(b, FIRST, "10.9.1.1/32", 2);
	assert_told(b, "10.9.1.1/32", "10.1.0.1 =3");
	assert_int_equal(rip_announce(b->rip, b->now, &ours, NULL, 0), 0);
	assert_told(b, "10.9.1.1/32", "");
}

static void test_of_one_neighbour_no_more_is_learned_than_the_limit(void **state)
{
	struct bench *b = *state;
	struct neighbor info;
	struct route l;
	size_t position = 0, n = 0;
	char network[40];

	for (unsigned i = 0; i < RIP_LEARN_ROUTES_MAX + 10; i++) {
		snprintf(network, sizeof(network), "10.%u.%u.0/24", 64 + i / 256, i % 256);
		hear(b, FIRST, network, 2);
	}
	hear(b, SECOND, "10.64.0.0/24", 2);
	while (rip_learned(b->rip, b->now, &l))
		n += l.n_paths > 0;
	assert_int_equal(n, RIP_LEARN_ROUTES_MAX);
	assert_true(rip_neighbor_next(b->rip, b->now, &position, &info));
	assert_int_equal(info.learned, RIP_LEARN_ROUTES_MAX);
	assert_int_equal(info.drops[RIP_DROP_LEARN_LIMIT], 10);
	assert_true(rip_neighbor_next(b->rip, b->now, &position, &info));
	assert_int_equal(info.learned, 1);
}

/* RIPng on eth0, with its next hop in an entry of its own. */
static void test_in_ripng_a_next_hop_counts_for_the_routes_behind_it(void **state)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV6, RIP_RESPONSE, 1);
	struct address own = address_of("fe80::10");
	struct speaker_link link = speaker_link_make(2, true, &own, 64);
	struct packet d = { .interface = 2,
			    .source = address_of("fe80::1"),
			    .source_port = RIPNG_PORT,
			    .hop_limit = 255 };
	const char *const networks[] = { "2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:3::/48" };
	struct rip_interface_settings how;
	struct route_filter all = { .mode = ROUTE_FILTER_ALL };
	struct bench *b = *state;
	struct rip_settings settings;
	struct route l;

	rip_free(b->rip);
	rip_settings_default(&settings);
	b->rip = rip_new(FAMILY_IPV6, &settings, 1);
	rip_interface_settings_default(&how);
	assert_int_equal(rip_interface_set(b->rip, b->now, 2, &how), 0);
	rip_link(b->rip, b->now, &link);
	assert_int_equal(rip_learn(b->rip, b->now, 2, &all), 0);
	for (size_t i = 0; i < 3; i++) {
		struct prefix prefix = prefix_of(networks[i]);

		/* Before the second: by fe80::7; before the third: one that is not link-local. */
		if (i > 0) {
			p.entries[p.n_entries++] = (struct rip_entry){
				.address = address_of(i == 1 ? "fe80::7" : "2001:db8::7"),
				.metric = RIPNG_METRIC_NEXT_HOP,
			};
		}
		rip_packet_add(&p, &prefix, 0, 2);
	}
	d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
	rip_input(b->rip, b->now, &d);
	for (size_t i = 0; i < 3; i++) {
		struct address expected = address_of(i == 1 ? "fe80::7" : "fe80::1");

		assert_true(rip_learned(b->rip, b->now, &l));
		assert_int_equal(l.n_paths, 1);
		assert_true(address_equal(&l.paths[0].next_hop, &expected));
	}
	assert_false(rip_learned(b->rip, b->now, &l));
}

static void test_nothing_that_is_learned_is_announced(void **state)
{
	struct bench *b = *state;
	struct prefix ours = prefix_of("10.9.1.1/32");
	struct packet d;
	struct rip_packet p;

	hear(b, FIRST, "10.50.0.0/16", 2);
	assert_int_equal(rip_announce(b->rip, b->now, &ours, NULL, 0), 0);
	for (int i = 0; i < 400; i++) {
		b->now = instant_add(b->now, DURATION_MS(100));
		rip_tick(b->rip, b->now);
		while (rip_output(b->rip, b->now, &d)) {
			assert_int_equal(rip_packet_decode(FAMILY_IPV4, d.bytes, d.length, &p),
					 RIP_DROP_NOTHING);
			for (size_t k = 0; p.command == RIP_RESPONSE && k < p.n_entries; k++)
				assert_true(address_equal(&p.entries[k].address, &ours.address));
		}
	}
}

#define LEARN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEARN_TEST(test_neighbours_with_the_same_metric_are_paths_of_one_route),
		LEARN_TEST(test_the_better_metric_wins_and_the_cost_of_the_interface_counts),
		LEARN_TEST(test_poison_takes_a_path_away_at_once),
		LEARN_TEST(test_a_route_that_is_not_repeated_is_forgotten_though_its_router_speaks),
		LEARN_TEST(test_a_neighbour_that_dies_takes_its_paths_with_it),
		LEARN_TEST(test_a_route_by_a_dead_router_is_not_learned_from_a_living_one),
		LEARN_TEST(test_a_link_that_goes_takes_its_paths_with_it),
		LEARN_TEST(test_a_next_hop_is_honoured_where_it_is_on_link),
		LEARN_TEST(test_the_filter_says_what_is_learned_and_may_change),
		LEARN_TEST(test_what_is_ours_is_not_learned_until_it_is_forgotten),
		LEARN_TEST(test_of_one_neighbour_no_more_is_learned_than_the_limit),
		LEARN_TEST(test_in_ripng_a_next_hop_counts_for_the_routes_behind_it),
		LEARN_TEST(test_nothing_that_is_learned_is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
