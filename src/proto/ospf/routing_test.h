/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for tests of routes: an instance with areas, interfaces and neighbours as they are said
 * to be, and databases into which LSAs are put; nothing is sent and nobody is heard. We are router
 * 10.0.0.1.
 */
#ifndef PROTO_OSPF_ROUTING_TEST_H
#define PROTO_OSPF_ROUTING_TEST_H

#include <stdlib.h>

#include "base/unit.h"
#include "proto/ospf/routing.h"

#define STAGE_AREAS 3
#define STAGE_INTERFACES 16
#define STAGE_NEIGHBORS 64
#define STAGE_EVENTS 64
#define US 0x0a000001u

struct stage {
	struct ospf o;
	struct area areas[STAGE_AREAS];
	struct ospf_interface interfaces[STAGE_INTERFACES];
	struct ospf_neighbor neighbors[STAGE_NEIGHBORS];
	size_t n_areas, n_interfaces, n_neighbors;
	struct speaker_event events[STAGE_EVENTS];
	size_t n_events;
	uint8_t bytes[LSA_BYTES_MAX]; /* the LSA that is being written */
	struct writer w;
};

/* What is told, in place of event.c. */
void event_tell(struct ospf *o, const struct speaker_event *e)
{
	struct stage *s = container_of(o, struct stage, o);

	assert_true(s->n_events < STAGE_EVENTS);
	s->events[s->n_events++] = *e;
}

static inline struct stage *stage_new(enum ospf_version v)
{
	struct stage *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->o.version = v;
	s->o.router = US;
	s->o.now = (struct instant){ INT64_C(1000000000000) };
	s->o.hash_seed = 7;
	s->o.settings.spf_delay = DURATION_MS(50);
	s->o.settings.spf_delay_max = DURATION_S(5);
	timers_init(&s->o.timers);
	list_init(&s->o.areas);
	list_init(&s->o.interfaces);
	hash_init(&s->o.prefixes);
	database_init(&s->o.as, &s->o, LSA_SCOPE_AS, 0);
	assert_int_equal(spf_init(&s->o), 0);
	return s;
}

static inline void stage_free(struct stage *s)
{
	spf_free(&s->o);
	database_done(&s->o.as);
	for (size_t k = 0; k < s->n_areas; k++)
		database_done(&s->areas[k].database);
	for (size_t k = 0; k < s->n_interfaces; k++)
		database_done(&s->interfaces[k].database);
	hash_done(&s->o.prefixes);
	timers_done(&s->o.timers);
	free(s);
}

static inline struct area *stage_area(struct stage *s, uint32_t id, enum ospf_area_kind kind)
{
	struct area *a = &s->areas[s->n_areas++];

	assert_true(s->n_areas <= STAGE_AREAS);
	a->id = id;
	a->kind = (uint8_t)kind;
	database_init(&a->database, &s->o, LSA_SCOPE_AREA, id);
	list_append(&s->o.areas, &a->link);
	return a;
}

/* `dr` 0: point-to-point. */
static inline struct ospf_interface *stage_interface(struct stage *s, struct area *a,
						     uint32_t index, uint16_t cost, uint32_t dr)
{
	struct ospf_interface *i = &s->interfaces[s->n_interfaces++];

	assert_true(s->n_interfaces <= STAGE_INTERFACES);
	i->of = &s->o;
	i->index = index;
	i->area = a;
	i->usable = true;
	i->settings.cost = cost;
	i->dr = dr;
	i->state = dr ? OSPF_INTERFACE_DR_OTHER : OSPF_INTERFACE_POINT_TO_POINT;
	list_init(&i->neighbors);
	database_init(&i->database, &s->o, LSA_SCOPE_LINK, index);
	list_append(&s->o.interfaces, &i->link);
	return i;
}

static inline struct ospf_neighbor *stage_neighbor(struct stage *s, struct ospf_interface *i,
						   uint32_t router, const struct address *address,
						   uint32_t interface_id)
{
	struct ospf_neighbor *n = &s->neighbors[s->n_neighbors++];

	assert_true(s->n_neighbors <= STAGE_NEIGHBORS);
	n->interface = i;
	n->router = router;
	n->address = *address;
	n->interface_id = interface_id;
	n->state = OSPF_NEIGHBOR_FULL;
	list_append(&i->neighbors, &n->link);
	return n;
}

