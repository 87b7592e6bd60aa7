/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: us, the host, and a router, both being the speaker, on a link with a way of 1 ms; and
 * what we flood, as it leaves.
 */
#ifndef PROTO_OSPF_SEGMENT_TEST_H
#define PROTO_OSPF_SEGMENT_TEST_H

#include <stdlib.h>

#include "base/array.h"
#include "base/container.h"
#include "base/unit.h"
#include "proto/ospf/ospf.h"

#define INTERFACE 2
#define US 0x0a000001u
#define ROUTER 0x0a000002u
#define WAY DURATION_MS(1)

/* On its way. */
struct parcel {
	struct ospf *to;
	struct instant at;
	struct address source, destination;
	uint8_t bytes[2048];
	size_t length;
};

/* An LSA that we have flooded. */
struct said {
	struct instant at;
	struct lsa_header header;
};

struct segment {
	enum ospf_version version;
	struct ospf *us, *router;
	struct instant now;
	struct ospf_settings settings;
	struct ospf_interface_settings link;
	struct parcel *parcels;
	size_t n_parcels, parcels_capacity;
	struct said *said;
	size_t n_said, said_capacity;
	bool deaf;     /* nothing of the router arrives */
	bool quiet;    /* nothing of ours arrives */
	bool withheld; /* our updates do not */
	uint32_t events[SPEAKER_EVENT_NOTE + 1];
	struct speaker_event last;
	void (*watch)(struct segment *s); /* whenever something has happened */
	struct speaker_note *notes;	  /* what we have written down */
	size_t n_notes, notes_capacity;
};

static inline struct address segment_address(const struct segment *s, const struct ospf *of)
{
	uint8_t bytes[16] = { 0xfe, 0x80, [15] = of == s->us ? 1 : 2 };

	if (s->version == OSPF_V2)
		return address_ipv4(of == s->us ? 0x0a010001 : 0x0a010002);
	return address_make(FAMILY_IPV6, bytes);
}

static inline void segment_up(struct segment *s, struct ospf *o, uint32_t index)
{
	struct address a = segment_address(s, o);
	struct speaker_link link =
		speaker_link_make(index, true, &a, s->version == OSPF_V2 ? 24 : 64);

	assert_int_equal(ospf_interface_set(o, s->now, index, &s->link), 0);
	ospf_link(o, s->now, &link, 0);
}

static inline struct ospf *segment_speaker(struct segment *s, uint32_t router)
{
	struct ospf_settings settings = s->settings;

	settings.router_id = router;
	return ospf_new(s->version, &settings, router, 7);
}

static inline void segment_init(struct segment *s, enum ospf_version v)
{
	memset(s, 0, sizeof(*s));
	s->version = v;
	s->now = (struct instant){ DURATION_S(100).ns };
	ospf_settings_default(&s->settings);
	ospf_interface_settings_default(&s->link);
	s->link.is.network = OSPF_POINT_TO_POINT;
}

static inline void segment_begin(struct segment *s)
{
	s->us = segment_speaker(s, US);
	s->router = segment_speaker(s, ROUTER);
	segment_up(s, s->us, INTERFACE);
	segment_up(s, s->router, INTERFACE);
}

static inline void segment_done(struct segment *s)
{
	ospf_free(s->us);
	ospf_free(s->router);
	free(s->parcels);
	free(s->said);
	free(s->notes);
}

static inline void segment_note(struct segment *s, const struct ospf_packet *p)
{
	struct ospf_header h;
	struct reader body;
	const uint8_t *bytes;
	struct lsa_header lsa;

	assert_int_equal(ospf_header_read(s->version, p->bytes, p->length, &h, &body), PACKET_GOOD);
	if (h.type != OSPF_UPDATE)
		return;
	(void)ospf_update_read(&body);
	while (ospf_update_next(s->version, &body, &lsa, &bytes)) {
		assert_int_equal(ARRAY_RESERVE(s->said, s->said_capacity, s->n_said + 1), 0);
		s->said[s->n_said++] = (struct said){ s->now, lsa };
	}
}

