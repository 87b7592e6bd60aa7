/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/socket_address.h"

#include <netinet/in.h>
#include <string.h>

socklen_t socket_address_make(const struct address *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)ret;
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (a->family == FAMILY_IPV6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, a->bytes, sizeof(six->sin6_addr));
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, a->bytes, sizeof(four->sin_addr));
	return sizeof(*four);
}

socklen_t socket_address_on(const struct address *a, uint16_t port, uint32_t interface,
			    struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)ret;
	socklen_t size = socket_address_make(a, port, ret);

	if (address_is_link_local(a) && a->family == FAMILY_IPV6)
		six->sin6_scope_id = interface;
	return size;
}

bool socket_address_read(const struct sockaddr_storage *from, struct address *ret)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)from;

	if (from->ss_family == AF_INET6)
		*ret = address_make(FAMILY_IPV6, &six->sin6_addr);
	else if (from->ss_family == AF_INET)
		*ret = address_make(FAMILY_IPV4, &four->sin_addr);
	return from->ss_family == AF_INET6 || from->ss_family == AF_INET;
}

socklen_t socket_address_any(enum family family, uint16_t port, struct sockaddr_storage *ret)
{
	static const uint8_t none[ADDRESS_BYTES_MAX];
	struct address any = address_make(family, none);

	return socket_address_make(&any, port, ret);
}

uint16_t socket_address_port(const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)from;

	return ntohs(from->ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}
