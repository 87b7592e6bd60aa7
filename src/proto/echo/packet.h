/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of the echo: Ethernet, IP of either family, UDP, and what we know them by.
 *
 *	 0  magic   4   the same for all vipd: ECHO_MAGIC
 *	 4  cookie  4   of the instance
 *	 8  serial  8   no two packets of an instance have the same; the slot is its end
 *	16  tag     8   SipHash of all of this with the addresses, by a secret key
 */
#ifndef PROTO_ECHO_PACKET_H
#define PROTO_ECHO_PACKET_H

#include "proto/echo/echo.h"

#define ECHO_PAYLOAD_BYTES 24

/* Who we are: what all packets of an instance have in common. */
struct echo_mark {
	uint64_t key[2];
	uint32_t cookie;
	uint16_t source_port;
};

/* What arrived. */
struct echo_heard {
	bool error;			    /* an ICMP error about the packet; else itself */
	uint8_t refusal;		    /* what it says */
	struct address by;		    /* and who */
	uint8_t mac[ETHER_MAC_BYTES];	    /* of who has sent the frame */
	uint8_t ttl;			    /* the packet's own */
	struct address source, destination; /* likewise */
	uint64_t serial;
};

/* A packet as a frame. All but `asks` counts. */
void echo_packet_encode(const struct echo_mark *mark, const struct echo_send *s,
			const uint8_t from[ETHER_MAC_BYTES], struct ether_frame *ret);

/*
 * 0 for a packet of ours, whole or quoted by an ICMP error, whose tag is right; else 1 + enum
 * echo_drop.
 */
int echo_packet_decode(const struct echo_mark *mark, const struct echo_frame *frame,
		       struct echo_heard *ret);

#endif
