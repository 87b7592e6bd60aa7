/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers are named slots in their owner; a queue orders all timers of an instance by their due time
 * (a binary heap, so ten thousand of them cost nothing while they wait). There are no callbacks:
 * the instance asks for the deadline, and when it has come takes the due timers one by one and
 * switches over the slot's name:
 *
 *	while ((t = timers_pop(&rip->timers, now)))
 *		switch (t->slot) {
 *		case RIP_TIMER_TIMEOUT: neighbor_expire(container_of(t, struct rip_neighbor,
 * timeout));
 *
 * A timer belongs to the struct it stands in; stop it before that struct goes.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct timer {
	struct instant due;
	uint32_t position; /* in the heap, counted from 1; 0: not running */
	uint16_t slot;	   /* the owner's name for it */
};

struct timers {
	struct timer **heap;
	size_t count, capacity;
};

void timers_init(struct timers *q);
void timers_done(struct timers *q);

static inline void timer_init(struct timer *t, uint16_t slot)
{
	*t = (struct timer){ .slot = slot };
}

static inline bool timer_running(const struct timer *t)
{
	return t->position != 0;
}

/*
 * Makes room for `count` timers at once, so that later timer_set calls cannot fail. 0 or -ENOMEM.
 */
int timers_reserve(struct timers *q, size_t count);

/* Starts the timer or moves it to another due time. 0 or -ENOMEM (only when it was not running). */
int timer_set(struct timers *q, struct timer *t, struct instant due);

/* Does nothing when the timer does not run. */
void timer_stop(struct timers *q, struct timer *t);

/* When the next timer is due; INSTANT_NEVER when none runs. */
struct instant timers_deadline(const struct timers *q);

/* Takes out a timer whose time has come, the earliest first; NULL when there is none. */
struct timer *timers_pop(struct timers *q, struct instant now);

#endif
