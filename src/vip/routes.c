/* SPDX-License-Identifier: Apache-2.0 */
/* vip routes: the networks that are announced, who else announces them, and what is learned. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "vip/listing.h"

static void route_state(struct table *t, const json_t *route, const char *member)
{
	bool waits = member_text(route, "reason")[0];

	(void)member;
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

static void route_vips(struct table *t, const json_t *route, const char *member)
{
	if (member_true(route, "own"))
		table_cell(t, COLOUR_NONE, "%" PRId64, member_number(route, member));
	else
		table_cell(t, COLOUR_NONE, "-");
}

static const struct column columns[] = {
	COLUMN("NETWORK", "network"),
	COLUMN("STATE", NULL, .show = route_state),
	COLUMN("METRIC", "metric", .right = true),
	COLUMN("VIPS", "vips", .show = route_vips, .right = true),
	COLUMN("INTERFACE", "interface"),
	COLUMN("NEIGHBOR", "neighbor"),
	COLUMN("REASON", NULL, .fit = COLUMN_WRAP),
};

/* What the route is stands in front, which way it goes behind. */
#define COLUMNS_OF_ROUTE 4

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
			table_blank(t, COLUMNS_OF_ROUTE);
		table_cell(t, COLOUR_NONE, "%s", member_text(via, "interface"));
		table_cell(t, COLOUR_NONE, "%s", member_text(via, "address"));
		table_cell(t, COLOUR_NONE, "%s",
			   !used    ? state
			   : i == 0 ? json_string_value(reason)
				    : "");
	}
	if (i > 0)
		return;
	table_blank(t, 2);
	table_cell(t, COLOUR_NONE, "%s", member_text(route, "reason"));
}

static void route_rows(struct table *t, const json_t *route)
{
	bool learned = member_true(route, "learned");

	listing_cells(t, columns, 0, learned ? COLUMNS_OF_ROUTE : ARRAY_LENGTH(columns), route);
	if (learned)
		learned_rows(t, route);
}

const struct listing routes_listing = { "routes", columns, ARRAY_LENGTH(columns), route_rows };
