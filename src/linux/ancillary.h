/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of a UDP packet beside its bytes, where a socket has asked for it. */
#ifndef LINUX_ANCILLARY_H
#define LINUX_ANCILLARY_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/address.h"

/* Room for it, behind msg_control. */
struct ancillary {
	_Alignas(struct cmsghdr)
		uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

/*
 * To which address it was sent, and the TTL or hop limit with which it arrived. Not set, and 0,
 * where the kernel says nothing of it.
 */
void ancillary_read(struct msghdr *m, struct address *ret_destination, uint8_t *ret_hops);

#endif
