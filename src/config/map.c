/* SPDX-License-Identifier: Apache-2.0 */
#include "config/map.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "fields/text.h"
#include "fields/value.h"

/* What is being read: the object that places are told of, and the map in it. */
struct reading {
	struct document *d;
	const void *root;
	struct places *places;
};

static int read_record(struct reading *m, const struct token *first, const struct record *r,
		       void *object);

struct place places_of(const struct places *p, size_t offset, struct place otherwise)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->of[i].offset == offset)
			return (struct place){ p->of[i].line, p->of[i].column, p->file };
	return otherwise;
}

static void places_add(struct reading *m, const void *value, struct place at)
{
	struct places *p = m->places;

	if (!p || p->n == MAP_PLACES_MAX)
		return;
	p->file = at.file;
	p->of[p->n].offset = (uint32_t)((const char *)value - (const char *)m->root);
	p->of[p->n].line = at.line;
	p->of[p->n++].column = at.column;
}

static bool is_list(const struct field *f)
{
	return (f->most && !(f->flags & FIELD_OPTIONAL)) || f->type == FIELD_TYPE_LINES;
}

/* What is of another kind than the field: a list or a map in the place of a value, say. */
static int refuse_kind(struct reading *m, const struct token *t, const struct field *f)
{
	bool plain_list = is_list(f) && !(f->text && f->text->form);
	char form[FIELD_TEXT_MAX];

	return document_refuse(m->d, t->place, "'%s' is %s, not %s", f->name,
			       plain_list ? "a list" : field_form(f, form), TOKEN_QUOTE(t));
}

static int read_scalar(struct reading *m, const struct token *t, const struct field *f,
		       void *object, size_t element)
{
	char sentence[FIELD_SENTENCE_MAX];

	if (t->kind != TOKEN_SCALAR && is_list(f))
		return document_refuse(m->d, t->place, "an item of '%s' is one value, not %s",
				       f->name, TOKEN_QUOTE(t));
	if (t->kind != TOKEN_SCALAR)
		return refuse_kind(m, t, f);
	if (field_parse(f, t->text, object, element, sentence, sizeof(sentence)) < 0)
		return document_refuse(m->d, t->place, "%s", sentence);
	return 0;
}

/* The `k`th element of a list may not be there already: as a whole, or in what must be unlike. */
static int check_alike(struct reading *m, const struct token *t, const struct field *f,
		       const void *object, size_t k)
{
	const char *element = field_at(f, object, k);
	char text[FIELD_TEXT_MAX];

	for (size_t i = 0; i < k; i++) {
		const char *before = field_at(f, object, i);

		if (f->type != FIELD_TYPE_GROUP && field_value_equal(f, before, element))
			return document_refuse(m->d, t->place, "%s is here twice", t->text);
		for (size_t n = 0; f->type == FIELD_TYPE_GROUP && n < f->record->n_fields; n++) {
			const struct field *key = &f->record->fields[n];

			if (key->flags & FIELD_UNIQUE && field_equal(key, before, element))
				return document_refuse(m->d, t->place, "two %s have the '%s' %s",
						       f->name, key->name,
						       field_format(key, element, 0, text));
		}
	}
	return 0;
}

static int read_element(struct reading *m, const struct token *t, const struct field *f,
			void *object, size_t k)
{
	int r;

	if (k == f->most)
		return document_refuse(m->d, t->place, "'%s' can list %u at most", f->name,
				       f->most);
	if (f->type == FIELD_TYPE_GROUP) {
		record_default(f->record, field_at(f, object, k));
		r = read_record(m, t, f->record, field_at(f, object, k));
	} else {
		r = read_scalar(m, t, f, object, k);
	}
	return r < 0 ? r : check_alike(m, t, f, object, k);
}

