/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes back of the echo is kept from the host's own stack, by an nftables table that is there
 * while the echo is used: the packets have an address of ours as source, so IPv4 would log them as
 * martians and IPv6 answer that there is no such port, connection tracking would make entries of
 * them, and a redirect about them could be taken.
 *
 *	table inet vipd_echo {
 *		chain returns { type filter hook prerouting priority -450;
 *			udp dport 3785 @th,64,32 0x76697045 counter drop
 *			(ICMP, and ICMPv6, that quotes such a packet) counter drop
 *			(an ICMPv6 redirect that does) counter drop }
 *	}
 *
 * That is before defragmentation and connection tracking, and before the table raw; packet sockets
 * have their copy by then. When somebody else takes it away it is made again. (A table with an
 * owner, which the kernel would look after, makes nft 1.0.6 end in the midst of its JSON.)
 */
#ifndef LINUX_SHIELD_H
#define LINUX_SHIELD_H

#include <stdbool.h>

struct shield;

/* Nothing is in the kernel yet. NULL when there is no nftables, or no memory. */
struct shield *shield_new(void);
void shield_free(struct shield *s); /* and takes it away */

/* Makes the table, unless it is there. 0 or -errno. */
int shield_raise(struct shield *s);
void shield_lower(struct shield *s);

/* Takes away what a process has left that was killed. */
void shield_clear(void);

#endif
