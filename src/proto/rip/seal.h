/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authentication of RIP-2 packets: the form that they have on the wire when there is a key
 * (RFC 2453 4.1, RFC 2082, RFC 4822). The speaker knows keys by their numbers and times only; who
 * has their secrets seals what the speaker gives out, and opens what it is to be given. So no
 * secret is ever in the speaker, in what it is told, or in a record of either.
 */
#ifndef PROTO_RIP_SEAL_H
#define PROTO_RIP_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "proto/rip/rip.h"

#define RIP_SECRET_SHORT_MAX 16			 /* of one for a simple password or keyed MD5 */
#define RIP_SEALED_MAX (RIP_PACKET_MAX + 4 + 64) /* with the trailer of HMAC-SHA-512 */

/* How long a secret of this type may be. */
size_t rip_secret_max(enum auth_type type);

/*
 * Writes the packet, as the speaker gave it out, into `bytes`, of at least RIP_SEALED_MAX: with the
 * key and the sequence number that it names. Returns the length; 0 when the keyring does not have
 * that key, or is of another type: then nothing may be sent.
 */
size_t rip_seal(const struct keyring *k, const struct packet *d, uint8_t *bytes);

/*
 * Puts a packet that arrived, `length` bytes of which at most RIP_SEALED_MAX are there, into the
 * datagram as the speaker takes it: without its seal, and with what was found; or refused, with the
 * reason. With a keyring of type AUTH_NONE it is put there as it is. The other fields of the
 * datagram are left alone.
 */
void rip_open(const struct keyring *k, const uint8_t *bytes, size_t length, struct packet *d);

#endif
