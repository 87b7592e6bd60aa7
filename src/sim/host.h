/* SPDX-License-Identifier: Apache-2.0 */
/* A host: the node of production, and what happens to it. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "sim/state.h"

void host_start(struct sim *s, uint8_t index); /* with the settings that are its own by now */
void host_input(struct sim *s, uint8_t index, const struct input *in);
void host_free(struct sim_host *h);

/* kill -9: the kernel stays as it is; the guard acts when nobody is back in time. */
void host_crash(struct sim *s, uint8_t index, struct duration back);

/* It ends of its own will and leaves everything to its next life. */
void host_hand_over(struct sim *s, uint8_t index, struct duration back);
void host_forget(struct sim *s, uint8_t index); /* its records are lost while it is dead */
void host_stall(struct sim *s, uint8_t index, struct duration time);

/* An event of a host: postponed while it stalls, dropped when it is of an earlier life. */
void host_happens(struct sim *s, const struct sim_event *e);
void host_port(struct sim *s, uint8_t index, uint32_t interface, bool up);

/* The node hears a frame. */
void host_frame_node(struct sim *s, uint8_t index, const struct sim_port *port,
		     const struct ether_frame *f);

#endif
