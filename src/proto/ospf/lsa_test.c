/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/lsa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/ospf/again.h"

#define BYTES_MAX 256

/*
 * One of each kind, as it stands on the wire from its Options or its type on; age, sequence,
 * checksum and length are put before them. Hexadecimal, blanks mean nothing.
 */
static const struct {
	enum ospf_version version;
	const char *name;
	enum lsa_kind kind;
	enum lsa_scope scope;
	const char *id; /* options and type, Link State ID, router */
	const char *body;
} samples[] = {
	/* Two routers of one link each, a transit network, a stub, and a virtual link. */
	{ OSPF_V2, "router", LSA_ROUTER, LSA_SCOPE_AREA, "2201 0a000001 0a000001",
	  "0300 0004 0a000002 0a010001 01 00 000a 0a020001 0a020003 02 00 0014 "
	  "0a030000 ffffff00 03 00 ffff 0a000009 0a010001 04 00 0001" },
	{ OSPF_V2, "network", LSA_NETWORK, LSA_SCOPE_AREA, "2202 0a020001 0a000001",
	  "ffffff00 0a000001 0a000002" },
	{ OSPF_V2, "summary", LSA_INTER_PREFIX, LSA_SCOPE_AREA, "2203 0a040000 0a000001",
	  "fffc0000 00 000014" },
	{ OSPF_V2, "asbr-summary", LSA_INTER_ROUTER, LSA_SCOPE_AREA, "2204 0a000007 0a000001",
	  "00000000 00 ffffff" },
	{ OSPF_V2, "external", LSA_EXTERNAL, LSA_SCOPE_AS, "2205 00000000 0a000001",
	  "00000000 80 000014 0a020003 00000102" },
	{ OSPF_V2, "nssa", LSA_NSSA, LSA_SCOPE_AREA, "0807 0a050001 0a000001",
	  "ffffffff 00 000001 00000000 00000000" },
	{ OSPF_V2, "opaque-link", LSA_GRACE, LSA_SCOPE_LINK, "0209 03000000 0a000001",
	  "0001 0004 00000078 0002 0001 01000000 0003 0004 0a020001" },
	{ OSPF_V2, "opaque-area", LSA_ROUTER_INFO, LSA_SCOPE_AREA, "020a 04000000 0a000001",
	  "0001 0004 60000000 0002 0004 01000000" },
	{ OSPF_V2, "opaque-as", LSA_OPAQUE, LSA_SCOPE_AS, "020b 07000000 0a000001", "0001 0000" },
	{ OSPF_V3, "router", LSA_ROUTER, LSA_SCOPE_AREA, "2001 00000000 0a000001",
	  "02 000213 01 00 000a 00000003 00000004 0a000002 02 00 0014 00000005 00000006 0a000003" },
	{ OSPF_V3, "network", LSA_NETWORK, LSA_SCOPE_AREA, "2002 00000006 0a000003",
	  "00 000033 0a000003 0a000001" },
	{ OSPF_V3, "inter-area-prefix", LSA_INTER_PREFIX, LSA_SCOPE_AREA, "2003 00000001 0a000001",
	  "00 00000a 30 00 0000 20010db8 00010000" },
	{ OSPF_V3, "inter-area-router", LSA_INTER_ROUTER, LSA_SCOPE_AREA, "2004 00000001 0a000001",
	  "00 000013 00 00000a 0a000009" },
	{ OSPF_V3, "external", LSA_EXTERNAL, LSA_SCOPE_AS, "4005 00000001 0a000001",
	  "07 000014 00 00 2009 20010db8 00000000 00000000 00000001 00000102 00000009" },
	{ OSPF_V3, "nssa", LSA_NSSA, LSA_SCOPE_AREA, "2007 00000001 0a000001",
	  "00 000014 80 08 0000 20010db8 00000000 00000000 00000099" },
	{ OSPF_V3, "link", LSA_LINK, LSA_SCOPE_LINK, "0008 00000005 0a000001",
	  "01 000013 fe800000 00000000 00000000 00000001 00000002 "
	  "40 00 0000 20010db8 00010000 20 02 0000 20010db8" },
	{ OSPF_V3, "intra-area-prefix", LSA_INTRA_PREFIX, LSA_SCOPE_AREA, "2009 00000000 0a000001",
	  "0002 2001 00000000 0a000001 80 02 0000 20010db8 00000000 00000000 00000001 "
	  "00 00 000a" },
	{ OSPF_V3, "grace", LSA_GRACE, LSA_SCOPE_LINK, "000b 00000005 0a000001",
	  "0001 0004 00000078 0002 0001 03000000" },
	{ OSPF_V3, "router-info", LSA_ROUTER_INFO, LSA_SCOPE_AREA, "a00c 00000000 0a000001",
	  "0001 0004 60000000" },
	{ OSPF_V3, "unknown", LSA_UNKNOWN, LSA_SCOPE_AS, "c123 00000000 0a000001", "00" },
};

