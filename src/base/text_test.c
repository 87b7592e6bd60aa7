/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/container.h"
#include "base/unit.h"

static void test_a_text_that_does_not_fit_is_cut_and_says_so(void **state)
{
	char buffer[8];
	struct text t;

	(void)state;
	text_init(&t, buffer, sizeof(buffer));
	text_add(&t, "%s", "1234");
	assert_false(t.cut);
	text_add(&t, "%s", "5678");
	assert_true(t.cut);
	assert_string_equal(buffer, "1234567");
	text_add(&t, "more");
	assert_string_equal(buffer, "1234567");
}

static void test_a_copy_is_always_terminated(void **state)
{
	char buffer[4] = "xxx";

	(void)state;
	text_copy(buffer, sizeof(buffer), "abcdef");
	assert_string_equal(buffer, "abc");
	text_copy(buffer, sizeof(buffer), "");
	assert_string_equal(buffer, "");
}

static void test_bytes_from_outside_become_printable(void **state)
{
	char buffer[16];
	struct text t;

	(void)state;
	text_init(&t, buffer, sizeof(buffer));
	text_add_printable(&t, "a\0\n\x1b[\xffz", 7);
	assert_string_equal(buffer, "a???[?z");
	text_add_printable(&t, "0123456789", 10);
	assert_string_equal(buffer, "a???[?z01234567");
	assert_true(t.cut);
}

static void test_the_nearest_word_is_the_one_that_was_meant(void **state)
{
	static const char *const words[] = { "address", "announce", "metric", "label", "rip" };

	(void)state;
	assert_string_equal(text_nearest("adress", words, ARRAY_LENGTH(words)), "address");
	assert_string_equal(text_nearest("metrik", words, ARRAY_LENGTH(words)), "metric");
	assert_string_equal(text_nearest("rp", words, ARRAY_LENGTH(words)), "rip");
	assert_null(text_nearest("colour", words, ARRAY_LENGTH(words)));
	assert_null(text_nearest("", words, ARRAY_LENGTH(words)));
	assert_int_equal(text_distance("kitten", "sitting", 5), 3);
	assert_int_equal(text_distance("kitten", "sitting", 1), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_that_does_not_fit_is_cut_and_says_so),
		cmocka_unit_test(test_a_copy_is_always_terminated),
		cmocka_unit_test(test_bytes_from_outside_become_printable),
		cmocka_unit_test(test_the_nearest_word_is_the_one_that_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
