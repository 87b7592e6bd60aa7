/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a frame. What is taken means the same when it is written again, and nothing breaks
 * an instance that watches what the frame is about, nor one that probes whom it is of.
 */
#include <string.h>

#include "fuzz.h"
#include "net/ether.h"
#include "proto/acd/acd.h"
#include "proto/probe/probe.h"

static void check_again(const struct ether_message *m)
{
	struct ether_frame frame = { .interface = 1 };
	struct ether_message again;

	ether_encode(m, &frame);
	assert(frame.length <= ETHER_FRAME_MAX);
	assert(ether_decode(&frame, &again) == 0);
	assert(again.kind == m->kind && again.has_option == m->has_option);
	assert(again.solicited == m->solicited && again.override == m->override);
	assert(memcmp(again.mac, m->mac, ETHER_MAC_BYTES) == 0);
	assert(memcmp(again.from, m->from, ETHER_MAC_BYTES) == 0);
	assert(address_equal(&again.source, &m->source));
	assert(address_equal(&again.target, &m->target));
	assert(address_equal(&again.destination, &m->destination));
}

static void check_instance(const struct ether_frame *frame, const struct ether_message *m)
{
	static const uint8_t mac[ETHER_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };
	struct instant now = { 1 };
	struct acd *a = acd_new(1);
	struct ether_frame out;
	struct acd_event event;

	assert(a && acd_link(a, now, 1, true, mac) == 0);
	assert(acd_claim(a, now, 1, &m->source, true) == 0);
	assert(acd_probe(a, now, 1, &m->target) == 0);
	for (unsigned k = 0; k < 8; k++) {
		acd_input(a, now, frame);
		while (acd_output(a, now, &out))
			assert(out.length <= ETHER_FRAME_MAX);
		while (acd_event(a, &event))
			assert(event.interface == 1);
		now = instant_add(now, ACD_PROBE_INTERVAL);
		acd_tick(a, now);
	}
	acd_free(a);
}

/* Nobody who is not asked for is up, and one answer is one answer. */
static void check_probe(const struct ether_frame *frame, const struct ether_message *m)
{
	const struct probe_params params = { PROBE_INTERVAL_MIN_US, 3 };
	struct probe *p = probe_new(&(struct probe_settings){ .sessions = 2 }, 1);
	bool arp = m->kind == ETHER_ARP_REQUEST || m->kind == ETHER_ARP_REPLY;
	struct path path = { 1, arp ? m->source : m->target, arp ? m->target : m->destination };
	struct probe_session_info info;
	struct probe_question q;
	struct instant now = { 1 };

	assert(p);
	probe_input(p, now, frame);
	if (probe_session_set(p, now, &path, &params) == 0) {
		while (probe_output(p, now, &q))
			continue;
		probe_input(p, now, frame);
		probe_input(p, now, frame);
		assert(probe_session_find(p, &path, &info));
		assert(info.answered <= 1 && (info.state == PROBE_STATE_UP) == info.answered);
	}
	probe_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ether_frame frame = { .interface = 1 };
	struct ether_message m;

	frame.length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	memcpy(frame.bytes, bytes, length < ETHER_FRAME_MAX ? length : ETHER_FRAME_MAX);
	if (ether_decode(&frame, &m) < 0)
		return 0;
	check_again(&m);
	check_instance(&frame, &m);
	check_probe(&frame, &m);
	return 0;
}
