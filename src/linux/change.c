/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/change.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/arp_table.h"
#include "linux/echo_table.h"
#include "linux/message.h"

#define CAPACITY_FIRST 64

/* An empty queue above this capacity gives its memory back. */
#define CAPACITY_KEEP 1024

void change_queue_done(struct change_queue *q)
{
	free(q->changes);
	*q = (struct change_queue){ 0 };
}

static int queue_grow(struct change_queue *q)
{
	size_t capacity = q->capacity ? q->capacity * 2 : CAPACITY_FIRST;
	struct change *changes = calloc(capacity, sizeof(*changes));

	if (!changes)
		return -ENOMEM;
	for (size_t i = 0; i < q->count; i++)
		changes[i] = *change_queue_at(q, i);
	free(q->changes);
	q->changes = changes;
	q->capacity = capacity;
	q->head = 0;
	return 0;
}

int change_queue_push(struct change_queue *q, const struct effect *e)
{
	struct change *c;

	if (q->count == q->capacity) {
		int error = queue_grow(q);

		if (error)
			return error;
	}
	c = &q->changes[(q->head + q->count) & (q->capacity - 1)];
	memset(c, 0, sizeof(*c));
	c->kind = e->kind;
	c->id = e->id;
	if (e->kind == EFFECT_OBJECT_ADD || e->kind == EFFECT_OBJECT_REMOVE) {
		c->object = e->object;
	} else if (e->kind != EFFECT_RESYNC) {
		memcpy(c->board.name, e->board.name, sizeof(c->board.name));
		c->board.index = e->board.index;
	}
	q->count++;
	return 0;
}

const struct change *change_queue_at(const struct change_queue *q, size_t position)
{
	if (position >= q->count)
		return NULL;
	return &q->changes[(q->head + position) & (q->capacity - 1)];
}

struct change change_queue_pop(struct change_queue *q)
{
	struct change c;

	assert(q->count > 0);
	c = q->changes[q->head];
	q->head = (q->head + 1) & (q->capacity - 1);
	q->count--;
	if (!q->count && q->capacity > CAPACITY_KEEP)
		change_queue_done(q);
	return c;
}

bool change_is_message(const struct change *c)
{
	return c->kind != EFFECT_BOARD_ADD && c->kind != EFFECT_RESYNC && !arp_table_makes(c) &&
	       !echo_table_makes(c);
}

void change_message(const struct change *c, struct nlmsghdr *h)
{
	switch (c->kind) {
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		message_object(h, c->kind == EFFECT_OBJECT_ADD, &c->object);
		break;
	case EFFECT_BOARD_UP:
		message_link_up(h, c->board.index);
		break;
	default:
		assert(c->kind == EFFECT_BOARD_REMOVE);
		message_link_remove(h, c->board.index);
		break;
	}
}

int change_outcome(const struct change *c, int error)
{
	switch (c->kind) {
	case EFFECT_OBJECT_ADD:
		/* Where somebody else's route is, ours is not. */
		return error == -EEXIST && c->object.kind != OBJECT_LEARNED ? 0 : error;
	case EFFECT_OBJECT_REMOVE:
		/* What was on an interface went with it. */
		if (error == -ENOENT || error == -ESRCH || error == -EADDRNOTAVAIL ||
		    error == -ENODEV)
			return 0;
		return error;
	case EFFECT_BOARD_REMOVE:
		return error == -ENODEV ? 0 : error;
	default:
		return error;
	}
}