static inline void segment_send(struct segment *s, struct ospf *to, const struct ospf_packet *p)
{
	struct parcel *parcel;

	assert_int_equal(ARRAY_RESERVE(s->parcels, s->parcels_capacity, s->n_parcels + 1), 0);
	assert_true(p->length <= sizeof(parcel->bytes));
	parcel = &s->parcels[s->n_parcels++];
	*parcel = (struct parcel){ .to = to,
				   .at = instant_add(s->now, WAY),
				   .source = p->source,
				   .destination = p->destination,
				   .length = p->length };
	memcpy(parcel->bytes, p->bytes, p->length);
}

/* Bytes that arrive at once, as if from the other end. */
static inline void segment_hand(struct segment *s, struct ospf *to, const uint8_t *bytes,
				size_t length)
{
	struct ospf_packet p = { .interface = INTERFACE,
				 .source = segment_address(s, to == s->us ? s->router : s->us),
				 .destination = ospf_group(s->version, false),
				 .hop_limit = 1,
				 .bytes = bytes,
				 .length = length };

	ospf_input(to, s->now, &p);
}

/* Before what leaves has left. */
static inline void segment_write(struct segment *s)
{
	struct speaker_note note;

	while (ospf_note(s->us, &note)) {
		assert_int_equal(ARRAY_RESERVE(s->notes, s->notes_capacity, s->n_notes + 1), 0);
		s->notes[s->n_notes++] = note;
	}
}

static inline void segment_settle(struct segment *s)
{
	struct ospf_packet p;
	struct speaker_event e;
	struct route route;

	while (ospf_output(s->us, s->now, &p)) {
		segment_write(s);
		segment_note(s, &p);
		if (!s->quiet && !(s->withheld && p.bytes[1] == OSPF_UPDATE))
			segment_send(s, s->router, &p);
	}
	segment_write(s);
	while (s->router && ospf_output(s->router, s->now, &p))
		if (!s->deaf)
			segment_send(s, s->us, &p);
	while (ospf_event(s->us, &e)) {
		s->events[e.kind]++;
		s->last = e;
	}
	while (s->router && ospf_event(s->router, &e))
		;
	while (ospf_learned(s->us, s->now, &route))
		;
	if (s->watch)
		s->watch(s);
}

static inline void segment_deliver(struct segment *s)
{
	size_t n = 0;

	while (n < s->n_parcels && instant_reached(s->parcels[n].at, s->now))
		n++;
	for (size_t k = 0; k < n; k++) {
		struct parcel p = s->parcels[k];
		struct ospf_packet packet = { .interface = INTERFACE,
					      .source = p.source,
					      .destination = p.destination,
					      .hop_limit = 1,
					      .bytes = p.bytes,
					      .length = p.length };

		if (p.to)
			ospf_input(p.to, s->now, &packet);
		segment_settle(s);
	}
	memmove(s->parcels, s->parcels + n, (s->n_parcels - n) * sizeof(*s->parcels));
	s->n_parcels -= n;
}

static inline void segment_run(struct segment *s, struct duration time)
{
	struct instant until = instant_add(s->now, time);

	segment_settle(s);
	for (;;) {
		struct instant due = ospf_deadline(s->us);

		if (s->router)
			due = instant_min(due, ospf_deadline(s->router));
		if (s->n_parcels > 0)
			due = instant_min(due, s->parcels[0].at);
		if (!instant_reached(due, until))
			break;
		s->now = instant_max(s->now, due);
		segment_deliver(s);
		ospf_tick(s->us, s->now);
		if (s->router)
			ospf_tick(s->router, s->now);
		segment_settle(s);
	}
	s->now = until;
}

static inline bool segment_is_full(const struct segment *s)
{
	struct ospf_neighbor_row r;
	size_t at = 0;

	return ospf_neighbor_row(s->us, s->now, &at, &r) && r.state == OSPF_NEIGHBOR_FULL;
}

/* The adjacency is there, and we have been silent for long. */
static inline void segment_calm(struct segment *s)
{
	segment_run(s, DURATION_S(120));
	assert_true(segment_is_full(s));
	s->n_said = 0;
	memset(s->events, 0, sizeof(s->events));
}

