/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authentication of control packets (RFC 5880 6.7), without state: who is believed, and with what
 * is signed. The sequence numbers are a session's.
 */
#ifndef PROTO_BFD_AUTH_H
#define PROTO_BFD_AUTH_H

#include "proto/bfd/packet.h"

/*
 * Whether the packet, decoded from these bytes, is signed as the parameters demand:
 * BFD_DROP_NOTHING or the reason against. All but the window of the sequence number.
 */
enum bfd_drop bfd_auth_check(const struct bfd_params *params, const struct bfd_packet *p,
			     const uint8_t *bytes);

/*
 * Encodes the packet into `bytes`, of at least BFD_PACKET_MAX, signed with the first secret;
 * returns the length. The packet's own authentication fields but `sequence` are set here.
 */
size_t bfd_auth_encode(const struct bfd_params *params, struct bfd_packet *p, uint8_t *bytes);

/* The window of sequence numbers behind the last one: RFC 5880 6.7.3. */
bool bfd_auth_sequence_fits(const struct bfd_packet *p, uint32_t last);

#endif
