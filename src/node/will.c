/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records become a set of VIPs and a set of interfaces. To speak, the RIP speaker is given the
 * interfaces, told to announce everything and at once to withdraw it again: so the first word that
 * leaves it is the good-bye, in the form and at the pace in which it says everything else.
 */
#include "node/will.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/hash.h"
#include "base/list.h"
#include "net/prefix.h"
#include "node/protocol.h"

/*
 * A VIP with one of the masks that it has had: while it changes from one to the other both networks
 * may be announced.
 */
struct will_vip {
	struct list link;
	struct hash_node by_address;
	struct address address;
	uint8_t length;
	bool announced; /* by one of its records at least */
};

struct will_interface {
	struct list link;
	struct speaker_link spoken; /* with one source at least */
	struct speech_settings settings;
	uint32_t secrets; /* that have been found, by the places of the keys */
};

/* What the records up to some moment say. */
struct will_set {
	struct list vips, interfaces; /* owned */
	struct hash by_address;
	uint16_t tag;
	uint32_t sealed; /* the highest sequence number that may have been used */
};

struct will {
	struct will_set set;
	struct will_set snapshot; /* takes the place of the other at its end */
	bool in_snapshot;
	struct speaker *speakers[PROTOCOL_COUNT]; /* owned */
	size_t n_speakers;			  /* 0 before it begins, or without memory */
	bool begun;
	size_t unsaid; /* prefixes whose good-byes are still on their way */
};

static void set_init(struct will_set *s)
{
	list_init(&s->vips);
	list_init(&s->interfaces);
	hash_init(&s->by_address);
	s->tag = 0;
	s->sealed = 0;
}

static void vip_free(struct will_set *s, struct will_vip *v)
{
	hash_remove(&s->by_address, &v->by_address);
	list_remove(&v->link);
	free(v);
}

static void interface_free(struct will_interface *i)
{
	list_remove(&i->link);
	free(i);
}

static void set_done(struct will_set *s)
{
	list_each_safe(link, &s->vips)
		vip_free(s, container_of(link, struct will_vip, link));
	list_each_safe(link, &s->interfaces)
		interface_free(container_of(link, struct will_interface, link));
	hash_done(&s->by_address);
}

static void list_move(struct list *to, struct list *from)
{
	list_each_safe(link, from) {
		list_remove(link);
		list_append(to, link);
	}
}

/* The snapshot becomes what counts. */
static void set_replace(struct will_set *s, struct will_set *by)
{
	set_done(s);
	set_init(s);
	list_move(&s->vips, &by->vips);
	list_move(&s->interfaces, &by->interfaces);
	s->by_address = by->by_address;
	s->tag = by->tag;
	s->sealed = by->sealed;
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
	for (size_t k = 0; k < w->n_speakers; k++)
		speaker_free(w->speakers[k]);
	free(w);
}

/* The next entry of the address behind `n`; NULL when there is none. */
static struct will_vip *vip_from(struct hash_node *n, const struct address *a)
{
	for (; n; n = hash_next(n, n->hash)) {
		struct will_vip *v = container_of(n, struct will_vip, by_address);

		if (address_equal(&v->address, a))
			return v;
	}
	return NULL;
}

static struct will_vip *vip_first(const struct will_set *s, const struct address *a)
{
	return vip_from(hash_first(&s->by_address, address_hash(s->by_address.seed, a)), a);
}

static struct will_vip *vip_next(const struct will_vip *v)
{
	return vip_from(hash_next(&v->by_address, v->by_address.hash), &v->address);
}

static struct will_vip *vip_get(struct will_set *s, const struct address *a, uint8_t length)
{
	struct will_vip *v;

	for (v = vip_first(s, a); v; v = vip_next(v))
		if (v->length == length)
			return v;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->address = *a;
	v->length = length;
	if (hash_insert(&s->by_address, &v->by_address, address_hash(s->by_address.seed, a)) < 0) {
		free(v);
		return NULL;
	}
	list_append(&s->vips, &v->link);
	return v;
}

static int set_vip(struct will_set *s, const struct vip_settings *settings)
{
	struct will_vip *v = vip_get(s, &settings->address, settings->length);

	if (!v)
		return -ENOMEM;
	v->announced |= settings->announce;
	return 0;
}

static void set_gone(struct will_set *s, const struct address *a)
{
	struct will_vip *v;

	while ((v = vip_first(s, a)))
		vip_free(s, v);
}

static enum family link_family(const struct speaker_link *link)
{
	return (enum family)link->sources[0].address.family;
}

static struct will_interface *interface_find(const struct will_set *s, uint32_t index,
					     enum family family)
{
	list_each(link, &s->interfaces) {
		struct will_interface *i = container_of(link, struct will_interface, link);

		if (i->spoken.index == index && link_family(&i->spoken) == family)
			return i;
	}
	return NULL;
}

