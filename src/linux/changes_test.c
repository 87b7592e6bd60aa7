/* SPDX-License-Identifier: Apache-2.0 */
/* Against the real kernel, in a network namespace of its own. */
#include "linux/changes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/unit.h"
#include "linux/clock.h"
#include "linux/namespace_test.h"

#define HEARD_MAX 4096
#define MANY 1000
#define MANY_ELEMENTS 40000 /* more than a socket holds */

/* All that was told, in its order. */
struct ear {
	struct changes *changes;
	struct input heard[HEARD_MAX];
	size_t count;
	uint32_t board, id;
	bool forgets_links; /* but for the newest */
	struct interface link;
};

static void hear(void *context, const struct input *in)
{
	struct ear *e = context;

	if (in->kind == INPUT_LINK && strcmp(in->link.name, "board") == 0) {
		e->board = in->link.index;
		e->link = in->link;
	}
	if (in->kind == INPUT_LINK && e->forgets_links)
		return;
	if (in->kind == INPUT_OBJECT && in->object.object.kind == OBJECT_SILENCE)
		return;
	assert_true(e->count < HEARD_MAX);
	e->heard[e->count++] = *in;
}

/* Works until there is nothing left, neither to do nor to read. */
static void settle(struct ear *e)
{
	struct pollfd p = { .fd = changes_fd(e->changes), .events = POLLIN };

	do
		while (changes_run(e->changes, instant_add(clock_now(), DURATION_MS(5))))
			;
	while (poll(&p, 1, 0) > 0);
}

static uint32_t want_board(struct ear *e, const char *name)
{
	struct effect wish = { .kind = EFFECT_BOARD_ADD, .id = ++e->id };

	text_copy(wish.board.name, sizeof(wish.board.name), name);
	changes_add(e->changes, &wish);
	return wish.id;
}

static uint32_t want(struct ear *e, enum effect_kind effect, enum object_kind kind, uint32_t number)
{
	struct effect wish = { .kind = (uint8_t)effect, .id = ++e->id };

	wish.object.kind = (uint8_t)kind;
	wish.object.interface = kind == OBJECT_UNREACHABLE ? 0 : e->board;
	wish.object.address = address_ipv4(number);
	wish.object.length = kind == OBJECT_UNREACHABLE ? 24 : 32;
	changes_add(e->changes, &wish);
	return wish.id;
}

/* The outcome of an effect; fails when it was told twice or not at all. */
static const struct input *done(const struct ear *e, uint32_t id)
{
	const struct input *found = NULL;

	for (size_t i = 0; i < e->count; i++) {
		const struct input *in = &e->heard[i];

		if (in->kind != INPUT_DONE || id - in->done.first >= in->done.count)
			continue;
		assert_null(found);
		found = in;
	}
	assert_non_null(found);
	return found;
}

static size_t count(const struct ear *e, enum input_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		n += e->heard[i].kind == kind;
	return n;
}

/* How often an object was told to be there, or to be gone. */
static size_t told(const struct ear *e, enum object_kind kind, uint32_t number, bool present)
{
	struct address a = address_ipv4(number);
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++) {
		const struct input *in = &e->heard[i];

		n += in->kind == INPUT_OBJECT && in->object.present == present &&
		     in->object.object.kind == kind &&
		     address_equal(&in->object.object.address, &a);
	}
	return n;
}

static void forget(struct ear *e)
{
	settle(e);
	e->count = 0;
}

static int setup(void **state)
{
	struct ear *e = calloc(1, sizeof(*e));

	if (!e || changes_new(&(struct input_sink){ e, hear }, &e->changes) < 0)
		return -1;
	want_board(e, "board");
	settle(e);
	e->count = 0;
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct ear *e = *state;

	changes_free(e->changes);
	free(e);
	return system("ip link del board 2>/dev/null") == -1;
}

static void test_a_board_is_known_before_it_is_done(void **state)
{
	struct ear *e = *state;
	uint32_t id = want_board(e, "other");
	const struct input *result;
	bool known = false;

	settle(e);
	result = done(e, id);
	assert_int_equal(result->done.error, 0);
	for (const struct input *in = e->heard; in < result; in++) {
		if (in->kind != INPUT_LINK || strcmp(in->link.name, "other") != 0)
			continue;
		/* Not for a moment is it taken for somebody else's. */
		assert_int_equal(in->link.kind, INTERFACE_BOARD);
		assert_true(in->link.backend[0]);
		known = in->link.up && in->link.carrier;
	}
	assert_true(known);
	assert_int_equal(system("ip link del other"), 0);
}

