/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and networks as the BPF programs have them: IPv4 mapped into IPv6, RFC 4291 2.5.5.2. */
#ifndef LINUX_SOURCE_ADDRESS_H
#define LINUX_SOURCE_ADDRESS_H

#include <string.h>

#include "bpf/source.h"
#include "net/prefix.h"

#define SOURCE_MAPPED_BITS 96

static inline void source_bytes(const struct address *a, unsigned char *ret)
{
	memset(ret, 0, SOURCE_ADDRESS_BYTES);
	if (a->family == FAMILY_IPV4) {
		ret[10] = ret[11] = 0xff;
		memcpy(ret + 12, a->bytes, 4);
	} else {
		memcpy(ret, a->bytes, SOURCE_ADDRESS_BYTES);
	}
}

static inline struct source_abi_prefix source_prefix(const struct prefix *p)
{
	struct source_abi_prefix ret = { .bits = p->length };

	if (p->address.family == FAMILY_IPV4)
		ret.bits += SOURCE_MAPPED_BITS;
	source_bytes(&p->address, ret.address);
	return ret;
}

#endif
