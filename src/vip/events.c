/* SPDX-License-Identifier: Apache-2.0 */
/* vip events [-f]: the journal of the daemon, one event a line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vip/arguments.h"
#include "vip/client.h"

#define EVENT_LINE_MAX 8192

/* Lines of JSON come in pieces of any size. */
struct events {
	size_t length;
	bool cut; /* the line is too long to be one of vipd's */
	char line[EVENT_LINE_MAX];
};

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

static void event_print(const char *line, size_t length)
{
	json_t *event = json_loadb(line, length, 0, NULL);
	char at[64];

	if (!event)
		return;
	if (strcmp(member_text(event, "kind"), "gap") == 0) {
		printf("... %" PRId64 " events were missed\n", member_number(event, "lost"));
	} else {
		event_time(member_text(event, "time"), at, sizeof(at));
		printf("%s  %-9s ", at, member_text(event, "kind"));
		for (const char *c = member_text(event, "line"); *c; c++)
			putchar((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c);
		putchar('\n');
	}
	json_decref(event);
}

static bool events_take(void *context, const char *bytes, size_t length)
{
	struct events *e = context;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\n') {
			e->cut |= e->length == sizeof(e->line);
			if (!e->cut)
				e->line[e->length++] = bytes[i];
			continue;
		}
		if (!e->cut)
			event_print(e->line, e->length);
		e->length = 0;
		e->cut = false;
	}
	return fflush(stdout) == 0;
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
	struct events e = { 0 };
	char path[128];

	(void)argc;
	(void)argv;
	if (last && (!*last || strlen(last) > 9 || strspn(last, "0123456789") != strlen(last)))
		return vip_usage(v, "'-n' is a number, not '%s'", last);
	if (!last)
		last = follow ? "10" : "999999999";
	snprintf(path, sizeof(path), "/v1/events?follow=%d&last=%s", follow, last);
	v->json = false;
	return client_stream(v, path, json ? events_take_json : events_take, &e);
}
