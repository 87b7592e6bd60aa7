/* SPDX-License-Identifier: Apache-2.0 */
/* A plain router of RIP. */
#ifndef SIM_ROUTER_H
#define SIM_ROUTER_H

#include "sim/state.h"

#define SIM_ENTRIES_MAX 128

/* What a packet tells of a prefix. */
struct sim_entry {
	struct prefix prefix;
	uint32_t metric;
};

/* What it tells those on the LAN of the port; -1: no router would take it. */
int router_reads(const struct sim *s, const struct sim_port *port, const struct packet *d,
		 struct sim_entry ret[SIM_ENTRIES_MAX]);

void router_start(struct sim *s, uint8_t index);
void router_stop(struct sim *s, uint8_t index); /* without a word, as a crash */
void router_receive(struct sim *s, struct sim_router *r, const struct sim_port *port,
		    const struct packet *d);
void router_wake(struct sim *s, uint8_t index);
void router_port(struct sim *s, struct sim_router *r, struct sim_port *port, bool up);

/* The next hop is dead: its routes are lost at once. */
void router_gateway_lost(struct sim *s, uint8_t index, uint32_t interface,
			 const struct address *next_hop);

/*
 * By its table: what an administrator has put there first, then the longest; of OSPF and RIP that
 * of OSPF, as with all vendors.
 */
bool router_lookup(const struct sim *s, const struct sim_router *r, const struct address *a,
		   struct sim_route *ret);

#endif
