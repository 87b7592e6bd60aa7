/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sections of the configuration; `checks` is in checks.c, `interfaces` in rules.c, `source` in
 * source.c. Their keys stand in the tables of the records that they fill.
 */
#include <string.h>

#include "base/text.h"
#include "config/model.h"
#include "config/section.h"
#include "node/will.h"

int section_read_items(struct document *d, const struct token *first, enum token_kind kind,
		       const char *what, section_item *item, struct config *c)
{
	enum token_kind end = kind == TOKEN_LIST ? TOKEN_LIST_END : TOKEN_MAP_END;
	struct token t;
	int r;

	if (first->kind != kind)
		return document_refuse(d, first->place, "%s, not %s", what, TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == end)
			return r;
		if (kind == TOKEN_MAP && t.kind != TOKEN_SCALAR)
			return document_refuse(d, t.place, "a key is a plain word, not %s",
					       TOKEN_QUOTE(&t));
		r = item(d, &t, c);
		if (r < 0)
			return r;
	}
}

int section_refuse_twice(struct document *d, struct place at, const char *name, struct place before)
{
	return document_refuse(d, at, "%s is here twice: it was given in %s already",
			       VALUE_QUOTE(name), PLACE_QUOTE(before, at));
}

/* vips: */

/* One VIP: a map of its keys, or its address alone. */
static int vip_read(struct document *d, const struct token *first, struct config *c)
{
	char sentence[NODE_SENTENCE_MAX];
	struct config_vip vip = { 0 };
	struct places at;
	int r;

	vip_settings_default(&vip.settings);
	r = map_read(d, first, &vip_record, &vip.settings, &at);
	if (r < 0)
		return r;
	vip.place = places_of(&at, offsetof(struct vip_settings, address), first->place);
	vip.metric = places_of(&at, offsetof(struct vip_settings, metric), vip.place);
	vip.check = places_of(&at, offsetof(struct vip_settings, check), vip.place);
	if (vip_settings_check(&vip.settings, sentence, sizeof(sentence)) < 0)
		return document_refuse(d, vip.place, "%s", sentence);
	if (c->n_vips == NODE_VIPS_MAX)
		return document_refuse(d, vip.place, "there are more than %d VIPs", NODE_VIPS_MAX);
	return CONFIG_ADD(c, vips, &vip);
}

static int vips_read(struct document *d, const struct token *first, struct config *c)
{
	return section_read_items(d, first, TOKEN_LIST,
				  "'vips' is a list like [{address: 10.9.1.1/32}]", vip_read, c);
}

/* boards: */

static int board_read(struct document *d, const struct token *t, struct config *c)
{
	struct config_board board = { .place = t->place };
	size_t before = config_item_find(c, CONFIG_ITEM_BOARD, t->text);

	if (t->kind != TOKEN_SCALAR || !interface_name_is_valid(t->text))
		return document_refuse(d, t->place,
				       "%s cannot be the name of a board "
				       "(1 to 15 characters, no space, '/' or ':')",
				       TOKEN_QUOTE(t));
	/* Another file may need it, too. */
	if (before != SIZE_MAX && c->boards[before].place.file != t->place.file)
		return 0;
	if (before != SIZE_MAX)
		return document_refuse(d, t->place, "the board '%s' is here twice", t->text);
	if (c->n_boards == NODE_BOARDS_MAX)
		return document_refuse(d, t->place, "there are more than %d boards",
				       NODE_BOARDS_MAX);
	text_copy(board.name, sizeof(board.name), t->text);
	return CONFIG_ADD(c, boards, &board);
}

static int boards_read(struct document *d, const struct token *first, struct config *c)
{
	c->boards_given |= c->in_main;
	return section_read_items(d, first, TOKEN_LIST, "'boards' is a list of names like [vnic0]",
				  board_read, c);
}

/* guard: */

#define GRACE_MIN_MS 100
#define GRACE_MAX_MS (3600 * 1000)

static const struct config_guard guard_defaults = { .grace = { INT64_C(1000000000) *
							       WILL_GRACE_DEFAULT_S } };

