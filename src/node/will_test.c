/* SPDX-License-Identifier: Apache-2.0 */
#include "node/will.h"

#include <errno.h>
#include <stdlib.h>

#include "base/unit.h"
#include "proto/rip/packet.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"

#define BEGIN ((struct instant){ 1000000000000 })
#define GROUP 0xe0000009u
#define TAG 0x1234
#define ROUTER 0x0a010001

/* What was heard of one prefix on one interface. */
struct heard {
	uint32_t interface;
	struct prefix prefix;
	unsigned times;
};

struct stage {
	struct will *will;
	struct instant now;
	struct heard *heard;
	size_t n_heard, capacity;
	size_t packets;
	struct address destinations[8]; /* in the order of their first packet */
	size_t n_destinations;
	uint8_t version;
};

static int stage_setup(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->now = BEGIN;
	s->will = will_new();
	assert_non_null(s->will);
	*state = s;
	return 0;
}

static int stage_teardown(void **state)
{
	struct stage *s = *state;

	will_free(s->will);
	free(s->heard);
	free(s);
	return 0;
}

static void record(struct stage *s, const struct saved *r)
{
	assert_int_equal(will_record(s->will, r), 0);
}

static void mark(struct stage *s, enum saved_kind kind)
{
	record(s, &(struct saved){ .kind = (uint8_t)kind });
}

static void vip_settings(struct saved *r, uint32_t address, uint8_t length)
{
	*r = (struct saved){ .kind = SAVED_VIP };
	vip_settings_default(&r->vip.settings);
	r->vip.settings.address = address_ipv4(address);
	r->vip.settings.length = length;
}

static void vip(struct stage *s, uint32_t address, uint8_t length)
{
	struct saved r;

	vip_settings(&r, address, length);
	record(s, &r);
}

static void gone(struct stage *s, uint32_t address)
{
	record(s, &(struct saved){ .kind = SAVED_GONE, .address = address_ipv4(address) });
}

static struct saved speaks_record(uint32_t interface)
{
	struct saved r = { .kind = SAVED_SPEAKS };

	r.speaks.interface = interface;
	r.speaks.family = FAMILY_IPV4;
	r.speaks.source = address_ipv4(0x0a00000a | interface << 16);
	r.speaks.network = prefix_make(&r.speaks.source, 24);
	r.speaks.tag = TAG;
	r.speaks.settings = protocol_speech(PROTOCOL_RIP);
	return r;
}

static void speaks(struct stage *s, uint32_t interface)
{
	struct saved r = speaks_record(interface);

	record(s, &r);
}

static struct heard *heard_of(struct stage *s, uint32_t interface, const struct prefix *p)
{
	for (size_t i = 0; i < s->n_heard; i++)
		if (s->heard[i].interface == interface && prefix_equal(&s->heard[i].prefix, p))
			return &s->heard[i];
	return NULL;
}

static void hear(struct stage *s, uint32_t interface, const struct prefix *p)
{
	struct heard *h = heard_of(s, interface, p);

	if (h) {
		h->times++;
		return;
	}
	if (s->n_heard == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 64;
		s->heard = reallocarray(s->heard, s->capacity, sizeof(*s->heard));
		assert_non_null(s->heard);
	}
	s->heard[s->n_heard++] = (struct heard){ interface, *p, 1 };
}

static void destination(struct stage *s, const struct address *a)
{
	for (size_t i = 0; i < s->n_destinations; i++)
		if (address_equal(&s->destinations[i], a))
			return;
	assert_true(s->n_destinations < 8);
	s->destinations[s->n_destinations++] = *a;
}

/* Whatever is said is a good-bye, well-formed, from our address and port, with our tag. */
static void listen(struct stage *s, const struct packet *d, bool counted)
{
	struct prefix network = prefix_make(&d->source, 24);
	enum family family = (enum family)d->source.family;
	struct rip_packet p;

	assert_int_equal(rip_packet_decode(family, d->bytes, d->length, &p), RIP_DROP_NOTHING);
	assert_int_equal(p.command, RIP_RESPONSE);
	assert_int_equal(d->source_port, rip_port(family));
	assert_int_equal(d->destination_port, rip_port(family));
	s->version = p.version;
	s->packets++;
	destination(s, &d->destination);
	for (size_t i = 0; i < p.n_entries; i++) {
		struct prefix prefix;

		assert_int_equal(p.entries[i].metric, RIP_INFINITY);
		assert_int_equal(p.entries[i].tag,
				 family == FAMILY_IPV4 && p.version == 1 ? 0 : TAG);
		assert_int_equal(rip_entry_prefix(&p, &p.entries[i], &network, &prefix),
				 RIP_DROP_NOTHING);
		if (counted)
			hear(s, d->interface, &prefix);
	}
}

