/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Next hops, groups and learned routes against the real kernel, in a network namespace: that it
 * takes what we write, of both families, and what it does and says of its own accord.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/changes.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"

#define HEARD_MAX 8192
#define MANY 1000

#define FIRST_HOP 0x76690001u
#define GROUP 0x76697001u

struct ear {
	struct changes *changes;
	struct input heard[HEARD_MAX];
	size_t count;
	uint32_t id;
};

static void hear(void *context, const struct input *in)
{
	struct ear *e = context;

	assert_true(e->count < HEARD_MAX);
	e->heard[e->count++] = *in;
}

static void settle(struct ear *e)
{
	struct pollfd p = { .fd = changes_fd(e->changes), .events = POLLIN };

	do
		while (changes_run(e->changes, instant_add(clock_now(), DURATION_MS(5))))
			;
	while (poll(&p, 1, 0) > 0);
}

static uint32_t want(struct ear *e, enum effect_kind kind, const struct object *o)
{
	struct effect wish = { .kind = (uint8_t)kind, .id = ++e->id, .object = *o };

	changes_add(e->changes, &wish);
	return wish.id;
}

static int outcome(const struct ear *e, uint32_t id)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->heard[i].kind == INPUT_DONE &&
		    id - e->heard[i].done.first < e->heard[i].done.count)
			return e->heard[i].done.error;
	fail_msg("the effect %u has no outcome", id);
	return 0;
}

static struct object hop(uint32_t id, const char *interface, const char *router)
{
	struct object o = { .kind = OBJECT_NEXTHOP,
			    .interface = if_nametoindex(interface),
			    .id = id };

	assert_int_equal(address_parse(router, &o.address), 0);
	return o;
}

static struct object group(uint32_t first, uint8_t n, bool replace)
{
	struct object o = { .kind = OBJECT_GROUP, .id = GROUP, .n_members = n, .replace = replace };

	for (uint32_t k = 0; k < n; k++)
		o.members[k] = first + k;
	return o;
}

static struct object route(const char *network, uint8_t length)
{
	struct object o = { .kind = OBJECT_LEARNED, .length = length, .id = GROUP };

	assert_int_equal(address_parse(network, &o.address), 0);
	return o;
}

/* Whether the last dump has the object, with just this in it. */
static bool dumped(const struct ear *e, const struct object *o)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct input *in = &e->heard[i];

		if (in->kind == INPUT_OBJECT && in->object.present &&
		    object_is_same(&in->object.object, o) &&
		    object_content_equal(&in->object.object, o))
			return true;
	}
	return false;
}

static void dump(struct ear *e)
{
	settle(e);
	e->count = 0;
	changes_add(e->changes, &(struct effect){ .kind = EFFECT_RESYNC });
	settle(e);
}

