/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ether.h"

#include <errno.h>

#include "base/random.h"
#include "base/unit.h"

#define MAC(last)                                                                                  \
	{                                                                                          \
		2, 0, 0, 0, 0, last                                                                \
	}

static struct address address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static struct ether_message advertisement(void)
{
	return (struct ether_message){
		.kind = ETHER_ADVERTISEMENT,
		.from = MAC(1),
		.to = { 0x33, 0x33, 0, 0, 0, 1 },
		.mac = MAC(2),
		.has_option = true,
		.override = true,
		.source = address("2001:db8::1"),
		.destination = address("ff02::1"),
		.target = address("2001:db8::1"),
	};
}

static void test_a_probe_has_the_bytes_of_rfc_826(void **state)
{
	static const uint8_t expected[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	0, 0, 0, 0, 1, 8, 6, /* Ethernet */
		0,    1,    8,	  0,	6,    4,    0,	1,		     /* request */
		2,    0,    0,	  0,	0,    1,    0,	0, 0, 0,	     /* sender */
		0,    0,    0,	  0,	0,    0,    10, 9, 1, 1,	     /* target */
	};
	struct ether_message m = {
		.kind = ETHER_ARP_REQUEST,
		.from = MAC(1),
		.to = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.mac = MAC(1),
		.source = address("0.0.0.0"),
		.target = address("10.9.1.1"),
	};
	struct ether_frame frame;

	(void)state;
	ether_encode(&m, &frame);
	assert_int_equal(frame.length, sizeof(expected));
	assert_memory_equal(frame.bytes, expected, sizeof(expected));
}

static void test_a_solicitation_has_the_checksum_of_rfc_4443(void **state)
{
	/* The checksum was worked out apart from this code. */
	static const uint8_t expected[] = {
		0x33, 0x33, 0xff, 0,  0,  1,   2,    0, 0,    0,    0,	  1, 0x86, 0xdd, 0x60, 0,
		0,    0,    0,	  24, 58, 255, 0,    0, 0,    0,    0,	  0, 0,	   0,	 0,    0,
		0,    0,    0,	  0,  0,  0,   0xff, 2, 0,    0,    0,	  0, 0,	   0,	 0,    0,
		0,    1,    0xff, 0,  0,  1,   135,  0, 0x7d, 0x25, 0,	  0, 0,	   0,	 0xfe, 0x80,
		0,    0,    0,	  0,  0,  0,   0,    0, 0,    0xff, 0xfe, 0, 0,	   1,
	};
	struct ether_message m = { .kind = ETHER_SOLICITATION, .from = MAC(1) };
	struct ether_frame frame = { 0 };

	(void)state;
	m.source = address("::");
	m.target = address("fe80::ff:fe00:1");
	m.destination = ether_solicited_node(&m.target);
	ether_multicast_mac(&m.destination, m.to);
	ether_encode(&m, &frame);
	assert_int_equal(frame.length, sizeof(expected));
	assert_memory_equal(frame.bytes, expected, sizeof(expected));
	assert_int_equal(ether_decode(&frame, &m), 0);
}

static void test_what_is_decoded_is_what_was_encoded(void **state)
{
	struct ether_message m = advertisement(), again;
	struct ether_frame frame;

	(void)state;
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), 0);
	assert_int_equal(again.kind, ETHER_ADVERTISEMENT);
	assert_true(again.has_option && again.override && !again.solicited);
	assert_memory_equal(again.mac, m.mac, ETHER_MAC_BYTES);
	assert_true(address_equal(&again.target, &m.target));
	m.has_option = false;
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), 0);
	assert_memory_equal(again.mac, m.from, ETHER_MAC_BYTES);
	m.kind = ETHER_ARP_REPLY;
	m.source = address("10.9.1.1");
	m.target = address("10.9.1.2");
	ether_encode(&m, &frame);
	frame.length = 60; /* Ethernet fills up to its shortest frame */
	assert_int_equal(ether_decode(&frame, &again), 0);
	assert_true(address_equal(&again.source, &m.source));
}

static void test_every_truncation_is_malformed(void **state)
{
	struct ether_message m = advertisement(), again;
	struct ether_frame frame;
	uint16_t length;

	(void)state;
	ether_encode(&m, &frame);
	length = frame.length;
	for (frame.length = 0; frame.length < length; frame.length++)
		assert_int_equal(ether_decode(&frame, &again), -EBADMSG);
}

static void test_every_flipped_bit_that_counts_is_seen(void **state)
{
	struct ether_message m = advertisement(), again;
	struct ether_frame frame;

	(void)state;
	ether_encode(&m, &frame);
	/* Past Ethernet and the first word, with the traffic class and the flow label. */
	for (size_t bit = 18 * 8; bit < frame.length * 8U; bit++) {
		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(ether_decode(&frame, &again) < 0);
		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_a_solicitation_that_breaks_rfc_4861_is_malformed(void **state)
{
	struct ether_message m = { .kind = ETHER_SOLICITATION, .from = MAC(1), .mac = MAC(1) },
			     again;
	struct ether_frame frame;

	(void)state;
	m.source = address("::");
	m.target = address("2001:db8::1");
	m.destination = address("ff02::1"); /* 7.1.1: not the solicited-node address */
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), -EBADMSG);
	m.destination = ether_solicited_node(&m.target);
	m.has_option = true; /* 7.1.1: whoever has no address yet names no MAC */
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), -EBADMSG);
	m.target = address("ff02::1");
	m.source = address("2001:db8::2");
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), -EBADMSG);
	m = advertisement();
	m.solicited = true; /* 7.1.2: not to a group */
	ether_encode(&m, &frame);
	assert_int_equal(ether_decode(&frame, &again), -EBADMSG);
}

static void test_other_frames_are_not_for_us(void **state)
{
	struct ether_message m = advertisement(), again;
	struct ether_frame frame;

	(void)state;
	ether_encode(&m, &frame);
	frame.bytes[54] = 128; /* an echo request */
	assert_int_equal(ether_decode(&frame, &again), -ENOENT);
	frame.bytes[12] = 8; /* IPv4 */
	frame.bytes[13] = 0;
	assert_int_equal(ether_decode(&frame, &again), -ENOENT);
}

static void test_random_bytes_break_nothing(void **state)
{
	struct ether_message m;
	struct ether_frame frame;
	struct random r;

	(void)state;
	random_init(&r, 3);
	for (size_t i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof(frame.bytes); k++)
			frame.bytes[k] = (uint8_t)random_next(&r);
		frame.bytes[12] = i % 2 ? 8 : 0x86;
		frame.bytes[13] = i % 2 ? 6 : 0xdd;
		frame.length = (uint16_t)random_below(&r, 2000);
		(void)ether_decode(&frame, &m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_probe_has_the_bytes_of_rfc_826),
		cmocka_unit_test(test_a_solicitation_has_the_checksum_of_rfc_4443),
		cmocka_unit_test(test_what_is_decoded_is_what_was_encoded),
		cmocka_unit_test(test_every_truncation_is_malformed),
		cmocka_unit_test(test_every_flipped_bit_that_counts_is_seen),
		cmocka_unit_test(test_a_solicitation_that_breaks_rfc_4861_is_malformed),
		cmocka_unit_test(test_other_frames_are_not_for_us),
		cmocka_unit_test(test_random_bytes_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
