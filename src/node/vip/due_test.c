/* SPDX-License-Identifier: Apache-2.0 */
/* What is due to be proven of very many VIPs, in which order, and what is no reason to try again.
 */
#include <stdio.h>

#include "node/stage_test.h"
#include "node/vip/forwarding.h"
#include "proto/rip/packet.h"

#define ROUTER "10.1.0.1"
#define SECOND "10.1.0.7"
#define COUNT 200 /* from 10.8.0.1 on, as stage_bind_many() binds them */
#define FIRST_VIP 0x0a080001

/* Whatever is tried comes back, by the interface where the router is. */
static void pass(struct stage *s, struct duration time)
{
	struct instant until = instant_add(s->now, time);

	while (instant_before(s->now, until)) {
		stage_run(s, DURATION_MS(20));
		while (s->n_proves > 0) {
			struct effect e = s->proves[0];

			assert_true(stage_proved(s, ADDRESS_TEXT(&e.prove.destination),
						 ADDRESS_TEXT(&e.prove.path.peer),
						 ECHO_OUTCOME_RETURNED, 1));
		}
	}
}

static int due_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->proof = true;
	stage_begin(s, NULL);
	stage_packet_put(s, ROUTER, "10.88.0.0/24", 1);
	stage_run(s, DURATION_S(1));
	return 0;
}

/* The router says the same of all VIPs, in full packets. */
static void says(struct stage *s, const char *router, uint8_t metric)
{
	struct input in = { .kind = INPUT_PACKET };
	struct address from;

	assert_int_equal(address_parse(router, &from), 0);
	for (uint32_t k = 0; k < COUNT;) {
		struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);

		for (; k < COUNT && p.n_entries < rip_entries_max(FAMILY_IPV4); k++) {
			struct address a = address_ipv4(FIRST_VIP + k);
			struct prefix vip = prefix_host(&a);

			rip_packet_add(&p, &vip, 0, metric);
		}
		in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
					     .interface = 1,
					     .source = from,
					     .source_port = RIP_PORT };
		in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
		stage_put(s, &in);
	}
}

static uint64_t tried_within(struct stage *s, struct duration time)
{
	uint64_t before = stage_status(s)->proofs_tried;

	pass(s, time);
	return stage_status(s)->proofs_tried - before;
}

static size_t proven_by(struct stage *s, const char *router)
{
	size_t count = 0;

	stage_vips(s);
	for (size_t i = 0; i < s->n_rows; i++)
		for (size_t k = 0; k < s->rows[i].n_proofs; k++)
			count += s->rows[i].proofs[k].state == FORWARDING_PROVEN &&
				 strcmp(ADDRESS_TEXT(&s->rows[i].proofs[k].router), router) == 0;
	return count;
}

static void each_router_has_its_turn_when_much_is_due(void **state)
{
	struct stage *s = *state;
	size_t first, second;

	stage_packet_put(s, SECOND, "10.88.0.0/24", 1);
	stage_run(s, DURATION_S(2));
	stage_bind_many(s, COUNT);
	pass(s, DURATION_S(1));
	first = proven_by(s, ROUTER);
	second = proven_by(s, SECOND);
	assert_in_range(first, 20, COUNT - 50);
	assert_in_range(second, first - 10, first + 10);
}

/* It has been seen already. */
static void that_a_router_accepts_what_is_proven_is_no_reason_to_try_again(void **state)
{
	struct stage *s = *state;
	uint64_t round;

	stage_bind_many(s, COUNT);
	pass(s, DURATION_S(6));
	assert_int_equal(proven_by(s, ROUTER), COUNT);
	round = tried_within(s, DURATION_S(2));
	/* What is said for the first time is asked for before it is believed. */
	says(s, ROUTER, RIP_INFINITY);
	stage_run(s, DURATION_MS(200));
	says(s, ROUTER, RIP_INFINITY);
	assert_in_range(tried_within(s, DURATION_S(2)), 1, round + round / 2);
	assert_int_equal(stage_status(s)->accepted, COUNT);
}

/* Its route is another one now. */
static void that_it_accepts_what_came_back_elsewhere_is_one(void **state)
{
	struct stage *s = *state;
	size_t from;

	stage_link_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	stage_bind_many(s, 1);
	assert_true(stage_proved(s, "10.8.0.1", ROUTER, ECHO_OUTCOME_RETURNED, 2));
	from = s->n_log;
	stage_packet_put(s, ROUTER, "10.8.0.1/32", RIP_INFINITY);
	stage_run(s, DURATION_MS(200));
	stage_packet_put(s, ROUTER, "10.8.0.1/32", RIP_INFINITY);
	stage_run(s, DURATION_MS(100));
	assert_int_equal(stage_status(s)->accepted, 1);
	assert_true(stage_find(s, from, "prove 10.8.0.1 through " ROUTER) < STAGE_LOG_MAX);
}

/* Its poison is for a rival: what has come back may do so no longer. */
static void that_it_is_no_longer_believed_is_one(void **state)
{
	struct stage *s = *state;
	size_t from;

	stage_bind_many(s, 1);
	for (int k = 0; k < 2; k++) {
		stage_packet_put(s, ROUTER, "10.8.0.1/32", RIP_INFINITY);
		pass(s, DURATION_MS(200));
	}
	assert_int_equal(stage_status(s)->accepted, 1);
	assert_int_equal(proven_by(s, ROUTER), 1);
	from = s->n_log;
	for (int k = 0; k < 2; k++) {
		stage_packet_put(s, "10.1.0.20", "10.8.0.1/32", 2);
		pass(s, DURATION_MS(200));
	}
	assert_int_equal(stage_status(s)->accepted, 0);
	assert_true(stage_find(s, from, "prove 10.8.0.1 through " ROUTER " from 10.1.0.10 x 50") <
		    STAGE_LOG_MAX);
}

/* All are lost through the router but those of one address; the packets to our own are, too. */
static void pass_lost_but(struct stage *s, struct duration time, const char *back)
{
	struct instant until = instant_add(s->now, time);

	while (instant_before(s->now, until)) {
		stage_run(s, DURATION_MS(100));
		while (s->n_proves > 0) {
			struct effect e = s->proves[0];
			const char *to = ADDRESS_TEXT(&e.prove.destination);

			assert_true(stage_proved(s, to, ROUTER,
						 back && strcmp(to, back) == 0
							 ? ECHO_OUTCOME_RETURNED
							 : ECHO_OUTCOME_LOST,
						 1));
		}
	}
}

/* Through it one VIP alone is tried each time, but not the same one for ever. */
static void each_vip_has_its_turn_through_a_router_that_brings_nothing_back(void **state)
{
	struct stage *s = *state;
	uint64_t before;

	stage_bind_many(s, 5);
	pass_lost_but(s, DURATION_S(30), NULL);
	before = stage_status(s)->proofs_tried;
	pass_lost_but(s, DURATION_S(50), NULL);
	assert_in_range(stage_status(s)->proofs_tried - before, 5, 25);
	assert_int_equal(proven_by(s, ROUTER), 0);
	pass_lost_but(s, DURATION_S(61), "10.8.0.4");
	assert_int_equal(proven_by(s, ROUTER), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_router_has_its_turn_when_much_is_due),
		TEST(that_a_router_accepts_what_is_proven_is_no_reason_to_try_again),
		TEST(that_it_accepts_what_came_back_elsewhere_is_one),
		TEST(that_it_is_no_longer_believed_is_one),
		TEST(each_vip_has_its_turn_through_a_router_that_brings_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
