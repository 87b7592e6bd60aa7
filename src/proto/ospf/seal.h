/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around the packets of a speaker on the wire: the checksum, and their authentication.
 * OSPFv2: none, simple, keyed MD5 (RFC 2328 D), HMAC-SHA (RFC 5709), with extended sequence numbers
 * too (RFC 7474). OSPFv3: none, HMAC-SHA by the authentication trailer (RFC 7166). The speaker
 * knows keys by their numbers and times only; who has their secrets seals what it gives out, and
 * opens what it is to be given.
 *
 * FRR before 9.1 has the trailer of OSPFv3 with another digest on little-endian machines, and does
 * not understand ours or BIRD's: with such neighbours there is no authentication of OSPFv3.
 */
#ifndef PROTO_OSPF_SEAL_H
#define PROTO_OSPF_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/keychain.h"
#include "proto/ospf/packet.h"

#define OSPF_SEAL_MAX (16 + 64) /* bytes that a seal adds, at the most */
#define OSPF_SEALED_MAX (OSPF_PACKET_MAX + OSPF_SEAL_MAX)
#define OSPF_SECRET_SIMPLE_MAX 8
#define OSPF_SECRET_MD5_MAX 16

/* A packet, with what it was or is to be sealed with. The bytes are the caller's. */
struct ospf_packet {
	uint32_t interface;
	struct address source, destination;
	uint8_t hop_limit; /* received: with which it arrived; 0: unknown. To be sent: 0: the usual
			    */
	uint8_t auth;	   /* enum auth_type */
	uint8_t key;
	bool extended; /* v2: RFC 7474, authentication type 3 */
	uint64_t sequence;
	bool refused; /* received: it could not be opened, `reason` (enum ospf_drop) says why */
	uint8_t reason;
	const uint8_t *bytes;
	size_t length;
};

/* How long a secret may be; 0: the version cannot do that type. */
size_t ospf_secret_max(enum ospf_version v, enum auth_type type);

/* The bytes that sealing adds behind the packet: in v2 with an extended sequence number. */
size_t ospf_seal_bytes(enum ospf_version v, enum auth_type type);

/*
 * Writes the packet as it goes out into `to`, of at least p->length + OSPF_SEAL_MAX bytes. Returns
 * the length; 0 when the keyring does not have the key that it names, or is of another type: then
 * nothing may be sent. Hellos and descriptions of OSPFv3 get the AT bit (RFC 7166 2.1) here;
 * extended sequence numbers are there for HMAC-SHA alone.
 */
size_t ospf_seal(enum ospf_version v, const struct keyring *k, const struct ospf_packet *p,
		 uint8_t *to);

/*
 * Takes the seal off a packet that arrived in p->bytes, p->length, from p->source to
 * p->destination: it sets length to that of the packet alone, and auth, key, extended, sequence; or
 * refused and the reason. With a keyring of AUTH_NONE an authenticated packet is refused, and the
 * checksum is looked at. Bytes behind the packet and its digest (RFC 5613: LLS) are dropped.
 */
void ospf_open(enum ospf_version v, const struct keyring *k, struct ospf_packet *p);

#endif
