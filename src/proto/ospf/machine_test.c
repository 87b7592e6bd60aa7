/* SPDX-License-Identifier: Apache-2.0 */
/* Routers on wires, as they are in networks: adjacencies, elections, flooding, good-byes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/unit.h"
#include "proto/ospf/fixture_test.h"

static struct ospf_interface_settings speaks(enum ospf_network network, uint8_t priority)
{
	struct ospf_interface_settings s;

	ospf_interface_settings_default(&s);
	s.is.network = (uint8_t)network;
	s.is.priority = priority;
	return s;
}

static uint8_t state_of(struct fixture_router *r, struct fixture_wire *w, uint32_t number)
{
	struct ospf_neighbor_row row;

	(void)fixture_neighbor(r, w, number, &row);
	return row.state;
}

static uint32_t dr_of(struct fixture_router *r, struct fixture_wire *w)
{
	struct ospf_interface_row row;

	(void)fixture_interface(r, w, &row);
	return row.dr;
}

/* Two on a link of their own: full in a moment, by the hello that answers a new neighbour. */
static void two_on_a_link(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_router *a = fixture_router(f, NULL), *b = fixture_router(f, NULL);
	struct fixture_wire *w = fixture_wire(f);
	struct ospf_interface_settings s = speaks(OSPF_POINT_TO_POINT, 0);

	fixture_join(a, w, &s);
	fixture_join(b, w, &s);
	fixture_run(f, DURATION_MS(20));
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_FULL);
	assert_int_equal(state_of(b, w, 1), OSPF_NEIGHBOR_FULL);
	assert_true(fixture_until(f, DURATION_S(6), fixture_is_synchronized, f));
	assert_int_equal(a->events[SPEAKER_EVENT_NEIGHBOR_UP], 1);
	fixture_run(f, DURATION_S(4000));
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_FULL);
	assert_int_equal(a->events[SPEAKER_EVENT_NEIGHBOR_DOWN], 0);
	assert_true(fixture_is_synchronized(f));
	/* One that is silent is given up after RouterDeadInterval. */
	w->cut = true;
	fixture_run(f, DURATION_S(41));
	assert_int_equal(a->events[SPEAKER_EVENT_NEIGHBOR_DOWN], 1);
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_DOWN);
	fixture_free(f);
}

static void two_on_a_link_are_full_in_a_moment(void **state)
{
	(void)state;
	two_on_a_link(OSPF_V2);
	two_on_a_link(OSPF_V3);
}

static void four_on_a_network(enum ospf_version v)
{
	struct fixture *f = fixture_new(v, 1);
	struct fixture_router *r[4];
	struct fixture_wire *w = fixture_wire(f);

	for (size_t k = 0; k < 4; k++) {
		struct ospf_interface_settings s = speaks(OSPF_BROADCAST, k == 0 ? 0 : 1);

		r[k] = fixture_router(f, NULL);
		fixture_join(r[k], w, &s);
	}
	fixture_run(f, DURATION_S(60));
	for (size_t k = 0; k < 4; k++)
		assert_int_equal(dr_of(r[k], w), 4);
	assert_int_equal(state_of(r[0], w, 4), OSPF_NEIGHBOR_FULL);
	assert_int_equal(state_of(r[0], w, 3), OSPF_NEIGHBOR_FULL);
	assert_int_equal(state_of(r[0], w, 2), OSPF_NEIGHBOR_TWO_WAY);
	assert_true(fixture_is_synchronized(f));
	/* The Designated Router dies, the Backup takes its place, and another one is Backup. */
	r[3]->asleep = true;
	fixture_run(f, DURATION_S(60));
	for (size_t k = 0; k < 3; k++)
		assert_int_equal(dr_of(r[k], w), 3);
	assert_int_equal(state_of(r[0], w, 2), OSPF_NEIGHBOR_FULL);
	assert_true(fixture_is_synchronized(f));
	fixture_free(f);
}

static void a_network_elects_and_survives_its_designated_router(void **state)
{
	(void)state;
	four_on_a_network(OSPF_V2);
	four_on_a_network(OSPF_V3);
}

