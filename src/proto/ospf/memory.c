/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier life has written down, and how this one goes on with it: README.md, "A life after
 * a death". Notes come in before there is any interface. What they say is taken up interface by
 * interface, as these come up, and what is left when the restart is over is forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"
#include "proto/ospf/memory.h"

struct remembered_lsa {
	struct hash_node node; /* memory.lsas, by where it is and its key */
	struct note_lsa is;    /* without its bytes */
	uint16_t filled;
	uint8_t bytes[];
};

struct remembered_neighbor {
	struct list link; /* remembered_interface.neighbors */
	struct note_neighbor is;
};

struct remembered_interface {
	struct list link; /* memory.interfaces */
	struct note_interface is;
	struct list neighbors; /* struct remembered_neighbor */
};

struct memory {
	uint32_t router;
	uint32_t number; /* of the last note */
	bool broken;	 /* one is missing, or says what cannot be: none counts */
	struct hash lsas;
	struct list interfaces;		/* struct remembered_interface */
	struct remembered_lsa *filling; /* owned: not all of its bytes are there */
};

struct where {
	uint32_t scope, place, type, id, router;
};

static uint32_t where_hash(const struct ospf *o, const struct note_lsa *l)
{
	struct where w = { l->scope, l->place, l->key.type, l->key.id, l->key.router };

	return hash_keyed(o->memory->lsas.seed, &w, sizeof(w));
}

static struct remembered_lsa *lsa_find(const struct ospf *o, const struct note_lsa *l)
{
	uint32_t h = where_hash(o, l);

	for (struct hash_node *n = hash_first(&o->memory->lsas, h); n; n = hash_next(n, h)) {
		struct remembered_lsa *r = container_of(n, struct remembered_lsa, node);

		if (r->is.scope == l->scope && r->is.place == l->place &&
		    lsa_key_equal(&r->is.key, &l->key))
			return r;
	}
	return NULL;
}

static void lsa_forget(struct memory *m, struct remembered_lsa *r)
{
	hash_remove(&m->lsas, &r->node);
	free(r);
}

static void neighbor_forget(struct remembered_neighbor *n)
{
	list_remove(&n->link);
	free(n);
}

static void interface_forget(struct remembered_interface *i)
{
	list_each_entry_safe(struct remembered_neighbor, n, &i->neighbors, link)
		neighbor_forget(n);
	list_remove(&i->link);
	free(i);
}

static void clear(struct memory *m)
{
	struct hash_node *n;

	while ((n = hash_walk(&m->lsas, NULL)))
		lsa_forget(m, container_of(n, struct remembered_lsa, node));
	list_each_entry_safe(struct remembered_interface, i, &m->interfaces, link)
		interface_forget(i);
	free(m->filling);
	m->filling = NULL;
}

void memory_free(struct ospf *o)
{
	if (!o->memory)
		return;
	clear(o->memory);
	hash_done(&o->memory->lsas);
	free(o->memory);
	o->memory = NULL;
}

static struct memory *memory_new(struct ospf *o)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	hash_init(&m->lsas);
	hash_seed(&m->lsas, hash_seed_for(o->hash_seed, 3));
	list_init(&m->interfaces);
	return m;
}

static struct remembered_interface *interface_find(const struct memory *m, uint32_t index)
{
	list_each_entry(struct remembered_interface, i, &m->interfaces, link)
		if (i->is.index == index)
			return i;
	return NULL;
}

static struct remembered_neighbor *neighbor_find(const struct remembered_interface *i,
						 const struct note_neighbor *n)
{
	list_each_entry(struct remembered_neighbor, each, &i->neighbors, link)
		if (each->is.router == n->router && address_equal(&each->is.address, &n->address))
			return each;
	return NULL;
}

/* Each returns whether it can be so. */

static bool recall_begin(struct ospf *o, const struct note *n)
{
	struct memory *m = o->memory;

	clear(m);
	m->router = n->begin.router;
	return n->begin.version == o->version && m->router != 0;
}

static bool recall_interface(struct memory *m, const struct note_interface *n)
{
	struct remembered_interface *i = interface_find(m, n->index);
	struct instant alive = i ? i->is.alive : (struct instant){ 0 };

	if (!i) {
		i = calloc(1, sizeof(*i));
		if (!i)
			return false;
		list_init(&i->neighbors);
		list_append(&m->interfaces, &i->link);
	}
	i->is = *n;
	i->is.alive = alive;
	return (n->network == OSPF_BROADCAST) == (n->state >= OSPF_INTERFACE_DR_OTHER) &&
	       n->state > OSPF_INTERFACE_WAITING && n->state <= OSPF_INTERFACE_DR && n->dead.ns > 0;
}

