/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unit.h"
#include "node/trace.h"

#define MANY 5000

static char path[] = "vipd-record-XXXXXX";

static void test_what_was_recorded_is_read_in_its_order(void **state)
{
	uint8_t bytes[TRACE_HEADER_BYTES + EFFECT_BYTES_MAX], magic[TRACE_MAGIC_BYTES];
	struct effect effect = { .kind = EFFECT_OBJECT_ADD };
	struct input input = { .kind = INPUT_START };
	struct trace_header h;
	struct recording *r;
	struct input in;
	struct effect e;
	FILE *f;

	(void)state;
	effect.object.kind = OBJECT_LOCAL;
	effect.object.address = address_ipv4(0x0a090101);
	effect.object.length = 32;
	assert_int_equal(record_open(path, &r), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		input.start.seed = i;
		effect.id = i + 1;
		record_input(r, (struct instant){ i }, &input);
		record_effect(r, (struct instant){ i + 1 }, &effect);
	}
	record_close(r);

	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(magic, 1, sizeof(magic), f), sizeof(magic));
	assert_memory_equal(magic, TRACE_MAGIC, sizeof(magic));
	for (uint32_t i = 0; i < 2 * MANY; i++) {
		assert_int_equal(fread(bytes, 1, TRACE_HEADER_BYTES, f), TRACE_HEADER_BYTES);
		assert_int_equal(trace_header_decode(bytes, TRACE_HEADER_BYTES, &h), 0);
		assert_int_equal(h.kind, i % 2 ? TRACE_EFFECT : TRACE_INPUT);
		assert_int_equal(h.at.ns, i / 2 + i % 2);
		assert_int_equal(fread(bytes, 1, h.length, f), h.length);
		if (i % 2) {
			assert_int_equal(effect_decode(bytes, h.length, &e, NULL), 0);
			assert_int_equal(e.id, i / 2 + 1);
		} else {
			assert_int_equal(input_decode(bytes, h.length, &in, NULL), 0);
			assert_int_equal(in.start.seed, i / 2);
		}
	}
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
}

static void test_a_trace_is_for_its_owner_alone(void **state)
{
	struct recording *r;
	struct stat st;

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(record_open(path, &r), 0);
	record_close(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_full_disk_ends_the_recording_and_nothing_else(void **state)
{
	struct input input = { .kind = INPUT_TICK };
	struct recording *r;

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	assert_int_equal(record_open("/dev/full", &r), 0);
	assert_int_equal(record_flush(r), -ENOSPC);
	record_input(r, (struct instant){ 1 }, &input);
	assert_int_equal(record_flush(r), 0);
	record_close(r);
}

static void test_a_header_that_cannot_be_is_refused(void **state)
{
	struct trace_header h = { TRACE_INPUT, { 5 }, 10 }, ret;
	uint8_t bytes[TRACE_HEADER_BYTES];

	(void)state;
	trace_header_encode(&h, bytes);
	for (size_t cut = 0; cut < sizeof(bytes); cut++)
		assert_int_equal(trace_header_decode(bytes, cut, &ret), -EBADMSG);
	bytes[0] = 'X';
	assert_int_equal(trace_header_decode(bytes, sizeof(bytes), &ret), -EBADMSG);
	h.length = INPUT_BYTES_MAX + 1;
	trace_header_encode(&h, bytes);
	assert_int_equal(trace_header_decode(bytes, sizeof(bytes), &ret), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_recorded_is_read_in_its_order),
		cmocka_unit_test(test_a_trace_is_for_its_owner_alone),
		cmocka_unit_test(test_a_full_disk_ends_the_recording_and_nothing_else),
		cmocka_unit_test(test_a_header_that_cannot_be_is_refused),
	};
	int failed, fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
