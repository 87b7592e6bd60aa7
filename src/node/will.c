/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records are a list of what was said of VIPs, and a set of good-byes. Each good-bye goes over
 * all prefixes three times, as everything that matters is said, because packets get lost; and no
 * faster than its speaker would, but for a beginning in haste, so that the receive buffers of
 * routers hold it.
 */
#include "node/will.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/list.h"
#include "net/prefix.h"
#include "node/protocol.h"

#define ROUNDS 3
#define BURST 32  /* packets that may leave at once, */
#define AHEAD 128 /* and so many more of the first round */

static const int64_t round_delays_ms[ROUNDS] = { 0, 20, 100 };

/* What a record says of an address, or the kernel. */
enum entry_kind {
	ENTRY_SAID,   /* a VIP that may have been announced */
	ENTRY_UNSAID, /* or not */
	ENTRY_GONE,   /* what was said of it before counts no more */
	ENTRY_FOUND,  /* by the kernel alone: an address or a network */
};

struct will_entry {
	struct prefix is; /* the VIP, and the length of its network */
	size_t order;
	enum entry_kind kind;
};

struct will_farewell {
	struct list link;
	struct saved_farewell is;
	uint32_t secrets;     /* that have been found, by the places of the keys */
	uint8_t round;	      /* ROUNDS: all is said */
	uint8_t copy;	      /* the destination that the packet goes to next */
	size_t at;	      /* the first prefix of that packet */
	struct instant paced; /* when the packets so far would have left at an even pace */
};

/* What is to be named. */
struct will_prefix {
	struct prefix is;
	bool stands_in; /* a host of a network, for who cannot carry that */
	bool said, known;
};

/* What the records up to some moment say. */
struct will_set {
	struct will_entry *entries; /* owned */
	size_t n, capacity;
	struct list farewells; /* owned */
	/* The highest sequence numbers that may have been used, by speakers; 0: by any. */
	uint64_t sealed[SPEAKERS_MAX + 1];
};

struct will {
	struct will_set set;
	struct will_set snapshot; /* takes the place of the other at its end */
	bool in_snapshot;
	struct will_prefix *prefixes; /* owned; from here on when it has begun */
	size_t n_prefixes;
	struct will_count count;
	struct keychain_counter counters[SPEAKERS_MAX + 1];
	bool begun;
	struct instant begin;
	struct duration wall;
};

static void set_init(struct will_set *s)
{
	memset(s, 0, sizeof(*s));
	list_init(&s->farewells);
}

static struct will_farewell *farewell_at(struct list *link)
{
	return container_of(link, struct will_farewell, link);
}

static void farewell_free(struct will_farewell *f)
{
	list_remove(&f->link);
	free(f);
}

static void set_done(struct will_set *s)
{
	list_each_safe(link, &s->farewells)
		farewell_free(farewell_at(link));
	free(s->entries);
}

/* The snapshot becomes what counts. */
static void set_replace(struct will_set *s, struct will_set *by)
{
	set_done(s);
	*s = *by;
	list_init(&s->farewells);
	list_each_safe(link, &by->farewells) {
		list_remove(link);
		list_append(&s->farewells, link);
	}
	set_init(by);
}

struct will *will_new(void)
{
	struct will *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	set_init(&w->set);
	set_init(&w->snapshot);
	return w;
}

void will_free(struct will *w)
{
	if (!w)
		return;
	set_done(&w->set);
	set_done(&w->snapshot);
	free(w->prefixes);
	free(w);
}

static int entry_add(struct will_set *s, const struct address *a, uint8_t length,
		     enum entry_kind kind)
{
	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 256;
		struct will_entry *more = reallocarray(s->entries, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->entries = more;
		s->capacity = capacity;
	}
	s->entries[s->n] = (struct will_entry){ { *a, length }, s->n, kind };
	s->n++;
	return 0;
}

/* Of the same speaker, on the same interface. */
static bool is_beside(const struct saved_farewell *a, const struct saved_farewell *b)
{
	return a->speaker == b->speaker && a->is.interface == b->is.interface;
}

