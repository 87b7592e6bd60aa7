/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an input of the node. What is taken is taken again when it is written, and says the
 * same.
 */
#include <string.h>

#include "fuzz.h"
#include "node/boundary.h"
#include "sim/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t again[INPUT_BYTES_MAX];
	char line[PRINT_LINE_MAX];
	struct input in, back;
	size_t n;

	if (input_decode(bytes, length, &in, NULL) < 0)
		return 0;
	n = input_encode(&in, again);
	assert(input_decode(again, n, &back, NULL) == 0);
	assert(record_equal(&input_record, &in, &back));
	print_input(&in, line, sizeof(line));
	assert(strlen(line) < sizeof(line));
	return 0;
}