/* Appends what the text says; returns the new length. */
static size_t hex_add(uint8_t *bytes, size_t length, const char *text)
{
	for (; *text; text++) {
		unsigned value;

		if (*text == ' ')
			continue;
		assert_int_equal(sscanf(text, "%2x", &value), 1);
		assert_true(length < BYTES_MAX);
		bytes[length++] = (uint8_t)value;
		text++;
	}
	return length;
}

/* The sample as an LSA, in `bytes` of BYTES_MAX; returns the length. */
static size_t sample(size_t i, uint8_t *bytes)
{
	size_t length = hex_add(bytes, 0, "0001");
	uint16_t checksum;

	length = hex_add(bytes, length, samples[i].id);
	length = hex_add(bytes, length, "80000003 0000 0000");
	length = hex_add(bytes, length, samples[i].body);
	bytes[19] = (uint8_t)length;
	checksum = lsa_checksum(bytes, length);
	bytes[16] = (uint8_t)(checksum >> 8);
	bytes[17] = (uint8_t)checksum;
	return length;
}

static size_t sample_of(enum ospf_version v, enum lsa_kind kind, uint8_t *bytes)
{
	size_t i = 0;

	while (samples[i].version != v || samples[i].kind != kind)
		i++;
	return sample(i, bytes);
}

static struct lsa_header header_of(enum ospf_version v, const uint8_t *bytes)
{
	struct reader r;

	reader_init(&r, bytes, LSA_HEADER_BYTES);
	return lsa_header_read(v, &r);
}

static void test_an_lsa_of_each_kind_is_written_as_it_was_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
		uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
		enum ospf_version v = samples[i].version;
		size_t length = sample(i, bytes);
		struct lsa_header h = header_of(v, bytes);
		struct writer w;

		assert_int_equal(lsa_check(v, bytes, length), LSA_GOOD);
		assert_true(lsa_checksum_is_good(bytes, length));
		assert_int_equal(lsa_kind(v, &h.key), samples[i].kind);
		assert_int_equal(lsa_scope(v, h.key.type), samples[i].scope);
		assert_string_equal(lsa_type_name(v, h.key.type), samples[i].name);
		writer_init(&w, again, sizeof(again));
		if (!lsa_again(v, bytes, length, &w)) {
			assert_true(samples[i].kind == LSA_UNKNOWN ||
				    samples[i].kind == LSA_OPAQUE);
			continue;
		}
		assert_true(writer_ok(&w));
		assert_int_equal(w.length, length);
		assert_memory_equal(again, bytes, length);
	}
}

