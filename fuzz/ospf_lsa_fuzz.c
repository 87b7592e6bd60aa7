/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an LSA, of the version that the first byte chooses. One that is well formed is
 * written again of what was read, and that is well formed, and written again it is the same. One
 * that is not is walked all the same.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/ospf/again.h"

#define AGAIN_BYTES (2 * LSA_BYTES_MAX)

/* Reads of the bytes whatever can be read, of every kind. */
static void walk_all(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct lsa_capabilities capabilities;
	struct lsa_destination destination;
	struct lsa_prefixes prefixes;
	struct lsa_router router;
	struct lsa_prefix prefix;
	struct lsa_grace grace;
	uint32_t options, attached;
	struct prefix network;
	struct lsa_link link;
	struct lsa_walk w;

	w = lsa_router_walk(v, bytes, length, &router);
	while (lsa_link_next(&w, &link))
		assert(link.type >= LSA_LINK_POINT_TO_POINT && link.type <= LSA_LINK_VIRTUAL);
	w = lsa_network_walk(v, bytes, length, &network, &options);
	while (lsa_attached_next(&w, &attached))
		;
	w = lsa_prefixes_walk(v, bytes, length, &prefixes);
	lsa_walk_family(&w, FAMILY_IPV4);
	while (lsa_prefix_next(&w, &prefix))
		assert(prefix.prefix.length <= family_bits(FAMILY_IPV4));
	if (lsa_destination_read(v, bytes, length, &destination))
		(void)lsa_destination_family(&destination, FAMILY_IPV4);
	(void)lsa_grace_read(v, bytes, length, &grace);
	(void)lsa_capabilities_read(v, bytes, length, &capabilities);
	(void)lsa_checksum_is_good(bytes, length);
}

static void again_and_again(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	static uint8_t once[AGAIN_BYTES], twice[AGAIN_BYTES];
	struct writer w, w2;

	writer_init(&w, once, sizeof(once));
	if (!lsa_again(v, bytes, length, &w))
		return;
	assert(writer_ok(&w));
	assert(lsa_check(v, once, w.length) == LSA_GOOD && lsa_checksum_is_good(once, w.length));
	writer_init(&w2, twice, sizeof(twice));
	assert(lsa_again(v, once, w.length, &w2) && w2.length == w.length);
	assert(memcmp(once, twice, w.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static uint8_t lsa[LSA_BYTES_MAX];
	enum ospf_version v;

	if (length < 1)
		return 0;
	v = bytes[0] & 1 ? OSPF_V3 : OSPF_V2;
	bytes++;
	length--;
	walk_all(v, bytes, length);
	if (lsa_check(v, bytes, length) == LSA_GOOD)
		again_and_again(v, bytes, length);
	/* The same with the length that it has, so that few are refused for that alone. */
	if (length < LSA_HEADER_BYTES || length > sizeof(lsa))
		return 0;
	memcpy(lsa, bytes, length);
	lsa[18] = (uint8_t)(length >> 8);
	lsa[19] = (uint8_t)length;
	if (lsa_check(v, lsa, length) == LSA_GOOD)
		again_and_again(v, lsa, length);
	return 0;
}
