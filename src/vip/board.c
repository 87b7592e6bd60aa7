/* SPDX-License-Identifier: Apache-2.0 */
/* vip board add|del NAME | list: virtual boards. */
#include <inttypes.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"
#include "vip/table.h"

static const struct column board_columns[] = {
	{ "BOARD", false, COLUMN_WHOLE },      { "STATE", false, COLUMN_WHOLE },
	{ "BACKEND", false, COLUMN_WHOLE },    { "VIPS", true, COLUMN_WHOLE },
	{ "CONFIGURED", false, COLUMN_WHOLE }, { "REASON", false, COLUMN_WRAP },
};

static void board_row(struct table *t, const json_t *board)
{
	table_cell(t, COLOUR_NONE, "%s", member_text(board, "name"));
	if (member_number(board, "index") == 0)
		table_cell(t, COLOUR_BAD, "missing");
	else if (!member_true(board, "up"))
		table_cell(t, COLOUR_BAD, "down");
	else
		table_cell(t, COLOUR_GOOD, "up");
	table_cell(t, COLOUR_NONE, "%s", member_text(board, "backend"));
	table_cell(t, COLOUR_NONE, "%" PRId64, member_number(board, "vips"));
	table_cell(t, COLOUR_NONE, "%s", member_true(board, "configured") ? "yes" : "no");
	table_cell(t, COLOUR_NONE, "%s", member_text(board, "reason"));
}

static int board_list(struct vip *v)
{
	json_t *document;
	const json_t *board;
	struct table *t;
	size_t i;
	int r = client_request(v, "GET", "/v1/boards", NULL, &document);

	if (!document)
		return r;
	t = table_new(board_columns, ARRAY_LENGTH(board_columns));
	json_array_foreach(json_object_get(document, "boards"), i, board) if (t)
		board_row(t, board);
	json_decref(document);
	r = table_show(t);
	table_free(t);
	return r;
}

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
	struct vip quiet = *v;
	json_t *document = NULL;
	const json_t *board;
	int64_t vips = 0;
	size_t i;
	int r;

	quiet.json = false;
	r = client_request(&quiet, "GET", "/v1/boards", NULL, &document);
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

static int board_delete(struct vip *v, const char *name, bool yes)
{
	char path[512];
	int r = yes ? -1 : board_ask(v, name);

	if (r >= 0)
		return r;
	client_path(path, sizeof(path), "/v1/boards/", name, "");
	return client_request(v, "DELETE", path, NULL, NULL);
}

int board_run(struct vip *v, int argc, char **argv)
{
	bool yes = false;
	const struct option_of options[] = { { "--yes", &yes, NULL } };
	int r = arguments_take(v, options, ARRAY_LENGTH(options), &argc, argv);

	if (r >= 0)
		return r;
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return board_list(v);
	if (argc == 2 && strcmp(argv[0], "add") == 0)
		return board_add(v, argv[1]);
	if (argc == 2 && strcmp(argv[0], "del") == 0)
		return board_delete(v, argv[1], yes);
	return vip_usage(v, "a board is added, deleted or listed");
}
