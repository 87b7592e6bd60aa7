/* SPDX-License-Identifier: Apache-2.0 */
/* What real routers have sealed is opened in tests/golden/ospf_golden.c. */
#include "proto/ospf/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/unit.h"
#include "net/digest.h"
#include "proto/ospf/ospf.h"

#define KEY 7
#define BYTES_MAX 256

/* A way to seal: what one can say of it in a packet. */
struct way {
	enum ospf_version version;
	uint8_t auth;
	bool extended;
};

static const struct way ways[] = {
	{ OSPF_V2, AUTH_NONE, false },	       { OSPF_V2, AUTH_SIMPLE, false },
	{ OSPF_V2, AUTH_MD5, false },	       { OSPF_V2, AUTH_HMAC_SHA_1, false },
	{ OSPF_V2, AUTH_HMAC_SHA_256, false }, { OSPF_V2, AUTH_HMAC_SHA_384, false },
	{ OSPF_V2, AUTH_HMAC_SHA_512, false }, { OSPF_V2, AUTH_HMAC_SHA_1, true },
	{ OSPF_V2, AUTH_HMAC_SHA_256, true },  { OSPF_V2, AUTH_HMAC_SHA_384, true },
	{ OSPF_V2, AUTH_HMAC_SHA_512, true },  { OSPF_V3, AUTH_NONE, false },
	{ OSPF_V3, AUTH_HMAC_SHA_1, false },   { OSPF_V3, AUTH_HMAC_SHA_256, false },
	{ OSPF_V3, AUTH_HMAC_SHA_384, false }, { OSPF_V3, AUTH_HMAC_SHA_512, false },
};

static bool has_digest(const struct way *y)
{
	return y->auth >= AUTH_MD5;
}

static struct keyring ring(uint8_t type)
{
	struct keyring k = { .type = type, .n = 1 };

	k.secrets[0].id = KEY;
	k.secrets[0].length = type == AUTH_SIMPLE ? 6 : 11;
	memcpy(k.secrets[0].bytes, type == AUTH_SIMPLE ? "sesame" : "open sesame",
	       k.secrets[0].length);
	return k;
}

/* A packet of the type with the options and nothing else; returns the length. */
static size_t plain(enum ospf_version v, uint8_t type, uint32_t options, uint8_t *bytes)
{
	struct ospf_header h = { .type = type, .router = 0x0a000001 };
	struct ospf_hello hello = {
		.mask_length = 24,
		.options = options,
		.priority = 3,
		.interval = 10,
		.dead = 40,
		.dr = 0x0a020001,
	};
	struct ospf_description d = { .options = options };
	struct writer w;

	writer_init(&w, bytes, BYTES_MAX);
	ospf_begin(v, &w, &h);
	if (type == OSPF_HELLO)
		ospf_write_hello(v, &w, &hello);
	else if (type == OSPF_DESCRIPTION)
		ospf_write_description(v, &w, &d);
	ospf_finish(&w);
	return w.length;
}

static struct ospf_packet packet_of(const struct way *y, const uint8_t *bytes, size_t length)
{
	struct ospf_packet p = {
		.auth = y->auth,
		.key = y->auth == AUTH_NONE ? 0 : KEY,
		.extended = y->extended,
		.sequence = y->auth < AUTH_MD5 ? 0 : 9,
		.bytes = bytes,
		.length = length,
		.source = address_ipv4(0x0a020001),
		.destination = ospf_group(y->version, false),
	};

	if (y->version == OSPF_V3) {
		const uint8_t source[ADDRESS_BYTES_MAX] = { 0xfe, 0x80, [15] = 1 };

		p.source = address_make(FAMILY_IPV6, source);
	}
	if (y->extended || (y->version == OSPF_V3 && has_digest(y)))
		p.sequence = 0x0000000500000009;
	return p;
}

/* A hello, sealed so; returns the length. */
static size_t sealed(const struct way *y, uint32_t options, uint8_t *to)
{
	struct keyring k = ring(y->auth);
	uint8_t bytes[BYTES_MAX];
	struct ospf_packet p = packet_of(y, bytes, plain(y->version, OSPF_HELLO, options, bytes));

	return ospf_seal(y->version, &k, &p, to);
}

