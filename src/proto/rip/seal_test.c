/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/rip/seal.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/md5.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/rip/packet.h"

/* One route, as the speaker gives it out, and what every seal by a digest puts in front of it. */
static const uint8_t plain[] = {
	2, 2, 0, 0, 0, 2, 0x12, 0x34, 10, 9, 1, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 3,
};

/*
 * Made by Python's hashlib and hmac: key 7, sequence number
 * 0x01020304, the secret "open sesame" or the bytes 1 to 100.
 */
static const struct {
	uint8_t type;
	bool long_secret;
	uint8_t length;
	uint8_t digest[64];
} vectors[] = {
	{ AUTH_MD5,
	  false,
	  16,
	  {
		  0xd2,
		  0xc4,
		  0x21,
		  0x31,
		  0xda,
		  0xc7,
		  0x13,
		  0x97,
		  0xd1,
		  0x71,
		  0x46,
		  0x67,
		  0xa1,
		  0x16,
		  0xa0,
		  0x3b,
	  } },
	{ AUTH_HMAC_SHA_1,
	  false,
	  20,
	  {
		  0x44, 0x04, 0x43, 0xa5, 0x93, 0x15, 0xfd, 0xc2, 0x5e, 0x37,
		  0x2a, 0x7a, 0x99, 0x7f, 0x68, 0x88, 0x28, 0xe6, 0x59, 0x59,
	  } },
	{ AUTH_HMAC_SHA_1,
	  true,
	  20,
	  {
		  0xbf, 0x6b, 0xea, 0xd4, 0x80, 0x4b, 0xe6, 0xef, 0x28, 0xe6,
		  0x6d, 0xed, 0xc6, 0x5b, 0x92, 0x74, 0x1c, 0x19, 0x82, 0x1a,
	  } },
	{ AUTH_HMAC_SHA_256,
	  false,
	  32,
	  {
		  0xc9, 0x5a, 0x12, 0x33, 0xf5, 0x79, 0xf8, 0x8e, 0x16, 0x24, 0x6e,
		  0x9a, 0xc1, 0x66, 0x48, 0xc7, 0x8c, 0xf1, 0x65, 0x9d, 0x0b, 0xcb,
		  0x93, 0x8f, 0x31, 0x14, 0xf1, 0x39, 0x58, 0x38, 0x21, 0x5b,
	  } },
	{ AUTH_HMAC_SHA_256,
	  true,
	  32,
	  {
		  0xf7, 0x43, 0xba, 0x91, 0xc2, 0x61, 0xac, 0xc0, 0xcd, 0xdb, 0xe3,
		  0xda, 0xe8, 0x83, 0x65, 0x80, 0x49, 0x49, 0x4b, 0xca, 0x04, 0xbe,
		  0x8a, 0x74, 0xeb, 0xb1, 0x9c, 0xef, 0x29, 0x9a, 0x1f, 0x30,
	  } },
	{ AUTH_HMAC_SHA_384,
	  false,
	  48,
	  {
		  0x4f, 0xed, 0xb6, 0x02, 0xdd, 0x9c, 0xe5, 0x57, 0xa6, 0xa1, 0xb6, 0x80,
		  0xa3, 0x0a, 0x6e, 0x64, 0xf1, 0xe4, 0x8a, 0x70, 0xb6, 0xc9, 0x77, 0xd0,
		  0x1f, 0xcf, 0xa9, 0xcb, 0x81, 0x63, 0x0c, 0xce, 0x82, 0xf4, 0x76, 0x8b,
		  0x60, 0xa5, 0x79, 0x29, 0x0e, 0x3e, 0x7e, 0xb1, 0xad, 0x67, 0x62, 0x22,
	  } },
	{ AUTH_HMAC_SHA_384,
	  true,
	  48,
	  {
		  0xc1, 0xcd, 0xb5, 0xb1, 0x98, 0xec, 0x76, 0x76, 0x5e, 0xc0, 0x12, 0xe9,
		  0xbf, 0xfe, 0x08, 0x3f, 0x2e, 0x30, 0x60, 0xb2, 0x48, 0x67, 0x60, 0xf6,
		  0x08, 0xc7, 0x7c, 0xf7, 0x88, 0xc8, 0xe5, 0xa5, 0x9e, 0x49, 0xc7, 0x54,
		  0xcf, 0x09, 0x92, 0x30, 0x98, 0xcf, 0x1a, 0x12, 0x71, 0x47, 0xdb, 0xf1,
	  } },
	{ AUTH_HMAC_SHA_512,
	  false,
	  64,
	  {
		  0x01, 0x03, 0x4a, 0xcf, 0x9e, 0x89, 0xcc, 0x95, 0x71, 0xfb, 0x6f, 0x86, 0xcc,
		  0x30, 0x5a, 0xdb, 0xeb, 0x6c, 0x83, 0xe5, 0x43, 0xd7, 0x31, 0x63, 0x47, 0x54,
		  0xfb, 0xe2, 0x5b, 0x19, 0x8d, 0xe7, 0x7b, 0x37, 0x7f, 0xd9, 0xa6, 0x9a, 0xcc,
		  0x0d, 0x8f, 0x3a, 0x86, 0xb2, 0x22, 0x14, 0x6c, 0x0a, 0xff, 0x74, 0x85, 0xf4,
		  0xb9, 0x83, 0x60, 0x40, 0x7e, 0x4a, 0x07, 0xc5, 0x81, 0x8e, 0x68, 0x83,
	  } },
	{ AUTH_HMAC_SHA_512,
	  true,
	  64,
	  {
		  0x02, 0x06, 0x44, 0xa7, 0xd1, 0xde, 0x77, 0x75, 0x15, 0x92, 0xc0, 0x8c, 0x92,
		  0xad, 0xaa, 0x5a, 0x24, 0x59, 0x8f, 0xd0, 0xbb, 0x6d, 0xb2, 0xcc, 0x9a, 0xcd,
		  0x07, 0x4d, 0xfd, 0x4d, 0x0c, 0x07, 0xe9, 0xa4, 0x79, 0x87, 0x0d, 0x2a, 0xef,
		  0x92, 0x3c, 0x00, 0x1c, 0xb5, 0xa0, 0x0f, 0x4f, 0x78, 0x7c, 0xed, 0xcc, 0x16,
		  0xe0, 0xfc, 0xab, 0x5c, 0xd2, 0xcf, 0x18, 0x73, 0x75, 0x98, 0x58, 0xf3,
	  } },
};

