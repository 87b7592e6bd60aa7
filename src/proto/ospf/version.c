/* SPDX-License-Identifier: Apache-2.0 */
/* What differs by version and is not bytes; and the names of what OSPF has. */
#include "base/container.h"
#include "proto/ospf/instance.h"

const char *ospf_packet_name(uint8_t type)
{
	static const char *const names[] = { "unknown", "hello",  "description",
					     "request", "update", "acknowledgment" };

	return names[type < ARRAY_LENGTH(names) ? type : 0];
}

const char *ospf_drop_name(enum ospf_drop reason)
{
	static const char *const names[] = {
#define OSPF_DROP_TEXT(name, text) text,
		OSPF_DROPS(OSPF_DROP_TEXT)
#undef OSPF_DROP_TEXT
	};

	return reason < OSPF_DROP_COUNT ? names[reason] : "-";
}

const char *ospf_interface_state_name(uint8_t state)
{
	static const char *const names[] = { "down",	 "loopback", "waiting", "point-to-point",
					     "dr-other", "backup",   "dr" };

	return state < ARRAY_LENGTH(names) ? names[state] : "-";
}

const char *ospf_neighbor_state_name(uint8_t state)
{
	static const char *const names[] = { "down",	 "attempt",  "init",	"2-way",
					     "ex-start", "exchange", "loading", "full" };

	return state < ARRAY_LENGTH(names) ? names[state] : "-";
}

/* RFC 2328 A.1, RFC 5340 A.1: AllSPFRouters ends with 5, AllDRouters with 6. */
struct address ospf_group(enum ospf_version v, bool designated)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0xff, 0x02 };

	if (v == OSPF_V2)
		return address_ipv4(designated ? 0xe0000006 : 0xe0000005);
	bytes[ADDRESS_BYTES_MAX - 1] = designated ? 6 : 5;
	return address_make(FAMILY_IPV6, bytes);
}

enum family ospf_family(const struct ospf *o)
{
	return o->version == OSPF_V2 ? FAMILY_IPV4 : FAMILY_IPV6;
}

/* RFC 2328 A.2, RFC 3101 2.1, RFC 5250 3, RFC 5340 A.2 */
uint32_t ospf_options(const struct ospf *o, const struct area *a)
{
	bool normal = a->kind == OSPF_AREA_NORMAL, nssa = a->kind == OSPF_AREA_NSSA;

	if (o->version == OSPF_V2)
		return OSPF_V2_O | (normal ? OSPF_V2_E : 0) | (nssa ? OSPF_V2_NP : 0);
	return OSPF_V3_V6 | OSPF_V3_R | (normal ? OSPF_V3_E : 0) | (nssa ? OSPF_V3_N : 0);
}
