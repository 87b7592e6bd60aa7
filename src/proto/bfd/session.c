/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions: who wants one, who finds it, how it comes and goes. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/bfd/instance.h"

static uint32_t discriminator_hash(const struct bfd *b, uint32_t discriminator)
{
	return hash_keyed(b->by_discriminator.seed, &discriminator, sizeof(discriminator));
}

struct bfd_session *session_by_key(const struct bfd *b, const struct path *key)
{
	uint32_t h = path_hash(b->by_key.seed, key);

	for (struct hash_node *n = hash_first(&b->by_key, h); n; n = hash_next(n, h)) {
		struct bfd_session *s = container_of(n, struct bfd_session, by_key);

		if (path_equal(&s->key, key))
			return s;
	}
	return NULL;
}

struct bfd_session *session_by_discriminator(const struct bfd *b, uint32_t discriminator)
{
	uint32_t h = discriminator_hash(b, discriminator);

	for (struct hash_node *n = hash_first(&b->by_discriminator, h); n; n = hash_next(n, h)) {
		struct bfd_session *s = container_of(n, struct bfd_session, by_discriminator);

		if (s->discriminator == discriminator)
			return s;
	}
	return NULL;
}

/* RFC 5880 6.8.1: unique on this system, not zero, and better not to be guessed. */
static uint32_t discriminator_draw(struct bfd *b)
{
	for (;;) {
		uint32_t d = (uint32_t)(random_next(&b->random) >> 32);

		if (d != 0 && !session_by_discriminator(b, d))
			return d;
	}
}

static bool port_is_used(const struct bfd *b, uint16_t port)
{
	for (size_t k = 0; k < b->settings.sessions; k++)
		if (b->sessions[k].used && b->sessions[k].source_port == port)
			return true;
	return false;
}

/* RFC 5881 4: 49152 to 65535, and each session its own. There are more ports than sessions. */
static uint16_t port_draw(struct bfd *b)
{
	for (;;) {
		uint16_t port = (uint16_t)(BFD_SOURCE_PORT_MIN +
					   random_below(&b->random, 65536 - BFD_SOURCE_PORT_MIN));

		if (!port_is_used(b, port))
			return port;
	}
}

static bool secret_is_valid(const struct bfd_secret *s, uint8_t auth)
{
	return s->length >= 1 && s->length <= bfd_secret_max(auth);
}

static bool auth_is_valid(const struct bfd_params *p)
{
	if (p->auth == BFD_AUTH_NONE)
		return true;
	if (p->auth > BFD_AUTH_SHA1_METICULOUS || p->n_secrets < 1 || p->n_secrets > BFD_KEYS_MAX)
		return false;
	for (size_t k = 0; k < p->n_secrets; k++)
		if (!secret_is_valid(&p->secrets[k], p->auth))
			return false;
	return true;
}

static bool interval_is_valid(uint32_t us)
{
	return us >= BFD_INTERVAL_MIN_US && us <= BFD_INTERVAL_MAX_US;
}

int bfd_params_check(const struct bfd_params *p)
{
	bool valid = interval_is_valid(p->tx_us) && interval_is_valid(p->rx_us) &&
		     p->multiplier > 0 && auth_is_valid(p);

	return valid ? 0 : -EINVAL;
}

static struct bfd_session *session_new(struct bfd *b, const struct path *key)
{
	struct bfd_session *s;

