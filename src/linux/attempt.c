/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	WAITING ──its turn──► ASKING ──answer, timeout, off──► OVER
 *	                        └──────────────────► LEAVING ───┘
 *
 * LEAVING is for what cannot be ended at once: a program that is being killed, a file system that
 * does not answer. The same run is not started a second time meanwhile; it is asked when the first
 * is gone, or fails.
 */
#include "linux/attempt.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "linux/clock.h"

struct checks {
	uv_loop_t *loop;
	struct input_sink sink;
	struct hash by_run;
	struct list networks, programs;	 /* that wait for their turn */
	unsigned n_networks, n_programs; /* that ask */
	unsigned n_attempts;		 /* that the loop knows */
	bool turning;			 /* checks_turn() is on the stack */
	char folder[PATH_MAX];		 /* of the programs */
};

static struct attempt *attempt_find(const struct checks *c, uint32_t run)
{
	struct hash_node *node = hash_first(&c->by_run, run);

	return node ? container_of(node, struct attempt, by_run) : NULL;
}

static unsigned *attempt_count(const struct attempt *p)
{
	return p->method->is_program ? &p->set->n_programs : &p->set->n_networks;
}

static void handle_closed(uv_handle_t *handle)
{
	struct attempt *p = handle->data;

	if (--p->handles > 0)
		return;
	p->set->n_attempts--;
	free(p);
}

static void handle_close(struct attempt *p, uv_handle_t *handle)
{
	if (handle->data == p)
		uv_close(handle, handle_closed);
}

static void checks_turn(struct checks *c);

static void attempt_wait(struct attempt *p)
{
	uv_timer_stop(&p->timer);
	list_append(p->method->is_program ? &p->set->programs : &p->set->networks, &p->link);
}

static void attempt_over(struct attempt *p)
{
	struct checks *c = p->set;
	struct attempt *next = p->next;

	p->state = ATTEMPT_OVER;
	p->next = NULL;
	hash_remove(&c->by_run, &p->by_run);
	handle_close(p, (uv_handle_t *)&p->poll);
	handle_close(p, (uv_handle_t *)&p->timer);
	if (p->method->over)
		p->method->over(p);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	/* The same hash has just been in the table: there is room for it. */
	if (next && hash_insert(&c->by_run, &next->by_run, next->run) == 0)
		attempt_wait(next);
}

void attempt_gone(struct attempt *p)
{
	struct checks *c = p->set;

	attempt_over(p);
	checks_turn(c);
}

/* Does not ask any longer. */
static void attempt_leave(struct attempt *p)
{
	if (p->state == ATTEMPT_ASKING)
		--*attempt_count(p);
	list_remove(&p->link);
	uv_timer_stop(&p->timer);
	if (p->state == ATTEMPT_ASKING && p->method->leave && p->method->leave(p))
		p->state = ATTEMPT_LEAVING;
	else
		attempt_over(p);
}

static void tell(struct checks *c, uint32_t run, bool passed, const char *text)
{
	struct input in = { .kind = INPUT_CHECKED };

	in.checked.run = run;
	in.checked.passed = passed;
	text_copy(in.checked.text, sizeof(in.checked.text), text);
	input_pass(&c->sink, &in);
}

void attempt_answer(struct attempt *p, bool passed, const char *format, ...)
{
	char text[NODE_SENTENCE_MAX];
	struct checks *c = p->set;
	uint32_t run = p->run;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	attempt_leave(p);
	tell(c, run, passed, text);
	checks_turn(c);
}

void attempt_fail(struct attempt *p, int error)
{
	char text[NODE_SENTENCE_MAX];

	/* "Connection refused" stands within a sentence. */
	text_copy(text, sizeof(text), strerror(-error));
	text[0] = (char)tolower((unsigned char)text[0]);
	attempt_answer(p, false, "%s", text);
}

double attempt_age_ms(const struct attempt *p)
{
	return (double)instant_since(clock_now(), p->started).ns / 1e6;
}

const char *attempt_programs(const struct attempt *p)
{
	return p->set->folder;
}

static void poll_ready(uv_poll_t *poll, int status, int events)
{
	struct attempt *p = poll->data;

	(void)events;
	p->method->ready(p);
	/* An error of the socket stops libuv's poll; to read has taken the error away. */
	if (status < 0 && p->state == ATTEMPT_ASKING)
		uv_poll_start(poll, p->events, poll_ready);
}

int attempt_watch(struct attempt *p, int events)
{
	int error = 0;

	if (p->poll.data != p) {
		error = uv_poll_init(p->set->loop, &p->poll, p->fd);
		if (error)
			return error;
		p->poll.data = p;
		p->handles++;
	}
	p->events = events;
	return uv_poll_start(&p->poll, events, poll_ready);
}

static void attempt_late(struct attempt *p)
{
	char text[NODE_SENTENCE_MAX] = "";
	int64_t ms = duration_ms(p->settings.timeout);

	if (p->method->late)
		p->method->late(p, text, sizeof(text));
	if (*text)
		attempt_answer(p, false, "%s", text);
	else if (ms % 1000)
		attempt_answer(p, false, "no answer within %lldms", (long long)ms);
	else
		attempt_answer(p, false, "no answer within %llds", (long long)(ms / 1000));
}

