/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A printer of JSON (RFC 8259) into a text that grows: no tree is built. Commas come by themselves;
 * who opens closes. A lack of memory latches: all that follows does nothing, and `failed` says so.
 */
#ifndef API_JSON_H
#define API_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/address.h"

struct json {
	char *at; /* owned; not terminated */
	size_t length, capacity;
	bool comma; /* the next member needs one in front */
	bool failed;
};

void json_init(struct json *j);
void json_done(struct json *j);

/* Forgets what was printed and keeps the place inside the document: for text that has been sent. */
void json_drain(struct json *j);

/* Bytes as they are, for text that is not JSON. */
void json_raw(struct json *j, const char *text, size_t length);
void json_format(struct json *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `key` is NULL for a member of an array. `bracket` is { or [, and } or ]. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);

/*
 * Control characters are escaped; bytes that are not UTF-8 become U+FFFD. NULL, which stands for
 * what has no name, becomes null.
 */
void json_string(struct json *j, const char *key, const char *value);
/* An address; null when it is not set. */
void json_address(struct json *j, const char *key, const struct address *a);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* In seconds, with three decimals; json_decimal() the number alone. */
void json_decimal(struct json *j, struct duration d);
void json_seconds(struct json *j, const char *key, struct duration d);

/* Nanoseconds since 1970 as "2026-01-01T12:00:00.123Z". */
void json_time(struct json *j, const char *key, int64_t wall_ns);

#endif
