/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives the node: save.c. */
#ifndef NODE_SAVE_H
#define NODE_SAVE_H

#include "node/core.h"

void save_snapshot(struct node *n); /* writes all anew */
void save_compact(struct node *n);  /* likewise, when that is worth it */
void save_restore(struct node *n, const struct saved *s);
void save_outcome(struct node *n, const struct input *in); /* it can be written down, or not */
void save_again(struct node *n);

#endif
