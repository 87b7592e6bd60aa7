/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/fixture_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/hash.h"

struct flight {
	struct list link;
	struct instant arrives;
	struct fixture_end *from;
	struct ospf_packet packet;
	uint8_t bytes[];
};

struct fixture *fixture_new(enum ospf_version v, uint64_t seed)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->version = v;
	f->now = (struct instant){ DURATION_S(1000).ns };
	random_init(&f->random, seed);
	timers_init(&f->timers);
	list_init(&f->routers);
	list_init(&f->wires);
	list_init(&f->flight);
	return f;
}

void fixture_free(struct fixture *f)
{
	list_each_entry_safe(struct flight, p, &f->flight, link)
		free(p);
	list_each_entry_safe(struct fixture_wire, w, &f->wires, link) {
		list_each_entry_safe(struct fixture_end, e, &w->ends, link)
			free(e);
		free(w);
	}
	list_each_entry_safe(struct fixture_router, r, &f->routers, link) {
		timer_stop(&f->timers, &r->due);
		ospf_free(r->ospf);
		free(r);
	}
	timers_done(&f->timers);
	free(f);
}

struct fixture_router *fixture_router(struct fixture *f, const struct ospf_settings *s)
{
	struct fixture_router *r = calloc(1, sizeof(*r));
	struct ospf_settings settings;

	ospf_settings_default(&settings);
	if (s)
		settings = *s;
	r->of = f;
	r->number = ++f->n_routers;
	settings.router_id = r->number;
	r->ospf = ospf_new(f->version, &settings, random_next(&f->random), random_next(&f->random));
	timer_init(&r->due, 0);
	list_append(&f->routers, &r->link);
	return r;
}

struct fixture_wire *fixture_wire(struct fixture *f)
{
	struct fixture_wire *w = calloc(1, sizeof(*w));

	w->number = ++f->n_wires;
	w->mtu = 1500;
	w->delay = (struct duration){ 100000 };
	list_init(&w->ends);
	list_append(&f->wires, &w->link);
	return w;
}

static struct address address_of(const struct fixture_router *r, const struct fixture_wire *w)
{
	uint8_t six[ADDRESS_BYTES_MAX] = {
		0xfe, 0x80, [14] = (uint8_t)(r->number >> 8), [15] = (uint8_t)r->number
	};

	if (r->of->version == OSPF_V3)
		return address_make(FAMILY_IPV6, six);
	return address_ipv4(0x0a000000 | w->number << 8 | r->number);
}

void fixture_link(struct fixture_end *e, bool up)
{
	struct speaker_link link = speaker_link_make(e->index, up, &e->address,
						     e->router->of->version == OSPF_V2 ? 24 : 64);

	e->up = up;
	ospf_link(e->router->ospf, e->router->of->now, &link, e->wire->mtu);
	fixture_drain(e->router);
}

struct fixture_end *fixture_join(struct fixture_router *r, struct fixture_wire *w,
				 const struct ospf_interface_settings *s)
{
	struct fixture_end *e = calloc(1, sizeof(*e));
	struct ospf_interface_settings settings;

	ospf_interface_settings_default(&settings);
	if (s)
		settings = *s;
	e->router = r;
	e->wire = w;
	e->index = w->number;
	e->address = address_of(r, w);
	list_append(&w->ends, &e->link);
	r->n_interfaces++;
	if (ospf_interface_set(r->ospf, r->of->now, e->index, &settings) < 0)
		abort();
	fixture_link(e, true);
	return e;
}

struct fixture_end *fixture_end_of(const struct fixture_router *r, const struct fixture_wire *w)
{
	list_each_entry(struct fixture_end, e, &w->ends, link)
		if (e->router == r)
			return e;
	return NULL;
}

static struct fixture_wire *wire_of(const struct fixture *f, uint32_t number)
{
	list_each_entry(struct fixture_wire, w, &f->wires, link)
		if (w->number == number)
			return w;
	return NULL;
}

static void send(struct fixture_router *r, const struct ospf_packet *p)
{
	struct fixture *f = r->of;
	struct fixture_wire *w = wire_of(f, p->interface);
	struct fixture_end *e = w ? fixture_end_of(r, w) : NULL;
	struct flight *t;
	struct list *at;

	f->sent++;
	f->bytes += p->length;
	if (!e || (w->tap && !w->tap(w->tap_of, p)) || w->cut || !e->up ||
	    random_below(&f->random, 1000) < w->loss)
		return;
	t = malloc(sizeof(*t) + p->length);
	t->arrives = instant_add(f->now, w->delay);
	t->from = e;
	t->packet = *p;
	memcpy(t->bytes, p->bytes, p->length);
	t->packet.bytes = t->bytes;
	/* Wires have different delays; on one of them packets stay in their order. */
	for (at = f->flight.prev;
	     at != &f->flight &&
	     instant_before(t->arrives, container_of(at, struct flight, link)->arrives);)
		at = at->prev;
	list_insert_before(at->next, &t->link);
}

void fixture_drain(struct fixture_router *r)
{
	struct fixture *f = r->of;
	struct ospf_packet p;
	struct speaker_event e;
	struct instant due;
	bool more = true;

	if (r->asleep) {
		timer_stop(&f->timers, &r->due);
		return;
	}
	while (more) {
		more = false;
		for (; ospf_output(r->ospf, f->now, &p); more = true)
			send(r, &p);
		for (; ospf_event(r->ospf, &e); more = true) {
			r->events[e.kind]++;
			if (e.kind == SPEAKER_EVENT_NOTE)
				memcpy(r->note, e.text, sizeof(r->note));
		}
	}
	due = ospf_deadline(r->ospf);
	if (instant_is_never(due))
		timer_stop(&f->timers, &r->due);
	else
		(void)timer_set(&f->timers, &r->due, due);
}

