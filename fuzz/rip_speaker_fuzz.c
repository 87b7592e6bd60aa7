/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a little program that drives a RIP speaker: prefixes, interfaces, links, packets of
 * neighbours, time. Whatever it does, what the speaker sends can be decoded, leaves an interface
 * that is usable, and tells of no prefix with a finite metric but those that are announced; and
 * when all is taken from it, it comes to rest.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "proto/rip/packet.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define INTERFACES 3
#define WALL_S 1700000000 /* on the wall at the instant 0 */
#define PREFIXES 8
#define OUTPUTS_MAX 4096 /* at one instant */
#define INSTANTS_MAX 400 /* of one step of time: a program may not take for ever */

struct bench {
	enum family family;
	struct rip *rip;
	struct instant now;
	struct speaker_link links[INTERFACES + 1];
	uint8_t auth[INTERFACES + 1]; /* enum auth_type */
	uint32_t sequence;	      /* of the neighbours' packets */
	struct {
		struct prefix prefix;
		bool announced, ever;
	} ours[PREFIXES];
};

/* The same number in either family: 10.9.1.1 is fd00::a09:101 too. */
static struct address address_of(const struct bench *b, bool link_local, uint32_t number)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { link_local ? 0xfe : 0xfd, link_local ? 0x80 : 0x00 };
	struct writer w;

	if (b->family == FAMILY_IPV4)
		return address_ipv4(number);
	writer_init(&w, bytes + sizeof(bytes) - sizeof(number), sizeof(number));
	writer_u32(&w, number);
	return address_make(FAMILY_IPV6, bytes);
}

static struct prefix prefix_of(const struct bench *b, uint32_t address, uint8_t length)
{
	struct address a = address_of(b, false, address);

	return prefix_make(&a, (uint8_t)(family_bits(b->family) - 32 + length));
}

static void bench_start(struct bench *b, uint64_t seed)
{
	static const struct {
		uint32_t address;
		uint8_t length;
	} prefixes[PREFIXES] = {
		{ 0x0a090101, 32 }, { 0x0a090102, 32 }, { 0x0a090200, 24 }, { 0x0a090201, 32 },
		{ 0xac100000, 16 }, { 0x0a010040, 26 }, { 0x0a010200, 24 }, { 0xc0a80101, 32 },
	};
	struct rip_settings settings;

	memset(b, 0, sizeof(*b));
	b->family = seed & 0x80 ? FAMILY_IPV6 : FAMILY_IPV4;
	rip_settings_default(&settings);
	settings.tag = 77;
	b->rip = rip_new(b->family, &settings, seed);
	assert(b->rip);
	b->now = (struct instant){ DURATION_S(1000).ns };
	if (seed & 1)
		rip_clock(b->rip, b->now, DURATION_S(WALL_S));
	for (size_t k = 0; k < PREFIXES; k++)
		b->ours[k].prefix = prefix_of(b, prefixes[k].address, prefixes[k].length);
}

/* The network that the packet was sent in; none, when its source is not there any more. */
static struct prefix network_of(const struct bench *b, const struct packet *d)
{
	const struct speaker_link *l = &b->links[d->interface];

	for (size_t k = 0; k < l->n_sources; k++)
		if (address_equal(&l->sources[k].address, &d->source))
			return l->sources[k].network;
	return (struct prefix){ 0 };
}

static void check_entry(const struct bench *b, const struct packet *d,
			const struct rip_packet *packet, const struct rip_entry *e)
{
	struct prefix network = network_of(b, d), p;

	if (e->metric >= RIP_INFINITY)
		return;
	assert(rip_entry_prefix(packet, e, &network, &p) == RIP_DROP_NOTHING);
	for (size_t k = 0; k < PREFIXES; k++) {
		if (!prefix_equal(&b->ours[k].prefix, &p))
			continue;
		/* A copy for a neighbour may have waited while the prefix was withdrawn. */
		assert(b->ours[k].announced ||
		       (b->ours[k].ever && !address_is_multicast(&d->destination) &&
			d->destination_port == rip_port(b->family)));
		return;
	}
	assert(false); /* a prefix that is not ours is announced */
}

static void check_output(const struct bench *b, const struct packet *d)
{
	struct rip_packet p;

	assert(d->interface >= 1 && d->interface <= INTERFACES);
	assert(b->links[d->interface].usable);
	/* From an address that we have, or it is a good-bye. */
	assert(d->departed || network_of(b, d).address.family != FAMILY_NONE);
	assert(address_is_set(&d->destination) && d->destination_port != 0);
	assert(rip_packet_decode(b->family, d->bytes, d->length, &p) == RIP_DROP_NOTHING);
	assert(p.n_entries > 0);
	assert(!d->departed || p.command == RIP_RESPONSE);
	for (size_t k = 0; d->departed && k < p.n_entries; k++)
		assert(p.entries[k].metric == RIP_INFINITY);
	for (size_t k = 0; p.command == RIP_RESPONSE && k < p.n_entries; k++)
		check_entry(b, d, &p, &p.entries[k]);
}

