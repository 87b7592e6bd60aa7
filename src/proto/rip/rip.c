/* SPDX-License-Identifier: Apache-2.0 */
/* What the two protocols are called, and where they are spoken. */
#include "proto/rip/rip.h"

uint16_t rip_port(enum family family)
{
	return family == FAMILY_IPV6 ? RIPNG_PORT : RIP_PORT;
}

struct address rip_group(enum family family)
{
	static const uint8_t ripng_routers[ADDRESS_BYTES_MAX] = { 0xff, 0x02, [15] = 0x09 };

	return family == FAMILY_IPV6 ? address_make(FAMILY_IPV6, ripng_routers)
				     : address_ipv4(0xe0000009);
}

const char *rip_protocol_name(enum family family)
{
	return family == FAMILY_IPV6 ? "RIPng" : "RIP";
}
