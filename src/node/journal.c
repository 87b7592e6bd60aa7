/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out of the node, and what becomes a line in the journal. */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "node/core.h"

/* See event_passes(). */
#define EVENT_BURST 64
#define EVENT_STEP DURATION_S(3)

void node_effect_put(struct node *n, const struct effect *e)
{
	outbox_put(&n->outbox, e);
}

static void event_put(struct node *n, const struct event *event)
{
	struct effect e = { .kind = EFFECT_EVENT, .event = *event };

	node_effect_put(n, &e);
}

/* Whether anybody on a LAN can have the journal written by it, without a key. */
static bool event_is_strangers(uint8_t kind)
{
	return kind == EVENT_NEIGHBOR || kind == EVENT_RIVAL || kind == EVENT_BFD ||
	       kind == EVENT_PROBE || kind == EVENT_ECHO;
}

/* Of lines that strangers cause so many of a kind in a row, then so many a second. */
static bool event_passes(struct node *n, struct event_quota *q)
{
	struct instant gate = { q->paced.ns - EVENT_STEP.ns * EVENT_BURST };

	if (!instant_reached(gate, n->now)) {
		q->left_out++;
		return false;
	}
	q->paced = instant_add(instant_max(q->paced, n->now), EVENT_STEP);
	return true;
}

void node_event(struct node *n, const struct event *event)
{
	struct event_quota *q = &n->quotas[event->kind];
	struct event more = { .kind = event->kind };

	if (event_is_strangers(event->kind)) {
		if (!event_passes(n, q))
			return;
		if (q->left_out > 0) {
			snprintf(more.reason, sizeof(more.reason),
				 "%u more of these lines were left out", q->left_out);
			q->left_out = 0;
			event_put(n, &more);
		}
	}
	event_put(n, event);
}

void node_note(struct node *n, enum event_kind kind, const char *interface, const char *format, ...)
{
	struct event event = { .kind = (uint8_t)kind };
	va_list args;

	va_start(args, format);
	vsnprintf(event.reason, sizeof(event.reason), format, args);
	va_end(args);
	if (interface)
		text_copy(event.interface, sizeof(event.interface), interface);
	node_event(n, &event);
}
