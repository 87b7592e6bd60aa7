/* SPDX-License-Identifier: Apache-2.0 */
/* vip routes: the networks that are announced, who else announces them, and what is learned. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column route_columns[] = {
	{ "NETWORK", false, COLUMN_WHOLE },   { "STATE", false, COLUMN_WHOLE },
	{ "METRIC", true, COLUMN_WHOLE },     { "VIPS", true, COLUMN_WHOLE },
	{ "INTERFACE", false, COLUMN_WHOLE }, { "NEIGHBOR", false, COLUMN_WHOLE },
	{ "REASON", false, COLUMN_WRAP },
};

static void route_state(struct table *t, const json_t *route)
{
	bool waits = member_text(route, "reason")[0];

	if (member_true(route, "learned"))
		table_cell(t, !member_true(route, "kernel") ? COLOUR_BAD : COLOUR_GOOD, "%s",
			   !member_true(route, "kernel") ? "not used"
			   : waits			 ? "kept"
							 : "learned");
	else if (!member_true(route, "own"))
		table_cell(t, COLOUR_BAD, "rival");
	else if (member_true(route, "withdrawn"))
		table_cell(t, COLOUR_WAIT, "withdrawn");
	else
		table_cell(t, COLOUR_GOOD, "announced");
}

/* A learned route has a line for each next hop; the first says what the route is. */
static void learned_rows(struct table *t, const json_t *route)
{
	const json_t *via, *reason = json_object_get(route, "reason");
	size_t i;

	json_array_foreach(json_object_get(route, "via"), i, via)
	{
		const char *state = member_text(via, "state");
		bool used = strcmp(state, "used") == 0;

		if (i > 0)
			for (int k = 0; k < 4; k++)
				table_cell(t, COLOUR_NONE, "%s", "");
		table_cell(t, COLOUR_NONE, "%s", member_text(via, "interface"));
		table_cell(t, COLOUR_NONE, "%s", member_text(via, "address"));
		table_cell(t, COLOUR_NONE, "%s",
			   !used    ? state
			   : i == 0 ? json_string_value(reason)
				    : "");
	}
	if (i > 0)
		return;
	table_cell(t, COLOUR_NONE, "%s", "");
	table_cell(t, COLOUR_NONE, "%s", "");
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "reason"));
}

static void route_row(struct table *t, const json_t *route)
{
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "network"));
	route_state(t, route);
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(route, "metric"));
	if (member_true(route, "own"))
		table_cell(t, COLOUR_NONE, "%" PRId64, member_number(route, "vips"));
	else
		table_cell(t, COLOUR_NONE, "-");
	if (member_true(route, "learned")) {
		learned_rows(t, route);
		return;
	}
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "interface"));
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "neighbor"));
	table_cell(t, COLOUR_NONE, "%s", "");
}

int routes_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	const json_t *route;
	struct table *t;
	size_t i;
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	r = client_request(v, "GET", "/v1/routes", NULL, &document);
	if (!document)
		return r;
	t = table_new(route_columns, ARRAY_LENGTH(route_columns));
	json_array_foreach(json_object_get(document, "routes"), i, route) if (t)
		route_row(t, route);
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}
