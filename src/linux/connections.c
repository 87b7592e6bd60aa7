/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/connections.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "linux/messages.h"

#define STATES                                                                                     \
	(1u << TCP_ESTABLISHED | 1u << TCP_SYN_RECV | 1u << TCP_FIN_WAIT1 | 1u << TCP_CLOSE_WAIT)

#define CONDITION_MAX (sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond) + 16)

/*
 * A program of one condition for the kernel's filter: the local address. Where it does not hold, it
 * jumps behind the end, which leaves the socket out. Returns its length.
 */
static size_t condition_fill(uint8_t *program, uint8_t family, const uint8_t *bytes, size_t length)
{
	struct inet_diag_hostcond host = { .family = family,
					   .prefix_len = (uint8_t)(length * 8),
					   .port = -1 };
	size_t size = sizeof(struct inet_diag_bc_op) + sizeof(host) + length;
	struct inet_diag_bc_op op = {
		.code = INET_DIAG_BC_S_COND,
		.yes = (uint8_t)size,
		.no = (uint16_t)(size + sizeof(op)),
	};

	memcpy(program, &op, sizeof(op));
	memcpy(program + sizeof(op), &host, sizeof(host));
	memcpy(program + sizeof(op) + sizeof(host), bytes, length);
	return size;
}

static void diag_take(void *count, const struct nlmsghdr *h)
{
	*(uint32_t *)count += h->nlmsg_type == SOCK_DIAG_BY_FAMILY;
}

static int diag_ask(uint8_t family, const uint8_t *address, size_t length, uint32_t *count)
{
	uint8_t bytes[256], program[CONDITION_MAX];
	size_t size = condition_fill(program, family, address, length);
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(h, sizeof(*request));

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = STATES;
	mnl_attr_put(h, INET_DIAG_REQ_BYTECODE, size, program);
	return messages_ask(NETLINK_SOCK_DIAG, h, diag_take, count);
}

int connections_count(const struct address *local, uint32_t *ret)
{
	uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	uint32_t count = 0;
	int error;

	if (local->family == FAMILY_IPV6) {
		error = diag_ask(AF_INET6, local->bytes, 16, &count);
	} else {
		memcpy(mapped + 12, local->bytes, 4);
		error = diag_ask(AF_INET, local->bytes, 4, &count);
		/* A kernel without IPv6 has none of these. */
		if (!error && diag_ask(AF_INET6, mapped, 16, &count) == -EPROTO)
			error = -EPROTO;
	}
	if (!error)
		*ret = count;
	return error;
}
