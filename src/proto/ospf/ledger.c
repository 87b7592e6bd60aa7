/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down, as notes that wait to be taken: one behind the other, as bytes. Nothing is
 * kept of what was taken; to write all anew is to look at what there is.
 */
#include "proto/ospf/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "proto/ospf/machine.h"

/* So much of others is written down; with more, a later life has to ask for it. */
#define LSAS_MAX 40000
#define LSA_BYTES_ALL (UINT32_C(8) << 20)

/* Nobody takes them. */
#define WAITING_MAX ((size_t)64 << 20)
#define WAITING_KEEP 65536 /* bytes of memory that are kept when none waits */

/* In a dead interval, at the most. */
#define ALIVE_PARTS 4

static void waiting_clear(struct ledger *g)
{
	free(g->bytes);
	g->bytes = NULL;
	g->first = g->end = g->capacity = 0;
}

void ledger_done(struct ospf *o)
{
	waiting_clear(&o->ledger);
}

static uint8_t *room_for(struct ledger *g, size_t length)
{
	size_t capacity = g->capacity ? g->capacity : 4096;
	uint8_t *bytes;

	if (g->first > g->capacity / 2) {
		memmove(g->bytes, g->bytes + g->first, g->end - g->first);
		g->end -= g->first;
		g->first = 0;
	}
	while (capacity < g->end + length)
		capacity *= 2;
	if (capacity > WAITING_MAX)
		return NULL;
	if (capacity > g->capacity) {
		bytes = realloc(g->bytes, capacity);
		if (!bytes)
			return NULL;
		g->bytes = bytes;
		g->capacity = capacity;
	}
	return g->bytes + g->end;
}

static bool append(struct ledger *g, struct note *n)
{
	uint8_t *to = room_for(g, sizeof(uint16_t) + SPEAKER_NOTE_MAX);
	uint16_t length;

	if (!to)
		return false;
	n->number = ++g->number;
	length = (uint16_t)note_encode(n, to + sizeof(length));
	memcpy(to, &length, sizeof(length));
	g->end += sizeof(length) + length;
	return true;
}

static bool append_begin(struct ospf *o, uint32_t router)
{
	struct note n = { .kind = NOTE_BEGIN, .begin = { (uint8_t)o->version, router } };

	o->ledger.router = router;
	return append(&o->ledger, &n);
}

/* What is written says nothing from now on, until all is written anew. */
static void give_up(struct ospf *o)
{
	struct ledger *g = &o->ledger;

	waiting_clear(g);
	g->closed = true;
	(void)append_begin(o, o->router);
}

static bool is_open(const struct ospf *o)
{
	const struct ledger *g = &o->ledger;

	return g->on && !g->closed && !g->quiet;
}

void ledger_put(struct ospf *o, struct note *n)
{
	if (is_open(o) && !append(&o->ledger, n))
		give_up(o);
}

void ledger_put_lsa(struct ospf *o, const struct note_lsa *whole, const uint8_t *bytes)
{
	for (size_t at = 0; at < whole->total; at += NOTE_PIECE_MAX) {
		struct note n = { .kind = NOTE_LSA, .lsa = *whole };
		size_t left = whole->total - at;

		n.lsa.at = (uint16_t)at;
		n.lsa.length = (uint16_t)(left < NOTE_PIECE_MAX ? left : NOTE_PIECE_MAX);
		n.lsa.bytes = bytes + at;
		ledger_put(o, &n);
	}
}

/* Whether there is something to be said of who we are now. */
static bool is_written(struct ospf *o)
{
	if (!is_open(o) || o->router == 0)
		return false;
	if (o->ledger.router != o->router && !append_begin(o, o->router))
		give_up(o);
	return is_open(o);
}

static bool is_too_much(const struct ospf *o)
{
	return o->n_lsas > LSAS_MAX || o->lsa_bytes > LSA_BYTES_ALL;
}

void ledger_lsa(struct ospf *o, const struct lsa *l)
{
	struct note_lsa whole = { .scope = (uint8_t)l->of->scope,
				  .place = l->of->place,
				  .installed = l->installed,
				  .total = l->header.length };

	if (!is_written(o))
		return;
	if (is_too_much(o))
		give_up(o);
	else
		ledger_put_lsa(o, &whole, l->bytes);
}

void ledger_lsa_gone(struct ospf *o, const struct lsa *l)
{
	struct note n = { .kind = NOTE_LSA_GONE,
			  .lsa = { .scope = (uint8_t)l->of->scope,
				   .place = l->of->place,
				   .key = l->header.key } };

	if (is_written(o))
		ledger_put(o, &n);
}

