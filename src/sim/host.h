/* SPDX-License-Identifier: Apache-2.0 */
/* A host: the node of production, and what is done to it. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "sim/state.h"

void host_configure(struct sim *s, uint8_t index);
void host_start(struct sim *s, uint8_t index); /* with the settings that are its own by now */
void host_input(struct sim *s, uint8_t index, const struct input *in);
void host_bind(struct sim *s, uint8_t index, const char *vip);

/* The same, one that its services are known of, with all that may be said of it. */
void host_bind_vip(struct sim *s, uint8_t index, const struct vip_settings *v);

/* The same, with how it behaves towards rivals; returns the number of the request. */
uint32_t host_bind_how(struct sim *s, uint8_t index, const char *vip, enum vip_arp arp,
		       enum vip_conflict conflict);

/* Whether the node has the VIP in its list. */
bool host_lists(const struct sim *s, uint8_t index, const char *address);
void host_unbind(struct sim *s, uint8_t index, const char *address, bool now);
void host_stop(struct sim *s, uint8_t index);
void host_free(struct sim_host *h);

/* kill -9: the kernel stays as it is; the guard acts when nobody is back in time. */
void host_crash(struct sim *s, uint8_t index, struct duration back);
void host_forget(struct sim *s, uint8_t index); /* its records are lost while it is dead */
void host_stall(struct sim *s, uint8_t index, struct duration time);

/* An event of a host: postponed while it stalls, dropped when it is of an earlier life. */
void host_happens(struct sim *s, const struct sim_event *e);
void host_port(struct sim *s, uint8_t index, uint32_t interface, bool up);
void host_receive(struct sim *s, uint8_t index, const struct sim_port *port,
		  const struct packet *d);

/* The node hears a frame. */
void host_frame_node(struct sim *s, uint8_t index, const struct sim_port *port,
		     const struct ether_frame *f);

/* Its kernel refuses packets for the port from now on, or takes them again. */
void host_refuse_sends(struct sim *s, uint8_t index, uint32_t interface, bool on);
void host_drain(struct sim *s, uint8_t index, const char *address, bool on, struct duration time);

#endif
