/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the configuration, section by section; those of `checks` are in checks.c, those of
 * `interfaces` in rules.c, those of `source` in source.c. The tables and vipd.yaml(5) say the same
 * thing: whoever adds a key adds it to both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/map.h"
#include "config/model.h"
#include "config/section.h"
#include "fields/value.h"
#include "net/prefix.h"

int config_grow(void **array, size_t count, size_t *capacity, size_t element)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*array, wanted, element);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*capacity = wanted;
	return 0;
}

int section_read_list(struct document *d, const struct token *first, const char *what,
		      int (*item)(struct document *, const struct token *, void *), void *object)
{
	struct token t;
	int r;

	if (first->kind != TOKEN_LIST)
		return document_refuse(d, first->place, "%s, not %s", what, TOKEN_QUOTE(first));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_LIST_END)
			return r;
		r = item(d, &t, object);
		if (r < 0)
			return r;
	}
}

/* vips: */

static int vip_address_read(struct document *d, const struct token *t, void *object)
{
	struct config_vip *vip = object;

	if (t->kind != TOKEN_SCALAR ||
	    prefix_parse(t->text, &vip->settings.address, &vip->settings.length) < 0)
		return document_refuse(d, t->place,
				       "%s is not an address like 10.9.1.1 or 10.9.1.1/24",
				       TOKEN_QUOTE(t));
	vip->place = t->place;
	return 0;
}

static void vip_address_print(FILE *to, const void *object)
{
	const struct vip_settings *s = &((const struct config_vip *)object)->settings;
	char text[ADDRESS_TEXT_MAX + 4];

	/* Not prefix_format(): the host bits stay. Quoted, because of the colons of IPv6. */
	snprintf(text, sizeof(text), "%s/%u", ADDRESS_TEXT(&s->address), s->length);
	map_print_text(to, text);
}

static const struct schema_key vip_keys[] = {
	{ "address", SCHEMA_OTHER, MEMBER(struct config_vip, settings.address),
	  .read = vip_address_read, .print = vip_address_print },
	{ "board", SCHEMA_NAME, MEMBER(struct config_vip, settings.board) },
	{ "announce", SCHEMA_BOOL, MEMBER(struct config_vip, settings.announce) },
	{ "metric", SCHEMA_NUMBER, MEMBER(struct config_vip, settings.metric), .min = 1,
	  .max = RIP_INFINITY - 1 },
	{ "hold", SCHEMA_WORD, MEMBER(struct config_vip, settings.hold), .word = vip_hold_name },
	{ "arp", SCHEMA_WORD, MEMBER(struct config_vip, settings.arp), .word = vip_arp_name },
	{ "conflict", SCHEMA_WORD, MEMBER(struct config_vip, settings.conflict),
	  .word = vip_conflict_name },
	{ "source", SCHEMA_BOOL, MEMBER(struct config_vip, settings.source) },
	{ "check", SCHEMA_TEXT, MEMBER(struct config_vip, settings.check) },
	{ "label", SCHEMA_TEXT, MEMBER(struct config_vip, settings.label) },
};
const struct schema section_vip = SECTION("a VIP", vip_keys);

/* One VIP: a map of its keys, or its address alone. */
static int vip_read(struct document *d, const struct token *first, void *object)
{
	struct place places[SCHEMA_KEYS_MAX] = { 0 };
	struct config *c = object;
	struct config_vip vip = { .place = first->place };
	char sentence[NODE_SENTENCE_MAX];
	int r;

	vip_settings_default(&vip.settings);
	if (first->kind == TOKEN_SCALAR)
		r = vip_address_read(d, first, &vip);
	else
		r = schema_read(d, first, &section_vip, &vip, places);
	if (r < 0)
		return r;
	vip.metric = schema_place(&section_vip, places, "metric", vip.place);
	vip.check = schema_place(&section_vip, places, "check", vip.place);
	if (!address_is_set(&vip.settings.address))
		return document_refuse(d, first->place, "a VIP needs an 'address'");
	r = vip_settings_check(&vip.settings, sentence, sizeof(sentence));
	if (r < 0)
		return document_refuse(d, vip.place, "%s", sentence);
	if (c->n_vips == NODE_VIPS_MAX)
		return document_refuse(d, vip.place, "there are more than %d VIPs", NODE_VIPS_MAX);
	r = config_grow((void **)&c->vips, c->n_vips, &c->vips_capacity, sizeof(vip));
	if (r < 0)
		return r;
	c->vips[c->n_vips++] = vip;
	return 0;
}

