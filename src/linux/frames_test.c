/* SPDX-License-Identifier: Apache-2.0 */
/* Two interfaces that are two ends of one wire, in a network namespace of its own. */
#include "linux/frames.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <net/if.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/namespace_test.h"

#define HEARD_MAX 4096

/* A wait that only a failure reaches the end of. */
#define PATIENCE_MS 5000

#define ARP_BYTES 42
#define ND_BYTES 86

struct ear {
	uv_loop_t loop;
	uv_timer_t patience;
	struct frames *frames;
	uint32_t left, right;
	int stranger; /* a packet socket of somebody else, on the right end */
	struct input heard[HEARD_MAX];
	size_t count;
	uint32_t deaf; /* the interface is no longer watched as soon as a frame is heard */
};

static void hear(void *context, const struct input *in)
{
	struct ear *e = context;

	assert_true(e->count < HEARD_MAX);
	e->heard[e->count++] = *in;
	if (e->deaf && in->kind == INPUT_FRAME)
		frames_watch(e->frames, e->deaf, false, false);
}

static void out_of_patience(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("what was waited for did not come");
}

static void wait_for(struct ear *e, size_t count)
{
	uv_timer_start(&e->patience, out_of_patience, PATIENCE_MS, 0);
	while (e->count < count)
		uv_run(&e->loop, UV_RUN_ONCE);
	uv_timer_stop(&e->patience);
}

static int setup(void **state)
{
	struct ear *e = calloc(1, sizeof(*e));
	struct sockaddr_ll address = { .sll_family = AF_PACKET };

	if (!e || uv_loop_init(&e->loop) < 0 || uv_timer_init(&e->loop, &e->patience) < 0)
		return -1;
	e->left = if_nametoindex("left");
	e->right = if_nametoindex("right");
	e->frames = frames_new(&e->loop, &(struct input_sink){ e, hear });
	e->stranger = socket(AF_PACKET, SOCK_RAW, 0);
	address.sll_ifindex = (int)e->right;
	if (bind(e->stranger, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	*state = e;
	return e->frames ? 0 : -1;
}

static int teardown(void **state)
{
	struct ear *e = *state;

	frames_free(e->frames);
	close(e->stranger);
	uv_close((uv_handle_t *)&e->patience, NULL);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&e->loop), 0);
	free(e);
	return 0;
}

/* Says that the interface is to be watched; the answer is the last thing heard. */
static const struct input *watch(struct ear *e, uint32_t interface, bool all_multicast)
{
	size_t before = e->count;
	const struct input *in = &e->heard[before];

	frames_watch(e->frames, interface, true, all_multicast);
	assert_int_equal(e->count, before + 1);
	assert_int_equal(in->kind, INPUT_WATCHING);
	assert_int_equal(in->watching.interface, interface);
	return in;
}

static void watch_left(struct ear *e)
{
	assert_true(watch(e, e->left, false)->watching.ready);
	e->count = 0;
}

/* To everybody, with an EtherType and nothing behind it. */
static struct ether_frame frame_of_type(uint16_t type, uint16_t length)
{
	struct ether_frame f = { .length = length };

	memset(f.bytes, 0xff, 6);
	memcpy(f.bytes + 6, "\x02\x00\x00\x00\x00\x09", 6);
	f.bytes[12] = (uint8_t)(type >> 8);
	f.bytes[13] = (uint8_t)type;
	return f;
}

static struct ether_frame frame_of_icmpv6(uint8_t next_header, uint8_t type)
{
	struct ether_frame f = frame_of_type(0x86dd, ND_BYTES);

	f.bytes[14] = 0x60;
	f.bytes[14 + 6] = next_header;
	f.bytes[14 + 40] = type;
	return f;
}

static struct ether_frame frame_of_vlan(uint16_t vlan)
{
	struct ether_frame f = frame_of_type(0x8100, ARP_BYTES + 4);

	f.bytes[14] = (uint8_t)(vlan >> 8);
	f.bytes[15] = (uint8_t)vlan;
	f.bytes[16] = 0x08;
	f.bytes[17] = 0x06;
	/* Without its tag it would be taken for the frame that is expected. */
	f.bytes[18] = 0x77;
	return f;
}

