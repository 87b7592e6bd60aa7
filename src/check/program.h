/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a check, as a child of this process: with no rights, in a clean place, as another
 * user where we may become one.
 */
#ifndef CHECK_PROGRAM_H
#define CHECK_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#define PROGRAM_ENVIRONMENT_MAX 4

struct program {
	char **arguments; /* the path first; NULL ends them */
	char *environment[PROGRAM_ENVIRONMENT_MAX];
	uid_t user;
	gid_t group;

	/* Once it is started. */
	pid_t pid;
	int pidfd;  /* readable when it has ended */
	int output; /* what it says, on both of its outputs; does not block */
	int error;  /* an int comes out of it if it could not be run: the errno */
};

/* 0 or -errno. The descriptors last as long as this process. */
int program_start(struct program *p);

/* The errno with which it could not be run at all; 0 when it ran. For when it has ended. */
int program_refusal(const struct program *p);

/*
 * For the process that starts it: gives up all rights but the one to end what belongs to somebody
 * else.
 */
void program_keep_kill(void);

#endif
