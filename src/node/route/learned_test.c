/* SPDX-License-Identifier: Apache-2.0 */
/* Learned routes: what of them goes into the kernel, and in how few messages it leaves it. */
#include <errno.h>
#include <stdio.h>

#include "node/stage_test.h"

#define FIRST "10.1.0.1"
#define SECOND "10.1.0.2"
#define MANY 40

static void watch(struct stage *s, const char *router, uint8_t state)
{
	struct input in = { .kind = INPUT_BFD };

	in.bfd.key.interface = 1;
	assert_int_equal(address_parse(router, &in.bfd.key.peer), 0);
	in.bfd.key.local = address_ipv4(0x0a01000a);
	in.bfd.known = true;
	in.bfd.state = in.bfd.remote_state = state;
	stage_put(s, &in);
}

static int learn_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->bfd = true;
	s->learn = ROUTE_FILTER_ALL;
	stage_begin(s, NULL);
	stage_run(s, DURATION_S(1));
	s->n_log = s->adds = s->removes = 0;
	return 0;
}

#define LEARN_TEST(name) cmocka_unit_test_setup_teardown(name, learn_setup, stage_teardown)

static void hear_many(struct stage *s, const char *router, uint8_t metric)
{
	char network[40];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(network, sizeof(network), "10.50.%u.0/24", i);
		stage_packet_put(s, router, network, metric);
	}
}

static size_t count(const struct stage *s, const char *text)
{
	size_t n = 0;

	for (size_t i = stage_find(s, 0, text); i < STAGE_LOG_MAX; i = stage_find(s, i + 1, text))
		n++;
	return n;
}

static void routes_with_the_same_next_hops_share_a_group(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	stage_packet_put(s, SECOND, "10.61.0.0/16", 2);
	stage_packet_put(s, FIRST, "10.61.0.0/16", 2);
	assert_true(stage_holds(s, "hop 1 10.1.0.1 dev 1"));
	assert_true(stage_holds(s, "hop 2 10.1.0.2 dev 1"));
	assert_true(stage_holds(s, "group 1: 1"));
	assert_true(stage_holds(s, "group 2: 2"));
	assert_true(stage_holds(s, "group 3: 1 2"));
	assert_true(stage_holds(s, "learned 10.50.39.0/24 by 1"));
	assert_true(stage_holds(s, "learned 10.60.0.0/16 by 2"));
	assert_true(stage_holds(s, "learned 10.61.0.0/16 by 3"));
	assert_int_equal(count(s, "add group"), 3);
	assert_order(s, "add hop 1", "add group 1");
	assert_order(s, "add group 1", "add learned 10.50.0.0/24");
	/* What is as it was costs nothing. */
	s->n_log = 0;
	hear_many(s, FIRST, 2);
	assert_false(stage_said(s, "learned"));
}

static void a_router_that_dies_leaves_by_one_message(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	hear_many(s, SECOND, 2);
	watch(s, FIRST, BFD_STATE_UP);
	watch(s, SECOND, BFD_STATE_UP);
	assert_true(stage_holds(s, "learned 10.50.0.0/24 by 2"));
	assert_true(stage_holds(s, "group 2: 1 2"));
	s->n_log = 0;
	watch(s, FIRST, BFD_STATE_DOWN);
	assert_true(stage_holds(s, "group 2: 2"));
	stage_run(s, DURATION_S(1));
	assert_int_equal(count(s, "replace group"), 1);
	assert_false(stage_said(s, "learned"));
	assert_order(s, "replace group 2: 2", "remove hop 1");
	/* And comes back route by route, as it tells them. */
	watch(s, FIRST, BFD_STATE_UP);
	hear_many(s, FIRST, 2);
	assert_true(stage_holds(s, "learned 10.50.0.0/24 by 1") ||
		    stage_holds(s, "learned 10.50.0.0/24 by 3"));
}