static void stranger_sends(const struct ear *e, const struct ether_frame *f)
{
	assert_int_equal(send(e->stranger, f->bytes, f->length, 0), f->length);
}

/* The next thing that is heard is this frame; what was sent before it was not heard. */
static void assert_next_heard(struct ear *e, const struct ether_frame *f)
{
	size_t before = e->count;
	const struct ether_frame *heard = &e->heard[before].frame;

	stranger_sends(e, f);
	wait_for(e, before + 1);
	assert_int_equal(e->heard[before].kind, INPUT_FRAME);
	assert_int_equal(heard->interface, e->left);
	assert_int_equal(heard->length, f->length);
	assert_memory_equal(heard->bytes, f->bytes, f->length);
}

static void test_arp_and_neighbour_discovery_are_heard(void **state)
{
	const struct ether_frame frames[] = { frame_of_type(0x0806, ARP_BYTES),
					      frame_of_icmpv6(58, 135), frame_of_icmpv6(58, 136) };
	struct ear *e = *state;

	watch_left(e);
	for (size_t i = 0; i < ARRAY_LENGTH(frames); i++)
		assert_next_heard(e, &frames[i]);
}

static void test_nothing_else_is_heard(void **state)
{
	const struct ether_frame foreign[] = {
		frame_of_type(0x0800, ARP_BYTES), /* IPv4 */
		frame_of_type(0x86dd, 20),	  /* IPv6 that ends too early */
		frame_of_icmpv6(58, 134),	  /* router advertisement */
		frame_of_icmpv6(58, 128),	  /* echo request */
		frame_of_icmpv6(17, 135),	  /* UDP */
		frame_of_vlan(7),
	};
	const struct ether_frame arp = frame_of_type(0x0806, ARP_BYTES);
	const struct ether_frame advertisement = frame_of_icmpv6(58, 136);
	struct ear *e = *state;

	watch_left(e);
	for (size_t i = 0; i < ARRAY_LENGTH(foreign); i++)
		stranger_sends(e, &foreign[i]);
	assert_next_heard(e, &arp);
	assert_next_heard(e, &advertisement);
}

static void test_a_frame_leaves_and_is_not_heard_by_its_sender(void **state)
{
	const struct ether_frame other = frame_of_type(0x0800, ARP_BYTES);
	struct ether_frame arp = frame_of_type(0x0806, ARP_BYTES);
	struct ear *e = *state;

	watch_left(e);
	(void)watch(e, e->right, false);
	e->count = 0;
	arp.interface = e->left;
	frames_send(e->frames, &arp);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].frame.interface, e->right);
	assert_memory_equal(e->heard[0].frame.bytes, arp.bytes, arp.length);
	assert_next_heard(e, &arp);
	assert_int_equal(frames_counters(e->frames)->sent, 1);
	assert_int_equal(frames_counters(e->frames)->received, 2);
	frames_send(e->frames, &other);
	assert_int_equal(frames_counters(e->frames)->not_sent, 1);
}

static void test_a_long_frame_is_cut_and_keeps_its_length(void **state)
{
	struct ether_frame arp = frame_of_type(0x0806, ETHER_FRAME_MAX);
	uint8_t bytes[1000] = { 0 };
	struct ear *e = *state;

	watch_left(e);
	memcpy(bytes, arp.bytes, sizeof(arp.bytes));
	assert_int_equal(send(e->stranger, bytes, sizeof(bytes), 0), sizeof(bytes));
	wait_for(e, 1);
	assert_int_equal(e->heard[0].frame.length, sizeof(bytes));
	assert_memory_equal(e->heard[0].frame.bytes, bytes, ETHER_FRAME_MAX);
}

