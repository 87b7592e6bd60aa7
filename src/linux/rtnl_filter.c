/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rtnl_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "base/container.h"
#include "linux/message.h"

#define TYPE_AT offsetof(struct nlmsghdr, nlmsg_type)
#define FLAGS_AT offsetof(struct nlmsghdr, nlmsg_flags)
#define PORT_AT offsetof(struct nlmsghdr, nlmsg_pid)
#define ROUTE_PROTOCOL_AT (NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol))
#define NEXTHOP_PROTOCOL_AT (NLMSG_HDRLEN + offsetof(struct nhmsg, nh_protocol))

int rtnl_filter_attach(int fd, uint32_t port)
{
	/*
	 * A filter loads numbers in network order, but netlink has them in the host's: hence the
	 * swaps.
	 */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWNEXTHOP), 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELNEXTHOP), 4, 10),
		/* Parts of a dump carry our port as well; the dump chooses for itself. */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_MULTI), 8, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ROUTE_PROTOCOL_AT),
		BPF_STMT(BPF_JMP | BPF_JA, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_MULTI), 4, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NEXTHOP_PROTOCOL_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VIPD_RTPROT, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = ARRAY_LENGTH(code), .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}
