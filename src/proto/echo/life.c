/* SPDX-License-Identifier: Apache-2.0 */
/* The instance: its life, its timers, what it gives out. README.md in this folder is the overview.
 */
#include "proto/echo/echo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/echo/instance.h"

const char *echo_state_name(enum echo_state state)
{
	static const char *const names[] = {
#define ECHO_STATE_NAME(name, text) [ECHO_STATE_##name] = text,
		ECHO_STATES(ECHO_STATE_NAME)
#undef ECHO_STATE_NAME
	};

	return TEXT_NAME(names, state);
}

const char *echo_outcome_name(enum echo_outcome outcome)
{
	static const char *const names[] = {
#define ECHO_OUTCOME_NAME(name, text) [ECHO_OUTCOME_##name] = text,
		ECHO_OUTCOMES(ECHO_OUTCOME_NAME)
#undef ECHO_OUTCOME_NAME
	};

	return TEXT_NAME(names, outcome);
}

const char *echo_refusal_name(enum echo_refusal refusal)
{
	static const char *const names[] = {
#define ECHO_REFUSAL_NAME(name, text) [ECHO_REFUSAL_##name] = text,
		ECHO_REFUSALS(ECHO_REFUSAL_NAME)
#undef ECHO_REFUSAL_NAME
	};

	return TEXT_NAME(names, refusal);
}

const char *echo_drop_name(enum echo_drop reason)
{
	static const char *const names[] = {
#define ECHO_DROP_NAME(name, text) [ECHO_DROP_##name] = text,
		ECHO_DROPS(ECHO_DROP_NAME)
#undef ECHO_DROP_NAME
	};

	return TEXT_NAME(names, reason);
}

static bool tables_make(struct echo *e)
{
	size_t n = e->settings.tracks, m = e->settings.proofs;

	e->n_routers = n + m;
	e->tracks = calloc(n, sizeof(*e->tracks));
	e->tries = calloc(m, sizeof(*e->tries));
	e->routers = calloc(e->n_routers, sizeof(*e->routers));
	if (!e->tracks || !e->tries || !e->routers || timers_reserve(&e->timers, 2 * n + m + 2) < 0)
		return false;
	hash_reserve(&e->by_path, n);
	if (e->by_path.n_buckets < n)
		return false;
	for (size_t k = 0; k < n; k++)
		list_append(&e->free_tracks, &e->tracks[k].ready);
	for (size_t k = 0; k < m; k++)
		list_append(&e->free_tries, &e->tries[k].link);
	for (size_t k = 0; k < e->n_routers; k++)
		list_init(&e->routers[k].asking);
	return true;
}

/* From the key, so that nobody can tell them from what he knows of another instance. */
static void mark_make(struct echo_mark *mark, const uint64_t key[2])
{
	uint64_t n = hash_sip(key, "mark", 4);

	memcpy(mark->key, key, sizeof(mark->key));
	mark->cookie = (uint32_t)n;
	/* The dynamic ports (RFC 6335 6), as BFD's (RFC 5881 4). */
	mark->source_port = (uint16_t)(0xc000 | n >> 32);
}

struct echo *echo_new(const struct echo_settings *settings, uint64_t seed)
{
	struct echo *e = calloc(1, sizeof(*e));

	assert(settings->tracks > 0 && settings->tracks <= ECHO_TRACKS_MAX);
	assert(settings->proofs > 0 && settings->proofs <= ECHO_PROOFS_MAX);
	if (!e)
		return NULL;
	e->settings = *settings;
	mark_make(&e->mark, settings->key);
	random_init(&e->random, seed);
	timers_init(&e->timers);
	timer_init(&e->pace, ECHO_TIMER_PACE);
	timer_init(&e->gather, ECHO_TIMER_GATHER);
	hash_init(&e->by_path);
	hash_seed(&e->by_path, hash_seed_for(seed, 0));
	list_init(&e->asking);
	list_init(&e->free_tracks);
	list_init(&e->ready);
	list_init(&e->changed);
	list_init(&e->free_tries);
	list_init(&e->waiting);
	list_init(&e->done);
	tries_pace(e);
	if (!tables_make(e)) {
		echo_free(e);
		return NULL;
	}
	return e;
}

