/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an OSPF packet, of the version that the first byte chooses: all that it says is
 * read, and is never more than its bytes can hold.
 */
#include <stdbool.h>

#include "fuzz.h"
#include "proto/ospf/packet.h"

static void read_update(enum ospf_version v, struct reader body, size_t length)
{
	const uint8_t *bytes, *last = body.at;
	struct lsa_header h;
	size_t total = 0;

	(void)ospf_update_read(&body);
	while (ospf_update_next(v, &body, &h, &bytes)) {
		assert(h.length >= LSA_HEADER_BYTES && bytes > last);
		last = bytes;
		total += h.length;
		(void)lsa_check(v, bytes, h.length);
		(void)lsa_checksum_is_good(bytes, h.length);
	}
	assert(total <= length);
}

static void read_headers(enum ospf_version v, struct reader headers, size_t length)
{
	struct lsa_header h;
	size_t n = 0;

	while (ospf_lsa_header_next(v, &headers, &h))
		n++;
	assert(n <= length / LSA_HEADER_BYTES);
}

static void read_hello(enum ospf_version v, struct reader body, size_t length)
{
	struct ospf_hello hello;
	uint32_t router;
	size_t n = 0;

	if (!ospf_hello_read(v, body, &hello))
		return;
	assert(hello.mask_length <= 32 && !(hello.mask_holes && hello.mask_length > 0));
	while (ospf_neighbor_next(&hello.neighbors, &router))
		n++;
	assert(n < length / 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ospf_description d;
	struct ospf_header h;
	struct reader body;
	struct lsa_key key;
	enum ospf_version v;

	if (length < 1)
		return 0;
	v = bytes[0] & 1 ? OSPF_V3 : OSPF_V2;
	if (ospf_header_read(v, bytes + 1, length - 1, &h, &body) != PACKET_GOOD)
		return 0;
	assert(h.length < length && reader_left(&body) == h.length - ospf_header_bytes(v));
	switch (h.type) {
	case OSPF_HELLO:
		read_hello(v, body, h.length);
		break;
	case OSPF_DESCRIPTION:
		if (ospf_description_read(v, body, &d))
			read_headers(v, d.headers, h.length);
		break;
	case OSPF_REQUEST:
		while (ospf_request_next(v, &body, &key))
			(void)lsa_kind(v, &key);
		break;
	case OSPF_UPDATE:
		read_update(v, body, h.length);
		break;
	case OSPF_ACKNOWLEDGMENT:
		read_headers(v, body, h.length);
		break;
	default:
		assert(false);
	}
	return 0;
}
