/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a place among the neighbours where there are more who speak than are remembered. */
#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/rip/packet.h"
#include "proto/rip/rip.h"

#define INTERFACE 2

struct lan {
	struct rip *rip;
	enum family family;
	struct instant now;
	struct rip_interface_settings settings;
	unsigned crowded, downs;
};

/* The host with this number; number 0 is us. */
static struct address host(const struct lan *l, unsigned number)
{
	struct address a = address_ipv4(0x0a010000 | number);

	if (l->family == FAMILY_IPV4)
		return a;
	a = (struct address){ .family = FAMILY_IPV6, .bytes = { 0xfe, 0x80 } };
	a.bytes[14] = (uint8_t)(number >> 8);
	a.bytes[15] = (uint8_t)number;
	return a;
}

/* Prefixes of others: hosts, and networks where `bits` are fewer. */
static struct prefix theirs(const struct lan *l, unsigned number, uint8_t bits)
{
	struct address a = address_ipv4(0x0a4d0000 | number);

	if (l->family == FAMILY_IPV6) {
		a = (struct address){ .family = FAMILY_IPV6, .bytes = { 0x20, 0x01, 0x0d, 0xb8 } };
		a.bytes[14] = (uint8_t)(number >> 8);
		a.bytes[15] = (uint8_t)number;
	}
	return prefix_make(&a, (uint8_t)(family_bits(l->family) - bits));
}

static struct prefix vip(const struct lan *l)
{
	return theirs(l, 0xffff, 0);
}

static void settle(struct lan *l)
{
	struct packet d;
	struct rip_event e;

	while (rip_output(l->rip, l->now, &d))
		;
	while (rip_event(l->rip, &e)) {
		l->crowded += e.kind == RIP_EVENT_CROWDED;
		l->downs += e.kind == RIP_EVENT_NEIGHBOR_DOWN;
	}
}

static void run(struct lan *l, struct duration time)
{
	struct instant until = instant_add(l->now, time), due;

	while (instant_reached(due = rip_deadline(l->rip), until)) {
		l->now = instant_max(l->now, due);
		rip_tick(l->rip, l->now);
		settle(l);
	}
	l->now = until;
}

static void hear_from(struct lan *l, unsigned number, const struct prefix *p, uint8_t metric)
{
	struct rip_packet packet =
		rip_packet_make(l->family, RIP_RESPONSE, l->family == FAMILY_IPV6 ? 1 : 2);
	struct packet d = { .interface = INTERFACE,
			    .source = host(l, number),
			    .destination = rip_group(l->family),
			    .hop_limit = 255 };

	d.source_port = d.destination_port = rip_port(l->family);
	rip_packet_add(&packet, p, 0, metric);
	d.length = (uint16_t)rip_packet_encode(&packet, d.bytes);
	rip_input(l->rip, l->now, &d);
	settle(l);
}

/* A server that announces an address of its own. */
static void server(struct lan *l, unsigned number)
{
	struct prefix p = theirs(l, number, 0);

	hear_from(l, number, &p, 3);
}

static void router(struct lan *l, unsigned number)
{
	struct prefix p = theirs(l, 0x8000, 8);

	hear_from(l, number, &p, 2);
}

static void servers(struct lan *l, unsigned first, unsigned count)
{
	for (unsigned k = 0; k < count; k++)
		server(l, first + k);
}

static void routers(struct lan *l, unsigned first, unsigned count)
{
	for (unsigned k = 0; k < count; k++)
		router(l, first + k);
}

static bool neighbor(const struct lan *l, unsigned number, struct neighbor *ret)
{
	struct address a = host(l, number);
	size_t position = 0;

	while (rip_neighbor_next(l->rip, l->now, &position, ret))
		if (address_equal(&ret->address, &a))
			return true;
	return false;
}

static bool is_there(const struct lan *l, unsigned number)
{
	struct neighbor info;

	return neighbor(l, number, &info);
}

static struct speaker_interface about(const struct lan *l)
{
	struct speaker_interface info;
	size_t position = 0;

	assert_true(rip_interface_next(l->rip, l->now, &position, &info));
	return info;
}

static int setup_family(void **state, enum family family)
{
	struct lan *l = calloc(1, sizeof(*l));
	struct rip_settings settings;
	struct speaker_link link;
	struct address own;
	struct prefix p;

	assert_non_null(l);
	l->family = family;
	l->now = (struct instant){ DURATION_S(1000).ns };
	rip_settings_default(&settings);
	settings.tag = 7;
	l->rip = rip_new(family, &settings, 1);
	rip_interface_settings_default(&l->settings);
	assert_int_equal(rip_interface_set(l->rip, l->now, INTERFACE, &l->settings), 0);
	own = host(l, 0xfffe);
	link = speaker_link_make(INTERFACE, true, &own, family == FAMILY_IPV4 ? 16 : 64);
	rip_link(l->rip, l->now, &link);
	p = vip(l);
	assert_int_equal(rip_announce(l->rip, l->now, &p, NULL, 0), 0);
	settle(l);
	run(l, DURATION_S(1));
	*state = l;
	return 0;
}

static int setup(void **state)
{
	return setup_family(state, FAMILY_IPV4);
}

static int setup_ipv6(void **state)
{
	return setup_family(state, FAMILY_IPV6);
}

static int teardown(void **state)
{
	struct lan *l = *state;

	rip_free(l->rip);
	free(l);
	return 0;
}

/* It routes to our VIP, and says so again when it is asked. */
static void prove(struct lan *l, unsigned number)
{
	struct prefix p = vip(l);

	hear_from(l, number, &p, 16);
	run(l, DURATION_S(2));
	hear_from(l, number, &p, 16);
}

