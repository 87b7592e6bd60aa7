/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/wall.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "linux/clock.h"

/* The kernel counts nanoseconds in 63 bits: the year 2262 is the last. */
#define WALL_NEVER_S (INT64_MAX / 1000000000)

struct duration wall_offset(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (struct duration){ (int64_t)t.tv_sec * 1000000000 + t.tv_nsec - clock_now().ns };
}

int wall_open(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void wall_arm(int fd)
{
	/*
	 * Far away, whatever the clock says: it is never reached, but that the clock is set cancels
	 * it. A time that had come would be reached at once, and again as soon as it is armed.
	 */
	const struct itimerspec never = { .it_value.tv_sec = WALL_NEVER_S };
	uint64_t times;

	(void)!read(fd, &times, sizeof(times));
	(void)timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}
