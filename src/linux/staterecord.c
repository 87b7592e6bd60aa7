/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/staterecord.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define MAGIC "VIPDST"
#define MAGIC_BYTES (sizeof(MAGIC) - 1)
#define VERSION_BYTES 2
#define FRAME_BYTES STATE_FRAME_BYTES

/*
 * A file may be full of nonsense, each place of which could be a long record: after so many places
 * and bytes behind them that were looked at the rest of it is given up. Of zeros that is all that a
 * file may have.
 */
#define SEARCH_MAX ((size_t)96 << 20)

_Static_assert(MAGIC_BYTES + VERSION_BYTES + STATE_BOOT_BYTES == STATE_HEADER_BYTES, "the header");
_Static_assert(SAVED_VERSION < 100, "it has two digits");

static uint32_t checksum(const uint8_t *bytes, size_t length)
{
	return hash_bytes(0x76697064, bytes, length);
}

void state_header_make(uint8_t *header, const char *boot)
{
	char text[MAGIC_BYTES + VERSION_BYTES + 1];

	snprintf(text, sizeof(text), MAGIC "%02d", SAVED_VERSION);
	memcpy(header, text, MAGIC_BYTES + VERSION_BYTES);
	memcpy(header + MAGIC_BYTES + VERSION_BYTES, boot, STATE_BOOT_BYTES);
}

enum state_origin state_header_read(const uint8_t *bytes, size_t length, const char *boot,
				    unsigned *ret_version)
{
	const uint8_t *digits = bytes + MAGIC_BYTES;

	if (length == 0)
		return STATE_EMPTY;
	if (length < STATE_HEADER_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0 ||
	    !isdigit(digits[0]) || !isdigit(digits[1]))
		return STATE_FOREIGN;
	*ret_version = (unsigned)(10 * (digits[0] - '0') + digits[1] - '0');
	if (memcmp(digits + VERSION_BYTES, boot, STATE_BOOT_BYTES) != 0)
		return STATE_OTHER_BOOT;
	if (*ret_version > SAVED_VERSION)
		return STATE_TOO_NEW;
	return *ret_version < SAVED_VERSION_OLDEST ? STATE_TOO_OLD : STATE_OURS;
}

size_t state_record_encode(const struct saved *s, uint8_t *bytes)
{
	return state_record_frame(bytes, saved_encode(s, bytes + FRAME_BYTES));
}

size_t state_record_frame(uint8_t *bytes, size_t length)
{
	struct writer w;

	writer_init(&w, bytes, FRAME_BYTES);
	writer_u16(&w, (uint16_t)length);
	writer_u32(&w, checksum(bytes + FRAME_BYTES, length));
	return FRAME_BYTES + length;
}

void state_reader_init(struct state_reader *r, const uint8_t *bytes, size_t length,
		       unsigned version)
{
	*r = (struct state_reader){
		.bytes = bytes, .length = length, .version = version, .budget = SEARCH_MAX
	};
}

static void budget_use(struct state_reader *r, size_t bytes)
{
	r->budget -= bytes < r->budget ? bytes : r->budget;
}

/* The length of the record whose frame is whole at the position; 0: there is none. */
static size_t record_at(struct state_reader *r, size_t position)
{
	size_t left = r->length - position;
	struct reader frame;
	uint16_t size;
	uint32_t sum;

	if (left < FRAME_BYTES)
		return 0;
	reader_init(&frame, r->bytes + position, FRAME_BYTES);
	size = reader_u16(&frame);
	sum = reader_u32(&frame);
	budget_use(r, 1);
	if (size == 0 || size > SAVED_BYTES_MAX || size > left - FRAME_BYTES)
		return 0;
	budget_use(r, size);
	return checksum(r->bytes + position + FRAME_BYTES, size) == sum ? size : 0;
}

/* Moves on to the next whole record, or to the end. */
static void damage_skip(struct state_reader *r)
{
	size_t from = r->position;
	bool found = false;

	while (!found && r->budget > 0 && ++r->position < r->length)
		found = record_at(r, r->position) > 0;
	if (!found)
		r->position = r->length;
	r->damaged++;
	r->lost += r->position - from;
}

static void losses_take(struct state_reader *r, const struct tagged_losses *l,
			const struct saved *of)
{
	if (l->unknown + l->refused == 0)
		return;
	if (r->lossy++ == 0)
		r->first_lossy = *of;
	r->losses.unknown += l->unknown;
	r->losses.refused += l->refused;
}

bool state_reader_next(struct state_reader *r, struct saved *ret)
{
	while (r->position < r->length) {
		size_t size = record_at(r, r->position);
		struct tagged_losses losses = { 0 };
		const uint8_t *body = r->bytes + r->position + FRAME_BYTES;

		if (size == 0) {
			damage_skip(r);
			continue;
		}
		r->position += FRAME_BYTES + size;
		if (saved_decode(body, size, r->version, ret, &losses) == 0) {
			r->good++;
			r->end = r->position;
			losses_take(r, &losses, ret);
			return true;
		}
		r->unknown++;
		r->lost += FRAME_BYTES + size;
	}
	return false;
}
