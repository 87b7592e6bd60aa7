/* SPDX-License-Identifier: Apache-2.0 */
/* The OSPF of a router between hosts: the engine of ospf_engine.c, in the world's time. */
#ifndef SIM_OSPF_ROUTER_H
#define SIM_OSPF_ROUTER_H

#include "sim/state.h"

/* How OSPF is spoken on the LAN, by whoever does. */
struct ospf_speech ospf_speech_on(const struct sim *s, const struct sim_lan *lan);

static inline enum ospf_version ospf_version_of(const struct sim *s)
{
	return s->family == FAMILY_IPV6 ? OSPF_V3 : OSPF_V2;
}

/* Where a LAN of the router speaks it. */
void ospf_router_start(struct sim *s, uint8_t index);
void ospf_router_stop(struct sim *s, uint8_t index); /* without a word, as a crash */
void ospf_router_wake(struct sim *s, uint8_t index);
void ospf_router_receive(struct sim *s, struct sim_router *r, const struct sim_port *port,
			 const struct packet *d);
void ospf_router_port(struct sim *s, struct sim_router *r, const struct sim_port *port);
void ospf_router_verdict(struct sim *s, uint8_t index, const struct path *path, enum verdict v);

/* The longest route to a VIP; routes to the LANs are those of who is connected to them. */
bool ospf_router_lookup(const struct sim *s, const struct sim_router *r, const struct address *a,
			struct sim_route *ret);

#endif
