/* SPDX-License-Identifier: Apache-2.0 */
/* vip checks: the health checks, and what they have found. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column check_columns[] = {
	{ "CHECK", false, COLUMN_WHOLE }, { "KIND", false, COLUMN_WHOLE },
	{ "ASKS", false, COLUMN_WHOLE },  { "STATE", false, COLUMN_WHOLE },
	{ "SINCE", true, COLUMN_WHOLE },  { "VIPS", true, COLUMN_WHOLE },
	{ "RUNS", true, COLUMN_WHOLE },	  { "FAILED", true, COLUMN_WHOLE },
	{ "FOUND", false, COLUMN_WRAP },
};

static void check_found(const json_t *check, char *text, size_t size)
{
	const char *until = member_text(check, "suppressed_until");

	snprintf(text, size, "%s%s%s%s", member_text(check, "text"),
		 *until ? "; it flaps and may not pass before " : "", until,
		 member_true(check, "overruled") ? "; fails for every VIP, and is not heeded" : "");
}

static void check_row(struct table *t, const json_t *check)
{
	const char *state = member_text(check, "state"), *address = member_text(check, "address");
	char age[SCREEN_AGE_MAX], found[512];

	check_found(check, found, sizeof(found));
	table_cell(t, COLOUR_NONE, "%s", member_text(check, "name"));
	table_cell(t, COLOUR_NONE, "%s", member_text(check, "kind"));
	table_cell(t, COLOUR_NONE, "%s", *address ? address : "-");
	table_cell(t,
		   strcmp(state, "passing") == 0   ? COLOUR_GOOD
		   : strcmp(state, "failing") == 0 ? COLOUR_BAD
						   : COLOUR_WAIT,
		   "%s", state);
	table_cell(t, COLOUR_NONE, "%s", screen_age(member_real(check, "age"), age));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(check, "vips"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(check, "runs"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(check, "failures"));
	table_cell(t, COLOUR_NONE, "%s", found);
}

int checks_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	const json_t *check;
	struct table *t;
	size_t i;
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	r = client_request(v, "GET", "/v1/checks", NULL, &document);
	if (!document)
		return r;
	t = table_new(check_columns, ARRAY_LENGTH(check_columns));
	json_array_foreach(json_object_get(document, "checks"), i, check) if (t)
		check_row(t, check);
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}
