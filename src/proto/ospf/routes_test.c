/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of a whole speaker: what it learns of others on a wire, and how soon it knows better. */
#include "base/unit.h"
#include "proto/ospf/fixture_test.h"

static const struct route_filter everything = { .mode = ROUTE_FILTER_ALL };

static struct prefix vip(enum ospf_version v, uint32_t number)
{
	static const uint8_t bytes[ADDRESS_BYTES_MAX] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct address a = address_ipv4(0x14000000u + number);

	if (v == OSPF_V3) {
		a = address_make(FAMILY_IPV6, bytes);
		a.bytes[15] = (uint8_t)number;
	}
	return prefix_host(&a);
}

static struct fixture_router *join(struct fixture *f, struct fixture_wire *w,
				   enum ospf_network network, uint8_t priority)
{
	struct fixture_router *r = fixture_router(f, NULL);
	struct ospf_interface_settings s;

	ospf_interface_settings_default(&s);
	s.is.network = (uint8_t)network;
	s.is.priority = priority;
	fixture_join(r, w, &s);
	assert_int_equal(ospf_learn(r->ospf, f->now, w->number, &everything), 0);
	fixture_drain(r);
	return r;
}

static void announce(struct fixture_router *r, const struct prefix *p)
{
	assert_int_equal(ospf_announce(r->ospf, r->of->now, p, 0), 0);
	fixture_drain(r);
}

/* The route that it has learned, if it is by that neighbour alone; and nothing else is told. */
static bool learned_by(struct fixture_router *r, const struct prefix *p,
		       const struct fixture_end *next)
{
	struct route route;

	ospf_learned_of(r->ospf, r->of->now, p, &route);
	return next ? route.n_paths == 1 && route.paths[0].interface == next->index &&
			       address_equal(&route.paths[0].next_hop, &next->address)
		    : route.n_paths == 0;
}

static void is_down(struct fixture_router *r, const struct fixture_end *who)
{
	ospf_liveness(r->ospf, r->of->now, who->index, &who->address, VERDICT_DOWN);
	ospf_tick(r->ospf, r->of->now);
	fixture_drain(r);
}

static void two_on_a_link(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *a = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct fixture_router *b = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct prefix p = vip(v, 1);
	struct route_heard heard;
	struct route route;

	announce(b, &p);
	fixture_run(f, DURATION_S(10));
	assert_true(learned_by(a, &p, fixture_end_of(b, w)));
	assert_true(ospf_heard(a->ospf, f->now, &p, &heard));
	assert_int_equal(address_ipv4_number(&heard.neighbor), b->number);
	while (ospf_learned(a->ospf, f->now, &route))
		;
	/* All LSAs are refreshed, more than once, and nothing is told. */
	fixture_run(f, DURATION_S(8000));
	assert_false(ospf_learned(a->ospf, f->now, &route));
	assert_true(learned_by(a, &p, fixture_end_of(b, w)));
	assert_true(ospf_heard(a->ospf, f->now, &p, &heard));
	/* Another one beside it. */
	p = vip(v, 2);
	announce(b, &p);
	fixture_run(f, DURATION_S(10));
	assert_true(learned_by(a, &p, fixture_end_of(b, w)));
	/* No time passes. */
	is_down(a, fixture_end_of(b, w));
	assert_true(learned_by(a, &p, NULL));
	assert_true(ospf_learned(a->ospf, f->now, &route));
	fixture_free(f);
}

static void test_a_neighbour_s_prefixes_are_learned_and_lost_at_once_with_it(void **state)
{
	(void)state;
	two_on_a_link(OSPF_V2);
	two_on_a_link(OSPF_V3);
}

/* The first two are DR and BDR; the others are not adjacent to each other. */
static void four_on_a_network(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *r[4];
	struct prefix p = vip(v, 1);

	for (size_t k = 0; k < 4; k++)
		r[k] = join(f, w, OSPF_BROADCAST, k < 2);
	announce(r[3], &p);
	fixture_run(f, DURATION_S(120));
	for (size_t k = 0; k < 3; k++)
		assert_true(learned_by(r[k], &p, fixture_end_of(r[3], w)));
	/* The DR still says that it is there. */
	is_down(r[2], fixture_end_of(r[3], w));
	assert_true(learned_by(r[2], &p, NULL));
	assert_true(learned_by(r[1], &p, fixture_end_of(r[3], w)));
	fixture_free(f);
}

