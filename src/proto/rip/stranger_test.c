/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that do not exist, as many as anybody likes to invent, beside the router of the LAN. */
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/rip/packet.h"
#include "proto/rip/rip.h"

#define STRANGERS 150
#define OURS "10.9.1.1/32"

struct lan {
	struct rip *rip;
	struct instant now;
	unsigned events[RIP_EVENT_SOURCE_GONE + 1];
};

static struct address address_of(const char *text)
{
	struct address a = { 0 };

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static struct prefix prefix_of(const char *text)
{
	struct address a = { 0 };
	uint8_t length = 32;

	assert_int_equal(prefix_parse(text, &a, &length), 0);
	return prefix_make(&a, length);
}

static void settle(struct lan *l)
{
	struct packet d;
	struct rip_event e;
	bool more = true;

	while (more) {
		more = false;
		for (; rip_output(l->rip, l->now, &d); more = true)
			;
		for (; rip_event(l->rip, &e); more = true)
			l->events[e.kind]++;
	}
}

static void run(struct lan *l, struct duration time)
{
	struct instant until = instant_add(l->now, time);

	while (instant_reached(rip_deadline(l->rip), until)) {
		l->now = instant_max(l->now, rip_deadline(l->rip));
		rip_tick(l->rip, l->now);
		settle(l);
	}
	l->now = until;
}

static int setup(void **state)
{
	static struct lan lan;
	struct address own = address_of("10.1.0.10");
	struct speaker_link link = speaker_link_make(1, true, &own, 24);
	struct route_filter learn = { .mode = ROUTE_FILTER_DEFAULT };
	struct rip_interface_settings how;
	struct prefix ours = prefix_of(OURS);
	struct rip_settings settings;

	lan = (struct lan){ .now = { DURATION_S(1000).ns } };
	rip_settings_default(&settings);
	settings.tag = 7;
	lan.rip = rip_new(FAMILY_IPV4, &settings, 1);
	rip_interface_settings_default(&how);
	assert_int_equal(rip_interface_set(lan.rip, lan.now, 1, &how), 0);
	rip_link(lan.rip, lan.now, &link);
	assert_int_equal(rip_learn(lan.rip, lan.now, 1, &learn), 0);
	assert_int_equal(rip_announce(lan.rip, lan.now, &ours, NULL, 0), 0);
	run(&lan, DURATION_S(1));
	*state = &lan;
	return 0;
}

static int teardown(void **state)
{
	struct lan *l = *state;

	rip_free(l->rip);
	return 0;
}

static void hear(struct lan *l, const struct address *from, const struct rip_packet *p)
{
	struct packet d = { .interface = 1,
			    .source = *from,
			    .source_port = RIP_PORT,
			    .destination = rip_group(FAMILY_IPV4) };

	d.length = (uint16_t)rip_packet_encode(p, d.bytes);
	rip_input(l->rip, l->now, &d);
	settle(l);
}

static void say(struct lan *l, const struct address *from, const char *prefix, uint8_t metric,
		uint16_t tag)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct prefix said = prefix_of(prefix);

	rip_packet_add(&p, &said, tag, metric);
	hear(l, from, &p);
}

static struct address stranger(unsigned k)
{
	return address_ipv4(0x0a010064 + k);
}

/* Networks that nobody wants, other ones each time. */
static void invent(struct lan *l, const struct address *from, unsigned first, unsigned count)
{
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);

	for (unsigned k = 0; k < count; k++) {
		struct address a = address_ipv4(0x0b000000 + (first + k) * 256);
		struct prefix network = prefix_make(&a, 24);

		rip_packet_add(&p, &network, 9, 2);
		if (p.n_entries < 25 && k + 1 < count)
			continue;
		hear(l, from, &p);
		p.n_entries = 0;
	}
}