static void routes_that_go_the_same_way_take_their_group_along(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	hear_many(s, SECOND, 3);
	watch(s, FIRST, BFD_STATE_UP);
	assert_true(stage_holds(s, "learned 10.50.0.0/24 by 1"));
	s->n_log = 0;
	watch(s, FIRST, BFD_STATE_DOWN);
	stage_run(s, DURATION_MS(10));
	assert_int_equal(count(s, "replace group 1"), 1);
	assert_false(stage_said(s, "learned"));
	assert_true(stage_holds(s, "group 1: 1") || stage_holds(s, "group 1: 2"));
	stage_run(s, DURATION_S(1));
	assert_int_equal(count(s, "remove hop"), 1);
}

static void a_route_that_is_poisoned_goes_and_what_it_stood_on_after_it(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	s->n_log = 0;
	stage_packet_put(s, FIRST, "10.60.0.0/16", 16);
	assert_order(s, "remove learned 10.60.0.0/16", "remove group 1");
	assert_order(s, "remove group 1", "remove hop 1");
	assert_int_equal(s->n_objects, 0);
}

/* As Linux does: with the link go the hops, without a word. */
static void link_put(struct stage *s, bool up)
{
	for (size_t i = s->n_objects; !up && i-- > 0;)
		if (s->objects[i].kind >= OBJECT_NEXTHOP)
			s->objects[i] = s->objects[--s->n_objects];
	stage_link_put(s, 1, "eth0", up);
}

static void a_link_that_comes_back_has_all_of_it_again(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	s->resyncs = 0;
	link_put(s, false);
	assert_int_equal(s->resyncs, 1);
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "remove learned"));
	link_put(s, true);
	stage_run(s, DURATION_S(1));
	s->n_log = 0;
	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	assert_true(stage_said(s, "add hop"));
	assert_true(stage_said(s, "add group"));
	assert_true(stage_said(s, "add learned 10.60.0.0/16"));
}

static void nothing_that_is_ours_is_learned(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.1.0.128/25", 2);
	stage_packet_put(s, FIRST, "10.9.1.7/32", 2);
	assert_true(stage_holds(s, "learned 10.9.1.7/32 by 1"));
	assert_false(stage_said(s, "learned 10.1.0.128/25"));
	(void)stage_route(s, SIZE_MAX);
	stage_bind(s, "10.9.1.1/24");
	stage_run(s, DURATION_S(1));
	assert_false(stage_holds(s, "learned 10.9.1.7/32 by 1"));
	(void)stage_route(s, SIZE_MAX);
	assert_true(s->route.learned);
	assert_false(s->route.in_kernel);
	assert_non_null(strstr(s->route.reason, "of ours")
				? s->route.reason
				: strstr(s->route.reason, "of one of our"));
	/* A network around ours is another matter: the longer prefix wins. */
	stage_packet_put(s, FIRST, "10.0.0.0/8", 2);
	assert_true(stage_said(s, "add learned 10.0.0.0/8"));
}

static void a_route_of_somebody_else_is_left_alone_and_told_once(void **state)
{
	struct stage *s = *state;

	s->refuse = -EEXIST;
	s->refuses = OBJECT_LEARNED;
	hear_many(s, FIRST, 2);
	stage_run(s, DURATION_S(5));
	assert_false(stage_said(s, "replace learned"));
	assert_true(stage_said(s, "another route to it with the same metric"));
	assert_true(count(s, "are refused") <= MANY);
	(void)stage_route(s, 0);
	assert_false(s->route.in_kernel);
	assert_non_null(strstr(s->route.reason, "another route"));
	s->refuse = 0;
	stage_run(s, DURATION_S(70));
	assert_true(stage_holds(s, "learned 10.50.0.0/24 by 1"));
}

