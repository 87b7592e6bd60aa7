/* SPDX-License-Identifier: Apache-2.0 */
#include "net/path.h"

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

uint32_t path_hash(const struct path *p)
{
	uint32_t h = hash_bytes(p->interface, p->peer.bytes, sizeof(p->peer.bytes));

	return hash_bytes(h, p->local.bytes, sizeof(p->local.bytes));
}
