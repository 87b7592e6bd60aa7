/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/source.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "fields/value.h"

const struct field_word source_mode_words[] = {
	{ "off", SOURCE_MODE_OFF, "the choice of Linux" },
	{ "on", SOURCE_MODE_ON, "the first VIP that is announced" },
	{ "auto", SOURCE_MODE_AUTO, "likewise, while a neighbour has shown that it routes to it" },
	{ 0 },
};

/* Unset, the configuration counts again. */
static const struct field source_switch_fields[] = {
	FIELD_WORD(1, "mode", struct source_switch, mode, source_mode_words),
	FIELD_NAME(2, "interface", struct source_switch, interface),
};
const struct record source_switch_record =
	RECORD("a switch of sources", struct source_switch, source_switch_fields);

/* systemd.unit(5): a unit's name has a suffix that says of which kind it is. */
static int unit_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	if (!*text)
		return -EINVAL;
	if (*text != '/' && strchr(text, '/'))
		return text_refuse(sentence, size, "a control group begins with /: '/%.60s'?",
				   text);
	if (*text != '/' && !strchr(text, '.'))
		return text_refuse(sentence, size, "%s is no unit: did you mean '%.60s.service'?",
				   VALUE_QUOTE(text), text);
	if (*text == '/' && (!text[1] || text[strlen(text) - 1] == '/'))
		return text_refuse(sentence, size, "%s is no control group: it ends with a /",
				   VALUE_QUOTE(text));
	return 0;
}

static int user_check(const char *text, const void *value, char *sentence, size_t size)
{
	(void)value;
	(void)sentence;
	(void)size;
	return *text ? 0 : -EINVAL;
}

static int use_parse(const char *text, void *value, char *sentence, size_t size)
{
	struct address *use = value;

	(void)sentence;
	(void)size;
	if (strcmp(text, "none") != 0)
		return address_parse(text, use);
	*use = (struct address){ 0 };
	return 0;
}

static void use_format(const void *value, char *text, size_t size)
{
	const struct address *use = value;

	text_copy(text, size, address_is_set(use) ? ADDRESS_TEXT(use) : "none");
}

static const struct field_text unit_text = {
	"a unit like postgresql.service, or a control group like /batch/night",
	.check = unit_check,
};
static const struct field_text user_text = { "the name or number of a user", .check = user_check };
static const struct field_text use_text = {
	"a VIP like 10.9.1.1, or none for the choice of Linux",
	.parse = use_parse,
	.format = use_format,
};

static int rule_check(const void *object, char *sentence, size_t size)
{
	return source_rule_check(object, sentence, size);
}

static const struct field source_rule_fields[] = {
	FIELD(1, "to", struct source_rule, to, .help = "connections to this address or network"),
	FIELD(2, "unit", struct source_rule, unit, .text = &unit_text,
	      .help = "of this service or control group"),
	FIELD(3, "user", struct source_rule, user, .text = &user_text, .help = "of this user"),
	FIELD(4, "use", struct source_rule, use, .flags = FIELD_NEEDED, .text = &use_text,
	      .help = "the VIP that they come from, or none for the choice of Linux"),
};
const struct record source_rule_record =
	RECORD("a rule for sources", struct source_rule, source_rule_fields, .check = rule_check);

const char *source_mode_name(uint8_t mode)
{
	return field_word_text(source_mode_words, mode);
}

enum source_mode source_mode_of(const char *name)
{
	const struct field_word *w = field_word_find(source_mode_words, name);

	return w ? (enum source_mode)w->value : SOURCE_MODE_UNSET;
}

int source_rule_check(const struct source_rule *r, char *sentence, size_t size)
{
	const char *why;

	if (!address_is_set(&r->to.address) && !r->unit[0] && !r->user[0])
		return text_refuse(sentence, size,
				   "a rule for sources needs one of 'to', 'unit' and 'user': for "
				   "all connections there is the first VIP");
	if (!address_is_set(&r->use))
		return 0;
	if (!address_is_host(&r->use, &why))
		return text_refuse(sentence, size, "%s cannot be a source: it is %s",
				   ADDRESS_TEXT(&r->use), why);
	if (address_is_set(&r->to.address) && r->to.address.family != r->use.family)
		return text_refuse(sentence, size,
				   "connections to %s cannot have the source %s: one is IPv4, the "
				   "other IPv6",
				   PREFIX_TEXT(&r->to), ADDRESS_TEXT(&r->use));
	return 0;
}
