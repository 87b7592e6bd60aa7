/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "guard.sock"
#define LOCK "guard.lock"
#define BACKLOG 8

/* A socket's path is short, that of a state directory need not be: it is named by its descriptor.
 */
static struct sockaddr_un socket_address(int directory)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" NAME, directory);
	return a;
}

static int directory_open(const char *directory)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int socket_new(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

static int door_lock(struct channel_door *d)
{
	d->lock = openat(d->directory, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return d->lock < 0 || flock(d->lock, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int door_bind(struct channel_door *d)
{
	struct sockaddr_un address = socket_address(d->directory);
	int bound, error;
	mode_t mask;

	/* Whose it was holds the lock no more: it is of a guard that was killed. */
	if (unlinkat(d->directory, NAME, 0) < 0 && errno != ENOENT)
		return -errno;
	d->fd = socket_new();
	if (d->fd < 0)
		return d->fd;
	mask = umask(0177);
	bound = bind(d->fd, (const struct sockaddr *)&address, sizeof(address));
	error = -errno;
	umask(mask);
	if (bound < 0)
		return error;
	return listen(d->fd, BACKLOG) < 0 ? -errno : 0;
}

int channel_open(const char *directory, struct channel_door *ret)
{
	struct channel_door d = { -1, -1, directory_open(directory) };
	int error = d.directory < 0 ? d.directory : door_lock(&d);

	if (!error)
		error = door_bind(&d);
	if (error) {
		channel_close(&d);
		return error;
	}
	*ret = d;
	return 0;
}

void channel_close(struct channel_door *d)
{
	if (d->fd >= 0) {
		/* Nobody knocks at a door that is about to close for good. */
		unlinkat(d->directory, NAME, 0);
		close(d->fd);
	}
	if (d->lock >= 0)
		close(d->lock);
	if (d->directory >= 0)
		close(d->directory);
	*d = (struct channel_door){ -1, -1, -1 };
}

bool channel_is_replaced(const struct channel_door *d, const char *directory)
{
	struct stat ours, there;

	if (fstat(d->directory, &ours) < 0 || stat(directory, &there) < 0)
		return false;
	return ours.st_dev != there.st_dev || ours.st_ino != there.st_ino;
}

/* The other side's process; -EPERM when it is neither root's nor our own user's. */
static int peer_check(int fd, pid_t *ret_pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	if (peer.uid != 0 && peer.uid != geteuid())
		return -EPERM;
	*ret_pid = peer.pid;
	return 0;
}

int channel_accept(const struct channel_door *d, pid_t *ret_pid)
{
	int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int error;

	if (fd < 0)
		return -errno;
	error = peer_check(fd, ret_pid);
	if (!error)
		return fd;
	close(fd);
	return error;
}

static int connect_in(int directory)
{
	struct sockaddr_un address = socket_address(directory);
	int fd = socket_new();
	pid_t pid;
	int error = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		error = -errno;
	else
		error = peer_check(fd, &pid);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int channel_connect(const char *directory)
{
	int at = directory_open(directory);
	int fd;

	if (at < 0)
		return at;
	fd = connect_in(at);
	close(at);
	return fd;
}

int channel_send(int fd, const struct guard_message *m)
{
	uint8_t bytes[GUARD_MESSAGE_BYTES];
	size_t length = guard_message_encode(m, bytes);

	return send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int channel_receive(int fd, struct guard_message *ret)
{
	uint8_t bytes[GUARD_MESSAGE_BYTES_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	/* A message has two bytes at least, so none at all is the end. */
	if (n <= 0)
		return -ECONNRESET;
	return guard_message_decode(bytes, (size_t)n, ret);
}
