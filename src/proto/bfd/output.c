/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves: RFC 5880 6.8.7. */
#include "proto/bfd/auth.h"
#include "proto/bfd/instance.h"

/*
 * RFC 5880 6.7.3: the meticulous kinds count each packet. The others may, and we do: a packet that
 * is heard twice is then told from a new one by whoever looks.
 */
static void packet_write(const struct bfd *b, struct bfd_session *s, bool final,
			 struct bfd_datagram *ret)
{
	struct bfd_packet p = {
		.diagnostic = s->diagnostic,
		.state = s->state,
		.poll = s->poll == BFD_POLL_ASKING && !final,
		.final = final,
		.independent = b->settings.independent,
		.multiplier = s->params.multiplier,
		.my_discriminator = s->discriminator,
		.your_discriminator = s->remote_discriminator,
		.tx_us = interval_desired_us(s),
		.rx_us = s->params.rx_us,
		.sequence = ++s->transmit_sequence,
	};

	*ret = (struct bfd_datagram){
		.interface = s->key.interface,
		.source = s->key.local,
		.destination = s->key.peer,
		.source_port = s->source_port,
		.destination_port = s->key.interface ? BFD_PORT : BFD_PORT_MULTIHOP,
		.ttl = BFD_TTL,
		.slot = session_slot(b, s),
	};
	ret->length = (uint16_t)bfd_auth_encode(&s->params, &p, ret->bytes);
	s->sent++;
}

static void farewell(struct bfd *b, struct instant now, struct bfd_session *s,
		     struct bfd_datagram *ret)
{
	packet_write(b, s, false, ret);
	s->send = 0;
	list_remove(&s->ready);
	if (--s->farewells == 0)
		session_free(b, s);
	else
		(void)timer_set(&b->timers, &s->transmit, instant_add(now, BFD_FAREWELL_GAP));
}

bool bfd_output(struct bfd *b, struct instant now, struct bfd_datagram *ret)
{
	struct bfd_session *s;
	bool final;

	if (list_empty(&b->ready))
		return false;
	s = container_of(b->ready.next, struct bfd_session, ready);
	if (s->leaving) {
		farewell(b, now, s, ret);
		return true;
	}
	/* RFC 5880 6.8.7: an answer has F and not P, whatever else is to be said. */
	final = s->send & BFD_SEND_FINAL;
	packet_write(b, s, final, ret);
	/* A question must still go out behind the answer. */
	s->send = final && s->poll == BFD_POLL_ASKING ? s->send & (uint8_t)~BFD_SEND_FINAL : 0;
	list_remove(&s->ready);
	if (s->send)
		list_append(&b->ready, &s->ready);
	return true;
}
