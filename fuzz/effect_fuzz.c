/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an effect of the node. What is taken is taken again when it is written, and says the
 * same.
 */
#include <string.h>

#include "fuzz.h"
#include "node/boundary.h"
#include "sim/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[EFFECT_BYTES_MAX];
	char line[PRINT_LINE_MAX];
	struct effect e, clear;

	/* What is decoded does not depend on what stood there before. */
	memset(&e, 0xa5, sizeof(e));
	memset(&clear, 0, sizeof(clear));
	if (effect_decode(bytes, length, &e, NULL) < 0)
		return 0;
	assert(effect_decode(bytes, length, &clear, NULL) == 0);
	assert(memcmp(&e, &clear, sizeof(e)) == 0);
	assert(effect_decode(again, effect_encode(&e, again), &clear, NULL) == 0);
	assert(record_equal(&effect_record, &e, &clear));
	print_effect(&e, line, sizeof(line));
	assert(strlen(line) < sizeof(line));
	return 0;
}
