/* SPDX-License-Identifier: Apache-2.0 */
/* Two interfaces that are two ends of one wire, in a network namespace of its own. */
#include "linux/sockets.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>

#include "base/container.h"
#include "base/unit.h"
#include "linux/datagram.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"
#include "linux/namespace_test.h"

#define HEARD_MAX 256

/* A wait that only a failure reaches the end of. */
#define PATIENCE_MS 5000

struct ear {
	uv_loop_t loop;
	uv_timer_t patience;
	struct sockets *sockets;
	enum family family;
	struct address ours; /* on the left */
	uint32_t left, right;
	struct input heard[HEARD_MAX];
	size_t count;
};

static void hear(void *context, const struct input *in)
{
	struct ear *e = context;

	assert_true(e->count < HEARD_MAX);
	e->heard[e->count++] = *in;
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

static int setup_family(void **state, enum family family)
{
	struct ear *e = calloc(1, sizeof(*e));

	if (!e || uv_loop_init(&e->loop) < 0 || uv_timer_init(&e->loop, &e->patience) < 0)
		return -1;
	e->left = if_nametoindex("left");
	e->right = if_nametoindex("right");
	e->family = family;
	assert_int_equal(address_parse(family == FAMILY_IPV6 ? "fe80::1" : "10.0.0.1", &e->ours),
			 0);
	e->sockets = sockets_new(&e->loop, &(struct input_sink){ e, hear });
	*state = e;
	return e->sockets ? 0 : -1;
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
	struct ear *e = *state;

	sockets_free(e->sockets);
	uv_close((uv_handle_t *)&e->patience, NULL);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&e->loop), 0);
	free(e);
	return 0;
}

static const struct speaker_class *class_of(enum family family)
{
	return protocol_class((uint8_t)(PROTOCOL_RIP + family_index(family)));
}

static void ear_listens(struct ear *e, uint32_t interface)
{
	const struct keychain none = { .type = AUTH_NONE };
	const struct speaker_class *c = class_of(e->family);

	sockets_listen(e->sockets, interface, c->protocol, c, &none);
}

static void ear_ends(struct ear *e, uint32_t interface, enum family family)
{
	sockets_listen(e->sockets, interface, class_of(family)->protocol, NULL, NULL);
}

static void listen_on_both(struct ear *e)
{
	ear_listens(e, e->left);
	ear_listens(e, e->right);
	assert_int_equal(e->count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(e->heard[i].kind, INPUT_LISTENING);
		assert_true(e->heard[i].listening.ready);
		assert_string_equal(e->heard[i].listening.error, "");
	}
	e->count = 0;
}

static struct packet packet(const struct ear *e)
{
	struct packet d = { .interface = e->left, .socket = RIP_SOCKET_MAIN };

	d.speaker = class_of(e->family)->protocol;
	d.source = e->ours;
	d.destination = rip_group(e->family);
	d.destination_port = rip_port(e->family);
	d.length = 24;
	memset(d.bytes, 0x5a, d.length);
	return d;
}

/* The port of a socket, and the interface that it belongs to. */
static uint16_t port_of(int fd, uint32_t *ret_interface)
{
	struct sockaddr_in6 own = { 0 };
	socklen_t size = sizeof(own), four = sizeof(*ret_interface);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, ret_interface, &four), 0);
	/* It stands at the same place in both families. */
	return ntohs(own.sin6_port);
}

/* Who has been asked once knows nothing of the port of another question. */
static void test_a_socket_for_questions_gets_another_port(void **state)
{
	struct ear *e = *state;
	uint32_t interface = 0;
	uint16_t ports[16];
	const char *why;
	struct packet d;
	size_t same = 0;
	int fd = datagram_open(e->left, &class_of(e->family)->sockets[RIP_SOCKET_QUERY], &why);

	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LENGTH(ports); i++) {
		ports[i] = port_of(fd, &interface);
		assert_int_equal(interface, e->left);
		same += i > 0 && ports[i] == ports[i - 1];
		assert_int_equal(datagram_renew(fd, e->left, e->family), 0);
	}
	assert_true(same < 3);
	/* It still sends. */
	listen_on_both(e);
	d = packet(e);
	d.source = (struct address){ 0 };
	assert_int_equal(datagram_send(fd, &d, d.bytes, d.length), 0);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].packet.source_port, port_of(fd, &interface));
	close(fd);
}

