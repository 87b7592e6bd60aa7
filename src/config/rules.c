/* SPDX-License-Identifier: Apache-2.0 */
/* The section `interfaces`: rules for interfaces by name or pattern. */
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"

/* What belongs to no protocol stands in front of what does. */
_Static_assert(offsetof(struct config_rule, rule) == 0, "its table is that of what is in front");

static const struct config_rule rule_defaults = { .rule.source = true };
const struct record config_rule_record = {
	.what = "an interface",
	.size = sizeof(struct config_rule),
	.fields = interface_rule_fields,
	.n_fields = INTERFACE_RULE_FIELDS,
	.more = &config_ospf_speech,
	.defaults = &rule_defaults,
	.example = "a map like {rip: {}}",
};

/* The key of a rule: the name of an interface, or a pattern with its brackets closed. */
static int rule_pattern_check(struct document *d, const struct config *c, const struct token *t)
{
	size_t before = config_item_find(c, CONFIG_ITEM_INTERFACE, t->text);
	const char *bracket;

	if (strlen(t->text) >= NODE_PATTERN_MAX)
		return document_refuse(d, t->place, "the pattern %s is longer than %d characters",
				       TOKEN_QUOTE(t), NODE_PATTERN_MAX - 1);
	if (interface_name_is_plain(t->text) && !interface_name_is_valid(t->text))
		return document_refuse(d, t->place,
				       "%s cannot be the name of an interface "
				       "(1 to 15 characters, no space, '/' or ':')",
				       TOKEN_QUOTE(t));
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "%s has a control character in it",
				       TOKEN_QUOTE(t));
	bracket = strchr(t->text, '[');
	if (bracket && (!bracket[1] || !strchr(bracket + 2, ']')))
		return document_refuse(d, t->place, "%s has a '[' without its ']'", TOKEN_QUOTE(t));
	if (before != SIZE_MAX)
		return section_refuse_twice(d, t->place, t->text, c->rules[before].place);
	if (c->n_rules == NODE_RULES_MAX)
		return document_refuse(d, t->place, "there are more than %d interface rules",
				       NODE_RULES_MAX);
	return 0;
}

/* What needs a routing protocol on the interface. */
static int rule_speaks_check(struct document *d, const struct config_rule *rule)
{
	const struct interface_rule *r = &rule->rule;
	size_t watched = r->bfd_enabled ? offsetof(struct config_rule, rule.bfd)
					: offsetof(struct config_rule, rule.probe);

	for (size_t id = 1; id < PROTOCOL_END; id++)
		if (rule->speaks[id])
			return 0;
	if (r->bfd_enabled || r->probe_enabled)
		return document_refuse(d, places_of(&rule->at, watched, rule->place),
				       "'%s' watches the neighbours that a routing protocol finds: "
				       "the interface needs one too, like 'rip: {}' or 'ospf: {}'",
				       r->bfd_enabled ? "bfd" : "probe");
	if (r->learn.mode != ROUTE_FILTER_OFF)
		return document_refuse(
			d,
			places_of(&rule->at, offsetof(struct config_rule, rule.learn), rule->place),
			"'learn' takes the routes that a routing protocol hears: "
			"the interface needs one too, like 'rip: {}' or 'ospf: {}'");
	return 0;
}

static int rule_read(struct document *d, const struct token *key, struct config *c)
{
	struct config_rule rule = { .place = key->place };
	struct token t;
	int r = rule_pattern_check(d, c, key);

	if (r < 0)
		return r;
	interface_rule_default(&rule.rule);
	for (enum protocol_id k = 1; k < PROTOCOL_END; k++)
		rule.speeches[k] = protocol_speech(k);
	text_copy(rule.rule.pattern, sizeof(rule.rule.pattern), key->text);
	r = document_next(d, &t);
	if (r == 0)
		r = map_read(d, &t, &config_rule_record, &rule, &rule.at);
	for (size_t i = 0; i < PROTOCOLS && r == 0; i++)
		r = config_protocols[i]->check_rule(&rule, d);
	if (r == 0)
		r = rule_speaks_check(d, &rule);
	return r < 0 ? r : CONFIG_ADD(c, rules, &rule);
}

int section_read_rules(struct document *d, const struct token *first, struct config *c)
{
	return section_read_items(d, first, TOKEN_MAP,
				  "'interfaces' is a map like {eth1: {rip: {}}}", rule_read, c);
}