/* Opens what has arrived, in memory of just that size. OSPF_DROP_COUNT: it is opened. */
static enum ospf_drop open_with(const struct way *y, const struct keyring *k, const uint8_t *bytes,
				size_t length, struct ospf_packet *ret)
{
	uint8_t *exact = malloc(length ? length : 1);

	memcpy(exact, bytes, length);
	*ret = packet_of(y, exact, length);
	ospf_open(y->version, k, ret);
	free(exact);
	return ret->refused ? (enum ospf_drop)ret->reason : OSPF_DROP_COUNT;
}

static enum ospf_drop open_it(const struct way *y, const uint8_t *bytes, size_t length)
{
	struct keyring k = ring(y->auth);
	struct ospf_packet p;

	return open_with(y, &k, bytes, length, &p);
}

static void test_what_is_opened_is_what_was_sealed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		const struct way *y = &ways[i];
		struct keyring k = ring(y->auth);
		uint8_t bytes[BYTES_MAX], to[BYTES_MAX + OSPF_SEAL_MAX];
		size_t length = plain(y->version, OSPF_HELLO, 0, bytes);
		size_t n = sealed(y, 0, to);
		struct ospf_packet p;

		assert_true(n >= length);
		assert_true(n - length <= ospf_seal_bytes(y->version, (enum auth_type)y->auth));
		assert_int_equal(open_with(y, &k, to, n, &p), OSPF_DROP_COUNT);
		assert_int_equal(p.length, length);
		assert_int_equal(p.auth, y->auth);
		assert_int_equal(p.extended, y->extended);
		assert_int_equal(p.key, y->auth == AUTH_NONE ? 0 : KEY);
		assert_true(p.sequence == packet_of(y, bytes, length).sequence);
	}
}

/* RFC 7474, made by Python's hmac: the secret "open sesame", from 10.2.0.1, sequence 5 * 2^32 + 9.
 */
static const struct {
	uint8_t auth;
	const char *digest;
} vectors[] = {
	{ AUTH_HMAC_SHA_1, "6fb181a1a26d988540fc5baa370c47885e86ffca" },
	{ AUTH_HMAC_SHA_256, "f9dbb08b382b81368de80a0125f88ab245cfade0e9b86898c9460707fbade147" },
	{ AUTH_HMAC_SHA_384, "441c937a6e6fdd3af7da08fdae689826d748fce0a7373b58c5cb911a534e6cc5"
			     "ca777f72d013ac9bb2e7ab8117699938" },
	{ AUTH_HMAC_SHA_512, "56455c16a9241ed7eea42471feda2d1cd447cf9410c7fb38cfcb7373f9cff678"
			     "3d5a9cb2306b4de54af7c0a5330c052b37693980c9ed90e73f14728215a9dfd8" },
};

static void test_digests_with_extended_sequence_numbers_are_those_of_another_maker(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const struct way y = { OSPF_V2, vectors[i].auth, true };
		uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
		size_t digest = strlen(vectors[i].digest) / 2,
		       n = sealed(&y, OSPF_V2_E | OSPF_V2_L, to);
		const uint8_t head[] = { 0, 3, 0, 0, 0, (uint8_t)digest, 0, 0, 0, KEY };
		const uint8_t sequence[] = { 0, 0, 0, 5, 0, 0, 0, 9 };
		char text[2 * 64 + 1];

		assert_int_equal(n, 44 + 8 + digest);
		assert_memory_equal(to + 14, head, sizeof(head));
		assert_memory_equal(to + 44, sequence, sizeof(sequence));
		for (size_t k = 0; k < digest; k++)
			snprintf(text + 2 * k, 3, "%02x", to[52 + k]);
		assert_string_equal(text, vectors[i].digest);
	}
}

