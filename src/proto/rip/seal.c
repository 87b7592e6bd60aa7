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

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "proto/rip/packet.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define HEADER_BYTES 4
#define ENTRY_BYTES 20
#define PASSWORD_BYTES 16
#define TRAILER_HEADER_BYTES 4
#define DIGEST_MAX SHA512_DIGEST_SIZE

/* The second field of the first entry. */
#define WIRE_SIMPLE 2	/* RFC 2453 4.1 */
#define WIRE_DIGEST 3	/* RFC 2082 3.1, RFC 4822 3.1 */
#define WIRE_TRAILER 1	/* the same field of the trailer */
#define APAD 0x878fe1f3 /* RFC 4822 2.5 */

union hash_state {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;
};

/* The first entry of a packet that is sealed by a digest, and where the trailer begins. */
struct seal_head {
	uint16_t trailer; /* offset from the beginning of the packet */
	uint8_t key, digest_length;
	uint32_t sequence;
};

static const struct nettle_hash *hash_of(uint8_t type)
{
	switch ((enum auth_type)type) {
	case AUTH_MD5:
		return &nettle_md5;
	case AUTH_HMAC_SHA_1:
		return &nettle_sha1;
	case AUTH_HMAC_SHA_256:
		return &nettle_sha256;
	case AUTH_HMAC_SHA_384:
		return &nettle_sha384;
	case AUTH_HMAC_SHA_512:
		return &nettle_sha512;
	case AUTH_NONE:
	case AUTH_SIMPLE:
	case AUTH_COUNT:
		break;
	}
	return NULL;
}

size_t rip_secret_max(enum auth_type type)
{
	return type == AUTH_SIMPLE || type == AUTH_MD5 ? RIP_SECRET_SHORT_MAX : SECRET_MAX;
}

static const struct secret *secret_find(const struct keyring *k, uint8_t id)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->secrets[i].id == id)
			return &k->secrets[i];
	return NULL;
}

/* RFC 2082 3.2.1: MD5 of the packet, the head of the trailer, and the key filled up to 16 bytes. */
static void digest_md5(const struct secret *s, const uint8_t *bytes, size_t length, uint8_t *digest)
{
	uint8_t key[RIP_SECRET_SHORT_MAX] = { 0 };
	struct md5_ctx c;

	memcpy(key, s->bytes, s->length < sizeof(key) ? s->length : sizeof(key));
	md5_init(&c);
	md5_update(&c, length, bytes);
	md5_update(&c, sizeof(key), key);
	md5_digest(&c, MD5_DIGEST_SIZE, digest);
}

/* RFC 4822 2.5: a key that is longer than the digest is replaced by its digest. */
static size_t hmac_key(const struct nettle_hash *h, const struct secret *s, uint8_t *key)
{
	union hash_state state;

	if (s->length <= h->digest_size) {
		memcpy(key, s->bytes, s->length);
		return s->length;
	}
	h->init(&state);
	h->update(&state, s->length, s->bytes);
	h->digest(&state, h->digest_size, key);
	return h->digest_size;
}

/* RFC 4822 2.5: HMAC of the packet and the trailer, in which Apad stands in place of the digest. */
static void digest_hmac(const struct nettle_hash *h, const struct secret *s, const uint8_t *bytes,
			size_t length, uint8_t *digest)
{
	static const uint8_t apad[] = { 0x87, 0x8f, 0xe1, 0xf3 };
	union hash_state outer, inner, state;
	uint8_t key[DIGEST_MAX];
	size_t n = hmac_key(h, s, key);

	hmac_set_key(&outer, &inner, &state, h, n, key);
	hmac_update(&state, h, length, bytes);
	for (size_t i = 0; i < h->digest_size / sizeof(apad); i++)
		hmac_update(&state, h, sizeof(apad), apad);
	hmac_digest(&outer, &inner, &state, h, h->digest_size, digest);
}

/* Of `length` bytes: the packet and the head of its trailer. */
static void digest_make(const struct keyring *k, const struct secret *s, const uint8_t *bytes,
			size_t length, uint8_t *digest)
{
	if (k->type == AUTH_MD5)
		digest_md5(s, bytes, length, digest);
	else
		digest_hmac(hash_of(k->type), s, bytes, length, digest);
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
	size_t digest_size = hash_of(k->type)->digest_size;
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
	digest_make(k, s, w->start, w->length, digest);
	writer_bytes(w, digest, digest_size);
}

size_t rip_seal(const struct keyring *k, const struct packet *d, uint8_t *bytes)
{
	const struct secret *s = secret_find(k, d->key);
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
		if (!memeql_sec(password, given, PASSWORD_BYTES))
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
	size_t digest_size = hash_of(k->type)->digest_size;
	uint8_t digest[DIGEST_MAX];
	const struct secret *s;
	struct seal_head head;
	struct reader trailer;
	size_t signed_length;

	head.trailer = reader_u16(r);
	head.key = reader_u8(r);
	head.digest_length = reader_u8(r);
	head.sequence = reader_u32(r);
	s = secret_find(k, head.key);
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
	digest_make(k, s, bytes, signed_length, digest);
	if (memeql_sec(digest, bytes + signed_length, digest_size))
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
