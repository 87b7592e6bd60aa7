/* SPDX-License-Identifier: Apache-2.0 */
/* vip events [-f]: the journal of the daemon, one event a line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vip/arguments.h"
#include "vip/client.h"

/* "2026-01-01T12:00:00.123Z" in local time. */
static void event_time(const char *iso, char *text, size_t size)
{
	struct tm tm = { 0 };
	const char *rest = strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm);
	char seconds[32];
	time_t at;

	if (!rest) {
		snprintf(text, size, "%.23s", iso);
		return;
	}
	at = timegm(&tm);
	localtime_r(&at, &tm);
	strftime(seconds, sizeof(seconds), "%F %T", &tm);
	snprintf(text, size, "%s%.4s", seconds, rest);
}

static void event_print(void *context, const json_t *event)
{
	char at[64];

	(void)context;
	if (strcmp(member_text(event, "kind"), "gap") == 0) {
		printf("... %" PRId64 " events were missed\n", member_number(event, "lost"));
	} else {
		event_time(member_text(event, "time"), at, sizeof(at));
		printf("%s  %-9s ", at, member_text(event, "kind"));
		for (const char *c = member_text(event, "line"); *c; c++)
			putchar((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c);
		putchar('\n');
	}
}

static bool events_take_json(void *context, const char *bytes, size_t length)
{
	(void)context;
	return fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0;
}

int events_run(struct vip *v, int argc, char **argv)
{
	bool follow = option_given(v, "-f"), json = v->json;
	const char *last = option_value(v, "-n");
	char path[128];

	(void)argc;
	(void)argv;
	if (last && (!*last || strlen(last) > 9 || strspn(last, "0123456789") != strlen(last)))
		return vip_usage(v, "'-n' is a number, not '%s'", last);
	if (!last)
		last = follow ? "10" : "999999999";
	snprintf(path, sizeof(path), "/v1/events?follow=%d&last=%s", follow, last);
	v->json = false;
	return json ? client_stream(v, path, events_take_json, NULL)
		    : client_lines(v, "GET", path, -1, event_print, NULL);
}
