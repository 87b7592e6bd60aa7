/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where an event becomes a line for people. */
#include "base/text.h"
#include "node/event.h"

#define VIP_STATE_WORD(name, text) { text, VIP_STATE_##name, NULL },
static const struct field_word vip_state_words[] = { VIP_STATES(VIP_STATE_WORD){ 0 } };
#undef VIP_STATE_WORD

#define EVENT_KIND_WORD(name, text) { text, EVENT_##name, NULL },
static const struct field_word event_words[] = { EVENT_KINDS(EVENT_KIND_WORD){ 0 } };
#undef EVENT_KIND_WORD

const char *vip_state_name(enum vip_state state)
{
	const char *text = field_word_text(vip_state_words, (uint8_t)state);

	return text ? text : "-";
}

static const struct field event_fields[] = {
	FIELD_WORD(1, "event", struct event, kind, event_words),
	FIELD(2, "vip", struct event, vip),
	FIELD(3, "count", struct event, count),
	FIELD_WORD(4, "from", struct event, from, vip_state_words),
	FIELD_WORD(5, "to", struct event, to, vip_state_words),
	FIELD(6, "age", struct event, age),
	FIELD_NAME(7, "interface", struct event, interface),
	FIELD(8, "neighbor", struct event, neighbor),
	FIELD(9, "reason", struct event, reason),
};
const struct record event_record = RECORD("an event", struct event, event_fields);

const char *event_kind_name(enum event_kind kind)
{
	const char *text = field_word_text(event_words, (uint8_t)kind);

	return text ? text : "-";
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
