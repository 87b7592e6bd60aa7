/* SPDX-License-Identifier: Apache-2.0 */
#include "node/outbox.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OUTBOX_KEEP 65536 /* bytes of memory that an empty outbox keeps */
#define OUTBOX_RECORD_MAX (sizeof(uint16_t) + sizeof(struct effect))

_Static_assert(sizeof(struct effect) <= UINT16_MAX, "a length has two bytes");

void outbox_init(struct outbox *o)
{
	*o = (struct outbox){ 0 };
}

void outbox_done(struct outbox *o)
{
	free(o->bytes);
	outbox_init(o);
}

/* Makes room for one more record at the end; false without memory. */
static bool outbox_reserve(struct outbox *o)
{
	size_t capacity = o->capacity ? o->capacity : 4096;
	uint8_t *bytes;

	if (o->end + OUTBOX_RECORD_MAX <= o->capacity)
		return true;
	/* Half of it already taken: moving the rest is cheaper than growing. */
	if (o->first > o->capacity / 2) {
		memmove(o->bytes, o->bytes + o->first, o->end - o->first);
		o->end -= o->first;
		o->first = 0;
		if (o->end + OUTBOX_RECORD_MAX <= o->capacity)
			return true;
	}
	while (capacity < o->end + OUTBOX_RECORD_MAX)
		capacity *= 2;
	bytes = realloc(o->bytes, capacity);
	if (!bytes)
		return false;
	o->bytes = bytes;
	o->capacity = capacity;
	return true;
}

/* How much of it means something: where there may be very many, no more is kept. */
static size_t effect_size(const struct effect *e)
{
	switch ((enum effect_kind)e->kind) {
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		return offsetof(struct effect, object) + sizeof(e->object);
	case EFFECT_SAVE:
		if (e->save.kind == SAVED_VIP)
			return offsetof(struct effect, save.vip) + sizeof(e->save.vip);
		if (e->save.kind == SAVED_NOTE)
			return offsetof(struct effect, save.note.is.bytes) + e->save.note.is.length;
		return offsetof(struct effect, save) + sizeof(e->save);
	case EFFECT_EVENT:
		return offsetof(struct effect, event) + sizeof(e->event);
	case EFFECT_SEND:
		return offsetof(struct effect, send.bytes) + e->send.length;
	default:
		return sizeof(*e);
	}
}

void outbox_put(struct outbox *o, const struct effect *e)
{
	uint16_t size = (uint16_t)effect_size(e);

	if (!outbox_reserve(o)) {
		o->lost++;
		return;
	}
	memcpy(o->bytes + o->end, &size, sizeof(size));
	memcpy(o->bytes + o->end + sizeof(size), e, size);
	o->end += sizeof(size) + size;
}

bool outbox_take(struct outbox *o, struct effect *ret)
{
	uint16_t size;

	if (o->first == o->end) {
		if (o->capacity > OUTBOX_KEEP)
			outbox_done(o);
		o->first = o->end = 0;
		return false;
	}
	memcpy(&size, o->bytes + o->first, sizeof(size));
	memcpy(ret, o->bytes + o->first + sizeof(size), size);
	o->first += sizeof(size) + size;
	return true;
}