/* Who comes to a network that has its Designated Routers does not wait to see them. */
static void a_newcomer_does_not_wait(void **state)
{
	struct fixture *f = fixture_new(OSPF_V2, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct ospf_interface_settings s = speaks(OSPF_BROADCAST, 1);
	struct fixture_router *r[3];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		r[k] = fixture_router(f, NULL);
		fixture_join(r[k], w, &s);
	}
	fixture_run(f, DURATION_S(60));
	r[2] = fixture_router(f, NULL);
	fixture_join(r[2], w, &s);
	fixture_run(f, DURATION_MS(100));
	assert_int_equal(dr_of(r[2], w), 2);
	assert_int_equal(state_of(r[2], w, 2), OSPF_NEIGHBOR_FULL);
	assert_int_equal(state_of(r[2], w, 1), OSPF_NEIGHBOR_FULL);
	fixture_free(f);
}

/* An interface that is removed says so: the other side drops us at once, and has no LSA of us. */
static void a_good_bye_is_heard_at_once(void **state)
{
	struct fixture *f = fixture_new(OSPF_V2, 1);
	struct fixture_router *a = fixture_router(f, NULL), *b = fixture_router(f, NULL);
	struct fixture_wire *w = fixture_wire(f);
	struct ospf_interface_settings s = speaks(OSPF_POINT_TO_POINT, 0);
	struct ospf_lsa_row row;

	(void)state;
	fixture_join(a, w, &s);
	fixture_join(b, w, &s);
	fixture_run(f, DURATION_S(10));
	assert_true(fixture_lsa(b, LSA_V2_ROUTER, 1, 1, &row));
	ospf_interface_remove(a->ospf, f->now, w->number);
	fixture_drain(a);
	fixture_run(f, DURATION_MS(1));
	assert_int_equal(a->events[SPEAKER_EVENT_LEFT], 1);
	assert_int_equal(b->events[SPEAKER_EVENT_NEIGHBOR_DOWN], 1);
	assert_false(fixture_lsa(b, LSA_V2_ROUTER, 1, 1, &row));
	fixture_free(f);
}

static void who_is_said_to_be_dead_is_down_at_once_and_stays_down(void **state)
{
	struct fixture *f = fixture_new(OSPF_V2, 1);
	struct fixture_router *a = fixture_router(f, NULL), *b = fixture_router(f, NULL);
	struct fixture_wire *w = fixture_wire(f);
	struct ospf_interface_settings s = speaks(OSPF_POINT_TO_POINT, 0);
	struct fixture_end *e;

	(void)state;
	fixture_join(a, w, &s);
	e = fixture_join(b, w, &s);
	fixture_run(f, DURATION_S(10));
	ospf_liveness(a->ospf, f->now, w->number, &e->address, VERDICT_DOWN);
	fixture_drain(a);
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_DOWN);
	assert_int_equal(a->events[SPEAKER_EVENT_NEIGHBOR_DOWN], 1);
	fixture_run(f, DURATION_S(100));
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_DOWN);
	ospf_liveness(a->ospf, f->now, w->number, &e->address, VERDICT_UP);
	fixture_drain(a);
	fixture_run(f, DURATION_S(11));
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_FULL);
	fixture_free(f);
}

/* Three who name each other: everything goes to each of them alone. */
static void who_is_named_is_spoken_to_alone(void **state)
{
	struct fixture *f = fixture_new(OSPF_V2, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *r[3];

	(void)state;
	for (uint32_t k = 0; k < 3; k++) {
		struct ospf_interface_settings s = speaks(OSPF_POINT_TO_MULTIPOINT, 0);

		for (uint32_t other = 0; other < 3; other++)
			if (other != k)
				s.unicast[s.n_unicast++] = address_ipv4(0x0a000101 + other);
		r[k] = fixture_router(f, NULL);
		fixture_join(r[k], w, &s);
	}
	assert_true(fixture_until(f, DURATION_S(11), fixture_is_settled, f));
	fixture_run(f, DURATION_S(10));
	for (uint32_t k = 0; k < 3; k++)
		for (uint32_t other = 0; other < 3; other++)
			if (other != k)
				assert_int_equal(state_of(r[k], w, other + 1), OSPF_NEIGHBOR_FULL);
	assert_true(fixture_is_synchronized(f));
	fixture_free(f);
}

/* Whoever begins anew is answered as one who is new, and does not wait for our next hello. */
static void who_begins_anew_is_full_again_in_a_moment(void **state)
{
	struct fixture *f = fixture_new(OSPF_V2, 1);
	struct fixture_router *a = fixture_router(f, NULL), *b = fixture_router(f, NULL);
	struct fixture_wire *w = fixture_wire(f);
	struct ospf_interface_settings s = speaks(OSPF_POINT_TO_POINT, 0);
	struct fixture_end *e;

	(void)state;
	fixture_join(a, w, &s);
	e = fixture_join(b, w, &s);
	fixture_run(f, DURATION_S(10));
	fixture_link(e, false);
	fixture_link(e, true);
	fixture_run(f, DURATION_MS(50));
	assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_FULL);
	assert_int_equal(state_of(b, w, 1), OSPF_NEIGHBOR_FULL);
	fixture_free(f);
}

