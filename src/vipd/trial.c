/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/trial.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "before.yaml"

static int path_make(const char *directory, const char *name, char *ret)
{
	int n = snprintf(ret, PATH_MAX, "%s/%s", directory, name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int write_down(const char *path, const struct config *before)
{
	FILE *to = fopen(path, "we");
	int error;

	if (!to)
		return -errno;
	error = config_print(before, to);
	if (!error && fsync(fileno(to)) < 0)
		error = -errno;
	if (fclose(to) != 0 && !error)
		error = -errno;
	return error;
}

int trial_keep(const char *directory, const struct config *before)
{
	char path[PATH_MAX], next[PATH_MAX];
	int error = path_make(directory, NAME, path);

	if (!error)
		error = path_make(directory, NAME ".new", next);
	if (!error)
		error = write_down(next, before);
	if (!error && rename(next, path) < 0)
		error = -errno;
	return error;
}

void trial_forget(const char *directory)
{
	char path[PATH_MAX];

	if (path_make(directory, NAME, path) == 0)
		unlink(path);
}

int trial_recall(const char *directory, struct config **ret, char *error, size_t error_size)
{
	char path[PATH_MAX];
	int r = path_make(directory, NAME, path);

	if (r == 0 && access(path, F_OK) < 0)
		r = -errno;
	if (r < 0) {
		snprintf(error, error_size, "%s: %s", directory, strerror(-r));
		return r;
	}
	return config_read_one(path, ret, error, error_size);
}
