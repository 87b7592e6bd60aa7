/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rip/packet.h"

#include <assert.h>
#include <string.h>

#include "wire/reader.h"
#include "wire/writer.h"

#define RIP_HEADER_BYTES 4
#define RIP_ENTRY_BYTES 20

#define ZERO_BITS 80 /* with which addresses begin that stand for ones of IPv4 */

#define RIP_ENTRIES 25 /* RFC 2453 3.6 */
#define RIP_BYTES (RIP_HEADER_BYTES + RIP_ENTRIES * RIP_ENTRY_BYTES)

/* RFC 2080 2.1 with the MTU that every IPv6 link has, 1280 (RFC 8200 5), so none must be known. */
#define RIPNG_ENTRIES_SENT ((1280 - 40 - 8 - RIP_HEADER_BYTES) / RIP_ENTRY_BYTES)

static const char *const rip_drop_names[] = {
#define RIP_DROP_TEXT(name, text) text,
	RIP_DROPS(RIP_DROP_TEXT)
#undef RIP_DROP_TEXT
};

const char *rip_drop_name(enum rip_drop reason)
{
	return reason < RIP_DROP_COUNT ? rip_drop_names[reason] : "-";
}

size_t rip_entries_max(enum family family)
{
	return family == FAMILY_IPV6 ? RIPNG_ENTRIES_SENT : RIP_ENTRIES;
}

struct rip_packet rip_packet_make(enum family family, enum rip_command command, uint8_t version)
{
	return (struct rip_packet){
		.family = (uint8_t)family,
		.command = (uint8_t)command,
		.version = version,
	};
}

static struct address address_decode(struct reader *r, enum family family)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };

	reader_copy(r, bytes, family_bytes(family));
	return address_make(family, bytes);
}

static struct rip_entry entry_decode(struct reader *r)
{
	struct rip_entry e = { 0 };

	e.family = reader_u16(r);
	e.tag = reader_u16(r);
	e.address = address_decode(r, FAMILY_IPV4);
	e.mask = reader_u32(r);
	e.next_hop = address_decode(r, FAMILY_IPV4);
	e.metric = reader_u32(r);
	return e;
}

/* RFC 2080 2.1: prefix, route tag, prefix length, metric. */
static struct rip_entry entry_decode_ng(struct reader *r)
{
	struct rip_entry e = { 0 };

	e.address = address_decode(r, FAMILY_IPV6);
	e.tag = reader_u16(r);
	e.length = reader_u8(r);
	e.metric = reader_u8(r);
	return e;
}

static bool version_exists(const struct rip_packet *p)
{
	return p->version == 1 || (p->version == 2 && p->family == FAMILY_IPV4);
}

/*
 * RFC 2453 4.1: without a key of our own, authenticated packets are discarded. They are longer than
 * others, and by the trailer their length may be any (RFC 4822 2.5): this is looked at before it.
 */
static bool is_authenticated(enum family family, const uint8_t *bytes, size_t length)
{
	uint8_t version;
	struct reader r;

	reader_init(&r, bytes, length < RIP_PACKET_MAX ? length : RIP_PACKET_MAX);
	reader_u8(&r);
	version = reader_u8(&r);
	reader_u16(&r);
	return reader_u16(&r) == RIP_AFI_AUTHENTICATION && version >= 2 && reader_ok(&r) &&
	       family == FAMILY_IPV4;
}

/* What is wrong with RIP packets as a whole, and cannot be with those of RIPng. */
static enum rip_drop entries_check(const struct rip_packet *p, uint16_t zero)
{
	/*
	 * RFC 1058 3.4: a version 1 packet with anything in the fields that must be zero is
	 * ignored.
	 */
	for (size_t i = 0; p->version == 1 && i < p->n_entries; i++) {
		const struct rip_entry *e = &p->entries[i];

		if (e->tag || e->mask || !address_is_unspecified(&e->next_hop))
			return RIP_DROP_MUST_BE_ZERO;
	}
	if (p->version == 1)
		return zero ? RIP_DROP_MUST_BE_ZERO : RIP_DROP_NOTHING;
	/* RFC 2453 4.1: the first, and only the first, entry may be one. */
	for (size_t i = 1; i < p->n_entries; i++)
		if (p->entries[i].family == RIP_AFI_AUTHENTICATION)
			return RIP_DROP_AUTH_MISPLACED;
	return RIP_DROP_NOTHING;
}

