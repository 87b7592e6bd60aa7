/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pkt_sched.h>

#include "base/container.h"
#include "linux/ancillary.h"
#include "linux/socket_address.h"

/* RFC 2474: class selector 6, network control. */
#define TOS_NETWORK_CONTROL 0xc0

struct option {
	int level, name, value;
};

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
	socklen_t size = a ? socket_address_on(a, port, interface, &endpoint)
			   : socket_address_any(family, port, &endpoint);
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

int udp_talk(const struct path *path, uint16_t port)
{
	int fd = udp_open(path->interface, &path->local, path->local.family, port);
	struct sockaddr_storage to;
	socklen_t size = socket_address_on(&path->peer, BFD_PORT, path->interface, &to);

	/* So the kernel keeps the way there. It may have none now; then each packet looks for it.
	 */
	if (fd >= 0)
		(void)connect(fd, (const struct sockaddr *)&to, size);
	return fd;
}

int udp_send(int fd, const struct bfd_datagram *d)
{
	struct sockaddr_storage to;
	socklen_t size;

	/* An error may be of an earlier packet, which nobody took: RFC 1122 4.1.3.3. */
	for (int k = 0; k < 2; k++)
		if (send(fd, d->bytes, d->length, MSG_DONTWAIT) >= 0)
			return 0;
	if (errno != EDESTADDRREQ)
		return -errno;
	size = socket_address_on(&d->destination, d->destination_port, d->interface, &to);
	if (sendto(fd, d->bytes, d->length, MSG_DONTWAIT, (const struct sockaddr *)&to, size) < 0)
		return -errno;
	return 0;
}

size_t udp_receive(int fd, uint32_t interface, struct bfd_datagram *ret, size_t count)
{
	struct sockaddr_storage from[UDP_BATCH];
	struct ancillary controls[UDP_BATCH];
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	int n;

	if (count > UDP_BATCH)
		count = UDP_BATCH;
	for (size_t k = 0; k < count; k++) {
		vectors[k] = (struct iovec){ ret[k].bytes, sizeof(ret[k].bytes) };
		headers[k].msg_hdr = (struct msghdr){ .msg_name = &from[k],
						      .msg_namelen = sizeof(from[k]),
						      .msg_iov = &vectors[k],
						      .msg_iovlen = 1,
						      .msg_control = &controls[k],
						      .msg_controllen = sizeof(controls[k]) };
	}
	/* With MSG_TRUNC the length is the true one, also when it did not fit. */
	n = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int k = 0; k < n; k++) {
		ret[k].interface = interface;
		ret[k].length = (uint16_t)headers[k].msg_len;
		ret[k].destination_port = BFD_PORT;
		(void)socket_address_read(&from[k], &ret[k].source);
		ancillary_read(&headers[k].msg_hdr, &ret[k].destination, &ret[k].ttl);
	}
	return n < 0 ? 0 : (size_t)n;
}
