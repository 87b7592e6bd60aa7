/* SPDX-License-Identifier: Apache-2.0 */
/* What name servers answer, and what pretends to be their answer. */
#include "check/dns.h"

#include "base/unit.h"

#define ID 0x1234
#define FLAGS 2
#define ANSWERS 7

static uint8_t query[DNS_QUERY_MAX], answer[512];
static size_t query_length, answer_length;
static char text[80];

/* An answer with one record whose name points at the question. */
static int answer_make(void **state)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1 };

	(void)state;
	query_length = dns_query_write(query, ID, "www.Example.com");
	memcpy(answer, query, query_length);
	memcpy(answer + query_length, record, sizeof(record));
	answer_length = query_length + sizeof(record);
	answer[FLAGS] |= 0x80;
	answer[ANSWERS] = 1;
	return 0;
}

static enum dns_verdict judge(size_t length)
{
	return dns_answer_read(query, query_length, answer, length, text, sizeof(text));
}

static void test_a_name_becomes_a_question(void **state)
{
	static const uint8_t expected[] = { 0x12, 0x34, 1,   0,	  0, 1,	  0, 0, 0, 0, 0,
					    0,	  2,	'a', 'b', 1, 'c', 0, 0, 1, 0, 1 };
	uint8_t bytes[DNS_QUERY_MAX];

	(void)state;
	assert_int_equal(dns_query_write(bytes, ID, "ab.c"), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(dns_query_write(bytes, ID, "ab.c."), sizeof(expected));
}

static void test_what_is_no_name_is_refused(void **state)
{
	char label[65], name[300];
	uint8_t bytes[DNS_QUERY_MAX];

	(void)state;
	memset(label, 'a', 64);
	label[64] = '\0';
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(dns_query_write(bytes, ID, ""), 0);
	assert_int_equal(dns_query_write(bytes, ID, "."), 0);
	assert_int_equal(dns_query_write(bytes, ID, "a..b"), 0);
	assert_int_equal(dns_query_write(bytes, ID, label), 0);
	assert_int_equal(dns_query_write(bytes, ID, name), 0);
}

static void test_an_answer_is_well_when_it_has_a_record(void **state)
{
	(void)state;
	assert_int_equal(judge(answer_length), DNS_WELL);
	assert_string_equal(text, "NOERROR, 1 answer");
	/* The server may write the name in another case. */
	answer[14] = 'W';
	assert_int_equal(judge(answer_length), DNS_WELL);
}

static void test_a_refusal_is_told_by_its_name(void **state)
{
	(void)state;
	answer[3] = 3;
	assert_int_equal(judge(answer_length), DNS_ILL);
	assert_string_equal(text, "NXDOMAIN");
	answer[3] = 15;
	assert_int_equal(judge(answer_length), DNS_ILL);
	assert_string_equal(text, "an unknown error");
	/* FORMERR comes without the question. */
	answer[3] = 1;
	answer[5] = 0;
	assert_int_equal(judge(12), DNS_ILL);
	assert_string_equal(text, "FORMERR");
	answer[3] = 0;
	answer[5] = 1;
	answer[ANSWERS] = 0;
	assert_int_equal(judge(query_length), DNS_ILL);
	assert_string_equal(text, "NOERROR, but no answer for the name");
}

static void test_what_answers_another_question_is_ignored(void **state)
{
	(void)state;
	answer[0] ^= 1;
	assert_int_equal(judge(answer_length), DNS_FOREIGN);
	answer[0] ^= 1;
	answer[FLAGS] &= 0x7f;
	assert_int_equal(judge(answer_length), DNS_FOREIGN);
	answer[FLAGS] |= 0x80;
	answer[13] ^= 1;
	assert_int_equal(judge(answer_length), DNS_FOREIGN);
	answer[13] ^= 1;
	answer[5] = 2;
	assert_int_equal(judge(answer_length), DNS_FOREIGN);
}

static void test_no_truncation_is_well(void **state)
{
	(void)state;
	for (size_t length = 0; length < answer_length; length++)
		assert_int_not_equal(judge(length), DNS_WELL);
	assert_string_equal(text, "the answer is not DNS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_becomes_a_question),
		cmocka_unit_test(test_what_is_no_name_is_refused),
		cmocka_unit_test_setup(test_an_answer_is_well_when_it_has_a_record, answer_make),
		cmocka_unit_test_setup(test_a_refusal_is_told_by_its_name, answer_make),
		cmocka_unit_test_setup(test_what_answers_another_question_is_ignored, answer_make),
		cmocka_unit_test_setup(test_no_truncation_is_well, answer_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
