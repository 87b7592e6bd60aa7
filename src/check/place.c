/* SPDX-License-Identifier: Apache-2.0 */
#include "check/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* SD_LISTEN_FDS_START of sd_listen_fds(3). */
#define LISTEN_FD 3

#define REQUEST_MAX 16384
#define WORDS_MAX 1024

/* vipd sends its request in the moment in which it connects. */
#define REQUEST_WAIT_MS 2000

/* When there are no descriptors or processes left, others are let go on first. */
#define PAUSE_US 10000

static bool is_listening(int fd)
{
	int listens = 0, domain = 0, type = 0;
	socklen_t size = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* Cuts a message into words; 0 when it is not made of whole ones. */
static int words_cut(char *message, size_t length, char **words)
{
	int n = 0;

	if (length == 0 || message[length - 1] != '\0')
		return 0;
	for (size_t at = 0; at < length; at += strlen(message + at) + 1) {
		if (n == WORDS_MAX - 1)
			return 0;
		words[n++] = message + at;
	}
	words[n] = NULL;
	return n;
}

/* In the child. The words are those of the whole life of the process. */
static int request_serve(int fd, place_run *run)
{
	static char message[REQUEST_MAX];
	static char *words[WORDS_MAX];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct ucred asker;
	socklen_t size = sizeof(asker);
	ssize_t n;
	int count;

	if (poll(&ready, 1, REQUEST_WAIT_MS) != 1 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &asker, &size) < 0)
		return EXIT_FAILURE;
	n = recv(fd, message, sizeof(message), MSG_TRUNC);
	count = n > 0 && (size_t)n <= sizeof(message) ? words_cut(message, (size_t)n, words) : 0;
	if (count == 0 || dup2(fd, STDOUT_FILENO) < 0)
		return EXIT_FAILURE;
	close(fd);
	return run(count, words, asker.uid);
}

int place_serve(place_run *run)
{
	if (!is_listening(LISTEN_FD)) {
		fputs("vipd-check: --serve is for vipd-check.service, which passes a socket\n",
		      stderr);
		return EXIT_USAGE;
	}
	/* The kernel reaps the launchers. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC);
		pid_t pid = fd < 0 ? -1 : fork();

		if (pid == 0) {
			signal(SIGCHLD, SIG_DFL);
			_exit(request_serve(fd, run));
		}
		if (pid < 0)
			usleep(PAUSE_US);
		if (fd >= 0)
			close(fd);
	}
}
