/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of the Internet protocols (RFC 1071): of IPv4's header, of UDP and of ICMPv6. */
#ifndef NET_CHECKSUM_H
#define NET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "net/address.h"

/* Adds bytes to a sum that begins at 0. All but the last must be of an even number. */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length);

/*
 * RFC 8200 8.1, RFC 768: the sum of the pseudo-header that goes before what an IP packet of either
 * family carries.
 */
uint32_t checksum_pseudo(const struct address *source, const struct address *destination,
			 uint8_t protocol, size_t length);

/* What must stand in the field: 0 when the right thing stood there while it was added. */
uint16_t checksum_end(uint32_t sum);

#endif
