/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded trace gives the same effects again, and a trace that is not right is told from one
 * that is.
 */
#include "sim/replay.h"

#include <stdlib.h>

#include "base/unit.h"
#include "node/trace.h"
#include "sim/recorder.h"
#include "sim/scenario.h"

struct trace {
	char *bytes; /* owned */
	size_t length;
};

/*
 * A host on two LANs with a router each, whose whole life is recorded: VIPs, a failure, a return, a
 * stop.
 */
static void record(struct trace *ret)
{
	struct sim *s = sim_new(7, FAMILY_IPV4);
	FILE *to = open_memstream(&ret->bytes, &ret->length);
	struct rip_settings rip;

	assert_non_null(to);
	recorder_start(to);
	sim_host_add(s);
	for (uint8_t i = 0; i < 2; i++) {
		uint8_t lan = sim_lan_add(s, i == 0 ? "10.1.0.0/24" : "10.2.0.0/24");

		sim_router_add(s, i == 0 ? SIM_STYLE_BIRD : SIM_STYLE_FRR);
		sim_port_add(s, SIM_ROUTER, i, lan, 1);
		sim_port_add(s, SIM_HOST, 0, lan, 100);
		router_start(s, i);
	}
	rip_settings_default(&rip);
	s->hosts[0].record = to;
	scenario_settings(s, 0, &rip);
	host_start(s, 0);
	host_bind(s, 0, "10.9.1.1/32");
	host_bind(s, 0, "10.9.2.1/24");
	sim_run(s, DURATION_S(40));
	s->hosts[0].refuse_ppm = 500000;
	host_bind(s, 0, "10.9.2.2/24");
	host_bind(s, 0, "10.9.1.2/32");
	host_port(s, 0, 1, false);
	sim_run(s, DURATION_S(40));
	s->hosts[0].refuse_ppm = 0;
	host_unbind(s, 0, "10.9.1.1", false);
	host_port(s, 0, 1, true);
	sim_run(s, DURATION_S(300));
	host_stop(s, 0);
	sim_run(s, DURATION_S(5));
	assert_string_equal(s->broken, "");
	assert_true(s->hosts[0].stopped);
	assert_int_equal(fclose(to), 0);
	sim_free(s);
}

static enum replay_outcome run(const char *bytes, size_t length, struct replay_result *ret)
{
	return replay_run((const uint8_t *)bytes, length, false, NULL, ret);
}

static void test_a_recorded_life_gives_the_same_effects_again(void **state)
{
	const struct trace *t = *state;
	struct replay_result r;

	assert_int_equal(run(t->bytes, t->length, &r), REPLAY_SAME);
	assert_true(r.inputs > 100 && r.effects > 100);
	assert_int_equal(r.cut, 0);
}

static void test_a_trace_that_was_cut_is_good_up_to_its_last_whole_record(void **state)
{
	const struct trace *t = *state;
	struct replay_result r;

	for (size_t length = t->length - 200; length < t->length; length++) {
		assert_int_equal(run(t->bytes, length, &r), REPLAY_SAME);
		assert_true(r.cut < TRACE_HEADER_BYTES + EFFECT_BYTES_MAX);
	}
	assert_int_equal(run(t->bytes, TRACE_MAGIC_BYTES, &r), REPLAY_SAME);
	assert_int_equal(r.inputs, 0);
}

/*
 * The first packet that was sent, as an offset of its record; the last byte is of its length.
 */
static size_t find_packet(const struct trace *t)
{
	const uint8_t *bytes = (const uint8_t *)t->bytes;
	struct trace_header h;

	for (size_t at = TRACE_MAGIC_BYTES; at < t->length; at += TRACE_HEADER_BYTES + h.length) {
		assert_int_equal(trace_header_decode(bytes + at, t->length - at, &h), 0);
		if (h.kind == TRACE_EFFECT && bytes[at + TRACE_HEADER_BYTES] == EFFECT_SEND)
			return at;
	}
	fail();
	return 0;
}

static void test_an_effect_that_differs_is_found_and_told_legibly(void **state)
{
	const struct trace *t = *state;
	size_t at = find_packet(t), length, told_length;
	char *changed = malloc(t->length), *told;
	FILE *to = open_memstream(&told, &told_length);
	struct replay_result r;
	struct trace_header h;

	assert_non_null(changed);
	memcpy(changed, t->bytes, t->length);
	assert_int_equal(trace_header_decode((uint8_t *)changed + at, t->length - at, &h), 0);
	length = at + TRACE_HEADER_BYTES + h.length;
	changed[length - 1] = 9;
	assert_int_equal(replay_run((uint8_t *)changed, t->length, false, to, &r),
			 REPLAY_DIFFERENT);
	fclose(to);
	assert_int_equal(r.at, at);
	assert_non_null(strstr(told, "the first difference"));
	assert_non_null(strstr(told, "recorded send"));
	assert_non_null(strstr(told, "they differ in the body"));
	free(told);
	free(changed);
}

