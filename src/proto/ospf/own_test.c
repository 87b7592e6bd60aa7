/* SPDX-License-Identifier: Apache-2.0 */
/* When our own LSAs leave: RFC 2328 12.4, 12.1.6, 13.4, 14.1. */
#include "proto/ospf/segment_test.h"

static void begin(struct segment *s, enum ospf_version v)
{
	segment_init(s, v);
	segment_begin(s);
	segment_calm(s);
}

static void the_first_change_after_a_quiet_time_leaves_at_once(void **state)
{
	struct segment s;
	struct instant at = { 0 }, told;

	(void)state;
	begin(&s, OSPF_V2);
	told = s.now;
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_MS(10));
	assert_int_equal(segment_said(&s, LSA_ROUTER, &at), 1);
	assert_int_equal(at.ns, told.ns);
	assert_true(segment_knows(&s, &(struct prefix){ segment_vip(&s, 1).address, 32 }, NULL));
	segment_done(&s);
}

static void the_second_leaves_as_soon_as_receivers_take_it(void **state)
{
	struct segment s;
	struct instant first = { 0 }, second = { 0 };

	(void)state;
	begin(&s, OSPF_V2);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_MS(10));
	(void)segment_said(&s, LSA_ROUTER, &first);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(4));
	assert_int_equal(segment_said(&s, LSA_ROUTER, &second), 2);
	assert_in_range(duration_ms(instant_since(second, first)), 1001, 1200);
	assert_int_equal(segment_early(&s), 0);
	segment_done(&s);
}

static void stubborn_repetition_waits_for_min_ls_interval(void **state)
{
	struct segment s;
	size_t n;

	(void)state;
	begin(&s, OSPF_V2);
	for (uint32_t k = 0; k < 600; k++) {
		segment_announce(&s, 1, 1 + k % 2);
		segment_run(&s, DURATION_MS(97));
	}
	n = segment_said(&s, LSA_ROUTER, NULL);
	/* 58 s: the burst, and one in each interval. */
	assert_in_range(n, 10, 5 + 12 + 1);
	assert_int_equal(segment_early(&s), 0);
	/* And it is given back. */
	segment_run(&s, DURATION_S(60));
	s.n_said = 0;
	for (uint32_t k = 0; k < 3; k++) {
		segment_announce(&s, 10 + k, 0);
		segment_run(&s, DURATION_MS(1150));
	}
	assert_int_equal(segment_said(&s, LSA_ROUTER, NULL), 3);
	segment_done(&s);
}

static void what_changes_at_once_is_one_instance(void **state)
{
	struct segment s;

	(void)state;
	begin(&s, OSPF_V2);
	for (uint32_t k = 0; k < 50; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(segment_said(&s, LSA_ROUTER, NULL), 1);
	for (uint32_t k = 0; k < 50; k++)
		assert_true(segment_knows(&s, &(struct prefix){ segment_vip(&s, k).address, 32 },
					  NULL));
	assert_int_equal(s.events[SPEAKER_EVENT_ANNOUNCED], 50);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 50);
	segment_done(&s);
}

static void what_is_as_it_was_is_not_sent(void **state)
{
	struct segment s;

	(void)state;
	begin(&s, OSPF_V2);
	segment_announce(&s, 1, 20);
	segment_run(&s, DURATION_MS(10));
	s.n_said = 0;
	segment_announce(&s, 1, 30);
	segment_announce(&s, 1, 20);
	segment_run(&s, DURATION_S(20));
	assert_int_equal(s.n_said, 0);
	segment_done(&s);
}

static void ten_thousand_are_not_refreshed_at_once(void **state)
{
	struct segment s;
	size_t most = 0, in_second[400] = { 0 };
	struct instant from;

	(void)state;
	segment_init(&s, OSPF_V2);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	segment_begin(&s);
	segment_calm(&s);
	from = s.now;
	for (uint32_t k = 0; k < 2000; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(1400));
	/* One is said twice, to hear that the neighbour has read what went before. */
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 2001);
	s.n_said = 0;
	segment_run(&s, DURATION_S(401));
	assert_int_equal(segment_said(&s, LSA_EXTERNAL, NULL), 2000);
	for (size_t k = 0; k < s.n_said; k++) {
		int64_t at = instant_since(s.said[k].at, from).ns / DURATION_S(1).ns - 1401;

		if (lsa_kind(s.version, &s.said[k].header.key) == LSA_EXTERNAL && at >= 0 &&
		    at < 400)
			in_second[at]++;
	}
	for (size_t k = 0; k < ARRAY_LENGTH(in_second); k++)
		most = in_second[k] > most ? in_second[k] : most;
	assert_in_range(most, 1, 30);
	segment_done(&s);
}

static struct lsa_header header_at(const struct segment *s, const struct ospf *of, struct lsa_key k)
{
	struct ospf_lsa_row row;

	assert_true(segment_lsa(s, of, k, &row));
	return row.header;
}

