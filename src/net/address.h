/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One address type for both families. The bytes stand in network order; an IPv4 address uses the
 * first four and keeps the rest zero, so that two addresses are equal when their bytes and their
 * family are.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family {
	FAMILY_NONE = 0, /* no address at all */
	FAMILY_IPV4 = 4,
	FAMILY_IPV6 = 6,
};

/* The families as places of an array. */
#define FAMILIES 2

static inline size_t family_index(enum family family)
{
	return family == FAMILY_IPV6;
}

static inline enum family family_at(size_t index)
{
	return index == 0 ? FAMILY_IPV4 : FAMILY_IPV6;
}

#define ADDRESS_BYTES_MAX 16
#define ADDRESS_TEXT_MAX 46 /* INET6_ADDRSTRLEN, the terminator included */

struct address {
	uint8_t family; /* enum family */
	uint8_t bytes[ADDRESS_BYTES_MAX];
};

/* How many bytes, and bits, an address of the family has. 0 for FAMILY_NONE. */
size_t family_bytes(enum family family);
uint8_t family_bits(enum family family);

/* `bytes` points at family_bytes() bytes in network order. */
struct address address_make(enum family family, const void *bytes);

/* An IPv4 address from its number in host order: address_ipv4(0x0a090101) is 10.9.1.1. */
struct address address_ipv4(uint32_t host_order);

/* The number of an IPv4 address in host order; the address must be IPv4. */
uint32_t address_ipv4_number(const struct address *a);

bool address_is_set(const struct address *a);
bool address_equal(const struct address *a, const struct address *b);

/* Orders by family, then by number: for lists that a person reads. Negative, 0 or positive. */
int address_compare(const struct address *a, const struct address *b);

uint32_t address_hash(uint64_t seed, const struct address *a); /* as hash_keyed() */

/* Bit `i`, counted from the highest. */
static inline bool address_bit(const struct address *a, size_t i)
{
	return (a->bytes[i / 8] >> (7 - i % 8)) & 1;
}

/* 0.0.0.0 or ::. */
bool address_is_unspecified(const struct address *a);

/* 127/8 (RFC 1122 3.2.1.3 g) or ::1. */
bool address_is_loopback(const struct address *a);

/* 224/4 (RFC 5771) or ff00::/8 (RFC 4291 2.7). */
bool address_is_multicast(const struct address *a);

/* 169.254/16 (RFC 3927) or fe80::/10 (RFC 4291 2.5.6). */
bool address_is_link_local(const struct address *a);

/*
 * Whether a host may have the address at all, and routers forward to it: what the tables of Linux
 * and of the usual routing daemons refuse is none. When not, *ret_why is a noun phrase for it
 * ("a multicast address"), a constant string.
 */
bool address_is_host(const struct address *a, const char **ret_why);

/*
 * The IPv4 address that an IPv4-mapped one (RFC 4291 2.5.5.2) stands for, as a socket of IPv6
 * writes it; any other as it is.
 */
struct address address_unmapped(const struct address *a);

/* Reads 10.9.1.1 or 2001:db8::1, nothing before or behind it. 0 or -EINVAL. */
int address_parse(const char *text, struct address *ret);

/*
 * Writes the address (RFC 5952 for IPv6) into a buffer of at least ADDRESS_TEXT_MAX bytes; returns
 * it.
 */
char *address_format(const struct address *a, char *buffer);

/* For use inside one expression: ADDRESS_TEXT(&a). */
#define ADDRESS_TEXT(a) address_format((a), (char[ADDRESS_TEXT_MAX]){ 0 })

#endif
