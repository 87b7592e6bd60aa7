/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two systems talk to each other over a wire that loses, delays and cuts. Time moves from event to
 * event.
 */
#include "proto/bfd/bfd.h"

#include <errno.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/unit.h"
#include "proto/bfd/packet.h"

#define WIRE_MAX 64
#define DELAY DURATION_MS(1)

struct side {
	struct bfd *bfd;
	struct path key;
	unsigned ups, downs;
	struct bfd_event last;
	bool mute; /* nothing that it says arrives */
	unsigned sent, polls, finals;
	struct instant down_at;
};

struct pair {
	struct side sides[2];
	struct {
		struct instant at;
		uint8_t to;
		struct bfd_datagram d;
	} wire[WIRE_MAX];
	size_t n_wire;
	struct instant now;
	struct random random;
	unsigned loss; /* of a thousand */
};

static struct bfd *instance(uint64_t seed)
{
	struct bfd *b = bfd_new(&(struct bfd_settings){ .sessions = 4, .independent = true }, seed);

	assert_non_null(b);
	return b;
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	struct address a = address_ipv4(0x0a000001), b = address_ipv4(0x0a000002);

	assert_non_null(p);
	p->sides[0].key = (struct path){ 7, b, a };
	p->sides[1].key = (struct path){ 9, a, b };
	p->sides[0].bfd = instance(1);
	p->sides[1].bfd = instance(2);
	p->now.ns = 1000000000;
	random_init(&p->random, 3);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	bfd_free(p->sides[0].bfd);
	bfd_free(p->sides[1].bfd);
	free(p);
	return 0;
}

static struct bfd_params params_make(uint32_t interval_us, uint8_t multiplier)
{
	return (struct bfd_params){ .tx_us = interval_us,
				    .rx_us = interval_us,
				    .multiplier = multiplier };
}

static void set(struct pair *p, int side, const struct bfd_params *params)
{
	struct side *s = &p->sides[side];

	assert_int_equal(bfd_session_set(s->bfd, p->now, &s->key, params), 0);
}

static void put(struct pair *p, struct side *from, const struct bfd_datagram *d)
{
	uint8_t to = from == &p->sides[0];
	struct bfd_packet seen;

	assert_int_equal(bfd_packet_decode(d->bytes, d->length, &seen), BFD_DROP_NOTHING);
	assert_false(seen.poll && seen.final);
	from->sent++;
	from->polls += seen.poll;
	from->finals += seen.final;
	if (from->mute || random_below(&p->random, 1000) < p->loss)
		return;
	assert_true(p->n_wire < WIRE_MAX);
	p->wire[p->n_wire].at = instant_add(p->now, DELAY);
	p->wire[p->n_wire].to = to;
	p->wire[p->n_wire].d = *d;
	p->wire[p->n_wire++].d.interface = p->sides[to].key.interface;
}

static void drain(struct pair *p, struct side *s)
{
	struct bfd_datagram d;
	struct bfd_event e;

	while (bfd_output(s->bfd, p->now, &d))
		put(p, s, &d);
	while (bfd_event(s->bfd, &e)) {
		s->last = e;
		s->ups += e.to == BFD_STATE_UP;
		if (e.from == BFD_STATE_UP) {
			s->downs++;
			s->down_at = p->now;
		}
	}
}

static struct instant next(const struct pair *p)
{
	struct instant at =
		instant_min(bfd_deadline(p->sides[0].bfd), bfd_deadline(p->sides[1].bfd));

	for (size_t k = 0; k < p->n_wire; k++)
		at = instant_min(at, p->wire[k].at);
	return at;
}

static void deliver(struct pair *p)
{
	for (size_t k = 0; k < p->n_wire;) {
		struct bfd_datagram d = p->wire[k].d;
		uint8_t to = p->wire[k].to;

		if (!instant_reached(p->wire[k].at, p->now)) {
			k++;
			continue;
		}
		memmove(&p->wire[k], &p->wire[k + 1], (--p->n_wire - k) * sizeof(p->wire[0]));
		bfd_input(p->sides[to].bfd, p->now, &d);
		drain(p, &p->sides[to]);
	}
}

