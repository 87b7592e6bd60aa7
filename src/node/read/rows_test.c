/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over rows, at one go and laid down while the node changes. */
#include <stdio.h>

#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"

#define VIPS 1000

static void a_walk_tells_each_vip_in_the_order_in_which_it_was_bound(void **state)
{
	struct stage *s = *state;

	stage_bind_many(s, VIPS);
	stage_vips(s);
	assert_int_equal(s->n_rows, VIPS);
	for (uint32_t i = 0; i < VIPS; i++)
		assert_int_equal(address_ipv4_number(&s->rows[i].settings.address), 0x0a080001 + i);
}

/* One from 10.8.0.1 on goes, and 10.9.0.0 + k comes. */
static void change(struct stage *s, uint32_t k)
{
	const struct address gone = address_ipv4(0x0a080001 + k);
	char vip[32];

	stage_unbind(s, ADDRESS_TEXT(&gone), true);
	snprintf(vip, sizeof(vip), "10.9.%u.%u/32", k / 250, 1 + k % 250);
	stage_bind(s, vip);
	stage_run(s, DURATION_S(1));
}

static void a_walk_over_vips_that_change_loses_and_repeats_none_that_stays(void **state)
{
	unsigned told[VIPS] = { 0 }, later = 0;
	struct stage *s = *state;
	struct walk at = { 0 };
	struct row_vip row;

	stage_bind_many(s, VIPS);
	/* Those that go stand before and behind the place of the walk, and at it. */
	for (uint32_t n = 0, k = 0; node_vip_next(s->node, s->now, &at, &row); n++) {
		uint32_t number = address_ipv4_number(&row.settings.address) - 0x0a080001;

		assert_true(at.rests);
		if (number < VIPS)
			told[number]++;
		else
			later++;
		if (n % 10 == 9 && k < 60)
			change(s, k++ % 2 ? n + 20 : n);
	}
	for (uint32_t i = 0; i < VIPS; i++)
		assert_true(told[i] == 1 || (told[i] == 0 && i % 10 == 9));
	assert_int_equal(later, 60);
}

static void what_is_unbound_by_hand_is_told_behind_the_others(void **state)
{
	struct stage *s = *state;
	struct walk at = { 0 };
	struct row_vip row;
	unsigned absent = 0;

	stage_config_begin(s);
	stage_config_vip(s, "10.9.1.1/32", 3);
	stage_config_vip(s, "10.9.1.2/32", 3);
	stage_config_vip(s, "10.9.1.3/32", 3);
	stage_config_end(s);
	stage_run(s, DURATION_S(1));
	stage_unbind(s, "10.9.1.1", true);
	stage_unbind(s, "10.9.1.2", true);
	stage_run(s, DURATION_S(1));
	assert_true(node_vip_next(s->node, s->now, &at, &row));
	assert_string_equal(ADDRESS_TEXT(&row.settings.address), "10.9.1.3");
	assert_true(node_vip_next(s->node, s->now, &at, &row));
	assert_true(row.leaving && row.configured && row.state == VIP_STATE_ABSENT);
	/* The one that was told is bound again, and the other takes its place in the table. */
	stage_bind(s, ADDRESS_TEXT(&row.settings.address));
	stage_run(s, DURATION_S(1));
	while (node_vip_next(s->node, s->now, &at, &row))
		absent += row.state == VIP_STATE_ABSENT;
	assert_int_equal(absent, 1);
}

/* Learned routes are in a hash table, which grows under the walk. */
static void a_walk_over_routes_that_grow_loses_and_repeats_none(void **state)
{
	unsigned told[200] = { 0 }, rests = 0, more = 0;
	struct stage *s = *state;
	struct walk at = { 0 };
	struct row_route row;
	char prefix[32];

	for (unsigned k = 0; k < ARRAY_LENGTH(told); k++) {
		snprintf(prefix, sizeof(prefix), "10.50.%u.0/24", k);
		stage_packet_put(s, "10.1.0.1", prefix, 2);
	}
	while (node_route_next(s->node, &at, &row)) {
		uint32_t number = address_ipv4_number(&row.prefix.address) - 0x0a320000;

		if (row.learned && number < ARRAY_LENGTH(told) << 8)
			told[number >> 8]++;
		rests += at.rests;
		for (unsigned k = 0; at.rests && k < 20 && more < 1000; k++, more++) {
			snprintf(prefix, sizeof(prefix), "10.%u.%u.0/24", 60 + more / 250,
				 more % 250);
			stage_packet_put(s, "10.1.0.1", prefix, 2);
		}
	}
	for (unsigned k = 0; k < ARRAY_LENGTH(told); k++)
		assert_int_equal(told[k], 1);
	assert_true(rests > 100);
}

static void a_walk_that_may_not_be_laid_down_ends_when_the_node_changes(void **state)
{
	struct stage *s = *state;
	struct row_interface row;
	struct walk at = { 0 };

	stage_link_put(s, 2, "eth1", true);
	assert_true(node_interface_next(s->node, s->now, &at, &row));
	assert_false(at.rests);
	stage_link_put(s, 3, "eth2", true);
	assert_false(node_interface_next(s->node, s->now, &at, &row));
}

/* Whether the only neighbour is late at a moment. */
static bool is_late(const struct stage *s, struct instant now)
{
	struct row_neighbor row;
	struct walk at = { 0 };

	assert_true(node_neighbor_next(s->node, now, &at, &row));
	return strcmp(row.neighbor.state, "late") == 0;
}

static void what_time_alone_changes_is_read_as_it_is_now(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, "10.1.0.1", "10.50.0.0/24", 2);
	assert_false(is_late(s, s->now));
	/* Nothing has come to the node meanwhile. */
	assert_true(is_late(s, instant_add(s->now, DURATION_S(170))));
}

/* The rule lets routes be learned. */
static int learn_setup(void **state)
{
	stage_raise(state);
	((struct stage *)*state)->learn = ROUTE_FILTER_ALL;
	stage_begin(*state, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_walk_tells_each_vip_in_the_order_in_which_it_was_bound),
		STAGE_TEST(a_walk_over_vips_that_change_loses_and_repeats_none_that_stays),
		STAGE_TEST(what_is_unbound_by_hand_is_told_behind_the_others),
		cmocka_unit_test_setup_teardown(a_walk_over_routes_that_grow_loses_and_repeats_none,
						learn_setup, stage_teardown),
		STAGE_TEST(a_walk_that_may_not_be_laid_down_ends_when_the_node_changes),
		STAGE_TEST(what_time_alone_changes_is_read_as_it_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
