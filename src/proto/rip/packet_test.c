/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rip/packet.h"

#include "base/container.h"
#include "base/random.h"
#include "base/unit.h"

static const struct prefix lan = { .address = { .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 0 } },
				   .length = 24 };

static const struct rip_packet response_1 = { FAMILY_IPV4, RIP_RESPONSE, 1, 0, { { 0 } } };
static const struct rip_packet response_2 = { FAMILY_IPV4, RIP_RESPONSE, 2, 0, { { 0 } } };

static struct prefix prefix(const char *text)
{
	struct address a;
	uint8_t length;

	assert_int_equal(prefix_parse(text, &a, &length), 0);
	return prefix_make(&a, length);
}

static size_t response(uint8_t version, const char *const *prefixes, size_t count, uint8_t *bytes)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, version);

	for (size_t i = 0; i < count; i++) {
		struct prefix each = prefix(prefixes[i]);

		rip_packet_add(&p, &each, 0x1234, 3);
	}
	return rip_packet_encode(&p, bytes);
}

static void test_a_response_has_the_bytes_of_rfc_2453(void **state)
{
	static const uint8_t expected[] = {
		2,   2,	  0,	0,		   /* response, version 2 */
		0,   2,	  0x12, 0x34, 10, 9, 1, 0, /* IPv4, tag, network */
		255, 255, 255,	0,    0,  0, 0, 0, /* mask, next hop: ourselves */
		0,   0,	  0,	3,		   /* metric */
	};
	static const char *const nets[] = { "10.9.1.0/24" };
	uint8_t bytes[RIP_PACKET_MAX];

	(void)state;
	assert_int_equal(response(2, nets, 1, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	response(1, nets, 1, bytes);
	assert_int_equal(bytes[1], 1);
	assert_int_equal(bytes[6] | bytes[7] | bytes[12], 0);
}

static void test_what_is_decoded_is_what_was_encoded(void **state)
{
	struct rip_packet p, again;
	uint8_t bytes[RIP_PACKET_MAX], copy[RIP_PACKET_MAX];
	struct random r;

	(void)state;
	random_init(&r, 5);
	for (size_t i = 0; i < 2000; i++) {
		size_t length;

		p = rip_packet_make(FAMILY_IPV4, (enum rip_command)(1 + random_below(&r, 2)), 2);
		p.n_entries = (uint8_t)random_below(&r, 25 + 1);
		for (size_t k = 0; k < p.n_entries; k++)
			p.entries[k] = (struct rip_entry){
				.family = (uint16_t)random_below(&r, 0xffff),
				.tag = (uint16_t)random_next(&r),
				.address = address_ipv4((uint32_t)random_next(&r)),
				.mask = (uint32_t)random_next(&r),
				.next_hop = address_ipv4((uint32_t)random_next(&r)),
				.metric = (uint32_t)random_next(&r),
			};
		length = rip_packet_encode(&p, bytes);
		assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, length, &again),
				 RIP_DROP_NOTHING);
		assert_int_equal(rip_packet_encode(&again, copy), length);
		assert_memory_equal(bytes, copy, length);
	}
}

static void test_every_truncation_that_is_no_packet_is_dropped_for_its_length(void **state)
{
	static const char *const nets[] = { "10.9.1.1/32", "10.9.1.2/32", "10.9.2.0/24" };
	uint8_t bytes[RIP_PACKET_MAX];
	size_t length = response(2, nets, 3, bytes);
	struct rip_packet p;

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, cut, &p),
				 cut >= 4 && (cut - 4) % 20 == 0 ? RIP_DROP_NOTHING
								 : RIP_DROP_LENGTH);
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, 505, &p), RIP_DROP_OVERSIZED);
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, 1400, &p), RIP_DROP_OVERSIZED);
}

static void test_mutations_are_dropped_for_the_reason_that_fits(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum rip_drop drop;
	} cases[] = {
		{ 0, 0, RIP_DROP_COMMAND },	 { 0, 3, RIP_DROP_COMMAND },
		{ 0, 255, RIP_DROP_COMMAND },	 { 1, 0, RIP_DROP_VERSION },
		{ 1, 3, RIP_DROP_VERSION },	 { 1, 255, RIP_DROP_VERSION },
		{ 1, 1, RIP_DROP_MUST_BE_ZERO },
	};
	static const char *const nets[] = { "10.9.1.0/24" };
	uint8_t bytes[RIP_PACKET_MAX];
	struct rip_packet p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		size_t length = response(2, nets, 1, bytes);

		bytes[cases[i].at] = cases[i].value;
		assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, length, &p), cases[i].drop);
	}
	response(1, nets, 1, bytes);
	bytes[2] = 1;
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, 24, &p), RIP_DROP_MUST_BE_ZERO);
	response(2, nets, 1, bytes);
	bytes[4] = bytes[5] = 0xff;
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, 24, &p), RIP_DROP_AUTHENTICATION);
}

