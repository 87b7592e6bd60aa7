/* SPDX-License-Identifier: Apache-2.0 */
/* The instance: its life, its timers, what it gives out. README.md in this folder is the overview.
 */
#include "proto/probe/probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/probe/instance.h"

const char *probe_state_name(enum probe_state state)
{
	static const char *const names[] = {
#define PROBE_STATE_NAME(name, text) [PROBE_STATE_##name] = text,
		PROBE_STATES(PROBE_STATE_NAME)
#undef PROBE_STATE_NAME
	};

	return TEXT_NAME(names, state);
}

const char *probe_drop_name(enum probe_drop reason)
{
	static const char *const names[] = {
#define PROBE_DROP_NAME(name, text) [PROBE_DROP_##name] = text,
		PROBE_DROPS(PROBE_DROP_NAME)
#undef PROBE_DROP_NAME
	};

	return TEXT_NAME(names, reason);
}

static bool tables_make(struct probe *p)
{
	size_t n = p->settings.sessions;

	p->sessions = calloc(n, sizeof(*p->sessions));
	if (!p->sessions || timers_reserve(&p->timers, 2 * n) < 0)
		return false;
	hash_reserve(&p->by_path, n);
	if (p->by_path.n_buckets < n)
		return false;
	for (size_t k = 0; k < n; k++)
		list_append(&p->free, &p->sessions[k].ready);
	return true;
}

struct probe *probe_new(const struct probe_settings *settings, uint64_t seed)
{
	struct probe *p = calloc(1, sizeof(*p));

	assert(settings->sessions > 0 && settings->sessions <= PROBE_SESSIONS_MAX);
	if (!p)
		return NULL;
	p->settings = *settings;
	random_init(&p->random, seed);
	timers_init(&p->timers);
	hash_init(&p->by_path);
	hash_seed(&p->by_path, hash_seed_for(seed, 0));
	list_init(&p->free);
	list_init(&p->ready);
	list_init(&p->changed);
	if (!tables_make(p)) {
		probe_free(p);
		return NULL;
	}
	return p;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	hash_done(&p->by_path);
	timers_done(&p->timers);
	free(p->sessions);
	free(p);
}

bool probe_is_empty(const struct probe *p)
{
	return p->n_used == 0;
}

struct instant probe_deadline(const struct probe *p)
{
	return list_empty(&p->ready) ? timers_deadline(&p->timers) : (struct instant){ 0 };
}

void probe_tick(struct probe *p, struct instant now)
{
	struct timer *t;

	while ((t = timers_pop(&p->timers, now)))
		switch ((enum probe_timer)t->slot) {
		case PROBE_TIMER_ASK:
			session_asks(p, now, container_of(t, struct probe_session, ask));
			break;
		case PROBE_TIMER_DETECT:
			session_is_silent(p, now, container_of(t, struct probe_session, detect));
			break;
		}
}

bool probe_event(struct probe *p, struct probe_event *ret)
{
	struct probe_session *s;

	if (list_empty(&p->changed))
		return false;
	s = container_of(p->changed.next, struct probe_session, changed);
	list_remove(&s->changed);
	*ret = (struct probe_event){ .path = s->path, .state = s->state };
	return true;
}

static void event_put(struct probe *p, struct probe_session *s)
{
	list_remove(&s->changed);
	list_append(&p->changed, &s->changed);
}

void probe_event_again(struct probe *p, const struct path *path)
{
	struct probe_session *s = session_find(p, path);

	if (s)
		event_put(p, s);
}

void probe_event_all(struct probe *p)
{
	for (size_t k = 0; k < p->settings.sessions; k++)
		if (p->sessions[k].used)
			event_put(p, &p->sessions[k]);
}

bool probe_has_event(const struct probe *p)
{
	return !list_empty(&p->changed);
}

uint64_t probe_changes(const struct probe *p)
{
	return p->changes;
}

const uint32_t *probe_drops(const struct probe *p)
{
	return p->drops;
}
