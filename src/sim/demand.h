/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a random run when everything is well again. */
#ifndef SIM_DEMAND_H
#define SIM_DEMAND_H

#include "sim/wish.h"

/* Of all routers: they reach what is to be reached, and nothing else; `stopped`: nothing at all. */
void demand_all(struct run *run, bool stopped);

/* Of a host, about the VIPs of another one: it has learned the ways, and heard of them. */
void demand_learned(struct run *run, uint8_t index, uint8_t other);
void demand_talk(struct run *run, uint8_t index, uint8_t other);

#endif
