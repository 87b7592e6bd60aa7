/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop: one thread, one epoll, one timer that is set to an absolute time. All descriptors are
 * looked at in each turn but those about the sessions alone, and none of them is ever waited for
 * but in epoll_wait().
 */
#include "guard/guard.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "guard/channel.h"
#include "guard/echoing.h"
#include "guard/executor.h"
#include "guard/liveness.h"
#include "guard/probing.h"
#include "guard/yield.h"
#include "linux/clock.h"
#include "node/will.h"

/* Who started it says HELLO at once. If nobody does, there is nothing to guard. */
#define NOBODY_MAX DURATION_S(10)

/* A vipd that has the state directory and has not come here yet will come, or free it. */
#define LOCKED_RETRY DURATION_MS(500)

enum guard_state {
	GUARD_ALONE,	 /* nobody has come yet, or nobody is left of those that came */
	GUARD_WATCHING,	 /* vipd lives */
	GUARD_GRACE,	 /* it is dead, and may come back */
	GUARD_EXECUTING, /* it has not come back */
	GUARD_ENDED,
};

/* vipd is told so often of what is counted. */
#define COUNTERS_EVERY DURATION_S(1)

struct guard {
	const char *directory;
	struct notes *notes;
	struct channel_door door;
	int epoll, signals, timer;
	enum guard_state state;
	bool stays;	 /* until a signal comes */
	int vipd, guest; /* connections; -1: none. A guest has not said HELLO yet */
	pid_t vipd_pid, guest_pid;
	struct duration grace;
	struct instant died;
	struct instant due; /* ALONE: to end, or never; GRACE: to carry out the will */
	bool told_locked;
	struct liveness *liveness; /* owned: the BFD sessions */
	struct probing *probing;   /* owned: the probes */
	struct echoing *echoing;   /* owned: the echo */
	struct executor *executor; /* owned; EXECUTING */
	bool remains_watched;
	struct instant turned;	  /* the last turn began then */
	struct instant timer_due; /* the timer stands there */
	struct guard_counters counters;
	struct instant counted; /* vipd was told of them last */
};

