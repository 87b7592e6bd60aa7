/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML document as a flat row of tokens, each with its place, in the strict subset that the
 * configuration allows: one document, no anchors, aliases, tags or directives, not too deep and not
 * too long. What a scalar means is not decided here: every scalar is text until a table gives it
 * a type, so a `no` is never a surprise.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields/value.h"

#define DOCUMENT_DEPTH_MAX 8	   /* lists and maps inside each other */
#define DOCUMENT_NODES_MAX 2000000 /* enough for 65,536 VIPs with every key written out */

#define PLACE_QUOTE_MAX 256

/* Line and column, both counted from 1; line 0 is nowhere. */
struct place {
	uint32_t line, column;
	const char *file; /* as document_open() was told; NULL: the one that is being read */
};

enum token_kind {
	TOKEN_SCALAR,
	TOKEN_LIST,
	TOKEN_LIST_END,
	TOKEN_MAP,
	TOKEN_MAP_END,
	TOKEN_END, /* of the document; an empty one has nothing else */
};

struct token {
	enum token_kind kind;
	struct place place;
	const char *text; /* scalars: terminated, without NUL; until the next document_next() */
};

struct document;

/*
 * Starts on `length` bytes, which must stay until document_close(). `name` stands in front of
 * every refusal and in every place, and must stay as long as they do; the first one is written into
 * `error`. 0 or -ENOMEM.
 */
int document_open(const char *name, const void *bytes, size_t length, char *error, size_t size,
		  struct document **ret);
void document_close(struct document *d);

/* The next token. 0; -EINVAL when the text is not the YAML that is wanted here, with a sentence. */
int document_next(struct document *d, struct token *ret);

/* Writes "FILE:LINE:COLUMN: sentence" and returns -EINVAL, to be handed up. */
int document_refuse(struct document *d, struct place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Where something was given before, in a sentence about the place `again`: "line 3", or
 * "FILE:3:5" when that is another file.
 */
const char *place_quote(struct place before, struct place again, char *buffer);

#define PLACE_QUOTE(before, again) place_quote((before), (again), (char[PLACE_QUOTE_MAX]){ 0 })

/*
 * A token as it may be shown in a sentence: 'text', cut and with control characters replaced, "a
 * list", "a map".
 */
const char *token_quote(const struct token *t, char *buffer);

#define TOKEN_QUOTE(t) token_quote((t), (char[VALUE_QUOTE_MAX]){ 0 })

#endif
