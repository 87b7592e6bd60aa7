/* SPDX-License-Identifier: Apache-2.0 */
#include "api/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cursor.h"
#include "base/container.h"
#include "base/text.h"
#include "net/prefix.h"
#include "node/protocol.h"

#define BODY_KEY_MAX 32

/* The keys of a VIP: the same names as in vipd.yaml(5) and in what the API answers. */
struct body_field {
	const char *name;
	bool (*read)(struct cursor *c, const struct body_field *f, struct vip_settings *s);
	size_t offset, size;		    /* of a bool, a word or a text */
	const char *(*word)(uint8_t value); /* its words, from 0 up; NULL ends them */
};

static bool field_is(struct cursor *c, const struct body_field *f, enum cursor_kind wanted)
{
	enum cursor_kind kind = cursor_peek(c);

	if (kind == wanted || kind == CURSOR_NOTHING)
		return !c->failed;
	return cursor_refuse(c, "'%s' is %s, not %s", f->name, cursor_kind_name(wanted),
			     cursor_kind_name(kind));
}

static bool vip_address(struct cursor *c, struct vip_settings *s)
{
	char text[PREFIX_TEXT_MAX + 16];

	if (!cursor_string(c, text, sizeof(text)))
		return false;
	if (prefix_parse(text, &s->address, &s->length) < 0)
		return cursor_refuse(c, "'%s' is not an address like 10.9.1.1 or 10.9.1.1/24",
				     text);
	return true;
}

static bool field_address(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	return field_is(c, f, CURSOR_STRING) && vip_address(c, s);
}

static bool field_name(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	char name[INTERFACE_NAME_MAX * 4];

	if (!field_is(c, f, CURSOR_STRING) || !cursor_string(c, name, sizeof(name)))
		return false;
	if (!interface_name_is_valid(name))
		return cursor_refuse(c,
				     "'%s' cannot be the name of a board "
				     "(1 to 15 characters, no space, '/' or ':')",
				     name);
	text_copy(s->board, sizeof(s->board), name);
	return true;
}

static bool field_bool(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	return field_is(c, f, CURSOR_BOOL) && cursor_bool(c, (bool *)((char *)s + f->offset));
}

static bool field_metric(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	int64_t value;

	if (!field_is(c, f, CURSOR_NUMBER) || !cursor_number(c, &value))
		return false;
	if (value < 1 || value > protocol_metric_max())
		return cursor_refuse(c, "'%s' is a number from 1 to %d, not %" PRId64, f->name,
				     (int)protocol_metric_max(), value);
	s->metric = (uint32_t)value;
	return true;
}

static bool field_word(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	char word[32], choices[64];
	struct text out;

	if (!field_is(c, f, CURSOR_STRING) || !cursor_string(c, word, sizeof(word)))
		return false;
	text_init(&out, choices, sizeof(choices));
	for (uint8_t i = 0; f->word(i); i++) {
		if (strcmp(f->word(i), word) == 0) {
			*((uint8_t *)s + f->offset) = i;
			return true;
		}
		text_add(&out, "%s%s", i == 0 ? "" : f->word(i + 1) ? ", " : " or ", f->word(i));
	}
	return cursor_refuse(c, "'%s' is %s, not '%s'", f->name, choices, word);
}

static bool field_text(struct cursor *c, const struct body_field *f, struct vip_settings *s)
{
	char text[NODE_LABEL_MAX * 8];

	if (!field_is(c, f, CURSOR_STRING) || !cursor_string(c, text, sizeof(text)))
		return false;
	if (strlen(text) >= f->size)
		return cursor_refuse(c, "'%s' is longer than %zu bytes", f->name, f->size - 1);
	for (const char *b = text; *b; b++)
		if ((uint8_t)*b < 0x20 || *b == 0x7f)
			return cursor_refuse(c, "'%s' has a control character in it", f->name);
	text_copy((char *)s + f->offset, f->size, text);
	return true;
}

#define WORD(key)                                                                                  \
	{                                                                                          \
		.name = #key, .read = field_word, .offset = offsetof(struct vip_settings, key),    \
		.word = vip_##key##_name                                                           \
	}
static const struct body_field vip_fields[] = {
	{ .name = "address", .read = field_address },
	{ .name = "board", .read = field_name },
	{ .name = "announce",
	  .read = field_bool,
	  .offset = offsetof(struct vip_settings, announce) },
	{ .name = "metric", .read = field_metric },
	WORD(hold),
	WORD(arp),
	WORD(conflict),
	{ .name = "source", .read = field_bool, .offset = offsetof(struct vip_settings, source) },
	{ .name = "check",
	  .read = field_text,
	  .offset = offsetof(struct vip_settings, check),
	  .size = CHECK_NAME_MAX },
	{ .name = "label",
	  .read = field_text,
	  .offset = offsetof(struct vip_settings, label),
	  .size = NODE_LABEL_MAX },
};
#undef WORD

