/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of slots and the reconciler know of a slot, and nobody else. */
#ifndef NODE_SLOT_H
#define NODE_SLOT_H

#include "node/kernel/kernel.h"

static inline const struct slot_owner *slot_owner(const struct node *n, const struct slot *s)
{
	return n->kernel->owners[s->owner];
}

struct board *slot_board(const struct node *n, struct slot *s); /* that it lies on, or NULL */
const char *slot_board_name(const struct node *n, struct slot *s);
const char *slot_noun(const struct slot *s); /* what a person calls its object */

/* What its owner says of it; what he has nothing to say of is well. */
bool slot_differs(const struct node *n, struct slot *s);
bool slot_refuse(struct node *n, struct slot *s, int error, const char *text);

/* It is tried again then, and not before. */
struct trouble *slot_trouble(struct node *n, struct slot *s); /* NULL: no memory */
bool slot_waits(const struct node *n, const struct slot *s);
void slot_has_not_failed(struct node *n, struct slot *s);

/* The observed column changes nowhere else. */
void slot_set_present(struct node *n, struct slot *s, bool present);

/* What the object stands on is there. */
bool slot_has_ground(const struct node *n, struct slot *s);

/* Without the table no VIP can be silent, and one that cannot be silent is not bound. */
void slot_refuse_silent(struct node *n, const char *text);

/* stray.c */
struct slot *stray_find(const struct node *n, const struct board *board, uint32_t interface,
			const struct object *o);
struct slot *stray_make(struct node *n, struct board *board, uint32_t interface,
			const struct object *o);

/* An effect that is on its way for one slot is now on its way for another. */
void pending_move(struct node *n, const struct slot *from, struct slot *to);

#endif