static bool is_for(const struct ospf_packet *p, const struct fixture_end *e)
{
	return address_is_multicast(&p->destination) || address_equal(&p->destination, &e->address);
}

static void arrive(struct fixture *f, struct flight *t)
{
	struct fixture_wire *w = t->from->wire;

	list_each_entry(struct fixture_end, e, &w->ends, link) {
		struct ospf_packet p = t->packet;

		if (e == t->from || w->cut || !e->up || e->router->asleep || !is_for(&p, e))
			continue;
		p.interface = e->index;
		if (p.hop_limit == 0)
			p.hop_limit = 1;
		f->arrived++;
		ospf_input(e->router->ospf, f->now, &p);
		fixture_drain(e->router);
	}
}

/* The next thing that happens until then; false: nothing does. */
static bool step(struct fixture *f, struct instant until)
{
	struct flight *t =
		list_empty(&f->flight) ? NULL : container_of(f->flight.next, struct flight, link);
	struct instant due = timers_deadline(&f->timers);
	struct timer *timer;

	if (t && !instant_before(due, t->arrives)) {
		if (!instant_reached(t->arrives, until))
			return false;
		f->now = instant_max(f->now, t->arrives);
		list_remove(&t->link);
		arrive(f, t);
		free(t);
		return true;
	}
	if (!instant_reached(due, until))
		return false;
	f->now = instant_max(f->now, due);
	timer = timers_pop(&f->timers, f->now);
	if (timer) {
		struct fixture_router *r = container_of(timer, struct fixture_router, due);

		if (!r->asleep)
			ospf_tick(r->ospf, f->now);
		fixture_drain(r);
	}
	return true;
}

void fixture_run(struct fixture *f, struct duration time)
{
	struct instant until = instant_add(f->now, time);

	while (step(f, until))
		;
	f->now = until;
}

bool fixture_until(struct fixture *f, struct duration limit, bool (*is_so)(void *of), void *of)
{
	struct instant until = instant_add(f->now, limit);

	while (!is_so(of))
		if (!step(f, until)) {
			f->now = until;
			return is_so(of);
		}
	return true;
}

bool fixture_neighbor(const struct fixture_router *r, const struct fixture_wire *w, uint32_t number,
		      struct ospf_neighbor_row *ret)
{
	size_t position = 0;

	while (ospf_neighbor_row(r->ospf, r->of->now, &position, ret))
		if (ret->interface == w->number && ret->router == number)
			return true;
	*ret = (struct ospf_neighbor_row){ 0 };
	return false;
}

bool fixture_interface(const struct fixture_router *r, const struct fixture_wire *w,
		       struct ospf_interface_row *ret)
{
	size_t position = 0;

	while (ospf_interface_row(r->ospf, r->of->now, &position, ret))
		if (ret->interface == w->number)
			return true;
	*ret = (struct ospf_interface_row){ 0 };
	return false;
}

bool fixture_lsa(const struct fixture_router *r, uint16_t type, uint32_t id, uint32_t router,
		 struct ospf_lsa_row *ret)
{
	size_t position = 0;

	while (ospf_lsa_row(r->ospf, r->of->now, &position, ret))
		if (ret->header.key.type == type && ret->header.key.id == id &&
		    ret->header.key.router == router)
			return true;
	*ret = (struct ospf_lsa_row){ 0 };
	return false;
}

uint32_t fixture_database(const struct fixture_router *r, enum lsa_scope scope, uint64_t *ret_sum)
{
	struct ospf_lsa_row row;
	size_t position = 0;
	uint64_t sum = 0;
	uint32_t n = 0;

	while (ospf_lsa_row(r->ospf, r->of->now, &position, &row)) {
		if (row.scope != scope)
			continue;
		n++;
		sum += hash_bytes(row.area, row.bytes + 2, row.header.length - 2u);
	}
	*ret_sum = sum;
	return n;
}

bool fixture_is_synchronized(void *fixture)
{
	struct fixture *f = fixture;
	uint64_t first[2] = { 0 }, sum;
	bool begun = false;

	list_each_entry(struct fixture_router, r, &f->routers, link) {
		if (r->asleep)
			continue;
		for (int k = 0; k < 2; k++) {
			(void)fixture_database(r, k == 0 ? LSA_SCOPE_AREA : LSA_SCOPE_AS, &sum);
			if (begun && sum != first[k])
				return false;
			first[k] = sum;
		}
		begun = true;
	}
	return true;
}

bool fixture_is_settled(void *fixture)
{
	struct fixture *f = fixture;
	struct ospf_neighbor_row row;

	list_each_entry(struct fixture_router, r, &f->routers, link) {
		size_t position = 0;

		while (!r->asleep && ospf_neighbor_row(r->ospf, f->now, &position, &row))
			if (row.state != OSPF_NEIGHBOR_FULL && row.state != OSPF_NEIGHBOR_TWO_WAY)
				return false;
	}
	return true;
}

size_t fixture_lsa_make(enum ospf_version v, const struct lsa_key *k, int32_t sequence,
			uint16_t age, size_t length, uint8_t *to)
{
	struct lsa_header h = { .age = age, .key = *k, .sequence = sequence };
	struct writer w;
	size_t start;

	writer_init(&w, to, length);
	start = lsa_begin(v, &w, &h);
	writer_zeros(&w, length - w.length);
	lsa_finish(&w, start);
	return w.length;
}
