/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives: whose it is, whether it is believed, and what it means (RFC 5880 6.8.6). */
#include "proto/bfd/auth.h"
#include "proto/bfd/instance.h"

static struct path datagram_key(const struct bfd_datagram *d)
{
	return (struct path){
		.interface = d->destination_port == BFD_PORT ? d->interface : 0,
		.peer = d->source,
		.local = d->destination,
	};
}

/* The session that the packet belongs to, or NULL and the reason. */
static struct bfd_session *session_select(const struct bfd *b, const struct bfd_datagram *d,
					  const struct bfd_packet *p, enum bfd_drop *ret_drop)
{
	struct path key = datagram_key(d);
	struct bfd_session *s;

	if (p->your_discriminator == 0) {
		*ret_drop = BFD_DROP_STATE;
		if (p->state != BFD_STATE_DOWN && p->state != BFD_STATE_ADMIN_DOWN)
			return NULL;
		*ret_drop = BFD_DROP_NO_SESSION;
		return session_by_key(b, &key);
	}
	*ret_drop = BFD_DROP_YOUR_DISCRIMINATOR;
	s = session_by_discriminator(b, p->your_discriminator);
	if (!s)
		return NULL;
	/* The discriminator is enough for the RFC; it is no secret, so for us it is not. */
	*ret_drop = BFD_DROP_ADDRESS;
	return path_equal(&s->key, &key) ? s : NULL;
}

static bool ttl_is_near(const struct bfd_session *s, uint8_t ttl)
{
	/* RFC 5881 5: what has crossed no router has all of its TTL. RFC 5883 leaves it open. */
	return ttl >= (s->key.interface ? BFD_TTL : s->params.ttl_min);
}

/*
 * A peer may keep the discriminator that we had in an earlier life, as FRR does, and then wait for
 * us, as we wait for it: RFC 5880 6.8.6 has its packets dropped, and 6.1 has who is passive silent.
 * It has begun, so one packet a second may go back: that tells it who we are now.
 */
static void passive_answer(struct bfd *b, struct instant now, const struct bfd_datagram *d)
{
	struct path key = datagram_key(d);
	struct bfd_session *s = session_by_key(b, &key);

	if (!s || s->leaving || !s->params.passive || s->remote_discriminator != 0 ||
	    s->state == BFD_STATE_ADMIN_DOWN || !ttl_is_near(s, d->ttl) ||
	    instant_before(now, instant_add(s->answered, DURATION_S(1))))
		return;
	s->answered = now;
	session_wants_to_send(b, s, BFD_SEND_CHANGE);
}

/*
 * RFC 5880 6.8.1: the last sequence number is forgotten when nothing was believed for twice the
 * detection time, and then any is good.
 */
static bool sequence_fits(const struct bfd_session *s, struct instant now,
			  const struct bfd_packet *p)
{
	struct duration twice = { 2 * s->last_detect.ns };

	if (bfd_auth_digest_bytes(p->auth) == 0 || !s->sequence_known)
		return true;
	if (instant_reached(instant_add(s->received_at, twice), now))
		return true;
	return bfd_auth_sequence_fits(p, s->receive_sequence);
}

/* The digest comes first: nothing in a packet says anything before it is known to be genuine. */
static enum bfd_drop session_doubts(const struct bfd_session *s, struct instant now,
				    const struct bfd_datagram *d, const struct bfd_packet *p)
{
	enum bfd_drop drop;

	if (!ttl_is_near(s, d->ttl))
		return BFD_DROP_TTL;
	drop = bfd_auth_check(&s->params, p, d->bytes);
	if (drop != BFD_DROP_NOTHING)
		return drop;
	if (!sequence_fits(s, now, p))
		return BFD_DROP_AUTH_SEQUENCE;
	return s->state == BFD_STATE_ADMIN_DOWN ? BFD_DROP_ADMIN_DOWN : BFD_DROP_NOTHING;
}

static void note_peer(struct bfd_session *s, const struct bfd_packet *p)
{
	s->remote_discriminator = p->my_discriminator;
	s->remote_state = p->state;
	s->remote_diagnostic = p->diagnostic;
	s->remote_demand = p->demand;
	s->remote_independent = p->independent;
	s->remote_rx_us = p->rx_us;
	s->remote_tx_us = p->tx_us;
	s->remote_multiplier = p->multiplier;
	if (bfd_auth_digest_bytes(p->auth) > 0) {
		s->sequence_known = true;
		s->receive_sequence = p->sequence;
	}
}

static enum bfd_fsm_event fsm_event(uint8_t remote_state)
{
	switch ((enum bfd_state)remote_state) {
	case BFD_STATE_DOWN:
		return BFD_FSM_DOWN;
	case BFD_STATE_INIT:
		return BFD_FSM_INIT;
	case BFD_STATE_UP:
		return BFD_FSM_UP;
	case BFD_STATE_ADMIN_DOWN:
	case BFD_STATE_COUNT:
		break;
	}
	return BFD_FSM_ADMIN_DOWN;
}

static void session_input(struct bfd *b, struct instant now, struct bfd_session *s,
			  const struct bfd_packet *p)
{
	s->received++;
	note_peer(s, p);
	interval_heard(b, now, s, p->final);
	(void)fsm_step(b, now, s, fsm_event(p->state));
	interval_adapt(b, now, s);
	if (p->poll)
		session_wants_to_send(b, s, BFD_SEND_FINAL);
	s->received_at = now;
	s->last_detect = interval_detect(s);
	s->postponed = 0;
	(void)timer_set(&b->timers, &s->detect, instant_add(now, s->last_detect));
}

void bfd_input(struct bfd *b, struct instant now, const struct bfd_datagram *d)
{
	struct bfd_session *s = NULL;
	struct bfd_packet p;
	enum bfd_drop drop = bfd_packet_decode(d->bytes, d->length, &p);

	if (drop == BFD_DROP_NOTHING)
		s = session_select(b, d, &p, &drop);
	if (!s) {
		b->drops[drop]++;
		if (drop == BFD_DROP_YOUR_DISCRIMINATOR)
			passive_answer(b, now, d);
		return;
	}
	drop = session_doubts(s, now, d, &p);
	if (drop == BFD_DROP_NOTHING)
		session_input(b, now, s, &p);
	else
		s->drops[drop]++;
}
