/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   catchers: one for each family in use, of all interfaces; packets leave and come back by them
 *   outlets:  outlets.h; routers are asked by them where they are
 *   shield:   a table of the packet filter, there before the first packet leaves
 *
 * What has arrived is read before the clock is heard.
 */
#include "guard/echoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guard/outlets.h"
#include "linux/clock.h"
#include "linux/returns.h"
#include "linux/shield.h"

#define OUTLETS_MAX 256
#define READ_ROUNDS 8 /* of one socket before the next has its turn */

/* The shield is looked after so often. */
#define SHIELD_EVERY DURATION_S(1)

/* The last track or proof is gone: the sockets and the shield stay so long for the next. */
#define IDLE_MAX DURATION_S(15)

/* vipd is busy: what it is to be told waits so long. */
#define TELL_RETRY DURATION_MS(10)

struct catcher {
	int fd; /* or -1: it cannot be had, tried again at `retry` */
	struct instant retry;
};

struct echoing {
	struct liveness_hooks hooks;
	struct notes *notes;
	struct echo *echo;
	struct outlets *outlets;
	struct catcher catchers[FAMILIES];
	struct shield *shield;
	bool shielded, complained;
	struct instant shield_due; /* it is looked after then */
	struct instant idle;	   /* nothing has been asked for since then; 0: something is */
	bool open;		   /* sockets, or the shield, are there */
	struct echo_frame returns[RETURNS_BATCH];
};

static int echo_make(struct echoing *e)
{
	struct echo_settings settings = { .tracks = ECHO_TRACKS_MAX, .proofs = ECHO_PROOFS_MAX };
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) < 0 ||
	    getrandom(settings.key, sizeof(settings.key), 0) < 0)
		return -errno;
	e->echo = echo_new(&settings, seed);
	explicit_bzero(&settings, sizeof(settings));
	return e->echo ? 0 : -ENOMEM;
}

int echoing_new(const struct liveness_hooks *hooks, struct notes *notes, struct echoing **ret)
{
	struct echoing *e = calloc(1, sizeof(*e));
	int error;

	if (!e)
		return -ENOMEM;
	e->hooks = *hooks;
	e->notes = notes;
	e->catchers[0].fd = e->catchers[1].fd = -1;
	e->outlets = outlets_new(hooks, notes, "echo", OUTLETS_MAX);
	error = e->outlets ? echo_make(e) : -ENOMEM;
	if (error) {
		outlets_free(e->outlets);
		free(e);
		return error;
	}
	shield_clear();
	*ret = e;
	return 0;
}

static void close_all(struct echoing *e)
{
	outlets_close(e->outlets);
	for (size_t k = 0; k < FAMILIES; k++) {
		if (e->catchers[k].fd >= 0)
			close(e->catchers[k].fd);
		e->catchers[k] = (struct catcher){ .fd = -1 };
	}
	/* Behind the sockets: what is on its way still finds it. */
	shield_free(e->shield);
	e->shield = NULL;
	e->shield_due = (struct instant){ 0 };
	e->shielded = e->open = false;
}

void echoing_free(struct echoing *e)
{
	if (!e)
		return;
	close_all(e);
	outlets_free(e->outlets);
	echo_free(e->echo);
	free(e);
}

static void catcher_open(struct echoing *e, struct instant now, size_t k)
{
	struct catcher *c = &e->catchers[k];

	if (c->fd >= 0 || !instant_reached(c->retry, now))
		return;
	c->fd = returns_open(family_at(k), echo_cookie(e->echo));
	if (c->fd >= 0) {
		e->hooks.watch(e->hooks.context, c->fd);
		return;
	}
	if (c->retry.ns == 0)
		notes_print(e->notes, LOG_LEVEL_WARNING, "no echo: a packet socket: %s",
			    strerror(-c->fd));
	c->fd = -1;
	c->retry = instant_add(now, OUTLET_RETRY);
}

/*
 * Nothing leaves before the shield is there. When it cannot be made anew later, because the kernel
 * has too little memory, packets leave all the same: nobody is to be found dead for that.
 */
static void shield_keep(struct echoing *e, struct instant now)
{
	int error;

	if (!instant_reached(e->shield_due, now))
		return;
	e->shield_due = instant_add(now, SHIELD_EVERY);
	if (!e->shield)
		e->shield = shield_new();
	error = shield_raise(e->shield);
	e->shielded |= error == 0;
	if (!e->shielded && !e->complained)
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "no echo: its returns cannot be kept from the host: %s",
			    strerror(-error));
	e->complained = !e->shielded;
}

/* Sockets of interfaces on which nothing is asked for are closed. */
static void sweep(struct echoing *e)
{
	struct path path;
	size_t position = 0;

	outlets_count_anew(e->outlets);
	while (echo_path_next(e->echo, &position, &path))
		outlets_need(e->outlets, &path);
	outlets_sweep(e->outlets);
}

/* Those that cannot be begun are answered at once. */
static void proofs_begin(struct echoing *e, struct instant now, const struct guard_message *m)
{
	struct guard_message answer = { .kind = GUARD_PROVED, .version = GUARD_VERSION };

	for (size_t k = 0; k < m->n_requests; k++)
		if (echo_prove(e->echo, now, &m->requests[k]) < 0)
			answer.proofs[answer.n_proofs++] =
				(struct echo_proof){ .token = m->requests[k].token,
						     .outcome = ECHO_OUTCOME_UNREACHED,
						     .path = m->requests[k].path,
						     .destination = m->requests[k].destination };
	/* When that cannot be said either, whoever has asked does not wait for ever. */
	if (answer.n_proofs > 0)
		(void)e->hooks.tell(e->hooks.context, &answer);
}

