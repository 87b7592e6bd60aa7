/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path between two systems, as RFC 5880 has the word: the interface, the neighbour's address, and
 * our own, from which it is spoken to. It tells the sessions that watch neighbours apart.
 */
#ifndef NET_PATH_H
#define NET_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"

struct path {
	uint32_t interface; /* the index of the one hop's interface; 0: several hops */
	struct address peer;
	struct address local; /* the one that our packets come from and the peer's go to */
};

/* Whether both ends are there, and of one family. */
bool path_is_valid(const struct path *p);

bool path_equal(const struct path *a, const struct path *b);
uint32_t path_hash(uint64_t seed, const struct path *p); /* as hash_keyed() */

#endif