static inline struct lsa_key stage_key(const struct stage *s, enum lsa_kind kind, uint32_t id,
				       uint32_t router)
{
	uint16_t type = lsa_type(s->o.version, kind);

	/* RFC 7770 2.1: with an ID that says so. */
	if (kind == LSA_ROUTER_INFO && s->o.version == OSPF_V2)
		type = LSA_V2_OPAQUE_AREA;
	return (struct lsa_key){ type, id, router };
}

/* An LSA: begun, written with lsa.h's writers into s->w, and put. */
static inline struct writer *stage_lsa(struct stage *s, enum lsa_kind kind, uint32_t id,
				       uint32_t router)
{
	struct lsa_header h = { .sequence = 1 };

	h.key = stage_key(s, kind, id, router);
	writer_init(&s->w, s->bytes, sizeof(s->bytes));
	(void)lsa_begin(s->o.version, &s->w, &h);
	return &s->w;
}

static inline void stage_install(struct stage *s, struct database *d, const uint8_t *bytes,
				 size_t length)
{
	struct lsa *l = lsa_new(s->o.version, bytes, length, s->o.now), *old;

	assert_non_null(l);
	assert_int_equal(lsa_check(s->o.version, bytes, length), LSA_GOOD);
	old = database_find(d, &l->header.key);
	if (old) {
		lsa_hold(old);
		database_remove(old);
	}
	assert_int_equal(database_add(d, l), 0);
	spf_lsa_changed(&s->o, old, l);
	if (old)
		lsa_release(old);
	lsa_release(l);
}

static inline void stage_put(struct stage *s, struct database *d)
{
	lsa_finish(&s->w, 0);
	assert_true(writer_ok(&s->w));
	stage_install(s, d, s->bytes, s->w.length);
}

static inline bool stage_remove(struct stage *s, struct database *d, enum lsa_kind kind,
				uint32_t id, uint32_t router)
{
	struct lsa_key k = stage_key(s, kind, id, router);
	struct lsa *l = database_find(d, &k);

	if (!l)
		return false;
	lsa_hold(l);
	database_remove(l);
	spf_lsa_changed(&s->o, l, NULL);
	lsa_release(l);
	return true;
}

/* All that is due now. */
static inline void stage_run(struct stage *s)
{
	struct timer *t;

	while ((t = timers_pop(&s->o.timers, s->o.now)))
		spf_due(&s->o);
}

static inline void stage_pass(struct stage *s, struct duration d)
{
	s->o.now = instant_add(s->o.now, d);
	stage_run(s);
}

/* All that is wanted, however long it is to wait. */
static inline void stage_settle(struct stage *s)
{
	stage_run(s);
	if (s->o.spf->work != SPF_NOTHING)
		stage_pass(s, instant_since(s->o.spf->due, s->o.now));
	assert_int_equal(s->o.spf->work, SPF_NOTHING);
	assert_int_equal(s->o.spf->table.dirty, 0);
}

/* A router-LSA, begun; links are written by stage_link(). */
static inline void stage_router(struct stage *s, uint32_t id, uint32_t router, uint8_t flags,
				uint32_t options)
{
	struct writer *w = stage_lsa(s, LSA_ROUTER, s->o.version == OSPF_V2 ? router : id, router);

	lsa_write_router(s->o.version, w, &(struct lsa_router){ flags, options });
}

static inline void stage_link(struct stage *s, const struct lsa_link *l)
{
	lsa_write_link(s->o.version, &s->w, 0, l);
}

static inline struct prefix stage_prefix(enum ospf_version v, uint32_t number, uint8_t length)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct address a = address_ipv4(number);

	if (v == OSPF_V2)
		return prefix_make(&a, length);
	memcpy(bytes + 4, a.bytes, 4);
	a = address_make(FAMILY_IPV6, bytes);
	return prefix_make(&a, (uint8_t)(32 + length));
}

static inline struct address stage_address(enum ospf_version v, uint32_t number)
{
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0xfe, 0x80 };
	struct address a = address_ipv4(number);

	if (v == OSPF_V2)
		return a;
	memcpy(bytes + 12, a.bytes, 4);
	return address_make(FAMILY_IPV6, bytes);
}

/* The route to the prefix; false: there is none. */
static inline bool stage_route(const struct stage *s, const struct prefix *p,
			       struct ospf_route_row *ret)
{
	size_t position = 0;

	while (ospf_route_row(&s->o, s->o.now, &position, ret))
		if (prefix_equal(&ret->route.prefix, p))
			return true;
	return false;
}

#endif
