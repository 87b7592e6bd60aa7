/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of vipd(8). */
#ifndef VIPD_OPTIONS_H
#define VIPD_OPTIONS_H

#include <stdbool.h>

#define VIPD_CONFIG_DEFAULT "/etc/vipd/vipd.yaml"
#define VIPD_SOCKET_DEFAULT "/run/vipd/vipd.sock"
#define VIPD_STATE_DEFAULT "/var/lib/vipd"

/* What vipd exits with; vip(1) has the same numbers. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
};

/* A socket's path has 107 bytes at most. */
#define OPTIONS_STATE_MAX (sizeof(VIPD_STATE_DEFAULT) + 108)

/* The texts are those of argv, or constant; `record` is NULL when nothing is to be recorded. */
struct options {
	const char *config, *socket, *record;
	const char *state; /* NULL: `own_state` */
	char own_state[OPTIONS_STATE_MAX];
	bool config_given; /* a file that was asked for must be there */
	bool check;
};

/*
 * Reads the command line. True when there is something to do; else *ret_exit says what to exit
 * with, and help, version or a complaint have been printed.
 */
bool options_parse(int argc, char **argv, struct options *ret, enum exit_code *ret_exit);

/*
 * Where what outlives the daemon is kept. One with a socket of its own has a directory of its own,
 * unless the command line says where: /run/a/b.sock keeps it in /var/lib/vipd/run-a-b.sock.
 */
const char *options_state(const struct options *o);

#endif
