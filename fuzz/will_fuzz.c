/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any records as those of a dead node. Whatever they say, the will comes to its end, and all that
 * it says are good-byes.
 */
#include "fuzz.h"
#include "node/will.h"
#include "proto/rip/packet.h"

#define RECORDS_MAX 256

static void records_take(struct will *w, const uint8_t *bytes, size_t length)
{
	struct saved s;

	/* Each record with its length before it. */
	for (size_t n = 0; n < RECORDS_MAX && length > 0; n++) {
		size_t size = bytes[0] < length - 1 ? bytes[0] : length - 1;

		if (saved_decode(bytes + 1, size, SAVED_VERSION, &s, NULL) == 0)
			assert(will_record(w, &s) == 0);
		bytes += 1 + size;
		length -= 1 + size;
	}
}

static void check_packet(const struct packet *d)
{
	struct rip_packet p;

	assert(rip_packet_decode((enum family)d->source.family, d->bytes, d->length, &p) ==
	       RIP_DROP_NOTHING);
	assert(p.command == RIP_RESPONSE && p.n_entries > 0);
	for (size_t i = 0; i < p.n_entries; i++)
		assert(p.entries[i].metric == RIP_INFINITY);
}

/* Who has the secrets finds those of every second key. */
static void secrets_find(struct will *w)
{
	struct speaker_link l;
	size_t position = 0;

	while (will_interface_next(w, &position, &l))
		will_interface_secrets(w, &l, 0x55);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct instant now = { DURATION_S(1000).ns };
	/* At the slowest pace, of as many packets as there can be. */
	struct instant end = instant_add(now, DURATION_S(2L * 3 * 9 * RECORDS_MAX));
	struct will *w = will_new();
	struct packet d;

	assert(w);
	records_take(w, bytes, length);
	assert(will_vips(w) <= RECORDS_MAX);
	secrets_find(w);
	assert(will_begin(w, now, DURATION_S(1700000000)) == 0);
	while (!will_is_said(w)) {
		while (will_output(w, now, &d))
			check_packet(&d);
		if (will_is_said(w))
			break;
		assert(!instant_is_never(will_deadline(w)));
		now = instant_max(now, will_deadline(w));
		assert(instant_before(now, end));
		will_tick(w, now);
	}
	will_free(w);
	return 0;
}
