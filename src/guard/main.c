/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-guard: started by vipd, one for each state directory. It is small, locked into memory and
 * scheduled before all others where that is allowed, so that it can be relied on when nothing else
 * can.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "guard/guard.h"

/* Above everything that is not of real time, below whatever somebody has made more urgent. */
#define PRIORITY 10

#define EXIT_USAGE 2

enum option_name {
	OPTION_STATE = 1,
	OPTION_STAY,
	OPTION_SYSLOG,
	OPTION_VERSION,
};

static const struct option names[] = {
	{ "state-dir", required_argument, NULL, OPTION_STATE },
	{ "stay", no_argument, NULL, OPTION_STAY },
	{ "syslog", no_argument, NULL, OPTION_SYSLOG },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int usage(void)
{
	fputs("usage: vipd-guard --state-dir DIR [--stay] [--syslog]\n"
	      "       vipd-guard --version\n"
	      "vipd starts it by itself, or a service manager does, to --stay.\n",
	      stderr);
	return EXIT_USAGE;
}

static bool may_lock_memory(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		return true;
	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & (1u << CAP_IPC_LOCK));
}

/*
 * All of this is for the bad moment, and the guard does without it where it is refused. Memory is
 * locked only by one for whom there is no limit to it: within a limit, the next allocation could
 * fail because of it.
 */
static void urgent(void)
{
	struct sched_param priority = { .sched_priority = PRIORITY };

	if (may_lock_memory())
		(void)mlockall(MCL_CURRENT | MCL_FUTURE);
	(void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority);
}

static int run(const char *state, bool to_syslog, bool stays)
{
	char directory[PATH_MAX];
	struct manager manager;
	struct notes notes;
	int error;

	/* Whatever vipd had open is not for us. */
	close_range(STDERR_FILENO + 1, ~0u, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	notes_init(&notes, to_syslog);
	manager_init(&manager);
	if (!realpath(state, directory) || chdir("/") < 0) {
		notes_print(&notes, LOG_LEVEL_ERROR, "%s: %s", state, strerror(errno));
		return EXIT_FAILURE;
	}
	urgent();
	error = guard_run(directory, &notes, &manager, stays);
	manager_done(&manager);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *state = NULL;
	bool to_syslog = false, stays = false;
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (name) {
		case OPTION_STATE:
			state = optarg;
			break;
		case OPTION_STAY:
			stays = true;
			break;
		case OPTION_SYSLOG:
			to_syslog = true;
			break;
		case OPTION_VERSION:
			puts("vipd-guard " VIPD_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage();
		}
	}
	if (!state || optind < argc)
		return usage();
	return run(state, to_syslog, stays);
}
