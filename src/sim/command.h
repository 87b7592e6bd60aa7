/* SPDX-License-Identifier: Apache-2.0 */
/* What is commanded of a host, and whether it knows of a VIP. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "sim/state.h"

void host_bind(struct sim *s, uint8_t index, const char *vip);

/* The same, one that its services are known of, with all that may be said of it. */
void host_bind_vip(struct sim *s, uint8_t index, const struct vip_settings *v);

/* The same, with how it behaves towards rivals; returns the number of the request. */
uint32_t host_bind_how(struct sim *s, uint8_t index, const char *vip, enum vip_arp arp,
		       enum vip_conflict conflict);

/* Whether the node has the VIP in its list. */
bool host_lists(const struct sim *s, uint8_t index, const char *address);
void host_unbind(struct sim *s, uint8_t index, const char *address, bool now);
void host_drain(struct sim *s, uint8_t index, const char *address, bool on, struct duration time);
void host_stop(struct sim *s, uint8_t index);

#endif