static void test_entries_are_ignored_for_the_reason_that_fits(void **state)
{
	static const struct {
		struct {
			uint16_t family;
			uint32_t address, mask, metric;
		} e;
		enum rip_drop drop;
	} cases[] = {
		{ { 2, 0x0a090100, 0xffffff00, 1 }, RIP_DROP_NOTHING },
		{ { 2, 0x0a090100, 0xffffff00, 16 }, RIP_DROP_NOTHING },
		{ { 2, 0, 0, 1 }, RIP_DROP_NOTHING }, /* the default route */
		{ { 2, 0x0a090100, 0xffffff00, 0 }, RIP_DROP_METRIC },
		{ { 2, 0x0a090100, 0xffffff00, 17 }, RIP_DROP_METRIC },
		{ { 2, 0x0a090100, 0xffffff00, 0x80000001 }, RIP_DROP_METRIC },
		{ { 1, 0x0a090100, 0xffffff00, 1 }, RIP_DROP_FAMILY },
		{ { 0xffff, 0x0a090100, 0xffffff00, 1 }, RIP_DROP_FAMILY },
		{ { 2, 0x0a090100, 0xff00ff00, 1 }, RIP_DROP_MASK },
		{ { 2, 0x0a090101, 0xffffff00, 1 }, RIP_DROP_MASK },
		{ { 2, 0x7f000001, 0xffffffff, 1 }, RIP_DROP_ADDRESS },
		{ { 2, 0xe0000009, 0xffffffff, 1 }, RIP_DROP_ADDRESS },
		{ { 2, 0xffffffff, 0xffffffff, 1 }, RIP_DROP_ADDRESS },
		{ { 2, 0x00000001, 0xffffffff, 1 }, RIP_DROP_ADDRESS },
		{ { 2, 0xa9fe0000, 0xffff0000, 1 }, RIP_DROP_ADDRESS },
		{ { 2, 0xa9fea9fe, 0xffffffff, 1 }, RIP_DROP_ADDRESS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct rip_entry e = { .family = cases[i].e.family,
					     .address = address_ipv4(cases[i].e.address),
					     .mask = cases[i].e.mask,
					     .metric = cases[i].e.metric };
		struct prefix p;

		assert_int_equal(rip_entry_prefix(&response_2, &e, &lan, &p), cases[i].drop);
	}
}

static void test_an_entry_without_a_mask_is_read_by_its_class(void **state)
{
	static const struct {
		uint32_t address;
		const char *prefix;
	} cases[] = {
		{ 0xc0a80500, "192.168.5.0/24" },
		{ 0xac100000, "172.16.0.0/16" },
		{ 0xc0a80501, "192.168.5.1/32" },
		{ 0x0a050000, "10.5.0.0/24" }, /* the interface's own class net */
		{ 0x0a050003, "10.5.0.3/32" },
		{ 0x0b000000, "11.0.0.0/8" },
		{ 0x00000000, "0.0.0.0/0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct rip_entry e = { .family = RIP_AFI_IPV4,
				       .address = address_ipv4(cases[i].address),
				       .metric = 1 };
		struct prefix p;

		assert_int_equal(rip_entry_prefix(&response_1, &e, &lan, &p), RIP_DROP_NOTHING);
		assert_string_equal(PREFIX_TEXT(&p), cases[i].prefix);
	}
}

static void test_rip_1_carries_what_every_receiver_reads_alike(void **state)
{
	static const struct {
		const char *prefix;
		bool fits;
	} cases[] = {
		{ "192.168.5.0/24", true }, { "10.9.1.1/32", true },	 { "10.9.1.0/24", true },
		{ "10.9.1.0/28", false },   { "192.168.5.0/25", false }, { "172.16.1.0/24", false },
		{ "172.16.0.0/16", true },  { "0.0.0.0/0", true },	 { "10.0.0.0/8", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct prefix p = prefix(cases[i].prefix);

		assert_int_equal(rip_prefix_fits_version_1(&p, &lan), cases[i].fits);
	}
}

static void test_the_request_for_everything_is_known_again(void **state)
{
	uint8_t bytes[RIP_PACKET_MAX];
	struct rip_packet p;

	(void)state;
	p = rip_packet_request_all(FAMILY_IPV4, 2);
	assert_int_equal(rip_packet_encode(&p, bytes), 24);
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, 24, &p), RIP_DROP_NOTHING);
	assert_true(rip_packet_requests_all(&p));
	p.entries[0].metric = 1;
	assert_false(rip_packet_requests_all(&p));
}

