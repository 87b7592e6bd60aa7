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
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"

#define PACKET_BYTES_MAX 1480 /* what IPv4 carries in one frame of Ethernet */
#define PACKET_SEAL_MAX 80    /* what it is sealed with */
#define PACKET_SEALED_MAX (PACKET_BYTES_MAX + PACKET_SEAL_MAX)
#define PACKET_LONG_MAX 65535 /* that the pieces of one make */
#define PACKET_SOCKETS_MAX 4  /* sockets that a speaker has on an interface */

/*
 * One that is longer than PACKET_BYTES_MAX goes to and fro in pieces, which follow each other: each
 * is a packet that says the same of itself, and all but the last one have `more`. Of a protocol
 * whose packets are never so long the bytes of one that arrived are its beginning, and its length
 * is above PACKET_BYTES_MAX.
 */
struct packet {
	uint16_t speaker; /* whose it is: the number of the speaker */
	uint32_t interface;
	uint8_t socket;	       /* which of the speaker's sockets, by their order in its face */
	struct address source; /* received: who sent it */
	uint16_t source_port;
	bool departed;		    /* to be sent: the source is not ours any more */
	bool question;		    /* to be sent: it asks, and is of no use without an answer */
	uint8_t hop_limit;	    /* received: with which it arrived; 0: not known. To be sent:
				       this one, or 0: that of its socket */
	struct address destination; /* multicast, broadcast or unicast */
	uint16_t destination_port;
	/*
	 * To be sent: with what it must be sealed. Received: with what it was opened, or why that
	 * could not be done; then it has no bytes. The bytes are those of the packet without it.
	 */
	uint8_t auth; /* enum auth_type */
	uint8_t key;
	uint64_t sequence;
	bool refused;
	uint8_t reason; /* in the protocol's own counting */
	bool more;	/* it goes on in the next one */
	uint16_t at;	/* so much of it was in those before */
	uint16_t length;
	uint8_t bytes[PACKET_BYTES_MAX];
};

/*
 * Puts pieces together, of not more than `max` bytes in all. `bytes` is owned, and there only when
 * there was something to put together.
 */
struct packet_join {
	size_t max;
	uint8_t *bytes;
	size_t length, capacity;
	uint32_t interface;
};

/*
 * Takes a piece. Of the last one of a packet it returns the whole, and in *ret_length how long that
 * is: good until the next call, and as long as the piece is. NULL: more is to come, or there is one
 * missing, or it gets too long, or there is no memory: then what there was of it is forgotten.
 */
const uint8_t *packet_join(struct packet_join *j, const struct packet *p, size_t *ret_length);
void packet_join_done(struct packet_join *j);

/*
 * Cuts off the next piece of `length` bytes, of which p->at were given out: it sets bytes, length
 * and more. Then add p->length to p->at for the next one.
 */
void packet_cut(struct packet *p, const uint8_t *bytes, size_t length);

#endif
