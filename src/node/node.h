/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pure node in the middle, the world around it: what happens is put in with node_input(), what
 * the node wants is taken out with node_effect() until it has nothing more, and when
 * node_deadline() has come an INPUT_TICK is put in. The node does no I/O, reads no clock and draws
 * no random number, so Linux, the simulator and a recorded trace are all the same to it. See
 * README.md in this folder.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stdbool.h>

#include "base/clock.h"
#include "node/boundary.h"
#include "proto/speaker.h"

struct node;

/* NULL when there is no memory. */
struct node *node_new(void);
void node_free(struct node *n);

/* Something has happened at `now`, which never goes back. */
void node_input(struct node *n, struct instant now, const struct input *in);

/* The next thing that the node wants at `now`; false when there is nothing left. */
bool node_effect(struct node *n, struct instant now, struct effect *ret);

/*
 * One more speaker, of a protocol that is not in the node's own table, after INPUT_START: so a
 * world can try one. It is the node's. NULL without memory, or when there are too many.
 */
struct speaker *node_speaker_add(struct node *n, const struct speaker_class *c,
				 const struct speaker_settings *s, uint64_t seed);

/* When an INPUT_TICK is wanted; INSTANT_NEVER when the node waits for nothing but inputs. */
struct instant node_deadline(const struct node *n);

/* How often something has happened to a VIP that its state does not know: 0 as long as all is well.
 */
uint64_t node_unexpected(const struct node *n);

#endif
