/* SPDX-License-Identifier: Apache-2.0 */
/* vip show ADDRESS: all that is known of one VIP. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fields/vip.h"
#include "vip/client.h"
#include "vip/screen.h"

static void show_line(const char *name, const char *text)
{
	if (!*text)
		return;
	printf("  %-11s ", name);
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

/* Who else has the VIP: in routing a router, on the wire a MAC. */
static void show_rival(const json_t *rival)
{
	bool wire = strcmp(member_text(rival, "seen"), "wire") == 0;
	char line[256], age[SCREEN_AGE_MAX];
	struct text t;

	if (!rival)
		return;
	text_init(&t, line, sizeof(line));
	text_add(&t, "%s on %s", member_text(rival, wire ? "mac" : "neighbor"),
		 member_text(rival, "interface"));
	if (!wire)
		text_add(&t, " with metric %" PRId64, member_number(rival, "metric"));
	text_add(&t, " for %s", screen_age(member_real(rival, "age"), age));
	show_line("rival", line);
}

static void show_check(const json_t *check)
{
	if (json_is_object(check))
		printf("  %-11s '%s' is %s: %s\n", "check", member_text(check, "name"),
		       member_text(check, "state"), member_text(check, "text"));
}

/* What is said of it now, and what is only wished. */
static void show_announced(const json_t *vip)
{
	int64_t metric = member_number(vip, "metric"), own = member_number(vip, "own_metric");
	char line[64];

	if (!member_true(vip, "announce"))
		show_line("announced", "no");
	else if (!member_true(vip, "announced"))
		show_line("announced", "not now");
	else if (metric == own)
		printf("  %-11s with metric %" PRId64 "\n", "announced", metric);
	else
		printf("  %-11s with metric %" PRId64 " in place of its own %" PRId64 "\n",
		       "announced", metric, own);
	if (member_true(vip, "announce") && !member_true(vip, "announced")) {
		snprintf(line, sizeof(line), "%" PRId64, own);
		show_line("metric", line);
	}
}

/* What was asked for, but whether it is announced, which is said above. */
static void show_settings(const json_t *vip)
{
	for (size_t i = 0; i < vip_record.n_fields; i++) {
		const struct field *f = &vip_record.fields[i];

		if (f->flags & FIELD_NOT_SHOWN || strcmp(f->name, "announce") == 0)
			continue;
		show_line(f->name, f->type == FIELD_TYPE_BOOL
					   ? member_true(vip, f->name) ? "yes" : "no"
					   : member_text(vip, f->name));
	}
}

/* Through whom what is sent to it comes back, and through whom not. */
static void show_forwarding(const json_t *vip)
{
	const json_t *router;
	size_t i;

	json_array_foreach(json_object_get(vip, "proven_by"), i, router) printf(
		"  %-11s %s on %s, comes in by %s, in %.2f ms\n", i ? "" : "proven by",
		member_text(router, "neighbor"), member_text(router, "interface"),
		member_text(router, "way_in"), (double)member_number(router, "time_us") / 1000);
	json_array_foreach(json_object_get(vip, "not_forwarded_by"), i, router)
		printf("  %-11s %s on %s%s\n", i ? "" : "no way by",
		       member_text(router, "neighbor"), member_text(router, "interface"),
		       member_true(router, "belied") ? ", which says that there is one" : "");
}

static void show_vip(const json_t *vip)
{
	const char *state = member_text(vip, "state");
	bool colours = screen_has_colours();
	char age[SCREEN_AGE_MAX];
	const json_t *neighbor;
	size_t i;

	printf("%s/%" PRId64 " is %s%s%s for %s\n", member_text(vip, "address"),
	       member_number(vip, "length"),
	       colours ? screen_colour(screen_state_colour(state)) : "", state,
	       colours ? SCREEN_PLAIN : "", screen_age(member_real(vip, "age"), age));
	show_line("reason", member_text(vip, "reason"));
	show_line("network", member_text(vip, "network"));
	printf("  %-11s as %s\n", "held", member_text(vip, "held"));
	show_announced(vip);
	show_settings(vip);
	show_rival(json_object_get(vip, "rival"));
	show_check(json_object_get(vip, "check"));
	show_line("configured", member_true(vip, "configured") ? "in the file" : "by hand");
	json_array_foreach(json_object_get(vip, "accepted_by"), i, neighbor)
		printf("  %-11s %s on %s\n", i ? "" : "accepted by",
		       member_text(neighbor, "neighbor"), member_text(neighbor, "interface"));
	show_forwarding(vip);
	if (member_number(vip, "no_proof") > 0)
		printf("  %-11s %" PRId64 " neighbours that gave no sign\n", "no proof",
		       member_number(vip, "no_proof"));
}

int show_run(struct vip *v, int argc, char **argv)
{
	json_t *document;
	char path[512];
	int r;

	(void)argc;
	/* The length does not matter: an address is bound once. */
	argv[0][strcspn(argv[0], "/")] = '\0';
	client_path(path, sizeof(path), "/v1/vips/", argv[0], "");
	r = client_request(v, "GET", path, NULL, &document);
	if (document)
		show_vip(json_array_get(json_object_get(document, "vips"), 0));
	json_decref(document);
	return r;
}
