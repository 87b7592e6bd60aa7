/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/ncf_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Scripts have a page or two; what is longer is something else. */
#define NCF_BYTES_MAX ((size_t)64 * 1024)

enum vip_exit ncf_file_read(const char *path, char **ret, size_t *ret_length, char *sentence,
			    size_t size)
{
	const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *bytes = from ? malloc(NCF_BYTES_MAX + 1) : NULL;
	size_t length = 0;
	int r = 0;

	if (bytes)
		length = fread(bytes, 1, NCF_BYTES_MAX + 1, from);
	if (!bytes || ferror(from))
		r = text_refuse(sentence, size, "%s cannot be read: %s", name, strerror(errno));
	else if (length > NCF_BYTES_MAX)
		r = text_refuse(sentence, size, "%s is longer than %zu bytes, which no script is",
				name, NCF_BYTES_MAX);
	else if (memchr(bytes, '\0', length))
		r = text_refuse(sentence, size, "%s is not text: there is a NUL byte in it", name);
	if (from && from != stdin)
		fclose(from);
	if (r < 0) {
		free(bytes);
		return VIP_REFUSED;
	}
	*ret = bytes;
	*ret_length = length;
	return VIP_DONE;
}

/* Takes `each` for *found when it fits better. */
static void beside_take(const char *name, const char *each, char **found)
{
	char *taken;

	if (strcasecmp(each, name) != 0 || (*found && strcmp(*found, name) == 0) ||
	    (*found && strcmp(each, name) != 0 && strcmp(each, *found) > 0))
		return;
	taken = strdup(each);
	if (!taken)
		return;
	free(*found);
	*found = taken;
}

char *ncf_file_beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	int before = slash ? (int)(slash + 1 - path) : 0;
	char *folder = NULL, *found = NULL, *beside = NULL;
	const struct dirent *entry;
	DIR *dir;

	if (strcmp(path, "-") == 0 || asprintf(&folder, "%.*s.", before, path) < 0)
		return NULL;
	dir = opendir(folder);
	free(folder);
	while (dir && (entry = readdir(dir)) != NULL)
		beside_take(name, entry->d_name, &found);
	if (dir)
		closedir(dir);
	if (found && asprintf(&beside, "%.*s%s", before, path, found) < 0)
		beside = NULL;
	free(found);
	return beside;
}
