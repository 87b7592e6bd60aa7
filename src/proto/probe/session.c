/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions: how they come and go, when they ask, and what silence is. */
#include <errno.h>
#include <string.h>

#include "proto/probe/instance.h"

static struct duration us(uint64_t n)
{
	return (struct duration){ (int64_t)(n * 1000) };
}

struct probe_session *session_find(const struct probe *p, const struct path *path)
{
	uint32_t h = path_hash(p->by_path.seed, path);

	for (struct hash_node *n = hash_first(&p->by_path, h); n; n = hash_next(n, h)) {
		struct probe_session *s = container_of(n, struct probe_session, by_path);

		if (path_equal(&s->path, path))
			return s;
	}
	return NULL;
}

int probe_params_check(const struct probe_params *params)
{
	bool valid = params->interval_us >= PROBE_INTERVAL_MIN_US &&
		     params->interval_us <= PROBE_INTERVAL_MAX_US && params->multiplier > 0;

	return valid ? 0 : -EINVAL;
}

static struct duration interval(const struct probe_session *s)
{
	bool slow = s->state != PROBE_STATE_UP && s->params.interval_us < PROBE_SLOW_US;

	return us(slow ? PROBE_SLOW_US : s->params.interval_us);
}

/* So long the last question of a neighbour that is given up had its time. */
static struct duration patience(const struct probe_session *s)
{
	return us(s->params.interval_us / 10);
}

/*
 * 75 to 90 % of the interval: as BFD's, so that many hosts do not fall into step, and so that as
 * many questions as the multiplier says have had their time when the neighbour is given up.
 */
static void ask_later(struct probe *p, struct instant now, struct probe_session *s)
{
	int64_t ns = interval(s).ns;
	struct duration d = random_between(&p->random, (struct duration){ ns / 20 * 15 },
					   (struct duration){ ns / 20 * 18 });

	(void)timer_set(&p->timers, &s->ask, instant_add(now, d));
}

/* The same, when it would be too late by what holds now. */
static void ask_sooner(struct probe *p, struct instant now, struct probe_session *s)
{
	if (instant_before(instant_add(now, interval(s)), s->ask.due))
		ask_later(p, now, s);
}

static void detect_later(struct probe *p, struct instant from, struct probe_session *s)
{
	struct duration d = us((uint64_t)s->params.multiplier * s->params.interval_us);

	(void)timer_set(&p->timers, &s->detect, instant_add(from, d));
}

static void set_state(struct probe *p, struct instant now, struct probe_session *s,
		      enum probe_state state)
{
	s->flaps += s->state == PROBE_STATE_UP;
	s->state = (uint8_t)state;
	p->changes++;
	s->since = now;
	list_remove(&s->changed);
	list_append(&p->changed, &s->changed);
}

/*
 * While all goes well one host is asked, the one that has answered: nobody else on the LAN is woken
 * by it. The neighbour's address may move to another host (VRRP, a router that is replaced), which
 * is no failure; so when an answer is missing everybody is asked as well, and with a multiplier of
 * 1, where there is no second try, always. One that does not answer at all is looked for
 * everywhere.
 */
void session_asks(struct probe *p, struct instant now, struct probe_session *s)
{
	bool missing = s->open > 0 || s->params.multiplier == 1;

	if (s->waiting == 0)
		list_append(&p->ready, &s->ready);
	s->waiting = s->mac_known ? PROBE_ASK_ONE : PROBE_ASK_ALL;
	if (missing)
		s->waiting |= PROBE_ASK_ALL;
	if (s->open < UINT32_MAX)
		s->open++;
	s->asked_at = now;
	ask_later(p, now, s);
}

/*
 * Silence counts only where something was asked: a host that was held up has asked too little, and
 * makes up for it first.
 */