static struct keyring ring(uint8_t type, bool long_secret)
{
	struct keyring k = { .type = type, .n = 1 };

	k.secrets[0].id = 7;
	if (long_secret) {
		k.secrets[0].length = 100;
		for (uint8_t i = 0; i < 100; i++)
			k.secrets[0].bytes[i] = (uint8_t)(i + 1);
	} else {
		k.secrets[0].length = 11;
		memcpy(k.secrets[0].bytes, "open sesame", 11);
	}
	return k;
}

static struct packet datagram(uint8_t type)
{
	struct packet d = { .auth = type, .key = 7, .sequence = 0x01020304 };

	d.length = sizeof(plain);
	memcpy(d.bytes, plain, sizeof(plain));
	return d;
}

static enum rip_drop open_it(const struct keyring *k, const uint8_t *bytes, size_t length,
			     struct packet *ret)
{
	uint8_t *exact = malloc(length ? length : 1);
	enum rip_drop drop;

	/* In memory of just that size, so that a sanitizer sees who reads behind it. */
	memset(ret, 0, sizeof(*ret));
	memcpy(exact, bytes, length);
	rip_open(k, exact, length, ret);
	free(exact);
	drop = ret->refused ? (enum rip_drop)ret->reason : RIP_DROP_NOTHING;
	return drop;
}

