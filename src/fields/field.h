/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field of a record, once: its name, type, limits, words, default and what is said of it. The
 * state file, the trace and the guard's channel (tagged.h), equality (record.h), the configuration,
 * the API, the JSON, the command line and the manuals all come from such a table.
 *
 * A table stands beside its struct, in the room that has the struct:
 *
 *	static const struct field vip_fields[] = {
 *		FIELD(1, "address", struct vip_settings, address, .help = "The VIP itself."),
 *		FIELD_NAME(3, "board", struct vip_settings, board, .help = "The board."),
 *		FIELD(5, "metric", struct vip_settings, metric, .min = 1, .max = 15),
 *		FIELD_WORD(6, "hold", struct vip_settings, hold, vip_hold_words),
 *	};
 *	const struct record vip_record =
 *		RECORD("a VIP", struct vip_settings, vip_fields, .defaults = &vip_defaults);
 *
 * The type of a field is that of the member: a macro for another kind of member does not compile.
 *
 * Its *tag* is what the field is in bytes that outlive the program. A tag is never used again for
 * something else, and neither its meaning nor its default changes: who wants another gives the
 * field a new tag. The fields of a record stand in the order of their tags.
 */
#ifndef FIELDS_FIELD_H
#define FIELDS_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/container.h"
#include "net/address.h"
#include "net/interface.h"
#include "net/prefix.h"

enum field_type {
	FIELD_TYPE_BOOL = 1,
	FIELD_TYPE_NUMBER,   /* uint8_t, uint16_t, uint32_t or uint64_t */
	FIELD_TYPE_SIGNED,   /* int32_t or int64_t */
	FIELD_TYPE_WORD,     /* uint8_t: the value of one of the words */
	FIELD_TYPE_TEXT,     /* char[size], terminated */
	FIELD_TYPE_NAME,     /* char[INTERFACE_NAME_MAX]: of an interface or a board */
	FIELD_TYPE_ADDRESS,  /* struct address; unset: none */
	FIELD_TYPE_PREFIX,   /* struct prefix; unset: none */
	FIELD_TYPE_HOST,     /* struct address, and the length of its network behind it */
	FIELD_TYPE_DURATION, /* struct duration */
	FIELD_TYPE_INTERVAL, /* uint32_t: microseconds */
	FIELD_TYPE_MOMENT,   /* int64_t: seconds since 1970 */
	FIELD_TYPE_INSTANT,  /* struct instant: of one boot */
	FIELD_TYPE_BYTES,    /* uint8_t[size] */
	FIELD_TYPE_LINES,    /* char[size]: a list of texts, each ended by a newline */
	FIELD_TYPE_GROUP,    /* a struct with a table of its own */
};

/* Where a field is *not*; a field without any of them is everywhere. */
enum field_flag {
	FIELD_NOT_IN_FILE = 1 << 0, /* not in the configuration */
	FIELD_NOT_IN_API = 1 << 1,  /* no request sets it */
	FIELD_NOT_SHOWN = 1 << 2,   /* not in rows, nor in the JSON */
	FIELD_NOT_SAVED = 1 << 3,   /* not in tagged bytes, nor compared */
	FIELD_OPTIONAL = 1 << 4,    /* a group that `count`, a bool, says whether it is there */
	FIELD_UNIQUE = 1 << 5,	    /* no two elements of a list have the same */
	FIELD_INLINE = 1 << 6,	    /* the fields of a list's only element may stand in its place */
	FIELD_NEEDED = 1 << 7,	    /* it must be given, and is always written */
	FIELD_UNCHECKED = 1 << 8,   /* bytes of the group are taken without its check */
	FIELD_OR_NONE = 1 << 9,	    /* or there are none of the group, which is not checked then */
};

/* The words of an enumeration; a NULL text ends them. */
struct field_word {
	const char *text;
	uint8_t value;
	const char *help; /* what it means, half a sentence; may be NULL */
};

/*
 * A value whose text is not that of its type, such as a range of two numbers: then the member is
 * the first of two, side by side.
 */
struct field_text {
	const char *form; /* "an address like 10.9.1.1", for sentences */
	/* 0; or -EINVAL with a sentence, or with an empty one for the usual: "'key' is FORM, not …"
	 */
	int (*parse)(const char *text, void *value, char *sentence, size_t size);
	void (*format)(const void *value, char *text, size_t size);

	/* In place of these, a rule for what the type has taken already; likewise. */
	int (*check)(const char *text, const void *value, char *sentence, size_t size);
};

struct record;

