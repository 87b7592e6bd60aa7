/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "config/section.h"

/* An exact name wins over a pattern, wherever it stands in the files. */
static int config_sort_rules(struct config *c)
{
	struct config_rule *sorted;
	size_t n = 0;

	if (c->n_rules == 0)
		return 0;
	sorted = reallocarray(NULL, c->n_rules, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (int pattern = 0; pattern <= 1; pattern++)
		for (size_t i = 0; i < c->n_rules; i++)
			if (!interface_name_is_plain(c->rules[i].rule.pattern) == pattern)
				sorted[n++] = c->rules[i];
	free(c->rules);
	c->rules = sorted;
	c->rules_capacity = n;
	return 0;
}

struct config *config_new(void)
{
	struct config *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	for (size_t i = 0; i < PROTOCOLS; i++)
		record_default(config_protocols[i]->settings, c->protocols[i].settings);
	record_default(&config_guard_record, &c->guard);
	record_default(&config_proof_record, &c->proof);
	record_default(&config_sources_record, &c->sources);
	return c;
}

/* The whole text: one map, or nothing at all. */
static int config_take(struct config *c, struct document *d)
{
	struct token t;
	int r = document_next(d, &t);

	if (r < 0)
		return r;
	if (t.kind == TOKEN_SCALAR && !*t.text)
		/* `---` and nothing behind it. */
		return document_next(d, &t);
	if (t.kind == TOKEN_END)
		return 0;
	r = section_read_all(d, &t, c);
	/* The last token is the end: a second document has been refused by document_next(). */
	return r < 0 ? r : document_next(d, &t);
}

/* The sentence of an error that has none yet. */
static int config_explain(int r, const char *name, char *error, size_t error_size)
{
	if (r < 0 && !*error)
		snprintf(error, error_size, "%s: %s", name, strerror(-r));
	return r;
}

int config_load(struct config *c, const char *name, bool main, const void *bytes, size_t length,
		char *error, size_t error_size)
{
	struct document *d = NULL;
	int r = -ENOMEM;

	text_copy(error, error_size, "");
	if (c->n_files == CONFIG_FILES_MAX) {
		snprintf(error, error_size, "%s: there are more than %d files", name,
			 CONFIG_FILES_MAX);
		return -EINVAL;
	}
	c->files[c->n_files] = strdup(name);
	if (c->files[c->n_files]) {
		c->in_main = main;
		name = c->files[c->n_files++];
		r = document_open(name, bytes, length, error, error_size, &d);
	}
	if (r == 0)
		r = config_take(c, d);
	document_close(d);
	return config_explain(r, name, error, error_size);
}

int config_finish(struct config *c, const char *name, char *error, size_t error_size)
{
	struct document *d = NULL;
	int r;

	text_copy(error, error_size, "");
	/* Nothing is read from it: it is what refusals are said with. */
	r = document_open(c->n_files ? c->files[0] : name, "", 0, error, error_size, &d);
	if (r == 0)
		r = config_coherence(c, d);
	if (r == 0)
		r = config_sort_rules(c);
	document_close(d);
	return config_explain(r, name, error, error_size);
}

int config_parse(const char *name, const void *bytes, size_t length, struct config **ret,
		 char *error, size_t error_size)
{
	struct config *c = config_new();
	int r;

	if (!c)
		return config_explain(-ENOMEM, name, error, error_size);
	r = config_load(c, name, true, bytes, length, error, error_size);
	if (r == 0)
		r = config_finish(c, name, error, error_size);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

/* The section that has the settings of a protocol. */
static const struct config_protocol *section_of(const struct config *c, size_t id)
{
	size_t i = 0;

	while (!(config_protocols[i]->ids >> id & 1))
		i++;
	return &c->protocols[i];
}

bool config_part(const struct config *c, size_t *position, struct input *ret)
{
	size_t i = *position;
	struct input in = { .kind = INPUT_CONFIG, .more = true };

	if (i < PROTOCOL_COUNT) {
		in.config.part = CONFIG_PROTOCOL;
		in.config.protocol.protocol = (uint8_t)(i + 1);
		memcpy(in.config.protocol.own, section_of(c, i + 1)->settings,
		       sizeof(in.config.protocol.own));
	} else if ((i -= PROTOCOL_COUNT) < c->n_boards) {
		in.config.part = CONFIG_BOARD;
		text_copy(in.config.board, sizeof(in.config.board), c->boards[i].name);
	} else if ((i -= c->n_boards) < c->n_checks) {
		in.config.part = CONFIG_CHECK;
		in.config.check = c->checks[i].settings;
	} else if ((i -= c->n_checks) < c->n_vips) {
		in.config.part = CONFIG_VIP;
		in.config.vip = c->vips[i].settings;
	} else if ((i -= c->n_vips) < c->n_rules * PROTOCOL_END) {
		/* Each rule, and behind it how the protocols are spoken. */
		const struct config_rule *rule = &c->rules[i / PROTOCOL_END];
		size_t id = i % PROTOCOL_END;

		if (id > 0 && !rule->speaks[id]) {
			*position += 1;
			return config_part(c, position, ret);
		}
		in.config.part = id > 0 ? CONFIG_SPEECH : CONFIG_RULE;
		if (id > 0) {
			in.config.speech = rule->speeches[id];
			in.config.speech.protocol = (uint8_t)id;
		} else {
			in.config.rule = rule->rule;
		}
	} else if ((i -= c->n_rules * PROTOCOL_END) < c->sources.n_rules) {
		in.config.part = CONFIG_SOURCE_RULE;
		in.config.source_rule = c->sources.rules[i];
	} else if ((i -= c->sources.n_rules) == 0) {
		in.config.part = CONFIG_SOURCE;
		in.config.source_mode = c->sources.mode;
	} else if (i == 1) {
		in.config.part = CONFIG_PROOF;
		in.config.proof = c->proof.forwarding;
	} else if (i == 2) {
		in.config.part = CONFIG_END;
		in.more = false;
	} else {
		return false;
	}
	*position += 1;
	*ret = in;
	return true;
}
