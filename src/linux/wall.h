/* SPDX-License-Identifier: Apache-2.0 */
/* The clock on the wall, which anybody may set at any time. */
#ifndef LINUX_WALL_H
#define LINUX_WALL_H

#include "base/clock.h"

/* What it says at the instant 0 of clock_now(), since 1970. */
struct duration wall_offset(void);

/*
 * A descriptor that becomes readable when the clock is set, or the host has slept; -errno. After
 * that, and before the first time, wall_arm() is to be called.
 */
int wall_open(void);
void wall_arm(int fd);

#endif
