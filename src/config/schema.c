/* SPDX-License-Identifier: Apache-2.0 */
#include "config/map.h"
#include "config/schema.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "fields/value.h"
#include "net/interface.h"

static void *schema_field(const struct schema_key *k, void *object)
{
	return (char *)object + k->offset;
}

static int schema_read_bool(struct document *d, const struct schema_key *k, const struct token *t,
			    void *object)
{
	bool value;

	if (value_parse_bool(t->text, &value) < 0)
		return document_refuse(d, t->place, "'%s' is yes or no, not %s", k->name,
				       TOKEN_QUOTE(t));
	memcpy(schema_field(k, object), &value, sizeof(value));
	return 0;
}

static int schema_read_number(struct document *d, const struct schema_key *k, const struct token *t,
			      void *object)
{
	int64_t value;

	if (value_parse_number(t->text, &value) < 0 || value < k->min || value > k->max)
		return document_refuse(d, t->place,
				       "'%s' is a number from %" PRId64 " to %" PRId64 ", not %s",
				       k->name, k->min, k->max, TOKEN_QUOTE(t));
	if (k->size == 1)
		*(uint8_t *)schema_field(k, object) = (uint8_t)value;
	else
		memcpy(schema_field(k, object), &(uint16_t){ (uint16_t)value }, sizeof(uint16_t));
	return 0;
}

static int schema_read_duration(struct document *d, const struct schema_key *k,
				const struct token *t, void *object)
{
	char low[VALUE_DURATION_TEXT_MAX], high[VALUE_DURATION_TEXT_MAX];
	struct duration value;
	int r = value_parse_duration(t->text, &value);

	if (r == -EDOM)
		return document_refuse(d, t->place,
				       "'%s' is a duration and needs a unit: %.20ss or %.20sms?",
				       k->name, t->text, t->text);
	if (r < 0)
		return document_refuse(d, t->place,
				       "'%s' is a duration like 300ms, 3s or 2m, not %s", k->name,
				       TOKEN_QUOTE(t));
	if (value.ns < DURATION_MS(k->min).ns || value.ns > DURATION_MS(k->max).ns)
		return document_refuse(d, t->place, "'%s' is a duration from %s to %s, not %s",
				       k->name, value_format_duration(DURATION_MS(k->min), low),
				       value_format_duration(DURATION_MS(k->max), high),
				       TOKEN_QUOTE(t));
	memcpy(schema_field(k, object), &value, sizeof(value));
	return 0;
}

/* The next word of the key; `position` starts at 0. */
static bool schema_word_next(const struct schema_key *k, uint8_t *position, struct schema_word *ret)
{
	if (k->words)
		*ret = k->words[*position];
	else
		*ret = (struct schema_word){ k->word(*position), *position };
	*position += 1;
	return ret->text != NULL;
}

static int schema_read_word(struct document *d, const struct schema_key *k, const struct token *t,
			    void *object)
{
	struct schema_word w, next;
	uint8_t position = 0;
	char choices[128];
	struct text out;
	bool more;

	text_init(&out, choices, sizeof(choices));
	for (more = schema_word_next(k, &position, &w); more; w = next) {
		const char *separator = position == 1 ? "" : ", "; /* "one, two or three" */

		if (strcmp(w.text, t->text) == 0) {
			*(uint8_t *)schema_field(k, object) = w.value;
			return 0;
		}
		more = schema_word_next(k, &position, &next);
		if (!more && *choices)
			separator = " or ";
		text_add(&out, "%s%s", separator, w.text);
	}
	return document_refuse(d, t->place, "'%s' is %s, not %s", k->name, choices, TOKEN_QUOTE(t));
}

static int schema_read_text(struct document *d, const struct schema_key *k, const struct token *t,
			    void *object)
{
	if (strlen(t->text) >= k->size)
		return document_refuse(d, t->place, "'%s' is longer than %zu bytes", k->name,
				       k->size - 1);
	if (!value_is_printable(t->text))
		return document_refuse(d, t->place, "'%s' has a control character in it", k->name);
	text_copy(schema_field(k, object), k->size, t->text);
	return 0;
}

static int schema_read_name(struct document *d, const struct schema_key *k, const struct token *t,
			    void *object)
{
	if (!interface_name_is_valid(t->text))
		return document_refuse(d, t->place,
				       "%s cannot be the name of an interface "
				       "(1 to 15 characters, no space, '/' or ':')",
				       TOKEN_QUOTE(t));
	text_copy(schema_field(k, object), INTERFACE_NAME_MAX, t->text);
	return 0;
}

static int schema_read_value(struct document *d, const struct schema_key *k, const struct token *t,
			     void *object)
{
	static int (*const read[])(struct document *, const struct schema_key *,
				   const struct token *, void *) = {
		[SCHEMA_BOOL] = schema_read_bool,	  [SCHEMA_NUMBER] = schema_read_number,
		[SCHEMA_DURATION] = schema_read_duration, [SCHEMA_WORD] = schema_read_word,
		[SCHEMA_TEXT] = schema_read_text,	  [SCHEMA_NAME] = schema_read_name,
	};

	if (k->type == SCHEMA_OTHER)
		return k->read(d, t, object);
	if (t->kind != TOKEN_SCALAR)
		return document_refuse(d, t->place, "'%s' takes one value, not %s", k->name,
				       TOKEN_QUOTE(t));
	return read[k->type](d, k, t, object);
}

