/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	ABSENT ──connect──► GREETING ──WELCOME──► MET
 *	   │  ▲                 ▲  │               │
 *	 start └── in vain ──┐  │  └─ the end ─────┴──► ABSENT, and again after a while
 *	   ▼                 │  │
 *	STARTING ────────────┴──┘
 *
 * One step function moves it along, whether in the loop or, while vipd starts, before it.
 */
#include "vipd/guard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container.h"
#include "guard/channel.h"
#include "linux/clock.h"
#include "linux/program.h"
#include "linux/secret.h"
#include "vipd/wishes.h"

#define PROGRAM "vipd-guard"

/* A guard with ten thousand VIPs to say good-bye for needs seconds, and nobody may start meanwhile.
 */
#define AWAIT_MAX DURATION_S(60)
#define AWAIT_TOLD DURATION_S(1)

/* One that has nothing to do answers in a millisecond. */
#define MEET_MAX DURATION_S(2)
#define START_MAX DURATION_S(5)
#define START_LOOK DURATION_MS(2)
#define END_MAX_MS 1000

/* A guard that lasts for shorter than this is not replaced at once time and again. */
#define LASTING DURATION_S(10)
/* What the guard cannot be told now, because it is busy, is tried again. */
#define TELL_RETRY DURATION_MS(10)

#define DELAY_FIRST DURATION_MS(10)
#define DELAY_MAX DURATION_S(60)

enum client_state {
	CLIENT_ABSENT,	 /* to be looked for when it is due */
	CLIENT_STARTING, /* started; it does not answer yet */
	CLIENT_GREETING, /* HELLO is said */
	CLIENT_MET,
	CLIENT_LEFT,
};

struct guard_client {
	const char *directory;
	struct logbook *log;
	struct duration grace;
	enum client_state state;
	bool may_start; /* and complain of what goes wrong */
	bool vain;	/* something went wrong, and is not put right by waiting */
	int epoll;	/* readable when the guard has said something */
	int fd;		/* in GREETING and MET */
	pid_t child;	/* that we have started and not reaped; 0: none */
	struct instant due, start_until, met;
	struct duration delay;
	struct input_sink sink; /* `take` is NULL before the node has begun */
	struct wishes wishes;
	struct guard_counters counters;			/* as the guard has told them last */
	struct echo_request requests[GUARD_PROOFS_MAX]; /* of this turn of the loop */
	size_t n_requests;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t turn_ends;
};

static void disconnect(struct guard_client *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

/* Looks for a guard again, later each time. */
static void absent(struct guard_client *g, struct instant now)
{
	disconnect(g);
	g->state = CLIENT_ABSENT;
	g->due = instant_add(now, g->delay);
	g->delay.ns *= 2;
	if (g->delay.ns > DELAY_MAX.ns)
		g->delay = DELAY_MAX;
}

static void in_vain(struct guard_client *g, struct instant now, const char *reason)
{
	if (g->may_start)
		logbook_print(g->log, LOG_LEVEL_WARNING,
			      "vipd has no guard (%s): if it dies, nobody withdraws its VIPs",
			      reason);
	g->vain = true;
	absent(g, now);
}

/* Whether the one that we have started has ended; then `reason` says how. */
static bool child_ended(struct guard_client *g, char *reason, size_t size)
{
	int status;

	if (!g->child || waitpid(g->child, &status, WNOHANG) != g->child)
		return false;
	g->child = 0;
	if (WIFSIGNALED(status))
		snprintf(reason, size, "it was killed by signal %d", WTERMSIG(status));
	else
		snprintf(reason, size, "it ended with status %d", WEXITSTATUS(status));
	return true;
}

/*
 * Whether somebody may be waiting for the end of our stderr. The guard outlives us, and would keep
 * it open: he would wait for the guard. The stream to systemd's journal is a socket, too.
 */
static bool stderr_is_waited_for(void)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) < 0 || S_ISFIFO(st.st_mode))
		return true;
	return S_ISSOCK(st.st_mode) && !getenv("JOURNAL_STREAM");
}

