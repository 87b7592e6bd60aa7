/* SPDX-License-Identifier: Apache-2.0 */
#include "net/prefix.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct prefix prefix_make(const struct address *a, uint8_t length)
{
	struct prefix p = { .address = *a, .length = length };
	size_t whole = length / 8;

	assert(length <= family_bits(a->family));
	if (length < family_bits(a->family)) {
		p.address.bytes[whole] &= (uint8_t)(0xff00u >> (length % 8));
		memset(p.address.bytes + whole + 1, 0, ADDRESS_BYTES_MAX - whole - 1);
	}
	return p;
}

struct prefix prefix_host(const struct address *a)
{
	return prefix_make(a, family_bits(a->family));
}

bool prefix_is_host(const struct prefix *p)
{
	return p->length == family_bits(p->address.family);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && address_equal(&a->address, &b->address);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int c = address_compare(&a->address, &b->address);

	return c ? c : (int)a->length - (int)b->length;
}

uint32_t prefix_hash(uint64_t seed, const struct prefix *p)
{
	uint8_t key[2 + ADDRESS_BYTES_MAX] = { p->address.family, p->length };

	memcpy(key + 2, p->address.bytes, ADDRESS_BYTES_MAX);
	return hash_keyed(seed, key, 2 + family_bytes(p->address.family));
}

bool prefix_contains(const struct prefix *p, const struct address *a)
{
	size_t whole = p->length / 8;
	uint8_t rest = (uint8_t)(0xff00u >> (p->length % 8));

	if (p->address.family != a->family || memcmp(p->address.bytes, a->bytes, whole) != 0)
		return false;
	return !rest || ((p->address.bytes[whole] ^ a->bytes[whole]) & rest) == 0;
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	return outer->length <= inner->length && prefix_contains(outer, &inner->address);
}

struct address prefix_broadcast(const struct prefix *p)
{
	return address_ipv4(address_ipv4_number(&p->address) | ~prefix_ipv4_mask(p->length));
}

uint32_t prefix_ipv4_mask(uint8_t length)
{
	assert(length <= 32);
	return length ? ~UINT32_C(0) << (32 - length) : 0;
}

int prefix_ipv4_mask_length(uint32_t mask)
{
	uint32_t holes = ~mask;

	if (holes & (holes + 1))
		return -EINVAL;
	return __builtin_popcount(mask);
}

uint8_t prefix_ipv4_class_length(const struct address *a)
{
	if (a->bytes[0] < 128)
		return 8;
	return a->bytes[0] < 192 ? 16 : 24;
}

int prefix_parse(const char *text, struct address *ret_address, uint8_t *ret_length)
{
	const char *slash = strchr(text, '/');
	char host[ADDRESS_TEXT_MAX];
	struct address a;
	unsigned long length;
	char *end;

	if (!slash) {
		if (address_parse(text, &a) < 0)
			return -EINVAL;
		*ret_address = a;
		*ret_length = family_bits(a.family);
		return 0;
	}
	if ((size_t)(slash - text) >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (address_parse(host, &a) < 0 || slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	length = strtoul(slash + 1, &end, 10);
	if (*end || end - slash > 4 || length > family_bits(a.family))
		return -EINVAL;
	*ret_address = a;
	*ret_length = (uint8_t)length;
	return 0;
}

char *prefix_format(const struct prefix *p, char *buffer)
{
	size_t at;

	address_format(&p->address, buffer);
	at = strlen(buffer);
	snprintf(buffer + at, PREFIX_TEXT_MAX - at, "/%u", p->length);
	return buffer;
}
