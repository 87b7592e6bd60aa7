/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cursor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void cursor_init(struct cursor *c, const char *bytes, size_t length)
{
	/* There may be no body at all. */
	if (!bytes)
		bytes = "";
	*c = (struct cursor){ .start = bytes, .at = bytes, .end = bytes + length };
}

bool cursor_refuse(struct cursor *c, const char *format, ...)
{
	va_list args;

	if (c->failed)
		return false;
	c->failed = true;
	c->error = -EINVAL;
	va_start(args, format);
	vsnprintf(c->sentence, sizeof(c->sentence), format, args);
	va_end(args);
	return false;
}

/* The bytes are not JSON: the sentence says where. */
static bool cursor_malformed(struct cursor *c, const char *what)
{
	unsigned line = 1, column = 1;

	if (c->failed)
		return false;
	for (const char *b = c->start; b < c->at; b++) {
		column++;
		if (*b == '\n') {
			line++;
			column = 1;
		}
	}
	cursor_refuse(c, "line %u, column %u of the JSON body: %s", line, column, what);
	c->error = -EBADMSG;
	return false;
}

static void cursor_space(struct cursor *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
		c->at++;
}

enum cursor_kind cursor_peek(struct cursor *c)
{
	cursor_space(c);
	if (c->failed || c->at == c->end)
		return CURSOR_NOTHING;
	switch (*c->at) {
	case '{':
		return CURSOR_OBJECT;
	case '[':
		return CURSOR_ARRAY;
	case '"':
		return CURSOR_STRING;
	case 't':
	case 'f':
		return CURSOR_BOOL;
	case 'n':
		return CURSOR_NULL;
	default:
		return *c->at == '-' || (*c->at >= '0' && *c->at <= '9') ? CURSOR_NUMBER
									 : CURSOR_NOTHING;
	}
}

const char *cursor_kind_name(enum cursor_kind kind)
{
	static const char *const names[] = {
		[CURSOR_NOTHING] = "nothing", [CURSOR_OBJECT] = "an object",
		[CURSOR_ARRAY] = "an array",  [CURSOR_STRING] = "a string",
		[CURSOR_NUMBER] = "a number", [CURSOR_BOOL] = "true or false",
		[CURSOR_NULL] = "null",
	};

	return TEXT_NAME(names, kind);
}

