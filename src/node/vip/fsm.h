/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a VIP's life, for fsm.c and its test. */
#ifndef NODE_FSM_H
#define NODE_FSM_H

#include "node/vip/vip.h"

struct vip_edge {
	uint16_t states; /* bits of enum vip_state */
	uint8_t event;	 /* enum vip_event */
	uint8_t next;	 /* enum vip_state; VIP_STATE_COUNT: it stays as it is */
	void (*action)(struct node *n, struct binding *b); /* then; NULL: nothing more follows */
};

/* NULL: in that state it cannot happen. */
const struct vip_edge *vip_edge(enum vip_state state, enum vip_event event);

/* life.c: the actions */
void vip_is_given(struct node *n, struct binding *b);
void vip_is_held(struct node *n, struct binding *b);
void vip_is_refused(struct node *n, struct binding *b);

#endif
