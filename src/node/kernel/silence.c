/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP silence. Linux answers ARP requests for any of its addresses on every interface, and asks in
 * the name of any of them; behind an L4 switch both are wrong (PRODUCT.md row 15), and on a LAN
 * that a VIP does not belong to both are misleading. One nftables table holds the VIPs that are
 * silent, and for each interface the address in whose name is asked instead.
 *
 * The table is a kernel object like all others: wanted while at least one VIP is to be silent. Each
 * VIP's own silence belongs to its slot (slot.c), because it has to come before the object and to
 * go after it. IPv4 only: Linux keeps a board's IPv6 addresses to the board.
 */
#include "node/route/route.h"

static struct slot *table_slot(struct node *n, bool make)
{
	const struct address none = { 0 };

	return make ? slot_get_stray(n, NULL, OBJECT_ARP_TABLE, &none, 0)
		    : slot_find(n, NULL, OBJECT_ARP_TABLE, &none, 0);
}

void silence_count(struct node *n, int change)
{
	bool before = n->kernel->n_silent > 0, after;
	struct slot *table;

	n->kernel->n_silent += (size_t)change;
	after = n->kernel->n_silent > 0;
	if (before == after)
		return;
	table = table_slot(n, after);
	if (table && table->wanted != after)
		slot_want(n, table, after);
	n->kernel->senders_dirty = true;
}

void silence_table(struct node *n, bool present)
{
	if (n->kernel->arp_table == present)
		return;
	n->kernel->arp_table = present;
	if (present)
		slot_silence_there(n);
	else
		slot_silence_gone(n);
}

void silence_reconcile(struct node *n)
{
	if (!n->kernel->senders_dirty)
		return;
	n->kernel->senders_dirty = false;
	slot_unwant_senders(n);
	list_each(link, &n->routing->links) {
		const struct link *l = container_of(link, struct link, link);
		struct slot *s = NULL;

		for (size_t k = 0; n->kernel->n_silent > 0 && k < l->n_addresses && !s; k++)
			if (l->interface.kind == INTERFACE_PHYSICAL &&
			    l->addresses[k].address.family == FAMILY_IPV4)
				s = slot_get_sender(n, l->interface.index,
						    &l->addresses[k].address);
		if (s) {
			s->wanted = true;
			slot_dirty(n, s);
		}
	}
}