static bool recall_alive(const struct memory *m, const struct note_interface *n)
{
	struct remembered_interface *i = interface_find(m, n->index);

	if (i)
		i->is.alive = n->alive;
	return true;
}

static bool recall_interface_gone(const struct memory *m, uint32_t index)
{
	struct remembered_interface *i = interface_find(m, index);

	if (i)
		interface_forget(i);
	return true;
}

static bool recall_neighbor(const struct memory *m, const struct note_neighbor *n, bool gone)
{
	struct remembered_interface *i = interface_find(m, n->interface);
	struct remembered_neighbor *each = i ? neighbor_find(i, n) : NULL;

	if (gone) {
		if (each)
			neighbor_forget(each);
		return true;
	}
	if (!i)
		return false;
	if (!each) {
		each = calloc(1, sizeof(*each));
		if (!each)
			return false;
		list_append(&i->neighbors, &each->link);
	}
	each->is = *n;
	return n->router != 0;
}

/* All of its bytes are there: it takes the place of the one before. */
static bool lsa_filled(struct ospf *o)
{
	struct memory *m = o->memory;
	struct remembered_lsa *r = m->filling, *before;
	struct lsa_header h;
	struct reader reader;

	m->filling = NULL;
	reader_init(&reader, r->bytes, r->filled);
	h = lsa_header_read(o->version, &reader);
	r->is.key = h.key;
	if (h.length != r->filled || !lsa_checksum_is_good(r->bytes, h.length) ||
	    lsa_check(o->version, r->bytes, h.length) != LSA_GOOD) {
		free(r);
		return false;
	}
	before = lsa_find(o, &r->is);
	if (before)
		lsa_forget(m, before);
	if (hash_insert(&m->lsas, &r->node, where_hash(o, &r->is)) < 0) {
		free(r);
		return false;
	}
	return true;
}

static bool recall_piece(struct ospf *o, const struct note_lsa *n)
{
	struct memory *m = o->memory;
	struct remembered_lsa *r;

	if (n->at == 0) {
		free(m->filling);
		m->filling = m->lsas.count < OSPF_LSAS_MAX ? malloc(sizeof(*r) + n->total) : NULL;
		if (!m->filling)
			return false;
		*m->filling = (struct remembered_lsa){ .is = *n };
	}
	r = m->filling;
	if (!r || n->at != r->filled || n->total != r->is.total)
		return false;
	memcpy(r->bytes + n->at, n->bytes, n->length);
	r->filled = (uint16_t)(r->filled + n->length);
	return r->filled < r->is.total || lsa_filled(o);
}

static bool recall_lsa_gone(struct ospf *o, const struct note_lsa *n)
{
	struct remembered_lsa *r = lsa_find(o, n);

	if (r)
		lsa_forget(o->memory, r);
	return true;
}

static bool recall(struct ospf *o, const struct note *n)
{
	struct memory *m = o->memory;

	switch ((enum note_kind)n->kind) {
	case NOTE_BEGIN:
		return recall_begin(o, n);
	case NOTE_INTERFACE:
		return recall_interface(m, &n->interface);
	case NOTE_ALIVE:
		return recall_alive(m, &n->interface);
	case NOTE_INTERFACE_GONE:
		return recall_interface_gone(m, n->interface.index);
	case NOTE_NEIGHBOR:
	case NOTE_NEIGHBOR_GONE:
		return recall_neighbor(m, &n->neighbor, n->kind == NOTE_NEIGHBOR_GONE);
	case NOTE_LSA:
		return recall_piece(o, &n->lsa);
	case NOTE_LSA_GONE:
		return recall_lsa_gone(o, &n->lsa);
	}
	return false;
}

void ospf_recall(struct ospf *o, const struct speaker_note *note)
{
	struct memory *m = o->memory;
	struct note n;
	bool good = note_decode(note->bytes, note->length, &n);

	if (!m)
		m = o->memory = memory_new(o);
	if (!m)
		return;
	/* Of what begins anew it does not matter what was before. */
	if (good && n.kind == NOTE_BEGIN)
		m->broken = false;
	else
		good = good && n.number == m->number + 1;
	if (m->broken)
		return;
	if (good) {
		m->number = n.number;
		good = recall(o, &n);
	}
	if (good)
		return;
	clear(m);
	m->broken = true;
}

static bool memory_is_good(const struct ospf *o)
{
	return o->memory && !o->memory->broken && !list_empty(&o->memory->interfaces);
}

static uint32_t memory_router(const struct ospf *o)
{
	return memory_is_good(o) ? o->memory->router : 0;
}

