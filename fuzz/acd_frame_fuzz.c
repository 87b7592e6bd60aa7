/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a frame. What is taken means the same when it is written again, and nothing breaks
 * an instance that watches what the frame is about.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/acd/frame.h"

static void check_again(const struct acd_message *m)
{
	struct acd_frame frame = { .interface = 1 };
	struct acd_message again;

	acd_frame_encode(m, &frame);
	assert(frame.length <= ACD_FRAME_MAX);
	assert(acd_frame_decode(&frame, &again) == 0);
	assert(again.kind == m->kind && again.has_option == m->has_option);
	assert(again.solicited == m->solicited && again.override == m->override);
	assert(memcmp(again.mac, m->mac, ACD_MAC_BYTES) == 0);
	assert(memcmp(again.from, m->from, ACD_MAC_BYTES) == 0);
	assert(address_equal(&again.source, &m->source));
	assert(address_equal(&again.target, &m->target));
	assert(address_equal(&again.destination, &m->destination));
}

static void check_instance(const struct acd_frame *frame, const struct acd_message *m)
{
	static const uint8_t mac[ACD_MAC_BYTES] = { 2, 0, 0, 0, 0, 1 };
	struct instant now = { 1 };
	struct acd *a = acd_new(1);
	struct acd_frame out;
	struct acd_event event;

	assert(a && acd_link(a, now, 1, true, mac) == 0);
	assert(acd_claim(a, now, 1, &m->source, true) == 0);
	assert(acd_probe(a, now, 1, &m->target) == 0);
	for (unsigned k = 0; k < 8; k++) {
		acd_input(a, now, frame);
		while (acd_output(a, now, &out))
			assert(out.length <= ACD_FRAME_MAX);
		while (acd_event(a, &event))
			assert(event.interface == 1);
		now = instant_add(now, ACD_PROBE_INTERVAL);
		acd_tick(a, now);
	}
	acd_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct acd_frame frame = { .interface = 1 };
	struct acd_message m;

	frame.length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	memcpy(frame.bytes, bytes, length < ACD_FRAME_MAX ? length : ACD_FRAME_MAX);
	if (acd_frame_decode(&frame, &m) < 0)
		return 0;
	check_again(&m);
	check_instance(&frame, &m);
	return 0;
}
