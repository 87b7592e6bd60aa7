/* SPDX-License-Identifier: Apache-2.0 */
/* The check `http`: GET of a path, and what is said of it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "linux/attempt.h"

_Static_assert(HTTP_EXPECT_MAX == CHECK_EXPECT_MAX, "the text of a check is never cut");
_Static_assert(HTTP_REQUEST_MAX >= CHECK_TARGET_MAX + CHECK_EXPECT_MAX + 100,
	       "the request of a check is never cut");

#define PORT_HTTP 80

/* What is read before others have their turn. */
#define READ_BYTES 16384

/*
 * To close while more of a page comes makes the kernel answer with RST, and the server log an
 * error. So the rest is read, but not for long, and not all of a film.
 */
#define LINGER DURATION_MS(1000)
#define LINGER_BYTES (1024 * 1024)

/* RFC 9110 7.2: the name that was asked for, or the address, and the port unless it is the usual.
 */
static void host_write(const struct check_settings *s, char *host, size_t size)
{
	struct text t;

	text_init(&t, host, size);
	if (s->host[0])
		text_add(&t, "%s", s->host);
	else if (s->address.family == FAMILY_IPV6)
		text_add(&t, "[%s]", ADDRESS_TEXT(&s->address));
	else
		text_add(&t, "%s", ADDRESS_TEXT(&s->address));
	if (s->port != PORT_HTTP)
		text_add(&t, ":%u", s->port);
}

static int http_start(struct attempt *p)
{
	const struct check_settings *s = &p->settings;
	int error = attempt_connect(p, SOCK_STREAM, 0);

	http_answer_init(&p->http.answer, s->status_low, s->status_high, s->expect);
	return error ? error : attempt_watch(p, UV_WRITABLE);
}

/* The request goes out in one piece: an empty socket has room for it. */
static int http_ask(struct attempt *p)
{
	char request[HTTP_REQUEST_MAX], host[CHECK_EXPECT_MAX + 8];
	size_t length;
	int error = attempt_connected(p);

	if (error)
		return error;
	host_write(&p->settings, host, sizeof(host));
	length = http_request_write(request, sizeof(request), p->settings.target, host);
	if (send(p->fd, request, length, MSG_NOSIGNAL) < (ssize_t)length)
		return -errno;
	p->http.connected = true;
	return attempt_watch(p, UV_READABLE);
}

static void http_judge(struct attempt *p, enum http_verdict verdict)
{
	char text[160];

	if (verdict == HTTP_MORE)
		return;
	http_answer_describe(&p->http.answer, text, sizeof(text));
	if (verdict == HTTP_WELL)
		attempt_answer(p, true, "%s in %.1f ms", text, attempt_age_ms(p));
	else
		attempt_answer(p, false, "%s", text);
}

static void http_hear(struct attempt *p)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

	p->http.ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n > 0)
		http_judge(p, http_answer_take(&p->http.answer, bytes, (size_t)n));
	else if (n == 0)
		http_judge(p, http_answer_end(&p->http.answer));
	else if (p->http.ended)
		attempt_fail(p, -errno);
}

static void http_linger(struct attempt *p)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		p->http.lingered += (size_t)n;
	if (n <= 0 || p->http.lingered > LINGER_BYTES)
		attempt_gone(p);
}

static void http_ready(struct attempt *p)
{
	int error = 0;

	if (p->state == ATTEMPT_LEAVING)
		http_linger(p);
	else if (p->http.connected)
		http_hear(p);
	else
		error = http_ask(p);
	if (error)
		attempt_fail(p, error);
}

/* A server that goes on after its answer without the text that is waited for. */
static void http_late(const struct attempt *p, char *text, size_t size)
{
	if (p->http.answer.status)
		http_answer_describe(&p->http.answer, text, size);
}

static bool http_leave(struct attempt *p)
{
	if (!p->http.connected || p->http.ended || p->http.answer.verdict == HTTP_MORE)
		return false;
	attempt_linger(p, LINGER);
	return true;
}

const struct attempt_method attempt_http = {
	.start = http_start, .ready = http_ready, .late = http_late, .leave = http_leave
};
