/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a command: options in any order between the others, `--name VALUE` or
 * `--name=VALUE`, and `--` before what only looks like one.
 */
#ifndef VIP_ARGUMENTS_H
#define VIP_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "fields/field.h"
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

/*
 * The options that set the fields of a record: their names, what --help says of them, and the JSON
 * that they become, all from its table. A field that is true unless somebody says otherwise has an
 * option `--no-NAME`; one with two words has `--NAME`, for the second.
 */
#define OPTIONS_FIELDS_MAX 16
#define OPTIONS_HELP_MAX 2048

struct record_options {
	const struct record *record;
	size_t n;
	struct {
		const struct field *field;
		char name[24];
		bool flag;
		const char *value;
	} of[OPTIONS_FIELDS_MAX];
};

/* Fills in `options`, which has room for OPTIONS_FIELDS_MAX more, and moves *count on. */
void options_init(struct record_options *o, const struct record *r, struct option_of *options,
		  size_t *count);

/* Adds what was given to the body of a request. -1, or the exit code of what cannot be meant. */
int options_body(const struct record_options *o, struct vip *v, json_t *body);

/* What --help says of a command: the options of its record, then its own details. */
const char *options_help(const struct command *c, char *buffer);

#define OPTIONS_HELP(c) options_help((c), (char[OPTIONS_HELP_MAX]){ 0 })

#endif
