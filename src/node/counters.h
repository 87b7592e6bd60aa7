/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guard counts of the sessions that it runs, and the world of its sockets, for those who
 * measure. The node does not use it; whoever talks to the guard, or has the world, has it from
 * there.
 */
#ifndef NODE_COUNTERS_H
#define NODE_COUNTERS_H

#include <stdint.h>

#include "proto/bfd/bfd.h"
#include "proto/echo/echo.h"
#include "proto/probe/probe.h"

/* How late the guard was run, in us: the bounds of a histogram. What is later is in the last one.
 */
#define GUARD_DELAY_BOUNDS                                                                         \
	{                                                                                          \
		50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000                   \
	}
#define GUARD_DELAYS 12

/* All of it since the guard began. */
struct guard_counters {
	uint32_t delay_worst_us;
	uint64_t delay_sum_us;
	uint64_t delays[GUARD_DELAYS];
	uint64_t bfd_changes, probe_changes, echo_changes; /* of states */
	uint16_t bfd_sessions, probe_sessions, echo_tracks;
	uint16_t bfd_deaf; /* interfaces on which BFD's port cannot be opened */
	uint32_t bfd_drops[BFD_DROP_COUNT];
	uint32_t probe_drops[PROBE_DROP_COUNT];
	uint32_t echo_drops[ECHO_DROP_COUNT];
	uint64_t echo_proofs; /* that were begun */
};

/*
 * What the world counts of its sockets since it began; the node does not use that either. Overruns:
 * the kernel had no room for what came faster than it was read.
 */
struct world_counters {
	uint64_t packets_received, packets_sent, packets_not_sent, packets_overrun;
	uint64_t frames_received, frames_sent, frames_not_sent, frames_overrun;
	uint64_t kernel_overruns; /* of the kernel's own news; it was read anew then */
};

#endif
