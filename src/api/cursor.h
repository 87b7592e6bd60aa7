/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the JSON of a request's body (RFC 8259), which latches its first failure: take all
 * that is expected, then look once. No tree is built, so a body of 10,000 VIPs costs no more memory
 * than its bytes, and a hostile one has nothing to fill.
 */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURSOR_DEPTH_MAX 16
#define CURSOR_SENTENCE_MAX 256

struct cursor {
	const char *start, *at, *end; /* the bytes belong to the caller */
	bool failed;
	int error; /* of the failure: -EBADMSG: not JSON at all; -EINVAL: refused */
	char sentence[CURSOR_SENTENCE_MAX];
};

enum cursor_kind {
	CURSOR_NOTHING, /* the end, or what cannot begin a value */
	CURSOR_OBJECT,
	CURSOR_ARRAY,
	CURSOR_STRING,
	CURSOR_NUMBER,
	CURSOR_BOOL,
	CURSOR_NULL,
};

void cursor_init(struct cursor *c, const char *bytes, size_t length);

/* Latches a failure with a sentence; a later one changes nothing. Always returns false. */
bool cursor_refuse(struct cursor *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of which kind the next value is, without taking it. */
enum cursor_kind cursor_peek(struct cursor *c);

/* A noun phrase for a kind: "a string". */
const char *cursor_kind_name(enum cursor_kind kind);

/*
 * Walks an object or an array:
 *
 *	for (cursor_enter(c, '{'); cursor_member(c, '}', key, sizeof(key));)
 *		take the value
 *
 * cursor_member() takes the comma and, of an object, the key and its colon; false at the end or on
 * a failure. `key` is NULL for arrays. A key that does not fit is cut, and is then no key of ours.
 */
void cursor_enter(struct cursor *c, char bracket);
bool cursor_member(struct cursor *c, char bracket, char *key, size_t size);

/* Takes a string, decoded, without NUL. False when it is none, or is longer than fits. */
bool cursor_string(struct cursor *c, char *ret, size_t size);

/* Takes a number that must be whole and not negative. */
bool cursor_number(struct cursor *c, int64_t *ret);
bool cursor_bool(struct cursor *c, bool *ret);

/* Takes any one value and forgets it; what it takes is well-formed in its brackets and strings. */
void cursor_skip(struct cursor *c);

/* Nothing but white space may be left. */
void cursor_finish(struct cursor *c);

#endif
