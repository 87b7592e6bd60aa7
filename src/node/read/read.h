/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of those who only look; node/rows.h is what the outside sees of it. */
#ifndef NODE_READ_H
#define NODE_READ_H

#include "node/rows.h"
#include "node/vip/vip.h"

/*
 * rows.c: the next member of a list that is walked at one go; NULL at its end, and when the node
 * has changed in between.
 */
const struct list *walk_list(const struct node *n, struct walk *at, const struct list *list);

/*
 * Whether the neighbour has shown that it routes to the VIP: by its network, or by the host route
 * that stands for the network where RIP-1 cannot carry it.
 */
bool read_accepted_by(const struct node *n, const struct binding *b, const struct neighbor *info);

#endif
