/* SPDX-License-Identifier: Apache-2.0 */
/* The tracks: how they come and go, when a packet leaves, and what silence is. */
#include <errno.h>
#include <string.h>

#include "proto/echo/instance.h"

struct echo_track *track_find(const struct echo *e, const struct path *path)
{
	uint32_t h = path_hash(e->by_path.seed, path);

	for (struct hash_node *n = hash_first(&e->by_path, h); n; n = hash_next(n, h)) {
		struct echo_track *t = container_of(n, struct echo_track, by_path);

		if (path_equal(&t->path, path))
			return t;
	}
	return NULL;
}

int echo_params_check(const struct echo_params *params)
{
	bool valid = params->interval_us >= ECHO_INTERVAL_MIN_US &&
		     params->interval_us <= ECHO_INTERVAL_MAX_US && params->multiplier > 0;

	return valid ? 0 : -EINVAL;
}

static struct duration interval(const struct echo_track *t)
{
	bool slow = t->state != ECHO_STATE_UP && t->params.interval_us < ECHO_SLOW_US;

	return echo_us(slow ? ECHO_SLOW_US : t->params.interval_us);
}

static struct duration detection(const struct echo_track *t)
{
	return echo_us((uint64_t)t->params.multiplier * t->params.interval_us);
}

/* So long the last packet had its time when the router is given up. */
static struct duration patience(const struct echo_track *t)
{
	return echo_us(t->params.interval_us / 10);
}

/*
 * 75 to 90 % of the interval, as BFD's (RFC 5880 6.8.7): so that many hosts do not fall into step,
 * and so that as many packets as the multiplier says have had their time when a router is given up.
 */
static void ask_later(struct echo *e, struct instant now, struct echo_track *t)
{
	int64_t ns = interval(t).ns;
	struct duration d = random_between(&e->random, (struct duration){ ns / 20 * 15 },
					   (struct duration){ ns / 20 * 18 });

	(void)timer_set(&e->timers, &t->ask, instant_add(now, d));
}

/* The same, when it would be too late by what holds now. */
static void ask_sooner(struct echo *e, struct instant now, struct echo_track *t)
{
	if (instant_before(instant_add(now, interval(t)), t->ask.due))
		ask_later(e, now, t);
}

static void set_state(struct echo *e, struct instant now, struct echo_track *t,
		      enum echo_state state)
{
	t->flaps += t->state == ECHO_STATE_UP;
	t->state = (uint8_t)state;
	t->since = now;
	e->changes++;
	list_remove(&t->changed);
	list_append(&e->changed, &t->changed);
}

/*
 * While all goes well nobody but the router hears of it. Its address may move to another host
 * (VRRP, a router that is replaced), which is no failure: so when a return is missing it is asked
 * where it is as well, and with a multiplier of 1, where there is no second try, always.
 */
void track_asks(struct echo *e, struct instant now, struct echo_track *t)
{
	ask_later(e, now, t);
	if (!t->router->known || t->open > 0 || t->params.multiplier == 1)
		(void)router_ask(e, now, t->router);
	/* What cannot be sent cannot come back. */
	if (!t->router->known)
		return;
	list_remove(&t->ready);
	list_append(&e->ready, &t->ready);
	if (t->open < UINT32_MAX)
		t->open++;
	t->asked_at = now;
}

/* It is elsewhere: what was sent to the old place is lost, which is nobody's failure. */
void track_router_moved(struct echo *e, struct instant now, struct echo_track *t)
{
	track_asks(e, now, t);
}

bool track_output(struct echo *e, struct instant now, struct echo_send *ret)
{
	struct echo_track *t;
	uint64_t serial;

	if (list_empty(&e->ready))
		return false;
	t = container_of(e->ready.next, struct echo_track, ready);
	list_remove(&t->ready);
	serial = serial_draw(e, (unsigned)(t - e->tracks));
	t->window[t->next] = (struct echo_sent){ .serial = serial, .at = now, .open = true };
	t->next = (t->next + 1) % ECHO_WINDOW;
	t->sent++;
	*ret = (struct echo_send){
		.interface = t->path.interface,
		.path = t->path,
		.source = t->source,
		.destination = t->source,
		.serial = serial,
	};
	memcpy(ret->mac, t->router->mac, ETHER_MAC_BYTES);
	return true;
}

