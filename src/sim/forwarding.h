/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What routers do with a packet, by their tables; and with those by which a node has it proven that
 * they forward to it.
 */
#ifndef SIM_FORWARDING_H
#define SIM_FORWARDING_H

#include "sim/state.h"

enum sim_reach {
	SIM_REACHED,
	SIM_NO_ROUTE,
	SIM_LOST, /* sent to where nobody takes it */
	SIM_LOOP,
};

/* What becomes of a packet for the VIP that starts at the router; *ret_host is who got it. */
enum sim_reach sim_reach(const struct sim *s, uint8_t router, const struct address *vip,
			 uint8_t *ret_host);

/* The port on a LAN of the router that gets what is for the address; NULL: nobody does. */
const struct sim_port *forwarding_next(const struct sim *s, uint8_t router,
				       const struct address *to);

/* A round of proof, and what confirms it. */
#define FORWARDING_LEARNS DURATION_S(20)

/* EFFECT_PROVE: sends it, and again; and the next moment of one that is under way. */
void forwarding_prove(struct sim *s, uint8_t host, const struct effect *e);
void forwarding_goes_on(struct sim *s, uint8_t host, uint32_t place);

/*
 * What the hosts believe of each VIP by each router is true, and whole: it is proven where it comes
 * back, by the interface by which it does, and nowhere else. To be called after each step; a host
 * has FORWARDING_LEARNS to find out. So a rescue is complete: by the way that is left, through all
 * routers that are.
 */
void forwarding_look(struct sim *s);

/* What was under way is answered to nobody, and nothing is held against the next life. */
void forwarding_forget(struct sim_host *h);

#endif
