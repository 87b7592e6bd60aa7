/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/text.h"
#include "linux/rights.h"

/* Where vipd-check.socket listens. */
#define PLACE "/run/vipd-check.sock"

/* As much as a target, a path and a dozen short words take. */
#define REQUEST_MAX (CHECK_TARGET_MAX + PATH_MAX + 1024)

void launch_word_add(struct launch_words *w, const char *word)
{
	if (w->count < LAUNCH_WORDS_MAX - 1)
		w->at[w->count++] = (char *)word;
}

static int attributes_make(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;
	int error;

	sigemptyset(&none);
	sigfillset(&usual);
	error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
							     POSIX_SPAWN_SETSIGDEF);
	if (!error)
		error = posix_spawnattr_setsigmask(attributes, &none);
	return error ? error : posix_spawnattr_setsigdefault(attributes, &usual);
}

static int actions_make(posix_spawn_file_actions_t *actions, int output)
{
	int error =
		posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null",
							 O_WRONLY, 0);
	return error;
}

int launch_spawn(const char *path, char *const *words, int output, pid_t *ret)
{
	static char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (!error) {
		error = attributes_make(&attributes);
		if (!error)
			error = actions_make(&actions, output);
		if (!error)
			error = posix_spawn(ret, path, &actions, &attributes, words, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

/* What cannot be watched is not left running: without its pipe vipd-check ends by itself. */
static int launcher_watch(struct attempt *p, pid_t pid)
{
	p->fd = pidfd_open(pid, 0);
	if (p->fd >= 0)
		return attempt_watch(p, UV_READABLE);
	close(p->program.pipe);
	p->program.pipe = -1;
	p->program.reaped = true;
	(void)waitpid(pid, NULL, 0);
	return -EMFILE;
}

static int launcher_start(struct attempt *p, struct launch_words *w)
{
	char path[PATH_MAX];
	int ends[2], error;
	pid_t pid;

	p->program.pipe = -1;
	p->program.reaped = true;
	snprintf(path, sizeof(path), "%.4000s/" LAUNCHER, attempt_programs(p));
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	error = launch_spawn(path, w->at, ends[1], &pid);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	p->program.pipe = ends[0];
	p->program.reaped = false;
	return launcher_watch(p, pid);
}

/* The words in one message, each with its terminator. */
static size_t request_write(const struct launch_words *w, char *to, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < w->count; i++) {
		size_t n = strlen(w->at[i]) + 1;

		if (n > size - length)
			return 0;
		memcpy(to + length, w->at[i], n);
		length += n;
	}
	return length;
}

static int place_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = PLACE };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int place_ask(struct attempt *p, const struct launch_words *w)
{
	char request[REQUEST_MAX];
	size_t length = request_write(w, request, sizeof(request));

	p->program.pipe = -1;
	p->program.reaped = true;
	p->fd = place_connect();
	if (p->fd < 0) {
		attempt_answer(p, false,
			       "cannot be run: vipd may not become another user, and no place for "
			       "checks is at " PLACE " (vipd-check.socket): %s",
			       strerror(-p->fd));
		return 0;
	}
	if (length == 0 || send(p->fd, request, length, MSG_NOSIGNAL) < 0)
		return length == 0 ? -E2BIG : -errno;
	p->program.asked = true;
	p->program.reaped = false;
	return attempt_watch(p, UV_READABLE);
}

int launch_start(struct attempt *p, struct launch_words *w)
{
	static const uint64_t another = RIGHT(CAP_SETUID) | RIGHT(CAP_SETGID);

	p->program.asked = false;
	return rights_include(another) ? launcher_start(p, w) : place_ask(p, w);
}

/* What vipd-check says has '+' or '-' before it. */
static void launcher_heard(struct attempt *p, const char *line, size_t length)
{
	char text[NODE_SENTENCE_MAX];
	struct text t;

	if (length < 2) {
		attempt_answer(p, false, LAUNCHER " has said nothing");
		return;
	}
	if (line[length - 1] == '\n')
		length--;
	text_init(&t, text, sizeof(text));
	text_add_printable(&t, line + 1, length - 1);
	if (line[0] == '+')
		attempt_answer(p, true, "%s in %.1f ms", text, attempt_age_ms(p));
	else
		attempt_answer(p, false, "%s", text);
}

/* It is over when the other side has ended; what comes before that is its line. */
static void asked_ready(struct attempt *p)
{
	char line[NODE_SENTENCE_MAX * 2];
	ssize_t n = recv(p->fd, line, sizeof(line), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		p->program.reaped = true;
	if (p->state == ATTEMPT_ASKING)
		launcher_heard(p, line, n > 0 ? (size_t)n : 0);
	else if (p->program.reaped)
		attempt_gone(p);
}

static void started_ready(struct attempt *p)
{
	siginfo_t info;
	char line[NODE_SENTENCE_MAX * 2];
	ssize_t n;

	if (waitid(P_PIDFD, (id_t)p->fd, &info, WEXITED) < 0 && errno == EINTR)
		return;
	p->program.reaped = true;
	if (p->state == ATTEMPT_LEAVING) {
		attempt_gone(p);
		return;
	}
	n = read(p->program.pipe, line, sizeof(line));
	launcher_heard(p, line, n > 0 ? (size_t)n : 0);
}

void launch_ready(struct attempt *p)
{
	if (p->program.asked)
		asked_ready(p);
	else
		started_ready(p);
}

void launch_late(const struct attempt *p, char *text, size_t size)
{
	int64_t ms = duration_ms(p->settings.timeout);

	if (ms % 1000)
		snprintf(text, size, "no answer within %lldms: killed", (long long)ms);
	else
		snprintf(text, size, "no answer within %llds: killed", (long long)(ms / 1000));
}

void launch_over(struct attempt *p)
{
	if (p->program.pipe >= 0)
		close(p->program.pipe);
	p->program.pipe = -1;
}

bool launch_leave(struct attempt *p)
{
	launch_over(p);
	if (p->program.asked && !p->program.reaped)
		(void)shutdown(p->fd, SHUT_WR);
	return !p->program.reaped;
}
