/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fields/value.h"
#include "net/interface.h"

/* The elements of a list, and what may stand in the place of a map, have no name of their own. */
static int refuse_form(const struct field *f, const char *text, char *sentence, size_t size)
{
	bool unnamed = f->most || f->type == FIELD_TYPE_HOST || f->type == FIELD_TYPE_PREFIX;
	char form[FIELD_TEXT_MAX];

	field_form(f, form);
	if (unnamed)
		return text_refuse(sentence, size, "%s is not %s", VALUE_QUOTE(text), form);
	return text_refuse(sentence, size, "'%s' is %s, not %s", f->name, form, VALUE_QUOTE(text));
}

/* The limits of a number; without any, what fits. */
static void number_limits(const struct field *f, int64_t *ret_min, int64_t *ret_max)
{
	bool limited = f->min || f->max;

	*ret_min = f->min;
	*ret_max = limited ? f->max : f->size < 8 ? (INT64_C(1) << (8 * f->size)) - 1 : INT64_MAX;
}

static int parse_number(const struct field *f, const char *text, void *value)
{
	int64_t number, min, max;

	number_limits(f, &min, &max);
	if (value_parse_number(text, &number) < 0 || number < min || number > max)
		return -EINVAL;
	field_set_number(f, value, number);
	return 0;
}

static int parse_word(const struct field *f, const char *text, void *value)
{
	const struct field_word *word = field_word_find(f->words, text);
	bool on;

	/* Where one of the words is on or off, the others that say so are understood too. */
	if (!word && value_parse_bool(text, &on) == 0)
		word = field_word_find(f->words, on ? "on" : "off");
	if (!word)
		return -EINVAL;
	*(uint8_t *)value = word->value;
	return 0;
}

static int parse_duration(const struct field *f, const char *text, void *value, char *sentence,
			  size_t size)
{
	struct duration d;
	int r = value_parse_duration(text, &d);

	if (r == -EDOM)
		return text_refuse(sentence, size,
				   "'%s' is a duration and needs a unit: %.20ss or %.20sms?",
				   f->name, text, text);
	if (r < 0)
		return text_refuse(sentence, size,
				   "'%s' is a duration like 300ms, 3s or 2m, not %s", f->name,
				   VALUE_QUOTE(text));
	if (f->max && (d.ns < DURATION_MS(f->min).ns || d.ns > DURATION_MS(f->max).ns))
		return refuse_form(f, text, sentence, size);
	if (f->type == FIELD_TYPE_INTERVAL)
		field_set_number(f, value, d.ns / 1000);
	else
		memcpy(value, &d, sizeof(d));
	return 0;
}

/* One more of the texts. */
static int parse_line(const struct field *f, const char *text, char *lines, size_t element,
		      char *sentence, size_t size)
{
	size_t length = element ? strnlen(lines, f->size) : 0, more = strlen(text);

	if (!value_is_printable(text))
		return text_refuse(sentence, size, "'%s' has a control character in it", f->name);
	if (length + more + 2 > f->size)
		return text_refuse(sentence, size, "'%s' is longer than %u bytes", f->name,
				   f->size - 2);
	memcpy(lines + length, text, more);
	memcpy(lines + length + more, "\n", 2);
	return 0;
}

static int parse_text(const struct field *f, const char *text, void *value, char *sentence,
		      size_t size)
{
	if (strlen(text) >= f->size)
		return text_refuse(sentence, size, "'%s' is longer than %u bytes", f->name,
				   f->size - 1);
	if (!value_is_printable(text))
		return text_refuse(sentence, size, "'%s' has a control character in it", f->name);
	text_copy(value, f->size, text);
	return 0;
}

static int parse_name(const struct field *f, const char *text, void *value, char *sentence,
		      size_t size)
{
	if (!interface_name_is_valid(text))
		return text_refuse(sentence, size,
				   "%s cannot be the name of %s (1 to 15 characters, no space, "
				   "'/' or ':')",
				   VALUE_QUOTE(text),
				   strcmp(f->name, "interface") == 0 ? "an interface" : "a board");
	text_copy(value, INTERFACE_NAME_MAX, text);
	return 0;
}

