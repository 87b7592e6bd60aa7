/* SPDX-License-Identifier: Apache-2.0 */
#include "api/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cursor.h"
#include "base/array.h"
#include "base/text.h"
#include "fields/text.h"
#include "fields/vip.h"

#define BODY_KEY_MAX 32
#define BODY_KEYS_MAX 32 /* of a record, and one more */

/* Of which kind a value of the field is in JSON. */
static enum cursor_kind field_kind(const struct field *f)
{
	switch (f->type) {
	case FIELD_TYPE_BOOL:
		return CURSOR_BOOL;
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_SIGNED:
		return CURSOR_NUMBER;
	default:
		return CURSOR_STRING;
	}
}

/* The value as text, as every reader of fields takes it. */
static bool field_take(struct cursor *c, enum cursor_kind kind, char *text, size_t size)
{
	int64_t number;
	bool truth;

	if (kind == CURSOR_STRING)
		return cursor_string(c, text, size);
	if (kind == CURSOR_BOOL && cursor_bool(c, &truth))
		text_copy(text, size, truth ? "yes" : "no");
	else if (kind == CURSOR_NUMBER && cursor_number(c, &number))
		snprintf(text, size, "%" PRId64, number);
	return !c->failed;
}

static bool field_read(struct cursor *c, const struct field *f, void *object)
{
	enum cursor_kind wanted = field_kind(f), kind = cursor_peek(c);
	char text[FIELD_TEXT_MAX], sentence[FIELD_SENTENCE_MAX];

	if (kind != wanted && kind != CURSOR_NOTHING)
		return cursor_refuse(c, "'%s' is %s, not %s", f->name, cursor_kind_name(wanted),
				     cursor_kind_name(kind));
	if (!field_take(c, wanted, text, sizeof(text)))
		return false;
	if (field_parse(f, text, object, 0, sentence, sizeof(sentence)) < 0)
		return cursor_refuse(c, "%s", sentence);
	return true;
}

static bool refuse_key(struct cursor *c, const char *key, const struct record *r, const char *other)
{
	const char *names[BODY_KEYS_MAX], *nearest;
	char known[192];
	struct text out;
	size_t n = 0;

	for (size_t i = 0; i < r->n_fields; i++)
		if (!(r->fields[i].flags & FIELD_NOT_IN_API))
			names[n++] = r->fields[i].name;
	if (other)
		names[n++] = other;
	nearest = text_nearest(key, names, n);
	if (nearest)
		return cursor_refuse(c, "unknown key '%s' (did you mean '%s'?)", key, nearest);
	text_init(&out, known, sizeof(known));
	for (size_t i = 0; i < n; i++)
		text_add(&out, "%s%s", i ? ", " : "", names[i]);
	return cursor_refuse(c, "unknown key '%s': there are %s", key, n ? known : "none");
}

/*
 * Takes an object with the keys of a record. It may have the key `other` too, if that is not NULL:
 * it is skipped, and *ret_other is where its value begins.
 */
static bool record_read(struct cursor *c, const struct record *r, void *object, const char *other,
			const char **ret_other)
{
	char key[BODY_KEY_MAX];
	uint32_t seen = 0;

	for (cursor_enter(c, '{'); cursor_member(c, '}', key, sizeof(key));) {
		const struct field *f = record_field(r, key);
		bool is_other = other && strcmp(key, other) == 0;
		size_t bit = f ? (size_t)(f - r->fields) : r->n_fields;

		if (!is_other && (!f || f->flags & FIELD_NOT_IN_API))
			return refuse_key(c, key, r, other);
		if (seen & UINT32_C(1) << bit)
			return cursor_refuse(c, "'%s' is here twice", key);
		seen |= UINT32_C(1) << bit;
		if (is_other) {
			*ret_other = c->at;
			cursor_skip(c);
		} else {
			field_read(c, f, object);
		}
	}
	return !c->failed;
}

/* One item of "vips": an object, or an address alone. */
static bool vip_read_item(struct cursor *c, struct vip_settings *s)
{
	enum cursor_kind kind = cursor_peek(c);

	if (kind == CURSOR_STRING)
		return field_read(c, record_field(&vip_record, "address"), s);
	if (kind != CURSOR_OBJECT && kind != CURSOR_NOTHING)
		return cursor_refuse(c, "it is an object or a string, not %s",
				     cursor_kind_name(kind));
	if (!record_read(c, &vip_record, s, NULL, NULL))
		return false;
	if (!address_is_set(&s->address))
		return cursor_refuse(c, "it has no 'address'");
	return true;
}

static bool vips_append(struct cursor *c, struct vip_settings **vips, size_t count,
			size_t *capacity, const struct vip_settings *s)
{
	if (count == NODE_VIPS_MAX)
		return cursor_refuse(c, "there are more than %d VIPs", NODE_VIPS_MAX);
	if (ARRAY_RESERVE(*vips, *capacity, count + 1) < 0) {
		cursor_refuse(c, "out of memory");
		c->error = -ENOMEM;
		return false;
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

	record_default(&vip_record, &s);
	if (!record_read(c, &vip_record, &s, "vips", &list))
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

/* A whole body: an object with the keys of a record, of which one may have to be there. */
static int body_read(const char *bytes, size_t length, const struct record *r, void *object,
		     char *sentence, size_t size)
{
	struct cursor c;

	cursor_init(&c, bytes, length);
	record_read(&c, r, object, NULL, NULL);
	cursor_finish(&c);
	return body_outcome(&c, sentence, size);
}

struct board_body {
	char name[INTERFACE_NAME_MAX];
};

int body_parse_board(const char *bytes, size_t length, char *ret_name, char *sentence, size_t size)
{
	static const struct field fields[] = { FIELD_NAME(1, "name", struct board_body, name) };
	static const struct record record = RECORD("a board", struct board_body, fields);
	struct board_body body = { 0 };
	int r = body_read(bytes, length, &record, &body, sentence, size);

	if (r == 0 && !body.name[0])
		r = text_refuse(sentence, size, "'name' is missing");
	if (r == 0)
		text_copy(ret_name, INTERFACE_NAME_MAX, body.name);
	return r;
}

int body_parse_source(const char *bytes, size_t length, struct source_switch *ret, char *sentence,
		      size_t size)
{
	struct source_switch body = { 0 };
	int r = body_read(bytes, length, &source_switch_record, &body, sentence, size);

	if (r == 0 && body.mode == SOURCE_MODE_UNSET)
		r = text_refuse(sentence, size, "'mode' is missing");
	if (r == 0)
		*ret = body;
	return r;
}

int body_parse_nothing(const char *bytes, size_t length, char *sentence, size_t size)
{
	static const struct record record = { 0 };
	struct cursor c;

	cursor_init(&c, bytes, length);
	return cursor_peek(&c) == CURSOR_NOTHING && c.at == c.end
		       ? 0
		       : body_read(bytes, length, &record, NULL, sentence, size);
}