struct field {
	const char *name;   /* the same in the configuration, the API and the JSON */
	const char *help;   /* half a sentence, for the manuals */
	const char *option; /* what the option that sets it does, for --help; NULL: there is none */
	uint16_t tag;	    /* from 1; never used again */
	uint8_t type;	    /* enum field_type */
	uint16_t flags;	    /* enum field_flag */
	uint16_t offset;    /* of the member in the object */
	uint16_t size;	    /* of the member; in a list, of one of its elements */
	uint16_t most;	    /* so many elements a list holds; 0: it is one value */
	uint16_t count;	    /* where it says how many there are, of lists and bytes, ... */
	uint8_t n_count;    /* ... in so many bytes, 1 or 2; 0: they are always all there */

	/*
	 * The limits of numbers; of durations and intervals in milliseconds; both 0: whatever fits.
	 * The default is always allowed, though it may be beyond: a metric of 0 is that of the
	 * speaker.
	 */
	int64_t min, max;

	/*
	 * Of a record with a kind: the kind that the record is of when somebody gives the field, 0:
	 * any; and a bit for each kind that the field says something of, 0: of all.
	 */
	uint8_t makes;
	uint16_t only;

	const struct field_word *words; /* WORD */
	const struct record *record;	/* GROUP */
	const struct field_text *text;	/* in place of the text of its type; or NULL */
};

/* One of several structs in a union, by the value of the record's kind. */
struct record_choice {
	const char *name;
	const struct record *record; /* NULL: nothing but the kind */
	size_t offset;		     /* of the member of the union */
};

/* What may stand in the place of a map of the fields: a value is the first field, a list the list.
 */
enum record_form {
	RECORD_MAP,	   /* nothing */
	RECORD_MAP_OR_ONE, /* these */
	RECORD_ONE,	   /* these, and no map */
};

/*
 * A struct. With `choices` it is one with a kind, a uint8_t at `kind`, and a union: `fields` are
 * those of every kind, and their tags are not those of any choice.
 */
struct record {
	const char *what; /* a noun phrase for sentences: "a VIP" */
	size_t size;
	const struct field *fields;
	size_t n_fields;
	const struct record *more; /* of the same struct: its fields come first; or NULL */
	const void *defaults;	   /* an object with the defaults; NULL: 0, and the groups' own */
	bool retired;		   /* nobody writes it any more: what it says is no loss */
	enum record_form form;
	const char *example; /* "off, default, all, or a list like [10.0.0.0/8]", for sentences */

	/*
	 * What spans several fields. 0, or -EINVAL with a sentence that says what is wrong; bytes
	 * that say so are refused whole. NULL: anything goes.
	 */
	int (*check)(const void *object, char *sentence, size_t size);

	const struct record_choice *choices; /* by kind; one without a name is none */
	size_t n_choices;
	/* In place of the table; false: there is none of the kind. */
	bool (*choose)(uint8_t kind, struct record_choice *ret);
	size_t kind;
};

/* The type of a member, and that it is none of the types which have a macro of their own. */
#define FIELD_TYPE_OF(value)                                                                       \
	_Generic((value),                                                                          \
		bool: FIELD_TYPE_BOOL,                                                             \
		uint8_t: FIELD_TYPE_NUMBER,                                                        \
		uint16_t: FIELD_TYPE_NUMBER,                                                       \
		uint32_t: FIELD_TYPE_NUMBER,                                                       \
		uint64_t: FIELD_TYPE_NUMBER,                                                       \
		int32_t: FIELD_TYPE_SIGNED,                                                        \
		int64_t: FIELD_TYPE_SIGNED,                                                        \
		char *: FIELD_TYPE_TEXT,                                                           \
		struct address: FIELD_TYPE_ADDRESS,                                                \
		struct prefix: FIELD_TYPE_PREFIX,                                                  \
		struct duration: FIELD_TYPE_DURATION,                                              \
		struct instant: FIELD_TYPE_INSTANT)

#define FIELD_MEMBER(type_, member) (((type_ *)0)->member)

/* 0, when `condition` is true; otherwise it does not compile. */
#define FIELD_MUST(condition)                                                                      \
	(0 * sizeof(struct {                                                                       \
		 _Static_assert(condition, "the member is of another type than its field");        \
		 char nothing;                                                                     \
	 }))
#define FIELD_IS(type_, member, wanted)                                                            \
	__builtin_types_compatible_p(__typeof__(FIELD_MEMBER(type_, member)), wanted)

#define FIELD_PLACE(type_, member)                                                                 \
	.offset = offsetof(type_, member), .size = sizeof(FIELD_MEMBER(type_, member))