static void speak_out(struct stage *s, bool counted)
{
	struct packet d;

	assert_int_equal(will_begin(s->will, s->now, DURATION_S(0)), 0);
	while (!will_is_said(s->will)) {
		while (will_output(s->will, s->now, &d))
			listen(s, &d, counted);
		if (will_is_said(s->will))
			return;
		assert_false(instant_is_never(will_deadline(s->will)));
		s->now = instant_max(s->now, will_deadline(s->will));
		will_tick(s->will, s->now);
	}
}

static unsigned times(struct stage *s, uint32_t interface, uint32_t address, uint8_t length)
{
	struct address a = address_ipv4(address);
	struct prefix p = prefix_make(&a, length);
	const struct heard *h = heard_of(s, interface, &p);

	return h ? h->times : 0;
}

static void a_vip_is_said_three_times_on_every_interface(void **state)
{
	struct address group = address_ipv4(GROUP);
	struct stage *s = *state;

	speaks(s, 1);
	speaks(s, 2);
	vip(s, 0x0a090101, 32);
	assert_int_equal(will_vips(s->will), 1);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
	assert_int_equal(times(s, 2, 0x0a090101, 32), 3);
	assert_int_equal(s->n_heard, 2);
	assert_int_equal(s->packets, 6);
	assert_int_equal(s->n_destinations, 1);
	assert_true(address_equal(&s->destinations[0], &group));
	assert_true(instant_since(s->now, BEGIN).ns <= DURATION_MS(200).ns);
}

static void a_vip_that_is_gone_is_not_mentioned(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	vip(s, 0x0a090102, 32);
	gone(s, 0x0a090101);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 0);
	assert_int_equal(times(s, 1, 0x0a090102, 32), 3);
}

static void a_vip_that_was_not_announced_is_not_mentioned(void **state)
{
	struct stage *s = *state;
	struct saved r;

	speaks(s, 1);
	vip_settings(&r, 0x0a090101, 32);
	r.vip.settings.announce = false;
	record(s, &r);
	assert_int_equal(will_vips(s->will), 0);
	speak_out(s, true);
	assert_int_equal(s->packets, 0);
}

static void a_vip_that_was_to_be_announced_no_more_is_said_in_doubt(void **state)
{
	struct stage *s = *state;
	struct saved r;

	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	vip_settings(&r, 0x0a090101, 32);
	r.vip.settings.announce = false;
	record(s, &r);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
}

static void a_vip_that_was_about_to_leave_is_said(void **state)
{
	struct stage *s = *state;
	struct saved r;

	speaks(s, 1);
	vip_settings(&r, 0x0a090101, 32);
	r.vip.leaving = true;
	record(s, &r);
	mark(s, SAVED_STOPPING);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
}

static void a_silent_interface_gets_nothing(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	speaks(s, 2);
	vip(s, 0x0a090101, 32);
	record(s, &(struct saved){ .kind = SAVED_SILENT,
				   .speaks.interface = 1,
				   .speaks.family = FAMILY_IPV4 });
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 0);
	assert_int_equal(times(s, 2, 0x0a090101, 32), 3);
}

static struct address parsed(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

static void vip_ipv6(struct stage *s, const char *address, uint8_t length)
{
	struct saved r;

	vip_settings(&r, 0, 32);
	r.vip.settings.address = parsed(address);
	r.vip.settings.length = length;
	record(s, &r);
}

static void speaks_ipv6(struct stage *s, uint32_t interface)
{
	struct saved r = speaks_record(interface);

	r.speaks.family = FAMILY_IPV6;
	r.speaks.source = parsed("fe80::a");
	r.speaks.network = prefix_make(&r.speaks.source, 64);
	record(s, &r);
}

static unsigned times_ipv6(struct stage *s, uint32_t interface, const char *address, uint8_t length)
{
	struct address a = parsed(address);
	struct prefix p = prefix_make(&a, length);
	const struct heard *h = heard_of(s, interface, &p);

	return h ? h->times : 0;
}

static void good_bye_is_said_from_each_address_that_was_spoken_from(void **state)
{
	struct stage *s = *state;
	struct saved other = speaks_record(1);

	speaks(s, 1);
	other.speaks.source = parsed("10.4.0.10");
	other.speaks.network = prefix_make(&other.speaks.source, 24);
	other.speaks.beside = true;
	record(s, &other);
	record(s, &other);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	/* From the one as from the other, three times. */
	assert_int_equal(s->packets, 6);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 6);
}

