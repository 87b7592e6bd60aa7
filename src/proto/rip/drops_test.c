/* SPDX-License-Identifier: Apache-2.0 */
/* What is dropped is counted, and stays counted when those who sent it are forgotten. */
#include "base/unit.h"
#include "proto/rip/instance.h"

#define STRANGERS 100

static const struct instant now = { INT64_C(1000000000000) };

/* Of the interface and all its neighbours. */
static uint32_t dropped(const struct rip *r, enum rip_drop reason)
{
	struct speaker_interface interface;
	struct neighbor neighbor;
	size_t position = 0;
	uint32_t sum;

	assert_true(rip_interface_next(r, now, &position, &interface));
	sum = interface.drops[reason];
	for (position = 0; rip_neighbor_next(r, now, &position, &neighbor);)
		sum += neighbor.drops[reason];
	return sum;
}

static void test_drops_of_strangers_that_are_forgotten_stay_counted(void **state)
{
	struct address ours = address_ipv4(0x0a01000a);
	struct speaker_link link = speaker_link_make(2, true, &ours, 16);
	struct rip_interface_settings interface;
	struct rip_settings settings;
	struct rip *r;

	(void)state;
	rip_settings_default(&settings);
	r = rip_new(FAMILY_IPV4, &settings, 1);
	assert_non_null(r);
	rip_interface_settings_default(&interface);
	assert_int_equal(rip_interface_set(r, now, link.index, &interface), 0);
	rip_link(r, now, &link);
	/* More than there is room for, each with a command that there is not. */
	for (uint32_t k = 1; k <= STRANGERS; k++) {
		struct packet d = { .interface = 2,
				    .source = address_ipv4(0x0a010100 + k),
				    .source_port = RIP_PORT,
				    .length = 24,
				    .bytes = { 9, 2 } };

		rip_input(r, now, &d);
		assert_int_equal(dropped(r, RIP_DROP_COMMAND), k);
	}
	rip_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drops_of_strangers_that_are_forgotten_stay_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
