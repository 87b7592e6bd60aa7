/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet of some protocol's: one that arrived, or one to be sent. What its bytes mean only the
 * speaker knows that it is for or of.
 *
 * A speaker knows keys by their numbers and times alone. What it gives out is sealed, and what it
 * is to be given is opened, by whoever has the secrets: so no secret is in a speaker, in what it is
 * told, or in a record of either.
 */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"

#define PACKET_BYTES_MAX 1480			  /* what IPv4 carries in one frame of Ethernet */
#define PACKET_SEALED_MAX (PACKET_BYTES_MAX + 72) /* with what it is sealed with */
#define PACKET_SOCKETS_MAX 4			  /* sockets that a speaker has on an interface */

/*
 * The length of one that arrived may be above PACKET_BYTES_MAX: then the bytes are its beginning.
 */
struct packet {
	uint16_t speaker; /* whose it is: the number of the speaker */
	uint32_t interface;
	uint8_t socket;	       /* which of the speaker's sockets, by their order in its face */
	struct address source; /* received: who sent it */
	uint16_t source_port;
	bool departed;		    /* to be sent: the source is not ours any more */
	bool question;		    /* to be sent: it asks, and is of no use without an answer */
	uint8_t hop_limit;	    /* received by IPv6: with which it arrived */
	struct address destination; /* multicast, broadcast or unicast */
	uint16_t destination_port;
	/*
	 * To be sent: with what it must be sealed. Received: with what it was opened, or why that
	 * could not be done; then it has no bytes. The bytes are those of the packet without it.
	 */
	uint8_t auth; /* enum auth_type */
	uint8_t key;
	uint32_t sequence;
	bool refused;
	uint8_t reason; /* in the protocol's own counting */
	uint16_t length;
	uint8_t bytes[PACKET_BYTES_MAX];
};

#endif