void echo_free(struct echo *e)
{
	if (!e)
		return;
	hash_done(&e->by_path);
	timers_done(&e->timers);
	free(e->tracks);
	free(e->tries);
	free(e->routers);
	explicit_bzero(e, sizeof(*e));
	free(e);
}

uint32_t echo_cookie(const struct echo *e)
{
	return e->mark.cookie;
}

void echo_stop(struct echo *e)
{
	for (size_t k = 0; k < e->settings.tracks; k++)
		if (e->tracks[k].used)
			track_free(e, &e->tracks[k]);
	for (size_t k = 0; k < e->settings.proofs; k++)
		if (e->tries[k].used)
			try_free(e, &e->tries[k]);
	timer_stop(&e->timers, &e->pace);
	tries_pace(e);
}

bool echo_is_empty(const struct echo *e)
{
	return e->n_tracks == 0 && e->n_tries == 0;
}

struct instant echo_deadline(const struct echo *e)
{
	bool sends = !list_empty(&e->asking) || !list_empty(&e->ready) ||
		     (!list_empty(&e->waiting) && !timer_running(&e->pace));

	return sends ? (struct instant){ 0 } : timers_deadline(&e->timers);
}

void echo_tick(struct echo *e, struct instant now)
{
	struct duration late = instant_since(now, timers_deadline(&e->timers));
	struct timer *t;

	if (late.ns > echo_us(ECHO_INTERVAL_MIN_US).ns / 4)
		tracks_held_up(e, now, late);
	while ((t = timers_pop(&e->timers, now)))
		switch ((enum echo_timer)t->slot) {
		case ECHO_TIMER_ASK:
			track_asks(e, now, container_of(t, struct echo_track, ask));
			break;
		case ECHO_TIMER_DETECT:
			track_is_silent(e, now, container_of(t, struct echo_track, detect));
			break;
		case ECHO_TIMER_TRY:
			try_expires(e, now, container_of(t, struct echo_try, timer));
			break;
		case ECHO_TIMER_PACE:
			tries_pace(e);
			break;
		case ECHO_TIMER_GATHER:
			tries_tell(e);
			break;
		}
}

bool echo_event(struct echo *e, struct echo_event *ret)
{
	struct echo_track *t;

	if (list_empty(&e->changed))
		return false;
	t = container_of(e->changed.next, struct echo_track, changed);
	list_remove(&t->changed);
	*ret = (struct echo_event){ .path = t->path, .state = t->state };
	return true;
}

static void event_put(struct echo *e, struct echo_track *t)
{
	list_remove(&t->changed);
	list_append(&e->changed, &t->changed);
}

void echo_event_again(struct echo *e, const struct path *path)
{
	struct echo_track *t = track_find(e, path);

	if (t)
		event_put(e, t);
}

void echo_event_all(struct echo *e)
{
	for (size_t k = 0; k < e->settings.tracks; k++)
		if (e->tracks[k].used)
			event_put(e, &e->tracks[k]);
}

bool echo_has_news(const struct echo *e)
{
	return !list_empty(&e->changed) || e->tells;
}

bool echo_path_next(const struct echo *e, size_t *position, struct path *ret)
{
	while (*position < e->routers_end) {
		const struct echo_router *r = &e->routers[(*position)++];

		if (r->holders == 0)
			continue;
		*ret = r->path;
		return true;
	}
	return false;
}

size_t echo_proofs_open(const struct echo *e)
{
	return e->n_open;
}

uint64_t echo_proofs_begun(const struct echo *e)
{
	return e->begun;
}

uint64_t echo_changes(const struct echo *e)
{
	return e->changes;
}

const uint32_t *echo_drops(const struct echo *e)
{
	return e->drops;
}
