/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/group.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/launch.h"

#define GETENT "/usr/bin/getent"

/* The third word of NAME:PASSWORD:NUMBER:MEMBERS. */
static int number_read(const char *line, gid_t *ret)
{
	const char *colon = strchr(line, ':');
	unsigned long number;
	char *end;

	colon = colon ? strchr(colon + 1, ':') : NULL;
	if (!colon)
		return -ENOENT;
	number = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end != ':' || number >= UINT_MAX)
		return -EINVAL;
	*ret = (gid_t)number;
	return 0;
}

int group_find(const char *name, gid_t *ret)
{
	char *const words[] = { "getent", "group", (char *)name, NULL };
	char line[512];
	int ends[2], error;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	error = launch_spawn(GETENT, words, ends[1], &pid);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	n = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	(void)waitpid(pid, NULL, 0);
	line[n > 0 ? n : 0] = '\0';
	return number_read(line, ret);
}
