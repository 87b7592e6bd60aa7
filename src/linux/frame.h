/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One packet socket that hears and sends the frames of ARP or of neighbour discovery on one
 * interface: open, receive, send. Without state of its own.
 */
#ifndef LINUX_FRAME_H
#define LINUX_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/ether.h"

/*
 * A socket for each of the two EtherTypes, and not one for all: Linux then shows it no other frame,
 * so what else goes over the interface costs nothing.
 */
enum frame_socket {
	FRAME_SOCKET_ARP,
	FRAME_SOCKET_IPV6, /* neighbour solicitations and advertisements alone */
	FRAME_SOCKETS,
};

/*
 * Opens a socket on the interface with this index; with `answers` it hears ARP replies and
 * neighbour advertisements alone. Returns the descriptor, which does not block; or -errno with a
 * phrase for a person in *ret_why, a constant string or that of strerror().
 */
int frame_open(uint32_t interface, enum frame_socket which, bool answers, const char **ret_why);

/* The address that the socket's interface has on the wire now. 0, or -errno when it is gone. */
int frame_address(int fd, uint8_t ret[ETHER_MAC_BYTES]);

/*
 * Whether the socket makes its interface hear every multicast frame; Linux counts the calls for
 * each. 0, or -errno with *ret_why.
 */
int frame_set_all_multicast(int fd, uint32_t interface, bool on, const char **ret_why);

/*
 * Reads at most `count` frames, at most 16, without waiting. Returns how many there were; of each
 * all but its interface is set.
 */
size_t frame_receive(int fd, struct ether_frame *frames, size_t count);

/* The socket by which a frame leaves; FRAME_SOCKETS when it is of neither kind. */
enum frame_socket frame_socket_of(const struct ether_frame *frame);

/* 0 or -errno. */
int frame_send(int fd, const struct ether_frame *frame);

/* How many frames the kernel had to drop since this was asked last: the queue was full. */
uint32_t frame_dropped(int fd);

#endif