/* The LSA in the database of one of them; false: it has none, or one that is at MaxAge. */
static inline bool segment_lsa(const struct segment *s, const struct ospf *of, struct lsa_key k,
			       struct ospf_lsa_row *ret)
{
	for (size_t at = 0; ospf_lsa_row(of, s->now, &at, ret);)
		if (lsa_key_equal(&ret->header.key, &k) && ret->header.age < LSA_AGE_MAX)
			return true;
	return false;
}

static inline struct lsa_key segment_key(const struct segment *s, enum lsa_kind kind, uint32_t id)
{
	return (struct lsa_key){ .type = lsa_type(s->version, kind), .id = id, .router = US };
}

/* Whether the router has a prefix of ours, in any LSA; *ret_metric: that of the last one. */
static inline bool segment_knows(const struct segment *s, const struct prefix *p,
				 uint32_t *ret_metric)
{
	struct ospf_lsa_row row;
	bool found = false;
	uint32_t metric = 0;

	for (size_t at = 0; ospf_lsa_row(s->router, s->now, &at, &row);) {
		enum lsa_kind kind = lsa_kind(s->version, &row.header.key);
		struct lsa_destination d;
		struct lsa_router router;
		struct lsa_prefixes prefixes;
		struct lsa_prefix prefix;
		struct lsa_walk walk;
		struct lsa_link l;

		if (row.header.key.router != US || row.header.age >= LSA_AGE_MAX)
			continue;
		if (kind == LSA_ROUTER) {
			walk = lsa_router_walk(s->version, row.bytes, row.header.length, &router);
			while (lsa_link_next(&walk, &l))
				if (l.type == LSA_LINK_STUB && prefix_equal(&l.prefix, p)) {
					found = true;
					metric = l.metric;
				}
		} else if (kind == LSA_INTRA_PREFIX) {
			walk = lsa_prefixes_walk(s->version, row.bytes, row.header.length,
						 &prefixes);
			while (lsa_prefix_next(&walk, &prefix))
				if (prefix_equal(&prefix.prefix, p)) {
					found = true;
					metric = prefix.metric;
				}
		} else if ((kind == LSA_EXTERNAL || kind == LSA_NSSA) &&
			   lsa_destination_read(s->version, row.bytes, row.header.length, &d) &&
			   prefix_equal(&d.prefix, p)) {
			found = true;
			metric = d.metric;
		}
	}
	if (ret_metric)
		*ret_metric = metric;
	return found;
}

static inline struct prefix segment_vip(const struct segment *s, uint32_t number)
{
	uint8_t bytes[16] = { 0x20,
			      0x01,
			      0x0d,
			      0xb8,
			      [12] = (uint8_t)(number >> 24),
			      [13] = (uint8_t)(number >> 16),
			      [14] = (uint8_t)(number >> 8),
			      [15] = (uint8_t)number };
	struct address a = s->version == OSPF_V2 ? address_ipv4(0x0a090000 + number)
						 : address_make(FAMILY_IPV6, bytes);

	return prefix_host(&a);
}

static inline void segment_announce(struct segment *s, uint32_t number, uint32_t metric)
{
	struct prefix p = segment_vip(s, number);

	assert_int_equal(ospf_announce(s->us, s->now, &p, metric), 0);
}

static inline void segment_withdraw(struct segment *s, uint32_t number)
{
	struct prefix p = segment_vip(s, number);

	assert_int_equal(ospf_withdraw(s->us, s->now, &p), 0);
}

/* How many of the LSA we have flooded, and when the last time. */
static inline size_t segment_said(const struct segment *s, enum lsa_kind kind,
				  struct instant *ret_last)
{
	size_t n = 0;

	for (size_t k = 0; k < s->n_said; k++)
		if (lsa_kind(s->version, &s->said[k].header.key) == kind) {
			n++;
			if (ret_last)
				*ret_last = s->said[k].at;
		}
	return n;
}

/* LSAs of ours that the router has dropped because they came too early. */
static inline uint32_t segment_early(const struct segment *s)
{
	struct neighbor n;
	size_t at = 0;

	return ospf_neighbor_next_of(s->router, s->now, &at, &n) ? n.drops[OSPF_DROP_LSA_EARLY] : 0;
}

#endif
