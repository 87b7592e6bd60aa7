/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Ethernet frames by which hosts find each other: ARP for IPv4 (RFC 826), neighbour
 * solicitations and advertisements (RFC 4861 4.3, 4.4). What is decoded has been validated as RFC
 * 4861 7.1 asks.
 */
#ifndef NET_ETHER_H
#define NET_ETHER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/path.h"

#define ETHER_MAC_BYTES 6
#define ETHER_FRAME_MAX 128 /* of a frame so much is kept; all that we send is shorter */

/* A frame as it is on the wire. One that arrived may be longer than what is kept of it. */
struct ether_frame {
	uint32_t interface;
	uint16_t length;
	uint8_t bytes[ETHER_FRAME_MAX];
};

enum ether_message_kind {
	ETHER_ARP_REQUEST,
	ETHER_ARP_REPLY,
	ETHER_SOLICITATION,
	ETHER_ADVERTISEMENT,
};

struct ether_message {
	uint8_t kind;		       /* enum ether_message_kind */
	uint8_t from[ETHER_MAC_BYTES]; /* Ethernet's source and destination */
	uint8_t to[ETHER_MAC_BYTES];
	/*
	 * Whom the message is about: ARP's sender, or what the link-layer option names. Without
	 * that option (`has_option` false) Ethernet's source stands here.
	 */
	uint8_t mac[ETHER_MAC_BYTES];
	bool has_option;
	bool solicited, override;   /* of an advertisement */
	struct address source;	    /* ARP: the sender's address */
	struct address destination; /* ND alone */
	struct address target;
};

/* 0; -ENOENT for a frame of another kind; -EBADMSG for one that is malformed. */
int ether_decode(const struct ether_frame *frame, struct ether_message *ret);

/* Everything of the frame but its interface. */
void ether_encode(const struct ether_message *m, struct ether_frame *ret);

/* RFC 4291 2.7.1: where the solicitations for an address go to. */
struct address ether_solicited_node(const struct address *a);

/* RFC 2464 7: the Ethernet address of an IPv6 multicast address. */
void ether_multicast_mac(const struct address *a, uint8_t ret[ETHER_MAC_BYTES]);

/*
 * The question for the path's peer, asked by its own address, which is at `from`: who has this
 * address? It goes to one host alone (RFC 1122 2.3.2.1, RFC 4861 7.3), or to all, with NULL.
 */
void ether_ask(const struct path *path, const uint8_t from[ETHER_MAC_BYTES], const uint8_t *to,
	       struct ether_frame *ret);

/*
 * Reads an answer to such a question: of which path, and where the peer is. 0; -ENOENT for a frame
 * that is none; -EBADMSG for one that is malformed.
 */
int ether_answer(const struct ether_frame *frame, struct path *ret,
		 uint8_t ret_mac[ETHER_MAC_BYTES]);

#endif
