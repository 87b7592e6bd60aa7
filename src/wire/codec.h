/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function for both directions. A codec is a reader or a writer; a struct's codec function
 * names its fields once, and so what is read is what was written:
 *
 *	static void codec_thing(struct codec *c, struct thing *t)
 *	{
 *		codec_u32(c, &t->index);
 *		codec_text(c, t->name, sizeof(t->name));
 *	}
 *
 * Writing leaves the fields alone. Reading from foreign bytes needs the same care as a reader: all
 * fields, then codec_ok() once; codec_check() refuses values that a field must not have.
 */
#ifndef WIRE_CODEC_H
#define WIRE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/reader.h"
#include "wire/writer.h"

struct codec {
	struct reader *reader; /* one of them is set */
	struct writer *writer;
	unsigned version; /* of the layout that is read, where there are several; 0: the newest */
};

/* Whether a field that came with a version of the layout is in these bytes. */
static inline bool codec_since(const struct codec *c, unsigned version)
{
	return c->version == 0 || c->version >= version;
}

static inline bool codec_reads(const struct codec *c)
{
	return c->reader != NULL;
}

static inline bool codec_ok(const struct codec *c)
{
	return c->reader ? reader_ok(c->reader) : writer_ok(c->writer);
}

/* Latches failure when a value that was read is not what it may be. */
static inline void codec_check(struct codec *c, bool valid)
{
	if (c->reader && !valid)
		c->reader->failed = true;
}

void codec_u8(struct codec *c, uint8_t *value);
void codec_u16(struct codec *c, uint16_t *value);
void codec_u32(struct codec *c, uint32_t *value);
void codec_u64(struct codec *c, uint64_t *value);
void codec_i64(struct codec *c, int64_t *value);
void codec_bool(struct codec *c, bool *value);
void codec_bytes(struct codec *c, void *bytes, size_t length);

/*
 * A terminated text in an array of `size` bytes, at most 256; the rest of the array is zeroed on
 * reading.
 */
void codec_text(struct codec *c, char *text, size_t size);

#endif
