/* SPDX-License-Identifier: Apache-2.0 */
/* A router that forwards, one that does not, and returns that are not what they look like. */
#include <errno.h>

#include "proto/echo/bench_test.h"

static struct bench tracking(const struct path *path, uint32_t interval_us, uint8_t multiplier)
{
	struct bench b = bench_make(path);
	const struct echo_params params = params_of(path, interval_us, multiplier);

	assert_int_equal(echo_track_set(b.echo, b.now, path, &params), 0);
	return b;
}

static void a_router_that_forwards_is_up_and_asked_once_where_it_is(void **state)
{
	const struct path *paths[] = { &ipv4, &ipv6 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b = tracking(paths[k], 100000, 3);
		struct echo_track_info info;

		run(&b, DURATION_S(10));
		assert_int_equal(b.state, ECHO_STATE_UP);
		assert_int_equal(b.questions, 1);
		/* 75 to 90 % of the interval. */
		assert_in_range(b.packets, 110, 134);
		assert_int_equal(b.ups, 1);
		assert_int_equal(b.downs, 0);
		assert_true(echo_track_find(b.echo, paths[k], &info));
		assert_int_equal(info.returned, b.packets);
		assert_memory_equal(info.mac, b.mac, ETHER_MAC_BYTES);
		echo_free(b.echo);
	}
}

static void one_that_never_forwards_is_unknown_and_asked_slowly(void **state)
{
	struct bench b = tracking(&ipv4, 10000, 3);

	(void)state;
	b.forwards = false;
	run(&b, DURATION_S(10));
	assert_int_equal(b.state, ECHO_STATE_UNKNOWN);
	assert_int_equal(b.downs, 0);
	assert_in_range(b.packets, 10, 15);
	echo_free(b.echo);
}

static void one_that_does_not_say_where_it_is_is_sent_nothing(void **state)
{
	struct bench b = tracking(&ipv6, 10000, 3);

	(void)state;
	b.silent = true;
	run(&b, DURATION_S(10));
	assert_int_equal(b.packets, 0);
	assert_in_range(b.questions, 10, 15);
	b.silent = false;
	run(&b, DURATION_S(1));
	assert_int_equal(b.state, ECHO_STATE_UP);
	echo_free(b.echo);
}

static void silence_is_noticed_within_the_intervals_and_a_little(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 5; multiplier++) {
		for (int64_t phase = 0; phase < 100; phase += 7) {
			struct bench b = tracking(&ipv4, 100000, multiplier);
			int64_t ms = 0;

			run(&b, DURATION_MS(2000 + phase));
			assert_int_equal(b.state, ECHO_STATE_UP);
			b.forwards = false;
			for (; b.state == ECHO_STATE_UP && ms < 1000; ms++)
				run(&b, DURATION_MS(1));
			assert_in_range(ms, (multiplier - 1) * 100 + 1, multiplier * 100 + 12);
			assert_int_equal(b.downs, 1);
			/* It forwards again. */
			b.forwards = true;
			run(&b, DURATION_S(2));
			assert_int_equal(b.state, ECHO_STATE_UP);
			echo_free(b.echo);
		}
	}
}

static void lost_packets_fewer_than_the_multiplier_are_no_failure(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);

	(void)state;
	run(&b, DURATION_S(1));
	for (unsigned k = 0; k < 50; k++) {
		b.forwards = false;
		run(&b, DURATION_MS(140));
		b.forwards = true;
		run(&b, DURATION_MS(100));
	}
	assert_int_equal(b.downs, 0);
	echo_free(b.echo);
}

static void a_router_that_moves_to_another_host_is_no_failure(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 3; multiplier++) {
		struct bench b = tracking(&ipv6, 10000, multiplier);
		struct echo_track_info info;

		run(&b, DURATION_S(1));
		b.mac[5] = 99;
		b.questions = 0;
		run(&b, DURATION_S(1));
		assert_int_equal(b.downs, 0);
		assert_int_equal(b.state, ECHO_STATE_UP);
		if (multiplier > 1)
			assert_int_equal(b.questions, 1);
		assert_true(echo_track_find(b.echo, &b.path, &info));
		assert_memory_equal(info.mac, b.mac, ETHER_MAC_BYTES);
		echo_free(b.echo);
	}
}

