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

/*
 * Reads a list, giving the first token of each item to `item`; `what` begins the refusal of
 * another value.
 */
static int read_list(struct document *d, const struct token *first, const char *what,
		     int (*item)(struct document *, const struct token *, struct config *),
		     struct config *c)
{
	struct token t;
	int r;

	if (first->kind != TOKEN_LIST)
		return document_refuse(d, first->place, "%s, not %s", what, TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_LIST_END)
			return r;
		r = item(d, &t, c);
		if (r < 0)
			return r;
	}
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
	r = config_grow((void **)&c->vips, c->n_vips, &c->vips_capacity, sizeof(vip));
	if (r < 0)
		return r;
	c->vips[c->n_vips++] = vip;
	return 0;
}

static int vips_read(struct document *d, const struct token *first, struct config *c)
{
	return read_list(d, first, "'vips' is a list like [{address: 10.9.1.1/32}]", vip_read, c);
}

/* boards: */

static int board_read(struct document *d, const struct token *t, struct config *c)
{
	struct config_board board = { .place = t->place };
	int r;

	if (t->kind != TOKEN_SCALAR || !interface_name_is_valid(t->text))
		return document_refuse(d, t->place,
				       "%s cannot be the name of a board "
				       "(1 to 15 characters, no space, '/' or ':')",
				       TOKEN_QUOTE(t));
	for (size_t i = 0; i < c->n_boards; i++) {
		if (strcmp(c->boards[i].name, t->text) != 0)
			continue;
		/* Another file may need it, too. */
		if (c->boards[i].place.file != t->place.file)
			return 0;
		return document_refuse(d, t->place, "the board '%s' is here twice", t->text);
	}
	if (c->n_boards == NODE_BOARDS_MAX)
		return document_refuse(d, t->place, "there are more than %d boards",
				       NODE_BOARDS_MAX);
	text_copy(board.name, sizeof(board.name), t->text);
	r = config_grow((void **)&c->boards, c->n_boards, &c->boards_capacity, sizeof(board));
	if (r < 0)
		return r;
	c->boards[c->n_boards++] = board;
	return 0;
}

static int boards_read(struct document *d, const struct token *first, struct config *c)
{
	c->boards_given |= c->in_main;
	return read_list(d, first, "'boards' is a list of names like [vnic0]", board_read, c);
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

/* The protocols of routing; the section of each has its name. */

const struct protocol *const config_protocols[PROTOCOLS] = { &config_rip };

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
	{ "source", section_read_sources, offsetof(struct config, sources_given) },
};

#define SECTIONS ARRAY_LENGTH(sections)
#define KEYS (SECTIONS + PROTOCOLS)

static const char *key_name(size_t i)
{
	return i < SECTIONS ? sections[i].name : config_protocols[i - SECTIONS]->name;
}

static int refuse_twice(struct document *d, const struct token *t, const char *name,
			struct place before)
{
	return document_refuse(d, t->place, "'%s' is here twice: it was given in %s already", name,
			       PLACE_QUOTE(before, t->place));
}

/* The value of the `i`th key. */
static int key_read(struct document *d, const struct token *first, struct config *c, size_t i)
{
	struct place *given = i >= SECTIONS	  ? &c->protocols[i - SECTIONS].given
			      : sections[i].given ? (struct place *)((char *)c + sections[i].given)
						  : NULL;

	if (given && given->line)
		return refuse_twice(d, first, key_name(i), *given);
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
			return refuse_twice(d, &t, names[i], seen[i]);
		r = document_next(d, &t);
		if (r < 0)
			return r;
		seen[i] = t.place;
		r = key_read(d, &t, c, i);
		if (r < 0)
			return r;
	}
}
