/* SPDX-License-Identifier: Apache-2.0 */
/* A router on a LAN with us, which forwards or does not: for the tests of this folder. */
#ifndef PROTO_ECHO_BENCH_TEST_H
#define PROTO_ECHO_BENCH_TEST_H

#include <string.h>

#include "base/unit.h"
#include "net/checksum.h"
#include "proto/echo/echo.h"

#define INTERFACE 7

static const uint8_t our_mac[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };

static const struct path ipv4 = {
	INTERFACE,
	{ .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 1 } },
	{ .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 10 } },
};

static const struct path ipv6 = {
	INTERFACE,
	{ .family = FAMILY_IPV6, .bytes = { 0xfe, 0x80, [15] = 1 } },
	{ .family = FAMILY_IPV6, .bytes = { 0xfe, 0x80, [15] = 10 } },
};

static const struct address global = { .family = FAMILY_IPV6,
				       .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 10 } };

struct bench {
	struct echo *echo;
	struct instant now;
	struct path path;
	uint8_t mac[ETHER_MAC_BYTES]; /* that has the router's address */
	bool silent;		      /* it does not say where it is */
	bool forwards;
	uint8_t takes; /* off the TTL */
	uint32_t back; /* the interface by which it comes back */
	unsigned questions, packets, ups, downs, proofs;
	unsigned alone; /* of the questions: those to one host */
	uint8_t state;
	struct echo_proof proof; /* the last */
	struct echo_frame last;	 /* the last packet as it would come back */
};

static inline struct bench bench_make(const struct path *path)
{
	const struct echo_settings settings = { 4, 8, { 0x1122334455667788, 0x99aabbccddeeff00 } };
	struct bench b = { .now = { 1000000000 },
			   .path = *path,
			   .mac = { 2, 0, 0, 0, 0, 2 },
			   .forwards = true,
			   .takes = 1,
			   .back = path->interface };

	b.echo = echo_new(&settings, 1);
	assert_non_null(b.echo);
	return b;
}

static inline struct echo_params params_of(const struct path *path, uint32_t interval_us,
					   uint8_t multiplier)
{
	struct echo_params params;

	memset(&params, 0, sizeof(params));
	params.interval_us = interval_us;
	params.multiplier = multiplier;
	if (path->local.family == FAMILY_IPV6)
		params.source = global;
	return params;
}

static inline uint32_t dropped(const struct bench *b, enum echo_drop reason)
{
	return echo_drops(b->echo)[reason];
}

static inline void hear(struct bench *b, const struct echo_frame *frame)
{
	echo_input(b->echo, b->now, frame);
}

/* The router's answer to a question, if it reaches the host that has its address. */
static inline void answer(struct bench *b, const struct ether_frame *question)
{
	struct ether_message q, a = { 0 };
	struct ether_frame frame = { .interface = question->interface };
	bool arp;

	assert_int_equal(ether_decode(question, &q), 0);
	assert_true(address_equal(&q.target, &b->path.peer));
	assert_true(address_equal(&q.source, &b->path.local));
	b->questions++;
	b->alone += !(q.to[0] & 1);
	if (b->silent || (!(q.to[0] & 1) && memcmp(q.to, b->mac, ETHER_MAC_BYTES) != 0))
		return;
	arp = q.kind == ETHER_ARP_REQUEST;
	a.kind = arp ? ETHER_ARP_REPLY : ETHER_ADVERTISEMENT;
	a.has_option = a.solicited = a.override = !arp;
	a.source = q.target;
	a.destination = q.source;
	a.target = arp ? q.source : q.target;
	memcpy(a.from, b->mac, ETHER_MAC_BYTES);
	memcpy(a.mac, b->mac, ETHER_MAC_BYTES);
	memcpy(a.to, q.mac, ETHER_MAC_BYTES);
	ether_encode(&a, &frame);
	echo_input_answer(b->echo, b->now, &frame);
}

/* What a router does with it: one hop less, and to us. */
static inline struct echo_frame forward(const struct bench *b, const struct ether_frame *frame)
{
	struct echo_frame ret = { .interface = b->back, .length = frame->length };
	size_t ttl = frame->bytes[12] == 0x86 ? 14 + 7 : 14 + 8;

	memcpy(ret.bytes, frame->bytes, frame->length);
	memcpy(ret.bytes, our_mac, ETHER_MAC_BYTES);
	memcpy(ret.bytes + ETHER_MAC_BYTES, b->mac, ETHER_MAC_BYTES);
	ret.bytes[ttl] = (uint8_t)(ret.bytes[ttl] - b->takes);
	return ret;
}

static inline void pump(struct bench *b)
{
	struct echo_send s;
	struct echo_event event;

	while (echo_output(b->echo, b->now, &s)) {
		struct ether_frame frame;

		echo_send_frame(b->echo, &s, our_mac, &frame);
		assert_int_equal(frame.interface, INTERFACE);
		if (s.asks) {
			answer(b, &frame);
			continue;
		}
		b->packets++;
		b->last = forward(b, &frame);
		if (b->forwards && memcmp(frame.bytes, b->mac, ETHER_MAC_BYTES) == 0)
			hear(b, &b->last);
	}
	while (echo_event(b->echo, &event)) {
		b->ups += event.state == ECHO_STATE_UP && b->state != event.state;
		b->downs += event.state == ECHO_STATE_DOWN && b->state != event.state;
		b->state = event.state;
	}
	while (echo_proofs(b->echo, &b->proof, 1)) {
		b->proofs++;
		echo_proofs_told(b->echo, 1);
	}
}

static inline void run(struct bench *b, struct duration time)
{
	struct instant until = instant_add(b->now, time);

	pump(b);
	while (instant_before(echo_deadline(b->echo), until)) {
		b->now = instant_max(b->now, echo_deadline(b->echo));
		echo_tick(b->echo, b->now);
		pump(b);
	}
	b->now = until;
}

/* An ICMP error of the router's about the last packet, which quotes so many bytes of it. */
static inline struct echo_frame error_about(const struct bench *b, uint8_t type, uint8_t code,
					    size_t quoted)
{
	bool six = b->last.bytes[12] == 0x86;
	size_t at = six ? 14 + 40 : 14 + 20;
	struct echo_frame ret = { .interface = INTERFACE, .length = (uint16_t)(at + 8 + quoted) };

	memcpy(ret.bytes, b->last.bytes, 14);
	ret.bytes[14] = six ? 0x60 : 0x45;
	ret.bytes[six ? 14 + 6 : 14 + 9] = six ? 58 : 1;
	ret.bytes[six ? 14 + 7 : 14 + 8] = 64;
	memcpy(ret.bytes + (six ? 14 + 8 : 14 + 12), b->path.peer.bytes, six ? 16 : 4);
	memcpy(ret.bytes + (six ? 14 + 24 : 14 + 16), b->path.local.bytes, six ? 16 : 4);
	ret.bytes[at] = type;
	ret.bytes[at + 1] = code;
	memcpy(ret.bytes + at + 8, b->last.bytes + 14, quoted);
	return ret;
}

#endif
