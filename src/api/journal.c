/* SPDX-License-Identifier: Apache-2.0 */
#include "api/journal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int journal_init(struct journal *j)
{
	*j = (struct journal){ .entries = calloc(JOURNAL_EVENTS_MAX, sizeof(*j->entries)) };
	return j->entries ? 0 : -ENOMEM;
}

void journal_done(struct journal *j)
{
	free(j->entries);
	*j = (struct journal){ 0 };
}

void journal_add(struct journal *j, const struct event *e, int64_t wall_ns)
{
	struct journal_entry *entry = &j->entries[j->next++ % JOURNAL_EVENTS_MAX];

	entry->event = *e;
	entry->wall_ns = wall_ns;
}

uint64_t journal_first(const struct journal *j)
{
	return j->next > JOURNAL_EVENTS_MAX ? j->next - JOURNAL_EVENTS_MAX : 0;
}

const struct journal_entry *journal_at(const struct journal *j, uint64_t number)
{
	assert(number >= journal_first(j) && number < j->next);
	return &j->entries[number % JOURNAL_EVENTS_MAX];
}
