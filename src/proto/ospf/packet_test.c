/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/packet.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/ospf/ospf.h"

#define BYTES_MAX 512

static const struct ospf_header header = {
	.router = 0x0a000001,
	.area = 0x00000102,
};

/* A packet of the type, with something of everything; returns the length. */
static size_t make(enum ospf_version v, uint8_t type, uint8_t *bytes)
{
	struct ospf_header h = header;
	struct ospf_hello hello = {
		.mask_length = 24,
		.interface_id = 7,
		.options = v == OSPF_V2 ? OSPF_V2_E | OSPF_V2_L : OSPF_V3_V6 | OSPF_V3_AT,
		.priority = 3,
		.interval = 10,
		.dead = 40,
		.dr = 0x0a020001,
		.bdr = 0x0a020002,
	};
	struct ospf_description description = {
		.mtu = 1500,
		.options = hello.options,
		.flags = OSPF_DD_MASTER | OSPF_DD_MORE,
		.sequence = 0x01020304,
	};
	struct lsa_header lsa = {
		.age = 5,
		.options = 2,
		.key = { .type = v == OSPF_V2 ? LSA_V2_ROUTER : LSA_V3_ROUTER,
			 .id = 1,
			 .router = 2 },
		.sequence = LSA_SEQUENCE_INITIAL,
		.checksum = 0x1234,
		.length = 36,
	};
	struct writer w;
	size_t start;

	h.type = type;
	h.instance = v == OSPF_V3 ? 4 : 0;
	writer_init(&w, bytes, BYTES_MAX);
	ospf_begin(v, &w, &h);
	switch (type) {
	case OSPF_HELLO:
		ospf_write_hello(v, &w, &hello);
		ospf_write_neighbor(&w, 0x0a000002);
		ospf_write_neighbor(&w, 0x0a000003);
		break;
	case OSPF_DESCRIPTION:
		ospf_write_description(v, &w, &description);
		lsa_header_write(v, &w, &lsa);
		lsa_header_write(v, &w, &lsa);
		break;
	case OSPF_REQUEST:
		ospf_write_request(v, &w, &lsa.key);
		ospf_write_request(v, &w, &lsa.key);
		break;
	case OSPF_UPDATE:
		ospf_write_update(&w);
		for (int i = 0; i < 2; i++) {
			start = lsa_begin(v, &w, &lsa);
			lsa_write_router(v, &w, &(struct lsa_router){ 0 });
			lsa_finish(&w, start);
		}
		ospf_update_count(v, &w, 2);
		break;
	default:
		lsa_header_write(v, &w, &lsa);
		lsa_header_write(v, &w, &lsa);
		break;
	}
	ospf_finish(&w);
	assert_true(writer_ok(&w));
	return w.length;
}

/* Reads all that it says; returns how many elements it had, -1: it cannot be read. */
static int read_all(enum ospf_version v, const uint8_t *bytes, size_t length)
{
	struct ospf_header h;
	struct ospf_hello hello;
	struct ospf_description d;
	struct lsa_header lsa;
	struct lsa_key key;
	struct reader body;
	const uint8_t *at;
	uint32_t router;
	int n = 0;

	if (ospf_header_read(v, bytes, length, &h, &body) != PACKET_GOOD)
		return -1;
	switch (h.type) {
	case OSPF_HELLO:
		if (!ospf_hello_read(v, body, &hello))
			return -1;
		while (ospf_neighbor_next(&hello.neighbors, &router))
			n++;
		return n;
	case OSPF_DESCRIPTION:
		if (!ospf_description_read(v, body, &d))
			return -1;
		while (ospf_lsa_header_next(v, &d.headers, &lsa))
			n++;
		return n;
	case OSPF_REQUEST:
		while (ospf_request_next(v, &body, &key))
			n++;
		return body.failed ? -1 : n;
	case OSPF_UPDATE:
		ospf_update_read(&body);
		while (ospf_update_next(v, &body, &lsa, &at))
			n++;
		return body.failed ? -1 : n;
	default:
		while (ospf_lsa_header_next(v, &body, &lsa))
			n++;
		return body.failed ? -1 : n;
	}
}

