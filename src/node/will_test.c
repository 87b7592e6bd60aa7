/* SPDX-License-Identifier: Apache-2.0 */
#include "node/will.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* A speaker as it has spoken on an interface. */
struct mouth {
	uint8_t protocol; /* enum protocol_id */
	uint16_t number;  /* of the speaker */
	struct speaker_link link;
	struct speech_settings settings;
};

static struct mouth mouth(uint32_t interface)
{
	struct address source = address_ipv4(0x0a00000a | interface << 16);

	return (struct mouth){ .protocol = PROTOCOL_RIP,
			       .number = PROTOCOL_RIP,
			       .link = speaker_link_make(interface, true, &source, 24),
			       .settings = protocol_speech(PROTOCOL_RIP) };
}

/* It is written down how it says good-bye. */
static void speaks_as(struct stage *s, const struct mouth *m)
{
	const struct speaker_class *c = protocol_class(m->protocol);
	struct speaker_settings settings = protocol_settings(m->protocol);
	struct speaker *sp = c->make(c, &settings, 0, 0);
	struct saved r = { .kind = SAVED_FAREWELL };

	assert_non_null(sp);
	speaker_configure(sp, s->now, &settings, TAG);
	assert_int_equal(speaker_interface_set(sp, s->now, m->link.index, &m->settings), 0);
	speaker_link(sp, s->now, &m->link);
	r.farewell.speaker = (uint8_t)m->number;
	r.farewell.protocol = (uint8_t)m->protocol;
	for (size_t at = 0; speaker_farewell_next(sp, m->link.index, &at, &r.farewell.is);) {
		record(s, &r);
		r.farewell.beside = true;
	}
	speaker_free(sp);
}

static void speaks(struct stage *s, uint32_t interface)
{
	struct mouth m = mouth(interface);

	speaks_as(s, &m);
}

static void mute(struct stage *s, uint16_t number, uint32_t interface)
{
	struct saved r = { .kind = SAVED_MUTE };

	r.farewell.speaker = number;
	r.farewell.is.interface = interface;
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
	speak_out(s, true);
	assert_int_equal(will_count(s->will).vips, 1);
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
	speak_out(s, true);
	assert_int_equal(will_count(s->will).vips, 0);
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
	mute(s, PROTOCOL_RIP, 1);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 0);
	assert_int_equal(times(s, 2, 0x0a090101, 32), 3);
}

/* Two of one protocol and family, on one interface: the second broadcasts. */
static void speak_two(struct mouth *first, struct mouth *second)
{
	*first = mouth(1);
	*second = mouth(1);
	second->number = 3;
	((struct rip_speech *)second->settings.own)->version = RIP_VERSION_COMPATIBLE;
}

static void speakers_of_one_family_on_an_interface_all_say_it(void **state)
{
	struct stage *s = *state;
	struct mouth first, second;

	speak_two(&first, &second);
	speaks_as(s, &first);
	speaks_as(s, &second);
	speaks_as(s, &first);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 6);
	assert_int_equal(s->n_destinations, 2);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 6);
}

static void of_two_speakers_one_may_be_silent(void **state)
{
	struct stage *s = *state;
	struct mouth first, second;

	speak_two(&first, &second);
	speaks_as(s, &first);
	speaks_as(s, &second);
	mute(s, first.number, 1);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 3);
	assert_int_equal(s->destinations[0].bytes[3], 255);
}

static void sealed(struct stage *s, uint16_t speaker, uint32_t number)
{
	record(s, &(struct saved){ .kind = SAVED_SEALED, .sealed = { speaker, number } });
}

static void keys_set(struct mouth *m)
{
	struct keychain *keys = &m->settings.keys;

	*keys = (struct keychain){ .type = AUTH_MD5, .n_keys = 2 };
	keys->keys[0].id = 7;
	strcpy(keys->keys[0].secret, "/x");
	keys->keys[1].id = 8;
	strcpy(keys->keys[1].secret, "/y");
}