static void test_a_bit_that_changes_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
		size_t n = sealed(&ways[i], 0, to);

		for (size_t bit = 0; bit < n * 8; bit++) {
			if (ways[i].version == OSPF_V2 && ways[i].auth == AUTH_NONE &&
			    bit / 8 >= 16 && bit / 8 < 24)
				continue; /* these mean nothing then */
			to[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(open_it(&ways[i], to, n) < OSPF_DROP_COUNT);
			to[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void test_no_truncation_opens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
		size_t n = sealed(&ways[i], 0, to);

		for (size_t k = 0; k < n; k++)
			assert_true(open_it(&ways[i], to, k) < OSPF_DROP_COUNT);
	}
}

static void test_a_digest_binds_the_source_where_its_rfc_has_it_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		const struct way *y = &ways[i];
		struct keyring k = ring(y->auth);
		uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
		struct ospf_packet p = packet_of(y, to, sealed(y, 0, to));
		bool bound = y->version == OSPF_V3 || y->extended;

		p.source.bytes[3] ^= 1;
		ospf_open(y->version, &k, &p);
		assert_int_equal(p.refused, bound);
	}
}

/* RFC 5613: behind the digest in v2, before the trailer in v3. */
static void test_lls_is_passed_by(void **state)
{
	static const uint8_t lls[12] = { 0, 0, 0, 3, 0, 1, 0, 4, 0, 0, 0, 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		const struct way *y = &ways[i];
		struct keyring k = ring(y->auth);
		uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
		struct ospf_packet p;
		size_t n;

		if (y->version == OSPF_V3 && has_digest(y))
			continue;
		n = sealed(y, y->version == OSPF_V2 ? OSPF_V2_L : OSPF_V3_L, to);
		memcpy(to + n, lls, sizeof(lls));
		assert_int_equal(open_with(y, &k, to, n + sizeof(lls), &p), OSPF_DROP_COUNT);
		assert_int_equal(p.length, to[3]);
	}
}

/*
 * A hello of v3 with LLS and a trailer, made by Python's hmac: HMAC-SHA-256, key 7, "open sesame",
 * from fe80::1.
 */
static void test_lls_before_a_trailer_is_below_its_digest(void **state)
{
	static const uint8_t bytes[] = {
		0x03, 0x01, 0x00, 0x24, 0x0a, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x06, 0x13, 0x00, 0x0a, 0x00, 0x28,
		0x0a, 0x02, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x01,
		0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x30, 0x00, 0x00, 0x00, 0x07,
		0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x09, 0xa3, 0x6f, 0x2f, 0xda, 0xf4, 0x51,
		0x52, 0xf9, 0xb5, 0x60, 0x79, 0xe1, 0x3c, 0x47, 0xee, 0xa4, 0x45, 0x3c, 0xb7, 0xc8,
		0x63, 0xa4, 0xdc, 0xd7, 0x59, 0xe8, 0xbe, 0xbf, 0xd3, 0x65, 0x1c, 0xca,
	};
	const struct way y = { OSPF_V3, AUTH_HMAC_SHA_256, false };
	uint8_t changed[sizeof(bytes)];
	struct keyring k = ring(y.auth);
	struct ospf_packet p;

	(void)state;
	assert_int_equal(open_with(&y, &k, bytes, sizeof(bytes), &p), OSPF_DROP_COUNT);
	assert_int_equal(p.length, 36);
	memcpy(changed, bytes, sizeof(bytes));
	changed[36 + 11] ^= 1;
	assert_int_equal(open_it(&y, changed, sizeof(bytes)), OSPF_DROP_AUTH_DIGEST);
	changed[36 + 2] = 0xff; /* longer than what there is */
	assert_int_equal(open_it(&y, changed, sizeof(bytes)), OSPF_DROP_LENGTH);
}