static void test_a_board_from_an_earlier_life_is_adopted(void **state)
{
	struct ear *e = *state;
	uint32_t id;

	assert_int_equal(system("ip link set board down"), 0);
	forget(e);
	id = want_board(e, "board");
	settle(e);
	assert_int_equal(done(e, id)->done.error, 0);
	assert_true(e->heard[0].kind == INPUT_LINK);
	assert_int_equal(system("ip link show up dev board | grep -q board"), 0);
}

static void test_a_link_of_somebody_else_is_left_alone(void **state)
{
	struct ear *e = *state;
	uint32_t id;

	assert_int_equal(system("ip link add foreign type veth peer name foreign2"), 0);
	id = want_board(e, "foreign");
	settle(e);
	assert_int_equal(done(e, id)->done.error, -EEXIST);
	assert_string_equal(done(e, id)->done.text, "foreign exists and is not ours");
	assert_int_equal(system("ip link show foreign | grep -q alias"), 256);
	assert_int_equal(system("ip link del foreign"), 0);
}

static void test_many_changes_are_done_in_ranges(void **state)
{
	struct ear *e = *state;
	uint32_t first = e->id + 1;

	for (uint32_t i = 0; i < MANY; i++)
		want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a640000 + i);
	settle(e);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(done(e, first + i)->done.error, 0);
	assert_true(e->count < MANY / 16);
	/* The outcome says it already; the kernel's echoes would only say it again. */
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(told(e, OBJECT_LOCAL, 0x0a640000 + i, true), 0);
	assert_int_equal(system("test $(ip route show table local proto 118 | wc -l) = 1000"), 0);
}

static void test_what_is_as_wanted_already_is_no_error(void **state)
{
	struct ear *e = *state;
	uint32_t first = e->id + 1;

	for (int twice = 0; twice < 2; twice++) {
		want(e, EFFECT_OBJECT_ADD, OBJECT_ADDRESS, 0x0a090101);
		want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a090102);
		want(e, EFFECT_OBJECT_ADD, OBJECT_UNREACHABLE, 0x0a090100);
	}
	for (int twice = 0; twice < 2; twice++) {
		want(e, EFFECT_OBJECT_REMOVE, OBJECT_ADDRESS, 0x0a090101);
		want(e, EFFECT_OBJECT_REMOVE, OBJECT_LOCAL, 0x0a090102);
		want(e, EFFECT_OBJECT_REMOVE, OBJECT_UNREACHABLE, 0x0a090100);
	}
	settle(e);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(done(e, first + i)->done.error, 0);
	assert_int_equal(system("test -z \"$(ip route show table all proto 118)\""), 0);
}

static void test_an_error_is_told_with_the_kernels_words(void **state)
{
	struct ear *e = *state;
	uint32_t first, bad, last;

	first = want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a090101);
	e->board += 1000;
	bad = want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a090102);
	e->board -= 1000;
	last = want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a090103);
	settle(e);
	assert_int_equal(done(e, first)->done.error, 0);
	assert_int_equal(done(e, last)->done.error, 0);
	assert_int_equal(done(e, bad)->done.error, -ENODEV);
	assert_int_equal(done(e, bad)->done.count, 1);
	assert_true(done(e, bad)->done.text[0]);
}

static void test_a_hand_that_takes_an_object_away_is_seen(void **state)
{
	struct ear *e = *state;

	want(e, EFFECT_OBJECT_ADD, OBJECT_ADDRESS, 0x0a090101);
	want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a090102);
	want(e, EFFECT_OBJECT_ADD, OBJECT_UNREACHABLE, 0x0a090200);
	forget(e);
	assert_int_equal(system("ip route del local 10.9.1.2 table local"), 0);
	assert_int_equal(system("ip route del unreachable 10.9.2.0/24 proto 118"), 0);
	/*
	 * Last: with the last address of an interface, Linux flushes its routes and tells nobody.
	 */
	assert_int_equal(system("ip addr del 10.9.1.1/32 dev board"), 0);
	settle(e);
	assert_int_equal(told(e, OBJECT_ADDRESS, 0x0a090101, false), 1);
	assert_int_equal(told(e, OBJECT_LOCAL, 0x0a090102, false), 1);
	assert_int_equal(told(e, OBJECT_UNREACHABLE, 0x0a090200, false), 1);
}

