/* SPDX-License-Identifier: Apache-2.0 */
/* A neighbour that answers, one that does not, and one whose answers are not its own. */
#include <errno.h>
#include <string.h>

#include "base/unit.h"
#include "proto/probe/probe.h"

#define INTERFACE 7
#define INTERVAL DURATION_MS(100)

static const uint8_t our_mac[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };

struct bench {
	struct probe *probe;
	struct instant now;
	struct path path;
	uint8_t mac[ETHER_MAC_BYTES]; /* that has the neighbour's address */
	bool silent;
	unsigned one, all, ups, downs;
	uint8_t state;
};

static const struct path ipv4 = {
	INTERFACE,
	{ .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 1 } },
	{ .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 10 } },
};

static const struct path ipv6 = {
	INTERFACE,
	{ .family = FAMILY_IPV6, .bytes = { 0xfe, 0x80, [15] = 1 } },
	{ .family = FAMILY_IPV6, .bytes = { 0xfe, 0x80, [15] = 10 } },
};

static struct bench bench_make(const struct path *path, uint32_t interval_us, uint8_t multiplier)
{
	const struct probe_params params = { interval_us, multiplier };
	struct bench b = { .now = { 1000 }, .path = *path, .mac = { 2, 0, 0, 0, 0, 2 } };

	b.probe = probe_new(&(struct probe_settings){ .sessions = 4 }, 1);
	assert_non_null(b.probe);
	assert_int_equal(probe_session_set(b.probe, b.now, path, &params), 0);
	return b;
}

/* What the host with the neighbour's address says to the question. */
static struct ether_message answer_to(const struct bench *b, const struct ether_message *question)
{
	bool arp = question->kind == ETHER_ARP_REQUEST;
	struct ether_message m = {
		.kind = arp ? ETHER_ARP_REPLY : ETHER_ADVERTISEMENT,
		.has_option = !arp,
		.solicited = !arp,
		.override = !arp,
		.source = question->target,
		.destination = question->source,
		.target = arp ? question->source : question->target,
	};

	memcpy(m.from, b->mac, ETHER_MAC_BYTES);
	memcpy(m.mac, b->mac, ETHER_MAC_BYTES);
	memcpy(m.to, question->mac, ETHER_MAC_BYTES);
	return m;
}

static void hear(struct bench *b, const struct ether_message *m)
{
	struct ether_frame frame = { .interface = INTERFACE };

	ether_encode(m, &frame);
	probe_input(b->probe, b->now, &frame);
}

/* Gives the neighbour each question that reaches it, and takes its answers at once. */
static void pump(struct bench *b)
{
	struct probe_question q;
	struct probe_event e;

	while (probe_output(b->probe, b->now, &q)) {
		struct ether_frame frame;
		struct ether_message m;

		assert_true(path_equal(&q.path, &b->path));
		probe_frame(&q, our_mac, &frame);
		assert_int_equal(frame.interface, INTERFACE);
		assert_int_equal(ether_decode(&frame, &m), 0);
		assert_true(address_equal(&m.source, &b->path.local));
		assert_true(address_equal(&m.target, &b->path.peer));
		assert_memory_equal(m.mac, our_mac, ETHER_MAC_BYTES);
		b->one += !q.all;
		b->all += q.all;
		assert_int_equal(m.to[0] & 1, q.all);
		if (b->silent || (!q.all && memcmp(m.to, b->mac, ETHER_MAC_BYTES) != 0))
			continue;
		m = answer_to(b, &m);
		hear(b, &m);
	}
	while (probe_event(b->probe, &e)) {
		b->ups += e.state == PROBE_STATE_UP && b->state != e.state;
		b->downs += e.state == PROBE_STATE_DOWN && b->state != e.state;
		b->state = e.state;
	}
}

static void run(struct bench *b, struct duration time)
{
	struct instant until = instant_add(b->now, time);

	pump(b);
	while (instant_before(probe_deadline(b->probe), until)) {
		b->now = instant_max(b->now, probe_deadline(b->probe));
		probe_tick(b->probe, b->now);
		pump(b);
	}
	b->now = until;
}

static uint32_t dropped(const struct bench *b, enum probe_drop reason)
{
	return probe_drops(b->probe)[reason];
}

static void a_neighbour_that_answers_is_up_and_asked_alone(void **state)
{
	const struct path *paths[] = { &ipv4, &ipv6 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b = bench_make(paths[k], 100000, 3);

		run(&b, DURATION_S(10));
		assert_int_equal(b.state, PROBE_STATE_UP);
		assert_int_equal(b.all, 1);
		/* 75 to 90 % of the interval. */
		assert_in_range(b.one, 110, 134);
		assert_int_equal(b.ups, 1);
		assert_int_equal(b.downs, 0);
		probe_free(b.probe);
	}
}

