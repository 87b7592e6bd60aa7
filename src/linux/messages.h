/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a netlink message is whole; and a question to the kernel whose answer is waited for.
 * mnl_nlmsg_ok() takes a length of 2 GiB and more for a negative number, and so for one that fits.
 */
#ifndef LINUX_MESSAGES_H
#define LINUX_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <libmnl/libmnl.h>

/* Of the `left` bytes that are left, in place of mnl_nlmsg_ok(). */
static inline bool messages_ok(const struct nlmsghdr *h, int left)
{
	return left >= (int)sizeof(*h) && h->nlmsg_len >= sizeof(*h) &&
	       h->nlmsg_len <= (unsigned)left;
}

/*
 * Sends a question on a socket of its own, of a protocol like NETLINK_ROUTE, and gives the messages
 * of the answer to `take`. 0 when it has come to its end or is an acknowledgement, or -errno: that
 * of the kernel; -EINTR when what is read has changed meanwhile; -EPROTO when the answer is none.
 */
int messages_ask(int protocol, const struct nlmsghdr *question,
		 void (*take)(void *context, const struct nlmsghdr *h), void *context);

#endif