/* Good-bye is said from every address that was spoken from. */
static void source_add(struct speaker_link *link, const struct speaker_source *source)
{
	size_t k = 0;

	while (k < link->n_sources &&
	       !(address_equal(&link->sources[k].address, &source->address) &&
		 prefix_equal(&link->sources[k].network, &source->network)))
		k++;
	if (k == link->n_sources && k < SPEAKER_SOURCES_MAX)
		link->sources[link->n_sources++] = *source;
}

static int set_speaks(struct will_set *s, const struct saved *record)
{
	struct will_interface *i =
		interface_find(s, record->speaks.interface, (enum family)record->speaks.family);

	if (!i) {
		i = calloc(1, sizeof(*i));
		if (!i)
			return -ENOMEM;
		list_append(&s->interfaces, &i->link);
	}
	i->spoken.index = record->speaks.interface;
	i->spoken.usable = true;
	if (!record->speaks.beside)
		i->spoken.n_sources = 0;
	source_add(&i->spoken, &(struct speaker_source){ .address = record->speaks.source,
							 .network = record->speaks.network });
	i->settings = record->speaks.settings;
	s->tag = record->speaks.tag;
	return 0;
}

static void set_silent(struct will_set *s, uint32_t index, enum family family)
{
	struct will_interface *i = interface_find(s, index, family);

	if (i)
		interface_free(i);
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
		return set_vip(s, &record->vip.settings);
	case SAVED_GONE:
		set_gone(s, &record->address);
		return 0;
	case SAVED_SPEAKS:
		return set_speaks(s, record);
	case SAVED_SILENT:
		set_silent(s, record->speaks.interface, (enum family)record->speaks.family);
		return 0;
	case SAVED_SEALED:
		s->sealed = record->sealed > s->sealed ? record->sealed : s->sealed;
		return 0;
	case SAVED_UNBOUND:
	case SAVED_BOARD:
	case SAVED_NO_BOARD:
	case SAVED_STOPPING:
	case SAVED_SOURCE:
	case SAVED_SEQUENCE:
		/* They say what a later life does; what was announced, was announced. */
		return 0;
	}
	return 0;
}

static bool is_known(const struct will *w, const struct prefix *p)
{
	if (prefix_is_host(p))
		return vip_first(&w->set, &p->address) != NULL;
	list_each(link, &w->set.vips) {
		const struct will_vip *v = container_of(link, struct will_vip, link);
		struct prefix network = prefix_make(&v->address, v->length);

		if (prefix_equal(&network, p))
			return true;
	}
	return false;
}

int will_found(struct will *w, const struct prefix *p)
{
	struct will_vip *v;

	assert(!w->begun);
	if (is_known(w, p))
		return 0;
	v = vip_get(&w->set, &p->address, p->length);
	if (!v)
		return -ENOMEM;
	v->announced = true;
	return 1;
}

static bool is_spoken(const struct will *w, enum family family)
{
	list_each(link, &w->set.interfaces)
		if (link_family(&container_of(link, struct will_interface, link)->spoken) == family)
			return true;
	return false;
}

size_t will_vips(const struct will *w)
{
	size_t n[FAMILIES] = { 0 }, all = 0;

	list_each(link, &w->set.vips) {
		const struct will_vip *v = container_of(link, struct will_vip, link);

		n[family_index((enum family)v->address.family)] += v->announced;
	}
	for (size_t k = 0; k < FAMILIES; k++)
		all += is_spoken(w, family_at(k)) ? n[k] : 0;
	return all;
}

bool will_interface_next(const struct will *w, size_t *position, struct speaker_link *ret)
{
	size_t at = 0;

	list_each(link, &w->set.interfaces) {
		if (at++ < *position)
			continue;
		*position = at;
		*ret = container_of(link, struct will_interface, link)->spoken;
		return true;
	}
	return false;
}

const struct keychain *will_interface_auth(const struct will *w, const struct speaker_link *link)
{
	const struct will_interface *i = interface_find(&w->set, link->index, link_family(link));

	return i ? &i->settings.keys : NULL;
}

const struct speaker_class *will_interface_class(const struct will *w,
						 const struct speaker_link *link)
{
	enum family family = link_family(link);

	return interface_find(&w->set, link->index, family)
		       ? protocol_class((uint8_t)(family_index(family) + 1))
		       : NULL;
}

void will_interface_secrets(struct will *w, const struct speaker_link *link, uint32_t places)
{
	struct will_interface *i = interface_find(&w->set, link->index, link_family(link));

	if (i)
		i->secrets = places;
}

void will_interface_drop(struct will *w, const struct speaker_link *link)
{
	assert(!w->begun);
	set_silent(&w->set, link->index, link_family(link));
}

