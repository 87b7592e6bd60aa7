/* SPDX-License-Identifier: Apache-2.0 */
#include "vipd/host.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/host.h"

/* The network of an IPv4 address; of one with a peer it is the peer's. */
static struct prefix network_of(const struct ifaddrs *a)
{
	const struct sockaddr *of =
		a->ifa_flags & IFF_POINTOPOINT && a->ifa_dstaddr ? a->ifa_dstaddr : a->ifa_addr;
	const struct sockaddr_in *address = (const void *)of, *mask = (const void *)a->ifa_netmask;
	struct prefix none = { 0 };
	struct address ip;
	int length;

	if (!of || of->sa_family != AF_INET || !mask)
		return none;
	ip = address_make(FAMILY_IPV4, &address->sin_addr);
	length = mask->sin_addr.s_addr ? prefix_ipv4_mask_length(ntohl(mask->sin_addr.s_addr)) : 0;
	return length < 0 ? none : prefix_make(&ip, (uint8_t)length);
}

void host_check(struct config *c)
{
	struct host_address *addresses;
	struct ifaddrs *all = NULL;
	size_t count = 0, n = 0;

	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		count++;
	addresses = calloc(count ? count : 1, sizeof(*addresses));
	for (const struct ifaddrs *a = all; addresses && a; a = a->ifa_next) {
		text_copy(addresses[n].interface, sizeof(addresses[n].interface), a->ifa_name);
		addresses[n++].network = network_of(a);
	}
	if (addresses)
		config_check_host(c, addresses, n);
	free(addresses);
	freeifaddrs(all);
}