static void write_lsas(struct ospf *o)
{
	const struct hash_node *n = NULL;

	while (memory_is_good(o) && (n = hash_walk(&o->memory->lsas, n))) {
		const struct remembered_lsa *r = container_of(n, struct remembered_lsa, node);

		ledger_put_lsa(o, &r->is, r->bytes);
	}
}

static void write_rest(struct ospf *o)
{
	if (!memory_is_good(o))
		return;
	list_each_entry(const struct remembered_interface, i, &o->memory->interfaces, link) {
		struct note n = { .kind = NOTE_INTERFACE, .interface = i->is };

		ledger_put(o, &n);
		n.kind = NOTE_ALIVE;
		ledger_put(o, &n);
		list_each_entry(const struct remembered_neighbor, each, &i->neighbors, link) {
			n = (struct note){ .kind = NOTE_NEIGHBOR, .neighbor = each->is };
			ledger_put(o, &n);
		}
	}
}

/*
 * LSAs first: should it come no further, there is no neighbour that is believed to have been told
 * that we have them.
 */
void ospf_notes_again(struct ospf *o)
{
	if (!ledger_begin(o, memory_router(o) ? memory_router(o) : o->router))
		return;
	write_lsas(o);
	ledger_put_lsas(o);
	write_rest(o);
	ledger_put_rest(o);
}

bool ospf_note(struct ospf *o, struct speaker_note *ret)
{
	if (!o->ledger.on)
		ospf_notes_again(o);
	return ledger_take(o, ret);
}

void memory_end(struct ospf *o)
{
	bool left = memory_is_good(o) || (o->memory && o->memory->lsas.count > 0);

	memory_free(o);
	if (left && o->ledger.on)
		ospf_notes_again(o);
}

void ospf_forget(struct ospf *o)
{
	memory_end(o);
}

/* No neighbour there has given us up for being silent. */
static bool is_fresh(const struct ospf *o, const struct remembered_interface *r)
{
	struct duration ago = instant_since(o->now, r->is.alive);

	return ago.ns >= 0 && ago.ns < r->is.dead.ns;
}

bool memory_is_fresh(const struct ospf *o)
{
	if (!memory_is_good(o))
		return false;
	list_each_entry(const struct remembered_interface, i, &o->memory->interfaces, link)
		if (is_fresh(o, i))
			return true;
	return false;
}

static bool any_full(const struct remembered_interface *r)
{
	list_each_entry(const struct remembered_neighbor, n, &r->neighbors, link)
		if (n->is.full)
			return true;
	return false;
}

/* So that a neighbour that is there has not given us up, and sees nothing that is new to it. */
static bool goes_on(const struct ospf_interface *i, const struct remembered_interface *r)
{
	const struct ospf *o = i->of;
	const struct ospf_speech *s = &i->settings.is;
	const struct address *source = interface_source(i);

	return is_fresh(o, r) && r->is.area == i->area->id && r->is.area_kind == i->area->kind &&
	       r->is.network == s->network && r->is.instance == s->instance && source &&
	       address_equal(source, &r->is.source) &&
	       (s->priority > 0 || r->is.state < OSPF_INTERFACE_BACKUP) && !i->settings.passive &&
	       any_full(r);
}

static struct remembered_interface *remembered(const struct ospf_interface *i)
{
	const struct ospf *o = i->of;
	struct remembered_interface *r = NULL;

	if (o->restarting && memory_is_good(o) && o->memory->router == o->router)
		r = interface_find(o->memory, i->index);
	return r && goes_on(i, r) ? r : NULL;
}

uint8_t memory_state(struct ospf_interface *i)
{
	const struct remembered_interface *r = remembered(i);

	if (!r)
		return OSPF_INTERFACE_DOWN;
	i->dr = r->is.dr;
	i->bdr = r->is.bdr;
	return r->is.state;
}

/* It gets as old as it has become meanwhile: too old, it goes as any. */
static void lsa_take_up(struct ospf *o, struct database *d, struct remembered_lsa *r)
{
	struct duration ago = instant_since(o->now, r->is.installed);
	struct lsa *l = database_find(d, &r->is.key);
	struct reader reader;
	struct lsa_header h;
	int64_t age;

	reader_init(&reader, r->bytes, r->is.total);
	h = lsa_header_read(o->version, &reader);
	age = h.age + (ago.ns > 0 ? ago.ns / DURATION_S(1).ns : 0);
	if (l || !flood_has_room(o, NULL, h.length))
		return;
	lsa_set_age(r->bytes, (uint16_t)(age < LSA_AGE_MAX ? age : LSA_AGE_MAX));
	l = flood_install(o, d, r->bytes, h.length, NULL);
	if (!l)
		return;
	l->remembered = true;
	/* It did not come now: a newer one does not come too early. */
	if (!l->purged && ago.ns > 0) {
		l->installed = r->is.installed;
		l->header.age = h.age;
		lsa_set_age(l->bytes, h.age);
	}
	/* Who has come before is to have it too. */
	(void)flood_out(o, l, NULL);
}

