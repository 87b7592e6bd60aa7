/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often is sent and for how long is waited, and the Poll Sequences by which both change without
 * a flap (RFC 5880 6.5, 6.8.2 to 6.8.4, 6.8.7).
 *
 * What the peer does not know yet must not hurt it: while the session is up, packets become rarer,
 * and the silence that we bear becomes shorter, only when the peer has answered our P bit with an F
 * bit. The other direction takes effect at once.
 */
#include "proto/bfd/instance.h"

static struct duration us(uint64_t n)
{
	return (struct duration){ (int64_t)(n * 1000) };
}

static uint32_t max_us(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

uint32_t interval_desired_us(const struct bfd_session *s)
{
	/* RFC 5880 6.8.3: at least a second while not up. */
	return s->state == BFD_STATE_UP ? s->params.tx_us : max_us(s->params.tx_us, BFD_SLOW_US);
}

/* RFC 5880 6.6: the peer has asked us to be silent, and both know that the session is up. */
static bool is_quiet(const struct bfd_session *s)
{
	return s->remote_demand && s->state == BFD_STATE_UP && s->remote_state == BFD_STATE_UP &&
	       s->poll != BFD_POLL_ASKING;
}

struct duration interval_transmit(const struct bfd_session *s)
{
	/* RFC 5880 6.8.7: a peer with a required interval of 0 wants no periodic packets. */
	if (s->remote_rx_us == 0 || is_quiet(s))
		return us(0);
	/* RFC 5880 6.8.7: who is passive does not begin. */
	if (s->params.passive && s->remote_discriminator == 0)
		return us(0);
	return us(max_us(s->tx_us, s->remote_rx_us));
}

struct duration interval_receive(const struct bfd_session *s)
{
	return us(max_us(s->rx_us, s->remote_tx_us));
}

struct duration interval_detect(const struct bfd_session *s)
{
	return (struct duration){ s->remote_multiplier * interval_receive(s).ns };
}

struct duration bfd_slack(struct duration interval)
{
	return (struct duration){ interval.ns / 16 };
}

/*
 * RFC 5880 6.8.7: 75 to 100 % of the interval; with a multiplier of 1, at most 90 %. The last bit
 * of it is left to hosts that send the packets of many sessions in one go.
 */
static struct duration jittered(struct bfd *b, const struct bfd_session *s, struct duration d)
{
	struct duration most = { s->params.multiplier == 1 ? d.ns / 10 * 9 : d.ns };

	most.ns -= bfd_slack(d).ns;
	return random_between(&b->random, (struct duration){ d.ns / 4 * 3 }, most);
}

void interval_next(struct bfd *b, struct instant now, struct bfd_session *s)
{
	struct duration d = interval_transmit(s);

	s->paced_from = now;
	if (d.ns == 0)
		timer_stop(&b->timers, &s->transmit);
	else
		(void)timer_set(&b->timers, &s->transmit, instant_add(now, jittered(b, s, d)));
}

/* RFC 5880 6.8.7: the packet that waits is no exception to an interval that is longer now. */
static void postpone(struct bfd *b, struct bfd_session *s, struct duration d)
{
	struct instant least = instant_add(s->paced_from, (struct duration){ d.ns / 4 * 3 });

	if (instant_before(s->transmit.due, least))
		(void)timer_set(&b->timers, &s->transmit,
				instant_add(s->paced_from, jittered(b, s, d)));
}

void interval_adapt(struct bfd *b, struct instant now, struct bfd_session *s)
{
	struct duration d = interval_transmit(s);

	if (d.ns == 0 || !timer_running(&s->transmit) ||
	    instant_before(instant_add(now, d), s->transmit.due))
		interval_next(b, now, s);
	else
		postpone(b, s, d);
}

/* What may take effect before the peer has answered. */
static void apply_harmless(struct bfd_session *s)
{
	bool up = s->state == BFD_STATE_UP;

	if (!up || interval_desired_us(s) < s->tx_us)
		s->tx_us = interval_desired_us(s);
	if (!up || s->params.rx_us > s->rx_us)
		s->rx_us = s->params.rx_us;
}

void interval_changed(struct bfd *b, struct instant now, struct bfd_session *s)
{
	apply_harmless(s);
	if (s->state != BFD_STATE_UP) {
		s->poll = BFD_POLL_NONE;
		s->poll_again = false;
	} else if (s->poll == BFD_POLL_NONE) {
		s->poll = BFD_POLL_ASKING;
	} else {
		s->poll_again = true;
	}
	session_wants_to_send(b, s, BFD_SEND_CHANGE);
	interval_adapt(b, now, s);
}

static void poll_answered(struct bfd *b, struct instant now, struct bfd_session *s)
{
	if (s->poll_again) {
		/* The answer may be to what we have said before. */
		s->poll = BFD_POLL_BETWEEN;
		return;
	}
	s->poll = BFD_POLL_NONE;
	s->tx_us = interval_desired_us(s);
	s->rx_us = s->params.rx_us;
	interval_adapt(b, now, s);
}

void interval_heard(struct bfd *b, struct instant now, struct bfd_session *s, bool final)
{
	if (s->poll == BFD_POLL_ASKING && final) {
		poll_answered(b, now, s);
	} else if (s->poll == BFD_POLL_BETWEEN && !final) {
		/* RFC 5880 6.5: so the F bits of two sequences cannot be mistaken. */
		s->poll = BFD_POLL_ASKING;
		s->poll_again = false;
		session_wants_to_send(b, s, BFD_SEND_CHANGE);
	}
}

struct duration bfd_interval_shortest(const struct bfd *b)
{
	struct duration shortest = us(BFD_INTERVAL_MAX_US);

	for (size_t k = 0; k < b->settings.sessions; k++) {
		const struct bfd_session *s = &b->sessions[k];
		struct duration tx = interval_transmit(s);
		struct duration rx = interval_receive(s);

		if (s->used && tx.ns > 0 && tx.ns < shortest.ns)
			shortest = tx;
		if (s->used && rx.ns < shortest.ns)
			shortest = rx;
	}
	return shortest;
}