static int vips_read(struct document *d, const struct token *first, void *object)
{
	return section_read_list(d, first, "'vips' is a list like [{address: 10.9.1.1/32}]",
				 vip_read, object);
}

/* boards: */

static int board_read(struct document *d, const struct token *t, void *object)
{
	struct config *c = object;
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

static int boards_read(struct document *d, const struct token *first, void *object)
{
	struct config *c = object;

	c->boards_given |= c->in_main;
	return section_read_list(d, first, "'boards' is a list of names like [vnic0]", board_read,
				 object);
}

/* A section that one file alone may have; *given becomes where it is. */
static int section_given(struct document *d, const struct token *first, const char *name,
			 struct place *given)
{
	if (given->line)
		return document_refuse(d, first->place,
				       "'%s' is here twice: it was given in %s already", name,
				       PLACE_QUOTE(*given, first->place));
	*given = first->place;
	return 0;
}

/* rip: of the whole instance */

#define RIP_TIME_MIN_MS 100
#define RIP_TIME_MAX_MS (24 * 3600 * 1000)

static const struct schema_key rip_keys[] = {
	{ "update", SCHEMA_DURATION, MEMBER(struct rip_settings, update), .min = RIP_TIME_MIN_MS,
	  .max = RIP_TIME_MAX_MS },
	{ "timeout", SCHEMA_DURATION, MEMBER(struct rip_settings, timeout), .min = RIP_TIME_MIN_MS,
	  .max = RIP_TIME_MAX_MS },
	{ "garbage", SCHEMA_DURATION, MEMBER(struct rip_settings, garbage), .min = RIP_TIME_MIN_MS,
	  .max = RIP_TIME_MAX_MS },
	{ "metric", SCHEMA_NUMBER, MEMBER(struct rip_settings, metric), .min = 1,
	  .max = RIP_INFINITY - 1 },
	{ "distance", SCHEMA_NUMBER, MEMBER(struct rip_settings, distance), .min = 1,
	  .max = RIP_INFINITY - 2 },
	{ "pace", SCHEMA_NUMBER, MEMBER(struct rip_settings, pace), .min = 1, .max = UINT16_MAX },
	{ "tag", SCHEMA_NUMBER, MEMBER(struct rip_settings, tag), .min = 0, .max = UINT16_MAX },
};
const struct schema section_rip = SECTION("'rip'", rip_keys);

static int rip_read(struct document *d, const struct token *first, void *object)
{
	struct config *c = object;
	int r = section_given(d, first, "rip", &c->rip_given);

	if (r < 0)
		return r;
	return schema_read(d, first, &section_rip, &c->rip, c->rip_places);
}

/* guard: */

#define GRACE_MIN_MS 100
#define GRACE_MAX_MS (3600 * 1000)

static const struct schema_key guard_keys[] = {
	{ "grace", SCHEMA_DURATION, MEMBER(struct config, grace), .min = GRACE_MIN_MS,
	  .max = GRACE_MAX_MS },
};
const struct schema section_guard = SECTION("'guard'", guard_keys);

static int guard_read(struct document *d, const struct token *first, void *object)
{
	struct config *c = object;
	int r = section_given(d, first, "guard", &c->guard_given);

	return r < 0 ? r : schema_read(d, first, &section_guard, c, NULL);
}

/* The whole file. config_print() writes these itself, one after the other. */

static const struct schema_key top_keys[] = {
	{ "boards", SCHEMA_OTHER, .read = boards_read },
	{ "vips", SCHEMA_OTHER, .read = vips_read },
	{ "checks", SCHEMA_OTHER, .read = section_read_checks },
	{ "interfaces", SCHEMA_OTHER, .read = section_read_rules },
	{ "rip", SCHEMA_OTHER, .read = rip_read },
	{ "guard", SCHEMA_OTHER, .read = guard_read },
	{ "source", SCHEMA_OTHER, .read = section_read_source },
	NOT_YET("ospf"),
	NOT_YET("bgp"),
	NOT_YET("bfd"),
	NOT_YET("auth"),
};
const struct schema section_top = SECTION("the configuration", top_keys);
