/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP silence in the kernel: one nftables table of our own, of the family arp. Nothing outside it
 *is touched, and no sysctl is changed.
 *
 *	table arp vipd {
 *		set silent { type ipv4_addr; }
 *		map sender { type iface_index : ipv4_addr; }
 *		chain in { type filter hook input priority 0;
 *			arp daddr ip @silent drop }
 *		chain out { type filter hook output priority 0;
 *			arp saddr ip @silent arp operation request arp saddr ip set oif map @sender
 *			arp saddr ip @silent arp operation request arp saddr ip set 0.0.0.0
 *			arp saddr ip @silent drop }
 *	}
 *
 * A request in the name of a VIP is rewritten, not dropped, or the host could not find its own
 * gateway. An interface that has no address yet asks as a probe does (RFC 5227 1.1).
 */
#ifndef LINUX_ARP_TABLE_H
#define LINUX_ARP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "linux/nft.h"

/* Whether the change is one of the table, and not one for rtnetlink. */
bool arp_table_makes(const struct change *c);

/*
 * Makes the changes, which must all be of the table, in their order: all that can go together go in
 * one transaction. Their outcomes go to `batch`, in the same positions.
 */
void arp_table_transact(struct nft *t, const struct change *changes, size_t count,
			struct rtnl_batch *batch);

/*
 * Reads what the table holds, and tells it as INPUT_OBJECT: nothing at all when the table is not
 * there, or not as we make it.
 */
void arp_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		    void *context);

#endif
