/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   listeners: one for each interface and family, on port 3784
 *   talkers: one for each session, on the source port that the speaker has drawn
 *
 * What has arrived is read before the clock is heard: a guard that was held up finds no neighbour
 * silent that was not.
 */
#include "guard/liveness.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guard/udp.h"
#include "linux/clock.h"

/* Packets of one socket, times UDP_BATCH, before the next has its turn. */
#define READ_ROUNDS 4

/*
 * With so many sessions it pays to carry out what falls together in one go: a turn is as long after
 * the last as the jitter leaves room for. How long that is is found out anew now and then.
 */
#define PACED_SESSIONS 16
#define PACED_FOR DURATION_S(1)

/* A socket that cannot be had is tried again no sooner. */
#define OPEN_RETRY DURATION_MS(500)

/* vipd is busy: what it is to be told waits so long. */
#define TELL_RETRY DURATION_MS(10)

#define FAREWELL_MAX DURATION_MS(100)

struct listener {
	uint32_t interface;
	uint8_t family; /* enum family; NONE: not in use */
	int fd;		/* or -1: it cannot be had, tried again at `retry` */
	struct instant retry;
	unsigned sessions; /* while they are counted */
};

struct talker {
	struct path key;
	bool used;
	uint16_t port; /* of `fd` */
	int fd;
	struct instant retry;
	bool untold; /* vipd does not know its state yet */
};

struct liveness {
	struct liveness_hooks hooks;
	struct notes *notes;
	struct bfd *bfd;
	struct listener listeners[BFD_SESSIONS_MAX];
	size_t n_listeners; /* none in use beyond */
	struct talker talkers[BFD_SESSIONS_MAX];
	size_t n_talkers; /* likewise */
	bool untold;
	uint64_t changes;
	size_t swept; /* so many sessions there were then */
	struct duration pace;
	struct instant paced_until; /* the pace is to be found out anew then */
	struct bfd_datagram received[UDP_BATCH];
};