/* Good-byes that are out. */
static void will_hear(struct will *w)
{
	struct speaker_event e;

	for (size_t k = 0; k < w->n_speakers; k++)
		while (speaker_event(w->speakers[k], &e))
			if (e.kind == SPEAKER_EVENT_WITHDRAWN && w->unsaid > 0)
				w->unsaid--;
}

static struct speaker *speaker_of(const struct will *w, const struct address *a)
{
	return w->speakers[family_index((enum family)a->family)];
}

/* What cannot be done leaves the rest to be done: here, and for the VIPs below. */
static int speak(struct will *w, struct instant now)
{
	int error = 0;

	list_each(link, &w->set.interfaces) {
		const struct will_interface *i = container_of(link, struct will_interface, link);
		struct speaker *speaker = speaker_of(w, &i->spoken.sources[0].address);

		if (speaker_interface_set(speaker, now, i->spoken.index, &i->settings) < 0) {
			error = -ENOMEM;
			continue;
		}
		speaker_secrets(speaker, now, i->spoken.index, i->secrets);
		speaker_link(speaker, now, &i->spoken);
	}
	return error;
}

/* As the node has announced it: where RIP-1 carries no network, its VIPs stand for it. */
static int vip_announce(struct will *w, struct instant now, const struct will_vip *v)
{
	struct prefix host = prefix_host(&v->address);
	struct prefix network = prefix_make(&v->address, v->length);
	struct speaker *speaker = speaker_of(w, &v->address);
	int error;

	if (prefix_is_host(&network))
		return speaker_announce(speaker, now, &host, NULL, 0);
	error = speaker_announce(speaker, now, &network, NULL, 0);
	return error ? error : speaker_announce(speaker, now, &host, &network, 0);
}

static void prefix_withdraw(struct will *w, struct instant now, const struct prefix *p)
{
	/* Several VIPs of one network have one network to withdraw. */
	if (speaker_withdraw(speaker_of(w, &p->address), now, p) == 0)
		w->unsaid++;
}

static void vip_withdraw(struct will *w, struct instant now, const struct will_vip *v)
{
	struct prefix host = prefix_host(&v->address);
	struct prefix network = prefix_make(&v->address, v->length);

	prefix_withdraw(w, now, &host);
	if (!prefix_is_host(&network))
		prefix_withdraw(w, now, &network);
}

static int say_all(struct will *w, struct instant now)
{
	int error = 0;

	list_each(link, &w->set.vips) {
		const struct will_vip *v = container_of(link, struct will_vip, link);

		if (v->announced && vip_announce(w, now, v) < 0)
			error = -ENOMEM;
	}
	list_each(link, &w->set.vips) {
		const struct will_vip *v = container_of(link, struct will_vip, link);

		if (v->announced)
			vip_withdraw(w, now, v);
	}
	return error;
}

int will_begin(struct will *w, struct instant now, struct duration wall)
{
	int error;

	assert(!w->begun);
	w->begun = true;
	for (uint8_t k = 0; k < PROTOCOL_COUNT; k++) {
		const struct speaker_class *c = protocol_class(k + 1);
		struct speaker_settings settings = protocol_settings(k + 1);

		w->speakers[k] = c->make(c, &settings, 0, 0);
		if (!w->speakers[k])
			return -ENOMEM;
		w->speakers[k]->number = k + 1;
		w->n_speakers++;
		speaker_configure(w->speakers[k], now, &settings, w->set.tag);
		speaker_clock(w->speakers[k], now, wall);
		speaker_sequence(w->speakers[k], w->set.sealed);
	}
	speaker_reserve(w->speakers[0], w->set.by_address.count);
	error = speak(w, now);
	if (say_all(w, now) < 0)
		error = -ENOMEM;
	will_hear(w);
	return error;
}

/* A speaker begins with a question; nobody is left here to hear the answer. */
static bool answer_output(struct speaker *speaker, struct instant now, struct packet *ret)
{
	struct speaker_output out;

	while (speaker_output(speaker, now, &out)) {
		if (out.kind != SPEAKER_SEND || out.packet.question)
			continue;
		*ret = out.packet;
		ret->speaker = speaker->number;
		return true;
	}
	return false;
}

bool will_output(struct will *w, struct instant now, struct packet *ret)
{
	bool said = false;

	for (size_t k = 0; k < w->n_speakers && !said; k++)
		said = answer_output(w->speakers[k], now, ret);
	will_hear(w);
	return said;
}

struct instant will_deadline(const struct will *w)
{
	struct instant due = INSTANT_NEVER;

	for (size_t k = 0; k < w->n_speakers; k++)
		due = instant_min(due, speaker_deadline(w->speakers[k]));
	return due;
}

void will_tick(struct will *w, struct instant now)
{
	for (size_t k = 0; k < w->n_speakers; k++)
		speaker_tick(w->speakers[k], now);
	will_hear(w);
}

bool will_is_said(const struct will *w)
{
	return w->unsaid == 0;
}
