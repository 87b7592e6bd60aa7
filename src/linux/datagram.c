/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/pkt_sched.h>

#include "base/container.h"

#define BUFFER_BYTES (1 << 20)
#define RECEIVE_MAX 16

/* RFC 2474: class selector 6, network control. */
#define TOS_NETWORK_CONTROL 0xc0

struct control {
	_Alignas(struct cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct option {
	int level, name, value;
};

static int options_set(int fd, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) < 0)
			return -errno;
	return 0;
}

static int socket_prepare(int fd, uint32_t interface)
{
	const struct option options[] = {
		/*
		 * By its index, and before bind(): so every interface can have a port 520 of its
		 * own, yet without SO_REUSEADDR another daemon on that port is noticed.
		 */
		{ SOL_SOCKET, SO_BINDTOIFINDEX, (int)interface },
		{ SOL_SOCKET, SO_BROADCAST, 1 },
		{ SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES },
		{ SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES },
		{ IPPROTO_IP, IP_PKTINFO, 1 },
		{ IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
		{ IPPROTO_IP, IP_MULTICAST_TTL, 1 },
		/* Only groups that this socket has joined itself. */
		{ IPPROTO_IP, IP_MULTICAST_ALL, 0 },
		{ IPPROTO_IP, IP_TOS, TOS_NETWORK_CONTROL },
		/* After IP_TOS, which sets a priority too. */
		{ SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL },
	};

	return options_set(fd, options, ARRAY_LENGTH(options));
}

static int socket_join(int fd, uint32_t interface, uint32_t group)
{
	struct ip_mreqn request = { .imr_multiaddr.s_addr = htonl(group),
				    .imr_ifindex = (int)interface };

	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) < 0)
		return -errno;
	return 0;
}

static const char *reason(int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "UDP port 520 is taken: another routing daemon runs here";
	case -EACCES:
	case -EPERM:
		return "vipd may not open UDP port 520 (it lacks CAP_NET_BIND_SERVICE or "
		       "CAP_NET_ADMIN)";
	case -ENODEV:
	case -ENXIO:
	case -EADDRNOTAVAIL: /* so a group cannot be joined on it */
		return "the interface is gone";
	default:
		return strerror(-error);
	}
}

int datagram_open(uint32_t interface, uint16_t port, uint32_t group, const char **ret_why)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd, error;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		error = -errno;
		*ret_why = reason(error);
		return error;
	}
	error = socket_prepare(fd, interface);
	if (!error && bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		error = -errno;
	if (!error)
		error = socket_join(fd, interface, group);
	if (!error)
		return fd;
	close(fd);
	*ret_why = reason(error);
	return error;
}

static struct address destination_of(struct msghdr *m)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return address_make(FAMILY_IPV4, &info.ipi_addr);
	}
	return (struct address){ 0 };
}

size_t datagram_receive(int fd, struct datagram *packets, size_t count)
{
	struct mmsghdr headers[RECEIVE_MAX] = { 0 };
	struct sockaddr_in senders[RECEIVE_MAX];
	struct iovec vectors[RECEIVE_MAX];
	struct control controls[RECEIVE_MAX];
	int n;

	if (count > RECEIVE_MAX)
		count = RECEIVE_MAX;
	for (size_t i = 0; i < count; i++) {
		vectors[i] = (struct iovec){ packets[i].bytes, sizeof(packets[i].bytes) };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &senders[i],
						      .msg_namelen = sizeof(senders[i]),
						      .msg_iov = &vectors[i],
						      .msg_iovlen = 1,
						      .msg_control = &controls[i],
						      .msg_controllen = sizeof(controls[i]) };
	}
	/* With MSG_TRUNC a packet's length is the true one, also when it did not fit. */
	n = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++) {
		packets[i].source = address_make(FAMILY_IPV4, &senders[i].sin_addr);
		packets[i].source_port = ntohs(senders[i].sin_port);
		packets[i].destination = destination_of(&headers[i].msg_hdr);
		packets[i].length = (uint16_t)headers[i].msg_len;
	}
	return n < 0 ? 0 : (size_t)n;
}

int datagram_send(int fd, uint32_t interface, const struct address *source,
		  const struct address *destination, uint16_t port, const uint8_t *bytes,
		  size_t length)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct in_pktinfo info = { .ipi_ifindex = (int)interface };
	struct iovec vector = { (void *)bytes, length };
	struct control control = { 0 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &vector,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (destination->family != FAMILY_IPV4)
		return -EAFNOSUPPORT;
	memcpy(&to.sin_addr, destination->bytes, sizeof(to.sin_addr));
	if (source->family == FAMILY_IPV4)
		memcpy(&info.ipi_spec_dst, source->bytes, sizeof(info.ipi_spec_dst));
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return sendmsg(fd, &m, MSG_DONTWAIT) < 0 ? -errno : 0;
}