/* After a stall both may be due: then what has come is heard before the time is up. */
static bool attempt_has_come(const struct attempt *p)
{
	struct pollfd fd = { .fd = p->fd, .events = p->events == UV_WRITABLE ? POLLOUT : POLLIN };

	return p->fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* For one that waits behind an attempt that leaves; the number of the run leads to that one. */
static void attempt_give_up(struct attempt *p)
{
	struct checks *c = p->set;

	attempt_find(c, p->run)->next = NULL;
	p->state = ATTEMPT_OVER;
	handle_close(p, (uv_handle_t *)&p->timer);
	tell(c, p->run, false, "the last run has not ended yet");
}

static void timer_fired(uv_timer_t *timer)
{
	struct attempt *p = timer->data;

	if (p->state == ATTEMPT_WAITING) {
		attempt_give_up(p);
		return;
	}
	if (p->state == ATTEMPT_LEAVING) {
		attempt_gone(p);
		return;
	}
	if (attempt_has_come(p))
		p->method->ready(p);
	if (p->state == ATTEMPT_ASKING)
		attempt_late(p);
}

static void timer_start(struct attempt *p)
{
	uv_update_time(p->set->loop);
	uv_timer_start(&p->timer, timer_fired,
		       (uint64_t)(p->settings.timeout.ns + 999999) / 1000000, 0);
}

void attempt_linger(struct attempt *p, struct duration time)
{
	p->lingers = true;
	uv_update_time(p->set->loop);
	uv_timer_start(&p->timer, timer_fired, (uint64_t)duration_ms(time), 0);
}

static void attempt_start(struct attempt *p)
{
	int error;

	p->state = ATTEMPT_ASKING;
	++*attempt_count(p);
	p->started = clock_now();
	timer_start(p);
	error = p->method->start(p);
	if (error)
		attempt_fail(p, error);
}

static struct attempt *first_waiting(struct list *waiting)
{
	return list_empty(waiting) ? NULL : container_of(waiting->next, struct attempt, link);
}

/*
 * Lets those begin whose turn it is. One that has failed at once brings us here again by what
 * follows from it; the outer call does the rest then.
 */
static void checks_turn(struct checks *c)
{
	struct attempt *p;

	if (c->turning)
		return;
	c->turning = true;
	for (;;) {
		p = c->n_networks < CHECKS_AT_ONCE ? first_waiting(&c->networks) : NULL;
		if (!p && c->n_programs < CHECKS_PROGRAMS_AT_ONCE)
			p = first_waiting(&c->programs);
		if (!p)
			break;
		list_remove(&p->link);
		attempt_start(p);
	}
	c->turning = false;
}

static struct attempt *attempt_new(struct checks *c, uint32_t run,
				   const struct check_settings *settings,
				   const struct attempt_method *method)
{
	struct attempt *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->set = c;
	p->run = run;
	p->settings = *settings;
	p->method = method;
	p->fd = -1;
	list_init(&p->link);
	if (uv_timer_init(c->loop, &p->timer) != 0) {
		free(p);
		return NULL;
	}
	p->timer.data = p;
	p->handles = 1;
	c->n_attempts++;
	return p;
}

void attempts_on(struct checks *c, uint32_t run, const struct check_settings *settings,
		 const struct attempt_method *method)
{
	struct attempt *leaving = attempt_find(c, run);
	struct attempt *p = attempt_new(c, run, settings, method);

	if (leaving && leaving->lingers) {
		attempt_over(leaving);
		leaving = NULL;
	}
	if (p && leaving) {
		leaving->next = p;
		timer_start(p);
		return;
	}
	if (!p || hash_insert(&c->by_run, &p->by_run, p->run) < 0) {
		if (p)
			handle_close(p, (uv_handle_t *)&p->timer);
		tell(c, run, false, strerror(ENOMEM));
		return;
	}
	attempt_wait(p);
	checks_turn(c);
}

void attempts_off(struct checks *c, uint32_t run)
{
	struct attempt *p = attempt_find(c, run);

	if (!p)
		return;
	if (p->next)
		handle_close(p->next, (uv_handle_t *)&p->next->timer);
	p->next = NULL;
	if (p->state != ATTEMPT_LEAVING)
		attempt_leave(p);
	checks_turn(c);
}

struct checks *attempts_new(uv_loop_t *loop, const struct input_sink *sink, const char *programs)
{
	struct checks *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->loop = loop;
	c->sink = *sink;
	hash_init(&c->by_run);
	list_init(&c->networks);
	list_init(&c->programs);
	text_copy(c->folder, sizeof(c->folder), programs);
	return c;
}

static struct attempt *checks_any(const struct checks *c)
{
	const struct list *waiting = list_empty(&c->networks) ? &c->programs : &c->networks;
	struct hash_node *node;

	if (!list_empty(waiting))
		return container_of(waiting->next, struct attempt, link);
	node = hash_walk(&c->by_run, NULL);
	return node ? container_of(node, struct attempt, by_run) : NULL;
}

void attempts_free(struct checks *c)
{
	struct attempt *p;

	if (!c)
		return;
	c->turning = true; /* nothing begins any more */
	while ((p = checks_any(c))) {
		attempts_off(c, p->run);
		if (p->state == ATTEMPT_LEAVING)
			attempt_over(p);
	}
	while (c->n_attempts > 0)
		uv_run(c->loop, UV_RUN_NOWAIT);
	hash_done(&c->by_run);
	free(c);
}