/* The same of a description, whose options stand elsewhere. */
static void test_lls_of_a_description_is_below_the_digest_too(void **state)
{
	const struct way y = { OSPF_V3, AUTH_HMAC_SHA_1, false };
	struct keyring k = ring(y.auth);
	struct digest_bound bound = { .protocol = 1 };
	uint8_t bytes[BYTES_MAX], plain_bytes[BYTES_MAX];
	size_t length = plain(OSPF_V3, OSPF_DESCRIPTION, OSPF_V3_L | OSPF_V3_AT, plain_bytes);
	struct ospf_packet p;
	struct writer w;

	(void)state;
	bound.source = packet_of(&y, NULL, 0).source;
	writer_init(&w, bytes, sizeof(bytes));
	writer_bytes(&w, plain_bytes, length);
	writer_u32(&w, 3); /* LLS of three words, without its checksum */
	writer_u64(&w, 0x0001000400000001);
	writer_u32(&w, 1u << 16 | (16 + 20));
	writer_u32(&w, KEY);
	writer_u64(&w, 9);
	digest_make(y.auth, &k.secrets[0], &bound, bytes, w.length, bytes + w.length);
	assert_int_equal(open_with(&y, &k, bytes, w.length + 20, &p), OSPF_DROP_COUNT);
	assert_int_equal(p.length, length);
	assert_true(p.sequence == 9);
}

/* FRR before 9.1, on a little-endian machine, puts the protocol behind the key as 0x0100. */
static void test_a_digest_with_the_bytes_of_its_protocol_swapped_is_refused(void **state)
{
	static const uint8_t bytes[] = {
		0x03, 0x01, 0x00, 0x24, 0x0a, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x01, 0x00, 0x04, 0x13, 0x00, 0x01, 0x00, 0x04,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x30, 0x00, 0x00,
		0x00, 0x0d, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x02, 0xf1, 0x2d, 0xf0, 0xee,
		0x6f, 0xb4, 0x0a, 0xfc, 0x15, 0x6f, 0xa8, 0x59, 0x24, 0x02, 0x42, 0x6f, 0xda, 0x12,
		0xbf, 0x0f, 0xbb, 0x97, 0x9d, 0xcf, 0x27, 0x65, 0xec, 0x2c, 0x4a, 0xff, 0xbd, 0x4b,
	};
	static const uint8_t source[] = { 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					  0x20, 0x05, 0x48, 0xff, 0xfe, 0xc4, 0x7f, 0xa8 };
	struct keyring k = ring(AUTH_HMAC_SHA_256);
	struct ospf_packet p = {
		.bytes = bytes,
		.length = sizeof(bytes),
		.source = address_make(FAMILY_IPV6, source),
		.destination = ospf_group(OSPF_V3, false),
	};

	(void)state;
	k.secrets[0] = (struct secret){ .id = 13, .length = 10, .bytes = "opensesame" };
	ospf_open(OSPF_V3, &k, &p);
	assert_true(p.refused);
	assert_int_equal(p.reason, OSPF_DROP_AUTH_DIGEST);
}

/* RFC 7166 2.1: in both packets that have options; a digest over one that denies it is none. */
static void test_the_at_bit_says_whether_there_is_a_trailer(void **state)
{
	static const uint8_t types[] = { OSPF_HELLO, OSPF_DESCRIPTION };
	const struct way y = { OSPF_V3, AUTH_HMAC_SHA_1, false }, none = { OSPF_V3, AUTH_NONE, 0 };
	struct digest_bound bound = { .protocol = 1, .source = packet_of(&y, NULL, 0).source };
	struct keyring k = ring(y.auth), without = ring(AUTH_NONE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
		uint8_t bytes[BYTES_MAX], to[BYTES_MAX + OSPF_SEAL_MAX];
		size_t length = plain(OSPF_V3, types[i], 0, bytes);
		struct ospf_packet p = packet_of(&none, bytes, length);
		struct writer w;

		writer_init(&w, to, sizeof(to));
		writer_bytes(&w, bytes, length);
		writer_u32(&w, 1u << 16 | (16 + 20));
		writer_u32(&w, KEY);
		writer_u64(&w, 9);
		digest_make(y.auth, &k.secrets[0], &bound, to, w.length, to + w.length);
		assert_int_equal(open_with(&y, &k, to, w.length + 20, &p), OSPF_DROP_AUTH_MISSING);
		/* The bit without a trailer, whatever the checksum is. */
		length = plain(OSPF_V3, types[i], OSPF_V3_AT, bytes);
		p = packet_of(&none, bytes, length);
		length = ospf_seal(OSPF_V3, &without, &p, to);
		assert_int_equal(open_it(&none, to, length), OSPF_DROP_AUTHENTICATION);
		assert_int_equal(open_it(&y, to, length), OSPF_DROP_AUTH_MISSING);
	}
}