/* A host that was held up has sent too little, or has not read what had come. */
static void a_host_that_was_held_up_judges_nobody(void **state)
{
	(void)state;
	for (uint8_t multiplier = 1; multiplier <= 3; multiplier++) {
		struct bench b = tracking(&ipv4, 100000, multiplier);

		run(&b, DURATION_S(1));
		for (unsigned k = 0; k < 20; k++) {
			b.now = instant_add(b.now, DURATION_MS(700 + 13 * k));
			echo_tick(b.echo, b.now);
			run(&b, DURATION_MS(50 + 29 * k));
			assert_int_equal(b.downs, 0);
		}
		/* The router is dead all the same, and that is noticed in the end. */
		b.forwards = false;
		for (unsigned k = 0; k < 4u * multiplier && b.downs == 0; k++) {
			b.now = instant_add(b.now, DURATION_MS(130));
			echo_tick(b.echo, b.now);
			pump(&b);
		}
		run(&b, DURATION_MS(200));
		assert_int_equal(b.downs, 1);
		echo_free(b.echo);
	}
}

/* All that had been sent comes in one go: nothing of it may be held against the router. */
static void what_stood_in_the_ring_counts_when_it_is_read(void **state)
{
	struct bench b = tracking(&ipv4, 10000, 3);
	struct echo_frame kept;

	(void)state;
	run(&b, DURATION_S(1));
	b.forwards = false;
	while (b.packets == 0 || b.last.length == 0)
		run(&b, DURATION_MS(1));
	b.packets = 0;
	while (b.packets == 0)
		run(&b, DURATION_MS(1));
	kept = b.last;
	b.now = instant_add(b.now, DURATION_MS(300));
	hear(&b, &kept);
	b.forwards = true;
	echo_tick(b.echo, b.now);
	run(&b, DURATION_S(1));
	assert_int_equal(b.downs, 0);
	assert_int_equal(dropped(&b, ECHO_DROP_LATE), 0);
	echo_free(b.echo);
}

static void each_packet_counts_once_and_in_its_time(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);
	struct echo_track_info info;
	struct echo_frame first;
	uint64_t returned;

	(void)state;
	run(&b, DURATION_S(1));
	first = b.last;
	hear(&b, &first);
	assert_int_equal(dropped(&b, ECHO_DROP_DUPLICATE), 1);
	/* Replayed when it is long forgotten. */
	run(&b, DURATION_S(10));
	hear(&b, &first);
	assert_int_equal(dropped(&b, ECHO_DROP_LATE), 1);
	/* Nobody can keep a dead router up by what he has recorded. */
	b.forwards = false;
	run(&b, DURATION_MS(250));
	first = b.last;
	for (unsigned k = 0; k < 100; k++) {
		run(&b, DURATION_MS(100));
		first.bytes[49]++;
		hear(&b, &first);
	}
	assert_int_equal(b.state, ECHO_STATE_DOWN);
	assert_true(echo_track_find(b.echo, &b.path, &info));
	returned = info.returned;
	/* One that is really late. */
	run(&b, DURATION_S(3));
	first = b.last;
	b.now = instant_add(b.now, DURATION_MS(1100));
	hear(&b, &first);
	assert_true(echo_track_find(b.echo, &b.path, &info));
	assert_int_equal(info.returned, returned);
	assert_int_equal(dropped(&b, ECHO_DROP_LATE), 2);
	/* Of a track that is gone. */
	echo_track_remove(b.echo, &b.path);
	hear(&b, &first);
	assert_int_equal(dropped(&b, ECHO_DROP_CLOSED), 1);
	echo_free(b.echo);
}

