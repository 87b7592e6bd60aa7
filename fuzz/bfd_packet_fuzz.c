/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a BFD packet. What is taken encodes to what is decoded as the same. */
#include <string.h>

#include "fuzz.h"
#include "proto/bfd/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct bfd_params params = { .auth = BFD_AUTH_SHA1,
						  .n_secrets = 1,
						  .secrets = { { .id = 1, .length = 1 } } };
	uint8_t again[BFD_PACKET_MAX];
	struct bfd_packet p, read;
	size_t n;

	if (bfd_packet_decode(bytes, length, &p) != BFD_DROP_NOTHING)
		return 0;
	assert(p.state < BFD_STATE_COUNT && p.multiplier > 0 && p.my_discriminator != 0);
	assert(p.n_secret <= BFD_DIGEST_MAX);
	n = bfd_packet_encode(&p, again);
	assert(n <= length && n == bfd_packet_length(&p));
	assert(bfd_packet_decode(again, n, &read) == BFD_DROP_NOTHING);
	assert(memcmp(&p, &read, sizeof(p)) == 0);
	(void)bfd_auth_check(&params, &p, bytes);
	return 0;
}
