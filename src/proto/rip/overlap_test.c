/* SPDX-License-Identifier: Apache-2.0 */
/* What overlaps with what is heard, against a walk over all of it; and what very many cost. */
#include <stdlib.h>
#include <time.h>

#include "base/unit.h"
#include "proto/rip/instance.h"

#define HEARD 200
#define ASKED 2000

static const struct instant now = { INT64_C(1000000000000) };

/* Routers 10.1.0.1 and 10.1.0.2 on one interface; each announces what it is told to. */
static int setup(void **state)
{
	struct address own = address_ipv4(0x0a01000a);
	struct speaker_link link = speaker_link_make(2, true, &own, 24);
	struct rip_interface_settings interface;
	struct rip_settings settings;
	struct rip *r;

	rip_settings_default(&settings);
	r = rip_new(FAMILY_IPV4, &settings, 1);
	assert_non_null(r);
	rip_interface_settings_default(&interface);
	assert_int_equal(rip_interface_set(r, now, link.index, &interface), 0);
	rip_link(r, now, &link);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	rip_free(*state);
	return 0;
}

static void hear(struct rip *r, uint8_t router, const struct prefix *prefix, uint8_t metric)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct packet d = { .interface = 2, .source_port = RIP_PORT };

	d.source = address_ipv4(0x0a010000u + router);
	rip_packet_add(&p, prefix, 0, metric);
	d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
	rip_input(r, now, &d);
}

static struct prefix prefix_of(uint32_t address, uint8_t length)
{
	struct address a = address_ipv4(address);

	return prefix_make(&a, length);
}

/* In 20.0.0.0/12, crowded enough that they cover each other. */
static struct prefix random_prefix(struct random *r)
{
	return prefix_of(0x14000000u | (uint32_t)random_below(r, 1u << 20),
			 (uint8_t)(16 + random_below(r, 17)));
}

static bool overlaps(const struct prefix *a, const struct prefix *b)
{
	return !prefix_equal(a, b) && (prefix_covers(a, b) || prefix_covers(b, a));
}

/* 0: nothing overlaps; else the length of the best: any that is longer, or the longest shorter. */
static uint8_t best_by_walking(const struct rip *r, const struct prefix *p)
{
	uint8_t best = 0;

	for (struct hash_node *n = hash_walk(&r->heard, NULL); n; n = hash_walk(&r->heard, n)) {
		const struct heard *h = container_of(n, struct heard, by_prefix);

		if (overlaps(&h->prefix, p) && h->prefix.length > best)
			best = h->prefix.length;
	}
	return best;
}

static void test_what_is_found_is_what_a_walk_would_find(void **state)
{
	struct rip *r = *state;
	struct overlaps *o;
	struct random random;
	size_t found = 0;

	random_init(&random, 1);
	for (size_t k = 0; k < HEARD; k++) {
		struct prefix p = random_prefix(&random);

		hear(r, (uint8_t)(1 + k % 2), &p, (uint8_t)(1 + random_below(&random, 14)));
	}
	o = rip_overlaps_new(r, now);
	assert_non_null(o);
	for (size_t k = 0; k < ASKED; k++) {
		struct prefix p = random_prefix(&random), other;
		uint8_t best = best_by_walking(r, &p);
		struct route_heard heard;

		assert_int_equal(rip_overlaps_find(o, &p, &other, &heard), best > 0);
		if (!best)
			continue;
		found++;
		assert_true(overlaps(&p, &other));
		assert_true(best > p.length ? other.length > p.length : other.length == best);
	}
	assert_true(found > ASKED / 4 && found < ASKED);
	overlaps_free(o);
}

static void test_a_default_route_overlaps_with_nothing_and_the_lowest_metric_is_told(void **state)
{
	struct prefix all = prefix_of(0, 0), wide = prefix_of(0x0a090000, 16);
	struct prefix vip = prefix_of(0x0a090101, 32), other;
	struct overlaps *o;
	struct route_heard heard;
	struct rip *r = *state;

	hear(r, 1, &all, 1);
	o = rip_overlaps_new(r, now);
	assert_false(rip_overlaps_find(o, &vip, &other, &heard));
	overlaps_free(o);
	hear(r, 1, &wide, 5);
	hear(r, 2, &wide, 3);
	hear(r, 1, &vip, 1);
	o = rip_overlaps_new(r, now);
	assert_true(rip_overlaps_find(o, &vip, &other, &heard));
	assert_true(prefix_equal(&other, &wide));
	assert_int_equal(address_ipv4_number(&heard.neighbor), 0x0a010002);
	overlaps_free(o);
	/* What is not announced any more does not count. */
	o = rip_overlaps_new(r, instant_add(now, DURATION_S(1000)));
	assert_false(rip_overlaps_find(o, &vip, &other, &heard));
	overlaps_free(o);
}

static void test_ten_thousand_vips_among_sixteen_thousand_routes_cost_no_second(void **state)
{
	struct overlaps *o;
	struct route_heard heard;
	struct rip *r = *state;
	struct prefix other;
	clock_t begun;

	for (uint32_t k = 0; k < RIP_HEARD_MAX; k++) {
		struct prefix p = prefix_of(0x14000000u + k * 256, 24);

		hear(r, 1, &p, 2);
	}
	assert_int_equal(r->heard.count, RIP_HEARD_MAX);
	/* Time of this process: other processes do not count. */
	begun = clock();
	o = rip_overlaps_new(r, now);
	for (uint32_t k = 0; k < 10000; k++) {
		struct prefix vip = prefix_of(0x0a090000u + k, 32);

		assert_false(rip_overlaps_find(o, &vip, &other, &heard));
	}
	overlaps_free(o);
	assert_true(clock() - begun < CLOCKS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_found_is_what_a_walk_would_find, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_a_default_route_overlaps_with_nothing_and_the_lowest_metric_is_told,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_ten_thousand_vips_among_sixteen_thousand_routes_cost_no_second, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
