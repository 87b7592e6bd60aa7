/* SPDX-License-Identifier: Apache-2.0 */
/* What is proven of a VIP by a packet that comes back, when it is tried, and what is said. */
#include <stdio.h>

#include "base/container.h"
#include "base/text.h"
#include "node/stage_test.h"
#include "node/vip/forwarding.h"
#include "proto/rip/packet.h"

#define VIP "10.9.1.1"
#define OWN "10.1.0.10"
#define ROUTER "10.1.0.1"
#define OTHER "10.2.0.1"

/* A router that routes: it tells of another network. */
static void router_says(struct stage *s, const char *router)
{
	stage_packet_put(s, router, "10.88.0.0/24", 1);
}

/* Time passes, in which the world answers everything that is tried in the same way. */
static void pass(struct stage *s, struct duration time, enum echo_outcome vip,
		 enum echo_outcome own)
{
	struct instant until = instant_add(s->now, time);

	while (instant_before(s->now, until)) {
		stage_run(s, DURATION_MS(100));
		while (stage_proved(s, VIP, ROUTER, vip, 1) || stage_proved(s, OWN, ROUTER, own, 1))
			continue;
	}
}

/* The same for whatever VIP it is that is tried. */
static void pass_all(struct stage *s, struct duration time, enum echo_outcome outcome)
{
	struct instant until = instant_add(s->now, time);

	while (instant_before(s->now, until)) {
		stage_run(s, DURATION_MS(20));
		while (s->n_proves > 0) {
			struct effect e = s->proves[0];

			assert_true(stage_proved(s, ADDRESS_TEXT(&e.prove.destination), ROUTER,
						 outcome, 1));
		}
	}
}

/* The router says that it routes to the VIP, until it is believed. */
static void router_accepts(struct stage *s, enum echo_outcome vip, enum echo_outcome own)
{
	for (int period = 0; period < 3; period++) {
		router_says(s, ROUTER);
		stage_packet_put(s, ROUTER, VIP "/32", RIP_INFINITY);
		pass(s, DURATION_S(20), vip, own);
	}
	assert_int_equal(stage_status(s)->accepted, 1);
}

static int proving_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	s->proof = true;
	stage_begin(s, NULL);
	router_says(s, ROUTER);
	stage_bind(s, VIP "/32");
	stage_run(s, DURATION_S(1));
	return 0;
}

