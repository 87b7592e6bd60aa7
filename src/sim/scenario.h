/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole runs. A random one is made from its seed: a network, then minutes of faults during which
 * only safety is demanded (the invariants of host.c), then everything is healed and liveness is
 * demanded: every router reaches every VIP, and none that was unbound; then a clean stop after
 * which nothing is left.
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "proto/rip/rip.h"
#include "sim/sim.h"

/*
 * The AppNote's figure 2: router 0 on LAN A, router 1 on LAN B, both on the client's LAN; host 0 on
 * A and B.
 */
struct sim *scenario_figure_2(uint64_t seed, enum family family, enum sim_router_style style,
			      uint8_t metric);

/* A ring of routers; host 0 hangs on router 0 and router 1. */
struct sim *scenario_ring(uint64_t seed, enum family family, enum sim_router_style style,
			  uint8_t routers, uint8_t metric);

/* A line of routers; host 0 hangs on the first and the last, which are `distance` hops apart. */
struct sim *scenario_line(uint64_t seed, enum family family, enum sim_router_style style,
			  uint8_t distance, const struct rip_settings *rip);

/* A line of routers; host 0 hangs on the first, host 1 on the last, `distance` hops away. */
struct sim *scenario_two_servers(uint64_t seed, enum family family, enum sim_router_style style,
				 uint8_t distance, const struct rip_settings *rip);

/*
 * A random network: of 2 to 6 routers, which are connected with 0 to 2 links too many, and of 1 to
 * 3 hosts with 1 to 3 ports.
 */
void scenario_build(struct sim *s);

/* A random run: run.c. True when all went well; else a sentence in `broken`. */
bool scenario_random(uint64_t seed, bool verbose, char *broken, size_t size);

/* The settings of a host that is to be started. */
void scenario_settings(struct sim *s, uint8_t host, const struct rip_settings *rip);

/* New RIP settings for a host that runs, as a changed configuration file would bring them. */
void scenario_reconfigure(struct sim *s, uint8_t host, const struct rip_settings *rip);

#endif
