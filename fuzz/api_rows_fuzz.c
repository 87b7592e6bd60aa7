/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a row of the node, printed as the API prints it. The document is JSON, and it does
 * not depend on what stood in memory before the row was decoded: so nothing is printed that the
 * row does not have.
 */
#include <string.h>

#include "api/cursor.h"
#include "api/rows.h"
#include "fuzz.h"

static const struct moment at = { { 1000000000000 }, 1700000000000000000 };

static void check_json(const struct json *j)
{
	struct cursor c;

	assert(!j->failed);
	cursor_init(&c, j->at, j->length);
	cursor_skip(&c);
	cursor_finish(&c);
	assert(!c.failed);
}

/* "name{labels} value", or a comment, in every line. */
static void check_metrics(const struct json *j)
{
	assert(!j->failed && j->length > 0 && j->at[j->length - 1] == '\n');
	for (size_t k = 0; k < j->length; k++) {
		bool begins = k == 0 || j->at[k - 1] == '\n';

		assert(j->at[k]);
		assert(!begins || j->at[k] == '#' || j->length - k > 5);
		assert(!begins || j->at[k] == '#' || memcmp(j->at + k, "vipd_", 5) == 0);
	}
}

static void print_metrics(const struct effect *e)
{
	static const struct row_beside beside = { .config.wrong = "f:1:1: \"wrong\"",
						  .guard.bfd_deaf = 2 };
	struct json j;

	json_init(&j);
	row_print_metrics(&j, &e->row.status, &beside, at);
	check_metrics(&j);
	json_done(&j);
}

static void print(struct json *j, const struct effect *e)
{
	static const struct row_beside beside = { .config.applied_ns = 1, .guard.bfd_deaf = 1 };

	json_init(j);
	if (e->kind == EFFECT_EVENT) {
		event_print(j, &e->event, 7, at.wall_ns);
	} else if (e->kind == EFFECT_ROW_STATUS) {
		json_open(j, NULL, '{');
		row_print_status(j, &e->row.status, &beside, at);
		json_close(j, '}');
		print_metrics(e);
	} else {
		row_print(j, e, at);
	}
	check_json(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct effect over_zeros, over_letters;
	struct json first, second;

	memset(&over_zeros, 0, sizeof(over_zeros));
	memset(&over_letters, 'x', sizeof(over_letters));
	if (effect_decode(bytes, length, &over_zeros) < 0)
		return 0;
	assert(effect_decode(bytes, length, &over_letters) == 0);
	print(&first, &over_zeros);
	print(&second, &over_letters);
	assert(first.length == second.length);
	assert(memcmp(first.at, second.at, first.length) == 0);
	json_done(&first);
	json_done(&second);
	return 0;
}
