/* SPDX-License-Identifier: Apache-2.0 */
/* The check `dns`: a name server answers for a name. */
#include <errno.h>
#include <sys/random.h>

#include "linux/attempt.h"

#define ANSWER_MAX 4096

static int dns_start(struct attempt *p)
{
	uint16_t id;
	int error;

	/* Whoever cannot see the question must not be able to answer it. */
	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		return -EAGAIN;
	p->dns.length = dns_query_write(p->dns.query, id, p->settings.target);
	if (p->dns.length == 0)
		return -EINVAL;
	error = attempt_connect(p, SOCK_DGRAM, 0);
	if (error)
		return error;
	if (send(p->fd, p->dns.query, p->dns.length, MSG_NOSIGNAL) < 0)
		return -errno;
	return attempt_watch(p, UV_READABLE);
}

static void dns_ready(struct attempt *p)
{
	uint8_t bytes[ANSWER_MAX];
	char text[80];
	enum dns_verdict verdict;
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			attempt_fail(p, -errno);
		return;
	}
	verdict =
		dns_answer_read(p->dns.query, p->dns.length, bytes, (size_t)n, text, sizeof(text));
	if (verdict == DNS_WELL)
		attempt_answer(p, true, "%s in %.1f ms", text, attempt_age_ms(p));
	else if (verdict == DNS_ILL)
		attempt_answer(p, false, "%s", text);
}

const struct attempt_method attempt_dns = { .start = dns_start, .ready = dns_ready };
