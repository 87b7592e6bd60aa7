/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	header | entry 0xffff: type, where the trailer is, key, sequence | entries | trailer
 *	       └── without it, and without the trailer, it is the packet of the speaker ──┘
 *
 * A simple password stands in that first entry itself, and there is no trailer.
 */
#include "proto/rip/seal.h"

#include <assert.h>
#include <string.h>

#include "net/digest.h"
#include "proto/rip/packet.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define HEADER_BYTES 4
#define ENTRY_BYTES 20
#define PASSWORD_BYTES 16
#define TRAILER_HEADER_BYTES 4

/* The second field of the first entry. */
#define WIRE_SIMPLE 2  /* RFC 2453 4.1 */
#define WIRE_DIGEST 3  /* RFC 2082 3.1, RFC 4822 3.1 */
#define WIRE_TRAILER 1 /* the same field of the trailer */

/* The first entry of a packet that is sealed by a digest, and where the trailer begins. */
struct seal_head {
	uint16_t trailer; /* offset from the beginning of the packet */
	uint8_t key, digest_length;
	uint32_t sequence;
};

size_t rip_secret_max(enum auth_type type)
{
	return type == AUTH_SIMPLE || type == AUTH_MD5 ? RIP_SECRET_SHORT_MAX : SECRET_MAX;
}

static void password_fill(const struct secret *s, uint8_t *password)
{
	memset(password, 0, PASSWORD_BYTES);
	memcpy(password, s->bytes, s->length < PASSWORD_BYTES ? s->length : PASSWORD_BYTES);
}

static void seal_begin(struct writer *w, const struct packet *d, uint16_t type)
{
	writer_bytes(w, d->bytes, HEADER_BYTES);
	writer_u16(w, RIP_AFI_AUTHENTICATION);
	writer_u16(w, type);
}

static void seal_simple(struct writer *w, const struct secret *s, const struct packet *d)
{
	uint8_t password[PASSWORD_BYTES];

	password_fill(s, password);
	seal_begin(w, d, WIRE_SIMPLE);
	writer_bytes(w, password, sizeof(password));
	writer_bytes(w, d->bytes + HEADER_BYTES, (size_t)d->length - HEADER_BYTES);
}

static void seal_digest(struct writer *w, const struct keyring *k, const struct secret *s,
			const struct packet *d)
{
	size_t digest_size = digest_bytes(k->type);
	uint8_t digest[DIGEST_MAX];

	seal_begin(w, d, WIRE_DIGEST);
	writer_u16(w, (uint16_t)(d->length + ENTRY_BYTES));
	writer_u8(w, s->id);
	/* RFC 2082 3.1: of the digest alone; some count the head of the trailer too. */
	writer_u8(w, (uint8_t)digest_size);
	writer_u32(w, (uint32_t)d->sequence);
	writer_zeros(w, 8);
	writer_bytes(w, d->bytes + HEADER_BYTES, (size_t)d->length - HEADER_BYTES);
	writer_u16(w, RIP_AFI_AUTHENTICATION);
	writer_u16(w, WIRE_TRAILER);
	digest_make(k->type, s, NULL, w->start, w->length, digest);
	writer_bytes(w, digest, digest_size);
}

size_t rip_seal(const struct keyring *k, const struct packet *d, uint8_t *bytes)
{
	const struct secret *s = keyring_find(k, d->key);
	struct writer w;

	/* What is to be sealed in one way never leaves in another, or without. */
	if (d->auth != k->type || (k->type != AUTH_NONE && !s) || d->length < HEADER_BYTES ||
	    d->length > sizeof(d->bytes))
		return 0;
	writer_init(&w, bytes, RIP_SEALED_MAX);
	if (k->type == AUTH_NONE)
		writer_bytes(&w, d->bytes, d->length);
	else if (k->type == AUTH_SIMPLE)
		seal_simple(&w, s, d);
	else
		seal_digest(&w, k, s, d);
	assert(writer_ok(&w));
	return w.length;
}

static void refuse(struct packet *d, enum rip_drop reason)
{
	d->refused = true;
	d->reason = (uint8_t)reason;
	d->length = 0;
}

