/* SPDX-License-Identifier: Apache-2.0 */
/* The OSPF of a router between hosts: the engine of ospf_engine.c, in the world's time. */
#ifndef SIM_ROUTER_OSPF_H
#define SIM_ROUTER_OSPF_H

#include "sim/state.h"

/* How hosts speak OSPF on the LAN. */
void router_ospf_client(const struct sim *s, const struct sim_lan *lan,
			struct speech_settings *speech);

static inline enum ospf_version router_ospf_version(const struct sim *s)
{
	return s->family == FAMILY_IPV6 ? OSPF_V3 : OSPF_V2;
}

/* Where a LAN of the router speaks it. */
void router_ospf_start(struct sim *s, uint8_t index);
void router_ospf_stop(struct sim *s, uint8_t index); /* without a word, as a crash */
void router_ospf_wake(struct sim *s, uint8_t index);
void router_ospf_receive(struct sim *s, struct sim_router *r, const struct sim_port *port,
			 const struct packet *d);
void router_ospf_port(struct sim *s, struct sim_router *r, const struct sim_port *port);
void router_ospf_verdict(struct sim *s, uint8_t index, const struct path *path, enum verdict v);

/* The longest route to a VIP; routes to the LANs are those of who is connected to them. */
bool router_ospf_lookup(const struct sim *s, const struct sim_router *r, const struct address *a,
			struct sim_route *ret);

#endif
