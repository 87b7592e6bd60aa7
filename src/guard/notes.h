/* SPDX-License-Identifier: Apache-2.0 */
/* What the guard has to say to people: on stderr as the daemon does, or to syslog(3). */
#ifndef GUARD_NOTES_H
#define GUARD_NOTES_H

#include "linux/logbook.h"

struct notes {
	struct logbook book;
	bool syslog;
};

void notes_init(struct notes *n, bool syslog);

void notes_print(struct notes *n, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
