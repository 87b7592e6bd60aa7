/* SPDX-License-Identifier: Apache-2.0 */
/* vip bind ADDRESS[/LEN]...: all of them in one request, taken together or refused together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
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

/* What the options say of the VIPs. */
struct bind_keys {
	const char *board, *metric, *hold, *label, *conflict, *check;
	bool quiet, no_source, arp, take, save;
};

static void bind_set(json_t *body, const char *key, const char *value)
{
	if (value)
		json_object_set_new(body, key, json_string(value));
}

/* The body; a single VIP is sent as such, so that a refusal does not number it. */
static json_t *bind_body(json_t *vips, const struct bind_keys *k)
{
	json_t *body = json_object();

	if (json_array_size(vips) == 1)
		json_object_set(body, "address", json_array_get(vips, 0));
	else
		json_object_set(body, "vips", vips);
	bind_set(body, "board", k->board);
	if (k->metric)
		json_object_set_new(body, "metric", json_integer(strtoll(k->metric, NULL, 10)));
	bind_set(body, "hold", k->hold);
	bind_set(body, "arp", k->arp ? "answer" : NULL);
	bind_set(body, "conflict", k->take ? "take" : k->conflict);
	bind_set(body, "check", k->check);
	bind_set(body, "label", k->label);
	if (k->quiet)
		json_object_set_new(body, "announce", json_false());
	if (k->no_source)
		json_object_set_new(body, "source", json_false());
	return body;
}

/* -1, or the exit code of what cannot be meant. */
static int bind_check(struct vip *v, const struct bind_keys *k)
{
	const char *metric = k->metric;

	if (metric &&
	    (!*metric || strlen(metric) > 9 || strspn(metric, "0123456789") != strlen(metric)))
		return vip_usage(v, "'--metric' is a number from 1 to 15, not '%s'", metric);
	if (k->take && k->conflict && strcmp(k->conflict, "take") != 0)
		return vip_usage(v, "it is either '--take' or '--conflict %s', not both",
				 k->conflict);
	return -1;
}

int bind_run(struct vip *v, int argc, char **argv)
{
	struct bind_keys k = { 0 };
	const char *file = NULL;
	const struct option_of options[] = {
		{ "--board", NULL, &k.board }, { "--metric", NULL, &k.metric },
		{ "--hold", NULL, &k.hold },   { "--label", NULL, &k.label },
		{ "-f", NULL, &file },	       { "--no-announce", &k.quiet, NULL },
		{ "--arp", &k.arp, NULL },     { "--conflict", NULL, &k.conflict },
		{ "--take", &k.take, NULL },   { "--check", NULL, &k.check },
		{ "--save", &k.save, NULL },   { "--no-source", &k.no_source, NULL },
	};
	json_t *vips, *body;
	int r = arguments_take(v, options, ARRAY_LENGTH(options), &argc, argv);

	if (r >= 0)
		return r;
	if (argc == 0 && !file)
		return vip_usage(v, "which address?");
	r = bind_check(v, &k);
	if (r >= 0)
		return r;
	vips = json_array();
	r = file ? bind_read(vips, file) : VIP_DONE;
	for (int i = 0; i < argc && r == VIP_DONE; i++)
		if (json_array_append_new(vips, json_string(argv[i])) < 0)
			r = vip_usage(v, "'%s' is not an address", argv[i]);
	if (r == VIP_DONE) {
		body = bind_body(vips, &k);
		r = client_request_within(v, "POST", k.save ? "/v1/vips?save=1" : "/v1/vips", body,
					  BIND_PATIENCE_MS, NULL);
		json_decref(body);
	}
	json_decref(vips);
	return r;
}
