/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "fields/field.h"

const struct field_word family_words[] = {
	{ "ipv4", FAMILY_IPV4, NULL },
	{ "ipv6", FAMILY_IPV6, NULL },
	{ 0 },
};

const char *field_word_text(const struct field_word *words, uint8_t value)
{
	for (; words->text; words++)
		if (words->value == value)
			return words->text;
	return NULL;
}

const struct field_word *field_word_find(const struct field_word *words, const char *text)
{
	for (; words->text; words++)
		if (strcmp(words->text, text) == 0)
			return words;
	return NULL;
}

const struct field *record_field(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return &r->fields[i];
	return r->more ? record_field(r->more, name) : NULL;
}

size_t field_count(const struct field *f, const void *object)
{
	size_t most = f->type == FIELD_TYPE_BYTES ? f->size : f->most, count;
	const char *at = (const char *)object + f->count;
	uint16_t wide;

	if (f->n_count == 0)
		return f->most ? f->most : 1;
	if (f->n_count == 1) {
		count = *(const uint8_t *)at;
	} else {
		memcpy(&wide, at, sizeof(wide));
		count = wide;
	}
	return count < most ? count : most;
}

void field_set_count(const struct field *f, void *object, size_t count)
{
	char *at = (char *)object + f->count;
	uint16_t wide = (uint16_t)count;

	if (f->n_count == 1)
		*(uint8_t *)at = (uint8_t)count;
	else if (f->n_count == 2)
		memcpy(at, &wide, sizeof(wide));
}

int64_t field_number(const struct field *f, const void *value)
{
	uint16_t two;
	uint32_t four;
	int64_t eight;

	switch (f->size) {
	case 1:
		return *(const uint8_t *)value;
	case 2:
		memcpy(&two, value, sizeof(two));
		return two;
	case 4:
		memcpy(&four, value, sizeof(four));
		return f->type == FIELD_TYPE_SIGNED ? (int32_t)four : (int64_t)four;
	default:
		assert(f->size == sizeof(eight));
		memcpy(&eight, value, sizeof(eight));
		return eight;
	}
}

void field_set_number(const struct field *f, void *value, int64_t number)
{
	switch (f->size) {
	case 1:
		*(uint8_t *)value = (uint8_t)number;
		break;
	case 2:
		memcpy(value, &(uint16_t){ (uint16_t)number }, 2);
		break;
	case 4:
		memcpy(value, &(uint32_t){ (uint32_t)number }, 4);
		break;
	default:
		assert(f->size == sizeof(number));
		memcpy(value, &number, sizeof(number));
		break;
	}
}

/* Whether the member is wide enough; a number of eight bytes may be beyond what is signed. */
static bool number_fits(const struct field *f, int64_t number)
{
	if (f->size == sizeof(number))
		return true;
	if (f->type == FIELD_TYPE_SIGNED)
		return number >= INT32_MIN && number <= INT32_MAX;
	return number >= 0 && number < (int64_t)1 << 8 * f->size;
}

bool field_takes(const struct field *f, int64_t number)
{
	int64_t unit = f->type == FIELD_TYPE_DURATION	? 1000000
		       : f->type == FIELD_TYPE_INTERVAL ? 1000
							: 1;

	if (f->type == FIELD_TYPE_BOOL)
		return number == 0 || number == 1;
	if (f->type == FIELD_TYPE_WORD)
		return number >= 0 && number <= UINT8_MAX &&
		       field_word_text(f->words, (uint8_t)number) != NULL;
	if (f->min == 0 && f->max == 0)
		return number_fits(f, number);
	return number_fits(f, number) && number >= f->min * unit && number <= f->max * unit;
}

void record_default(const struct record *r, void *object)
{
	if (r->defaults) {
		memcpy(object, r->defaults, r->size);
		return;
	}
	memset(object, 0, r->size);
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].type == FIELD_TYPE_GROUP && !r->fields[i].most)
			record_default(r->fields[i].record, field_at(&r->fields[i], object, 0));
}

bool field_value_equal(const struct field *f, const void *a, const void *b)
{
	switch ((enum field_type)f->type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_NAME:
	case FIELD_TYPE_LINES:
		return strncmp(a, b, f->size) == 0;
	case FIELD_TYPE_ADDRESS:
		return address_equal(a, b);
	case FIELD_TYPE_PREFIX:
	case FIELD_TYPE_HOST:
		return prefix_equal(a, b);
	case FIELD_TYPE_GROUP:
		return record_equal(f->record, a, b);
	default:
		return memcmp(a, b, f->size) == 0;
	}
}

bool field_equal(const struct field *f, const void *a, const void *b)
{
	size_t n = field_count(f, a);

	if (n != field_count(f, b))
		return false;
	if (f->type == FIELD_TYPE_BYTES && f->n_count)
		return memcmp(field_at(f, a, 0), field_at(f, b, 0), n) == 0;
	for (size_t i = 0; i < n; i++)
		if (!field_value_equal(f, field_at(f, a, i), field_at(f, b, i)))
			return false;
	return true;
}

bool record_equal(const struct record *r, const void *a, const void *b)
{
	struct record_choice choice;

	for (size_t i = 0; i < r->n_fields; i++)
		if (!(r->fields[i].flags & FIELD_NOT_SAVED) && !field_equal(&r->fields[i], a, b))
			return false;
	if (!record_has_choices(r))
		return true;
	if (!record_choice(r, a, &choice) ||
	    ((const uint8_t *)a)[r->kind] != ((const uint8_t *)b)[r->kind])
		return false;
	return !choice.record || record_equal(choice.record, (const char *)a + choice.offset,
					      (const char *)b + choice.offset);
}

bool record_choice(const struct record *r, const void *object, struct record_choice *ret)
{
	uint8_t kind = record_has_choices(r) ? ((const uint8_t *)object)[r->kind] : 0;

	if (r->choose)
		return r->choose(kind, ret);
	if (!r->choices || kind >= r->n_choices || !r->choices[kind].name)
		return false;
	*ret = r->choices[kind];
	return true;
}
