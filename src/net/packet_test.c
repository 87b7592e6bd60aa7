/* SPDX-License-Identifier: Apache-2.0 */
#include "net/packet.h"

#include <string.h>

#include "base/unit.h"

#define LENGTH 10000

static uint8_t bytes[LENGTH];

static void fill(void)
{
	for (size_t k = 0; k < LENGTH; k++)
		bytes[k] = (uint8_t)(k % 251);
}

/* Cuts the first `length` bytes and puts them together; `skip` is a piece that gets lost. */
static const uint8_t *through(struct packet_join *j, size_t length, int skip, size_t *ret_length)
{
	const uint8_t *whole = NULL;
	static struct packet p;
	int piece = 0;

	memset(&p, 0, sizeof(p));
	do {
		packet_cut(&p, bytes, length);
		if (piece++ != skip) {
			assert_null(whole);
			whole = packet_join(j, &p, ret_length);
		}
		p.at = (uint16_t)(p.at + p.length);
	} while (p.more);
	return whole;
}

static void test_what_is_cut_and_put_together_is_as_before(void **state)
{
	static const size_t lengths[] = { 0, 1, 1479, 1480, 1481, 2960, 2961, LENGTH };
	struct packet_join j = { .max = LENGTH };
	const uint8_t *whole;
	size_t length;

	(void)state;
	fill();
	for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
		whole = through(&j, lengths[k], -1, &length);
		assert_non_null(whole);
		assert_int_equal(length, lengths[k]);
		assert_memory_equal(whole, bytes, length);
		/* Where there is nothing to put together nothing is kept. */
		assert_int_equal(j.bytes != NULL, lengths[k] > PACKET_BYTES_MAX || k > 4);
	}
	packet_join_done(&j);
	assert_null(j.bytes);
}

static void test_of_what_has_lost_a_piece_nothing_is_left(void **state)
{
	struct packet_join j = { .max = LENGTH };
	size_t length = 0;

	(void)state;
	fill();
	for (int skip = 0; skip < 7; skip++) {
		assert_null(through(&j, LENGTH, skip, &length));
		/* Also when it was the last one: the next packet begins anew. */
		assert_non_null(through(&j, 3000, -1, &length));
		assert_int_equal(length, 3000);
	}
	packet_join_done(&j);
}

static void test_more_than_it_may_be_is_not_kept(void **state)
{
	struct packet_join j = { .max = LENGTH - 1 };
	size_t length = 0;

	(void)state;
	fill();
	assert_null(through(&j, LENGTH, -1, &length));
	assert_non_null(through(&j, LENGTH - 1, -1, &length));
	packet_join_done(&j);
}

static void test_pieces_of_two_interfaces_do_not_mix(void **state)
{
	struct packet_join j = { .max = LENGTH };
	static struct packet first, second;
	size_t length;

	(void)state;
	fill();
	first.interface = 1;
	packet_cut(&first, bytes, 2000);
	assert_null(packet_join(&j, &first, &length));
	second.interface = 2;
	second.at = first.length;
	packet_cut(&second, bytes, 2000);
	assert_null(packet_join(&j, &second, &length));
	packet_join_done(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_cut_and_put_together_is_as_before),
		cmocka_unit_test(test_of_what_has_lost_a_piece_nothing_is_left),
		cmocka_unit_test(test_more_than_it_may_be_is_not_kept),
		cmocka_unit_test(test_pieces_of_two_interfaces_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