/* Written when it is another one than was written last; `noted` 0: none was. */
static void put_changed(struct ospf *o, struct note *n, uint32_t *noted)
{
	uint8_t bytes[SPEAKER_NOTE_MAX];
	uint32_t hash;

	n->number = 0;
	hash = hash_bytes(0, bytes, note_encode(n, bytes));
	hash += hash == 0;
	if (hash == *noted)
		return;
	*noted = hash;
	ledger_put(o, n);
}

/* There are adjacencies that last; else there is nothing to be taken up. */
static bool is_worth_it(const struct ospf_interface *i)
{
	return i->state > OSPF_INTERFACE_WAITING && ospf_interface_speaks(i) &&
	       interface_source(i) && !i->leaving;
}

static void put_alive(struct ospf_interface *i)
{
	struct note n = { .kind = NOTE_ALIVE,
			  .interface = { .index = i->index, .alive = i->alive } };

	ledger_put(i->of, &n);
}

void ledger_interface(struct ospf_interface *i)
{
	struct ospf *o = i->of;
	struct note n = { .kind = NOTE_INTERFACE, .interface.index = i->index };
	bool begins = i->noted == 0;

	if (!is_written(o))
		return;
	if (!is_worth_it(i)) {
		n.kind = NOTE_INTERFACE_GONE;
		if (!begins)
			ledger_put(o, &n);
		i->noted = 0;
		list_each_entry(struct ospf_neighbor, each, &i->neighbors, link)
			each->noted = 0;
		return;
	}
	n.interface = (struct note_interface){
		.index = i->index,
		.area = i->area->id,
		.area_kind = i->area->kind,
		.network = i->settings.is.network,
		.instance = i->settings.is.instance,
		.state = i->state,
		.dr = i->dr,
		.bdr = i->bdr,
		.source = *interface_source(i),
		.dead = i->settings.is.dead,
	};
	put_changed(o, &n, &i->noted);
	if (!begins)
		return;
	put_alive(i);
	list_each_entry(struct ospf_neighbor, each, &i->neighbors, link)
		ledger_neighbor(each);
}

void ledger_neighbor(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;
	bool full = n->state == OSPF_NEIGHBOR_FULL;
	struct note note = { .kind = NOTE_NEIGHBOR,
			     .neighbor = { .interface = n->interface->index,
					   .router = n->router,
					   .address = n->address,
					   .full = full,
					   .priority = n->priority,
					   .dr = n->dr,
					   .bdr = n->bdr,
					   .interface_id = n->interface_id,
					   .options = n->options,
					   .dd_options = n->dd_options } };

	if (!is_written(o) || n->interface->noted == 0)
		return;
	if (full || n->state == OSPF_NEIGHBOR_TWO_WAY) {
		put_changed(o, &note, &n->noted);
		return;
	}
	note.kind = NOTE_NEIGHBOR_GONE;
	if (n->noted != 0)
		ledger_put(o, &note);
	n->noted = 0;
}

void ledger_alive(struct ospf_interface *i)
{
	struct ospf *o = i->of;
	struct duration part = { i->settings.is.dead.ns / ALIVE_PARTS };

	if (i->alive.ns != 0 && !instant_reached(instant_add(i->alive, part), o->now))
		return;
	i->alive = o->now;
	if (is_written(o) && i->noted != 0)
		put_alive(i);
}

static void write_database(struct ospf *o, const struct database *d)
{
	for (const struct lsa *l = NULL; (l = database_next(d, l));)
		ledger_lsa(o, l);
}

bool ledger_begin(struct ospf *o, uint32_t router)
{
	struct ledger *g = &o->ledger;

	waiting_clear(g);
	g->on = true;
	g->closed = is_too_much(o);
	return router != 0 && append_begin(o, router) && !g->closed;
}

void ledger_put_lsas(struct ospf *o)
{
	write_database(o, &o->as);
	list_each_entry(const struct area, a, &o->areas, link)
		write_database(o, &a->database);
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		write_database(o, &i->database);
}

void ledger_put_rest(struct ospf *o)
{
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		i->noted = 0;
		list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
			n->noted = 0;
		ledger_interface(i);
	}
}

bool ledger_take(struct ospf *o, struct speaker_note *ret)
{
	struct ledger *g = &o->ledger;
	uint16_t length;

	if (g->first == g->end) {
		if (g->capacity > WAITING_KEEP)
			waiting_clear(g);
		g->first = g->end = 0;
		return false;
	}
	memcpy(&length, g->bytes + g->first, sizeof(length));
	ret->length = length;
	memcpy(ret->bytes, g->bytes + g->first + sizeof(length), length);
	g->first += sizeof(length) + length;
	return true;
}