static void a_next_hop_that_is_refused_does_not_take_the_others_along(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	s->refuse = -EINVAL;
	s->refuses = OBJECT_NEXTHOP;
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	stage_run(s, DURATION_S(20));
	assert_true(stage_holds(s, "learned 10.60.0.0/16 by 1"));
	assert_true(stage_holds(s, "group 1: 1"));
	/* It is tried again, less and less often. */
	assert_in_range(count(s, "add hop 2"), 3, 8);
	s->refuse = 0;
	stage_run(s, DURATION_S(70));
	assert_true(stage_holds(s, "learned 10.60.0.0/16 by 2") || stage_holds(s, "group 1: 1 2"));
}

static void a_stop_does_not_wait_for_a_next_hop_that_is_refused(void **state)
{
	struct stage *s = *state;

	s->refuse = -EINVAL;
	s->refuses = OBJECT_NEXTHOP;
	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	stage_run(s, DURATION_S(10));
	stage_put(s, &(struct input){ .kind = INPUT_STOP });
	stage_run(s, DURATION_S(2));
	assert_int_equal(s->stopped, 1);
}

static void a_link_may_go_while_a_group_by_it_is_on_its_way(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	s->lazy = true;
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	stage_link_put(s, 1, "eth0", false);
	stage_run(s, DURATION_S(1));
	s->lazy = false;
	stage_answer(s);
	stage_run(s, DURATION_S(5));
	/* What the kernel said has come too late: nothing is left of it in the end. */
	stage_put(s, &(struct input){ .kind = INPUT_STOP });
	stage_run(s, DURATION_S(2));
	assert_int_equal(s->stopped, 1);
}

static void what_a_hand_takes_away_is_put_back(void **state)
{
	struct stage *s = *state;
	struct input gone = { .kind = INPUT_OBJECT };

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	s->n_log = 0;
	gone.object.object = (struct object){ .kind = OBJECT_GROUP, .id = 0x76697001 };
	/* With the group its routes went, and the kernel does not say so. */
	for (size_t i = s->n_objects; i-- > 0;)
		if (s->objects[i].kind > OBJECT_NEXTHOP)
			s->objects[i] = s->objects[--s->n_objects];
	stage_put(s, &gone);
	assert_order(s, "add group 1: 1", "add learned 10.60.0.0/16 by 1");
	assert_true(stage_holds(s, "learned 10.60.0.0/16 by 1"));
}

/* The kernel as an earlier life has left it: two routes by two routers. */
static void earlier_life(struct stage *s)
{
	struct object objects[] = {
		{ .kind = OBJECT_NEXTHOP, .interface = 1, .id = 0x76690001 },
		{ .kind = OBJECT_NEXTHOP, .interface = 1, .id = 0x76690002 },
		{ .kind = OBJECT_GROUP,
		  .id = 0x76697003,
		  .n_members = 2,
		  .members = { 0x76690001, 0x76690002 } },
		{ .kind = OBJECT_LEARNED, .length = 16, .id = 0x76697003 },
		{ .kind = OBJECT_LEARNED, .length = 16, .id = 0x76697003 },
	};

	assert_int_equal(address_parse(FIRST, &objects[0].address), 0);
	assert_int_equal(address_parse(SECOND, &objects[1].address), 0);
	assert_int_equal(address_parse("10.60.0.0", &objects[3].address), 0);
	assert_int_equal(address_parse("10.61.0.0", &objects[4].address), 0);
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		struct input in = { .kind = INPUT_OBJECT, .object = { true, objects[i] } };

		s->objects[s->n_objects++] = objects[i];
		stage_put(s, &in);
	}
}

static int restart_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->learn = ROUTE_FILTER_ALL;
	stage_config_begin(s);
	stage_config_end(s);
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	stage_link_put(s, 1, "eth0", true);
	stage_address_put(s, 1, "10.1.0.10/24");
	earlier_life(s);
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_END });
	return 0;
}