static void what_no_router_or_another_way_has_brought_does_not_count(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);

	(void)state;
	b.takes = 0;
	run(&b, DURATION_S(2));
	assert_int_equal(b.state, ECHO_STATE_UNKNOWN);
	assert_true(dropped(&b, ECHO_DROP_TTL) > 0);
	b.takes = 2;
	run(&b, DURATION_S(2));
	assert_int_equal(b.state, ECHO_STATE_UNKNOWN);
	b.takes = 1;
	b.back = INTERFACE + 1;
	run(&b, DURATION_S(2));
	assert_int_equal(b.state, ECHO_STATE_UNKNOWN);
	assert_true(dropped(&b, ECHO_DROP_INTERFACE) > 0);
	b.back = INTERFACE;
	run(&b, DURATION_S(2));
	assert_int_equal(b.state, ECHO_STATE_UP);
	echo_free(b.echo);
}

static void what_another_instance_has_sent_is_not_ours(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3), other = bench_make(&ipv4);
	const struct echo_settings settings = { 4, 8, { 3, 4 } };
	const struct echo_params params = params_of(&ipv4, 100000, 3);

	(void)state;
	echo_free(other.echo);
	other.echo = echo_new(&settings, 1);
	assert_int_equal(echo_track_set(other.echo, other.now, &ipv4, &params), 0);
	assert_true(echo_cookie(b.echo) != echo_cookie(other.echo));
	b.forwards = false;
	run(&b, DURATION_MS(100));
	run(&other, DURATION_MS(100));
	hear(&b, &other.last);
	assert_int_equal(dropped(&b, ECHO_DROP_FOREIGN), 1);
	/* Its cookie and port can be seen by everybody; the tag can not be made. */
	memcpy(other.last.bytes + 34, b.last.bytes + 34, 16);
	hear(&b, &other.last);
	assert_int_equal(dropped(&b, ECHO_DROP_FORGED), 1);
	pump(&b);
	assert_int_equal(b.state, ECHO_STATE_UNKNOWN);
	echo_free(b.echo);
	echo_free(other.echo);
}

static void an_error_about_it_is_known_and_concludes_nothing(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);
	struct echo_track_info info;
	struct echo_frame error;

	(void)state;
	run(&b, DURATION_S(1));
	b.forwards = false;
	b.packets = 0;
	while (b.packets == 0)
		run(&b, DURATION_MS(1));
	error = error_about(&b, 3, 13, 52);
	hear(&b, &error);
	pump(&b);
	assert_true(echo_track_find(b.echo, &b.path, &info));
	assert_int_equal(info.refusal, ECHO_REFUSAL_PROHIBITED);
	assert_int_equal(info.state, ECHO_STATE_UP);
	/* It is said once, of each packet. */
	hear(&b, &error);
	assert_int_equal(dropped(&b, ECHO_DROP_DUPLICATE), 1);
	run(&b, DURATION_S(1));
	assert_int_equal(b.state, ECHO_STATE_DOWN);
	echo_free(b.echo);
}

static void an_answer_that_was_not_asked_for_moves_no_router(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);
	struct ether_message m = { .kind = ETHER_ARP_REPLY, .source = ipv4.peer };
	struct ether_frame frame = { .interface = INTERFACE };
	struct echo_track_info info;

	(void)state;
	run(&b, DURATION_S(1));
	m.target = ipv4.local;
	memcpy(m.from, (uint8_t[]){ 2, 9, 9, 9, 9, 9 }, ETHER_MAC_BYTES);
	memcpy(m.mac, m.from, ETHER_MAC_BYTES);
	ether_encode(&m, &frame);
	echo_input_answer(b.echo, b.now, &frame);
	assert_int_equal(dropped(&b, ECHO_DROP_UNASKED), 1);
	assert_true(echo_track_find(b.echo, &b.path, &info));
	assert_memory_equal(info.mac, b.mac, ETHER_MAC_BYTES);
	m.kind = ETHER_ARP_REQUEST;
	ether_encode(&m, &frame);
	echo_input_answer(b.echo, b.now, &frame);
	assert_int_equal(dropped(&b, ECHO_DROP_KIND), 1);
	echo_free(b.echo);
}