/* What is under way to a neighbour at the most, in packets, and how many bytes the largest has. */
struct burst {
	uint32_t most, under_way, longest, updates;
};

static bool look(void *of, const struct ospf_packet *p)
{
	struct burst *b = of;

	if (p->bytes[1] == OSPF_ACKNOWLEDGMENT)
		b->under_way = 0;
	b->updates += p->bytes[1] == OSPF_UPDATE;
	if (p->bytes[1] == OSPF_UPDATE && ++b->under_way > b->most)
		b->most = b->under_way;
	if (p->length > b->longest)
		b->longest = (uint32_t)p->length;
	return true;
}

/* Two routers, of which the first has just announced as many prefixes as externals. */
struct many {
	struct fixture *f;
	struct fixture_wire *w;
	struct fixture_router *a, *b;
	struct burst burst;
};

static void many_init(struct many *m, uint16_t network, uint32_t loss,
		      bool (*tap)(void *of, const struct ospf_packet *p))
{
	struct ospf_settings external;
	struct ospf_interface_settings s = speaks((enum ospf_network)network, 1);

	*m = (struct many){ .f = fixture_new(OSPF_V2, 1) };
	m->w = fixture_wire(m->f);
	ospf_settings_default(&external);
	external.vips = OSPF_VIPS_EXTERNAL;
	m->a = fixture_router(m->f, &external);
	m->b = fixture_router(m->f, NULL);
	fixture_join(m->a, m->w, &s);
	fixture_join(m->b, m->w, &s);
	fixture_run(m->f, DURATION_S(60));
	m->w->loss = loss;
	m->w->tap = tap;
	m->w->tap_of = &m->burst;
	for (uint32_t k = 0; k < 10000; k++) {
		struct address host = address_ipv4(0x0b000000 + k);
		struct prefix p = prefix_host(&host);

		assert_int_equal(ospf_announce(m->a->ospf, m->f->now, &p, 0), 0);
	}
	fixture_drain(m->a);
}

static void many_are_known(const struct many *m)
{
	uint64_t sum;

	assert_int_equal(fixture_database(m->b, LSA_SCOPE_AS, &sum), 10000);
	/* No more than a socket holds, in packets that no link has to cut. */
	assert_in_range(m->burst.most, 1, 70);
	assert_in_range(m->burst.longest, 1, 1480);
}

static void ten_thousand(uint16_t network, uint32_t loss)
{
	struct many m;
	struct ospf_neighbor_row row;

	many_init(&m, network, loss, look);
	fixture_run(m.f, loss ? DURATION_S(60) : DURATION_S(1));
	many_are_known(&m);
	assert_true(fixture_neighbor(m.a, m.w, 2, &row));
	assert_int_equal(row.retransmitting, 0);
	if (!loss) {
		assert_int_equal(row.retransmissions, 0);
		/* 40 of 36 bytes in each, as many as fit; and one for each half of a buffer. */
		assert_in_range(m.burst.updates, 250, 263);
	}
	fixture_free(m.f);
}

static void ten_thousand_prefixes_are_there_at_once_and_never_too_many_under_way(void **state)
{
	(void)state;
	ten_thousand(OSPF_POINT_TO_POINT, 0);
	ten_thousand(OSPF_BROADCAST, 0);
	ten_thousand(OSPF_POINT_TO_MULTIPOINT, 0);
}

/* Acknowledgments that may be late never come; only those do that have to be given at once. */
static bool look_without_late_ones(void *of, const struct ospf_packet *p)
{
	bool late = p->bytes[1] == OSPF_ACKNOWLEDGMENT && address_is_multicast(&p->destination);

	return !late && look(of, p);
}