	if (list_empty(&b->free))
		return NULL;
	s = container_of(b->free.next, struct bfd_session, ready);
	list_remove(&s->ready);
	memset(s, 0, sizeof(*s));
	list_init(&s->ready);
	s->used = true;
	b->n_used++;
	s->key = *key;
	s->discriminator = discriminator_draw(b);
	s->source_port = port_draw(b);
	s->transmit_sequence = (uint32_t)random_next(&b->random);
	s->state = s->remote_state = BFD_STATE_DOWN;
	s->remote_rx_us = 1; /* RFC 5880 6.8.1 */
	timer_init(&s->transmit, BFD_TIMER_TRANSMIT);
	timer_init(&s->detect, BFD_TIMER_DETECT);
	/* The tables have their buckets since bfd_new(). */
	(void)hash_insert(&b->by_key, &s->by_key, path_hash(b->by_key.seed, key));
	(void)hash_insert(&b->by_discriminator, &s->by_discriminator,
			  discriminator_hash(b, s->discriminator));
	return s;
}

void session_free(struct bfd *b, struct bfd_session *s)
{
	timer_stop(&b->timers, &s->transmit);
	timer_stop(&b->timers, &s->detect);
	hash_remove(&b->by_key, &s->by_key);
	hash_remove(&b->by_discriminator, &s->by_discriminator);
	list_remove(&s->ready);
	explicit_bzero(&s->params, sizeof(s->params));
	for (size_t k = 0; k < BFD_DROP_COUNT; k++)
		b->drops[k] += s->drops[k];
	s->used = false;
	b->n_used--;
	list_append(&b->free, &s->ready);
}

static bool auth_differs(const struct bfd_params *a, const struct bfd_params *b)
{
	return a->auth != b->auth || a->n_secrets != b->n_secrets ||
	       memcmp(a->secrets, b->secrets, sizeof(a->secrets)) != 0;
}

static void session_change(struct bfd *b, struct instant now, struct bfd_session *s,
			   const struct bfd_params *params)
{
	struct bfd_params before = s->params;

	if (memcmp(&before, params, sizeof(before)) == 0)
		return;
	s->params = *params;
	if (auth_differs(&before, params))
		s->sequence_known = false;
	if (before.tx_us != params->tx_us || before.rx_us != params->rx_us)
		interval_changed(b, now, s);
	else
		session_wants_to_send(b, s, BFD_SEND_CHANGE);
	interval_adapt(b, now, s);
}

int bfd_session_set(struct bfd *b, struct instant now, const struct path *key,
		    const struct bfd_params *params)
{
	struct bfd_session *s = session_by_key(b, key);

	if (bfd_params_check(params) < 0 || !path_is_valid(key))
		return -EINVAL;
	/* It is wanted again while it says good-bye: that is a new one. */
	if (s && s->leaving) {
		session_free(b, s);
		s = NULL;
	}
	if (s) {
		session_change(b, now, s, params);
		return 0;
	}
	s = session_new(b, key);
	if (!s)
		return -ENOSPC;
	s->params = *params;
	s->since = now;
	s->tx_us = interval_desired_us(s);
	s->rx_us = params->rx_us;
	if (!params->passive)
		session_wants_to_send(b, s, BFD_SEND_CHANGE);
	interval_next(b, now, s);
	return 0;
}

void session_wants_to_send(struct bfd *b, struct bfd_session *s, enum bfd_send why)
{
	if (s->send == 0)
		list_append(&b->ready, &s->ready);
	s->send |= (uint8_t)why;
}

uint16_t session_slot(const struct bfd *b, const struct bfd_session *s)
{
	return (uint16_t)(s - b->sessions);
}

static void session_tell(struct bfd *b, const struct bfd_session *s, uint8_t from)
{
	bfd_tell(b, &(struct bfd_event){
			    .key = s->key,
			    .slot = session_slot(b, s),
			    .from = from,
			    .to = s->state,
			    .diagnostic = s->diagnostic,
			    .remote_state = s->remote_state,
			    .remote_diagnostic = s->remote_diagnostic,
		    });
}

void session_entered(struct bfd *b, struct instant now, struct bfd_session *s, uint8_t from)
{
	if (from == BFD_STATE_UP)
		s->flaps++;
	interval_changed(b, now, s);
	if (!s->leaving)
		session_tell(b, s, from);
}

