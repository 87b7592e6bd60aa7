/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/writer.h"

#include <assert.h>
#include <string.h>

void writer_init(struct writer *w, void *buffer, size_t capacity)
{
	*w = (struct writer){ .start = buffer, .capacity = capacity };
}

/* Where the next `length` bytes go, or NULL when they do not fit. */
static uint8_t *writer_room(struct writer *w, size_t length)
{
	uint8_t *at = w->start + w->length;

	if (w->failed || writer_left(w) < length) {
		w->failed = true;
		return NULL;
	}
	w->length += length;
	return at;
}

void writer_bytes(struct writer *w, const void *bytes, size_t length)
{
	uint8_t *at = length ? writer_room(w, length) : NULL;

	if (at)
		memcpy(at, bytes, length);
}

void writer_zeros(struct writer *w, size_t length)
{
	uint8_t *at = length ? writer_room(w, length) : NULL;

	if (at)
		memset(at, 0, length);
}

static void writer_store(uint8_t *at, uint64_t value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		at[i] = (uint8_t)(value >> 8 * (length - 1 - i));
}

static void writer_number(struct writer *w, uint64_t value, size_t length)
{
	uint8_t *at = writer_room(w, length);

	if (at)
		writer_store(at, value, length);
}

void writer_u8(struct writer *w, uint8_t value)
{
	writer_number(w, value, 1);
}

void writer_u16(struct writer *w, uint16_t value)
{
	writer_number(w, value, 2);
}

void writer_u24(struct writer *w, uint32_t value)
{
	writer_number(w, value, 3);
}

void writer_u32(struct writer *w, uint32_t value)
{
	writer_number(w, value, 4);
}

void writer_u64(struct writer *w, uint64_t value)
{
	writer_number(w, value, 8);
}

void writer_patch_u16(struct writer *w, size_t offset, uint16_t value)
{
	if (w->failed)
		return;
	assert(offset + sizeof(value) <= w->length);
	writer_store(w->start + offset, value, sizeof(value));
}
