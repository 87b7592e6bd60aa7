/* SPDX-License-Identifier: Apache-2.0 */
/* A neighbour with a full adjacency floods what it likes: how much of it is kept and looked at. */
#include "proto/ospf/routing.h"
#include "proto/ospf/segment_test.h"

struct flood {
	struct segment s;
	uint8_t bytes[OSPF_PACKET_MAX];
	struct writer w;
	uint32_t count;
};

static struct flood *begin(enum ospf_version v)
{
	struct flood *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	segment_init(&f->s, v);
	segment_begin(&f->s);
	segment_calm(&f->s);
	return f;
}

static void done(struct flood *f)
{
	segment_done(&f->s);
	free(f);
}

static size_t lsa(struct flood *f, uint16_t type, uint32_t id, uint32_t router, int32_t sequence)
{
	const struct ospf_header h = { .version = (uint8_t)f->s.version,
				       .type = OSPF_UPDATE,
				       .router = ROUTER };
	const struct lsa_header of = { .age = 1,
				       .key = { type, id, router },
				       .sequence = sequence };

	writer_init(&f->w, f->bytes, sizeof(f->bytes));
	ospf_begin(f->s.version, &f->w, &h);
	ospf_write_update(&f->w);
	ospf_update_count(f->s.version, &f->w, 1);
	return lsa_begin(f->s.version, &f->w, &of);
}

/* It comes to us, and what we would say to it is said to nobody. */
static void flood(struct flood *f, size_t start)
{
	struct ospf_packet p;

	lsa_finish(&f->w, start);
	ospf_finish(&f->w);
	segment_hand(&f->s, f->s.us, f->bytes, f->w.length);
	while (ospf_output(f->s.us, f->s.now, &p))
		;
	ospf_tick(f->s.us, f->s.now);
}

static void later(struct flood *f)
{
	f->s.now = instant_add(f->s.now, DURATION_S(2));
}

static uint32_t dropped(const struct flood *f, enum ospf_drop reason)
{
	struct neighbor n;
	size_t at = 0;

	assert_true(ospf_neighbor_next_of(f->s.us, f->s.now, &at, &n));
	return n.drops[reason];
}

static struct speaker_interface interface_row(const struct flood *f)
{
	struct speaker_interface row;
	size_t at = 0;

	assert_true(ospf_interface_next(f->s.us, f->s.now, &at, &row));
	return row;
}

static void opaque(struct flood *f, uint32_t id, int32_t sequence, size_t length)
{
	uint16_t type = f->s.version == OSPF_V2 ? LSA_V2_OPAQUE_AREA : 0xa0ff;
	size_t start = lsa(f, type, id, ROUTER, sequence);

	writer_zeros(&f->w, length);
	flood(f, start);
}

#define LARGE 60000u
#define MANY 1200u /* 72 MB */

static void what_grows_is_bounded_as_what_is_new(void **state)
{
	struct flood *f = begin(*(const enum ospf_version *)*state);

	for (uint32_t k = 0; k < MANY; k++)
		opaque(f, 0x20000000 + k, 1, 4);
	assert_int_equal(dropped(f, OSPF_DROP_LSA_LIMIT), 0);
	later(f);
	for (uint32_t k = 0; k < MANY; k++)
		opaque(f, 0x20000000 + k, 2, LARGE);
	assert_int_equal(dropped(f, OSPF_DROP_LSA_EARLY), 0);
	assert_in_range(dropped(f, OSPF_DROP_LSA_LIMIT), 1, MANY / 2);
	/* What is no larger than before always has room. */
	later(f);
	opaque(f, 0x20000000, 3, LARGE);
	opaque(f, 0x20000000 + MANY - 1, 3, 4);
	assert_in_range(dropped(f, OSPF_DROP_LSA_LIMIT), 1, MANY / 2);
	done(f);
}

static void external(struct flood *f, uint32_t number, int32_t sequence, uint32_t metric)
{
	uint16_t type = lsa_type(f->s.version, LSA_EXTERNAL);
	struct prefix p = segment_vip(&f->s, 1);
	uint32_t id = f->s.version == OSPF_V2 ? address_ipv4_number(&p.address) : number;
	struct lsa_destination d = { .prefix = p, .metric = metric };
	size_t start = lsa(f, type, id, 0x0b000000 + number, sequence);

	lsa_write_destination(f->s.version, &f->w, type, &d);
	flood(f, start);
}