static const struct field guard_fields[] = {
	FIELD(1, "grace", struct config_guard, grace, .min = GRACE_MIN_MS, .max = GRACE_MAX_MS,
	      .help = "how long the guard waits for vipd to be started again"),
};
const struct record config_guard_record =
	RECORD("'guard'", struct config_guard, guard_fields, .defaults = &guard_defaults);

static int guard_read(struct document *d, const struct token *first, struct config *c)
{
	return map_read(d, first, &config_guard_record, &c->guard, NULL);
}

/* proof: */

static const struct config_proof proof_defaults = { .forwarding = true };

static const struct field proof_fields[] = {
	FIELD(1, "forwarding", struct config_proof, forwarding,
	      .help = "whether packets are sent through routers to see if they come back to VIPs"),
};
const struct record config_proof_record =
	RECORD("'proof'", struct config_proof, proof_fields, .defaults = &proof_defaults,
	       .example = "a map like {forwarding: on}");

static int proof_read(struct document *d, const struct token *first, struct config *c)
{
	return map_read(d, first, &config_proof_record, &c->proof, NULL);
}

/* The protocols of routing; the section of each has its name. */

const struct protocol *const config_protocols[PROTOCOLS] = { &config_rip, &config_ospf };

static int protocol_read(struct document *d, const struct token *first, struct config *c, size_t i)
{
	return map_read(d, first, config_protocols[i]->settings, c->protocols[i].settings,
			&c->protocols[i].at);
}

/* The whole file. config_print() writes these itself, one after the other. */

static const struct {
	const char *name;
	int (*read)(struct document *d, const struct token *first, struct config *c);
	size_t given; /* where it stands, of what one file alone may have; 0: any may */
} sections[] = {
	{ "boards", boards_read, 0 },
	{ "vips", vips_read, 0 },
	{ "checks", section_read_checks, 0 },
	{ "interfaces", section_read_rules, 0 },
	{ "guard", guard_read, offsetof(struct config, guard_given) },
	{ "proof", proof_read, offsetof(struct config, proof_given) },
	{ "source", section_read_sources, offsetof(struct config, sources_given) },
};

#define SECTIONS ARRAY_LENGTH(sections)
#define KEYS (SECTIONS + PROTOCOLS)

static const char *key_name(size_t i)
{
	return i < SECTIONS ? sections[i].name : config_protocols[i - SECTIONS]->name;
}

/* The value of the `i`th key. */
static int key_read(struct document *d, const struct token *first, struct config *c, size_t i)
{
	struct place *given = i >= SECTIONS	  ? &c->protocols[i - SECTIONS].given
			      : sections[i].given ? (struct place *)((char *)c + sections[i].given)
						  : NULL;

	if (given && given->line)
		return section_refuse_twice(d, first->place, key_name(i), *given);
	if (given)
		*given = first->place;
	return i < SECTIONS ? sections[i].read(d, first, c)
			    : protocol_read(d, first, c, i - SECTIONS);
}

int section_read_all(struct document *d, const struct token *first, struct config *c)
{
	struct place seen[KEYS] = { 0 };
	const char *names[KEYS];
	struct token t;
	size_t i;
	int r;

	for (i = 0; i < KEYS; i++)
		names[i] = key_name(i);
	if (first->kind != TOKEN_MAP)
		return document_refuse(d, first->place,
				       "the configuration is a map of keys and values, not %s",
				       TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_MAP_END)
			return r;
		if (t.kind != TOKEN_SCALAR)
			return document_refuse(d, t.place, "a key is a plain word, not %s",
					       TOKEN_QUOTE(&t));
		for (i = 0; i < KEYS && strcmp(names[i], t.text) != 0; i++)
			;
		if (i == KEYS)
			return map_refuse_key(d, &t, "the configuration", names, KEYS);
		if (seen[i].line)
			return section_refuse_twice(d, t.place, names[i], seen[i]);
		r = document_next(d, &t);
		if (r < 0)
			return r;
		seen[i] = t.place;
		r = key_read(d, &t, c, i);
		if (r < 0)
			return r;
	}
}