/* Linux looks at carriers once in a second when many come and go: until then nothing has gone. */
static void dump_until_gone(struct ear *e, const struct object *o)
{
	for (int tries = 0; tries < 500; tries++) {
		dump(e);
		if (!dumped(e, o))
			return;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("it is still there after 5 s");
}

static int setup(void **state)
{
	struct ear *e = calloc(1, sizeof(*e));

	if (!e || system("ip link add eth0 type veth peer name peer0 &&"
			 "ip link add eth1 type veth peer name peer1 &&"
			 "for i in eth0 eth1 peer0 peer1; do ip link set $i up || exit 1; done &&"
			 "ip addr add 10.1.0.2/24 dev eth0 && ip addr add 10.2.0.2/24 dev eth1"))
		return -1;
	if (changes_new(&(struct input_sink){ e, hear }, &e->changes) < 0)
		return -1;
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct ear *e = *state;

	changes_free(e->changes);
	free(e);
	return system("ip link del eth0 && ip link del eth1 && ip route flush proto 118 &&"
		      "ip nexthop flush proto 118 >/dev/null");
}

/* Two next hops, a group of both, and the routes; all outcomes must be good. */
static void learn(struct ear *e, const char *first, const char *second, const struct object *routes,
		  size_t n)
{
	struct object hops[] = { hop(FIRST_HOP, "eth0", first),
				 hop(FIRST_HOP + 1, "eth1", second) };
	struct object both = group(FIRST_HOP, 2, false);
	uint32_t from = want(e, EFFECT_OBJECT_ADD, &hops[0]);

	want(e, EFFECT_OBJECT_ADD, &hops[1]);
	want(e, EFFECT_OBJECT_ADD, &both);
	for (size_t i = 0; i < n; i++)
		want(e, EFFECT_OBJECT_ADD, &routes[i]);
	settle(e);
	for (uint32_t i = 0; i < n + 3; i++)
		assert_int_equal(outcome(e, from + i), 0);
}

static void check_family(struct ear *e, const char *first, const char *second,
			 const struct object *routes, size_t n)
{
	struct object both = group(FIRST_HOP, 2, true), alone = group(FIRST_HOP + 1, 1, true);

	learn(e, first, second, routes, n);
	dump(e);
	assert_true(dumped(e, &both));
	for (size_t i = 0; i < n; i++)
		assert_true(dumped(e, &routes[i]));
	want(e, EFFECT_OBJECT_ADD, &alone);
	dump(e);
	assert_true(dumped(e, &alone));
	assert_true(dumped(e, &routes[n - 1]));
	for (size_t i = 0; i < n; i++)
		want(e, EFFECT_OBJECT_REMOVE, &routes[i]);
	want(e, EFFECT_OBJECT_REMOVE, &alone);
	dump(e);
	assert_false(dumped(e, &routes[0]));
	assert_false(dumped(e, &alone));
}

static void test_a_group_serves_its_routes_in_both_families(void **state)
{
	const struct object four[] = { route("10.20.0.0", 16), route("0.0.0.0", 0) };
	const struct object six[] = { route("2001:db8::", 32), route("::", 0) };

	check_family(*state, "10.1.0.1", "10.2.0.1", four, ARRAY_LENGTH(four));
	assert_int_equal(system("ip nexthop flush proto 118 >/dev/null"), 0);
	check_family(*state, "fe80::1", "fe80::2", six, ARRAY_LENGTH(six));
}

static void test_a_link_without_carrier_takes_its_next_hops_with_it_and_says_nothing(void **state)
{
	struct ear *e = *state;
	const struct object routes[] = { route("10.20.0.0", 16) };
	struct object first = hop(FIRST_HOP, "eth0", "10.1.0.1");
	struct object second = hop(FIRST_HOP + 1, "eth1", "10.2.0.1");
	struct object alone = group(FIRST_HOP + 1, 1, false);

	learn(e, "10.1.0.1", "10.2.0.1", routes, 1);
	settle(e);
	e->count = 0;
	assert_int_equal(system("ip link set peer0 down"), 0);
	settle(e);
	for (size_t i = 0; i < e->count; i++)
		assert_true(e->heard[i].kind != INPUT_OBJECT ||
			    e->heard[i].object.object.kind < OBJECT_NEXTHOP);
	dump_until_gone(e, &first);
	assert_true(dumped(e, &second));
	assert_true(dumped(e, &alone));
	assert_true(dumped(e, &routes[0]));
	assert_int_equal(system("ip link set peer1 down"), 0);
	dump_until_gone(e, &alone);
	assert_false(dumped(e, &routes[0]));
}

static void test_a_route_of_somebody_else_is_in_the_way_and_stays(void **state)
{
	struct ear *e = *state;
	const struct object routes[] = { route("10.20.0.0", 16) };
	struct object other = route("10.30.0.0", 16);
	uint32_t id;

	learn(e, "10.1.0.1", "10.2.0.1", routes, 1);
	assert_int_equal(system("ip route add 10.30.0.0/16 via 10.1.0.9 metric 20 proto static"),
			 0);
	id = want(e, EFFECT_OBJECT_ADD, &other);
	settle(e);
	assert_int_equal(outcome(e, id), -EEXIST);
	want(e, EFFECT_OBJECT_REMOVE, &other);
	settle(e);
	assert_int_equal(system("ip route show 10.30.0.0/16 | grep -q 'via 10.1.0.9'"), 0);
}

static void test_a_hand_that_takes_a_next_hop_a_group_or_a_route_is_seen(void **state)
{
	struct ear *e = *state;
	const struct object routes[] = { route("10.20.0.0", 16), route("10.21.0.0", 16) };
	size_t hops = 0, groups = 0, gone = 0;

	learn(e, "10.1.0.1", "10.2.0.1", routes, 2);
	settle(e);
	e->count = 0;
	assert_int_equal(system("ip route del 10.21.0.0/16 proto 118"), 0);
	assert_int_equal(system("ip nexthop del id $((0x76690001))"), 0);
	assert_int_equal(system("ip nexthop del id $((0x76697001))"), 0);
	settle(e);
	for (size_t i = 0; i < e->count; i++) {
		const struct input *in = &e->heard[i];

		if (in->kind != INPUT_OBJECT || in->object.present)
			continue;
		hops += in->object.object.kind == OBJECT_NEXTHOP;
		groups += in->object.object.kind == OBJECT_GROUP;
		gone += in->object.object.kind == OBJECT_LEARNED;
	}
	assert_int_equal(hops, 1);
	assert_int_equal(groups, 1);
	/* The route of the group went without a word. */
	assert_int_equal(gone, 1);
}

static void test_one_replace_of_a_group_moves_a_thousand_routes_in_milliseconds(void **state)
{
	static struct object routes[MANY];
	struct ear *e = *state;
	struct object alone = group(FIRST_HOP + 1, 1, true);
	struct instant begin;
	struct duration took;

	for (size_t i = 0; i < MANY; i++) {
		routes[i] = route("10.64.0.0", 24);
		routes[i].address.bytes[1] = (uint8_t)(64 + i / 256);
		routes[i].address.bytes[2] = (uint8_t)i;
	}
	learn(e, "10.1.0.1", "10.2.0.1", routes, MANY);
	begin = clock_now();
	want(e, EFFECT_OBJECT_ADD, &alone);
	settle(e);
	took = instant_since(clock_now(), begin);
	print_message("# a group with %d routes is replaced in %lld us\n", MANY,
		      (long long)(took.ns / 1000));
	assert_int_equal(system("test $(ip route show via 10.2.0.1 | wc -l) = 1000"), 0);
	assert_true(took.ns < DURATION_MS(100).ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_group_serves_its_routes_in_both_families,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_link_without_carrier_takes_its_next_hops_with_it_and_says_nothing,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_route_of_somebody_else_is_in_the_way_and_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_hand_that_takes_a_next_hop_a_group_or_a_route_is_seen, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_one_replace_of_a_group_moves_a_thousand_routes_in_milliseconds, setup,
			teardown),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
