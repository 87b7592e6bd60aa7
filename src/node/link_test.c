/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a physical interface: in which networks it is, and who is on-link by them. */
#include <stdio.h>

#include "base/container.h"
#include "node/stage_test.h"

#define HEARD "neighbor interface=eth0 neighbor="

static void assert_hears(struct stage *s, const char *router, bool hears)
{
	char line[80];

	s->n_log = 0;
	snprintf(line, sizeof(line), HEARD "%s reason=\"up\"", router);
	stage_packet_put(s, router, "10.77.0.0/24", 2);
	if (stage_said(s, line) != hears)
		fail_msg("%s is %s", router, hears ? "not heard" : "heard");
}

static void a_neighbour_is_on_link_in_the_network_of_an_address_with_a_peer(void **state)
{
	static const char *const cases[][3] = {
		{ "10.1.0.10", "10.3.0.1/32", "10.3.0.1" },
		{ "10.1.0.10", "10.4.0.1/24", "10.4.0.99" },
		{ "10.5.0.10", "10.5.0.1/24", "10.5.0.1" },
	};
	struct stage *s = *state;

	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	for (size_t k = 0; k < ARRAY_LENGTH(cases); k++)
		stage_peer_put(s, true, 1, cases[k][0], cases[k][1]);
	for (size_t k = 0; k < ARRAY_LENGTH(cases); k++)
		assert_hears(s, cases[k][2], true);
	assert_hears(s, "10.3.0.2", false);
	/* What is ours is not where the network is. */
	assert_hears(s, "10.1.0.1", false);
	/* One address may have several peers, and each goes for itself. */
	stage_peer_put(s, false, 1, "10.1.0.10", "10.3.0.1/32");
	assert_hears(s, "10.4.0.98", true);
	stage_peer_put(s, false, 1, "10.1.0.10", "10.4.0.1/24");
	assert_hears(s, "10.4.0.97", false);
}

static void a_network_stays_while_one_of_its_addresses_does(void **state)
{
	struct stage *s = *state;

	stage_address_put(s, 1, "10.3.0.10/24");
	stage_address_put(s, 1, "10.3.0.11/24");
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.3.0.10/24");
	assert_hears(s, "10.3.0.1", true);
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.3.0.11/24");
	assert_hears(s, "10.3.0.2", false);
}

static void a_virtual_network_differs_from_that_of_a_peer_too(void **state)
{
	struct stage *s = *state;

	stage_peer_put(s, true, 1, "10.1.0.10", "10.4.0.1/24");
	stage_bind(s, "10.4.0.77/24");
	assert_reply(s, REPLY_REFUSED, "the physical network 10.4.0.0/24 of eth0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_neighbour_is_on_link_in_the_network_of_an_address_with_a_peer),
		STAGE_TEST(a_network_stays_while_one_of_its_addresses_does),
		STAGE_TEST(a_virtual_network_differs_from_that_of_a_peer_too),
	};

	return cmocka_run_group_tests_name("node: link", tests, NULL, NULL);
}
