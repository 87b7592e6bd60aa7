/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"
#include "fields/tagged.h"

enum colour { RED, GREEN };

static const struct field_word colours[] = { { "red", RED, NULL },
					     { "green", GREEN, NULL },
					     { 0 } };

struct inner {
	uint8_t id;
	char text[8];
};

static const struct field inner_fields[] = {
	FIELD(1, "id", struct inner, id, .min = 1, .max = 9, .flags = FIELD_UNIQUE),
	FIELD(2, "text", struct inner, text),
};
static const struct record inner_record = RECORD("an inner one", struct inner, inner_fields);

struct outer {
	bool yes;
	uint8_t metric, colour;
	uint16_t port;
	uint64_t seed;
	int32_t error;
	char label[16];
	char board[INTERFACE_NAME_MAX];
	struct address address;
	struct prefix network;
	struct address host;
	uint8_t length;
	uint32_t interval_us;
	int64_t until_s;
	struct duration every;
	struct instant at;
	uint8_t mac[6];
	uint16_t n_bytes;
	uint8_t bytes[300];
	struct inner inner;
	uint8_t n_list;
	struct inner list[3];
	uint8_t n_addresses;
	struct address addresses[2];
	uint32_t counts[4];
};

static const struct outer outer_defaults = {
	.yes = true, .every = { 2000000000 }, .board = "vnic0", .inner = { 3, "three" }
};

static const struct field outer_fields[] = {
	FIELD(1, "yes", struct outer, yes),
	FIELD(2, "metric", struct outer, metric, .min = 1, .max = 15),
	FIELD_WORD(3, "colour", struct outer, colour, colours),
	FIELD(4, "port", struct outer, port),
	FIELD(5, "seed", struct outer, seed),
	FIELD(6, "error", struct outer, error),
	FIELD(7, "label", struct outer, label),
	FIELD_NAME(8, "board", struct outer, board),
	FIELD(9, "address", struct outer, address),
	FIELD(10, "network", struct outer, network),
	FIELD(11, "every", struct outer, every, .min = 100, .max = 3600000),
	FIELD(12, "at", struct outer, at),
	FIELD_BYTES(13, "mac", struct outer, mac),
	FIELD_BYTES_COUNTED(14, "bytes", struct outer, bytes, n_bytes),
	FIELD_GROUP(15, "inner", struct outer, inner, inner_record),
	FIELD_LIST_OF(16, "list", struct outer, list, n_list, inner_record),
	FIELD_LIST(200, "addresses", struct outer, addresses, n_addresses),
	FIELD_ARRAY(201, "counts", struct outer, counts),
	FIELD_HOST(202, "host", struct outer, host, length),
	FIELD_INTERVAL(203, "interval", struct outer, interval_us, .min = 10, .max = 60000),
	FIELD_MOMENT(204, "until", struct outer, until_s),
};
static const struct record outer_record =
	RECORD("an outer one", struct outer, outer_fields, .defaults = &outer_defaults);

/* The same struct as an earlier version knew it, with two fields only. */
static const struct field earlier_fields[] = {
	FIELD(2, "metric", struct outer, metric, .min = 1, .max = 7),
	FIELD(7, "label", struct outer, label),
};
static const struct record earlier_record = RECORD("an earlier one", struct outer, earlier_fields);

struct choosing {
	uint8_t kind;
	uint32_t request;
	union {
		struct inner inner;
		struct outer outer;
	};
};

static const struct field choosing_fields[] = {
	FIELD(100, "request", struct choosing, request),
};
static const struct record_choice choosing_choices[] = {
	[1] = { "inner", &inner_record, offsetof(struct choosing, inner) },
	[2] = { "outer", &outer_record, offsetof(struct choosing, outer) },
	[4] = { "nothing", NULL, 0 },
};
static const struct record choosing_record = RECORD(
	"a chosen one", struct choosing, choosing_fields, .choices = choosing_choices,
	.n_choices = ARRAY_LENGTH(choosing_choices), .kind = offsetof(struct choosing, kind));