/* The packet without its first entry, up to `end`. */
static void open_strip(const uint8_t *bytes, size_t end, struct packet *d)
{
	size_t rest = end - HEADER_BYTES - ENTRY_BYTES;

	memcpy(d->bytes, bytes, HEADER_BYTES);
	memcpy(d->bytes + HEADER_BYTES, bytes + HEADER_BYTES + ENTRY_BYTES, rest);
	d->length = (uint16_t)(HEADER_BYTES + rest);
}

static void open_simple(const struct keyring *k, const uint8_t *bytes, size_t length,
			struct packet *d)
{
	const uint8_t *given = bytes + HEADER_BYTES + ENTRY_BYTES - PASSWORD_BYTES;
	uint8_t password[PASSWORD_BYTES];

	for (size_t i = 0; i < k->n; i++) {
		password_fill(&k->secrets[i], password);
		if (!digest_equal(password, given, PASSWORD_BYTES))
			continue;
		d->key = k->secrets[i].id;
		if (length > RIP_PACKET_MAX)
			refuse(d, RIP_DROP_OVERSIZED);
		else
			open_strip(bytes, length, d);
		return;
	}
	refuse(d, RIP_DROP_AUTH_DIGEST);
}

static void open_digest(const struct keyring *k, struct reader *r, const uint8_t *bytes,
			size_t length, struct packet *d)
{
	size_t digest_size = digest_bytes(k->type);
	uint8_t digest[DIGEST_MAX];
	const struct secret *s;
	struct seal_head head;
	struct reader trailer;
	size_t signed_length;

	head.trailer = reader_u16(r);
	head.key = reader_u8(r);
	head.digest_length = reader_u8(r);
	head.sequence = reader_u32(r);
	s = keyring_find(k, head.key);
	d->key = head.key;
	d->sequence = head.sequence;
	if (!s) {
		refuse(d, RIP_DROP_AUTH_KEY);
		return;
	}
	signed_length = (size_t)head.trailer + TRAILER_HEADER_BYTES;
	/* Two ways to count are in use: FRR's old one and BIRD's for MD5 count the trailer's head.
	 */
	if (head.trailer < HEADER_BYTES + ENTRY_BYTES || head.trailer > RIP_PACKET_MAX ||
	    signed_length + digest_size != length ||
	    (head.digest_length != digest_size &&
	     head.digest_length != digest_size + TRAILER_HEADER_BYTES)) {
		refuse(d, RIP_DROP_AUTH_LENGTH);
		return;
	}
	reader_init(&trailer, bytes + head.trailer, TRAILER_HEADER_BYTES);
	if (reader_u16(&trailer) != RIP_AFI_AUTHENTICATION ||
	    reader_u16(&trailer) != WIRE_TRAILER) {
		refuse(d, RIP_DROP_AUTH_LENGTH);
		return;
	}
	digest_make(k->type, s, NULL, bytes, signed_length, digest);
	if (digest_equal(digest, bytes + signed_length, digest_size))
		open_strip(bytes, head.trailer, d);
	else
		refuse(d, RIP_DROP_AUTH_DIGEST);
}

void rip_open(const struct keyring *k, const uint8_t *bytes, size_t length, struct packet *d)
{
	size_t kept = length < RIP_PACKET_MAX ? length : RIP_PACKET_MAX;
	uint16_t family, type;
	uint8_t version;
	struct reader r;

	d->auth = k->type;
	d->refused = false;
	d->reason = d->key = 0;
	d->sequence = 0;
	if (k->type == AUTH_NONE) {
		d->length = (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX);
		memcpy(d->bytes, bytes, kept);
		return;
	}
	if (length > RIP_SEALED_MAX) {
		refuse(d, RIP_DROP_OVERSIZED);
		return;
	}
	reader_init(&r, bytes, length);
	reader_u8(&r);
	version = reader_u8(&r);
	reader_u16(&r);
	family = reader_u16(&r);
	type = reader_u16(&r);
	/* RIP-1 cannot be authenticated: RFC 2453 4.1 */
	if (length < HEADER_BYTES + ENTRY_BYTES || version != 2 || family != RIP_AFI_AUTHENTICATION)
		refuse(d, RIP_DROP_AUTH_MISSING);
	else if (type != (k->type == AUTH_SIMPLE ? WIRE_SIMPLE : WIRE_DIGEST))
		refuse(d, RIP_DROP_AUTH_TYPE);
	else if (k->type == AUTH_SIMPLE)
		open_simple(k, bytes, length, d);
	else
		open_digest(k, &r, bytes, length, d);
}
