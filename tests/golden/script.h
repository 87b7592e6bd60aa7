/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts in virtual time, and what happens in them: a line is a command, and what comes of it
 * stands behind it, indented. Who has a language of such commands gives it to scripts_run().
 */
#ifndef TESTS_GOLDEN_SCRIPT_H
#define TESTS_GOLDEN_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "net/prefix.h"

#define SCRIPT_LINE_MAX 4096
#define SCRIPT_WORDS_MAX 128

struct script {
	struct instant start, now;
	FILE *out;	   /* what happens, as the script would have it */
	const char *error; /* what is wrong with the script */
};

/* The words of a command; each is taken with word(), or looked up by its key. */
struct words {
	char *at[SCRIPT_WORDS_MAX];
	size_t count, next;
};

const char *word(struct words *w);
const char *value(const struct words *w, const char *key); /* of KEY=VALUE; NULL: not there */
bool flag(const struct words *w, const char *name);
unsigned number(const struct words *w, const char *key, unsigned otherwise);

double script_seconds(const struct script *s);
struct duration script_duration(struct script *s, const char *text);
struct prefix script_prefix(struct script *s, const char *text);

struct script_command {
	const char *name; /* NULL ends them */
	void (*run)(struct script *s, struct words *w);
};

struct script_language {
	const char *name; /* of the program */
	const struct script_command *commands;
	struct script *(*begin)(const char *path, FILE *out); /* NULL: it cannot begin */
	void (*drain)(struct script *s);		      /* after each command */
	void (*end)(struct script *s);			      /* frees it */
};

/*
 * All scripts of a folder, in TAP: NAME FOLDER compares, NAME --rewrite FOLDER writes what happens
 * now into the scripts. The status to exit with.
 */
int scripts_run(const struct script_language *l, int argc, char **argv);

#endif
