/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the daemon on stderr: one line an event. Who reads stderr may stop reading; the daemon
 * does not stop with him, but leaves lines out and says how many.
 */
#ifndef LINUX_LOGBOOK_H
#define LINUX_LOGBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "node/boundary.h"

/* The levels of syslog(3) that are used. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
};

struct logbook {
	int fd;
	bool levels; /* systemd's journal reads: it wants the level, and knows the time itself */
	uint64_t lost;
};

/* Writes to `fd`, which stays the caller's. */
void logbook_init(struct logbook *l, int fd);

void logbook_event(struct logbook *l, const struct event *e);

void logbook_print(struct logbook *l, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
