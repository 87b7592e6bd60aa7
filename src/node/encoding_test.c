/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs and effects survive their encoding; truncated and mutated ones are refused or valid, never
 * worse.
 */
#include <errno.h>

#include "base/container.h"
#include "base/random.h"
#include "base/unit.h"
#include "node/boundary.h"
#include "node/trace.h"

/*
 * Random bytes until the decoder takes them: every kind comes up, with fields that nobody thought
 * of.
 */
static bool random_input(struct random *r, uint8_t kind, struct input *ret)
{
	for (size_t attempt = 0; attempt < 200000; attempt++) {
		uint8_t bytes[INPUT_BYTES_MAX] = { kind };
		size_t length = 1;

		for (uint8_t tag = 1; tag <= 8; tag++) {
			uint8_t n = (uint8_t)(1 + random_below(r, 4));

			if (random_below(r, 3) == 0)
				continue;
			bytes[length++] = tag;
			bytes[length++] = n;
			for (size_t i = 0; i < n; i++)
				bytes[length++] = (uint8_t)(random_below(r, 3) ? random_below(r, 5)
									       : random_next(r));
		}
		if (input_decode(bytes, length, ret, NULL) == 0)
			return true;
	}
	return false;
}

static void check_input(struct random *r, const struct input *in)
{
	uint8_t bytes[INPUT_BYTES_MAX], again[INPUT_BYTES_MAX];
	size_t length = input_encode(in, bytes);
	struct input copy;

	assert_int_equal(input_decode(bytes, length, &copy, NULL), 0);
	assert_int_equal(input_encode(&copy, again), length);
	assert_memory_equal(bytes, again, length);
	assert_true(record_equal(&input_record, &copy, in));
	/* Cut short it is refused, or says less. */
	for (size_t cut = 0; cut < length; cut++)
		(void)input_decode(bytes, cut, &copy, NULL);
	for (size_t i = 0; i < 50; i++) {
		memcpy(again, bytes, length);
		again[random_below(r, length)] ^= (uint8_t)(1 + random_below(r, 255));
		if (input_decode(again, length, &copy, NULL) == 0)
			(void)input_encode(&copy, again);
	}
}

static void test_inputs_survive_their_encoding(void **state)
{
	size_t kinds = 0;
	struct random r;

	(void)state;
	random_init(&r, 3);
	for (uint8_t kind = INPUT_START; kind <= INPUT_STOP; kind++) {
		struct input in;

		if (!random_input(&r, kind, &in))
			continue;
		kinds++;
		check_input(&r, &in);
	}
	/* A packet's own length makes it too rare to be hit upon; it has a test of its own. */
	assert_true(kinds >= INPUT_STOP - 2);
}

static void test_a_packet_survives_also_when_it_was_longer_than_what_is_kept(void **state)
{
	struct input in = { .kind = INPUT_PACKET }, copy;
	uint8_t bytes[INPUT_BYTES_MAX];
	struct random r;

	(void)state;
	random_init(&r, 4);
	in.packet = (struct packet){
		.interface = 3,
		.source = address_ipv4(0x0a010001),
		.source_port = 520,
		.length = 1400,
		.bytes = { 2, 2, 0, 0, 9 },
	};
	assert_int_equal(input_decode(bytes, input_encode(&in, bytes), &copy, NULL), 0);
	assert_int_equal(copy.packet.length, 1400);
	assert_memory_equal(copy.packet.bytes, in.packet.bytes, PACKET_BYTES_MAX);
	in.packet.length = 24;
	check_input(&r, &in);
}

static const struct path session = {
	.interface = 3,
	.peer = { FAMILY_IPV6, { 0xfe, 0x80, [15] = 1 } },
	.local = { FAMILY_IPV6, { 0xfe, 0x80, [15] = 2 } },
};

static void test_a_bfd_session_survives_in_both_directions(void **state)
{
	struct input in = { .kind = INPUT_BFD };
	struct effect e = { .kind = EFFECT_BFD }, copy = { 0 };
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct random r;
	size_t length;

	(void)state;
	random_init(&r, 5);
	in.bfd.key = session;
	in.bfd.known = true;
	in.bfd.state = BFD_STATE_UP;
	check_input(&r, &in);
	e.bfd.key = session;
	e.bfd.params = ((const struct bfd_rule *)bfd_rule_record.defaults)->params;
	e.bfd.params.auth = BFD_AUTH_SHA1;
	e.bfd.params.n_secrets = 1;
	e.bfd.params.secrets[0] = (struct bfd_secret){ 1, 3, "abc" };
	length = effect_encode(&e, bytes);
	assert_int_equal(effect_decode(bytes, length, &copy, NULL), 0);
	assert_true(path_equal(&copy.bfd.key, &session));
	assert_memory_equal(&copy.bfd.params, &e.bfd.params, sizeof(e.bfd.params));
}

