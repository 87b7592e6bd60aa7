/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 client for one exchange over a Unix socket (RFC 9112): what vipd sends, and no more.
 * The parser is fed with bytes as they come and hands on those of the body.
 */
#ifndef VIP_HTTP_H
#define VIP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_LINE_MAX 1024

enum http_state {
	HTTP_STATUS_LINE,
	HTTP_HEADER,
	HTTP_BODY, /* of known length, or until the connection ends */
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK,
	HTTP_CHUNK_END, /* the line end behind a chunk */
	HTTP_TRAILER,
	HTTP_COMPLETE,
	HTTP_BROKEN, /* this is no HTTP that we know */
};

/* Takes a piece of the body; false ends the exchange. */
typedef bool http_sink(void *context, const char *bytes, size_t length);

struct http {
	enum http_state state;
	unsigned status;
	bool chunked, has_length;
	uint64_t left; /* of the body or of the chunk */
	size_t line_length;
	char line[HTTP_LINE_MAX];
	http_sink *sink;
	void *context;
	bool stopped; /* the sink has had enough */
};

void http_init(struct http *h, http_sink *sink, void *context);

/* Takes bytes of the answer. */
void http_feed(struct http *h, const char *bytes, size_t length);

/* The connection has ended: whether the answer is whole. */
bool http_end(struct http *h);

/*
 * Sends a request and feeds the answer to `h`. `timeout_ms` is for each silence of the daemon; -1:
 * as long as it takes. 0 when the answer is whole or the sink has had enough; -EPROTO when it is no
 * HTTP or breaks off; -ETIMEDOUT; else the error of the connection.
 */
int http_exchange(struct http *h, const char *socket_path, const char *method, const char *path,
		  const char *body, size_t length, int timeout_ms);

#endif