static void test_digests_are_those_of_an_independent_implementation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct keyring k = ring(vectors[i].type, vectors[i].long_secret);
		struct packet d = datagram(vectors[i].type);
		const uint8_t head[] = {
			0xff, 0xff,
			0,    3,
			0,    sizeof(plain) + 20,
			7,    vectors[i].length,
			1,    2,
			3,    4,
			0,    0,
			0,    0,
			0,    0,
			0,    0,
		};
		uint8_t bytes[RIP_SEALED_MAX];

		assert_int_equal(rip_seal(&k, &d, bytes), sizeof(plain) + 24u + vectors[i].length);
		assert_memory_equal(bytes, plain, 4);
		assert_memory_equal(bytes + 4, head, sizeof(head));
		assert_memory_equal(bytes + 24, plain + 4, sizeof(plain) - 4);
		assert_memory_equal(bytes + 44, "\xff\xff\0\1", 4);
		assert_memory_equal(bytes + 48, vectors[i].digest, vectors[i].length);
	}
}

static void test_what_is_opened_is_what_was_sealed(void **state)
{
	(void)state;
	for (uint8_t type = AUTH_NONE; type < AUTH_COUNT; type++) {
		struct keyring k = ring(type, false);
		struct packet d = datagram(type), again;
		uint8_t bytes[RIP_SEALED_MAX];
		size_t length = rip_seal(&k, &d, bytes);

		assert_int_equal(open_it(&k, bytes, length, &again), RIP_DROP_NOTHING);
		assert_int_equal(again.auth, type);
		assert_int_equal(again.length, d.length);
		assert_memory_equal(again.bytes, d.bytes, d.length);
		if (type != AUTH_NONE)
			assert_int_equal(again.key, 7);
		if (type >= AUTH_MD5)
			assert_int_equal(again.sequence, 0x01020304);
	}
}

static void test_no_truncation_of_a_sealed_packet_is_believed(void **state)
{
	(void)state;
	for (uint8_t type = AUTH_MD5; type < AUTH_COUNT; type++) {
		struct keyring k = ring(type, false);
		struct packet d = datagram(type), again;
		uint8_t bytes[RIP_SEALED_MAX];
		size_t length = rip_seal(&k, &d, bytes);

		for (size_t n = 0; n < length; n++) {
			assert_int_not_equal(open_it(&k, bytes, n, &again), RIP_DROP_NOTHING);
			assert_int_equal(again.length, 0);
		}
	}
}

