/* SPDX-License-Identifier: Apache-2.0 */
/* A life after a death goes on where the one before has ended: README.md. */
#include "proto/ospf/instance.h"
#include "proto/ospf/segment_test.h"

#define DEAD_S 40

struct shape {
	enum ospf_version version;
	enum ospf_network network;
	uint8_t ours; /* our priority; the router has 1 */
};

static size_t described; /* descriptions that either has sent */
static bool was_lost;	 /* the router has not been full with us all the time */

static void watch(struct segment *s)
{
	struct ospf_neighbor_row r;
	size_t at = 0;

	was_lost |= !ospf_neighbor_row(s->router, s->now, &at, &r) || r.state != OSPF_NEIGHBOR_FULL;
	for (size_t k = 0; k < s->n_parcels; k++) {
		struct ospf_header h;
		struct reader body;

		assert_int_equal(ospf_header_read(s->version, s->parcels[k].bytes,
						  s->parcels[k].length, &h, &body),
				 PACKET_GOOD);
		described += h.type == OSPF_DESCRIPTION;
	}
}

static void begin_as(struct segment *s, void **state, enum ospf_vips vips)
{
	const struct shape *shape = *state;

	segment_init(s, shape->version);
	s->settings.vips = (uint8_t)vips;
	s->link.is.network = (uint8_t)shape->network;
	s->link.is.priority = shape->ours;
	s->us = segment_speaker(s, US);
	segment_up(s, s->us, INTERFACE);
	s->link.is.priority = 1;
	s->router = segment_speaker(s, ROUTER);
	segment_up(s, s->router, INTERFACE);
	s->link.is.priority = shape->ours;
	segment_calm(s);
	segment_announce(s, 1, 0);
	segment_run(s, DURATION_S(20));
	described = 0;
	was_lost = false;
	s->watch = watch;
}

static void begin(struct segment *s, void **state)
{
	begin_as(s, state, OSPF_VIPS_AUTO);
}

static void die(struct segment *s)
{
	ospf_free(s->us);
	s->us = NULL;
	s->n_parcels = 0;
	/* Whoever comes next hears nothing of what is said meanwhile. */
	s->us = ospf_new(s->version, &s->settings, 1, 7);
	s->deaf = true;
}

/* So long it is dead; the notes but for the last `lost` are there. */
static void come_back(struct segment *s, struct duration after, size_t lost)
{
	segment_run(s, after);
	ospf_free(s->us);
	s->deaf = false;
	s->n_said = 0;
	memset(s->events, 0, sizeof(s->events));
	s->us = segment_speaker(s, US);
	for (size_t k = 0; k + lost < s->n_notes; k++)
		ospf_recall(s->us, &s->notes[k]);
	ospf_restart(s->us, s->now, DURATION_S(50));
	segment_up(s, s->us, INTERFACE);
}

/* Both have the same, of areas and the AS; and ours take none of the room of others. */
static void assert_same_databases(const struct segment *s)
{
	struct ospf_lsa_row ours, theirs;
	size_t n = 0, m = 0, others = 0;

	for (size_t at = 0; ospf_lsa_row(s->us, s->now, &at, &ours);) {
		others += !ours.own;
		if (ours.scope == LSA_SCOPE_LINK)
			continue;
		n++;
		assert_true(segment_lsa(s, s->router, ours.header.key, &theirs));
		assert_int_equal(ours.header.sequence, theirs.header.sequence);
		assert_int_equal(ours.header.checksum, theirs.header.checksum);
		assert_in_range(ours.header.age + 2 - theirs.header.age, 0, 4);
	}
	for (size_t at = 0; ospf_lsa_row(s->router, s->now, &at, &theirs);)
		m += theirs.scope != LSA_SCOPE_LINK;
	assert_int_equal(n, m);
	assert_true(n > 0);
	assert_int_equal(s->us->n_lsas, others);
}

static void nobody_sees_it(void **state)
{
	struct segment s;
	struct ospf_lsa_row before, after;
	struct lsa_key k;

	begin(&s, state);
	k = segment_key(&s, LSA_ROUTER, s.version == OSPF_V2 ? US : 0);
	assert_true(segment_lsa(&s, s.router, k, &before));
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	segment_run(&s, DURATION_MS(10));
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(100));
	assert_true(segment_is_full(&s));
	assert_false(was_lost);
	assert_int_equal(described, 0);
	assert_true(segment_lsa(&s, s.router, k, &after));
	assert_int_equal(before.header.sequence, after.header.sequence);
	assert_same_databases(&s);
	assert_int_equal(s.events[SPEAKER_EVENT_NEIGHBOR_UP], 1);
	assert_int_equal(s.events[SPEAKER_EVENT_NEIGHBOR_DOWN], 0);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	/* Another change leaves as any, and is accepted. */
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(10));
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 2);
	assert_same_databases(&s);
	segment_done(&s);
}

