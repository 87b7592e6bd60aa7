/* SPDX-License-Identifier: Apache-2.0 */
/* What Linux does with next hops, their groups and the routes by them, in a host's kernel. */
#ifndef SIM_NEXTHOPS_H
#define SIM_NEXTHOPS_H

#include "sim/state.h"

/* Whether the kernel takes the object: what it stands on must be there, and its link up. */
bool nexthops_take(const struct sim_host *h, const struct object *o);

/* An object is gone: what stands on it follows, and nobody is told. */
void nexthops_gone(struct sim_host *h, const struct object *o);

/* A link is down: its next hops are gone. */
void nexthops_link_down(struct sim_host *h, uint32_t interface);

#endif