static int read_list(struct reading *m, const struct token *first, const struct field *f,
		     void *object)
{
	struct token t;
	size_t k = 0;
	int r;

	if (first->kind != TOKEN_LIST)
		return refuse_kind(m, first, f);
	for (;; k++) {
		r = document_next(m->d, &t);
		if (r < 0 || t.kind == TOKEN_LIST_END)
			break;
		r = f->type == FIELD_TYPE_LINES ? read_scalar(m, &t, f, object, k)
						: read_element(m, &t, f, object, k);
		if (r < 0)
			return r;
	}
	if (r == 0 && k == 0 && f->type == FIELD_TYPE_LINES)
		return document_refuse(m->d, first->place, "'%s' is an empty list", f->name);
	field_set_count(f, object, k);
	return r;
}

/* on, off, or a map of what is not as by default; that also switches it on. */
static int read_optional(struct reading *m, const struct token *first, const struct field *f,
			 void *object)
{
	bool on = true;
	int r = 0;

	record_default(f->record, field_at(f, object, 0));
	if (first->kind == TOKEN_MAP)
		r = read_record(m, first, f->record, field_at(f, object, 0));
	else if (first->kind != TOKEN_SCALAR || value_parse_bool(first->text, &on) < 0)
		return refuse_kind(m, first, f);
	field_set_count(f, object, on);
	return r;
}

/* {} or yes in the place of an address: nobody in particular. */
static int read_nobody(struct reading *m, const struct token *first, const struct field *f,
		       bool *ret_is)
{
	char form[FIELD_TEXT_MAX];
	struct token end;
	bool yes;
	int r;

	*ret_is = true;
	if (first->kind == TOKEN_SCALAR && value_parse_bool(first->text, &yes) == 0 && yes)
		return 0;
	if (first->kind != TOKEN_MAP) {
		*ret_is = false;
		return 0;
	}
	r = document_next(m->d, &end);
	if (r == 0 && end.kind != TOKEN_MAP_END)
		return document_refuse(m->d, end.place, "'%s' is %s, or {} for the VIP", f->name,
				       field_form(f, form));
	return r;
}

static int read_value(struct reading *m, const struct token *first, const struct field *f,
		      void *object)
{
	bool nobody;
	int r;

	places_add(m, field_at(f, object, 0), first->place);
	if (f->flags & FIELD_OPTIONAL)
		return read_optional(m, first, f, object);
	if (is_list(f))
		return read_list(m, first, f, object);
	if (f->type == FIELD_TYPE_GROUP)
		return read_record(m, first, f->record, field_at(f, object, 0));
	if (!f->makes || f->type != FIELD_TYPE_ADDRESS)
		return read_scalar(m, first, f, object, 0);
	r = read_nobody(m, first, f, &nobody);
	return r < 0 || nobody ? r : read_scalar(m, first, f, object, 0);
}

/* Keys that are known, but not here: of a later version, or of another place. */
static const struct {
	const char *key, *where;
} elsewhere[] = {
	{ "bgp", NULL },
	{ "area", "'ospf' of an interface, like {eth1: {ospf: {area: 0}}}" },
	{ "bfd", "an interface, like {eth1: {rip: {}, bfd: on}}" },
	{ "auth", "'rip', 'ospf' or 'bfd' of an interface" },
};

static int refuse_elsewhere(struct document *d, const struct token *t)
{
	for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++) {
		if (strcmp(elsewhere[i].key, t->text) != 0)
			continue;
		if (!elsewhere[i].where)
			return document_refuse(d, t->place,
					       "this version of vipd does not have '%s' yet",
					       t->text);
		return document_refuse(d, t->place, "'%s' belongs to %s", t->text,
				       elsewhere[i].where);
	}
	return 0;
}

/* The names that a map has, those of the only element of a list that may stand in it last. */
static size_t names_of(const struct record *r, const char **names, size_t n)
{
	if (r->more)
		n = names_of(r->more, names, n);
	for (size_t i = 0; i < r->n_fields; i++)
		if (!(r->fields[i].flags & FIELD_NOT_IN_FILE) && n < MAP_KEYS_MAX)
			names[n++] = r->fields[i].name;
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].flags & FIELD_INLINE)
			n = names_of(r->fields[i].record, names, n);
	return n;
}

