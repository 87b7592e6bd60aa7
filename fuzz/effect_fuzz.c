/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an effect of the node. What is taken has one encoding only: the bytes that it came
 * from.
 */
#include <string.h>

#include "fuzz.h"
#include "node/effect.h"
#include "sim/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[EFFECT_BYTES_MAX];
	char line[PRINT_LINE_MAX];
	struct effect e, clear;

	/* What is decoded does not depend on what stood there before. */
	memset(&e, 0xa5, sizeof(e));
	memset(&clear, 0, sizeof(clear));
	if (effect_decode(bytes, length, &e) < 0)
		return 0;
	assert(effect_decode(bytes, length, &clear) == 0);
	assert(memcmp(&e, &clear, sizeof(e)) == 0);
	assert(effect_encode(&e, again) == length);
	assert(memcmp(again, bytes, length) == 0);
	print_effect(&e, line, sizeof(line));
	assert(strlen(line) < sizeof(line));
	return 0;
}
