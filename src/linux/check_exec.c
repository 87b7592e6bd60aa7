/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks `exec` and `https`: a program is well when it ends with 0. It is run by vipd-check,
 * which says on one line how it ended and ends itself when nothing is left of it (src/check).
 *
 *	pidfd	vipd-check has ended
 *	pipe	its line; when we close it, vipd-check ends what it has started
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "linux/attempt.h"

#define LAUNCHER "vipd-check"
#define HTTPS LAUNCHER "-https"

/* The words of vipd-check's command line; a target has one argument for two bytes at the most. */
#define WORDS_MAX (16 + CHECK_TARGET_MAX / 2)

#define PORT_HTTPS 443
#define NUMBER_MAX 8

struct words {
	char *at[WORDS_MAX];
	size_t count;
};

static void word_add(struct words *w, const char *word)
{
	if (w->count < WORDS_MAX - 1)
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

static int launcher_spawn(const char *path, struct words *w, int output, pid_t *ret)
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
			error = posix_spawn(ret, path, &actions, &attributes, w->at, environment);
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

static int launcher_start(struct attempt *p, struct words *w)
{
	char path[PATH_MAX];
	int ends[2], error;
	pid_t pid;

	p->program.pipe = -1;
	p->program.reaped = true;
	snprintf(path, sizeof(path), "%.4000s/" LAUNCHER, attempt_programs(p));
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	error = launcher_spawn(path, w, ends[1], &pid);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	p->program.pipe = ends[0];
	p->program.reaped = false;
	return launcher_watch(p, pid);
}

/* Cuts the target into the arguments that it is made of, each ended by a newline. */
static void target_add(struct words *w, char *target)
{
	char *rest = target, *word;

	while ((word = strsep(&rest, "\n")))
		if (rest || *word)
			word_add(w, word);
}

static int exec_start(struct attempt *p)
{
	struct check_settings s = p->settings;
	char address[ADDRESS_TEXT_MAX];
	struct words w = { 0 };

	word_add(&w, LAUNCHER);
	word_add(&w, "--user");
	word_add(&w, s.user);
	word_add(&w, "--name");
	word_add(&w, s.name);
	if (address_is_set(&s.address)) {
		word_add(&w, "--address");
		word_add(&w, address_format(&s.address, address));
	}
	word_add(&w, "--");
	target_add(&w, s.target);
	return launcher_start(p, &w);
}

static int https_start(struct attempt *p)
{
	const struct check_settings *s = &p->settings;
	char program[PATH_MAX], address[ADDRESS_TEXT_MAX], host[CHECK_EXPECT_MAX + NUMBER_MAX];
	char port[NUMBER_MAX], low[NUMBER_MAX], high[NUMBER_MAX];
	bool six = s->address.family == FAMILY_IPV6;
	const char *name = s->host[0] ? s->host : address_format(&s->address, address);
	struct text t;

	address_format(&s->address, address);
	snprintf(program, sizeof(program), "%.4000s/" HTTPS, attempt_programs(p));
	snprintf(port, sizeof(port), "%u", s->port);
	snprintf(low, sizeof(low), "%u", s->status_low);
	snprintf(high, sizeof(high), "%u", s->status_high);
	text_init(&t, host, sizeof(host));
	text_add(&t, six && !s->host[0] ? "[%s]" : "%s", name);
	if (s->port != PORT_HTTPS)
		text_add(&t, ":%s", port);
	return launcher_start(p,
			      &(struct words){ { LAUNCHER, "--user", (char *)s->user, "--plain",
						 "--", program, address, port, (char *)name, host,
						 (char *)s->target, low, high, (char *)s->expect },
					       14 });
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

static void program_ready(struct attempt *p)
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

static void program_late(const struct attempt *p, char *text, size_t size)
{
	int64_t ms = duration_ms(p->settings.timeout);

	if (ms % 1000)
		snprintf(text, size, "no answer within %lldms: killed", (long long)ms);
	else
		snprintf(text, size, "no answer within %llds: killed", (long long)(ms / 1000));
}

static void program_over(struct attempt *p)
{
	if (p->program.pipe >= 0)
		close(p->program.pipe);
	p->program.pipe = -1;
}

static bool program_leave(struct attempt *p)
{
	program_over(p);
	return !p->program.reaped;
}

const struct attempt_method attempt_exec = { .start = exec_start,
					     .ready = program_ready,
					     .late = program_late,
					     .leave = program_leave,
					     .over = program_over,
					     .is_program = true };

const struct attempt_method attempt_https = { .start = https_start,
					      .ready = program_ready,
					      .late = program_late,
					      .leave = program_leave,
					      .over = program_over,
					      .is_program = true };