static void a_router_is_heard_behind_seventy_servers(void **state)
{
	struct lan *l = *state;
	struct neighbor info;

	servers(l, 1, 70);
	router(l, 200);
	prove(l, 200);
	assert_true(neighbor(l, 200, &info));
	assert_int_equal(info.accepted, 1);
	assert_int_equal(about(l).neighbors, 71);
	assert_int_equal(about(l).drops[RIP_DROP_TABLE_FULL], 0);
	assert_false(about(l).crowded);
}

static void where_all_places_are_taken_a_server_makes_room_for_a_router(void **state)
{
	struct lan *l = *state;
	struct neighbor info;

	servers(l, 1, RIP_NEIGHBORS_MAX);
	run(l, DURATION_S(1));
	/* The one that was silent for the longest goes. */
	servers(l, 1, 1);
	router(l, 1000);
	assert_true(is_there(l, 1000));
	assert_true(is_there(l, 1));
	assert_false(is_there(l, 2));
	assert_int_equal(l->downs, 1);
	assert_int_equal(l->crowded, 0);
	prove(l, 1000);
	assert_true(neighbor(l, 1000, &info));
	assert_int_equal(info.accepted, 1);
	assert_false(info.plain);
	/* Poison for our own is a router's word too, though its networks have not come yet. */
	prove(l, 1001);
	assert_true(is_there(l, 1001));
	assert_int_equal(about(l).neighbors, RIP_NEIGHBORS_MAX);
}

static void who_is_turned_away_is_counted_and_told_but_not_each_time(void **state)
{
	struct lan *l = *state;

	servers(l, 1, RIP_NEIGHBORS_MAX);
	for (unsigned k = 0; k < 40; k++)
		server(l, 1000 + k);
	assert_int_equal(about(l).drops[RIP_DROP_TABLE_FULL], 40);
	assert_int_equal(l->crowded, 1);
	assert_true(about(l).crowded);
	/* It goes on: told again, some time later. */
	for (unsigned k = 0; k < 30; k++) {
		servers(l, 1, RIP_NEIGHBORS_MAX);
		server(l, 1000);
		run(l, DURATION_S(30));
	}
	assert_int_equal(l->crowded, 2);
	/* And over, when nobody was for a while. */
	for (unsigned k = 0; k < 7; k++) {
		servers(l, 1, RIP_NEIGHBORS_MAX);
		run(l, DURATION_S(30));
	}
	assert_false(about(l).crowded);
}

static void routers_do_not_push_each_other_out_while_they_speak(void **state)
{
	struct lan *l = *state;

	routers(l, 1, RIP_NEIGHBORS_MAX);
	run(l, DURATION_S(30));
	router(l, 1000);
	assert_false(is_there(l, 1000));
	/* Who has been silent for two periods, as a stranger's forgeries are, gives way. */
	routers(l, 2, RIP_NEIGHBORS_MAX - 1);
	run(l, DURATION_S(45));
	router(l, 1000);
	assert_true(is_there(l, 1000));
	assert_false(is_there(l, 1));
}

static void who_proves_stays_and_who_is_named_always_has_a_place(void **state)
{
	struct lan *l = *state;

	router(l, 1);
	prove(l, 1);
	routers(l, 2, RIP_NEIGHBORS_MAX - 1);
	l->settings.n_unicast = 1;
	l->settings.unicast[0] = host(l, 1000);
	assert_int_equal(rip_interface_set(l->rip, l->now, INTERFACE, &l->settings), 0);
	/* Whatever it says. */
	server(l, 1000);
	assert_true(is_there(l, 1000));
	assert_true(is_there(l, 1));
	routers(l, 2000, RIP_NEIGHBORS_MAX);
	assert_true(is_there(l, 1000));
	assert_true(is_there(l, 1));
}

static void what_is_learned_of_a_server_is_worth_more_than_nothing(void **state)
{
	const struct route_filter all = { .mode = ROUTE_FILTER_ALL };
	struct lan *l = *state;

	servers(l, 1, RIP_NEIGHBORS_MAX);
	assert_int_equal(rip_learn(l->rip, l->now, INTERFACE, &all), 0);
	/* From now on all teach; the first to be heard again are learned of. */
	servers(l, 2, RIP_NEIGHBORS_MAX - 1);
	router(l, 1000);
	assert_true(is_there(l, 1000));
	assert_int_equal(about(l).neighbors, RIP_NEIGHBORS_MAX);
}

static void bad_packets_take_nobodys_place(void **state)
{
	struct lan *l = *state;
	struct packet d = { .interface = INTERFACE, .length = 3, .hop_limit = 255 };

	servers(l, 1, RIP_NEIGHBORS_MAX);
	d.source = host(l, 1000);
	d.source_port = d.destination_port = rip_port(l->family);
	rip_input(l->rip, l->now, &d);
	settle(l);
	assert_false(is_there(l, 1000));
	assert_int_equal(l->downs, 0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, setup, teardown),                                    \
	{                                                                                          \
#name " (IPv6)", name, setup_ipv6, teardown, NULL                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_router_is_heard_behind_seventy_servers),
		TEST(where_all_places_are_taken_a_server_makes_room_for_a_router),
		TEST(who_is_turned_away_is_counted_and_told_but_not_each_time),
		TEST(routers_do_not_push_each_other_out_while_they_speak),
		TEST(who_proves_stays_and_who_is_named_always_has_a_place),
		TEST(what_is_learned_of_a_server_is_worth_more_than_nothing),
		TEST(bad_packets_take_nobodys_place),
	};

	return cmocka_run_group_tests_name("rip: neighbors", tests, NULL, NULL);
}
