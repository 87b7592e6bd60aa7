/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP silence. Linux answers ARP requests for any of its addresses on every interface, and asks in
 * the name of any of them; behind an L4 switch both are wrong (PRODUCT.md row 15), and on a LAN
 * that a VIP does not belong to both are misleading. One nftables table holds the VIPs that are
 * silent, and for each interface the address in whose name is asked instead.
 *
 * The table is a kernel object like all others: wanted while at least one VIP is to be silent. Each
 * VIP's own silence is a want of the VIP (vip/held.c), on which its address stands. IPv4 only:
 * Linux keeps a board's IPv6 addresses to the board.
 */
#include "node/kernel/kernel.h"

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
