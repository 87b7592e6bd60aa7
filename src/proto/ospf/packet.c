/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/packet.h"

#define V2_HEADER_BYTES 24
#define V3_HEADER_BYTES 16
#define LENGTH_AT 2

size_t ospf_header_bytes(enum ospf_version v)
{
	return v == OSPF_V2 ? V2_HEADER_BYTES : V3_HEADER_BYTES;
}

enum packet_fault ospf_header_read(enum ospf_version v, const uint8_t *bytes, size_t length,
				   struct ospf_header *ret, struct reader *ret_body)
{
	struct ospf_header h = { 0 };
	struct reader r;

	reader_init(&r, bytes, length);
	h.version = reader_u8(&r);
	h.type = reader_u8(&r);
	h.length = reader_u16(&r);
	h.router = reader_u32(&r);
	h.area = reader_u32(&r);
	reader_u16(&r); /* the checksum */
	if (v == OSPF_V3)
		h.instance = reader_u8(&r);
	if (length > 0 && h.version != v)
		return PACKET_FAULT_VERSION;
	if (length < ospf_header_bytes(v) || h.length < ospf_header_bytes(v) || h.length > length)
		return PACKET_FAULT_LENGTH;
	if (h.type < OSPF_HELLO || h.type >= OSPF_PACKET_TYPES)
		return PACKET_FAULT_TYPE;
	reader_init(ret_body, bytes + ospf_header_bytes(v), h.length - ospf_header_bytes(v));
	*ret = h;
	return PACKET_GOOD;
}

/* The rest of the body is a list of elements that are `size` bytes each. */
static bool list_read(struct reader *body, size_t size, struct reader *ret)
{
	*ret = *body;
	return reader_ok(body) && reader_left(body) % size == 0;
}

bool ospf_hello_read(enum ospf_version v, struct reader body, struct ospf_hello *ret)
{
	struct ospf_hello h = { 0 };

	if (v == OSPF_V2) {
		int length = prefix_ipv4_mask_length(reader_u32(&body));

		h.mask_holes = length < 0;
		h.mask_length = length < 0 ? 0 : (uint8_t)length;
		h.interval = reader_u16(&body);
		h.options = reader_u8(&body);
		h.priority = reader_u8(&body);
		h.dead = reader_u32(&body);
	} else {
		h.interface_id = reader_u32(&body);
		h.priority = reader_u8(&body);
		h.options = reader_u24(&body);
		h.interval = reader_u16(&body);
		h.dead = reader_u16(&body);
	}
	h.dr = reader_u32(&body);
	h.bdr = reader_u32(&body);
	if (!list_read(&body, 4, &h.neighbors))
		return false;
	*ret = h;
	return true;
}

bool ospf_neighbor_next(struct reader *neighbors, uint32_t *ret_router)
{
	if (!reader_ok(neighbors) || reader_left(neighbors) == 0)
		return false;
	*ret_router = reader_u32(neighbors);
	return reader_ok(neighbors);
}

bool ospf_description_read(enum ospf_version v, struct reader body, struct ospf_description *ret)
{
	struct ospf_description d = { 0 };

	if (v == OSPF_V2) {
		d.mtu = reader_u16(&body);
		d.options = reader_u8(&body);
	} else {
		reader_u8(&body);
		d.options = reader_u24(&body);
		d.mtu = reader_u16(&body);
		reader_u8(&body);
	}
	d.flags = reader_u8(&body);
	d.sequence = reader_u32(&body);
	if (!list_read(&body, LSA_HEADER_BYTES, &d.headers))
		return false;
	*ret = d;
	return true;
}

bool ospf_lsa_header_next(enum ospf_version v, struct reader *headers, struct lsa_header *ret)
{
	struct lsa_header h;

	if (!reader_ok(headers) || reader_left(headers) == 0)
		return false;
	h = lsa_header_read(v, headers);
	if (!reader_ok(headers))
		return false;
	*ret = h;
	return true;
}

