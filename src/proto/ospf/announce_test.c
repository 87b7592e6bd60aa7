/* SPDX-License-Identifier: Apache-2.0 */
/* Our prefixes come and go, and who knows it. */
#include "base/random.h"
#include "proto/ospf/segment_test.h"

static void begin(struct segment *s, enum ospf_version v)
{
	segment_init(s, v);
	segment_begin(s);
	segment_calm(s);
}

static struct address router_address(const struct segment *s)
{
	return segment_address(s, s->router);
}

static enum proof proof(const struct segment *s, uint32_t number)
{
	struct prefix p = segment_vip(s, number);
	struct address a = router_address(s);

	return ospf_proof(s->us, &p, INTERFACE, &a);
}

static unsigned accepted(const struct segment *s, uint32_t number, bool *ret_told)
{
	struct prefix p = segment_vip(s, number);
	unsigned n;

	*ret_told = ospf_is_told(s->us, &p, &n);
	return n;
}

/* How many of our prefixes the router's row says that it has. */
static uint32_t accepted_in_all(const struct segment *s)
{
	struct neighbor row;
	size_t at = 0;

	assert_true(ospf_neighbor_next_of(s->us, s->now, &at, &row));
	return row.accepted;
}

static void a_prefix_is_accepted_when_it_is_acknowledged(void **state)
{
	struct segment s;
	bool told;

	begin(&s, *(const enum ospf_version *)*state);
	s.deaf = true;
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_MS(2));
	assert_int_equal(s.events[SPEAKER_EVENT_ANNOUNCED], 1);
	assert_int_equal(accepted(&s, 1, &told), 0);
	assert_true(told);
	assert_int_equal(proof(&s, 1), PROOF_NONE);
	segment_run(&s, DURATION_S(3));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 0);
	assert_int_equal(accepted_in_all(&s), 0);
	/* It is said again, and now the acknowledgment comes. */
	s.deaf = false;
	segment_run(&s, DURATION_S(6));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	assert_int_equal(accepted(&s, 1, &told), 1);
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	assert_int_equal(proof(&s, 2), PROOF_NONE);
	assert_int_equal(accepted_in_all(&s), 1);
	segment_done(&s);
}

static void another_change_takes_nothing_from_what_is_accepted(void **state)
{
	struct segment s;
	bool told;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	s.deaf = true;
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(3));
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	assert_int_equal(proof(&s, 2), PROOF_NONE);
	/* Nor does a third one give it to the second. */
	segment_announce(&s, 3, 0);
	segment_run(&s, DURATION_S(1));
	assert_int_equal(accepted(&s, 2, &told), 0);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	s.deaf = false;
	segment_run(&s, DURATION_S(10));
	assert_int_equal(proof(&s, 2), PROOF_ACCEPTED);
	assert_int_equal(proof(&s, 3), PROOF_ACCEPTED);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 3);
	segment_done(&s);
}

static void a_prefix_is_withdrawn_when_all_know_it(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	p = segment_vip(&s, 1);
	segment_announce(&s, 1, 0);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(10));
	s.deaf = true;
	segment_withdraw(&s, 1);
	assert_true(ospf_is_leaving(s.us, &p));
	assert_int_equal(ospf_withdraw(s.us, s.now, &p), -2);
	segment_run(&s, DURATION_S(3));
	assert_false(segment_knows(&s, &p, NULL));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	s.deaf = false;
	segment_run(&s, DURATION_S(10));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 1);
	assert_false(ospf_is_leaving(s.us, &p));
	segment_done(&s);
}

/* Routers know it at once, and act on it a moment later: so long the address stays. */
static void what_is_withdrawn_lingers_for_a_moment(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	p = segment_vip(&s, 1);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_MS(1200));
	assert_false(segment_knows(&s, &p, NULL));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	/* It is wanted again meanwhile. */
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	assert_true(segment_knows(&s, &p, NULL));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(2));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 1);
	assert_false(ospf_is_leaving(s.us, &p));
	segment_done(&s);
}

static void who_does_not_answer_is_not_waited_for_for_ever(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 1, 0);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(10));
	s.deaf = true;
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(23));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 1);
	segment_done(&s);
}

static void without_neighbours_nobody_is_waited_for(void **state)
{
	struct segment s;
	bool told;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.us = segment_speaker(&s, US);
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(1));
	assert_int_equal(accepted(&s, 1, &told), 0);
	assert_true(told);
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_S(2));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 1);
	segment_done(&s);
}

