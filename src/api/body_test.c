/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are taken, and the exact sentence of those that are not. */
#include "api/body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"

static size_t bind_ok(const char *body, struct vip_settings **ret)
{
	char sentence[BODY_SENTENCE_MAX] = "";
	size_t count = 0;

	if (body_parse_bind(body, strlen(body), ret, &count, sentence, sizeof(sentence)) < 0)
		fail_msg("%s", sentence);
	return count;
}

static void test_one_vip_has_what_it_was_given_and_defaults_for_the_rest(void **state)
{
	struct vip_settings *v = NULL;

	(void)state;
	assert_int_equal(bind_ok("{\"address\":\"10.9.1.1\"}", &v), 1);
	assert_string_equal(ADDRESS_TEXT(&v->address), "10.9.1.1");
	assert_int_equal(v->length, 32);
	assert_string_equal(v->board, "vnic0");
	assert_true(v->announce);
	assert_int_equal(v->metric, 0);
	free(v);
	assert_int_equal(
		bind_ok(" { \"label\" : \"\\u0067r\\u00fcn \\ud83d\\ude00\", \"metric\":5,\n"
			"\"announce\":false, \"hold\":\"route\", \"board\":\"b\","
			"\"conflict\":\"take\", \"arp\":\"answer\","
			"\"address\":\"2001:db8::1/64\" } ",
			&v),
		1);
	assert_string_equal(v->label, "gr\xc3\xbcn \xf0\x9f\x98\x80");
	assert_int_equal(v->metric, 5);
	assert_false(v->announce);
	assert_int_equal(v->hold, VIP_HOLD_ROUTE);
	assert_int_equal(v->arp, VIP_ARP_ANSWER);
	assert_int_equal(v->conflict, VIP_CONFLICT_TAKE);
	assert_string_equal(v->board, "b");
	assert_int_equal(v->length, 64);
	free(v);
}

static void test_the_keys_beside_vips_are_the_defaults_wherever_they_stand(void **state)
{
	struct vip_settings *v = NULL;

	(void)state;
	assert_int_equal(bind_ok("{\"hold\":\"route\",\"vips\":[\"10.9.1.1/24\","
				 "{\"address\":\"10.9.2.1\",\"hold\":\"auto\",\"board\":\"c\"}],"
				 "\"board\":\"b\"}",
				 &v),
			 2);
	assert_int_equal(v[0].hold, VIP_HOLD_ROUTE);
	assert_string_equal(v[0].board, "b");
	assert_int_equal(v[0].length, 24);
	assert_int_equal(v[1].hold, VIP_HOLD_AUTO);
	assert_string_equal(v[1].board, "c");
	free(v);
}

static void test_ten_thousand_vips_are_taken_at_once(void **state)
{
	char *body = malloc(10000 * 40);
	struct vip_settings *v = NULL;
	size_t n;

	(void)state;
	assert_non_null(body);
	n = (size_t)sprintf(body, "{\"vips\":[");
	for (unsigned i = 0; i < 10000; i++)
		n += (size_t)sprintf(body + n, "%s{\"address\":\"10.20.%u.%u/32\"}", i ? "," : "",
				     i >> 8, i & 255);
	sprintf(body + n, "]}");
	assert_int_equal(bind_ok(body, &v), 10000);
	assert_string_equal(ADDRESS_TEXT(&v[9999].address), "10.20.39.15");
	free(v);
	free(body);
}

