/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a packet, and that nobody else can make them. */
#include "proto/echo/packet.h"

#include "proto/echo/bench_test.h"

static const struct echo_mark mark = { { 1, 2 }, 0xc00c1e00, 0xc123 };

static struct echo_send packet_to(const struct address *source, const struct address *destination)
{
	struct echo_send s = { .interface = INTERFACE,
			       .source = *source,
			       .destination = *destination,
			       .serial = 0x0102030405060708 };

	memcpy(s.mac, (uint8_t[]){ 2, 0, 0, 0, 0, 2 }, ETHER_MAC_BYTES);
	return s;
}

static struct echo_frame encoded(const struct echo_send *s)
{
	struct echo_frame ret = { .interface = INTERFACE };
	struct ether_frame frame;

	echo_packet_encode(&mark, s, our_mac, &frame);
	ret.length = frame.length;
	memcpy(ret.bytes, frame.bytes, frame.length);
	return ret;
}

static struct echo_frame of_family(enum family family)
{
	struct address vip4 = address_ipv4(0x0a090101), vip6 = global;
	struct echo_send s;

	vip6.bytes[15] = 99;
	s = family == FAMILY_IPV4 ? packet_to(&ipv4.local, &vip4) : packet_to(&global, &vip6);
	return encoded(&s);
}

static int reason_of(const struct echo_frame *frame)
{
	struct echo_heard h;

	return echo_packet_decode(&mark, frame, &h) - 1;
}

static void it_has_the_bytes_of_rfc_5881(void **state)
{
	static const uint8_t head[] = {
		2,    0,    0, 0,  0, 2, 2,    0, 0,   0,  0, 1, 8, 0, /* Ethernet */
		0x45, 0xc0, 0, 52, 0, 0, 0x40, 0, 255, 17,	       /* IPv4: TTL 255, UDP */
	};
	static const uint8_t udp[] = { 0xc1, 0x23, 0x0e, 0xc9, 0, 32 };
	struct echo_frame frame = of_family(FAMILY_IPV4);

	(void)state;
	assert_int_equal(frame.length, 14 + 20 + 8 + ECHO_PAYLOAD_BYTES);
	assert_memory_equal(frame.bytes, head, sizeof(head));
	assert_memory_equal(frame.bytes + 34, udp, sizeof(udp));
	/* What a filter in the kernel looks for. */
	assert_memory_equal(frame.bytes + 42 + ECHO_MAGIC_OFFSET, "vipE", 4);
	assert_memory_equal(frame.bytes + 42 + ECHO_COOKIE_OFFSET, "\xc0\x0c\x1e\x00", 4);
	frame = of_family(FAMILY_IPV6);
	assert_int_equal(frame.length, 14 + 40 + 8 + ECHO_PAYLOAD_BYTES);
	assert_int_equal(frame.bytes[14 + 7], 255);
}

static void its_checksums_are_right(void **state)
{
	struct echo_frame frame = of_family(FAMILY_IPV4);
	struct address vip = address_ipv4(0x0a090101);
	uint32_t sum = checksum_add(0, frame.bytes + 14, 20);

	(void)state;
	assert_int_equal(checksum_end(sum), 0);
	sum = checksum_pseudo(&ipv4.local, &vip, 17, frame.length - 34u);
	assert_int_equal(checksum_end(checksum_add(sum, frame.bytes + 34, frame.length - 34u)), 0);
	frame = of_family(FAMILY_IPV6);
	vip = global;
	vip.bytes[15] = 99;
	sum = checksum_pseudo(&global, &vip, 17, frame.length - 54u);
	assert_int_equal(checksum_end(checksum_add(sum, frame.bytes + 54, frame.length - 54u)), 0);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t k = 0; k < FAMILIES; k++) {
		struct echo_frame frame = of_family(family_at(k));
		struct echo_heard h;

		assert_int_equal(echo_packet_decode(&mark, &frame, &h), 0);
		assert_false(h.error);
		assert_int_equal(h.serial, 0x0102030405060708);
		assert_int_equal(h.ttl, 255);
		assert_memory_equal(h.mac, our_mac, ETHER_MAC_BYTES);
		assert_int_equal(h.source.family, family_at(k));
	}
}

static void any_bit_that_counts_makes_it_another(void **state)
{
	(void)state;
	for (size_t k = 0; k < FAMILIES; k++) {
		struct echo_frame frame = of_family(family_at(k));
		size_t addresses = family_at(k) == FAMILY_IPV4 ? 14 + 12 : 14 + 8;
		size_t payload = family_at(k) == FAMILY_IPV4 ? 42 : 62;

		for (size_t bit = addresses * 8; bit < frame.length * 8u; bit++) {
			size_t at = bit / 8;

			/* The lengths and the checksum of UDP, which routers and cards see to. */
			if (at >= payload - 4 && at < payload)
				continue;
			frame.bytes[at] ^= (uint8_t)(1 << bit % 8);
			assert_true(reason_of(&frame) >= 0);
			frame.bytes[at] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(reason_of(&frame), -1);
	}
}

static void one_that_ends_too_early_is_none(void **state)
{
	(void)state;
	for (size_t k = 0; k < FAMILIES; k++) {
		struct echo_frame frame = of_family(family_at(k));
		uint16_t whole = frame.length;

		for (frame.length = 0; frame.length < whole; frame.length++)
			assert_true(reason_of(&frame) >= 0);
	}
}

static void fragments_and_other_things_are_none(void **state)
{
	struct echo_frame frame = of_family(FAMILY_IPV4);

	(void)state;
	frame.bytes[14 + 6] |= 0x20;
	assert_int_equal(reason_of(&frame), ECHO_DROP_MALFORMED);
	frame = of_family(FAMILY_IPV4);
	frame.bytes[14 + 9] = 6;
	assert_int_equal(reason_of(&frame), ECHO_DROP_KIND);
	frame.bytes[12] = 0x81;
	assert_int_equal(reason_of(&frame), ECHO_DROP_KIND);
	frame = of_family(FAMILY_IPV4);
	frame.bytes[36]++;
	assert_int_equal(reason_of(&frame), ECHO_DROP_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_the_bytes_of_rfc_5881),
		cmocka_unit_test(its_checksums_are_right),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(any_bit_that_counts_makes_it_another),
		cmocka_unit_test(one_that_ends_too_early_is_none),
		cmocka_unit_test(fragments_and_other_things_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