static void test_types_and_kinds_name_each_other(void **state)
{
	(void)state;
	for (int v = OSPF_V2; v <= OSPF_V3; v++)
		for (int kind = 0; kind < LSA_KINDS; kind++) {
			struct lsa_key k = { .type = lsa_type((enum ospf_version)v,
							      (enum lsa_kind)kind) };

			if (k.type != 0)
				assert_int_equal(lsa_kind((enum ospf_version)v, &k), kind);
		}
	assert_int_equal(lsa_type(OSPF_V2, LSA_LINK), 0);
	assert_int_equal(lsa_type(OSPF_V3, LSA_INTRA_PREFIX), LSA_V3_INTRA_PREFIX);
	assert_int_equal(lsa_scope(OSPF_V2, 6), LSA_SCOPE_RESERVED);
	assert_int_equal(lsa_scope(OSPF_V3, 0x6001), LSA_SCOPE_RESERVED);
}

static void test_what_a_router_lsa_of_v2_says(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = sample_of(OSPF_V2, LSA_ROUTER, bytes);
	struct lsa_router router;
	struct lsa_walk w = lsa_router_walk(OSPF_V2, bytes, length, &router);
	struct lsa_link l;

	(void)state;
	assert_int_equal(router.flags, LSA_ROUTER_B | LSA_ROUTER_E);
	assert_true(lsa_link_next(&w, &l));
	assert_int_equal(l.type, LSA_LINK_POINT_TO_POINT);
	assert_int_equal(l.neighbor, 0x0a000002);
	assert_int_equal(l.own, 0x0a010001);
	assert_int_equal(l.metric, 10);
	assert_true(lsa_link_next(&w, &l));
	assert_int_equal(l.type, LSA_LINK_TRANSIT);
	assert_int_equal(l.neighbor, 0);
	assert_int_equal(l.neighbor_interface, 0x0a020001);
	assert_int_equal(l.own, 0x0a020003);
	assert_true(lsa_link_next(&w, &l));
	assert_int_equal(l.type, LSA_LINK_STUB);
	assert_string_equal(PREFIX_TEXT(&l.prefix), "10.3.0.0/24");
	assert_int_equal(l.metric, 0xffff);
	assert_true(lsa_link_next(&w, &l));
	assert_int_equal(l.type, LSA_LINK_VIRTUAL);
	assert_false(lsa_link_next(&w, &l));
}

static void test_what_externals_say(void **state)
{
	uint8_t bytes[BYTES_MAX];
	struct lsa_destination d;

	(void)state;
	assert_true(
		lsa_destination_read(OSPF_V2, bytes, sample_of(OSPF_V2, LSA_EXTERNAL, bytes), &d));
	assert_string_equal(PREFIX_TEXT(&d.prefix), "0.0.0.0/0");
	assert_true(d.type_2);
	assert_int_equal(d.metric, 20);
	assert_string_equal(ADDRESS_TEXT(&d.forward), "10.2.0.3");
	assert_int_equal(d.tag, 0x102);
	assert_true(lsa_destination_read(OSPF_V2, bytes, sample_of(OSPF_V2, LSA_NSSA, bytes), &d));
	assert_true(d.propagate);
	assert_false(address_is_set(&d.forward));
	assert_true(
		lsa_destination_read(OSPF_V3, bytes, sample_of(OSPF_V3, LSA_EXTERNAL, bytes), &d));
	assert_string_equal(PREFIX_TEXT(&d.prefix), "::/0");
	assert_string_equal(ADDRESS_TEXT(&d.forward), "2001:db8::1");
	assert_int_equal(d.reference_type, LSA_V3_INTRA_PREFIX);
	assert_int_equal(d.reference_id, 9);
	assert_true(lsa_destination_read(OSPF_V3, bytes, sample_of(OSPF_V3, LSA_NSSA, bytes), &d));
	assert_true(d.propagate);
	assert_string_equal(PREFIX_TEXT(&d.prefix), "2001:db8::99/128");
	/* It is no destination. */
	assert_false(
		lsa_destination_read(OSPF_V3, bytes, sample_of(OSPF_V3, LSA_ROUTER, bytes), &d));
}

