/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of the daemon where a clock is read. */
#ifndef LINUX_CLOCK_H
#define LINUX_CLOCK_H

#include <time.h>

#include "base/clock.h"

/* CLOCK_MONOTONIC, which never goes back and which libuv uses too. */
static inline struct instant clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct instant){ (int64_t)t.tv_sec * 1000000000 + t.tv_nsec };
}

#endif