void session_is_silent(struct probe *p, struct instant now, struct probe_session *s)
{
	struct instant answerable = instant_add(s->asked_at, patience(s));
	uint32_t missing = s->open < s->params.multiplier ? s->params.multiplier - s->open : 0;

	if (s->state != PROBE_STATE_UP)
		return;
	if (missing == 0 && instant_reached(answerable, now)) {
		set_state(p, now, s, PROBE_STATE_DOWN);
		return;
	}
	if (missing > 0)
		answerable = instant_add(now, us((uint64_t)missing * s->params.interval_us));
	(void)timer_set(&p->timers, &s->detect, answerable);
}

void session_answered(struct probe *p, struct instant now, struct probe_session *s,
		      const uint8_t mac[ETHER_MAC_BYTES])
{
	s->answered++;
	s->open = 0;
	s->heard_at = now;
	s->mac_known = true;
	memcpy(s->mac, mac, ETHER_MAC_BYTES);
	if (s->state != PROBE_STATE_UP)
		set_state(p, now, s, PROBE_STATE_UP);
	ask_sooner(p, now, s);
	detect_later(p, now, s);
}

static struct probe_session *session_new(struct probe *p, struct instant now,
					 const struct path *path)
{
	struct probe_session *s;

	if (list_empty(&p->free))
		return NULL;
	s = container_of(p->free.next, struct probe_session, ready);
	list_remove(&s->ready);
	memset(s, 0, sizeof(*s));
	list_init(&s->ready);
	list_init(&s->changed);
	s->used = true;
	p->n_used++;
	s->path = *path;
	s->since = now;
	timer_init(&s->ask, PROBE_TIMER_ASK);
	timer_init(&s->detect, PROBE_TIMER_DETECT);
	/* The table has its buckets since probe_new(). */
	(void)hash_insert(&p->by_path, &s->by_path, path_hash(p->by_path.seed, path));
	return s;
}

static void session_free(struct probe *p, struct probe_session *s)
{
	timer_stop(&p->timers, &s->ask);
	timer_stop(&p->timers, &s->detect);
	hash_remove(&p->by_path, &s->by_path);
	list_remove(&s->ready);
	list_remove(&s->changed);
	s->used = false;
	p->n_used--;
	list_append(&p->free, &s->ready);
}

static void session_change(struct probe *p, struct instant now, struct probe_session *s,
			   const struct probe_params *params)
{
	s->params = *params;
	ask_sooner(p, now, s);
	if (s->state == PROBE_STATE_UP)
		detect_later(p, s->heard_at, s);
}

int probe_session_set(struct probe *p, struct instant now, const struct path *path,
		      const struct probe_params *params)
{
	struct probe_session *s = session_find(p, path);

	if (probe_params_check(params) < 0 || !path_is_valid(path) || path->interface == 0)
		return -EINVAL;
	if (s) {
		session_change(p, now, s, params);
	} else {
		s = session_new(p, now, path);
		if (!s)
			return -ENOSPC;
		s->params = *params;
		session_asks(p, now, s);
	}
	probe_event_again(p, path);
	return 0;
}

void probe_session_remove(struct probe *p, const struct path *path)
{
	struct probe_session *s = session_find(p, path);

	if (s)
		session_free(p, s);
}

void probe_stop(struct probe *p)
{
	for (size_t k = 0; k < p->settings.sessions; k++)
		if (p->sessions[k].used)
			session_free(p, &p->sessions[k]);
}

static void session_describe(const struct probe_session *s, struct probe_session_info *ret)
{
	*ret = (struct probe_session_info){
		.path = s->path,
		.state = s->state,
		.since = s->since,
		.flaps = s->flaps,
		.asked = s->asked,
		.answered = s->answered,
	};
	memcpy(ret->mac, s->mac, ETHER_MAC_BYTES);
}

bool probe_session_find(const struct probe *p, const struct path *path,
			struct probe_session_info *ret)
{
	const struct probe_session *s = session_find(p, path);

	if (!s)
		return false;
	session_describe(s, ret);
	return true;
}

bool probe_session_next(const struct probe *p, size_t *position, struct probe_session_info *ret)
{
	while (*position < p->settings.sessions) {
		const struct probe_session *s = &p->sessions[(*position)++];

		if (!s->used)
			continue;
		session_describe(s, ret);
		return true;
	}
	return false;
}