/*
 * Silence counts only where somebody has listened. Who was held up himself may have what the peer
 * has sent still before him, and a peer on the same machine was held up as well: it has one
 * interval more to be heard. As often as it may miss packets and no more, so a machine that is
 * always late notices a dead peer after twice the detection time.
 */
static bool is_postponed(struct bfd *b, struct instant now, struct bfd_session *s)
{
	struct duration interval = interval_receive(s);
	struct instant held_up_until = bfd_held_up_until(b, interval);
	struct instant answerable = instant_add(held_up_until, interval);

	if (s->postponed >= s->remote_multiplier ||
	    !instant_before(s->received_at, held_up_until) || instant_reached(answerable, now))
		return false;
	s->postponed++;
	(void)timer_set(&b->timers, &s->detect, answerable);
	return true;
}

void session_expired(struct bfd *b, struct instant now, struct bfd_session *s)
{
	if (is_postponed(b, now, s))
		return;
	/* RFC 5880 6.8.1: who is silent for so long may come back as somebody else. */
	s->remote_discriminator = 0;
	s->remote_state = BFD_STATE_DOWN;
	s->remote_rx_us = 1;
	s->remote_demand = false;
	(void)fsm_step(b, now, s, BFD_FSM_EXPIRED);
	interval_adapt(b, now, s);
}

static void session_leave(struct bfd *b, struct instant now, struct bfd_session *s)
{
	if (s->leaving)
		return;
	s->leaving = true;
	(void)fsm_step(b, now, s, BFD_FSM_REMOVED);
	timer_stop(&b->timers, &s->detect);
	s->farewells = BFD_FAREWELLS;
	s->poll = BFD_POLL_NONE;
	session_wants_to_send(b, s, BFD_SEND_CHANGE);
}

void bfd_session_remove(struct bfd *b, struct instant now, const struct path *key)
{
	struct bfd_session *s = session_by_key(b, key);

	if (s)
		session_leave(b, now, s);
}

void bfd_stop(struct bfd *b, struct instant now)
{
	for (size_t k = 0; k < b->settings.sessions; k++)
		if (b->sessions[k].used)
			session_leave(b, now, &b->sessions[k]);
}

void bfd_session_move(struct bfd *b, const struct path *key)
{
	struct bfd_session *s = session_by_key(b, key);

	if (s)
		s->source_port = port_draw(b);
}

static void session_describe(const struct bfd *b, const struct bfd_session *s,
			     struct bfd_session_info *ret)
{
	*ret = (struct bfd_session_info){
		.key = s->key,
		.slot = session_slot(b, s),
		.state = s->state,
		.remote_state = s->remote_state,
		.diagnostic = s->last_diagnostic,
		.remote_diagnostic = s->remote_diagnostic,
		.multiplier = s->params.multiplier,
		.remote_multiplier = s->remote_multiplier,
		.remote_independent = s->remote_independent,
		.discriminator = s->discriminator,
		.remote_discriminator = s->remote_discriminator,
		.source_port = s->source_port,
		.tx = interval_transmit(s),
		.detect = timer_running(&s->detect) ? interval_detect(s) : (struct duration){ 0 },
		.since = s->since,
		.flaps = s->flaps,
		.sent = s->sent,
		.received = s->received,
	};
	memcpy(ret->drops, s->drops, sizeof(ret->drops));
}

bool bfd_session_find(const struct bfd *b, const struct path *key, struct bfd_session_info *ret)
{
	const struct bfd_session *s = session_by_key(b, key);

	if (!s)
		return false;
	session_describe(b, s, ret);
	return true;
}

bool bfd_session_next(const struct bfd *b, size_t *position, struct bfd_session_info *ret)
{
	while (*position < b->settings.sessions) {
		const struct bfd_session *s = &b->sessions[(*position)++];

		if (!s->used || s->leaving)
			continue;
		session_describe(b, s, ret);
		return true;
	}
	return false;
}