static void what_an_earlier_life_has_left_is_taken_over_untouched(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, FIRST, "10.60.0.0/16", 2);
	stage_packet_put(s, SECOND, "10.60.0.0/16", 2);
	stage_run(s, DURATION_S(10));
	assert_false(stage_said(s, "hop"));
	assert_false(stage_said(s, "group"));
	assert_false(stage_said(s, "learned"));
	/* What nobody tells any more goes when all have had the time to. */
	stage_run(s, DURATION_S(55));
	assert_true(stage_said(s, "remove learned 10.61.0.0/16"));
	assert_false(stage_said(s, "remove learned 10.60.0.0/16"));
	assert_true(stage_holds(s, "learned 10.60.0.0/16 by 3"));
}

static void what_an_earlier_life_has_learned_goes_where_nothing_is_learned(void **state)
{
	struct stage *s = *state;

	s->learn = ROUTE_FILTER_OFF;
	stage_config_begin(s);
	stage_config_end(s);
	stage_run(s, DURATION_S(2));
	assert_true(stage_said(s, "remove learned 10.60.0.0/16"));
	assert_order(s, "remove learned 10.61.0.0/16", "remove group 3");
	assert_order(s, "remove group 3", "remove hop 2");
}

static void a_stop_takes_all_of_it_and_a_hand_over_nothing(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	s->n_log = 0;
	stage_put(s, &(struct input){ .kind = INPUT_STOP });
	stage_run(s, DURATION_S(2));
	assert_int_equal(count(s, "remove learned"), MANY);
	assert_order(s, "remove learned 10.50.39.0/24", "remove group 1");
	assert_order(s, "remove group 1", "remove hop 1");
	assert_int_equal(s->stopped, 1);
}

static void a_hand_over_leaves_it_for_the_next(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	s->n_log = 0;
	stage_put(s, &(struct input){ .kind = INPUT_STOP, .stop.hand_over = true });
	stage_run(s, DURATION_S(2));
	assert_false(stage_said(s, "remove"));
	assert_int_equal(s->stopped, 1);
}

static void to_learn_no_more_takes_it_out(void **state)
{
	struct stage *s = *state;

	hear_many(s, FIRST, 2);
	stage_packet_put(s, FIRST, "0.0.0.0/0", 2);
	s->learn = ROUTE_FILTER_DEFAULT;
	stage_config_begin(s);
	stage_config_end(s);
	assert_int_equal(count(s, "remove learned"), MANY);
	assert_true(stage_holds(s, "learned 0.0.0.0/0 by 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEARN_TEST(routes_with_the_same_next_hops_share_a_group),
		LEARN_TEST(a_router_that_dies_leaves_by_one_message),
		LEARN_TEST(routes_that_go_the_same_way_take_their_group_along),
		LEARN_TEST(a_route_that_is_poisoned_goes_and_what_it_stood_on_after_it),
		LEARN_TEST(a_link_that_comes_back_has_all_of_it_again),
		LEARN_TEST(nothing_that_is_ours_is_learned),
		LEARN_TEST(a_route_of_somebody_else_is_left_alone_and_told_once),
		LEARN_TEST(a_next_hop_that_is_refused_does_not_take_the_others_along),
		LEARN_TEST(a_stop_does_not_wait_for_a_next_hop_that_is_refused),
		LEARN_TEST(a_link_may_go_while_a_group_by_it_is_on_its_way),
		LEARN_TEST(what_a_hand_takes_away_is_put_back),
		LEARN_TEST(a_stop_takes_all_of_it_and_a_hand_over_nothing),
		LEARN_TEST(a_hand_over_leaves_it_for_the_next),
		LEARN_TEST(to_learn_no_more_takes_it_out),
		cmocka_unit_test_setup_teardown(
			what_an_earlier_life_has_left_is_taken_over_untouched, restart_setup,
			stage_teardown),
		cmocka_unit_test_setup_teardown(
			what_an_earlier_life_has_learned_goes_where_nothing_is_learned,
			restart_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