static void what_comes_back_is_not_withdrawn(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	p = segment_vip(&s, 1);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	segment_withdraw(&s, 1);
	segment_run(&s, DURATION_MS(1));
	segment_announce(&s, 1, 30);
	segment_run(&s, DURATION_S(30));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	assert_true(segment_knows(&s, &p, NULL));
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	segment_done(&s);
}

static void a_neighbour_that_comes_accepts_all_and_one_that_goes_none(void **state)
{
	struct segment s;
	bool told;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.us = segment_speaker(&s, US);
	segment_up(&s, s.us, INTERFACE);
	for (uint32_t k = 0; k < 20; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(30));
	s.router = segment_speaker(&s, ROUTER);
	segment_up(&s, s.router, INTERFACE);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 20);
	assert_int_equal(accepted(&s, 7, &told), 1);
	s.deaf = s.quiet = true;
	segment_run(&s, DURATION_S(60));
	assert_int_equal(s.events[SPEAKER_EVENT_UNACCEPTED], 1);
	assert_int_equal(accepted(&s, 7, &told), 0);
	segment_done(&s);
}

static void one_that_is_still_loading_has_accepted_nothing(void **state)
{
	struct segment s;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.us = segment_speaker(&s, US);
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(30));
	s.router = segment_speaker(&s, ROUTER);
	segment_up(&s, s.router, INTERFACE);
	/* It is full for us, and still waits for what it has asked for. */
	s.withheld = true;
	segment_run(&s, DURATION_S(30));
	assert_true(segment_is_full(&s));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 0);
	assert_int_equal(proof(&s, 1), PROOF_NONE);
	s.withheld = false;
	segment_run(&s, DURATION_S(20));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	segment_done(&s);
}

static void on_a_network_the_dr_says_who_has_it(void **state)
{
	/* Ours and the router's: who leads it. */
	static const uint8_t priorities[][2] = { { 0, 1 }, { 1, 0 }, { 1, 2 }, { 2, 1 } };

	for (size_t k = 0; k < ARRAY_LENGTH(priorities); k++) {
		struct segment s;

		segment_init(&s, *(const enum ospf_version *)*state);
		s.link.is.network = OSPF_BROADCAST;
		s.us = segment_speaker(&s, US);
		s.router = segment_speaker(&s, ROUTER);
		s.link.is.priority = priorities[k][0];
		segment_up(&s, s.us, INTERFACE);
		s.link.is.priority = priorities[k][1];
		segment_up(&s, s.router, INTERFACE);
		segment_announce(&s, 1, 0);
		segment_run(&s, DURATION_S(120));
		assert_true(segment_is_full(&s));
		assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
		segment_announce(&s, 2, 0);
		segment_run(&s, DURATION_S(2));
		assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 2);
		assert_int_equal(proof(&s, 2), PROOF_ACCEPTED);
		segment_done(&s);
	}
}

static void a_prefix_of_the_other_family_is_refused(void **state)
{
	struct segment s, other;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	other.version = s.version == OSPF_V2 ? OSPF_V3 : OSPF_V2;
	p = segment_vip(&other, 1);
	assert_int_equal(ospf_announce(s.us, s.now, &p, 0), -97);
	assert_int_equal(ospf_withdraw(s.us, s.now, &p), -2);
	segment_done(&s);
}

/* At every moment the router has all that it had. */
#define WATCHED 90
static void watch_no_gap(struct segment *s)
{
	for (uint32_t k = 0; k < WATCHED; k += 13) {
		struct prefix p = segment_vip(s, k);

		assert_true(segment_knows(s, &p, NULL));
	}
}

static size_t router_length(const struct segment *s)
{
	struct ospf_lsa_row row;

	assert_true(segment_lsa(s, s->router, segment_key(s, LSA_ROUTER, US), &row));
	return row.header.length;
}

static void too_many_for_a_packet_become_externals_without_a_gap(void **state)
{
	struct segment s;

	(void)state;
	begin(&s, OSPF_V2);
	for (uint32_t k = 0; k < WATCHED; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 0);
	s.watch = watch_no_gap;
	for (uint32_t k = WATCHED; k < 300; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(20));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 300);
	assert_true(router_length(&s) < LSA_HEADER_BYTES + 4 + 2 * 12);
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	/* And back. */
	for (uint32_t k = WATCHED; k < 300; k++)
		segment_withdraw(&s, k);
	segment_run(&s, DURATION_S(1));
	for (uint32_t k = 0; k < WATCHED; k++)
		if (k % 13 != 0 && k > 30)
			segment_withdraw(&s, k);
	segment_run(&s, DURATION_S(40));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 210 + 55);
	assert_true(router_length(&s) > LSA_HEADER_BYTES + 4 + 30 * 12);
	segment_done(&s);
}

