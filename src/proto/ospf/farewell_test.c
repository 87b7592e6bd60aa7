/* SPDX-License-Identifier: Apache-2.0 */
/* What is said for us when we are dead, by somebody who has nothing but bytes. */
#include "proto/ospf/segment_test.h"

static void begin(struct segment *s, enum ospf_version v)
{
	segment_init(s, v);
	segment_begin(s);
	segment_calm(s);
	segment_announce(s, 1, 0);
	segment_run(s, DURATION_S(20));
}

static size_t farewells(const struct segment *s, struct farewell f[4])
{
	size_t n = 0;

	for (size_t at = 0; n < 4 && ospf_farewell_next(s->us, INTERFACE, &at, &f[n]);)
		n++;
	return n;
}

static void the_router_lets_go_of_us_at_once(void **state)
{
	struct segment s;
	struct farewell f[4];
	struct ospf_lsa_row row;
	struct ospf_neighbor_row n;
	struct lsa_key k;
	size_t at = 0;

	begin(&s, *(const enum ospf_version *)*state);
	k = segment_key(&s, LSA_ROUTER, s.version == OSPF_V2 ? US : 0);
	assert_int_equal(farewells(&s, f), 2);
	s.quiet = s.deaf = true;
	for (size_t m = 0; m < 2; m++) {
		struct address source = segment_address(&s, s.us), group;

		group = ospf_group(s.version, false);
		assert_int_equal(f[m].interface, INTERFACE);
		assert_int_equal(f[m].n_entry, 0);
		assert_int_equal(f[m].n_destinations, 1);
		assert_true(address_equal(&f[m].source, &source));
		assert_true(address_equal(&f[m].destinations[0], &group));
		segment_hand(&s, s.router, f[m].head, f[m].n_head);
		if (m == 0)
			assert_false(segment_lsa(&s, s.router, k, &row));
	}
	assert_false(ospf_neighbor_row(s.router, s.now, &at, &n) && n.state > OSPF_NEIGHBOR_INIT);
	segment_done(&s);
}

static void the_words_stay_the_same_over_many_changes(void **state)
{
	struct segment s;
	struct farewell before[4], after[4];

	begin(&s, *(const enum ospf_version *)*state);
	assert_int_equal(farewells(&s, before), 2);
	for (uint32_t k = 0; k < 300; k++) {
		segment_announce(&s, 1, 1 + k % 2);
		segment_run(&s, DURATION_S(6));
	}
	assert_int_equal(farewells(&s, after), 2);
	for (size_t k = 0; k < 2; k++) {
		assert_int_equal(before[k].n_head, after[k].n_head);
		assert_memory_equal(before[k].head, after[k].head, after[k].n_head);
	}
	segment_done(&s);
}

static void a_later_life_goes_on_behind_them(void **state)
{
	struct segment s;
	struct farewell f[4];
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	p = segment_vip(&s, 1);
	assert_int_equal(farewells(&s, f), 2);
	ospf_free(s.us);
	s.n_parcels = 0;
	s.us = segment_speaker(&s, US);
	segment_hand(&s, s.router, f[0].head, f[0].n_head);
	segment_hand(&s, s.router, f[1].head, f[1].n_head);
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(120));
	assert_true(segment_is_full(&s));
	assert_true(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

static void who_does_not_speak_says_no_good_bye(void **state)
{
	struct segment s;
	struct farewell f[4];
	struct address a;
	struct speaker_link down;

	begin(&s, *(const enum ospf_version *)*state);
	a = segment_address(&s, s.us);
	down = speaker_link_make(INTERFACE, false, &a, s.version == OSPF_V2 ? 24 : 64);
	ospf_link(s.us, s.now, &down, 0);
	assert_int_equal(farewells(&s, f), 0);
	segment_done(&s);
}

int main(void)
{
	static enum ospf_version v2 = OSPF_V2, v3 = OSPF_V3;
	/* clang-format off */
#define BOTH(test) { #test " (v2)", test, NULL, NULL, &v2 }, { #test " (v3)", test, NULL, NULL, &v3 }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		BOTH(the_router_lets_go_of_us_at_once),
		BOTH(the_words_stay_the_same_over_many_changes),
		BOTH(a_later_life_goes_on_behind_them),
		BOTH(who_does_not_speak_says_no_good_bye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
