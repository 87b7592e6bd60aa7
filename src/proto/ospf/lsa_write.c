/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of LSAs, written. */
#include "proto/ospf/lsa.h"

#include <assert.h>

#include "proto/ospf/lsa_wire.h"

/* Where the counts stand: of the links in v2's router-LSA, and of prefixes; the lower 16 bits. */
#define LINKS_AT (LSA_HEADER_BYTES + 2)
#define LINK_PREFIXES_AT (LSA_HEADER_BYTES + 22)
#define INTRA_PREFIXES_AT LSA_HEADER_BYTES

#define V2_LINK_BYTES 12
#define V3_LINK_BYTES 16
#define PREFIX_HEAD_BYTES 4

size_t lsa_link_bytes(enum ospf_version v)
{
	return v == OSPF_V2 ? V2_LINK_BYTES : V3_LINK_BYTES;
}

size_t lsa_prefix_bytes(const struct prefix *p)
{
	return PREFIX_HEAD_BYTES + lsa_words_bytes(p->length);
}

size_t lsa_begin(enum ospf_version v, struct writer *w, const struct lsa_header *h)
{
	size_t start = w->length;

	lsa_header_write(v, w, h);
	return start;
}

/* Adds one to a count of 16 bits. */
static void count_up(struct writer *w, size_t at)
{
	if (writer_ok(w))
		writer_patch_u16(w, at, (uint16_t)((w->start[at] << 8 | w->start[at + 1]) + 1));
}

void lsa_write_router(enum ospf_version v, struct writer *w, const struct lsa_router *router)
{
	writer_u8(w, router->flags);
	if (v == OSPF_V2)
		writer_u24(w, 0);
	else
		writer_u24(w, router->options);
}

static void link_write_v2(struct writer *w, const struct lsa_link *l)
{
	switch (l->type) {
	case LSA_LINK_STUB:
		writer_u32(w, address_ipv4_number(&l->prefix.address));
		writer_u32(w, prefix_ipv4_mask(l->prefix.length));
		break;
	case LSA_LINK_TRANSIT:
		writer_u32(w, l->neighbor_interface);
		writer_u32(w, l->own);
		break;
	default:
		writer_u32(w, l->neighbor);
		writer_u32(w, l->own);
		break;
	}
	writer_u8(w, l->type);
	writer_u8(w, 0); /* no other types of service */
	writer_u16(w, l->metric);
}

void lsa_write_link(enum ospf_version v, struct writer *w, size_t start, const struct lsa_link *l)
{
	if (v == OSPF_V2) {
		link_write_v2(w, l);
		count_up(w, start + LINKS_AT);
		return;
	}
	writer_u8(w, l->type);
	writer_u8(w, 0);
	writer_u16(w, l->metric);
	writer_u32(w, l->own);
	writer_u32(w, l->neighbor_interface);
	writer_u32(w, l->neighbor);
}

void lsa_write_network(enum ospf_version v, struct writer *w, const struct prefix *network,
		       uint32_t options)
{
	writer_u32(w, v == OSPF_V2 ? prefix_ipv4_mask(network->length) : options & 0xffffff);
}

void lsa_write_attached(struct writer *w, uint32_t router)
{
	writer_u32(w, router);
}

static void destination_write_v2(struct writer *w, enum lsa_kind kind,
				 const struct lsa_destination *d)
{
	bool external = kind == LSA_EXTERNAL || kind == LSA_NSSA;

	writer_u32(w, kind == LSA_INTER_ROUTER ? 0 : prefix_ipv4_mask(d->prefix.length));
	writer_u8(w, external && d->type_2 ? LSA_V2_EXTERNAL_E : 0);
	writer_u24(w, d->metric);
	if (!external)
		return;
	writer_u32(w, address_is_set(&d->forward) ? address_ipv4_number(&d->forward) : 0);
	writer_u32(w, d->tag);
}

static void prefix_words_write(struct writer *w, const struct prefix *p)
{
	writer_bytes(w, p->address.bytes, lsa_words_bytes(p->length));
}