static void settings_change_over_without_a_gap(void **state)
{
	struct segment s;
	struct ospf_settings settings;

	begin(&s, *(const enum ospf_version *)*state);
	for (uint32_t k = 0; k < WATCHED; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(10));
	s.watch = watch_no_gap;
	settings = s.settings;
	settings.router_id = US;
	settings.vips = OSPF_VIPS_EXTERNAL;
	ospf_configure(s.us, s.now, &settings);
	segment_run(&s, DURATION_S(30));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), WATCHED);
	settings.vips = OSPF_VIPS_STUB;
	ospf_configure(s.us, s.now, &settings);
	s.n_said = 0;
	segment_run(&s, DURATION_S(30));
	/* Each is flushed once. */
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), WATCHED);
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], 0);
	segment_done(&s);
}

#define MANY 10000u
static void ten_thousand_are_told_accepted_and_withdrawn_once_each(void **state)
{
	struct segment s;
	struct instant from;

	begin(&s, *(const enum ospf_version *)*state);
	from = s.now;
	for (uint32_t k = 0; k < MANY; k++)
		segment_announce(&s, k, 0);
	while (s.events[SPEAKER_EVENT_ACCEPTED] < MANY &&
	       instant_since(s.now, from).ns < DURATION_S(20).ns)
		segment_run(&s, DURATION_MS(10));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], MANY);
	assert_int_equal(s.events[SPEAKER_EVENT_ANNOUNCED], MANY);
	assert_in_range(duration_ms(instant_since(s.now, from)), 0, 3000);
	for (uint32_t k = 0; k < MANY; k++)
		segment_withdraw(&s, k);
	segment_run(&s, DURATION_S(20));
	assert_int_equal(s.events[SPEAKER_EVENT_WITHDRAWN], MANY);
	segment_done(&s);
}

/* Whatever is done, and whatever gets lost: in the end the router has what we announce. */
#define VIPS 150u
struct play {
	struct segment s;
	struct random random;
	bool bound[VIPS];
	uint32_t metric[VIPS];
};

static void play_change(struct play *g, uint32_t k)
{
	if (g->bound[k] && random_below(&g->random, 3) > 0) {
		g->bound[k] = false;
		segment_withdraw(&g->s, k);
		return;
	}
	g->bound[k] = true;
	g->metric[k] = 1 + (uint32_t)random_below(&g->random, 50);
	segment_announce(&g->s, k, g->metric[k]);
}

static void play_step(struct play *g)
{
	struct ospf_settings settings = g->s.settings;
	uint32_t n;

	switch (random_below(&g->random, 12)) {
	case 0:
		g->s.deaf = random_below(&g->random, 2);
		break;
	case 1:
		g->s.quiet = random_below(&g->random, 2);
		break;
	case 2:
		settings.router_id = US;
		settings.vips = (uint8_t)random_below(&g->random, 4);
		ospf_configure(g->s.us, g->s.now, &settings);
		break;
	case 3:
		n = (uint32_t)random_below(&g->random, VIPS);
		ospf_reserve(g->s.us, n);
		for (uint32_t k = 0; k < n; k++)
			play_change(g, (uint32_t)random_below(&g->random, VIPS));
		break;
	case 4:
		if (random_below(&g->random, 4) == 0)
			ospf_interface_remove(g->s.us, g->s.now, INTERFACE);
		else
			segment_up(&g->s, g->s.us, INTERFACE);
		break;
	default:
		play_change(g, (uint32_t)random_below(&g->random, VIPS));
	}
}

