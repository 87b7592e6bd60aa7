/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map of YAML by the table of a record: reading, refusing ("did you mean ...?") and printing all
 * follow from the same rows (fields/README.md).
 */
#ifndef CONFIG_MAP_H
#define CONFIG_MAP_H

#include <stddef.h>
#include <stdio.h>

#include "config/document.h"
#include "fields/field.h"

#define MAP_PLACES_MAX 96 /* that are remembered of one object; of more, the first */
#define MAP_KEYS_MAX 32	  /* of one map */

/* Where the values of an object stand in a file, by their offset in the object. */
struct places {
	const char *file;
	uint32_t n;
	struct {
		uint32_t offset, line, column;
	} of[MAP_PLACES_MAX];
};

/* Where the value of a member stands; `otherwise` when it does not. */
struct place places_of(const struct places *p, size_t offset, struct place otherwise);

/*
 * Reads a record whose first token is `first` into `object`, which has its defaults: a map, or what
 * the record may have in the place of one. `places` may be NULL. 0 or an error with its sentence;
 * then the object may be half filled.
 */
int map_read(struct document *d, const struct token *first, const struct record *r, void *object,
	     struct places *places);

/* Refuses a key that is none of the `n` names. */
int map_refuse_key(struct document *d, const struct token *t, const char *what,
		   const char *const *names, size_t n);

/* Writes it as map_read() takes it: `{key: value, ...}` with what differs from the defaults. */
void map_print(FILE *to, const struct record *r, const void *object, const void *defaults);

/* Writes text as a YAML scalar that reads back as the same text, in quotes where they are needed.
 */
void map_print_text(FILE *to, const char *text);

#endif
