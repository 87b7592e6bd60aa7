/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/connections.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "linux/messages.h"

#define RECEIVE_BYTES ((size_t)32 << 10)
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

static int diag_send(int fd, uint8_t family, const uint8_t *program, size_t size)
{
	uint8_t bytes[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(h, sizeof(*request));

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = STATES;
	mnl_attr_put(h, INET_DIAG_REQ_BYTECODE, size, program);
	return send(fd, h, h->nlmsg_len, 0) < 0 ? -errno : 0;
}

/* Counts what one read has brought. 1: there is more to come; 0 at the end; or -errno. */
static int diag_take(const uint8_t *bytes, int left, uint32_t *count)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)bytes;

	for (; messages_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(h);

		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return error->error < 0 ? error->error : -EPROTO;
		*count += h->nlmsg_type == SOCK_DIAG_BY_FAMILY;
	}
	return 1;
}

static int diag_receive(int fd, uint32_t *count)
{
	_Alignas(8) uint8_t bytes[RECEIVE_BYTES];
	int more = 1;

	while (more > 0) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPROTO;
		more = diag_take(bytes, (int)n, count);
	}
	return more;
}

static int diag_ask(int fd, uint8_t family, const uint8_t *bytes, size_t length, uint32_t *count)
{
	uint8_t program[CONDITION_MAX];
	size_t size = condition_fill(program, family, bytes, length);
	int error = diag_send(fd, family, program, size);

	return error ? error : diag_receive(fd, count);
}

int connections_count(const struct address *local, uint32_t *ret)
{
	uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	uint32_t count = 0;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct timeval patience = { .tv_sec = 2 };
	int error;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (local->family == FAMILY_IPV6) {
		error = diag_ask(fd, AF_INET6, local->bytes, 16, &count);
	} else {
		memcpy(mapped + 12, local->bytes, 4);
		error = diag_ask(fd, AF_INET, local->bytes, 4, &count);
		/* A kernel without IPv6 has none of these. */
		if (!error && diag_ask(fd, AF_INET6, mapped, 16, &count) == -EPROTO)
			error = -EPROTO;
	}
	close(fd);
	if (!error)
		*ret = count;
	return error;
}
