/* SPDX-License-Identifier: Apache-2.0 */
/* vip checks: the health checks, and what they have found. */
#include <string.h>

#include "base/container.h"
#include "vip/listing.h"

static void check_state(struct table *t, const json_t *check, const char *member)
{
	const char *state = member_text(check, member);

	table_cell(t,
		   strcmp(state, "passing") == 0   ? COLOUR_GOOD
		   : strcmp(state, "failing") == 0 ? COLOUR_BAD
						   : COLOUR_WAIT,
		   "%s", state);
}

static void check_found(struct table *t, const json_t *check, const char *member)
{
	const char *until = member_text(check, "suppressed_until");

	table_cell(t, COLOUR_NONE, "%s%s%s%s", member_text(check, member),
		   *until ? "; it flaps and may not pass before " : "", until,
		   member_true(check, "overruled") ? "; fails for every VIP, and is not heeded"
						   : "");
}

static const struct column columns[] = {
	COLUMN("CHECK", "name"),
	COLUMN("KIND", "kind"),
	COLUMN("ASKS", "address", .show = cell_or_dash),
	COLUMN("STATE", "state", .show = check_state),
	COLUMN("SINCE", "age", .show = cell_age, .right = true),
	COLUMN("VIPS", "vips", .right = true),
	COLUMN("RUNS", "runs", .right = true),
	COLUMN("FAILED", "failures", .right = true),
	COLUMN("FOUND", "text", .show = check_found, .fit = COLUMN_WRAP),
};
const struct listing checks_listing = { "checks", columns, ARRAY_LENGTH(columns), NULL };