static void run(struct pair *p, struct duration for_how_long)
{
	struct instant end = instant_add(p->now, for_how_long);

	drain(p, &p->sides[0]);
	drain(p, &p->sides[1]);
	while (instant_before(next(p), end)) {
		p->now = instant_max(p->now, next(p));
		deliver(p);
		for (int k = 0; k < 2; k++) {
			bfd_tick(p->sides[k].bfd, p->now);
			drain(p, &p->sides[k]);
		}
	}
	p->now = end;
}

static struct bfd_session_info look(const struct pair *p, int side)
{
	struct bfd_session_info info;

	assert_true(bfd_session_find(p->sides[side].bfd, &p->sides[side].key, &info));
	return info;
}

static void bring_up(struct pair *p, const struct bfd_params *params)
{
	set(p, 0, params);
	set(p, 1, params);
	run(p, DURATION_S(4));
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
	assert_int_equal(look(p, 1).state, BFD_STATE_UP);
	assert_int_equal(look(p, 0).tx.ns, (int64_t)params->tx_us * 1000);
	assert_int_equal(look(p, 0).detect.ns, (int64_t)params->rx_us * 1000 * params->multiplier);
}

static void two_that_are_told_of_each_other_come_up(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct bfd_session_info info;
	unsigned sent;

	bring_up(p, &params);
	info = look(p, 0);
	assert_true(info.discriminator != 0 && info.source_port >= BFD_SOURCE_PORT_MIN);
	assert_int_equal(info.remote_discriminator, look(p, 1).discriminator);
	assert_true(info.remote_independent);
	assert_int_equal(p->sides[0].ups, 1);
	/* RFC 5880 6.8.7: 75 to 100 % of the interval. */
	sent = p->sides[0].sent;
	run(p, DURATION_S(10));
	assert_in_range(p->sides[0].sent - sent, 1000, 1334);
	assert_int_equal(p->sides[0].downs + p->sides[1].downs, 0);
}

static void a_second_apart_while_nobody_answers(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	set(p, 0, &params);
	run(p, DURATION_S(100));
	assert_in_range(p->sides[0].sent, 100, 136);
	assert_int_equal(look(p, 0).state, BFD_STATE_DOWN);
}

static void silence_is_noticed_within_the_detection_time(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(3000, 3);
	struct instant cut;

	bring_up(p, &params);
	cut = p->now;
	p->sides[1].mute = true; /* one way only */
	run(p, DURATION_MS(50));
	assert_int_equal(p->sides[0].downs, 1);
	assert_true(instant_since(p->sides[0].down_at, cut).ns <= 10000000);
	assert_int_equal(look(p, 0).diagnostic, BFD_DIAGNOSTIC_EXPIRED);
	/* The other side hears it: it is told. */
	assert_int_equal(p->sides[1].downs, 1);
	assert_int_equal(look(p, 1).diagnostic, BFD_DIAGNOSTIC_NEIGHBOR);
	assert_int_equal(p->sides[1].last.remote_diagnostic, BFD_DIAGNOSTIC_EXPIRED);
	p->sides[1].mute = false;
	run(p, DURATION_S(4));
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
	assert_int_equal(look(p, 0).flaps, 1);
}

/* Nobody is run for a while, and what was on its way is lost. */
static void stand_still(struct pair *p, struct duration for_how_long)
{
	p->now = instant_add(p->now, for_how_long);
	p->n_wire = 0;
}

static void a_machine_that_stands_still_finds_nobody_silent(void **state)
{
	static const uint32_t intervals[] = { 50000, 10000, 5000 };
	struct pair *p = *state;

	for (size_t k = 0; k < sizeof(intervals) / sizeof(intervals[0]); k++) {
		struct bfd_params params = params_make(intervals[k], 3);
		int64_t us = 1000 * (int64_t)intervals[k];

		bring_up(p, &params);
		/* Long and short, at any moment, and two close together. */
		for (int64_t n = 0; n < 200; n++) {
			stand_still(p, (struct duration){ us / 10 * (n % 60) });
			run(p, (struct duration){ us / 10 * (n % 7) });
			stand_still(p, (struct duration){ us * 3 / 2 });
			run(p, (struct duration){ us * 5 + us / 30 * n });
		}
		assert_int_equal(p->sides[0].downs + p->sides[1].downs, 0);
	}
}

