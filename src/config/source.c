/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section `source`: whose address connections get that name none. Three ways to write it: the
 * mode alone, a rule or a list of rules alone, or a map of both.
 */
#include <string.h>

#include "base/text.h"
#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"
#include "net/prefix.h"

/* What a map may hold: the keys of the section, and those of a single rule. */
struct source_map {
	struct config *config;
	struct config_source rule;
};

static int mode_read(struct document *d, const struct token *t, void *object)
{
	struct config *c = ((struct source_map *)object)->config;
	enum source_mode mode =
		t->kind == TOKEN_SCALAR ? source_mode_of(t->text) : SOURCE_MODE_UNSET;
	bool on;

	if (mode == SOURCE_MODE_UNSET && t->kind == TOKEN_SCALAR &&
	    value_parse_bool(t->text, &on) == 0)
		mode = on ? SOURCE_MODE_ON : SOURCE_MODE_OFF;
	if (mode == SOURCE_MODE_UNSET)
		return document_refuse(d, t->place, "'source' is on, off or auto, not %s",
				       TOKEN_QUOTE(t));
	c->source_mode = (uint8_t)mode;
	return 0;
}

static int to_read(struct document *d, const struct token *t, void *object)
{
	struct source_rule *r = &((struct source_map *)object)->rule.rule;
	struct prefix network;
	struct address a;
	uint8_t length;

	if (t->kind != TOKEN_SCALAR || prefix_parse(t->text, &a, &length) < 0)
		return document_refuse(d, t->place,
				       "%s is not a network like 10.8.0.0/16 or 2001:db8::/32",
				       TOKEN_QUOTE(t));
	network = prefix_make(&a, length);
	if (a.family == FAMILY_IPV6 && length >= 96 &&
	    address_unmapped(&network.address).family == FAMILY_IPV4) {
		struct address four = address_unmapped(&network.address);
		struct prefix same = prefix_make(&four, (uint8_t)(length - 96));

		return document_refuse(d, t->place,
				       "%s stands for the IPv4 network %s: write it so",
				       TOKEN_QUOTE(t), PREFIX_TEXT(&same));
	}
	if (!address_equal(&network.address, &a))
		return document_refuse(d, t->place,
				       "%s is an address in the network %s, not a network",
				       TOKEN_QUOTE(t), PREFIX_TEXT(&network));
	r->to = network;
	return 0;
}

/* systemd.unit(5): a unit's name has a suffix that says of which kind it is. */
static int unit_read(struct document *d, const struct token *t, void *object)
{
	struct source_rule *r = &((struct source_map *)object)->rule.rule;

	if (t->kind != TOKEN_SCALAR || !*t->text)
		return document_refuse(d, t->place,
				       "'unit' is a unit like postgresql.service, or a control "
				       "group like /batch/night, not %s",
				       TOKEN_QUOTE(t));
	if (strlen(t->text) >= SOURCE_UNIT_MAX)
		return document_refuse(d, t->place, "'unit' is longer than %d bytes",
				       SOURCE_UNIT_MAX - 1);
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "'unit' has a control character in it");
	if (*t->text != '/' && strchr(t->text, '/'))
		return document_refuse(d, t->place, "a control group begins with /: '/%.60s'?",
				       t->text);
	if (*t->text != '/' && !strchr(t->text, '.'))
		return document_refuse(d, t->place, "%s is no unit: did you mean '%.60s.service'?",
				       TOKEN_QUOTE(t), t->text);
	if (*t->text == '/' && (!t->text[1] || t->text[strlen(t->text) - 1] == '/'))
		return document_refuse(d, t->place, "%s is no control group: it ends with a /",
				       TOKEN_QUOTE(t));
	text_copy(r->unit, sizeof(r->unit), t->text);
	return 0;
}

static int user_read(struct document *d, const struct token *t, void *object)
{
	struct source_rule *r = &((struct source_map *)object)->rule.rule;

	if (t->kind != TOKEN_SCALAR || !*t->text)
		return document_refuse(d, t->place,
				       "'user' is the name or number of a user, not %s",
				       TOKEN_QUOTE(t));
	if (strlen(t->text) >= SOURCE_USER_MAX)
		return document_refuse(d, t->place, "'user' is longer than %d bytes",
				       SOURCE_USER_MAX - 1);
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "'user' has a control character in it");
	text_copy(r->user, sizeof(r->user), t->text);
	return 0;
}

static int use_read(struct document *d, const struct token *t, void *object)
{
	struct config_source *s = &((struct source_map *)object)->rule;

	s->use = t->place;
	if (t->kind == TOKEN_SCALAR && strcmp(t->text, "none") == 0)
		return 0;
	if (t->kind != TOKEN_SCALAR || address_parse(t->text, &s->rule.use) < 0)
		return document_refuse(d, t->place,
				       "'use' is a VIP like 10.9.1.1, or none for the choice of "
				       "Linux, not %s",
				       TOKEN_QUOTE(t));
	return 0;
}

