/* SPDX-License-Identifier: Apache-2.0 */
/* What a host says to routers, by the sockets that its node has opened, and what it hears there. */
#ifndef SIM_SPEECH_H
#define SIM_SPEECH_H

#include "sim/state.h"

/* EFFECT_LISTEN and EFFECT_SEND; also what the guard says. */
void speech_listen(struct sim *s, uint8_t index, const struct effect *e);
void host_send(struct sim *s, uint8_t index, const struct packet *d);

/* The sockets are open, or cannot be; the kernel takes packets there, or does not. */
void host_listening(struct sim *s, uint8_t index, uint32_t detail, bool refused);
void talker_listening(struct sim *s, uint8_t index, uint32_t detail);
void host_sending(struct sim *s, uint8_t index, uint32_t detail, bool refused);

void host_receive(struct sim *s, uint8_t index, const struct sim_port *port,
		  const struct packet *d);

/* Its kernel refuses packets for the port from now on, or takes them again. */
void host_refuse_sends(struct sim *s, uint8_t index, uint32_t interface, bool on);

/* Since when all that is said on the port leaves the host: something has changed there. */
void port_review(const struct sim *s, struct sim_port *p);

#endif