static void a_dead_peer_is_noticed_by_a_host_that_is_held_up(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	bring_up(p, &params);
	for (int64_t phase = 0; phase < 100; phase++) {
		unsigned before = p->sides[0].downs;
		struct instant cut;

		run(p, (struct duration){ 5000000000 + phase * 100000 });
		assert_int_equal(look(p, 0).state, BFD_STATE_UP);
		cut = p->now;
		p->sides[1].mute = true;
		while (p->sides[0].downs == before) {
			run(p, DURATION_MS(4));
			stand_still(p, DURATION_MS(6));
		}
		/* Twice the detection time, and what was on its way or slept through. */
		assert_true(instant_since(p->sides[0].down_at, cut).ns <= 72000000);
		p->sides[1].mute = false;
	}
}

static void who_is_a_little_late_postpones_nothing(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct instant cut;

	bring_up(p, &params);
	cut = p->now;
	p->sides[1].mute = true;
	while (p->sides[0].downs == 0) {
		run(p, DURATION_MS(1));
		stand_still(p, DURATION_MS(1));
	}
	assert_true(instant_since(p->sides[0].down_at, cut).ns <= 33000000);
}

static void a_packet_lost_now_and_then_is_no_failure(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 5);

	bring_up(p, &params);
	p->loss = 20; /* all five in a row: one of 300 million */
	run(p, DURATION_S(60));
	assert_int_equal(p->sides[0].downs + p->sides[1].downs, 0);
}

static void heavy_loss_ends_in_a_session_that_is_up_again(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	bring_up(p, &params);
	p->loss = 600;
	run(p, DURATION_S(20));
	assert_true(p->sides[0].downs > 0);
	p->loss = 0;
	run(p, DURATION_S(5));
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
	assert_int_equal(look(p, 1).state, BFD_STATE_UP);
}

static void parameters_change_under_traffic_without_a_flap(void **state)
{
	static const uint32_t intervals[] = { 200000, 3000, 1000000, 10000, 50000, 3000 };
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	bring_up(p, &params);
	p->loss = 10;
	for (size_t k = 0; k < sizeof(intervals) / sizeof(intervals[0]); k++) {
		params = params_make(intervals[k], 4);
		set(p, k % 2, &params);
		run(p, DURATION_S(5));
		assert_int_equal(look(p, k % 2).state, BFD_STATE_UP);
	}
	assert_int_equal(p->sides[0].downs + p->sides[1].downs, 0);
	assert_true(p->sides[0].polls > 0 && p->sides[1].finals > 0);
}

static void a_longer_interval_waits_for_the_peer_to_know_of_it(void **state)
{
	struct pair *p = *state;
	struct bfd_params fast = params_make(10000, 3), slow = params_make(100000, 3);

	bring_up(p, &fast);
	p->sides[0].mute = true; /* its P bit does not arrive */
	set(p, 0, &slow);
	run(p, DURATION_MS(15));
	assert_int_equal(look(p, 0).tx.ns, 10000000);
	p->sides[0].mute = false;
	run(p, DURATION_MS(100));
	assert_int_equal(look(p, 0).tx.ns, 100000000);
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
}

static void changes_that_follow_each_other_end_with_the_last(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	bring_up(p, &params);
	for (uint32_t us = 20000; us <= 200000; us += 20000) {
		params = params_make(us, 3);
		set(p, 0, &params);
		run(p, (struct duration){ 500000 });
	}
	run(p, DURATION_S(3));
	assert_int_equal(look(p, 0).tx.ns, 200000000);
	assert_int_equal(look(p, 0).detect.ns, 600000000);
	assert_int_equal(p->sides[0].downs + p->sides[1].downs, 0);
}

static void a_side_that_starts_anew_is_met_anew(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	uint32_t before;

	params.auth = BFD_AUTH_SHA1_METICULOUS;
	params.n_secrets = 1;
	params.secrets[0] = (struct bfd_secret){ .id = 1, .length = 3, .bytes = "abc" };
	bring_up(p, &params);
	before = look(p, 1).discriminator;
	bfd_free(p->sides[1].bfd);
	p->sides[1].bfd = instance(99);
	set(p, 1, &params);
	run(p, DURATION_S(5));
	assert_int_not_equal(look(p, 1).discriminator, before);
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
	assert_int_equal(look(p, 1).state, BFD_STATE_UP);
	assert_int_equal(p->sides[0].downs, 1);
}

