/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of HTTP servers, good and bad, whole and byte by byte. */
#include "check/http.h"

#include <stdio.h>

#include "base/container.h"
#include "base/unit.h"

struct answer {
	const char *expect, *bytes, *text;
	enum http_verdict verdict; /* when it has ended */
};

#define HEAD "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct answer answers[] = {
	{ "", HEAD, "status 200", HTTP_WELL },
	{ "", "HTTP/1.0 204\n", "status 204", HTTP_WELL },
	{ "", "HTTP/1.1 503 Busy\r\n\r\n", "status 503", HTTP_ILL },
	{ "", "HTTP/1.1 200", "the connection was closed without an answer", HTTP_ILL },
	{ "", "", "the connection was closed without an answer", HTTP_ILL },
	{ "", "SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP", HTTP_ILL },
	{ "", "HTTP/1.1 2x0 OK\r\n", "the answer is not HTTP", HTTP_ILL },
	{ "", "HTTP/1.1 2000 OK\r\n", "the answer is not HTTP", HTTP_ILL },
	{ "", "HTTP/1.1 099 OK\r\n", "the answer is not HTTP", HTTP_ILL },
	{ "", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", "status 200", HTTP_WELL },
	{ "", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 500 No\r\n", "status 500", HTTP_ILL },
	{ "ok", HEAD "all is ok here", "status 200", HTTP_WELL },
	{ "ok", HEAD "all is well here", "status 200, but 'ok' is not in the body", HTTP_ILL },
	{ "ok", "HTTP/1.1 200 ok\r\nok: ok\r\n\r\n", "status 200, but 'ok' is not in the body",
	  HTTP_ILL },
	{ "ok", "HTTP/1.1 500 OK\r\n\r\nok", "status 500", HTTP_ILL },
	{ "ok", CHUNKED "4\r\nit's\r\n3\r\n ok\r\n0\r\n\r\n", "status 200", HTTP_WELL },
	{ "is ok", CHUNKED "4\r\nit i\r\n2;a=b\r\ns \r\n2 \nok\n0\r\n\r\n", "status 200",
	  HTTP_WELL },
	{ "is\nok", CHUNKED "3\r\nis\n\r\n0002\r\nok\r\n0\r\n\r\n", "status 200", HTTP_WELL },
	{ "2", CHUNKED "2\r\nok\r\n0\r\n\r\n", "status 200, but '2' is not in the body", HTTP_ILL },
	{ "more", CHUNKED "2\r\nok\r\n0\r\nmore: more\r\n\r\n",
	  "status 200, but 'more' is not in the body", HTTP_ILL },
	{ "ok", CHUNKED "ok, here it is", "status 200, but the chunks of the body are broken",
	  HTTP_ILL },
	{ "ok", CHUNKED "2\r\nnook", "status 200, but the chunks of the body are broken",
	  HTTP_ILL },
	{ "ok", CHUNKED "ffffffffffffffff\r\nok",
	  "status 200, but the chunks of the body are broken", HTTP_ILL },
	{ "ok", CHUNKED "fffffffffffffff\r\nok", "status 200", HTTP_WELL },
	{ "is ok", HEAD "it i\r\n2\r\ns ok", "status 200, but 'is ok' is not in the body",
	  HTTP_ILL },
	{ "is ok",
	  "HTTP/1.1 100 C\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\n"
	  "TRANSFER-ENCODING:gzip,CHUNKED \r\n\r\n3\r\nis \r\n2\r\nok\r\n",
	  "status 200", HTTP_WELL },
	{ "is ok", "HTTP/1.1 200 OK\r\nTransfer-Encoding: unchunked\r\n\r\nis ok", "status 200",
	  HTTP_WELL },
	{ "aab", HEAD "aaaaab", "status 200", HTTP_WELL },
	{ "abab", HEAD "abaabab", "status 200", HTTP_WELL },
	{ "abac", HEAD "ababac", "status 200", HTTP_WELL },
};

static void judge(const struct answer *each, size_t step)
{
	size_t length = strlen(each->bytes);
	struct http_answer a;
	char text[160];

	http_answer_init(&a, 200, 299, each->expect);
	for (size_t at = 0; at < length; at += step)
		(void)http_answer_take(&a, each->bytes + at,
				       length - at < step ? length - at : step);
	assert_int_equal(http_answer_end(&a), each->verdict);
	http_answer_describe(&a, text, sizeof(text));
	assert_string_equal(text, each->text);
}

static void test_an_answer_is_judged_alike_however_it_comes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(answers); i++)
		for (size_t step = 1; step <= 64; step++)
			judge(&answers[i], step);
}