static void set_mute(struct will_set *s, const struct saved_farewell *f)
{
	list_each_safe(link, &s->farewells) {
		struct will_farewell *other = farewell_at(link);

		if (is_beside(&other->is, f))
			farewell_free(other);
	}
}

static int set_farewell(struct will_set *s, const struct saved_farewell *f)
{
	struct will_farewell *new = calloc(1, sizeof(*new));

	if (!f->beside)
		set_mute(s, f);
	if (!new)
		return -ENOMEM;
	new->is = *f;
	list_append(&s->farewells, &new->link);
	return 0;
}

static void set_sealed(struct will_set *s, const struct saved_sealed *sealed)
{
	if (sealed->number > s->sealed[sealed->speaker])
		s->sealed[sealed->speaker] = sealed->number;
}

int will_record(struct will *w, const struct saved *record)
{
	struct will_set *s = w->in_snapshot ? &w->snapshot : &w->set;

	assert(!w->begun);
	switch ((enum saved_kind)record->kind) {
	case SAVED_BEGIN:
		set_done(&w->snapshot);
		set_init(&w->snapshot);
		w->in_snapshot = true;
		return 0;
	case SAVED_END:
		if (w->in_snapshot)
			set_replace(&w->set, &w->snapshot);
		w->in_snapshot = false;
		return 0;
	case SAVED_VIP:
		return entry_add(s, &record->vip.settings.address, record->vip.settings.length,
				 record->vip.settings.announce ? ENTRY_SAID : ENTRY_UNSAID);
	case SAVED_GONE:
		return entry_add(s, &record->address, 0, ENTRY_GONE);
	case SAVED_FAREWELL:
		return set_farewell(s, &record->farewell);
	case SAVED_MUTE:
		set_mute(s, &record->farewell);
		return 0;
	case SAVED_SEALED:
		set_sealed(s, &record->sealed);
		return 0;
	case SAVED_SPEAKS:
	case SAVED_SILENT:
	case SAVED_UNBOUND:
	case SAVED_BOARD:
	case SAVED_NO_BOARD:
	case SAVED_STOPPING:
	case SAVED_SOURCE:
	case SAVED_SEQUENCE:
	case SAVED_IDENTITY:
	case SAVED_NOTE:
		/* They say what a later life does; what was announced, was announced. */
		return 0;
	}
	return 0;
}

int will_found(struct will *w, const struct prefix *p)
{
	assert(!w->begun);
	return entry_add(&w->set, &p->address, p->length, ENTRY_FOUND);
}

const struct saved_farewell *will_farewell_next(const struct will *w, size_t *position)
{
	size_t at = 0;

	list_each(link, &w->set.farewells) {
		if (at++ < *position)
			continue;
		*position = at;
		return &farewell_at(link)->is;
	}
	return NULL;
}

static struct will_farewell *farewell_of(const struct saved_farewell *f)
{
	return container_of(f, struct will_farewell, is);
}

void will_secrets(struct will *w, const struct saved_farewell *f, uint32_t places)
{
	(void)w;
	farewell_of(f)->secrets = places;
}

void will_drop(struct will *w, const struct saved_farewell *f)
{
	assert(!w->begun);
	farewell_free(farewell_of(f));
}

