/* SPDX-License-Identifier: Apache-2.0 */
/* vip doctor [ADDRESS]: what was found, what follows from it, and what would mend it. */
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"

/* So many VIPs of a group are named. */
#define GROUP_NAMED 3

/* The text with ADDRESS in the place of the VIP, so that what is said of many is the same. */
static void text_without(const char *text, const char *vip, char *to, size_t size)
{
	struct text out;
	const char *at;

	text_init(&out, to, size);
	while (*vip && (at = strstr(text, vip)) != NULL) {
		text_add(&out, "%.*sADDRESS", (int)(at - text), text);
		text = at + strlen(vip);
	}
	text_add(&out, "%s", text);
}

/* What makes findings one: all that is said, but for the VIP. */
static void finding_key(const json_t *finding, char *key, size_t size)
{
	static const char *const members[] = { "finding", "effect", "fix" };
	const char *vip = member_text(finding, "vip");
	struct text out;

	text_init(&out, key, size);
	text_add(&out, "%s", *vip ? "of a VIP" : "");
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
		char text[512];

		text_without(member_text(finding, members[i]), vip, text, sizeof(text));
		text_add(&out, "\n%s", text);
	}
}

/* "10.9.1.1: ", or "256 VIPs (10.9.1.1, 10.9.1.2, 10.9.1.3, ...): ". */
static void group_print_vips(const json_t *group)
{
	size_t count = json_array_size(group), i;
	const json_t *finding;

	if (count > 1)
		printf("%zu VIPs (", count);
	json_array_foreach(group, i, finding)
	{
		if (i == GROUP_NAMED)
			break;
		printf("%s%s", i ? ", " : "", member_text(finding, "vip"));
	}
	if (count > 1)
		printf("%s): each: ", count > GROUP_NAMED ? ", ..." : "");
	else if (*member_text(json_array_get(group, 0), "vip"))
		printf(": ");
}

static void group_print(const json_t *group, const char *severity)
{
	const json_t *first = json_array_get(group, 0);
	enum colour colour = strcmp(severity, "problem") == 0 ? COLOUR_BAD
			     : strcmp(severity, "note") == 0  ? COLOUR_WAIT
							      : COLOUR_GOOD;
	const char *vip = json_array_size(group) > 1 ? member_text(first, "vip") : "";
	const char *effect = member_text(first, "effect"), *fix = member_text(first, "fix");
	bool colours = screen_has_colours();
	char text[512];

	printf("%s%-8s%s ", colours ? screen_colour(colour) : "", severity,
	       colours ? SCREEN_PLAIN : "");
	group_print_vips(group);
	text_without(member_text(first, "finding"), vip, text, sizeof(text));
	printf("%s\n", text);
	if (*effect)
		printf("         effect: %s\n", effect);
	text_without(fix, vip, text, sizeof(text));
	if (*fix)
		printf("         fix:    %s\n", text);
}

/* Problems first: what is good can wait. The same of many VIPs is said once. */
static void findings_print(const json_t *findings, const char *severity)
{
	json_t *groups = json_object(), *group;
	const json_t *finding;
	const char *name;
	char key[2048];
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (strcmp(member_text(finding, "severity"), severity) != 0)
			continue;
		finding_key(finding, key, sizeof(key));
		/* What is said of the host is said as often as it holds. */
		if (!*member_text(finding, "vip"))
			snprintf(key + strlen(key), sizeof(key) - strlen(key), "\n%zu", i);
		group = json_object_get(groups, key);
		if (!group) {
			group = json_array();
			json_object_set_new(groups, key, group);
		}
		json_array_append(group, (json_t *)finding);
	}
	json_object_foreach(groups, name, group) group_print(group, severity);
	json_decref(groups);
}

/* Leaves only the problems. */
static json_t *findings_narrow(const json_t *findings)
{
	json_t *problems = json_array();
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (strcmp(member_text(finding, "severity"), "problem") == 0)
			json_array_append(problems, (json_t *)finding);
	}
	return problems;
}

int doctor_run(struct vip *v, int argc, char **argv)
{
	static const char *const severities[] = { "problem", "note", "good" };
	char path[512] = "/v1/doctor";
	json_t *document, *problems;
	int r;

	if (argc == 1) {
		argv[0][strcspn(argv[0], "/")] = '\0';
		client_path(path, sizeof(path), "/v1/doctor/", argv[0], "");
	}
	/* Also who wants JSON is told by the exit code, so it is read here and printed after. */
	r = client_look(v, path, &document);
	if (!document)
		return r;
	problems = findings_narrow(json_object_get(document, "findings"));
	if (json_array_size(problems) > 0)
		r = VIP_DEGRADED;
	if (option_given(v, "--problems"))
		json_object_set(document, "findings", problems);
	if (v->json)
		client_print(document);
	for (size_t i = 0; !v->json && i < ARRAY_LENGTH(severities); i++)
		findings_print(json_object_get(document, "findings"), severities[i]);
	json_decref(problems);
	json_decref(document);
	return r;
}
