/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a RIP packet. What is taken encodes to the bytes that it came from; what an entry
 * means is a prefix without host bits; and what we would write for that prefix is read as the same
 * one.
 */
#include <string.h>

#include "fuzz.h"
#include "proto/rip/packet.h"

static void check_prefix(const struct prefix *p)
{
	struct prefix again;

	assert(p->length <= family_bits((enum family)p->address.family));
	again = prefix_make(&p->address, p->length);
	assert(prefix_equal(p, &again));
}

/* What we announce on a network with this version is read there as what was meant. */
static void check_announcement(const struct prefix *prefix, uint8_t version,
			       const struct prefix *network)
{
	enum family family = (enum family)prefix->address.family;
	struct rip_packet p = rip_packet_make(family, RIP_RESPONSE, version);
	struct prefix again;

	if (family == FAMILY_IPV4 && version == 1 && !rip_prefix_fits_version_1(prefix, network))
		return;
	rip_packet_add(&p, prefix, 7, 3);
	assert(rip_entry_prefix(&p, &p.entries[0], network, &again) == RIP_DROP_NOTHING);
	assert(prefix_equal(prefix, &again));
}

static void check_entry(const struct rip_packet *p, const struct rip_entry *e)
{
	static const struct {
		uint32_t address;
		uint8_t length;
	} networks[] = { { 0x0a010000, 24 },
			 { 0x0a000000, 8 },
			 { 0xc0a80100, 28 },
			 { 0xac100000, 12 },
			 { 0, 0 } };

	for (size_t k = 0; k < sizeof(networks) / sizeof(networks[0]); k++) {
		struct address a = address_ipv4(networks[k].address);
		struct prefix network = prefix_make(&a, networks[k].length), prefix;

		if (rip_entry_prefix(p, e, &network, &prefix) != RIP_DROP_NOTHING)
			continue;
		assert(e->metric >= 1 && e->metric <= RIP_INFINITY);
		assert(!rip_entry_is_next_hop(p, e) && prefix.address.family == p->family);
		check_prefix(&prefix);
		check_announcement(&prefix, p->version, &network);
	}
}

static void check_packet(enum family family, const uint8_t *bytes, size_t length)
{
	uint8_t again[RIP_PACKET_MAX];
	struct rip_packet p;

	if (rip_packet_decode(family, bytes, length, &p) != RIP_DROP_NOTHING)
		return;
	assert(p.family == family && p.n_entries <= RIP_ENTRIES_MAX);
	/* Of a longer one the beginning is read. */
	length = length < RIP_PACKET_MAX ? length : RIP_PACKET_MAX;
	assert(rip_packet_encode(&p, again) == length);
	/* The two bytes that must be zero are not kept. */
	assert(memcmp(again, bytes, 2) == 0 && again[2] == 0 && again[3] == 0);
	assert(length <= 4 || memcmp(again + 4, bytes + 4, length - 4) == 0);
	for (size_t k = 0; k < p.n_entries; k++)
		check_entry(&p, &p.entries[k]);
	(void)rip_packet_requests_all(&p);
}

/* Whatever the bytes are, their pieces end, and each is a packet when the whole is one. */
static void check_pieces(const uint8_t *bytes, size_t length)
{
	struct rip_pieces pieces = { .bytes = bytes, .length = length };
	struct rip_packet p;
	bool good = rip_packet_decode(FAMILY_IPV6, bytes, length, &p) == RIP_DROP_NOTHING;

	do {
		uint8_t piece[RIP_PACKET_MAX];
		size_t before = pieces.at, n = rip_piece_next(&pieces, piece);

		assert(pieces.at > before || length == 0);
		assert(good == (rip_packet_decode(FAMILY_IPV6, piece, n, &p) == RIP_DROP_NOTHING));
	} while (pieces.at < pieces.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	check_pieces(bytes, length);
	check_packet(FAMILY_IPV4, bytes, length);
	check_packet(FAMILY_IPV6, bytes, length);
	return 0;
}