static void test_why_a_packet_is_refused(void **state)
{
	const struct way none2 = { OSPF_V2, AUTH_NONE, false }, md5 = { OSPF_V2, AUTH_MD5, false };
	const struct way sha2 = { OSPF_V2, AUTH_HMAC_SHA_256, false };
	const struct way extended = { OSPF_V2, AUTH_HMAC_SHA_256, true };
	const struct way simple = { OSPF_V2, AUTH_SIMPLE, false };
	const struct way none3 = { OSPF_V3, AUTH_NONE, false };
	const struct way sha3 = { OSPF_V3, AUTH_HMAC_SHA_256, false };
	uint8_t to[BYTES_MAX + OSPF_SEAL_MAX];
	struct keyring k = ring(AUTH_MD5);
	size_t n;

	(void)state;
	n = sealed(&md5, 0, to);
	assert_int_equal(open_it(&none2, to, n), OSPF_DROP_AUTHENTICATION);
	assert_int_equal(open_it(&simple, to, n), OSPF_DROP_AUTH_TYPE);
	assert_int_equal(open_it(&sha2, to, n), OSPF_DROP_AUTH_LENGTH);
	to[18] = KEY + 1;
	assert_int_equal(open_it(&md5, to, n), OSPF_DROP_AUTH_KEY);
	n = sealed(&extended, 0, to);
	assert_int_equal(open_it(&md5, to, n), OSPF_DROP_AUTH_TYPE);
	to[20] = 1; /* 2^24 + 7 */
	assert_int_equal(open_it(&extended, to, n), OSPF_DROP_AUTH_KEY);
	n = sealed(&none2, 0, to);
	assert_int_equal(open_it(&md5, to, n), OSPF_DROP_AUTH_MISSING);
	to[30] ^= 1;
	assert_int_equal(open_it(&none2, to, n), OSPF_DROP_CHECKSUM);
	n = sealed(&simple, 0, to);
	to[30] ^= 1;
	assert_int_equal(open_it(&simple, to, n), OSPF_DROP_CHECKSUM);
	to[16] ^= 1;
	assert_int_equal(open_it(&simple, to, n), OSPF_DROP_AUTH_DIGEST);
	n = sealed(&none3, 0, to);
	assert_int_equal(open_it(&none2, to, n), OSPF_DROP_VERSION);
	assert_int_equal(open_it(&sha3, to, n), OSPF_DROP_AUTH_MISSING);
	n = sealed(&sha3, 0, to);
	assert_int_equal(open_it(&none3, to, n), OSPF_DROP_AUTHENTICATION);
	to[36 + 6] = 1; /* 263 */
	assert_int_equal(open_it(&sha3, to, n), OSPF_DROP_AUTH_KEY);
	to[36 + 3]++;
	assert_int_equal(open_it(&sha3, to, n), OSPF_DROP_AUTH_LENGTH);
	to[36 + 1] = 2;
	assert_int_equal(open_it(&sha3, to, n), OSPF_DROP_AUTH_TYPE);
	/* A keyring that the version cannot have. */
	assert_int_equal(open_with(&sha3, &k, to, n, &(struct ospf_packet){ 0 }),
			 OSPF_DROP_AUTH_TYPE);
}

static void test_what_cannot_be_sealed_as_it_says_is_not_sent(void **state)
{
	static uint8_t bytes[OSPF_PACKET_MAX + 1], to[OSPF_SEALED_MAX];
	const struct way md5 = { OSPF_V2, AUTH_MD5, false };
	struct keyring k = ring(AUTH_MD5), other = ring(AUTH_HMAC_SHA_1);
	struct ospf_packet p = packet_of(&md5, bytes, plain(OSPF_V2, OSPF_HELLO, 0, bytes));

	(void)state;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), p.length + 16);
	assert_int_equal(ospf_seal(OSPF_V2, &other, &p, to), 0);
	assert_int_equal(ospf_seal(OSPF_V3, &k, &p, to), 0);
	p.extended = true;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), 0);
	p.extended = false;
	p.key++;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), 0);
	p.key--;
	p.length = OSPF_PACKET_MAX;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), OSPF_PACKET_MAX + 16);
	p.length = OSPF_PACKET_MAX + 1;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), 0);
	p.length = 23;
	assert_int_equal(ospf_seal(OSPF_V2, &k, &p, to), 0);
}