static void check_neighbors(const struct bench *b)
{
	struct neighbor info;
	size_t position = 0;

	while (rip_neighbor_next(b->rip, b->now, &position, &info))
		assert(info.accepted <= PREFIXES);
}

static void drain(struct bench *b)
{
	struct packet d;
	struct rip_event e;
	size_t outputs = 0;
	bool more = true;

	while (more) {
		more = false;
		while (rip_output(b->rip, b->now, &d)) {
			check_output(b, &d);
			more = true;
			assert(++outputs < OUTPUTS_MAX);
		}
		while (rip_event(b->rip, &e)) {
			more = true;
			assert(++outputs < OUTPUTS_MAX);
		}
	}
	check_neighbors(b);
}

/* Every deadline is kept on the way; after a tick and all outputs it must have moved. */
static void run(struct bench *b, struct duration time, size_t instants)
{
	struct instant until = instant_add(b->now, time);

	for (; instants > 0; instants--) {
		struct instant due = rip_deadline(b->rip);

		if (!instant_reached(due, until))
			break;
		b->now = instant_max(b->now, due);
		rip_tick(b->rip, b->now);
		drain(b);
		assert(instant_before(b->now, rip_deadline(b->rip)));
	}
	b->now = instant_max(b->now, until);
	rip_tick(b->rip, b->now);
	drain(b);
}

static void do_announce(struct bench *b, struct reader *r)
{
	size_t k = reader_u8(r) % PREFIXES;
	/* The host route stands for its network where RIP-1 cannot carry that. */
	const struct prefix *stands_for = k == 3 ? &b->ours[2].prefix : NULL;

	if (rip_announce(b->rip, b->now, &b->ours[k].prefix, stands_for, reader_u8(r) % 16) == 0)
		b->ours[k].announced = b->ours[k].ever = true;
}

static void do_withdraw(struct bench *b, struct reader *r)
{
	size_t k = reader_u8(r) % PREFIXES;
	int result = rip_withdraw(b->rip, b->now, &b->ours[k].prefix);

	assert((result == 0) == b->ours[k].announced);
	b->ours[k].announced = false;
}

static struct address neighbor(const struct bench *b, uint32_t interface, uint8_t number)
{
	return address_of(b, true, 0x0a000000 | interface << 16 | number);
}

/* Two keys: one for ever, one that begins some time after the wall clock's first word. */
static void auth_make(struct keychain *a, uint8_t choice)
{
	*a = (struct keychain){
		.type = (uint8_t)(AUTH_SIMPLE + choice % (AUTH_COUNT - AUTH_SIMPLE)),
		.n_keys = choice & 1 ? 2 : 1,
		.keys = { { .id = 1, .secret = "/k/1" },
			  { .id = 2,
			    .send = { .from_s = WALL_S + 60 },
			    .accept = { .until_s = WALL_S + 600 },
			    .secret = "/k/2" } },
	};
}

static void do_interface(struct bench *b, struct reader *r)
{
	uint32_t index = 1 + reader_u8(r) % INTERFACES;
	uint8_t flags = reader_u8(r);
	struct rip_interface_settings s = {
		.version = (uint8_t)(RIP_VERSION_1 + flags % 3),
		.cost = (uint8_t)(1 + reader_u8(r) % RIP_COST_MAX),
		.passive = flags & 4,
		.n_unicast = flags >> 4 & 3,
	};

	for (uint8_t k = 0; k < s.n_unicast; k++)
		s.unicast[k] = neighbor(b, index, (uint8_t)(1 + k));
	if (flags & 0x80 && b->family == FAMILY_IPV4)
		auth_make(&s.auth, flags);
	b->auth[index] = s.auth.type;
	assert(rip_interface_set(b->rip, b->now, index, &s) == 0);
	rip_secrets(b->rip, b->now, index, flags & 0x40 ? 2 : 3);
}

static void do_remove(struct bench *b, struct reader *r)
{
	rip_interface_remove(b->rip, b->now, 1 + reader_u8(r) % INTERFACES);
}

static void source_add(const struct bench *b, struct speaker_link *l, uint8_t host, uint8_t bits)
{
	struct speaker_source *s = &l->sources[l->n_sources++];

	s->address = neighbor(b, l->index, host);
	s->network = prefix_make(&s->address, (uint8_t)(family_bits(b->family) - bits));
}