int map_refuse_key(struct document *d, const struct token *t, const char *what,
		   const char *const *names, size_t n)
{
	const char *nearest = NULL;
	char known[256];
	struct text out;

	if (refuse_elsewhere(d, t) < 0)
		return -EINVAL;
	text_init(&out, known, sizeof(known));
	for (size_t i = 0; i < n; i++) {
		text_add(&out, "%s%s", i ? ", " : "", names[i]);
		if (strcasecmp(names[i], t->text) == 0)
			nearest = names[i];
	}
	if (!nearest)
		nearest = text_nearest(t->text, names, n);
	if (nearest)
		return document_refuse(d, t->place, "unknown key %s (did you mean '%s'?)",
				       TOKEN_QUOTE(t), nearest);
	return document_refuse(d, t->place, "unknown key %s: %s has %s", TOKEN_QUOTE(t), what,
			       known);
}

/* A map that is being read, with its keys so far. */
struct map {
	const struct record *record;
	void *object;
	struct {
		const struct field *field;
		struct place at; /* of the value */
	} keys[MAP_KEYS_MAX];
	size_t n;
	const struct field *list; /* whose only element stands in the map */
};

static const struct field *find_in(const struct record *r, const char *name)
{
	const struct field *f = record_field(r, name);

	return f && !(f->flags & FIELD_NOT_IN_FILE) ? f : NULL;
}

/* The field that a key names, and the object that has it: the record, or its only element. */
static const struct field *find(struct map *map, const char *name, void **ret_object)
{
	const struct record *r = map->record;
	const struct field *f = find_in(r, name);

	*ret_object = map->object;
	for (size_t i = 0; i < r->n_fields && !f; i++) {
		const struct field *list = &r->fields[i];

		f = list->flags & FIELD_INLINE ? find_in(list->record, name) : NULL;
		if (!f)
			continue;
		*ret_object = field_at(list, map->object, 0);
		if (!map->list)
			record_default(list->record, *ret_object);
		map->list = list;
	}
	return f;
}

/* The key that makes a record what it is. */
static const char *kind_name(const struct record *r, uint8_t kind)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].makes == kind)
			return r->fields[i].name;
	return "?";
}

/* What a key says of the kind of the record. */
static int take_kind(struct reading *m, const struct map *map, const struct field *f,
		     const struct token *t)
{
	uint8_t *kind = (uint8_t *)map->object + map->record->kind;

	if (*kind && *kind != f->makes)
		return document_refuse(m->d, t->place,
				       "%s is of one kind: it has '%s', and '%s' is a second",
				       map->record->what, kind_name(map->record, *kind), f->name);
	*kind = f->makes;
	return 0;
}

static int read_key(struct reading *m, struct map *map, const struct token *key)
{
	const char *names[MAP_KEYS_MAX];
	const struct field *f;
	struct token t;
	void *object;
	int r;

	if (key->kind != TOKEN_SCALAR)
		return document_refuse(m->d, key->place, "a key is a plain word, not %s",
				       TOKEN_QUOTE(key));
	f = find(map, key->text, &object);
	if (!f)
		return map_refuse_key(m->d, key, map->record->what, names,
				      names_of(map->record, names, 0));
	for (size_t i = 0; i < map->n; i++)
		if (map->keys[i].field == f)
			return document_refuse(m->d, key->place,
					       "'%s' is here twice: it was given in %s already",
					       key->text, PLACE_QUOTE(map->keys[i].at, key->place));
	assert(map->n < MAP_KEYS_MAX);
	r = document_next(m->d, &t);
	if (r < 0)
		return r;
	map->keys[map->n].field = f;
	map->keys[map->n++].at = t.place;
	r = read_value(m, &t, f, object);
	return r < 0 || !f->makes ? r : take_kind(m, map, f, &t);
}

