/* SPDX-License-Identifier: Apache-2.0 */
#include "net/digest.h"

#include <assert.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#define PROTOCOL_BYTES 2

_Static_assert(DIGEST_MAX == SHA512_DIGEST_SIZE, "the longest digest");

union hash_state {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;
};

/* A key of HMAC, and what may stand behind it. */
struct key {
	uint8_t bytes[SECRET_MAX + PROTOCOL_BYTES];
	size_t length;
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

size_t digest_bytes(uint8_t type)
{
	const struct nettle_hash *h = hash_of(type);

	return h ? h->digest_size : 0;
}

/* RFC 2082 3.2.1, RFC 2328 D.4.3: MD5 of the bytes and of the key, filled up to 16 bytes. */
static void md5_make(const struct secret *s, const uint8_t *bytes, size_t length, uint8_t *ret)
{
	uint8_t key[DIGEST_MD5_KEY_BYTES] = { 0 };
	struct md5_ctx c;

	memcpy(key, s->bytes, s->length < sizeof(key) ? s->length : sizeof(key));
	md5_init(&c);
	md5_update(&c, length, bytes);
	md5_update(&c, sizeof(key), key);
	md5_digest(&c, MD5_DIGEST_SIZE, ret);
}

/* RFC 4822 2.5: a key that is longer than the digest is replaced by its digest. */
static struct key key_make(const struct nettle_hash *h, const struct secret *s, uint16_t protocol)
{
	struct key k = { .length = s->length };
	union hash_state state;

	memcpy(k.bytes, s->bytes, s->length);
	if (protocol != 0) {
		k.bytes[k.length++] = (uint8_t)(protocol >> 8);
		k.bytes[k.length++] = (uint8_t)protocol;
	}
	if (k.length <= h->digest_size)
		return k;
	h->init(&state);
	h->update(&state, k.length, k.bytes);
	k.length = h->digest_size;
	h->digest(&state, k.length, k.bytes);
	return k;
}

/* What stands in place of the digest: as long as it, beginning with the source. */
static void apad_make(const struct nettle_hash *h, const struct address *source, uint8_t *ret)
{
	static const uint8_t apad[] = { 0x87, 0x8f, 0xe1, 0xf3 };

	for (size_t i = 0; i < h->digest_size; i++)
		ret[i] = apad[i % sizeof(apad)];
	memcpy(ret, source->bytes, family_bytes((enum family)source->family));
}

void digest_make(uint8_t type, const struct secret *s, const struct digest_bound *bound,
		 const uint8_t *bytes, size_t length, uint8_t *ret)
{
	static const struct digest_bound none;
	const struct nettle_hash *h = hash_of(type);
	union hash_state outer, inner, state;
	uint8_t apad[DIGEST_MAX];
	struct key k;

	assert(h);
	if (type == AUTH_MD5) {
		md5_make(s, bytes, length, ret);
		return;
	}
	if (!bound)
		bound = &none;
	k = key_make(h, s, bound->protocol);
	apad_make(h, &bound->source, apad);
	hmac_set_key(&outer, &inner, &state, h, k.length, k.bytes);
	hmac_update(&state, h, length, bytes);
	hmac_update(&state, h, h->digest_size, apad);
	hmac_digest(&outer, &inner, &state, h, h->digest_size, ret);
}

bool digest_equal(const uint8_t *a, const uint8_t *b, size_t length)
{
	return memeql_sec(a, b, length);
}
