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

#define VIP "10.9.1.1"

/* A router on eth0 routes to the VIP, and says so again when it is asked. */
static void poison(struct stage *s)
{
	stage_packet_put(s, "10.1.0.1", VIP "/32", 16);
	stage_run(s, DURATION_S(2));
	stage_packet_put(s, "10.1.0.1", VIP "/32", 16);
}

/* A VIP that a router on eth0 has accepted. */
static void accepted(struct stage *s)
{
	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	poison(s);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	s->n_log = 0;
}

static void rip_is_spoken_from_an_address_of_each_network(void **state)
{
	struct stage *s = *state;

	stage_address_put(s, 1, "10.3.0.10/24");
	stage_address_put(s, 1, "10.3.0.11/24"); /* the same network */
	stage_address_put(s, 1, "10.9.9.9/32");	 /* nobody is in it */
	stage_address_put(s, 1, "169.254.7.7/16");
	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "speaks RIP from 10.1.0.10, 10.3.0.10, 169.254.7.7"));
	assert_true(stage_said(s, "send 1 " VIP "/32=3 from 10.1.0.10"));
	assert_true(stage_said(s, "send 1 " VIP "/32=3 from 10.3.0.10"));
	assert_true(stage_said(s, "send 1 " VIP "/32=3 from 169.254.7.7"));
	assert_false(stage_said(s, "from 10.3.0.11"));
	assert_false(stage_said(s, "from 10.9.9.9"));
	s->n_log = 0;
	stage_unbind(s, VIP, false);
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "send 1 " VIP "/32=16 from 10.1.0.10"));
	assert_true(stage_said(s, "send 1 " VIP "/32=16 from 10.3.0.10"));
}

static void an_address_that_is_gone_is_a_next_hop_that_is_lost(void **state)
{
	struct stage *s = *state;

	accepted(s);
	stage_address_put(s, 1, "10.1.0.11/24");
	assert_false(stage_said(s, "send"));
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	stage_run(s, DURATION_MS(200));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_true(stage_said(s, "its address 10.1.0.10 is gone"));
	assert_order(s, "send 1 " VIP "/32=1 from 10.1.0.11",
		     "send 1 " VIP "/32=16 departed from 10.1.0.10");
	assert_false(stage_said(s, "neighbor=10.1.0.1"));
	poison(s);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
}

static void a_network_that_is_gone_takes_its_neighbours_along(void **state)
{
	struct stage *s = *state;

	accepted(s);
	stage_address_put(s, 1, "10.3.0.10/24");
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	stage_run(s, DURATION_MS(200));
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_true(stage_said(s, HEARD "10.1.0.1 reason=\"down\""));
	assert_order(s, "send 1 " VIP "/32=1 from 10.3.0.10",
		     "send 1 " VIP "/32=16 departed from 10.1.0.10");
	assert_hears(s, "10.1.0.1", false);
	assert_hears(s, "10.3.0.1", true);
}

/* A lease that ends takes its address out of use before it takes it away. */
static void an_address_that_is_deprecated_is_left_before_it_goes(void **state)
{
	struct input in = { .kind = INPUT_OBJECT };
	struct stage *s = *state;

	accepted(s);
	in.object.present = true;
	in.object.object.kind = OBJECT_ADDRESS;
	in.object.object.interface = 1;
	in.object.object.length = 24;
	in.object.object.address = address_ipv4(0x0a01000a);
	in.object.object.deprecated = true;
	stage_put(s, &in);
	/* There is no better one yet. */
	assert_false(stage_said(s, "send"));
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	stage_address_put(s, 1, "10.1.0.11/24");
	stage_run(s, DURATION_MS(200));
	assert_order(s, "send 1 " VIP "/32=1 from 10.1.0.11",
		     "send 1 " VIP "/32=16 departed from 10.1.0.10");
	poison(s);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	s->n_log = 0;
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	stage_run(s, DURATION_S(1));
	assert_false(stage_said(s, "send") || stage_said(s, "is gone"));
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
}

/* `ip addr del` before `ip addr add`: until then there is nobody to announce by. */
static void good_bye_is_said_also_when_no_other_address_is_there_yet(void **state)
{
	struct stage *s = *state;

	accepted(s);
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	stage_run(s, DURATION_S(1));
	assert_state(s, VIP, VIP_STATE_HEALTHY);
	assert_true(stage_said(s, "send 1 " VIP "/32=16 departed from 10.1.0.10"));
	stage_address_put(s, 1, "10.1.0.11/24");
	/* Whoever has not heard the good-bye believes the better metric. */
	assert_true(stage_said(s, "send 1 " VIP "/32=1 from 10.1.0.11"));
}

static void another_mask_of_the_same_address_is_the_same_next_hop(void **state)
{
	struct stage *s = *state;

	accepted(s);
	stage_address_put(s, 1, "10.1.0.10/16");
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.1.0.10/24");
	stage_run(s, DURATION_MS(200));
	assert_false(stage_said(s, "is gone") || stage_said(s, "departed"));
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_hears(s, "10.1.77.1", true);
}

/* The other interface is up, and has a watch of its own. */
static void a_neighbour_is_watched_from_the_address_of_its_network(void **state)
{
	struct stage *s = *state;

	stage_address_put(s, 1, "10.3.0.10/24");
	s->bfd = true;
	stage_config_begin(s);
	stage_config_end(s);
	assert_hears(s, "10.3.0.1", true);
	assert_true(stage_said(s, "bfd 10.3.0.1 300000 us x 3 from 10.3.0.10"));
	assert_hears(s, "10.1.0.1", true);
	assert_true(stage_said(s, "bfd 10.1.0.1 300000 us x 3 from 10.1.0.10"));
	/* Its other end is another one: so is the session. */
	stage_address_put(s, 1, "10.3.0.11/24");
	stage_object_put(s, false, OBJECT_ADDRESS, 1, "10.3.0.10/24");
	stage_run(s, DURATION_S(1));
	assert_true(stage_said(s, "bfd 10.3.0.1 off"));
	assert_true(stage_said(s, "bfd 10.3.0.1 300000 us x 3 from 10.3.0.11"));
}

static void more_networks_than_are_spoken_in_are_said(void **state)
{
	struct stage *s = *state;
	char prefix[32];

	for (unsigned k = 0; k < 16; k++) {
		assert_string_equal(stage_interface_reason(s), "");
		snprintf(prefix, sizeof(prefix), "10.%u.0.10/24", 100 + k);
		stage_address_put(s, 1, prefix);
	}
	assert_string_equal(stage_interface_reason(s),
			    "it has more than 16 networks: RIP is spoken in the first of them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_neighbour_is_on_link_in_the_network_of_an_address_with_a_peer),
		STAGE_TEST(a_network_stays_while_one_of_its_addresses_does),
		STAGE_TEST(rip_is_spoken_from_an_address_of_each_network),
		STAGE_TEST(an_address_that_is_gone_is_a_next_hop_that_is_lost),
		STAGE_TEST(a_network_that_is_gone_takes_its_neighbours_along),
		STAGE_TEST(an_address_that_is_deprecated_is_left_before_it_goes),
		STAGE_TEST(good_bye_is_said_also_when_no_other_address_is_there_yet),
		STAGE_TEST(another_mask_of_the_same_address_is_the_same_next_hop),
		STAGE_TEST(a_neighbour_is_watched_from_the_address_of_its_network),
		STAGE_TEST(more_networks_than_are_spoken_in_are_said),
		STAGE_TEST(a_virtual_network_differs_from_that_of_a_peer_too),
	};

	return cmocka_run_group_tests_name("node: link", tests, NULL, NULL);
}
