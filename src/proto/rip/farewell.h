/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The good-byes of a speaker that is no longer there, said by somebody who has its last will:
 * metric 16 for each prefix, on each interface that it spoke on, to whom it spoke (RFC 2453 3.9.2:
 * a metric of 16 from the next hop deletes the route at once).
 */
#ifndef PROTO_RIP_FAREWELL_H
#define PROTO_RIP_FAREWELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/rip/rip.h"

struct rip_farewell {
	struct rip_interface_settings settings;
	struct rip_link link; /* index, address and length count */
	uint16_t tag;
};

/*
 * The next datagram. `position` starts at 0 and is moved on; false when all `count` prefixes have
 * been said to all. Prefixes that the interface's version cannot carry are left out.
 */
bool rip_farewell_next(const struct rip_farewell *f, const struct prefix *prefixes, size_t count,
		       size_t *position, struct rip_datagram *ret);

#endif