/* RFC 5340 A.4.7, A.4.8 */
static void external_write_v3(struct writer *w, const struct lsa_destination *d)
{
	bool forwards = address_is_set(&d->forward);

	writer_u8(w, (uint8_t)((d->type_2 ? LSA_V3_EXTERNAL_E : 0) |
			       (forwards ? LSA_V3_EXTERNAL_F : 0) |
			       (d->tag != 0 ? LSA_V3_EXTERNAL_T : 0)));
	writer_u24(w, d->metric);
	writer_u8(w, d->prefix.length);
	writer_u8(w, d->prefix_options);
	writer_u16(w, d->reference_type);
	prefix_words_write(w, &d->prefix);
	if (forwards)
		writer_bytes(w, d->forward.bytes, ADDRESS_BYTES_MAX);
	if (d->tag != 0)
		writer_u32(w, d->tag);
	if (d->reference_type != 0)
		writer_u32(w, d->reference_id);
}

void lsa_write_destination(enum ospf_version v, struct writer *w, uint16_t type,
			   const struct lsa_destination *d)
{
	enum lsa_kind kind = lsa_kind(v, &(struct lsa_key){ .type = type });

	if (v == OSPF_V2) {
		destination_write_v2(w, kind, d);
	} else if (kind == LSA_INTER_ROUTER) {
		writer_u32(w, d->options & 0xffffff);
		writer_u32(w, d->metric & 0xffffff);
		writer_u32(w, d->router);
	} else if (kind == LSA_INTER_PREFIX) {
		writer_u32(w, d->metric & 0xffffff);
		writer_u8(w, d->prefix.length);
		writer_u8(w, d->prefix_options);
		writer_u16(w, 0);
		prefix_words_write(w, &d->prefix);
	} else {
		external_write_v3(w, d);
	}
}

void lsa_write_prefixes(struct writer *w, uint16_t type, const struct lsa_prefixes *p)
{
	if (type == LSA_V3_LINK) {
		writer_u8(w, p->priority);
		writer_u24(w, p->options);
		writer_bytes(w, p->link_local.bytes, ADDRESS_BYTES_MAX);
		writer_u32(w, 0);
		return;
	}
	writer_u16(w, 0);
	writer_u16(w, p->reference.type);
	writer_u32(w, p->reference.id);
	writer_u32(w, p->reference.router);
}

void lsa_write_prefix(struct writer *w, size_t start, const struct lsa_prefix *p)
{
	bool of_link =
		writer_ok(w) && (w->start[start + 2] << 8 | w->start[start + 3]) == LSA_V3_LINK;

	writer_u8(w, p->prefix.length);
	writer_u8(w, p->options);
	writer_u16(w, of_link ? 0 : p->metric);
	prefix_words_write(w, &p->prefix);
	count_up(w, start + (of_link ? LINK_PREFIXES_AT : INTRA_PREFIXES_AT));
}

/* Type and length; a value of four bytes or fewer, filled up. */
static void tlv_write(struct writer *w, uint16_t type, uint16_t length, uint32_t value)
{
	assert(length <= sizeof(value));
	writer_u16(w, type);
	writer_u16(w, length);
	writer_u32(w, value << 8 * (sizeof(value) - length));
}

void lsa_write_grace(enum ospf_version v, struct writer *w, const struct lsa_grace *g)
{
	tlv_write(w, LSA_GRACE_PERIOD, 4, g->period_s);
	tlv_write(w, LSA_GRACE_REASON, 1, g->reason);
	if (v == OSPF_V2 && address_is_set(&g->interface))
		tlv_write(w, LSA_GRACE_ADDRESS, 4, address_ipv4_number(&g->interface));
}

void lsa_write_capabilities(struct writer *w, const struct lsa_capabilities *c)
{
	tlv_write(w, LSA_INFO_INFORMATIONAL, 4, c->informational);
	if (c->functional != 0)
		tlv_write(w, LSA_INFO_FUNCTIONAL, 4, c->functional);
}