static void test_a_dump_tells_all_that_is_there_once(void **state)
{
	struct ear *e = *state;
	size_t last;

	for (uint32_t i = 0; i < MANY; i++)
		want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a640000 + i);
	want(e, EFFECT_OBJECT_ADD, OBJECT_ADDRESS, 0x0a090101);
	want(e, EFFECT_OBJECT_ADD, OBJECT_UNREACHABLE, 0x0a090200);
	assert_int_equal(system("ip route add unreachable 10.8.0.0/16 proto static"), 0);
	forget(e);
	/* The second one in a row has nothing to add. */
	changes_add(e->changes, &(struct effect){ .kind = EFFECT_RESYNC });
	changes_add(e->changes, &(struct effect){ .kind = EFFECT_RESYNC });
	settle(e);
	last = e->count - 1;
	assert_int_equal(e->heard[0].kind, INPUT_DUMP_BEGIN);
	assert_int_equal(e->heard[last].kind, INPUT_DUMP_END);
	assert_int_equal(count(e, INPUT_DUMP_BEGIN), 1);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(told(e, OBJECT_LOCAL, 0x0a640000 + i, true), 1);
	assert_int_equal(told(e, OBJECT_ADDRESS, 0x0a090101, true), 1);
	assert_int_equal(told(e, OBJECT_UNREACHABLE, 0x0a090200, true), 1);
	assert_int_equal(told(e, OBJECT_UNREACHABLE, 0x0a080000, true), 0);
	assert_true(count(e, INPUT_LINK) >= 2);
	assert_int_equal(system("ip route del unreachable 10.8.0.0/16"), 0);
}

static void test_a_board_that_goes_is_told_and_its_removal_is_no_error(void **state)
{
	struct ear *e = *state;
	struct effect wish = { .kind = EFFECT_BOARD_REMOVE };

	wish.board.index = e->board;
	for (int twice = 0; twice < 2; twice++) {
		wish.id = ++e->id;
		changes_add(e->changes, &wish);
	}
	settle(e);
	assert_int_equal(done(e, wish.id - 1)->done.error, 0);
	assert_int_equal(done(e, wish.id)->done.error, 0);
	assert_int_equal(count(e, INPUT_LINK_GONE), 1);
}

/* More events than the socket holds: the kernel drops some and says so. */
static void test_an_overrun_ends_in_a_dump(void **state)
{
	struct ear *e = *state;
	char path[] = "vipd-changes-XXXXXX", command[128];
	int fd = mkstemp(path);
	FILE *batch = fdopen(fd, "w");

	assert_non_null(batch);
	for (int i = 0; i < 15000; i++)
		fprintf(batch, "link set dev board mtu %d\n", 1400 + i % 2);
	fprintf(batch, "link set dev board mtu 1300\n");
	fprintf(batch, "addr add 10.9.9.9/32 dev board\n");
	fclose(batch);
	snprintf(command, sizeof(command), "ip -batch %s", path);
	assert_int_equal(system(command), 0);
	unlink(path);
	e->forgets_links = true;
	settle(e);
	assert_int_equal(count(e, INPUT_DUMP_END), 1);
	assert_int_equal(told(e, OBJECT_ADDRESS, 0x0a090909, true), 1);
	/* What the socket still held is older than the dump and did not come after it. */
	assert_int_equal(e->link.mtu, 1300);
}

static uint32_t want_ipv6(struct ear *e, enum object_kind kind, const char *address)
{
	struct effect wish = { .kind = EFFECT_OBJECT_ADD, .id = ++e->id };

	wish.object.kind = (uint8_t)kind;
	wish.object.interface = e->board;
	assert_int_equal(address_parse(address, &wish.object.address), 0);
	wish.object.length = 128;
	changes_add(e->changes, &wish);
	return wish.id;
}

