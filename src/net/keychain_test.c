/* SPDX-License-Identifier: Apache-2.0 */
#include "net/keychain.h"

#include "base/unit.h"

#define NOON_S INT64_C(1796126400)

static struct instant at(int64_t s)
{
	return (struct instant){ DURATION_S(1).ns * s };
}

static void test_numbers_of_seconds_never_go_back_and_those_of_packets_always_grow(void **state)
{
	struct keychain_counter c = { 0 };
	uint64_t before = 0;

	(void)state;
	assert_int_equal(keychain_count(&c, at(1), NOON_S), NOON_S);
	assert_int_equal(keychain_count(&c, at(1), NOON_S), NOON_S);
	for (int k = 0; k < 1000; k++) {
		/* The clock on the wall is set back in the middle. */
		uint64_t n = keychain_count_each(&c, at(1 + k / 100),
						 k < 500 ? NOON_S + k / 100 : NOON_S - 7000);

		assert_true(n > before && n > UINT32_MAX);
		before = n;
	}
	/* One counter gives both. */
	assert_true(keychain_count(&c, at(11), NOON_S) >= before >> 32);
}

static void test_without_a_clock_numbers_begin_with_one(void **state)
{
	struct keychain_counter c = { 0 };

	(void)state;
	assert_int_equal(keychain_count(&c, at(5), 0), 1);
	assert_int_equal(keychain_count_each(&c, at(5), 0), (UINT64_C(1) << 32) + 1);
	assert_int_equal(keychain_count(&c, at(6), 0), 2);
}

/* Two lives, and a clock that stands. */
static void test_a_life_goes_on_behind_what_was_written_down(void **state)
{
	struct keychain_counter first = { 0 }, second = { 0 };
	uint64_t written = 0, last = 0;

	(void)state;
	for (int k = 0; k < 10; k++) {
		last = keychain_count_each(&first, at(1), NOON_S);
		written = keychain_written(written, last);
		assert_true(written >= last);
	}
	/* Once for a second. */
	assert_int_equal(keychain_written(written, last + 1), written);
	keychain_resume(&second, written);
	assert_true(keychain_count_each(&second, at(1), NOON_S) > last);
	/* Those of seconds go on there too. */
	assert_true(keychain_count(&second, at(1), NOON_S) > NOON_S);
}

static void test_numbers_of_seconds_are_written_as_they_are(void **state)
{
	struct keychain_counter c = { 0 };
	uint64_t wide = keychain_written(0, (uint64_t)NOON_S << 32 | 5);

	(void)state;
	assert_int_equal(keychain_written(0, 0), 0);
	assert_int_equal(keychain_written(0, NOON_S), NOON_S);
	assert_int_equal(keychain_written(NOON_S, NOON_S), NOON_S);
	keychain_resume(&c, NOON_S);
	assert_int_equal(keychain_count(&c, at(0), NOON_S - 50), NOON_S);
	/* Beside the others of the same speaker. */
	assert_int_equal(keychain_written(wide, NOON_S), wide);
	assert_int_equal(keychain_written(wide, NOON_S - 9), wide);
	assert_int_equal(keychain_written(wide, NOON_S + 1),
			 (uint64_t)(NOON_S + 1) << 32 | UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_numbers_of_seconds_never_go_back_and_those_of_packets_always_grow),
		cmocka_unit_test(test_without_a_clock_numbers_begin_with_one),
		cmocka_unit_test(test_a_life_goes_on_behind_what_was_written_down),
		cmocka_unit_test(test_numbers_of_seconds_are_written_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
