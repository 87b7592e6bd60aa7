/* SPDX-License-Identifier: Apache-2.0 */
/* The key `learn` of an interface: a word, or a list of prefixes. */
#include <string.h>

#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"

static int learn_prefix_read(struct document *d, const struct token *t, void *object)
{
	struct route_filter *learn = &((struct config_rule *)object)->rule.learn;
	struct prefix p;
	struct address a;
	uint8_t length;

	if (t->kind != TOKEN_SCALAR || prefix_parse(t->text, &a, &length) < 0)
		return document_refuse(d, t->place, "%s is not a network like 10.0.0.0/8",
				       TOKEN_QUOTE(t));
	p = prefix_make(&a, length);
	if (!address_equal(&p.address, &a))
		return document_refuse(d, t->place,
				       "%s is an address in a network, did you mean %s?", t->text,
				       PREFIX_TEXT(&p));
	for (size_t i = 0; i < learn->n_prefixes; i++)
		if (prefix_equal(&learn->prefixes[i], &p))
			return document_refuse(d, t->place, "the network %s is here twice",
					       t->text);
	if (learn->n_prefixes == ROUTE_FILTER_PREFIXES_MAX)
		return document_refuse(d, t->place, "'learn' can list %d networks at most",
				       ROUTE_FILTER_PREFIXES_MAX);
	learn->prefixes[learn->n_prefixes++] = p;
	return 0;
}

static int learn_list_read(struct document *d, const struct token *first, struct config_rule *rule)
{
	int r = section_read_list(d, first,
				  "'learn' is off, default, all, or a list like [10.0.0.0/8]",
				  learn_prefix_read, rule);

	if (r < 0)
		return r;
	if (rule->rule.learn.n_prefixes == 0)
		return document_refuse(d, first->place,
				       "'learn' with an empty list learns nothing: say off");
	rule->rule.learn.mode = ROUTE_FILTER_PREFIXES;
	return 0;
}

int section_read_learn(struct document *d, const struct token *first, void *object)
{
	struct config_rule *rule = object;
	bool on;

	rule->learn = first->place;
	if (first->kind != TOKEN_SCALAR)
		return learn_list_read(d, first, rule);
	if (strcmp(first->text, "default") == 0)
		rule->rule.learn.mode = ROUTE_FILTER_DEFAULT;
	else if (strcmp(first->text, "all") == 0)
		rule->rule.learn.mode = ROUTE_FILTER_ALL;
	else if (value_parse_bool(first->text, &on) == 0 && !on)
		rule->rule.learn.mode = ROUTE_FILTER_OFF;
	else
		return document_refuse(d, first->place,
				       "'learn' is off, default, all, or a list of networks like "
				       "[10.0.0.0/8], not %s",
				       TOKEN_QUOTE(first));
	return 0;
}

void section_print_learn(FILE *to, const void *object)
{
	const struct route_filter *learn = &((const struct config_rule *)object)->rule.learn;

	if (learn->mode != ROUTE_FILTER_PREFIXES) {
		fputs(learn->mode == ROUTE_FILTER_ALL	    ? "all"
		      : learn->mode == ROUTE_FILTER_DEFAULT ? "default"
							    : "off",
		      to);
		return;
	}
	fputc('[', to);
	for (size_t i = 0; i < learn->n_prefixes; i++) {
		fputs(i ? ", " : "", to);
		/* Quoted, because of the colons of IPv6. */
		map_print_text(to, PREFIX_TEXT(&learn->prefixes[i]));
	}
	fputc(']', to);
}