static void what_was_spoken_from_before_counts_no_more(void **state)
{
	struct stage *s = *state;
	struct saved other = speaks_record(1);

	other.speaks.source = parsed("10.4.0.10");
	other.speaks.network = prefix_make(&other.speaks.source, 24);
	record(s, &other);
	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 3);
}

/* RIP-1 is broadcast in the network of the other end, where an address has one. */
static void good_bye_reaches_the_other_end_of_a_link(void **state)
{
	struct stage *s = *state;
	struct saved r = speaks_record(1);
	struct address peer = parsed("10.7.0.1");

	r.speaks.network = prefix_make(&peer, 32);
	((struct rip_speech *)r.speaks.settings.own)->version = RIP_VERSION_1;
	record(s, &r);
	vip(s, 0x0a090101, 32);
	speak_out(s, false);
	assert_int_equal(s->n_destinations, 1);
	assert_true(address_equal(&s->destinations[0], &peer));
}

static void each_family_is_said_where_it_is_spoken(void **state)
{
	struct stage *s = *state;
	struct address group = parsed("ff02::9");

	speaks(s, 1);
	vip_ipv6(s, "2001:db8:9::1", 128);
	assert_int_equal(will_vips(s->will), 0); /* nobody has heard of it */
	speaks_ipv6(s, 1);
	speaks_ipv6(s, 2);
	speaks_ipv6(s, 3);
	record(s, &(struct saved){ .kind = SAVED_SILENT,
				   .speaks.interface = 3,
				   .speaks.family = FAMILY_IPV6 });
	/* Another family's end is not this one's. */
	record(s, &(struct saved){ .kind = SAVED_SILENT,
				   .speaks.interface = 2,
				   .speaks.family = FAMILY_IPV4 });
	vip(s, 0x0a090101, 32);
	vip_ipv6(s, "2001:db8:9::1", 128);
	vip_ipv6(s, "2001:db8:a::1", 64);
	assert_int_equal(will_vips(s->will), 3);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
	assert_int_equal(times(s, 2, 0x0a090101, 32), 0);
	for (uint32_t interface = 1; interface <= 3; interface++) {
		unsigned expected = interface < 3 ? 3 : 0;

		assert_int_equal(times_ipv6(s, interface, "2001:db8:9::1", 128), expected);
		assert_int_equal(times_ipv6(s, interface, "2001:db8:a::", 64), expected);
		assert_int_equal(times_ipv6(s, interface, "2001:db8:a::1", 128), 0);
	}
	assert_int_equal(s->n_destinations, 2);
	assert_true(address_equal(&s->destinations[1], &group));
}

static void an_interface_that_is_dropped_gets_nothing_and_holds_up_nobody(void **state)
{
	struct stage *s = *state;
	struct speaker_link link;
	size_t position = 0;

	speaks(s, 7);
	speaks(s, 8);
	vip(s, 0x0a090101, 32);
	assert_true(will_interface_next(s->will, &position, &link));
	assert_int_equal(link.index, 7);
	assert_true(will_interface_next(s->will, &position, &link));
	assert_false(will_interface_next(s->will, &position, &link));
	link = speaker_link_make(7, true, &(struct address){ .family = FAMILY_IPV4 }, 0);
	will_interface_drop(s->will, &link);
	will_interface_drop(s->will, &link);
	speak_out(s, true);
	assert_int_equal(s->packets, 3);
	assert_int_equal(times(s, 8, 0x0a090101, 32), 3);
}

static void without_an_interface_all_is_said_at_once(void **state)
{
	struct stage *s = *state;

	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 0);
	assert_int_equal(s->now.ns, BEGIN.ns);
}

static void without_a_vip_all_is_said_at_once(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	speak_out(s, true);
	assert_int_equal(s->packets, 0);
	assert_int_equal(s->now.ns, BEGIN.ns);
}

static void a_network_is_said_once_for_all_its_vips(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	for (uint32_t i = 1; i <= 50; i++)
		vip(s, 0x0a090100 + i, 24);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090100, 24), 3);
	assert_int_equal(s->n_heard, 1);
}