/* Gives an LSA to one of them as the other would flood it. */
static void flood(struct segment *s, struct ospf *to, struct lsa_header h,
		  void (*body)(struct segment *s, struct writer *w))
{
	uint8_t bytes[512];
	struct writer w;
	struct ospf_header header = { .type = OSPF_UPDATE, .router = to == s->us ? ROUTER : US };
	size_t start;

	writer_init(&w, bytes, sizeof(bytes));
	ospf_begin(s->version, &w, &header);
	ospf_write_update(&w);
	ospf_update_count(s->version, &w, 1);
	start = lsa_begin(s->version, &w, &h);
	body(s, &w);
	lsa_finish(&w, start);
	ospf_finish(&w);
	assert_true(writer_ok(&w));
	segment_hand(s, to, bytes, w.length);
}

static void router_body(struct segment *s, struct writer *w)
{
	lsa_write_router(s->version, w, &(struct lsa_router){ .options = 0x33 });
}

static void external_body(struct segment *s, struct writer *w)
{
	lsa_write_destination(
		s->version, w, lsa_type(s->version, LSA_EXTERNAL),
		&(struct lsa_destination){ .prefix = segment_vip(s, 77), .metric = 1 });
}

static void a_stranger_that_speaks_for_us_is_answered(void **state)
{
	const enum ospf_version v = *(const enum ospf_version *)*state;
	struct segment s;
	struct lsa_key k;
	struct lsa_header h;

	begin(&s, v);
	k = segment_key(&s, LSA_ROUTER, v == OSPF_V2 ? US : 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	h = header_at(&s, s.us, k);
	/* Newer than ours, and at its end: RFC 2328 13.4. */
	h.sequence += 7;
	h.age = LSA_AGE_MAX;
	s.n_said = 0;
	flood(&s, s.us, h, router_body);
	segment_run(&s, DURATION_MS(1500));
	assert_int_equal(segment_said(&s, LSA_ROUTER, NULL), 1);
	assert_int_equal(header_at(&s, s.us, k).sequence, h.sequence + 1);
	assert_int_equal(header_at(&s, s.router, k).sequence, h.sequence + 1);
	/* Again and again: no faster than MinLSInterval. */
	s.n_said = 0;
	for (unsigned n = 0; n < 600; n++) {
		h.sequence = header_at(&s, s.us, k).sequence + 1;
		flood(&s, s.us, h, router_body);
		segment_run(&s, DURATION_MS(100));
	}
	assert_in_range(segment_said(&s, LSA_ROUTER, NULL), 8, 5 + 12 + 1);
	assert_true(s.events[SPEAKER_EVENT_NOTE] > 0);
	segment_done(&s);
}

/* We die without a word, and begin again. */
static void die(struct segment *s)
{
	ospf_free(s->us);
	for (size_t k = 0; k < s->n_parcels; k++)
		if (s->parcels[k].to == s->us)
			s->parcels[k].to = NULL;
	s->us = segment_speaker(s, US);
	segment_up(s, s->us, INTERFACE);
}

static void what_an_earlier_life_has_left_is_flushed(void **state)
{
	const enum ospf_version v = *(const enum ospf_version *)*state;
	struct segment s;
	struct ospf_lsa_row row;
	struct lsa_header h = { 0 };

	begin(&s, v);
	h.key = segment_key(&s, LSA_EXTERNAL, 0x0a09004d);
	h.sequence = LSA_SEQUENCE_INITIAL + 40;
	h.options = OSPF_V2_E;
	flood(&s, s.router, h, external_body);
	assert_true(segment_lsa(&s, s.router, h.key, &row));
	die(&s);
	segment_run(&s, DURATION_S(120));
	assert_true(segment_is_full(&s));
	assert_false(segment_lsa(&s, s.router, h.key, &row));
	assert_false(segment_lsa(&s, s.us, h.key, &row));
	segment_done(&s);
}

/* Whoever waits for it to be acknowledged waits for the one that has come in its place. */
static void one_that_goes_and_comes_back_newer_is_gone_in_the_end(void **state)
{
	const enum ospf_version v = *(const enum ospf_version *)*state;
	struct segment s;
	struct ospf_lsa_row row;
	struct lsa_header h = { 0 };
	struct prefix p;
	size_t at = 0;

	segment_init(&s, v);
	s.settings.vips = OSPF_VIPS_EXTERNAL;
	segment_begin(&s);
	segment_calm(&s);
	segment_announce(&s, 77, 0);
	segment_run(&s, DURATION_S(20));
	do
		assert_true(ospf_lsa_row(s.us, s.now, &at, &row));
	while (lsa_kind(v, &row.header.key) != LSA_EXTERNAL);
	h.key = row.header.key;
	h.options = OSPF_V2_E;
	h.sequence = row.header.sequence + 1;
	h.age = LSA_AGE_MAX;
	s.withheld = true;
	p = segment_vip(&s, 77);
	assert_int_equal(ospf_withdraw(s.us, s.now, &p), 0);
	segment_run(&s, DURATION_S(2));
	flood(&s, s.us, h, external_body);
	segment_run(&s, DURATION_S(2));
	s.withheld = false;
	segment_run(&s, DURATION_S(60));
	for (at = 0; ospf_lsa_row(s.us, s.now, &at, &row);)
		assert_false(lsa_key_equal(&row.header.key, &h.key));
	assert_false(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

static void an_earlier_life_is_gone_beyond(void **state)
{
	const enum ospf_version v = *(const enum ospf_version *)*state;
	struct segment s;
	struct lsa_key k;
	int32_t before;
	struct prefix left, kept;

	begin(&s, v);
	k = segment_key(&s, LSA_ROUTER, v == OSPF_V2 ? US : 0);
	segment_announce(&s, 1, 0);
	segment_announce(&s, 2, 0);
	for (uint32_t n = 0; n < 4; n++) {
		segment_run(&s, DURATION_S(10));
		segment_announce(&s, 1, 50 + n);
	}
	segment_run(&s, DURATION_S(10));
	before = header_at(&s, s.router, k).sequence;
	die(&s);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(120));
	assert_true(segment_is_full(&s));
	left = segment_vip(&s, 1);
	kept = segment_vip(&s, 2);
	assert_true(header_at(&s, s.router, k).sequence > before || v == OSPF_V3);
	assert_false(segment_knows(&s, &left, NULL));
	assert_true(segment_knows(&s, &kept, NULL));
	segment_done(&s);
}

static void sequence_numbers_begin_again_after_the_last(void **state)
{
	const enum ospf_version v = *(const enum ospf_version *)*state;
	struct segment s;
	struct lsa_key k;
	struct lsa_header h;
	struct prefix p;

	begin(&s, v);
	k = segment_key(&s, LSA_ROUTER, v == OSPF_V2 ? US : 0);
	p = segment_vip(&s, 1);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	h = header_at(&s, s.us, k);
	h.sequence = LSA_SEQUENCE_MAX - 1;
	flood(&s, s.us, h, router_body);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(header_at(&s, s.router, k).sequence, LSA_SEQUENCE_MAX);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(30));
	if (v == OSPF_V3)
		/* The prefixes stand elsewhere. */
		flood(&s, s.us, (struct lsa_header){ .key = k, .sequence = LSA_SEQUENCE_MAX },
		      router_body);
	segment_run(&s, DURATION_S(30));
	assert_in_range(header_at(&s, s.router, k).sequence - LSA_SEQUENCE_INITIAL, 0, 3);
	assert_true(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

static void nothing_is_said_without_a_router_id(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;
	size_t at = 0;

	(void)state;
	segment_init(&s, OSPF_V2);
	s.us = segment_speaker(&s, 0);
	s.router = segment_speaker(&s, ROUTER);
	segment_up(&s, s.us, INTERFACE);
	segment_up(&s, s.router, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_int_equal(s.n_said, 0);
	assert_false(ospf_lsa_row(s.us, s.now, &at, &row));
	ospf_router_id(s.us, s.now, US);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	assert_true(segment_knows(&s, &(struct prefix){ segment_vip(&s, 1).address, 32 }, NULL));
	segment_done(&s);
}

static void what_we_had_with_another_router_id_is_forgotten(void **state)
{
	struct segment s;
	struct lsa_key k;
	struct ospf_lsa_row row;

	(void)state;
	segment_init(&s, OSPF_V2);
	s.us = segment_speaker(&s, 0);
	s.router = segment_speaker(&s, ROUTER);
	segment_up(&s, s.us, INTERFACE);
	segment_up(&s, s.router, INTERFACE);
	ospf_router_id(s.us, s.now, US);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	ospf_router_id(s.us, s.now, US + 16);
	segment_run(&s, DURATION_S(120));
	k = segment_key(&s, LSA_ROUTER, US + 16);
	k.router = US + 16;
	assert_true(segment_lsa(&s, s.us, k, &row));
	assert_true(segment_lsa(&s, s.router, k, &row));
	assert_int_equal(row.header.length, LSA_HEADER_BYTES + 4 + 2 * 12);
	segment_done(&s);
}

int main(void)
{
	static enum ospf_version v2 = OSPF_V2, v3 = OSPF_V3;
	/* clang-format off */
#define BOTH(test) { #test " (v2)", test, NULL, NULL, &v2 }, { #test " (v3)", test, NULL, NULL, &v3 }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_change_after_a_quiet_time_leaves_at_once),
		cmocka_unit_test(the_second_leaves_as_soon_as_receivers_take_it),
		cmocka_unit_test(stubborn_repetition_waits_for_min_ls_interval),
		cmocka_unit_test(what_changes_at_once_is_one_instance),
		cmocka_unit_test(what_is_as_it_was_is_not_sent),
		cmocka_unit_test(ten_thousand_are_not_refreshed_at_once),
		cmocka_unit_test(nothing_is_said_without_a_router_id),
		cmocka_unit_test(what_we_had_with_another_router_id_is_forgotten),
		BOTH(a_stranger_that_speaks_for_us_is_answered),
		BOTH(what_an_earlier_life_has_left_is_flushed),
		BOTH(one_that_goes_and_comes_back_newer_is_gone_in_the_end),
		BOTH(an_earlier_life_is_gone_beyond),
		BOTH(sequence_numbers_begin_again_after_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