static void test_a_packet_of_each_type_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (int v = OSPF_V2; v <= OSPF_V3; v++)
		for (uint8_t type = OSPF_HELLO; type < OSPF_PACKET_TYPES; type++) {
			uint8_t bytes[BYTES_MAX];
			size_t length = make((enum ospf_version)v, type, bytes);
			struct ospf_header h;
			struct reader body;

			assert_int_equal(
				ospf_header_read((enum ospf_version)v, bytes, length, &h, &body),
				PACKET_GOOD);
			assert_int_equal(h.version, v);
			assert_int_equal(h.type, type);
			assert_int_equal(h.length, length);
			assert_int_equal(h.router, header.router);
			assert_int_equal(h.area, header.area);
			assert_int_equal(h.instance, v == OSPF_V3 ? 4 : 0);
			assert_int_equal(read_all((enum ospf_version)v, bytes, length), 2);
		}
}

static void test_no_truncation_is_read_beyond_its_end(void **state)
{
	(void)state;
	for (int v = OSPF_V2; v <= OSPF_V3; v++)
		for (uint8_t type = OSPF_HELLO; type < OSPF_PACKET_TYPES; type++) {
			uint8_t bytes[BYTES_MAX];
			size_t length = make((enum ospf_version)v, type, bytes);

			for (size_t n = 0; n < length; n++) {
				uint8_t *exact = malloc(n ? n : 1);

				memcpy(exact, bytes, n);
				assert_int_equal(read_all((enum ospf_version)v, exact, n), -1);
				if (n > 3) {
					exact[2] = 0;
					exact[3] = (uint8_t)n;
				}
				assert_true(read_all((enum ospf_version)v, exact, n) < 2);
				free(exact);
			}
		}
}

/* RFC 2328 A.3.2, RFC 5340 A.3.2: field by field. */
static void test_a_hello_stands_as_its_rfc_has_it(void **state)
{
	static const uint8_t v2[] = {
		2,   1,	  0,   52, 10, 0,  0,	 1, 0, 0, 1,  2,  0,  0,
		0,   0,	  0,   0,  0,  0,  0,	 0, 0, 0, /* no seal */
		255, 255, 255, 0,  0,  10, 0x12, 3, 0, 0, 0,  40, 10, 2,
		0,   1,	  10,  2,  0,  2,  10,	 0, 0, 2, 10, 0,  0,  3,
	};
	static const uint8_t v3[] = {
		3, 1, 0, 44, 10, 0,  0,	 1, 0, 0, 1,  2, 0, 0, 4,  0, 0, 0, 0,	7, 3, 0,
		4, 1, 0, 10, 0,	 40, 10, 2, 0, 1, 10, 2, 0, 2, 10, 0, 0, 2, 10, 0, 0, 3,
	};
	uint8_t bytes[BYTES_MAX];
	struct ospf_hello hello;
	struct ospf_header h;
	struct reader body;
	uint32_t router;

	(void)state;
	assert_int_equal(make(OSPF_V2, OSPF_HELLO, bytes), sizeof(v2));
	assert_memory_equal(bytes, v2, sizeof(v2));
	assert_int_equal(make(OSPF_V3, OSPF_HELLO, bytes), sizeof(v3));
	assert_memory_equal(bytes, v3, sizeof(v3));

	assert_int_equal(ospf_header_read(OSPF_V2, v2, sizeof(v2), &h, &body), PACKET_GOOD);
	assert_true(ospf_hello_read(OSPF_V2, body, &hello));
	assert_int_equal(hello.mask_length, 24);
	assert_false(hello.mask_holes);
	assert_int_equal(hello.priority, 3);
	assert_int_equal(hello.options, OSPF_V2_E | OSPF_V2_L);
	assert_int_equal(hello.interval, 10);
	assert_int_equal(hello.dead, 40);
	assert_true(ospf_neighbor_next(&hello.neighbors, &router));
	assert_int_equal(router, 0x0a000002);
	memcpy(bytes, v2, sizeof(v2));
	bytes[25] = 0; /* 255.0.255.0 */
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, sizeof(v2), &h, &body), PACKET_GOOD);
	assert_true(ospf_hello_read(OSPF_V2, body, &hello));
	assert_true(hello.mask_holes);

	assert_int_equal(ospf_header_read(OSPF_V3, v3, sizeof(v3), &h, &body), PACKET_GOOD);
	assert_true(ospf_hello_read(OSPF_V3, body, &hello));
	assert_int_equal(hello.interface_id, 7);
	assert_int_equal(hello.options, OSPF_V3_V6 | OSPF_V3_AT);
	assert_int_equal(hello.dr, 0x0a020001);
	assert_int_equal(hello.bdr, 0x0a020002);
}

