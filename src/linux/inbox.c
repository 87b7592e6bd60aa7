/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/inbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

#define CAPACITY_KEPT 16

void inbox_done(struct inbox *b)
{
	free(b->inputs);
	*b = (struct inbox){ 0 };
}

int inbox_push(struct inbox *b, const struct input *in)
{
	if (ARRAY_RESERVE(b->inputs, b->capacity, b->tail + 1) < 0)
		return -ENOMEM;
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
		if (b->capacity > CAPACITY_KEPT)
			inbox_done(b);
	}
	return true;
}
