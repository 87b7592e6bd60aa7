/* SPDX-License-Identifier: Apache-2.0 */
/* vip board add|del NAME | list: virtual boards. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/listing.h"

static void board_state(struct table *t, const json_t *board, const char *member)
{
	(void)member;
	if (member_number(board, "index") == 0)
		table_cell(t, COLOUR_BAD, "missing");
	else if (!member_true(board, "up"))
		table_cell(t, COLOUR_BAD, "down");
	else
		table_cell(t, COLOUR_GOOD, "up");
}

static const struct column columns[] = {
	COLUMN("BOARD", "name"),
	COLUMN("STATE", NULL, .show = board_state),
	COLUMN("BACKEND", "backend"),
	COLUMN("VIPS", "vips", .right = true),
	COLUMN("CONFIGURED", "configured", .show = cell_yes_no),
	COLUMN("REASON", "reason", .fit = COLUMN_WRAP),
};
static const struct listing boards_listing = { "boards", columns, ARRAY_LENGTH(columns), NULL };

static int board_add(struct vip *v, const char *name)
{
	json_t *body = json_pack("{s:s}", "name", name);
	int r;

	if (!body)
		return vip_fail(VIP_REFUSED, "'%s' cannot be the name of a board", name);
	r = client_request(v, "POST", "/v1/boards", body, NULL);
	json_decref(body);
	return r;
}

/* A board takes its VIPs with it: whoever sits at a terminal is asked. -1: go on. */
static int board_ask(const struct vip *v, const char *name)
{
	json_t *document;
	const json_t *board;
	int64_t vips = 0;
	int r = client_look(v, "/v1/boards", &document);
	size_t i;

	if (!document)
		return r;
	json_array_foreach(json_object_get(document, "boards"), i,
			   board) if (strcmp(member_text(board, "name"), name) == 0) vips =
		member_number(board, "vips");
	json_decref(document);
	if (vips == 0 ||
	    screen_confirm("This withdraws and unbinds the VIPs on %s (%" PRId64 "). Go on?", name,
			   vips))
		return -1;
	return vip_fail(VIP_REFUSED, "nothing was done");
}

static int board_delete(struct vip *v, const char *name)
{
	char path[512];
	int r = option_given(v, "--yes") ? -1 : board_ask(v, name);

	if (r >= 0)
		return r;
	client_path(path, sizeof(path), "/v1/boards/", name, "");
	return client_request(v, "DELETE", path, NULL, NULL);
}

int board_run(struct vip *v, int argc, char **argv)
{
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return listing_run(v, &boards_listing);
	if (argc == 2 && strcmp(argv[0], "add") == 0)
		return board_add(v, argv[1]);
	if (argc == 2 && strcmp(argv[0], "del") == 0)
		return board_delete(v, argv[1]);
	return vip_usage(v, "a board is added, deleted or listed");
}
