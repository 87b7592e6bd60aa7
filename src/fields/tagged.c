/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/tagged.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "wire/reader.h"

/* A group's length is known only when it is written: it has two bytes, whatever it is. */
#define GROUP_LENGTH_MAX 0x3fff

/* What stands before a value, and the value, when that is not long. */
#define SCALAR_BYTES_MAX (ADDRESS_BYTES_MAX + 1)
#define HEAD_BYTES_MAX 6

static size_t put_varint(uint8_t *at, size_t number)
{
	size_t n = 0;

	for (; number > 0x7f; number >>= 7)
		at[n++] = (uint8_t)(0x80 | number);
	at[n++] = (uint8_t)number;
	return n;
}

static size_t put_number(uint8_t *at, uint64_t number)
{
	size_t n = 1;

	while (n < 8 && number >> 8 * n)
		n++;
	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)(number >> 8 * (n - 1 - i));
	return n;
}

static uint64_t zigzag(int64_t number)
{
	return (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
}

static int64_t unzigzag(uint64_t number)
{
	return (int64_t)(number >> 1 ^ (~(number & 1) + 1));
}

static bool is_signed(const struct field *f)
{
	return f->type == FIELD_TYPE_SIGNED || f->type == FIELD_TYPE_DURATION ||
	       f->type == FIELD_TYPE_INSTANT || f->type == FIELD_TYPE_MOMENT;
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	if (length > 0 && bytes[0] != 0)
		return false;
	return length <= 1 || memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* Whether nothing need be written of a single value. */
static bool is_empty(const struct field *f, const void *value, const void *otherwise)
{
	size_t size = f->size;

	/* Of these the beginning says it, whatever stands behind. */
	if (f->type == FIELD_TYPE_TEXT || f->type == FIELD_TYPE_NAME ||
	    f->type == FIELD_TYPE_ADDRESS || f->type == FIELD_TYPE_PREFIX ||
	    f->type == FIELD_TYPE_HOST)
		size = 1;
	return is_zero(value, size) && (!otherwise || is_zero(otherwise, size));
}

static void value_encode(const struct field *f, const uint8_t *value, struct writer *w)
{
	uint8_t bytes[HEAD_BYTES_MAX + SCALAR_BYTES_MAX], *at = bytes + HEAD_BYTES_MAX;
	const uint8_t *from = at;
	const struct prefix *prefix;
	size_t n = 0, head;

	switch ((enum field_type)f->type) {
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_WORD:
	case FIELD_TYPE_INTERVAL:
		n = put_number(at, (uint64_t)field_number(f, value));
		break;
	case FIELD_TYPE_SIGNED:
	case FIELD_TYPE_DURATION:
	case FIELD_TYPE_INSTANT:
	case FIELD_TYPE_MOMENT:
		n = put_number(at, zigzag(field_number(f, value)));
		break;
	case FIELD_TYPE_ADDRESS:
		n = family_bytes((enum family)value[0]);
		from = value + offsetof(struct address, bytes);
		break;
	case FIELD_TYPE_PREFIX:
	case FIELD_TYPE_HOST:
		prefix = (const void *)value;
		n = family_bytes((enum family)prefix->address.family);
		memcpy(at, prefix->address.bytes, n);
		if (n > 0)
			at[n++] = prefix->length;
		break;
	case FIELD_TYPE_LINES:
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_NAME:
		n = strnlen((const char *)value, f->size - 1);
		from = value;
		break;
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_GROUP:
		break;
	}
	head = put_varint(bytes, f->tag);
	head += put_varint(bytes + head, n);
	if (from == at) {
		memmove(bytes + head, at, n);
		writer_bytes(w, bytes, head + n);
	} else {
		writer_bytes(w, bytes, head);
		writer_bytes(w, from, n);
	}
}

static void bytes_encode(const struct field *f, const void *object, struct writer *w)
{
	size_t n = f->n_count ? field_count(f, object) : f->size, head;
	uint8_t bytes[HEAD_BYTES_MAX];

	head = put_varint(bytes, f->tag);
	head += put_varint(bytes + head, n);
	writer_bytes(w, bytes, head);
	writer_bytes(w, field_at(f, object, 0), n);
}

static void fields_encode(const struct record *r, const char *object, const char *defaults,
			  struct writer *w);

static void group_encode(const struct field *f, const char *value, const char *defaults,
			 bool always, struct writer *w)
{
	uint8_t tag[HEAD_BYTES_MAX];
	size_t start = w->length, body, length;

	writer_bytes(w, tag, put_varint(tag, f->tag));
	writer_u16(w, 0);
	body = w->length;
	fields_encode(f->record, value, defaults, w);
	length = w->length - body;
	if (length == 0 && !always) {
		w->length = start;
		return;
	}
	if (length > GROUP_LENGTH_MAX)
		w->failed = true;
	writer_patch_u16(w, body - 2, (uint16_t)((0x80 | (length & 0x7f)) << 8 | length >> 7));
}

/* Of an array that is always full, the end that is zero is left out. */
static size_t elements_to_write(const struct field *f, const char *object)
{
	size_t n = field_count(f, object);

	while (!f->n_count && n > 0 && is_zero(field_at(f, object, n - 1), f->size))
		n--;
	return n;
}

static void list_encode(const struct field *f, const char *object, struct writer *w)
{
	size_t n = elements_to_write(f, object);

	for (size_t i = 0; i < n; i++) {
		if (f->type == FIELD_TYPE_GROUP)
			group_encode(f, field_at(f, object, i), f->record->defaults, true, w);
		else
			value_encode(f, field_at(f, object, i), w);
	}
}

static void fields_encode(const struct record *r, const char *object, const char *defaults,
			  struct writer *w)
{
	struct record_choice choice = { 0 };

	if (record_has_choices(r)) {
		bool chosen = record_choice(r, object, &choice);

		assert(chosen);
		writer_u8(w, ((const uint8_t *)object)[r->kind]);
	}
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];
		const char *value = object + f->offset;
		const char *otherwise = defaults ? defaults + f->offset : NULL;

		if (f->flags & FIELD_NOT_SAVED)
			continue;
		if (f->most)
			list_encode(f, object, w);
		else if (f->type == FIELD_TYPE_GROUP)
			group_encode(f, value, otherwise ? otherwise : f->record->defaults, false,
				     w);
		else if (f->n_count)
			field_count(f, object) ? bytes_encode(f, object, w) : (void)0;
		else if (is_empty(f, value, otherwise))
			continue;
		else if (f->type == FIELD_TYPE_BYTES)
			bytes_encode(f, object, w);
		else
			value_encode(f, (const uint8_t *)value, w);
	}
	if (choice.record)
		fields_encode(choice.record, object + choice.offset, choice.record->defaults, w);
}

