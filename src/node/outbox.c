/* SPDX-License-Identifier: Apache-2.0 */
#include "node/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OUTBOX_KEEP 65536 /* bytes of memory that an empty outbox keeps */
#define OUTBOX_RECORD_MAX (2 + EFFECT_BYTES_MAX)

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

void outbox_put(struct outbox *o, const struct effect *e)
{
	size_t length;

	if (!outbox_reserve(o)) {
		o->lost++;
		return;
	}
	length = effect_encode(e, o->bytes + o->end + 2);
	o->bytes[o->end] = (uint8_t)(length >> 8);
	o->bytes[o->end + 1] = (uint8_t)length;
	o->end += 2 + length;
}

bool outbox_take(struct outbox *o, struct effect *ret)
{
	size_t length;
	int r;

	if (o->first == o->end) {
		if (o->capacity > OUTBOX_KEEP)
			outbox_done(o);
		o->first = o->end = 0;
		return false;
	}
	length = (size_t)o->bytes[o->first] << 8 | o->bytes[o->first + 1];
	r = effect_decode(o->bytes + o->first + 2, length, ret);
	assert(r == 0);
	o->first += 2 + length;
	return true;
}