/* BIRD and FRR acknowledge seconds later what they have read at once. */
static void whoever_acknowledges_late_is_not_waited_for(void **state)
{
	struct many m;

	(void)state;
	many_init(&m, OSPF_BROADCAST, 0, look_without_late_ones);
	fixture_run(m.f, DURATION_S(1));
	many_are_known(&m);
	fixture_free(m.f);
}

static void what_is_lost_is_sent_again(void **state)
{
	(void)state;
	ten_thousand(OSPF_POINT_TO_POINT, 100);
}

/* Keys: the numbers grow, what was heard is not believed again, and another key is taken over. */
static void whoever_has_the_key_is_believed_and_nothing_is_believed_twice(void **state)
{
	const enum ospf_version versions[] = { OSPF_V2, OSPF_V3 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct fixture *f = fixture_new(versions[k], 1);
		struct fixture_router *a = fixture_router(f, NULL), *b = fixture_router(f, NULL);
		struct fixture_wire *w = fixture_wire(f);
		struct ospf_interface_settings s = speaks(OSPF_POINT_TO_POINT, 0);
		struct speaker_interface row;
		size_t position = 0;

		s.auth = (struct keychain){ .type = AUTH_HMAC_SHA_256, .n_keys = 1 };
		s.auth.keys[0].id = 7;
		fixture_join(a, w, &s);
		fixture_join(b, w, &s);
		fixture_run(f, DURATION_S(1));
		/* Until the secrets are there, nothing is said. */
		assert_int_equal(f->sent, 0);
		ospf_secrets(a->ospf, f->now, w->number, 1);
		ospf_secrets(b->ospf, f->now, w->number, 1);
		fixture_drain(a);
		fixture_drain(b);
		fixture_run(f, DURATION_S(30));
		assert_int_equal(state_of(a, w, 2), OSPF_NEIGHBOR_FULL);
		assert_true(ospf_interface_next(a->ospf, f->now, &position, &row));
		assert_int_equal(row.drops[OSPF_DROP_AUTH_REPLAY], 0);
		assert_int_equal(row.key, 7);
		assert_true(a->events[SPEAKER_EVENT_SEQUENCE] > 0);
		/* Without its secret it is mute, and says so. */
		ospf_secrets(a->ospf, f->now, w->number, 0);
		fixture_drain(a);
		assert_int_equal(a->events[SPEAKER_EVENT_SPEAKS], 2);
		fixture_run(f, DURATION_S(50));
		assert_int_equal(state_of(b, w, 1), OSPF_NEIGHBOR_DOWN);
		fixture_free(f);
	}
}

#define CROWD 10

/* Routers on links and networks by chance: a ring, with some more on each wire. */
static size_t wire_by_chance(struct fixture *f, struct random *r, struct fixture_router **routers,
			     size_t k, struct fixture_end **ends)
{
	bool network = random_below(r, 3) == 0, there[CROWD] = { false };
	struct fixture_wire *w = fixture_wire(f);
	size_t n = 0, wanted = network ? 3 + random_below(r, 3) : 2;

	for (size_t j = 0; j < wanted; j++) {
		size_t at = j < 2 ? (k + j) % CROWD : random_below(r, CROWD);
		struct ospf_interface_settings s =
			speaks(network ? OSPF_BROADCAST : OSPF_POINT_TO_POINT,
			       (uint8_t)random_below(r, 3));

		if (!there[at])
			ends[n++] = fixture_join(routers[at], w, &s);
		there[at] = true;
	}
	return n;
}

/* Links that flap, wires that lose packets, routers that sleep. */
static void faults(struct fixture *f, struct random *r, struct fixture_router **routers,
		   struct fixture_end **ends, size_t n_ends)
{
	for (int k = 0; k < 10; k++) {
		struct fixture_end *e = ends[random_below(r, n_ends)];
		struct fixture_router *asleep = routers[random_below(r, CROWD)];

		fixture_link(e, false);
		fixture_run(f, random_between(r, DURATION_MS(0), DURATION_S(20)));
		fixture_link(e, true);
		ends[random_below(r, n_ends)]->wire->loss = (uint32_t)random_below(r, 300);
		asleep->asleep = k % 3 == 0;
		fixture_run(f, random_between(r, DURATION_MS(0), DURATION_S(60)));
		asleep->asleep = false;
		fixture_drain(asleep);
	}
	for (size_t k = 0; k < n_ends; k++)
		ends[k]->wire->loss = 0;
}

