/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed time. An instant is a point on the monotonic clock of the world that hosts the node
 * (CLOCK_BOOTTIME's cousin CLOCK_MONOTONIC on Linux, the virtual clock in the simulator); a
 * duration is a distance between two. Both count nanoseconds, and being structs they cannot be
 * mixed up with each other or with a plain number. Nothing here reads a clock: the worlds do that.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
	int64_t ns;
};

struct duration {
	int64_t ns;
};

/*
 * Later than every instant that a clock will show: the deadline of somebody who waits for nothing.
 */
#define INSTANT_NEVER ((struct instant){ INT64_MAX })

#define DURATION_MS(ms) ((struct duration){ (int64_t)(ms)*1000000 })
#define DURATION_S(s) ((struct duration){ (int64_t)(s)*1000000000 })

static inline struct instant instant_add(struct instant at, struct duration by)
{
	int64_t sum;

	if (__builtin_add_overflow(at.ns, by.ns, &sum))
		return INSTANT_NEVER;
	return (struct instant){ sum };
}

/* The duration from `from` to `to`; negative when `to` is earlier. As long as one can be. */
static inline struct duration instant_since(struct instant to, struct instant from)
{
	int64_t difference;

	if (__builtin_sub_overflow(to.ns, from.ns, &difference))
		difference = to.ns < from.ns ? INT64_MIN : INT64_MAX;
	return (struct duration){ difference };
}

static inline bool instant_before(struct instant a, struct instant b)
{
	return a.ns < b.ns;
}

/* True once `due` has come. */
static inline bool instant_reached(struct instant due, struct instant now)
{
	return due.ns <= now.ns;
}

static inline struct instant instant_min(struct instant a, struct instant b)
{
	return a.ns < b.ns ? a : b;
}

static inline struct instant instant_max(struct instant a, struct instant b)
{
	return a.ns > b.ns ? a : b;
}

static inline bool instant_is_never(struct instant at)
{
	return at.ns == INT64_MAX;
}

static inline int64_t duration_ms(struct duration d)
{
	return d.ns / 1000000;
}

#endif
