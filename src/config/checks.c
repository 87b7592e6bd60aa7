/* SPDX-License-Identifier: Apache-2.0 */
/* The section `checks`: definitions by name. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "config/section.h"

/* What follows from what is said of a check, and from what is not. */
static int check_complete(struct document *d, struct config_check *check, const struct places *at)
{
	size_t timeout = offsetof(struct check_settings, timeout);
	struct check_settings *s = &check->settings;
	struct place place = places_of(at, timeout, (struct place){ 0 });
	char sentence[NODE_SENTENCE_MAX];

	if (s->port == 0)
		s->port = check_usual_port(s->kind);
	/* Who only says that it is done more often has not asked for more patience than that. */
	if (!place.line && s->timeout.ns > s->every.ns)
		s->timeout = s->every;
	if (check_settings_check(s, sentence, sizeof(sentence)) < 0)
		return document_refuse(d, place.line ? place : check->place, "%s", sentence);
	return 0;
}

static int check_name_read(struct document *d, const struct config *c, const struct token *t)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	size_t before = config_item_find(c, CONFIG_ITEM_CHECK, t->text);

	if (!*t->text || strspn(t->text, letters) != strlen(t->text) ||
	    strlen(t->text) >= CHECK_NAME_MAX)
		return document_refuse(d, t->place,
				       "%s cannot be the name of a check (1 to %d letters, digits, "
				       "'-', '_' or '.')",
				       TOKEN_QUOTE(t), CHECK_NAME_MAX - 1);
	if (before != SIZE_MAX)
		return section_refuse_twice(d, t->place, t->text, c->checks[before].place);
	if (c->n_checks == NODE_CHECKS_MAX)
		return document_refuse(d, t->place, "there are more than %d checks",
				       NODE_CHECKS_MAX);
	return 0;
}

static int check_read(struct document *d, const struct token *key, struct config *c)
{
	struct config_check check = { .place = key->place };
	struct places at;
	struct token t;
	int r = check_name_read(d, c, key);

	if (r < 0)
		return r;
	check_settings_default(&check.settings);
	text_copy(check.settings.name, CHECK_NAME_MAX, key->text);
	r = document_next(d, &t);
	if (r == 0)
		r = map_read(d, &t, &check_record, &check.settings, &at);
	if (r == 0)
		r = check_complete(d, &check, &at);
	return r < 0 ? r : CONFIG_ADD(c, checks, &check);
}

int section_read_checks(struct document *d, const struct token *first, struct config *c)
{
	return section_read_items(d, first, TOKEN_MAP,
				  "'checks' is a map like {web: {http: /health}}", check_read, c);
}
