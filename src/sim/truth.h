/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hosts say by OSPF, and what routers have of it in truth: in their databases, whatever a host
 * believes.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include "sim/state.h"

/* A packet of the host leaves it: what its own LSAs announce there holds, where they are new. */
void truth_says(struct sim *s, uint8_t index, const struct packet *d);

/* Whether the router has an LSA of the host that announces the prefix, and goes there by it. */
bool truth_has(const struct sim *s, const struct sim_router *r, const struct sim_host *h,
	       const struct prefix *p);

/* Whether it has any LSA of the host, but for those of a link, which nobody looks at without it. */
bool truth_knows(const struct sim *s, const struct sim_router *r, const struct sim_host *h);

/*
 * Whether a router on the LAN of the port has a full adjacency with the host, has the prefix of it,
 * and has been within its reach for long enough to know better.
 */
bool truth_is_believed(const struct sim *s, const struct sim_host *h, const struct sim_port *port,
		       const struct prefix *p);

#endif
