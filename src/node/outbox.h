/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effects that wait to be taken, first in first out, each as long as what it says: ten thousand of
 * them are a megabyte, not fifteen. The memory goes back when the outbox has run empty.
 */
#ifndef NODE_OUTBOX_H
#define NODE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/boundary.h"

struct outbox {
	uint8_t *bytes; /* records of a length (2 bytes) and the beginning of an effect */
	size_t first, end, capacity;
	uint32_t lost; /* effects that found no memory */
};

void outbox_init(struct outbox *o);
void outbox_done(struct outbox *o);
void outbox_put(struct outbox *o, const struct effect *e);
bool outbox_take(struct outbox *o, struct effect *ret);

#endif
