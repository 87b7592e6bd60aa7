/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transfer coding "chunked" (RFC 9112 7.1), undone byte by byte, so that a text is found though
 * it is cut by the end of a chunk.
 */
#ifndef CHECK_CHUNKS_H
#define CHECK_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum chunks_found {
	CHUNKS_FRAME, /* the byte belongs to the coding */
	CHUNKS_BODY,  /* it is one of the body */
	CHUNKS_END,   /* the body is over */
	CHUNKS_BROKEN,
};

struct chunks {
	uint8_t part;	/* enum chunks_part */
	uint8_t digits; /* of a size */
	uint64_t left;	/* bytes of the chunk */
};

/* One that is all zero stands at the beginning. */
enum chunks_found chunks_take(struct chunks *c, char byte);

#endif
