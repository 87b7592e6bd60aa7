/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-replay: runs a trace of `vipd --record` again.
 *
 *	vipd-replay FILE		whether the node still does what it did; exits 1 when it
 * does not vipd-replay --print FILE	the same, with a line for each input (>) and each effect (<)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"

/* The whole file in memory; NULL with errno set. */
static uint8_t *file_read(FILE *from, size_t *ret_length)
{
	size_t capacity = (size_t)1 << 20, length = 0;
	uint8_t *bytes = malloc(capacity);

	while (bytes) {
		uint8_t *more;

		length += fread(bytes + length, 1, capacity - length, from);
		if (length < capacity)
			break;
		more = realloc(bytes, capacity *= 2);
		if (!more)
			free(bytes);
		bytes = more;
	}
	if (bytes && ferror(from)) {
		free(bytes);
		return NULL;
	}
	*ret_length = length;
	return bytes;
}

static int report(const char *path, enum replay_outcome outcome, const struct replay_result *r)
{
	switch (outcome) {
	case REPLAY_SAME:
		printf("%llu inputs, %llu effects: %s\n", (unsigned long long)r->inputs,
		       (unsigned long long)r->effects,
		       r->only_inputs ? "none was recorded to compare them with" : "the same");
		if (r->unknown + r->losses.unknown + r->losses.refused > 0)
			printf("another version has recorded it: %llu records, %u fields and %u "
			       "values are not known here\n",
			       (unsigned long long)r->unknown, r->losses.unknown,
			       r->losses.refused);
		if (r->cut > 0)
			printf("the last record is cut: %zu bytes of it are left out\n", r->cut);
		return 0;
	case REPLAY_DIFFERENT:
		printf("%llu inputs, %llu effects were the same; the next record, at byte %zu, is "
		       "not\n",
		       (unsigned long long)r->inputs, (unsigned long long)r->effects, r->at);
		return 1;
	case REPLAY_MALFORMED:
		fprintf(stderr,
			"vipd-replay: %s: no trace of this version, or damaged at byte %zu\n", path,
			r->at);
		return 1;
	default:
		fprintf(stderr, "vipd-replay: out of memory\n");
		return 1;
	}
}

int main(int argc, char **argv)
{
	bool print = argc == 3 && strcmp(argv[1], "--print") == 0;
	struct replay_result result;
	const char *path;
	uint8_t *bytes;
	size_t length;
	FILE *from;
	int status;

	if (argc != 2 + print || (argv[1][0] == '-' && !print)) {
		fprintf(stderr, "usage: vipd-replay [--print] FILE\n");
		return 2;
	}
	path = argv[argc - 1];
	from = fopen(path, "rb");
	bytes = from ? file_read(from, &length) : NULL;
	if (!bytes) {
		fprintf(stderr, "vipd-replay: %s: %s\n", path, strerror(errno));
		if (from)
			fclose(from);
		return 1;
	}
	fclose(from);
	status = report(path, replay_run(bytes, length, print, stdout, &result), &result);
	free(bytes);
	return status;
}