size_t rip_piece_next(struct rip_pieces *p, uint8_t *ret)
{
	bool whole = p->length <= RIP_PACKET_MAX ||
		     (p->length - RIP_HEADER_BYTES) % RIP_ENTRY_BYTES != 0;
	struct writer w;

	if (whole) {
		p->at = p->length;
		memcpy(ret, p->bytes, p->length < RIP_PACKET_MAX ? p->length : RIP_PACKET_MAX);
		return p->length;
	}
	writer_init(&w, ret, RIP_PACKET_MAX);
	writer_bytes(&w, p->bytes, RIP_HEADER_BYTES);
	if (p->at == 0)
		p->at = RIP_HEADER_BYTES;
	else if (p->next_hop)
		writer_bytes(&w, p->next_hop, RIP_ENTRY_BYTES);
	while (p->at < p->length && writer_left(&w) >= RIP_ENTRY_BYTES) {
		const uint8_t *entry = p->bytes + p->at;

		if (entry[RIP_ENTRY_BYTES - 1] == RIPNG_METRIC_NEXT_HOP)
			p->next_hop = entry;
		writer_bytes(&w, entry, RIP_ENTRY_BYTES);
		p->at += RIP_ENTRY_BYTES;
	}
	return RIP_PACKET_MAX - writer_left(&w);
}

enum rip_drop rip_packet_decode(enum family family, const uint8_t *bytes, size_t length,
				struct rip_packet *ret)
{
	struct rip_packet p = { .family = (uint8_t)family };
	enum rip_drop drop = RIP_DROP_NOTHING;
	uint16_t zero;
	struct reader r;

	if (is_authenticated(family, bytes, length))
		return RIP_DROP_AUTHENTICATION;
	if (length > RIP_BYTES && family == FAMILY_IPV4)
		return RIP_DROP_OVERSIZED;
	if (length >= RIP_HEADER_BYTES && (length - RIP_HEADER_BYTES) % RIP_ENTRY_BYTES != 0)
		return RIP_DROP_LENGTH;
	reader_init(&r, bytes, length < RIP_PACKET_MAX ? length : RIP_PACKET_MAX);
	p.command = reader_u8(&r);
	p.version = reader_u8(&r);
	zero = reader_u16(&r);
	if (!reader_ok(&r))
		return RIP_DROP_LENGTH;
	if (!version_exists(&p))
		return RIP_DROP_VERSION;
	if (p.command != RIP_REQUEST && p.command != RIP_RESPONSE)
		return RIP_DROP_COMMAND;
	while (reader_left(&r) > 0)
		p.entries[p.n_entries++] =
			family == FAMILY_IPV6 ? entry_decode_ng(&r) : entry_decode(&r);
	/*
	 * RFC 2080 2.1 says "must be zero", and not what follows when it is not. It is not looked
	 * at, as RFC 1058 3.4 has it of all versions of RIP but the first: what a later revision
	 * puts there must not cost a route.
	 */
	if (family == FAMILY_IPV4)
		drop = entries_check(&p, zero);
	if (drop == RIP_DROP_NOTHING)
		*ret = p;
	return drop;
}

static void entry_encode(struct writer *w, const struct rip_entry *e)
{
	writer_u16(w, e->family);
	writer_u16(w, e->tag);
	writer_bytes(w, e->address.bytes, family_bytes(FAMILY_IPV4));
	writer_u32(w, e->mask);
	writer_bytes(w, e->next_hop.bytes, family_bytes(FAMILY_IPV4));
	writer_u32(w, e->metric);
}

static void entry_encode_ng(struct writer *w, const struct rip_entry *e)
{
	writer_bytes(w, e->address.bytes, family_bytes(FAMILY_IPV6));
	writer_u16(w, e->tag);
	writer_u8(w, e->length);
	writer_u8(w, (uint8_t)e->metric);
}

size_t rip_packet_encode(const struct rip_packet *p, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, RIP_PACKET_MAX);
	writer_u8(&w, p->command);
	writer_u8(&w, p->version);
	writer_u16(&w, 0);
	for (size_t i = 0; i < p->n_entries; i++) {
		if (p->family == FAMILY_IPV6)
			entry_encode_ng(&w, &p->entries[i]);
		else
			entry_encode(&w, &p->entries[i]);
	}
	assert(writer_ok(&w));
	return w.length;
}

/* RFC 1058 3.2: the length of a network that came without a mask. */
static uint8_t prefix_length_by_class(const struct address *a, const struct prefix *network)
{
	uint8_t class_length = prefix_ipv4_class_length(a);
	struct prefix class_net = prefix_make(a, class_length);
	uint8_t length = class_length;
	struct prefix p;

	if (address_is_unspecified(a))
		return 0;
	/*
	 * Inside the interface's own class network the interface's mask is the one that is in use.
	 */
	if (prefix_covers(&class_net, network))
		length = network->length;
	p = prefix_make(a, length);
	return address_equal(&p.address, a) ? length : 32;
}

static enum rip_drop entry_prefix_ng(const struct rip_entry *e, struct prefix *ret)
{
	static const uint8_t zeros[ZERO_BITS / 8];
	struct prefix p;

