/* SPDX-License-Identifier: Apache-2.0 */
#include "net/path.h"

#include <string.h>

#include "base/hash.h"

bool path_is_valid(const struct path *p)
{
	return address_is_set(&p->peer) && p->peer.family == p->local.family;
}

bool path_equal(const struct path *a, const struct path *b)
{
	return a->interface == b->interface && address_equal(&a->peer, &b->peer) &&
	       address_equal(&a->local, &b->local);
}

uint32_t path_hash(uint64_t seed, const struct path *p)
{
	uint8_t key[sizeof(p->interface) + 2 * ADDRESS_BYTES_MAX];

	memcpy(key, &p->interface, sizeof(p->interface));
	memcpy(key + sizeof(p->interface), p->peer.bytes, ADDRESS_BYTES_MAX);
	memcpy(key + sizeof(p->interface) + ADDRESS_BYTES_MAX, p->local.bytes, ADDRESS_BYTES_MAX);
	return hash_keyed(seed, key, sizeof(key));
}
