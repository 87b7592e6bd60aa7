/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "wire/reader.h"
#include "wire/writer.h"

static void test_numbers_are_read_as_they_were_written(void **state)
{
	uint8_t bytes[32];
	struct writer w;
	struct reader r;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	writer_u8(&w, 0x01);
	writer_u16(&w, 0x0203);
	writer_u32(&w, 0x04050607);
	writer_u64(&w, 0x08090a0b0c0d0e0f);
	writer_u24(&w, 0xff101112);
	writer_patch_u16(&w, 1, 0xfffe);
	assert_true(writer_ok(&w));
	assert_int_equal(w.length, 18);
	assert_int_equal(bytes[1], 0xff);
	reader_init(&r, bytes, w.length);
	assert_int_equal(reader_u8(&r), 0x01);
	assert_int_equal(reader_u16(&r), 0xfffe);
	assert_int_equal(reader_u32(&r), 0x04050607);
	assert_true(reader_u64(&r) == 0x08090a0b0c0d0e0f);
	assert_int_equal(reader_u24(&r), 0x101112);
	assert_true(reader_ok(&r));
	assert_int_equal(reader_left(&r), 0);
}

static void test_nothing_at_all_can_be_read_as_far_as_it_goes(void **state)
{
	struct reader r;

	(void)state;
	reader_init(&r, NULL, 0);
	assert_non_null(reader_take(&r, 0));
	assert_true(reader_ok(&r));
	assert_null(reader_take(&r, 1));
	assert_false(reader_ok(&r));
}

static void test_reading_past_the_end_gives_zeros_and_latches(void **state)
{
	const uint8_t bytes[3] = { 1, 2, 3 };
	uint8_t copy[4] = { 9, 9, 9, 9 };
	struct reader r;

	(void)state;
	reader_init(&r, bytes, sizeof(bytes));
	assert_int_equal(reader_u32(&r), 0);
	assert_false(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 0);
	assert_null(reader_take(&r, 1));
	reader_copy(&r, copy, sizeof(copy));
	assert_int_equal(copy[0], 0);
	assert_false(reader_ok(&r));
}

static void test_writing_past_the_end_writes_nothing_and_latches(void **state)
{
	uint8_t bytes[4] = { 0 };
	struct writer w;

	(void)state;
	writer_init(&w, bytes, 3);
	writer_u16(&w, 0x0102);
	writer_u16(&w, 0x0304);
	assert_false(writer_ok(&w));
	writer_u8(&w, 5);
	writer_bytes(&w, "x", 1);
	assert_int_equal(w.length, 2);
	assert_int_equal(bytes[2], 0);
	assert_int_equal(bytes[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_read_as_they_were_written),
		cmocka_unit_test(test_nothing_at_all_can_be_read_as_far_as_it_goes),
		cmocka_unit_test(test_reading_past_the_end_gives_zeros_and_latches),
		cmocka_unit_test(test_writing_past_the_end_writes_nothing_and_latches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
