/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a little program that drives an OSPF speaker which has a neighbour that is full, one
 * in Exchange, one in Loading, one in 2-Way and one in Init, and one more that is full on a link of
 * its own: packets of these, well formed or not, sealed or not, LSAs old and new, interfaces that
 * come and go, prefixes, verdicts, restarts, deaths after which a life goes on with what was
 * written down, be it damaged or not, keys, time. Whatever it does, what the speaker sends is a
 * packet that leaves an interface which is usable, what it sends at one instant has an end, and so
 * has what it keeps.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fuzz.h"
#include "proto/ospf/ospf.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define NEIGHBORS 6
#define ALONE 5 /* the one on the second link */
#define KEYS 2
#define US 0x09090909u
#define OUTPUTS_MAX 4096 /* at one instant */
#define INSTANTS_MAX 400 /* of one step of time: a program may not take for ever */
#define LSAS_MAX 2048
#define STEPS_MAX 300
#define PACKET_MAX 2048
#define NOTES_MAX 8192

struct bench {
	enum ospf_version version;
	struct ospf *ospf;
	struct ospf_settings s;
	struct instant now;
	struct speaker_note *notes; /* owned: of this life */
	size_t n_notes, notes_capacity;
	struct ospf_interface_settings settings;
	uint64_t number; /* of the last packet that was sealed */
	bool up;
	uint32_t sequence[NEIGHBORS]; /* of our last description to each */
};

static uint32_t router_of(uint8_t n)
{
	return 0x01010101u * (n % NEIGHBORS + (n % NEIGHBORS == 3 ? 18u : 1u));
}

static uint32_t interface_of(uint8_t n)
{
	return n % NEIGHBORS == ALONE ? 2 : 1;
}

static struct address address_of(const struct bench *b, uint8_t last)
{
	uint8_t six[ADDRESS_BYTES_MAX] = { 0xfe, 0x80, [15] = last };

	return b->version == OSPF_V2 ? address_ipv4(0x0a010000u + last)
				     : address_make(FAMILY_IPV6, six);
}

static void note(struct bench *b, const struct ospf_packet *p)
{
	struct ospf_header h;
	struct reader body;
	struct ospf_description d;

	assert(ospf_header_read(b->version, p->bytes, p->length, &h, &body) == PACKET_GOOD);
	assert(h.router == ospf_router(b->ospf) && h.length == p->length);
	assert((b->up || p->interface == 2) && address_is_set(&p->source) &&
	       address_is_set(&p->destination));
	/* A link that leaves does so as it was. */
	assert(p->auth < AUTH_COUNT && (p->auth == AUTH_NONE || p->interface == 1));
	assert(p->auth <= AUTH_SIMPLE || p->sequence > 0);
	if (h.type != OSPF_DESCRIPTION)
		return;
	assert(ospf_description_read(b->version, body, &d));
	for (uint8_t k = 0; k < NEIGHBORS; k++) {
		struct address a = address_of(b, (uint8_t)(k + 1));

		if (interface_of(k) == p->interface &&
		    (address_is_multicast(&p->destination) || address_equal(&p->destination, &a)))
			b->sequence[k] = d.sequence;
	}
}

static void write_down(struct bench *b)
{
	struct speaker_note note;

	while (ospf_note(b->ospf, &note)) {
		assert(b->n_notes < NOTES_MAX);
		if (ARRAY_RESERVE(b->notes, b->notes_capacity, b->n_notes + 1) == 0)
			b->notes[b->n_notes++] = note;
	}
	if (b->n_notes < NOTES_MAX / 2)
		return;
	b->n_notes = 0;
	ospf_notes_again(b->ospf);
	write_down(b);
}

static void drain(struct bench *b)
{
	struct ospf_packet p;
	struct speaker_event e;
	struct route r;
	int outputs = 0;
	bool more = true;

	while (more) {
		more = false;
		for (; ospf_output(b->ospf, b->now, &p); more = true) {
			note(b, &p);
			assert(++outputs < OUTPUTS_MAX);
		}
		for (; ospf_event(b->ospf, &e); more = true)
			assert(++outputs < OUTPUTS_MAX);
		for (; ospf_learned(b->ospf, b->now, &r); more = true)
			assert(++outputs < OUTPUTS_MAX);
	}
	write_down(b);
}

static void pass(struct bench *b, struct duration time)
{
	struct instant until = instant_add(b->now, time), due;
	int instants = 0;

	while (instant_reached(due = ospf_deadline(b->ospf), until) && ++instants < INSTANTS_MAX) {
		b->now = instant_max(b->now, due);
		ospf_tick(b->ospf, b->now);
		drain(b);
	}
	b->now = instant_max(b->now, until);
}