static void test_what_is_behind_the_packet_is_not_looked_at(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = make(OSPF_V2, OSPF_HELLO, bytes);
	struct ospf_header h;
	struct reader body;

	(void)state;
	memset(bytes + length, 0xff, 12); /* RFC 5613 */
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, length + 12, &h, &body), PACKET_GOOD);
	assert_int_equal(read_all(OSPF_V2, bytes, length + 12), 2);
}

static void test_why_a_header_is_not_believed(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = make(OSPF_V2, OSPF_HELLO, bytes);
	struct ospf_header h;
	struct reader body;

	(void)state;
	assert_int_equal(ospf_header_read(OSPF_V3, bytes, length, &h, &body), PACKET_FAULT_VERSION);
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, length - 1, &h, &body),
			 PACKET_FAULT_LENGTH);
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, 0, &h, &body), PACKET_FAULT_LENGTH);
	bytes[1] = OSPF_PACKET_TYPES;
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, length, &h, &body), PACKET_FAULT_TYPE);
	bytes[1] = 0;
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, length, &h, &body), PACKET_FAULT_TYPE);
	bytes[3] = 23;
	assert_int_equal(ospf_header_read(OSPF_V2, bytes, length, &h, &body), PACKET_FAULT_LENGTH);
}

static void test_an_update_whose_lsa_is_cut_off_or_shorter_than_a_header_fails(void **state)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = make(OSPF_V3, OSPF_UPDATE, bytes);
	uint16_t wrong[] = { 0, 19, 25, 0xffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		bytes[16 + 4 + 24 + 18] = (uint8_t)(wrong[i] >> 8);
		bytes[16 + 4 + 24 + 19] = (uint8_t)wrong[i];
		assert_int_equal(read_all(OSPF_V3, bytes, length), -1);
	}
}

/* In v2 the type has 32 bits there; 0x10001 is not 1. */
static void test_a_type_that_is_too_large_is_none(void **state)
{
	static const uint8_t bytes[] = { 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2 };
	struct lsa_key k;
	struct reader r;

	(void)state;
	reader_init(&r, bytes, sizeof(bytes));
	assert_true(ospf_request_next(OSPF_V2, &r, &k));
	assert_int_equal(lsa_kind(OSPF_V2, &k), LSA_UNKNOWN);
}

static void test_names_and_groups(void **state)
{
	struct address a;

	(void)state;
	assert_string_equal(ospf_packet_name(OSPF_ACKNOWLEDGMENT), "acknowledgment");
	assert_string_equal(ospf_packet_name(200), "unknown");
	assert_string_equal(ospf_drop_name(OSPF_DROP_LSA_LIMIT), "lsa-limit");
	assert_string_equal(ospf_drop_name(OSPF_DROP_COUNT), "-");
	assert_string_equal(ospf_interface_state_name(OSPF_INTERFACE_DR), "dr");
	assert_string_equal(ospf_interface_state_name(200), "-");
	assert_string_equal(ospf_neighbor_state_name(OSPF_NEIGHBOR_FULL), "full");
	assert_string_equal(ospf_neighbor_state_name(200), "-");
	a = ospf_group(OSPF_V2, false);
	assert_string_equal(ADDRESS_TEXT(&a), "224.0.0.5");
	a = ospf_group(OSPF_V3, true);
	assert_string_equal(ADDRESS_TEXT(&a), "ff02::6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packet_of_each_type_is_read_as_it_was_written),
		cmocka_unit_test(test_no_truncation_is_read_beyond_its_end),
		cmocka_unit_test(test_a_hello_stands_as_its_rfc_has_it),
		cmocka_unit_test(test_what_is_behind_the_packet_is_not_looked_at),
		cmocka_unit_test(test_why_a_header_is_not_believed),
		cmocka_unit_test(
			test_an_update_whose_lsa_is_cut_off_or_shorter_than_a_header_fails),
		cmocka_unit_test(test_a_type_that_is_too_large_is_none),
		cmocka_unit_test(test_names_and_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
