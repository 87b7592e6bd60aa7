/* SPDX-License-Identifier: Apache-2.0 */
/* Graceful restart: RFC 3623, RFC 5187. */
#include "proto/ospf/segment_test.h"

#define GRACE_S 120

static void begin(struct segment *s, enum ospf_version v)
{
	segment_init(s, v);
	segment_begin(s);
	segment_calm(s);
	segment_announce(s, 1, 0);
	segment_run(s, DURATION_S(20));
}

/* The router says that it restarts, or (at its age's end) that it has. */
static void grace(struct segment *s, uint16_t age, int32_t sequence)
{
	uint8_t bytes[256];
	struct writer w;
	struct ospf_header header = { .type = OSPF_UPDATE, .router = ROUTER };
	struct lsa_header h = { .age = age, .sequence = LSA_SEQUENCE_INITIAL + sequence };
	struct lsa_grace g = { .period_s = GRACE_S,
			       .reason = 1,
			       .interface = segment_address(s, s->router) };
	size_t start;

	h.key = s->version == OSPF_V2 ? (struct lsa_key){ LSA_V2_OPAQUE_LINK, 0x03000000, ROUTER }
				      : (struct lsa_key){ LSA_V3_GRACE, INTERFACE, ROUTER };
	writer_init(&w, bytes, sizeof(bytes));
	ospf_begin(s->version, &w, &header);
	ospf_write_update(&w);
	ospf_update_count(s->version, &w, 1);
	start = lsa_begin(s->version, &w, &h);
	lsa_write_grace(s->version, &w, &g);
	lsa_finish(&w, start);
	ospf_finish(&w);
	assert_true(writer_ok(&w));
	segment_hand(s, s->us, bytes, w.length);
}

static bool is_helped(const struct segment *s)
{
	struct ospf_neighbor_row r;
	size_t at = 0;

	return ospf_neighbor_row(s->us, s->now, &at, &r) && r.helping;
}

/* Whether our router-LSA has the link to it. */
static bool is_linked(const struct segment *s)
{
	struct ospf_lsa_row row;
	struct lsa_router r;
	struct lsa_walk walk;
	struct lsa_link l;

	if (!segment_lsa(s, s->us, segment_key(s, LSA_ROUTER, s->version == OSPF_V2 ? US : 0),
			 &row))
		return false;
	walk = lsa_router_walk(s->version, row.bytes, row.header.length, &r);
	while (lsa_link_next(&walk, &l))
		if (l.type == LSA_LINK_POINT_TO_POINT)
			return true;
	return false;
}

static void a_neighbour_that_restarts_stays_full_for_its_grace_period(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	grace(&s, 1, 0);
	assert_true(is_helped(&s));
	s.deaf = true;
	segment_run(&s, DURATION_S(GRACE_S - 5));
	assert_true(is_linked(&s));
	segment_run(&s, DURATION_S(15));
	assert_false(is_helped(&s));
	assert_false(is_linked(&s));
	segment_done(&s);
}

static void helping_ends_when_it_has_restarted(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	grace(&s, 1, 0);
	segment_run(&s, DURATION_S(10));
	assert_true(is_helped(&s));
	grace(&s, LSA_AGE_MAX, 0);
	assert_false(is_helped(&s));
	segment_run(&s, DURATION_S(10));
	assert_true(is_linked(&s));
	segment_done(&s);
}

static void helping_ends_when_something_changes(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	grace(&s, 1, 0);
	s.deaf = true;
	segment_run(&s, DURATION_S(60));
	assert_true(is_helped(&s));
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(10));
	assert_false(is_helped(&s));
	assert_false(is_linked(&s));
	segment_done(&s);
}

static void who_is_not_to_help_does_not(void **state)
{
	struct segment s;
	struct ospf_settings settings;

	begin(&s, *(const enum ospf_version *)*state);
	settings = s.settings;
	settings.router_id = US;
	settings.helper = false;
	ospf_configure(s.us, s.now, &settings);
	segment_run(&s, DURATION_S(10));
	grace(&s, 1, 0);
	assert_false(is_helped(&s));
	segment_done(&s);
}