/* A value of one of the types that FIELD_TYPE_OF() knows. */
#define FIELD(tag_, name_, type_, member, ...)                                                     \
	{                                                                                          \
		.tag = (tag_), .name = (name_),                                                    \
		.type = FIELD_TYPE_OF(FIELD_MEMBER(type_, member)), FIELD_PLACE(type_, member),    \
		__VA_ARGS__                                                                        \
	}

/* The name of an interface or a board. */
#define FIELD_NAME(tag_, name_, type_, member, ...)                                                \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_NAME,                           \
		.offset = offsetof(type_, member) +                                                \
			  FIELD_MUST(FIELD_IS(type_, member, char[INTERFACE_NAME_MAX])),           \
		.size = INTERFACE_NAME_MAX, __VA_ARGS__                                            \
	}

/* The record is this one value. */
#define FIELD_WHOLE(tag_, name_, type_, ...)                                                       \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_OF(*(type_ *)0),                \
		.size = sizeof(type_), __VA_ARGS__                                                 \
	}

/* An enumeration in a uint8_t. */
#define FIELD_WORD(tag_, name_, type_, member, words_, ...)                                        \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_WORD,                           \
		.offset = offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member, uint8_t)),  \
		.size = 1, .words = (words_), __VA_ARGS__                                          \
	}

/* An address, and the length of the network that it is a host of, which is the next member. */
#define FIELD_HOST(tag_, name_, type_, member, length_, ...)                                       \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_HOST,                           \
		.offset = offsetof(type_, member) +                                                \
			  FIELD_MUST(FIELD_IS(type_, member, struct address) &&                    \
				     FIELD_IS(type_, length_, uint8_t) &&                          \
				     offsetof(type_, length_) - offsetof(type_, member) ==         \
					     offsetof(struct prefix, length)),                     \
		.size = sizeof(struct prefix), __VA_ARGS__                                         \
	}

/* Microseconds in a uint32_t, and seconds since 1970 in an int64_t. */
#define FIELD_INTERVAL(tag_, name_, type_, member, ...)                                            \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_INTERVAL,                       \
		.offset = offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member, uint32_t)), \
		.size = sizeof(uint32_t), __VA_ARGS__                                              \
	}
#define FIELD_MOMENT(tag_, name_, type_, member, ...)                                              \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_MOMENT,                         \
		.offset = offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member, int64_t)),  \
		.size = sizeof(int64_t), __VA_ARGS__                                               \
	}

/* A struct in the struct. */
#define FIELD_GROUP(tag_, name_, type_, member, record_, ...)                                      \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_GROUP,                          \
		FIELD_PLACE(type_, member), .record = &(record_), __VA_ARGS__                      \
	}

/* A struct that is there or not, as a bool says. */
#define FIELD_GROUP_IF(tag_, name_, type_, member, is_there, record_, ...)                         \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_GROUP,                          \
		FIELD_PLACE(type_, member), .record = &(record_), .most = 1,                       \
		.flags = FIELD_OPTIONAL,                                                           \
		.count = offsetof(type_, is_there) + FIELD_MUST(FIELD_IS(type_, is_there, bool)),  \
		.n_count = 1, __VA_ARGS__                                                          \
	}

/* Texts, each ended by a newline. */
#define FIELD_LINES(tag_, name_, type_, member, ...)                                               \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_LINES,                          \
		.offset = offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member[0], char)),  \
		.size = sizeof(FIELD_MEMBER(type_, member)), __VA_ARGS__                           \
	}

/* A MAC address, or a number of bytes that is always the same. */
#define FIELD_BYTES(tag_, name_, type_, member, ...)                                               \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_BYTES,                          \
		.offset =                                                                          \
			offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member[0], uint8_t)), \
		.size = sizeof(FIELD_MEMBER(type_, member)), __VA_ARGS__                           \
	}

#define FIELD_COUNT(type_, count_)                                                                 \
	.count = offsetof(type_, count_) + FIELD_MUST(FIELD_IS(type_, count_, uint8_t) ||          \
						      FIELD_IS(type_, count_, uint16_t)),          \
	.n_count = sizeof(FIELD_MEMBER(type_, count_))

/* As many bytes as another member says. */
#define FIELD_BYTES_COUNTED(tag_, name_, type_, member, count_, ...)                               \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_BYTES,                          \
		.offset =                                                                          \
			offsetof(type_, member) + FIELD_MUST(FIELD_IS(type_, member[0], uint8_t)), \
		.size = sizeof(FIELD_MEMBER(type_, member)), FIELD_COUNT(type_, count_),           \
		__VA_ARGS__                                                                        \
	}

#define FIELD_ELEMENTS(type_, member)                                                              \
	.offset = offsetof(type_, member), .size = sizeof(FIELD_MEMBER(type_, member[0])),         \
	.most = ARRAY_LENGTH(FIELD_MEMBER(type_, member))