/*
 * Silence counts only where something was sent, and where somebody has listened: a host that was
 * held up has done too little of either, and makes up for it first.
 */
void track_is_silent(struct echo *e, struct instant now, struct echo_track *t)
{
	struct instant due = instant_max(instant_add(t->asked_at, patience(t)), t->held);
	uint32_t missing = t->open < t->params.multiplier ? t->params.multiplier - t->open : 0;

	if (t->state != ECHO_STATE_UP)
		return;
	if (missing == 0 && instant_reached(due, now)) {
		set_state(e, now, t, ECHO_STATE_DOWN);
		return;
	}
	if (missing > 0)
		due = instant_max(t->held, instant_add(now, echo_us((uint64_t)missing *
								    t->params.interval_us)));
	(void)timer_set(&e->timers, &t->detect, due);
}

/*
 * As BFD does it (src/proto/bfd, "Silence of our own"): what has come back may stand in a ring that
 * nobody has emptied, and a router on the same machine stood still as well. Bounded: on a machine
 * that is always late a dead router is noticed after twice the time, not never.
 */
void tracks_held_up(struct echo *e, struct instant now, struct duration late)
{
	for (size_t k = 0; k < e->settings.tracks; k++) {
		struct echo_track *t = &e->tracks[k];

		if (!t->used || t->state != ECHO_STATE_UP || t->excused >= t->params.multiplier ||
		    late.ns <= echo_us(t->params.interval_us).ns / 4)
			continue;
		t->excused++;
		t->held = instant_add(now, echo_us(t->params.interval_us));
	}
}

static struct echo_sent *window_find(struct echo_track *t, uint64_t serial)
{
	for (unsigned k = 0; k < ECHO_WINDOW; k++)
		if (t->window[k].serial == serial)
			return &t->window[k];
	return NULL;
}

static void track_returned(struct echo *e, struct instant now, struct echo_track *t,
			   struct echo_sent *sent)
{
	sent->open = false;
	t->time_us = (uint32_t)(instant_since(now, sent->at).ns / 1000);
	t->returned++;
	t->open = 0;
	t->excused = 0;
	t->refusal = ECHO_REFUSAL_NOTHING;
	t->heard_at = now;
	if (t->state != ECHO_STATE_UP)
		set_state(e, now, t, ECHO_STATE_UP);
	ask_sooner(e, now, t);
	(void)timer_set(&e->timers, &t->detect, instant_add(now, detection(t)));
}

/* What is not open any more, or not in time; NOTHING to say against it: ECHO_DROP_COUNT. */
static enum echo_drop track_judge(const struct echo_track *t, struct instant now,
				  const struct echo_heard *h, const struct echo_sent *sent,
				  uint32_t interface)
{
	struct duration bound = detection(t).ns > ECHO_LATE.ns ? detection(t) : ECHO_LATE;

	if (!sent)
		return ECHO_DROP_LATE;
	if (!sent->open)
		return ECHO_DROP_DUPLICATE;
	if (instant_since(now, sent->at).ns > bound.ns)
		return ECHO_DROP_LATE;
	if (h->error)
		return ECHO_DROP_COUNT;
	/* RFC 9747 2: what our neighbour has forwarded, and nobody else, on the link itself. */
	if (h->ttl != ECHO_TTL - 1)
		return ECHO_DROP_TTL;
	return interface == t->path.interface ? ECHO_DROP_COUNT : ECHO_DROP_INTERFACE;
}

void track_heard(struct echo *e, struct instant now, struct echo_track *t,
		 const struct echo_heard *h, uint32_t interface)
{
	struct echo_sent *sent = window_find(t, h->serial);
	enum echo_drop reason = track_judge(t, now, h, sent, interface);

	if (reason != ECHO_DROP_COUNT) {
		echo_drop_count(e, reason);
	} else if (h->error) {
		/* It is no return; that is conclusion enough, and silence follows. */
		sent->open = false;
		t->refused++;
		t->refusal = h->refusal;
	} else {
		track_returned(e, now, t, sent);
	}
}