void tagged_encode(const struct record *r, const void *object, struct writer *w)
{
	fields_encode(r, object, r->defaults, w);
}

/* Numbers of more than three bytes are none that we write. */
static size_t take_varint(struct reader *in)
{
	size_t number = 0;

	for (unsigned shift = 0; shift < 21; shift += 7) {
		uint8_t byte = reader_u8(in);

		number |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
	in->failed = true;
	return 0;
}

/* How it ended with a value: it is there, or is not for us, or the bytes are none. */
enum taken {
	TAKEN,
	TAKEN_NOT,
	TAKEN_BAD,
	TAKEN_UNKNOWN, /* of a kind that is not known */
};

static enum taken number_decode(const struct field *f, const uint8_t *bytes, size_t n, void *value)
{
	uint64_t number = 0;

	if (n == 0 || n > 8)
		return TAKEN_BAD;
	for (size_t i = 0; i < n; i++)
		number = number << 8 | bytes[i];
	if (is_signed(f))
		number = (uint64_t)unzigzag(number);
	/* It may be the default, which no limits bind: then it is there already. */
	if (!f->most && (int64_t)number == field_number(f, value))
		return TAKEN;
	if (!field_takes(f, (int64_t)number))
		return TAKEN_NOT;
	field_set_number(f, value, (int64_t)number);
	return TAKEN;
}

static enum taken address_decode(const uint8_t *bytes, size_t n, struct address *ret)
{
	enum family family = n == 4 ? FAMILY_IPV4 : n == 16 ? FAMILY_IPV6 : FAMILY_NONE;

	if (n > 0 && family == FAMILY_NONE)
		return TAKEN_BAD;
	memset(ret, 0, sizeof(*ret));
	ret->family = (uint8_t)family;
	memcpy(ret->bytes, bytes, n);
	return TAKEN;
}

static enum taken prefix_decode(const uint8_t *bytes, size_t n, struct prefix *ret)
{
	struct prefix p = { 0 };

	if (n > 0 && address_decode(bytes, n - 1, &p.address) != TAKEN)
		return TAKEN_BAD;
	p.length = n > 0 ? bytes[n - 1] : 0;
	if (p.length > family_bits((enum family)p.address.family))
		return TAKEN_BAD;
	*ret = p;
	return TAKEN;
}

static enum taken text_decode(const struct field *f, const uint8_t *bytes, size_t n, char *value)
{
	if (memchr(bytes, 0, n))
		return TAKEN_BAD;
	if (n >= f->size)
		return TAKEN_NOT;
	memcpy(value, bytes, n);
	memset(value + n, 0, f->size - n);
	return TAKEN;
}

static enum taken bytes_decode(const struct field *f, const uint8_t *bytes, size_t n, void *object)
{
	uint8_t *value = field_at(f, object, 0);

	if (n > f->size || (!f->n_count && n != f->size))
		return TAKEN_NOT;
	memcpy(value, bytes, n);
	memset(value + n, 0, f->size - n);
	field_set_count(f, object, n);
	return TAKEN;
}

static int fields_decode(const struct record *r, struct reader *in, char *object,
			 struct tagged_losses *losses);
static int record_decode(const struct record *r, struct reader *in, char *object,
			 struct tagged_losses *losses);

static enum taken value_decode(const struct field *f, const uint8_t *bytes, size_t n, void *value,
			       struct tagged_losses *losses)
{
	struct reader inner;
	int error;

	switch ((enum field_type)f->type) {
	case FIELD_TYPE_ADDRESS:
		return address_decode(bytes, n, value);
	case FIELD_TYPE_PREFIX:
	case FIELD_TYPE_HOST:
		return prefix_decode(bytes, n, value);
	case FIELD_TYPE_LINES:
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_NAME:
		return text_decode(f, bytes, n, value);
	case FIELD_TYPE_GROUP:
		reader_init(&inner, bytes, n);
		error = f->flags & FIELD_UNCHECKED
				? fields_decode(f->record, &inner, value, losses)
				: record_decode(f->record, &inner, value, losses);
		return error == 0 ? TAKEN : error == -ENOENT ? TAKEN_UNKNOWN : TAKEN_BAD;
	default:
		return number_decode(f, bytes, n, value);
	}
}

/* Whether an earlier element of the list has the same in a field that must differ. */
static bool is_double(const struct field *list, const char *object, size_t element)
{
	const char *value = field_at(list, object, element);

	for (size_t i = 0; i < list->record->n_fields; i++) {
		const struct field *f = &list->record->fields[i];

		for (size_t k = 0; (f->flags & FIELD_UNIQUE) && k < element; k++)
			if (field_equal(f, field_at(list, object, k), value))
				return true;
	}
	return false;
}

/* The next element of a list; `seen` counts those that came. */
static enum taken element_decode(const struct field *f, const uint8_t *bytes, size_t n,
				 char *object, size_t seen, struct tagged_losses *losses)
{
	enum taken taken;
	void *value;

	if (seen >= f->most)
		return TAKEN_NOT;
	value = field_at(f, object, seen);
	if (f->type == FIELD_TYPE_GROUP)
		record_default(f->record, value);
	else
		memset(value, 0, f->size);
	taken = value_decode(f, bytes, n, value, losses);
	if (taken == TAKEN && f->type == FIELD_TYPE_GROUP && is_double(f, object, seen))
		return TAKEN_BAD;
	if (taken == TAKEN)
		field_set_count(f, object, seen + 1);
	return taken;
}

/* Their order is that of the table: where one is found, the next is not far behind. */
static const struct field *field_find(const struct record *r, size_t tag, size_t *position)
{
	for (size_t i = 0; r && i < r->n_fields; i++) {
		size_t at =
			*position + i < r->n_fields ? *position + i : *position + i - r->n_fields;

		if (r->fields[at].tag == tag && !(r->fields[at].flags & FIELD_NOT_SAVED)) {
			*position = at;
			return &r->fields[at];
		}
	}
	return NULL;
}

/* Where the fields of an object may be: its own, or those of its choice. */
struct place_of_fields {
	const struct record *record;
	char *object;
	size_t position;
	uint64_t there;		  /* a bit for each that came */
	const struct field *list; /* the one whose elements come */
	size_t seen;
};

static enum taken field_decode(struct place_of_fields *p, const struct field *f,
			       const uint8_t *bytes, size_t n, struct tagged_losses *losses)
{
	enum taken taken;

	if (!f->most && f->type == FIELD_TYPE_BYTES)
		return bytes_decode(f, bytes, n, p->object);
	if (!f->most)
		return value_decode(f, bytes, n, field_at(f, p->object, 0), losses);
	/* A list that comes in two pieces is begun anew: the later one counts. */
	if (f != p->list) {
		p->seen = 0;
		field_set_count(f, p->object, 0);
		if (!f->n_count)
			memset(field_at(f, p->object, 0), 0, (size_t)f->size * f->most);
	}
	p->list = f;
	taken = element_decode(f, bytes, n, p->object, p->seen, losses);
	if (taken == TAKEN || !f->n_count)
		p->seen++;
	return taken;
}

/*
 * Of a group that did not come all is as by default, and that may not do: it is read as one of
 * which no byte was written.
 */
static enum taken absent_groups_decode(const struct place_of_fields *p,
				       struct tagged_losses *losses)
{
	enum taken taken = TAKEN;

	for (size_t i = 0; p->record && i < p->record->n_fields && taken == TAKEN; i++) {
		const struct field *f = &p->record->fields[i];

		if (f->type == FIELD_TYPE_GROUP && !f->most && !(p->there >> i & 1) &&
		    !(f->flags & (FIELD_NOT_SAVED | FIELD_OR_NONE)))
			taken = value_decode(f, NULL, 0, field_at(f, p->object, 0), losses);
	}
	return taken;
}

static int fields_decode(const struct record *r, struct reader *in, char *object,
			 struct tagged_losses *losses)
{
	struct place_of_fields own = { .record = r, .object = object }, of_kind = { 0 };
	struct record_choice choice;

	assert(r->n_fields <= 64);
	if (record_has_choices(r)) {
		uint8_t kind = reader_u8(in);

		((uint8_t *)object)[r->kind] = kind;
		if (!reader_ok(in) || !record_choice(r, object, &choice))
			return reader_ok(in) ? -ENOENT : -EBADMSG;
		of_kind.record = choice.record;
		of_kind.object = object + choice.offset;
		if (choice.record)
			record_default(choice.record, of_kind.object);
		/* Where it is a struct of the same object, that has taken it away. */
		((uint8_t *)object)[r->kind] = kind;
	}
	while (reader_left(in) > 0) {
		size_t tag = take_varint(in), n = take_varint(in);
		const uint8_t *bytes = reader_take(in, n);
		struct place_of_fields *p = &of_kind;
		const struct field *f = field_find(p->record, tag, &p->position);
		enum taken taken;

		if (!reader_ok(in) || tag == 0)
			return -EBADMSG;
		if (!f) {
			p = &own;
			f = field_find(r, tag, &p->position);
		}
		if (!f) {
			losses->unknown += !of_kind.record || !of_kind.record->retired;
			continue;
		}
		p->there |= UINT64_C(1) << p->position;
		taken = field_decode(p, f, bytes, n, losses);
		if (taken == TAKEN_BAD || taken == TAKEN_UNKNOWN)
			return taken == TAKEN_BAD ? -EBADMSG : -ENOENT;
		losses->refused += taken == TAKEN_NOT;
	}
	if (absent_groups_decode(&own, losses) != TAKEN ||
	    absent_groups_decode(&of_kind, losses) != TAKEN)
		return -EBADMSG;
	if (of_kind.record && of_kind.record->check &&
	    of_kind.record->check(of_kind.object, NULL, 0) < 0)
		return -EBADMSG;
	return 0;
}

static int record_decode(const struct record *r, struct reader *in, char *object,
			 struct tagged_losses *losses)
{
	int error = fields_decode(r, in, object, losses);

	return error || !r->check || r->check(object, NULL, 0) == 0 ? error : -EBADMSG;
}

int tagged_decode(const struct record *r, const void *bytes, size_t length, void *object,
		  struct tagged_losses *losses)
{
	int error = tagged_decode_wish(r, bytes, length, object, losses);

	return error || !r->check || r->check(object, NULL, 0) == 0 ? error : -EBADMSG;
}

int tagged_decode_wish(const struct record *r, const void *bytes, size_t length, void *object,
		       struct tagged_losses *losses)
{
	struct tagged_losses unheard = { 0 };
	struct reader in;

	record_default(r, object);
	reader_init(&in, bytes, length);
	return fields_decode(r, &in, object, losses ? losses : &unheard);
}
