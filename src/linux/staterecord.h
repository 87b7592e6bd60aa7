/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a state file: a header, then records, each with its length and a checksum. Here are
 * the bytes alone; statefile.h has the file.
 *
 *	VIPDST07 <boot id>  |  u16 length, u32 checksum, record  |  …
 *
 * One record that is damaged, or that this program does not know, hides none of those behind it: it
 * is skipped and counted. Where a length is not to be believed, the next whole record is looked
 * for. A record that says more than this program knows counts without that.
 */
#ifndef LINUX_STATERECORD_H
#define LINUX_STATERECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/saved.h"

#define STATE_BOOT_BYTES 36 /* of /proc/sys/kernel/random/boot_id */
#define STATE_HEADER_BYTES (8 + STATE_BOOT_BYTES)
#define STATE_FRAME_BYTES 6 /* u16 length, u32 checksum */
#define STATE_RECORD_BYTES_MAX (STATE_FRAME_BYTES + SAVED_BYTES_MAX)

/* Whose a file is, by its header. */
enum state_origin {
	STATE_EMPTY,	  /* there is nothing in it */
	STATE_OURS,	  /* of this boot, in a layout that can be read */
	STATE_OTHER_BOOT, /* it does not count any more */
	STATE_TOO_OLD,	  /* a layout that is not read any more */
	STATE_TOO_NEW,	  /* of a later vipd */
	STATE_FOREIGN,	  /* nobody's that is known */
};

void state_header_make(uint8_t *header, const char *boot);

/* *ret_version is set where the header has one. */
enum state_origin state_header_read(const uint8_t *bytes, size_t length, const char *boot,
				    unsigned *ret_version);

/* With its length and checksum, into STATE_RECORD_BYTES_MAX bytes; returns how many they are. */
size_t state_record_encode(const struct saved *s, uint8_t *bytes);

/* Puts the frame before a record of that length, which stands there already; returns both. */
size_t state_record_frame(uint8_t *bytes, size_t length);

/* Walks the records behind a header. */
struct state_reader {
	const uint8_t *bytes; /* the caller's */
	size_t length, position;
	unsigned version;
	size_t budget;	  /* places and bytes that are still looked at for a record */
	size_t end;	  /* of the last good record */
	uint32_t good;	  /* records */
	uint32_t damaged; /* places where bytes make no record */
	uint32_t unknown; /* whole records that say nothing to us */
	uint64_t lost;	  /* bytes in both */

	struct tagged_losses losses; /* in good records */
	uint32_t lossy;		     /* so many of these had some; */
	struct saved first_lossy;    /* the first of them */
};

/* Whether something was left out of what is whole: another version has written it. */
static inline bool state_reader_left_out(const struct state_reader *r)
{
	return r->unknown > 0 || r->lossy > 0;
}

void state_reader_init(struct state_reader *r, const uint8_t *bytes, size_t length,
		       unsigned version);

/* The next good record; false at the end. */
bool state_reader_next(struct state_reader *r, struct saved *ret);

#endif
