/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 16

void slots_done(struct slots *s)
{
	free(s->all);
	*s = (struct slots){ 0 };
}

/* A place that is free on the way of the hash: at most two thirds of all are taken. */
static void slots_put(struct slots *s, uint32_t hash, uint32_t number)
{
	size_t at = hash & (s->size - 1);

	while (s->all[at].number)
		at = (at + 1) & (s->size - 1);
	s->all[at] = (struct slot_number){ hash, number };
	s->count++;
}

static size_t size_for(size_t count)
{
	size_t size = SLOTS_MIN;

	while (size / 3 * 2 < count)
		size *= 2;
	return size;
}

int slots_clear(struct slots *s, size_t count)
{
	size_t size = size_for(count);

	if (size > s->size || size < s->size / 4) {
		struct slot_number *all = calloc(size, sizeof(*all));

		if (!all)
			return -ENOMEM;
		free(s->all);
		*s = (struct slots){ .all = all, .size = size };
		return 0;
	}
	memset(s->all, 0, s->size * sizeof(*s->all));
	s->count = 0;
	return 0;
}

static uint32_t slots_look(const struct slots *s, uint32_t hash, size_t *at)
{
	for (; s->size && s->all[*at].number; *at = (*at + 1) & (s->size - 1))
		if (s->all[*at].hash == hash)
			return s->all[*at].number - 1;
	return SLOTS_NONE;
}

uint32_t slots_first(const struct slots *s, uint32_t hash, size_t *at)
{
	*at = s->size ? hash & (s->size - 1) : 0;
	return slots_look(s, hash, at);
}

uint32_t slots_next(const struct slots *s, uint32_t hash, size_t *at)
{
	*at = (*at + 1) & (s->size - 1);
	return slots_look(s, hash, at);
}

int slots_add(struct slots *s, uint32_t hash, uint32_t number)
{
	if (size_for(s->count + 1) > s->size) {
		struct slots grown = { .size = size_for(s->count + 1) };

		grown.all = calloc(grown.size, sizeof(*grown.all));
		if (!grown.all)
			return -ENOMEM;
		for (size_t i = 0; i < s->size; i++)
			if (s->all[i].number)
				slots_put(&grown, s->all[i].hash, s->all[i].number);
		free(s->all);
		*s = grown;
	}
	slots_put(s, hash, number + 1);
	return 0;
}