/* Also when the clock on the wall is behind. */
static void each_speaker_goes_on_with_its_own_sequence_numbers(void **state)
{
	struct stage *s = *state;
	const struct saved_farewell *f;
	struct mouth first, second;
	struct packet d;
	unsigned n = 0;

	speak_two(&first, &second);
	keys_set(&first);
	keys_set(&second);
	speaks_as(s, &first);
	speaks_as(s, &second);
	sealed(s, 0, 2000000);
	sealed(s, 1, 1000000);
	sealed(s, 3, 3000000);
	sealed(s, 3, 2500000);
	vip(s, 0x0a090101, 32);
	for (size_t at = 0; (f = will_farewell_next(s->will, &at));)
		will_secrets(s->will, f, 1);
	assert_int_equal(will_begin(s->will, s->now, DURATION_S(0)), 0);
	for (; !will_is_said(s->will); s->now = will_deadline(s->will))
		for (; will_output(s->will, s->now, &d); n++) {
			assert_int_equal(d.auth, AUTH_MD5);
			assert_int_equal(d.key, 7);
			assert_in_range(d.sequence, d.speaker * 500000 + 1500000,
					d.speaker * 500000 + 1500010);
		}
	assert_int_equal(n, 6);
}

static void without_a_key_nothing_is_said(void **state)
{
	struct stage *s = *state;
	struct mouth m = mouth(1);
	struct packet d;

	keys_set(&m);
	speaks_as(s, &m);
	vip(s, 0x0a090101, 32);
	assert_int_equal(will_begin(s->will, s->now, DURATION_S(0)), 0);
	assert_false(will_output(s->will, s->now, &d));
	assert_true(will_is_said(s->will));
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
	struct address source = parsed("fe80::a");
	struct mouth m = { .protocol = PROTOCOL_RIPNG, .number = PROTOCOL_RIPNG };

	m.link = speaker_link_make(interface, true, &source, 64);
	m.settings = protocol_speech(PROTOCOL_RIPNG);
	speaks_as(s, &m);
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
	struct mouth m = mouth(1);

	m.link.sources[1].address = parsed("10.4.0.10");
	m.link.sources[1].network = prefix_make(&m.link.sources[1].address, 24);
	m.link.n_sources = 2;
	speaks_as(s, &m);
	speaks_as(s, &m);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	/* From the one as from the other, three times. */
	assert_int_equal(s->packets, 6);
	assert_int_equal(times(s, 1, 0x0a090101, 32), 6);
}

static void what_was_spoken_from_before_counts_no_more(void **state)
{
	struct stage *s = *state;
	struct address source = parsed("10.4.0.10");
	struct mouth other = mouth(1);

	other.link = speaker_link_make(1, true, &source, 24);
	speaks_as(s, &other);
	speaks(s, 1);
	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(s->packets, 3);
}

/* RIP-1 is broadcast in the network of the other end, where an address has one. */
static void good_bye_reaches_the_other_end_of_a_link(void **state)
{
	struct stage *s = *state;
	struct mouth m = mouth(1);
	struct address peer = parsed("10.7.0.1");

	m.link.sources[0].network = prefix_make(&peer, 32);
	((struct rip_speech *)m.settings.own)->version = RIP_VERSION_1;
	speaks_as(s, &m);
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
	speaks_ipv6(s, 1);
	speaks_ipv6(s, 2);
	speaks_ipv6(s, 3);
	mute(s, PROTOCOL_RIPNG, 3);
	/* Another family's end is not this one's. */
	mute(s, PROTOCOL_RIP, 2);
	vip(s, 0x0a090101, 32);
	vip_ipv6(s, "2001:db8:9::1", 128);
	vip_ipv6(s, "2001:db8:a::1", 64);
	speak_out(s, true);
	assert_int_equal(will_count(s->will).vips, 3);
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
	const struct saved_farewell *first;
	size_t position = 0;

	speaks(s, 7);
	speaks(s, 8);
	vip(s, 0x0a090101, 32);
	first = will_farewell_next(s->will, &position);
	assert_int_equal(first->is.interface, 7);
	assert_non_null(will_farewell_next(s->will, &position));
	assert_null(will_farewell_next(s->will, &position));
	will_drop(s->will, first);
	speak_out(s, true);
	assert_int_equal(s->packets, 3);
	assert_int_equal(times(s, 8, 0x0a090101, 32), 3);
}