/* clang-format off */
static const struct {
	const char *body;
	int error;
	const char *sentence;
} mistakes[] = {
	{ "", -EBADMSG,
	  "line 1, column 1 of the JSON body: a '{' is missing" },
	{ "[]", -EBADMSG,
	  "line 1, column 1 of the JSON body: a '{' is missing" },
	{ "null", -EBADMSG,
	  "line 1, column 1 of the JSON body: a '{' is missing" },
	{ "{", -EBADMSG,
	  "line 1, column 2 of the JSON body: a key in quotes is missing" },
	{ "{}", -EINVAL,
	  "'address' is missing, or 'vips' for many" },
	{ "{\"address\"}", -EBADMSG,
	  "line 1, column 11 of the JSON body: a ':' is missing" },
	{ "{\"address\":}", -EBADMSG,
	  "line 1, column 12 of the JSON body: a string is missing" },
	{ "{\"address\":\"10.9.1.1\",}", -EBADMSG,
	  "line 1, column 23 of the JSON body: a key in quotes is missing" },
	{ "{\"address\":\"10.9.1.1\"} x", -EBADMSG,
	  "line 1, column 24 of the JSON body: something stands behind its end" },
	{ "{\"address\":\"10.9.1.1\",\"address\":\"10.9.1.2\"}", -EINVAL,
	  "'address' is here twice" },
	{ "{\"adress\":\"10.9.1.1\"}", -EINVAL,
	  "unknown key 'adress' (did you mean 'address'?)" },
	{ "{\"colour\":1}", -EINVAL,
	  "unknown key 'colour': there are address, board, announce, metric, hold, arp, "
	  "conflict, source, check, label, ping, vips" },
	{ "{\"address\":3}", -EINVAL,
	  "'address' is a string, not a number" },
	{ "{\"address\":\"10.9.1.1/33\"}", -EINVAL,
	  "'10.9.1.1/33' is not an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":0}", -EINVAL,
	  "'metric' is a number from 1 to 65534, not '0'" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":65535}", -EINVAL,
	  "'metric' is a number from 1 to 65534, not '65535'" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":\"3\"}", -EINVAL,
	  "'metric' is a number, not a string" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":3.5}", -EINVAL,
	  "3.5 is not a whole number from 0 up" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":-1}", -EINVAL,
	  "-1 is not a whole number from 0 up" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":03}", -EBADMSG,
	  "line 1, column 34 of the JSON body: a number is missing, or begins with a 0" },
	{ "{\"address\":\"10.9.1.1\",\"metric\":99999999999999999999}", -EINVAL,
	  "99999999999999999999 is not a whole number from 0 up" },
	{ "{\"address\":\"10.9.1.1\",\"announce\":\"yes\"}", -EINVAL,
	  "'announce' is true or false, not a string" },
	{ "{\"address\":\"10.9.1.1\",\"announce\":tru}", -EBADMSG,
	  "line 1, column 34 of the JSON body: true or false is missing" },
	{ "{\"address\":\"10.9.1.1\",\"hold\":\"fast\"}", -EINVAL,
	  "'hold' is auto, address or route, not 'fast'" },
	{ "{\"address\":\"10.9.1.1\",\"arp\":true}", -EINVAL,
	  "'arp' is a string, not true or false" },
	{ "{\"address\":\"10.9.1.1\",\"conflict\":\"win\"}", -EINVAL,
	  "'conflict' is refuse, warn, worsen or take, not 'win'" },
	{ "{\"address\":\"10.9.1.1\",\"board\":\"a b\"}", -EINVAL,
	  "'a b' cannot be the name of a board (1 to 15 characters, no space, '/' or ':')" },
	{ "{\"address\":\"10.9.1.1\",\"board\":null}", -EINVAL,
	  "'board' is a string, not null" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"a\\nb\"}", -EINVAL,
	  "'label' has a control character in it" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"a\\u2028b\"}", -EINVAL,
	  "'label' has a control character in it" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"a\xc2\x85" "b\"}", -EINVAL,
	  "'label' has a control character in it" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"\\x\"}", -EBADMSG,
	  "line 1, column 34 of the JSON body: there is no such escape ('\\') in a string" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"\\ud800\"}", -EBADMSG,
	  "line 1, column 38 of the JSON body: there is no such escape ('\\') in a string" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"\\u0000\"}", -EBADMSG,
	  "line 1, column 38 of the JSON body: there is no such escape ('\\') in a string" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"abcdefghijklmnopqrstuvwxyz012345\"}", -EINVAL,
	  "'label' is longer than 31 bytes" },
	{ "{\"address\":\"10.9.1.1\",\"label\":\"a\tb\"}", -EBADMSG,
	  "line 1, column 33 of the JSON body: a string has no end, or a control character in it" },
	{ "{\"address\":\"10.9.1.1\",\"vips\":[]}", -EINVAL,
	  "it is either 'address' or 'vips', not both" },
	{ "{\"vips\":[]}", -EINVAL,
	  "'vips' is empty" },
	{ "{\"vips\":{}}", -EINVAL,
	  "'vips' is an array, not an object" },
	{ "{\"vips\":[\"10.9.1.1\",7]}", -EINVAL,
	  "vips[1]: it is an object or a string, not a number" },
	{ "{\"vips\":[{\"address\":\"10.9.1.1\"},{\"metric\":3}]}", -EINVAL,
	  "vips[1]: it has no 'address'" },
	{ "{\"vips\":[{\"address\":\"10.9.1.1\"},{\"adress\":\"10.9.1.2\"}]}", -EINVAL,
	  "vips[1]: unknown key 'adress' (did you mean 'address'?)" },
	{ "{\"vips\":[\"10.9.1.1\",\"x\"]}", -EINVAL,
	  "vips[1]: 'x' is not an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "{\"vips\":[\"10.9.1.1\"],\"vips\":[]}", -EINVAL,
	  "'vips' is here twice" },
	{ "{\"vips\":[\"10.9.1.1\" \"10.9.1.2\"]}", -EBADMSG,
	  "line 1, column 21 of the JSON body: a ',' or ']' is missing" },
	{ "{\"vips\":[\"10.9.1.1\",]}", -EBADMSG,
	  "line 1, column 21 of the JSON body: a value is missing" },
	{ "{\"vips\":[[[[[[[[[[[[[[[[[[[[]}", -EINVAL,
	  "the body is nested too deep" },
	{ "{\"vips\":[\"10.9.1.1\"}}", -EBADMSG,
	  "line 1, column 20 of the JSON body: a ',' or ']' is missing" },
	{ "{\"address\":\"10.9.1.1\"\n,\"metric\"\n;3}", -EBADMSG,
	  "line 3, column 1 of the JSON body: a ':' is missing" },
	{ "{\"address\":\"10.9.1.1\",\"ospf\":\"yes\"}", -EINVAL,
	  "unknown key 'ospf': there are address, board, announce, metric, hold, arp, "
	  "conflict, source, check, label, ping, vips" },
};
/* clang-format on */

