/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A builder of bytes in a buffer of fixed size. Writing past the end writes nothing and latches
 * `failed`: add all fields, ask writer_ok() once. Numbers go out in network byte order.
 */
#ifndef WIRE_WRITER_H
#define WIRE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
	uint8_t *start;
	size_t length, capacity;
	bool failed;
};

/* The buffer stays the caller's. */
void writer_init(struct writer *w, void *buffer, size_t capacity);

static inline bool writer_ok(const struct writer *w)
{
	return !w->failed;
}

static inline size_t writer_left(const struct writer *w)
{
	return w->capacity - w->length;
}

void writer_bytes(struct writer *w, const void *bytes, size_t length);
void writer_zeros(struct writer *w, size_t length);
void writer_u8(struct writer *w, uint8_t value);
void writer_u16(struct writer *w, uint16_t value);
void writer_u24(struct writer *w, uint32_t value); /* its lower 24 bits */
void writer_u32(struct writer *w, uint32_t value);
void writer_u64(struct writer *w, uint64_t value);

/* Overwrites a number that was written before, such as a length known only at the end. */
void writer_patch_u16(struct writer *w, size_t offset, uint16_t value);

#endif
