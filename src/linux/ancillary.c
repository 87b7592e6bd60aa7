/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ancillary.h"

#include <string.h>

static uint8_t read_hops(const struct cmsghdr *c)
{
	int hops;

	memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	return (uint8_t)hops;
}

void ancillary_read(struct msghdr *m, struct address *ret_destination, uint8_t *ret_hops)
{
	struct in6_pktinfo six;
	struct in_pktinfo four;

	*ret_destination = (struct address){ 0 };
	*ret_hops = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP, v6 = c->cmsg_level == IPPROTO_IPV6;

		if (v4 && c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			*ret_destination = address_make(FAMILY_IPV4, &four.ipi_addr);
		} else if (v6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&six, CMSG_DATA(c), sizeof(six));
			*ret_destination = address_make(FAMILY_IPV6, &six.ipi6_addr);
		} else if ((v4 && c->cmsg_type == IP_TTL) ||
			   (v6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			*ret_hops = read_hops(c);
		}
	}
}
