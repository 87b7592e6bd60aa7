/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* A manager that is too busy to say it has its unit stopped as one that does not come back. */
#define ANSWER_MAX_MS 3000

/* One unit has one job, on one line. */
#define ANSWER_MAX 1024

static int systemctl_spawn(const char *unit, int output, pid_t *ret)
{
	char *const words[] = { "systemctl", "--no-legend", "--no-pager", "--plain",
				"--full",    "list-jobs",   (char *)unit, NULL };
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							 O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All that comes until the end, in time. */
static bool answer_read(int fd, char *answer, size_t size)
{
	int64_t until = now_ms() + ANSWER_MAX_MS;
	size_t length = 0;

	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0 || length == size - 1 || poll(&ready, 1, (int)left) <= 0)
			return false;
		n = read(fd, answer + length, size - 1 - length);
		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0)
			break;
		if (n > 0)
			length += (size_t)n;
	}
	answer[length] = '\0';
	return true;
}

/* systemctl(1), list-jobs: "NUMBER UNIT TYPE STATE" on each line. */
static bool answer_says_restart(char *answer, const char *unit)
{
	char name[256], type[32], *rest = answer, *line;

	while ((line = strsep(&rest, "\n")))
		if (sscanf(line, " %*s %255s %31s", name, type) == 2 && strcmp(name, unit) == 0)
			return strcmp(type, "restart") == 0;
	return false;
}

bool manager_restarts(const char *unit)
{
	char answer[ANSWER_MAX];
	int ends[2], status;
	bool heard;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	if (systemctl_spawn(unit, ends[1], &pid) < 0) {
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	close(ends[1]);
	heard = answer_read(ends[0], answer, sizeof(answer));
	close(ends[0]);
	if (!heard)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return heard && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	       answer_says_restart(answer, unit);
}
