/* SPDX-License-Identifier: Apache-2.0 */
/* The UDP sockets of BFD (RFC 5881 4, 5), for both families. */
#ifndef GUARD_UDP_H
#define GUARD_UDP_H

#include "proto/bfd/bfd.h"

/* A socket that hears what comes to BFD_PORT on an interface. Its descriptor or -errno. */
int udp_listen(uint32_t interface, enum family family);

/* A socket that sends along the path from this port, with all of the TTL. Its descriptor or -errno.
 */
int udp_talk(const struct path *path, uint16_t port);

/* Sends; 0 or -errno. It never waits. */
int udp_send(int fd, const struct bfd_datagram *d);

#define UDP_BATCH 32

/*
 * The next packets, at most `count` and UDP_BATCH; how many there were. What came without its TTL
 * or its destination has a TTL of 0, and is refused by whoever looks.
 */
size_t udp_receive(int fd, uint32_t interface, struct bfd_datagram *ret, size_t count);

#endif
