/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record format of a trace: what went into a node and what came out of it, in that order. A
 * file starts with TRACE_MAGIC; then come records, each a header and as many bytes as it says,
 * which are those of input_encode() or effect_encode(). All numbers are in network byte order:
 *
 *	u8 kind ('I' or 'E'), u64 time in ns, u32 length, bytes
 *
 * These are tagged (fields/tagged.h): a trace of another version is read as far as this one knows
 * it, and the magic stays. tools/trace_upgrade.py brings the inputs of one of the layout 2 here.
 *
 * The time of an input is the `now` given to node_input(), that of an effect the one given to
 * node_effect(). So a replay is: feed every 'I', take one effect for every 'E', compare the two.
 */
#ifndef NODE_TRACE_H
#define NODE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define TRACE_MAGIC "VIPDTRC4"
#define TRACE_MAGIC_BYTES 8 /* without the terminator */
#define TRACE_HEADER_BYTES 13

enum trace_kind {
	TRACE_INPUT = 'I',
	TRACE_EFFECT = 'E',
};

struct trace_header {
	uint8_t kind; /* enum trace_kind */
	struct instant at;
	uint32_t length; /* of the bytes behind the header */
};

/* Writes the header into `bytes`, of at least TRACE_HEADER_BYTES. */
void trace_header_encode(const struct trace_header *h, uint8_t *bytes);

/*
 * Reads a header from the first TRACE_HEADER_BYTES of `bytes`. 0, or -EBADMSG when there are fewer,
 * the kind is neither, or the length is beyond what an input or an effect can have.
 */
int trace_header_decode(const uint8_t *bytes, size_t length, struct trace_header *ret);

#endif
