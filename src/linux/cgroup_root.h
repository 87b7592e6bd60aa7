/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of the control groups (cgroup2), wherever it is mounted and also where it is not: `ip
 * netns exec` puts a new /sys over the one that had it.
 */
#ifndef LINUX_CGROUP_ROOT_H
#define LINUX_CGROUP_ROOT_H

#include <stddef.h>

/*
 * Returns a descriptor of the root folder that this process can see, or -errno; -ENODEV when the
 * kernel has no cgroup2. In a container it is the container's own.
 */
int cgroup_root_open(void);

/*
 * Finds the mount point in the text of /proc/PID/mountinfo; "" when there is none. Beside a mount
 * of a part of the tree, a mount of all of it is taken.
 */
void cgroup_root_find(const char *mountinfo, char *path, size_t size);

#endif
