/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vip config: what is in force and what stands in the files. The daemon reads the files, because it
 * is its eyes that count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"

#define CONFIRM_SECONDS_MAX 86400

static int check_run(struct vip *v)
{
	json_t *document = NULL;
	const json_t *warning;
	size_t i;
	int r = client_request(v, "GET", "/v1/config/check", NULL, &document);

	json_array_foreach(json_object_get(document, "warnings"), i, warning)
		fprintf(stderr, "%s\n", json_string_value(warning));
	json_decref(document);
	return r;
}

static int show_saved_run(struct vip *v, bool saved)
{
	json_t *document = NULL;
	int r = client_request(v, "GET", saved ? "/v1/config?saved=1" : "/v1/config", NULL,
			       &document);

	fputs(member_text(document, "yaml"), stdout);
	json_decref(document);
	return r;
}

/* One line a side, as diff(1) has it. */
static void change_print(const json_t *change)
{
	const char *name = member_text(change, "name"), *item = member_text(change, "item");
	const char *space = *name ? " " : "";
	const json_t *from = json_object_get(change, "from"), *to = json_object_get(change, "to");

	if (json_is_string(from))
		printf("- %s%s%s: %s\n", item, space, name, json_string_value(from));
	if (json_is_string(to))
		printf("+ %s%s%s: %s\n", item, space, name, json_string_value(to));
}

static int diff_run(struct vip *v)
{
	json_t *document = NULL;
	const json_t *change;
	size_t i;
	int r = client_request(v, "GET", "/v1/config/diff", NULL, &document);

	json_array_foreach(json_object_get(document, "changes"), i, change) change_print(change);
	json_decref(document);
	return r;
}

static int apply_run(struct vip *v, const char *confirm)
{
	long seconds = confirm ? arguments_seconds(confirm, CONFIRM_SECONDS_MAX) : 0;
	char path[64];
	int r;

	if (seconds < 0 || (confirm && seconds == 0))
		return vip_usage(v, "'--confirm' is a time like 60s or 5m, up to a day, not '%s'",
				 confirm);
	snprintf(path, sizeof(path), "/v1/config/apply?confirm=%ld", seconds);
	r = client_request(v, "POST", path, NULL, NULL);
	/* It is in force; what is hardly meant in it is told all the same. */
	if (r == VIP_DONE && !v->json)
		(void)check_run(v);
	if (r == VIP_DONE && confirm && !v->json)
		printf("It is taken back in %s unless you say 'vip config confirm'.\n", confirm);
	return r;
}

int config_run(struct vip *v, int argc, char **argv)
{
	const char *confirm = option_value(v, "--confirm"), *what = argv[0];
	bool saved = option_given(v, "--saved");

	(void)argc;
	if (confirm && strcmp(what, "apply") != 0)
		return vip_usage(v, "'--confirm' is for 'config apply'");
	if (saved && strcmp(what, "show") != 0)
		return vip_usage(v, "'--saved' is for 'config show'");
	if (strcmp(what, "check") == 0)
		return check_run(v);
	if (strcmp(what, "diff") == 0)
		return diff_run(v);
	if (strcmp(what, "apply") == 0)
		return apply_run(v, confirm);
	if (strcmp(what, "confirm") == 0)
		return client_request(v, "POST", "/v1/config/confirm", NULL, NULL);
	if (strcmp(what, "show") == 0)
		return show_saved_run(v, saved);
	return vip_usage(v, "unknown command 'config %s'", what);
}
