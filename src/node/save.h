/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives the node: save.c. */
#ifndef NODE_SAVE_H
#define NODE_SAVE_H

#include "node/core.h"

struct binding;
struct link;

/* save.c: what outlives the node */
void save_vip(struct node *n, const struct binding *b);
void save_gone(struct node *n, const struct binding *b);
void save_board(struct node *n, const char *name, bool wanted);
void save_source(struct node *n, const struct source_switch *s);
void save_speaks(struct node *n, const struct link *l, enum family family);
void save_stopping(struct node *n);
void save_sequence(struct node *n, const struct keychain_sequence *s);
void save_sealed(struct node *n, uint32_t sequence);
void save_snapshot(struct node *n); /* writes all anew */
void save_compact(struct node *n);  /* likewise, when that is worth it */
void save_restore(struct node *n, const struct saved *s);
void save_outcome(struct node *n, const struct input *in); /* it can be written down, or not */
void save_again(struct node *n);

#endif