static void test_prefixes_of_ipv4_are_read_where_the_instance_is_of_it(void **state)
{
	uint8_t bytes[BYTES_MAX];
	struct lsa_header h = { .key = { .type = LSA_V3_LINK } };
	struct lsa_prefixes before = { .link_local = address_ipv4(0x0a020001) };
	struct address a = address_ipv4(0x0a040506);
	struct lsa_prefix p = { .prefix = prefix_make(&a, 20) };
	struct lsa_destination d = { .prefix = p.prefix, .forward = address_ipv4(0x0a020003) };
	struct lsa_walk walk;
	struct writer w;
	size_t start;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	start = lsa_begin(OSPF_V3, &w, &h);
	lsa_write_prefixes(&w, h.key.type, &before);
	lsa_write_prefix(&w, start, &p);
	lsa_finish(&w, start);
	walk = lsa_prefixes_walk(OSPF_V3, bytes, w.length, &before);
	lsa_address_family(&before.link_local, FAMILY_IPV4);
	assert_string_equal(ADDRESS_TEXT(&before.link_local), "10.2.0.1");
	lsa_walk_family(&walk, FAMILY_IPV4);
	assert_true(lsa_prefix_next(&walk, &p));
	assert_string_equal(PREFIX_TEXT(&p.prefix), "10.4.0.0/20");
	assert_false(lsa_prefix_next(&walk, &p));

	writer_init(&w, bytes, sizeof(bytes));
	h.key.type = LSA_V3_EXTERNAL;
	start = lsa_begin(OSPF_V3, &w, &h);
	lsa_write_destination(OSPF_V3, &w, h.key.type, &d);
	lsa_finish(&w, start);
	assert_true(lsa_destination_read(OSPF_V3, bytes, w.length, &d));
	assert_true(lsa_destination_family(&d, FAMILY_IPV4));
	assert_string_equal(PREFIX_TEXT(&d.prefix), "10.4.0.0/20");
	assert_string_equal(ADDRESS_TEXT(&d.forward), "10.2.0.3");

	assert_true(lsa_destination_read(OSPF_V3, bytes, sample_of(OSPF_V3, LSA_NSSA, bytes), &d));
	assert_false(lsa_destination_family(&d, FAMILY_IPV4));
}

/* Cut off anywhere, and with a header that says so, it is read as far as it goes, or not. */
static void test_no_truncation_is_read_beyond_its_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
		uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
		size_t length = sample(i, bytes);

		for (size_t n = 0; n < length; n++) {
			uint8_t *exact = malloc(n ? n : 1);
			struct writer w;

			memcpy(exact, bytes, n);
			assert_int_equal(lsa_check(samples[i].version, exact, n), LSA_FAULT_LENGTH);
			if (n >= LSA_HEADER_BYTES)
				exact[19] = (uint8_t)n;
			writer_init(&w, again, sizeof(again));
			if (lsa_check(samples[i].version, exact, n) == LSA_GOOD) {
				(void)lsa_again(samples[i].version, exact, n, &w);
			} else {
				/* A walk of any kind, unchecked. */
				lsa_begin(samples[i].version, &w, &(struct lsa_header){ 0 });
				again_router(samples[i].version, exact, n, &w, 0);
				again_network(samples[i].version, exact, n, &w);
				again_prefixes(samples[i].version, exact, n, &w, 0, LSA_V3_LINK);
			}
			free(exact);
		}
	}
}

/* Changes a byte of the body of a sample, and says what is found. */
static enum lsa_fault fault_of(enum ospf_version v, enum lsa_kind kind, size_t at, uint8_t value)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = sample_of(v, kind, bytes);

	bytes[LSA_HEADER_BYTES + at] = value;
	return lsa_check(v, bytes, length);
}