static void database_take_up(struct ospf *o, struct database *d)
{
	struct memory *m = o->memory;
	struct hash_node *n = hash_walk(&m->lsas, NULL), *next;

	/* What we say there was written already. */
	o->ledger.quiet = true;
	for (; n; n = next) {
		struct remembered_lsa *r = container_of(n, struct remembered_lsa, node);

		next = hash_walk(&m->lsas, n);
		if (r->is.scope != d->scope || r->is.place != d->place)
			continue;
		lsa_take_up(o, d, r);
		lsa_forget(m, r);
	}
	o->ledger.quiet = false;
}

/* What it has acknowledged is not known: it is told all, and acknowledges what it has. */
static void tell_again(struct ospf_neighbor *n, const struct database *d)
{
	struct ospf *o = n->interface->of;

	for (struct lsa *l = NULL; (l = database_next(d, l));) {
		/* What it says itself it knows, and opaque ones are not for all: RFC 5250 3. */
		if (l->header.key.router == n->router ||
		    (o->version == OSPF_V2 && l->header.key.type >= LSA_V2_OPAQUE_LINK &&
		     l->header.key.type <= LSA_V2_OPAQUE_AS && !(n->options & OSPF_V2_O)))
			continue;
		if (retransmission_add(n, l) < 0) {
			n->pending |= NEIGHBOR_PENDING_MISMATCH;
			o->unsettled = true;
			return;
		}
		retransmission_missed(container_of(l->waiting.prev, struct retransmission, of_lsa));
	}
}

static void neighbor_take_up(struct ospf_interface *i, const struct note_neighbor *is)
{
	struct ospf *o = i->of;
	struct ospf_neighbor *n;

	if (is->router == o->router || ospf_neighbor_find(i, is->router) ||
	    neighbor_by_address(i, &is->address))
		return;
	n = neighbor_new(i, is->router, &is->address);
	if (!n)
		return;
	n->priority = is->priority;
	n->dr = is->dr;
	n->bdr = is->bdr;
	n->interface_id = is->interface_id;
	n->options = is->options;
	n->dd_options = is->dd_options;
	n->heard = o->now;
	neighbor_event(n, is->full ? NEIGHBOR_REMEMBERED_FULL : NEIGHBOR_REMEMBERED);
	if (n->state != OSPF_NEIGHBOR_FULL)
		return;
	tell_again(n, &i->database);
	tell_again(n, &i->area->database);
	if (i->area->kind == OSPF_AREA_NORMAL)
		tell_again(n, &o->as);
}

void memory_take_up(struct ospf_interface *i)
{
	struct ospf *o = i->of;
	struct remembered_interface *r = remembered(i);

	if (!r || i->state != r->is.state)
		return;
	database_take_up(o, &i->database);
	database_take_up(o, &i->area->database);
	if (i->area->kind == OSPF_AREA_NORMAL)
		database_take_up(o, &o->as);
	list_each_entry(const struct remembered_neighbor, n, &r->neighbors, link)
		neighbor_take_up(i, &n->is);
	event_note(o, i->index, NULL, "goes on where an earlier life has ended; neighbours: %u",
		   (unsigned)i->n_neighbors);
	interface_forget(r);
	/* Who is full counts as that from now on: nothing of ours has to wait for it. */
	restart_soon(o, PREFIXES_WAIT);
}

static bool any_stands_for(const struct ospf *o, const struct area *a)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if ((a ? i->area == a : i->area->kind == OSPF_AREA_NORMAL) && i->n_full > 0)
			return true;
	return false;
}

static void database_forget(struct ospf *o, const struct database *d)
{
	struct lsa *l = database_next(d, NULL), *next;

	for (; l; l = next) {
		next = database_next(d, l);
		if (l->remembered)
			own_forget(o, l);
	}
}

void memory_review(struct ospf *o)
{
	o->memory_doubted = false;
	list_each_entry(const struct area, a, &o->areas, link) {
		if (any_stands_for(o, a))
			continue;
		database_forget(o, &a->database);
		list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
			if (i->area == a)
				database_forget(o, &i->database);
	}
	if (!any_stands_for(o, NULL))
		database_forget(o, &o->as);
}