bool ospf_request_next(enum ospf_version v, struct reader *body, struct lsa_key *ret)
{
	struct lsa_key k = { 0 };
	uint32_t type;

	if (!reader_ok(body) || reader_left(body) == 0)
		return false;
	/* In v3 the upper half means nothing; in v2 a number that is too large is no type. */
	type = reader_u32(body);
	k.type = v == OSPF_V2 && type > UINT16_MAX ? UINT16_MAX : (uint16_t)type;
	k.id = reader_u32(body);
	k.router = reader_u32(body);
	if (!reader_ok(body))
		return false;
	*ret = k;
	return true;
}

uint32_t ospf_update_read(struct reader *body)
{
	return reader_u32(body);
}

bool ospf_update_next(enum ospf_version v, struct reader *body, struct lsa_header *ret,
		      const uint8_t **ret_bytes)
{
	struct reader at = *body;
	struct lsa_header h;
	const uint8_t *bytes;

	if (!reader_ok(body) || reader_left(body) == 0)
		return false;
	h = lsa_header_read(v, &at);
	if (!reader_ok(&at) || h.length < LSA_HEADER_BYTES) {
		body->failed = true;
		return false;
	}
	bytes = reader_take(body, h.length);
	if (!bytes)
		return false;
	*ret = h;
	*ret_bytes = bytes;
	return true;
}

void ospf_begin(enum ospf_version v, struct writer *w, const struct ospf_header *h)
{
	writer_u8(w, (uint8_t)v);
	writer_u8(w, h->type);
	writer_u16(w, 0);
	writer_u32(w, h->router);
	writer_u32(w, h->area);
	writer_u16(w, 0);
	if (v == OSPF_V2) {
		writer_u16(w, 0);
		writer_u64(w, 0);
	} else {
		writer_u8(w, h->instance);
		writer_u8(w, 0);
	}
}

void ospf_write_hello(enum ospf_version v, struct writer *w, const struct ospf_hello *h)
{
	if (v == OSPF_V2) {
		writer_u32(w, prefix_ipv4_mask(h->mask_length));
		writer_u16(w, h->interval);
		writer_u8(w, (uint8_t)h->options);
		writer_u8(w, h->priority);
		writer_u32(w, h->dead);
	} else {
		writer_u32(w, h->interface_id);
		writer_u8(w, h->priority);
		writer_u24(w, h->options);
		writer_u16(w, h->interval);
		writer_u16(w, h->dead < UINT16_MAX ? (uint16_t)h->dead : UINT16_MAX);
	}
	writer_u32(w, h->dr);
	writer_u32(w, h->bdr);
}

void ospf_write_neighbor(struct writer *w, uint32_t router)
{
	writer_u32(w, router);
}

void ospf_write_description(enum ospf_version v, struct writer *w, const struct ospf_description *d)
{
	if (v == OSPF_V2) {
		writer_u16(w, d->mtu);
		writer_u8(w, (uint8_t)d->options);
	} else {
		writer_u8(w, 0);
		writer_u24(w, d->options);
		writer_u16(w, d->mtu);
		writer_u8(w, 0);
	}
	writer_u8(w, d->flags);
	writer_u32(w, d->sequence);
}

void ospf_write_request(enum ospf_version v, struct writer *w, const struct lsa_key *k)
{
	(void)v; /* the type stands in the lower half in both */
	writer_u32(w, k->type);
	writer_u32(w, k->id);
	writer_u32(w, k->router);
}

void ospf_write_update(struct writer *w)
{
	writer_u32(w, 0);
}

void ospf_update_count(enum ospf_version v, struct writer *w, uint32_t count)
{
	size_t at = ospf_header_bytes(v);

	if (!writer_ok(w))
		return;
	writer_patch_u16(w, at, (uint16_t)(count >> 16));
	writer_patch_u16(w, at + 2, (uint16_t)count);
}

void ospf_finish(struct writer *w)
{
	if (writer_ok(w))
		writer_patch_u16(w, LENGTH_AT, (uint16_t)w->length);
}
