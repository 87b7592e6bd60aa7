/* SPDX-License-Identifier: Apache-2.0 */
/* In whose name Linux asks out of each interface, while a VIP is silent (kernel/silence.c). */
#include "node/route/route.h"

/* The first IPv4 address of a physical interface. */
static const struct address *sender_of(const struct link *l)
{
	for (size_t k = 0; k < l->n_addresses; k++)
		if (l->interface.kind == INTERFACE_PHYSICAL &&
		    l->addresses[k].address.family == FAMILY_IPV4)
			return &l->addresses[k].address;
	return NULL;
}

void senders_review(struct node *n)
{
	if (!n->kernel->senders_dirty)
		return;
	n->kernel->senders_dirty = false;
	slot_unwant_senders(n);
	list_each_entry(const struct link, l, &n->routing->links, link) {
		const struct address *a = n->kernel->n_silent > 0 ? sender_of(l) : NULL;
		struct slot *s = a ? slot_get_sender(n, l->interface.index, a) : NULL;

		if (!s)
			continue;
		s->wanted = true;
		slot_dirty(n, s);
	}
}