/* That what must be given is, of the record and of the element that stands in it. */
static int check_needed(struct reading *m, const struct map *map, const struct record *r,
			const struct token *first)
{
	char form[FIELD_TEXT_MAX];

	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];
		size_t k = 0;

		while (k < map->n && map->keys[k].field != f)
			k++;
		if (f->flags & FIELD_NEEDED && k == map->n)
			return document_refuse(m->d, first->place, "%s needs its '%s', %s", r->what,
					       f->name, field_form(f, form));
	}
	return 0;
}

static int check_sense(struct reading *m, const struct record *r, const void *object,
		       const struct token *first)
{
	char sentence[FIELD_SENTENCE_MAX];

	if (r->check && r->check(object, sentence, sizeof(sentence)) < 0)
		return document_refuse(m->d, first->place, "%s", sentence);
	return 0;
}

/* The first key in the map that is one of the only element of its list. */
static const char *element_key(const struct map *map)
{
	size_t k = 0;

	while (record_field(map->record, map->keys[k].field->name) == map->keys[k].field)
		k++;
	return map->keys[k].field->name;
}

/* What is only seen when the whole map is. */
static int check_map(struct reading *m, const struct map *map, const struct token *first)
{
	const struct record *r = map->record;
	uint8_t kind = *((const uint8_t *)map->object + r->kind);

	for (size_t i = 0; i < map->n; i++) {
		const struct field *f = map->keys[i].field;

		if (f->only && !(f->only & 1u << kind))
			return document_refuse(m->d, map->keys[i].at,
					       "'%s' says nothing for %s of the kind %s", f->name,
					       r->what, kind_name(r, kind));
		if (map->list == f)
			return document_refuse(m->d, first->place,
					       "%s has '%s', or a list of '%s', not both", r->what,
					       element_key(map), f->name);
	}
	return check_needed(m, map, r, first);
}

/* The list that has only the element which stands in the map. */
static int check_inline(struct reading *m, const struct map *map, const struct token *first)
{
	const struct record *r = map->list->record;
	const void *element = field_at(map->list, map->object, 0);
	int error = check_needed(m, map, r, first);

	field_set_count(map->list, map->object, 1);
	return error < 0 ? error : check_sense(m, r, element, first);
}

static int read_map(struct reading *m, const struct token *first, const struct record *r,
		    void *object)
{
	struct map map = { .record = r, .object = object };
	struct token t;
	int error;

	for (;;) {
		error = document_next(m->d, &t);
		if (error < 0)
			return error;
		if (t.kind == TOKEN_MAP_END)
			break;
		error = read_key(m, &map, &t);
		if (error < 0)
			return error;
	}
	error = check_map(m, &map, first);
	return error < 0 || !map.list ? error : check_inline(m, &map, first);
}

/* The field that a value has which stands in the place of the map; NULL: none. */
static const struct field *terse_field(const struct record *r, const struct token *t)
{
	if (r->form == RECORD_MAP || t->kind == TOKEN_MAP)
		return NULL;
	for (size_t i = 0; i < r->n_fields; i++)
		if (is_list(&r->fields[i]) == (t->kind == TOKEN_LIST))
			return &r->fields[i];
	return NULL;
}

static int read_record(struct reading *m, const struct token *first, const struct record *r,
		       void *object)
{
	const struct field *terse = terse_field(r, first);
	int error;

	if (terse)
		error = read_value(m, first, terse, object);
	else if (first->kind == TOKEN_MAP && r->form != RECORD_ONE)
		error = read_map(m, first, r, object);
	else
		return document_refuse(m->d, first->place, "%s is %s, not %s", r->what,
				       r->example ? r->example : "a map of keys and values",
				       TOKEN_QUOTE(first));
	if (error == 0 && terse && terse->makes)
		*((uint8_t *)object + r->kind) = terse->makes;
	/* What the whole must be like is for the caller to say, who knows more. */
	return error < 0 || object == m->root ? error : check_sense(m, r, object, first);
}

int map_read(struct document *d, const struct token *first, const struct record *r, void *object,
	     struct places *places)
{
	struct reading m = { .d = d, .root = object, .places = places };