/* RFC 7166 2.1 */
static void test_hellos_and_descriptions_of_v3_say_that_there_is_a_trailer(void **state)
{
	const struct way sha3 = { OSPF_V3, AUTH_HMAC_SHA_1, false };
	struct keyring k = ring(AUTH_HMAC_SHA_1);
	struct ospf_description d;
	struct ospf_hello hello;
	struct ospf_header h;
	struct reader body;

	(void)state;
	for (uint8_t type = OSPF_HELLO; type < OSPF_PACKET_TYPES; type++) {
		uint8_t bytes[BYTES_MAX] = { 0 }, to[BYTES_MAX + OSPF_SEAL_MAX] = { 0 };
		struct ospf_packet p = packet_of(
			&sha3, bytes, plain(OSPF_V3, type, OSPF_V3_V6 | OSPF_V3_E, bytes));
		size_t n = ospf_seal(OSPF_V3, &k, &p, to);

		assert_int_equal(n, p.length + 16 + 20);
		/* All else is as it was. */
		assert_int_equal(ospf_header_read(OSPF_V3, to, n, &h, &body), PACKET_GOOD);
		if (type == OSPF_HELLO) {
			assert_true(ospf_hello_read(OSPF_V3, body, &hello));
			assert_int_equal(hello.options, OSPF_V3_V6 | OSPF_V3_E | OSPF_V3_AT);
			bytes[22] |= OSPF_V3_AT >> 8;
		} else if (type == OSPF_DESCRIPTION) {
			assert_true(ospf_description_read(OSPF_V3, body, &d));
			assert_int_equal(d.options, OSPF_V3_V6 | OSPF_V3_E | OSPF_V3_AT);
			bytes[18] |= OSPF_V3_AT >> 8;
		}
		assert_memory_equal(to, bytes, p.length);
		assert_int_equal(open_it(&sha3, to, n), OSPF_DROP_COUNT);
	}
}

static void test_how_long_a_secret_may_be(void **state)
{
	(void)state;
	assert_int_equal(ospf_secret_max(OSPF_V2, AUTH_SIMPLE), 8);
	assert_int_equal(ospf_secret_max(OSPF_V2, AUTH_MD5), 16);
	assert_int_equal(ospf_secret_max(OSPF_V2, AUTH_HMAC_SHA_512), SECRET_MAX);
	assert_int_equal(ospf_secret_max(OSPF_V3, AUTH_HMAC_SHA_1), SECRET_MAX);
	assert_int_equal(ospf_secret_max(OSPF_V3, AUTH_SIMPLE), 0);
	assert_int_equal(ospf_secret_max(OSPF_V3, AUTH_MD5), 0);
	assert_int_equal(ospf_secret_max(OSPF_V3, AUTH_NONE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_opened_is_what_was_sealed),
		cmocka_unit_test(
			test_digests_with_extended_sequence_numbers_are_those_of_another_maker),
		cmocka_unit_test(test_a_bit_that_changes_is_noticed),
		cmocka_unit_test(test_no_truncation_opens),
		cmocka_unit_test(test_a_digest_binds_the_source_where_its_rfc_has_it_so),
		cmocka_unit_test(test_lls_is_passed_by),
		cmocka_unit_test(test_lls_before_a_trailer_is_below_its_digest),
		cmocka_unit_test(test_lls_of_a_description_is_below_the_digest_too),
		cmocka_unit_test(test_a_digest_with_the_bytes_of_its_protocol_swapped_is_refused),
		cmocka_unit_test(test_the_at_bit_says_whether_there_is_a_trailer),
		cmocka_unit_test(test_why_a_packet_is_refused),
		cmocka_unit_test(test_what_cannot_be_sealed_as_it_says_is_not_sent),
		cmocka_unit_test(test_hellos_and_descriptions_of_v3_say_that_there_is_a_trailer),
		cmocka_unit_test(test_how_long_a_secret_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
