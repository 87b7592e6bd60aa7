/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's state file. A snapshot counts when it is whole. While nothing can be written the file
 * stays as it is, and then, too, until there is a snapshot: behind a record that is missing there
 * may be no other.
 */
#include "sim/records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

static void record_append(struct sim_records *r, const struct saved *record)
{
	int error = ARRAY_RESERVE(r->all, r->capacity, r->n + 1);

	assert(!error);
	r->all[r->n++] = *record;
}

/* Whether the record can be written, and may be. */
static bool record_is_taken(struct sim *s, uint8_t index, const struct saved *record)
{
	struct sim_records *r = &s->hosts[index].records;

	if (r->refuses) {
		if (r->in_snapshot)
			r->n = r->snapshot;
		r->mends = r->in_snapshot = false;
		if (!r->broken)
			host_later(s, index, SIM_EVENT_SAVING, 0, true);
		r->broken = true;
	} else if (r->broken && record->kind == SAVED_BEGIN) {
		r->mends = true;
	}
	return !r->broken || r->mends;
}

void record_put(struct sim *s, uint8_t index, const struct saved *record)
{
	struct sim_records *r = &s->hosts[index].records;

	if (!record_is_taken(s, index, record))
		return;
	if (record->kind == SAVED_BEGIN) {
		r->snapshot = r->n;
		r->in_snapshot = true;
	}
	record_append(r, record);
	if (record->kind == SAVED_END) {
		r->n -= r->snapshot;
		memmove(r->all, r->all + r->snapshot, r->n * sizeof(*r->all));
		if (r->broken)
			host_later(s, index, SIM_EVENT_SAVING, 0, false);
		r->broken = r->mends = r->in_snapshot = false;
	}
}

void records_told(struct sim *s, uint8_t index, bool refused)
{
	struct input in = { .kind = INPUT_SAVING, .saving.ready = !refused };

	if (refused)
		text_copy(in.saving.error, sizeof(in.saving.error), "the simulated disk is full");
	sim_tell(s, index, &in);
}

void records_restore(struct sim *s, uint8_t index)
{
	struct sim_records *r = &s->hosts[index].records;
	struct saved *records = r->all;
	size_t n = r->in_snapshot ? r->snapshot : r->n;

	*r = (struct sim_records){ .refuses = r->refuses };
	/* What is written stays written until there is a new snapshot. */
	for (size_t i = 0; i < n; i++)
		record_append(r, &records[i]);
	for (size_t i = 0; i < n; i++)
		sim_tell(s, index, &(struct input){ .kind = INPUT_SAVED, .saved = records[i] });
	free(records);
}
