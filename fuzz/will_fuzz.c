/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any records as those of a dead node. Whatever they say, the will comes to its end, and all that
 * it says is what one of them says, with prefixes in it.
 */
#include <string.h>

#include "fuzz.h"
#include "node/will.h"

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

/* It is of one of the good-byes, and begins as that does. */
static void check_packet(const struct will *w, const struct packet *d)
{
	const struct saved_farewell *f;
	bool found = false;

	assert(d->length > 0 && d->length <= PACKET_BYTES_MAX);
	for (size_t at = 0; (f = will_farewell_next(w, &at));)
		found |= f->speaker == d->speaker && f->is.interface == d->interface &&
			 address_equal(&f->is.source, &d->source) && f->is.n_head <= d->length &&
			 memcmp(f->is.head, d->bytes, f->is.n_head) == 0;
	assert(found);
}

/* Who has the secrets finds those of every second key. */
static void secrets_find(struct will *w)
{
	const struct saved_farewell *f;

	for (size_t at = 0; (f = will_farewell_next(w, &at));)
		will_secrets(w, f, 0x55);
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
	secrets_find(w);
	assert(will_begin(w, now, DURATION_S(1700000000)) == 0);
	assert(will_count(w).vips <= RECORDS_MAX);
	while (!will_is_said(w)) {
		while (will_output(w, now, &d))
			check_packet(w, &d);
		if (will_is_said(w))
			break;
		assert(!instant_is_never(will_deadline(w)));
		now = instant_max(now, will_deadline(w));
		assert(instant_before(now, end));
	}
	will_free(w);
	return 0;
}
