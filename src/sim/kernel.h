/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel of a simulated host, as its host sees it. */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "sim/state.h"

/* Longer than any change is under way. */
#define HOST_REREAD DURATION_MS(3)

/* A change that the node wants: it is refused now and then, and its outcome comes later. */
void kernel_change(struct sim *s, uint8_t index, const struct effect *e);

/* Whether the kernel refuses what is asked of it now. */
bool kernel_refuses(struct sim *s, const struct sim_host *h);

/* The board appears or goes, with all that is on it; the node hears it. */
void kernel_board(struct sim *s, uint8_t index, bool there);

/* The node hears how a port is. */
void kernel_port(struct sim *s, uint8_t index, const struct sim_port *p);

/* The node reads its kernel whole. */
void kernel_dump(struct sim *s, uint8_t index);

/* Somebody takes something from the kernel; unheard, and the node learns of it a while later. */
void host_damage(struct sim *s, uint8_t index, bool unheard);

/* A frame: the kernel answers for what it holds and is not silent about. */
void host_frame_kernel(struct sim *s, uint8_t index, const struct sim_port *port,
		       const struct ether_frame *f);

#endif
