/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section `source`: whose address connections get that name none. Three ways to write it: the
 * mode alone, a rule or a list of rules alone, or a map of both.
 */
#include "config/model.h"
#include "config/section.h"
#include "fields/text.h"

static const struct config_sources sources_defaults = { .mode = SOURCE_MODE_ON };

static const struct field_text rules_text = {
	.form = "a list like [{to: 10.8.0.0/16, use: 10.9.1.5}]",
};

static const struct field sources_fields[] = {
	FIELD_WORD(1, "mode", struct config_sources, mode, source_mode_words,
		   .help = "whether connections that name no source get the first VIP"),
	FIELD_LIST_OF(
		2, "rules", struct config_sources, rules, n_rules, source_rule_record,
		.flags = FIELD_INLINE, .text = &rules_text,
		.help = "the first one counts of which all keys hold and whose VIP is in force"),
};
const struct record config_sources_record =
	RECORD("'source'", struct config_sources, sources_fields, .defaults = &sources_defaults,
	       .form = RECORD_MAP_OR_ONE);

/* The mode alone goes by the name of the section. */
static const struct field alone =
	FIELD_WORD(1, "source", struct config_sources, mode, source_mode_words);

int section_read_sources(struct document *d, const struct token *first, struct config *c)
{
	char sentence[FIELD_SENTENCE_MAX];

	if (first->kind != TOKEN_SCALAR)
		return map_read(d, first, &config_sources_record, &c->sources, &c->sources_at);
	if (field_parse(&alone, first->text, &c->sources, 0, sentence, sizeof(sentence)) < 0)
		return document_refuse(d, first->place, "%s", sentence);
	return 0;
}
