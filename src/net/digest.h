/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digests with which routing protocols authenticate their packets: keyed MD5 (RFC 2082 3.2.1,
 * RFC 2328 D.4.3) and HMAC-SHA as RFC 4822 2.5 has it, and after it RFC 5709 3.3, RFC 7166 4.5 and
 * RFC 7474 5. Where they stand in a packet is the protocol's own.
 */
#ifndef NET_DIGEST_H
#define NET_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/keychain.h"

#define DIGEST_MAX 64
#define DIGEST_MD5_KEY_BYTES 16

/* What else goes into a digest of HMAC-SHA, where a protocol has it so. */
struct digest_bound {
	uint16_t protocol;     /* RFC 7166 4.5, RFC 7474 6: behind the key; 0: nothing is */
	struct address source; /* Apad begins with it; unset: with nothing but itself */
};

/* The bytes of a digest; 0 of types that have none. */
size_t digest_bytes(uint8_t type);

/*
 * The digest of `length` bytes into `ret`, of digest_bytes(). The type must have one; `bound` is
 * nothing to MD5, and may be NULL.
 */
void digest_make(uint8_t type, const struct secret *s, const struct digest_bound *bound,
		 const uint8_t *bytes, size_t length, uint8_t *ret);

/* Compares in a time that says nothing of the bytes. */
bool digest_equal(const uint8_t *a, const uint8_t *b, size_t length);

#endif
