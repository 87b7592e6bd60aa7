/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include "base/container.h"

#define RECEIVE_MAX 16

#define ARP_OPERATION (ETH_HLEN + 6)
#define IPV6_NEXT_HEADER (ETH_HLEN + 6)
#define IPV6_PAYLOAD (ETH_HLEN + 40)

#define DROP 0
#define PASS UINT32_MAX

/*
 * Both filters begin with the kind of the packet. "For another host" are also the frames of VLANs
 * for which there is no interface: Linux takes their tag off, but they are of another network.
 */
static struct sock_filter arp_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

/* Replies alone. */
static struct sock_filter arp_answer_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 3, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ARP_OPERATION),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

static struct sock_filter ipv6_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 6, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_NEXT_HEADER),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 4),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_PAYLOAD),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_SOLICIT, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

/* Advertisements alone. */
static struct sock_filter ipv6_answer_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 5, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_NEXT_HEADER),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_PAYLOAD),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PASS),
	BPF_STMT(BPF_RET | BPF_K, DROP),
};

static const struct {
	uint16_t ether_type;
	struct sock_fprog filter, answers;
} sorts[FRAME_SOCKETS] = {
	[FRAME_SOCKET_ARP] = { ETH_P_ARP,
			       { ARRAY_LENGTH(arp_filter), arp_filter },
			       { ARRAY_LENGTH(arp_answer_filter), arp_answer_filter } },
	[FRAME_SOCKET_IPV6] = { ETH_P_IPV6,
				{ ARRAY_LENGTH(ipv6_filter), ipv6_filter },
				{ ARRAY_LENGTH(ipv6_answer_filter), ipv6_answer_filter } },
};

/* Only Ethernet has the addresses and the header that acd.h speaks of. */
static int socket_check_ethernet(int fd)
{
	struct sockaddr_ll address = { 0 };
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	return address.sll_hatype == ARPHRD_ETHER ? 0 : -EPROTONOSUPPORT;
}

/* Until it is bound the socket hears nothing, so nothing is heard that the filter has not seen. */
static int socket_prepare(int fd, uint32_t interface, enum frame_socket which, bool answers)
{
	const struct sock_fprog *filter = answers ? &sorts[which].answers : &sorts[which].filter;
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(sorts[which].ether_type),
				       .sll_ifindex = (int)interface };
	int priority = TC_PRIO_CONTROL;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return socket_check_ethernet(fd);
}

static const char *reason(int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return "vipd may not hear and send frames (it lacks CAP_NET_RAW)";
	case -EAFNOSUPPORT:
		return "this kernel has no packet sockets";
	case -ENODEV:
	case -ENXIO:
		return "the interface is gone";
	case -EPROTONOSUPPORT:
		return "the interface is not Ethernet: addresses are not asked for there";
	default:
		return strerror(-error);
	}
}

int frame_open(uint32_t interface, enum frame_socket which, bool answers, const char **ret_why)
{
	int fd, error;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		error = -errno;
		*ret_why = reason(error);
		return error;
	}
	error = socket_prepare(fd, interface, which, answers);
	if (!error)
		return fd;
	close(fd);
	*ret_why = reason(error);
	return error;
}

int frame_address(int fd, uint8_t ret[ETHER_MAC_BYTES])
{
	struct sockaddr_ll address = { 0 };
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	if (address.sll_halen != ETHER_MAC_BYTES)
		return -ENODEV;
	memcpy(ret, address.sll_addr, ETHER_MAC_BYTES);
	return 0;
}

int frame_set_all_multicast(int fd, uint32_t interface, bool on, const char **ret_why)
{
	struct packet_mreq request = { .mr_ifindex = (int)interface,
				       .mr_type = PACKET_MR_ALLMULTI };
	int error;

	if (setsockopt(fd, SOL_PACKET, on ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP,
		       &request, sizeof(request)) == 0)
		return 0;
	error = -errno;
	*ret_why = reason(error);
	return error;
}

size_t frame_receive(int fd, struct ether_frame *frames, size_t count)
{
	struct mmsghdr headers[RECEIVE_MAX] = { 0 };
	struct iovec vectors[RECEIVE_MAX];
	int n;

	if (count > RECEIVE_MAX)
		count = RECEIVE_MAX;
	for (size_t i = 0; i < count; i++) {
		vectors[i] = (struct iovec){ frames[i].bytes, sizeof(frames[i].bytes) };
		headers[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
	/* With MSG_TRUNC a frame's length is the true one, also when it did not fit. */
	n = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++) {
		unsigned length = headers[i].msg_len;

		frames[i].length = length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
	}
	return n < 0 ? 0 : (size_t)n;
}

enum frame_socket frame_socket_of(const struct ether_frame *frame)
{
	unsigned which, type;

	if (frame->length < ETH_HLEN)
		return FRAME_SOCKETS;
	type = (unsigned)frame->bytes[ETH_HLEN - 2] << 8 | frame->bytes[ETH_HLEN - 1];
	for (which = 0; which < FRAME_SOCKETS; which++)
		if (sorts[which].ether_type == type)
			break;
	return which;
}

int frame_send(int fd, const struct ether_frame *frame)
{
	if (frame->length > sizeof(frame->bytes))
		return -EMSGSIZE;
	return send(fd, frame->bytes, frame->length, MSG_DONTWAIT) < 0 ? -errno : 0;
}

uint32_t frame_dropped(int fd)
{
	struct tpacket_stats statistics = { 0 };
	socklen_t length = sizeof(statistics);

	/* To read them sets them back. */
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) < 0)
		return 0;
	return statistics.tp_drops;
}