static void test_a_body_that_cannot_be_is_refused_with_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(mistakes); i++) {
		char sentence[BODY_SENTENCE_MAX] = "no error";
		struct vip_settings *v = NULL;
		size_t count = 0;
		int r = body_parse_bind(mistakes[i].body, strlen(mistakes[i].body), &v, &count,
					sentence, sizeof(sentence));

		assert_string_equal(sentence, mistakes[i].sentence);
		assert_int_equal(r, mistakes[i].error);
		assert_null(v);
	}
}

static void test_every_truncation_of_a_good_body_is_refused(void **state)
{
	const char *body = "{\"vips\":[\"10.9.1.1/24\",{\"address\":\"10.9.2.1\",\"metric\":3,"
			   "\"announce\":true,\"label\":\"a\\u00fcb\"}],\"hold\":\"auto\"}";

	(void)state;
	for (size_t length = 0; length < strlen(body); length++) {
		char sentence[BODY_SENTENCE_MAX], *exact = malloc(length + 1);
		struct vip_settings *v = NULL;
		size_t count = 0;

		/* A copy of just this length, so that a sanitizer sees a step beyond it. */
		assert_non_null(exact);
		exact = realloc(exact, length ? length : 1);
		memcpy(exact, body, length);
		assert_int_equal(
			body_parse_bind(exact, length, &v, &count, sentence, sizeof(sentence)),
			-EBADMSG);
		free(exact);
	}
}