static void set_link(struct bench *b, bool up)
{
	struct address a = address_of(b, 9);
	struct speaker_link link = speaker_link_make(1, up, &a, b->version == OSPF_V2 ? 24 : 64);

	/* What is still to be said there is said before. */
	drain(b);
	b->up = up;
	ospf_link(b->ospf, b->now, &link, 1500);
	drain(b);
}

static void deliver(struct bench *b, uint8_t n, struct writer *w)
{
	struct ospf_packet p = { .interface = interface_of(n),
				 .source = address_of(b, (uint8_t)(n % NEIGHBORS + 1)),
				 .destination = ospf_group(b->version, false),
				 .hop_limit = 1,
				 .bytes = w->start,
				 .length = w->length };

	if (p.interface == 1 && b->settings.auth.type != AUTH_NONE) {
		p.auth = b->settings.auth.type;
		p.key = n & KEYS;
		p.sequence = b->number += n < NEIGHBORS;
	}
	ospf_input(b->ospf, b->now, &p);
	drain(b);
}

static void begin(struct bench *b, struct writer *w, uint8_t *bytes, uint8_t n, uint8_t type)
{
	writer_init(w, bytes, PACKET_MAX);
	ospf_begin(b->version, w, &(struct ospf_header){ .type = type, .router = router_of(n) });
}

static void say_hello(struct bench *b, uint8_t n, bool knows_us, uint8_t roles)
{
	uint8_t bytes[PACKET_MAX];
	struct writer w;
	uint32_t self = b->version == OSPF_V2 ? 0x0a010001u + n % NEIGHBORS : router_of(n);
	struct ospf_hello h = {
		.mask_length = 24,
		.interface_id = 5,
		.options = b->version == OSPF_V2 ? 2 : 0x13,
		.priority = roles >> 4,
		.interval = 10,
		.dead = 40,
		.dr = roles & 1 ? self : 0,
		.bdr = roles & 2 ? self : 0,
	};

	begin(b, &w, bytes, n, OSPF_HELLO);
	ospf_write_hello(b->version, &w, &h);
	if (knows_us)
		ospf_write_neighbor(&w, US);
	ospf_finish(&w);
	deliver(b, n, &w);
}

/* A key of a small space, so that many of them meet; its contents are those of no type. */
static struct lsa_header header_of(const struct bench *b, struct reader *r)
{
	static const uint16_t types[2][8] = {
		{ 1, 2, 3, 5, 7, 9, 10, 11 },
		{ 0x2001, 0x2002, 0x2003, 0x4005, 0x000b, 0x0008, 0xa077, 0x2009 },
	};
	uint8_t key = reader_u8(r), how = reader_u8(r);
	struct lsa_header h = { .length = LSA_HEADER_BYTES };

	h.key.type = types[b->version == OSPF_V3][key & 7];
	h.key.id = key >> 3 & 3;
	h.key.router = key >> 5 == 7 ? US : router_of(key >> 5);
	if (b->version == OSPF_V2 && h.key.type == LSA_V2_ROUTER && h.key.id != 3)
		h.key.id = h.key.router;
	if (b->version == OSPF_V2 && h.key.type == LSA_V2_OPAQUE_LINK && h.key.id != 3)
		h.key.id = 0x03000000;
	h.sequence = how & 0x80 ? LSA_SEQUENCE_MAX : LSA_SEQUENCE_INITIAL + (how & 15);
	h.age = how & 0x40 ? LSA_AGE_MAX : (uint16_t)(how & 0x30) * 60;
	return h;
}

static void write_lsa(const struct bench *b, struct writer *w, const struct lsa_header *h)
{
	size_t start = lsa_begin(b->version, w, h);

	switch (lsa_kind(b->version, &h->key)) {
	case LSA_ROUTER:
		lsa_write_router(b->version, w, &(struct lsa_router){ 0 });
		break;
	case LSA_INTER_PREFIX:
	case LSA_EXTERNAL:
	case LSA_NSSA: {
		struct lsa_destination d = { .metric = 1 };

		d.prefix.address.family = b->version == OSPF_V2 ? FAMILY_IPV4 : FAMILY_IPV6;
		lsa_write_destination(b->version, w, h->key.type, &d);
		break;
	}
	case LSA_GRACE:
		lsa_write_grace(b->version, w, &(struct lsa_grace){ .period_s = 60 });
		break;
	default:
		writer_zeros(w, 8);
		break;
	}
	lsa_finish(w, start);
}

