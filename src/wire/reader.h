/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over bytes from outside. Reading past the end gives zeros and latches `failed`; so a
 * decoder reads all its fields, asks reader_ok() once, and only then believes them. Numbers are in
 * network byte order.
 */
#ifndef WIRE_READER_H
#define WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at, *end;
	bool failed;
};

/* The bytes stay the caller's and must outlive the cursor. */
void reader_init(struct reader *r, const void *bytes, size_t length);

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

static inline bool reader_ok(const struct reader *r)
{
	return !r->failed;
}

/* The next `length` bytes, or NULL when fewer are left. */
const uint8_t *reader_take(struct reader *r, size_t length);

void reader_copy(struct reader *r, void *to, size_t length);
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u24(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);

#endif