#define BYTES_MAX 1024

static size_t encode(const struct record *r, const void *object, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, BYTES_MAX);
	tagged_encode(r, object, &w);
	assert_true(writer_ok(&w));
	return w.length;
}

static struct outer full(void)
{
	struct outer o = { .yes = false,
			   .metric = 5,
			   .colour = GREEN,
			   .port = 4711,
			   .seed = UINT64_MAX - 1,
			   .error = -105,
			   .label = "a label",
			   .board = "vnic7",
			   .every = DURATION_MS(1500),
			   .at = { INT64_MAX },
			   .mac = { 2, 0, 0, 0, 0, 1 },
			   .n_bytes = 290,
			   .inner = { 4, "" },
			   .n_list = 2,
			   .list = { { 1, "one" }, { 2, "" } },
			   .n_addresses = 2,
			   .counts = { 0, 7, 0, 0 } };

	memset(o.bytes, 0xab, o.n_bytes);
	address_parse("2001:db8::1", &o.address);
	address_parse("10.1.0.1", &o.addresses[1]);
	o.host = o.address;
	o.length = 64;
	o.interval_us = 300000;
	o.until_s = -1;
	o.network = prefix_make(&o.address, 64);
	return o;
}

static void every_value_comes_back(void **state)
{
	struct outer there, o = full();
	struct tagged_losses losses = { 0 };
	uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
	size_t n = encode(&outer_record, &o, bytes);

	(void)state;
	memset(&there, 0xff, sizeof(there));
	assert_int_equal(tagged_decode(&outer_record, bytes, n, &there, &losses), 0);
	assert_true(record_equal(&outer_record, &o, &there));
	assert_memory_equal(&o.list, &there.list, sizeof(o.list));
	assert_int_equal(losses.unknown + losses.refused, 0);
	assert_int_equal(encode(&outer_record, &there, again), n);
	assert_memory_equal(bytes, again, n);
}

static void what_is_as_by_default_comes_back(void **state)
{
	struct outer o, there;
	uint8_t bytes[BYTES_MAX];

	(void)state;
	record_default(&outer_record, &o);
	assert_int_equal(
		tagged_decode(&outer_record, bytes, encode(&outer_record, &o, bytes), &there, NULL),
		0);
	assert_true(record_equal(&outer_record, &o, &there));
	/* And what is not there at all. */
	assert_int_equal(tagged_decode(&outer_record, NULL, 0, &there, NULL), 0);
	assert_true(record_equal(&outer_record, &o, &there));
	assert_string_equal(there.board, "vnic0");
	/* Nothing in the place of a default that is something. */
	memset(&o, 0, sizeof(o));
	o.every = DURATION_MS(100);
	o.inner.id = 1;
	assert_int_equal(
		tagged_decode(&outer_record, bytes, encode(&outer_record, &o, bytes), &there, NULL),
		0);
	assert_true(record_equal(&outer_record, &o, &there));
}

static void a_field_that_is_not_known_is_passed_over(void **state)
{
	struct outer there, o = full();
	struct tagged_losses losses = { 0 };
	uint8_t bytes[BYTES_MAX];
	size_t n = encode(&outer_record, &o, bytes);

	(void)state;
	assert_int_equal(tagged_decode(&earlier_record, bytes, n, &there, &losses), 0);
	assert_int_equal(there.metric, 5);
	assert_string_equal(there.label, "a label");
	assert_int_equal(there.port, 0);
	assert_true(losses.unknown > 10);
	/* The other way round: what an earlier one did not write has its default. */
	o = (struct outer){ .metric = 7 };
	n = encode(&earlier_record, &o, bytes);
	losses = (struct tagged_losses){ 0 };
	assert_int_equal(tagged_decode(&outer_record, bytes, n, &there, &losses), 0);
	assert_int_equal(there.metric, 7);
	assert_true(there.yes);
	assert_int_equal(losses.unknown + losses.refused, 0);
}