static void test_effects_survive_their_encoding(void **state)
{
	struct effect e = { .kind = EFFECT_REPLY }, copy;
	uint8_t bytes[EFFECT_BYTES_MAX];
	size_t length;

	(void)state;
	e.reply.request = 77;
	e.reply.code = REPLY_FAILED;
	memset(e.reply.sentence, 'x', sizeof(e.reply.sentence) - 1);
	length = effect_encode(&e, bytes);
	assert_int_equal(effect_decode(bytes, length, &copy, NULL), 0);
	assert_int_equal(copy.reply.request, 77);
	assert_int_equal(copy.reply.code, REPLY_FAILED);
	assert_string_equal(copy.reply.sentence, e.reply.sentence);
}

static void test_what_a_later_version_says_is_passed_over(void **state)
{
	struct input in = { .kind = INPUT_UNBIND }, copy;
	struct tagged_losses losses = { 0 };
	uint8_t bytes[INPUT_BYTES_MAX];
	size_t length;

	(void)state;
	in.unbind.address = address_ipv4(0x0a090101);
	length = input_encode(&in, bytes);
	memcpy(bytes + length, "\x40\x03new", 5);
	assert_int_equal(input_decode(bytes, length + 5, &copy, &losses), 0);
	assert_true(record_equal(&input_record, &copy, &in));
	assert_int_equal(losses.unknown, 1);
	bytes[0] = 200;
	assert_int_equal(input_decode(bytes, length, &copy, &losses), -ENOENT);
	/* That of a read of an earlier version. */
	bytes[0] = 15;
	assert_int_equal(input_decode(bytes, length, &copy, &losses), -ENOENT);
}

static void test_what_is_about_something_says_about_what(void **state)
{
	static const uint8_t objects[] = { EFFECT_OBJECT_ADD, EFFECT_OBJECT_REMOVE };
	static const uint8_t sessions[] = { EFFECT_BFD, EFFECT_PROBE, EFFECT_ECHO };
	struct input in;
	struct effect e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++)
		assert_int_equal(effect_decode(&objects[i], 1, &e, NULL), -EBADMSG);
	for (size_t i = 0; i < ARRAY_LENGTH(sessions); i++)
		assert_int_equal(effect_decode(&sessions[i], 1, &e, NULL), -EBADMSG);
	assert_int_equal(input_decode(&(uint8_t){ INPUT_OBJECT }, 1, &in, NULL), -EBADMSG);
}

/* The same bytes, taken where all bits were 0 and where all were 1. */
static void check_effect_is_whole(const uint8_t *bytes, size_t length)
{
	struct effect over_zeros, over_ones;

	memset(&over_zeros, 0, sizeof(over_zeros));
	memset(&over_ones, 0xff, sizeof(over_ones));
	if (effect_decode(bytes, length, &over_zeros, NULL) < 0)
		return;
	assert_int_equal(effect_decode(bytes, length, &over_ones, NULL), 0);
	assert_memory_equal(&over_zeros, &over_ones, sizeof(over_zeros));
}

static void check_input_is_whole(const uint8_t *bytes, size_t length)
{
	struct input over_zeros, over_ones;

	memset(&over_zeros, 0, sizeof(over_zeros));
	memset(&over_ones, 0xff, sizeof(over_ones));
	if (input_decode(bytes, length, &over_zeros, NULL) < 0)
		return;
	assert_int_equal(input_decode(bytes, length, &over_ones, NULL), 0);
	assert_memory_equal(&over_zeros, &over_ones, sizeof(over_zeros));
}

static void test_what_is_not_encoded_is_clear_whatever_stood_there(void **state)
{
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct effect e = { .kind = EFFECT_REPLY };
	struct input in = { .kind = INPUT_UNBIND };

	(void)state;
	check_effect_is_whole(bytes, effect_encode(&e, bytes));
	e = (struct effect){ .kind = EFFECT_BFD };
	e.bfd.remove = true;
	e.bfd.key = session;
	check_effect_is_whole(bytes, effect_encode(&e, bytes));
	e = (struct effect){ .kind = EFFECT_OBJECT_ADD, .object.kind = OBJECT_ADDRESS };
	check_effect_is_whole(bytes, effect_encode(&e, bytes));
	check_input_is_whole(bytes, input_encode(&in, bytes));
}

static void test_a_switch_of_sources_survives(void **state)
{
	struct input in = { .kind = INPUT_SOURCE, .source = { SOURCE_MODE_OFF, "eth1" } };
	struct random r;

	(void)state;
	random_init(&r, 5);
	check_input(&r, &in);
}

static void test_an_event_becomes_one_line(void **state)
{
	struct event e = {
		.kind = EVENT_VIP,
		.vip = address_ipv4(0x0a090101),
		.from = VIP_STATE_BOUND,
		.to = VIP_STATE_HEALTHY,
		.age = DURATION_MS(1500),
		.reason = "the kernel holds it",
	};
	char line[256];

	(void)state;
	event_format(&e, line, sizeof(line));
	assert_string_equal(
		line,
		"vip=10.9.1.1 from=bound to=healthy reason=\"the kernel holds it\" age=1.500s");
}