	if (places)
		places->n = 0;
	return read_record(&m, first, r, object);
}

static bool text_is_plain(const char *text)
{
	if (!isalnum((unsigned char)text[0]))
		return false;
	return text[strspn(text,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")] ==
	       '\0';
}

void map_print_text(FILE *to, const char *text)
{
	if (text_is_plain(text)) {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

static void print_lines(FILE *to, const char *line)
{
	char text[FIELD_TEXT_MAX];

	fputc('[', to);
	for (size_t n = 0; *line; n++) {
		size_t length = strcspn(line, "\n");

		snprintf(text, sizeof(text), "%.*s", (int)length, line);
		fputs(n ? ", " : "", to);
		map_print_text(to, text);
		line += length + 1;
	}
	fputc(']', to);
}

static void print_group(FILE *to, const struct record *r, const void *object)
{
	static const char zeros[4096];

	assert(r->size <= sizeof(zeros));
	map_print(to, r, object, r->defaults ? r->defaults : zeros);
}

static void print_value(FILE *to, const struct field *f, const void *object, size_t element)
{
	char text[FIELD_TEXT_MAX];

	if (f->type == FIELD_TYPE_GROUP)
		print_group(to, f->record, field_at(f, object, element));
	else
		map_print_text(to, field_format(f, object, element, text));
}

static void print_list(FILE *to, const struct field *f, const void *object)
{
	fputc('[', to);
	for (size_t i = 0; i < field_count(f, object); i++) {
		fputs(i ? ", " : "", to);
		print_value(to, f, object, i);
	}
	fputc(']', to);
}

static void print_field(FILE *to, const struct field *f, const void *object)
{
	if (f->type == FIELD_TYPE_LINES)
		print_lines(to, field_at(f, object, 0));
	else if (f->flags & FIELD_OPTIONAL && field_count(f, object) == 0)
		fputs("off", to);
	else if (is_list(f))
		print_list(to, f, object);
	else if (f->makes && f->type == FIELD_TYPE_ADDRESS &&
		 !address_is_set(field_at(f, object, 0)))
		fputs("{}", to);
	else
		print_value(to, f, object, 0);
}

/* The member that the key which makes the kind has told already; 0: none. */
static size_t told_already(const struct record *r, uint8_t kind)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].makes && r->fields[i].makes == kind)
			return r->fields[i].offset;
	return 0;
}

/* Whether the field says something in an object of that kind that its defaults do not. */
static bool says_something(const struct record *r, const struct field *f, const void *object,
			   const void *defaults)
{
	uint8_t kind = *((const uint8_t *)object + r->kind);

	if (f->flags & FIELD_NOT_IN_FILE || (f->only && !(f->only & 1u << kind)))
		return false;
	if (f->makes)
		return f->makes == kind;
	if (f->only && f->offset == told_already(r, kind))
		return false;
	return f->flags & (FIELD_UNIQUE | FIELD_NEEDED) || !field_equal(f, object, defaults);
}

static void print_fields(FILE *to, const struct record *r, const void *object, const void *defaults,
			 const char **separator)
{
	if (r->more)
		print_fields(to, r->more, object, defaults, separator);
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];

		if (!says_something(r, f, object, defaults))
			continue;
		fprintf(to, "%s%s: ", *separator, f->name);
		*separator = ", ";
		print_field(to, f, object);
	}
}

/* In the place of a map: what made the record of its kind, or else its first field. */
static void print_one(FILE *to, const struct record *r, const void *object)
{
	uint8_t kind = *((const uint8_t *)object + r->kind);
	const struct field *f = r->fields;

	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].makes && r->fields[i].makes == kind)
			f = &r->fields[i];
	print_field(to, f, object);
}

void map_print(FILE *to, const struct record *r, const void *object, const void *defaults)
{
	const char *separator = "";

	if (r->form == RECORD_ONE) {
		print_one(to, r, object);
		return;
	}
	fputc('{', to);
	print_fields(to, r, object, defaults, &separator);
	fputc('}', to);
}
