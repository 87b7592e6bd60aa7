/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/bfd/packet.h"

#include "base/unit.h"
#include "proto/bfd/auth.h"

static const struct bfd_packet plain = {
	.diagnostic = BFD_DIAGNOSTIC_EXPIRED,
	.state = BFD_STATE_INIT,
	.poll = true,
	.independent = true,
	.multiplier = 3,
	.my_discriminator = 0x11223344,
	.your_discriminator = 0x55667788,
	.tx_us = 10000,
	.rx_us = 20000,
	.echo_us = 5,
};

static struct bfd_params params_of(uint8_t type, const char *secret)
{
	struct bfd_params p = { .tx_us = 10000, .rx_us = 10000, .multiplier = 3, .auth = type };

	if (type == BFD_AUTH_NONE)
		return p;
	p.n_secrets = 1;
	p.secrets[0].id = 7;
	p.secrets[0].length = (uint8_t)strlen(secret);
	memcpy(p.secrets[0].bytes, secret, strlen(secret));
	return p;
}

static void what_is_written_is_read_with_every_kind_of_authentication(void **state)
{
	(void)state;
	for (uint8_t type = BFD_AUTH_NONE; type <= BFD_AUTH_SHA1_METICULOUS; type++) {
		struct bfd_params params = params_of(type, "open sesame");
		struct bfd_packet p = plain, read = { 0 };
		uint8_t bytes[BFD_PACKET_MAX];
		size_t length;

		p.sequence = type > BFD_AUTH_PASSWORD ? 0xfffffffe : 0;
		length = bfd_auth_encode(&params, &p, bytes);
		assert_int_equal(length, bfd_packet_length(&p));
		assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_NOTHING);
		assert_memory_equal(&read, &p, sizeof(p));
		assert_int_equal(bfd_auth_check(&params, &read, bytes), BFD_DROP_NOTHING);
	}
}

static void no_part_of_a_packet_is_a_packet(void **state)
{
	(void)state;
	for (uint8_t type = BFD_AUTH_NONE; type <= BFD_AUTH_SHA1_METICULOUS; type++) {
		struct bfd_params params = params_of(type, "open sesame");
		struct bfd_packet p = plain, read;
		uint8_t bytes[BFD_PACKET_MAX];
		size_t length = bfd_auth_encode(&params, &p, bytes);

		for (size_t part = 0; part < length; part++)
			assert_int_equal(bfd_packet_decode(bytes, part, &read), BFD_DROP_LENGTH);
		/* RFC 5880 6.8.6: a payload may be longer than the packet. */
		assert_int_equal(bfd_packet_decode(bytes, length + 1400, &read), BFD_DROP_NOTHING);
	}
}

static void each_broken_field_has_its_own_reason(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		enum bfd_drop drop;
	} cases[] = {
		{ 0, 0x00, BFD_DROP_VERSION },	  { 0, 0x40, BFD_DROP_VERSION },
		{ 1, 0xc1, BFD_DROP_MULTIPOINT }, { 2, 0, BFD_DROP_MULTIPLIER },
		{ 3, 23, BFD_DROP_LENGTH },	  { 3, 25, BFD_DROP_LENGTH },
		{ 1, 0xc4, BFD_DROP_LENGTH },
	};
	uint8_t bytes[BFD_PACKET_MAX], broken[BFD_PACKET_MAX];
	size_t length = bfd_packet_encode(&plain, bytes);
	struct bfd_packet read;

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		memcpy(broken, bytes, length);
		broken[cases[k].offset] = cases[k].value;
		assert_int_equal(bfd_packet_decode(broken, length, &read), cases[k].drop);
	}
	memset(bytes + 4, 0, 4);
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_MY_DISCRIMINATOR);
}

static void the_length_of_a_section_must_be_that_of_its_type(void **state)
{
	struct bfd_params params = params_of(BFD_AUTH_MD5, "secret");
	struct bfd_packet p = plain, read;
	uint8_t bytes[BFD_PACKET_MAX];
	size_t length = bfd_auth_encode(&params, &p, bytes);

	(void)state;
	bytes[24] = 6;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_AUTH_TYPE);
	bytes[24] = BFD_AUTH_SHA1;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_AUTH_LENGTH);
	bytes[24] = BFD_AUTH_PASSWORD;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_AUTH_LENGTH);
	bytes[24] = BFD_AUTH_MD5;
	bytes[25] = 23;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_AUTH_LENGTH);
}