/* Descriptions, requests, updates and acknowledgments with up to four LSAs in them. */
static void say(struct bench *b, uint8_t n, uint8_t type, struct reader *r)
{
	uint8_t bytes[PACKET_MAX], how = reader_u8(r);
	struct ospf_description d = {
		.mtu = 1500,
		.options = b->version == OSPF_V2 ? 0x42 : 0x13,
		.flags = how >> 2 & 7,
		.sequence = b->sequence[n % NEIGHBORS] + (how >> 5),
	};
	struct writer w;

	begin(b, &w, bytes, n, type);
	if (type == OSPF_DESCRIPTION)
		ospf_write_description(b->version, &w, &d);
	else if (type == OSPF_UPDATE)
		ospf_write_update(&w);
	for (uint8_t k = 0; k < (how & 3) + (type != OSPF_DESCRIPTION); k++) {
		struct lsa_header h = header_of(b, r);

		if (type == OSPF_REQUEST)
			ospf_write_request(b->version, &w, &h.key);
		else if (type == OSPF_UPDATE)
			write_lsa(b, &w, &h);
		else
			lsa_header_write(b->version, &w, &h);
	}
	if (type == OSPF_UPDATE)
		ospf_update_count(b->version, &w, (how & 3) + 1u);
	ospf_finish(&w);
	deliver(b, n, &w);
}

/* All that we have said so far is acknowledged. */
static void acknowledge(struct bench *b, uint8_t n)
{
	uint8_t bytes[PACKET_MAX];
	struct ospf_lsa_row row;
	struct writer w;
	size_t position = 0, count = 0;

	begin(b, &w, bytes, n, OSPF_ACKNOWLEDGMENT);
	while (ospf_lsa_row(b->ospf, b->now, &position, &row)) {
		assert(++count < LSAS_MAX);
		if (writer_left(&w) >= LSA_HEADER_BYTES)
			lsa_header_write(b->version, &w, &row.header);
	}
	ospf_finish(&w);
	deliver(b, n, &w);
}

static void say_anything(struct bench *b, uint8_t n, uint8_t type, struct reader *r)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = reader_u8(r);
	struct writer w;

	if (length > reader_left(r))
		length = reader_left(r);
	begin(b, &w, bytes, n, type);
	writer_bytes(&w, reader_take(r, length), length);
	ospf_finish(&w);
	deliver(b, n, &w);
}

static void announce(struct bench *b, uint8_t which, bool there)
{
	uint8_t six[ADDRESS_BYTES_MAX] = { 0xfd, [15] = which };
	struct address a = b->version == OSPF_V2 ? address_ipv4(0x0b000000u + which)
						 : address_make(FAMILY_IPV6, six);
	struct prefix p = prefix_host(&a);

	if (there)
		(void)ospf_announce(b->ospf, b->now, &p, which);
	else
		(void)ospf_withdraw(b->ospf, b->now, &p);
	drain(b);
}

/* Those of the link of all say who is DR and Backup, so that with them there are adjacencies. */
static void prelude(struct bench *b)
{
	static const uint8_t roles[NEIGHBORS] = { 0x11, 0x12, 0x10, 0x00, 0x00, 0x00 };
	struct reader none, one;

	for (uint8_t n = 0; n < NEIGHBORS; n++)
		say_hello(b, n, n != 4, roles[n]);
	for (uint8_t k = 0; k < 2; k++) {
		reader_init(&none, "\0\0\0\0", 4);
		reader_init(&one, k == 0 ? "\1\42\3" : "\0", k == 0 ? 3 : 1);
		say(b, 0, OSPF_DESCRIPTION, &none);
		say(b, ALONE, OSPF_DESCRIPTION, &none);
		if (k == 0)
			say(b, 1, OSPF_DESCRIPTION, &none);
		say(b, 2, OSPF_DESCRIPTION, &one);
	}
}

static void set_auth(struct bench *b, uint8_t how)
{
	struct keychain *a = &b->settings.auth;

	a->type = how % AUTH_COUNT;
	if (b->version == OSPF_V3 && (a->type == AUTH_SIMPLE || a->type == AUTH_MD5))
		a->type = AUTH_HMAC_SHA_256;
	b->settings.is.extended = a->type > AUTH_MD5 && how >> 4 & 1;
	a->n_keys = a->type == AUTH_NONE ? 0 : KEYS;
	for (uint8_t k = 0; k < a->n_keys; k++)
		a->keys[k] = (struct keychain_key){ .id = k * KEYS, .secret = "/x" };
	if (a->n_keys > 1 && how >> 5 & 1)
		a->keys[1].send.from_s = a->keys[1].accept.until_s = 1100;
}

static void set_interface(struct bench *b)
{
	(void)ospf_interface_set(b->ospf, b->now, 1, &b->settings);
	ospf_secrets(b->ospf, b->now, 1, UINT32_MAX);
}