static void test_ripng_has_the_bytes_of_rfc_2080(void **state)
{
	static const uint8_t expected[] = {
		2,    1,    0,	  0,		    /* response, version 1 */
		0x20, 0x01, 0x0d, 0xb8, 0, 9, 0, 0, /* prefix */
		0,    0,    0,	  0,	0, 0, 0, 0, /* */
		0x12, 0x34, 48,	  3,		    /* tag, length, metric */
	};
	struct rip_packet p = rip_packet_make(FAMILY_IPV6, RIP_RESPONSE, 1);
	struct prefix net = prefix("2001:db8:9::/48");
	uint8_t bytes[RIP_PACKET_MAX];

	(void)state;
	rip_packet_add(&p, &net, 0x1234, 3);
	assert_int_equal(rip_packet_encode(&p, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

static void test_what_must_be_zero_in_ripng_is_not_looked_at(void **state)
{
	uint8_t bytes[24] = { RIP_RESPONSE, 1, 0xab, 0xcd, 0x20, 0x01, 0x0d, 0xb8 };
	struct rip_packet p = { 0 };

	(void)state;
	bytes[4 + 18] = 32;
	bytes[4 + 19] = 1;
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, sizeof(bytes), &p),
			 RIP_DROP_NOTHING);
	assert_int_equal(p.n_entries, 1);
	/* The same packet as one of RIP-1 is ignored: RFC 1058 3.4. */
	assert_int_equal(rip_packet_decode(FAMILY_IPV4, bytes, sizeof(bytes), &p),
			 RIP_DROP_MUST_BE_ZERO);
}

static void test_ripng_packets_are_as_long_as_they_like(void **state)
{
	static uint8_t bytes[9000];
	struct rip_packet p = { 0 };

	(void)state;
	bytes[0] = RIP_RESPONSE;
	bytes[1] = 1;
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, 4 + 72 * 20, &p), RIP_DROP_NOTHING);
	assert_int_equal(p.n_entries, 72);
	/* The beginning of a longer one. */
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, 4 + 400 * 20, &p), RIP_DROP_NOTHING);
	assert_int_equal(p.n_entries, 72);
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, 4 + 400 * 20 + 1, &p),
			 RIP_DROP_LENGTH);
	for (size_t cut = 0; cut < 44; cut++)
		assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, cut, &p),
				 cut >= 4 && (cut - 4) % 20 == 0 ? RIP_DROP_NOTHING
								 : RIP_DROP_LENGTH);
	bytes[1] = 2;
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, 24, &p), RIP_DROP_VERSION);
	/* What we send fits every link. */
	assert_true(40 + 8 + 4 + rip_entries_max(FAMILY_IPV6) * 20 <= 1280);
}

/* 400 entries, each with its number in it; some name a next hop. */
static size_t jumbo(uint8_t *bytes, size_t entries, const size_t *hops, size_t n_hops)
{
	bytes[0] = RIP_RESPONSE;
	bytes[1] = 1;
	bytes[2] = bytes[3] = 0;
	for (size_t k = 0; k < entries; k++) {
		uint8_t *entry = bytes + 4 + 20 * k;

		memset(entry, 0, 20);
		entry[0] = 0xfd;
		entry[14] = (uint8_t)(k >> 8);
		entry[15] = (uint8_t)k;
		entry[18] = 128;
		entry[19] = 1;
		for (size_t h = 0; h < n_hops; h++)
			if (hops[h] == k)
				entry[19] = RIPNG_METRIC_NEXT_HOP;
	}
	return 4 + 20 * entries;
}

static size_t number_of(const struct rip_entry *e)
{
	return (size_t)e->address.bytes[14] << 8 | e->address.bytes[15];
}

static void test_a_jumbo_packet_is_read_in_pieces(void **state)
{
	static const size_t hops[] = { 10, 71, 72, 200 };
	static uint8_t bytes[9204];
	struct rip_pieces pieces = { .bytes = bytes, .length = jumbo(bytes, 400, hops, 4) };
	size_t next = 0, under = SIZE_MAX, n_pieces = 0;

	(void)state;
	do {
		uint8_t piece[RIP_PACKET_MAX];
		size_t length = rip_piece_next(&pieces, piece);
		struct rip_packet p;

		assert_int_equal(rip_packet_decode(FAMILY_IPV6, piece, length, &p),
				 RIP_DROP_NOTHING);
		assert_int_equal(p.command, RIP_RESPONSE);
		for (size_t k = 0; k < p.n_entries; k++) {
			size_t number = number_of(&p.entries[k]);

			/* The next hop of those behind it, said again. */
			if (k == 0 && n_pieces > 0) {
				assert_true(rip_entry_is_next_hop(&p, &p.entries[k]));
				assert_int_equal(number, under);
				continue;
			}
			assert_int_equal(number, next++);
			if (rip_entry_is_next_hop(&p, &p.entries[k]))
				under = number;
		}
		n_pieces++;
	} while (pieces.at < pieces.length);
	assert_int_equal(next, 400);
	assert_int_equal(n_pieces, 6);
}