static void in_the_end_the_router_has_what_we_announce(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct play g = { 0 };

		random_init(&g.random, seed);
		begin(&g.s, *(const enum ospf_version *)*state);
		for (unsigned n = 0; n < 200; n++) {
			play_step(&g);
			segment_run(&g.s, random_between(&g.random, DURATION_MS(0),
							 random_below(&g.random, 4) == 0
								 ? DURATION_S(20)
								 : DURATION_MS(500)));
		}
		g.s.deaf = g.s.quiet = false;
		segment_run(&g.s, DURATION_S(60));
		segment_up(&g.s, g.s.us, INTERFACE);
		segment_run(&g.s, DURATION_S(180));
		assert_true(segment_is_full(&g.s));
		for (uint32_t k = 0; k < VIPS; k++) {
			struct prefix p = segment_vip(&g.s, k);
			uint32_t metric;
			bool told;

			assert_int_equal(segment_knows(&g.s, &p, &metric), g.bound[k]);
			assert_int_equal(proof(&g.s, k), g.bound[k] ? PROOF_ACCEPTED : PROOF_NONE);
			assert_int_equal(accepted(&g.s, k, &told), g.bound[k]);
			assert_true(told);
			assert_false(ospf_is_leaving(g.s.us, &p));
			if (g.bound[k])
				assert_int_equal(metric, g.metric[k]);
		}
		segment_done(&g.s);
	}
}

/* In another kind of area nobody tells us any more what becomes of LSAs of the AS. */
static void an_area_of_another_kind_keeps_nothing_of_the_as(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	struct prefix p;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.link.is.area = 1;
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	segment_begin(&s);
	p = segment_vip(&s, 1);
	assert_int_equal(ospf_announce(s.router, s.now, &p, 0), 0);
	segment_announce(&s, 2, 0);
	segment_calm(&s);
	s.link.is.area_kind = OSPF_AREA_NSSA;
	assert_int_equal(ospf_interface_set(s.us, s.now, INTERFACE, &s.link), 0);
	segment_run(&s, DURATION_S(5));
	for (size_t at = 0; ospf_lsa_row(s.us, s.now, &at, &row);)
		assert_int_not_equal(row.scope, LSA_SCOPE_AS);
	assert_int_equal(ospf_interface_set(s.router, s.now, INTERFACE, &s.link), 0);
	segment_calm(&s);
	p = segment_vip(&s, 2);
	assert_true(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

/* RFC 2328 C.1: nothing with the old one is left in the databases of others. */
static void another_router_id_leaves_nothing_of_the_old_one(void **state)
{
	struct segment s;
	struct ospf_settings settings;
	struct ospf_lsa_row row;
	unsigned found = 0;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	settings = s.settings;
	settings.vips = OSPF_VIPS_EXTERNAL;
	settings.router_id = US + 77;
	ospf_configure(s.us, s.now, &settings);
	segment_run(&s, DURATION_S(2));
	for (size_t at = 0; ospf_lsa_row(s.router, s.now, &at, &row);) {
		assert_false(row.header.key.router == US && row.header.age < LSA_AGE_MAX);
		found += row.header.key.router == US + 77;
	}
	assert_true(found > 0);
	segment_run(&s, DURATION_S(30));
	assert_true(segment_is_full(&s));
	assert_int_equal(ospf_router(s.us), US + 77);
	assert_int_equal(proof(&s, 1), PROOF_ACCEPTED);
	segment_done(&s);
}

int main(void)
{
	static enum ospf_version v2 = OSPF_V2, v3 = OSPF_V3;
	/* clang-format off */
#define BOTH(test) { #test " (v2)", test, NULL, NULL, &v2 }, { #test " (v3)", test, NULL, NULL, &v3 }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		BOTH(a_prefix_is_accepted_when_it_is_acknowledged),
		BOTH(another_change_takes_nothing_from_what_is_accepted),
		BOTH(a_prefix_is_withdrawn_when_all_know_it),
		BOTH(what_is_withdrawn_lingers_for_a_moment),
		BOTH(who_does_not_answer_is_not_waited_for_for_ever),
		BOTH(without_neighbours_nobody_is_waited_for),
		BOTH(what_comes_back_is_not_withdrawn),
		BOTH(a_neighbour_that_comes_accepts_all_and_one_that_goes_none),
		BOTH(one_that_is_still_loading_has_accepted_nothing),
		BOTH(on_a_network_the_dr_says_who_has_it),
		BOTH(a_prefix_of_the_other_family_is_refused),
		BOTH(settings_change_over_without_a_gap),
		BOTH(an_area_of_another_kind_keeps_nothing_of_the_as),
		BOTH(another_router_id_leaves_nothing_of_the_old_one),
		BOTH(in_the_end_the_router_has_what_we_announce),
		cmocka_unit_test(too_many_for_a_packet_become_externals_without_a_gap),
		BOTH(ten_thousand_are_told_accepted_and_withdrawn_once_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
