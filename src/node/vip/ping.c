/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VIPs that answer no ICMP echo request: each is an object of its own in the kernel, wanted from
 * the moment the VIP is known until it is forgotten, so that it comes before the address and goes
 * behind it. One that is found without a VIP that wants it is removed like everything of ours.
 */
#include "node/vip/vip.h"

static void want(struct node *n, const struct binding *b, bool wanted)
{
	uint8_t length = family_bits((enum family)b->address.family);
	struct slot *s = wanted ? slot_get_stray(n, NULL, OBJECT_NO_ECHO, &b->address, length)
				: slot_find(n, NULL, OBJECT_NO_ECHO, &b->address, length);

	if (s && s->wanted != wanted)
		slot_want(n, s, wanted);
}

void ping_review(struct node *n, struct binding *b)
{
	want(n, b, !b->ping);
}

void ping_forget(struct node *n, const struct binding *b)
{
	want(n, b, false);
}