static void test_what_fits_and_what_is_broken_is_one_piece(void **state)
{
	static uint8_t bytes[9204], piece[RIP_PACKET_MAX];
	static const size_t lengths[] = { 0, 1, 4, 24, RIP_PACKET_MAX, RIP_PACKET_MAX + 1, 8995 };

	(void)state;
	(void)jumbo(bytes, 460, NULL, 0);
	for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
		struct rip_pieces pieces = { .bytes = bytes, .length = lengths[k] };

		assert_int_equal(rip_piece_next(&pieces, piece), lengths[k]);
		assert_true(pieces.at >= pieces.length);
	}
}

static void test_ripng_entries_are_ignored_for_the_reason_that_fits(void **state)
{
	static const struct {
		const char *address;
		uint8_t length, metric;
		enum rip_drop drop;
	} cases[] = {
		{ "2001:db8::", 32, 1, RIP_DROP_NOTHING },
		{ "2001:db8::1", 128, 16, RIP_DROP_NOTHING },
		{ "::", 0, 1, RIP_DROP_NOTHING }, /* the default route */
		{ "2001:db8::", 32, 0, RIP_DROP_METRIC },
		{ "2001:db8::", 32, 17, RIP_DROP_METRIC },
		{ "2001:db8::", 129, 1, RIP_DROP_MASK },
		{ "2001:db8::1", 32, 1, RIP_DROP_MASK },
		{ "ff02::9", 128, 1, RIP_DROP_ADDRESS },
		{ "fe80::1", 128, 1, RIP_DROP_ADDRESS },
		{ "::1", 128, 1, RIP_DROP_ADDRESS },
		{ "::", 128, 1, RIP_DROP_ADDRESS },
	};
	struct rip_packet packet = rip_packet_make(FAMILY_IPV6, RIP_RESPONSE, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct rip_entry e = { .length = cases[i].length, .metric = cases[i].metric };
		struct prefix p;

		assert_int_equal(address_parse(cases[i].address, &e.address), 0);
		assert_false(rip_entry_is_next_hop(&packet, &e));
		assert_int_equal(rip_entry_prefix(&packet, &e, &lan, &p), cases[i].drop);
	}
}

static void test_the_ripng_request_for_everything_is_known_again(void **state)
{
	struct rip_packet p = rip_packet_request_all(FAMILY_IPV6, 1);
	uint8_t bytes[RIP_PACKET_MAX];

	(void)state;
	assert_int_equal(rip_packet_encode(&p, bytes), 24);
	assert_int_equal(rip_packet_decode(FAMILY_IPV6, bytes, 24, &p), RIP_DROP_NOTHING);
	assert_true(rip_packet_requests_all(&p));
	p.entries[0].length = 1;
	assert_false(rip_packet_requests_all(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_response_has_the_bytes_of_rfc_2453),
		cmocka_unit_test(test_what_is_decoded_is_what_was_encoded),
		cmocka_unit_test(test_every_truncation_that_is_no_packet_is_dropped_for_its_length),
		cmocka_unit_test(test_mutations_are_dropped_for_the_reason_that_fits),
		cmocka_unit_test(test_entries_are_ignored_for_the_reason_that_fits),
		cmocka_unit_test(test_an_entry_without_a_mask_is_read_by_its_class),
		cmocka_unit_test(test_rip_1_carries_what_every_receiver_reads_alike),
		cmocka_unit_test(test_the_request_for_everything_is_known_again),
		cmocka_unit_test(test_ripng_has_the_bytes_of_rfc_2080),
		cmocka_unit_test(test_what_must_be_zero_in_ripng_is_not_looked_at),
		cmocka_unit_test(test_ripng_packets_are_as_long_as_they_like),
		cmocka_unit_test(test_a_jumbo_packet_is_read_in_pieces),
		cmocka_unit_test(test_what_fits_and_what_is_broken_is_one_piece),
		cmocka_unit_test(test_ripng_entries_are_ignored_for_the_reason_that_fits),
		cmocka_unit_test(test_the_ripng_request_for_everything_is_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
