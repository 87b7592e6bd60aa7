/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network: an address and how many of its leading bits count. All bits behind them are zero in
 * every prefix that prefix_make() gives, so two prefixes are equal when their fields are.
 */
#ifndef NET_PREFIX_H
#define NET_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"

#define PREFIX_TEXT_MAX (ADDRESS_TEXT_MAX + 4)

struct prefix {
	struct address address;
	uint8_t length;
};

/* The network of `length` bits that `a` lies in; `length` must fit the family. */
struct prefix prefix_make(const struct address *a, uint8_t length);

/* The prefix that holds this one address alone: /32 or /128. */
struct prefix prefix_host(const struct address *a);

/* True for a host mask, /32 or /128. */
bool prefix_is_host(const struct prefix *p);

bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* Orders by address, then the shorter before the longer. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

uint32_t prefix_hash(uint64_t seed, const struct prefix *p); /* as hash_keyed() */

/* True when the address lies in the prefix; false across families. */
bool prefix_contains(const struct prefix *p, const struct address *a);

/* True when `inner` is `outer` or a part of it. */
bool prefix_covers(const struct prefix *outer, const struct prefix *inner);

/* The last address of an IPv4 network, to which datagrams for all its hosts go (RFC 919). */
struct address prefix_broadcast(const struct prefix *p);

/* 255.255.255.0 for 24: the mask of an IPv4 prefix in host order. */
uint32_t prefix_ipv4_mask(uint8_t length);

/* The length of a mask in host order; -EINVAL when its ones are not all in front. */
int prefix_ipv4_mask_length(uint32_t mask);

/* The length that RIP-1 gives a network by the class of its address (RFC 1058 3.2): 8, 16 or 24. */
uint8_t prefix_ipv4_class_length(const struct address *a);

/*
 * Reads ADDRESS or ADDRESS/LENGTH, keeping the host bits: *ret_address is the address as written,
 * *ret_length the length, or that of a host mask when there is none. 0 or -EINVAL.
 */
int prefix_parse(const char *text, struct address *ret_address, uint8_t *ret_length);

/* Writes ADDRESS/LENGTH into a buffer of at least PREFIX_TEXT_MAX bytes; returns it. */
char *prefix_format(const struct prefix *p, char *buffer);

#define PREFIX_TEXT(p) prefix_format((p), (char[PREFIX_TEXT_MAX]){ 0 })

#endif