static void without_an_interface_all_is_said_at_once(void **state)
{
	struct stage *s = *state;

	vip(s, 0x0a090101, 32);
	speak_out(s, true);
	assert_int_equal(will_count(s->will).vips, 0); /* nobody has heard of it */
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
	struct mouth m = mouth(1);

	((struct rip_speech *)m.settings.own)->version = RIP_VERSION_1;
	speaks_as(s, &m);
	/* Another class network than 10/8, and no whole one: so nobody has heard of it. */
	vip(s, 0xac100101, 24);
	speak_out(s, true);
	assert_int_equal(times(s, 1, 0xac100101, 32), 3);
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
	struct mouth m = mouth(1);

	m.settings.passive = true;
	m.settings.n_unicast = 2;
	m.settings.unicast[0] = address_ipv4(ROUTER);
	m.settings.unicast[1] = address_ipv4(ROUTER + 1);
	speaks_as(s, &m);
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
	assert_int_equal(will_found(s->will, &host), 0);
	assert_int_equal(will_found(s->will, &network), 0);
	assert_int_equal(will_found(s->will, &network), 0);
	speak_out(s, true);
	assert_int_equal(will_count(s->will).unknown, 2);
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
	struct keychain *keys = &r.farewell.is.keys;
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
	r = (struct saved){ .kind = SAVED_FAREWELL };
	r.farewell.is.source = r.farewell.is.destinations[0] = address_ipv4(0x0a090101);
	r.farewell.is.n_destinations = r.farewell.is.n_head = 1;
	r.farewell.is.pace = 1;
	*keys = (struct keychain){ .type = AUTH_MD5, .n_keys = 1 };
	strcpy(keys->keys[0].secret, "/x");
	keys->keys[0].send = (struct keychain_lifetime){ -1, KEYCHAIN_WALL_MAX_S };
	keys->keys[0].accept = (struct keychain_lifetime){ 1, KEYCHAIN_WALL_MAX_S + 1 };
	length = saved_encode(&r, bytes);
	assert_int_equal(saved_decode(bytes, length, SAVED_VERSION, &read, &losses), 0);
	assert_int_equal(read.farewell.is.keys.keys[0].send.from_s, 0);
	assert_true(read.farewell.is.keys.keys[0].send.until_s == KEYCHAIN_WALL_MAX_S);
	assert_int_equal(read.farewell.is.keys.keys[0].accept.from_s, 1);
	assert_int_equal(read.farewell.is.keys.keys[0].accept.until_s, 0);
	assert_int_equal(losses.refused, 3);
}

static int written(const struct saved_farewell *f)
{
	struct saved r = { .kind = SAVED_FAREWELL, .farewell = *f }, read;
	uint8_t bytes[SAVED_BYTES_MAX];

	return saved_decode(bytes, saved_encode(&r, bytes), SAVED_VERSION, &read, NULL);
}

/* Whatever a damaged file says, nothing is written outside of an entry or a packet. */
static void a_good_bye_that_does_not_fit_is_none(void **state)
{
	struct saved_farewell good = { .speaker = 1 }, f;

	(void)state;
	good.is.source = good.is.destinations[0] = address_ipv4(ROUTER);
	good.is.n_destinations = 1;
	good.is.pace = 1;
	good.is.family = FAMILY_IPV4;
	good.is.n_head = 4;
	good.is.n_entry = 20;
	good.is.entries_max = (PACKET_BYTES_MAX - 4) / 20;
	good.is.address_at = good.is.mask_at = 16;
	good.is.length_at = 19;
	assert_int_equal(written(&good), 0);
#define REFUSED(...)                                                                               \
	f = good;                                                                                  \
	__VA_ARGS__;                                                                               \
	assert_int_equal(written(&f), -EBADMSG)
	REFUSED(f.is.address_at++);
	REFUSED(f.is.mask_at++);
	REFUSED(f.is.length_at++);
	REFUSED(f.is.entries_max++);
	REFUSED(f.is.entries_max = 0);
	REFUSED(f.is.family = FAMILY_NONE);
	REFUSED(f.is.family = FAMILY_IPV6);
	REFUSED(f.is.pace = 0);
	REFUSED(f.is.n_destinations = 0);
	REFUSED(f.is.destinations[0] = parsed("fe80::1"));
	REFUSED(f.is.n_head = f.is.n_entry = 0);
#undef REFUSED
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
	speak_out(s, false);
	assert_int_equal(will_count(s->will).vips, 10000);
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
		TEST(speakers_of_one_family_on_an_interface_all_say_it),
		TEST(of_two_speakers_one_may_be_silent),
		TEST(each_speaker_goes_on_with_its_own_sequence_numbers),
		TEST(without_a_key_nothing_is_said),
		TEST(a_good_bye_that_does_not_fit_is_none),
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
