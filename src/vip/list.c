/* SPDX-License-Identifier: Apache-2.0 */
/* vip list: the virtual IP addresses, one a line. */
#include <inttypes.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/listing.h"

static void list_address(struct table *t, const json_t *vip, const char *member)
{
	table_cell(t, COLOUR_NONE, "%s/%" PRId64, member_text(vip, member),
		   member_number(vip, "length"));
}

static void list_metric(struct table *t, const json_t *vip, const char *member)
{
	if (member_true(vip, "announce"))
		table_cell(t, COLOUR_NONE, "%" PRId64, member_number(vip, member));
	else
		table_cell(t, COLOUR_NONE, "-");
}

/* The neighbours that have shown that they route to the VIP, and how many have not. */
static void list_proof(struct table *t, const json_t *vip, const char *member)
{
	int64_t silent = member_number(vip, "no_proof");
	const json_t *neighbor;
	char text[512];
	struct text out;
	size_t i;

	text_init(&out, text, sizeof(text));
	json_array_foreach(json_object_get(vip, member), i, neighbor)
		text_add(&out, "%s%s", out.length ? ", " : "", member_text(neighbor, "neighbor"));
	if (silent > 0)
		text_add(&out, "%s%" PRId64 " without proof", out.length ? ", " : "", silent);
	table_cell(t, COLOUR_NONE, "%s", text);
}

static const struct column columns[] = {
	COLUMN("ADDRESS", "address", .show = list_address),
	COLUMN("STATE", "state", .show = cell_state),
	COLUMN("SINCE", "age", .show = cell_age, .right = true),
	COLUMN("BOARD", "board"),
	COLUMN("METRIC", "metric", .show = list_metric, .right = true),
	COLUMN("HELD", "held"),
	COLUMN("ACCEPTED BY", "accepted_by", .show = list_proof, .fit = COLUMN_WRAP),
	COLUMN("LABEL", "label", .fit = COLUMN_CUT),
	COLUMN("REASON", "reason", .fit = COLUMN_WRAP),
};
const struct listing list_listing = { "vips", columns, ARRAY_LENGTH(columns), NULL };
