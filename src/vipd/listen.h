/* SPDX-License-Identifier: Apache-2.0 */
/* The Unix socket of the API, and the directories that vipd needs. */
#ifndef VIPD_LISTEN_H
#define VIPD_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

struct listen_socket {
	int fd; /* -1: none */
	const char *path;
	dev_t device; /* with the inode: the file that is ours */
	ino_t inode;
};

/*
 * Listens on a Unix socket at `path`, which must outlive *ret. Parent directories are made; a
 * socket that nobody answers on is replaced. Anybody may connect: the API looks at who it is. 0, or
 * -errno with a sentence in `error`; -EADDRINUSE: another vipd answers there.
 */
int listen_open(const char *path, struct listen_socket *ret, char *error, size_t error_size);

/* What has become of the file. */
enum listen_file {
	LISTEN_OURS,
	LISTEN_GONE,   /* somebody has removed it: nobody finds us any more */
	LISTEN_OTHERS, /* something else is in its place */
};

enum listen_file listen_look(const struct listen_socket *l);

/* Closes it and removes the file, if that is still ours. */
void listen_close(struct listen_socket *l);

/*
 * Makes a directory with this mode, and its parents with 0755. One that is there is left as it is.
 * 0 or -errno.
 */
int directory_make(const char *path, mode_t mode);

#endif
