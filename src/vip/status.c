/* SPDX-License-Identifier: Apache-2.0 */
/* vip status: how the daemon is. */
#include <inttypes.h>
#include <stdio.h>

#include "vip/arguments.h"
#include "vip/client.h"
#include "vip/screen.h"

static void status_print(const json_t *s)
{
	bool colours = screen_has_colours(), degraded = member_true(s, "degraded");
	char age[SCREEN_AGE_MAX];
	const json_t *reason, *config;
	size_t i;

	printf("vipd %s, %s for %s (pid %" PRId64 ")\n", member_text(s, "version"),
	       member_text(s, "state"), screen_age(member_real(s, "uptime"), age),
	       member_number(s, "pid"));
	printf("  %-11s %" PRId64 ": %" PRId64 " announced, %" PRId64 " accepted, %" PRId64
	       " proven, %" PRId64 " in conflict, %" PRId64 " failed\n",
	       "VIPs", member_number(s, "vips"), member_number(s, "announced"),
	       member_number(s, "accepted"), member_number(s, "proven"),
	       member_number(s, "conflicts"), member_number(s, "failed"));
	if (member_number(s, "unbound") > 0)
		printf("  %-11s %" PRId64 " of the configuration, by hand: 'vip list' names %s\n",
		       "unbound", member_number(s, "unbound"),
		       member_number(s, "unbound") == 1 ? "it" : "them");
	printf("  %-11s %" PRId64 "\n", "boards", member_number(s, "boards"));
	printf("  %-11s %" PRId64 "\n", "interfaces", member_number(s, "interfaces"));
	printf("  %-11s %" PRId64 ", %" PRId64 " up\n", "neighbours", member_number(s, "neighbors"),
	       member_number(s, "neighbors_up"));
	if (member_number(s, "learned") > 0)
		printf("  %-11s %" PRId64 ", %" PRId64 " of them not used\n", "learned",
		       member_number(s, "learned"), member_number(s, "learned_unused"));
	printf("  %-11s %" PRId64 "\n", "repairs", member_number(s, "repairs"));
	config = json_object_get(s, "config");
	if (member_true(config, "on_trial"))
		printf("  %-11s taken back in %s unless confirmed\n", "on trial",
		       screen_age(member_real(config, "rolls_back_in"), age));
	json_array_foreach(json_object_get(s, "reasons"), i, reason)
		printf("%sdegraded%s: %s\n", colours && degraded ? screen_colour(COLOUR_BAD) : "",
		       colours && degraded ? SCREEN_PLAIN : "", json_string_value(reason));
}

int status_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	/* The exit code needs the document too: with --json it is printed from here. */
	int r = client_look(v, "/v1/status", &document);

	(void)argc;
	(void)argv;
	if (!document)
		return r;
	if (v->json)
		client_print(document);
	else
		status_print(document);
	if (option_given(v, "--exit-code") && member_true(document, "degraded"))
		r = VIP_DEGRADED;
	json_decref(document);
	return r;
}
