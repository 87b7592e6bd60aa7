/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of HTTP/1.1 (RFC 9112) as a health check needs: a GET, and a judge of what comes back.
 * The answer is a stranger's: it is read as it comes, within limits, and nothing of it is kept but
 * the status.
 *
 * The body is searched as it was before the transfer coding cut it into chunks. Another coding was
 * not asked for, and is not undone.
 */
#ifndef CHECK_HTTP_H
#define CHECK_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/chunks.h"

#define HTTP_REQUEST_MAX 512
#define HTTP_EXPECT_MAX 64	  /* the terminator included */
#define HTTP_STATUS_LINE_MAX 1024 /* bytes */
#define HTTP_HEAD_MAX (16 * 1024) /* bytes, those of interim answers included */
#define HTTP_HEADERS_MAX 256	  /* lines, likewise */
#define HTTP_BODY_MAX (64 * 1024) /* bytes that are searched */

enum http_verdict {
	HTTP_MORE, /* it cannot be said yet */
	HTTP_WELL,
	HTTP_ILL,
};

/* What is wrong, or that nothing is. */
enum http_finding {
	HTTP_FINDING_NONE,
	HTTP_FINDING_SILENCE,  /* it was ended before a whole status line */
	HTTP_FINDING_NONSENSE, /* that is not HTTP */
	HTTP_FINDING_HEAD,     /* the head has no end */
	HTTP_FINDING_STATUS,   /* another one than is wanted */
	HTTP_FINDING_BODY,     /* the text is not in it */
	HTTP_FINDING_CHUNKS,   /* its chunks are none */
	HTTP_FINDING_HTTP2,    /* that is HTTP/2 */
};

struct http_answer {
	uint16_t status_low, status_high; /* that are wanted */
	char expect[HTTP_EXPECT_MAX];	  /* a text of the body; empty: any body */

	uint8_t part;	 /* enum http_part */
	uint8_t finding; /* enum http_finding */
	uint8_t verdict; /* enum http_verdict */
	uint16_t status; /* 0: not known yet */
	char line[64];	 /* how the line begins */
	size_t line_length, head_bytes, headers, body_bytes;
	uint8_t matched; /* so much of the text ends where we are */
	bool chunked;	 /* the body comes in chunks */
	struct chunks chunks;
};

/* Writes the request into `buffer`; its length, or 0 when it does not fit. */
size_t http_request_write(char *buffer, size_t size, const char *path, const char *host);

/* Starts to judge an answer. A longer text than there is room for is cut. */
void http_answer_init(struct http_answer *a, uint16_t status_low, uint16_t status_high,
		      const char *expect);

/* The next bytes. Once there is a verdict it stays. */
enum http_verdict http_answer_take(struct http_answer *a, const void *bytes, size_t length);

/* Nothing follows: the other side has ended it. Never HTTP_MORE. */
enum http_verdict http_answer_end(struct http_answer *a);

/*
 * What has been found so far, for a person: "status 200", "status 503", "status 200, but 'ok' is
 * not in the body".
 */
void http_answer_describe(const struct http_answer *a, char *text, size_t size);

#endif
