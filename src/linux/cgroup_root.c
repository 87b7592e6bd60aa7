/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/cgroup_root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

#define MOUNTINFO_MAX ((size_t)1 << 20)

/* In mountinfo a space is \040, and so on: proc(5). */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* `ID PARENT DEVICE ROOT POINT OPTIONS… - TYPE SOURCE OPTIONS`: true for a cgroup2. */
static bool line_read(const char *line, size_t length, char *root, char *point, size_t size)
{
	char copy[2048], *save = NULL, *field;
	bool found = false;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	*root = *point = '\0';
	field = strtok_r(copy, " ", &save);
	for (int i = 0; field && strcmp(field, "-") != 0; i++, field = strtok_r(NULL, " ", &save)) {
		if (i == 3)
			text_copy(root, size, field);
		else if (i == 4)
			text_copy(point, size, field);
	}
	if (field)
		field = strtok_r(NULL, " ", &save);
	found = field && strcmp(field, "cgroup2") == 0 && *point;
	unescape(point);
	return found;
}

void cgroup_root_find(const char *mountinfo, char *path, size_t size)
{
	char root[1024], point[1024];

	*path = '\0';
	while (*mountinfo) {
		size_t length = strcspn(mountinfo, "\n");

		if (line_read(mountinfo, length, root, point, sizeof(point)) &&
		    (strcmp(root, "/") == 0 || !*path))
			text_copy(path, size, point);
		mountinfo += length + (mountinfo[length] == '\n');
	}
}

static char *mountinfo_read(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *text = f ? malloc(MOUNTINFO_MAX) : NULL;
	size_t length;

	if (text) {
		length = fread(text, 1, MOUNTINFO_MAX - 1, f);
		text[length] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

/* A mount of our own, that is nowhere in the tree of files and goes with its descriptor. */
static int root_mount(void)
{
	int mount = -ENODEV, fs = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		mount = -errno;
	close(fs);
	return mount;
}

int cgroup_root_open(void)
{
	char path[1024] = "", *mountinfo = mountinfo_read();
	int fd;

	if (mountinfo)
		cgroup_root_find(mountinfo, path, sizeof(path));
	free(mountinfo);
	fd = *path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return fd >= 0 ? fd : root_mount();
}