static void where_rip_1_carries_no_network_the_host_routes_are_said(void **state)
{
	struct stage *s = *state;
	struct saved r = speaks_record(1);

	((struct rip_speech *)r.speaks.settings.own)->version = RIP_VERSION_1;
	record(s, &r);
	/* Another class network than 10/8, and no whole one. */
	vip(s, 0xac100101, 24);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0xac100101, 32), 3);
	assert_int_equal(s->n_heard, 1);
	assert_int_equal(s->version, 1);
	assert_int_equal(s->destinations[0].bytes[3], 255);
}

static void a_vip_on_its_way_to_another_mask_is_said_with_both(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	vip(s, 0x0a090101, 24);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090100, 24), 3);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
}

static void neighbours_named_for_unicast_are_told_too(void **state)
{
	struct stage *s = *state;
	struct saved r = speaks_record(1);

	r.speaks.settings.passive = true;
	r.speaks.settings.n_unicast = 2;
	r.speaks.settings.unicast[0] = address_ipv4(ROUTER);
	r.speaks.settings.unicast[1] = address_ipv4(ROUTER + 1);
	record(s, &r);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 6);
	assert_int_equal(s->n_destinations, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(s->destinations[i].bytes[0], 10);
}

static void a_snapshot_replaces_what_was_before(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	mark(s, SAVED_BEGIN);
	speaks(s, 2);
	vip(s, 0x0a090102, 32);
	mark(s, SAVED_END);
	vip(s, 0x0a090103, 32);
	speak_out(s, true);
	assert_int_equal(s->n_heard, 2);
	assert_int_equal(times(s, 2, 0x0a090102, 32), 3);
	assert_int_equal(times(s, 2, 0x0a090103, 32), 3);
}

static void a_snapshot_without_its_end_counts_for_nothing(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	mark(s, SAVED_BEGIN);
	vip(s, 0x0a090102, 32);
	speak_out(s, true);
	assert_int_equal(s->n_heard, 1);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
}

static void what_the_kernel_alone_knows_is_said_too(void **state)
{
	struct stage *s = *state;
	struct prefix known = { address_ipv4(0x0a090101), 32 };
	struct prefix host = { address_ipv4(0x0a090202), 32 };
	struct prefix network = { address_ipv4(0x0a090200), 24 };
	struct prefix known_network = { address_ipv4(0x0a090300), 24 };

	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	vip(s, 0x0a090301, 24);
	assert_int_equal(will_found(s->will, &known), 0);
	assert_int_equal(will_found(s->will, &known_network), 0);
	assert_int_equal(will_found(s->will, &host), 1);
	assert_int_equal(will_found(s->will, &network), 1);
	assert_int_equal(will_found(s->will, &network), 0);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 3);
	assert_int_equal(times(s, 1, 0x0a090202, 32), 3);
	assert_int_equal(times(s, 1, 0x0a090200, 24), 3);
	assert_int_equal(times(s, 1, 0x0a090300, 24), 3);
}

static void a_record_of_a_vip_without_an_address_is_none(void **state)
{
	struct saved r = { .kind = SAVED_VIP }, read;
	uint8_t bytes[SAVED_BYTES_MAX];
	size_t length;

	(void)state;
	vip_settings_default(&r.vip.settings);
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, NULL), -EBADMSG);
	/* Nor is one that says nothing of its settings, or less than any of ours would. */
	assert_int_equal(
		saved_decode((const uint8_t[]){ SAVED_VIP }, 1, SAVED_VERSION, &read, NULL),
		-EBADMSG);
	assert_int_equal(saved_decode((const uint8_t[]){ SAVED_VIP, 3, 1, 1 }, 4, SAVED_VERSION,
				      &read, NULL),
			 -EBADMSG);
	r = (struct saved){ .kind = SAVED_GONE };
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, NULL), -EBADMSG);
	r = (struct saved){ .kind = SAVED_BOARD };
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, NULL), -EBADMSG);
}

