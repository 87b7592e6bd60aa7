/* SPDX-License-Identifier: Apache-2.0 */
/* vip neighbors: the routers that vipd hears, and what of them it did not believe. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/listing.h"

static void neighbor_protocol(struct table *t, const json_t *n, const char *member)
{
	const char *protocol = member_text(n, member);

	if (strcmp(protocol, "rip") == 0 && member_number(n, "version") > 0)
		table_cell(t, COLOUR_NONE, "rip-%" PRId64, member_number(n, "version"));
	else
		table_cell(t, COLOUR_NONE, "%s", protocol);
}

/* How the session is that watches it, if there is one. */
static void neighbor_watch(struct table *t, const json_t *n, const char *key)
{
	const json_t *session = json_object_get(n, key);

	if (json_object_get(session, "state"))
		cell_state(t, session, "state");
	else
		table_cell(t, COLOUR_NONE, "-");
}

static void neighbor_drops(struct table *t, const json_t *n, const char *member)
{
	json_t *drops = json_object_get(n, member), *count;
	const char *reason;
	char text[512];
	struct text out;

	text_init(&out, text, sizeof(text));
	json_object_foreach(drops, reason, count) if (json_integer_value(count) > 0)
		text_add(&out, "%s%s %" PRId64, out.length ? ", " : "", reason,
			 (int64_t)json_integer_value(count));
	table_cell(t, COLOUR_NONE, "%s", text);
}

/*
 * A session by which a neighbour is watched is a row, too: it has heard no routes and has nothing
 * to prove.
 */
static const struct column columns[] = {
	COLUMN("NEIGHBOR", "address"),
	COLUMN("INTERFACE", "interface"),
	COLUMN("PROTOCOL", "protocol", .show = neighbor_protocol),
	COLUMN("STATE", "state", .show = cell_state),
	COLUMN("BFD", "bfd", .show = neighbor_watch),
	COLUMN("PROBE", "probe", .show = neighbor_watch),
	COLUMN("ECHO", "echo", .show = neighbor_watch),
	COLUMN("SINCE", "age", .show = cell_age, .right = true),
	COLUMN("HEARD", "heard_age", .show = cell_age, .right = true),
	COLUMN("PROOF", "proof", .fit = COLUMN_CUT),
	COLUMN("ACCEPTED", "accepted", .right = true),
	COLUMN("PACKETS", "packets", .right = true),
	COLUMN("DROPPED", "drops", .show = neighbor_drops, .fit = COLUMN_WRAP),
};
const struct listing neighbors_listing = { "neighbors", columns, ARRAY_LENGTH(columns), NULL };
