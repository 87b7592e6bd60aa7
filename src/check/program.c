/* SPDX-License-Identifier: Apache-2.0 */
#include "check/program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/close_range.h>

/* Enough for any script; a fork bomb ends there. It counts all processes of the user. */
#define PROCESSES_MAX 1024

#define EXIT_CANNOT_RUN 127

static bool capabilities_read(struct __user_cap_data_struct *data)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, data) == 0;
}

/*
 * Keeps the capabilities of the mask, as far as they are there, and drops all others. Who has no
 * other asks for nothing: a sandbox may well forbid to ask.
 */
static int capabilities_keep(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	bool others = false;

	if (!capabilities_read(data))
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t word = (uint32_t)(mask >> 32 * i);

		others |= (data[i].permitted & ~word) || data[i].inheritable;
		data[i].permitted &= word;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (!others)
		return 0;
	return syscall(SYS_capset, &header, data) == 0 ? 0 : -errno;
}

static bool may_become_another(void)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID;

	return capabilities_read(data) && (data[0].effective & needed) == needed;
}

void program_keep_kill(void)
{
	(void)capabilities_keep(UINT64_C(1) << CAP_KILL);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Its user, or an error: what cannot become another user is not run as ours. */
static int user_become(const struct program *p)
{
	if (!may_become_another())
		return p->user == getuid() && p->group == getgid() ? 0 : -EPERM;
	if (setgroups(0, NULL) < 0 || setresgid(p->group, p->group, p->group) < 0 ||
	    setresuid(p->user, p->user, p->user) < 0)
		return -errno;
	return 0;
}

/* No capability survives, and none can be had again by running another program. */
static int rights_give_up(const struct program *p)
{
	int error;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long capability = 0; capability <= CAP_LAST_CAP; capability++)
		(void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	error = user_become(p);
	if (!error)
		error = capabilities_keep(0);
	if (error)
		return error;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

static void signals_reset(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void limits_set(void)
{
	struct rlimit processes = { PROCESSES_MAX, PROCESSES_MAX }, core = { 0, 0 };

	(void)setrlimit(RLIMIT_NPROC, &processes);
	(void)setrlimit(RLIMIT_CORE, &core);
}

/* In the child. Returns only when the program cannot be run: -errno. */
static int program_run(const struct program *p, int output)
{
	int error;

	(void)setsid();
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		return -errno;
	/* The report of a failure goes out through one of them. */
	if (close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC) < 0 || chdir("/") < 0)
		return -errno;
	umask(077);
	signals_reset();
	error = rights_give_up(p);
	if (error)
		return error;
	/*
	 * Whoever becomes another user loses the first wish, so it comes late; and a user who has
	 * too many processes already could not even begin, if the limit came earlier.
	 */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	limits_set();
	execve(p->arguments[0], p->arguments, p->environment);
	return -errno;
}

static _Noreturn void child(const struct program *p, int output, int report)
{
	int error = -program_run(p, output);
	ssize_t n = write(report, &error, sizeof(error));

	_exit(n == sizeof(error) ? EXIT_CANNOT_RUN : EXIT_CANNOT_RUN - 1);
}

int program_start(struct program *p)
{
	int output[2], report[2];

	if (pipe2(output, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0 ||
	    fcntl(output[0], F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	p->pid = fork();
	if (p->pid < 0)
		return -errno;
	if (p->pid == 0)
		child(p, output[1], report[1]);
	close(output[1]);
	close(report[1]);
	p->output = output[0];
	p->error = report[0];
	p->pidfd = pidfd_open(p->pid, 0);
	return p->pidfd < 0 ? -errno : 0;
}

int program_refusal(const struct program *p)
{
	int error = 0;

	return read(p->error, &error, sizeof(error)) == sizeof(error) ? error : 0;
}
