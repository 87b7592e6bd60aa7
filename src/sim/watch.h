/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions that watch neighbours. */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include "sim/state.h"

/* Makes the sessions of routers, and room for those of hosts, whose nodes are to be told yet. */
void watch_with_bfd(struct sim *s, uint32_t interval_us, uint8_t multiplier);
void watch_with_probes(struct sim *s, uint32_t interval_us, uint8_t multiplier);
void watch_with_echoes(struct sim *s, uint32_t interval_us, uint8_t multiplier);
void watch_wake(struct sim *s, enum sim_kind kind, uint8_t owner);
void watch_receive(struct sim *s, const struct sim_port *to, const struct bfd_datagram *d);
void watch_answer(struct sim *s, const struct sim_port *to, const struct ether_frame *f);
void watch_effect(struct sim *s, uint8_t host, const struct effect *e);

/* Tells a node what it is still to hear; or, one that has just begun, of all sessions. */
void watch_tell(struct sim *s, uint8_t host);
void watch_tell_all(struct sim *s, uint8_t host);

/* AdminDown for all sessions of a host. */
void watch_end(struct sim *s, uint8_t host);

#endif
