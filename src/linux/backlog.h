/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink messages that were read and wait to be told to the node, first in, first out. They are
 * kept as the kernel wrote them, which takes a tenth of the room that inputs would.
 */
#ifndef LINUX_BACKLOG_H
#define LINUX_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

struct backlog {
	uint8_t *bytes;
	size_t head, tail, capacity; /* the messages lie from head up to tail */
};

/* Frees all; a zeroed backlog is an empty one. */
void backlog_done(struct backlog *b);

/* Copies the message to the end. 0, -ENOMEM, or -ENOSPC above BACKLOG_BYTES_MAX. */
int backlog_push(struct backlog *b, const struct nlmsghdr *h);

/* The oldest message, which is taken out; valid until the next push. NULL when there is none. */
const struct nlmsghdr *backlog_pop(struct backlog *b);

/* Drops the newest messages, down to a tail that was noted before. */
void backlog_cut(struct backlog *b, size_t tail);

static inline bool backlog_empty(const struct backlog *b)
{
	return b->head == b->tail;
}

#endif
