/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netlock.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/text.h"

#define NAMES 8
#define BACKLOG 128

/* Somebody else came in between, and may have gone by now. */
#define ROUNDS 3

/* A vipd takes those away that wait at its door; one whose door stays shut is none. */
#define KNOCKS 50
#define KNOCK_MS 10

static socklen_t name_make(struct sockaddr_un *a, const char *text)
{
	size_t length = strlen(text);

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (length > sizeof(a->sun_path) - 1)
		length = sizeof(a->sun_path) - 1;
	/* Its first byte is zero: that makes it a name and no path. */
	memcpy(a->sun_path + 1, text, length);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

static int name_bind(const char *text)
{
	struct sockaddr_un a;
	socklen_t length = name_make(&a, text);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&a, length) < 0 || listen(fd, BACKLOG) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static void lock_name(char *text, size_t size, unsigned number)
{
	snprintf(text, size, "vipd.lock.%u", number);
}

static bool has_capability(pid_t pid)
{
	char path[64], line[128];
	unsigned long long effective = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	if (f)
		fclose(f);
	return effective & (1ull << CAP_NET_ADMIN);
}

/* What a process may do in a user namespace of its own does not count here. */
static bool is_of_our_users(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return stat(path, &theirs) == 0 && stat("/proc/self/ns/user", &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

static bool may_be_vipd(const struct ucred *peer)
{
	if (peer->uid == 0 || peer->uid == geteuid())
		return true;
	return peer->pid > 0 && has_capability(peer->pid) && is_of_our_users(peer->pid);
}

/* 0: nobody listens at the name; 1: *ret_peer does; or -errno. */
static int name_ask(const char *text, struct ucred *ret_peer)
{
	socklen_t size = sizeof(*ret_peer);
	struct sockaddr_un a;
	socklen_t length = name_make(&a, text);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;

	if (fd < 0)
		return -errno;
	for (int i = 0; i < KNOCKS; i++) {
		error = connect(fd, (struct sockaddr *)&a, length) < 0 ? errno : 0;
		if (error != EAGAIN)
			break;
		(void)poll(NULL, 0, KNOCK_MS);
	}
	if (error == EAGAIN)
		*ret_peer = (struct ucred){ .uid = (uid_t)-1 };
	else if (!error && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) < 0)
		error = errno;
	close(fd);
	if (error == EAGAIN || !error)
		return 1;
	return error == ECONNREFUSED ? 0 : -error;
}

/*
 * What a process says of itself stands in the name of a second socket, where it can be read though
 * the process stands still. It is for a person only.
 */
static void sign_make(char *text, size_t size, enum netlock_role role, pid_t pid, const char *path)
{
	snprintf(text, size, "vipd.is.%d.%c.%s", (int)pid, role, path);
}

static void sign_read(struct netlock_holder *h)
{
	FILE *f = fopen("/proc/self/net/unix", "re");
	char *line = NULL;
	size_t size = 0;

	h->path[0] = '\0';
	h->guard = false;
	while (f && getline(&line, &size, f) > 0) {
		char *sign = strstr(line, " @vipd.is."), role, *path;
		int pid, at = 0;

		if (!sign || sscanf(sign, " @vipd.is.%d.%c.%n", &pid, &role, &at) != 2 || !at)
			continue;
		/* One of another process namespace calls itself by another number. */
		if (pid != (int)h->pid && h->pid != 0)
			continue;
		path = sign + at;
		path[strcspn(path, "\n")] = '\0';
		/* Anybody may write one, and it is going to stand in a journal. */
		for (char *c = path; *c; c++)
			*c = isprint((unsigned char)*c) ? *c : '?';
		text_copy(h->path, sizeof(h->path), path);
		h->guard = role == NETLOCK_GUARD;
	}
	free(line);
	if (f)
		fclose(f);
}

static void stranger_note(struct netlock_holder *h, const struct ucred *peer)
{
	h->strangers++;
	h->stranger = peer->pid;
	h->stranger_user = peer->uid;
}

/* The first name that nobody has; NAMES: there is none. -EADDRINUSE: somebody has the lock. */
static int names_look(struct netlock_holder *ret)
{
	int first = NAMES;

	*ret = (struct netlock_holder){ 0 };
	for (int k = NAMES - 1; k >= 0; k--) {
		struct ucred peer;
		char text[32];
		int error;

		lock_name(text, sizeof(text), (unsigned)k);
		error = name_ask(text, &peer);
		if (error < 0)
			return error;
		if (error == 0) {
			first = k;
		} else if (may_be_vipd(&peer)) {
			ret->pid = peer.pid;
			sign_read(ret);
			return -EADDRINUSE;
		} else {
			stranger_note(ret, &peer);
		}
	}
	return first;
}

int netlock_take(enum netlock_role role, const char *path, struct netlock *ret,
		 struct netlock_holder *ret_holder)
{
	char text[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int fd = -EADDRINUSE;

	*ret = (struct netlock){ -1, -1 };
	for (int round = 0; round < ROUNDS && fd == -EADDRINUSE; round++) {
		int name = names_look(ret_holder);

		if (name < 0)
			return name;
		if (name == NAMES)
			return 0;
		lock_name(text, sizeof(text), (unsigned)name);
		fd = name_bind(text);
	}
	if (fd < 0)
		return fd;
	ret->fd = fd;
	sign_make(text, sizeof(text), role, getpid(), path);
	ret->sign = name_bind(text);
	return 0;
}

void netlock_drain(const struct netlock *l)
{
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(fd);
}

void netlock_release(struct netlock *l)
{
	/* Who has the name is known as long as he has it. */
	if (l->fd >= 0)
		close(l->fd);
	if (l->sign >= 0)
		close(l->sign);
	*l = (struct netlock){ -1, -1 };
}
