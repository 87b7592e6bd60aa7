/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the node is ready to judge. After a start the speaker knows nothing of its neighbours for a
 * moment: it asks them for their tables, and they answer within milliseconds. Until all interfaces
 * that speak have been answered, or the neighbours have had their time, nothing is unbound that an
 * earlier life announced, because nobody would hear the good-byes, and no unreachable route goes,
 * because the network that it belongs to is about to be announced.
 */
#include "node/vip/vip.h"

#define READY_PATIENCE DURATION_MS(500)

/* Interfaces that are to speak and do not yet, or speak and have not heard anybody. */
static bool ready_waits(const struct node *n)
{
	struct speaker_interface info;
	struct speaker_walk at = { 0 };

	list_each_entry(const struct link, l, &n->routing->links, link) {
		for (size_t k = 0; k < n->routing->n_speakers; k++)
			if (l->speeches[k] && l->speeches[k]->speaking &&
			    interface_is_usable(&l->interface) &&
			    !speaker_link_speaks(&l->speeches[k]->told))
				return true;
	}
	while (speakers_interface_next(n, &at, &info))
		if (info.speaking && info.neighbors == 0)
			return true;
	return false;
}

void ready_now(struct node *n)
{
	n->ready = true;
	timer_stop(&n->timers, &n->vips->ready_due);
	/* The word goes out before the object goes. */
	remnant_farewell(n);
	speakers_pump(n);
	binding_hasty(n);
	slot_look_at_all(n);
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		/* What an earlier life had said of a rival holds until now. */
		if (binding_spoken(b) && !take_is_on(b))
			rival_review(n, b);
		if (b->doomed && !b->leaving) {
			b->doomed = false;
			binding_leave(n, b, false);
		}
	}
}

void ready_begin(struct node *n)
{
	(void)timer_set(&n->timers, &n->vips->ready_due, instant_add(n->now, READY_PATIENCE));
}

void ready_review(struct node *n)
{
	if (n->synced && !n->ready && !ready_waits(n))
		ready_now(n);
}
