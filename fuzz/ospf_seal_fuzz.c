/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a sealed packet: the first byte chooses the version, the second the keyring. What is
 * opened was sealed with our key: so with a digest nothing is. The rest of the bytes is sealed too,
 * opened, and then changed.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/ospf/ospf.h"

#define LENGTH_AT 2

static struct ospf_packet packet_of(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct ospf_packet p = { .bytes = bytes, .length = length };

	p.source = ospf_group(v, true); /* any */
	p.destination = ospf_group(v, false);
	return p;
}

static void open_any(enum ospf_version v, const struct keyring *k, const uint8_t *bytes,
		     size_t length)
{
	struct ospf_packet p = packet_of(v, bytes, length);

	ospf_open(v, k, &p);
	assert(p.auth == k->type && p.bytes == bytes);
	if (p.refused)
		assert(p.length == 0 && p.reason < OSPF_DROP_COUNT);
	else
		assert(p.length >= ospf_header_bytes(v) && p.length <= length);
}

static void seal_and_change(enum ospf_version v, const struct keyring *k, bool extended,
			    const uint8_t *bytes, size_t length)
{
	static uint8_t plain[OSPF_PACKET_MAX], sealed[OSPF_SEALED_MAX];
	struct ospf_packet p = packet_of(v, plain, length), again;
	uint8_t change = bytes[0], by = bytes[1];
	size_t n;

	if (length < OSPF_HEADER_MAX || length > sizeof(plain))
		return;
	memcpy(plain, bytes, length);
	plain[0] = (uint8_t)v;
	plain[1] = (uint8_t)(OSPF_HELLO + bytes[1] % (OSPF_PACKET_TYPES - 1));
	plain[LENGTH_AT] = (uint8_t)(length >> 8);
	plain[LENGTH_AT + 1] = (uint8_t)length;
	/* A hello or a description may say that there is LLS, or a trailer, and there is none. */
	plain[18] &= (uint8_t) ~((OSPF_V3_L | OSPF_V3_AT) >> 8);
	plain[22] &= (uint8_t) ~((OSPF_V3_L | OSPF_V3_AT) >> 8);
	p.auth = k->type;
	p.key = 7;
	p.extended = extended;
	p.sequence = 42;
	n = ospf_seal(v, k, &p, sealed);
	if (n == 0) {
		assert(ospf_secret_max(v, (enum auth_type)k->type) == 0 ||
		       (k->type == AUTH_MD5 && extended));
		return;
	}
	again = packet_of(v, sealed, n);
	ospf_open(v, k, &again);
	assert(!again.refused && again.length == length);
	assert(k->type < AUTH_MD5 || again.sequence == 42);
	sealed[change % n] ^= by;
	again = packet_of(v, sealed, n);
	ospf_open(v, k, &again);
	assert(by == 0 || again.refused || k->type < AUTH_MD5);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct keyring k = { .n = 1, .secrets = { { .id = 7, .length = 4, .bytes = "fuzz" } } };
	enum ospf_version v;

	if (length < 4)
		return 0;
	v = bytes[0] & 1 ? OSPF_V3 : OSPF_V2;
	k.type = bytes[1] % AUTH_COUNT;
	open_any(v, &k, bytes + 2, length - 2);
	seal_and_change(v, &k, v == OSPF_V2 && bytes[0] & 2, bytes + 2, length - 2);
	return 0;
}
