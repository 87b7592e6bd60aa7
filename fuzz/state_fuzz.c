/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a state file: whose it is, and what can be read of it. Each byte behind the header
 * is in a good record, or lost and counted; and what is read is read again when it is written anew,
 * also behind a piece that is damaged.
 */
#include <string.h>

#include "fuzz.h"
#include "linux/staterecord.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"

/* The record, behind `junk` bytes that are none, is found. */
static void check_again(const struct saved *s, size_t junk)
{
	uint8_t bytes[STATE_HEADER_BYTES + 16 + STATE_RECORD_BYTES_MAX];
	struct state_reader r;
	struct saved again;
	size_t length;

	state_header_make(bytes, BOOT);
	memset(bytes + STATE_HEADER_BYTES, 0xff, junk);
	length = STATE_HEADER_BYTES + junk;
	length += state_record_encode(s, bytes + length);
	state_reader_init(&r, bytes + STATE_HEADER_BYTES, length - STATE_HEADER_BYTES,
			  SAVED_VERSION);
	assert(state_reader_next(&r, &again));
	assert(record_equal(&saved_record, &again, s));
	assert(!state_reader_left_out(&r));
	assert(!state_reader_next(&r, &again));
	assert(r.lost == junk);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	unsigned version = SAVED_VERSION;
	struct state_reader r;
	struct saved s;
	size_t count = 0;

	(void)state_header_read(bytes, length, BOOT, &version);
	if (length < STATE_HEADER_BYTES)
		return 0;
	length -= STATE_HEADER_BYTES;
	state_reader_init(&r, bytes + STATE_HEADER_BYTES, length, version);
	while (state_reader_next(&r, &s)) {
		assert(++count <= length);
		if (count < 8)
			check_again(&s, count % 3);
	}
	assert(r.good == count);
	assert(r.end <= length && r.lost <= length);
	return 0;
}