int liveness_new(const struct liveness_hooks *hooks, struct notes *notes, struct liveness **ret)
{
	const struct bfd_settings settings = { .sessions = BFD_SESSIONS_MAX, .independent = true };
	struct liveness *l = calloc(1, sizeof(*l));
	uint64_t seed;

	if (!l)
		return -ENOMEM;
	l->hooks = *hooks;
	l->notes = notes;
	if (getrandom(&seed, sizeof(seed), 0) < 0) {
		free(l);
		return -errno;
	}
	l->bfd = bfd_new(&settings, seed);
	if (!l->bfd) {
		free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}

static void talker_close(struct talker *t)
{
	if (t->used && t->fd >= 0)
		close(t->fd);
	*t = (struct talker){ .fd = -1 };
}

static void listener_close(struct listener *s)
{
	if (s->family != FAMILY_NONE && s->fd >= 0)
		close(s->fd);
	*s = (struct listener){ .fd = -1 };
}

void liveness_free(struct liveness *l)
{
	if (!l)
		return;
	for (size_t k = 0; k < l->n_talkers; k++)
		talker_close(&l->talkers[k]);
	for (size_t k = 0; k < l->n_listeners; k++)
		listener_close(&l->listeners[k]);
	bfd_free(l->bfd);
	free(l);
}

static struct listener *listener_get(struct liveness *l, const struct path *key)
{
	struct listener *free_one = NULL;

	for (size_t k = 0; k < l->n_listeners; k++) {
		struct listener *s = &l->listeners[k];

		if (s->family == key->local.family && s->interface == key->interface)
			return s;
		if (s->family == FAMILY_NONE)
			free_one = s;
	}
	/* There are as many as sessions, and each session needs one. */
	if (!free_one)
		free_one = &l->listeners[l->n_listeners++];
	*free_one = (struct listener){ .interface = key->interface,
				       .family = key->local.family,
				       .fd = -1 };
	return free_one;
}

static void listener_open(struct liveness *l, struct instant now, struct listener *s)
{
	if (s->fd >= 0 || !instant_reached(s->retry, now))
		return;
	s->fd = udp_listen(s->interface, s->family);
	if (s->fd >= 0) {
		l->hooks.watch(l->hooks.context, s->fd);
		return;
	}
	if (s->retry.ns == 0)
		notes_print(l->notes, LOG_LEVEL_WARNING,
			    "no BFD on the interface with the index %u: UDP port %u: %s",
			    s->interface, BFD_PORT, strerror(-s->fd));
	s->fd = -1;
	s->retry = instant_add(now, OPEN_RETRY);
}

/* That of a session, by the place that the speaker has given it; what was there before is closed.
 */
static struct talker *talker_at(struct liveness *l, uint16_t slot, const struct path *key)
{
	struct talker *t = &l->talkers[slot];

	if (t->used && !path_equal(&t->key, key))
		talker_close(t);
	if (!t->used)
		*t = (struct talker){ .used = true, .key = *key, .fd = -1 };
	if (slot >= l->n_talkers)
		l->n_talkers = slot + 1u;
	return t;
}

/* One that has another port by now, or none, gets what the session has. */
static void talker_open(struct liveness *l, struct instant now, struct talker *t, uint16_t port)
{
	if (t->fd >= 0 && t->port == port)
		return;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (!instant_reached(t->retry, now))
		return;
	t->port = port;
	t->fd = udp_talk(&t->key, port);
	if (t->fd >= 0)
		return;
	if (t->fd == -EADDRINUSE)
		bfd_session_move(l->bfd, &t->key);
	else
		t->retry = instant_add(now, OPEN_RETRY);
	t->fd = -1;
}

/* Sockets of sessions that are gone are closed, and those of interfaces without sessions. */
static void sweep(struct liveness *l)
{
	struct bfd_session_info info;

	for (size_t k = 0; k < l->n_listeners; k++)
		l->listeners[k].sessions = 0;
	for (size_t k = 0; k < l->n_talkers; k++) {
		struct talker *t = &l->talkers[k];

		if (!t->used)
			continue;
		if (bfd_session_find(l->bfd, &t->key, &info) && info.slot == k)
			listener_get(l, &t->key)->sessions++;
		else
			talker_close(t);
	}
	for (size_t k = 0; k < l->n_listeners; k++)
		if (l->listeners[k].sessions == 0)
			listener_close(&l->listeners[k]);
	l->swept = bfd_session_count(l->bfd);
}

/* The last words of a session are said: its port is not kept for the next that may come. */
static void sweep_if_fewer(struct liveness *l)
{
	size_t count = bfd_session_count(l->bfd);

	if (count < l->swept)
		sweep(l);
	l->swept = count;
}

void liveness_command(struct liveness *l, struct instant now, const struct guard_message *m)
{
	struct bfd_session_info info;

	if (m->kind == GUARD_BFD_REMOVE) {
		bfd_session_remove(l->bfd, now, &m->key);
		return;
	}
	/* Several hops are not offered yet: nobody asks for them. */
	if (m->key.interface == 0)
		return;
	/* Sockets of sessions that are gone may be in its place. */
	sweep(l);
	if (bfd_session_set(l->bfd, now, &m->key, &m->params) < 0) {
		notes_print(l->notes, LOG_LEVEL_WARNING, "there are too many BFD sessions");
		return;
	}
	if (!bfd_session_find(l->bfd, &m->key, &info))
		return;
	talker_at(l, info.slot, &m->key)->untold = l->untold = true;
	l->paced_until = (struct instant){ 0 };
	listener_open(l, now, listener_get(l, &m->key));
}

void liveness_tell_all(struct liveness *l)
{
	for (size_t k = 0; k < l->n_talkers; k++) {
		l->talkers[k].untold = l->talkers[k].used;
		l->untold |= l->talkers[k].untold;
	}
}

static bool tell(struct liveness *l, const struct bfd_event *e)
{
	return l->hooks.tell(l->hooks.context, &(struct guard_message){
						       .kind = GUARD_BFD_STATE,
						       .version = GUARD_VERSION,
						       .key = e->key,
						       .state = e->to,
						       .diagnostic = e->diagnostic,
						       .remote_state = e->remote_state,
						       .remote_diagnostic = e->remote_diagnostic,
					       });
}

/* What could not be said as it happened is said as it is now. */
static void tell_untold(struct liveness *l)
{
	struct bfd_session_info info;

	if (!l->untold)
		return;
	l->untold = false;
	for (size_t k = 0; k < l->n_talkers; k++) {
		struct talker *t = &l->talkers[k];

		if (!t->used || !t->untold || !bfd_session_find(l->bfd, &t->key, &info))
			continue;
		t->untold = !tell(l, &(struct bfd_event){
					     .key = t->key,
					     .to = info.state,
					     .diagnostic = info.diagnostic,
					     .remote_state = info.remote_state,
					     .remote_diagnostic = info.remote_diagnostic,
				     });
		l->untold |= t->untold;
	}
}

static void tell_changes(struct liveness *l)
{
	struct bfd_event e;

	while (bfd_event(l->bfd, &e)) {
		struct talker *t = talker_at(l, e.slot, &e.key);

		l->changes++;
		l->paced_until = (struct instant){ 0 };
		if (t->untold || !tell(l, &e))
			t->untold = l->untold = true;
	}
	tell_untold(l);
}

static void listener_read(struct liveness *l, struct instant now, struct listener *s)
{
	size_t n = UDP_BATCH;

	for (int round = 0; n == UDP_BATCH && round < READ_ROUNDS; round++) {
		n = udp_receive(s->fd, s->interface, l->received, UDP_BATCH);
		for (size_t k = 0; k < n; k++)
			bfd_input(l->bfd, now, &l->received[k]);
	}
}

static void listeners_read(struct liveness *l, struct instant now)
{
	for (size_t k = 0; k < l->n_listeners; k++) {
		struct listener *s = &l->listeners[k];

		if (s->family == FAMILY_NONE)
			continue;
		listener_open(l, now, s);
		if (s->fd >= 0)
			listener_read(l, now, s);
	}
}

static void talkers_send(struct liveness *l, struct instant now)
{
	struct bfd_datagram d;

	while (bfd_output(l->bfd, now, &d)) {
		const struct path key = { d.interface, d.destination, d.source };
		struct talker *t = talker_at(l, d.slot, &key);

		talker_open(l, now, t, d.source_port);
		if (t->fd >= 0)
			(void)udp_send(t->fd, &d);
	}
}

void liveness_count(const struct liveness *l, struct guard_counters *ret)
{
	struct bfd_session_info info;
	size_t position = 0;

	ret->bfd_changes = l->changes;
	ret->bfd_sessions = (uint16_t)bfd_session_count(l->bfd);
	ret->bfd_deaf = 0;
	for (size_t k = 0; k < l->n_listeners; k++)
		if (l->listeners[k].family != FAMILY_NONE && l->listeners[k].fd < 0)
			ret->bfd_deaf++;
	memcpy(ret->bfd_drops, bfd_drops(l->bfd), sizeof(ret->bfd_drops));
	while (bfd_session_next(l->bfd, &position, &info))
		for (size_t k = 0; k < BFD_DROP_COUNT; k++)
			ret->bfd_drops[k] += info.drops[k];
}

struct duration liveness_pace(struct liveness *l, struct instant now)
{
	if (!instant_reached(l->paced_until, now))
		return l->pace;
	l->paced_until = instant_add(now, PACED_FOR);
	l->pace = (struct duration){ 0 };
	if (bfd_session_count(l->bfd) >= PACED_SESSIONS)
		l->pace = bfd_slack(bfd_interval_shortest(l->bfd));
	return l->pace;
}

void liveness_run(struct liveness *l, struct instant now)
{
	if (bfd_is_empty(l->bfd)) {
		if (l->n_talkers > 0) {
			sweep(l);
			l->n_talkers = l->n_listeners = 0;
		}
		/* Nobody is left of whom something could be told. */
		l->untold = false;
		return;
	}
	listeners_read(l, now);
	bfd_tick(l->bfd, now);
	talkers_send(l, now);
	tell_changes(l);
	sweep_if_fewer(l);
}

struct instant liveness_deadline(const struct liveness *l)
{
	struct instant due = bfd_deadline(l->bfd);

	return l->untold ? instant_min(due, instant_add(clock_now(), TELL_RETRY)) : due;
}

void liveness_farewell(struct liveness *l)
{
	struct instant now = clock_now(), until = instant_add(now, FAREWELL_MAX);

	bfd_stop(l->bfd, now);
	while (!bfd_is_empty(l->bfd) && !instant_reached(until, now)) {
		bfd_tick(l->bfd, now);
		talkers_send(l, now);
		if (!bfd_is_empty(l->bfd))
			(void)poll(NULL, 0, 1);
		now = clock_now();
	}
	l->untold = false;
	liveness_run(l, now);
}