static int parse_prefix(const struct field *f, const char *text, void *value, char *sentence,
			size_t size)
{
	struct prefix network;
	struct address a;
	uint8_t length;

	if (prefix_parse(text, &a, &length) < 0)
		return refuse_form(f, text, sentence, size);
	network = prefix_make(&a, length);
	if (a.family == FAMILY_IPV6 && length >= 96 &&
	    address_unmapped(&network.address).family == FAMILY_IPV4) {
		struct address four = address_unmapped(&network.address);
		struct prefix same = prefix_make(&four, (uint8_t)(length - 96));

		return text_refuse(sentence, size, "%s stands for the IPv4 network %s: write it so",
				   VALUE_QUOTE(text), PREFIX_TEXT(&same));
	}
	if (!address_equal(&network.address, &a))
		return text_refuse(sentence, size,
				   "%s is an address in the network %s, not a network",
				   VALUE_QUOTE(text), PREFIX_TEXT(&network));
	memcpy(value, &network, sizeof(network));
	return 0;
}

/* By its type alone. */
static int parse_value(const struct field *f, const char *text, void *value, size_t element,
		       char *sentence, size_t size)
{
	struct prefix *host = value;

	switch ((enum field_type)f->type) {
	case FIELD_TYPE_BOOL:
		return value_parse_bool(text, value);
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_SIGNED:
		return parse_number(f, text, value);
	case FIELD_TYPE_WORD:
		return parse_word(f, text, value);
	case FIELD_TYPE_TEXT:
		return parse_text(f, text, value, sentence, size);
	case FIELD_TYPE_LINES:
		return parse_line(f, text, value, element, sentence, size);
	case FIELD_TYPE_NAME:
		return parse_name(f, text, value, sentence, size);
	case FIELD_TYPE_ADDRESS:
		return address_parse(text, value);
	case FIELD_TYPE_HOST:
		return prefix_parse(text, &host->address, &host->length);
	case FIELD_TYPE_PREFIX:
		return parse_prefix(f, text, value, sentence, size);
	case FIELD_TYPE_DURATION:
	case FIELD_TYPE_INTERVAL:
		return parse_duration(f, text, value, sentence, size);
	case FIELD_TYPE_MOMENT:
		return value_parse_moment(text, value);
	case FIELD_TYPE_INSTANT:
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_GROUP:
		break;
	}
	return -EINVAL;
}

int field_parse(const struct field *f, const char *text, void *object, size_t element,
		char *sentence, size_t size)
{
	void *value =
		f->type == FIELD_TYPE_LINES ? field_at(f, object, 0) : field_at(f, object, element);
	const struct field_text *special = f->text;
	int r;

	text_copy(sentence, size, "");
	if (special && special->parse)
		r = special->parse(text, value, sentence, size);
	else
		r = parse_value(f, text, value, element, sentence, size);
	if (r == 0 && special && special->check)
		r = special->check(text, value, sentence, size);
	return r < 0 && !*sentence ? refuse_form(f, text, sentence, size) : r;
}

static void format_host(const struct prefix *host, char *text)
{
	/* Not prefix_format(): the host bits stay. */
	if (address_is_set(&host->address))
		snprintf(text, FIELD_TEXT_MAX, "%s/%u", ADDRESS_TEXT(&host->address), host->length);
}