static void one_that_never_answers_is_unknown_and_asked_slowly(void **state)
{
	struct bench b = bench_make(&ipv4, 10000, 3);

	(void)state;
	b.silent = true;
	run(&b, DURATION_S(10));
	assert_int_equal(b.state, PROBE_STATE_UNKNOWN);
	assert_int_equal(b.downs, 0);
	assert_int_equal(b.one, 0);
	assert_in_range(b.all, 10, 15);
	probe_free(b.probe);
}

static void silence_is_noticed_within_the_intervals_and_a_little(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 5; multiplier++) {
		for (int64_t phase = 0; phase < 100; phase += 7) {
			struct bench b = bench_make(&ipv4, 100000, multiplier);
			int64_t ms = 0;

			run(&b, DURATION_MS(2000 + phase));
			assert_int_equal(b.state, PROBE_STATE_UP);
			b.silent = true;
			b.one = b.all = 0;
			for (; b.state == PROBE_STATE_UP && ms < 1000; ms++)
				run(&b, DURATION_MS(1));
			assert_in_range(ms, (multiplier - 1) * 100 + 1, multiplier * 100 + 12);
			/* So many were asked of it in vain. */
			assert_in_range(b.one, multiplier - 1, multiplier * 4 / 3 + 1);
			assert_int_equal(b.downs, 1);
			/* It comes back. */
			b.silent = false;
			run(&b, DURATION_S(2));
			assert_int_equal(b.state, PROBE_STATE_UP);
			probe_free(b.probe);
		}
	}
}

static void lost_answers_fewer_than_the_multiplier_are_no_failure(void **state)
{
	struct bench b = bench_make(&ipv4, 100000, 3);

	(void)state;
	run(&b, DURATION_S(1));
	for (unsigned k = 0; k < 50; k++) {
		b.silent = true;
		run(&b, DURATION_MS(140));
		b.silent = false;
		run(&b, DURATION_MS(100));
	}
	assert_int_equal(b.downs, 0);
	probe_free(b.probe);
}

static void an_address_that_moves_to_another_host_is_no_failure(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 3; multiplier++) {
		struct bench b = bench_make(&ipv6, 10000, multiplier);
		struct probe_session_info info;

		run(&b, DURATION_S(1));
		b.mac[5] = 99;
		b.all = 0;
		run(&b, DURATION_S(1));
		assert_int_equal(b.downs, 0);
		assert_int_equal(b.state, PROBE_STATE_UP);
		/* All were asked, and then the new one alone. */
		if (multiplier > 1)
			assert_int_equal(b.all, 1);
		assert_true(probe_session_find(b.probe, &b.path, &info));
		assert_memory_equal(info.mac, b.mac, ETHER_MAC_BYTES);
		probe_free(b.probe);
	}
}

static void a_host_that_was_held_up_asks_before_it_judges(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 3; multiplier++) {
		struct bench b = bench_make(&ipv4, 100000, multiplier);

		run(&b, DURATION_S(1));
		for (unsigned k = 0; k < 20; k++) {
			b.now = instant_add(b.now, DURATION_MS(700 + 13 * k));
			probe_tick(b.probe, b.now);
			run(&b, DURATION_MS(50 + 29 * k));
			assert_int_equal(b.downs, 0);
		}
		probe_free(b.probe);
	}
}

static void only_the_neighbours_own_answer_counts(void **state)
{
	struct bench b = bench_make(&ipv4, 100000, 3);
	struct ether_message question = { .kind = ETHER_ARP_REQUEST,
					  .source = b.path.local,
					  .target = b.path.peer };
	struct ether_frame frame = { .interface = INTERFACE + 1 };
	struct ether_message m;

	(void)state;
	memcpy(question.mac, our_mac, ETHER_MAC_BYTES);
	b.silent = true;
	run(&b, DURATION_S(1));
	/* Of another address, to another, from another interface, a question. */
	m = answer_to(&b, &question);
	m.source.bytes[3]++;
	hear(&b, &m);
	m = answer_to(&b, &question);
	m.target.bytes[3]++;
	hear(&b, &m);
	m = answer_to(&b, &question);
	ether_encode(&m, &frame);
	probe_input(b.probe, b.now, &frame);
	assert_int_equal(dropped(&b, PROBE_DROP_NO_SESSION), 3);
	m.kind = ETHER_ARP_REQUEST;
	hear(&b, &m);
	assert_int_equal(dropped(&b, PROBE_DROP_KIND), 1);
	/* One that ends too early, and one that is of nobody's Ethernet. */
	frame.interface = INTERFACE;
	frame.length = 20;
	probe_input(b.probe, b.now, &frame);
	m = answer_to(&b, &question);
	m.mac[0] |= 1;
	hear(&b, &m);
	assert_int_equal(dropped(&b, PROBE_DROP_MALFORMED), 2);
	pump(&b);
	assert_int_equal(b.state, PROBE_STATE_UNKNOWN);
	/* The right one counts, once. */
	m = answer_to(&b, &question);
	hear(&b, &m);
	hear(&b, &m);
	assert_int_equal(dropped(&b, PROBE_DROP_UNASKED), 1);
	pump(&b);
	assert_int_equal(b.state, PROBE_STATE_UP);
	probe_free(b.probe);
}