static void a_value_that_is_not_allowed_has_its_default(void **state)
{
	/* Metric 200; a colour of later days; a label that is too long; a list that is. */
	static const uint8_t bytes[] = { 2,   1,   200, 3,   1,	  9,   7,   20,	 'a', 'a', 'a',
					 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a',
					 'a', 'a', 'a', 'a', 'a', 'a', 16,  3,	 1,   1,   1,
					 16,  3,   1,	1,   2,	  16,  3,   1,	 1,   3,   16,
					 3,   1,   1,	4,   4,	  2,   1,   1 };
	struct tagged_losses losses = { 0 };
	struct outer there;

	(void)state;
	assert_int_equal(tagged_decode(&outer_record, bytes, sizeof(bytes), &there, &losses), 0);
	assert_int_equal(there.metric, 0);
	assert_int_equal(there.colour, RED);
	assert_string_equal(there.label, "");
	assert_int_equal(there.n_list, 3);
	assert_int_equal(there.port, 257);
	assert_int_equal(losses.refused, 4);
}

/* A list that is begun anew, whose first element then is not allowed, has nothing of the former. */
static void of_a_list_in_two_pieces_the_later_one_counts(void **state)
{
	static const uint8_t bytes[] = {
		0xc8, 1, 4, 10, 0,    0, 1, 0xc8, 1, 4, 10, 0, 0, 2, /* two addresses */
		0xc9, 1, 1, 5,	0xc9, 1, 1, 6,			     /* two counts */
		4,    1, 1,					     /* a port */
		0xc8, 1, 4, 10, 0,    0, 3,			     /* one address */
		0xc9, 1, 5, 1,	0,    0, 0, 0,			     /* a count too large */
	};
	struct tagged_losses losses = { 0 };
	struct outer there;

	(void)state;
	assert_int_equal(tagged_decode(&outer_record, bytes, sizeof(bytes), &there, &losses), 0);
	assert_int_equal(there.n_addresses, 1);
	assert_string_equal(ADDRESS_TEXT(&there.addresses[0]), "10.0.0.3");
	assert_int_equal(there.counts[0], 0);
	assert_int_equal(there.counts[1], 0);
	assert_int_equal(losses.refused, 1);
}

static void a_number_may_become_wider(void **state)
{
	static const uint8_t eight[] = { 4, 8, 0, 0, 0, 0, 0, 0, 18, 103 },
			     five[] = { 4, 5, 1, 0, 0, 0, 0 };
	struct tagged_losses losses = { 0 };
	struct outer there;

	(void)state;
	assert_int_equal(tagged_decode(&outer_record, eight, sizeof(eight), &there, &losses), 0);
	assert_int_equal(there.port, 4711);
	assert_int_equal(tagged_decode(&outer_record, five, sizeof(five), &there, &losses), 0);
	assert_int_equal(losses.refused, 1);
}

static void bytes_that_are_cut_or_broken_are_refused_or_read_safely(void **state)
{
	struct outer there, o = full();
	uint8_t bytes[BYTES_MAX], copy[BYTES_MAX];
	size_t n = encode(&outer_record, &o, bytes);

	(void)state;
	for (size_t cut = 0; cut < n; cut++)
		(void)tagged_decode(&outer_record, memcpy(copy, bytes, cut), cut, &there, NULL);
	for (size_t i = 0; i < n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, bytes, n);
			copy[i] ^= (uint8_t)(1 << bit);
			if (tagged_decode(&outer_record, copy, n, &there, NULL) == 0)
				(void)encode(&outer_record, &there, copy);
		}
	/* A length beyond the end; an endless number; a text with its end inside. */
	assert_int_equal(tagged_decode(&outer_record,
				       "\x07\x05"
				       "a",
				       3, &there, NULL),
			 -EBADMSG);
	assert_int_equal(tagged_decode(&outer_record, "\xff\xff\xff\xff\xff\xff", 6, &there, NULL),
			 -EBADMSG);
	assert_int_equal(tagged_decode(&outer_record,
				       "\x07\x03"
				       "a\0b",
				       5, &there, NULL),
			 -EBADMSG);
	assert_int_equal(tagged_decode(&outer_record, "\x02\x00", 2, &there, NULL), -EBADMSG);
	/* Two of a list with the same number. */
	assert_int_equal(tagged_decode(&outer_record, "\x10\x03\x01\x01\x05\x10\x03\x01\x01\x05",
				       10, &there, NULL),
			 -EBADMSG);
}

