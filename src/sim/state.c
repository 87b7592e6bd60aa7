/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/array.h"
#include "node/protocol.h"

/* So long a repair may take: to learn of it, the board, the table, the silence, the address. */
#define HOST_REPAIR DURATION_MS(20)

void sim_break(struct sim *s, const char *format, ...)
{
	va_list args;

	if (s->broken[0])
		return;
	va_start(args, format);
	vsnprintf(s->broken, sizeof(s->broken), format, args);
	va_end(args);
}

static bool event_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at.ns != b->at.ns ? a->at.ns < b->at.ns : a->sequence < b->sequence;
}

void sim_schedule(struct sim *s, struct duration in, const struct sim_event *e)
{
	size_t i = ++s->n_events;

	assert(ARRAY_RESERVE(s->events, s->events_capacity, s->n_events + 1) == 0);
	s->events[i] = *e;
	s->events[i].at = instant_add(s->now, in);
	s->events[i].sequence = ++s->sequence;
	for (; i > 1 && event_before(&s->events[i], &s->events[i / 2]); i /= 2) {
		struct sim_event swap = s->events[i];

		s->events[i] = s->events[i / 2];
		s->events[i / 2] = swap;
	}
}

struct sim_event sim_pop(struct sim *s)
{
	struct sim_event first = s->events[1];
	size_t i = 1, child;

	s->events[1] = s->events[s->n_events--];
	while ((child = i * 2) <= s->n_events) {
		struct sim_event swap = s->events[i];

		if (child < s->n_events && event_before(&s->events[child + 1], &s->events[child]))
			child++;
		if (!event_before(&s->events[child], &s->events[i]))
			break;
		s->events[i] = s->events[child];
		s->events[child] = swap;
		i = child;
	}
	return first;
}

void host_later(struct sim *s, uint8_t index, enum sim_event_kind kind, uint32_t detail,
		bool refused)
{
	struct duration in = random_between(&s->random, (struct duration){ 10000 }, DURATION_MS(2));

	s->hosts[index].under_way += kind == SIM_EVENT_DONE;
	sim_schedule(s, in,
		     &(struct sim_event){ .kind = (uint8_t)kind,
					  .owner = index,
					  .life = s->hosts[index].life,
					  .detail = detail,
					  .refused = refused });
}

void host_is_behind(const struct sim *s, struct sim_host *h)
{
	h->harmed = instant_add(instant_max(s->now, h->stalled), HOST_REPAIR);
}

bool host_lives(const struct sim_host *h)
{
	return h->node != NULL;
}

bool port_speaks(const struct sim_port *p, enum sim_protocol protocol)
{
	return p->up && !p->refuses && !p->voices[protocol].refused && !p->voices[protocol].closed;
}

uint16_t speaker_of(const struct sim *s, enum sim_protocol protocol)
{
	return (uint16_t)((protocol == SIM_RIP ? PROTOCOL_RIP : PROTOCOL_OSPF) +
			  family_index(s->family));
}

enum sim_protocol protocol_of(uint16_t speaker)
{
	return speaker < PROTOCOL_OSPF	? SIM_RIP
	       : speaker < PROTOCOL_END ? SIM_OSPF
					: SIM_PROTOCOLS;
}
