/* SPDX-License-Identifier: Apache-2.0 */
#include "config/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/container.h"

static const struct {
	const char *text;
	bool value;
} value_bools[] = {
	{ "yes", true }, { "true", true },   { "on", true },
	{ "no", false }, { "false", false }, { "off", false },
};

/* From the largest to the smallest, the order in which a duration is written. */
static const struct {
	const char *unit;
	int64_t ns;
} value_units[] = {
	{ "h", INT64_C(3600000000000) },
	{ "m", INT64_C(60000000000) },
	{ "s", INT64_C(1000000000) },
	{ "ms", INT64_C(1000000) },
};

int value_parse_bool(const char *text, bool *ret)
{
	for (size_t i = 0; i < ARRAY_LENGTH(value_bools); i++)
		if (strcasecmp(text, value_bools[i].text) == 0) {
			*ret = value_bools[i].value;
			return 0;
		}
	return -EINVAL;
}

/* Reads the digits at *text and moves it behind them. */
static int value_take_digits(const char **text, int64_t *ret)
{
	int64_t number = 0;
	const char *c = *text;

	if (!isdigit((unsigned char)*c))
		return -EINVAL;
	for (; isdigit((unsigned char)*c); c++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *c - '0', &number))
			return -EINVAL;
	*text = c;
	*ret = number;
	return 0;
}

int value_parse_number(const char *text, int64_t *ret)
{
	int64_t number;

	if (value_take_digits(&text, &number) < 0 || *text)
		return -EINVAL;
	*ret = number;
	return 0;
}

int value_parse_duration(const char *text, struct duration *ret)
{
	int64_t number, ns;

	if (value_take_digits(&text, &number) < 0)
		return -EINVAL;
	if (!*text)
		return -EDOM;
	for (size_t i = 0; i < ARRAY_LENGTH(value_units); i++) {
		if (strcmp(text, value_units[i].unit) != 0)
			continue;
		if (__builtin_mul_overflow(number, value_units[i].ns, &ns))
			return -EINVAL;
		ret->ns = ns;
		return 0;
	}
	return -EINVAL;
}

char *value_format_duration(struct duration d, char *buffer)
{
	size_t i = 0;

	while (i < ARRAY_LENGTH(value_units) - 1 &&
	       (d.ns % value_units[i].ns != 0 || d.ns < value_units[i].ns))
		i++;
	snprintf(buffer, VALUE_DURATION_TEXT_MAX, "%" PRId64 "%s", d.ns / value_units[i].ns,
		 value_units[i].unit);
	return buffer;
}

/* The code point at *text, which is moved behind it; the text is known to be valid UTF-8. */
static uint32_t value_take_code_point(const char **text)
{
	const uint8_t *c = (const uint8_t *)*text;
	uint32_t point = *c;
	size_t more = *c >= 0xf0 ? 3 : *c >= 0xe0 ? 2 : *c >= 0xc0 ? 1 : 0;

	if (more)
		point &= 0x3fu >> more;
	c++;
	while (more-- && (*c & 0xc0) == 0x80)
		point = point << 6 | (*c++ & 0x3f);
	*text = (const char *)c;
	return point;
}

bool value_is_printable(const char *text)
{
	while (*text) {
		uint32_t point = value_take_code_point(&text);

		if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
		    point == 0x2029 || point == 0xfeff || point == 0xfffe || point == 0xffff)
			return false;
	}
	return true;
}

static bool value_is_plain(const char *text)
{
	if (!isalnum((unsigned char)text[0]))
		return false;
	return text[strspn(text,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")] ==
	       '\0';
}

void value_print_text(FILE *to, const char *text)
{
	if (value_is_plain(text)) {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}