static const struct schema_key rule_keys[] = {
	{ "to", SCHEMA_OTHER, .read = to_read },
	{ "unit", SCHEMA_OTHER, .read = unit_read },
	{ "user", SCHEMA_OTHER, .read = user_read },
	{ "use", SCHEMA_OTHER, .read = use_read },
};
static const struct schema section_source_rule = SECTION("a rule for sources", rule_keys);

/* What a rule says is complete. */
static int rule_take(struct document *d, struct config *c, const struct config_source *rule)
{
	char sentence[NODE_SENTENCE_MAX];

	if (source_rule_check(&rule->rule, sentence, sizeof(sentence)) < 0)
		return document_refuse(d, rule->place, "%s", sentence);
	if (!rule->use.line)
		return document_refuse(d, rule->place,
				       "a rule for sources needs a 'use': a VIP, or none");
	if (c->n_sources == SOURCE_RULES_MAX)
		return document_refuse(d, rule->place, "there are more than %d rules for sources",
				       SOURCE_RULES_MAX);
	c->sources[c->n_sources++] = *rule;
	return 0;
}

static int rule_read(struct document *d, const struct token *first, void *object)
{
	struct source_map map = { .config = object, .rule.place = first->place };
	int r = schema_read(d, first, &section_source_rule, &map, NULL);

	return r < 0 ? r : rule_take(d, map.config, &map.rule);
}

static int rules_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first,
				 "'rules' is a list like [{to: 10.8.0.0/16, use: 10.9.1.5}]",
				 rule_read, ((struct source_map *)object)->config);
}

static const struct schema_key map_keys[] = {
	{ "mode", SCHEMA_OTHER, .read = mode_read }, { "rules", SCHEMA_OTHER, .read = rules_read },
	{ "to", SCHEMA_OTHER, .read = to_read },     { "unit", SCHEMA_OTHER, .read = unit_read },
	{ "user", SCHEMA_OTHER, .read = user_read }, { "use", SCHEMA_OTHER, .read = use_read },
};
static const struct schema section_source = SECTION("'source'", map_keys);

static int both_read(struct document *d, const struct token *first, struct config *c)
{
	struct source_map map = { .config = c, .rule.place = first->place };
	const struct place nowhere = { 0 };
	struct place places[SCHEMA_KEYS_MAX];
	bool single = false;
	int r = schema_read(d, first, &section_source, &map, places);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LENGTH(rule_keys); i++)
		single |=
			schema_place(&section_source, places, rule_keys[i].name, nowhere).line != 0;
	if (!single)
		return 0;
	if (schema_place(&section_source, places, "rules", nowhere).line)
		return document_refuse(d, first->place,
				       "'source' is either one rule or has 'rules', not both");
	return rule_take(d, c, &map.rule);
}

int section_read_source(struct document *d, const struct token *first, void *object)
{
	struct config *c = object;
	struct source_map map = { .config = c };

	if (c->source_given.line)
		return document_refuse(d, first->place,
				       "'source' is here twice: it was given in %s already",
				       PLACE_QUOTE(c->source_given, first->place));
	c->source_given = first->place;
	if (first->kind == TOKEN_MAP)
		return both_read(d, first, c);
	if (first->kind == TOKEN_LIST)
		return rules_read(d, first, &map);
	return mode_read(d, first, &map);
}

static void rule_print(FILE *to, const struct source_rule *r)
{
	fputc('{', to);
	if (address_is_set(&r->to.address)) {
		fputs("to: ", to);
		map_print_text(to, PREFIX_TEXT(&r->to));
		fputs(", ", to);
	}
	if (r->unit[0]) {
		fputs("unit: ", to);
		map_print_text(to, r->unit);
		fputs(", ", to);
	}
	if (r->user[0]) {
		fputs("user: ", to);
		map_print_text(to, r->user);
		fputs(", ", to);
	}
	fputs("use: ", to);
	map_print_text(to, address_is_set(&r->use) ? ADDRESS_TEXT(&r->use) : "none");
	fputc('}', to);
}

void section_print_source(FILE *to, const struct config *c)
{
	if (c->n_sources == 0) {
		fputs(source_mode_name(c->source_mode), to);
		return;
	}
	fprintf(to, "{mode: %s, rules: [", source_mode_name(c->source_mode));
	for (size_t i = 0; i < c->n_sources; i++) {
		fputs(i ? ", " : "", to);
		rule_print(to, &c->sources[i].rule);
	}
	fputs("]}", to);
}