static struct echo_track *track_new(struct echo *e, struct instant now, const struct path *path)
{
	struct echo_track *t;

	if (list_empty(&e->free_tracks))
		return NULL;
	t = container_of(e->free_tracks.next, struct echo_track, ready);
	list_remove(&t->ready);
	memset(t, 0, sizeof(*t));
	list_init(&t->ready);
	list_init(&t->changed);
	t->used = true;
	e->n_tracks++;
	t->path = *path;
	t->since = now;
	t->router = router_hold(e, now, path);
	timer_init(&t->ask, ECHO_TIMER_ASK);
	timer_init(&t->detect, ECHO_TIMER_DETECT);
	/* The table has its buckets since echo_new(). */
	(void)hash_insert(&e->by_path, &t->by_path, path_hash(e->by_path.seed, path));
	return t;
}

void track_free(struct echo *e, struct echo_track *t)
{
	timer_stop(&e->timers, &t->ask);
	timer_stop(&e->timers, &t->detect);
	hash_remove(&e->by_path, &t->by_path);
	list_remove(&t->ready);
	list_remove(&t->changed);
	t->used = false;
	e->n_tracks--;
	list_append(&e->free_tracks, &t->ready);
	router_release(t->router);
}

/* Another source is another way: what is open of the old one says nothing of it. */
static void track_change(struct echo *e, struct instant now, struct echo_track *t,
			 const struct echo_params *params, const struct address *source)
{
	bool moved = address_is_set(&t->source) && !address_equal(&t->source, source);

	t->params = *params;
	t->source = *source;
	if (moved)
		memset(t->window, 0, sizeof(t->window));
	ask_sooner(e, now, t);
	if (t->state == ECHO_STATE_UP)
		(void)timer_set(&e->timers, &t->detect,
				instant_add(moved ? now : t->heard_at, detection(t)));
}

int echo_track_set(struct echo *e, struct instant now, const struct path *path,
		   const struct echo_params *params)
{
	struct echo_track *t = track_find(e, path);
	struct address source = address_is_set(&params->source) ? params->source : path->local;

	if (echo_params_check(params) < 0 || !path_is_valid(path) || path->interface == 0 ||
	    source.family != path->peer.family || address_is_link_local(&source) ||
	    address_is_multicast(&source) || address_is_unspecified(&source))
		return -EINVAL;
	if (t) {
		track_change(e, now, t, params, &source);
	} else {
		t = track_new(e, now, path);
		if (!t)
			return -ENOSPC;
		t->params = *params;
		t->source = source;
		track_asks(e, now, t);
	}
	echo_event_again(e, path);
	return 0;
}

void echo_track_remove(struct echo *e, const struct path *path)
{
	struct echo_track *t = track_find(e, path);

	if (t)
		track_free(e, t);
}

static void track_describe(const struct echo_track *t, struct echo_track_info *ret)
{
	*ret = (struct echo_track_info){
		.path = t->path,
		.state = t->state,
		.refusal = t->refusal,
		.since = t->since,
		.flaps = t->flaps,
		.time_us = t->time_us,
		.sent = t->sent,
		.returned = t->returned,
		.refused = t->refused,
	};
	if (t->router->known)
		memcpy(ret->mac, t->router->mac, ETHER_MAC_BYTES);
}

bool echo_track_find(const struct echo *e, const struct path *path, struct echo_track_info *ret)
{
	const struct echo_track *t = track_find(e, path);

	if (!t)
		return false;
	track_describe(t, ret);
	return true;
}

bool echo_track_next(const struct echo *e, size_t *position, struct echo_track_info *ret)
{
	while (*position < e->settings.tracks) {
		const struct echo_track *t = &e->tracks[(*position)++];

		if (!t->used)
			continue;
		track_describe(t, ret);
		return true;
	}
	return false;
}