static void who_is_removed_says_so_and_nothing_is_left(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct bfd_session_info info;
	unsigned sent;

	bring_up(p, &params);
	sent = p->sides[0].sent;
	bfd_session_remove(p->sides[0].bfd, p->now, &p->sides[0].key);
	run(p, DURATION_MS(30));
	assert_int_equal(p->sides[0].sent - sent, 3);
	assert_true(bfd_is_empty(p->sides[0].bfd));
	assert_false(bfd_session_find(p->sides[0].bfd, &p->sides[0].key, &info));
	assert_int_equal(p->sides[1].downs, 1);
	assert_int_equal(p->sides[1].last.remote_state, BFD_STATE_ADMIN_DOWN);
	/* It may come back at once, also in the middle of its good-bye. */
	set(p, 0, &params);
	run(p, DURATION_S(3));
	assert_int_equal(look(p, 1).state, BFD_STATE_UP);
	bfd_session_remove(p->sides[0].bfd, p->now, &p->sides[0].key);
	run(p, DURATION_MS(5));
	set(p, 0, &params);
	run(p, DURATION_S(4));
	assert_int_equal(look(p, 1).state, BFD_STATE_UP);
	bfd_stop(p->sides[0].bfd, p->now);
	run(p, DURATION_MS(30));
	assert_true(bfd_is_empty(p->sides[0].bfd));
}

static void passive_waits_for_the_other(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3), passive = params;

	passive.passive = true;
	set(p, 0, &passive);
	run(p, DURATION_S(5));
	assert_int_equal(p->sides[0].sent, 0);
	set(p, 1, &params);
	run(p, DURATION_S(3));
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
}

static struct bfd_datagram to_side_0(const struct pair *p, struct bfd_packet *packet)
{
	struct bfd_datagram d = { .interface = 7,
				  .source = p->sides[0].key.peer,
				  .destination = p->sides[0].key.local,
				  .destination_port = BFD_PORT,
				  .ttl = 255 };

	d.length = (uint16_t)bfd_packet_encode(packet, d.bytes);
	return d;
}

static struct bfd_packet packet_from_1(const struct pair *p)
{
	return (struct bfd_packet){ .state = BFD_STATE_UP,
				    .multiplier = 3,
				    .my_discriminator = look(p, 1).discriminator,
				    .your_discriminator = look(p, 0).discriminator,
				    .tx_us = 10000,
				    .rx_us = 10000 };
}

/* Field by field: what lies between them is nobody's. */
static void same(const struct bfd_session_info *a, const struct bfd_session_info *b)
{
	assert_true(path_equal(&a->key, &b->key));
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->remote_state, b->remote_state);
	assert_int_equal(a->diagnostic, b->diagnostic);
	assert_int_equal(a->remote_diagnostic, b->remote_diagnostic);
	assert_int_equal(a->multiplier, b->multiplier);
	assert_int_equal(a->remote_multiplier, b->remote_multiplier);
	assert_int_equal(a->remote_independent, b->remote_independent);
	assert_int_equal(a->discriminator, b->discriminator);
	assert_int_equal(a->remote_discriminator, b->remote_discriminator);
	assert_int_equal(a->tx.ns, b->tx.ns);
	assert_int_equal(a->detect.ns, b->detect.ns);
	assert_int_equal(a->since.ns, b->since.ns);
	assert_int_equal(a->slot, b->slot);
	assert_int_equal(a->source_port, b->source_port);
	assert_int_equal(a->flaps, b->flaps);
	assert_int_equal(a->sent, b->sent);
	assert_int_equal(a->received, b->received);
}

