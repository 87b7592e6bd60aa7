/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an input of the node. What is taken has one encoding only: the bytes that it came
 * from.
 */
#include <string.h>

#include "fuzz.h"
#include "node/input.h"
#include "sim/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[INPUT_BYTES_MAX];
	char line[PRINT_LINE_MAX];
	struct input in;

	if (input_decode(bytes, length, &in) < 0)
		return 0;
	assert(input_encode(&in, again) == length);
	assert(memcmp(again, bytes, length) == 0);
	print_input(&in, line, sizeof(line));
	assert(strlen(line) < sizeof(line));
	return 0;
}
