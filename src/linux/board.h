/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a board. Kernels differ in what they have for it: a dummy is meant for this, an ifb is as
 * good, a bridge without ports will do. The first kind that the kernel has is taken.
 */
#ifndef LINUX_BOARD_H
#define LINUX_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/rtnl.h"

#define BOARD_KINDS 3

struct boards {
	bool missing[BOARD_KINDS]; /* the kernel has said that it has no such kind */
	bool name_is_ours;	   /* the answer to the question whose the name is */
	struct rtnl_batch batch;
};

/* The RTM_NEWLINK that board_add() asked for. */
void boards_answer(struct boards *b, const struct nlmsghdr *h);

/*
 * Makes a board of this name, with our mark, and sets it up; adopts one that carries the mark. 0,
 * or -errno with a sentence in `text`, of NODE_SENTENCE_MAX bytes; -EEXIST: the name belongs to
 * somebody else.
 */
int board_add(struct boards *b, struct rtnl *r, const char *name, char *text);

/*
 * Sees to it that a board takes IPv6 addresses, also where interfaces are made without IPv6
 * (net.ipv6.conf.default.disable_ipv6); a board is ours alone. 0, or -errno with a sentence.
 */
int board_enable_ipv6(uint32_t index, char *text, size_t size);

#endif
