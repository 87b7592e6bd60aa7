/* SPDX-License-Identifier: Apache-2.0 */
/* vip interfaces: the interfaces, and how vipd speaks on them. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/listing.h"

static void interface_link(struct table *t, const json_t *i, const char *member)
{
	(void)member;
	if (!member_true(i, "up"))
		table_cell(t, COLOUR_BAD, "down");
	else if (!member_true(i, "carrier"))
		table_cell(t, COLOUR_BAD, "no carrier");
	else
		table_cell(t, COLOUR_GOOD, "up");
}

static void interface_kind(struct table *t, const json_t *i, const char *member)
{
	const char *backend = member_text(i, "backend");

	table_cell(t, COLOUR_NONE, "%s%s%s", member_text(i, member), *backend ? " " : "", backend);
}

static void interface_addresses(struct table *t, const json_t *i, const char *member)
{
	const json_t *address;
	char addresses[512];
	struct text out;
	size_t n;

	text_init(&out, addresses, sizeof(addresses));
	json_array_foreach(json_object_get(i, member), n, address)
		text_add(&out, "%s%s", n ? ", " : "", json_string_value(address));
	table_cell(t, COLOUR_NONE, "%s", addresses);
}

/* How its neighbours are watched: "bfd 10 ms x 3, probe 100 ms x 3". */
static void interface_watch(struct table *t, const json_t *i, const char *member)
{
	static const char *const keys[] = { "bfd", "probe" };
	char text[96];
	struct text out;

	(void)member;
	text_init(&out, text, sizeof(text));
	for (size_t k = 0; k < ARRAY_LENGTH(keys); k++) {
		const json_t *watch = json_object_get(i, keys[k]);

		bool router = json_is_object(watch) &&
			      strcmp(member_text(watch, "through"), "router") == 0;

		if (!json_is_object(watch))
			continue;
		text_add(&out, "%s%s%s %g ms x %" PRId64, out.length ? ", " : "", keys[k],
			 router ? " through router" : "", member_real(watch, "interval") * 1000,
			 member_number(watch, "multiplier"));
		if (router && member_number(watch, "unreturned") > 0)
			text_add(&out, " (%" PRId64 " unreturned)",
				 member_number(watch, "unreturned"));
	}
	table_cell(t, COLOUR_NONE, "%s", text);
}

/* Those in the middle are of a protocol that is spoken there. */
#define SPEECH_FIRST 4
#define SPEECH_END 9

static const struct column columns[] = {
	COLUMN("INTERFACE", "name"),
	COLUMN("KIND", "kind", .show = interface_kind, .fit = COLUMN_CUT),
	COLUMN("LINK", NULL, .show = interface_link),
	COLUMN("ADDRESSES", "addresses", .show = interface_addresses, .fit = COLUMN_WRAP),
	COLUMN("SPEAKS", NULL),
	COLUMN("METRIC", "metric", .right = true),
	COLUMN("NEIGHBORS", "neighbors", .right = true),
	COLUMN("SENT", "sent", .right = true),
	COLUMN("DROPPED", "dropped", .right = true),
	COLUMN("WATCH", NULL, .show = interface_watch, .fit = COLUMN_WRAP),
	COLUMN("REASON", "reason", .fit = COLUMN_WRAP),
};

/* The protocols, as the daemon calls them, and for people. */
static const struct {
	const char *member, *title;
} protocols[] = {
	{ "rip", "RIP" },
	{ "ripng", "RIPng" },
	{ "ospf", "OSPF" },
	{ "ospfv3", "OSPFv3" },
};

static void interface_speech(struct table *t, const json_t *speech, size_t protocol)
{
	const json_t *version = json_object_get(speech, "version");
	const char *title = protocols[protocol].title;

	if (member_true(json_object_get(speech, "auth"), "mute"))
		table_cell(t, COLOUR_BAD, "no key");
	else if (!member_true(speech, "speaking") && protocol == 0)
		table_cell(t, COLOUR_WAIT, "silent");
	else if (!member_true(speech, "speaking"))
		table_cell(t, COLOUR_WAIT, "%s silent", title);
	else if (json_is_string(version))
		table_cell(t, COLOUR_GOOD, "%s", json_string_value(version));
	else if (protocol == 0)
		table_cell(t, COLOUR_GOOD, "RIP-%" PRId64, (int64_t)json_integer_value(version));
	else
		table_cell(t, COLOUR_GOOD, "%s", title);
	listing_cells(t, columns, SPEECH_FIRST + 1, SPEECH_END, speech);
}

/* One row, or one for each of the protocols that are spoken there. */
static void interface_row(struct table *t, const json_t *i)
{
	size_t rows = 0;

	for (size_t k = 0; k < ARRAY_LENGTH(protocols); k++) {
		const json_t *speech = json_object_get(i, protocols[k].member);

		if (!json_is_object(speech))
			continue;
		if (rows == 0) {
			listing_cells(t, columns, 0, SPEECH_FIRST, i);
		} else {
			table_cell(t, COLOUR_NONE, "%s", member_text(i, "name"));
			table_blank(t, SPEECH_FIRST - 1);
		}
		interface_speech(t, speech, k);
		if (rows++ == 0)
			listing_cells(t, columns, SPEECH_END, ARRAY_LENGTH(columns), i);
		else
			table_blank(t, ARRAY_LENGTH(columns) - SPEECH_END);
	}
	if (rows > 0)
		return;
	listing_cells(t, columns, 0, SPEECH_FIRST, i);
	table_cell(t, COLOUR_NONE, "off");
	table_blank(t, SPEECH_END - SPEECH_FIRST - 1);
	listing_cells(t, columns, SPEECH_END, ARRAY_LENGTH(columns), i);
}

const struct listing interfaces_listing = { "interfaces", columns, ARRAY_LENGTH(columns),
					    interface_row };
