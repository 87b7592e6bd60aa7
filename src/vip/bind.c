/* SPDX-License-Identifier: Apache-2.0 */
/* vip bind ADDRESS[/LEN]...: all of them in one request, taken together or refused together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/client.h"

/* One address a line; empty lines and what stands behind a # do not count. */
static int bind_read_lines(json_t *vips, FILE *from, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	int r = VIP_DONE;

	while (r == VIP_DONE && getline(&line, &size, from) >= 0) {
		char *word = line + strspn(line, " \t");

		word[strcspn(word, "# \t\r\n")] = '\0';
		if (*word && json_array_append_new(vips, json_string(word)) < 0)
			r = vip_fail(VIP_REFUSED, "%s holds what is not text", name);
	}
	if (r == VIP_DONE && ferror(from))
		r = vip_fail(VIP_REFUSED, "%s cannot be read: %s", name, strerror(errno));
	free(line);
	return r;
}

static int bind_read(json_t *vips, const char *path)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int r;

	if (!from)
		return vip_fail(VIP_REFUSED, "%s cannot be read: %s", path, strerror(errno));
	r = bind_read_lines(vips, from, path);
	if (from != stdin)
		fclose(from);
	return r;
}

/* The body; a single VIP is sent as such, so that a refusal does not number it. */
static json_t *bind_body(json_t *vips, const char *board, const char *metric, const char *hold,
			 const char *label, bool quiet)
{
	json_t *body = json_object();

	if (json_array_size(vips) == 1)
		json_object_set(body, "address", json_array_get(vips, 0));
	else
		json_object_set(body, "vips", vips);
	if (board)
		json_object_set_new(body, "board", json_string(board));
	if (metric)
		json_object_set_new(body, "metric", json_integer(strtoll(metric, NULL, 10)));
	if (hold)
		json_object_set_new(body, "hold", json_string(hold));
	if (label)
		json_object_set_new(body, "label", json_string(label));
	if (quiet)
		json_object_set_new(body, "announce", json_false());
	return body;
}

int bind_run(struct vip *v, int argc, char **argv)
{
	const char *board = NULL, *metric = NULL, *hold = NULL, *label = NULL, *file = NULL;
	bool quiet = false;
	const struct option_of options[] = {
		{ "--board", NULL, &board }, { "--metric", NULL, &metric },
		{ "--hold", NULL, &hold },   { "--label", NULL, &label },
		{ "-f", NULL, &file },	     { "--no-announce", &quiet, NULL },
	};
	json_t *vips, *body;
	int r = arguments_take(v, options, ARRAY_LENGTH(options), &argc, argv);

	if (r >= 0)
		return r;
	if (argc == 0 && !file)
		return vip_usage(v, "which address?");
	if (metric &&
	    (!*metric || strlen(metric) > 9 || strspn(metric, "0123456789") != strlen(metric)))
		return vip_usage(v, "'--metric' is a number from 1 to 15, not '%s'", metric);
	vips = json_array();
	r = file ? bind_read(vips, file) : VIP_DONE;
	for (int i = 0; i < argc && r == VIP_DONE; i++)
		if (json_array_append_new(vips, json_string(argv[i])) < 0)
			r = vip_usage(v, "'%s' is not an address", argv[i]);
	if (r == VIP_DONE) {
		body = bind_body(vips, board, metric, hold, label, quiet);
		r = client_request(v, "POST", "/v1/vips", body, NULL);
		json_decref(body);
	}
	json_decref(vips);
	return r;
}