static int attributes_make(posix_spawnattr_t *attributes)
{
	sigset_t none, ignored;
	int error;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
							     POSIX_SPAWN_SETSIGDEF);
	if (!error)
		error = posix_spawnattr_setsigmask(attributes, &none);
	return error ? error : posix_spawnattr_setsigdefault(attributes, &ignored);
}

static int actions_make(posix_spawn_file_actions_t *actions, bool without_stderr)
{
	int last = without_stderr ? STDERR_FILENO : STDOUT_FILENO;
	int error = 0;

	for (int fd = STDIN_FILENO; fd <= last && !error; fd++)
		error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	return error;
}

static int spawn(struct guard_client *g)
{
	bool to_syslog = stderr_is_waited_for();
	char *const arguments[] = { PROGRAM, "--state-dir", (char *)g->directory,
				    to_syslog ? "--syslog" : NULL, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char path[PATH_MAX], folder[PATH_MAX];
	int error;

	program_folder(PROGRAM, folder, sizeof(folder));
	if ((size_t)snprintf(path, sizeof(path), "%s/" PROGRAM, folder) >= sizeof(path))
		return -ENAMETOOLONG;
	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (!error) {
		error = attributes_make(&attributes);
		if (!error)
			error = actions_make(&actions, to_syslog);
		if (!error)
			error = posix_spawn(&g->child, path, &actions, &attributes, arguments,
					    environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

static int say(struct guard_client *g, enum guard_message_kind kind)
{
	return channel_send(g->fd, &(struct guard_message){ .kind = (uint8_t)kind,
							    .version = GUARD_VERSION,
							    .grace = g->grace });
}

static void wish_tell_node(struct guard_client *g, const struct wish *wish)
{
	struct input in = wish_input(wish);

	if (g->sink.take)
		input_pass(&g->sink, &in);
}

/* Tells the guard what it does not know yet, as far as it listens. */
static void wishes_tell(struct guard_client *g)
{
	struct wish *wish;

	while (g->state == CLIENT_MET && (wish = wishes_untold(&g->wishes))) {
		struct guard_message m = wish_message(wish);

		if (channel_send(g->fd, &m) < 0)
			return;
		wishes_told(wish);
	}
}

/* Nobody runs the sessions now. The next guard is told of those that are wanted. */
static void wishes_lost(struct guard_client *g)
{
	for (size_t k = 0; k < g->wishes.count; k++) {
		struct wish *wish = &g->wishes.list[k];

		if (!wish->used)
			continue;
		wish->told = wish->known = false;
		wish_tell_node(g, wish);
		if (!wish->wanted)
			wishes_told(wish);
	}
}

static void session_state(struct guard_client *g, const struct guard_message *m)
{
	enum wish_kind kind = m->kind == GUARD_BFD_STATE     ? WISH_BFD
			      : m->kind == GUARD_PROBE_STATE ? WISH_PROBE
							     : WISH_ECHO;
	struct wish *wish = wishes_find(&g->wishes, kind, &m->key, true);

	/* One that is about to be removed says nothing any more. */
	if (!wish || (!wish->told && !wish->wanted && wish->known))
		return;
	if (!wish->wanted)
		wish->told = true;
	wish->known = true;
	wish->state = m->state;
	wish->remote_state = m->remote_state;
	wish->diagnostic = m->diagnostic;
	wish->remote_diagnostic = m->remote_diagnostic;
	wish_tell_node(g, wish);
}

static void proved(struct guard_client *g, const struct guard_message *m)
{
	for (size_t k = 0; g->sink.take && k < m->n_proofs; k++)
		input_pass(&g->sink,
			   &(struct input){ .kind = INPUT_PROVED, .proved = m->proofs[k] });
}

static void greet(struct guard_client *g, struct instant now, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	g->fd = fd;
	g->state = CLIENT_GREETING;
	g->due = INSTANT_NEVER;
	if (epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		in_vain(g, now, strerror(errno));
	else if (say(g, GUARD_HELLO) < 0)
		absent(g, now);
}

static void start(struct guard_client *g, struct instant now)
{
	char unused[64], reason[128];
	int error;

	/* One that was killed has to be reaped before there is another. */
	(void)child_ended(g, unused, sizeof(unused));
	error = spawn(g);
	if (error) {
		g->child = 0;
		snprintf(reason, sizeof(reason), "cannot start " PROGRAM ": %s", strerror(-error));
		in_vain(g, now, reason);
		return;
	}
	g->state = CLIENT_STARTING;
	g->start_until = instant_add(now, START_MAX);
	g->due = instant_add(now, START_LOOK);
}

static void look(struct guard_client *g, struct instant now)
{
	int fd = channel_connect(g->directory);
	bool nobody = fd == -ENOENT || fd == -ECONNREFUSED;
	char reason[64] = "it does not answer";

	if (fd >= 0)
		greet(g, now, fd);
	else if (g->state == CLIENT_ABSENT && nobody && g->may_start)
		start(g, now);
	else if (g->state == CLIENT_ABSENT)
		in_vain(g, now, strerror(-fd));
	else if (child_ended(g, reason, sizeof(reason)) || instant_reached(g->start_until, now))
		in_vain(g, now, reason);
	else
		g->due = instant_add(now, START_LOOK);
}

static void welcomed(struct guard_client *g, struct instant now, const struct guard_message *m)
{
	if (m->version == GUARD_VERSION) {
		g->state = CLIENT_MET;
		g->met = now;
		wishes_tell(g);
		return;
	}
	logbook_print(g->log, LOG_LEVEL_NOTICE,
		      "the guard is one of version %u: it is replaced by one of version %u",
		      m->version, GUARD_VERSION);
	(void)say(g, GUARD_BYE);
	absent(g, now);
}

static void lost(struct guard_client *g, struct instant now)
{
	/* In GREETING: one that was about to end. */
	if (g->state == CLIENT_MET)
		logbook_print(g->log, LOG_LEVEL_WARNING, "the guard is gone: another is started");
	if (g->state == CLIENT_MET && instant_since(now, g->met).ns > LASTING.ns)
		g->delay = DELAY_FIRST;
	absent(g, now);
	g->counters = (struct guard_counters){ 0 };
	wishes_lost(g);
}

static void heard(struct guard_client *g, struct instant now, const struct guard_message *m)
{
	if (g->state == CLIENT_GREETING && m->kind == GUARD_WELCOME)
		welcomed(g, now, m);
	else if (g->state == CLIENT_GREETING && m->kind == GUARD_REFUSED)
		in_vain(g, now, "the one that is there guards another vipd");
	else if (g->state == CLIENT_MET && m->version == GUARD_VERSION &&
		 (m->kind == GUARD_BFD_STATE || m->kind == GUARD_PROBE_STATE ||
		  m->kind == GUARD_ECHO_STATE))
		session_state(g, m);
	else if (g->state == CLIENT_MET && m->version == GUARD_VERSION && m->kind == GUARD_COUNTERS)
		g->counters = m->counters;
	else if (g->state == CLIENT_MET && m->version == GUARD_VERSION && m->kind == GUARD_PROVED)
		proved(g, m);
}

static void listen_to(struct guard_client *g, struct instant now)
{
	struct guard_message m;

	while (g->fd >= 0) {
		int error = channel_receive(g->fd, &m);

		if (error == -EAGAIN)
			return;
		if (error == -ECONNRESET)
			lost(g, now);
		else if (!error)
			heard(g, now, &m);
	}
}

static void step(struct guard_client *g, struct instant now)
{
	switch (g->state) {
	case CLIENT_ABSENT:
	case CLIENT_STARTING:
		if (instant_reached(g->due, now))
			look(g, now);
		break;
	case CLIENT_GREETING:
	case CLIENT_MET:
		listen_to(g, now);
		wishes_tell(g);
		break;
	case CLIENT_LEFT:
		break;
	}
}

int guard_client_new(const char *state_directory, struct logbook *log, struct guard_client **ret)
{
	struct guard_client *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	*g = (struct guard_client){
		.directory = state_directory, .log = log, .fd = -1, .delay = DELAY_FIRST
	};
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll < 0) {
		int error = -errno;

		free(g);
		return error;
	}
	*ret = g;
	return 0;
}

void guard_client_free(struct guard_client *g)
{
	if (!g)
		return;
	disconnect(g);
	close(g->epoll);
	explicit_bzero(&g->wishes, sizeof(g->wishes));
	free(g);
}

static int timeout_ms(struct instant until, struct instant now)
{
	int64_t ms = (instant_since(until, now).ns + 999999) / 1000000;

	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Steps and waits, without the loop, until the guard is met or `until`; or is found to be absent.
 */
static void step_until(struct guard_client *g, struct instant until, struct instant told)
{
	struct pollfd p = { .fd = g->epoll, .events = POLLIN };
	struct instant now = clock_now();

	while (!instant_reached(until, now)) {
		struct instant next = instant_min(until, told);

		step(g, now);
		if (g->state == CLIENT_MET || g->vain ||
		    (g->state == CLIENT_ABSENT && !g->may_start))
			return;
		next = instant_min(next, g->due);
		(void)poll(&p, 1, timeout_ms(next, now));
		now = clock_now();
		if (!instant_reached(told, now))
			continue;
		told = INSTANT_NEVER;
		logbook_print(g->log, LOG_LEVEL_NOTICE,
			      "the guard is carrying out the last will of an earlier vipd: waiting "
			      "for its end");
	}
}

void guard_client_await(struct guard_client *g, struct duration grace)
{
	struct instant now = clock_now();

	g->grace = grace;
	g->may_start = false;
	step_until(g, instant_add(now, AWAIT_MAX), instant_add(now, AWAIT_TOLD));
}

void guard_client_start(struct guard_client *g, struct duration grace)
{
	struct instant now = clock_now();

	g->grace = grace;
	g->may_start = true;
	/* That nobody was there before says nothing of now. */
	g->vain = false;
	g->delay = DELAY_FIRST;
	if (g->state == CLIENT_ABSENT)
		g->due = now;
	step(g, now);
}

void guard_client_meet(struct guard_client *g)
{
	if (!g->vain)
		step_until(g, instant_add(clock_now(), MEET_MAX), INSTANT_NEVER);
}

static void turn(struct guard_client *g);

static void timer_fired(uv_timer_t *timer)
{
	turn(timer->data);
}

static void poll_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void turn(struct guard_client *g)
{
	struct instant now = clock_now();

	step(g, now);
	if (g->state == CLIENT_ABSENT || g->state == CLIENT_STARTING)
		uv_timer_start(&g->timer, timer_fired, (uint64_t)timeout_ms(g->due, now), 0);
	else if (g->state == CLIENT_MET && wishes_untold(&g->wishes))
		uv_timer_start(&g->timer, timer_fired, (uint64_t)duration_ms(TELL_RETRY), 0);
	else
		uv_timer_stop(&g->timer);
}

int guard_client_watch(struct guard_client *g, uv_loop_t *loop)
{
	int error = uv_timer_init(loop, &g->timer);

	if (!error) {
		g->timer.data = g;
		error = uv_poll_init(loop, &g->poll, g->epoll);
	}
	if (!error) {
		g->poll.data = g;
		error = uv_prepare_init(loop, &g->turn_ends);
	}
	if (!error) {
		g->turn_ends.data = g;
		error = uv_poll_start(&g->poll, UV_READABLE, poll_ready);
	}
	if (!error)
		turn(g);
	return error;
}

void guard_client_unwatch(struct guard_client *g)
{
	if (!g)
		return;
	if (g->timer.data)
		uv_close((uv_handle_t *)&g->timer, NULL);
	if (g->poll.data)
		uv_close((uv_handle_t *)&g->poll, NULL);
	if (g->turn_ends.data)
		uv_close((uv_handle_t *)&g->turn_ends, NULL);
	g->timer.data = g->poll.data = g->turn_ends.data = NULL;
}

void guard_client_attend(struct guard_client *g, const struct input_sink *sink)
{
	g->sink = *sink;
	for (size_t k = 0; k < g->wishes.count; k++)
		if (g->wishes.list[k].used && g->wishes.list[k].known)
			wish_tell_node(g, &g->wishes.list[k]);
}

/* What cannot be asked of the guard now has not been tried: the node is told so at once. */
static void requests_say(struct guard_client *g)
{
	struct guard_message m = { .kind = GUARD_PROVE,
				   .version = GUARD_VERSION,
				   .n_requests = (uint8_t)g->n_requests };

	memcpy(m.requests, g->requests, g->n_requests * sizeof(*g->requests));
	/* What the node wants when it hears of these is said behind them. */
	g->n_requests = 0;
	if (g->state == CLIENT_MET && channel_send(g->fd, &m) == 0)
		return;
	for (size_t k = 0; g->sink.take && k < m.n_requests; k++)
		input_pass(
			&g->sink,
			&(struct input){ .kind = INPUT_PROVED,
					 .proved = { .token = m.requests[k].token,
						     .outcome = ECHO_OUTCOME_UNREACHED,
						     .path = m.requests[k].path,
						     .destination = m.requests[k].destination } });
}

static void turn_ended(uv_prepare_t *turn_ends)
{
	struct guard_client *g = turn_ends->data;

	uv_prepare_stop(turn_ends);
	while (g->n_requests > 0)
		requests_say(g);
}

/* What the node wants in one turn of the loop wakes the guard once. */
static void prove(struct guard_client *g, const struct echo_request *request)
{
	g->requests[g->n_requests++] = *request;
	if (g->n_requests == ARRAY_LENGTH(g->requests) || !g->turn_ends.data)
		requests_say(g);
	else
		uv_prepare_start(&g->turn_ends, turn_ended);
}

void guard_client_want(struct guard_client *g, const struct effect *e)
{
	struct bfd_params bfd = e->bfd.params;
	char why[256];

	if (e->kind == EFFECT_PROVE) {
		prove(g, &e->prove);
		return;
	}
	/* Without its secrets the session is not run, or runs on with those that it has. */
	if (e->kind == EFFECT_BFD && !e->bfd.remove &&
	    secrets_read_bfd(&e->bfd.auth, &bfd, why, sizeof(why)) < 0) {
		logbook_print(g->log, LOG_LEVEL_ERROR, "BFD with %s: %s",
			      ADDRESS_TEXT(&e->bfd.key.peer), why);
		return;
	}
	wishes_want(&g->wishes, e, &bfd);
	explicit_bzero(&bfd, sizeof(bfd));
	if (g->timer.data)
		turn(g);
	else
		wishes_tell(g);
}

void guard_client_grace(struct guard_client *g, struct duration grace)
{
	if (g->grace.ns == grace.ns)
		return;
	g->grace = grace;
	/* One that is still to be met hears it then; one that cannot be told is found to be gone.
	 */
	if (g->state == CLIENT_MET)
		(void)say(g, GUARD_HELLO);
}

bool guard_client_counters(const struct guard_client *g, struct guard_counters *ret)
{
	*ret = g->counters;
	return g->state == CLIENT_MET;
}

bool guard_client_started(const struct guard_client *g)
{
	return g->child != 0;
}

/* Waits until the other side has closed the connection, whatever it still says. */
static void end_await(struct guard_client *g)
{
	struct instant until = instant_add(clock_now(), DURATION_MS(END_MAX_MS));
	struct pollfd p = { .fd = g->fd, .events = POLLIN };
	struct guard_message m;

	while (channel_receive(g->fd, &m) != -ECONNRESET) {
		if (instant_reached(until, clock_now())) {
			logbook_print(g->log, LOG_LEVEL_WARNING, "the guard does not end");
			return;
		}
		(void)poll(&p, 1, timeout_ms(until, clock_now()));
	}
}

/* Until it has ended, or has had its time to. */
static void child_await(struct guard_client *g)
{
	struct pollfd p = { .events = POLLIN };
	char unused[64];

	if (!g->child)
		return;
	p.fd = pidfd_open(g->child, 0);
	if (p.fd >= 0) {
		(void)poll(&p, 1, END_MAX_MS);
		close(p.fd);
	}
	(void)child_ended(g, unused, sizeof(unused));
}

void guard_client_leave(struct guard_client *g, enum guard_message_kind kind)
{
	/* One that has not heard of us yet has nothing to guard. */
	if (g->state == CLIENT_STARTING && g->child)
		kill(g->child, SIGTERM);
	if (g->fd >= 0 && say(g, kind) == 0)
		end_await(g);
	disconnect(g);
	child_await(g);
	g->state = CLIENT_LEFT;
}
