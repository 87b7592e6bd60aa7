/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a command: options in any order between the others, `--name VALUE` or
 * `--name=VALUE`, and `--` before what only looks like one.
 */
#ifndef VIP_ARGUMENTS_H
#define VIP_ARGUMENTS_H

#include <stdbool.h>

#include "vip/vip.h"

/* An option is a flag or has a value; the other pointer is NULL. */
struct option_of {
	const char *name; /* "--metric", or "-f" */
	bool *flag;
	const char **value;
};

/*
 * Takes the options out of argv and moves what is left to its front; *argc becomes how many there
 * are.
 * --json, --socket and --help are known to every command. -1: go on; else the exit code to end
 * with: after --help, or after a mistake, of which it has been told.
 */
int arguments_take(struct vip *v, const struct option_of *options, size_t count, int *argc,
		   char **argv);

/* "90", "90s", "5m" or "2h" in seconds, up to `max`; -1 for anything else. */
long arguments_seconds(const char *text, long max);

/* For commands without options: the number of arguments must lie between two numbers. */
int arguments_take_plain(struct vip *v, int *argc, char **argv, int low, int high);

#endif