/* A link of two, which carries what is flooded on to somebody else. */
static void set_second(struct bench *b)
{
	struct ospf_interface_settings s = b->settings;
	struct address a = address_of(b, 9);
	struct speaker_link link = speaker_link_make(2, true, &a, b->version == OSPF_V2 ? 24 : 64);

	s.auth = (struct keychain){ 0 };
	s.is.extended = false;
	s.is.network = OSPF_POINT_TO_POINT;
	(void)ospf_interface_set(b->ospf, b->now, 2, &s);
	ospf_link(b->ospf, b->now, &link, 1500);
	drain(b);
}

static void die(struct bench *b, uint8_t how)
{
	size_t n = b->n_notes;

	ospf_free(b->ospf);
	b->now = instant_add(b->now, DURATION_S(how));
	b->ospf = ospf_new(b->version, &b->s, 1, 1);
	assert(b->ospf);
	for (size_t k = 0; k < n; k++) {
		struct speaker_note note = b->notes[k];

		if ((how & 4) && k == n * (how & 3) / 4)
			note.bytes[k % note.length] ^= how;
		ospf_recall(b->ospf, &note);
	}
	b->n_notes = 0;
	ospf_restart(b->ospf, b->now, DURATION_S(50));
	ospf_router_id(b->ospf, b->now, US);
	ospf_clock(b->ospf, b->now, (struct duration){ 0 });
	set_interface(b);
	set_link(b, true);
	set_second(b);
}

static void step(struct bench *b, struct reader *r)
{
	static const uint8_t types[] = { OSPF_DESCRIPTION, OSPF_REQUEST, OSPF_UPDATE,
					 OSPF_ACKNOWLEDGMENT };
	uint8_t what = reader_u8(r), n = what >> 4;
	struct address a = address_of(b, (uint8_t)(n % NEIGHBORS + 1));

	switch (what & 15) {
	case 0:
		say_hello(b, n, true, reader_u8(r));
		break;
	case 1:
		say_hello(b, n, false, reader_u8(r));
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		say(b, n, types[(what & 15) - 2], r);
		break;
	case 6:
		acknowledge(b, n);
		break;
	case 7:
		say_anything(b, n, n % (OSPF_PACKET_TYPES + 1), r);
		break;
	case 8:
		pass(b, DURATION_MS(1 << n));
		break;
	case 9:
		pass(b, DURATION_S(n * 10));
		break;
	case 10:
		set_link(b, n & 1);
		break;
	case 11:
		ospf_liveness(b->ospf, b->now, 1, &a, (enum verdict)(n / 4 % 3));
		break;
	case 12:
		announce(b, reader_u8(r), n & 1);
		break;
	case 13:
		b->settings.is.priority = n & 3;
		b->settings.is.area_kind = n >= 14 ? OSPF_AREA_STUB + (n & 1) : OSPF_AREA_NORMAL;
		set_auth(b, n >> 2 == 2 ? reader_u8(r) : 0);
		set_interface(b);
		break;
	case 14:
		ospf_interface_remove(b->ospf, b->now, n == 15 ? 2 : 1);
		drain(b);
		set_interface(b);
		set_link(b, true);
		set_second(b);
		break;
	default:
		if (n < 8)
			die(b, n);
		else if (n < 12)
			ospf_secrets(b->ospf, b->now, 1, n & 3);
		else if (n < 14)
			ospf_hand_over(b->ospf, b->now);
		else
			ospf_router_id(b->ospf, b->now, US + (n == 15));
		break;
	}
	drain(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct bench b = { .now = { DURATION_S(1000).ns }, .up = true };
	struct reader r;
	uint8_t how, more;

	reader_init(&r, bytes, length);
	how = reader_u8(&r);
	more = reader_u8(&r);
	b.version = how & 1 ? OSPF_V3 : OSPF_V2;
	ospf_settings_default(&b.s);
	b.s.vips = how >> 1 & 3;
	b.ospf = ospf_new(b.version, &b.s, 1, 1);
	assert(b.ospf);
	ospf_router_id(b.ospf, b.now, US);
	ospf_clock(b.ospf, b.now, (struct duration){ 0 });
	if (more >> 7)
		ospf_restart(b.ospf, b.now, DURATION_S(60));
	ospf_interface_settings_default(&b.settings);
	b.settings.is.network = (how >> 3) % 3;
	b.settings.is.priority = how >> 6;
	set_auth(&b, more & 0x3f);
	set_interface(&b);
	set_link(&b, true);
	set_second(&b);
	prelude(&b);
	for (int k = 0; k < STEPS_MAX && reader_left(&r) > 0; k++)
		step(&b, &r);
	ospf_free(b.ospf);
	free(b.notes);
	return 0;
}