static void a_choice_is_what_its_kind_says(void **state)
{
	struct choosing there, c = { .kind = 2, .request = 70000 }, i = { .kind = 1, .request = 1 };
	struct tagged_losses losses = { 0 };
	uint8_t bytes[BYTES_MAX];
	size_t n;

	(void)state;
	c.outer = full();
	n = encode(&choosing_record, &c, bytes);
	assert_int_equal(tagged_decode(&choosing_record, bytes, n, &there, &losses), 0);
	assert_true(record_equal(&choosing_record, &c, &there));
	assert_int_equal(there.request, 70000);
	i.inner.id = 4;
	n = encode(&choosing_record, &i, bytes);
	assert_int_equal(tagged_decode(&choosing_record, bytes, n, &there, &losses), 0);
	assert_true(record_equal(&choosing_record, &i, &there));
	assert_false(record_equal(&choosing_record, &i, &c));
	n = encode(&choosing_record, &(struct choosing){ .kind = 4 }, bytes);
	assert_int_equal(n, 1);
	assert_int_equal(tagged_decode(&choosing_record, bytes, n, &there, &losses), 0);
	assert_int_equal(losses.unknown + losses.refused, 0);
	/* Of a kind that is not known nothing is. */
	bytes[0] = 3;
	assert_int_equal(tagged_decode(&choosing_record, bytes, n, &there, &losses), -ENOENT);
	bytes[0] = 200;
	assert_int_equal(tagged_decode(&choosing_record, bytes, n, &there, &losses), -ENOENT);
	assert_int_equal(tagged_decode(&choosing_record, bytes, 0, &there, &losses), -EBADMSG);
}

static void objects_are_equal_in_what_they_say(void **state)
{
	struct outer a = full(), b = full();

	(void)state;
	memset(b.label + strlen(b.label) + 1, 'x', 3);
	memset(&b.list[2], 'x', sizeof(b.list[2]));
	b.bytes[299] = 1;
	assert_true(record_equal(&outer_record, &a, &b));
	b.list[1].text[0] = 'x';
	assert_false(record_equal(&outer_record, &a, &b));
	b = full();
	b.counts[3] = 1;
	assert_false(record_equal(&outer_record, &a, &b));
	b = full();
	b.n_addresses = 1;
	assert_false(record_equal(&outer_record, &a, &b));
	b = full();
	b.yes = true;
	assert_false(record_equal(&outer_record, &a, &b));
}

struct holding {
	struct choosing chosen;
	bool there;
	struct inner maybe;
};

static const struct field holding_fields[] = {
	FIELD_GROUP(1, "chosen", struct holding, chosen, choosing_record),
	FIELD_GROUP_IF(2, "maybe", struct holding, maybe, there, inner_record),
};
static const struct record holding_record = RECORD("a holding one", struct holding, holding_fields);