static int entry_order(const void *first, const void *second)
{
	const struct will_entry *a = first, *b = second;
	int order = address_compare(&a->is.address, &b->is.address);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int prefix_order(const void *first, const void *second)
{
	const struct will_prefix *a = first, *b = second;
	int order = address_compare(&a->is.address, &b->is.address);

	order = order ? order : a->is.length - b->is.length;
	return order ? order : b->known - a->known;
}

/* While a VIP changes its mask both networks may be announced. */
static void entry_name(struct will *w, const struct will_entry *e)
{
	struct prefix network = prefix_make(&e->is.address, e->is.length);
	struct will_prefix p = { .is = network,
				 .said = e->kind != ENTRY_UNSAID,
				 .known = e->kind != ENTRY_FOUND };

	w->prefixes[w->n_prefixes++] = p;
	if (!p.known || prefix_is_host(&network))
		return;
	p.is = prefix_host(&e->is.address);
	p.stands_in = true;
	w->prefixes[w->n_prefixes++] = p;
}

/* Another record of the same prefix; what the kernel says is of no account where there is one. */
static void prefix_unite(struct will_prefix *p, const struct will_prefix *other)
{
	if (!other->said || (p->known && !other->known))
		return;
	p->stands_in = other->stands_in && (p->stands_in || !p->said);
	p->said = true;
}

static bool is_spoken(const struct will *w, enum family family)
{
	list_each(link, &w->set.farewells) {
		uint8_t about = farewell_at(link)->is.is.family;

		if (about == family || about == FAMILY_NONE)
			return true;
	}
	return false;
}

/* Several VIPs of one network have one network to withdraw. */
static void prefixes_unite(struct will *w)
{
	size_t all = w->n_prefixes, end;

	qsort(w->prefixes, all, sizeof(*w->prefixes), prefix_order);
	w->n_prefixes = 0;
	for (size_t k = 0; k < all; k = end) {
		struct will_prefix p = w->prefixes[k];

		for (end = k + 1; end < all && prefix_equal(&w->prefixes[end].is, &p.is); end++)
			prefix_unite(&p, &w->prefixes[end]);
		if (!p.said)
			continue;
		w->count.unknown += !p.known;
		w->count.vips +=
			prefix_is_host(&p.is) && is_spoken(w, (enum family)p.is.address.family);
		w->prefixes[w->n_prefixes++] = p;
	}
}

static int prefixes_make(struct will *w)
{
	struct will_set *s = &w->set;
	const struct will_entry *gone = NULL;

	/* One more, so that there is something to have. */
	w->prefixes = calloc(2 * s->n + 1, sizeof(*w->prefixes));
	if (!w->prefixes)
		return -ENOMEM;
	if (s->n > 0)
		qsort(s->entries, s->n, sizeof(*s->entries), entry_order);
	for (size_t k = s->n; k-- > 0;) {
		const struct will_entry *e = &s->entries[k];

		if (e->kind == ENTRY_GONE)
			gone = e;
		else if (!gone || !address_equal(&gone->is.address, &e->is.address))
			entry_name(w, e);
	}
	prefixes_unite(w);
	return 0;
}

/* The place of the next prefix that it names, from a place on. */
static size_t named_from(const struct will *w, const struct farewell *f, size_t at)
{
	while (at < w->n_prefixes && (w->prefixes[at].is.address.family != f->family ||
				      (w->prefixes[at].stands_in && !f->hosts)))
		at++;
	return at;
}

static void round_begin(struct will *w, struct will_farewell *v)
{
	v->at = v->is.is.n_entry ? named_from(w, &v->is.is, 0) : 0;
	/* It has nobody to name. */
	if (v->is.is.n_entry && v->at == w->n_prefixes)
		v->round = ROUNDS;
}

int will_begin(struct will *w, struct instant now, struct duration wall)
{
	int error = prefixes_make(w);

	assert(!w->begun);
	w->begun = true;
	w->begin = now;
	w->wall = wall;
	for (size_t k = 0; k <= SPEAKERS_MAX; k++) {
		keychain_resume(&w->counters[k], w->set.sealed[k]);
		keychain_resume(&w->counters[k], w->set.sealed[0]);
	}
	list_each(link, &w->set.farewells) {
		struct will_farewell *v = farewell_at(link);

		v->paced = now;
		round_begin(w, v);
	}
	return error;
}

struct will_count will_count(const struct will *w)
{
	return w->count;
}

static struct duration step_of(const struct will_farewell *v)
{
	return (struct duration){ DURATION_S(1).ns / v->is.is.pace };
}

static struct instant farewell_due(const struct will *w, const struct will_farewell *v)
{
	int64_t ahead = BURST + (v->round == 0 ? AHEAD : 0);
	struct instant gate = { v->paced.ns - ahead * step_of(v).ns };

	if (v->round == ROUNDS)
		return INSTANT_NEVER;
	return instant_max(gate, instant_add(w->begin, DURATION_MS(round_delays_ms[v->round])));
}

/* Whoever hears one of a speaker may hear all that it says on the interface. */
static void pace_spend(struct will *w, struct instant now, const struct will_farewell *v)
{
	struct instant paced = instant_add(instant_max(v->paced, now), step_of(v));

	list_each(link, &w->set.farewells)
		if (is_beside(&farewell_at(link)->is, &v->is))
			farewell_at(link)->paced = paced;
}

static void entry_write(const struct farewell *f, const struct prefix *p, uint8_t *entry)
{
	memcpy(entry, f->entry, f->n_entry);
	memcpy(entry + f->address_at, p->address.bytes, family_bytes((enum family)f->family));
	for (size_t k = 0; f->mask_at && k < 4; k++)
		entry[f->mask_at + k] = (uint8_t)(prefix_ipv4_mask(p->length) >> (8 * (3 - k)));
	if (f->length_at)
		entry[f->length_at] = p->length;
}

/* Writes what it has to say from its place on; returns the place behind it. */
static size_t packet_fill(const struct will *w, const struct will_farewell *v, struct packet *ret)
{
	const struct farewell *f = &v->is.is;
	size_t at = v->at;

	memcpy(ret->bytes, f->head, f->n_head);
	ret->length = f->n_head;
	for (size_t n = 0; n < f->entries_max && f->n_entry && at < w->n_prefixes; n++) {
		entry_write(f, &w->prefixes[at].is, ret->bytes + ret->length);
		ret->length = (uint16_t)(ret->length + f->n_entry);
		at = named_from(w, f, at + 1);
	}
	return f->n_entry ? at : w->n_prefixes;
}

/* Says with what the packet is to be sealed; false: no key can be used now. */
static bool packet_stamp(struct will *w, struct instant now, const struct will_farewell *v,
			 struct packet *ret)
{
	const struct keychain *keys = &v->is.is.keys;
	struct keychain_counter *counter = &w->counters[v->is.speaker];
	int64_t wall_s = (now.ns + w->wall.ns) / DURATION_S(1).ns;
	uint8_t place = keychain_choose(keys, v->secrets, wall_s);

	if (keys->type == AUTH_NONE)
		return true;
	if (place == KEYCHAIN_KEYS_MAX)
		return false;
	ret->auth = keys->type;
	ret->key = keys->keys[place].id;
	if (v->is.is.each)
		ret->sequence = keychain_count_each(counter, now, wall_s);
	else if (keys->type != AUTH_SIMPLE)
		ret->sequence = keychain_count(counter, now, wall_s);
	return true;
}

static bool farewell_say(struct will *w, struct instant now, struct will_farewell *v,
			 struct packet *ret)
{
	const struct farewell *f = &v->is.is;
	size_t behind;

	memset(ret, 0, sizeof(*ret));
	ret->speaker = v->is.speaker;
	ret->interface = f->interface;
	ret->socket = f->socket;
	ret->hop_limit = f->hop_limit;
	ret->source = f->source;
	ret->source_port = ret->destination_port = f->port;
	ret->destination = f->destinations[v->copy];
	if (!packet_stamp(w, now, v, ret)) {
		v->round = ROUNDS;
		return false;
	}
	behind = packet_fill(w, v, ret);
	pace_spend(w, now, v);
	if (++v->copy < f->n_destinations)
		return true;
	v->copy = 0;
	v->at = behind;
	if (behind == w->n_prefixes) {
		v->round++;
		round_begin(w, v);
	}
	return true;
}

bool will_output(struct will *w, struct instant now, struct packet *ret)
{
	list_each_safe(link, &w->set.farewells) {
		struct will_farewell *v = farewell_at(link);

		if (!instant_reached(farewell_due(w, v), now) || !farewell_say(w, now, v, ret))
			continue;
		/* Next time it is another one's turn. */
		list_remove(&v->link);
		list_append(&w->set.farewells, &v->link);
		return true;
	}
	return false;
}

struct instant will_deadline(const struct will *w)
{
	struct instant due = INSTANT_NEVER;

	list_each(link, &w->set.farewells)
		due = instant_min(due, farewell_due(w, farewell_at(link)));
	return due;
}

bool will_is_said(const struct will *w)
{
	return instant_is_never(will_deadline(w));
}
