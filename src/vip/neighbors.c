/* SPDX-License-Identifier: Apache-2.0 */
/* vip neighbors: the routers that vipd hears, and what of them it did not believe. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column neighbor_columns[] = {
	{ "NEIGHBOR", false, COLUMN_WHOLE }, { "INTERFACE", false, COLUMN_WHOLE },
	{ "PROTOCOL", false, COLUMN_WHOLE }, { "STATE", false, COLUMN_WHOLE },
	{ "BFD", false, COLUMN_WHOLE },	     { "PROBE", false, COLUMN_WHOLE },
	{ "SINCE", true, COLUMN_WHOLE },     { "HEARD", true, COLUMN_WHOLE },
	{ "PROOF", false, COLUMN_CUT },	     { "ACCEPTED", true, COLUMN_WHOLE },
	{ "PACKETS", true, COLUMN_WHOLE },   { "DROPPED", false, COLUMN_WRAP },
};

static void neighbor_drops(const json_t *neighbor, char *text, size_t size)
{
	json_t *drops = json_object_get(neighbor, "drops"), *count;
	struct text out;
	const char *reason;

	text_init(&out, text, size);
	json_object_foreach(drops, reason, count) if (json_integer_value(count) > 0)
		text_add(&out, "%s%s %" PRId64, out.length ? ", " : "", reason,
			 (int64_t)json_integer_value(count));
}

/* How the session is that watches it, if there is one. */
static void neighbor_watch(struct table *t, const json_t *n, const char *key)
{
	const char *state = json_string_value(json_object_get(json_object_get(n, key), "state"));

	table_cell(t, state ? screen_state_colour(state) : COLOUR_NONE, "%s", state ? state : "-");
}

/* Of one that has never been up, or said anything good, there is none. */
static void neighbor_age(struct table *t, const json_t *n, const char *key)
{
	char age[SCREEN_AGE_MAX];

	if (json_is_number(json_object_get(n, key)))
		table_cell(t, COLOUR_NONE, "%s", screen_age(member_real(n, key), age));
	else
		table_cell(t, COLOUR_NONE, "-");
}

static void neighbor_row(struct table *t, const json_t *n)
{
	const char *state = member_text(n, "state");
	char drops[512];

	neighbor_drops(n, drops, sizeof(drops));
	table_cell(t, COLOUR_NONE, "%s", member_text(n, "address"));
	table_cell(t, COLOUR_NONE, "%s", member_text(n, "interface"));
	if (strcmp(member_text(n, "protocol"), "rip") == 0 && member_number(n, "version") > 0)
		table_cell(t, COLOUR_NONE, "rip-%" PRId64, member_number(n, "version"));
	else
		table_cell(t, COLOUR_NONE, "%s", member_text(n, "protocol"));
	table_cell(t, screen_state_colour(state), "%s", state);
	neighbor_watch(t, n, "bfd");
	neighbor_watch(t, n, "probe");
	neighbor_age(t, n, "age");
	neighbor_age(t, n, "heard_age");
	table_cell(t, COLOUR_NONE, "%s", member_text(n, "proof"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(n, "accepted"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(n, "packets"));
	table_cell(t, COLOUR_NONE, "%s", drops);
}

/* A session by which a neighbour is watched: it has heard no routes and has nothing to prove. */
static void session_row(struct table *t, const json_t *s)
{
	const char *state = member_text(s, "state");
	char age[SCREEN_AGE_MAX];

	table_cell(t, COLOUR_NONE, "%s", member_text(s, "address"));
	table_cell(t, COLOUR_NONE, "%s", member_text(s, "interface"));
	table_cell(t, COLOUR_NONE, "%s", member_text(s, "protocol"));
	table_cell(t, screen_state_colour(state), "%s", state);
	table_cell(t, COLOUR_NONE, "-");
	table_cell(t, COLOUR_NONE, "-");
	table_cell(t, COLOUR_NONE, "%s", screen_age(member_real(s, "age"), age));
	for (int empty = 0; empty < 5; empty++)
		table_cell(t, COLOUR_NONE, "%s", "");
}

int neighbors_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	const json_t *neighbor;
	struct table *t;
	size_t i;
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	r = client_request(v, "GET", "/v1/neighbors", NULL, &document);
	if (!document)
		return r;
	t = table_new(neighbor_columns, ARRAY_LENGTH(neighbor_columns));
	json_array_foreach(json_object_get(document, "neighbors"), i, neighbor)
	{
		if (t && json_object_get(neighbor, "version"))
			neighbor_row(t, neighbor);
		else if (t)
			session_row(t, neighbor);
	}
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}