/* Questions of one moment leave from one port: their answers come to it. */
static void test_questions_of_one_moment_have_one_port(void **state)
{
	struct ear *e = *state;
	struct packet d;

	listen_on_both(e);
	d = packet(e);
	d.socket = RIP_SOCKET_QUERY;
	sockets_send(e->sockets, &d);
	sockets_send(e->sockets, &d);
	wait_for(e, 2);
	assert_int_equal(e->heard[0].packet.source_port, e->heard[1].packet.source_port);
	assert_int_not_equal(e->heard[0].packet.source_port, rip_port(e->family));
}

static void test_each_interface_has_a_port_520_of_its_own(void **state)
{
	struct ear *e = *state;

	listen_on_both(e);
	/* To be asked again changes nothing. */
	ear_listens(e, e->left);
	assert_true(e->heard[0].listening.ready);
}

static void test_another_daemon_on_the_port_is_noticed(void **state)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(RIP_PORT) };
	struct ear *e = *state;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	/* As BIRD and FRR do it. */
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	ear_listens(e, e->left);
	assert_int_equal(e->heard[0].kind, INPUT_LISTENING);
	assert_false(e->heard[0].listening.ready);
	assert_non_null(strstr(e->heard[0].listening.error, "520"));
	close(fd);
	ear_listens(e, e->left);
	assert_true(e->heard[1].listening.ready);
}

static void test_an_interface_that_is_not_there_is_an_answer(void **state)
{
	struct ear *e = *state;

	ear_listens(e, 12345);
	assert_false(e->heard[0].listening.ready);
	assert_true(e->heard[0].listening.error[0]);
	ear_ends(e, 12345, e->family);
	assert_int_equal(e->count, 1);
}

static void assert_packet(const struct ear *e, const struct input *in)
{
	struct address group = rip_group(e->family);

	assert_int_equal(in->kind, INPUT_PACKET);
	assert_int_equal(in->packet.interface, e->right);
	assert_int_equal(in->packet.socket, RIP_SOCKET_MAIN);
	assert_int_equal(in->packet.source_port, rip_port(e->family));
	assert_int_equal(in->packet.destination_port, rip_port(e->family));
	assert_true(address_equal(&in->packet.source, &e->ours));
	assert_true(address_equal(&in->packet.destination, &group));
	/* RFC 2080 2.4.2. */
	assert_int_equal(in->packet.hop_limit, e->family == FAMILY_IPV6 ? 255 : 1);
}

static void test_multicast_goes_over_the_wire_and_not_back(void **state)
{
	struct ear *e = *state;
	struct packet d;

	listen_on_both(e);
	d = packet(e);
	sockets_send(e->sockets, &d);
	wait_for(e, 1);
	assert_packet(e, &e->heard[0]);
	assert_int_equal(e->heard[0].packet.length, 24);
	assert_int_equal(e->heard[0].packet.bytes[23], 0x5a);
	uv_run(&e->loop, UV_RUN_NOWAIT);
	assert_int_equal(e->count, 1);
	assert_int_equal(sockets_counters(e->sockets).sent, 1);
}

/* Any bytes to all on the right, from a port that nobody knows. */
static void send_raw(const struct ear *e, const uint8_t *bytes, size_t length)
{
	struct packet p = { .interface = e->left,
			    .destination = rip_group(e->family),
			    .destination_port = rip_port(e->family) };
	const char *why;
	int fd = datagram_open(e->left, &class_of(e->family)->sockets[RIP_SOCKET_QUERY], &why);

	assert_true(fd >= 0);
	assert_int_equal(datagram_send(fd, &p, bytes, length), 0);
	close(fd);
}

static void test_an_oversized_packet_keeps_its_length(void **state)
{
	struct ear *e = *state;
	uint8_t bytes[RIP_PACKET_MAX + 101] = { 2 }; /* no whole entries */

	listen_on_both(e);
	send_raw(e, bytes, sizeof(bytes));
	wait_for(e, 1);
	assert_int_equal(e->heard[0].packet.length, sizeof(bytes));
	assert_int_equal(e->heard[0].packet.bytes[0], 2);
}

/* Takes the first byte and the last two off, as a seal is. */
static const uint8_t *open_middle(const struct keyring *keys, uint8_t *bytes, size_t *length,
				  struct packet *p)
{
	(void)keys;
	p->auth = AUTH_MD5;
	*length -= 3;
	return bytes + 1;
}

static size_t seal_middle(const struct keyring *keys, const struct packet *p, const uint8_t *bytes,
			  size_t length, uint8_t *to)
{
	(void)keys, (void)p;
	memcpy(to + 1, bytes, length);
	to[0] = to[length + 1] = to[length + 2] = 0xee;
	return length + 3;
}