static void what_comes_back_is_proven_whatever_the_router_says(void **state)
{
	struct stage *s = *state;
	const struct row_vip *row;

	assert_true(stage_said(s, "prove " VIP " through " ROUTER " from " OWN " x 50"));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_state(s, VIP, VIP_STATE_PROVEN);
	row = stage_vip(s, VIP);
	assert_int_equal(row->n_proofs, 1);
	assert_int_equal(row->proofs[0].state, FORWARDING_PROVEN);
	assert_string_equal(row->proofs[0].interface, "eth0");
	assert_string_equal(row->proofs[0].way, "eth0");
	assert_int_equal(row->proofs[0].time_us, 160);
	assert_false(row->proofs[0].belied);
	assert_int_equal(stage_status(s)->proven, 1);
	assert_int_equal(s->status.accepted, 1);
	router_accepts(s, ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
}

static void it_is_tried_again_every_ten_seconds(void **state)
{
	struct stage *s = *state;
	size_t from;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	for (int round = 0; round < 5; round++) {
		from = s->n_log;
		stage_run(s, DURATION_MS(10100));
		assert_true(stage_find(s, from, "prove " VIP " through " ROUTER) < STAGE_LOG_MAX);
		assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
		assert_int_equal(s->n_proves, 0);
	}
	assert_state(s, VIP, VIP_STATE_PROVEN);
}

static void who_accepts_and_does_not_forward_is_found_out(void **state)
{
	struct stage *s = *state;

	router_accepts(s, ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	pass(s, DURATION_S(14), ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_true(stage_vip(s, VIP)->proofs[0].belied);
	assert_int_equal(stage_status(s)->belied, 1);
	assert_string_equal(s->status.belied_by,
			    ROUTER " says that it routes to " VIP " and does not forward to us");
	assert_true(stage_said(s, "reason=\"does not forward to us\""));
	pass(s, DURATION_S(11), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	assert_int_equal(stage_status(s)->belied, 0);
	assert_true(stage_said(s, "forwards to us again"));
}

/* What came back before the router failed is no sign that it forwards anything still. */
static void a_router_that_forwards_nothing_any_more_is_no_liar(void **state)
{
	struct stage *s = *state;
	size_t from;

	router_accepts(s, ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	stage_bind_many(s, 20);
	pass_all(s, DURATION_S(15), ECHO_OUTCOME_RETURNED);
	assert_int_equal(stage_status(s)->proven, 21);
	/* Its turn comes half a second after that of the one before. */
	from = s->n_log;
	while (stage_find(s, from, "prove " VIP) == STAGE_LOG_MAX)
		pass_all(s, DURATION_MS(100), ECHO_OUTCOME_RETURNED);
	pass_all(s, DURATION_MS(9500), ECHO_OUTCOME_RETURNED);
	for (int k = 0; k < 150; k++) {
		pass_all(s, DURATION_MS(100), ECHO_OUTCOME_LOST);
		assert_int_equal(stage_status(s)->belied, 0);
	}
	assert_int_equal(stage_status(s)->proven, 0);
}

/* What the guard says of the echo through the router, after it was asked to watch. */
static void echo_says(struct stage *s, enum echo_state echo)
{
	struct input in = { .kind = INPUT_ECHO };

	in.echo.key.interface = 1;
	assert_int_equal(address_parse(ROUTER, &in.echo.key.peer), 0);
	assert_int_equal(address_parse(OWN, &in.echo.key.local), 0);
	in.echo.known = true;
	in.echo.state = (uint8_t)echo;
	stage_put(s, &in);
}

/* Who has the echo through a router wants to know at once. */
static void by_a_router_that_the_echo_watches_all_is_found_out_within_a_second(void **state)
{
	struct stage *s = *state;
	struct instant begun;
	uint64_t before;

	s->probe = true;
	s->through = PROBE_THROUGH_ROUTER;
	stage_config_begin(s);
	stage_config_end(s);
	router_accepts(s, ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	echo_says(s, ECHO_STATE_UP);
	pass(s, DURATION_S(2), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	before = stage_status(s)->proofs_tried;
	pass(s, DURATION_S(10), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_in_range(stage_status(s)->proofs_tried - before, 30, 50);
	begun = s->now;
	while (stage_status(s)->belied == 0) {
		pass(s, DURATION_MS(100), ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED);
		assert_true(instant_before(s->now, instant_add(begun, DURATION_S(1))));
	}
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	pass(s, DURATION_MS(500), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	/* It is the slow round again where the echo says nothing. */
	echo_says(s, ECHO_STATE_UNKNOWN);
	pass(s, DURATION_S(2), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	before = stage_status(s)->proofs_tried;
	pass(s, DURATION_S(10), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_in_range(stage_status(s)->proofs_tried - before, 1, 2);
}

static void one_packet_that_is_lost_says_nothing(void **state)
{
	struct stage *s = *state;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	stage_run(s, DURATION_MS(10100));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_LOST, 0));
	assert_state(s, VIP, VIP_STATE_PROVEN);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_state(s, VIP, VIP_STATE_PROVEN);
}

static void where_nothing_ever_comes_back_nothing_is_concluded(void **state)
{
	struct stage *s = *state;

	router_accepts(s, ECHO_OUTCOME_LOST, ECHO_OUTCOME_LOST);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_int_equal(stage_vip(s, VIP)->n_proofs, 0);
	assert_int_equal(stage_status(s)->belied, 0);
	/* And there is not much of it: a packet and what it asks for in each round. */
	assert_true(s->status.proofs_tried < 150);
}

static void a_router_without_the_route_is_no_liar(void **state)
{
	struct stage *s = *state;

	pass(s, DURATION_S(30), ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_int_equal(stage_vip(s, VIP)->proofs[0].state, FORWARDING_FAILED);
	assert_int_equal(stage_status(s)->belied, 0);
	router_accepts(s, ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED);
	assert_int_equal(stage_status(s)->belied, 1);
	pass(s, DURATION_S(11), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_int_equal(stage_status(s)->belied, 0);
	assert_state(s, VIP, VIP_STATE_PROVEN);
}

static void nobody_to_send_it_proves_nothing(void **state)
{
	struct stage *s = *state;

	router_accepts(s, ECHO_OUTCOME_UNREACHED, ECHO_OUTCOME_UNREACHED);
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_int_equal(stage_vip(s, VIP)->n_proofs, 0);
	/* Nor does one that never answers. */
	stage_run(s, DURATION_S(50));
	assert_state(s, VIP, VIP_STATE_ACCEPTED);
	assert_true(s->n_proves >= 4);
}

static void an_answer_to_nobody_is_nobodys(void **state)
{
	struct stage *s = *state;
	struct input in = { .kind = INPUT_PROVED };

	in.proved.outcome = ECHO_OUTCOME_RETURNED;
	for (uint32_t number = 0; number < 5; number++) {
		in.proved.token = number == 0 ? 0 : number + 100;
		stage_put(s, &in);
	}
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	/* One that was unbound meanwhile. */
	stage_unbind(s, VIP, true);
	stage_run(s, DURATION_S(2));
	assert_null(stage_vip(s, VIP));
	(void)stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1);
}

static void who_is_gone_proves_nothing_any_more(void **state)
{
	struct stage *s = *state;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_state(s, VIP, VIP_STATE_PROVEN);
	stage_link_put(s, 1, "eth0", false);
	assert_int_equal(stage_vip(s, VIP)->n_proofs, 0);
	assert_int_not_equal(stage_vip(s, VIP)->state, VIP_STATE_PROVEN);
}

static void what_is_not_announced_is_not_proven(void **state)
{
	struct stage *s = *state;
	size_t from;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	stage_unbind(s, VIP, false);
	from = s->n_log;
	stage_run(s, DURATION_S(20));
	assert_true(stage_find(s, from, "prove " VIP) == STAGE_LOG_MAX);
}

static void the_budget_holds_for_very_many(void **state)
{
	struct stage *s = *state;
	uint64_t before;

	stage_bind_many(s, 1000);
	before = stage_status(s)->proofs_tried;
	pass_all(s, DURATION_S(20), ECHO_OUTCOME_RETURNED);
	assert_in_range(stage_status(s)->proofs_tried - before, 1001, 20 * PROVING_PACKETS_PER_S);
	/* All of them are, although there are more than a round has room for. */
	assert_int_equal(s->status.proven, 1001);
}

/* On an interface of its own; both bring the VIP back. */
static void second_router(struct stage *s)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct input in = { .kind = INPUT_PACKET };
	struct prefix prefix;

	stage_link_put(s, 2, "eth1", true);
	stage_address_put(s, 2, "10.2.0.10/24");
	assert_int_equal(prefix_parse("10.88.0.0/24", &prefix.address, &prefix.length), 0);
	rip_packet_add(&p, &prefix, 0, 1);
	in.packet =
		(struct packet){ .speaker = PROTOCOL_RIP, .interface = 2, .source_port = RIP_PORT };
	in.packet.source = address_ipv4(0x0a020001);
	in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
	stage_put(s, &in);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_true(stage_said(s, "prove " VIP " through " OTHER " from 10.2.0.10"));
	assert_true(stage_proved(s, VIP, OTHER, ECHO_OUTCOME_RETURNED, 2));
}

static void everything_that_comes_in_by_one_interface_is_said(void **state)
{
	struct stage *s = *state;

	second_router(s);
	assert_string_equal(stage_status(s)->way_in, "");
	for (int k = 0; k < 110; k++) {
		pass(s, DURATION_MS(100), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
		(void)stage_proved(s, VIP, OTHER, ECHO_OUTCOME_RETURNED, 1);
	}
	assert_string_equal(stage_status(s)->way_in,
			    "everything for IPv4 VIPs comes in by eth0: one path left");
}

static void what_those_that_are_left_bring_back_is_said_when_all_were_asked(void **state)
{
	struct stage *s = *state;

	second_router(s);
	stage_link_put(s, 1, "eth0", false);
	stage_run(s, DURATION_MS(60));
	assert_false(stage_said(s, "a router has gone"));
	assert_true(stage_proved(s, VIP, OTHER, ECHO_OUTCOME_RETURNED, 2));
	stage_run(s, DURATION_MS(40));
	assert_true(stage_said(s, "a router has gone; each that is left brings back 1 of 1 VIPs, "
				  "asked within 60.0 ms"));
}

static void what_those_that_are_left_do_not_bring_back_is_said_too(void **state)
{
	struct stage *s = *state;

	second_router(s);
	stage_link_put(s, 1, "eth0", false);
	stage_run(s, DURATION_MS(60));
	assert_true(stage_proved(s, VIP, OTHER, ECHO_OUTCOME_LOST, 0));
	stage_run(s, DURATION_MS(40));
	assert_true(stage_said(s, "brings back 0 of 1 VIPs"));
}

static void of_the_last_router_that_goes_nothing_is_said(void **state)
{
	struct stage *s = *state;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	stage_link_put(s, 1, "eth0", false);
	stage_run(s, DURATION_S(5));
	assert_false(stage_said(s, "a router has gone"));
}

/* By hand; a neighbor of NULL: all are. */
static void ask(struct stage *s, const char *vip, const char *neighbor)
{
	struct input in = { .kind = INPUT_PROVE, .request = ++s->request };

	assert_int_equal(address_parse(vip, &in.prove.address), 0);
	if (neighbor)
		assert_int_equal(address_parse(neighbor, &in.prove.neighbor), 0);
	stage_put(s, &in);
}

static bool is_answered(const struct stage *s)
{
	return s->reply.reply.request == s->request;
}

static void assert_outcome(struct stage *s, const char *outcome)
{
	struct walk at = { 0 };
	struct row_ask row;

	assert_reply(s, REPLY_OK, NULL);
	assert_true(node_ask_next(s->node, s->request, &at, &row));
	assert_string_equal(row.outcome, outcome);
	assert_string_equal(ADDRESS_TEXT(&row.neighbor), ROUTER);
	assert_string_equal(ADDRESS_TEXT(&row.source), OWN);
	assert_string_equal(row.interface, "eth0");
	assert_string_equal(row.way, strcmp(outcome, "proven") == 0 ? "eth0" : "");
	assert_false(node_ask_next(s->node, s->request, &at, &row));
}

static void who_asks_gets_an_answer_of_after_the_question(void **state)
{
	struct stage *s = *state;

	/* One is on its way, and tells of before. */
	ask(s, VIP, NULL);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_false(is_answered(s));
	stage_run(s, DURATION_MS(100));
	assert_true(stage_said(s, "prove " VIP " through " ROUTER " from " OWN " x 5"));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_outcome(s, "proven");
	/* Two at a time have two answers. */
	ask(s, VIP, ROUTER);
	ask(s, VIP, NULL);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(s->reply.reply.request, s->request - 1);
	stage_run(s, DURATION_MS(100));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_outcome(s, "proven");
}

static void who_asks_hears_why_it_does_not_come_back(void **state)
{
	static const struct {
		enum echo_outcome vip, own;
		const char *outcome;
	} cases[] = {
		{ ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED, "lost" },
		{ ECHO_OUTCOME_REFUSED, ECHO_OUTCOME_RETURNED, "refused" },
		{ ECHO_OUTCOME_LOST, ECHO_OUTCOME_LOST, "unknown" },
		{ ECHO_OUTCOME_UNREACHED, ECHO_OUTCOME_UNREACHED, "unreached" },
	};
	struct stage *s = *state;

	for (size_t k = 0; k < ARRAY_LENGTH(cases); k++) {
		pass(s, DURATION_S(5), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
		ask(s, VIP, NULL);
		pass(s, DURATION_S(3), cases[k].vip, cases[k].own);
		assert_outcome(s, cases[k].outcome);
	}
}

/* Those who ask while the pair waits for its turn share one try of it. */
static void many_who_ask_for_the_same_have_one_answer_each_of_one_try(void **state)
{
	struct stage *s = *state;
	size_t replies = s->replies, tries;

	for (size_t k = 0; k < 30; k++)
		ask(s, VIP, NULL);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(s->replies - replies, 0);
	stage_run(s, DURATION_MS(100));
	tries = s->n_proves;
	assert_int_equal(tries, 1);
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(s->replies - replies, 30);
	assert_int_equal(s->parts, 30);
	assert_outcome(s, "proven");
}

static size_t outcomes(const struct stage *s, uint32_t request, const char *outcome)
{
	struct walk at = { 0 };
	struct row_ask row;
	size_t count = 0;

	while (node_ask_next(s->node, request, &at, &row))
		count += strcmp(row.outcome, outcome) == 0;
	return count;
}

/* What is known of it already is not forgotten for who asks next. */
static void a_router_that_was_quick_is_still_told_when_the_slow_one_has_answered(void **state)
{
	struct stage *s = *state;
	uint32_t first;

	stage_packet_put(s, "10.1.0.7", "10.88.0.0/24", 1);
	stage_run(s, DURATION_S(1));
	while (stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1) ||
	       stage_proved(s, VIP, "10.1.0.7", ECHO_OUTCOME_RETURNED, 1))
		continue;
	stage_run(s, DURATION_MS(100));
	ask(s, VIP, NULL);
	first = s->request;
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(s->parts, 1);
	assert_false(is_answered(s));
	assert_int_equal(outcomes(s, first, "proven"), 1);
	assert_int_equal(outcomes(s, first, "open"), 1);
	for (size_t k = 0; k < 100; k++)
		ask(s, VIP, NULL);
	assert_int_equal(outcomes(s, first, "proven"), 1);
	assert_true(stage_proved(s, VIP, "10.1.0.7", ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(outcomes(s, first, "proven"), 2);
	assert_int_equal(s->reply.reply.request, first);
	assert_int_equal(s->reply.reply.code, REPLY_OK);
	/* Two places each; those for whom there was none have been told so. */
	for (size_t k = 0; k < 20; k++) {
		stage_run(s, DURATION_MS(100));
		while (stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1) ||
		       stage_proved(s, VIP, "10.1.0.7", ECHO_OUTCOME_RETURNED, 1))
			continue;
	}
	assert_int_equal(s->parts, 2 * 32);
	ask(s, VIP, ROUTER);
	stage_run(s, DURATION_MS(100));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_outcome(s, "proven");
}

static void what_goes_away_is_no_longer_asked_for(void **state)
{
	struct stage *s = *state;

	ask(s, VIP, NULL);
	stage_link_put(s, 1, "eth0", false);
	assert_true(is_answered(s));
	assert_outcome(s, "gone");
}

static void what_cannot_be_asked_for_is_refused(void **state)
{
	struct stage *s = *state;

	ask(s, "10.9.1.2", NULL);
	assert_reply(s, REPLY_NOT_FOUND, "10.9.1.2 is not bound");
	ask(s, VIP, "10.1.0.99");
	assert_reply(s, REPLY_NOT_FOUND, "10.1.0.99 is no router through which " VIP);
	stage_link_put(s, 1, "eth0", false);
	ask(s, VIP, NULL);
	assert_int_not_equal(s->reply.reply.code, REPLY_OK);
	stage_link_put(s, 1, "eth0", true);
	/* A configuration without it. */
	s->proof = false;
	stage_config_begin(s);
	stage_config_end(s);
	ask(s, VIP, NULL);
	assert_reply(s, REPLY_REFUSED, "forwarding: off");
}

/* Static routing: nobody speaks on either side. */
static void a_router_of_the_configuration_proves_without_a_protocol(void **state)
{
	struct stage *s = *state;

	stage_config_router(s, ROUTER);
	pass(s, DURATION_S(12), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	assert_int_equal(stage_status(s)->proven, 1);
	pass(s, DURATION_S(14), ECHO_OUTCOME_LOST, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_HEALTHY);
	assert_int_equal(stage_status(s)->belied, 1);
	assert_string_equal(s->status.belied_by,
			    ROUTER " is to route to " VIP " and does not forward to us");
}

/* Nobody says that a neighbour of whom nothing is heard any more is none: its time runs out. */
static void a_router_that_is_silent_for_too_long_proves_nothing_any_more(void **state)
{
	struct stage *s = *state;

	pass(s, DURATION_S(20), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_state(s, VIP, VIP_STATE_PROVEN);
	pass(s, DURATION_S(280), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_int_equal(stage_vip(s, VIP)->n_proofs, 0);
	assert_state(s, VIP, VIP_STATE_ANNOUNCED);
	assert_int_equal(stage_status(s)->proven, 0);
}

/* There is room for few at a time: the others keep their turn. */
static void what_is_due_is_tried_as_soon_as_there_is_room(void **state)
{
	struct stage *s = *state;

	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	stage_bind_many(s, 200);
	/* Other things happen meanwhile. */
	for (int k = 0; k < 100; k++)
		stage_run(s, DURATION_MS(10));
	pass_all(s, DURATION_S(4), ECHO_OUTCOME_RETURNED);
	assert_int_equal(stage_status(s)->proven, 201);
}

static void through_a_router_that_brings_nothing_back_little_is_sent(void **state)
{
	struct stage *s = *state;
	uint64_t before;

	stage_bind_many(s, 1000);
	pass_all(s, DURATION_S(60), ECHO_OUTCOME_LOST);
	before = stage_status(s)->proofs_tried;
	pass_all(s, DURATION_S(20), ECHO_OUTCOME_LOST);
	assert_in_range(stage_status(s)->proofs_tried - before, 1, 40);
}

/* The guard outlives us: its answers to an earlier life are not those to this one. */
static void no_two_lives_ask_with_the_same_token(void **state)
{
	uint32_t tokens[2];

	for (uint64_t life = 0; life < 2; life++) {
		struct stage *s;

		stage_teardown(state);
		stage_raise_seeded(state, life + 1);
		s = *state;
		s->proof = true;
		stage_begin(s, NULL);
		router_says(s, ROUTER);
		stage_bind(s, VIP "/32");
		stage_run(s, DURATION_S(1));
		assert_true(s->n_proves > 0);
		tokens[life] = s->proves[0].prove.token;
	}
	assert_int_not_equal(tokens[0], tokens[1]);
}

/* As FRR, which begins by telling of what is beside it; another host tells of its own VIPs alone.
 */
static void who_turns_out_to_be_a_router_is_tried_and_a_host_is_not(void **state)
{
	struct stage *s = *state;

	stage_packet_put(s, "10.1.0.7", "10.8.8.8/32", 1);
	stage_packet_put(s, "10.1.0.8", "10.8.8.9/32", 1);
	pass(s, DURATION_S(15), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_false(stage_said(s, "through 10.1.0.7"));
	router_says(s, "10.1.0.7");
	pass(s, DURATION_S(2), ECHO_OUTCOME_RETURNED, ECHO_OUTCOME_RETURNED);
	assert_true(stage_said(s, "prove " VIP " through 10.1.0.7 from " OWN " x 50"));
	assert_false(stage_said(s, "through 10.1.0.8"));
}

/* It was on its way when the VIP was withdrawn. */
static void what_comes_back_too_late_proves_nothing(void **state)
{
	struct stage *s = *state;

	stage_unbind(s, VIP, false);
	assert_non_null(stage_vip(s, VIP));
	assert_true(stage_proved(s, VIP, ROUTER, ECHO_OUTCOME_RETURNED, 1));
	assert_int_equal(stage_vip(s, VIP)->n_proofs, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, proving_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_comes_back_is_proven_whatever_the_router_says),
		TEST(it_is_tried_again_every_ten_seconds),
		TEST(who_accepts_and_does_not_forward_is_found_out),
		TEST(a_router_that_forwards_nothing_any_more_is_no_liar),
		TEST(by_a_router_that_the_echo_watches_all_is_found_out_within_a_second),
		TEST(one_packet_that_is_lost_says_nothing),
		TEST(where_nothing_ever_comes_back_nothing_is_concluded),
		TEST(a_router_without_the_route_is_no_liar),
		TEST(nobody_to_send_it_proves_nothing),
		TEST(an_answer_to_nobody_is_nobodys),
		TEST(who_is_gone_proves_nothing_any_more),
		TEST(what_is_not_announced_is_not_proven),
		TEST(the_budget_holds_for_very_many),
		TEST(a_router_of_the_configuration_proves_without_a_protocol),
		TEST(a_router_that_is_silent_for_too_long_proves_nothing_any_more),
		TEST(what_is_due_is_tried_as_soon_as_there_is_room),
		TEST(through_a_router_that_brings_nothing_back_little_is_sent),
		TEST(no_two_lives_ask_with_the_same_token),
		TEST(who_turns_out_to_be_a_router_is_tried_and_a_host_is_not),
		TEST(what_comes_back_too_late_proves_nothing),
		TEST(everything_that_comes_in_by_one_interface_is_said),
		TEST(what_those_that_are_left_bring_back_is_said_when_all_were_asked),
		TEST(what_those_that_are_left_do_not_bring_back_is_said_too),
		TEST(of_the_last_router_that_goes_nothing_is_said),
		TEST(who_asks_gets_an_answer_of_after_the_question),
		TEST(who_asks_hears_why_it_does_not_come_back),
		TEST(many_who_ask_for_the_same_have_one_answer_each_of_one_try),
		TEST(a_router_that_was_quick_is_still_told_when_the_slow_one_has_answered),
		TEST(what_goes_away_is_no_longer_asked_for),
		TEST(what_cannot_be_asked_for_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