static void refused(struct pair *p, const struct bfd_datagram *d, enum bfd_drop drop)
{
	struct bfd_session_info before = look(p, 0), after;
	uint32_t at_session = before.drops[drop], at_instance = bfd_drops(p->sides[0].bfd)[drop];

	bfd_input(p->sides[0].bfd, p->now, d);
	after = look(p, 0);
	assert_int_equal(after.drops[drop] + bfd_drops(p->sides[0].bfd)[drop],
			 at_session + at_instance + 1);
	same(&before, &after);
}

static void what_is_not_believed_changes_nothing(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct bfd_packet packet;
	struct bfd_datagram d;

	bring_up(p, &params);
	packet = packet_from_1(p);
	packet.state = BFD_STATE_DOWN;
	d = to_side_0(p, &packet);
	d.ttl = 254;
	refused(p, &d, BFD_DROP_TTL);
	d.ttl = 255;
	d.interface = 8;
	refused(p, &d, BFD_DROP_ADDRESS);
	d.interface = 7;
	d.destination_port = BFD_PORT_MULTIHOP;
	refused(p, &d, BFD_DROP_ADDRESS);
	d.destination_port = BFD_PORT;
	d.source = address_ipv4(0x0a000003);
	refused(p, &d, BFD_DROP_ADDRESS);
	packet.your_discriminator ^= 1;
	d = to_side_0(p, &packet);
	refused(p, &d, BFD_DROP_YOUR_DISCRIMINATOR);
	packet.your_discriminator = 0;
	packet.state = BFD_STATE_INIT;
	d = to_side_0(p, &packet);
	refused(p, &d, BFD_DROP_STATE);
	packet.state = BFD_STATE_DOWN;
	d = to_side_0(p, &packet);
	d.source = address_ipv4(0x0a000003);
	refused(p, &d, BFD_DROP_NO_SESSION);
	packet = packet_from_1(p);
	packet.auth = BFD_AUTH_PASSWORD;
	packet.n_secret = 3;
	d = to_side_0(p, &packet);
	refused(p, &d, BFD_DROP_AUTH_UNEXPECTED);
}

static void a_packet_that_is_played_again_is_refused(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct bfd_datagram d;

	params.auth = BFD_AUTH_MD5_METICULOUS;
	params.n_secrets = 1;
	params.secrets[0] = (struct bfd_secret){ .id = 1, .length = 3, .bytes = "abc" };
	bring_up(p, &params);
	bfd_tick(p->sides[1].bfd, instant_add(p->now, DURATION_MS(10)));
	assert_true(bfd_output(p->sides[1].bfd, p->now, &d));
	d.interface = 7;
	bfd_input(p->sides[0].bfd, p->now, &d);
	refused(p, &d, BFD_DROP_AUTH_SEQUENCE);
	d.bytes[40] ^= 1;
	refused(p, &d, BFD_DROP_AUTH_DIGEST);
}

static void a_peer_that_wants_no_packets_gets_none(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct bfd_packet packet;
	struct bfd_datagram d;
	unsigned sent;

	bring_up(p, &params);
	packet = packet_from_1(p);
	packet.rx_us = 0;
	packet.tx_us = 60000000;
	d = to_side_0(p, &packet);
	p->sides[1].mute = true;
	p->n_wire = 0;
	bfd_input(p->sides[0].bfd, p->now, &d);
	run(p, DURATION_MS(5));
	sent = p->sides[0].sent;
	run(p, DURATION_S(20));
	assert_int_equal(p->sides[0].sent, sent);
}

/* How long it takes until side 0 sends again after it has heard what side 1 requires now. */
static int64_t silence_after_ms(struct pair *p, uint32_t rx_us)
{
	struct bfd_packet packet = packet_from_1(p);
	struct instant heard = p->now;
	struct bfd_datagram d;
	unsigned sent;

	packet.rx_us = rx_us;
	packet.tx_us = 60000000;
	d = to_side_0(p, &packet);
	p->sides[1].mute = true;
	p->n_wire = 0;
	bfd_input(p->sides[0].bfd, p->now, &d);
	for (sent = p->sides[0].sent; p->sides[0].sent == sent;)
		run(p, DURATION_MS(1));
	return duration_ms(instant_since(p->now, heard));
}