static bool learns_default_of(struct lan *l, const struct address *router)
{
	struct route learned;

	while (rip_learned(l->rip, l->now, &learned))
		if (learned.prefix.length == 0)
			return learned.n_paths > 0 &&
			       address_equal(&learned.paths[0].next_hop, router);
	return false;
}

static void assert_router_is_heard(struct lan *l)
{
	struct address router = address_of("10.1.0.1");
	struct prefix other = prefix_of("10.9.7.7/32"), ours = prefix_of(OURS);
	struct route_heard heard;

	say(l, &router, "0.0.0.0/0", 2, 0);
	assert_true(learns_default_of(l, &router));
	say(l, &router, "10.9.7.7/32", 4, 5);
	assert_true(rip_heard(l->rip, l->now, &other, &heard));
	/* It is asked each time, and answers. */
	for (int k = 0; k < 3; k++) {
		say(l, &router, OURS, RIP_INFINITY, 7);
		run(l, DURATION_S(2));
	}
	assert_int_equal(rip_proof(l->rip, &ours, 1, &router), PROOF_ACCEPTED);
}

static void test_networks_of_one_stranger_shut_nobody_out(void **state)
{
	struct lan *l = *state;
	struct address one = stranger(0);

	invent(l, &one, 0, 20000);
	assert_router_is_heard(l);
}

static void test_networks_of_many_strangers_shut_nobody_out(void **state)
{
	struct lan *l = *state;

	for (unsigned k = 0; k < STRANGERS; k++) {
		struct address each = stranger(k);

		invent(l, &each, k * 400, 400);
	}
	assert_router_is_heard(l);
}

/* Each says that it routes to us, once: there is room for 64 opinions. */
static void test_opinions_of_strangers_take_no_routers_place(void **state)
{
	struct lan *l = *state;

	for (unsigned k = 0; k < STRANGERS; k++) {
		struct address each = stranger(k);

		say(l, &each, OURS, RIP_INFINITY, 7);
	}
	assert_router_is_heard(l);
	assert_int_equal(l->events[RIP_EVENT_ACCEPTED], 1);
}

/* What is told of becomes lines in the journal, and edges of a VIP. */
static void test_a_stranger_who_changes_his_mind_is_told_of_a_few_times(void **state)
{
	struct lan *l = *state;
	struct address one = stranger(0);

	for (unsigned k = 0; k < 20000; k++) {
		say(l, &one, OURS, (uint8_t)(1 + k % 3), 9);
		l->now = instant_add(l->now, (struct duration){ 250000 });
	}
	assert_in_range(l->events[RIP_EVENT_RIVAL], 1, 11);
	/* In the end the last word is known. */
	run(l, DURATION_S(7));
	say(l, &one, OURS, 12, 9);
	assert_in_range(l->events[RIP_EVENT_RIVAL], 2, 12);
}

static void test_a_stranger_who_comes_and_goes_is_told_of_a_few_times(void **state)
{
	struct lan *l = *state;
	unsigned told;

	for (unsigned k = 0; k < 20000; k++) {
		struct address one = stranger(k / 2 % STRANGERS);

		say(l, &one, OURS, k % 2 ? RIP_INFINITY : 2, 9);
		l->now = instant_add(l->now, (struct duration){ 250000 });
	}
	run(l, DURATION_S(70));
	told = l->events[RIP_EVENT_RIVAL] + l->events[RIP_EVENT_RIVAL_GONE];
	assert_in_range(told, 2, 24);
	assert_int_equal(l->events[RIP_EVENT_RIVAL], l->events[RIP_EVENT_RIVAL_GONE]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_networks_of_one_stranger_shut_nobody_out),
		TEST(test_networks_of_many_strangers_shut_nobody_out),
		TEST(test_opinions_of_strangers_take_no_routers_place),
		TEST(test_a_stranger_who_changes_his_mind_is_told_of_a_few_times),
		TEST(test_a_stranger_who_comes_and_goes_is_told_of_a_few_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
