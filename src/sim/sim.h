/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world in which nothing is left to chance: a virtual clock, LANs with delay, loss and cuts,
 * plain RIP routers, and hosts that run the very node that runs in production over a kernel of a
 * few arrays. All randomness comes from one seed, so a run that fails fails again.
 *
 *	sim ── queue of what is to happen
 *	  ├─ lans ── ports ──► a router or a host
 *	  ├─ routers (router.c)
 *	  └─ hosts (host.c): node + kernel + what it has told on each port
 *
 * Invariants are checked at every effect of every node (host.c); the first that breaks stops the
 * run with a sentence in sim.broken.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/command.h"
#include "sim/config.h"
#include "sim/forwarding.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/lan.h"
#include "sim/question.h"
#include "sim/router.h"
#include "sim/speech.h"
#include "sim/state.h"
#include "sim/watch.h"

struct sim *sim_new(uint64_t seed, enum family family);
void sim_free(struct sim *s);
/*
 * In IPv6 the network is fe80::/64 on each, whatever is said, and 2001:db8:0:N::/64 too unless
 * s->global has been taken back.
 */
uint8_t sim_lan_add(struct sim *s, const char *network);
uint8_t sim_router_add(struct sim *s, enum sim_router_style style);
uint8_t sim_host_add(struct sim *s);
/* Gives the router or host a port on the LAN, with the host number in its network. */
struct sim_port *sim_port_add(struct sim *s, enum sim_kind kind, uint8_t owner, uint8_t lan,
			      uint8_t number);
/* Runs until the instant has come, or an invariant has broken. */
void sim_run(struct sim *s, struct duration time);

/* From now on routers and hosts watch each other with BFD. */
void sim_bfd(struct sim *s, uint32_t interval_us, uint8_t multiplier);

/* From now on hosts probe the routers, which answer. */
void sim_probe(struct sim *s, uint32_t interval_us, uint8_t multiplier);

/*
 * From now on they watch what routers forward to them (`probe: {through: router}`). In IPv6 with
 * link-local addresses alone, which no router forwards from, the probe remains.
 */
void sim_echo(struct sim *s, uint32_t interval_us, uint8_t multiplier);

/* From now on hosts have it proven that routers forward to their VIPs. */
void sim_prove(struct sim *s);
#endif
