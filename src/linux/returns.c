/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/returns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>

#include "base/container.h"

/* What a burst of proofs brings back, many times over. */
#define RECEIVE_BYTES (1 << 20)

#define DROP 0
#define PASS UINT32_MAX

/* Places in a frame with IPv4 without options, and where it carries an error, in what is quoted. */
#define V4_VERSION ETH_HLEN
#define V4_PROTOCOL (ETH_HLEN + 9)
#define V4_PAYLOAD (ETH_HLEN + 20)
#define V4_QUOTED (V4_PAYLOAD + 8)

#define V6_NEXT (ETH_HLEN + 6)
#define V6_PAYLOAD (ETH_HLEN + 40)
#define V6_QUOTED (V6_PAYLOAD + 8)

#define UDP_PORT 2 /* of its header */
#define UDP_DATA 8

#define LOAD(size, at) BPF_STMT(BPF_LD | (size) | BPF_ABS, (uint32_t)(at))
/* So many instructions on when it is so, or when it is not. */
#define IF(value, then, otherwise)                                                                 \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), then, otherwise)

/*
 * "For another host" are also the frames of VLANs for which there is no interface. A load beyond
 * the end of the packet ends the filter, and drops it.
 */
static const struct sock_filter ipv4_filter[] = {
	LOAD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE),
	IF(PACKET_OTHERHOST, 20, 0),
	LOAD(BPF_B, V4_VERSION),
	IF(0x45, 0, 18),
	LOAD(BPF_B, V4_PROTOCOL),
	IF(IPPROTO_UDP, 1, 0),
	IF(IPPROTO_ICMP, 6, 15),
	/* Itself. */
	LOAD(BPF_H, V4_PAYLOAD + UDP_PORT),
	IF(ECHO_PORT, 0, 13),
	LOAD(BPF_W, V4_PAYLOAD + UDP_DATA + ECHO_MAGIC_OFFSET),
	IF(ECHO_MAGIC, 0, 11),
	LOAD(BPF_W, V4_PAYLOAD + UDP_DATA + ECHO_COOKIE_OFFSET),
	BPF_STMT(BPF_JMP | BPF_JA, 7),
	/* An error. */
	LOAD(BPF_B, V4_QUOTED + 9),
	IF(IPPROTO_UDP, 0, 7),
	LOAD(BPF_H, V4_QUOTED + 20 + UDP_PORT),
	IF(ECHO_PORT, 0, 5),
	LOAD(BPF_W, V4_QUOTED + 20 + UDP_DATA + ECHO_MAGIC_OFFSET),
	IF(ECHO_MAGIC, 0, 3),
	LOAD(BPF_W, V4_QUOTED + 20 + UDP_DATA + ECHO_COOKIE_OFFSET),
	/* The cookie stands here when the socket is opened. */
	IF(0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

static const struct sock_filter ipv6_filter[] = {
	LOAD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE),
	IF(PACKET_OTHERHOST, 18, 0),
	LOAD(BPF_B, V6_NEXT),
	IF(IPPROTO_UDP, 1, 0),
	IF(IPPROTO_ICMPV6, 6, 15),
	/* Itself. */
	LOAD(BPF_H, V6_PAYLOAD + UDP_PORT),
	IF(ECHO_PORT, 0, 13),
	LOAD(BPF_W, V6_PAYLOAD + UDP_DATA + ECHO_MAGIC_OFFSET),
	IF(ECHO_MAGIC, 0, 11),
	LOAD(BPF_W, V6_PAYLOAD + UDP_DATA + ECHO_COOKIE_OFFSET),
	BPF_STMT(BPF_JMP | BPF_JA, 7),
	/* An error. */
	LOAD(BPF_B, V6_QUOTED + 6),
	IF(IPPROTO_UDP, 0, 7),
	LOAD(BPF_H, V6_QUOTED + 40 + UDP_PORT),
	IF(ECHO_PORT, 0, 5),
	LOAD(BPF_W, V6_QUOTED + 40 + UDP_DATA + ECHO_MAGIC_OFFSET),
	IF(ECHO_MAGIC, 0, 3),
	LOAD(BPF_W, V6_QUOTED + 40 + UDP_DATA + ECHO_COOKIE_OFFSET),
	/* The cookie stands here when the socket is opened. */
	IF(0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

#define COOKIE_FROM_END 3

static uint16_t ether_type(enum family family)
{
	return htons(family == FAMILY_IPV4 ? ETH_P_IP : ETH_P_IPV6);
}

static int filter_attach(int fd, enum family family, uint32_t cookie)
{
	const struct sock_filter *from = family == FAMILY_IPV4 ? ipv4_filter : ipv6_filter;
	struct sock_filter code[ARRAY_LENGTH(ipv4_filter)];
	struct sock_fprog program = { ARRAY_LENGTH(ipv4_filter), code };

	_Static_assert(sizeof(ipv6_filter) <= sizeof(ipv4_filter), "it holds either");
	if (family == FAMILY_IPV6)
		program.len = ARRAY_LENGTH(ipv6_filter);
	memcpy(code, from, program.len * sizeof(*code));
	code[program.len - COOKIE_FROM_END].k = cookie;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
											   : 0;
}

/* Until it is bound the socket hears nothing, so nothing is heard that the filter has not seen. */
static int socket_prepare(int fd, enum family family, uint32_t cookie)
{
	const struct sockaddr_ll any = { .sll_family = AF_PACKET,
					 .sll_protocol = ether_type(family) };
	int priority = TC_PRIO_CONTROL, size = RECEIVE_BYTES;
	int error = filter_attach(fd, family, cookie);

	if (error)
		return error;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	return 0;
}

int returns_open(enum family family, uint32_t cookie)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 ? -errno : socket_prepare(fd, family, cookie);

	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

size_t returns_receive(int fd, struct echo_frame *frames, size_t count)
{
	struct sockaddr_ll from[RETURNS_BATCH];
	struct mmsghdr headers[RETURNS_BATCH];
	struct iovec vectors[RETURNS_BATCH];
	int n;

	if (count > RETURNS_BATCH)
		count = RETURNS_BATCH;
	for (size_t k = 0; k < count; k++) {
		vectors[k] = (struct iovec){ frames[k].bytes, sizeof(frames[k].bytes) };
		headers[k] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[k],
							    .msg_namelen = sizeof(from[k]),
							    .msg_iov = &vectors[k],
							    .msg_iovlen = 1 } };
	}
	/* With MSG_TRUNC a frame's length is the true one, also when it did not fit. */
	n = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int k = 0; k < n; k++) {
		unsigned length = headers[k].msg_len;

		frames[k].interface = (uint32_t)from[k].sll_ifindex;
		frames[k].length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	}
	return n < 0 ? 0 : (size_t)n;
}

int returns_send(int fd, enum family family, const struct ether_frame *frame)
{
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_protocol = ether_type(family),
					.sll_ifindex = (int)frame->interface };

	if (sendto(fd, frame->bytes, frame->length, MSG_DONTWAIT, (const struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}