static void a_record_that_says_what_cannot_be_has_the_default_there(void **state)
{
	struct saved r = { .kind = SAVED_VIP }, read;
	struct tagged_losses losses = { 0 };
	struct keychain *keys = &r.speaks.settings.keys;
	uint8_t bytes[SAVED_BYTES_MAX];
	size_t length;

	(void)state;
	vip_settings_default(&r.vip.settings);
	r.vip.settings.address = address_ipv4(0x0a090101);
	r.vip.settings.length = 32;
	r.vip.spoken = VIP_METRIC_MAX + 1;
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, &losses), 0);
	assert_int_equal(read.vip.spoken, 0);
	assert_int_equal(losses.refused, 1);

	/* Times beyond what the clock on the wall is taken for, and before it began. */
	r = (struct saved){ .kind = SAVED_SPEAKS };
	r.speaks.family = FAMILY_IPV4;
	r.speaks.source = r.speaks.network.address = address_ipv4(0x0a090101);
	r.speaks.settings.cost = 1;
	r.speaks.settings.own[0] = RIP_VERSION_2;
	*keys = (struct keychain){ .type = AUTH_MD5, .n_keys = 1 };
	strcpy(keys->keys[0].secret, "/x");
	keys->keys[0].send = (struct keychain_lifetime){ -1, KEYCHAIN_WALL_MAX_S };
	keys->keys[0].accept = (struct keychain_lifetime){ 1, KEYCHAIN_WALL_MAX_S + 1 };
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, &losses), 0);
	assert_int_equal(read.speaks.settings.keys.keys[0].send.from_s, 0);
	assert_true(read.speaks.settings.keys.keys[0].send.until_s == KEYCHAIN_WALL_MAX_S);
	assert_int_equal(read.speaks.settings.keys.keys[0].accept.from_s, 1);
	assert_int_equal(read.speaks.settings.keys.keys[0].accept.until_s, 0);
	assert_int_equal(losses.refused, 3);
}

/* A board whose name is shorter than that of the default board, in the layouts without tags. */
static void a_vip_of_an_old_layout_stays_on_its_board(void **state)
{
	/* Kind and address, board, announce to source, check, label, and how it stands. */
	static const char bytes[] = "\3\4\12\11\3\1\40"
				    "\3web"
				    "\1\5\0\0\0\1"
				    "\2db"
				    "\4mail"
				    "\0\0\0\0"
				    "\0\0\0\0\0\0\0";
	struct saved s;

	(void)state;
	for (unsigned version = SAVED_VERSION_OLDEST; version < SAVED_VERSION; version++) {
		assert_int_equal(
			saved_decode((const uint8_t *)bytes, sizeof(bytes), version, &s, NULL), 0);
		assert_string_equal(s.vip.settings.board, "web");
		assert_string_equal(s.vip.settings.check, "db");
		assert_string_equal(s.vip.settings.label, "mail");
		assert_int_equal(s.vip.settings.metric, 5);
		assert_true(s.vip.settings.ping);
	}
}

static void ten_thousand_vips_are_paced_and_all_said(void **state)
{
	struct stage *s = *state;

	speaks(s, 1);
	for (uint32_t i = 0; i < 10000; i++)
		vip(s, 0x0a100000 + i, 32);
	assert_int_equal(will_vips(s->will), 10000);
	speak_out(s, false);
	assert_int_equal(s->packets, 3 * 400);
	/* 400 packets a second. */
	assert_true(instant_since(s->now, BEGIN).ns >= DURATION_S(2).ns);
	assert_true(instant_since(s->now, BEGIN).ns <= DURATION_S(4).ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)
		TEST(a_vip_is_said_three_times_on_every_interface),
		TEST(a_vip_that_is_gone_is_not_mentioned),
		TEST(a_vip_that_was_not_announced_is_not_mentioned),
		TEST(a_vip_that_was_to_be_announced_no_more_is_said_in_doubt),
		TEST(a_vip_that_was_about_to_leave_is_said),
		TEST(a_silent_interface_gets_nothing),
		TEST(good_bye_is_said_from_each_address_that_was_spoken_from),
		TEST(good_bye_reaches_the_other_end_of_a_link),
		TEST(what_was_spoken_from_before_counts_no_more),
		TEST(each_family_is_said_where_it_is_spoken),
		TEST(an_interface_that_is_dropped_gets_nothing_and_holds_up_nobody),
		TEST(without_an_interface_all_is_said_at_once),
		TEST(without_a_vip_all_is_said_at_once),
		TEST(a_network_is_said_once_for_all_its_vips),
		TEST(where_rip_1_carries_no_network_the_host_routes_are_said),
		TEST(a_vip_on_its_way_to_another_mask_is_said_with_both),
		TEST(neighbours_named_for_unicast_are_told_too),
		TEST(a_snapshot_replaces_what_was_before),
		TEST(a_snapshot_without_its_end_counts_for_nothing),
		TEST(what_the_kernel_alone_knows_is_said_too),
		TEST(a_record_of_a_vip_without_an_address_is_none),
		TEST(a_record_that_says_what_cannot_be_has_the_default_there),
		TEST(a_vip_of_an_old_layout_stays_on_its_board),
		TEST(ten_thousand_vips_are_paced_and_all_said),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
