/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a trace file. A header that is taken encodes to the same bytes; and the replay of
 * whatever stands in the file ends in an outcome, never in a crash.
 */
#include <string.h>

#include "fuzz.h"
#include "node/trace.h"
#include "sim/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[TRACE_HEADER_BYTES];
	struct replay_result result;
	struct trace_header h;

	if (trace_header_decode(bytes, length, &h) == 0) {
		assert(length >= TRACE_HEADER_BYTES);
		trace_header_encode(&h, again);
		assert(memcmp(again, bytes, sizeof(again)) == 0);
	}
	(void)replay_run(bytes, length, false, NULL, &result);
	assert(result.at <= length && result.cut <= length);
	return 0;
}
