/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of conflict detection: ARP for IPv4 over Ethernet (RFC 826), neighbour solicitations
 * and advertisements (RFC 4861 4.3, 4.4). What is decoded has been validated as RFC 4861 7.1 asks.
 */
#ifndef PROTO_ACD_FRAME_H
#define PROTO_ACD_FRAME_H

#include "proto/acd/acd.h"

enum acd_message_kind {
	ACD_ARP_REQUEST,
	ACD_ARP_REPLY,
	ACD_SOLICITATION,
	ACD_ADVERTISEMENT,
};

struct acd_message {
	uint8_t kind;		     /* enum acd_message_kind */
	uint8_t from[ACD_MAC_BYTES]; /* Ethernet's source and destination */
	uint8_t to[ACD_MAC_BYTES];
	/*
	 * Whom the message is about: ARP's sender, or what the link-layer option names. Without
	 * that option (`has_option` false) Ethernet's source stands here.
	 */
	uint8_t mac[ACD_MAC_BYTES];
	bool has_option;
	bool solicited, override;   /* of an advertisement */
	struct address source;	    /* ARP: the sender's address */
	struct address destination; /* ND alone */
	struct address target;
};

/* 0; -ENOENT for a frame of another kind; -EBADMSG for one that is malformed. */
int acd_frame_decode(const struct acd_frame *frame, struct acd_message *ret);

/* Everything of the frame but its interface. */
void acd_frame_encode(const struct acd_message *m, struct acd_frame *ret);

/* RFC 4291 2.7.1: where the solicitations for an address go to. */
struct address acd_solicited_node(const struct address *a);

/* RFC 2464 7: the Ethernet address of an IPv6 multicast address. */
void acd_multicast_mac(const struct address *a, uint8_t ret[ACD_MAC_BYTES]);

#endif
