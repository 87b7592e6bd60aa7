/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#define SENTENCE_MAX 512

void notes_init(struct notes *n, bool to_syslog)
{
	n->syslog = to_syslog;
	logbook_init(&n->book, STDERR_FILENO);
	if (to_syslog)
		openlog("vipd-guard", LOG_PID, LOG_DAEMON);
}

void notes_print(struct notes *n, enum log_level level, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (n->syslog)
		syslog((int)level, "%s", sentence);
	else
		logbook_print(&n->book, level, "guard: %s", sentence);
}