static void a_group_is_one_of_its_choices_and_another_may_not_be_there(void **state)
{
	struct holding h = { .chosen = { .kind = 4 }, .maybe = { 7, "lost" } }, copy;
	uint8_t bytes[64];
	struct writer w;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	tagged_encode(&holding_record, &h, &w);
	assert_int_equal(tagged_decode(&holding_record, bytes, w.length, &copy, NULL), 0);
	assert_int_equal(copy.chosen.kind, 4);
	assert_false(copy.there);
	assert_int_equal(copy.maybe.id, 0);
	h.there = true;
	writer_init(&w, bytes, sizeof(bytes));
	tagged_encode(&holding_record, &h, &w);
	assert_int_equal(tagged_decode(&holding_record, bytes, w.length, &copy, NULL), 0);
	assert_true(copy.there);
	assert_string_equal(copy.maybe.text, "lost");
	/* Of a kind that came later, and without any. */
	assert_int_equal(tagged_decode(&holding_record, "\1\1\x09", 3, &copy, NULL), -ENOENT);
	assert_int_equal(tagged_decode(&holding_record, "", 0, &copy, NULL), -EBADMSG);
}

struct strict {
	uint8_t id;
};

static int whole_check(const void *object, char *sentence, size_t size)
{
	(void)sentence, (void)size;
	return ((const struct strict *)object)->id != 0 ? 0 : -EINVAL;
}

static const struct field whole_fields[] = {
	FIELD(1, "id", struct strict, id),
};
static const struct record whole_record =
	RECORD("a whole one", struct strict, whole_fields, .check = whole_check);

struct frame {
	uint8_t id;
	struct strict group;
	struct shell {
		struct strict group;
	} shell;
};

static const struct field shell_fields[] = {
	FIELD_GROUP(1, "group", struct shell, group, whole_record),
};
static const struct record shell_record = RECORD("a shell", struct shell, shell_fields);

static const struct field frame_fields[] = {
	FIELD(1, "id", struct frame, id),
	FIELD_GROUP(2, "group", struct frame, group, whole_record),
	FIELD_GROUP(3, "shell", struct frame, shell, shell_record),
};
static const struct record frame_record = RECORD("a frame", struct frame, frame_fields);

/* It has its defaults then, and these must do as if they had been said. */
static void a_group_that_is_left_out_is_checked(void **state)
{
	static const uint8_t whole[] = { 1, 1, 7, 2, 3, 1, 1, 8, 3, 5, 1, 3, 1, 1, 9 };
	struct frame there;

	(void)state;
	assert_int_equal(tagged_decode(&frame_record, whole, sizeof(whole), &there, NULL), 0);
	assert_int_equal(there.shell.group.id, 9);
	/* Without the inner one, without what is around it, without the other one. */
	assert_int_equal(tagged_decode(&frame_record, "\2\3\1\1\x08\3\0", 7, &there, NULL),
			 -EBADMSG);
	assert_int_equal(tagged_decode(&frame_record, whole, 8, &there, NULL), -EBADMSG);
	assert_int_equal(tagged_decode(&frame_record, "\3\5\1\3\1\1\x09", 7, &there, NULL),
			 -EBADMSG);
}

static void words_are_found_by_text_and_by_value(void **state)
{
	(void)state;
	assert_string_equal(field_word_text(colours, GREEN), "green");
	assert_null(field_word_text(colours, 2));
	assert_int_equal(field_word_find(colours, "green")->value, GREEN);
	assert_null(field_word_find(colours, "gree"));
	assert_int_equal(record_field(&outer_record, "port")->tag, 4);
	assert_null(record_field(&outer_record, "ports"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_comes_back),
		cmocka_unit_test(what_is_as_by_default_comes_back),
		cmocka_unit_test(a_field_that_is_not_known_is_passed_over),
		cmocka_unit_test(a_value_that_is_not_allowed_has_its_default),
		cmocka_unit_test(of_a_list_in_two_pieces_the_later_one_counts),
		cmocka_unit_test(a_number_may_become_wider),
		cmocka_unit_test(bytes_that_are_cut_or_broken_are_refused_or_read_safely),
		cmocka_unit_test(a_choice_is_what_its_kind_says),
		cmocka_unit_test(a_group_is_one_of_its_choices_and_another_may_not_be_there),
		cmocka_unit_test(objects_are_equal_in_what_they_say),
		cmocka_unit_test(a_group_that_is_left_out_is_checked),
		cmocka_unit_test(words_are_found_by_text_and_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
