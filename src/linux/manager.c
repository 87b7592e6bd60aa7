/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKET_VARIABLE "NOTIFY_SOCKET"
#define WATCHDOG_VARIABLE "WATCHDOG_USEC"
#define WATCHDOG_PID_VARIABLE "WATCHDOG_PID"

/* A path, or, behind an @, a name that is in no file system. */
static int address_take(struct manager *m, const char *name)
{
	size_t length = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || length >= sizeof(m->address.sun_path))
		return -EINVAL;
	m->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(m->address.sun_path, name, length);
	m->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (name[0] == '@')
		m->address.sun_path[0] = '\0';
	else
		m->length++;
	return 0;
}

static struct duration watchdog_of(const char *us, const char *pid)
{
	unsigned long long value;
	char *end;

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return DURATION_MS(0);
	errno = 0;
	value = strtoull(us, &end, 10);
	if (errno || *end || value > INT64_MAX / 1000)
		return DURATION_MS(0);
	return (struct duration){ (int64_t)value * 1000 };
}

void manager_init(struct manager *m)
{
	const char *name = getenv(SOCKET_VARIABLE);

	*m = (struct manager){ .fd = -1 };
	if (name && address_take(m, name) == 0)
		m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd >= 0)
		m->watchdog = watchdog_of(getenv(WATCHDOG_VARIABLE), getenv(WATCHDOG_PID_VARIABLE));
	unsetenv(SOCKET_VARIABLE);
	unsetenv(WATCHDOG_VARIABLE);
	unsetenv(WATCHDOG_PID_VARIABLE);
}

void manager_done(struct manager *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

int manager_tell(const struct manager *m, const char *lines)
{
	if (m->fd < 0)
		return 0;
	if (sendto(m->fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&m->address,
		   m->length) < 0)
		return -errno;
	return 0;
}
