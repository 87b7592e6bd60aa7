/* SPDX-License-Identifier: Apache-2.0 */
/* The instance: its life, its timers, what it gives out. README.md in this folder is the overview.
 */
#include "proto/bfd/bfd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/bfd/instance.h"

/* A packet or a timer changes a session's state once, and a host takes events after each of them.
 */
#define EVENTS_PER_SESSION 4

const char *bfd_state_name(enum bfd_state state)
{
	static const char *const names[] = {
#define BFD_STATE_NAME(name, text) [BFD_STATE_##name] = text,
		BFD_STATES(BFD_STATE_NAME)
#undef BFD_STATE_NAME
	};

	return TEXT_NAME(names, state);
}

const char *bfd_diagnostic_name(enum bfd_diagnostic diagnostic)
{
	static const char *const names[] = {
#define BFD_DIAGNOSTIC_NAME(name, text) [BFD_DIAGNOSTIC_##name] = text,
		BFD_DIAGNOSTICS(BFD_DIAGNOSTIC_NAME)
#undef BFD_DIAGNOSTIC_NAME
	};

	return diagnostic < BFD_DIAGNOSTIC_COUNT ? names[diagnostic] : "reserved";
}

const char *bfd_drop_name(enum bfd_drop reason)
{
	static const char *const names[] = {
#define BFD_DROP_NAME(name, text) [BFD_DROP_##name] = text,
		BFD_DROPS(BFD_DROP_NAME)
#undef BFD_DROP_NAME
	};

	return TEXT_NAME(names, reason);
}

const char *bfd_auth_name(uint8_t type)
{
	static const char *const names[] = {
		[BFD_AUTH_NONE] = "none", [BFD_AUTH_PASSWORD] = "simple",
		[BFD_AUTH_MD5] = "md5",	  [BFD_AUTH_MD5_METICULOUS] = "meticulous-md5",
		[BFD_AUTH_SHA1] = "sha1", [BFD_AUTH_SHA1_METICULOUS] = "meticulous-sha1",
	};

	return type <= BFD_AUTH_SHA1_METICULOUS ? names[type] : NULL;
}

size_t bfd_secret_max(uint8_t type)
{
	bool sha1 = type == BFD_AUTH_SHA1 || type == BFD_AUTH_SHA1_METICULOUS;

	return sha1 ? BFD_SECRET_MAX : BFD_PASSWORD_MAX;
}

static bool tables_make(struct bfd *b)
{
	size_t n = b->settings.sessions;

	b->sessions = calloc(n, sizeof(*b->sessions));
	b->events = calloc(n * EVENTS_PER_SESSION, sizeof(*b->events));
	if (!b->sessions || !b->events || timers_reserve(&b->timers, 2 * n) < 0)
		return false;
	hash_reserve(&b->by_key, n);
	hash_reserve(&b->by_discriminator, n);
	if (b->by_key.n_buckets < n || b->by_discriminator.n_buckets < n)
		return false;
	for (size_t k = 0; k < n; k++)
		list_append(&b->free, &b->sessions[k].ready);
	return true;
}

struct bfd *bfd_new(const struct bfd_settings *settings, uint64_t seed)
{
	struct bfd *b = calloc(1, sizeof(*b));

	assert(settings->sessions > 0 && settings->sessions <= BFD_SESSIONS_MAX);
	if (!b)
		return NULL;
	b->settings = *settings;
	random_init(&b->random, seed);
	timers_init(&b->timers);
	hash_init(&b->by_key);
	hash_init(&b->by_discriminator);
	hash_seed(&b->by_key, hash_seed_for(seed, 0));
	hash_seed(&b->by_discriminator, hash_seed_for(seed, 1));
	list_init(&b->free);
	list_init(&b->ready);
	if (!tables_make(b)) {
		bfd_free(b);
		return NULL;
	}
	return b;
}

void bfd_free(struct bfd *b)
{
	if (!b)
		return;
	if (b->sessions)
		explicit_bzero(b->sessions, b->settings.sessions * sizeof(*b->sessions));
	hash_done(&b->by_key);
	hash_done(&b->by_discriminator);
	timers_done(&b->timers);
	free(b->events);
	free(b->sessions);
	free(b);
}

bool bfd_is_empty(const struct bfd *b)
{
	return b->n_used == 0;
}

size_t bfd_session_count(const struct bfd *b)
{
	return b->n_used;
}

void bfd_tell(struct bfd *b, const struct bfd_event *e)
{
	size_t capacity = b->settings.sessions * EVENTS_PER_SESSION;

	/* Whoever does not take them loses the oldest: the last say what is true. */
	if (b->n_events == capacity) {
		b->first_event = (b->first_event + 1) % capacity;
		b->n_events--;
	}
	b->events[(b->first_event + b->n_events++) % capacity] = *e;
}

bool bfd_event(struct bfd *b, struct bfd_event *ret)
{
	size_t capacity = b->settings.sessions * EVENTS_PER_SESSION;

	if (b->n_events == 0)
		return false;
	*ret = b->events[b->first_event];
	b->first_event = (b->first_event + 1) % capacity;
	b->n_events--;
	return true;
}

struct instant bfd_deadline(const struct bfd *b)
{
	return list_empty(&b->ready) ? timers_deadline(&b->timers) : (struct instant){ 0 };
}

static void transmit_due(struct bfd *b, struct instant now, struct bfd_session *s)
{
	session_wants_to_send(b, s, BFD_SEND_PERIODIC);
	if (!s->leaving)
		interval_next(b, now, s);
}

/* Which of the times in held_up_until is an interval's. */
static size_t held_up_class(struct duration interval)
{
	size_t k = 0;

	while (k < BFD_HELD_UP_CLASSES - 1 && (BFD_INTERVAL_MIN_US * 1000LL << k) < interval.ns)
		k++;
	return k;
}

struct instant bfd_held_up_until(const struct bfd *b, struct duration interval)
{
	return b->held_up_until[held_up_class(interval)];
}

static void lateness_note(struct bfd *b, struct instant now)
{
	struct instant due = timers_deadline(&b->timers);
	struct duration late;

	if (!instant_reached(due, now))
		return;
	late = instant_since(now, due);
	for (size_t k = 0; k < BFD_HELD_UP_CLASSES; k++)
		if (late.ns > BFD_INTERVAL_MIN_US * 1000LL / 4 << k)
			b->held_up_until[k] = now;
}

void bfd_tick(struct bfd *b, struct instant now)
{
	struct timer *t;

	lateness_note(b, now);
	while ((t = timers_pop(&b->timers, now)))
		switch ((enum bfd_timer)t->slot) {
		case BFD_TIMER_TRANSMIT:
			transmit_due(b, now, container_of(t, struct bfd_session, transmit));
			break;
		case BFD_TIMER_DETECT:
			session_expired(b, now, container_of(t, struct bfd_session, detect));
			break;
		}
}

const uint32_t *bfd_drops(const struct bfd *b)
{
	return b->drops;
}