static const struct destination *destination(const struct flood *f)
{
	struct prefix p = segment_vip(&f->s, 1);

	return table_find(&f->s.us->spf->table, &p);
}

static void claims_of_one_prefix_are_bounded(void **state)
{
	struct flood *f = begin(*(const enum ospf_version *)*state);
	const struct table *t = &f->s.us->spf->table;

	for (uint32_t k = 0; k < 2 * CLAIMS_OF_ONE_MAX; k++)
		external(f, k, 1, 5);
	assert_int_equal(destination(f)->n_claims, CLAIMS_OF_ONE_MAX);
	assert_int_equal(t->n_claims, CLAIMS_OF_ONE_MAX);
	assert_int_equal(t->n_external, CLAIMS_OF_ONE_MAX);
	/* Who had no room has it when others go. */
	later(f);
	for (uint32_t k = 0; k < CLAIMS_OF_ONE_MAX + 10; k++)
		external(f, k, 2, LSA_METRIC_INFINITY);
	segment_run(&f->s, DURATION_S(20));
	assert_int_equal(destination(f)->n_claims, CLAIMS_OF_ONE_MAX - 10);
	assert_int_equal(t->n_claims, CLAIMS_OF_ONE_MAX - 10);
	done(f);
}

#define STUBS 5000u

static void stubs(struct flood *f, uint32_t router, int32_t sequence, bool same)
{
	size_t start = lsa(f, LSA_V2_ROUTER, router, router, sequence);
	const struct lsa_router r = { 0 };

	lsa_write_router(f->s.version, &f->w, &r);
	for (uint32_t k = 0; k < STUBS; k++) {
		struct address a =
			address_ipv4(0x64000000 + (same ? 1 : (router & 0xffff) * STUBS + k));
		struct lsa_link l = { .type = LSA_LINK_STUB,
				      .metric = 1,
				      .prefix = prefix_host(&a) };

		lsa_write_link(f->s.version, &f->w, start, &l);
	}
	flood(f, start);
}

static void one_router_claims_a_prefix_many_times(void **state)
{
	struct flood *f = begin(OSPF_V2);

	(void)state;
	for (int32_t sequence = 1; sequence <= 3; sequence++, later(f))
		for (uint32_t k = 0; k < 20; k++)
			stubs(f, 0x0b000000 + k, sequence, true);
	assert_int_equal(f->s.us->spf->table.n_claims, CLAIMS_OF_ONE_MAX);
	done(f);
}

static void all_prefixes_are_bounded(void **state)
{
	struct flood *f = begin(OSPF_V2);

	(void)state;
	for (uint32_t k = 0; k < CLAIMS_MAX / STUBS + 10; k++)
		stubs(f, 0x0b000000 + k, 1, false);
	assert_in_range(f->s.us->spf->table.n_claims, CLAIMS_MAX - STUBS, CLAIMS_MAX + STUBS);
	assert_in_range(dropped(f, OSPF_DROP_LSA_LIMIT), 9, 11);
	done(f);
}

/* What is wrong with others is said of the settings that there are. */
static void drops_are_those_of_the_settings(void **state)
{
	struct flood *f = begin(*(const enum ospf_version *)*state);
	const struct ospf_header h = { .version = (uint8_t)f->s.version,
				       .type = OSPF_HELLO,
				       .router = ROUTER + 1,
				       .area = 5 };
	struct speaker_interface row;

	writer_init(&f->w, f->bytes, sizeof(f->bytes));
	ospf_begin(f->s.version, &f->w, &h);
	ospf_finish(&f->w);
	segment_hand(&f->s, f->s.us, f->bytes, f->w.length);
	row = interface_row(f);
	assert_int_equal(row.drops[OSPF_DROP_AREA], 1);
	f->s.link.cost = 7;
	assert_int_equal(ospf_interface_set(f->s.us, f->s.now, INTERFACE, &f->s.link), 0);
	row = interface_row(f);
	assert_int_equal(row.drops[OSPF_DROP_AREA], 1);
	f->s.link.is.dead = DURATION_S(60);
	assert_int_equal(ospf_interface_set(f->s.us, f->s.now, INTERFACE, &f->s.link), 0);
	row = interface_row(f);
	assert_int_equal(row.drops[OSPF_DROP_AREA], 0);
	done(f);
}