/* The pieces of a packet that has been heard, from one on; what they make has `length` bytes. */
static void assert_pieces(const struct ear *e, size_t from, const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at < length; from++) {
		const struct packet *p = &e->heard[from].packet;

		assert_int_equal(p->at, at);
		assert_memory_equal(p->bytes, bytes + at, p->length);
		at += p->length;
		assert_int_equal(p->more, at < length);
		assert_int_equal(p->auth, AUTH_MD5);
	}
}

/* Into one datagram, in fragments here, and out of it. */
static void test_a_long_packet_goes_and_comes_in_pieces_and_is_sealed_whole(void **state)
{
	enum { LENGTH = 5000 };
	const struct keychain none = { .type = AUTH_NONE };
	static struct speaker_class class;
	static uint8_t bytes[LENGTH];
	struct ear *e = *state;
	struct packet d;

	class = *class_of(e->family);
	class.open = open_middle;
	class.seal = seal_middle;
	class.packet_max = PACKET_LONG_MAX;
	for (size_t k = 0; k < LENGTH; k++)
		bytes[k] = (uint8_t)(k * 7 >> 3);
	sockets_listen(e->sockets, e->left, class.protocol, &class, &none);
	sockets_listen(e->sockets, e->right, class.protocol, &class, &none);
	e->count = 0;
	d = packet(e);
	d.hop_limit = 253;
	do {
		packet_cut(&d, bytes, LENGTH);
		sockets_send(e->sockets, &d);
		d.at = (uint16_t)(d.at + d.length);
	} while (d.more);
	wait_for(e, 4);
	assert_pieces(e, 0, bytes, LENGTH);
	assert_int_equal(e->heard[0].packet.hop_limit, 253);
	assert_int_equal(sockets_counters(e->sockets).sent, 1);
	assert_int_equal(sockets_counters(e->sockets).received, 1);
	/* One whose middle is missing is not sent. */
	d.at = 0;
	packet_cut(&d, bytes, LENGTH);
	sockets_send(e->sockets, &d);
	d.at = PACKET_BYTES_MAX * 2;
	do {
		packet_cut(&d, bytes, LENGTH);
		sockets_send(e->sockets, &d);
		d.at = (uint16_t)(d.at + d.length);
	} while (d.more);
	assert_int_equal(sockets_counters(e->sockets).sent, 1);
	assert_int_equal(sockets_counters(e->sockets).not_sent, 1);
}

static void test_what_the_kernel_drops_is_counted_also_when_the_socket_is_gone(void **state)
{
	struct ear *e = *state;
	uint8_t bytes[RIP_PACKET_MAX] = { 2, 2 };
	uint64_t dropped;

	listen_on_both(e);
	/* Nobody reads. The buffer is a megabyte, if the machine allows it. */
	for (int k = 0; k < 6000; k++)
		send_raw(e, bytes, sizeof(bytes));
	dropped = sockets_counters(e->sockets).overrun;
	assert_true(dropped > 0 && dropped < 6000);
	ear_ends(e, e->right, e->family);
	assert_int_equal(sockets_counters(e->sockets).overrun, dropped);
}

static void test_what_cannot_be_sent_is_counted(void **state)
{
	struct ear *e = *state;
	struct packet d = packet(e);

	sockets_send(e->sockets, &d);
	assert_int_equal(sockets_counters(e->sockets).not_sent, 1);
	listen_on_both(e);
	/* Not an address of ours. */
	d.source.bytes[3] = 9;
	sockets_send(e->sockets, &d);
	assert_int_equal(sockets_counters(e->sockets).not_sent, 2);
	assert_int_equal(sockets_counters(e->sockets).sent, 0);
}

static void test_a_good_bye_goes_out_in_the_name_of_an_address_that_is_gone(void **state)
{
	struct ear *e = *state;
	struct packet d;

	listen_on_both(e);
	d = packet(e);
	e->ours.bytes[e->family == FAMILY_IPV6 ? 15 : 3] = 9;
	d.source = e->ours;
	d.departed = true;
	sockets_send(e->sockets, &d);
	wait_for(e, 1);
	assert_packet(e, &e->heard[0]);
	/* For this packet alone. */
	d.departed = false;
	sockets_send(e->sockets, &d);
	assert_int_equal(sockets_counters(e->sockets).sent, 1);
	assert_int_equal(sockets_counters(e->sockets).not_sent, 1);
}

static void test_both_families_are_spoken_side_by_side(void **state)
{
	struct ear *e = *state;
	struct packet d;

	listen_on_both(e);
	e->family = FAMILY_IPV4;
	listen_on_both(e);
	e->family = FAMILY_IPV6;
	/* The end of one is not that of the other. */
	ear_ends(e, e->right, FAMILY_IPV4);
	d = packet(e);
	sockets_send(e->sockets, &d);
	wait_for(e, 1);
	assert_packet(e, &e->heard[0]);
}

