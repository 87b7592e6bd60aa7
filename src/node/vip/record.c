/* SPDX-License-Identifier: Apache-2.0 */
/* What a later life has to know of a VIP. */
#include "node/vip/vip.h"

void save_vip(struct node *n, const struct binding *b)
{
	struct saved s = { .kind = SAVED_VIP };

	/* One record says it for all of them. */
	if (n->stopping)
		return;
	binding_wish(b, &s.vip.settings);
	s.vip.spoken = binding_spoken(b);
	s.vip.configured = b->configured;
	s.vip.drain = (uint8_t)drain_saved(b, &s.vip.drain_until);
	s.vip.leaving = binding_is_leaving(b);
	save_put(n, &s);
}

void save_gone(struct node *n, const struct binding *b)
{
	struct saved s = { .kind = SAVED_GONE, .address = b->address };

	if (n->stopping)
		return;
	save_put(n, &s);
	if (b->configured && b->by_hand) {
		struct vip_settings settings;

		binding_settings(b, &settings);
		unbound_add(n, &settings, true);
	}
}
