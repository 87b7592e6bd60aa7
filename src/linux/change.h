/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes of the kernel that the node wants and that are not made yet, first in, first out.
 * Each takes a tenth of the effect that it was, so that ten thousand may wait.
 */
#ifndef LINUX_CHANGE_H
#define LINUX_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/boundary.h"

struct nlmsghdr;

struct change {
	uint8_t kind; /* enum effect_kind: a board, an object or EFFECT_RESYNC */
	uint32_t id;
	union {
		struct object object;
		struct {
			char name[INTERFACE_NAME_MAX];
			uint32_t index;
		} board;
	};
};

struct change_queue {
	struct change *changes;
	size_t head, count, capacity; /* a ring; the capacity is a power of two or 0 */
};

/* Frees all; a zeroed queue is an empty one. */
void change_queue_done(struct change_queue *q);

/* Takes the effect in at the end. 0 or -ENOMEM. */
int change_queue_push(struct change_queue *q, const struct effect *e);

/* The change at the position, counted from the oldest; NULL behind the newest. */
const struct change *change_queue_at(const struct change_queue *q, size_t position);

/* Takes the oldest one out; there must be one. */
struct change change_queue_pop(struct change_queue *q);

/* True when one message of a batch makes the change; making a board and reading all take more. */
bool change_is_message(const struct change *c);

/* Builds that message. */
void change_message(const struct change *c, struct nlmsghdr *h);

/* What the kernel's answer to it means: 0 also when it is as wanted already. */
int change_outcome(const struct change *c, int error);

#endif
