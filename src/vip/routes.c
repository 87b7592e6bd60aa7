/* SPDX-License-Identifier: Apache-2.0 */
/* vip routes: the networks that are announced, and who else announces them. */
#include <inttypes.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column route_columns[] = {
	{ "NETWORK", false, COLUMN_WHOLE },   { "STATE", false, COLUMN_WHOLE },
	{ "METRIC", true, COLUMN_WHOLE },     { "VIPS", true, COLUMN_WHOLE },
	{ "INTERFACE", false, COLUMN_WHOLE }, { "NEIGHBOR", false, COLUMN_WHOLE },
};

static void route_row(struct table *t, const json_t *route)
{
	bool own = member_true(route, "own");

	table_cell(t, COLOUR_NONE, "%s", member_text(route, "network"));
	if (!own)
		table_cell(t, COLOUR_BAD, "rival");
	else if (member_true(route, "withdrawn"))
		table_cell(t, COLOUR_WAIT, "withdrawn");
	else
		table_cell(t, COLOUR_GOOD, "announced");
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(route, "metric"));
	if (own)
		table_cell(t, COLOUR_NONE, "%" PRId64, member_number(route, "vips"));
	else
		table_cell(t, COLOUR_NONE, "-");
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "interface"));
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "neighbor"));
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
