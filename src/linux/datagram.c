/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/pkt_sched.h>
#include <linux/sock_diag.h>

#include "base/container.h"
#include "linux/ancillary.h"
#include "linux/socket_address.h"

#define BUFFER_BYTES (1 << 20)
#define RECEIVE_MAX 16

/* RFC 2474: class selector 6, network control. */
#define TOS_NETWORK_CONTROL 0xc0

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

/* With how many hops to live packets leave; to a group one is what Linux itself takes. */
static int socket_hops(int fd, enum family family, uint8_t hops)
{
	const struct option ipv4[] = { { IPPROTO_IP, IP_MULTICAST_TTL, hops },
				       { IPPROTO_IP, IP_TTL, hops } };
	const struct option ipv6[] = { { IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops },
				       { IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops } };

	if (hops == 0)
		return 0;
	return options_set(fd, family == FAMILY_IPV6 ? ipv6 : ipv4, ARRAY_LENGTH(ipv4));
}

static int socket_prepare(int fd, enum family family, bool raw, uint32_t interface)
{
	const struct option any[] = {
		/*
		 * By its index, and before bind(): so every interface can have a port of its own,
		 * yet without SO_REUSEADDR another daemon on that port is noticed.
		 */
		{ SOL_SOCKET, SO_BINDTOIFINDEX, (int)interface },
		{ SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES },
		{ SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES },
	};
	/* A raw one is of its family alone in any case. */
	const struct option alone = { IPPROTO_IPV6, IPV6_V6ONLY, 1 };
	const struct option ipv4[] = {
		{ SOL_SOCKET, SO_BROADCAST, 1 },
		{ IPPROTO_IP, IP_PKTINFO, 1 },
		{ IPPROTO_IP, IP_RECVTTL, 1 },
		{ IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
		/* Only groups that this socket has joined itself. */
		{ IPPROTO_IP, IP_MULTICAST_ALL, 0 },
		{ IPPROTO_IP, IP_TOS, TOS_NETWORK_CONTROL },
		/* After IP_TOS, which sets a priority too. */
		{ SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL },
	};
	const struct option ipv6[] = {
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
		{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0 },
		{ IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0 },
		{ IPPROTO_IPV6, IPV6_TCLASS, TOS_NETWORK_CONTROL },
		{ SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL },
	};
	int error = options_set(fd, any, ARRAY_LENGTH(any));

	if (!error && family == FAMILY_IPV6 && !raw)
		error = options_set(fd, &alone, 1);
	if (error)
		return error;
	return family == FAMILY_IPV6 ? options_set(fd, ipv6, ARRAY_LENGTH(ipv6))
				     : options_set(fd, ipv4, ARRAY_LENGTH(ipv4));
}

static int socket_join(int fd, uint32_t interface, const struct address *group)
{
	struct ip_mreqn four = { .imr_ifindex = (int)interface };
	struct ipv6_mreq six = { .ipv6mr_interface = interface };

	if (group->family == FAMILY_IPV6) {
		memcpy(&six.ipv6mr_multiaddr, group->bytes, sizeof(six.ipv6mr_multiaddr));
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &six.ipv6mr_interface,
			       sizeof(six.ipv6mr_interface)) < 0 ||
		    setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &six, sizeof(six)) < 0)
			return -errno;
		return 0;
	}
	memcpy(&four.imr_multiaddr, group->bytes, sizeof(four.imr_multiaddr));
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &four, sizeof(four)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof(four)) < 0)
		return -errno;
	return 0;
}

static const char *reason(const struct speaker_socket *s, int error)
{
	const char *what = s->transport == SPEAKER_RAW ? "IP protocol" : "UDP port";
	static char text[96];

	switch (error) {
	case -EADDRINUSE:
		snprintf(text, sizeof(text), "%s %u is taken: another routing daemon runs here",
			 what, s->port);
		return text;
	case -EACCES:
	case -EPERM:
		snprintf(text, sizeof(text),
			 "vipd may not open %s %u (it lacks CAP_NET_BIND_SERVICE or "
			 "CAP_NET_ADMIN)",
			 what, s->port);
		return text;
	case -ENODEV:
	case -ENXIO:
	case -EADDRNOTAVAIL: /* so a group cannot be joined on it */
		return "the interface is gone";
	case -EAFNOSUPPORT:
		return "this kernel has no IPv6";
	default:
		return strerror(-error);
	}
}