static void test_what_is_no_value_is_found(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length;

	(void)state;
	assert_int_equal(fault_of(OSPF_V2, LSA_ROUTER, 12, 9), LSA_FAULT_VALUE); /* link type */
	assert_int_equal(fault_of(OSPF_V2, LSA_ROUTER, 33, 0), LSA_FAULT_VALUE); /* stub's mask */
	assert_int_equal(fault_of(OSPF_V2, LSA_ROUTER, 3, 5), LSA_FAULT_LENGTH); /* the count */
	assert_int_equal(fault_of(OSPF_V2, LSA_ROUTER, 3, 3), LSA_FAULT_LENGTH);
	assert_int_equal(fault_of(OSPF_V2, LSA_ROUTER, 49, 1), LSA_FAULT_LENGTH); /* TOS */
	assert_int_equal(fault_of(OSPF_V2, LSA_NETWORK, 1, 0), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V2, LSA_INTER_PREFIX, 0, 0x7f), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V2, LSA_EXTERNAL, 3, 1), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V3, LSA_ROUTER, 4, LSA_LINK_STUB), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V3, LSA_INTER_PREFIX, 4, 129), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V3, LSA_INTER_PREFIX, 4, 65), LSA_FAULT_LENGTH);
	assert_int_equal(fault_of(OSPF_V3, LSA_INTER_PREFIX, 4, 32), LSA_FAULT_LENGTH);
	assert_int_equal(fault_of(OSPF_V3, LSA_LINK, 20, 1), LSA_FAULT_LENGTH); /* 2^24 of them */
	assert_int_equal(fault_of(OSPF_V3, LSA_INTRA_PREFIX, 1, 1), LSA_FAULT_LENGTH);
	assert_int_equal(fault_of(OSPF_V3, LSA_INTRA_PREFIX, 12, 200), LSA_FAULT_VALUE);
	assert_int_equal(fault_of(OSPF_V3, LSA_GRACE, 1, 7), LSA_FAULT_LENGTH); /* no period */
	/* Host bits of a prefix do not count. */
	length = sample_of(OSPF_V3, LSA_INTER_PREFIX, bytes);
	bytes[length - 1] = 0x77;
	assert_int_equal(lsa_check(OSPF_V3, bytes, length), LSA_GOOD);
}

static void test_an_external_with_other_types_of_service_is_that_of_the_first(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = sample_of(OSPF_V2, LSA_EXTERNAL, bytes);
	struct lsa_destination d;

	(void)state;
	length = hex_add(bytes, length, "08 000001 00000000 00000000");
	bytes[19] = (uint8_t)length;
	assert_int_equal(lsa_check(OSPF_V2, bytes, length), LSA_GOOD);
	assert_true(lsa_destination_read(OSPF_V2, bytes, length, &d));
	assert_int_equal(d.metric, 20);
	bytes[19] = (uint8_t)(length - 4);
	assert_int_equal(lsa_check(OSPF_V2, bytes, length - 4), LSA_FAULT_LENGTH);
}

