/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/inbox.h"

#include <errno.h>
#include <stdlib.h>

#define CAPACITY_FIRST 16

void inbox_done(struct inbox *b)
{
	free(b->inputs);
	*b = (struct inbox){ 0 };
}

int inbox_push(struct inbox *b, const struct input *in)
{
	size_t capacity = b->capacity ? b->capacity * 2 : CAPACITY_FIRST;
	struct input *inputs;

	if (b->tail == b->capacity) {
		inputs = reallocarray(b->inputs, capacity, sizeof(*inputs));
		if (!inputs)
			return -ENOMEM;
		b->inputs = inputs;
		b->capacity = capacity;
	}
	b->inputs[b->tail++] = *in;
	return 0;
}

bool inbox_pop(struct inbox *b, struct input *ret)
{
	if (b->head == b->tail)
		return false;
	*ret = b->inputs[b->head++];
	if (b->head == b->tail) {
		b->head = b->tail = 0;
		/* It is rarely needed and rarely small. */
		if (b->capacity > CAPACITY_FIRST)
			inbox_done(b);
	}
	return true;
}
