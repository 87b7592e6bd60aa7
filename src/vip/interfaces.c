/* SPDX-License-Identifier: Apache-2.0 */
/* vip interfaces: the interfaces, and how vipd speaks on them. */
#include <inttypes.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/table.h"

static const struct column interface_columns[] = {
	{ "INTERFACE", false, COLUMN_WHOLE }, { "KIND", false, COLUMN_CUT },
	{ "LINK", false, COLUMN_WHOLE },      { "ADDRESSES", false, COLUMN_WRAP },
	{ "SPEAKS", false, COLUMN_WHOLE },    { "METRIC", true, COLUMN_WHOLE },
	{ "NEIGHBORS", true, COLUMN_WHOLE },  { "SENT", true, COLUMN_WHOLE },
	{ "DROPPED", true, COLUMN_WHOLE },    { "WATCH", false, COLUMN_WRAP },
	{ "REASON", false, COLUMN_WRAP },
};

static void interface_link(struct table *t, const json_t *i)
{
	if (!member_true(i, "up"))
		table_cell(t, COLOUR_BAD, "down");
	else if (!member_true(i, "carrier"))
		table_cell(t, COLOUR_BAD, "no carrier");
	else
		table_cell(t, COLOUR_GOOD, "up");
}

static void interface_speech(struct table *t, const json_t *rip, bool ng)
{
	const json_t *version = json_object_get(rip, "version");

	if (member_true(json_object_get(rip, "auth"), "mute"))
		table_cell(t, COLOUR_BAD, "no key");
	else if (!member_true(rip, "speaking"))
		table_cell(t, COLOUR_WAIT, ng ? "RIPng silent" : "silent");
	else if (json_is_string(version))
		table_cell(t, COLOUR_GOOD, "%s", json_string_value(version));
	else if (ng)
		table_cell(t, COLOUR_GOOD, "RIPng");
	else
		table_cell(t, COLOUR_GOOD, "RIP-%" PRId64, (int64_t)json_integer_value(version));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(rip, "metric"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(rip, "neighbors"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(rip, "sent"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(rip, "dropped"));
}

/* How its neighbours are watched: "bfd 10 ms x 3, probe 100 ms x 3". */
static void interface_watch(struct table *t, const json_t *i)
{
	static const char *const keys[] = { "bfd", "probe" };
	char text[96];
	struct text out;

	text_init(&out, text, sizeof(text));
	for (size_t k = 0; k < ARRAY_LENGTH(keys); k++) {
		const json_t *watch = json_object_get(i, keys[k]);

		if (json_is_object(watch))
			text_add(&out, "%s%s %g ms x %" PRId64, out.length ? ", " : "", keys[k],
				 member_real(watch, "interval") * 1000,
				 member_number(watch, "multiplier"));
	}
	table_cell(t, COLOUR_NONE, "%s", text);
}

/* The cells in front of those of a speaker. */
static void interface_cells(struct table *t, const json_t *i)
{
	const char *backend = member_text(i, "backend");
	const json_t *address;
	char addresses[512];
	struct text out;
	size_t n;

	text_init(&out, addresses, sizeof(addresses));
	json_array_foreach(json_object_get(i, "addresses"), n, address)
		text_add(&out, "%s%s", n ? ", " : "", json_string_value(address));
	table_cell(t, COLOUR_NONE, "%s", member_text(i, "name"));
	table_cell(t, COLOUR_NONE, "%s%s%s", member_text(i, "kind"), *backend ? " " : "", backend);
	interface_link(t, i);
	table_cell(t, COLOUR_NONE, "%s", addresses);
}

/* One row, or one for each of the two protocols that are spoken there. */
static void interface_row(struct table *t, const json_t *i)
{
	const json_t *rip = json_object_get(i, "rip"), *ripng = json_object_get(i, "ripng");

	interface_cells(t, i);
	if (json_is_object(rip)) {
		interface_speech(t, rip, false);
	} else if (json_is_object(ripng)) {
		interface_speech(t, ripng, true);
	} else {
		for (int k = 0; k < 5; k++)
			table_cell(t, COLOUR_NONE, "%s", k ? "" : "off");
	}
	interface_watch(t, i);
	table_cell(t, COLOUR_NONE, "%s", member_text(i, "reason"));
	if (!json_is_object(rip) || !json_is_object(ripng))
		return;
	table_cell(t, COLOUR_NONE, "%s", member_text(i, "name"));
	for (int k = 0; k < 3; k++)
		table_cell(t, COLOUR_NONE, "%s", "");
	interface_speech(t, ripng, true);
	table_cell(t, COLOUR_NONE, "%s", "");
	table_cell(t, COLOUR_NONE, "%s", "");
}

int interfaces_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	const json_t *interface;
	struct table *t;
	size_t i;
	int r = arguments_take_plain(v, &argc, argv, 0, 0);

	if (r >= 0)
		return r;
	r = client_request(v, "GET", "/v1/interfaces", NULL, &document);
	if (!document)
		return r;
	t = table_new(interface_columns, ARRAY_LENGTH(interface_columns));
	json_array_foreach(json_object_get(document, "interfaces"), i, interface) if (t)
		interface_row(t, interface);
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}
