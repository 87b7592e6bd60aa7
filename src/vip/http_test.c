/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in pieces of every size, whole, broken off and broken. */
#include "vip/http.h"

#include "base/container.h"
#include "base/text.h"
#include "base/unit.h"

struct body {
	struct text text;
	char bytes[256];
};

static bool body_take(void *context, const char *bytes, size_t length)
{
	text_add(&((struct body *)context)->text, "%.*s", (int)length, bytes);
	return true;
}

static bool body_refuse(void *context, const char *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	(void)length;
	return false;
}

static const struct {
	const char *answer;
	unsigned status;
	const char *body;
	bool open; /* whole only because the connection ends */
} whole[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false },
	{ "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false },
	{ "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, "", false },
	{ "HTTP/1.0 404 Not Found\n\nuntil the end", 404, "until the end", true },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
	  "0\r\nTrailer: t\r\n\r\n",
	  200, "abc0123456789", false },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Content Too Large\r\n"
	  "Content-Length: 2\r\nX: y\r\n\r\n{}",
	  413, "{}", false },
};

static void test_an_answer_is_the_same_in_pieces_of_every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(whole); i++) {
		size_t length = strlen(whole[i].answer);

		for (size_t piece = 1; piece <= length; piece++) {
			struct body b;
			struct http h;

			text_init(&b.text, b.bytes, sizeof(b.bytes));
			http_init(&h, body_take, &b);
			for (size_t at = 0; at < length; at += piece)
				http_feed(&h, whole[i].answer + at,
					  length - at < piece ? length - at : piece);
			assert_int_equal(h.state == HTTP_COMPLETE, !whole[i].open);
			assert_true(http_end(&h));
			assert_int_equal(h.status, whole[i].status);
			assert_string_equal(b.bytes, whole[i].body);
		}
	}
}

static void test_an_answer_that_breaks_off_is_not_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(whole); i++) {
		/* Without a length nobody can tell. */
		for (size_t n = 0; !whole[i].open && n < strlen(whole[i].answer); n++) {
			struct body b;
			struct http h;

			text_init(&b.text, b.bytes, sizeof(b.bytes));
			http_init(&h, body_take, &b);
			http_feed(&h, whole[i].answer, n);
			assert_false(http_end(&h));
		}
	}
}

static void test_what_is_no_http_is_broken(void **state)
{
	static char long_line[2000];
	const char *const cases[] = {
		"SSH-2.0-OpenSSH\r\n",
		"HTTP/2 200 OK\r\n",
		"HTTP/1.1 2x0 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		long_line,
	};

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct body b;
		struct http h;

		text_init(&b.text, b.bytes, sizeof(b.bytes));
		http_init(&h, body_take, &b);
		http_feed(&h, cases[i], strlen(cases[i]));
		assert_int_equal(h.state, HTTP_BROKEN);
		assert_false(http_end(&h));
	}
}

static void test_a_sink_can_end_it(void **state)
{
	struct http h;

	(void)state;
	http_init(&h, body_refuse, NULL);
	http_feed(&h, whole[0].answer, strlen(whole[0].answer));
	assert_true(h.stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_the_same_in_pieces_of_every_size),
		cmocka_unit_test(test_an_answer_that_breaks_off_is_not_whole),
		cmocka_unit_test(test_what_is_no_http_is_broken),
		cmocka_unit_test(test_a_sink_can_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