static bool cursor_take(struct cursor *c, char wanted)
{
	cursor_space(c);
	if (c->failed || c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

void cursor_enter(struct cursor *c, char bracket)
{
	if (!cursor_take(c, bracket))
		cursor_malformed(c, bracket == '{' ? "a '{' is missing" : "a '[' is missing");
}

static int cursor_hex(struct cursor *c)
{
	int value = 0;

	for (int i = 0; i < 4; i++, c->at++) {
		char h = c->at < c->end ? *c->at : 'x';

		if (h >= '0' && h <= '9')
			value = value * 16 + h - '0';
		else if ((h | 0x20) >= 'a' && (h | 0x20) <= 'f')
			value = value * 16 + (h | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

/* The code point of a \u escape, whose second half follows when it is a surrogate; -1: not one. */
static int cursor_escape_unicode(struct cursor *c)
{
	int high = cursor_hex(c), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || c->end - c->at < 2 || c->at[0] != '\\' || c->at[1] != 'u')
		return -1;
	c->at += 2;
	low = cursor_hex(c);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static size_t cursor_utf8(int point, char *ret)
{
	if (point < 0x80) {
		ret[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		ret[0] = (char)(0xc0 | point >> 6);
		ret[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		ret[0] = (char)(0xe0 | point >> 12);
		ret[1] = (char)(0x80 | (point >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | point >> 18);
	ret[1] = (char)(0x80 | (point >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (point >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* What the escape behind a backslash stands for; 0 bytes: it is none. */
static size_t cursor_escape(struct cursor *c, char *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char letter = c->at < c->end ? *c->at++ : 'x';
	const char *found = letter ? strchr(from, letter) : NULL;
	int point;

	if (found) {
		*ret = to[found - from];
		return 1;
	}
	point = letter == 'u' ? cursor_escape_unicode(c) : -1;
	/* NUL is JSON, but nothing that we take may hold it. */
	return point > 0 ? cursor_utf8(point, ret) : 0;
}

/* A character of more than one byte (RFC 3629): how many they are; 0 when they are none. */
static size_t cursor_multibyte(const struct cursor *c)
{
	const uint8_t *b = (const uint8_t *)c->at;
	size_t n = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

	if ((size_t)(c->end - c->at) < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	if (n > 2 && ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
		      (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f)))
		return 0;
	return n;
}

/* Takes the next character of a string, decoded; 0 bytes after a failure. */
static size_t cursor_character(struct cursor *c, char *ret)
{
	uint8_t byte = (uint8_t)*c->at;
	size_t n = 1;

	if (byte < 0x20) {
		cursor_malformed(c, "a string has no end, or a control character in it");
		return 0;
	}
	if (byte == '\\') {
		c->at++;
		n = cursor_escape(c, ret);
		if (n == 0)
			cursor_malformed(c, "there is no such escape ('\\') in a string");
		return n;
	}
	if (byte >= 0x80)
		n = cursor_multibyte(c);
	if (n == 0)
		cursor_malformed(c, "these bytes are not UTF-8");
	memcpy(ret, c->at, n);
	c->at += n;
	return n;
}

/* How many bytes stand here, of `max` at most, that are characters and mean themselves. */
static size_t cursor_plain(const struct cursor *c, size_t max)
{
	size_t n = 0;

	for (; n < max && c->at + n < c->end; n++) {
		uint8_t byte = (uint8_t)c->at[n];

		if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\')
			break;
	}
	return n;
}

/* Takes a string; what does not fit is cut and *ret_cut is set. */
static bool cursor_text(struct cursor *c, char *ret, size_t size, bool *ret_cut)
{
	size_t length = 0, n;
	char character[4];

	*ret_cut = false;
	if (!cursor_take(c, '"'))
		return cursor_malformed(c, "a string is missing");
	while (c->at < c->end && *c->at != '"') {
		n = *ret_cut ? 0 : cursor_plain(c, size - length - 1);
		if (n > 0) {
			memcpy(ret + length, c->at, n);
			length += n;
			c->at += n;
			continue;
		}
		n = cursor_character(c, character);
		if (n == 0)
			return false;
		if (*ret_cut || length + n >= size) {
			*ret_cut = true;
			continue;
		}
		memcpy(ret + length, character, n);
		length += n;
	}
	ret[length] = '\0';
	if (!cursor_take(c, '"'))
		return cursor_malformed(c, "a string does not end");
	return true;
}

bool cursor_string(struct cursor *c, char *ret, size_t size)
{
	bool cut;

	if (!cursor_text(c, ret, size, &cut))
		return false;
	if (cut)
		return cursor_refuse(c, "'%s...' is too long", ret);
	return true;
}

bool cursor_member(struct cursor *c, char bracket, char *key, size_t size)
{
	/* The byte before the first member is the opening bracket; before the others it is not. */
	bool first = c->at > c->start && c->at[-1] == (bracket == '}' ? '{' : '[');
	bool cut;

	if (c->failed || cursor_take(c, bracket))
		return false;
	if (!first && !cursor_take(c, ','))
		return cursor_malformed(c, bracket == '}' ? "a ',' or '}' is missing"
							  : "a ',' or ']' is missing");
	if (!key)
		return !c->failed;
	if (cursor_peek(c) != CURSOR_STRING)
		return cursor_malformed(c, "a key in quotes is missing");
	if (!cursor_text(c, key, size, &cut))
		return false;
	if (!cursor_take(c, ':'))
		return cursor_malformed(c, "a ':' is missing");
	return true;
}

/* RFC 8259 6: the grammar of a number; returns whether it is whole. */
static bool cursor_number_text(struct cursor *c, const char **ret_begin, bool *ret_whole)
{
	const char *digits;

	cursor_space(c);
	*ret_begin = c->at;
	*ret_whole = c->at < c->end && *c->at != '-';
	if (c->at < c->end && *c->at == '-')
		c->at++;
	digits = c->at;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	if (c->at == digits || (*digits == '0' && c->at - digits > 1))
		return cursor_malformed(c, "a number is missing, or begins with a 0");
	while (c->at < c->end && *c->at && strchr("+-.eE0123456789", *c->at)) {
		*ret_whole = false;
		c->at++;
	}
	return true;
}

bool cursor_number(struct cursor *c, int64_t *ret)
{
	const char *begin;
	int64_t value = 0;
	bool whole;

	if (!cursor_number_text(c, &begin, &whole))
		return false;
	for (const char *d = begin; whole && d < c->at; d++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *d - '0', &value))
			whole = false;
	if (!whole)
		return cursor_refuse(c, "%.*s is not a whole number from 0 up",
				     (int)(c->at - begin > 40 ? 40 : c->at - begin), begin);
	*ret = value;
	return true;
}

static bool cursor_word(struct cursor *c, const char *word)
{
	size_t length = strlen(word);

	cursor_space(c);
	if (c->failed || (size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
		return false;
	c->at += length;
	return true;
}

bool cursor_bool(struct cursor *c, bool *ret)
{
	bool value = cursor_word(c, "true");

	if (!value && !cursor_word(c, "false"))
		return cursor_malformed(c, "true or false is missing");
	*ret = value;
	return true;
}

static void cursor_skip_scalar(struct cursor *c)
{
	const char *begin;
	char unused[8];
	bool flag;

	switch (cursor_peek(c)) {
	case CURSOR_STRING:
		cursor_text(c, unused, sizeof(unused), &flag);
		break;
	case CURSOR_NUMBER:
		cursor_number_text(c, &begin, &flag);
		break;
	case CURSOR_BOOL:
		cursor_bool(c, &flag);
		break;
	default:
		if (!cursor_word(c, "null"))
			cursor_malformed(c, "a value is missing");
		break;
	}
}

void cursor_skip(struct cursor *c)
{
	char closing[CURSOR_DEPTH_MAX];
	size_t depth = 0;

	do {
		enum cursor_kind kind = cursor_peek(c);
		char key[8];
		bool more;

		if (kind == CURSOR_OBJECT || kind == CURSOR_ARRAY) {
			if (depth == CURSOR_DEPTH_MAX) {
				cursor_refuse(c, "the body is nested too deep");
				return;
			}
			closing[depth++] = kind == CURSOR_OBJECT ? '}' : ']';
			cursor_enter(c, kind == CURSOR_OBJECT ? '{' : '[');
		} else {
			cursor_skip_scalar(c);
		}
		/* On to the next value: closes all that ends here. */
		for (more = false; depth > 0 && !more && !c->failed; depth -= !more)
			more = cursor_member(c, closing[depth - 1],
					     closing[depth - 1] == '}' ? key : NULL, sizeof(key));
	} while (depth > 0 && !c->failed);
}

void cursor_finish(struct cursor *c)
{
	cursor_space(c);
	if (c->at != c->end)
		cursor_malformed(c, "something stands behind its end");
}
