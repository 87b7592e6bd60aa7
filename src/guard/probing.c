/* SPDX-License-Identifier: Apache-2.0 */
/* Questions leave by outlets.h. What has arrived is read before the clock is heard. */
#include "guard/probing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guard/outlets.h"
#include "linux/clock.h"

/* vipd is busy: what it is to be told waits so long. */
#define TELL_RETRY DURATION_MS(10)

struct probing {
	struct liveness_hooks hooks;
	struct notes *notes;
	struct probe *probe;
	struct outlets *outlets; /* each session needs one at the most */
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
	p->outlets = outlets_new(hooks, notes, "probes", PROBE_SESSIONS_MAX);
	if (!p->probe || !p->outlets) {
		probing_free(p);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

void probing_free(struct probing *p)
{
	if (!p)
		return;
	outlets_free(p->outlets);
	probe_free(p->probe);
	free(p);
}

/* Sockets of interfaces without sessions are closed. */
static void sweep(struct probing *p)
{
	struct probe_session_info info;
	size_t position = 0;

	outlets_count_anew(p->outlets);
	while (probe_session_next(p->probe, &position, &info))
		outlets_need(p->outlets, &info.path);
	outlets_sweep(p->outlets);
}

void probing_command(struct probing *p, struct instant now, const struct guard_message *m)
{
	uint8_t mac[ETHER_MAC_BYTES];

	if (m->kind == GUARD_PROBE_REMOVE) {
		probe_session_remove(p->probe, &m->key);
		sweep(p);
	} else if (probe_session_set(p->probe, now, &m->key, &m->probe) == 0) {
		(void)outlets_open(p->outlets, now, &m->key, mac);
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

static void answer_take(void *context, struct instant now, const struct ether_frame *frame)
{
	const struct probing *p = context;

	probe_input(p->probe, now, frame);
}

static void questions_send(struct probing *p, struct instant now)
{
	struct probe_question q;

	while (probe_output(p->probe, now, &q)) {
		uint8_t mac[ETHER_MAC_BYTES];
		struct ether_frame frame;

		if (!outlets_open(p->outlets, now, &q.path, mac))
			continue;
		probe_frame(&q, mac, &frame);
		outlets_send(p->outlets, &q.path, &frame);
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
	outlets_read(p->outlets, now, answer_take, p);
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