static void nobody_sees_it_the_second_time_either(void **state)
{
	struct segment s;

	begin(&s, state);
	for (int k = 0; k < 3; k++) {
		die(&s);
		come_back(&s, DURATION_S(3), 0);
		segment_announce(&s, 1, 0);
		segment_run(&s, DURATION_MS(k == 0 ? 0 : 30000));
	}
	segment_run(&s, DURATION_S(100));
	assert_true(segment_is_full(&s));
	assert_false(was_lost);
	assert_int_equal(described, 0);
	assert_same_databases(&s);
	segment_done(&s);
}

/* In another order than before, each in an LSA of its own. */
static void many_prefixes_are_as_they_were(void **state)
{
	enum { MANY = 50 };
	struct ospf_lsa_row row;
	struct segment s;

	begin_as(&s, state, OSPF_VIPS_EXTERNAL);
	for (uint32_t k = 2; k <= MANY; k++)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(30));
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	for (uint32_t k = MANY; k > 0; k--)
		segment_announce(&s, k, 0);
	segment_run(&s, DURATION_S(60));
	assert_false(was_lost);
	assert_int_equal(described, 0);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], MANY);
	for (size_t at = 0; ospf_lsa_row(s.us, s.now, &at, &row);)
		if (lsa_kind(s.version, &row.header.key) == LSA_EXTERNAL)
			assert_int_equal(row.header.sequence, LSA_SEQUENCE_INITIAL);
	assert_same_databases(&s);
	segment_done(&s);
}

static void router_announces(struct segment *s, uint32_t number, bool there)
{
	struct prefix p = segment_vip(s, number);

	if (there)
		assert_int_equal(ospf_announce(s->router, s->now, &p, 0), 0);
	else
		assert_int_equal(ospf_withdraw(s->router, s->now, &p), 0);
}

static void what_has_changed_meanwhile_is_heard(void **state)
{
	struct segment s;

	begin(&s, state);
	router_announces(&s, 8, true);
	segment_run(&s, DURATION_S(30));
	die(&s);
	router_announces(&s, 9, true);
	router_announces(&s, 8, false);
	come_back(&s, DURATION_S(5), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(60));
	assert_false(was_lost);
	assert_int_equal(described, 0);
	assert_same_databases(&s);
	segment_done(&s);
}

static void a_vip_that_does_not_come_again_goes(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, state);
	segment_announce(&s, 2, 0);
	segment_run(&s, DURATION_S(20));
	p = segment_vip(&s, 2);
	assert_true(segment_knows(&s, &p, NULL));
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(4));
	assert_true(segment_knows(&s, &p, NULL));
	segment_run(&s, DURATION_S(20));
	assert_false(segment_knows(&s, &p, NULL));
	assert_false(was_lost);
	assert_int_equal(described, 0);
	assert_same_databases(&s);
	segment_done(&s);
}

static void it_is_up_and_has_accepted_when_it_has_shown_it(void **state)
{
	struct segment s;
	struct neighbor n;
	size_t at = 0;

	begin(&s, state);
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	s.deaf = true;
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(2));
	assert_true(segment_is_full(&s));
	assert_true(ospf_neighbor_next_of(s.us, s.now, &at, &n));
	assert_false(n.up);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 0);
	s.deaf = false;
	segment_run(&s, DURATION_S(10));
	at = 0;
	assert_true(ospf_neighbor_next_of(s.us, s.now, &at, &n));
	assert_true(n.up);
	assert_int_equal(s.events[SPEAKER_EVENT_ACCEPTED], 1);
	segment_done(&s);
}

/* Its opinion does not come, and it is full until it is known to be otherwise. */
static void what_is_new_waits_for_no_more_than_five_seconds(void **state)
{
	struct segment s;
	struct prefix p;

	begin(&s, state);
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	s.deaf = true;
	segment_announce(&s, 1, 0);
	segment_announce(&s, 2, 0);
	p = segment_vip(&s, 2);
	segment_run(&s, DURATION_S(4));
	assert_false(segment_knows(&s, &p, NULL));
	segment_run(&s, DURATION_S(2));
	assert_true(segment_knows(&s, &p, NULL));
	assert_false(was_lost);
	s.deaf = false;
	segment_run(&s, DURATION_S(60));
	assert_true(segment_is_full(&s));
	assert_int_equal(described, 0);
	assert_same_databases(&s);
	segment_done(&s);
}

