/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs every file of the folders that are named (or the files that are named) through a fuzz
 * target.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)

/*
 * The bytes end where the allocation ends, so that a tool that watches memory sees a read behind
 * them.
 */
static int replay_file(const char *path)
{
	uint8_t *buffer = malloc(FILE_BYTES_MAX), *exact = NULL;
	FILE *from = fopen(path, "rb");
	size_t length = 0;
	int r = -1;

	if (from && buffer) {
		length = fread(buffer, 1, FILE_BYTES_MAX, from);
		exact = malloc(length ? length : 1);
	}
	if (exact && !ferror(from)) {
		memcpy(exact, buffer, length);
		LLVMFuzzerTestOneInput(exact, length);
		r = 0;
	}
	if (r < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	if (from)
		fclose(from);
	free(exact);
	free(buffer);
	return r;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/*
 * In the order of the names, so that a failure is the same everywhere. The count of files; -1:
 * failed.
 */
static int replay_folder(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_shown, alphasort), failed = 0;

	if (count < 0)
		return errno == ENOTDIR ? (replay_file(path) < 0 ? -1 : 1) : -1;
	for (int i = 0; i < count; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		failed |= replay_file(file) < 0;
		free(entries[i]);
	}
	free(entries);
	return failed ? -1 : count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = replay_folder(argv[i]);

		if (count <= 0) {
			fprintf(stderr, "%s: nothing could be read there\n", argv[i]);
			return 1;
		}
		total += count;
	}
	printf("%d files\n", total);
	return total == 0;
}
