/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/print.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "fields/text.h"

#define OBJECT_BYTES_MAX 8192

static void print_bytes(const uint8_t *bytes, size_t n, struct text *t)
{
	if (n > 6)
		text_add(t, "%zu bytes", n);
	else
		for (size_t i = 0; i < n; i++)
			text_add(t, "%s%02x", i ? ":" : "", bytes[i]);
}

static void print_value(const struct field *f, const void *object, size_t element, struct text *t)
{
	const void *value = field_at(f, object, element);
	char text[FIELD_TEXT_MAX];
	const char *quote;

	switch ((enum field_type)f->type) {
	case FIELD_TYPE_GROUP:
		text_add(t, "{");
		record_print(f->record, value, t);
		text_add(t, " }");
		return;
	case FIELD_TYPE_BYTES:
		print_bytes(value, f->n_count ? field_count(f, object) : f->size, t);
		return;
	case FIELD_TYPE_INSTANT:
		text_add(t, "%" PRId64 "ms", field_number(f, value) / 1000000);
		return;
	default:
		quote = f->type == FIELD_TYPE_TEXT || f->type == FIELD_TYPE_LINES ? "\"" : "";
		text_add(t, "%s", quote);
		field_format(f, object, element, text);
		text_add_printable(t, text, strlen(text));
		text_add(t, "%s", quote);
	}
}

static void print_field(const struct field *f, const void *object, struct text *t)
{
	size_t n = f->most ? field_count(f, object) : 1;

	text_add(t, " %s=", f->name);
	for (size_t i = 0; i < n; i++) {
		text_add(t, "%s", i ? "," : "");
		print_value(f, object, i, t);
	}
}

void record_print(const struct record *r, const void *object, struct text *t)
{
	struct record_choice choice;
	bool chosen = record_choice(r, object, &choice);
	_Alignas(max_align_t) char usual[OBJECT_BYTES_MAX];

	assert(r->size <= sizeof(usual));
	memset(usual, 0, sizeof(usual));
	record_default(r, usual);
	if (chosen)
		text_add(t, " %s", choice.name);
	for (size_t i = 0; i < r->n_fields; i++)
		if (!field_equal(&r->fields[i], object, usual))
			print_field(&r->fields[i], object, t);
	if (chosen && choice.record)
		record_print(choice.record, (const char *)object + choice.offset, t);
}
