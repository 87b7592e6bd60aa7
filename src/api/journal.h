/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last events, in a ring. Readers keep the number of the event that they want next, so a reader
 * that is slow costs nothing and learns how many it has missed.
 */
#ifndef API_JOURNAL_H
#define API_JOURNAL_H

#include <stdint.h>

#include "node/boundary.h"

#define JOURNAL_EVENTS_MAX 1024

struct journal_entry {
	struct event event;
	int64_t wall_ns;
};

struct journal {
	struct journal_entry *entries; /* JOURNAL_EVENTS_MAX of them, owned */
	uint64_t next;		       /* the number of the next event; the first ever is 0 */
};

/* 0 or -ENOMEM. The pages of the ring are taken as it fills. */
int journal_init(struct journal *j);
void journal_done(struct journal *j);

void journal_add(struct journal *j, const struct event *e, int64_t wall_ns);

/* The number of the oldest event that is still there. */
uint64_t journal_first(const struct journal *j);

/* The event with a number from journal_first() up to, but without, j->next. */
const struct journal_entry *journal_at(const struct journal *j, uint64_t number);

#endif
