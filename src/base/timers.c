/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

void timers_init(struct timers *q)
{
	*q = (struct timers){ 0 };
}

void timers_done(struct timers *q)
{
	free(q->heap);
	timers_init(q);
}

int timers_reserve(struct timers *q, size_t count)
{
	return ARRAY_RESERVE(q->heap, q->capacity, count);
}

static void timers_place(struct timers *q, size_t i, struct timer *t)
{
	q->heap[i - 1] = t;
	t->position = (uint32_t)i;
}

static void timers_sift_up(struct timers *q, size_t i)
{
	struct timer *t = q->heap[i - 1];

	for (; i > 1 && instant_before(t->due, q->heap[i / 2 - 1]->due); i /= 2)
		timers_place(q, i, q->heap[i / 2 - 1]);
	timers_place(q, i, t);
}

static void timers_sift_down(struct timers *q, size_t i)
{
	struct timer *t = q->heap[i - 1];

	for (size_t child; (child = i * 2) <= q->count; i = child) {
		if (child < q->count &&
		    instant_before(q->heap[child]->due, q->heap[child - 1]->due))
			child++;
		if (!instant_before(q->heap[child - 1]->due, t->due))
			break;
		timers_place(q, i, q->heap[child - 1]);
	}
	timers_place(q, i, t);
}

int timer_set(struct timers *q, struct timer *t, struct instant due)
{
	if (!timer_running(t)) {
		int r = timers_reserve(q, q->count + 1);

		if (r < 0)
			return r;
		timers_place(q, ++q->count, t);
	}
	t->due = due;
	timers_sift_up(q, t->position);
	timers_sift_down(q, t->position);
	return 0;
}

void timer_stop(struct timers *q, struct timer *t)
{
	struct timer *last;
	size_t hole = t->position;

	if (!timer_running(t))
		return;
	t->position = 0;
	last = q->heap[--q->count];
	if (last == t)
		return;
	timers_place(q, hole, last);
	timers_sift_up(q, last->position);
	timers_sift_down(q, last->position);
}

struct instant timers_deadline(const struct timers *q)
{
	return q->count ? q->heap[0]->due : INSTANT_NEVER;
}

struct timer *timers_pop(struct timers *q, struct instant now)
{
	struct timer *t;

	if (q->count == 0 || !instant_reached(q->heap[0]->due, now))
		return NULL;
	t = q->heap[0];
	timer_stop(q, t);
	return t;
}