/* What a server begins with, and what it says of a request that it does not understand. */
static void test_http2_is_called_by_its_name(void **state)
{
	static const char settings[] = "\0\0\x12\x04\0\0\0\0\0\0\3\0\0\0\x64";
	static const char goaway[] = "\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\1";
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = { { settings, sizeof(settings) }, { goaway, sizeof(goaway) } };
	char text[160];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct http_answer a;

		http_answer_init(&a, 200, 299, "ok");
		assert_int_equal(http_answer_take(&a, cases[i].bytes, cases[i].length), HTTP_ILL);
		http_answer_describe(&a, text, sizeof(text));
		assert_string_equal(text, "the answer is HTTP/2: HTTP/1.1 is not spoken there");
	}
}

/* Takes the same bytes until there is a verdict; returns how many that took. */
static size_t take_until_verdict(struct http_answer *a, const char *bytes)
{
	size_t taken = 0;

	while (http_answer_take(a, bytes, strlen(bytes)) == HTTP_MORE) {
		taken += strlen(bytes);
		assert_true(taken < 1 << 20);
	}
	return taken;
}

static void test_an_answer_without_end_is_given_up(void **state)
{
	struct http_answer a;
	char text[160];

	(void)state;
	http_answer_init(&a, 200, 299, "");
	assert_true(take_until_verdict(&a, "x") <= HTTP_STATUS_LINE_MAX);
	assert_int_equal(a.verdict, HTTP_ILL);

	http_answer_init(&a, 200, 299, "ok");
	http_answer_take(&a, "HTTP/1.1 200 OK\r\n", 17);
	assert_true(take_until_verdict(&a, "X: y\r\n") <= HTTP_HEAD_MAX);
	http_answer_describe(&a, text, sizeof(text));
	assert_string_equal(text, "the head of the answer has no end");

	http_answer_init(&a, 200, 299, "");
	assert_true(take_until_verdict(&a, "HTTP/1.1 100 x\r\n\r\n") <= HTTP_HEAD_MAX);
	assert_int_equal(a.verdict, HTTP_ILL);

	http_answer_init(&a, 200, 299, "ok");
	http_answer_take(&a, HEAD, sizeof(HEAD) - 1);
	assert_int_equal(take_until_verdict(&a, "o") + 1, HTTP_BODY_MAX);
	assert_int_equal(a.verdict, HTTP_ILL);
}

static void test_a_verdict_stays(void **state)
{
	struct http_answer a;

	(void)state;
	http_answer_init(&a, 200, 299, "");
	assert_int_equal(http_answer_take(&a, "HTTP/1.1 200 OK\r\n", 17), HTTP_WELL);
	assert_int_equal(http_answer_take(&a, "HTTP/1.1 500 OK\r\n", 17), HTTP_WELL);
	assert_int_equal(http_answer_end(&a), HTTP_WELL);
}

static void test_a_request_is_whole_or_none(void **state)
{
	char request[HTTP_REQUEST_MAX];
	size_t length = http_request_write(request, sizeof(request), "/health", "10.9.1.1");

	(void)state;
	assert_int_equal(length, strlen(request));
	assert_string_equal(request,
			    "GET /health HTTP/1.1\r\nHost: 10.9.1.1\r\nUser-Agent: vipd\r\n"
			    "Accept: */*\r\nConnection: close\r\n\r\n");
	assert_int_equal(http_request_write(request, 40, "/health", "10.9.1.1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_judged_alike_however_it_comes),
		cmocka_unit_test(test_an_answer_without_end_is_given_up),
		cmocka_unit_test(test_http2_is_called_by_its_name),
		cmocka_unit_test(test_a_verdict_stays),
		cmocka_unit_test(test_a_request_is_whole_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
