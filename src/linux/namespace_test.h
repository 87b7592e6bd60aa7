/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that change the kernel: a network namespace of their own, gone when the test ends. */
#ifndef LINUX_NAMESPACE_TEST_H
#define LINUX_NAMESPACE_TEST_H

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* False, with a TAP line that says why, when a test that needs a namespace cannot run here. */
static inline bool namespace_enter(void)
{
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0 && system("ip link set lo up") == 0)
		return true;
	printf("1..0 # SKIP needs root, a network namespace and ip(8)\n");
	return false;
}

#endif
