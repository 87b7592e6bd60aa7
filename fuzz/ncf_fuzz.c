/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an .NCF script: each line is understood, skipped, or refused with a sentence and a
 * place in it; and what is understood has values in their range.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "vip/ncf.h"

static void check_printable(const char *text)
{
	for (; *text; text++)
		assert(*text >= 0x20 && *text < 0x7f);
}

static void check_board(const struct ncf_line *line)
{
	char name[INTERFACE_NAME_MAX];

	ncf_board_name(line, name);
	assert(interface_name_is_valid(name));
}

static void check_line(const struct ncf_line *line)
{
	char mask[NCF_MASK_TEXT_MAX];

	check_printable(line->text);
	check_printable(line->board);
	check_printable(line->sentence);
	switch (line->kind) {
	case NCF_BIND:
		assert(address_is_set(&line->address));
		assert(line->length >= 1 && line->length <= family_bits(line->address.family));
		check_printable(ncf_mask_format(line->address.family, line->length, mask));
		check_board(line);
		break;
	case NCF_UNBIND:
	case NCF_LOAD:
		check_board(line);
		break;
	case NCF_WRONG:
		assert(*line->sentence);
		break;
	case NCF_SCRIPT:
		assert(strlen(line->script) > strlen(".NCF"));
		check_printable(line->script);
		assert(!strpbrk(line->script, "/\\:"));
		break;
	case NCF_NOTHING:
	case NCF_DECLINED:
	case NCF_UNLOAD:
	case NCF_AGGREGATION:
	case NCF_FOREIGN:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ncf_line line;
	unsigned lines = 0;
	struct ncf n;

	ncf_init(&n, (const char *)bytes, length);
	while (ncf_next(&n, &line)) {
		assert(line.number == ++lines);
		assert(line.column >= 1 && line.column <= length + 1);
		check_line(&line);
	}
	assert(lines <= length);
	return 0;
}