static void sysctl_write(const char *of, const char *value)
{
	char command[128];

	snprintf(command, sizeof(command), "echo %s >/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 value, of);
	assert_int_equal(system(command), 0);
}

static void test_ipv6_is_enabled_on_a_board_where_new_links_have_none(void **state)
{
	struct ear *e = *state;
	uint32_t address, route;

	/* As by net.ipv6.conf.default; and as by a hand, later. */
	sysctl_write("board", "1");
	address = want_ipv6(e, OBJECT_ADDRESS, "2001:db8:9::1");
	route = want_ipv6(e, OBJECT_LOCAL, "2001:db8:9::2");
	settle(e);
	assert_int_equal(done(e, address)->done.error, 0);
	assert_int_equal(done(e, route)->done.error, 0);
	sysctl_write("board", "1");
	forget(e);
	route = want_ipv6(e, OBJECT_LOCAL, "2001:db8:9::2");
	settle(e);
	assert_int_equal(done(e, route)->done.error, 0);
}

static void test_an_ipv4_vip_does_not_enable_ipv6(void **state)
{
	struct ear *e = *state;
	uint32_t id;

	sysctl_write("board", "1");
	id = want(e, EFFECT_OBJECT_ADD, OBJECT_ADDRESS, 0x0a090101);
	settle(e);
	assert_int_equal(done(e, id)->done.error, 0);
	assert_int_equal(system("grep -q 1 /proc/sys/net/ipv6/conf/board/disable_ipv6"), 0);
}

static size_t tables_gone(const struct ear *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++) {
		const struct input *in = &e->heard[i];

		n += in->kind == INPUT_OBJECT && in->object.object.kind == OBJECT_ARP_TABLE &&
		     !in->object.present;
	}
	return n;
}

/* Events of our own making, which nobody reads while they come, fill no socket. */
static void test_very_many_elements_of_ours_are_no_reason_to_read_anew(void **state)
{
	struct ear *e = *state;
	uint32_t table = want(e, EFFECT_OBJECT_ADD, OBJECT_ARP_TABLE, 0), first = e->id + 1;

	for (uint32_t i = 0; i < MANY_ELEMENTS; i++)
		want(e, EFFECT_OBJECT_ADD, OBJECT_SILENCE, 0x0a640000 + i);
	settle(e);
	if (done(e, table)->done.error == -EPROTONOSUPPORT)
		skip();
	for (uint32_t i = 0; i < MANY_ELEMENTS; i += 100)
		assert_int_equal(done(e, first + i)->done.error, 0);
	assert_int_equal(count(e, INPUT_DUMP_BEGIN), 0);
	assert_int_equal(tables_gone(e), 0);
	/* Somebody else's are seen all the same. */
	assert_int_equal(system("nft add table inet vipd"), 0);
	settle(e);
	assert_int_equal(count(e, INPUT_DUMP_BEGIN), 1);
	assert_int_equal(system("nft delete table inet vipd; nft delete table arp vipd"), 0);
	settle(e);
	assert_int_equal(tables_gone(e), 1);
}

/* Whoever waits for the first of very many routes does not wait for the last silence. */
static void test_routes_do_not_wait_for_all_that_is_made_in_tables(void **state)
{
	struct ear *e = *state;
	uint32_t silence, route;

	want(e, EFFECT_OBJECT_ADD, OBJECT_ARP_TABLE, 0);
	for (uint32_t i = 0; i < MANY; i++)
		silence = want(e, EFFECT_OBJECT_ADD, OBJECT_SILENCE, 0x0a640000 + i);
	route = want(e, EFFECT_OBJECT_ADD, OBJECT_LOCAL, 0x0a640000);
	settle(e);
	assert_int_equal(done(e, route)->done.error, 0);
	assert_true(done(e, route) < done(e, silence));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_board_is_known_before_it_is_done),
		TEST(test_a_board_from_an_earlier_life_is_adopted),
		TEST(test_a_link_of_somebody_else_is_left_alone),
		TEST(test_many_changes_are_done_in_ranges),
		TEST(test_what_is_as_wanted_already_is_no_error),
		TEST(test_an_error_is_told_with_the_kernels_words),
		TEST(test_a_hand_that_takes_an_object_away_is_seen),
		TEST(test_a_dump_tells_all_that_is_there_once),
		TEST(test_a_board_that_goes_is_told_and_its_removal_is_no_error),
		TEST(test_an_overrun_ends_in_a_dump),
		TEST(test_ipv6_is_enabled_on_a_board_where_new_links_have_none),
		TEST(test_an_ipv4_vip_does_not_enable_ipv6),
		TEST(test_routes_do_not_wait_for_all_that_is_made_in_tables),
		TEST(test_very_many_elements_of_ours_are_no_reason_to_read_anew),
	};

	if (!namespace_enter())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
