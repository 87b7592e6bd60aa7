/* SPDX-License-Identifier: Apache-2.0 */
/* Our addresses as the socket calls have them: one family's or the other's, in one buffer. */
#ifndef LINUX_SOCKET_ADDRESS_H
#define LINUX_SOCKET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "net/address.h"

/* `a` must be set; the port in host order. Returns the length. */
socklen_t socket_address_make(const struct address *a, uint16_t port, struct sockaddr_storage *ret);

/* The same on an interface, which a link-local address needs to be one. */
socklen_t socket_address_on(const struct address *a, uint16_t port, uint32_t interface,
			    struct sockaddr_storage *ret);

/* The wildcard address of a family. Returns the length. */
socklen_t socket_address_any(enum family family, uint16_t port, struct sockaddr_storage *ret);

/* False when it is of neither family. */
bool socket_address_read(const struct sockaddr_storage *from, struct address *ret);

/* In host order; of an address of either family. */
uint16_t socket_address_port(const struct sockaddr_storage *from);

#endif