/* A protocol of its own, right on IP, as OSPF is. */
static void test_a_raw_socket_hears_what_stands_behind_the_header(void **state)
{
	static const struct speaker_socket raw[FAMILIES] = {
		{ .transport = SPEAKER_RAW,
		  .family = FAMILY_IPV4,
		  .port = 89,
		  .group = { .family = FAMILY_IPV4, .bytes = { 224, 0, 0, 5 } } },
		{ .transport = SPEAKER_RAW,
		  .family = FAMILY_IPV6,
		  .port = 89,
		  .group = { .family = FAMILY_IPV6, .bytes = { 0xff, 2, [15] = 5 } } },
	};
	struct ear *e = *state;
	const struct keychain none = { .type = AUTH_NONE };
	const struct speaker_class class = { .protocol = 9,
					     .n_sockets = 1,
					     .sockets = &raw[family_index(e->family)] };
	struct packet d = { .speaker = 9, .interface = e->left, .source = e->ours, .length = 5 };

	sockets_listen(e->sockets, e->left, 9, &class, &none);
	sockets_listen(e->sockets, e->right, 9, &class, &none);
	assert_true(e->heard[0].listening.ready && e->heard[1].listening.ready);
	e->count = 0;
	d.destination = class.sockets->group;
	memcpy(d.bytes, "hello", 5);
	sockets_send(e->sockets, &d);
	wait_for(e, 1);
	assert_int_equal(e->heard[0].packet.speaker, 9);
	assert_int_equal(e->heard[0].packet.interface, e->right);
	assert_int_equal(e->heard[0].packet.length, 5);
	assert_memory_equal(e->heard[0].packet.bytes, "hello", 5);
	assert_true(address_equal(&e->heard[0].packet.source, &e->ours));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_IPV6(name)                                                                            \
	{                                                                                          \
#name " (IPv6)", name, setup_ipv6, teardown, NULL                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_socket_for_questions_gets_another_port),
		TEST(test_questions_of_one_moment_have_one_port),
		TEST(test_each_interface_has_a_port_520_of_its_own),
		TEST(test_another_daemon_on_the_port_is_noticed),
		TEST(test_an_interface_that_is_not_there_is_an_answer),
		TEST(test_multicast_goes_over_the_wire_and_not_back),
		TEST(test_an_oversized_packet_keeps_its_length),
		TEST(test_a_long_packet_goes_and_comes_in_pieces_and_is_sealed_whole),
		TEST(test_what_the_kernel_drops_is_counted_also_when_the_socket_is_gone),
		TEST(test_what_cannot_be_sent_is_counted),
		TEST(test_a_good_bye_goes_out_in_the_name_of_an_address_that_is_gone),
		TEST_IPV6(test_a_socket_for_questions_gets_another_port),
		TEST_IPV6(test_each_interface_has_a_port_520_of_its_own),
		TEST_IPV6(test_an_interface_that_is_not_there_is_an_answer),
		TEST_IPV6(test_multicast_goes_over_the_wire_and_not_back),
		TEST_IPV6(test_a_long_packet_goes_and_comes_in_pieces_and_is_sealed_whole),
		TEST_IPV6(test_what_the_kernel_drops_is_counted_also_when_the_socket_is_gone),
		TEST_IPV6(test_what_cannot_be_sent_is_counted),
		TEST_IPV6(test_a_good_bye_goes_out_in_the_name_of_an_address_that_is_gone),
		TEST(test_a_raw_socket_hears_what_stands_behind_the_header),
		TEST_IPV6(test_a_raw_socket_hears_what_stands_behind_the_header),
		TEST_IPV6(test_both_families_are_spoken_side_by_side),
	};

	if (!namespace_enter())
		return 0;
	/* Packets from an address that is also local are dropped unless it is said otherwise. */
	if (system("ip link add left type veth peer name right &&"
		   "ip addr add fe80::1/64 dev left nodad && ip addr add fe80::2/64 dev right "
		   "nodad &&"
		   "ip addr add 10.0.0.1/24 dev left && ip link set left up &&"
		   "ip addr add 10.0.0.2/24 dev right && ip link set right up &&"
		   "echo 1 >/proc/sys/net/ipv4/conf/right/accept_local &&"
		   "echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter &&"
		   "echo 0 >/proc/sys/net/ipv4/conf/right/rp_filter &&"
		   /* Until Linux has seen the carrier it drops what is sent. */
		   "for end in left right; do "
		   "until ip link show $end | grep -q 'state UP'; do :; done; done") != 0) {
		printf("1..0 # SKIP this kernel has no veth\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