void echoing_command(struct echoing *e, struct instant now, const struct guard_message *m)
{
	int error;

	if (m->kind == GUARD_ECHO_REMOVE) {
		echo_track_remove(e->echo, &m->key);
		sweep(e);
		return;
	}
	e->open = true;
	if (m->kind == GUARD_PROVE) {
		proofs_begin(e, now, m);
		return;
	}
	error = echo_track_set(e->echo, now, &m->key, &m->echo);
	if (error)
		notes_print(e->notes, LOG_LEVEL_WARNING, "a track of the echo: %s",
			    error == -ENOSPC ? "there are too many" : strerror(-error));
}

void echoing_tell_all(struct echoing *e)
{
	echo_event_all(e->echo);
}

/* As many as a message holds; whether there may be more. */
static bool tell_proofs(struct echoing *e)
{
	struct guard_message m = { .kind = GUARD_PROVED, .version = GUARD_VERSION };

	m.n_proofs = (uint8_t)echo_proofs(e->echo, m.proofs, GUARD_PROOFS_MAX);
	if (m.n_proofs == 0 || !e->hooks.tell(e->hooks.context, &m))
		return false;
	echo_proofs_told(e->echo, m.n_proofs);
	return true;
}

static void tell_news(struct echoing *e)
{
	struct echo_event event;

	while (echo_event(e->echo, &event)) {
		if (e->hooks.tell(e->hooks.context,
				  &(struct guard_message){ .kind = GUARD_ECHO_STATE,
							   .version = GUARD_VERSION,
							   .key = event.path,
							   .state = event.state }))
			continue;
		echo_event_again(e->echo, &event.path);
		return;
	}
	while (tell_proofs(e))
		;
}

static void answer_take(void *context, struct instant now, const struct ether_frame *frame)
{
	const struct echoing *e = context;

	echo_input_answer(e->echo, now, frame);
}

static void catchers_read(struct echoing *e, struct instant now)
{
	for (size_t k = 0; k < FAMILIES; k++) {
		size_t n = RETURNS_BATCH;

		for (int round = 0;
		     e->catchers[k].fd >= 0 && n == RETURNS_BATCH && round < READ_ROUNDS; round++) {
			n = returns_receive(e->catchers[k].fd, e->returns, RETURNS_BATCH);
			for (size_t i = 0; i < n; i++)
				echo_input(e->echo, now, &e->returns[i]);
		}
	}
}

static void send_one(struct echoing *e, struct instant now, const struct echo_send *s)
{
	enum family family = (enum family)s->path.local.family;
	struct catcher *c = &e->catchers[family_index(family)];
	uint8_t mac[ETHER_MAC_BYTES];
	struct ether_frame frame;

	if (!e->shielded)
		return;
	catcher_open(e, now, family_index(family));
	if (!outlets_open(e->outlets, now, &s->path, mac) || c->fd < 0)
		return;
	echo_send_frame(e->echo, s, mac, &frame);
	if (s->asks)
		outlets_send(e->outlets, &s->path, &frame);
	/* An error may be of earlier, when the interface was down. */
	else if (returns_send(c->fd, family, &frame) < 0)
		(void)returns_send(c->fd, family, &frame);
}

/* Nothing is asked for any more: what is open is kept for a while, for the next. */
static void idle(struct echoing *e, struct instant now)
{
	if (e->idle.ns == 0)
		e->idle = now;
	if (instant_reached(instant_add(e->idle, IDLE_MAX), now))
		close_all(e);
}

void echoing_run(struct echoing *e, struct instant now)
{
	struct echo_send s;

	if (!e->open)
		return;
	shield_keep(e, now);
	outlets_read(e->outlets, now, answer_take, e);
	catchers_read(e, now);
	echo_tick(e->echo, now);
	while (echo_output(e->echo, now, &s))
		send_one(e, now, &s);
	tell_news(e);
	if (echo_is_empty(e->echo))
		idle(e, now);
	else
		e->idle = (struct instant){ 0 };
}

void echoing_count(const struct echoing *e, struct guard_counters *ret)
{
	struct echo_track_info info;
	size_t position = 0;

	ret->echo_changes = echo_changes(e->echo);
	ret->echo_proofs = echo_proofs_begun(e->echo);
	ret->echo_tracks = 0;
	while (echo_track_next(e->echo, &position, &info))
		ret->echo_tracks++;
	memcpy(ret->echo_drops, echo_drops(e->echo), sizeof(ret->echo_drops));
}

struct instant echoing_deadline(const struct echoing *e)
{
	struct instant due = echo_deadline(e->echo);

	if (e->open && echo_is_empty(e->echo))
		return instant_add(e->idle, IDLE_MAX);
	return echo_has_news(e->echo) ? instant_min(due, instant_add(clock_now(), TELL_RETRY))
				      : due;
}

void echoing_stop(struct echoing *e)
{
	echo_stop(e->echo);
	close_all(e);
}
