/* SPDX-License-Identifier: Apache-2.0 */
/* Packets and frames on their way: each reaches a port later, or is lost. */
#ifndef SIM_LAN_H
#define SIM_LAN_H

#include "sim/state.h"

/* Sends to one address, or to all ports of the LAN when it is a multicast or broadcast address. */
void sim_send(struct sim *s, const struct sim_port *from, const struct packet *d);

/* An Ethernet frame, to all other ports of the LAN: who it is for is theirs to see. */
void sim_send_frame(struct sim *s, const struct sim_port *from, const struct ether_frame *f);

/* A BFD packet, to the port that has its destination. */
void sim_send_bfd(struct sim *s, const struct sim_port *from, const struct bfd_datagram *d);

/* A frame of a probe, or in answer to one, to the port that has the address. */
void sim_send_probe(struct sim *s, const struct sim_port *from, const struct address *to,
		    const struct ether_frame *f);

#endif