static bool body_refuse_key(struct cursor *c, const char *key, const char *const *names,
			    size_t count)
{
	const char *nearest = text_nearest(key, names, count);
	char known[128];
	struct text out;

	if (nearest)
		return cursor_refuse(c, "unknown key '%s' (did you mean '%s'?)", key, nearest);
	text_init(&out, known, sizeof(known));
	for (size_t i = 0; i < count; i++)
		text_add(&out, "%s%s", i ? ", " : "", names[i]);
	return cursor_refuse(c, "unknown key '%s': there are %s", key, count ? known : "none");
}

static bool vip_refuse_key(struct cursor *c, const char *key, bool vips_too)
{
	const char *names[ARRAY_LENGTH(vip_fields) + 1];
	size_t n = 0;

	while (n < ARRAY_LENGTH(vip_fields)) {
		names[n] = vip_fields[n].name;
		n++;
	}
	if (vips_too)
		names[n++] = "vips";
	return body_refuse_key(c, key, names, n);
}

/* `seen` has a bit for each key; the one behind those of a VIP is "vips". */
static bool body_once(struct cursor *c, const char *key, unsigned bit, unsigned *seen)
{
	if (*seen & 1u << bit)
		return cursor_refuse(c, "'%s' is here twice", key);
	*seen |= 1u << bit;
	return true;
}

/*
 * Takes an object with the keys of a VIP. Where `ret_vips` is given, the object may have "vips"
 * too: it is skipped, and *ret_vips is where its value begins.
 */
static bool vip_read(struct cursor *c, struct vip_settings *s, const char **ret_vips)
{
	char key[BODY_KEY_MAX];
	unsigned seen = 0;

	for (cursor_enter(c, '{'); cursor_member(c, '}', key, sizeof(key));) {
		unsigned i = 0;

		while (i < ARRAY_LENGTH(vip_fields) && strcmp(vip_fields[i].name, key) != 0)
			i++;
		if (i == ARRAY_LENGTH(vip_fields) && (!ret_vips || strcmp(key, "vips") != 0))
			return vip_refuse_key(c, key, ret_vips != NULL);
		if (!body_once(c, key, i, &seen))
			return false;
		if (i == ARRAY_LENGTH(vip_fields)) {
			*ret_vips = c->at;
			cursor_skip(c);
		} else {
			vip_fields[i].read(c, &vip_fields[i], s);
		}
	}
	return !c->failed;
}

/* One item of "vips": an object, or an address alone. */
static bool vip_read_item(struct cursor *c, struct vip_settings *s)
{
	enum cursor_kind kind = cursor_peek(c);

	if (kind == CURSOR_STRING)
		return vip_address(c, s);
	if (kind != CURSOR_OBJECT && kind != CURSOR_NOTHING)
		return cursor_refuse(c, "it is an object or a string, not %s",
				     cursor_kind_name(kind));
	if (!vip_read(c, s, NULL))
		return false;
	if (!address_is_set(&s->address))
		return cursor_refuse(c, "it has no 'address'");
	return true;
}

/* The array grows by doubling. */
static bool vips_append(struct cursor *c, struct vip_settings **vips, size_t count,
			size_t *capacity, const struct vip_settings *s)
{
	if (count == NODE_VIPS_MAX)
		return cursor_refuse(c, "there are more than %d VIPs", NODE_VIPS_MAX);
	if (count == *capacity) {
		size_t wanted = *capacity ? *capacity * 2 : 16;
		struct vip_settings *grown = reallocarray(*vips, wanted, sizeof(*grown));

		if (!grown) {
			cursor_refuse(c, "out of memory");
			c->error = -ENOMEM;
			return false;
		}
		*vips = grown;
		*capacity = wanted;
	}
	(*vips)[count] = *s;
	return true;
}

static bool vips_read(struct cursor *c, const struct vip_settings *defaults,
		      struct vip_settings **vips, size_t *count)
{
	size_t capacity = 0;

	if (cursor_peek(c) != CURSOR_ARRAY)
		return cursor_refuse(c, "'vips' is an array, not %s",
				     cursor_kind_name(cursor_peek(c)));
	for (cursor_enter(c, '['); cursor_member(c, ']', NULL, 0); *count += 1) {
		struct vip_settings s = *defaults;

		if (!vip_read_item(c, &s) && c->error == -EINVAL) {
			char sentence[CURSOR_SENTENCE_MAX];

			text_copy(sentence, sizeof(sentence), c->sentence);
			c->failed = false;
			cursor_refuse(c, "vips[%zu]: %.220s", *count, sentence);
		}
		if (c->failed || !vips_append(c, vips, *count, &capacity, &s))
			return false;
	}
	if (*count == 0)
		return cursor_refuse(c, "'vips' is empty");
	return !c->failed;
}