int datagram_open(uint32_t interface, const struct speaker_socket *s, const char **ret_why)
{
	enum family family = (enum family)s->family;
	bool raw = s->transport == SPEAKER_RAW;
	struct sockaddr_storage address;
	socklen_t size = socket_address_any(family, s->port, &address);
	int fd = socket(address.ss_family,
			(raw ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
			raw ? s->port : 0);
	int error;

	if (fd < 0) {
		error = -errno;
		*ret_why = reason(s, error);
		return error;
	}
	error = socket_prepare(fd, family, raw, interface);
	if (!error)
		error = socket_hops(fd, family, s->hop_limit);
	if (!error && !raw && bind(fd, (const struct sockaddr *)&address, size) < 0)
		error = -errno;
	if (!error && address_is_set(&s->group))
		error = socket_join(fd, interface, &s->group);
	if (!error && address_is_set(&s->also))
		error = socket_join(fd, interface, &s->also);
	if (!error)
		return fd;
	close(fd);
	*ret_why = reason(s, error);
	return error;
}

int datagram_renew(int fd, uint32_t interface, enum family family)
{
	const struct option bound = { SOL_SOCKET, SO_BINDTOIFINDEX, (int)interface };
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage address;
	socklen_t size = socket_address_any(family, 0, &address);
	int error;

	/* connect(2): AF_UNSPEC dissolves the association; of the port that Linux chose, too. */
	if (connect(fd, &none, sizeof(none)) < 0)
		return -errno;
	error = options_set(fd, &bound, 1);
	if (!error && bind(fd, (const struct sockaddr *)&address, size) < 0)
		error = -errno;
	return error;
}

size_t datagram_receive(int fd, struct datagram *packets, size_t count)
{
	struct mmsghdr headers[RECEIVE_MAX] = { 0 };
	struct sockaddr_storage senders[RECEIVE_MAX];
	struct iovec vectors[RECEIVE_MAX];
	struct ancillary controls[RECEIVE_MAX];
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
	n = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		(void)socket_address_read(&senders[i], &packets[i].source);
		packets[i].source_port = socket_address_port(&senders[i]);
		ancillary_read(&headers[i].msg_hdr, &packets[i].destination, &packets[i].hop_limit);
		packets[i].length = (uint16_t)headers[i].msg_len;
	}
	return n < 0 ? 0 : (size_t)n;
}

uint32_t datagram_dropped(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t length = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &length) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}

/* Puts a control message behind those that are there. */
static void control_add(struct msghdr *m, int level, int type, const void *value, size_t size)
{
	struct cmsghdr *c = (void *)((uint8_t *)m->msg_control + m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), value, size);
	m->msg_controllen += CMSG_SPACE(size);
}

/* By which address and interface it leaves, and with how many hops to live. */
static void control_make(struct msghdr *m, const struct packet *p)
{
	enum family family = (enum family)p->destination.family;
	struct in6_pktinfo six = { .ipi6_ifindex = p->interface };
	struct in_pktinfo four = { .ipi_ifindex = (int)p->interface };
	bool from = p->source.family == family;
	int hops = p->hop_limit;

	if (family == FAMILY_IPV6) {
		if (from)
			memcpy(&six.ipi6_addr, p->source.bytes, sizeof(six.ipi6_addr));
		control_add(m, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof(six));
		if (hops)
			control_add(m, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof(hops));
		return;
	}
	if (from)
		memcpy(&four.ipi_spec_dst, p->source.bytes, sizeof(four.ipi_spec_dst));
	control_add(m, IPPROTO_IP, IP_PKTINFO, &four, sizeof(four));
	if (hops)
		control_add(m, IPPROTO_IP, IP_TTL, &hops, sizeof(hops));
}

int datagram_any_source(int fd, enum family family, bool on)
{
	int value = on;
	int error = family == FAMILY_IPV6
			    ? setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &value, sizeof(value))
			    : setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &value, sizeof(value));

	return error < 0 ? -errno : 0;
}

int datagram_send(int fd, const struct packet *p, const uint8_t *bytes, size_t length)
{
	struct sockaddr_storage to;
	struct iovec vector = { (void *)bytes, length };
	struct ancillary control = { 0 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen =
				    socket_address_make(&p->destination, p->destination_port, &to),
			    .msg_iov = &vector,
			    .msg_iovlen = 1,
			    .msg_control = &control };

	control_make(&m, p);
	return sendmsg(fd, &m, MSG_DONTWAIT) < 0 ? -errno : 0;
}
