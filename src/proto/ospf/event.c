/* SPDX-License-Identifier: Apache-2.0 */
/* What is told to whoever asks ospf_event(), in its order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/ospf/machine.h"

/* Whoever asks no more than after each packet is told all; who asks for nothing loses the rest. */
#define EVENTS_MAX 65536

struct told {
	struct list link;
	struct speaker_event is;
};

void event_tell(struct ospf *o, const struct speaker_event *e)
{
	struct told *t = o->n_events < EVENTS_MAX ? malloc(sizeof(*t)) : NULL;

	if (!t)
		return;
	t->is = *e;
	list_append(&o->events, &t->link);
	o->n_events++;
}

void event_neighbor(struct ospf *o, const struct ospf_neighbor *n, enum speaker_event_kind kind)
{
	event_tell(o, &(struct speaker_event){
			      .kind = (uint8_t)kind,
			      .interface = n->interface->index,
			      .neighbor = n->address,
		      });
}

void event_note(struct ospf *o, uint32_t interface, const struct address *neighbor,
		const char *format, ...)
{
	struct speaker_event e = { .kind = SPEAKER_EVENT_NOTE, .interface = interface };
	va_list arguments;

	if (neighbor)
		e.neighbor = *neighbor;
	va_start(arguments, format);
	(void)vsnprintf(e.text, sizeof(e.text), format, arguments);
	va_end(arguments);
	event_tell(o, &e);
}

void interface_refuses(struct ospf_interface *i, enum ospf_drop reason, uint32_t router,
		       const struct address *from)
{
	struct ospf *o = i->of;
	struct ospf_neighbor *n = neighbor_from(i, router, from);
	struct address id = address_ipv4(router);
	uint32_t *count = n ? &n->drops[reason] : &i->drops[reason];

	/* It is told once, and is counted from then on. */
	if ((*count)++ == 0)
		event_note(o, i->index, from, "packets of router %s are not believed: %s",
			   ADDRESS_TEXT(&id), ospf_drop_name(reason));
}

static void take(struct ospf *o, struct told *t)
{
	list_remove(&t->link);
	o->n_events--;
	free(t);
}

bool ospf_event(struct ospf *o, struct speaker_event *ret)
{
	struct told *t;

	if (list_empty(&o->events))
		return false;
	t = container_of(o->events.next, struct told, link);
	*ret = t->is;
	take(o, t);
	return true;
}

void events_free(struct ospf *o)
{
	list_each_entry_safe(struct told, t, &o->events, link)
		take(o, t);
}
