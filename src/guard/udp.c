/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pkt_sched.h>

#include "base/container.h"

/* RFC 2474: class selector 6, network control. */
#define TOS_NETWORK_CONTROL 0xc0

struct option {
	int level, name, value;
};

static socklen_t endpoint_make(const struct address *a, enum family family, uint16_t port,
			       uint32_t interface, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof(*ret));
	if (family == FAMILY_IPV4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		if (a)
			memcpy(&v4->sin_addr, a->bytes, sizeof(v4->sin_addr));
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	if (a) {
		memcpy(&v6->sin6_addr, a->bytes, sizeof(v6->sin6_addr));
		v6->sin6_scope_id = address_is_link_local(a) ? interface : 0;
	}
	return sizeof(*v6);
}

static int udp_open(uint32_t interface, const struct address *a, enum family family, uint16_t port)
{
	const struct option any[] = {
		{ SOL_SOCKET, SO_BINDTOIFINDEX, (int)interface },
	};
	const struct option ipv4[] = {
		{ IPPROTO_IP, IP_TTL, BFD_TTL },
		{ IPPROTO_IP, IP_RECVTTL, 1 },
		{ IPPROTO_IP, IP_PKTINFO, 1 },
		{ IPPROTO_IP, IP_TOS, TOS_NETWORK_CONTROL },
		{ SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL },
	};
	const struct option ipv6[] = {
		{ IPPROTO_IPV6, IPV6_V6ONLY, 1 },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, BFD_TTL },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
		{ IPPROTO_IPV6, IPV6_TCLASS, TOS_NETWORK_CONTROL },
		{ SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL },
	};
	const struct option *own = family == FAMILY_IPV4 ? ipv4 : ipv6;
	size_t n = family == FAMILY_IPV4 ? ARRAY_LENGTH(ipv4) : ARRAY_LENGTH(ipv6);
	struct sockaddr_storage endpoint;
	socklen_t size = endpoint_make(a, family, port, interface, &endpoint);
	int fd = socket(family == FAMILY_IPV4 ? AF_INET : AF_INET6,
			SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 ? -errno : 0;

	for (size_t k = 0; !error && k < ARRAY_LENGTH(any); k++)
		if (setsockopt(fd, any[k].level, any[k].name, &any[k].value, sizeof(int)) < 0)
			error = -errno;
	for (size_t k = 0; !error && k < n; k++)
		if (setsockopt(fd, own[k].level, own[k].name, &own[k].value, sizeof(int)) < 0)
			error = -errno;
	if (!error && bind(fd, (const struct sockaddr *)&endpoint, size) < 0)
		error = -errno;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

int udp_listen(uint32_t interface, enum family family)
{
	return udp_open(interface, NULL, family, BFD_PORT);
}

int udp_talk(uint32_t interface, const struct address *local, uint16_t port)
{
	return udp_open(interface, local, local->family, port);
}

int udp_send(int fd, const struct bfd_datagram *d)
{
	struct sockaddr_storage to;
	socklen_t size = endpoint_make(&d->destination, d->destination.family, d->destination_port,
				       d->interface, &to);

	/* An error may be of an earlier packet, which nobody took: RFC 1122 4.1.3.3. */
	for (int k = 0; k < 2; k++)
		if (sendto(fd, d->bytes, d->length, MSG_DONTWAIT, (const struct sockaddr *)&to,
			   size) >= 0)
			return 0;
	return -errno;
}

static void take_control(struct msghdr *m, struct bfd_datagram *d)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info4;
	int ttl;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP, v6 = c->cmsg_level == IPPROTO_IPV6;

		if ((v4 && c->cmsg_type == IP_TTL) || (v6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
			d->ttl = (uint8_t)ttl;
		} else if (v4 && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info4, CMSG_DATA(c), sizeof(info4));
			d->destination = address_make(FAMILY_IPV4, &info4.ipi_addr);
		} else if (v6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			d->destination = address_make(FAMILY_IPV6, &info6.ipi6_addr);
		}
	}
}

static struct address sender(const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET)
		return address_make(FAMILY_IPV4, &((const struct sockaddr_in *)from)->sin_addr);
	return address_make(FAMILY_IPV6, &((const struct sockaddr_in6 *)from)->sin6_addr);
}

bool udp_receive(int fd, uint32_t interface, struct bfd_datagram *ret)
{
	union {
		struct cmsghdr aligned;
		uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} control;
	struct sockaddr_storage from;
	struct iovec vector = { ret->bytes, sizeof(ret->bytes) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &vector,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;

	/* With MSG_TRUNC the length is the true one, also when it did not fit. */
	n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0)
		return false;
	ret->interface = interface;
	ret->length = (uint16_t)n;
	ret->destination_port = BFD_PORT;
	ret->ttl = 0;
	ret->source = sender(&from);
	ret->destination = (struct address){ 0 };
	take_control(&m, ret);
	return true;
}
