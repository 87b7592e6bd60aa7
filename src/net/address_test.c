/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include "base/container.h"
#include "base/unit.h"

static void test_addresses_are_printed_as_they_were_read(void **state)
{
	static const char *const texts[] = {
		"10.9.1.1", "255.255.255.255", "0.0.0.0",     "::",
		"::1",	    "2001:db8::1",     "fe80::1:2:3", "ff02::9"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct address a;

		assert_int_equal(address_parse(texts[i], &a), 0);
		assert_string_equal(ADDRESS_TEXT(&a), texts[i]);
	}
}

static void test_what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = { "",	   "10.9.1",
					     "10.9.1.256", " 10.9.1.1",
					     "10.9.1.1 ",  "10.9.1.1/32",
					     "::g",	   "1:2:3:4:5:6:7:8:9",
					     "010.1.1.1" };
	struct address a = address_ipv4(7), before = a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_true(address_parse(texts[i], &a) < 0);
	assert_true(address_equal(&a, &before));
}

static void test_only_addresses_that_a_host_may_have_can_be_vips(void **state)
{
	static const struct {
		const char *text;
		bool host;
	} cases[] = {
		{ "10.9.1.1", true },
		{ "127.0.0.1", false },
		{ "224.0.0.9", false },
		{ "0.1.2.3", false },
		{ "255.255.255.255", false },
		{ "240.0.0.1", false },
		{ "169.254.1.1", false },
		{ "0.0.0.0", false },
		{ "::", false },
		{ "::1", false },
		{ "ff02::1", false },
		{ "fe80::1", false },
		{ "2001:db8::1", true },
		{ "fd00::1", true },
		/* RFC 4291 2.5.5, and what else BIRD calls bogus: the first 64 bits zero. */
		{ "::ffff:10.9.1.1", false },
		{ "::10.9.1.1", false },
		{ "::2", false },
		{ "::ffff:0:a09:101", false },
		{ "::1:0:0:1", false },
		{ "0:0:0:1::1", true },
		{ "64:ff9b::a09:101", true },
		{ "fec0::10", true },
		{ "2002:a09:101::1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct address a;
		const char *why = NULL;

		assert_int_equal(address_parse(cases[i].text, &a), 0);
		assert_int_equal(address_is_host(&a, &why), cases[i].host);
		assert_int_equal(why == NULL, cases[i].host);
	}
}

static void test_what_stands_for_an_ipv4_address_is_that(void **state)
{
	static const char *const cases[][2] = {
		{ "::ffff:10.9.1.1", "10.9.1.1" },
		{ "::10.9.1.1", "::10.9.1.1" },
		{ "2001:db8::ffff:a09:101", "2001:db8::ffff:a09:101" },
		{ "10.9.1.1", "10.9.1.1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct address a;

		assert_int_equal(address_parse(cases[i][0], &a), 0);
		a = address_unmapped(&a);
		assert_string_equal(ADDRESS_TEXT(&a), cases[i][1]);
	}
}

static void test_order_is_by_family_then_by_number(void **state)
{
	struct address low = address_ipv4(0x0a000001), high = address_ipv4(0xc0000001), six;

	(void)state;
	assert_int_equal(address_parse("::1", &six), 0);
	assert_true(address_compare(&low, &high) < 0);
	assert_true(address_compare(&high, &six) < 0);
	assert_int_equal(address_compare(&six, &six), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_printed_as_they_were_read),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_only_addresses_that_a_host_may_have_can_be_vips),
		cmocka_unit_test(test_what_stands_for_an_ipv4_address_is_that),
		cmocka_unit_test(test_order_is_by_family_then_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
