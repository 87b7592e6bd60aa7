/* SPDX-License-Identifier: Apache-2.0 */
/* vip bind ADDRESS[/LEN]...: all of them in one request, taken together or refused together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"

/* A VIP that is taken over is answered when the routers have changed over: six seconds, and five
 * more for each hop of distance beyond one. */
#define BIND_PATIENCE_MS 150000

/* One address a line; empty lines and what stands behind a # do not count. */
static int bind_read_lines(json_t *vips, FILE *from, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	int r = VIP_DONE;

	for (bool first = true; r == VIP_DONE && getline(&line, &size, from) >= 0; first = false) {
		/* Editors of other systems put a byte order mark in front of the file. */
		char *begin = line + (first && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
		char *word = begin + strspn(begin, " \t");

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
static json_t *bind_body(json_t *vips)
{
	json_t *body = json_object();

	if (json_array_size(vips) == 1)
		json_object_set(body, "address", json_array_get(vips, 0));
	else
		json_object_set(body, "vips", vips);
	return body;
}

/* --take is --conflict take. -1, or the exit code of what cannot be meant. */
static int bind_take(struct vip *v, json_t *body)
{
	const char *conflict = member_text(body, "conflict");

	if (*conflict && strcmp(conflict, "take") != 0)
		return vip_usage(v, "it is either '--take' or '--conflict %s', not both", conflict);
	json_object_set_new(body, "conflict", json_string("take"));
	return -1;
}

static int bind_addresses(struct vip *v, json_t *vips, const char *file, int argc, char **argv)
{
	int r = argc == 0 && !file ? vip_usage(v, "which address?")
		: file		   ? bind_read(vips, file)
				   : VIP_DONE;

	for (int i = 0; i < argc && r == VIP_DONE; i++)
		if (json_array_append_new(vips, json_string(argv[i])) < 0)
			r = vip_usage(v, "'%s' is not an address", argv[i]);
	return r == VIP_DONE ? -1 : r;
}

int bind_run(struct vip *v, int argc, char **argv)
{
	const char *path = option_given(v, "--save") ? "/v1/vips?save=1" : "/v1/vips";
	json_t *vips = json_array(), *body;
	int r = bind_addresses(v, vips, option_value(v, "-f"), argc, argv);

	body = bind_body(vips);
	if (r < 0)
		r = options_body(v, body);
	if (r < 0 && option_given(v, "--take"))
		r = bind_take(v, body);
	if (r < 0)
		r = client_request_within(v, "POST", path, body, BIND_PATIENCE_MS, NULL);
	json_decref(body);
	json_decref(vips);
	return r;
}
