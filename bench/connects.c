/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connects again and again, each time with a new socket that names no source, and says how long
 * connect() took, how often it failed, and which sources the sockets had.
 *
 *	vipd-connects udp|tcp ADDRESS PORT COUNT
 *	vipd-connects listen ADDRESS PORT	accepts, until it is ended
 *
 * One line of JSON: {"ns": 812.5, "failed": 0, "error": "", "sources": ["10.9.1.1"]}
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCES_MAX 64

struct outcome {
	uint64_t ns;
	unsigned long done, failed;
	int error; /* the first */
	struct in_addr sources[SOURCES_MAX];
	size_t n_sources;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void source_note(struct outcome *o, int fd)
{
	struct sockaddr_in a;
	socklen_t size = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &size) < 0)
		return;
	for (size_t i = 0; i < o->n_sources; i++)
		if (o->sources[i].s_addr == a.sin_addr.s_addr)
			return;
	if (o->n_sources < SOURCES_MAX)
		o->sources[o->n_sources++] = a.sin_addr;
}

/* Reset at the end, so that no port waits. */
static bool connect_once(struct outcome *o, int type, const struct sockaddr_in *to)
{
	const struct linger at_once = { .l_onoff = 1 };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	uint64_t begin, end;
	int error;

	if (fd < 0)
		return false;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	begin = now_ns();
	error = connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 ? errno : 0;
	end = now_ns();
	if (error) {
		o->failed++;
		if (!o->error)
			o->error = error;
	} else {
		o->ns += end - begin;
		o->done++;
		source_note(o, fd);
	}
	close(fd);
	return true;
}

static void outcome_print(const struct outcome *o)
{
	char text[INET_ADDRSTRLEN];

	printf("{\"ns\": %.1f, \"failed\": %lu, \"error\": \"%s\", \"sources\": [",
	       o->done ? (double)o->ns / (double)o->done : 0.0, o->failed,
	       o->error ? strerror(o->error) : "");
	for (size_t i = 0; i < o->n_sources; i++)
		printf("%s\"%s\"", i ? ", " : "",
		       inet_ntop(AF_INET, &o->sources[i], text, sizeof(text)));
	printf("]}\n");
}

static int listen_for_ever(const struct sockaddr_in *at)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 || listen(fd, 4096) < 0) {
		perror("vipd-connects");
		return 1;
	}
	puts("listening");
	fflush(stdout);
	for (;;) {
		int each = accept(fd, NULL, NULL);

		if (each >= 0)
			close(each);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct outcome o = { 0 };
	unsigned long count;
	int type;

	if (argc < 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: vipd-connects udp|tcp ADDRESS PORT COUNT\n"
				"       vipd-connects listen ADDRESS PORT\n");
		return 2;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	if (strcmp(argv[1], "listen") == 0)
		return listen_for_ever(&to);
	type = strcmp(argv[1], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	count = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
	for (unsigned long i = 0; i < count; i++) {
		if (!connect_once(&o, type, &to)) {
			perror("vipd-connects");
			return 1;
		}
	}
	outcome_print(&o);
	return 0;
}