static void test_no_bit_of_a_sealed_packet_may_be_changed(void **state)
{
	(void)state;
	for (uint8_t type = AUTH_MD5; type < AUTH_COUNT; type++) {
		struct keyring k = ring(type, false);
		struct packet d = datagram(type), again;
		uint8_t bytes[RIP_SEALED_MAX];
		size_t length = rip_seal(&k, &d, bytes);

		for (size_t bit = 0; bit < 8 * length; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(open_it(&k, bytes, length, &again), RIP_DROP_NOTHING);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void test_both_ways_to_count_the_digest_of_md5_are_understood(void **state)
{
	struct keyring k = ring(AUTH_MD5, false), other = k;
	struct packet d = datagram(AUTH_MD5), again;
	uint8_t bytes[RIP_SEALED_MAX];
	size_t length = rip_seal(&k, &d, bytes);
	struct md5_ctx c;

	(void)state;
	assert_int_equal(open_it(&k, bytes, length, &again), RIP_DROP_NOTHING);
	/* As BIRD and old ripds count: with the head of the trailer. It is signed too. */
	bytes[11] = 20;
	assert_int_equal(open_it(&k, bytes, length, &again), RIP_DROP_AUTH_DIGEST);
	md5_init(&c);
	md5_update(&c, 48, bytes);
	md5_update(&c, 16, (const uint8_t *)"open sesame\0\0\0\0\0");
	md5_digest(&c, 16, bytes + 48);
	assert_int_equal(open_it(&k, bytes, length, &again), RIP_DROP_NOTHING);
	bytes[11] = 17;
	assert_int_equal(open_it(&k, bytes, length, &again), RIP_DROP_AUTH_LENGTH);
	bytes[11] = 20;
	other.secrets[0].bytes[0] ^= 1;
	assert_int_equal(open_it(&other, bytes, length, &again), RIP_DROP_AUTH_DIGEST);
	other.secrets[0].id = 8;
	assert_int_equal(open_it(&other, bytes, length, &again), RIP_DROP_AUTH_KEY);
}

static void test_each_refusal_has_its_reason(void **state)
{
	struct keyring md5 = ring(AUTH_MD5, false), simple = ring(AUTH_SIMPLE, false);
	struct packet d = datagram(AUTH_MD5), again;
	uint8_t bytes[RIP_SEALED_MAX], long_one[RIP_SEALED_MAX + 1] = { 2, 2 };
	size_t length = rip_seal(&md5, &d, bytes);

	(void)state;
	assert_int_equal(open_it(&md5, plain, sizeof(plain), &again), RIP_DROP_AUTH_MISSING);
	assert_int_equal(open_it(&simple, bytes, length, &again), RIP_DROP_AUTH_TYPE);
	bytes[1] = 1;
	assert_int_equal(open_it(&md5, bytes, length, &again), RIP_DROP_AUTH_MISSING);
	bytes[1] = 2;
	bytes[45] = 0; /* the trailer's mark */
	assert_int_equal(open_it(&md5, bytes, length, &again), RIP_DROP_AUTH_LENGTH);
	assert_int_equal(open_it(&md5, long_one, sizeof(long_one), &again), RIP_DROP_OVERSIZED);
	simple.secrets[0].length = 10;
	d = datagram(AUTH_SIMPLE);
	length = rip_seal(&simple, &d, bytes);
	simple.secrets[0].length = 11;
	assert_int_equal(open_it(&simple, bytes, length, &again), RIP_DROP_AUTH_DIGEST);
}

static void test_what_cannot_be_sealed_as_asked_is_not_sealed_at_all(void **state)
{
	struct keyring k = ring(AUTH_HMAC_SHA_256, false), none = { 0 };
	struct packet d = datagram(AUTH_HMAC_SHA_256);
	uint8_t bytes[RIP_SEALED_MAX];

	(void)state;
	assert_int_equal(rip_seal(&none, &d, bytes), 0);
	d.key = 8;
	assert_int_equal(rip_seal(&k, &d, bytes), 0);
	d.key = 7;
	d.auth = AUTH_NONE;
	assert_int_equal(rip_seal(&k, &d, bytes), 0);
}

static void test_a_full_packet_can_be_sealed_and_a_fuller_one_is_not_opened(void **state)
{
	struct keyring k = ring(AUTH_HMAC_SHA_512, true);
	struct packet d = datagram(AUTH_HMAC_SHA_512), again;
	uint8_t bytes[RIP_SEALED_MAX];

	(void)state;
	d.length = 4 + 24 * 20;
	assert_int_equal(rip_seal(&k, &d, bytes), 4 + 25 * 20 + 4 + 64);
	assert_int_equal(open_it(&k, bytes, 4 + 25 * 20 + 4 + 64, &again), RIP_DROP_NOTHING);
	assert_int_equal(again.length, d.length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests_are_those_of_an_independent_implementation),
		cmocka_unit_test(test_what_is_opened_is_what_was_sealed),
		cmocka_unit_test(test_no_truncation_of_a_sealed_packet_is_believed),
		cmocka_unit_test(test_no_bit_of_a_sealed_packet_may_be_changed),
		cmocka_unit_test(test_both_ways_to_count_the_digest_of_md5_are_understood),
		cmocka_unit_test(test_each_refusal_has_its_reason),
		cmocka_unit_test(test_what_cannot_be_sealed_as_asked_is_not_sealed_at_all),
		cmocka_unit_test(test_a_full_packet_can_be_sealed_and_a_fuller_one_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