static void test_a_probe_survives_in_both_directions(void **state)
{
	struct input in = { .kind = INPUT_PROBE };
	struct effect e = { .kind = EFFECT_PROBE }, copy = { 0 };
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct input in_copy = { 0 };
	size_t length;

	(void)state;
	in.probe.key = session;
	in.probe.known = true;
	in.probe.state = PROBE_STATE_DOWN;
	length = input_encode(&in, bytes);
	assert_int_equal(input_decode(bytes, length, &in_copy, NULL), 0);
	assert_true(path_equal(&in_copy.probe.key, &session));
	assert_int_equal(in_copy.probe.state, PROBE_STATE_DOWN);
	e.probe.path = session;
	e.probe.params = ((const struct probe_rule *)probe_rule_record.defaults)->params;
	length = effect_encode(&e, bytes);
	assert_int_equal(effect_decode(bytes, length, &copy, NULL), 0);
	assert_true(path_equal(&copy.probe.path, &session));
	assert_memory_equal(&copy.probe.params, &e.probe.params, sizeof(e.probe.params));
}

static void test_a_track_of_the_echo_survives_in_both_directions(void **state)
{
	struct input in = { .kind = INPUT_ECHO };
	struct effect e = { .kind = EFFECT_ECHO }, copy = { 0 };
	uint8_t bytes[EFFECT_BYTES_MAX];
	struct input in_copy = { 0 };
	size_t length;

	(void)state;
	in.echo.key = session;
	in.echo.known = true;
	in.echo.state = ECHO_STATE_UP;
	length = input_encode(&in, bytes);
	assert_int_equal(input_decode(bytes, length, &in_copy, NULL), 0);
	assert_true(record_equal(&input_record, &in_copy, &in));
	e.echo.path = session;
	e.echo.params.interval_us = 10000;
	e.echo.params.multiplier = 3;
	e.echo.params.source = address_ipv4(0x0a01000a);
	length = effect_encode(&e, bytes);
	assert_int_equal(effect_decode(bytes, length, &copy, NULL), 0);
	assert_true(path_equal(&copy.echo.path, &session));
	assert_memory_equal(&copy.echo.params, &e.echo.params, sizeof(e.echo.params));
}

static void test_a_stream_survives_in_both_directions(void **state)
{
	struct effect e = { .kind = EFFECT_OPEN }, copy;
	struct input in = { .kind = INPUT_STREAM }, in_copy;
	uint8_t bytes[EFFECT_BYTES_MAX];
	size_t length;

	(void)state;
	e.stream = (struct stream){ .speaker = 3,
				    .number = 7,
				    .interface = 2,
				    .listens = true,
				    .local = address_ipv4(0x0a000101),
				    .port = 179,
				    .hop_limit = 255,
				    .hop_limit_min = 254,
				    .secret = "/etc/vipd/secret" };
	length = effect_encode(&e, bytes);
	assert_int_equal(effect_decode(bytes, length, &copy, NULL), 0);
	assert_true(copy.stream.listens);
	assert_int_equal(copy.stream.hop_limit_min, 254);
	assert_string_equal(copy.stream.secret, e.stream.secret);
	/* Of one that calls it must be known whom. */
	e.stream.listens = false;
	assert_true(effect_decode(bytes, effect_encode(&e, bytes), &copy, NULL) < 0);

	in.piece = (struct stream_piece){ .speaker = 3, .number = 7, .length = STREAM_BYTES_MAX };
	memset(in.piece.bytes, 0xa5, sizeof(in.piece.bytes));
	length = input_encode(&in, bytes);
	assert_int_equal(input_decode(bytes, length, &in_copy, NULL), 0);
	assert_memory_equal(&in_copy.piece, &in.piece, sizeof(in.piece));
	in = (struct input){ .kind = INPUT_CLOSED };
	in.change = (struct stream_change){ .speaker = 3, .number = 7, .error = -104 };
	length = input_encode(&in, bytes);
	assert_int_equal(input_decode(bytes, length, &in_copy, NULL), 0);
	assert_int_equal(in_copy.change.error, -104);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inputs_survive_their_encoding),
		cmocka_unit_test(test_a_packet_survives_also_when_it_was_longer_than_what_is_kept),
		cmocka_unit_test(test_a_bfd_session_survives_in_both_directions),
		cmocka_unit_test(test_a_probe_survives_in_both_directions),
		cmocka_unit_test(test_a_track_of_the_echo_survives_in_both_directions),
		cmocka_unit_test(test_a_stream_survives_in_both_directions),
		cmocka_unit_test(test_effects_survive_their_encoding),
		cmocka_unit_test(test_what_a_later_version_says_is_passed_over),
		cmocka_unit_test(test_what_is_about_something_says_about_what),
		cmocka_unit_test(test_a_switch_of_sources_survives),
		cmocka_unit_test(test_what_is_not_encoded_is_clear_whatever_stood_there),
		cmocka_unit_test(test_an_event_becomes_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