/* So many values as another member says. */
#define FIELD_LIST(tag_, name_, type_, member, count_, ...)                                        \
	{                                                                                          \
		.tag = (tag_), .name = (name_),                                                    \
		.type = FIELD_TYPE_OF(FIELD_MEMBER(type_, member[0])),                             \
		FIELD_ELEMENTS(type_, member), FIELD_COUNT(type_, count_), __VA_ARGS__             \
	}

/* So many structs. */
#define FIELD_LIST_OF(tag_, name_, type_, member, count_, record_, ...)                            \
	{                                                                                          \
		.tag = (tag_), .name = (name_), .type = FIELD_TYPE_GROUP,                          \
		FIELD_ELEMENTS(type_, member), FIELD_COUNT(type_, count_), .record = &(record_),   \
		__VA_ARGS__                                                                        \
	}

/* An array that is always full. */
#define FIELD_ARRAY(tag_, name_, type_, member, ...)                                               \
	{                                                                                          \
		.tag = (tag_), .name = (name_),                                                    \
		.type = FIELD_TYPE_OF(FIELD_MEMBER(type_, member[0])),                             \
		FIELD_ELEMENTS(type_, member), __VA_ARGS__                                         \
	}

#define RECORD(what_, type_, fields_, ...)                                                         \
	{                                                                                          \
		.what = (what_), .size = sizeof(type_), .fields = (fields_),                       \
		.n_fields = ARRAY_LENGTH(fields_), __VA_ARGS__                                     \
	}

/* The table NAME_record of some fields of a larger struct, and with a rule for them. */
#define RECORD_PART(name_, ...) RECORD_PART_CHECKED(name_, NULL, __VA_ARGS__)
#define RECORD_PART_CHECKED(name_, check_, ...)                                                    \
	static const struct field name_##_fields[] = { __VA_ARGS__ };                              \
	static const struct record name_##_record = { .what = #name_,                              \
						      .fields = name_##_fields,                    \
						      .n_fields = ARRAY_LENGTH(name_##_fields),    \
						      .check = (check_) }

/* A struct with a kind and a union; `fields` and `n_fields` may follow. */
#define RECORD_CHOICES(what_, type_, kind_, choices_, ...)                                         \
	{                                                                                          \
		.what = (what_), .size = sizeof(type_), .choices = (choices_),                     \
		.n_choices = ARRAY_LENGTH(choices_),                                               \
		.kind = offsetof(type_, kind_) + FIELD_MUST(FIELD_IS(type_, kind_, uint8_t)),      \
		__VA_ARGS__                                                                        \
	}

/* The families of addresses, as words. */
extern const struct field_word family_words[];

/* The text of a value; NULL: none of the words has it. */
const char *field_word_text(const struct field_word *words, uint8_t value);

/* The word with the text; NULL: there is none. */
const struct field_word *field_word_find(const struct field_word *words, const char *text);

/* The field with the name; NULL: there is none. */
const struct field *record_field(const struct record *r, const char *name);

/* Where an element of the field is in an object; the first one of a field that is no list. */
static inline void *field_at(const struct field *f, const void *object, size_t element)
{
	return (char *)object + f->offset + element * f->size;
}

/* How many elements of a list there are in the object, never more than it can hold; else 1. */
size_t field_count(const struct field *f, const void *object);
void field_set_count(const struct field *f, void *object, size_t count);

/*
 * The number in a field of the types BOOL, NUMBER, SIGNED, WORD, DURATION and INSTANT (in
 * nanoseconds), at `value`; and into it.
 */
int64_t field_number(const struct field *f, const void *value);
void field_set_number(const struct field *f, void *value, int64_t number);

/* Whether a number, or a duration in nanoseconds, is one that the field may have. */
bool field_takes(const struct field *f, int64_t number);

static inline bool record_has_choices(const struct record *r)
{
	return r->choices || r->choose;
}

/* Which of its choices an object is; false: none, or the record has no choices. */
bool record_choice(const struct record *r, const void *object, struct record_choice *ret);

/* Fills an object with its defaults; those of a group are its own when the record has none. */
void record_default(const struct record *r, void *object);

/* Whether two objects have the same in the field, in all of its elements; and two elements. */
bool field_equal(const struct field *f, const void *a, const void *b);
bool field_value_equal(const struct field *f, const void *a, const void *b);

/*
 * Whether two objects say the same: all that their fields, their kinds and their lists say, but not
 * what stands behind the end of a text or of a list.
 */
bool record_equal(const struct record *r, const void *a, const void *b);

#endif
