/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/bfd/auth.h"

#include <string.h>

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>

static const struct bfd_secret *secret_find(const struct bfd_params *params, uint8_t id)
{
	for (size_t k = 0; k < params->n_secrets; k++)
		if (params->secrets[k].id == id)
			return &params->secrets[k];
	return NULL;
}

/* The digest of a packet whose place for the digest holds the key, padded with zeros. */
static void digest_make(uint8_t type, const struct bfd_secret *secret, const uint8_t *packet,
			uint8_t *ret)
{
	size_t n = bfd_auth_digest_bytes(type);
	uint8_t bytes[BFD_DIGEST_OFFSET + BFD_DIGEST_MAX] = { 0 };

	memcpy(bytes, packet, BFD_DIGEST_OFFSET);
	memcpy(bytes + BFD_DIGEST_OFFSET, secret->bytes, secret->length < n ? secret->length : n);
	if (n == MD5_DIGEST_SIZE) {
		struct md5_ctx c;

		md5_init(&c);
		md5_update(&c, BFD_DIGEST_OFFSET + n, bytes);
		md5_digest(&c, n, ret);
	} else {
		struct sha1_ctx c;

		sha1_init(&c);
		sha1_update(&c, BFD_DIGEST_OFFSET + n, bytes);
		sha1_digest(&c, n, ret);
	}
}

static bool password_matches(const struct bfd_secret *secret, const struct bfd_packet *p)
{
	return p->n_secret == secret->length &&
	       memeql_sec(p->secret, secret->bytes, secret->length);
}

enum bfd_drop bfd_auth_check(const struct bfd_params *params, const struct bfd_packet *p,
			     const uint8_t *bytes)
{
	const struct bfd_secret *secret;
	uint8_t digest[BFD_DIGEST_MAX];

	/* RFC 5880 6.8.6: the A bit must be what the session is. */
	if (params->auth == BFD_AUTH_NONE)
		return p->auth ? BFD_DROP_AUTH_UNEXPECTED : BFD_DROP_NOTHING;
	if (p->auth == BFD_AUTH_NONE)
		return BFD_DROP_AUTH_MISSING;
	if (p->auth != params->auth)
		return BFD_DROP_AUTH_TYPE;
	secret = secret_find(params, p->key_id);
	if (!secret)
		return BFD_DROP_AUTH_KEY;
	if (p->auth == BFD_AUTH_PASSWORD)
		return password_matches(secret, p) ? BFD_DROP_NOTHING : BFD_DROP_AUTH_DIGEST;
	digest_make(p->auth, secret, bytes, digest);
	return memeql_sec(digest, p->secret, p->n_secret) ? BFD_DROP_NOTHING : BFD_DROP_AUTH_DIGEST;
}

size_t bfd_auth_encode(const struct bfd_params *params, struct bfd_packet *p, uint8_t *bytes)
{
	const struct bfd_secret *secret = &params->secrets[0];
	size_t length;

	p->auth = params->auth;
	if (p->auth == BFD_AUTH_NONE)
		return bfd_packet_encode(p, bytes);
	p->key_id = secret->id;
	if (p->auth == BFD_AUTH_PASSWORD) {
		p->n_secret = secret->length;
		memcpy(p->secret, secret->bytes, secret->length);
		return bfd_packet_encode(p, bytes);
	}
	p->n_secret = (uint8_t)bfd_auth_digest_bytes(p->auth);
	length = bfd_packet_encode(p, bytes);
	digest_make(p->auth, secret, bytes, p->secret);
	memcpy(bytes + BFD_DIGEST_OFFSET, p->secret, p->n_secret);
	return length;
}

bool bfd_auth_sequence_fits(const struct bfd_packet *p, uint32_t last)
{
	bool meticulous = p->auth == BFD_AUTH_MD5_METICULOUS || p->auth == BFD_AUTH_SHA1_METICULOUS;
	uint32_t ahead = p->sequence - last; /* a circular number space */

	return ahead >= (meticulous ? 1 : 0) && ahead <= 3u * p->multiplier;
}
