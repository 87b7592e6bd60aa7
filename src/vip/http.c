/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/http.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HTTP_READ_BYTES 65536

void http_init(struct http *h, http_sink *sink, void *context)
{
	*h = (struct http){ .sink = sink, .context = context };
}

/* The value of a header line when it is this header, else NULL. */
static const char *http_header(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(line, name, length) != 0 || line[length] != ':')
		return NULL;
	line += length + 1;
	return line + strspn(line, " \t");
}

/* A number of digits alone, in base 10 or 16. */
static bool http_number(const char *text, int base, uint64_t *ret)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, base);
	return errno == 0 && strspn(end, " \t") == strcspn(end, ";");
}

static void http_headers_end(struct http *h)
{
	/* An interim answer: the real one follows (RFC 9110 15.2). */
	if (h->status < 200)
		h->state = HTTP_STATUS_LINE;
	else if (h->status == 204 || h->status == 304)
		h->state = HTTP_COMPLETE;
	else if (h->chunked)
		h->state = HTTP_CHUNK_SIZE;
	else if (h->has_length && h->left == 0)
		h->state = HTTP_COMPLETE;
	else
		h->state = HTTP_BODY;
}

static void http_status_line(struct http *h)
{
	const char *l = h->line;

	if (strncmp(l, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)l[7]) || l[8] != ' ' ||
	    !isdigit((unsigned char)l[9]) || !isdigit((unsigned char)l[10]) ||
	    !isdigit((unsigned char)l[11])) {
		h->state = HTTP_BROKEN;
		return;
	}
	h->status = (unsigned)strtoul(l + 9, NULL, 10);
	h->state = HTTP_HEADER;
}

static void http_header_line(struct http *h)
{
	const char *value;

	if (!*h->line) {
		http_headers_end(h);
		return;
	}
	value = http_header(h->line, "Content-Length");
	if (value && !http_number(value, 10, &h->left))
		h->state = HTTP_BROKEN;
	h->has_length |= value != NULL;
	value = http_header(h->line, "Transfer-Encoding");
	if (value && strcasecmp(value, "chunked") == 0)
		h->chunked = true;
}

static void http_chunk_size_line(struct http *h)
{
	if (!http_number(h->line, 16, &h->left))
		h->state = HTTP_BROKEN;
	else
		h->state = h->left ? HTTP_CHUNK : HTTP_TRAILER;
}

/* A line is whole, its end cut off. */
static void http_line(struct http *h)
{
	switch (h->state) {
	case HTTP_STATUS_LINE:
		http_status_line(h);
		break;
	case HTTP_HEADER:
		http_header_line(h);
		break;
	case HTTP_CHUNK_SIZE:
		http_chunk_size_line(h);
		break;
	case HTTP_CHUNK_END:
		h->state = *h->line ? HTTP_BROKEN : HTTP_CHUNK_SIZE;
		break;
	default: /* the trailer, of which nothing is wanted */
		if (!*h->line)
			h->state = HTTP_COMPLETE;
		break;
	}
}

/* Takes what belongs to the current line; returns how much that was. */
static size_t http_take_line(struct http *h, const char *bytes, size_t length)
{
	const char *end = memchr(bytes, '\n', length);
	size_t n = end ? (size_t)(end - bytes) : length;

	if (h->line_length + n >= sizeof(h->line)) {
		h->state = HTTP_BROKEN;
		return length;
	}
	memcpy(h->line + h->line_length, bytes, n);
	h->line_length += n;
	if (!end)
		return n;
	if (h->line_length > 0 && h->line[h->line_length - 1] == '\r')
		h->line_length--;
	h->line[h->line_length] = '\0';
	h->line_length = 0;
	http_line(h);
	return n + 1;
}

/* Takes what belongs to the body; returns how much that was. */
static size_t http_take_body(struct http *h, const char *bytes, size_t length)
{
	bool bounded = h->state == HTTP_CHUNK || h->has_length;
	size_t n = bounded && h->left < length ? (size_t)h->left : length;

	if (!h->sink(h->context, bytes, n))
		h->stopped = true;
	if (!bounded)
		return n;
	h->left -= n;
	if (h->left == 0)
		h->state = h->state == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_COMPLETE;
	return n;
}

void http_feed(struct http *h, const char *bytes, size_t length)
{
	while (length > 0 && !h->stopped && h->state != HTTP_COMPLETE && h->state != HTTP_BROKEN) {
		size_t n = h->state == HTTP_BODY || h->state == HTTP_CHUNK
				   ? http_take_body(h, bytes, length)
				   : http_take_line(h, bytes, length);

		bytes += n;
		length -= n;
	}
}

bool http_end(struct http *h)
{
	if (h->state == HTTP_BODY && !h->has_length)
		h->state = HTTP_COMPLETE;
	return h->state == HTTP_COMPLETE;
}

static int http_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int http_send(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

static int http_receive(struct http *h, int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *bytes = malloc(HTTP_READ_BYTES);
	int r = bytes ? 0 : -ENOMEM;

	while (r == 0 && !h->stopped && h->state != HTTP_COMPLETE) {
		ssize_t n;

		if (poll(&p, 1, timeout_ms) == 0) {
			r = -ETIMEDOUT;
			break;
		}
		n = recv(fd, bytes, HTTP_READ_BYTES, 0);
		if (n > 0)
			http_feed(h, bytes, (size_t)n);
		if (n < 0 && errno != EINTR)
			r = -errno;
		if ((n == 0 && !http_end(h)) || h->state == HTTP_BROKEN)
			r = -EPROTO;
	}
	free(bytes);
	return r;
}

int http_exchange(struct http *h, const char *socket_path, const char *method, const char *path,
		  const char *body, size_t length, int timeout_ms)
{
	char head[HTTP_LINE_MAX];
	int fd = -1, n, r;

	n = snprintf(head, sizeof(head),
		     "%s %s HTTP/1.1\r\nHost: vipd\r\nConnection: close\r\n"
		     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		     method, path, length);
	if (n < 0 || (size_t)n >= sizeof(head))
		return -ENAMETOOLONG;
	r = http_connect(socket_path, &fd);
	if (r < 0)
		return r;
	r = http_send(fd, head, (size_t)n);
	if (r == 0)
		r = http_send(fd, body, length);
	/* Who does not want the rest of a body hangs up, but may have said why before. */
	if (r == 0 || r == -EPIPE || r == -ECONNRESET)
		r = http_receive(h, fd, timeout_ms);
	close(fd);
	return r;
}
