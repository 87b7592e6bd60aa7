/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One socket for datagrams, of UDP or of an IP protocol, that belongs to one interface: open,
 * receive, send. Without state of its own.
 */
#ifndef LINUX_DATAGRAM_H
#define LINUX_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/packet.h"
#include "proto/speaker.h"

#define DATAGRAM_MAX PACKET_LONG_MAX

struct datagram {
	struct address source, destination;
	uint16_t source_port;
	uint8_t hop_limit; /* 0: not known */
	uint16_t length;   /* of what follows: on a raw socket of IPv4 with the IP header */
	uint8_t bytes[DATAGRAM_MAX];
};

/*
 * Opens a socket on the interface with this index, as a speaker wants it: of UDP, on its port (0:
 * any free one), or raw; a member of its groups. Returns the descriptor, which does not block; or
 * -errno with a phrase for a person in *ret_why, good until the next call.
 */
int datagram_open(uint32_t interface, const struct speaker_socket *socket, const char **ret_why);

/*
 * Gives a socket that was opened with port 0 another one, which Linux chooses at random. What was
 * under way to the old one is lost. 0 or -errno; then the socket is of no use any more.
 */
int datagram_renew(int fd, uint32_t interface, enum family family);

/* Reads at most `count` packets, at most 16, without waiting. Returns how many there were. */
size_t datagram_receive(int fd, struct datagram *packets, size_t count);

/*
 * Whether the socket may send from an address that this host does not have (any more). 0 or -errno:
 * it takes CAP_NET_ADMIN or CAP_NET_RAW.
 */
int datagram_any_source(int fd, enum family family, bool on);

/*
 * Sends these bytes out of p->interface, from p->source, one of our own addresses (when not set,
 * Linux chooses), to p->destination and its port, with p->hop_limit, unless 0. Nothing else of *p
 * is looked at. 0 or -errno.
 */
int datagram_send(int fd, const struct packet *p, const uint8_t *bytes, size_t length);

/* How many packets the kernel has dropped because the socket was full, since it is open. */
uint32_t datagram_dropped(int fd);

#endif