static void test_on_a_network_it_goes_to_the_router_itself(void **state)
{
	(void)state;
	four_on_a_network(OSPF_V2);
	four_on_a_network(OSPF_V3);
}

static void rivals(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *a = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct fixture_router *b = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct prefix p = vip(v, 1);
	struct route_heard heard;

	announce(a, &p);
	fixture_run(f, DURATION_S(20));
	assert_false(ospf_rival(a->ospf, &p, &heard));
	announce(b, &p);
	fixture_run(f, DURATION_S(20));
	assert_int_equal(a->events[SPEAKER_EVENT_RIVAL], 1);
	assert_int_equal(a->events[SPEAKER_EVENT_RIVAL_SURE], 1);
	assert_int_equal(b->events[SPEAKER_EVENT_RIVAL], 1);
	assert_true(ospf_rival(a->ospf, &p, &heard));
	assert_int_equal(address_ipv4_number(&heard.neighbor), b->number);
	assert_true(heard.sure);
	assert_true(learned_by(a, &p, NULL));
	assert_int_equal(ospf_withdraw(b->ospf, f->now, &p), 0);
	fixture_drain(b);
	fixture_run(f, DURATION_S(20));
	assert_int_equal(a->events[SPEAKER_EVENT_RIVAL_GONE], 1);
	assert_false(ospf_rival(a->ospf, &p, &heard));
	/* What is not its own any more it may learn. */
	assert_true(learned_by(b, &p, fixture_end_of(a, w)));
	fixture_free(f);
}

/* The routers change over one after the other: who leaves first waits until they have. */
static void moves(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *a = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct fixture_router *b = join(f, w, OSPF_POINT_TO_POINT, 0);
	struct prefix p = vip(v, 1);
	struct route_heard heard;

	announce(a, &p);
	fixture_run(f, DURATION_S(20));
	announce(b, &p);
	fixture_run(f, DURATION_MS(100));
	assert_int_equal(ospf_withdraw(a->ospf, f->now, &p), 0);
	fixture_drain(a);
	fixture_run(f, DURATION_MS(1200));
	assert_true(ospf_is_leaving(a->ospf, &p));
	assert_true(ospf_rival(b->ospf, &p, &heard));
	fixture_run(f, DURATION_MS(400));
	assert_false(ospf_rival(b->ospf, &p, &heard));
	fixture_run(f, DURATION_S(10));
	assert_int_equal(a->events[SPEAKER_EVENT_WITHDRAWN], 1);
	assert_true(learned_by(a, &p, fixture_end_of(b, w)));
	/* Back, and there is no time: it is wanted again before it was ever gone. */
	announce(a, &p);
	fixture_run(f, DURATION_MS(100));
	assert_int_equal(ospf_withdraw(b->ospf, f->now, &p), 0);
	fixture_drain(b);
	announce(b, &p);
	fixture_run(f, DURATION_S(10));
	assert_true(ospf_rival(a->ospf, &p, &heard));
	/* All have long known that there are two. */
	assert_int_equal(ospf_withdraw(b->ospf, f->now, &p), 0);
	fixture_drain(b);
	fixture_run(f, DURATION_MS(100));
	assert_false(ospf_rival(a->ospf, &p, &heard));
	fixture_free(f);
}

static void test_who_is_taken_over_leaves_when_the_routers_have_had_their_time(void **state)
{
	(void)state;
	moves(OSPF_V2);
	moves(OSPF_V3);
}

static void test_two_that_announce_the_same_are_rivals_until_one_withdraws(void **state)
{
	(void)state;
	rivals(OSPF_V2);
	rivals(OSPF_V3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_neighbour_s_prefixes_are_learned_and_lost_at_once_with_it),
		cmocka_unit_test(test_on_a_network_it_goes_to_the_router_itself),
		cmocka_unit_test(test_two_that_announce_the_same_are_rivals_until_one_withdraws),
		cmocka_unit_test(
			test_who_is_taken_over_leaves_when_the_routers_have_had_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
