/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of slots and the reconciler know of a slot, and nobody else. */
#ifndef NODE_SLOT_H
#define NODE_SLOT_H

#include "node/vip/vip.h"

static inline struct binding *slot_binding(struct slot *s)
{
	return s->in_binding ? container_of(s, struct binding, slot) : NULL;
}

/* It belongs to learned.c. */
static inline bool slot_is_learned(const struct slot *s)
{
	return s->kind >= OBJECT_NEXTHOP;
}

struct board *slot_board(struct slot *s); /* that its object stands on, or NULL */
const char *slot_board_name(struct slot *s);
const char *slot_noun(const struct slot *s); /* what a person calls its object */

/* The object that it stands for, as it is wanted. */
struct object slot_object(struct slot *s);

/* The observed column changes nowhere else. */
void slot_set_present(struct node *n, struct slot *s, bool present);

/* What the object stands on is there. */
bool slot_has_ground(const struct node *n, struct slot *s);

/* Without the table no VIP can be silent, and one that cannot be silent is not bound. */
void slot_refuse_silent(struct node *n, const char *text);

/* An effect that is on its way for one slot is now on its way for another. */
void pending_move(struct node *n, const struct slot *from, struct slot *to);

#endif
