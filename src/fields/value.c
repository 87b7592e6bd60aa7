/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/container.h"
#include "base/text.h"

#define MOMENT_MAX_S INT64_C(7258118400) /* 2200-01-01 */

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

static int digits(const char *text, size_t count, int *ret)
{
	*ret = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		*ret = *ret * 10 + (text[i] - '0');
	}
	return 0;
}

static bool fits(const char *text, const char *form)
{
	size_t i = 0;

	for (; form[i] && text[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return !form[i] && !text[i];
}

int value_parse_moment(const char *text, int64_t *ret_s)
{
	struct tm t = { 0 }, again;
	time_t s;

	if (!fits(text, "0000-00-00") && !fits(text, "0000-00-00T00:00:00Z"))
		return -EINVAL;
	if (digits(text, 4, &t.tm_year) < 0 || digits(text + 5, 2, &t.tm_mon) < 0 ||
	    digits(text + 8, 2, &t.tm_mday) < 0)
		return -EINVAL;
	if (text[10] &&
	    (digits(text + 11, 2, &t.tm_hour) < 0 || digits(text + 14, 2, &t.tm_min) < 0 ||
	     digits(text + 17, 2, &t.tm_sec) < 0))
		return -EINVAL;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	again = t;
	s = timegm(&again);
	/* What timegm() had to put right is no day or no time of day. */
	if (again.tm_mday != t.tm_mday || again.tm_mon != t.tm_mon || again.tm_hour != t.tm_hour ||
	    again.tm_min != t.tm_min || again.tm_sec != t.tm_sec)
		return -EINVAL;
	if (s < 1 || s > MOMENT_MAX_S)
		return -EINVAL;
	*ret_s = s;
	return 0;
}

char *value_format_moment(int64_t s, char *buffer)
{
	time_t at = (time_t)s;
	struct tm t;

	*buffer = '\0';
	/* Of years that no calendar reaches there is no date. */
	if (s && gmtime_r(&at, &t))
		strftime(buffer, VALUE_DURATION_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &t);
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

const char *value_quote(const char *text, char *buffer)
{
	struct text out;
	size_t n = 0;

	text_init(&out, buffer, VALUE_QUOTE_MAX);
	text_add(&out, "'");
	/* A multi-byte character is never cut in the middle. */
	for (const char *c = text; *c; c++, n++) {
		if (n >= 40 && ((uint8_t)*c & 0xc0) != 0x80) {
			text_add(&out, "...");
			break;
		}
		text_add(&out, "%c", (uint8_t)*c < 0x20 || *c == 0x7f ? '?' : *c);
	}
	text_add(&out, "'");
	return buffer;
}
