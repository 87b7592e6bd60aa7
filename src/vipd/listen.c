/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/listen.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

/* Makes all directories that stand in front of a slash. */
static int parents_make(const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	strcpy(part, path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int directory_make(const char *path, mode_t mode)
{
	struct stat st;
	int error;

	if (!path[0])
		return -ENOENT;
	error = parents_make(path);
	if (error)
		return error;
	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* What is at the path now: makes the way free, or says why it is not. */
static int path_claim(int fd, const struct sockaddr_un *address, char *error, size_t size)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return -EIO;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(error, size, "%s exists and is not a socket", path);
		return -EEXIST;
	}
	/* EAGAIN: somebody listens but is too busy to take us. */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	    errno == EAGAIN) {
		snprintf(error, size, "another vipd answers at %s", path);
		return -EADDRINUSE;
	}
	if (errno != ECONNREFUSED || unlink(path) < 0) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return -EIO;
	}
	return 0;
}

static int socket_claim(const struct sockaddr_un *address, char *error, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int failure;

	if (fd < 0) {
		snprintf(error, size, "cannot make a socket: %s", strerror(errno));
		return -errno;
	}
	failure = path_claim(fd, address, error, size);
	close(fd);
	return failure;
}

static int socket_bind(const struct sockaddr_un *address, struct listen_socket *l)
{
	mode_t mask;
	struct stat st;
	int bound;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	mask = umask(0111);
	bound = bind(l->fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	if (bound < 0 || listen(l->fd, BACKLOG) < 0 || stat(address->sun_path, &st) < 0) {
		int failure = -errno;

		close(l->fd);
		l->fd = -1;
		return failure;
	}
	l->device = st.st_dev;
	l->inode = st.st_ino;
	return 0;
}

int listen_open(const char *path, struct listen_socket *ret, char *error, size_t error_size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct listen_socket l = { .fd = -1, .path = path };
	int failure;

	if (!path[0] || strlen(path) >= sizeof(address.sun_path)) {
		snprintf(error, error_size, "%s: a socket's path has 1 to %zu bytes", path,
			 sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	failure = parents_make(path);
	if (failure) {
		snprintf(error, error_size, "cannot make the directory of %s: %s", path,
			 strerror(-failure));
		return failure;
	}
	failure = socket_claim(&address, error, error_size);
	if (failure)
		return failure;
	failure = socket_bind(&address, &l);
	if (failure) {
		snprintf(error, error_size, "cannot listen at %s: %s", path, strerror(-failure));
		return failure;
	}
	*ret = l;
	return 0;
}

enum listen_file listen_look(const struct listen_socket *l)
{
	struct stat st;

	if (lstat(l->path, &st) < 0)
		return LISTEN_GONE;
	return st.st_dev == l->device && st.st_ino == l->inode ? LISTEN_OURS : LISTEN_OTHERS;
}

void listen_close(struct listen_socket *l)
{
	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = -1;
	if (listen_look(l) == LISTEN_OURS)
		unlink(l->path);
}