char *field_format(const struct field *f, const void *object, size_t element, char *text)
{
	const void *value = field_at(f, object, element);
	const struct prefix *prefix = value;
	const struct address *address = value;
	const char *word;

	*text = '\0';
	if (f->text && f->text->format) {
		f->text->format(value, text, FIELD_TEXT_MAX);
		return text;
	}
	switch ((enum field_type)f->type) {
	case FIELD_TYPE_BOOL:
		text_copy(text, FIELD_TEXT_MAX, field_number(f, value) ? "yes" : "no");
		break;
	case FIELD_TYPE_NUMBER:
		snprintf(text, FIELD_TEXT_MAX, "%" PRIu64, (uint64_t)field_number(f, value));
		break;
	case FIELD_TYPE_SIGNED:
		snprintf(text, FIELD_TEXT_MAX, "%" PRId64, field_number(f, value));
		break;
	case FIELD_TYPE_WORD:
		word = field_word_text(f->words, *(const uint8_t *)value);
		text_copy(text, FIELD_TEXT_MAX, word ? word : "");
		break;
	case FIELD_TYPE_DURATION:
		value_format_duration(*(const struct duration *)value, text);
		break;
	case FIELD_TYPE_INTERVAL:
		value_format_duration((struct duration){ field_number(f, value) * 1000 }, text);
		break;
	case FIELD_TYPE_MOMENT:
		value_format_moment(field_number(f, value), text);
		break;
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_LINES:
	case FIELD_TYPE_NAME:
		text_copy(text, FIELD_TEXT_MAX, value);
		break;
	case FIELD_TYPE_ADDRESS:
		if (address_is_set(address))
			text_copy(text, FIELD_TEXT_MAX, ADDRESS_TEXT(address));
		break;
	case FIELD_TYPE_HOST:
		format_host(prefix, text);
		break;
	case FIELD_TYPE_PREFIX:
		if (address_is_set(&prefix->address))
			text_copy(text, FIELD_TEXT_MAX, PREFIX_TEXT(prefix));
		break;
	case FIELD_TYPE_INSTANT:
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_GROUP:
		break;
	}
	return text;
}

/* "one, two or three". */
static void form_words(const struct field_word *w, struct text *out)
{
	for (size_t i = 0; w[i].text; i++)
		text_add(out, "%s%s", i == 0 ? "" : w[i + 1].text ? ", " : " or ", w[i].text);
}

char *field_form(const struct field *f, char *text)
{
	char low[VALUE_DURATION_TEXT_MAX], high[VALUE_DURATION_TEXT_MAX];
	int64_t min, max;
	struct text out;

	text_init(&out, text, FIELD_TEXT_MAX);
	if (f->text && f->text->form) {
		text_add(&out, "%s", f->text->form);
		return text;
	}
	switch ((enum field_type)f->type) {
	case FIELD_TYPE_BOOL:
		text_add(&out, "yes or no");
		break;
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_SIGNED:
		number_limits(f, &min, &max);
		text_add(&out, "a number from %" PRId64 " to %" PRId64, min, max);
		break;
	case FIELD_TYPE_WORD:
		form_words(f->words, &out);
		break;
	case FIELD_TYPE_DURATION:
	case FIELD_TYPE_INTERVAL:
		text_add(&out, "a duration");
		if (f->max)
			text_add(&out, " from %s to %s",
				 value_format_duration(DURATION_MS(f->min), low),
				 value_format_duration(DURATION_MS(f->max), high));
		break;
	case FIELD_TYPE_TEXT:
		text_add(&out, "a text of up to %u bytes", f->size - 1);
		break;
	case FIELD_TYPE_NAME:
		text_add(&out, "a name");
		break;
	case FIELD_TYPE_ADDRESS:
		text_add(&out, "an address like 10.1.0.1");
		break;
	case FIELD_TYPE_HOST:
		text_add(&out, "an address like 10.9.1.1 or 10.9.1.1/24");
		break;
	case FIELD_TYPE_PREFIX:
		text_add(&out, "a network like 10.8.0.0/16 or 2001:db8::/32");
		break;
	case FIELD_TYPE_MOMENT:
		text_add(&out, "a time like 2026-12-01T08:00:00Z, or a day like 2026-12-01");
		break;
	case FIELD_TYPE_LINES:
		text_add(&out, "a list of texts");
		break;
	case FIELD_TYPE_GROUP:
		text_add(&out, "%s",
			 f->record->example ? f->record->example : "a map of keys and values");
		break;
	case FIELD_TYPE_INSTANT:
	case FIELD_TYPE_BYTES:
		break;
	}
	return text;
}