static void test_an_interface_that_cannot_be_watched_says_why(void **state)
{
	struct ear *e = *state;
	const struct input *in = watch(e, 12345, false);

	assert_false(in->watching.ready);
	assert_string_equal(in->watching.error, "the interface is gone");
	in = watch(e, if_nametoindex("lo"), false);
	assert_false(in->watching.ready);
	assert_non_null(strstr(in->watching.error, "not Ethernet"));
	frames_watch(e->frames, 12345, false, false);
	assert_int_equal(e->count, 2);
}

/* As `ip -d link` shows it: how many ask for all multicast frames. */
static bool hears_all_multicast(void)
{
	return system("ip -d link show dev left | grep -q 'allmulti 1 '") == 0;
}

static void test_all_multicast_is_switched_while_watching(void **state)
{
	struct ear *e = *state;

	assert_true(watch(e, e->left, false)->watching.ready);
	assert_false(hears_all_multicast());
	for (size_t i = 0; i < 2; i++) {
		assert_true(watch(e, e->left, true)->watching.ready);
		assert_true(hears_all_multicast());
	}
	assert_true(watch(e, e->left, false)->watching.ready);
	assert_false(hears_all_multicast());
	assert_true(watch(e, e->left, true)->watching.ready);
	frames_watch(e->frames, e->left, false, false);
	assert_false(hears_all_multicast());
}

static void test_watching_ends_in_the_middle_of_what_is_read(void **state)
{
	const struct ether_frame arp = frame_of_type(0x0806, ARP_BYTES);
	struct ear *e = *state;

	watch_left(e);
	e->deaf = e->left;
	for (size_t i = 0; i < 10; i++)
		stranger_sends(e, &arp);
	wait_for(e, 1);
	while (uv_run(&e->loop, UV_RUN_NOWAIT))
		;
	assert_int_equal(e->count, 1);
	frames_send(e->frames, &arp);
	assert_int_equal(frames_counters(e->frames)->not_sent, 1);
}

static void test_a_flood_holds_nobody_up_and_is_counted(void **state)
{
	const struct ether_frame arp = frame_of_type(0x0806, ARP_BYTES);
	struct ear *e = *state;

	watch_left(e);
	for (size_t i = 0; i < HEARD_MAX; i++)
		stranger_sends(e, &arp);
	uv_run(&e->loop, UV_RUN_NOWAIT);
	assert_in_range(e->count, 1, 64);
	assert_true(frames_counters(e->frames)->dropped > 0);
	wait_for(e, HEARD_MAX - (size_t)frames_counters(e->frames)->dropped);
}

static void test_an_interface_that_was_down_is_heard_again(void **state)
{
	const struct ether_frame arp = frame_of_type(0x0806, ARP_BYTES);
	struct ear *e = *state;

	watch_left(e);
	assert_int_equal(system("ip link set left down"), 0);
	uv_run(&e->loop, UV_RUN_NOWAIT);
	assert_int_equal(system("ip link set left up &&"
				"until ip link show right | grep -q 'state UP'; do :; done"),
			 0);
	assert_next_heard(e, &arp);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_arp_and_neighbour_discovery_are_heard),
		TEST(test_nothing_else_is_heard),
		TEST(test_a_frame_leaves_and_is_not_heard_by_its_sender),
		TEST(test_a_long_frame_is_cut_and_keeps_its_length),
		TEST(test_an_interface_that_cannot_be_watched_says_why),
		TEST(test_all_multicast_is_switched_while_watching),
		TEST(test_watching_ends_in_the_middle_of_what_is_read),
		TEST(test_a_flood_holds_nobody_up_and_is_counted),
		TEST(test_an_interface_that_was_down_is_heard_again),
	};

	if (!namespace_enter())
		return 0;
	/* Without IPv6 of their own the two say nothing that was not asked for. */
	if (system("ip link add left type veth peer name right &&"
		   "for end in left right; do "
		   "echo 1 >/proc/sys/net/ipv6/conf/$end/disable_ipv6; ip link set $end up; done;"
		   /* Until Linux has seen the carrier it drops what is sent. */
		   "for end in left right; do "
		   "until ip link show $end | grep -q 'state UP'; do :; done; done") != 0) {
		printf("1..0 # SKIP this kernel has no veth\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
