/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rip/packet.h"

#include <assert.h>

#include "wire/reader.h"
#include "wire/writer.h"

#define RIP_HEADER_BYTES 4
#define RIP_ENTRY_BYTES 20

static const char *const rip_drop_names[] = {
#define RIP_DROP_TEXT(name, text) text,
	RIP_DROPS(RIP_DROP_TEXT)
#undef RIP_DROP_TEXT
};

const char *rip_drop_name(enum rip_drop reason)
{
	return reason < RIP_DROP_COUNT ? rip_drop_names[reason] : "-";
}

static struct rip_entry entry_decode(struct reader *r)
{
	struct rip_entry e;

	e.family = reader_u16(r);
	e.tag = reader_u16(r);
	e.address = reader_u32(r);
	e.mask = reader_u32(r);
	e.next_hop = reader_u32(r);
	e.metric = reader_u32(r);
	return e;
}

enum rip_drop rip_packet_decode(const uint8_t *bytes, size_t length, struct rip_packet *ret)
{
	struct rip_packet p = { 0 };
	uint16_t zero, nonzero = 0;
	struct reader r;

	if (length > RIP_PACKET_MAX)
		return RIP_DROP_OVERSIZED;
	reader_init(&r, bytes, length);
	p.command = reader_u8(&r);
	p.version = reader_u8(&r);
	zero = reader_u16(&r);
	if (!reader_ok(&r) || reader_left(&r) % RIP_ENTRY_BYTES != 0)
		return RIP_DROP_LENGTH;
	if (p.version != 1 && p.version != 2)
		return RIP_DROP_VERSION;
	if (p.command != RIP_REQUEST && p.command != RIP_RESPONSE)
		return RIP_DROP_COMMAND;
	while (reader_left(&r) > 0) {
		struct rip_entry e = entry_decode(&r);

		nonzero |= e.tag || e.mask || e.next_hop;
		p.entries[p.n_entries++] = e;
	}
	/*
	 * RFC 1058 3.4: a version 1 packet with anything in the fields that must be zero is
	 * ignored.
	 */
	if (p.version == 1 && (zero || nonzero))
		return RIP_DROP_MUST_BE_ZERO;
	/* RFC 2453 4.1: without a key of our own, authenticated packets are discarded. */
	if (p.version == 2 && p.n_entries > 0 && p.entries[0].family == RIP_AFI_AUTHENTICATION)
		return RIP_DROP_AUTHENTICATION;
	/* The same: the first, and only the first, entry may be one. */
	for (size_t i = 1; p.version == 2 && i < p.n_entries; i++)
		if (p.entries[i].family == RIP_AFI_AUTHENTICATION)
			return RIP_DROP_AUTH_MISPLACED;
	*ret = p;
	return RIP_DROP_NOTHING;
}

size_t rip_packet_encode(const struct rip_packet *p, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, RIP_PACKET_MAX);
	writer_u8(&w, p->command);
	writer_u8(&w, p->version);
	writer_u16(&w, 0);
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct rip_entry *e = &p->entries[i];

		writer_u16(&w, e->family);
		writer_u16(&w, e->tag);
		writer_u32(&w, e->address);
		writer_u32(&w, e->mask);
		writer_u32(&w, e->next_hop);
		writer_u32(&w, e->metric);
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

enum rip_drop rip_entry_prefix(const struct rip_entry *e, uint8_t version,
			       const struct prefix *network, struct prefix *ret)
{
	struct address a = address_ipv4(e->address);
	struct prefix p;
	int length;

	if (e->family != RIP_AFI_IPV4)
		return RIP_DROP_FAMILY;
	/* RFC 2453 3.9.2: the address must be one that a route can lead to. */
	if (address_is_loopback(&a) || a.bytes[0] >= 224 || (a.bytes[0] == 0 && e->address != 0))
		return RIP_DROP_ADDRESS;
	if (e->metric < 1 || e->metric > RIP_INFINITY)
		return RIP_DROP_METRIC;
	if (version == 1 || (e->mask == 0 && e->address != 0)) {
		*ret = prefix_make(&a, prefix_length_by_class(&a, network));
		return RIP_DROP_NOTHING;
	}
	length = prefix_ipv4_mask_length(e->mask);
	if (length < 0)
		return RIP_DROP_MASK;
	p = prefix_make(&a, (uint8_t)length);
	if (!address_equal(&p.address, &a))
		return RIP_DROP_MASK;
	*ret = p;
	return RIP_DROP_NOTHING;
}

bool rip_prefix_fits_version_1(const struct prefix *p, const struct prefix *network)
{
	return prefix_length_by_class(&p->address, network) == p->length;
}

void rip_packet_add(struct rip_packet *p, const struct prefix *prefix, uint16_t tag, uint8_t metric)
{
	struct rip_entry *e = &p->entries[p->n_entries];

	assert(p->n_entries < RIP_ENTRIES_MAX);
	*e = (struct rip_entry){
		.family = RIP_AFI_IPV4,
		.address = address_ipv4_number(&prefix->address),
		.metric = metric,
	};
	if (p->version >= 2) {
		e->tag = tag;
		e->mask = prefix_ipv4_mask(prefix->length);
	}
	p->n_entries++;
}

void rip_packet_request_all(struct rip_packet *p, uint8_t version)
{
	*p = (struct rip_packet){
		.command = RIP_REQUEST,
		.version = version,
		.n_entries = 1,
		.entries = { { .family = RIP_AFI_NONE, .metric = RIP_INFINITY } },
	};
}

bool rip_packet_requests_all(const struct rip_packet *p)
{
	return p->command == RIP_REQUEST && p->n_entries == 1 &&
	       p->entries[0].family == RIP_AFI_NONE && p->entries[0].metric == RIP_INFINITY;
}
