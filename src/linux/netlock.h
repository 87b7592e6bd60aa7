/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One vipd in a network namespace: two would take each other's marks in the kernel for what an
 * earlier life has left. Their state directories may differ, so no file can tell them apart; a name
 * in the namespace itself can: that of an abstract Unix socket, which is the namespace's own and
 * goes with the process, however that ends.
 *
 * Anybody may take such a name, so it counts only when its holder may change the network; names
 * that are squatted are left aside, and there are some more.
 */
#ifndef LINUX_NETLOCK_H
#define LINUX_NETLOCK_H

#include <stdbool.h>
#include <sys/types.h>

#define NETLOCK_PATH_MAX 80

enum netlock_role {
	NETLOCK_VIPD = 'd',
	NETLOCK_GUARD = 'g', /* it carries out a last will */
};

struct netlock {
	int fd, sign; /* the name, and what it says of us; -1: not ours */
};

/* Who has it. */
struct netlock_holder {
	pid_t pid;		     /* 0: of a process namespace that cannot be seen from here */
	bool guard;		     /* it is one that carries out a will, and will end */
	char path[NETLOCK_PATH_MAX]; /* vipd: of its socket; the guard: of its state directory */
	unsigned strangers;	     /* names that somebody has who may not change the network */
	pid_t stranger;		     /* one of them */
	uid_t stranger_user;
};

/*
 * Takes it for this process, and says who we are. 0; -EADDRINUSE: *ret_holder has it; or -errno.
 * The strangers are told either way; with all names theirs, 0, and nothing is locked.
 */
int netlock_take(enum netlock_role role, const char *path, struct netlock *ret,
		 struct netlock_holder *ret_holder);

/* Who has looked at us leaves a connection behind: this is for when `fd` is readable. */
void netlock_drain(const struct netlock *l);

void netlock_release(struct netlock *l);

#endif
