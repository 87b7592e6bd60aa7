/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last will of the speakers: how good-bye is to be said in their place, in bytes that they have
 * made. It is looked at whenever a link is, and written down when it is another one than before.
 * What it is about, the VIPs, is written down in any case: so a VIP more or less costs nothing
 * here.
 */
#include "node/route/route.h"

/* A hash of all of them, which are written down if that is wanted; 0: there is none. */
static uint32_t farewells(struct node *n, const struct speech *s, bool put)
{
	struct saved record = { .kind = SAVED_FAREWELL };
	struct saved_farewell *f = &record.farewell;
	uint8_t bytes[SAVED_BYTES_MAX];
	uint32_t hash = 0;

	f->speaker = s->speaker->number;
	f->protocol = s->speaker->class->protocol;
	for (size_t at = 0;
	     speaker_farewell_next(s->speaker, s->of->interface.index, &at, &f->is);) {
		hash = hash_bytes(hash, bytes, saved_encode(&record, bytes));
		hash += hash == 0;
		if (put)
			save_put(n, &record);
		f->beside = true;
	}
	return hash;
}

void farewell_review(struct node *n, struct speech *s)
{
	uint32_t hash = farewells(n, s, false);
	struct saved mute = { .kind = SAVED_MUTE };

	if (hash == s->farewell)
		return;
	s->farewell = farewells(n, s, true);
	if (hash != 0)
		return;
	mute.farewell.speaker = s->speaker->number;
	mute.farewell.is.interface = s->of->interface.index;
	save_put(n, &mute);
}

void farewell_save_all(struct node *n)
{
	list_each(link, &n->routing->links) {
		const struct link *l = container_of(link, struct link, link);

		for (size_t k = 0; k < SPEAKERS_MAX; k++)
			if (l->speeches[k])
				l->speeches[k]->farewell = farewells(n, l->speeches[k], true);
	}
}
