/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/bfd/packet.h"

#include <assert.h>

#include "wire/reader.h"
#include "wire/writer.h"

enum flag {
	FLAG_POLL = 0x20,
	FLAG_FINAL = 0x10,
	FLAG_INDEPENDENT = 0x08,
	FLAG_AUTH = 0x04,
	FLAG_DEMAND = 0x02,
	FLAG_MULTIPOINT = 0x01,
};

#define AUTH_BYTES_MIN 2  /* type and length */
#define PASSWORD_HEADER 3 /* and the key id */
#define DIGEST_HEADER 8	  /* and a reserved byte and the sequence number */

size_t bfd_auth_digest_bytes(uint8_t type)
{
	switch (type) {
	case BFD_AUTH_MD5:
	case BFD_AUTH_MD5_METICULOUS:
		return 16;
	case BFD_AUTH_SHA1:
	case BFD_AUTH_SHA1_METICULOUS:
		return 20;
	default:
		return 0;
	}
}

/* Whether a section of this length may stand behind that type: RFC 5880 6.7.2 to 6.7.4. */
static bool auth_length_fits(uint8_t type, size_t length)
{
	if (type == BFD_AUTH_PASSWORD)
		return length > PASSWORD_HEADER && length <= PASSWORD_HEADER + BFD_PASSWORD_MAX;
	return length == DIGEST_HEADER + bfd_auth_digest_bytes(type);
}

/* `left` is what the packet's own length leaves for the section. */
static enum bfd_drop decode_auth(struct reader *r, size_t left, struct bfd_packet *p)
{
	uint8_t type = reader_u8(r), length = reader_u8(r);

	if (type < BFD_AUTH_PASSWORD || type > BFD_AUTH_SHA1_METICULOUS)
		return BFD_DROP_AUTH_TYPE;
	if (length != left || !auth_length_fits(type, length))
		return BFD_DROP_AUTH_LENGTH;
	p->auth = type;
	p->key_id = reader_u8(r);
	if (type == BFD_AUTH_PASSWORD) {
		p->n_secret = (uint8_t)(length - PASSWORD_HEADER);
	} else {
		(void)reader_u8(r); /* reserved, ignored on receipt */
		p->sequence = reader_u32(r);
		p->n_secret = (uint8_t)(length - DIGEST_HEADER);
	}
	reader_copy(r, p->secret, p->n_secret);
	return BFD_DROP_NOTHING;
}

/* The order of the checks is that of RFC 5880 6.8.6. */
enum bfd_drop bfd_packet_decode(const uint8_t *bytes, size_t length, struct bfd_packet *ret)
{
	struct bfd_packet p = { 0 };
	enum bfd_drop drop = BFD_DROP_NOTHING;
	uint8_t version, flags, size;
	struct reader r;

	reader_init(&r, bytes, length < BFD_PACKET_MAX ? length : BFD_PACKET_MAX);
	p.diagnostic = reader_u8(&r);
	flags = reader_u8(&r);
	p.multiplier = reader_u8(&r);
	size = reader_u8(&r);
	p.my_discriminator = reader_u32(&r);
	p.your_discriminator = reader_u32(&r);
	p.tx_us = reader_u32(&r);
	p.rx_us = reader_u32(&r);
	p.echo_us = reader_u32(&r);
	if (!reader_ok(&r))
		return BFD_DROP_LENGTH;
	version = p.diagnostic >> 5;
	p.diagnostic &= 0x1f;
	p.state = flags >> 6;
	p.poll = flags & FLAG_POLL;
	p.final = flags & FLAG_FINAL;
	p.independent = flags & FLAG_INDEPENDENT;
	p.demand = flags & FLAG_DEMAND;
	if (version != BFD_VERSION)
		return BFD_DROP_VERSION;
	if (size < BFD_HEADER_BYTES + (flags & FLAG_AUTH ? AUTH_BYTES_MIN : 0) || size > length)
		return BFD_DROP_LENGTH;
	if (p.multiplier == 0)
		return BFD_DROP_MULTIPLIER;
	if (flags & FLAG_MULTIPOINT)
		return BFD_DROP_MULTIPOINT;
	if (p.my_discriminator == 0)
		return BFD_DROP_MY_DISCRIMINATOR;
	if (flags & FLAG_AUTH)
		drop = decode_auth(&r, size - BFD_HEADER_BYTES, &p);
	if (drop != BFD_DROP_NOTHING)
		return drop;
	if (!reader_ok(&r))
		return BFD_DROP_LENGTH;
	*ret = p;
	return BFD_DROP_NOTHING;
}

static size_t auth_length(const struct bfd_packet *p)
{
	if (p->auth == BFD_AUTH_NONE)
		return 0;
	return (p->auth == BFD_AUTH_PASSWORD ? PASSWORD_HEADER : DIGEST_HEADER) + p->n_secret;
}

size_t bfd_packet_length(const struct bfd_packet *p)
{
	return BFD_HEADER_BYTES + auth_length(p);
}

static void encode_auth(struct writer *w, const struct bfd_packet *p)
{
	writer_u8(w, p->auth);
	writer_u8(w, (uint8_t)auth_length(p));
	writer_u8(w, p->key_id);
	if (p->auth != BFD_AUTH_PASSWORD) {
		writer_u8(w, 0);
		writer_u32(w, p->sequence);
	}
	writer_bytes(w, p->secret, p->n_secret);
}

size_t bfd_packet_encode(const struct bfd_packet *p, uint8_t *bytes)
{
	struct writer w;

	writer_init(&w, bytes, BFD_PACKET_MAX);
	writer_u8(&w, (uint8_t)(BFD_VERSION << 5 | p->diagnostic));
	writer_u8(&w,
		  (uint8_t)(p->state << 6 | (p->poll ? FLAG_POLL : 0) |
			    (p->final ? FLAG_FINAL : 0) | (p->independent ? FLAG_INDEPENDENT : 0) |
			    (p->auth ? FLAG_AUTH : 0) | (p->demand ? FLAG_DEMAND : 0)));
	writer_u8(&w, p->multiplier);
	writer_u8(&w, (uint8_t)bfd_packet_length(p));
	writer_u32(&w, p->my_discriminator);
	writer_u32(&w, p->your_discriminator);
	writer_u32(&w, p->tx_us);
	writer_u32(&w, p->rx_us);
	writer_u32(&w, p->echo_us);
	if (p->auth)
		encode_auth(&w, p);
	assert(writer_ok(&w));
	return w.length;
}
