/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier life has written down: memory.c. */
#ifndef PROTO_OSPF_MEMORY_H
#define PROTO_OSPF_MEMORY_H

#include "proto/ospf/instance.h"

void memory_free(struct ospf *o);
void memory_end(struct ospf *o);	    /* what was not taken up is forgotten */
bool memory_is_fresh(const struct ospf *o); /* neighbours need not be asked to wait */

/*
 * Of an interface that comes up: the state that it comes up in, and who is the DR, as it was;
 * OSPF_INTERFACE_DOWN: it begins anew. When it is up its neighbours are taken up.
 */
uint8_t memory_state(struct ospf_interface *i);
void memory_take_up(struct ospf_interface *i);

/* By settle.c (memory_doubted): LSAs that nobody stands for any more go. */
void memory_review(struct ospf *o);

#endif