static void other_parameters_are_no_flap(void **state)
{
	static const struct {
		uint32_t interval_us;
		uint8_t multiplier;
	} steps[] = { { 10000, 1 }, { 1000000, 3 },  { 10000, 2 },
		      { 50000, 9 }, { 60000000, 1 }, { 20000, 1 } };
	struct bench b = tracking(&ipv4, 100000, 3);

	(void)state;
	run(&b, DURATION_S(1));
	for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		struct echo_params params =
			params_of(&ipv4, steps[k].interval_us, steps[k].multiplier);

		assert_int_equal(echo_track_set(b.echo, b.now, &b.path, &params), 0);
		b.packets = 0;
		run(&b, DURATION_S(5));
		assert_int_equal(b.downs, 0);
		if (params.interval_us < 1000000)
			assert_true(b.packets >= 5000000 / params.interval_us);
	}
	assert_int_equal(b.ups, 1);
	echo_free(b.echo);
}

static void what_cannot_be_told_is_told_again(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);
	struct echo_event event;

	(void)state;
	run(&b, DURATION_S(1));
	assert_false(echo_has_news(b.echo));
	echo_event_all(b.echo);
	assert_true(echo_event(b.echo, &event));
	assert_int_equal(event.state, ECHO_STATE_UP);
	assert_false(echo_event(b.echo, &event));
	echo_event_again(b.echo, &b.path);
	assert_true(echo_has_news(b.echo));
	echo_track_remove(b.echo, &b.path);
	assert_false(echo_has_news(b.echo));
	assert_true(echo_is_empty(b.echo));
	assert_true(instant_is_never(echo_deadline(b.echo)));
	echo_free(b.echo);
}

static void there_is_an_end_to_tracks_and_to_what_they_may_be(void **state)
{
	struct bench b = tracking(&ipv4, 100000, 3);
	struct echo_params params = params_of(&ipv4, 100000, 3);
	struct path path = ipv4;

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		path.peer.bytes[3]++;
		assert_int_equal(echo_track_set(b.echo, b.now, &path, &params), 0);
	}
	path.peer.bytes[3]++;
	assert_int_equal(echo_track_set(b.echo, b.now, &path, &params), -ENOSPC);
	echo_stop(b.echo);
	assert_true(echo_is_empty(b.echo));
	assert_int_equal(echo_track_set(b.echo, b.now, &path, &params), 0);
	path.interface = 0;
	assert_int_equal(echo_track_set(b.echo, b.now, &path, &params), -EINVAL);
	/* No router forwards for a link-local address. */
	assert_int_equal(echo_track_set(b.echo, b.now, &ipv6, &params), -EINVAL);
	params.source = global;
	assert_int_equal(echo_track_set(b.echo, b.now, &ipv4, &params), -EINVAL);
	params = params_of(&ipv4, ECHO_INTERVAL_MIN_US - 1, 3);
	assert_int_equal(echo_track_set(b.echo, b.now, &ipv4, &params), -EINVAL);
	params = params_of(&ipv4, 100000, 0);
	assert_int_equal(echo_track_set(b.echo, b.now, &ipv4, &params), -EINVAL);
	echo_free(b.echo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_that_forwards_is_up_and_asked_once_where_it_is),
		cmocka_unit_test(one_that_never_forwards_is_unknown_and_asked_slowly),
		cmocka_unit_test(one_that_does_not_say_where_it_is_is_sent_nothing),
		cmocka_unit_test(silence_is_noticed_within_the_intervals_and_a_little),
		cmocka_unit_test(lost_packets_fewer_than_the_multiplier_are_no_failure),
		cmocka_unit_test(a_router_that_moves_to_another_host_is_no_failure),
		cmocka_unit_test(a_host_that_was_held_up_judges_nobody),
		cmocka_unit_test(what_stood_in_the_ring_counts_when_it_is_read),
		cmocka_unit_test(each_packet_counts_once_and_in_its_time),
		cmocka_unit_test(what_no_router_or_another_way_has_brought_does_not_count),
		cmocka_unit_test(what_another_instance_has_sent_is_not_ours),
		cmocka_unit_test(an_error_about_it_is_known_and_concludes_nothing),
		cmocka_unit_test(an_answer_that_was_not_asked_for_moves_no_router),
		cmocka_unit_test(other_parameters_are_no_flap),
		cmocka_unit_test(what_cannot_be_told_is_told_again),
		cmocka_unit_test(there_is_an_end_to_tracks_and_to_what_they_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