static void close_if(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What epoll says of a descriptor. */
enum matter {
	MATTER_ANY,	 /* all there is to look at is looked at */
	MATTER_LIVENESS, /* it is about the sessions alone, whose packets come by the thousand */
};

static int watch_for(const struct guard *g, int operation, int fd, uint32_t events,
		     enum matter matter)
{
	struct epoll_event e = { .events = events, .data.u32 = matter };

	return epoll_ctl(g->epoll, operation, fd, &e) < 0 ? -errno : 0;
}

static int watch(const struct guard *g, int operation, int fd, uint32_t events)
{
	return watch_for(g, operation, fd, events, MATTER_ANY);
}

static void end(struct guard *g, const char *why)
{
	notes_print(g->notes, LOG_LEVEL_INFO, "%s: the guard ends", why);
	g->state = GUARD_ENDED;
}

/* From now on somebody may come, but who has started us to stay does not want us to end. */
static void alone(struct guard *g)
{
	g->state = GUARD_ALONE;
	g->due = g->stays ? INSTANT_NEVER : instant_add(clock_now(), NOBODY_MAX);
}

static void sessions_end(struct guard *g)
{
	echoing_stop(g->echoing);
	probing_stop(g->probing);
	liveness_farewell(g->liveness);
}

static void sessions_run(struct guard *g, struct instant now)
{
	liveness_run(g->liveness, now);
	probing_run(g->probing, now);
	echoing_run(g->echoing, now);
}

/*
 * vipd has left in good order. One of another version does not want us, and starts a guard of its
 * own when we are gone.
 */
static void vipd_left(struct guard *g, const struct guard_message *m, const char *why)
{
	/* The neighbours hear of it before anybody can come after us. */
	sessions_end(g);
	if (!g->stays || m->version != GUARD_VERSION) {
		end(g, why);
		return;
	}
	notes_print(g->notes, LOG_LEVEL_INFO, "%s: the guard stays for the next", why);
	close_if(&g->vipd);
	alone(g);
}

static void vipd_away(struct guard *g, enum log_level level, const char *what)
{
	close_if(&g->vipd);
	g->state = GUARD_GRACE;
	g->died = clock_now();
	g->due = instant_add(g->died, g->grace);
	g->told_locked = false;
	notes_print(g->notes, level,
		    "vipd (process %d) %s: unless it is back in %" PRId64
		    " ms, its VIPs are withdrawn and removed",
		    (int)g->vipd_pid, what, duration_ms(g->grace));
}

/* The connection has ended, or vipd has closed it without a word: it is dead. */
static void vipd_died(struct guard *g)
{
	vipd_away(g, LOG_LEVEL_WARNING, "has died");
}

static void vipd_says(struct guard *g, const struct guard_message *m)
{
	switch ((enum guard_message_kind)m->kind) {
	case GUARD_HELLO:
		if (m->version == GUARD_VERSION)
			g->grace = m->grace;
		break;
	case GUARD_BYE:
		vipd_left(g, m, "vipd has stopped");
		break;
	case GUARD_HAND_OVER:
		vipd_left(g, m, "vipd hands over to the next");
		break;
	case GUARD_RESTART:
		vipd_away(g, LOG_LEVEL_NOTICE, "is restarted");
		break;
	case GUARD_BFD_SET:
	case GUARD_BFD_REMOVE:
		if (m->version == GUARD_VERSION)
			liveness_command(g->liveness, clock_now(), m);
		break;
	case GUARD_PROBE_SET:
	case GUARD_PROBE_REMOVE:
		if (m->version == GUARD_VERSION)
			probing_command(g->probing, clock_now(), m);
		break;
	case GUARD_ECHO_SET:
	case GUARD_ECHO_REMOVE:
	case GUARD_PROVE:
		if (m->version == GUARD_VERSION)
			echoing_command(g->echoing, clock_now(), m);
		break;
	case GUARD_WELCOME:
	case GUARD_REFUSED:
	case GUARD_BFD_STATE:
	case GUARD_PROBE_STATE:
	case GUARD_ECHO_STATE:
	case GUARD_PROVED:
	case GUARD_COUNTERS:
	case GUARD_YIELD:
		break;
	}
}

static void vipd_listen(struct guard *g)
{
	struct guard_message m;

	while (g->vipd >= 0 && g->state != GUARD_ENDED) {
		int error = channel_receive(g->vipd, &m);

		if (error == -EAGAIN)
			return;
		if (error == -ECONNRESET)
			vipd_died(g);
		else if (error)
			notes_print(g->notes, LOG_LEVEL_WARNING,
				    "vipd says something that is not understood");
		else
			vipd_says(g, &m);
	}
}

static void answer(int fd, enum guard_message_kind kind)
{
	/* Who does not hear it has gone, which is noticed anyway. */
	(void)channel_send(
		fd, &(struct guard_message){ .kind = (uint8_t)kind, .version = GUARD_VERSION });
}

/* The guest has said HELLO, and there is no other vipd. */
static void guest_becomes_vipd(struct guard *g, const struct guard_message *m)
{
	g->grace = m->version == GUARD_VERSION ? m->grace : WILL_GRACE_DEFAULT;
	if (g->state == GUARD_GRACE)
		notes_print(g->notes, LOG_LEVEL_NOTICE,
			    "vipd (process %d) is back, after %" PRId64 " ms", (int)g->guest_pid,
			    duration_ms(instant_since(clock_now(), g->died)));
	else
		notes_print(g->notes, LOG_LEVEL_INFO,
			    "guards vipd (process %d) with a grace time of %" PRId64 " ms",
			    (int)g->guest_pid, duration_ms(g->grace));
	g->vipd = g->guest;
	g->vipd_pid = g->guest_pid;
	g->guest = -1;
	g->state = GUARD_WATCHING;
	answer(g->vipd, GUARD_WELCOME);
	liveness_tell_all(g->liveness);
	probing_tell_all(g->probing);
	echoing_tell_all(g->echoing);
}

static void guest_listen(struct guard *g)
{
	struct guard_message m;
	int error;

	if (g->guest < 0)
		return;
	error = channel_receive(g->guest, &m);
	if (error == -EAGAIN)
		return;
	/* A death that is not noticed yet was before the HELLO of the next. */
	vipd_listen(g);
	if (!error && m.kind == GUARD_HELLO && g->vipd < 0) {
		guest_becomes_vipd(g, &m);
		return;
	}
	/* vipd finds the other one as it would after our death. */
	if (!error && m.kind == GUARD_YIELD &&
	    (g->state == GUARD_WATCHING || g->state == GUARD_ALONE))
		end(g, "another guard takes over");
	/* Of a guard that ends the guest hears nothing but the end, and starts another. */
	if (!error && g->state != GUARD_ENDED)
		answer(g->guest, GUARD_REFUSED);
	close_if(&g->guest);
}

static void guests_come(struct guard *g)
{
	for (;;) {
		pid_t pid;
		int fd = channel_accept(&g->door, &pid);

		if (fd == -EAGAIN)
			return;
		if (fd == -EPERM)
			notes_print(g->notes, LOG_LEVEL_WARNING, "a stranger is sent away");
		if (fd == -EPERM || fd == -EINTR || fd == -ECONNABORTED)
			continue;
		if (fd < 0)
			return;
		/* One who came before and said nothing has had his time. */
		guest_listen(g);
		close_if(&g->guest);
		g->guest = fd;
		g->guest_pid = pid;
		if (watch(g, EPOLL_CTL_ADD, fd, EPOLLIN) < 0)
			close_if(&g->guest);
		guest_listen(g);
	}
}

/* Nobody is left whose will could be carried out. */
static void execution_forgo(struct guard *g)
{
	sessions_end(g);
	alone(g);
	if (!g->stays)
		end(g, "somebody else looks after what is left");
}

static const char *why_wait(int error)
{
	if (error == -EWOULDBLOCK)
		return "another vipd has its state directory";
	if (error == -EBUSY)
		return "another guard is at work in this network namespace";
	return strerror(-error);
}

static void execution_begin(struct guard *g)
{
	struct instant now = clock_now();
	int error;

	/* What is written there now is another vipd's, and so may be what is in the kernel. */
	if (channel_is_replaced(&g->door, g->directory)) {
		end(g, "the state directory is another one now");
		return;
	}
	error = executor_new(g->directory, g->notes, now, &g->executor);
	if (error == -EADDRINUSE) {
		execution_forgo(g);
		return;
	}
	if (error) {
		if (!g->told_locked)
			notes_print(g->notes, LOG_LEVEL_NOTICE, "the will of process %d waits: %s",
				    (int)g->vipd_pid, why_wait(error));
		g->told_locked = true;
		g->due = instant_add(now, LOCKED_RETRY);
		return;
	}
	sessions_end(g);
	/* Whoever comes now waits at the door until all is done. */
	close_if(&g->guest);
	(void)watch(g, EPOLL_CTL_MOD, g->door.fd, 0);
	g->state = GUARD_EXECUTING;
	g->remains_watched = false;
}

/* All is done. A vipd that has come meanwhile is welcome; else there is nothing left to guard. */
static void execution_end(struct guard *g)
{
	executor_free(g->executor);
	g->executor = NULL;
	alone(g);
	(void)watch(g, EPOLL_CTL_MOD, g->door.fd, EPOLLIN);
	guests_come(g);
	if (g->state == GUARD_ALONE && g->guest < 0 && !g->stays)
		end(g, "nothing is left of vipd");
}

static void execute(struct guard *g)
{
	bool done = executor_run(g->executor, clock_now());
	int fd = executor_fd(g->executor);

	if (done) {
		execution_end(g);
	} else if (fd >= 0 && !g->remains_watched) {
		g->remains_watched = true;
		(void)watch(g, EPOLL_CTL_ADD, fd, EPOLLIN);
	}
}

/*
 * Somebody wants the guard to end. One that is needed ends with vipd; but a service of its own goes
 * when it is stopped, because it can be started again, and vipd helps itself until then. A will is
 * carried out at once.
 */
static void told_to_end(struct guard *g)
{
	bool stays = g->stays;

	g->stays = false;
	switch (g->state) {
	case GUARD_ALONE:
		end(g, "a signal came");
		break;
	case GUARD_WATCHING:
		if (stays) {
			end(g, "a signal came, and vipd starts another guard");
			break;
		}
		notes_print(g->notes, LOG_LEVEL_NOTICE,
			    "a signal came, but vipd (process %d) lives: the guard ends with it",
			    (int)g->vipd_pid);
		break;
	case GUARD_GRACE:
		g->due = clock_now();
		break;
	case GUARD_EXECUTING:
	case GUARD_ENDED:
		break;
	}
}

static void signals_read(struct guard *g)
{
	struct signalfd_siginfo info;

	while (read(g->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		told_to_end(g);
}

static struct instant deadline(const struct guard *g)
{
	switch (g->state) {
	case GUARD_ALONE:
	case GUARD_GRACE:
		return g->due;
	case GUARD_EXECUTING:
		return executor_deadline(g->executor);
	case GUARD_WATCHING:
	case GUARD_ENDED:
		break;
	}
	return INSTANT_NEVER;
}

/* Sets the timer, if it does not stand there already. */
static int timer_wait(struct guard *g, struct instant due)
{
	struct itimerspec when = { 0 };

	if (due.ns == g->timer_due.ns)
		return 0;
	g->timer_due = due;
	if (!instant_is_never(due)) {
		/* Zero would mean never. */
		int64_t ns = due.ns > 0 ? due.ns : 1;

		when.it_value.tv_sec = ns / 1000000000;
		when.it_value.tv_nsec = ns % 1000000000;
	}
	return timerfd_settime(g->timer, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

/*
 * Where the sessions have a pace, sleeps until the next turn may come, and sees what there is by
 * then. 0 when there is none, or nothing.
 */
static int wait_paced(struct guard *g, struct instant next, struct epoll_event *events, int count)
{
	struct timespec at = { next.ns / 1000000000, next.ns % 1000000000 };

	if (next.ns == g->turned.ns)
		return 0;
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	return epoll_wait(g->epoll, events, count, 0);
}

/* How late we are run: the sessions were due then. */
static void delay_count(struct guard *g, struct instant due)
{
	static const uint32_t bounds[] = GUARD_DELAY_BOUNDS;
	struct guard_counters *c = &g->counters;
	uint64_t us = (uint64_t)instant_since(g->turned, due).ns / 1000;
	size_t k = 0;

	_Static_assert(ARRAY_LENGTH(bounds) + 1 == GUARD_DELAYS, "the last has no bound");
	while (k < ARRAY_LENGTH(bounds) && us > bounds[k])
		k++;
	c->delays[k]++;
	c->delay_sum_us += us;
	if (us > c->delay_worst_us)
		c->delay_worst_us = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/* *ret_all: something may have happened that is not about the sessions. */
static int wait(struct guard *g, bool *ret_all)
{
	struct epoll_event events[8];
	struct instant paced = instant_add(g->turned, liveness_pace(g->liveness, g->turned));
	struct instant sessions, due;
	int n = wait_paced(g, paced, events, 8), error = 0;

	sessions = instant_min(liveness_deadline(g->liveness), probing_deadline(g->probing));
	sessions = instant_min(sessions, echoing_deadline(g->echoing));
	due = instant_min(deadline(g), sessions);
	if (n == 0) {
		error = timer_wait(g, due);
		if (error)
			return error;
		n = epoll_wait(g->epoll, events, 8, -1);
	}
	if (n < 0 && errno != EINTR)
		return -errno;
	g->turned = clock_now();
	/* 0: there is something to be sent since before. */
	if (sessions.ns > 0 && instant_reached(sessions, g->turned))
		delay_count(g, instant_max(sessions, paced));
	*ret_all = n < 0 || instant_reached(deadline(g), g->turned);
	for (int i = 0; i < n; i++)
		*ret_all |= events[i].data.u32 != MATTER_LIVENESS;
	return 0;
}

static void session_watched(void *context, int fd)
{
	(void)watch_for(context, EPOLL_CTL_ADD, fd, EPOLLIN, MATTER_LIVENESS);
}

static bool session_told(void *context, const struct guard_message *m)
{
	const struct guard *g = context;

	/* Nobody is there, or he has gone: the next one is told of all. */
	return g->vipd < 0 || channel_send(g->vipd, m) != -EAGAIN;
}

/* What is counted is told now and then, while there is something to count. */
static void counters_tell(struct guard *g)
{
	struct guard_message m = { .kind = GUARD_COUNTERS, .version = GUARD_VERSION };

	if (g->vipd < 0 || !instant_reached(instant_add(g->counted, COUNTERS_EVERY), g->turned))
		return;
	g->counted = g->turned;
	liveness_count(g->liveness, &g->counters);
	probing_count(g->probing, &g->counters);
	echoing_count(g->echoing, &g->counters);
	m.counters = g->counters;
	(void)channel_send(g->vipd, &m);
}

static void turn(struct guard *g, bool all)
{
	sessions_run(g, g->turned);
	counters_tell(g);
	if (!all)
		return;
	signals_read(g);
	vipd_listen(g);
	if (g->state != GUARD_EXECUTING && g->state != GUARD_ENDED) {
		guests_come(g);
		guest_listen(g);
	}
	if (g->state == GUARD_EXECUTING)
		execute(g);
	else if (instant_reached(deadline(g), clock_now()) && g->state == GUARD_ALONE)
		end(g, "nobody has come");
	else if (instant_reached(deadline(g), clock_now()) && g->state == GUARD_GRACE)
		execution_begin(g);
	/* What vipd has asked for meanwhile goes out at once. */
	sessions_run(g, clock_now());
}

static int descriptors_open(struct guard *g)
{
	sigset_t set;
	int error;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	g->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	g->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (g->epoll < 0 || g->signals < 0 || g->timer < 0)
		return -errno;
	error = g->stays ? yield_open(g->directory, g->notes, &g->door)
			 : channel_open(g->directory, &g->door);
	if (!error)
		error = watch(g, EPOLL_CTL_ADD, g->door.fd, EPOLLIN);
	if (!error)
		error = watch(g, EPOLL_CTL_ADD, g->signals, EPOLLIN);
	/* What the timer has said once it need not say again, and nobody reads it. */
	return error ? error
		     : watch_for(g, EPOLL_CTL_ADD, g->timer, EPOLLIN | EPOLLET, MATTER_LIVENESS);
}

/* What is left of the connections goes last: vipd waits for their end to know of ours. */
static void descriptors_close(struct guard *g)
{
	executor_free(g->executor);
	liveness_free(g->liveness);
	probing_free(g->probing);
	echoing_free(g->echoing);
	channel_close(&g->door);
	close_if(&g->timer);
	close_if(&g->signals);
	close_if(&g->epoll);
	close_if(&g->guest);
	close_if(&g->vipd);
}

int guard_run(const char *directory, struct notes *notes, const struct manager *manager, bool stays)
{
	struct guard g = { .directory = directory,
			   .notes = notes,
			   .door = { -1, -1, -1 },
			   .epoll = -1,
			   .signals = -1,
			   .timer = -1,
			   .vipd = -1,
			   .guest = -1,
			   .timer_due = INSTANT_NEVER,
			   .grace = WILL_GRACE_DEFAULT,
			   .stays = stays };
	const struct liveness_hooks hooks = { &g, session_watched, session_told };
	int error = descriptors_open(&g);

	if (!error)
		error = liveness_new(&hooks, notes, &g.liveness);
	if (!error)
		error = probing_new(&hooks, notes, &g.probing);
	if (!error)
		error = echoing_new(&hooks, notes, &g.echoing);
	alone(&g);
	if (!error)
		(void)manager_tell(manager, "READY=1");
	while (!error && g.state != GUARD_ENDED) {
		bool all = false;

		error = wait(&g, &all);
		if (!error)
			turn(&g, all);
	}
	if (error)
		notes_print(notes, LOG_LEVEL_ERROR, "%s: %s", directory,
			    error == -EWOULDBLOCK ? "it has a guard already" : strerror(-error));
	if (g.liveness && g.probing && g.echoing)
		sessions_end(&g);
	descriptors_close(&g);
	return error;
}
