/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINUX_GROUP_H
#define LINUX_GROUP_H

#include <sys/types.h>

/*
 * The number of a group, by its name. Another process asks the group database for it (getent(1)):
 * what is loaded for that is as large as all of vipd, and a stranger's. Not to be called in a loop
 * that must not wait: the database may be on another host. 0, -ENOENT when there is no such group,
 * or another -errno.
 */
int group_find(const char *name, gid_t *ret);

#endif
