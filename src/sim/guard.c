/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/guard.h"

#include <assert.h>

#include "node/will.h"
#include "sim/invariants.h"
#include "sim/speech.h"
#include "sim/watch.h"

/*
 * Where it did not speak when it died nobody can be told, nor of what could not be written down,
 * and nothing more is demanded.
 */
static void guard_forget_silent(struct sim_host *h)
{
	const struct saved_farewell *f;

	for (size_t at = 0; (f = will_farewell_next(h->will, &at)) && !h->records.lost;) {
		enum sim_protocol protocol = protocol_of(f->speaker);

		if (protocol != SIM_PROTOCOLS)
			h->ports[f->is.interface - 1].voices[protocol].willed = true;
	}
	for (size_t k = 0; k < h->n_ports; k++)
		for (size_t i = 0; i < h->n_told && !h->ports[k].voices[SIM_RIP].willed; i++)
			h->told[i].metric[k] = 0;
}

static void guard_begin(struct sim *s, struct sim_host *h)
{
	h->will = will_new();
	assert(h->will);
	for (size_t i = 0; i < h->records.n; i++)
		assert(will_record(h->will, &h->records.all[i]) == 0);
	guard_forget_silent(h);
	watch_end(s, (uint8_t)(h - s->hosts));
	assert(will_begin(h->will, s->now, DURATION_S(0)) == 0);
}

/* All good-byes are out: the kernel is cleaned. */
static void guard_end(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	for (size_t i = 0; i < h->n_objects; i++)
		invariant_withdrawn(s, index, &h->objects[i]);
	h->n_objects = 0;
	h->board = 0;
	h->asks = h->conflict == VIP_CONFLICT_REFUSE;
	will_free(h->will);
	h->will = NULL;
}

void guard_acts(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	struct packet d;

	if (!h->will)
		guard_begin(s, h);
	while (will_output(h->will, s->now, &d))
		host_send(s, index, &d);
	if (will_is_said(h->will))
		guard_end(s, index);
	else
		sim_schedule(s, instant_since(instant_max(will_deadline(h->will), s->now), s->now),
			     &(struct sim_event){
				     .kind = SIM_EVENT_GUARD, .owner = index, .life = h->life });
}
