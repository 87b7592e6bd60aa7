/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BFD control packets: bytes to structs and back (RFC 5880 4). This file knows the format and what
 * a field may hold whatever the session; what a packet means is decided elsewhere.
 */
#ifndef PROTO_BFD_PACKET_H
#define PROTO_BFD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/bfd/bfd.h"

#define BFD_VERSION 1
#define BFD_HEADER_BYTES 24  /* the mandatory section */
#define BFD_DIGEST_OFFSET 32 /* of a digest in the packet: RFC 5880 4.3, 4.4 */
#define BFD_PASSWORD_MAX 16  /* RFC 5880 4.2 */
#define BFD_DIGEST_MAX 20

struct bfd_packet {
	uint8_t diagnostic; /* 0 to 31 */
	uint8_t state;	    /* enum bfd_state */
	bool poll, final, independent, demand;
	uint8_t multiplier;
	uint32_t my_discriminator, your_discriminator;
	uint32_t tx_us, rx_us, echo_us;

	uint8_t auth; /* enum bfd_auth_type; NONE: there is no section */
	uint8_t key_id;
	uint8_t n_secret;  /* bytes of the password or the digest */
	uint32_t sequence; /* with a digest */
	uint8_t secret[BFD_DIGEST_MAX];
};

/* What bfd_packet_decode() returns for a packet that is in order. */
#define BFD_DROP_NOTHING BFD_DROP_COUNT

/* Bytes of the digest of this type; 0 for a type without one. */
size_t bfd_auth_digest_bytes(uint8_t type);

/*
 * Reads a packet of `length` bytes, of which at most BFD_PACKET_MAX are there. Gives
 * BFD_DROP_NOTHING, or why it must be dropped (RFC 5880 6.8.6); then *ret is untouched.
 */
enum bfd_drop bfd_packet_decode(const uint8_t *bytes, size_t length, struct bfd_packet *ret);

/* How many of the bytes are the packet: its own Length field, for one that was decoded. */
size_t bfd_packet_length(const struct bfd_packet *p);

/* Writes the packet into `bytes`, of at least BFD_PACKET_MAX; returns the length. */
size_t bfd_packet_encode(const struct bfd_packet *p, uint8_t *bytes);

#endif