static void random_network(enum ospf_version v, uint64_t seed)
{
	struct fixture *f = fixture_new(v, seed);
	struct fixture_router *routers[CROWD];
	struct fixture_end *ends[CROWD * 5];
	struct ospf_settings s;
	struct random r;
	size_t n_ends = 0;

	random_init(&r, seed);
	ospf_settings_default(&s);
	s.host = OSPF_HOST_NOT;
	for (size_t k = 0; k < CROWD; k++)
		routers[k] = fixture_router(f, &s);
	for (size_t k = 0; k < CROWD; k++)
		n_ends += wire_by_chance(f, &r, routers, k, ends + n_ends);
	fixture_run(f, DURATION_S(80));
	if (!fixture_is_synchronized(f) || !fixture_is_settled(f))
		fail_msg("seed %u: they do not come together", (unsigned)seed);
	faults(f, &r, routers, ends, n_ends);
	fixture_run(f, DURATION_S(150));
	if (!fixture_is_synchronized(f) || !fixture_is_settled(f))
		fail_msg("seed %u: they do not come together again", (unsigned)seed);
	fixture_free(f);
}

static void after_any_faults_all_have_the_same_database(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		random_network(OSPF_V2, seed);
		random_network(OSPF_V3, seed);
	}
}

/* More than are remembered: who is there stays, and the others are counted. */
static void a_crowd_of_neighbours_is_bounded(void **state)
{
	struct fixture *f = fixture_new(OSPF_V3, 1);
	struct fixture_wire *w = fixture_wire(f);
	struct fixture_router *r = fixture_router(f, NULL);
	struct ospf_interface_settings s = speaks(OSPF_BROADCAST, 0);
	struct speaker_interface row;
	size_t position = 0;

	(void)state;
	fixture_join(r, w, &s);
	for (uint32_t k = 0; k < OSPF_NEIGHBORS_MAX + 50; k++) {
		uint8_t bytes[128], six[ADDRESS_BYTES_MAX] = {
			0xfe, 0x80, [14] = (uint8_t)(1 + (k >> 8)), [15] = (uint8_t)k
		};
		struct ospf_hello h = { .options = 0x13, .interval = 10, .dead = 40 };
		struct ospf_packet p = { .interface = w->number,
					 .source = address_make(FAMILY_IPV6, six),
					 .destination = ospf_group(OSPF_V3, false),
					 .bytes = bytes };
		struct writer out;

		writer_init(&out, bytes, sizeof(bytes));
		ospf_begin(OSPF_V3, &out,
			   &(struct ospf_header){ .type = OSPF_HELLO, .router = 1000 + k });
		ospf_write_hello(OSPF_V3, &out, &h);
		ospf_finish(&out);
		p.length = out.length;
		ospf_input(r->ospf, f->now, &p);
		fixture_drain(r);
	}
	assert_true(ospf_interface_next(r->ospf, f->now, &position, &row));
	assert_int_equal(row.neighbors, OSPF_NEIGHBORS_MAX);
	assert_true(row.crowded);
	assert_int_equal(row.drops[OSPF_DROP_TABLE_FULL], 50);
	/* Hellos out of turn are a few, not one for each. */
	assert_in_range(f->sent, 1, 8);
	fixture_run(f, DURATION_S(41));
	position = 0;
	assert_true(ospf_interface_next(r->ospf, f->now, &position, &row));
	assert_int_equal(row.neighbors, 0);
	fixture_free(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		TEST(two_on_a_link_are_full_in_a_moment),
		TEST(a_network_elects_and_survives_its_designated_router),
		TEST(a_newcomer_does_not_wait),
		TEST(a_good_bye_is_heard_at_once),
		TEST(who_is_said_to_be_dead_is_down_at_once_and_stays_down),
		TEST(who_is_named_is_spoken_to_alone),
		TEST(who_begins_anew_is_full_again_in_a_moment),
		TEST(ten_thousand_prefixes_are_there_at_once_and_never_too_many_under_way),
		TEST(whoever_acknowledges_late_is_not_waited_for),
		TEST(what_is_lost_is_sent_again),
		TEST(whoever_has_the_key_is_believed_and_nothing_is_believed_twice),
		TEST(after_any_faults_all_have_the_same_database),
		TEST(a_crowd_of_neighbours_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