static void test_an_effect_that_no_longer_comes_is_a_difference(void **state)
{
	const struct trace *t = *state;
	struct replay_result r;
	char *longer = malloc(t->length + TRACE_HEADER_BYTES + 5);
	struct effect e = { .kind = EFFECT_RESYNC };
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct trace_header h = { .kind = TRACE_EFFECT, .at = { INT64_MAX / 2 } };

	assert_non_null(longer);
	memcpy(longer, t->bytes, t->length);
	h.length = (uint32_t)effect_encode(&e, bytes);
	assert_int_equal(h.length, 1);
	trace_header_encode(&h, (uint8_t *)longer + t->length);
	memcpy(longer + t->length + TRACE_HEADER_BYTES, bytes, h.length);
	assert_int_equal(run(longer, t->length + TRACE_HEADER_BYTES + h.length, &r),
			 REPLAY_DIFFERENT);
	assert_int_equal(r.at, t->length);
	free(longer);
}

static size_t put_record(char *to, uint8_t kind, struct instant at, const uint8_t *bytes, size_t n)
{
	struct trace_header h = { .kind = kind, .at = at, .length = (uint32_t)n };

	trace_header_encode(&h, (uint8_t *)to);
	memcpy(to + TRACE_HEADER_BYTES, bytes, n);
	return TRACE_HEADER_BYTES + n;
}

/*
 * As a later version may write it: each seventh record has a field more, and before it stands one
 * of a kind that came later.
 */
static void test_what_a_later_version_has_recorded_is_passed_over_and_counted(void **state)
{
	static const uint8_t later[] = { 200, 1, 2, 'h', 'i' }, field[] = { 100, 3, 'n', 'e', 'w' };
	const struct trace *t = *state;
	const uint8_t *bytes = (const uint8_t *)t->bytes;
	char *longer = malloc(2 * t->length);
	size_t at = TRACE_MAGIC_BYTES, to = TRACE_MAGIC_BYTES, changed = 0;
	struct replay_result before, after;
	struct trace_header h;

	assert_non_null(longer);
	memcpy(longer, t->bytes, TRACE_MAGIC_BYTES);
	for (unsigned k = 0; at < t->length; at += TRACE_HEADER_BYTES + h.length, k++) {
		uint8_t record[INPUT_BYTES_MAX + sizeof(field)];
		size_t more = 0;

		assert_int_equal(trace_header_decode(bytes + at, t->length - at, &h), 0);
		memcpy(record, bytes + at + TRACE_HEADER_BYTES, h.length);
		if (k % 7 == 6) {
			to += put_record(longer + to, h.kind, h.at, later, sizeof(later));
			memcpy(record + h.length, field, more = sizeof(field));
			changed++;
		}
		to += put_record(longer + to, h.kind, h.at, record, h.length + more);
	}
	assert_true(changed >= 20);
	assert_int_equal(run(t->bytes, t->length, &before), REPLAY_SAME);
	assert_int_equal(before.unknown + before.losses.unknown + before.losses.refused, 0);
	assert_int_equal(run(longer, to, &after), REPLAY_SAME);
	assert_int_equal(after.effects + after.inputs, before.effects + before.inputs + changed);
	assert_int_equal(after.unknown, changed);
	assert_int_equal(after.losses.unknown, changed);
	assert_int_equal(after.losses.refused, 0);
	free(longer);
}

static void test_what_is_no_trace_is_refused(void **state)
{
	const struct trace *t = *state;
	struct replay_result r;
	char *damaged = malloc(t->length);

	assert_non_null(damaged);
	assert_int_equal(run("", 0, &r), REPLAY_MALFORMED);
	assert_int_equal(run("VIPDTRC0", 8, &r), REPLAY_MALFORMED);
	memcpy(damaged, t->bytes, t->length);
	damaged[TRACE_MAGIC_BYTES] = 'X';
	assert_int_equal(run(damaged, t->length, &r), REPLAY_MALFORMED);
	assert_int_equal(r.at, TRACE_MAGIC_BYTES);
	free(damaged);
}

static int setup(void **state)
{
	static struct trace t;

	record(&t);
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	free(((struct trace *)*state)->bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_recorded_life_gives_the_same_effects_again),
		cmocka_unit_test(test_a_trace_that_was_cut_is_good_up_to_its_last_whole_record),
		cmocka_unit_test(test_an_effect_that_differs_is_found_and_told_legibly),
		cmocka_unit_test(test_an_effect_that_no_longer_comes_is_a_difference),
		cmocka_unit_test(test_what_a_later_version_has_recorded_is_passed_over_and_counted),
		cmocka_unit_test(test_what_is_no_trace_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
