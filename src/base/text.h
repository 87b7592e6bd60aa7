/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people, in buffers of a fixed size: what does not fit is cut and the cut is remembered,
 * never overrun. Used for sentences (reasons, refusals) and names.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *at;
	size_t size, length;
	bool cut;
};

/* Starts an empty text in `buffer`, which always stays terminated; `size` is at least 1. */
void text_init(struct text *t, char *buffer, size_t size);

void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds bytes from outside: what is not printable ASCII becomes a question mark. */
void text_add_printable(struct text *t, const void *bytes, size_t length);

/* Copies `from` into the array of `size` bytes, cut where it does not fit, always terminated. */
void text_copy(char *to, size_t size, const char *from);

/* Writes the sentence that says why something is refused; always gives -EINVAL, for a return. */
int text_refuse(char *sentence, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What a table of `count` names says of a value; "?" for a value that it does not have. For every
 * table whose index comes from somewhere else: another process, a file, a row.
 */
const char *text_name(const char *const *names, size_t count, size_t value);

#define TEXT_NAME(names, value) text_name(names, sizeof(names) / sizeof((names)[0]), value)

/* How many single-letter edits lie between two words, at most `limit` + 1: for "did you mean". */
size_t text_distance(const char *a, const char *b, size_t limit);

/*
 * Which of the `count` words is the nearest to a mistyped one; NULL when none is near enough to be
 * worth a question.
 */
const char *text_nearest(const char *word, const char *const *words, size_t count);

#endif
