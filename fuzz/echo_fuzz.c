/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole instance of the echo, driven by bytes: tracks and proofs come and go, time passes, frames
 * arrive, whether any bytes, or a packet of its own with some of them changed, or an error about
 * it. Whatever comes: nothing is up and nothing proven unless a packet has come back as a router
 * sends it, and all of it ends empty.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/echo/echo.h"
#include "wire/reader.h"

#define DRAIN_MAX 64

struct play {
	struct echo *echo;
	struct reader script;
	struct instant now;
	struct echo_frame last; /* the last packet, as it would come back */
	uint64_t returned;	/* such as a router would have sent */
};

static const uint8_t our_mac[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t its_mac[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 2 };

static struct address six(uint8_t first, uint8_t last)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { first, 0x80, [15] = last };

	return address_make(FAMILY_IPV6, bytes);
}

static struct path path_make(uint8_t byte)
{
	struct path path = { .interface = 7 };

	path.peer = byte & 1 ? six(0xfe, 2) : address_ipv4(0x0a000002 + (byte & 2));
	path.local = byte & 1 ? six(0xfe, 1) : address_ipv4(0x0a000001);
	return path;
}

static struct address source_of(const struct path *path)
{
	return path->local.family == FAMILY_IPV6 ? six(0x20, 1) : path->local;
}

static void router_answers(struct play *p, const struct path *path)
{
	bool arp = path->peer.family == FAMILY_IPV4;
	struct ether_message m = { .kind = arp ? ETHER_ARP_REPLY : ETHER_ADVERTISEMENT };
	struct ether_frame frame = { .interface = path->interface };

	m.has_option = m.solicited = !arp;
	m.source = path->peer;
	m.destination = path->local;
	m.target = arp ? path->local : path->peer;
	memcpy(m.from, its_mac, ETHER_MAC_BYTES);
	memcpy(m.mac, its_mac, ETHER_MAC_BYTES);
	ether_encode(&m, &frame);
	echo_input_answer(p->echo, p->now, &frame);
}

static void drain(struct play *p)
{
	struct echo_send s;
	struct echo_event event;
	struct echo_proof proof;
	struct ether_frame frame;
	unsigned n = 0;

	while (echo_output(p->echo, p->now, &s)) {
		assert(++n < DRAIN_MAX);
		echo_send_frame(p->echo, &s, our_mac, &frame);
		assert(frame.length <= ETHER_FRAME_MAX && frame.interface == 7);
		if (s.asks)
			continue;
		memcpy(p->last.bytes, frame.bytes, frame.length);
		p->last.length = frame.length;
		/* What nobody has forwarded is no return. */
		p->last.interface = 7;
		echo_input(p->echo, p->now, &p->last);
		frame.bytes[frame.bytes[12] == 0x86 ? 21 : 22]--;
		memcpy(p->last.bytes, frame.bytes, frame.length);
	}
	while (echo_event(p->echo, &event))
		assert(event.state == ECHO_STATE_UNKNOWN || p->returned > 0);
	while (echo_proofs(p->echo, &proof, 1) > 0) {
		assert(proof.outcome < ECHO_OUTCOME_COUNT && proof.tries <= ECHO_TRIES_MAX + 1);
		assert(proof.outcome != ECHO_OUTCOME_RETURNED || p->returned > 0);
		echo_proofs_told(p->echo, 1);
	}
}

static void bytes_arrive(struct play *p)
{
	struct echo_frame frame = { .interface = 7, .length = reader_u8(&p->script) };

	reader_copy(&p->script, frame.bytes, frame.length);
	echo_input(p->echo, p->now, &frame);
}

/* A bit of it is another, or it is whole. */
static void packet_returns(struct play *p)
{
	struct echo_frame frame = p->last;
	uint16_t bit = reader_u16(&p->script);

	if (bit / 8 < frame.length)
		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	/* One more, one less: of the TTL there are many that are good; and of some fields all. */
	p->returned++;
	echo_input(p->echo, p->now, &frame);
}

static void error_arrives(struct play *p)
{
	bool ipv6 = p->last.bytes[12] == 0x86;
	size_t at = 14 + (ipv6 ? 40 : 20), quoted = p->last.length > 14 ? p->last.length - 14u : 0;
	struct echo_frame frame = { .interface = 7, .length = (uint16_t)(at + 8 + quoted) };
	uint8_t cut = reader_u8(&p->script);

	memcpy(frame.bytes, p->last.bytes, 14);
	frame.bytes[14] = ipv6 ? 0x60 : 0x45;
	frame.bytes[ipv6 ? 20 : 23] = ipv6 ? 58 : 1;
	frame.bytes[at] = reader_u8(&p->script);
	frame.bytes[at + 1] = reader_u8(&p->script);
	memcpy(frame.bytes + at + 8, p->last.bytes + 14, quoted);
	if (cut < quoted)
		frame.length = (uint16_t)(frame.length - cut);
	echo_input(p->echo, p->now, &frame);
}

static void track(struct play *p, const struct path *path)
{
	struct echo_params params;

	memset(&params, 0, sizeof(params));
	params.interval_us = reader_u16(&p->script) * 100u;
	params.multiplier = reader_u8(&p->script) & 7;
	params.source = source_of(path);
	(void)echo_track_set(p->echo, p->now, path, &params);
}

static void prove(struct play *p, const struct path *path)
{
	struct echo_request r = { .token = 1, .path = *path, .source = source_of(path) };

	r.tries = reader_u8(&p->script) & 15;
	r.spacing_us = reader_u16(&p->script) * 100u;
	r.destination = r.source;
	r.destination.bytes[3] = reader_u8(&p->script);
	(void)echo_prove(p->echo, p->now, &r);
}

static void step(struct play *p)
{
	uint8_t what = reader_u8(&p->script);
	struct path path = path_make(what >> 4);

	switch (what & 7) {
	case 0:
		track(p, &path);
		break;
	case 1:
		echo_track_remove(p->echo, &path);
		break;
	case 2:
		bytes_arrive(p);
		break;
	case 3:
		p->now = instant_add(p->now, (struct duration){ reader_u16(&p->script) * 20000LL });
		echo_tick(p->echo, p->now);
		break;
	case 4:
		prove(p, &path);
		break;
	case 5:
		router_answers(p, &path);
		break;
	case 6:
		error_arrives(p);
		break;
	default:
		packet_returns(p);
		break;
	}
	drain(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct echo_settings settings = { 3, 3, { 1, 2 } };
	struct play p = { .now = { 1000000000 } };

	p.echo = echo_new(&settings, 1);
	assert(p.echo);
	reader_init(&p.script, bytes, length);
	while (reader_ok(&p.script) && reader_left(&p.script) > 0)
		step(&p);
	echo_stop(p.echo);
	assert(echo_is_empty(p.echo) && instant_is_never(echo_deadline(p.echo)));
	echo_free(p.echo);
	return 0;
}
