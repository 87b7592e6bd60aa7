/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives: whose it is. */
#include "proto/echo/instance.h"

/* NULL: that place is free, or there is none. */
static struct echo_try *try_at(const struct echo *e, unsigned slot)
{
	return slot < e->settings.proofs && e->tries[slot].used ? &e->tries[slot] : NULL;
}

static struct echo_track *track_at(const struct echo *e, unsigned slot)
{
	return slot < e->settings.tracks && e->tracks[slot].used ? &e->tracks[slot] : NULL;
}

void echo_input(struct echo *e, struct instant now, const struct echo_frame *frame)
{
	struct echo_heard h;
	int error = echo_packet_decode(&e->mark, frame, &h);
	unsigned slot = h.serial & ((1u << ECHO_SLOT_BITS) - 1);
	bool is_proof = slot & ECHO_SLOT_PROOF;
	struct echo_try *try = is_proof ? try_at(e, slot & ~ECHO_SLOT_PROOF) : NULL;
	struct echo_track *track = is_proof ? NULL : track_at(e, slot);

	if (error)
		echo_drop_count(e, (enum echo_drop)(error - 1));
	else if (try)
		try_heard(e, now, try, &h, frame->interface);
	else if (track)
		track_heard(e, now, track, &h, frame->interface);
	else
		echo_drop_count(e, ECHO_DROP_CLOSED);
}