/* Whoever watches it, and the routes by it, would be about an address that is nobody's. */
static void a_neighbor_with_another_address_is_told_as_another_one(void **state)
{
	struct flood *f = begin(*(const enum ospf_version *)*state);
	struct segment *s = &f->s;
	const struct ospf_header h = { .version = (uint8_t)s->version,
				       .type = OSPF_HELLO,
				       .router = ROUTER };
	const struct ospf_hello hello = { .mask_length = 24,
					  .options = s->version == OSPF_V2 ? 0x02 : 0x13,
					  .interval = 10,
					  .dead = 40 };
	struct ospf_packet p = { .interface = INTERFACE,
				 .source = segment_address(s, s->router),
				 .destination = ospf_group(s->version, false),
				 .hop_limit = 1,
				 .bytes = f->bytes };
	struct ospf_neighbor_row row;
	size_t at = 0;

	p.source.bytes[s->version == OSPF_V2 ? 3 : 15] = 77;
	writer_init(&f->w, f->bytes, sizeof(f->bytes));
	ospf_begin(s->version, &f->w, &h);
	ospf_write_hello(s->version, &f->w, &hello);
	ospf_write_neighbor(&f->w, US);
	ospf_finish(&f->w);
	p.length = f->w.length;
	segment_announce(s, 1, 0);
	segment_run(s, DURATION_S(2));
	memset(s->events, 0, sizeof(s->events));
	ospf_input(s->us, s->now, &p);
	segment_settle(s);
	assert_int_equal(s->events[SPEAKER_EVENT_UNACCEPTED], 1);
	assert_int_equal(s->events[SPEAKER_EVENT_NEIGHBOR_DOWN], 1);
	assert_int_equal(s->events[SPEAKER_EVENT_NEIGHBOR_UP], 1);
	assert_int_equal(s->events[SPEAKER_EVENT_ACCEPTED], 1);
	assert_true(address_equal(&s->last.neighbor, &p.source));
	assert_true(ospf_neighbor_row(s->us, s->now, &at, &row));
	assert_true(address_equal(&row.address, &p.source));
	assert_int_equal(row.state, OSPF_NEIGHBOR_FULL);
	assert_false(ospf_neighbor_row(s->us, s->now, &at, &row));
	done(f);
}

static uint16_t told_mtu;

static void note_mtu(struct segment *s)
{
	for (size_t k = 0; k < s->n_parcels; k++) {
		struct ospf_description d;
		struct ospf_header h;
		struct reader body;

		if (s->parcels[k].to == s->router &&
		    ospf_header_read(s->version, s->parcels[k].bytes, s->parcels[k].length, &h,
				     &body) == PACKET_GOOD &&
		    h.type == OSPF_DESCRIPTION && ospf_description_read(s->version, body, &d))
			told_mtu = d.mtu;
	}
}

/* BIRD wants ours to be the same, and takes nothing else: as it is now, not as it was. */
static void a_description_that_is_said_again_has_the_mtu_of_now(void **state)
{
	struct segment s;
	struct address a;
	struct speaker_link link;

	segment_init(&s, *(const enum ospf_version *)*state);
	s.watch = note_mtu;
	segment_begin(&s);
	a = segment_address(&s, s.us);
	link = speaker_link_make(INTERFACE, true, &a, s.version == OSPF_V2 ? 24 : 64);
	ospf_link(s.us, s.now, &link, 1400);
	segment_run(&s, DURATION_S(20));
	assert_false(segment_is_full(&s));
	assert_int_equal(told_mtu, 1400);
	s.deaf = true;
	ospf_link(s.us, s.now, &link, 1500);
	segment_run(&s, DURATION_S(11));
	assert_int_equal(told_mtu, 1500);
	segment_done(&s);
}

int main(void)
{
	static const enum ospf_version versions[] = { OSPF_V2, OSPF_V3 };
#define EACH(f)                                                                                    \
	{ #f " (OSPFv2)", f, NULL, NULL, (void *)&versions[0] },                                   \
	{                                                                                          \
#f " (OSPFv3)", f, NULL, NULL, (void *)&versions[1]                                \
	}
	const struct CMUnitTest tests[] = {
		EACH(what_grows_is_bounded_as_what_is_new),
		EACH(drops_are_those_of_the_settings),
		EACH(a_neighbor_with_another_address_is_told_as_another_one),
		EACH(a_description_that_is_said_again_has_the_mtu_of_now),
		EACH(claims_of_one_prefix_are_bounded),
		cmocka_unit_test(one_router_claims_a_prefix_many_times),
		cmocka_unit_test(all_prefixes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