	/*
	 * RFC 2080 2.4.2: a route leads to neither a group nor an address of one link. Nor to IPv4
	 * in the clothes of IPv6 (RFC 4291 2.5.5), with which all that lies in ::/80 begins.
	 */
	if (address_is_loopback(&e->address) || address_is_multicast(&e->address) ||
	    address_is_link_local(&e->address) ||
	    (e->length >= ZERO_BITS && memcmp(e->address.bytes, zeros, ZERO_BITS / 8) == 0))
		return RIP_DROP_ADDRESS;
	if (e->length > family_bits(FAMILY_IPV6))
		return RIP_DROP_MASK;
	p = prefix_make(&e->address, e->length);
	if (!address_equal(&p.address, &e->address))
		return RIP_DROP_MASK;
	*ret = p;
	return RIP_DROP_NOTHING;
}

static enum rip_drop entry_prefix(const struct rip_packet *packet, const struct rip_entry *e,
				  const struct prefix *network, struct prefix *ret)
{
	const struct address *a = &e->address;
	bool is_default = address_is_unspecified(a);
	struct prefix p;
	int length;

	if (e->family != RIP_AFI_IPV4)
		return RIP_DROP_FAMILY;
	/*
	 * RFC 2453 3.9.2: the address must be one that a route can lead to. Half of all addresses,
	 * 0.0.0.0/1, is one; net 0 itself is none, nor one that no router forwards to (RFC 3927 7).
	 */
	if (address_is_loopback(a) || address_is_link_local(a) || a->bytes[0] >= 224 ||
	    (a->bytes[0] == 0 && !is_default) ||
	    (is_default && packet->version > 1 && prefix_ipv4_mask_length(e->mask) >= 8))
		return RIP_DROP_ADDRESS;
	if (packet->version == 1 || (e->mask == 0 && !is_default)) {
		*ret = prefix_make(a, prefix_length_by_class(a, network));
		return RIP_DROP_NOTHING;
	}
	length = prefix_ipv4_mask_length(e->mask);
	if (length < 0)
		return RIP_DROP_MASK;
	p = prefix_make(a, (uint8_t)length);
	if (!address_equal(&p.address, a))
		return RIP_DROP_MASK;
	*ret = p;
	return RIP_DROP_NOTHING;
}

bool rip_entry_is_next_hop(const struct rip_packet *p, const struct rip_entry *e)
{
	return p->family == FAMILY_IPV6 && e->metric == RIPNG_METRIC_NEXT_HOP;
}

enum rip_drop rip_entry_prefix(const struct rip_packet *p, const struct rip_entry *e,
			       const struct prefix *network, struct prefix *ret)
{
	struct prefix prefix;
	enum rip_drop drop = p->family == FAMILY_IPV6 ? entry_prefix_ng(e, &prefix)
						      : entry_prefix(p, e, network, &prefix);

	if (drop != RIP_DROP_NOTHING)
		return drop;
	if (e->metric < 1 || e->metric > RIP_INFINITY)
		return RIP_DROP_METRIC;
	*ret = prefix;
	return RIP_DROP_NOTHING;
}

bool rip_prefix_fits_version_1(const struct prefix *p, const struct prefix *network)
{
	return prefix_length_by_class(&p->address, network) == p->length;
}

void rip_packet_add(struct rip_packet *p, const struct prefix *prefix, uint16_t tag, uint8_t metric)
{
	struct rip_entry *e = &p->entries[p->n_entries];

	assert(p->n_entries < RIP_ENTRIES_MAX && prefix->address.family == p->family);
	*e = (struct rip_entry){ .address = prefix->address, .metric = metric };
	if (p->family == FAMILY_IPV6) {
		e->tag = tag;
		e->length = prefix->length;
	} else {
		e->family = RIP_AFI_IPV4;
		e->tag = p->version >= 2 ? tag : 0;
		e->mask = p->version >= 2 ? prefix_ipv4_mask(prefix->length) : 0;
		e->next_hop = address_ipv4(0);
	}
	p->n_entries++;
}

struct rip_packet rip_packet_request_all(enum family family, uint8_t version)
{
	static const uint8_t none[ADDRESS_BYTES_MAX];
	struct rip_packet p = rip_packet_make(family, RIP_REQUEST, version);

	p.entries[p.n_entries++] = (struct rip_entry){
		.address = address_make(family, none),
		.next_hop = address_make(family, none),
		.metric = RIP_INFINITY,
	};
	return p;
}

bool rip_packet_requests_all(const struct rip_packet *p)
{
	const struct rip_entry *e = &p->entries[0];

	if (p->command != RIP_REQUEST || p->n_entries != 1 || e->metric != RIP_INFINITY)
		return false;
	if (p->family == FAMILY_IPV6)
		return e->length == 0 && address_is_unspecified(&e->address);
	return e->family == RIP_AFI_NONE;
}
