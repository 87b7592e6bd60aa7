/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

void program_folder(const char *name, char *folder, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);
	char *slash, path[PATH_MAX];

	folder[length > 0 ? length : 0] = '\0';
	slash = strrchr(folder, '/');
	if (slash) {
		*slash = '\0';
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path) &&
		    access(path, X_OK) == 0)
			return;
	}
	text_copy(folder, size, VIPD_PROGRAMS_DIR);
}
