/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VIPs that answer no ICMP echo request, as an nftables table of our own, of the family inet. It is
 * there while there is such a VIP, and nothing else is in it.
 *
 *	table inet vipd {
 *		set silent4 { type ipv4_addr; }
 *		set silent6 { type ipv6_addr; }
 *		chain in { type filter hook input priority 0;
 *			iif != 1 ip daddr @silent4 icmp type echo-request drop
 *			iif != 1 ip6 daddr @silent6 icmpv6 type echo-request drop }
 *	}
 *
 * What the host asks itself, by way of lo, is answered: health checks may do so.
 */
#ifndef LINUX_ECHO_TABLE_H
#define LINUX_ECHO_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "linux/nft.h"

/* Whether the change is one of the table. */
bool echo_table_makes(const struct change *c);

/* As arp_table_transact(): the changes must all be of this table. */
void echo_table_transact(struct nft *t, const struct change *changes, size_t count,
			 struct rtnl_batch *batch);

/*
 * Tells what the table holds as INPUT_OBJECT: nothing at all when it is not there, or not as we
 * make it.
 */
void echo_table_dump(struct nft *t, void (*tell)(void *context, const struct input *in),
		     void *context);

#endif