static void do_link(struct bench *b, struct reader *r)
{
	uint32_t index = 1 + reader_u8(r) % INTERFACES;
	uint8_t flags = reader_u8(r);
	struct speaker_link *l = &b->links[index];

	*l = (struct speaker_link){ .index = index, .usable = flags & 1 };
	if (!(flags & 8))
		source_add(b, l, flags & 2 ? 100 : 101, flags & 4 ? 8 : 4);
	/* In another network, beside it or alone. */
	if (flags & 16 && b->family == FAMILY_IPV4)
		source_add(b, l, flags & 32 ? 200 : 201, 5);
	rip_link(b->rip, b->now, &b->links[index]);
}

static void do_network(struct bench *b, struct reader *r)
{
	uint8_t flags = reader_u8(r);
	struct prefix p = prefix_of(b, 0x0a630000 | (uint32_t)(flags & 0x3c) << 6, 24);

	(void)rip_network(b->rip, 1 + flags % INTERFACES, &p, flags & 0x80);
}

static void datagram_entries(const struct bench *b, struct reader *r, struct writer *w)
{
	for (size_t n = reader_u8(r) % 27; n > 0 && reader_left(r) > 0; n--) {
		uint8_t what = reader_u8(r), tag = reader_u8(r);
		const struct prefix *p = &b->ours[what % PREFIXES].prefix;

		if (b->family == FAMILY_IPV6) {
			writer_bytes(w, p->address.bytes, ADDRESS_BYTES_MAX);
			writer_u16(w, tag % 3 == 0 ? 77 : tag);
			writer_u8(w, what & 0x40 ? 0 : p->length);
			writer_u8(w, what & 0x80   ? RIPNG_METRIC_NEXT_HOP
				     : what & 0x20 ? RIP_INFINITY
						   : tag % 18);
			continue;
		}
		writer_u16(w, what & 0x80 ? RIP_AFI_NONE : RIP_AFI_IPV4);
		writer_u16(w, tag % 3 == 0 ? 77 : tag);
		writer_u32(w, address_ipv4_number(&p->address));
		writer_u32(w, what & 0x40 ? 0 : prefix_ipv4_mask(p->length));
		writer_u32(w, 0);
		writer_u32(w, what & 0x20 ? RIP_INFINITY : tag % 18);
	}
}

/* As who has the secrets finds a packet: mostly by a key, at times old, at times refused. */
static void datagram_open(struct bench *b, struct packet *d, uint8_t choice)
{
	d->auth = b->auth[d->interface];
	if (d->auth == AUTH_NONE)
		return;
	d->key = choice & 4 ? 2 : 1;
	d->sequence = choice & 8 ? b->sequence / 2 : ++b->sequence;
	if (choice & 0x10) {
		d->refused = true;
		d->reason = choice & 0x20 ? RIP_DROP_AUTH_DIGEST : RIP_DROP_AUTH_MISSING;
		d->length = 0;
	}
}

/* A packet of a neighbour, well formed for the most part, or any bytes. */
static void do_receive(struct bench *b, struct reader *r, bool raw)
{
	uint8_t from = reader_u8(r);
	struct packet d = {
		.interface = 1 + from % INTERFACES,
		.socket = from & 0x40 ? RIP_SOCKET_QUERY : RIP_SOCKET_MAIN,
		.source =
			neighbor(b, 1 + from % INTERFACES, from & 0x20 ? 200 : 1 + (from >> 2) % 4),
		.source_port = from & 0x80 ? 4242 : rip_port(b->family),
		.destination = rip_group(b->family),
		.hop_limit = from & 0x10 ? 64 : 255,
	};
	const uint8_t *bytes;
	struct writer w;
	uint8_t kind = 0;

	writer_init(&w, d.bytes, sizeof(d.bytes));
	if (raw) {
		size_t length = reader_u8(r);

		bytes = reader_take(r, length);
		writer_bytes(&w, bytes, bytes ? length : 0);
	} else {
		kind = reader_u8(r);
		writer_u8(&w, kind & 1 ? RIP_REQUEST : RIP_RESPONSE);
		writer_u8(&w, kind & 2 || b->family == FAMILY_IPV6 ? 1 : 2);
		writer_u16(&w, 0);
		datagram_entries(b, r, &w);
	}
	d.length = (uint16_t)w.length;
	datagram_open(b, &d, kind);
	rip_input(b->rip, b->now, &d);
}

static void do_configure(struct bench *b, struct reader *r)
{
	uint8_t metric = reader_u8(r), flags = reader_u8(r);
	struct rip_settings s;

	rip_settings_default(&s);
	s.metric = (uint8_t)(1 + metric % 15);
	s.distance = flags & 3;
	s.tag = flags & 4 ? 77 : 0;
	s.pace = flags & 8 ? 5 : 400;
	rip_configure(b->rip, b->now, &s);
}