static void a_packet_that_waits_heeds_a_peer_that_has_become_slower(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);

	bring_up(p, &params);
	/* At least three quarters of the new interval behind the packet before, which is recent. */
	assert_in_range(silence_after_ms(p, 1000000), 740, 1000);
	/* A faster one gets the next at once. */
	assert_in_range(silence_after_ms(p, 20000), 0, 21);
}

static void a_passive_side_answers_a_peer_that_still_means_its_earlier_life(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3), passive = params;
	struct bfd_packet packet = { .state = BFD_STATE_DOWN,
				     .multiplier = 3,
				     .my_discriminator = 4711,
				     .your_discriminator = 815,
				     .tx_us = 1000000,
				     .rx_us = 10000 };
	struct bfd_datagram d;

	passive.passive = true;
	set(p, 0, &passive);
	set(p, 1, &params);
	p->sides[1].mute = true;
	run(p, DURATION_S(2));
	assert_int_equal(p->sides[0].sent, 0);
	d = to_side_0(p, &packet);
	/* It has crossed a router: anybody may have sent it. */
	d.ttl = 254;
	bfd_input(p->sides[0].bfd, p->now, &d);
	run(p, DURATION_MS(10));
	assert_int_equal(p->sides[0].sent, 0);
	d.ttl = 255;
	for (int k = 0; k < 100; k++) {
		bfd_input(p->sides[0].bfd, p->now, &d);
		run(p, DURATION_MS(10));
	}
	/* One a second, however often it is asked. */
	assert_int_equal(p->sides[0].sent, 1);
	/* The peer has heard it, and means us now. */
	p->sides[1].mute = false;
	run(p, DURATION_S(3));
	assert_int_equal(look(p, 0).state, BFD_STATE_UP);
}

static void sessions_over_several_hops_and_ipv6_are_the_same(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(50000, 3);
	struct address a, b;

	assert_int_equal(address_parse("2001:db8::1", &a), 0);
	assert_int_equal(address_parse("2001:db8:1::2", &b), 0);
	p->sides[0].key = (struct path){ 0, b, a };
	p->sides[1].key = (struct path){ 0, a, b };
	bring_up(p, &params);
}

static void there_are_as_many_sessions_as_were_asked_for(void **state)
{
	struct pair *p = *state;
	struct bfd_params params = params_make(10000, 3);
	struct path key = p->sides[0].key;

	for (uint32_t k = 0; k < 4; k++) {
		key.peer = address_ipv4(0x0a000100 + k);
		assert_int_equal(bfd_session_set(p->sides[0].bfd, p->now, &key, &params), 0);
	}
	key.peer = address_ipv4(0x0a000200);
	assert_int_equal(bfd_session_set(p->sides[0].bfd, p->now, &key, &params), -ENOSPC);
	params.multiplier = 0;
	assert_int_equal(bfd_session_set(p->sides[0].bfd, p->now, &key, &params), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(two_that_are_told_of_each_other_come_up),
		TEST(a_second_apart_while_nobody_answers),
		TEST(silence_is_noticed_within_the_detection_time),
		TEST(a_machine_that_stands_still_finds_nobody_silent),
		TEST(a_dead_peer_is_noticed_by_a_host_that_is_held_up),
		TEST(who_is_a_little_late_postpones_nothing),
		TEST(a_packet_lost_now_and_then_is_no_failure),
		TEST(heavy_loss_ends_in_a_session_that_is_up_again),
		TEST(parameters_change_under_traffic_without_a_flap),
		TEST(a_longer_interval_waits_for_the_peer_to_know_of_it),
		TEST(changes_that_follow_each_other_end_with_the_last),
		TEST(a_side_that_starts_anew_is_met_anew),
		TEST(who_is_removed_says_so_and_nothing_is_left),
		TEST(passive_waits_for_the_other),
		TEST(what_is_not_believed_changes_nothing),
		TEST(a_packet_that_is_played_again_is_refused),
		TEST(a_peer_that_wants_no_packets_gets_none),
		TEST(a_packet_that_waits_heeds_a_peer_that_has_become_slower),
		TEST(a_passive_side_answers_a_peer_that_still_means_its_earlier_life),
		TEST(sessions_over_several_hops_and_ipv6_are_the_same),
		TEST(there_are_as_many_sessions_as_were_asked_for),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
