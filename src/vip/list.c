/* SPDX-License-Identifier: Apache-2.0 */
/* vip list: the virtual IP addresses, one a line. */
#include <inttypes.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column list_columns[] = {
	{ "ADDRESS", false, COLUMN_WHOLE },    { "STATE", false, COLUMN_WHOLE },
	{ "SINCE", true, COLUMN_WHOLE },       { "BOARD", false, COLUMN_WHOLE },
	{ "METRIC", true, COLUMN_WHOLE },      { "HELD", false, COLUMN_WHOLE },
	{ "ACCEPTED BY", false, COLUMN_WRAP }, { "LABEL", false, COLUMN_CUT },
	{ "REASON", false, COLUMN_WRAP },
};

/* The neighbours that have shown that they route to the VIP, and how many have not. */
static void list_proof(const json_t *vip, char *text, size_t size)
{
	int64_t silent = member_number(vip, "no_proof");
	const json_t *neighbor;
	struct text out;
	size_t i;

	text_init(&out, text, size);
	json_array_foreach(json_object_get(vip, "accepted_by"), i, neighbor)
		text_add(&out, "%s%s", out.length ? ", " : "", member_text(neighbor, "neighbor"));
	if (silent > 0)
		text_add(&out, "%s%" PRId64 " without proof", out.length ? ", " : "", silent);
}

static void list_row(struct table *t, const json_t *vip)
{
	const char *state = member_text(vip, "state");
	char age[SCREEN_AGE_MAX], proof[512];

	list_proof(vip, proof, sizeof(proof));
	table_cell(t, COLOUR_NONE, "%s/%" PRId64, member_text(vip, "address"),
		   member_number(vip, "length"));
	table_cell(t, screen_state_colour(state), "%s", state);
	table_cell(t, COLOUR_NONE, "%s", screen_age(member_real(vip, "age"), age));
	table_cell(t, COLOUR_NONE, "%s", member_text(vip, "board"));
	if (member_true(vip, "announce"))
		table_cell(t, COLOUR_NONE, "%" PRId64, member_number(vip, "metric"));
	else
		table_cell(t, COLOUR_NONE, "-");
	table_cell(t, COLOUR_NONE, "%s", member_text(vip, "held"));
	table_cell(t, COLOUR_NONE, "%s", proof);
	table_cell(t, COLOUR_NONE, "%s", member_text(vip, "label"));
	table_cell(t, COLOUR_NONE, "%s", member_text(vip, "reason"));
}

int list_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	const json_t *vip;
	struct table *t;
	size_t i;
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	r = client_request(v, "GET", "/v1/vips", NULL, &document);
	if (!document)
		return r;
	t = table_new(list_columns, ARRAY_LENGTH(list_columns));
	json_array_foreach(json_object_get(document, "vips"), i, vip) if (t) list_row(t, vip);
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}
