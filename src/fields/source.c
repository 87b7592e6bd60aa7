/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/source.h"

#include "base/text.h"

const struct field_word source_mode_words[] = {
	{ "off", SOURCE_MODE_OFF, "the choice of Linux" },
	{ "on", SOURCE_MODE_ON, "the first VIP that is announced" },
	{ "auto", SOURCE_MODE_AUTO, "likewise, while a neighbour has shown that it routes to it" },
	{ 0 },
};

/* Unset, the configuration counts again. */
static const struct field source_switch_fields[] = {
	FIELD_WORD(1, "mode", struct source_switch, mode, source_mode_words),
	FIELD(2, "interface", struct source_switch, interface),
};
const struct record source_switch_record =
	RECORD("a switch of sources", struct source_switch, source_switch_fields);

static const struct field source_rule_fields[] = {
	FIELD(1, "to", struct source_rule, to, .help = "connections to this address or network"),
	FIELD(2, "unit", struct source_rule, unit, .help = "of this service or control group"),
	FIELD(3, "user", struct source_rule, user, .help = "of this user"),
	FIELD(4, "use", struct source_rule, use,
	      .help = "the VIP that they come from, or none for the choice of Linux"),
};
const struct record source_rule_record =
	RECORD("a rule for sources", struct source_rule, source_rule_fields);

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
