/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-check: runs the program of a health check, once, and says on one line how it ended.
 *
 *	vipd ──pipe── vipd-check ──fork── program ── whatever it starts
 *
 * The line begins with '+' when it is well and with '-' when not; the rest is for a person. vipd
 * that does not want to know any more closes its end of the pipe, or is dead. Either way nobody
 * listens then, and whatever the program has become, it is ended. In any case nothing of it is left
 * when vipd-check ends.
 *
 * A process of its own, because vipd is too large to fork, and because somebody must be left who
 * has the right to end what runs as another user.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "check/family.h"
#include "check/place.h"
#include "check/program.h"

#define EXIT_USAGE 2

/* vipd has started us. */
#define NOBODY_ASKED ((uid_t)-1)

/* Of the first line of what the program says. */
#define WORDS_MAX 160

/* So much is read every few milliseconds. Whoever floods us waits most of the time. */
#define READ_BYTES 65536
#define READ_PAUSE_MS 10

struct words {
	char line[WORDS_MAX];
	size_t length;
	bool ended; /* the first line is over */
};

struct launch {
	struct program program;
	struct words words;
	bool plain;  /* what the program says is all that is to be said */
	uid_t asker; /* who has asked the place of checks for it; NOBODY_ASKED */
};

enum option_name {
	OPTION_USER = 1,
	OPTION_NAME,
	OPTION_ADDRESS,
	OPTION_PLAIN,
	OPTION_SERVE,
	OPTION_VERSION,
};

static const struct option names[] = {
	{ "user", required_argument, NULL, OPTION_USER },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "address", required_argument, NULL, OPTION_ADDRESS },
	{ "plain", no_argument, NULL, OPTION_PLAIN },
	{ "serve", no_argument, NULL, OPTION_SERVE },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int usage(void)
{
	fputs("usage: vipd-check --user USER [--name CHECK] [--address ADDRESS] [--plain] -- "
	      "PROGRAM [ARGUMENT ...]\n"
	      "       vipd-check --serve | --version\n"
	      "vipd starts it by itself, or a service manager does, to --serve.\n",
	      stderr);
	return EXIT_USAGE;
}

static int verdict(bool well, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The line goes out in one piece. Nobody may be there to read it. */
static int verdict(bool well, const char *format, ...)
{
	char line[WORDS_MAX + 80];
	size_t length;
	va_list args;

	line[0] = well ? '+' : '-';
	va_start(args, format);
	vsnprintf(line + 1, sizeof(line) - 2, format, args);
	va_end(args);
	length = strlen(line);
	line[length++] = '\n';
	return write(STDOUT_FILENO, line, length) == (ssize_t)length && well ? EXIT_SUCCESS
									     : EXIT_FAILURE;
}

static void words_take(struct words *w, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && !w->ended; i++) {
		if (bytes[i] == '\n')
			w->ended = w->length > 0;
		else if (w->length < sizeof(w->line))
			w->line[w->length++] = bytes[i];
		else
			w->ended = true;
	}
}

/* At the end of it the descriptor is closed, and no more waited for. */
static void output_read(struct launch *l)
{
	static char bytes[READ_BYTES];
	ssize_t n = read(l->program.output, bytes, sizeof(bytes));

	if (n > 0) {
		words_take(&l->words, bytes, (size_t)n);
	} else if (n == 0 || errno != EAGAIN) {
		close(l->program.output);
		l->program.output = -1;
	}
}

/* Waits until the program has ended. False: nobody listens any more. */
static bool program_await(struct launch *l)
{
	struct pollfd fds[] = {
		/* An error is all that is waited for: of a pipe, or the end of a connection. */
		{ .fd = STDOUT_FILENO, .events = POLLRDHUP },
		{ .fd = l->program.pidfd, .events = POLLIN },
		{ .events = POLLIN },
	};
	bool paused = false;

	for (;;) {
		int n;

		fds[2].fd = paused ? -1 : l->program.output;
		n = poll(fds, ARRAY_LENGTH(fds), paused ? READ_PAUSE_MS : -1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || fds[0].revents)
			return false;
		if (fds[1].revents)
			return true;
		paused = !paused;
		if (paused)
			output_read(l);
	}
}

