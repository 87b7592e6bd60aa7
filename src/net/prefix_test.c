/* SPDX-License-Identifier: Apache-2.0 */
#include "net/prefix.h"

#include "base/container.h"
#include "base/unit.h"

static struct prefix prefix(const char *text)
{
	struct address a;
	uint8_t length;

	assert_int_equal(prefix_parse(text, &a, &length), 0);
	return prefix_make(&a, length);
}

static void test_host_bits_are_kept_in_the_address_and_cut_in_the_network(void **state)
{
	struct address a;
	struct prefix p;
	uint8_t length;

	(void)state;
	assert_int_equal(prefix_parse("10.9.1.77/20", &a, &length), 0);
	assert_string_equal(ADDRESS_TEXT(&a), "10.9.1.77");
	p = prefix_make(&a, length);
	assert_string_equal(PREFIX_TEXT(&p), "10.9.0.0/20");
	assert_int_equal(prefix_parse("2001:db8::1", &a, &length), 0);
	assert_int_equal(length, 128);
}

static void test_what_is_no_prefix_is_refused(void **state)
{
	static const char *const texts[] = {
		"10.9.1.1/33",	 "10.9.1.1/",	 "10.9.1.1/-1",
		"10.9.1.1/1x",	 "/24",		 "::/129",
		"10.9.1.1/024 ", "10.9.1.1/0x8", "10.9.1.1/99999999999999999999"
	};
	struct address a;
	uint8_t length;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_true(prefix_parse(texts[i], &a, &length) < 0);
}

static void test_covering_is_by_leading_bits_within_one_family(void **state)
{
	struct prefix all = prefix("0.0.0.0/0"), net = prefix("10.0.0.0/8"),
		      half = prefix("10.128.0.0/9");
	struct prefix six = prefix("::/0");

	(void)state;
	assert_true(prefix_covers(&all, &net));
	assert_true(prefix_covers(&net, &half));
	assert_true(prefix_covers(&net, &net));
	assert_false(prefix_covers(&half, &net));
	assert_false(prefix_covers(&six, &net));
}

static void test_masks_with_holes_are_none(void **state)
{
	(void)state;
	assert_int_equal(prefix_ipv4_mask_length(0xffffff00), 24);
	assert_int_equal(prefix_ipv4_mask_length(0), 0);
	assert_int_equal(prefix_ipv4_mask_length(0xffffffff), 32);
	assert_true(prefix_ipv4_mask_length(0xff00ff00) < 0);
	for (uint8_t length = 0; length <= 32; length++)
		assert_int_equal(prefix_ipv4_mask_length(prefix_ipv4_mask(length)), length);
}

static void test_broadcast_and_class_follow_the_rfcs(void **state)
{
	struct prefix p = prefix("10.9.1.16/28");
	struct address last = prefix_broadcast(&p), b = prefix("172.16.0.0/12").address;

	(void)state;
	assert_string_equal(ADDRESS_TEXT(&last), "10.9.1.31");
	assert_int_equal(prefix_ipv4_class_length(&p.address), 8);
	assert_int_equal(prefix_ipv4_class_length(&b), 16);
	b = address_ipv4(0xc0a80101);
	assert_int_equal(prefix_ipv4_class_length(&b), 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_bits_are_kept_in_the_address_and_cut_in_the_network),
		cmocka_unit_test(test_what_is_no_prefix_is_refused),
		cmocka_unit_test(test_covering_is_by_leading_bits_within_one_family),
		cmocka_unit_test(test_masks_with_holes_are_none),
		cmocka_unit_test(test_broadcast_and_class_follow_the_rfcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
