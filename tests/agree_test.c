/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one reader accepts, every reader accepts: the same values go to the file, to the API and to
 * the command line, for every field of a VIP's table by itself. The values follow from the type and
 * the limits that its row has, so a new field is in here as soon as it is in the table.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/body.h"
#include "base/container.h"
#include "base/text.h"
#include "base/unit.h"
#include "config/map.h"
#include "fields/text.h"
#include "fields/value.h"
#include "fields/vip.h"
#include "vip/arguments.h"

#define VALUES_MAX 64
#define VALUE_MAX 160

/* Values that somebody may try for a field, the most of them at an edge. */
struct values {
	char at[VALUES_MAX][VALUE_MAX];
	size_t n;
};

static void add(struct values *v, const char *text)
{
	assert_true(v->n < VALUES_MAX);
	assert_true(strlen(text) < VALUE_MAX);
	text_copy(v->at[v->n++], VALUE_MAX, text);
}

static void add_length(struct values *v, size_t length)
{
	char text[VALUE_MAX] = "";

	memset(text, 'a', length);
	add(v, text);
}

static void add_number(struct values *v, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	add(v, text);
}

static void values_of(const struct field *f, struct values *v)
{
	static const char *const of_all[] = {
		"",	     " ",	    "a",
		"a b",	     "a/b",	    "a:b",
		".",	     "..",	    "yes",
		"no",	     "Yes",	    "on",
		"true",	     "null",	    "~",
		"0",	     "1",	    "01",
		"-1",	     "+1",	    "1.5",
		"1e1",	     "0x1",	    "99999999",
		"3s",	     "10.9.1.1",    "file",
		"\xc3\xbc",  "10.9.1.1/24", "10.9.1.1/33",
		"10.9.1.1/", "2001:db8::1", "2001:db8::1/129",
	};
	/* Control characters, separators of lines, a mark of the order of bytes: all invisible. */
	static const char *const invisible[] = { "a\tb",
						 "a\nb",
						 "a\x7f"
						 "b",
						 "a\xc2\x85"
						 "b",
						 "a\xc2\x9f"
						 "b",
						 "a\xe2\x80\xa8"
						 "b",
						 "a\xe2\x80\xa9"
						 "b",
						 "a\xef\xbb\xbf"
						 "b" };

	for (size_t i = 0; i < ARRAY_LENGTH(of_all); i++)
		add(v, of_all[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(invisible); i++)
		add(v, invisible[i]);
	if (f->type == FIELD_TYPE_TEXT || f->type == FIELD_TYPE_NAME) {
		add_length(v, f->size - 1u);
		add_length(v, f->size);
	}
	if (f->type == FIELD_TYPE_NUMBER)
		for (int64_t step = -1; step <= 1; step++) {
			add_number(v, f->min + step);
			add_number(v, f->max + step);
		}
	for (const struct field_word *w = f->words; w && w->text; w++)
		add(v, w->text);
}

/* As a quoted scalar, which is the same in YAML and in JSON. */
static void quoted(const char *value, char *text, size_t size)
{
	json_t *j = json_string(value);
	char *dump = json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	text_copy(text, size, dump);
	free(dump);
	json_decref(j);
}

static const char *base_of(const struct field *f)
{
	return f->flags & FIELD_NEEDED ? "" : "\"address\": \"10.9.1.1\", ";
}

static bool file_takes(const struct field *f, const char *value)
{
	char text[512], scalar[256], error[512];
	struct document *d = NULL;
	struct vip_settings s;
	struct token first;
	int r;

	quoted(value, scalar, sizeof(scalar));
	snprintf(text, sizeof(text), "{%s\"%s\": %s}", base_of(f), f->name, scalar);
	record_default(&vip_record, &s);
	assert_int_equal(document_open("f", text, strlen(text), error, sizeof(error), &d), 0);
	r = document_next(d, &first);
	if (r == 0)
		r = map_read(d, &first, &vip_record, &s, NULL);
	document_close(d);
	return r == 0;
}

static bool body_is_taken(const char *body)
{
	char sentence[BODY_SENTENCE_MAX];
	struct vip_settings *vips = NULL;
	size_t count = 0;
	int r = body_parse_bind(body, strlen(body), &vips, &count, sentence, sizeof(sentence));

	free(vips);
	return r == 0;
}

/* JSON has booleans and numbers of its own: what is text in the file is one of these here. */
static bool api_takes(const struct field *f, const char *value)
{
	char text[512], scalar[256];
	bool truth;

	quoted(value, scalar, sizeof(scalar));
	if (f->type == FIELD_TYPE_BOOL && value_parse_bool(value, &truth) == 0)
		text_copy(scalar, sizeof(scalar), truth ? "true" : "false");
	if (f->type == FIELD_TYPE_NUMBER && *value && strspn(value, "0123456789") == strlen(value))
		snprintf(scalar, sizeof(scalar), "%lld", strtoll(value, NULL, 10));
	snprintf(text, sizeof(text), "{%s\"%s\": %s}", base_of(f), f->name, scalar);
	return body_is_taken(text);
}

static bool line_takes(const struct field *f, const char *value)
{
	static const struct command command = {
		.name = "bind", .arguments = "", .summary = "", .details = "", .record = &vip_record
	};
	struct vip v = { .command = &command };
	json_t *body = json_object();
	char option[VALUE_MAX + 32], *argv[] = { option }, *dump;
	int argc = 1;
	bool taken;

	snprintf(option, sizeof(option), "--%s=%s", f->name, value);
	taken = arguments_take(&v, &argc, argv) < 0 && options_body(&v, body) < 0;
	json_object_set_new(body, "address", json_string("10.9.1.1"));
	dump = json_dumps(body, 0);
	taken = taken && body_is_taken(dump);
	free(dump);
	json_decref(body);
	return taken;
}

/* A field with a value behind its option; those that are switched have none. */
static bool has_value(const struct field *f)
{
	bool is_switch = f->type == FIELD_TYPE_WORD && !f->words[2].text;

	return f->option && f->type != FIELD_TYPE_BOOL && !is_switch;
}

static void test_a_value_has_the_same_verdict_wherever_it_is_read(void **state)
{
	size_t verdicts = 0, taken = 0, differ = 0;

	(void)state;
	/* Where the command line says what is wrong. */
	assert_non_null(freopen("/dev/null", "we", stderr));
	for (size_t i = 0; i < vip_record.n_fields; i++) {
		const struct field *f = &vip_record.fields[i];
		struct values v = { 0 };

		values_of(f, &v);
		for (size_t k = 0; k < v.n; k++) {
			bool file = file_takes(f, v.at[k]), api = api_takes(f, v.at[k]);
			bool line = has_value(f) ? line_takes(f, v.at[k]) : file;

			if (file != api || file != line)
				printf("'%s' as %s: file %d, API %d, command line %d\n", v.at[k],
				       f->name, file, api, line);
			differ += file != api || file != line;
			verdicts++;
			taken += file;
		}
	}
	printf("%zu values, %zu taken, %zu differ\n", verdicts, taken, differ);
	assert_int_equal(differ, 0);
	/* Neither all is refused nor all taken. */
	assert_true(taken > vip_record.n_fields && taken < verdicts);
}

/* What is taken is written so that it is taken again, and is the same. */
static void test_a_value_is_formatted_as_it_is_parsed(void **state)
{
	char text[FIELD_TEXT_MAX], sentence[FIELD_SENTENCE_MAX];

	(void)state;
	for (size_t i = 0; i < vip_record.n_fields; i++) {
		const struct field *f = &vip_record.fields[i];
		struct values v = { 0 };

		values_of(f, &v);
		for (size_t k = 0; k < v.n; k++) {
			struct vip_settings one = { 0 }, two = { 0 };

			if (field_parse(f, v.at[k], &one, 0, sentence, sizeof(sentence)) < 0)
				continue;
			field_format(f, &one, 0, text);
			assert_int_equal(field_parse(f, text, &two, 0, sentence, sizeof(sentence)),
					 0);
			assert_true(field_equal(f, &one, &two));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_has_the_same_verdict_wherever_it_is_read),
		cmocka_unit_test(test_a_value_is_formatted_as_it_is_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
