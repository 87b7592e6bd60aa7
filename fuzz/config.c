/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a configuration file: refused with a sentence that has a place, or taken; and what
 * is taken prints as text that is taken again and prints the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Parses and prints; NULL when the bytes are refused. */
static char *printed(const void *bytes, size_t length, size_t *ret_length)
{
	char error[CONFIG_ERROR_MAX] = "", *text = NULL;
	struct config *c = NULL;
	struct input in;
	size_t position = 0;
	FILE *to;

	if (config_parse("f", bytes, length, &c, error, sizeof(error)) < 0) {
		assert(strncmp(error, "f:", 2) == 0);
		return NULL;
	}
	while (config_part(c, &position, &in))
		assert(in.more == (in.config.part != CONFIG_END));
	to = open_memstream(&text, ret_length);
	assert(to && config_print(c, to) == 0);
	fclose(to);
	config_free(c);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	size_t first_length, second_length;
	char *first = printed(bytes, length, &first_length), *second;

	if (!first)
		return 0;
	second = printed(first, first_length, &second_length);
	assert(second && first_length == second_length && memcmp(first, second, first_length) == 0);
	free(first);
	free(second);
	return 0;
}