static void one_that_misses_something_is_not_helped(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	s.deaf = true;
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(1));
	grace(&s, 1, 0);
	assert_false(is_helped(&s));
	segment_done(&s);
}

/* The router has been full with us at every moment, for all that others know. */
static void watch_full(struct segment *s)
{
	struct ospf_lsa_row row;
	struct lsa_router r;
	struct lsa_walk walk;
	struct lsa_link l;
	bool linked = false;
	struct lsa_key k = segment_key(s, LSA_ROUTER, s->version == OSPF_V2 ? ROUTER : 0);
	struct prefix p = segment_vip(s, 1);

	k.router = ROUTER;
	assert_true(segment_lsa(s, s->router, k, &row));
	walk = lsa_router_walk(s->version, row.bytes, row.header.length, &r);
	while (lsa_link_next(&walk, &l))
		linked |= l.type == LSA_LINK_POINT_TO_POINT && l.neighbor == US;
	assert_true(linked);
	assert_true(segment_knows(s, &p, NULL));
}

static void die(struct segment *s)
{
	ospf_free(s->us);
	s->us = NULL;
	s->n_parcels = 0;
	s->us = segment_speaker(s, US);
}

/* Descriptions of ours that were on their way. */
static size_t described;

static void watch_descriptions(struct segment *s)
{
	for (size_t k = 0; k < s->n_parcels; k++) {
		const struct parcel *p = &s->parcels[k];
		struct ospf_description d;
		struct ospf_header h;
		struct lsa_header lsa;
		struct reader body;

		if (p->to != s->router ||
		    ospf_header_read(s->version, p->bytes, p->length, &h, &body) != PACKET_GOOD ||
		    h.type != OSPF_DESCRIPTION)
			continue;
		assert_true(ospf_description_read(s->version, body, &d));
		described++;
		while (ospf_lsa_header_next(s->version, &d.headers, &lsa))
			assert_int_not_equal(lsa_kind(s->version, &lsa.key), LSA_GRACE);
	}
}

/* FRR's ospf6d would ask for it, drop it, and never have loaded all. */
static void a_grace_lsa_is_not_described(void **state)
{
	struct segment s;

	begin(&s, *(const enum ospf_version *)*state);
	die(&s);
	described = 0;
	s.watch = watch_descriptions;
	ospf_restart(s.us, s.now, DURATION_S(100));
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	assert_true(described > 0);
	segment_done(&s);
}

static void a_crash_and_a_restart_are_not_seen_by_anybody(void **state)
{
	struct segment s;
	struct lsa_key k;
	struct ospf_lsa_row before, after;

	begin(&s, *(const enum ospf_version *)*state);
	k = segment_key(&s, LSA_ROUTER, s.version == OSPF_V2 ? US : 0);
	assert_true(segment_lsa(&s, s.router, k, &before));
	s.watch = watch_full;
	die(&s);
	s.n_said = 0;
	s.now = instant_add(s.now, DURATION_S(1));
	memset(s.events, 0, sizeof(s.events));
	ospf_restart(s.us, s.now, DURATION_S(100));
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	assert_true(segment_lsa(&s, s.router, k, &after));
	assert_int_equal(after.header.sequence, before.header.sequence);
	assert_int_equal(segment_said(&s, LSA_ROUTER, NULL), 0);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	/* Another change leaves as any, and the router helps no more. */
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(200));
	assert_true(segment_is_full(&s));
	segment_done(&s);
}

static void what_was_withdrawn_meanwhile_goes_after_the_restart(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, *(const enum ospf_version *)*state);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(20));
	p = segment_vip(&s, 2);
	assert_true(segment_knows(&s, &p, NULL));
	s.watch = watch_full;
	die(&s);
	ospf_restart(s.us, s.now, DURATION_S(100));
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(100));
	assert_false(segment_knows(&s, &p, NULL));
	segment_done(&s);
}

