/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a sealed packet, for a keyring that the first byte chooses. What is opened was
 * sealed with our key: so with a digest nothing is, unless the second byte asks that the rest be
 * sealed first and then changed, and then it must be as it was.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/rip/packet.h"
#include "proto/rip/seal.h"

static void check_opened(const struct packet *d, uint8_t type)
{
	struct rip_packet p;

	assert(d->auth == type);
	if (d->refused) {
		assert(d->length == 0 && d->reason < RIP_DROP_COUNT);
		return;
	}
	assert(type == AUTH_NONE || d->length <= RIP_PACKET_MAX);
	(void)rip_packet_decode(FAMILY_IPV4, d->bytes, d->length, &p);
}

static void seal_and_change(const struct keyring *k, const uint8_t *bytes, size_t length)
{
	struct packet d = { .auth = k->type, .key = 7, .sequence = 42 }, again = { 0 };
	uint8_t sealed[RIP_SEALED_MAX];
	size_t n;

	if (length < 6)
		return;
	d.length = (uint16_t)(length - 2 < RIP_PACKET_MAX - 20 ? length - 2 : RIP_PACKET_MAX - 20);
	memcpy(d.bytes, bytes + 2, d.length);
	d.bytes[1] = 2;
	n = rip_seal(k, &d, sealed);
	assert(n > 0);
	rip_open(k, sealed, n, &again);
	assert(!again.refused && again.length == d.length);
	assert(memcmp(again.bytes, d.bytes, d.length) == 0);
	sealed[bytes[0] % n] ^= bytes[1];
	rip_open(k, sealed, n, &again);
	assert(bytes[1] == 0 || again.refused || k->type < AUTH_MD5);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct keyring k = { .n = 1, .secrets = { { .id = 7, .length = 4, .bytes = "fuzz" } } };
	struct packet d = { 0 };

	if (length < 1)
		return 0;
	k.type = bytes[0] % AUTH_COUNT;
	rip_open(&k, bytes + 1, length - 1, &d);
	check_opened(&d, k.type);
	seal_and_change(&k, bytes + 1, length - 1);
	return 0;
}
