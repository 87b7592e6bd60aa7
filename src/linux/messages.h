/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a netlink message is whole. mnl_nlmsg_ok() takes a length of 2 GiB and more for a
 * negative number, and so for one that fits.
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

/* All that one receive has brought, for who gives it to mnl_cb_run(), which walks by itself. */
static inline bool messages_all_ok(const void *bytes, size_t length)
{
	const struct nlmsghdr *h = bytes;
	int left = (int)length;

	while (left >= (int)sizeof(*h)) {
		if (!messages_ok(h, left))
			return false;
		h = mnl_nlmsg_next(h, &left);
	}
	return true;
}

#endif