static bool bind_read(struct cursor *c, struct vip_settings **vips, size_t *count)
{
	const char *list = NULL;
	struct vip_settings s;
	size_t capacity = 0;

	vip_settings_default(&s);
	if (!vip_read(c, &s, &list))
		return false;
	cursor_finish(c);
	if (c->failed)
		return false;
	if (list && address_is_set(&s.address))
		return cursor_refuse(c, "it is either 'address' or 'vips', not both");
	if (!list && !address_is_set(&s.address))
		return cursor_refuse(c, "'address' is missing, or 'vips' for many");
	if (!list) {
		*count = 1;
		return vips_append(c, vips, 0, &capacity, &s);
	}
	/* Only now are the defaults known, wherever they stand: back to the list. */
	c->at = list;
	return vips_read(c, &s, vips, count);
}

static int body_outcome(const struct cursor *c, char *sentence, size_t size)
{
	if (c->failed)
		text_copy(sentence, size, c->sentence);
	return c->error;
}

int body_parse_bind(const char *bytes, size_t length, struct vip_settings **ret, size_t *ret_count,
		    char *sentence, size_t size)
{
	struct vip_settings *vips = NULL;
	struct cursor c;
	size_t count = 0;

	cursor_init(&c, bytes, length);
	if (!bind_read(&c, &vips, &count)) {
		free(vips);
		return body_outcome(&c, sentence, size);
	}
	*ret = vips;
	*ret_count = count;
	return 0;
}

static void board_read(struct cursor *c, struct vip_settings *s)
{
	static const struct body_field field = { .name = "name" };
	static const char *const names[] = { "name" };
	char key[BODY_KEY_MAX];
	unsigned seen = 0;

	for (cursor_enter(c, '{'); cursor_member(c, '}', key, sizeof(key));) {
		if (strcmp(key, "name") != 0)
			body_refuse_key(c, key, names, ARRAY_LENGTH(names));
		else if (body_once(c, key, 0, &seen))
			field_name(c, &field, s);
	}
	cursor_finish(c);
	if (!seen)
		cursor_refuse(c, "'name' is missing");
}

int body_parse_board(const char *bytes, size_t length, char *ret_name, char *sentence, size_t size)
{
	struct vip_settings s = { 0 };
	struct cursor c;

	cursor_init(&c, bytes, length);
	board_read(&c, &s);
	if (!c.failed)
		text_copy(ret_name, INTERFACE_NAME_MAX, s.board);
	return body_outcome(&c, sentence, size);
}

static void source_read_mode(struct cursor *c, struct source_switch *s)
{
	static const struct body_field field = { .name = "mode" };
	char word[32];

	if (!field_is(c, &field, CURSOR_STRING) || !cursor_string(c, word, sizeof(word)))
		return;
	s->mode = (uint8_t)source_mode_of(word);
	if (s->mode == SOURCE_MODE_UNSET)
		cursor_refuse(c, "'mode' is off, on or auto, not '%s'", word);
}

static void source_read_interface(struct cursor *c, struct source_switch *s)
{
	static const struct body_field field = { .name = "interface" };
	char name[INTERFACE_NAME_MAX * 4];

	if (!field_is(c, &field, CURSOR_STRING) || !cursor_string(c, name, sizeof(name)))
		return;
	if (interface_name_is_valid(name))
		text_copy(s->interface, sizeof(s->interface), name);
	else
		cursor_refuse(c, "'%s' cannot be the name of an interface", name);
}

int body_parse_source(const char *bytes, size_t length, struct source_switch *ret, char *sentence,
		      size_t size)
{
	static const char *const names[] = { "mode", "interface" };
	struct source_switch s = { 0 };
	char key[BODY_KEY_MAX];
	struct cursor c;
	unsigned seen = 0;

	cursor_init(&c, bytes, length);
	for (cursor_enter(&c, '{'); cursor_member(&c, '}', key, sizeof(key));) {
		if (strcmp(key, names[0]) == 0 && body_once(&c, key, 0, &seen))
			source_read_mode(&c, &s);
		else if (strcmp(key, names[1]) == 0 && body_once(&c, key, 1, &seen))
			source_read_interface(&c, &s);
		else
			body_refuse_key(&c, key, names, ARRAY_LENGTH(names));
	}
	cursor_finish(&c);
	if (!(seen & 1))
		cursor_refuse(&c, "'mode' is missing");
	if (!c.failed)
		*ret = s;
	return body_outcome(&c, sentence, size);
}

int body_parse_nothing(const char *bytes, size_t length, char *sentence, size_t size)
{
	char key[BODY_KEY_MAX];
	struct cursor c;

	cursor_init(&c, bytes, length);
	if (cursor_peek(&c) != CURSOR_NOTHING) {
		for (cursor_enter(&c, '{'); cursor_member(&c, '}', key, sizeof(key));)
			body_refuse_key(&c, key, NULL, 0);
	}
	cursor_finish(&c);
	return body_outcome(&c, sentence, size);
}
