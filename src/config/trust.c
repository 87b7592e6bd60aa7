/* SPDX-License-Identifier: Apache-2.0 */
#include "config/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is wrong with the owner and the mode, and what mends it; NULL: nothing. */
static const char *trust_flaw(const struct stat *st, int *ret_error)
{
	bool shared = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);

	*ret_error = -EPERM;
	if (!shared && st->st_mode & S_IWOTH)
		return "may be written by everybody: chmod go-w";
	if (!shared && st->st_mode & S_IWGRP)
		return "may be written by its group: chmod g-w";
	*ret_error = -EACCES;
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs neither to root nor to the user of vipd: chown root";
	return NULL;
}

int trust_file(const char *path, const struct stat *st, char *sentence, size_t size)
{
	int error;
	const char *flaw = trust_flaw(st, &error);

	if (!flaw)
		return 0;
	snprintf(sentence, size, "%s %s", path, flaw);
	return error;
}

int trust_folders(const char *path, char *sentence, size_t size)
{
	char folder[PATH_MAX], *slash;
	struct stat st;

	if (!realpath(path, folder))
		return -errno;
	while ((slash = strrchr(folder, '/')) != NULL) {
		const char *flaw;
		int error;

		/* In the end that of the root, which has no name in front of its slash. */
		slash[slash == folder] = '\0';
		if (stat(folder, &st) < 0)
			return -errno;
		flaw = trust_flaw(&st, &error);
		if (flaw) {
			snprintf(sentence, size, "the folder %s, which leads to %s, %s", folder,
				 path, flaw);
			return error;
		}
		if (slash == folder)
			break;
	}
	return 0;
}
