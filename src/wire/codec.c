/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/codec.h"

#include <assert.h>
#include <string.h>

void codec_u8(struct codec *c, uint8_t *value)
{
	if (c->reader)
		*value = reader_u8(c->reader);
	else
		writer_u8(c->writer, *value);
}

void codec_u16(struct codec *c, uint16_t *value)
{
	if (c->reader)
		*value = reader_u16(c->reader);
	else
		writer_u16(c->writer, *value);
}

void codec_u32(struct codec *c, uint32_t *value)
{
	if (c->reader)
		*value = reader_u32(c->reader);
	else
		writer_u32(c->writer, *value);
}

void codec_u64(struct codec *c, uint64_t *value)
{
	if (c->reader)
		*value = reader_u64(c->reader);
	else
		writer_u64(c->writer, *value);
}

void codec_i64(struct codec *c, int64_t *value)
{
	uint64_t number = (uint64_t)*value;

	codec_u64(c, &number);
	if (c->reader)
		*value = (int64_t)number;
}

void codec_bool(struct codec *c, bool *value)
{
	uint8_t number = c->writer ? *value : 0;

	codec_u8(c, &number);
	codec_check(c, number <= 1);
	if (c->reader)
		*value = number == 1;
}

void codec_bytes(struct codec *c, void *bytes, size_t length)
{
	if (c->reader)
		reader_copy(c->reader, bytes, length);
	else
		writer_bytes(c->writer, bytes, length);
}

void codec_text(struct codec *c, char *text, size_t size)
{
	uint8_t length;

	assert(size > 0 && size <= 256);
	length = c->writer ? (uint8_t)strnlen(text, size - 1) : 0;
	codec_u8(c, &length);
	codec_check(c, length < size);
	if (!codec_ok(c))
		return;
	codec_bytes(c, text, length);
	if (c->reader) {
		memset(text + length, 0, size - length);
		codec_check(c, strlen(text) == length);
	}
}
