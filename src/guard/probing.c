/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet socket for each interface and family: questions leave by it, and it hears nothing but
 * answers, as the kernel filters them. What has arrived is read before the clock is heard.
 */
#include "guard/probing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "linux/clock.h"
#include "linux/frame.h"

#define READ_FRAMES 16
#define READ_ROUNDS 8 /* of one socket before the next has its turn */

/* A socket that cannot be had is tried again no sooner. */
#define OPEN_RETRY DURATION_MS(500)

/* vipd is busy: what it is to be told waits so long. */
#define TELL_RETRY DURATION_MS(10)

struct outlet {
	uint32_t interface;
	uint8_t family; /* enum family; NONE: not in use */
	int fd;		/* or -1: it cannot be had, tried again at `retry` */
	struct instant retry;
	bool needed; /* while they are counted */
};

struct probing {
	struct liveness_hooks hooks;
	struct notes *notes;
	struct probe *probe;
	struct outlet outlets[PROBE_SESSIONS_MAX];
	size_t n_outlets; /* none in use beyond */
	struct ether_frame frames[READ_FRAMES];
};

int probing_new(const struct liveness_hooks *hooks, struct notes *notes, struct probing **ret)
{
	const struct probe_settings settings = { .sessions = PROBE_SESSIONS_MAX };
	struct probing *p = calloc(1, sizeof(*p));
	uint64_t seed;

	if (!p)
		return -ENOMEM;
	p->hooks = *hooks;
	p->notes = notes;
	if (getrandom(&seed, sizeof(seed), 0) < 0) {
		free(p);
		return -errno;
	}
	p->probe = probe_new(&settings, seed);
	if (!p->probe) {
		free(p);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

static void outlet_close(struct outlet *o)
{
	if (o->family != FAMILY_NONE && o->fd >= 0)
		close(o->fd);
	*o = (struct outlet){ .fd = -1 };
}

void probing_free(struct probing *p)
{
	if (!p)
		return;
	for (size_t k = 0; k < p->n_outlets; k++)
		outlet_close(&p->outlets[k]);
	probe_free(p->probe);
	free(p);
}

static struct outlet *outlet_get(struct probing *p, const struct path *path)
{
	struct outlet *free_one = NULL;

	for (size_t k = 0; k < p->n_outlets; k++) {
		struct outlet *o = &p->outlets[k];

		if (o->family == path->local.family && o->interface == path->interface)
			return o;
		if (o->family == FAMILY_NONE)
			free_one = o;
	}
	/* There are as many as sessions, and each session needs one. */
	if (!free_one)
		free_one = &p->outlets[p->n_outlets++];
	*free_one = (struct outlet){ .interface = path->interface,
				     .family = path->local.family,
				     .fd = -1 };
	return free_one;
}

static void outlet_open(struct probing *p, struct instant now, struct outlet *o)
{
	enum frame_socket which = o->family == FAMILY_IPV4 ? FRAME_SOCKET_ARP : FRAME_SOCKET_IPV6;
	const char *why;

	if (o->fd >= 0 || !instant_reached(o->retry, now))
		return;
	o->fd = frame_open(o->interface, which, true, &why);
	if (o->fd >= 0) {
		p->hooks.watch(p->hooks.context, o->fd);
		return;
	}
	if (o->retry.ns == 0)
		notes_print(p->notes, LOG_LEVEL_WARNING,
			    "no probes on the interface with the index %u: %s", o->interface, why);
	o->fd = -1;
	o->retry = instant_add(now, OPEN_RETRY);
}

/* Sockets of interfaces without sessions are closed. */
static void sweep(struct probing *p)
{
	struct probe_session_info info;
	size_t position = 0;

	for (size_t k = 0; k < p->n_outlets; k++)
		p->outlets[k].needed = false;
	while (probe_session_next(p->probe, &position, &info))
		outlet_get(p, &info.path)->needed = true;
	for (size_t k = 0; k < p->n_outlets; k++)
		if (!p->outlets[k].needed)
			outlet_close(&p->outlets[k]);
	if (probe_is_empty(p->probe))
		p->n_outlets = 0;
}

void probing_command(struct probing *p, struct instant now, const struct guard_message *m)
{
	if (m->kind == GUARD_PROBE_REMOVE) {
		probe_session_remove(p->probe, &m->key);
		sweep(p);
	} else if (probe_session_set(p->probe, now, &m->key, &m->probe) == 0) {
		outlet_open(p, now, outlet_get(p, &m->key));
	} else {
		notes_print(p->notes, LOG_LEVEL_WARNING, "there are too many probes");
	}
}

void probing_tell_all(struct probing *p)
{
	probe_event_all(p->probe);
}

static void tell_changes(struct probing *p)
{
	struct probe_event e;

	while (probe_event(p->probe, &e)) {
		if (p->hooks.tell(p->hooks.context,
				  &(struct guard_message){ .kind = GUARD_PROBE_STATE,
							   .version = GUARD_VERSION,
							   .key = e.path,
							   .state = e.state }))
			continue;
		probe_event_again(p->probe, &e.path);
		return;
	}
}

static void outlets_read(struct probing *p, struct instant now)
{
	for (size_t k = 0; k < p->n_outlets; k++) {
		struct outlet *o = &p->outlets[k];
		size_t n = READ_FRAMES;

		if (o->family == FAMILY_NONE)
			continue;
		outlet_open(p, now, o);
		for (int round = 0; o->fd >= 0 && n == READ_FRAMES && round < READ_ROUNDS;
		     round++) {
			n = frame_receive(o->fd, p->frames, READ_FRAMES);
			for (size_t i = 0; i < n; i++) {
				p->frames[i].interface = o->interface;
				probe_input(p->probe, now, &p->frames[i]);
			}
		}
	}
}

static void questions_send(struct probing *p, struct instant now)
{
	struct probe_question q;

	while (probe_output(p->probe, now, &q)) {
		struct outlet *o = outlet_get(p, &q.path);
		uint8_t mac[ETHER_MAC_BYTES];
		struct ether_frame frame;

		outlet_open(p, now, o);
		/* Asked for each time: who is asked would believe an address of yesterday. */
		if (o->fd < 0 || frame_address(o->fd, mac) < 0)
			continue;
		probe_frame(&q, mac, &frame);
		/* An error may be of earlier, when the interface was down. */
		if (frame_send(o->fd, &frame) < 0)
			(void)frame_send(o->fd, &frame);
	}
}

void probing_count(const struct probing *p, struct guard_counters *ret)
{
	struct probe_session_info info;
	size_t position = 0;

	ret->probe_changes = probe_changes(p->probe);
	ret->probe_sessions = 0;
	while (probe_session_next(p->probe, &position, &info))
		ret->probe_sessions++;
	memcpy(ret->probe_drops, probe_drops(p->probe), sizeof(ret->probe_drops));
}

void probing_run(struct probing *p, struct instant now)
{
	if (probe_is_empty(p->probe))
		return;
	outlets_read(p, now);
	probe_tick(p->probe, now);
	questions_send(p, now);
	tell_changes(p);
}

struct instant probing_deadline(const struct probing *p)
{
	struct instant due = probe_deadline(p->probe);

	return probe_has_event(p->probe) ? instant_min(due, instant_add(clock_now(), TELL_RETRY))
					 : due;
}

void probing_stop(struct probing *p)
{
	probe_stop(p->probe);
	sweep(p);
}