static int outcome(const struct launch *l, int status)
{
	char said[WORDS_MAX + 1];
	struct text t;
	int error = program_refusal(&l->program);

	text_init(&t, said, sizeof(said));
	text_add_printable(&t, l->words.line, l->words.length);
	if (error)
		return verdict(false, "%s cannot be run: %s", l->program.arguments[0],
			       strerror(error));
	if (WIFSIGNALED(status))
		return verdict(false, "killed by signal %d%s%s", WTERMSIG(status),
			       *said ? ": " : "", said);
	if (l->plain && *said)
		return verdict(WEXITSTATUS(status) == 0, "%s", said);
	return verdict(WEXITSTATUS(status) == 0, "exited with %d%s%s", WEXITSTATUS(status),
		       *said ? ": " : "", said);
}

static int launch(struct launch *l)
{
	int status = 0, error;
	bool listened;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return verdict(false, "cannot be run: %s", strerror(errno));
	error = program_start(&l->program);
	program_keep_kill();
	if (error) {
		family_end();
		return verdict(false, "cannot be run: %s", strerror(-error));
	}
	listened = program_await(l);
	/* Whoever cannot be found one by one is found by this; its number is taken until we reap.
	 */
	(void)kill(-l->program.pid, SIGKILL);
	if (!listened) {
		family_end();
		return EXIT_FAILURE;
	}
	while (waitpid(l->program.pid, &status, 0) < 0 && errno == EINTR)
		continue;
	output_read(l);
	family_end();
	return outcome(l, status);
}

/* The few things that a program is told. They are not freed. */
static void environment_add(struct program *p, size_t i, const char *name, const char *value)
{
	if (asprintf(&p->environment[i], "%s=%s", name, value) < 0)
		p->environment[i] = NULL;
}

static int user_find(struct program *p, const char *name)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (!user)
		return errno ? -errno : -ENOENT;
	p->user = user->pw_uid;
	p->group = user->pw_gid;
	return 0;
}

/*
 * No check has the rights of root, of vipd or of the place itself: whoever gets hold of vipd would
 * have them, too.
 */
static bool user_may_be(const struct launch *l)
{
	return l->asker == NOBODY_ASKED ||
	       (l->program.user != 0 && l->program.user != l->asker && l->program.user != getuid());
}

static int launch_as(struct launch *l, const char *user, const char *check, const char *address)
{
	environment_add(&l->program, 0, "PATH",
			"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	environment_add(&l->program, 1, "VIPD_CHECK", check);
	if (address)
		environment_add(&l->program, 2, "VIPD_ADDRESS", address);
	if (user_find(&l->program, user) < 0)
		return verdict(false, "cannot be run: there is no user '%s'", user);
	if (!user_may_be(l))
		return verdict(false, "cannot be run: a check of this service is not run as '%s'",
			       user);
	return launch(l);
}

/* A command line, of this process or of who asks the place of checks. */
static int launch_words(int argc, char **argv, uid_t asker)
{
	const char *user = NULL, *check = "", *address = NULL;
	struct launch l = { .asker = asker };
	int name;

	optind = 0;
	while ((name = getopt_long(argc, argv, "+", names, NULL)) != -1) {
		switch (name) {
		case OPTION_USER:
			user = optarg;
			break;
		case OPTION_NAME:
			check = optarg;
			break;
		case OPTION_ADDRESS:
			address = optarg;
			break;
		case OPTION_PLAIN:
			l.plain = true;
			break;
		case OPTION_SERVE:
			return asker == NOBODY_ASKED ? place_serve(launch_words) : usage();
		case OPTION_VERSION:
			puts("vipd-check " VIPD_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage();
		}
	}
	if (!user || optind >= argc)
		return usage();
	/* Whatever vipd had open is not for us. */
	close_range(STDERR_FILENO + 1, ~0u, 0);
	signal(SIGPIPE, SIG_IGN);
	l.program.arguments = argv + optind;
	return launch_as(&l, user, check, address);
}

int main(int argc, char **argv)
{
	return launch_words(argc, argv, NOBODY_ASKED);
}