/* It is not the restart's, which would go on: in the other area nobody comes back. */
static void withdrawn_during_the_restart(enum ospf_version v, enum ospf_vips form)
{
	struct segment s;
	struct prefix p;

	begin(&s, v);
	s.settings.vips = (uint8_t)form;
	ospf_configure(s.us, s.now, &s.settings);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(20));
	p = segment_vip(&s, 2);
	die(&s);
	ospf_restart(s.us, s.now, DURATION_S(100));
	segment_up(&s, s.us, INTERFACE);
	s.link.is.area = 1;
	segment_up(&s, s.us, INTERFACE + 1);
	segment_announce(&s, 1, 0);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(20));
	assert_true(segment_is_full(&s));
	assert_true(segment_knows(&s, &p, NULL));
	assert_int_equal(ospf_withdraw(s.us, s.now, &p), 0);
	segment_run(&s, DURATION_S(1));
	assert_false(segment_knows(&s, &p, NULL));
	assert_true(segment_is_full(&s));
	segment_done(&s);
}

static void what_is_withdrawn_during_the_restart_is_said_at_once(void **state)
{
	withdrawn_during_the_restart(*(const enum ospf_version *)*state, OSPF_VIPS_STUB);
	withdrawn_during_the_restart(*(const enum ospf_version *)*state, OSPF_VIPS_EXTERNAL);
}

static void a_restart_ends_with_its_grace_period(void **state)
{
	struct segment s;
	struct ospf_lsa_row row;

	begin(&s, *(const enum ospf_version *)*state);
	die(&s);
	s.deaf = true;
	ospf_restart(s.us, s.now, DURATION_S(50));
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(49));
	assert_false(segment_lsa(&s, s.us,
				 segment_key(&s, LSA_ROUTER, s.version == OSPF_V2 ? US : 0), &row));
	segment_run(&s, DURATION_S(2));
	assert_true(segment_lsa(&s, s.us,
				segment_key(&s, LSA_ROUTER, s.version == OSPF_V2 ? US : 0), &row));
	segment_done(&s);
}

static void neighbours_are_asked_before_a_hand_over(void **state)
{
	struct segment s;
	struct ospf_neighbor_row r;
	size_t at = 0;

	begin(&s, *(const enum ospf_version *)*state);
	s.watch = watch_full;
	ospf_hand_over(s.us, s.now);
	assert_false(ospf_handed_over(s.us));
	segment_run(&s, DURATION_S(2));
	assert_true(ospf_handed_over(s.us));
	assert_true(ospf_neighbor_row(s.router, s.now, &at, &r));
	assert_true(r.helping);
	die(&s);
	ospf_restart(s.us, s.now, DURATION_S(100));
	segment_up(&s, s.us, INTERFACE);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	at = 0;
	assert_true(ospf_neighbor_row(s.router, s.now, &at, &r));
	assert_false(r.helping);
	segment_done(&s);
}

int main(void)
{
	static enum ospf_version v2 = OSPF_V2, v3 = OSPF_V3;
	/* clang-format off */
#define BOTH(test) { #test " (v2)", test, NULL, NULL, &v2 }, { #test " (v3)", test, NULL, NULL, &v3 }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		BOTH(a_neighbour_that_restarts_stays_full_for_its_grace_period),
		BOTH(helping_ends_when_it_has_restarted),
		BOTH(helping_ends_when_something_changes),
		BOTH(who_is_not_to_help_does_not),
		BOTH(one_that_misses_something_is_not_helped),
		BOTH(a_crash_and_a_restart_are_not_seen_by_anybody),
		BOTH(a_grace_lsa_is_not_described),
		BOTH(what_was_withdrawn_meanwhile_goes_after_the_restart),
		BOTH(what_is_withdrawn_during_the_restart_is_said_at_once),
		BOTH(a_restart_ends_with_its_grace_period),
		BOTH(neighbours_are_asked_before_a_hand_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
