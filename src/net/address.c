/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"

size_t family_bytes(enum family family)
{
	return family == FAMILY_IPV4 ? 4 : family == FAMILY_IPV6 ? 16 : 0;
}

uint8_t family_bits(enum family family)
{
	return (uint8_t)(family_bytes(family) * 8);
}

struct address address_make(enum family family, const void *bytes)
{
	struct address a = { .family = (uint8_t)family };

	memcpy(a.bytes, bytes, family_bytes(family));
	return a;
}

struct address address_ipv4(uint32_t host_order)
{
	uint32_t number = htonl(host_order);

	return address_make(FAMILY_IPV4, &number);
}

uint32_t address_ipv4_number(const struct address *a)
{
	uint32_t number;

	assert(a->family == FAMILY_IPV4);
	memcpy(&number, a->bytes, sizeof(number));
	return ntohl(number);
}

bool address_is_set(const struct address *a)
{
	return a->family != FAMILY_NONE;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

int address_compare(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

uint32_t address_hash(uint64_t seed, const struct address *a)
{
	uint8_t key[1 + ADDRESS_BYTES_MAX] = { a->family };

	memcpy(key + 1, a->bytes, ADDRESS_BYTES_MAX);
	return hash_keyed(seed, key, 1 + family_bytes(a->family));
}

bool address_is_unspecified(const struct address *a)
{
	static const uint8_t zeros[ADDRESS_BYTES_MAX];

	return memcmp(a->bytes, zeros, sizeof(zeros)) == 0;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	if (a->family == FAMILY_IPV4)
		return a->bytes[0] == 127;
	return memcmp(a->bytes, v6, sizeof(v6)) == 0;
}

bool address_is_multicast(const struct address *a)
{
	if (a->family == FAMILY_IPV4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->bytes[0] == 0xff;
}

bool address_is_link_local(const struct address *a)
{
	if (a->family == FAMILY_IPV4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/*
 * RFC 4291 2.4, 2.5.5: ::/64 is what the forms lie in that carry an IPv4 address, and nothing else
 * was ever assigned there. Linux refuses a route to an IPv4-mapped address and drops packets that
 * have one, BIRD calls most of the rest bogus.
 */
static bool address_is_embedded(const struct address *a, const char **ret_why)
{
	static const uint8_t zeros[8];
	uint32_t third;

	if (a->family != FAMILY_IPV6 || memcmp(a->bytes, zeros, sizeof(zeros)) != 0)
		return false;
	memcpy(&third, a->bytes + sizeof(zeros), sizeof(third));
	if (third == htonl(0xffff))
		*ret_why = "an IPv4-mapped address, which no router forwards: write it as IPv4";
	else if (third == 0 && (a->bytes[12] || a->bytes[13]))
		*ret_why = "an IPv4-compatible address, which routers refuse: write it as IPv4";
	else
		*ret_why = "an address of the reserved network ::/64, which routers refuse";
	return true;
}

bool address_is_host(const struct address *a, const char **ret_why)
{
	if (address_is_unspecified(a))
		*ret_why = "the unspecified address";
	else if (address_is_loopback(a))
		*ret_why = "a loopback address";
	else if (address_is_multicast(a))
		*ret_why = "a multicast address";
	else if (address_is_link_local(a))
		*ret_why = "a link-local address, which routers never forward";
	else if (address_is_embedded(a, ret_why))
		return false;
	else if (a->family == FAMILY_IPV4 && a->bytes[0] == 0)
		*ret_why = "an address of 'this network' (0/8)";
	else if (a->family == FAMILY_IPV4 && a->bytes[0] >= 240)
		*ret_why = a->bytes[0] == 255 && a->bytes[1] == 255 && a->bytes[2] == 255 &&
					   a->bytes[3] == 255
				   ? "the broadcast address"
				   : "a reserved address (240/4)";
	else
		return true;
	return false;
}

struct address address_unmapped(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != FAMILY_IPV6 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return *a;
	return address_make(FAMILY_IPV4, a->bytes + sizeof(mapped));
}

int address_parse(const char *text, struct address *ret)
{
	uint8_t bytes[ADDRESS_BYTES_MAX];

	if (inet_pton(AF_INET, text, bytes) == 1) {
		*ret = address_make(FAMILY_IPV4, bytes);
		return 0;
	}
	if (inet_pton(AF_INET6, text, bytes) == 1) {
		*ret = address_make(FAMILY_IPV6, bytes);
		return 0;
	}
	return -EINVAL;
}

char *address_format(const struct address *a, char *buffer)
{
	if (a->family == FAMILY_NONE)
		memcpy(buffer, "-", 2);
	else
		inet_ntop(a->family == FAMILY_IPV4 ? AF_INET : AF_INET6, a->bytes, buffer,
			  ADDRESS_TEXT_MAX);
	return buffer;
}
