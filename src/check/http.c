/* SPDX-License-Identifier: Apache-2.0 */
#include "check/http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum http_part {
	HTTP_STATUS_LINE,
	HTTP_HEADERS,
	HTTP_BODY,
};

size_t http_request_write(char *buffer, size_t size, const char *path, const char *host)
{
	int n = snprintf(buffer, size,
			 "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: vipd\r\nAccept: */*\r\n"
			 "Connection: close\r\n\r\n",
			 path, host);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

void http_answer_init(struct http_answer *a, uint16_t status_low, uint16_t status_high,
		      const char *expect)
{
	*a = (struct http_answer){ .status_low = status_low, .status_high = status_high };
	text_copy(a->expect, sizeof(a->expect), expect);
}

static enum http_verdict answer_judge(struct http_answer *a, enum http_finding finding)
{
	a->finding = (uint8_t)finding;
	a->verdict = finding == HTTP_FINDING_NONE ? HTTP_WELL : HTTP_ILL;
	return (enum http_verdict)a->verdict;
}

/* RFC 9112 4: "HTTP/1.", a digit, a space, three digits, and a space or the end of the line. */
static bool status_line_read(const struct http_answer *a, uint16_t *ret)
{
	const char *s = a->line;
	size_t length = a->line_length;

	if (length < 12 || memcmp(s, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)s[7]) ||
	    s[8] != ' ' || (length > 12 && s[12] != ' '))
		return false;
	for (size_t i = 9; i < 12; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	*ret = (uint16_t)((s[9] - '0') * 100 + (s[10] - '0') * 10 + s[11] - '0');
	return *ret >= 100;
}

static enum http_verdict status_line_take(struct http_answer *a)
{
	uint16_t status;

	if (!status_line_read(a, &status))
		return answer_judge(a, HTTP_FINDING_NONSENSE);
	a->status = status;
	a->part = HTTP_HEADERS;
	/* RFC 9110 15.2: an interim answer, and the real one follows it. 101 would be the last. */
	if (status < 200 && status != 101)
		return HTTP_MORE;
	if (status < a->status_low || status > a->status_high)
		return answer_judge(a, HTTP_FINDING_STATUS);
	return a->expect[0] ? HTTP_MORE : answer_judge(a, HTTP_FINDING_NONE);
}

/*
 * RFC 9112 6.1: chunked is the last coding, or there is none that we know the end of. A line that
 * is longer than ours names codings that we did not ask for.
 */
static bool header_says_chunked(const struct http_answer *a)
{
	static const char name[] = "transfer-encoding:", coding[] = "chunked";
	size_t length = a->line_length, n = sizeof(coding) - 1;

	while (length > 0 && length <= sizeof(a->line) &&
	       isspace((unsigned char)a->line[length - 1]))
		length--;
	return length >= sizeof(name) - 1 + n && length <= sizeof(a->line) &&
	       strncasecmp(a->line, name, sizeof(name) - 1) == 0 &&
	       strncasecmp(a->line + length - n, coding, n) == 0 &&
	       strchr(": \t,", a->line[length - n - 1]);
}

static enum http_verdict header_take(struct http_answer *a)
{
	if (a->line_length > 0) {
		a->chunked |= header_says_chunked(a);
		return ++a->headers > HTTP_HEADERS_MAX ? answer_judge(a, HTTP_FINDING_HEAD)
						       : HTTP_MORE;
	}
	if (a->status < 200)
		a->chunked = false;
	a->part = a->status < 200 && a->status != 101 ? HTTP_STATUS_LINE : HTTP_BODY;
	return HTTP_MORE;
}

static enum http_verdict line_take(struct http_answer *a)
{
	enum http_verdict verdict;

	if (a->line_length > 0 && a->line_length <= sizeof(a->line) &&
	    a->line[a->line_length - 1] == '\r')
		a->line_length--;
	verdict = a->part == HTTP_STATUS_LINE ? status_line_take(a) : header_take(a);
	a->line_length = 0;
	return verdict;
}

/*
 * RFC 9113 4.1: the frame that a server of HTTP/2 begins with, SETTINGS, or ends with, GOAWAY. Both
 * belong to stream 0.
 */
static bool is_http2(const struct http_answer *a)
{
	static const char stream[4];
	const char *s = a->line;

	return a->line_length == 9 && s[0] == 0 && (s[3] == 4 || s[3] == 7) && s[4] == 0 &&
	       memcmp(s + 5, stream, sizeof(stream)) == 0;
}

static enum http_verdict head_byte(struct http_answer *a, char c)
{
	if (++a->head_bytes > HTTP_HEAD_MAX)
		return answer_judge(a, HTTP_FINDING_HEAD);
	if (c == '\n')
		return line_take(a);
	if (a->line_length < sizeof(a->line))
		a->line[a->line_length] = c;
	a->line_length++;
	if (a->part == HTTP_STATUS_LINE && is_http2(a))
		return answer_judge(a, HTTP_FINDING_HTTP2);
	if (a->part == HTTP_STATUS_LINE && a->line_length > HTTP_STATUS_LINE_MAX)
		return answer_judge(a, HTTP_FINDING_NONSENSE);
	return HTTP_MORE;
}

/* How much of the text still ends where we are when its next byte is not the one that came. */
static size_t shorter_match(const char *text, size_t matched)
{
	for (size_t shorter = matched - 1; shorter > 0; shorter--)
		if (memcmp(text, text + matched - shorter, shorter) == 0)
			return shorter;
	return 0;
}

static enum http_verdict body_byte(struct http_answer *a, char c)
{
	size_t matched = a->matched;

	while (matched > 0 && a->expect[matched] != c)
		matched = shorter_match(a->expect, matched);
	if (a->expect[matched] == c)
		matched++;
	a->matched = (uint8_t)matched;
	return a->expect[matched] == '\0' ? answer_judge(a, HTTP_FINDING_NONE) : HTTP_MORE;
}

static enum http_verdict body_take(struct http_answer *a, char c)
{
	enum chunks_found found = a->chunked ? chunks_take(&a->chunks, c) : CHUNKS_BODY;
	enum http_verdict verdict = HTTP_MORE;

	if (found == CHUNKS_BROKEN)
		return answer_judge(a, HTTP_FINDING_CHUNKS);
	if (found == CHUNKS_END)
		return answer_judge(a, HTTP_FINDING_BODY);
	if (found == CHUNKS_BODY)
		verdict = body_byte(a, c);
	/* The bytes of the coding count, too, or they could go on for ever. */
	if (verdict == HTTP_MORE && ++a->body_bytes >= HTTP_BODY_MAX)
		return answer_judge(a, HTTP_FINDING_BODY);
	return verdict;
}

enum http_verdict http_answer_take(struct http_answer *a, const void *bytes, size_t length)
{
	const char *c = bytes;

	for (; length > 0 && a->verdict == HTTP_MORE; c++, length--) {
		if (a->part == HTTP_BODY)
			(void)body_take(a, *c);
		else
			(void)head_byte(a, *c);
	}
	return (enum http_verdict)a->verdict;
}

enum http_verdict http_answer_end(struct http_answer *a)
{
	if (a->verdict != HTTP_MORE)
		return (enum http_verdict)a->verdict;
	if (a->part == HTTP_STATUS_LINE)
		return answer_judge(a, HTTP_FINDING_SILENCE);
	return answer_judge(a, a->status < 200 ? HTTP_FINDING_SILENCE : HTTP_FINDING_BODY);
}

void http_answer_describe(const struct http_answer *a, char *text, size_t size)
{
	bool searched = a->expect[0] && a->status >= 200 && a->verdict != HTTP_WELL &&
			a->finding != HTTP_FINDING_STATUS && a->finding != HTTP_FINDING_HEAD &&
			a->finding != HTTP_FINDING_CHUNKS;

	if (a->finding == HTTP_FINDING_NONSENSE)
		snprintf(text, size, "the answer is not HTTP");
	else if (a->finding == HTTP_FINDING_HTTP2)
		snprintf(text, size, "the answer is HTTP/2: HTTP/1.1 is not spoken there");
	else if (a->finding == HTTP_FINDING_CHUNKS)
		snprintf(text, size, "status %u, but the chunks of the body are broken", a->status);
	else if (a->finding == HTTP_FINDING_HEAD)
		snprintf(text, size, "the head of the answer has no end");
	else if (a->status == 0)
		snprintf(text, size, "the connection was closed without an answer");
	else if (searched)
		snprintf(text, size, "status %u, but '%s' is not in the body", a->status,
			 a->expect);
	else
		snprintf(text, size, "status %u", a->status);
}