static void test_a_board_is_its_name(void **state)
{
	char sentence[BODY_SENTENCE_MAX], name[INTERFACE_NAME_MAX] = "";
	static const struct {
		const char *body;
		int error;
		const char *sentence;
	} cases[] = {
		{ "{}", -EINVAL, "'name' is missing" },
		{ "{\"nam\":\"a\"}", -EINVAL, "unknown key 'nam' (did you mean 'name'?)" },
		{ "{\"name\":\"a/b\"}", -EINVAL,
		  "'a/b' cannot be the name of a board (1 to 15 characters, no space, '/' or "
		  "':')" },
		{ "{\"name\":3}", -EINVAL, "'name' is a string, not a number" },
		{ "{\"name\":\"a\",\"name\":\"b\"}", -EINVAL, "'name' is here twice" },
		{ "", -EBADMSG, "line 1, column 1 of the JSON body: a '{' is missing" },
	};

	(void)state;
	assert_int_equal(
		body_parse_board("{\"name\":\"vnic1\"}", 16, name, sentence, sizeof(sentence)), 0);
	assert_string_equal(name, "vnic1");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_int_equal(body_parse_board(cases[i].body, strlen(cases[i].body), name,
						  sentence, sizeof(sentence)),
				 cases[i].error);
		assert_string_equal(sentence, cases[i].sentence);
	}
	assert_string_equal(name, "vnic1");
}

static void test_a_switch_of_sources_has_a_mode_and_perhaps_an_interface(void **state)
{
	static const char good[] = "{\"interface\":\"eth1\",\"mode\":\"off\"}";
	static const struct {
		const char *body;
		int error;
		const char *sentence;
	} cases[] = {
		{ "{}", -EINVAL, "'mode' is missing" },
		{ "{\"mode\":\"maybe\"}", -EINVAL, "'mode' is off, on or auto, not 'maybe'" },
		{ "{\"mode\":true}", -EINVAL, "'mode' is a string, not true or false" },
		{ "{\"mode\":\"on\",\"mode\":\"on\"}", -EINVAL, "'mode' is here twice" },
		{ "{\"mode\":\"on\",\"interface\":\"a/b\"}", -EINVAL,
		  "'a/b' cannot be the name of an interface (1 to 15 characters, no space, '/' or "
		  "':')" },
		{ "{\"mode\":\"on\",\"interfac\":\"a\"}", -EINVAL,
		  "unknown key 'interfac' (did you mean 'interface'?)" },
		{ "", -EBADMSG, "line 1, column 1 of the JSON body: a '{' is missing" },
	};
	struct source_switch s = { 0 };
	char sentence[BODY_SENTENCE_MAX];

	(void)state;
	assert_int_equal(body_parse_source(good, sizeof(good) - 1, &s, sentence, sizeof(sentence)),
			 0);
	assert_int_equal(s.mode, SOURCE_MODE_OFF);
	assert_string_equal(s.interface, "eth1");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_int_equal(body_parse_source(cases[i].body, strlen(cases[i].body), &s,
						   sentence, sizeof(sentence)),
				 cases[i].error);
		assert_string_equal(sentence, cases[i].sentence);
	}
	for (size_t length = 0; length < sizeof(good) - 1; length++)
		assert_int_equal(body_parse_source(good, length, &s, sentence, sizeof(sentence)),
				 -EBADMSG);
	assert_string_equal(s.interface, "eth1");
}

static void test_a_request_without_a_body_takes_none_or_an_empty_one(void **state)
{
	char sentence[BODY_SENTENCE_MAX];

	(void)state;
	assert_int_equal(body_parse_nothing(NULL, 0, sentence, sizeof(sentence)), 0);
	assert_int_equal(body_parse_nothing(" {} ", 4, sentence, sizeof(sentence)), 0);
	assert_int_equal(body_parse_nothing("{\"a\":1}", 7, sentence, sizeof(sentence)), -EINVAL);
	assert_int_equal(body_parse_nothing("{", 1, sentence, sizeof(sentence)), -EBADMSG);
	assert_int_equal(body_parse_nothing("x", 1, sentence, sizeof(sentence)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_vip_has_what_it_was_given_and_defaults_for_the_rest),
		cmocka_unit_test(test_the_keys_beside_vips_are_the_defaults_wherever_they_stand),
		cmocka_unit_test(test_ten_thousand_vips_are_taken_at_once),
		cmocka_unit_test(test_a_body_that_cannot_be_is_refused_with_a_sentence),
		cmocka_unit_test(test_every_truncation_of_a_good_body_is_refused),
		cmocka_unit_test(test_a_board_is_its_name),
		cmocka_unit_test(test_a_switch_of_sources_has_a_mode_and_perhaps_an_interface),
		cmocka_unit_test(test_a_request_without_a_body_takes_none_or_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
