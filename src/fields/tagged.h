/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as bytes that outlive the program: each field with its tag and its length, so that a
 * reader passes over what he does not know, and what is not there has its default.
 *
 *	record:	[u8 kind, when it has choices] field field …
 *	field:	tag, length, as many bytes as it says
 *
 * No tag is 0. Tags and lengths are numbers of 7 bits a byte, the lowest first, with the highest
 * bit set on all but the last. A list is its tag again for each element; a group that may not be
 * there is a list of at most one. Of the bytes of a value:
 *
 *	numbers, words, bools		big-endian, as few as are needed, one at least: so a field
 *					may become wider
 *	signed, durations, instants	likewise, the number doubled, and one less than that below 0
 *	addresses			4 or 16, or none
 *	prefixes			the same, and one for the length
 *	texts and bytes			themselves
 *	groups				their fields
 *
 * A value that is all zero, as its default is, is not written; everything else is, so that a
 * default may change for those who come later without a change of what is written already.
 */
#ifndef FIELDS_TAGGED_H
#define FIELDS_TAGGED_H

#include "fields/field.h"
#include "wire/writer.h"

/* What a reader did not take, though the bytes are whole. */
struct tagged_losses {
	uint32_t unknown; /* fields that the table does not have */
	uint32_t refused; /* values that it does not allow: other words, longer texts or lists */
};

/* Writes the object; the writer latches when there is no room. */
void tagged_encode(const struct record *r, const void *object, struct writer *w);

/*
 * Reads all of the bytes into the object, of which all is overwritten, also on failure. 0; -EBADMSG
 * when they are no record, or it is one that record.check() refuses, or a group with choices is
 * none of them; a group that is not there is as by default, and is refused like any other; -ENOENT
 * when it, or a group in it, is of a kind that the table does not have. *losses, when not NULL, is
 * added to.
 */
int tagged_decode(const struct record *r, const void *bytes, size_t length, void *object,
		  struct tagged_losses *losses);

/* The same of what somebody wishes, which need not be possible: without record.check(). */
int tagged_decode_wish(const struct record *r, const void *bytes, size_t length, void *object,
		       struct tagged_losses *losses);

#endif
