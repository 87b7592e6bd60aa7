/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/logbook.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

/* Less than PIPE_BUF: a pipe that can be written to takes a whole line. */
#define LINE_MAX_BYTES 1024

/*
 * JOURNAL_STREAM names the stream that goes to the journal; children inherit the name, not always
 * the stream.
 */
static bool is_journal_stream(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

void logbook_init(struct logbook *l, int fd)
{
	*l = (struct logbook){ .fd = fd, .levels = is_journal_stream(fd) };
}

static void line_begin(const struct logbook *l, struct text *t, enum log_level level)
{
	struct timespec now;
	char stamp[32];
	struct tm tm;

	if (l->levels) {
		text_add(t, "<%d>", (int)level);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) && strftime(stamp, sizeof(stamp), "%FT%T", &tm))
		text_add(t, "%s.%03ldZ ", stamp, now.tv_nsec / 1000000);
}

static bool line_write(const struct logbook *l, const char *line, size_t length)
{
	struct pollfd p = { .fd = l->fd, .events = POLLOUT };

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return false;
	return write(l->fd, line, length) == (ssize_t)length;
}

static bool lost_write(struct logbook *l)
{
	char line[LINE_MAX_BYTES];
	struct text t;

	text_init(&t, line, sizeof(line));
	line_begin(l, &t, LOG_LEVEL_WARNING);
	text_add(&t, "%" PRIu64 " lines lost: nobody read them in time\n", l->lost);
	if (!line_write(l, line, t.length))
		return false;
	l->lost = 0;
	return true;
}

static void line_end(struct logbook *l, struct text *t)
{
	/* What was cut gets its newline in place of its last byte. */
	if (t->cut)
		t->at[t->length - 1] = '\n';
	else
		text_add(t, "\n");
	if ((l->lost && !lost_write(l)) || !line_write(l, t->at, t->length))
		l->lost++;
}

static enum log_level event_level(const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_RESCUE:
	case EVENT_RIVAL:
	case EVENT_REPAIR:
	case EVENT_PROOF:
		return LOG_LEVEL_WARNING;
	case EVENT_VIP:
	case EVENT_VIPS:
		return e->to == VIP_STATE_CONFLICT || e->to == VIP_STATE_FAILED ? LOG_LEVEL_WARNING
										: LOG_LEVEL_INFO;
	case EVENT_BOARD:
	case EVENT_INTERFACE:
	case EVENT_NEIGHBOR:
	case EVENT_CONFIG:
	case EVENT_CHECK:
	case EVENT_NOTE:
	case EVENT_SOURCE:
	case EVENT_BFD:
	case EVENT_PROBE:
	case EVENT_ECHO:
	case EVENT_KIND_COUNT:
		break;
	}
	return LOG_LEVEL_INFO;
}

void logbook_event(struct logbook *l, const struct event *e)
{
	char line[LINE_MAX_BYTES], event[LINE_MAX_BYTES - 64];
	struct text t;

	text_init(&t, line, sizeof(line));
	line_begin(l, &t, event_level(e));
	event_format(e, event, sizeof(event));
	text_add(&t, "%s", event);
	line_end(l, &t);
}

void logbook_print(struct logbook *l, enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES], words[LINE_MAX_BYTES - 64];
	struct text t;
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	text_init(&t, line, sizeof(line));
	line_begin(l, &t, level);
	text_add(&t, "%s", words);
	line_end(l, &t);
}
