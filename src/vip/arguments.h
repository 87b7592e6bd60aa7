/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a command: options in any order between the others, `--name VALUE` or
 * `--name=VALUE`, and `--` before what only looks like one. Which options there are, and which of
 * them have a value, is read from the help of the command.
 */
#ifndef VIP_ARGUMENTS_H
#define VIP_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "fields/field.h"
#include "vip/vip.h"

/*
 * Takes the options out of argv and moves what is left to its front; *argc becomes how many there
 * are. The options are those that the help of the command names, and --json, --socket and --help.
 * -1: go on; else the exit code to end with: after --help, or after a mistake, of which it has been
 * told.
 */
int arguments_take(struct vip *v, int *argc, char **argv);

/* Whether an option was given, and the value of the last one of the name; NULL when it was not. */
bool option_given(const struct vip *v, const char *name);
const char *option_value(const struct vip *v, const char *name);

/* Adds the options that set fields to a request. -1, or the exit code of what cannot be meant. */
int options_body(struct vip *v, json_t *body);

/* "90", "90s", "5m" or "2h" in seconds, up to `max`; -1 for anything else. */
long arguments_seconds(const char *text, long max);

/*
 * What --help says of a command, in a buffer of VIP_HELP_MAX bytes: the options that set the fields
 * of its record, then its own details. A field that is true unless somebody says otherwise has an
 * option `--no-NAME`; one with two words has `--NAME`, for the second.
 */
const char *options_help(const struct command *c, char *buffer);

/* An option as a help describes it: `  --metric N      announce with this metric`. */
struct option_text {
	struct piece name;
	struct piece value; /* what it is called; empty: the option takes none */
	struct piece description;
};

/* The help of the options that all commands have. */
extern const char common_options[];

/* The next option that a text describes, and moves behind it; false when there is none. */
bool option_next(const char **text, struct option_text *ret);

/* The option of a command with that help, or one that all have, by its name. */
bool option_find(const char *help, struct piece name, struct option_text *ret);

bool piece_is(struct piece p, const char *text);

/* The next word of a text, which ends before one of the `ends`; false when there is none. */
bool piece_next(struct piece *rest, const char *ends, struct piece *ret);

#endif