static int schema_refuse_key(struct document *d, const struct schema *s, const struct token *t)
{
	const char *names[SCHEMA_KEYS_MAX], *nearest = NULL;
	char known[256];
	struct text out;
	size_t n = 0;

	text_init(&out, known, sizeof(known));
	for (size_t i = 0; i < s->count; i++) {
		if (s->keys[i].type == SCHEMA_NOT_YET)
			continue;
		text_add(&out, "%s%s", n ? ", " : "", s->keys[i].name);
		if (strcasecmp(s->keys[i].name, t->text) == 0)
			nearest = s->keys[i].name;
		names[n++] = s->keys[i].name;
	}
	if (!nearest)
		nearest = text_nearest(t->text, names, n);
	if (nearest)
		return document_refuse(d, t->place, "unknown key %s (did you mean '%s'?)",
				       TOKEN_QUOTE(t), nearest);
	return document_refuse(d, t->place, "unknown key %s: %s has %s", TOKEN_QUOTE(t), s->what,
			       known);
}

/* The key that the token names, which must not have been there before. */
static int schema_find(struct document *d, const struct schema *s, const struct token *t,
		       const struct place *places, size_t *ret)
{
	if (t->kind != TOKEN_SCALAR)
		return document_refuse(d, t->place, "a key is a plain word, not %s",
				       TOKEN_QUOTE(t));
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->keys[i].name, t->text) != 0)
			continue;
		if (s->keys[i].type == SCHEMA_NOT_YET)
			return document_refuse(d, t->place,
					       "this version of vipd does not have '%s' yet",
					       t->text);
		if (places[i].line)
			return document_refuse(d, t->place,
					       "'%s' is here twice: it was given in %s already",
					       t->text, PLACE_QUOTE(places[i], t->place));
		*ret = i;
		return 0;
	}
	return schema_refuse_key(d, s, t);
}

int schema_read(struct document *d, const struct token *first, const struct schema *s, void *object,
		struct place *places)
{
	struct place own[SCHEMA_KEYS_MAX];
	struct token t;
	size_t i = 0;
	int r;

	assert(s->count <= SCHEMA_KEYS_MAX);
	if (first->kind != TOKEN_MAP)
		return document_refuse(d, first->place, "%s is a map of keys and values, not %s",
				       s->what, TOKEN_QUOTE(first));
	if (!places)
		places = own;
	memset(places, 0, sizeof(own));
	for (;;) {
		r = document_next(d, &t);
		if (r < 0 || t.kind == TOKEN_MAP_END)
			return r;
		r = schema_find(d, s, &t, places, &i);
		if (r < 0)
			return r;
		r = document_next(d, &t);
		if (r < 0)
			return r;
		places[i] = t.place;
		r = schema_read_value(d, &s->keys[i], &t, object);
		if (r < 0)
			return r;
	}
}

struct place schema_place(const struct schema *s, const struct place *places, const char *name,
			  struct place otherwise)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->keys[i].name, name) == 0 && places[i].line)
			return places[i];
	return otherwise;
}

static uint16_t schema_number(const struct schema_key *k, const void *field)
{
	uint16_t value;

	if (k->size == 1)
		return *(const uint8_t *)field;
	memcpy(&value, field, sizeof(value));
	return value;
}

static void schema_print_value(FILE *to, const struct schema_key *k, const void *field)
{
	char buffer[VALUE_DURATION_TEXT_MAX];
	struct duration duration;
	struct schema_word w;
	uint8_t position = 0;
	bool truth;

	switch (k->type) {
	case SCHEMA_BOOL:
		memcpy(&truth, field, sizeof(truth));
		fputs(truth ? "yes" : "no", to);
		break;
	case SCHEMA_NUMBER:
		fprintf(to, "%u", schema_number(k, field));
		break;
	case SCHEMA_DURATION:
		memcpy(&duration, field, sizeof(duration));
		fputs(value_format_duration(duration, buffer), to);
		break;
	case SCHEMA_WORD:
		while (schema_word_next(k, &position, &w))
			if (w.value == *(const uint8_t *)field)
				fputs(w.text, to);
		break;
	default:
		map_print_text(to, field);
		break;
	}
}

static bool schema_differs(const struct schema_key *k, const void *object, const void *defaults)
{
	const char *a = (const char *)object + k->offset, *b = (const char *)defaults + k->offset;

	if (k->type == SCHEMA_NOT_YET || (k->type == SCHEMA_OTHER && !k->print))
		return false;
	if (k->type == SCHEMA_TEXT || k->type == SCHEMA_NAME)
		return strcmp(a, b) != 0;
	return memcmp(a, b, k->size) != 0;
}

void schema_print(FILE *to, const struct schema *s, const void *object, const void *defaults)
{
	const char *separator = "";

	fputc('{', to);
	for (size_t i = 0; i < s->count; i++) {
		const struct schema_key *k = &s->keys[i];

		if (!schema_differs(k, object, defaults))
			continue;
		fprintf(to, "%s%s: ", separator, k->name);
		separator = ", ";
		if (k->type == SCHEMA_OTHER)
			k->print(to, object);
		else
			schema_print_value(to, k, (const char *)object + k->offset);
	}
	fputc('}', to);
}
