/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where an event becomes a line for people. */
#include "base/text.h"
#include "node/effect.h"

const char *event_kind_name(enum event_kind kind)
{
	static const char *const names[] = {
#define EVENT_KIND_TEXT(name, text) text,
		EVENT_KINDS(EVENT_KIND_TEXT)
#undef EVENT_KIND_TEXT
	};

	return kind < EVENT_KIND_COUNT ? names[kind] : "-";
}

void event_format(const struct event *e, char *line, size_t size)
{
	struct text t;

	text_init(&t, line, size);
	if (e->kind == EVENT_VIPS)
		text_add(&t, "vips=%u", e->count);
	else if (address_is_set(&e->vip))
		text_add(&t, "vip=%s", ADDRESS_TEXT(&e->vip));
	else
		text_add(&t, "%s", event_kind_name(e->kind));
	if (e->kind == EVENT_VIP || e->kind == EVENT_VIPS)
		text_add(&t, " from=%s to=%s", vip_state_name(e->from), vip_state_name(e->to));
	else if (address_is_set(&e->vip))
		text_add(&t, " %s", event_kind_name(e->kind));
	if (e->interface[0])
		text_add(&t, " interface=%s", e->interface);
	if (address_is_set(&e->neighbor))
		text_add(&t, " neighbor=%s", ADDRESS_TEXT(&e->neighbor));
	if (e->reason[0])
		text_add(&t, " reason=\"%s\"", e->reason);
	if (e->kind == EVENT_VIP)
		text_add(&t, " age=%.3fs", (double)e->age.ns / 1e9);
}