static void an_advertisement_that_was_not_asked_for_is_no_answer(void **state)
{
	struct bench b = bench_make(&ipv6, 100000, 3);
	struct ether_message question = { .kind = ETHER_SOLICITATION,
					  .source = b.path.local,
					  .target = b.path.peer };
	struct ether_message m;

	(void)state;
	memcpy(question.mac, our_mac, ETHER_MAC_BYTES);
	b.silent = true;
	run(&b, DURATION_S(1));
	m = answer_to(&b, &question);
	m.solicited = false;
	hear(&b, &m);
	assert_int_equal(dropped(&b, PROBE_DROP_KIND), 1);
	m.solicited = true;
	m.destination.bytes[15]++;
	hear(&b, &m);
	assert_int_equal(dropped(&b, PROBE_DROP_NO_SESSION), 1);
	probe_free(b.probe);
}

static void other_parameters_are_no_flap(void **state)
{
	static const struct probe_params steps[] = { { 10000, 1 }, { 1000000, 3 },  { 10000, 2 },
						     { 50000, 9 }, { 60000000, 1 }, { 20000, 1 } };
	struct bench b = bench_make(&ipv4, 100000, 3);

	(void)state;
	run(&b, DURATION_S(1));
	for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		assert_int_equal(probe_session_set(b.probe, b.now, &b.path, &steps[k]), 0);
		b.one = 0;
		run(&b, DURATION_S(5));
		assert_int_equal(b.downs, 0);
		/* It takes effect at once. */
		if (steps[k].interval_us < 1000000)
			assert_true(b.one >= 5000000 / steps[k].interval_us);
	}
	assert_int_equal(b.ups, 1);
	probe_free(b.probe);
}

static void what_cannot_be_told_is_told_again(void **state)
{
	struct bench b = bench_make(&ipv4, 100000, 3);
	struct probe_event e;

	(void)state;
	run(&b, DURATION_S(1));
	assert_false(probe_has_event(b.probe));
	probe_event_all(b.probe);
	assert_true(probe_event(b.probe, &e));
	assert_int_equal(e.state, PROBE_STATE_UP);
	assert_false(probe_event(b.probe, &e));
	probe_event_again(b.probe, &b.path);
	assert_true(probe_has_event(b.probe));
	probe_session_remove(b.probe, &b.path);
	assert_false(probe_has_event(b.probe));
	assert_true(probe_is_empty(b.probe));
	assert_true(instant_is_never(probe_deadline(b.probe)));
	probe_free(b.probe);
}

static void there_is_an_end_to_sessions_and_to_what_they_may_be(void **state)
{
	struct bench b = bench_make(&ipv4, 100000, 3);
	struct probe_params params = { 100000, 3 };
	struct path path = ipv4;

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		path.peer.bytes[3]++;
		assert_int_equal(probe_session_set(b.probe, b.now, &path, &params), 0);
	}
	path.peer.bytes[3]++;
	assert_int_equal(probe_session_set(b.probe, b.now, &path, &params), -ENOSPC);
	probe_stop(b.probe);
	assert_int_equal(probe_session_set(b.probe, b.now, &path, &params), 0);
	path.interface = 0;
	assert_int_equal(probe_session_set(b.probe, b.now, &path, &params), -EINVAL);
	path.interface = INTERFACE;
	path.local = ipv6.local;
	assert_int_equal(probe_session_set(b.probe, b.now, &path, &params), -EINVAL);
	params.multiplier = 0;
	assert_int_equal(probe_session_set(b.probe, b.now, &ipv4, &params), -EINVAL);
	params = (struct probe_params){ PROBE_INTERVAL_MIN_US - 1, 3 };
	assert_int_equal(probe_session_set(b.probe, b.now, &ipv4, &params), -EINVAL);
	probe_free(b.probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_neighbour_that_answers_is_up_and_asked_alone),
		cmocka_unit_test(one_that_never_answers_is_unknown_and_asked_slowly),
		cmocka_unit_test(silence_is_noticed_within_the_intervals_and_a_little),
		cmocka_unit_test(lost_answers_fewer_than_the_multiplier_are_no_failure),
		cmocka_unit_test(an_address_that_moves_to_another_host_is_no_failure),
		cmocka_unit_test(a_host_that_was_held_up_asks_before_it_judges),
		cmocka_unit_test(only_the_neighbours_own_answer_counts),
		cmocka_unit_test(an_advertisement_that_was_not_asked_for_is_no_answer),
		cmocka_unit_test(other_parameters_are_no_flap),
		cmocka_unit_test(what_cannot_be_told_is_told_again),
		cmocka_unit_test(there_is_an_end_to_sessions_and_to_what_they_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
