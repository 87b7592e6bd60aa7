/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/recorder.h"

#include "node/trace.h"

void recorder_start(FILE *to)
{
	fwrite(TRACE_MAGIC, 1, TRACE_MAGIC_BYTES, to);
}

static void record_write(FILE *to, enum trace_kind kind, struct instant now, const uint8_t *bytes,
			 size_t length)
{
	struct trace_header h = { .kind = (uint8_t)kind, .at = now, .length = (uint32_t)length };
	uint8_t header[TRACE_HEADER_BYTES];

	trace_header_encode(&h, header);
	fwrite(header, 1, sizeof(header), to);
	fwrite(bytes, 1, length, to);
}

void recorder_input(FILE *to, struct instant now, const struct input *in)
{
	uint8_t bytes[INPUT_BYTES_MAX];

	record_write(to, TRACE_INPUT, now, bytes, input_encode(in, bytes));
}

void recorder_effect(FILE *to, struct instant now, const struct effect *e)
{
	uint8_t bytes[EFFECT_BYTES_MAX];

	record_write(to, TRACE_EFFECT, now, bytes, effect_encode(e, bytes));
}
