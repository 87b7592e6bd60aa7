/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reader.h"

#include <string.h>

void reader_init(struct reader *r, const void *bytes, size_t length)
{
	/* Of nothing no place is known, and a NULL bears no arithmetic. */
	*r = (struct reader){ .at = bytes ? bytes : (const uint8_t *)"" };
	r->end = r->at + length;
}

const uint8_t *reader_take(struct reader *r, size_t length)
{
	const uint8_t *bytes = r->at;

	if (r->failed || reader_left(r) < length) {
		r->failed = true;
		return NULL;
	}
	r->at += length;
	return bytes;
}

void reader_copy(struct reader *r, void *to, size_t length)
{
	const uint8_t *bytes = reader_take(r, length);

	if (bytes)
		memcpy(to, bytes, length);
	else
		memset(to, 0, length);
}

static uint64_t reader_number(struct reader *r, size_t length)
{
	const uint8_t *bytes = reader_take(r, length);
	uint64_t value = 0;

	for (size_t i = 0; bytes && i < length; i++)
		value = value << 8 | bytes[i];
	return value;
}

uint8_t reader_u8(struct reader *r)
{
	return (uint8_t)reader_number(r, 1);
}

uint16_t reader_u16(struct reader *r)
{
	return (uint16_t)reader_number(r, 2);
}

uint32_t reader_u24(struct reader *r)
{
	return (uint32_t)reader_number(r, 3);
}

uint32_t reader_u32(struct reader *r)
{
	return (uint32_t)reader_number(r, 4);
}

uint64_t reader_u64(struct reader *r)
{
	return reader_number(r, 8);
}