/* RFC 2328 13.1, with an age, a sequence number and a checksum each. */
static void test_which_instance_is_newer(void **state)
{
	static const struct {
		struct lsa_header a, b;
		int expected;
	} cases[] = {
		{ { .sequence = 2 }, { .sequence = 1, .checksum = 9, .age = 3600 }, 1 },
		{ { .sequence = LSA_SEQUENCE_INITIAL }, { .sequence = 1 }, -1 },
		{ { .checksum = 0x8000 }, { .checksum = 0x7fff }, 1 },
		{ { .age = 3600 }, { .age = 3599 }, 1 },
		{ { .age = 3600 }, { .age = 3600 }, 0 },
		{ { .age = 1 }, { .age = 901 }, 0 },
		{ { .age = 1 }, { .age = 902 }, 1 },
		{ { .age = 902 }, { .age = 1 }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int forth = lsa_compare(&cases[i].a, &cases[i].b);

		assert_int_equal((forth > 0) - (forth < 0), cases[i].expected);
		assert_int_equal(lsa_compare(&cases[i].b, &cases[i].a), -forth);
	}
}

static void test_the_age_is_no_part_of_the_checksum(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = sample_of(OSPF_V2, LSA_ROUTER, bytes);

	(void)state;
	lsa_set_age(bytes, LSA_AGE_MAX);
	assert_true(lsa_checksum_is_good(bytes, length));
	assert_int_equal(header_of(OSPF_V2, bytes).age, LSA_AGE_MAX);
	bytes[0] |= 0x80; /* DoNotAge */
	assert_int_equal(header_of(OSPF_V2, bytes).age, LSA_AGE_MAX);
	bytes[16] = bytes[17] = 0;
	assert_false(lsa_checksum_is_good(bytes, length));
}

/* RFC 905 B.3, a byte at a time: whether both sums are 0. */
static bool sums_are_zero(const uint8_t *bytes, size_t length)
{
	unsigned c0 = 0, c1 = 0;

	for (size_t i = 2; i < length; i++) {
		c0 = (c0 + bytes[i]) % 255;
		c1 = (c1 + c0) % 255;
	}
	return c0 == 0 && c1 == 0;
}

static void test_checksums_of_all_lengths_agree_with_a_simple_one(void **state)
{
	size_t lengths[] = { 20, 21, 24, 36, 276, 4112, 4114, 4115, 8211, 65534, 65535 };
	uint8_t *bytes = malloc(65535);

	(void)state;
	for (size_t fill = 0; fill < 3; fill++)
		for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
			size_t length = lengths[i];
			uint16_t checksum;

			for (size_t k = 0; k < length; k++)
				bytes[k] = fill == 0 ? 0xff : (uint8_t)(k * fill * 37 + k / 251);
			checksum = lsa_checksum(bytes, length);
			assert_true(checksum >> 8 != 0 && (checksum & 0xff) != 0);
			bytes[16] = (uint8_t)(checksum >> 8);
			bytes[17] = (uint8_t)checksum;
			assert_true(sums_are_zero(bytes, length));
			assert_true(lsa_checksum_is_good(bytes, length));
			assert_int_equal(lsa_checksum(bytes, length), checksum);
			bytes[length - 1] ^= 0x10;
			assert_false(lsa_checksum_is_good(bytes, length));
		}
	free(bytes);
}

static void test_a_writer_that_is_full_stays_as_it_is(void **state)
{
	uint8_t bytes[BYTES_MAX];
	struct lsa_link l = { .type = LSA_LINK_TRANSIT };
	struct lsa_prefix p = { 0 };
	struct writer w;

	(void)state;
	writer_init(&w, bytes, 3);
	lsa_begin(OSPF_V2, &w, &(struct lsa_header){ 0 });
	lsa_write_link(OSPF_V2, &w, 0, &l);
	lsa_write_prefix(&w, 0, &p);
	lsa_finish(&w, 0);
	assert_false(writer_ok(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_lsa_of_each_kind_is_written_as_it_was_read),
		cmocka_unit_test(test_types_and_kinds_name_each_other),
		cmocka_unit_test(test_what_a_router_lsa_of_v2_says),
		cmocka_unit_test(test_what_externals_say),
		cmocka_unit_test(test_prefixes_of_ipv4_are_read_where_the_instance_is_of_it),
		cmocka_unit_test(test_no_truncation_is_read_beyond_its_end),
		cmocka_unit_test(test_what_is_no_value_is_found),
		cmocka_unit_test(test_an_external_with_other_types_of_service_is_that_of_the_first),
		cmocka_unit_test(test_which_instance_is_newer),
		cmocka_unit_test(test_the_age_is_no_part_of_the_checksum),
		cmocka_unit_test(test_checksums_of_all_lengths_agree_with_a_simple_one),
		cmocka_unit_test(test_a_writer_that_is_full_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
