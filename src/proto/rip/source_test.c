/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that an interface speaks from; what is told of their changes is in tests/golden. */
#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"
#include "proto/rip/instance.h"

#define INTERFACE 2

struct bench {
	struct rip *rip;
	struct instant now;
	unsigned gone, left; /* events */
};

static void hear_events(struct bench *b)
{
	struct rip_event e;

	while (rip_event(b->rip, &e)) {
		b->gone += e.kind == RIP_EVENT_SOURCE_GONE;
		b->left += e.kind == RIP_EVENT_LEFT;
	}
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct rip_interface_settings how;
	struct address vip = address_ipv4(0x0a090101);
	struct prefix p = prefix_host(&vip);
	struct rip_settings settings;

	assert_non_null(b);
	b->now = (struct instant){ DURATION_S(1000).ns };
	rip_settings_default(&settings);
	b->rip = rip_new(FAMILY_IPV4, &settings, 1);
	rip_interface_settings_default(&how);
	assert_int_equal(rip_interface_set(b->rip, b->now, INTERFACE, &how), 0);
	assert_int_equal(rip_announce(b->rip, b->now, &p, NULL, 0), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	rip_free(b->rip);
	free(b);
	return 0;
}

static void source_put(struct speaker_link *l, uint32_t address, uint32_t network, uint8_t length)
{
	struct address n = address_ipv4(network);

	l->sources[l->n_sources++] = (struct speaker_source){ .address = address_ipv4(address),
							      .network = prefix_make(&n, length) };
}

static void speak_from(struct bench *b, uint32_t address)
{
	struct speaker_link l = { .index = INTERFACE, .usable = true };

	source_put(&l, address, address, 16);
	rip_link(b->rip, b->now, &l);
	hear_events(b);
}

/* How many packets leave in two seconds in the name of addresses that are gone. */
static size_t departed_packets(struct bench *b)
{
	struct instant until = instant_add(b->now, DURATION_S(2)), due;
	struct packet d;
	size_t n = 0;

	while (instant_reached(due = rip_deadline(b->rip), until)) {
		b->now = instant_max(b->now, due);
		rip_tick(b->rip, b->now);
		while (rip_output(b->rip, b->now, &d))
			n += d.departed;
		hear_events(b);
	}
	b->now = until;
	return n;
}

static void addresses_that_come_and_go_without_end_take_no_memory_without_end(void **state)
{
	struct bench *b = *state;

	for (uint32_t k = 0; k < 10 * RIP_DEPARTED_MAX; k++)
		speak_from(b, 0x0a010001 + k);
	assert_int_equal(b->gone, 10 * RIP_DEPARTED_MAX - 1);
	assert_int_equal(b->rip->n_interfaces, 1 + RIP_DEPARTED_MAX);
	assert_int_equal(departed_packets(b), 3 * RIP_DEPARTED_MAX);
	/* In the end nothing is left of them. */
	b->now = instant_add(b->now, DURATION_S(200));
	(void)departed_packets(b);
	assert_int_equal(b->rip->n_interfaces, 1);
	assert_int_equal(b->left, 0);
}

static void an_address_with_two_peers_is_gone_with_the_second(void **state)
{
	struct speaker_link l = { .index = INTERFACE, .usable = true };
	struct bench *b = *state;

	source_put(&l, 0x0a01000a, 0x0a020001, 32);
	source_put(&l, 0x0a01000a, 0x0a030001, 32);
	rip_link(b->rip, b->now, &l);
	assert_int_equal(b->rip->n_interfaces, 2);
	/* One order or the other. */
	l.sources[0] = l.sources[1];
	l.n_sources = 1;
	rip_link(b->rip, b->now, &l);
	hear_events(b);
	assert_int_equal(b->rip->n_interfaces, 1);
	assert_int_equal(b->gone, 0);
	assert_int_equal(departed_packets(b), 0);
	l.n_sources = 0;
	rip_link(b->rip, b->now, &l);
	hear_events(b);
	assert_int_equal(b->gone, 1);
	assert_int_equal(departed_packets(b), 3);
}

static void an_interface_that_is_removed_leaves_when_all_its_networks_have(void **state)
{
	struct speaker_link l = { .index = INTERFACE, .usable = true };
	struct bench *b = *state;

	source_put(&l, 0x0a01000a, 0x0a010000, 24);
	source_put(&l, 0x0a02000a, 0x0a020000, 24);
	rip_link(b->rip, b->now, &l);
	(void)departed_packets(b);
	l.n_sources = 1; /* one address goes, and with it the interface */
	rip_link(b->rip, b->now, &l);
	rip_interface_remove(b->rip, b->now, INTERFACE);
	assert_int_equal(b->left, 0);
	assert_int_equal(departed_packets(b), 3);
	assert_int_equal(b->left, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_that_come_and_go_without_end_take_no_memory_without_end),
		TEST(an_address_with_two_peers_is_gone_with_the_second),
		TEST(an_interface_that_is_removed_leaves_when_all_its_networks_have),
	};

	return cmocka_run_group_tests_name("rip: sources", tests, NULL, NULL);
}
