/* SPDX-License-Identifier: Apache-2.0 */
/* The TCP connections of this host, counted (sock_diag(7)). Without state of its own. */
#ifndef LINUX_CONNECTIONS_H
#define LINUX_CONNECTIONS_H

#include <stdint.h>

#include "net/address.h"

/*
 * Counts the TCP connections whose local address this is and that still carry data or may: not the
 * listening sockets, nor those that only wait for their time to be over. Connections of IPv6
 * sockets to an IPv4 address count too. It waits for the kernel, which walks its table once or
 * twice. 0, or -errno when the kernel cannot tell.
 */
int connections_count(const struct address *local, uint32_t *ret);

#endif