static void who_asks_for_no_grace_begins_anew(void **state)
{
	struct segment s;

	begin(&s, state);
	s.settings.grace.ns = 0;
	die(&s);
	come_back(&s, DURATION_S(5), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(200));
	assert_true(described > 0);
	assert_true(segment_is_full(&s));
	segment_done(&s);
}

static void who_has_given_us_up_is_met_anew(void **state)
{
	struct segment s;

	begin(&s, state);
	die(&s);
	come_back(&s, DURATION_S(DEAD_S + 5), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(200));
	assert_true(was_lost);
	assert_true(segment_is_full(&s));
	assert_same_databases(&s);
	segment_done(&s);
}

/* The notes say that it was not long ago, and the router has another opinion. */
static void who_has_begun_anew_is_met_anew(void **state)
{
	struct segment s;

	begin(&s, state);
	router_announces(&s, 8, true);
	segment_run(&s, DURATION_S(30));
	die(&s);
	ospf_free(s.router);
	s.router = segment_speaker(&s, ROUTER);
	s.link.is.priority = 1;
	segment_up(&s, s.router, INTERFACE);
	s.link.is.priority = ((const struct shape *)*state)->ours;
	come_back(&s, DURATION_S(5), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(200));
	assert_true(segment_is_full(&s));
	assert_same_databases(&s);
	segment_done(&s);
}

/* A hole in what was written: nothing of it counts. */
static void without_one_of_the_notes_it_begins_anew(void **state)
{
	struct segment s;

	begin(&s, state);
	die(&s);
	segment_run(&s, DURATION_S(5));
	s.notes[s.n_notes / 2].length = 0;
	come_back(&s, DURATION_S(0), 0);
	segment_announce(&s, 1, 0);
	segment_run(&s, DURATION_S(200));
	assert_true(described > 0);
	assert_true(segment_is_full(&s));
	assert_same_databases(&s);
	segment_done(&s);
}

/* Whatever the bytes are, and wherever they end. */
static void any_bytes_are_borne(void **state)
{
	struct segment s;

	begin(&s, state);
	for (uint32_t k = 0; k < 2000; k++) {
		struct ospf *o = segment_speaker(&s, US);
		struct speaker_note bad;
		size_t at = k % s.n_notes;

		for (size_t n = 0; n < s.n_notes; n++) {
			bad = s.notes[n];
			if (n == at && k % 3 == 0)
				bad.length = (uint16_t)(k % (bad.length + 1u));
			else if (n == at)
				bad.bytes[k * 7 % bad.length] ^= (uint8_t)(1u << k % 8);
			ospf_recall(o, &bad);
		}
		ospf_restart(o, s.now, DURATION_S(50));
		segment_up(&s, o, INTERFACE);
		ospf_tick(o, instant_add(s.now, DURATION_S(100)));
		ospf_free(o);
	}
	segment_done(&s);
}

int main(void)
{
	static struct shape shapes[] = {
		{ OSPF_V2, OSPF_POINT_TO_POINT, 0 }, { OSPF_V3, OSPF_POINT_TO_POINT, 0 },
		{ OSPF_V2, OSPF_BROADCAST, 0 },	     { OSPF_V3, OSPF_BROADCAST, 0 },
		{ OSPF_V2, OSPF_BROADCAST, 1 },	     { OSPF_V3, OSPF_BROADCAST, 1 },
	};
	/* clang-format off */
#define ALL(test) \
	{ #test " (v2, point-to-point)", test, NULL, NULL, &shapes[0] }, \
	{ #test " (v3, point-to-point)", test, NULL, NULL, &shapes[1] }, \
	{ #test " (v2, broadcast)", test, NULL, NULL, &shapes[2] }, \
	{ #test " (v3, broadcast)", test, NULL, NULL, &shapes[3] }, \
	{ #test " (v2, the DR)", test, NULL, NULL, &shapes[4] }, \
	{ #test " (v3, the DR)", test, NULL, NULL, &shapes[5] }
	/* clang-format on */
	const struct CMUnitTest tests[] = {
		ALL(nobody_sees_it),
		ALL(nobody_sees_it_the_second_time_either),
		ALL(many_prefixes_are_as_they_were),
		ALL(what_has_changed_meanwhile_is_heard),
		ALL(a_vip_that_does_not_come_again_goes),
		ALL(it_is_up_and_has_accepted_when_it_has_shown_it),
		ALL(what_is_new_waits_for_no_more_than_five_seconds),
		ALL(who_asks_for_no_grace_begins_anew),
		ALL(who_has_given_us_up_is_met_anew),
		ALL(who_has_begun_anew_is_met_anew),
		ALL(without_one_of_the_notes_it_begins_anew),
		ALL(any_bytes_are_borne),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