/* Made with Python's hashlib over the packet with the padded key in the digest's place. */
static void digests_are_those_that_others_compute(void **state)
{
	static const struct {
		uint8_t type;
		const char *secret;
		uint32_t sequence;
		uint8_t digest[BFD_DIGEST_MAX];
	} cases[] = {
		{ BFD_AUTH_MD5,
		  "secret",
		  0xfffffffe,
		  { 0xfb, 0x09, 0xe5, 0xd3, 0x19, 0xf8, 0x05, 0xef, 0xf4, 0x23, 0xf8, 0x87, 0x50,
		    0x9d, 0xe8, 0x1a } },
		{ BFD_AUTH_SHA1_METICULOUS,
		  "a longer secret 1234",
		  1,
		  { 0x4b, 0x84, 0x6b, 0xea, 0x5d, 0x32, 0x29, 0xd5, 0x64, 0x9b,
		    0x52, 0x24, 0x85, 0x27, 0x4e, 0x5c, 0x00, 0xf1, 0xe1, 0x72 } },
	};

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bfd_params params = params_of(cases[k].type, cases[k].secret);
		struct bfd_packet p = plain;
		uint8_t bytes[BFD_PACKET_MAX];

		p.diagnostic = 0;
		p.state = BFD_STATE_UP;
		p.echo_us = 0;
		p.sequence = cases[k].sequence;
		(void)bfd_auth_encode(&params, &p, bytes);
		assert_memory_equal(bytes + BFD_DIGEST_OFFSET, cases[k].digest,
				    bfd_auth_digest_bytes(cases[k].type));
	}
}

static void a_packet_that_is_not_signed_as_agreed_is_refused(void **state)
{
	struct bfd_params signs = params_of(BFD_AUTH_SHA1, "right"), other = signs;
	struct bfd_params none = params_of(BFD_AUTH_NONE, "");
	struct bfd_packet p = plain, read;
	uint8_t bytes[BFD_PACKET_MAX];
	size_t length = bfd_auth_encode(&signs, &p, bytes);

	(void)state;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_NOTHING);
	assert_int_equal(bfd_auth_check(&none, &read, bytes), BFD_DROP_AUTH_UNEXPECTED);
	assert_int_equal(bfd_auth_check(&signs, &plain, bytes), BFD_DROP_AUTH_MISSING);
	other.auth = BFD_AUTH_SHA1_METICULOUS;
	assert_int_equal(bfd_auth_check(&other, &read, bytes), BFD_DROP_AUTH_TYPE);
	other = params_of(BFD_AUTH_SHA1, "wrong");
	assert_int_equal(bfd_auth_check(&other, &read, bytes), BFD_DROP_AUTH_DIGEST);
	/* The right one stands second: it is believed, whatever we send with ourselves. */
	other.secrets[1] = signs.secrets[0];
	other.secrets[0].id = 1;
	other.n_secrets = 2;
	assert_int_equal(bfd_auth_check(&other, &read, bytes), BFD_DROP_NOTHING);
	other.n_secrets = 1;
	assert_int_equal(bfd_auth_check(&other, &read, bytes), BFD_DROP_AUTH_KEY);
	/* Each bit of it counts. */
	for (size_t k = 0; k < length; k++) {
		bytes[k] ^= 1;
		if (bfd_packet_decode(bytes, length, &read) == BFD_DROP_NOTHING && k != 27)
			assert_int_not_equal(bfd_auth_check(&signs, &read, bytes),
					     BFD_DROP_NOTHING);
		bytes[k] ^= 1;
	}
}

static void a_password_is_all_of_it(void **state)
{
	struct bfd_params full = params_of(BFD_AUTH_PASSWORD, "sixteen bytes ok");
	struct bfd_params part = params_of(BFD_AUTH_PASSWORD, "sixteen");
	struct bfd_packet p = plain, read;
	uint8_t bytes[BFD_PACKET_MAX];
	size_t length = bfd_auth_encode(&part, &p, bytes);

	(void)state;
	assert_int_equal(bfd_packet_decode(bytes, length, &read), BFD_DROP_NOTHING);
	assert_int_equal(bfd_auth_check(&part, &read, bytes), BFD_DROP_NOTHING);
	assert_int_equal(bfd_auth_check(&full, &read, bytes), BFD_DROP_AUTH_DIGEST);
}

static void the_window_of_sequence_numbers_goes_around(void **state)
{
	struct bfd_packet p = { .auth = BFD_AUTH_MD5, .multiplier = 3 };

	(void)state;
	p.sequence = 5;
	assert_true(bfd_auth_sequence_fits(&p, 5));
	assert_true(bfd_auth_sequence_fits(&p, 0xfffffffc));
	assert_false(bfd_auth_sequence_fits(&p, 0xfffffffb));
	assert_false(bfd_auth_sequence_fits(&p, 6));
	p.auth = BFD_AUTH_SHA1_METICULOUS;
	assert_false(bfd_auth_sequence_fits(&p, 5));
	assert_true(bfd_auth_sequence_fits(&p, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_with_every_kind_of_authentication),
		cmocka_unit_test(no_part_of_a_packet_is_a_packet),
		cmocka_unit_test(each_broken_field_has_its_own_reason),
		cmocka_unit_test(the_length_of_a_section_must_be_that_of_its_type),
		cmocka_unit_test(digests_are_those_that_others_compute),
		cmocka_unit_test(a_packet_that_is_not_signed_as_agreed_is_refused),
		cmocka_unit_test(a_password_is_all_of_it),
		cmocka_unit_test(the_window_of_sequence_numbers_goes_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
