/* SPDX-License-Identifier: Apache-2.0 */
/* vip source: whose address connections get that name none, why, and the switches. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "vip/arguments.h"
#include "vip/listing.h"

#define PATH_SIZE 1024

static void line(const char *key, const char *text)
{
	printf("%-12s %s\n", key, text);
}

static void ready_show(const json_t *document)
{
	const char *error = member_text(document, "error");

	if (json_is_true(json_object_get(document, "ready")))
		line("ready", "yes");
	else if (json_is_null(json_object_get(document, "ready")))
		line("ready", "there was nothing to do yet");
	else
		printf("%-12s no: %s\n", "ready", error);
}

static void first_show(const json_t *document, const char *family, const char *title)
{
	const json_t *first = json_object_get(json_object_get(document, "first"), family);
	const char *address = member_text(first, "address");

	if (*address)
		line(title, address);
	else
		printf("%-12s none: %s\n", title, member_text(first, "reason"));
}

static void interfaces_show(const json_t *document)
{
	const json_t *interface;
	size_t i;

	json_array_foreach(json_object_get(document, "interfaces_off"), i, interface)
		printf("%-12s %s (%s)\n", i == 0 ? "off on" : "", member_text(interface, "name"),
		       member_true(interface, "switched") ? "by command" : "by configuration");
}

static void connections_show(const json_t *document)
{
	const json_t *count;
	const char *verdict;
	bool refused = false;

	printf("%-12s", "connections");
	json_object_foreach((json_t *)json_object_get(document, "connections"), verdict, count)
	{
		printf(" %s %" PRId64, verdict, (int64_t)json_integer_value(count));
		if (strcmp(verdict, "refused") == 0 && json_integer_value(count) > 0)
			refused = true;
	}
	putchar('\n');
	if (refused)
		line("", "refused: the socket had its port already (bind to 0.0.0.0 or :: with "
			 "port 0), and Linux gives such a one no address");
}

static void rule_use(struct table *t, const json_t *rule, const char *member)
{
	const char *use = member_text(rule, member);

	table_cell(t, COLOUR_NONE, "%s", *use ? use : "none");
}

static void rule_in_force(struct table *t, const json_t *rule, const char *member)
{
	bool in_force = member_true(rule, member);

	table_cell(t, in_force ? COLOUR_GOOD : COLOUR_WAIT, "%s", in_force ? "yes" : "no");
}

static const struct column rule_columns[] = {
	COLUMN("RULE", "number", .right = true),
	COLUMN("TO", "to", .show = cell_or_dash),
	COLUMN("UNIT", "unit", .show = cell_or_dash, .fit = COLUMN_CUT),
	COLUMN("USER", "user", .show = cell_or_dash),
	COLUMN("USE", "use", .show = rule_use),
	COLUMN("IN FORCE", "in_force", .show = rule_in_force),
	COLUMN("REASON", "reason", .fit = COLUMN_WRAP),
};

static int rules_show(const json_t *document)
{
	static const struct listing rules = { NULL, rule_columns, ARRAY_LENGTH(rule_columns),
					      NULL };
	const json_t *list = json_object_get(document, "rules");

	if (json_array_size(list) == 0)
		return VIP_DONE;
	putchar('\n');
	return listing_show(&rules, list);
}

static int source_show(struct vip *v)
{
	json_t *document = NULL;
	int r = client_request(v, "GET", "/v1/source", NULL, &document);

	if (!document)
		return r;
	printf("%-12s %s, by %s\n", "mode", member_text(document, "mode"),
	       member_true(document, "switched") ? "command" : "configuration");
	ready_show(document);
	first_show(document, "ipv4", "first IPv4");
	first_show(document, "ipv6", "first IPv6");
	interfaces_show(document);
	connections_show(document);
	r = rules_show(document);
	json_decref(document);
	return r;
}

static int source_switch(struct vip *v, const char *mode, const char *interface)
{
	json_t *body = json_object();
	int r;

	json_object_set_new(body, "mode", json_string(mode));
	if (interface)
		json_object_set_new(body, "interface", json_string(interface));
	r = client_request(v, "POST", "/v1/source", body, NULL);
	json_decref(body);
	return r;
}

static void by_show(const json_t *document)
{
	const char *by = member_text(document, "by");

	if (strcmp(by, "rule") == 0)
		printf("%-12s rule %" PRId64 "\n", "by", member_number(document, "rule"));
	else
		line("by", strcmp(by, "first") == 0 ? "the first VIP" : "Linux itself");
}

static void way_show(const json_t *document)
{
	const json_t *interface;
	size_t i;

	printf("%-12s", "through");
	json_array_foreach(json_object_get(document, "interfaces"), i, interface)
		printf(" %s", json_string_value(interface));
	printf("%s\n", i == 0 ? " no interface" : "");
}

static void why_show(const json_t *document)
{
	const char *source = member_text(document, "source");
	const json_t *reason;
	size_t i;

	line("to", member_text(document, "destination"));
	line("gets", *source ? source : "what Linux chooses");
	by_show(document);
	way_show(document);
	if (*member_text(document, "linux"))
		line("else", member_text(document, "linux"));
	json_array_foreach(json_object_get(document, "reasons"), i, reason)
		line(i == 0 ? "because" : "", json_string_value(reason));
}

static int source_why(struct vip *v, const char *destination, const char *unit, const char *user)
{
	char path[PATH_SIZE], text[PATH_SIZE];
	json_t *document = NULL;
	int r;

	client_path(path, sizeof(path), "/v1/source?destination=", destination, "");
	if (unit) {
		client_path(text, sizeof(text), "&unit=", unit, "");
		strncat(path, text, sizeof(path) - strlen(path) - 1);
	}
	if (user) {
		client_path(text, sizeof(text), "&user=", user, "");
		strncat(path, text, sizeof(path) - strlen(path) - 1);
	}
	r = client_request(v, "GET", path, NULL, &document);
	if (!document)
		return r;
	why_show(document);
	json_decref(document);
	return r;
}

int source_run(struct vip *v, int argc, char **argv)
{
	const char *interface = option_value(v, "--interface"), *unit = option_value(v, "--unit");
	const char *user = option_value(v, "--user"), *word = argc > 0 ? argv[0] : "";
	bool why = strcmp(word, "why") == 0;

	if ((unit || user) && !why)
		return vip_usage(v, "'--unit' and '--user' go with 'why'");
	if (interface && (argc == 0 || why))
		return vip_usage(v, "'--interface' goes with 'on' and 'off'");
	if (argc == 0)
		return source_show(v);
	if (why)
		return argc == 2 ? source_why(v, argv[1], unit, user)
				 : vip_usage(v, "which destination?");
	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0 && strcmp(word, "auto") != 0)
		return vip_usage(v, "it is on, off, auto or why, not '%s'", word);
	if (argc != 1)
		return vip_usage(v, "'%s' is one word too many", argv[1]);
	if (interface && strcmp(word, "auto") == 0)
		return vip_usage(v, "an interface is switched on or off");
	return source_switch(v, word, interface);
}