static void do_time(struct bench *b, struct reader *r)
{
	uint8_t step = reader_u8(r);
	int64_t ms = (int64_t)(step & 0x1f) << (step >> 5) * 2;

	run(b, DURATION_MS(ms), INSTANTS_MAX);
}

static void do_liveness(struct bench *b, struct reader *r)
{
	uint8_t from = reader_u8(r);
	uint32_t index = 1 + from % INTERFACES;
	struct address a = neighbor(b, index, (uint8_t)(1 + (from >> 2) % 4));

	rip_neighbor_liveness(b->rip, b->now, index, &a, (enum verdict)((from >> 4) % 3));
}

/* What is told of a learned route can be used: ways out of interfaces, and not to what is ours. */
static void check_learned(const struct bench *b, const struct route *l)
{
	assert(l->n_paths <= ROUTE_PATHS_MAX);
	assert(l->n_paths == 0 || (l->metric >= 1 && l->metric < RIP_INFINITY));
	for (size_t k = 0; k < l->n_paths; k++) {
		assert(l->paths[k].interface >= 1 && l->paths[k].interface <= INTERFACES);
		assert(b->links[l->paths[k].interface].usable);
		assert(l->paths[k].next_hop.family == b->family);
	}
	for (size_t k = 0; k < PREFIXES; k++)
		assert(l->n_paths == 0 || !b->ours[k].announced ||
		       !prefix_equal(&b->ours[k].prefix, &l->prefix));
}

static void take_learned(struct bench *b)
{
	struct route l;

	while (rip_learned(b->rip, b->now, &l))
		check_learned(b, &l);
}

static void do_learn(struct bench *b, struct reader *r)
{
	uint8_t how = reader_u8(r);
	struct route_filter learn = { .mode = how % (ROUTE_FILTER_PREFIXES + 1) };

	if (learn.mode == ROUTE_FILTER_PREFIXES)
		learn.n_prefixes = 1 + (how >> 6);
	for (uint8_t k = 0; k < learn.n_prefixes; k++)
		learn.prefixes[k] = prefix_of(b, 0x0a000000u | (uint32_t)reader_u8(r) << 16,
					      (uint8_t)(8 + reader_u8(r) % 17));
	(void)rip_learn(b->rip, b->now, 1 + (how >> 2) % INTERFACES, &learn);
	if (how & 0x20)
		rip_learn_again(b->rip);
}

static void do_one(struct bench *b, struct reader *r)
{
	uint8_t what = reader_u8(r);

	if (what >= 248 && what < 252) {
		do_learn(b, r);
		drain(b);
		take_learned(b);
		return;
	}
	if (what >= 252) {
		do_liveness(b, r);
		drain(b);
		return;
	}
	switch (what % 12) {
	case 0:
	case 1:
		do_announce(b, r);
		break;
	case 2:
		do_withdraw(b, r);
		break;
	case 3:
		do_interface(b, r);
		break;
	case 4:
		do_remove(b, r);
		break;
	case 5:
		do_link(b, r);
		break;
	case 6:
	case 7:
		do_receive(b, r, false);
		break;
	case 8:
		do_receive(b, r, true);
		break;
	case 9:
		do_configure(b, r);
		break;
	case 10:
		do_network(b, r);
		break;
	default:
		do_time(b, r);
		break;
	}
	drain(b);
}

/* Nothing is announced and nobody is spoken to: every timer must come to its end. */
static void check_rest(struct bench *b)
{
	struct rip_settings s;

	rip_settings_default(&s);
	rip_configure(b->rip, b->now, &s);
	for (size_t k = 0; k < PREFIXES; k++)
		(void)rip_withdraw(b->rip, b->now, &b->ours[k].prefix);
	for (size_t k = 0; k < PREFIXES; k++)
		b->ours[k].announced = false;
	run(b, DURATION_S(2), SIZE_MAX);
	for (uint32_t index = 1; index <= INTERFACES; index++)
		rip_interface_remove(b->rip, b->now, index);
	/* What was learned lasts until it is told that it is over. */
	take_learned(b);
	run(b, DURATION_S(400), SIZE_MAX);
	assert(instant_is_never(rip_deadline(b->rip)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct bench b;
	struct reader r;

	reader_init(&r, bytes, length);
	bench_start(&b, reader_u8(&r));
	while (reader_ok(&r) && reader_left(&r) > 0)
		do_one(&b, &r);
	take_learned(&b);
	check_rest(&b);
	rip_free(b.rip);
	return 0;
}
