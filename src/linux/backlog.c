/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/backlog.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "base/array.h"

/* The routes of NODE_VIPS_MAX bindings and the links of a large host fit in several times over. */
#define BACKLOG_BYTES_MAX ((size_t)64 << 20)

/* An empty backlog above this size gives its memory back. */
#define BACKLOG_BYTES_KEEP ((size_t)64 << 10)

void backlog_done(struct backlog *b)
{
	free(b->bytes);
	*b = (struct backlog){ 0 };
}

int backlog_push(struct backlog *b, const struct nlmsghdr *h)
{
	size_t length = NLMSG_ALIGN(h->nlmsg_len);

	if (b->tail + length > BACKLOG_BYTES_MAX)
		return -ENOSPC;
	if (ARRAY_RESERVE(b->bytes, b->capacity, b->tail + length) < 0)
		return -ENOMEM;
	memset(b->bytes + b->tail + h->nlmsg_len, 0, length - h->nlmsg_len);
	memcpy(b->bytes + b->tail, h, h->nlmsg_len);
	b->tail += length;
	return 0;
}

const struct nlmsghdr *backlog_pop(struct backlog *b)
{
	const struct nlmsghdr *h;

	if (backlog_empty(b)) {
		if (b->capacity > BACKLOG_BYTES_KEEP)
			backlog_done(b);
		b->head = b->tail = 0;
		return NULL;
	}
	h = (const void *)(b->bytes + b->head);
	b->head += NLMSG_ALIGN(h->nlmsg_len);
	assert(b->head <= b->tail);
	return h;
}

void backlog_cut(struct backlog *b, size_t tail)
{
	assert(tail >= b->head && tail <= b->tail);
	b->tail = tail;
}
