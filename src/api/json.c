/* SPDX-License-Identifier: Apache-2.0 */
#include "api/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

void json_init(struct json *j)
{
	*j = (struct json){ 0 };
}

void json_done(struct json *j)
{
	free(j->at);
	json_init(j);
}

void json_drain(struct json *j)
{
	j->length = 0;
}

static bool json_reserve(struct json *j, size_t more)
{
	if (!j->failed && ARRAY_RESERVE(j->at, j->capacity, j->length + more) < 0)
		j->failed = true;
	return !j->failed;
}

void json_raw(struct json *j, const char *text, size_t length)
{
	if (!json_reserve(j, length))
		return;
	memcpy(j->at + j->length, text, length);
	j->length += length;
}

void json_format(struct json *j, const char *format, ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		j->failed = true;
	else
		json_raw(j, text, (size_t)n);
}

/* The length of the UTF-8 sequence at `c` (RFC 3629), 0 when it is none. Ends at the terminator. */
static size_t json_utf8_length(const uint8_t *c)
{
	size_t n = c[0] < 0x80	 ? 1
		   : c[0] < 0xc2 ? 0
		   : c[0] < 0xe0 ? 2
		   : c[0] < 0xf0 ? 3
		   : c[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return n;
}

static void json_quote(struct json *j, const char *text)
{
	const uint8_t *c = (const uint8_t *)text, *plain = c;
	size_t n;

	json_raw(j, "\"", 1);
	for (; *c; c += n ? n : 1) {
		n = json_utf8_length(c);
		if (n > 0 && *c >= 0x20 && *c != '"' && *c != '\\' && *c != 0x7f)
			continue;
		json_raw(j, (const char *)plain, (size_t)(c - plain));
		if (n == 0)
			json_raw(j, "\xef\xbf\xbd", 3);
		else if (*c == '"' || *c == '\\')
			json_format(j, "\\%c", *c);
		else
			json_format(j, "\\u%04x", *c);
		plain = c + 1;
	}
	json_raw(j, (const char *)plain, (size_t)(c - plain));
	json_raw(j, "\"", 1);
}

/* What stands before every value. */
static void json_lead(struct json *j, const char *key)
{
	if (j->comma)
		json_raw(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	json_quote(j, key);
	json_raw(j, ":", 1);
}

void json_open(struct json *j, const char *key, char bracket)
{
	json_lead(j, key);
	json_raw(j, &bracket, 1);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	json_raw(j, &bracket, 1);
	j->comma = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_lead(j, key);
	if (value)
		json_quote(j, value);
	else
		json_raw(j, "null", 4);
}

void json_address(struct json *j, const char *key, const struct address *a)
{
	json_string(j, key, address_is_set(a) ? ADDRESS_TEXT(a) : NULL);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	json_lead(j, key);
	json_format(j, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_lead(j, key);
	json_raw(j, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json *j, const char *key)
{
	json_lead(j, key);
	json_raw(j, "null", 4);
}

void json_decimal(struct json *j, struct duration d)
{
	int64_t ms = d.ns / 1000000;

	json_format(j, "%s%" PRId64 ".%03" PRId64, ms < 0 ? "-" : "", (int64_t)llabs(ms) / 1000,
		    (int64_t)llabs(ms) % 1000);
}

void json_seconds(struct json *j, const char *key, struct duration d)
{
	json_lead(j, key);
	json_decimal(j, d);
}

void json_time(struct json *j, const char *key, int64_t wall_ns)
{
	/* Rounded down, also before 1970: a machine without a clock starts there. */
	int64_t ms = wall_ns / 1000000 - (wall_ns % 1000000 < 0);
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	char text[32];
	struct tm tm;

	json_lead(j, key);
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	json_format(j, "\"%s.%03dZ\"", text, (int)(ms - seconds * 1000));
}
