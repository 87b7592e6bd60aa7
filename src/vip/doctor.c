/* SPDX-License-Identifier: Apache-2.0 */
/* vip doctor [ADDRESS]: what was found, what follows from it, and what would mend it. */
#include <stdio.h>
#include <string.h>

#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"

static void finding_print(const json_t *finding)
{
	const char *severity = member_text(finding, "severity"), *vip = member_text(finding, "vip");
	const char *effect = member_text(finding, "effect"), *fix = member_text(finding, "fix");
	enum colour colour = strcmp(severity, "problem") == 0 ? COLOUR_BAD
			     : strcmp(severity, "note") == 0  ? COLOUR_WAIT
							      : COLOUR_GOOD;
	bool colours = screen_has_colours();

	printf("%s%-8s%s %s%s%s\n", colours ? screen_colour(colour) : "", severity,
	       colours ? SCREEN_PLAIN : "", vip, *vip ? ": " : "", member_text(finding, "finding"));
	if (*effect)
		printf("         effect: %s\n", effect);
	if (*fix)
		printf("         fix:    %s\n", fix);
}

/* Problems first: what is good can wait. */
static bool findings_print(const json_t *findings, const char *severity)
{
	const json_t *finding;
	bool any = false;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (strcmp(member_text(finding, "severity"), severity) != 0)
			continue;
		finding_print(finding);
		any = true;
	}
	return any;
}

int doctor_run(struct vip *v, int argc, char **argv)
{
	int r = arguments_take_plain(v, &argc, argv, 0, 1);
	bool json = v->json, problems;
	json_t *document = NULL;
	const json_t *findings;
	char path[512] = "/v1/doctor";

	if (r >= 0)
		return r;
	if (argc == 1) {
		argv[0][strcspn(argv[0], "/")] = '\0';
		client_path(path, sizeof(path), "/v1/doctor/", argv[0], "");
	}
	/* Also who wants JSON is told by the exit code, so it is read here and printed after. */
	v->json = false;
	r = client_request(v, "GET", path, NULL, &document);
	v->json = json;
	if (!document)
		return r;
	findings = json_object_get(document, "findings");
	if (json) {
		json_dumpf(document, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		if (freopen("/dev/null", "w", stdout) == NULL)
			return VIP_REFUSED;
	}
	problems = findings_print(findings, "problem");
	(void)findings_print(findings, "note");
	(void)findings_print(findings, "good");
	json_decref(document);
	return problems ? VIP_DEGRADED : r;
}
