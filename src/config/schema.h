/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand in a map, as a table: each key with its type, its range and where its value goes.
 * Reading, refusing ("did you mean ...?") and printing all follow from the same table.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/document.h"

#define SCHEMA_KEYS_MAX 24 /* of one map */

enum schema_type {
	SCHEMA_BOOL,	 /* bool */
	SCHEMA_NUMBER,	 /* uint8_t or uint16_t, by `size`; from `min` to `max` */
	SCHEMA_DURATION, /* struct duration; `min` and `max` in milliseconds */
	SCHEMA_WORD,	 /* uint8_t: one of `words`, or of those that `word` knows */
	SCHEMA_TEXT,	 /* char[size] */
	SCHEMA_NAME,  /* char[INTERFACE_NAME_MAX]: a name that the kernel takes for an interface */
	SCHEMA_OTHER, /* `read` and `print` know */
	SCHEMA_NOT_YET, /* a key that later versions have */
};

struct schema_word {
	const char *text;
	uint8_t value;
};

struct schema_key {
	const char *name;
	enum schema_type type;
	size_t offset, size; /* of the field in the object that the map fills */
	int64_t min, max;
	const struct schema_word *words;    /* ends with a NULL text */
	const char *(*word)(uint8_t value); /* in place of `words`: from 0 up, NULL ends them */

	/* OTHER. `first` is the first token of the value. 0 or what document_refuse() returned. */
	int (*read)(struct document *d, const struct token *first, void *object);
	/* OTHER. Writes the value; NULL: it is never written. */
	void (*print)(FILE *to, const void *object);
};

struct schema {
	const char *what; /* a noun phrase for sentences: "a VIP" */
	const struct schema_key *keys;
	size_t count;
};

/*
 * Reads a map whose opening is `first` into `object`. places[i] becomes where the value of keys[i]
 * stands, line 0 when it is not there; `places` has SCHEMA_KEYS_MAX members or is NULL. 0 or an
 * error with its sentence; then the object may be half filled.
 */
int schema_read(struct document *d, const struct token *first, const struct schema *s, void *object,
		struct place *places);

/* Where the value of the key `name` stands; `otherwise` when it does not. */
struct place schema_place(const struct schema *s, const struct place *places, const char *name,
			  struct place otherwise);

/*
 * Writes `{key: value, ...}` with the keys whose values differ from those in `defaults`; of OTHER
 * keys the first `size` bytes at `offset` are compared.
 */
void schema_print(FILE *to, const struct schema *s, const void *object, const void *defaults);

#endif
