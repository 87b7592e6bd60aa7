/* SPDX-License-Identifier: Apache-2.0 */
#include "check/chunks.h"

enum chunks_part {
	CHUNKS_SIZE,
	CHUNKS_EXTENSION, /* the rest of the line with the size */
	CHUNKS_DATA,
	CHUNKS_BEHIND, /* the end of the line behind the data */
	CHUNKS_OVER,
};

/* More is no size of anything. */
#define DIGITS_MAX 15

static int digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* The last chunk has no bytes; what follows it are fields that nobody asked for. */
static enum chunks_found line_end(struct chunks *c)
{
	c->digits = 0;
	c->part = c->left ? CHUNKS_DATA : CHUNKS_OVER;
	return c->left ? CHUNKS_FRAME : CHUNKS_END;
}

static enum chunks_found size_take(struct chunks *c, char byte)
{
	int digit = digit_of(byte);

	if (digit >= 0 && c->digits < DIGITS_MAX) {
		c->left = (c->digits ? c->left : 0) * 16 + (unsigned)digit;
		c->digits++;
		return CHUNKS_FRAME;
	}
	if (!c->digits || digit >= 0)
		return CHUNKS_BROKEN;
	if (byte == '\n')
		return line_end(c);
	if (byte != ';' && byte != ' ' && byte != '\t' && byte != '\r')
		return CHUNKS_BROKEN;
	c->part = CHUNKS_EXTENSION;
	return CHUNKS_FRAME;
}

enum chunks_found chunks_take(struct chunks *c, char byte)
{
	switch ((enum chunks_part)c->part) {
	case CHUNKS_SIZE:
		return size_take(c, byte);
	case CHUNKS_EXTENSION:
		return byte == '\n' ? line_end(c) : CHUNKS_FRAME;
	case CHUNKS_DATA:
		if (--c->left == 0)
			c->part = CHUNKS_BEHIND;
		return CHUNKS_BODY;
	case CHUNKS_BEHIND:
		if (byte == '\n')
			c->part = CHUNKS_SIZE;
		return byte == '\n' || byte == '\r' ? CHUNKS_FRAME : CHUNKS_BROKEN;
	case CHUNKS_OVER:
		break;
	}
	return CHUNKS_END;
}
