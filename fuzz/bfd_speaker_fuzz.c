/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole speaker, driven by bytes: sessions come, change and go, time passes, packets arrive,
 * whether any bytes or such as a peer could have made. Whatever comes: it never sends out of turn,
 * tables stay what they are, and all of it ends empty.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/bfd/auth.h"
#include "proto/bfd/bfd.h"
#include "wire/reader.h"

#define SESSIONS 3
#define DRAIN_MAX 64

struct play {
	struct bfd *bfd;
	struct reader script;
	struct instant now;
};

static struct path key_make(uint8_t byte)
{
	struct path key = { .interface = byte & 4 ? 0 : 7 };

	key.peer = address_ipv4(0x0a000002 + (byte & 3));
	key.local = address_ipv4(0x0a000001);
	return key;
}

static struct bfd_params params_make(struct play *p)
{
	struct bfd_params params = { 0 };

	params.tx_us = reader_u16(&p->script) * 100u;
	params.rx_us = reader_u16(&p->script) * 100u;
	params.multiplier = reader_u8(&p->script) & 7;
	params.auth = reader_u8(&p->script) & 7;
	params.passive = params.auth & 1;
	params.n_secrets = 1;
	params.secrets[0] = (struct bfd_secret){ .id = 1, .length = 1, .bytes = { 'x' } };
	return params;
}

static void drain(struct play *p)
{
	struct bfd_datagram d;
	struct bfd_packet packet;
	struct bfd_event e;
	unsigned n = 0;

	while (bfd_output(p->bfd, p->now, &d)) {
		assert(++n < DRAIN_MAX);
		assert(bfd_packet_decode(d.bytes, d.length, &packet) == BFD_DROP_NOTHING);
		assert(!(packet.poll && packet.final) && d.ttl == BFD_TTL);
		assert(d.source_port >= BFD_SOURCE_PORT_MIN);
		/* Nothing comes back but what a peer says; not even this may be believed. */
		bfd_input(p->bfd, p->now, &d);
	}
	while (bfd_event(p->bfd, &e))
		assert(e.from != e.to && e.to < BFD_STATE_COUNT);
}

static void peer_speaks(struct play *p)
{
	uint8_t which = reader_u8(&p->script), bits = reader_u8(&p->script);
	struct path key = key_make(which);
	struct bfd_datagram d = { .interface = key.interface,
				  .source = key.peer,
				  .destination = key.local,
				  .destination_port = key.interface ? BFD_PORT : BFD_PORT_MULTIHOP,
				  .ttl = bits & 0x20 ? 254 : 255 };
	struct bfd_packet packet = { .state = bits & 3,
				     .poll = bits & 4,
				     .final = bits & 8,
				     .demand = bits & 16,
				     .multiplier = 3,
				     .my_discriminator = 5 };
	struct bfd_params params = { .auth = which >> 5, .n_secrets = 1 };
	struct bfd_session_info info;

	params.secrets[0] = (struct bfd_secret){ .id = 1, .length = 1, .bytes = { 'x' } };
	if (params.auth > BFD_AUTH_SHA1_METICULOUS)
		return;
	packet.tx_us = reader_u32(&p->script);
	packet.rx_us = reader_u16(&p->script);
	packet.sequence = reader_u8(&p->script);
	if (bits & 0x40 && bfd_session_find(p->bfd, &key, &info))
		packet.your_discriminator = info.discriminator;
	d.length = (uint16_t)bfd_auth_encode(&params, &packet, d.bytes);
	bfd_input(p->bfd, p->now, &d);
}

static void bytes_arrive(struct play *p)
{
	struct path key = key_make(reader_u8(&p->script));
	struct bfd_datagram d = { .interface = 7,
				  .source = key.peer,
				  .destination = key.local,
				  .destination_port = BFD_PORT,
				  .ttl = 255 };

	d.length = reader_u8(&p->script);
	reader_copy(&p->script, d.bytes,
		    d.length < BFD_PACKET_MAX ? d.length : (size_t)BFD_PACKET_MAX);
	bfd_input(p->bfd, p->now, &d);
}

static void step(struct play *p)
{
	uint8_t what = reader_u8(&p->script);
	struct path key = key_make(what >> 4);
	struct bfd_params params;

	switch (what & 7) {
	case 0:
		params = params_make(p);
		(void)bfd_session_set(p->bfd, p->now, &key, &params);
		break;
	case 1:
		bfd_session_remove(p->bfd, p->now, &key);
		break;
	case 2:
		bytes_arrive(p);
		break;
	case 3:
		p->now = instant_add(p->now, (struct duration){ reader_u16(&p->script) * 20000LL });
		bfd_tick(p->bfd, p->now);
		break;
	case 4:
		bfd_session_move(p->bfd, &key);
		break;
	default:
		peer_speaks(p);
		break;
	}
	drain(p);
}

static void end(struct play *p)
{
	bfd_stop(p->bfd, p->now);
	drain(p);
	for (unsigned k = 0; k < 8 && !bfd_is_empty(p->bfd); k++) {
		p->now = instant_max(p->now, bfd_deadline(p->bfd));
		bfd_tick(p->bfd, p->now);
		drain(p);
	}
	assert(bfd_is_empty(p->bfd));
	assert(instant_is_never(bfd_deadline(p->bfd)));
	bfd_free(p->bfd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct play p = { .now = { 1000000000 } };

	p.bfd = bfd_new(&(struct bfd_settings){ .sessions = SESSIONS }, 1);
	assert(p.bfd);
	reader_init(&p.script, bytes, length);
	while (reader_ok(&p.script) && reader_left(&p.script) > 0)
		step(&p);
	end(&p);
	return 0;
}
