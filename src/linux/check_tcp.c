/* SPDX-License-Identifier: Apache-2.0 */
/* The check `tcp`: a connection to a port is accepted. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "linux/attempt.h"
#include "linux/socket_address.h"

int attempt_connect(struct attempt *p, int type, int protocol)
{
	struct sockaddr_storage to;
	socklen_t size = socket_address_make(&p->settings.address, p->settings.port, &to);

	p->fd = socket(to.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (p->fd < 0)
		return -errno;
	if (connect(p->fd, (const struct sockaddr *)&to, size) < 0 && errno != EINPROGRESS)
		return -errno;
	return 0;
}

/*
 * A socket can connect to itself, when nobody listens on the port of this host and the kernel takes
 * just that port for the near end.
 */
static bool is_connected_to_itself(int fd)
{
	struct sockaddr_storage near, far;
	socklen_t near_size = sizeof(near), far_size = sizeof(far);

	return getsockname(fd, (struct sockaddr *)&near, &near_size) == 0 &&
	       getpeername(fd, (struct sockaddr *)&far, &far_size) == 0 && near_size == far_size &&
	       memcmp(&near, &far, near_size) == 0;
}

int attempt_connected(const struct attempt *p)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	if (!error && is_connected_to_itself(p->fd))
		error = ECONNREFUSED;
	return -error;
}

static int tcp_start(struct attempt *p)
{
	int error = attempt_connect(p, SOCK_STREAM, 0);

	return error ? error : attempt_watch(p, UV_WRITABLE);
}

static void tcp_ready(struct attempt *p)
{
	int error = attempt_connected(p);

	if (error)
		attempt_fail(p, error);
	else
		attempt_answer(p, true, "connected in %.1f ms", attempt_age_ms(p));
}

const struct attempt_method attempt_tcp = { .start = tcp_start, .ready = tcp_ready };
