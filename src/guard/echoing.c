/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   catchers: one for each family in use, of all interfaces; packets leave and come back by them
 *   outlets:  one for each interface and family; routers are asked by them where they are
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

#include "linux/clock.h"
#include "linux/frame.h"
#include "linux/returns.h"
#include "linux/shield.h"

#define OUTLETS_MAX 256
#define READ_FRAMES 16
#define READ_ROUNDS 8 /* of one socket before the next has its turn */

/* What cannot be had is tried again no sooner; the shield is looked after so often. */
#define OPEN_RETRY DURATION_MS(500)
#define SHIELD_EVERY DURATION_S(1)

/* The last track or proof is gone: the sockets and the shield stay so long for the next. */
#define IDLE_MAX DURATION_S(15)

/* vipd is busy: what it is to be told waits so long. */
#define TELL_RETRY DURATION_MS(10)

struct outlet {
	uint32_t interface;
	uint8_t family; /* enum family; NONE: not in use */
	int fd;		/* or -1: it cannot be had, tried again at `retry` */
	struct instant retry;
	bool needed; /* while they are counted */
};

struct catcher {
	int fd; /* or -1, likewise */
	struct instant retry;
};

struct echoing {
	struct liveness_hooks hooks;
	struct notes *notes;
	struct echo *echo;
	struct outlet outlets[OUTLETS_MAX];
	size_t n_outlets; /* none in use beyond */
	struct catcher catchers[FAMILIES];
	struct shield *shield;
	bool shielded, complained;
	struct instant shield_due; /* it is looked after then */
	struct instant idle;	   /* nothing has been asked for since then; 0: something is */
	bool open;		   /* sockets, or the shield, are there */
	struct ether_frame answers[READ_FRAMES];
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
	error = echo_make(e);
	if (error) {
		free(e);
		return error;
	}
	shield_clear();
	*ret = e;
	return 0;
}

static void outlet_close(struct outlet *o)
{
	if (o->family != FAMILY_NONE && o->fd >= 0)
		close(o->fd);
	*o = (struct outlet){ .fd = -1 };
}

static void close_all(struct echoing *e)
{
	for (size_t k = 0; k < e->n_outlets; k++)
		outlet_close(&e->outlets[k]);
	e->n_outlets = 0;
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
	echo_free(e->echo);
	free(e);
}

/* NULL: there are too many. */
static struct outlet *outlet_get(struct echoing *e, const struct path *path)
{
	struct outlet *free_one = NULL;

	for (size_t k = 0; k < e->n_outlets; k++) {
		struct outlet *o = &e->outlets[k];

		if (o->family == path->local.family && o->interface == path->interface)
			return o;
		if (o->family == FAMILY_NONE)
			free_one = o;
	}
	if (!free_one && e->n_outlets < OUTLETS_MAX)
		free_one = &e->outlets[e->n_outlets++];
	if (free_one)
		*free_one = (struct outlet){ .interface = path->interface,
					     .family = path->local.family,
					     .fd = -1 };
	return free_one;
}

static void outlet_open(struct echoing *e, struct instant now, struct outlet *o)
{
	enum frame_socket which = o->family == FAMILY_IPV4 ? FRAME_SOCKET_ARP : FRAME_SOCKET_IPV6;
	const char *why;

	if (o->fd >= 0 || !instant_reached(o->retry, now))
		return;
	o->fd = frame_open(o->interface, which, true, &why);
	if (o->fd >= 0) {
		e->hooks.watch(e->hooks.context, o->fd);
		return;
	}
	if (o->retry.ns == 0)
		notes_print(e->notes, LOG_LEVEL_WARNING,
			    "no echo on the interface with the index %u: %s", o->interface, why);
	o->fd = -1;
	o->retry = instant_add(now, OPEN_RETRY);
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
	c->retry = instant_add(now, OPEN_RETRY);
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

	for (size_t k = 0; k < e->n_outlets; k++)
		e->outlets[k].needed = false;
	while (echo_path_next(e->echo, &position, &path)) {
		struct outlet *o = outlet_get(e, &path);

		if (o)
			o->needed = true;
	}
	for (size_t k = 0; k < e->n_outlets; k++)
		if (!e->outlets[k].needed)
			outlet_close(&e->outlets[k]);
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

static void outlets_read(struct echoing *e, struct instant now)
{
	for (size_t k = 0; k < e->n_outlets; k++) {
		struct outlet *o = &e->outlets[k];
		size_t n = READ_FRAMES;

		if (o->family == FAMILY_NONE)
			continue;
		outlet_open(e, now, o);
		for (int round = 0; o->fd >= 0 && n == READ_FRAMES && round < READ_ROUNDS;
		     round++) {
			n = frame_receive(o->fd, e->answers, READ_FRAMES);
			for (size_t i = 0; i < n; i++) {
				e->answers[i].interface = o->interface;
				echo_input_answer(e->echo, now, &e->answers[i]);
			}
		}
	}
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
	struct outlet *o = outlet_get(e, &s->path);
	struct catcher *c = &e->catchers[family_index(family)];
	uint8_t mac[ETHER_MAC_BYTES];
	struct ether_frame frame;

	if (!o || !e->shielded)
		return;
	outlet_open(e, now, o);
	catcher_open(e, now, family_index(family));
	/* Asked for each time: who is sent to would believe an address of yesterday. */
	if (o->fd < 0 || c->fd < 0 || frame_address(o->fd, mac) < 0)
		return;
	echo_send_frame(e->echo, s, mac, &frame);
	/* An error may be of earlier, when the interface was down. */
	for (int k = 0; k < 2; k++)
		if ((s->asks ? frame_send(o->fd, &frame) : returns_send(c->fd, family, &frame)) ==
		    0)
			return;
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
	outlets_read(e, now);
	catchers_read(e, now);
	if (echo_is_empty(e->echo)) {
		idle(e, now);
		return;
	}
	e->idle = (struct instant){ 0 };
	echo_tick(e->echo, now);
	while (echo_output(e->echo, now, &s))
		send_one(e, now, &s);
	tell_news(e);
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
