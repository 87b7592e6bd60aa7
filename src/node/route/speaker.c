/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speakers of the node: a table of instances, whatever their protocols are. What comes for one
 * of them goes to it by its number, what is asked of all goes to each that carries the family, and
 * what they have to send and to say is taken out here.
 */
#include <errno.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "node/route/route.h"

/* Uses of the node's seed from here on: one for each protocol, then one for each one's tables. */
#define SEED_SPEAKERS 3
#define SEED_TABLES (SEED_SPEAKERS + PROTOCOL_COUNT)

static void table_free(struct speaker *const *speakers, size_t count)
{
	for (size_t k = 0; k < count; k++)
		speaker_free(speakers[k]);
}

void speakers_free(struct node *n)
{
	table_free(n->routing->speakers, n->routing->n_speakers);
	n->routing->n_speakers = 0;
}

int speakers_new(struct node *n, uint64_t seed)
{
	struct routing *r = n->routing;
	struct speaker *made[PROTOCOL_COUNT];

	for (uint8_t k = 0; k < PROTOCOL_COUNT; k++) {
		const struct speaker_class *c = protocol_class(k + 1);

		if (r->protocols[k + 1].protocol == 0)
			r->protocols[k + 1] = protocol_settings(k + 1);
		made[k] = c->make(c, &r->protocols[k + 1], hash_seed_for(seed, SEED_SPEAKERS + k),
				  hash_seed_for(seed, SEED_TABLES + k));
		if (!made[k]) {
			table_free(made, k);
			return -ENOMEM;
		}
		made[k]->number = k + 1;
	}
	speakers_free(n);
	memcpy(r->speakers, made, sizeof(made));
	r->n_speakers = PROTOCOL_COUNT;
	r->identified = false;
	memset(r->taken_up, 0, sizeof(r->taken_up));
	return 0;
}

struct speaker *speakers_add(struct node *n, const struct speaker_class *c,
			     const struct speaker_settings *s, uint64_t seed, uint64_t hash_seed)
{
	struct routing *r = n->routing;
	struct speaker *sp = r->n_speakers < SPEAKERS_MAX ? c->make(c, s, seed, hash_seed) : NULL;

	if (!sp)
		return NULL;
	r->fed[r->n_speakers] = true;
	r->speakers[r->n_speakers++] = sp;
	sp->number = (uint16_t)r->n_speakers;
	return sp;
}

struct speaker *speaker_numbered(const struct node *n, uint16_t number)
{
	return number >= 1 && number <= n->routing->n_speakers ? n->routing->speakers[number - 1]
							       : NULL;
}

/* The first of the family from a place on, which is moved behind it; NULL: there is none. */
static struct speaker *next_of(const struct node *n, enum family family, size_t *at)
{
	while (*at < n->routing->n_speakers) {
		struct speaker *sp = n->routing->speakers[(*at)++];

		if (family == FAMILY_NONE || speaker_carries(sp, family))
			return sp;
	}
	return NULL;
}

static struct speaker *next_for(const struct node *n, const struct prefix *p, size_t *at)
{
	return next_of(n, (enum family)p->address.family, at);
}

/*
 * Our mark must be ours alone and outlive a restart: it is made from the lowest MAC address of the
 * host, which has both properties.
 */
static uint16_t mark_make(const struct node *n)
{
	const uint8_t none[6] = { 0 }, *lowest = NULL;

	list_each(link, &n->routing->links) {
		const struct interface *i = &container_of(link, struct link, link)->interface;

		if (i->kind == INTERFACE_PHYSICAL && memcmp(i->mac, none, 6) != 0 &&
		    (!lowest || memcmp(i->mac, lowest, 6) < 0))
			lowest = i->mac;
	}
	return lowest ? (uint16_t)(1 + hash_bytes(0, lowest, 6) % UINT16_MAX) : 0;
}

void speakers_configure(struct node *n)
{
	struct routing *r = n->routing;
	uint16_t mark = mark_make(n);

	for (size_t k = 0; k < r->n_speakers; k++)
		if (r->speakers[k]->class->protocol < PROTOCOL_END)
			speaker_configure(r->speakers[k], n->now,
					  &r->protocols[r->speakers[k]->class->protocol], mark);
}

/* Some rule says how its protocol is spoken: one of these, or one of those in force. */
static bool speaks_one_of(const struct speaker *sp, const struct rule_speech *speeches,
			  size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (speeches[k].settings.protocol == sp->class->protocol)
			return true;
	return false;
}

static bool is_spoken(const struct node *n, const struct speaker *sp)
{
	return speaks_one_of(sp, n->routing->speeches, n->routing->n_speeches);
}

bool speakers_feed(struct node *n, const size_t by_family[FAMILIES])
{
	static const enum family families[] = { FAMILY_IPV4, FAMILY_IPV6 };
	struct routing *r = n->routing;
	bool any = false;

	for (size_t k = 0; k < r->n_speakers; k++) {
		if (r->fed[k] || !is_spoken(n, r->speakers[k]))
			continue;
		any = r->fed[k] = true;
		for (size_t of = 0; of < ARRAY_LENGTH(families); of++)
			if (speaker_carries(r->speakers[k], families[of]))
				speaker_reserve(r->speakers[k],
						by_family[family_index(families[of])]);
	}
	return any;
}

/*
 * The highest IPv4 address of the physical interfaces: no VIP, which another host may have
 * tomorrow. Where all of them are unnumbered it is the one that they borrow, for want of another.
 * It is kept for as long as there are records, because another one makes all neighbours begin anew.
 */
static uint32_t identity_make(const struct node *n)
{
	uint32_t highest = 0;

	list_each_entry(const struct link, l, &n->routing->links, link) {
		for (size_t k = 0; l->interface.kind == INTERFACE_PHYSICAL && k < l->n_addresses;
		     k++) {
			const struct address *a = &l->addresses[k].address;

			if (a->family == FAMILY_IPV4 && address_ipv4_number(a) > highest)
				highest = address_ipv4_number(a);
		}
	}
	for (size_t k = 0; highest == 0 && k < n->routing->n_speeches; k++) {
		const struct address *a = &n->routing->speeches[k].settings.borrowed;

		highest = address_is_set(a) ? address_ipv4_number(a) : 0;
	}
	return highest;
}

/* Some protocol that is spoken names routers by a number. */
static bool identity_is_wanted(const struct node *n)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		if (n->routing->speakers[k]->class->identity &&
		    is_spoken(n, n->routing->speakers[k]))
			return true;
	return false;
}

void speakers_identify(struct node *n)
{
	struct routing *r = n->routing;

	if (r->identified || !n->synced || !identity_is_wanted(n))
		return;
	if (r->identity == 0) {
		r->identity = identity_make(n);
		if (r->identity == 0)
			return;
		save_put(n, &(struct saved){ .kind = SAVED_IDENTITY, .identity = r->identity });
	}
	r->identified = true;
	for (size_t k = 0; k < r->n_speakers; k++)
		speaker_identity(r->speakers[k], n->now, r->identity);
}

/* Number 0 is of all. */
static bool is_of(const struct speaker *sp, uint16_t number)
{
	return number == 0 || number == sp->number;
}

void speakers_restore_sealed(struct node *n, const struct saved_sealed *s)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		struct speaker *sp = n->routing->speakers[k];
		uint64_t *sealed = &n->routing->sealed[sp->number];

		if (!is_of(sp, s->speaker) || s->number <= *sealed)
			continue;
		*sealed = s->number;
		speaker_sequence(sp, s->number);
	}
}

void speakers_restore_sequence(struct node *n, const struct saved_sequence *s)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		if (is_of(n->routing->speakers[k], s->speaker))
			speaker_sequence_heard(n->routing->speakers[k], n->now, &s->is);
}

void speakers_restore_left(struct node *n, uint16_t number)
{
	if (number <= SPEAKERS_MAX)
		n->routing->left[number] = true;
}

void speakers_forget_left(struct node *n)
{
	memset(n->routing->left, 0, sizeof(n->routing->left));
}

void speakers_restore_note(struct node *n, const struct saved_note *s)
{
	struct speaker *sp = speaker_numbered(n, s->speaker);

	if (sp && !n->routing->taken_up[s->speaker])
		speaker_recall(sp, &s->is);
}

bool speaker_may_speak(const struct node *n, const struct speaker *sp)
{
	return n->synced || !n->routing->left[sp->number];
}

void speaker_take_up(struct node *n, struct speaker *sp)
{
	struct routing *r = n->routing;

	if (r->taken_up[sp->number])
		return;
	r->taken_up[sp->number] = true;
	if (r->left[sp->number])
		speaker_restart(sp, n->now);
	else
		speaker_forget(sp);
}

static void notes_save(struct node *n, struct speaker *sp)
{
	struct saved s = { .kind = SAVED_NOTE, .note.speaker = sp->number };

	while (speaker_note(sp, &s.note.is))
		save_put(n, &s);
}

/* Not before it is known what an earlier life has written. */
static void notes_pump(struct node *n, struct speaker *sp)
{
	if (n->routing->taken_up[sp->number])
		notes_save(n, sp);
}

static void sealed_save(struct node *n, uint16_t number, uint64_t sealed)
{
	n->routing->sealed[number] = sealed;
	save_put(n, &(struct saved){ .kind = SAVED_SEALED, .sealed = { number, sealed } });
}

void speakers_save(struct node *n)
{
	if (n->routing->identity)
		save_put(n, &(struct saved){ .kind = SAVED_IDENTITY,
					     .identity = n->routing->identity });
	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		struct speaker *sp = n->routing->speakers[k];
		struct saved s = { .kind = SAVED_SEQUENCE, .sequence.speaker = sp->number };

		if (n->routing->sealed[sp->number] > 0)
			sealed_save(n, sp->number, n->routing->sealed[sp->number]);
		for (size_t at = 0; speaker_sequence_next(sp, &at, &s.sequence.is);)
			save_put(n, &s);
		speaker_notes_again(sp);
		notes_save(n, sp);
	}
}

void speakers_clock(struct node *n, struct duration wall)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		speaker_clock(n->routing->speakers[k], n->now, wall);
}

void speakers_tick(struct node *n)
{
	for (size_t k = 0; k < n->routing->n_speakers; k++)
		speaker_tick(n->routing->speakers[k], n->now);
}

struct instant speakers_deadline(const struct node *n)
{
	struct instant due = INSTANT_NEVER;

	for (size_t k = 0; k < n->routing->n_speakers; k++)
		due = instant_min(due, speaker_deadline(n->routing->speakers[k]));
	return due;
}

void speakers_input(struct node *n, const struct input *in)
{
	uint16_t number = in->kind == INPUT_PACKET   ? in->packet.speaker
			  : in->kind == INPUT_OPENED ? in->stream.speaker
			  : in->kind == INPUT_STREAM ? in->piece.speaker
						     : in->change.speaker;
	struct speaker *sp = speaker_numbered(n, number);

	if (!sp)
		return;
	if (in->kind == INPUT_PACKET)
		speaker_packet(sp, n->now, &in->packet);
	else if (in->kind == INPUT_OPENED)
		speaker_opened(sp, n->now, &in->stream);
	else if (in->kind == INPUT_STREAM)
		speaker_piece(sp, n->now, &in->piece);
	else if (in->kind == INPUT_CREDIT)
		speaker_credit(sp, n->now, &in->change);
	else
		speaker_closed(sp, n->now, &in->change);
}

bool speakers_speak(const struct node *n, enum family family)
{
	struct speaker *sp;

	for (size_t at = 0; (sp = next_of(n, family, &at));)
		if (n->routing->speaks[at - 1])
			return true;
	return false;
}

/*
 * The next of the family from a place on that is spoken by some rule; where none is, the first one
 * stands for them.
 */
static struct speaker *next_spoken(const struct node *n, enum family family, size_t *at)
{
	bool begins = *at == 0;
	struct speaker *sp;
	size_t first = 0;

	while ((sp = next_of(n, family, at)))
		if (is_spoken(n, sp))
			return sp;
	if (begins)
		return next_of(n, family, &first);
	return NULL;
}

const char *speakers_nobody(const struct node *n, enum family family)
{
	size_t at = 0;
	const struct speaker *first = next_spoken(n, family, &at);

	if (first && is_spoken(n, first) && !next_spoken(n, family, &at))
		return first->class->nobody;
	return "not announced: no interface speaks a routing protocol that carries it now";
}

static struct duration longer(struct duration a, struct duration b)
{
	return a.ns > b.ns ? a : b;
}

struct speaker_pace speakers_pace(const struct node *n, enum family family)
{
	struct speaker_pace all = { 0 };
	struct speaker *sp;
	bool first = true;

	for (size_t at = 0; (sp = next_spoken(n, family, &at)); first = false) {
		struct speaker_pace p = speaker_pace(sp);

		if (first)
			all = p;
		if (p.metric_last > all.metric_last)
			all.metric_last = p.metric_last;
		all.repeat = longer(all.repeat, p.repeat);
		all.patience = longer(all.patience, p.patience);
		all.settle = longer(all.settle, p.settle);
	}
	return all;
}

int speakers_check_metric(const struct node *n, const struct rule_speech *speeches, size_t count,
			  const struct vip_settings *v, char *sentence, size_t size)
{
	const struct speaker *sp;
	uint32_t max = 0, first = 0;

	for (size_t at = 0; (sp = next_of(n, (enum family)v->address.family, &at));) {
		first = first ? first : sp->class->metric_max;
		if (speaks_one_of(sp, speeches, count) && sp->class->metric_max > max)
			max = sp->class->metric_max;
	}
	max = max ? max : first;
	if (v->metric <= max)
		return 0;
	return text_refuse(sentence, size, "metric %u is unreachable: it must be 1 to %u",
			   v->metric, max);
}

void speakers_reserve(struct node *n, enum family family, size_t count)
{
	struct speaker *sp;

	for (size_t at = 0; (sp = next_of(n, family, &at));)
		if (n->routing->fed[at - 1])
			speaker_reserve(sp, count);
}

void speakers_announce(struct node *n, const struct prefix *p, const struct prefix *stands_for,
		       uint32_t metric)
{
	struct speaker *sp;

	/* What is too much for one that is spoken beside others is its own last one there. */
	for (size_t at = 0; (sp = next_for(n, p, &at));)
		if (n->routing->fed[at - 1])
			(void)speaker_announce(sp, n->now, p, stands_for,
					       metric > sp->class->metric_max
						       ? speaker_pace(sp).metric_last
						       : metric);
}

bool speakers_withdraw(struct node *n, const struct prefix *p)
{
	bool any = false;
	struct speaker *sp;

	for (size_t at = 0; (sp = next_for(n, p, &at));)
		any |= speaker_withdraw(sp, n->now, p) == 0;
	return any;
}

bool speakers_told(const struct node *n, const struct prefix *p, unsigned *ret_accepted)
{
	unsigned sum = 0, accepted;
	bool all = true;
	struct speaker *sp;

	for (size_t at = 0; (sp = next_for(n, p, &at));) {
		all &= speaker_told(sp, p, &accepted);
		sum += accepted;
	}
	if (ret_accepted)
		*ret_accepted = sum;
	return all;
}

bool speakers_rival(const struct node *n, const struct prefix *p, struct route_heard *ret)
{
	struct speaker *sp;

	for (size_t at = 0; (sp = next_for(n, p, &at));)
		if (speaker_rival(sp, p, ret))
			return true;
	return false;
}

bool speakers_heard(const struct node *n, const struct prefix *p, struct route_heard *ret)
{
	struct speaker *sp;

	for (size_t at = 0; (sp = next_for(n, p, &at));)
		if (speaker_heard(sp, n->now, p, ret))
			return true;
	return false;
}

bool speakers_neighbor_next(const struct node *n, struct speaker_walk *at, struct neighbor *ret)
{
	struct instant now = instant_max(n->now, at->now);

	for (; at->speaker < n->routing->n_speakers; at->speaker++, at->position = 0)
		if (speaker_neighbor_next(n->routing->speakers[at->speaker], now, &at->position,
					  ret))
			return true;
	return false;
}

bool speakers_interface_next(const struct node *n, struct speaker_walk *at,
			     struct speaker_interface *ret)
{
	struct instant now = instant_max(n->now, at->now);

	for (; at->speaker < n->routing->n_speakers; at->speaker++, at->position = 0)
		if (speaker_interface_next(n->routing->speakers[at->speaker], now, &at->position,
					   ret))
			return true;
	return false;
}

bool speakers_rival_next(const struct node *n, struct speaker_walk *at, struct prefix *ret_prefix,
			 struct route_heard *ret)
{
	for (; at->speaker < n->routing->n_speakers; at->speaker++, at->position = 0)
		if (speaker_rival_next(n->routing->speakers[at->speaker], &at->position, ret_prefix,
				       ret))
			return true;
	return false;
}

bool speakers_accepted_by(const struct node *n, const struct neighbor *info, const struct prefix *p)
{
	const struct speaker *sp = speaker_numbered(n, info->speaker);

	return sp && speaker_proof(sp, p, info->interface, &info->address) == PROOF_ACCEPTED;
}

static void note_neighbor(struct node *n, const struct speaker_event *e, const char *reason)
{
	struct event event = { .kind = EVENT_NEIGHBOR, .neighbor = e->neighbor };

	text_copy(event.interface, sizeof(event.interface), link_name(n, e->interface));
	text_copy(event.reason, sizeof(event.reason), reason);
	node_event(n, &event);
}

static void tell(struct node *n, enum route_event_kind kind, const struct speaker_event *e)
{
	n->routing->tell(n, &(struct route_event){ .kind = kind,
						   .interface = e->interface,
						   .neighbor = e->neighbor,
						   .prefix = e->prefix,
						   .metric = e->metric });
}

/* It is withdrawn when the last of those that announced it has said so. */
static bool is_leaving(const struct node *n, const struct prefix *p)
{
	struct speaker *sp;

	for (size_t at = 0; (sp = next_for(n, p, &at));)
		if (speaker_leaving(sp, p))
			return true;
	return false;
}

static void take_event(struct node *n, const struct speaker *sp, const struct speaker_event *e)
{
	switch ((enum speaker_event_kind)e->kind) {
	case SPEAKER_EVENT_NEIGHBOR_UP:
		n->routing->watches_dirty = true;
		note_neighbor(n, e, "up");
		tell(n, ROUTE_NEIGHBOR_UP, e);
		break;
	case SPEAKER_EVENT_NEIGHBOR_DOWN:
		n->routing->watches_dirty = true;
		note_neighbor(n, e, "down");
		learned_router_lost(n, e->interface, &e->neighbor);
		tell(n, ROUTE_NEIGHBOR_DOWN, e);
		break;
	case SPEAKER_EVENT_ACCEPTED:
		tell(n, ROUTE_ACCEPTED, e);
		break;
	case SPEAKER_EVENT_UNACCEPTED:
		tell(n, ROUTE_UNACCEPTED, e);
		break;
	case SPEAKER_EVENT_ANNOUNCED:
		tell(n, ROUTE_ANNOUNCED, e);
		break;
	case SPEAKER_EVENT_WITHDRAWN:
		if (!is_leaving(n, &e->prefix))
			tell(n, ROUTE_WITHDRAWN, e);
		break;
	case SPEAKER_EVENT_RIVAL:
		tell(n, ROUTE_RIVAL, e);
		break;
	case SPEAKER_EVENT_RIVAL_SURE:
		tell(n, ROUTE_RIVAL_SURE, e);
		break;
	case SPEAKER_EVENT_RIVAL_GONE:
		tell(n, ROUTE_RIVAL_GONE, e);
		break;
	case SPEAKER_EVENT_RESCUE:
		node_note(n, EVENT_RESCUE, link_name(n, e->interface), "%s", e->text);
		break;
	case SPEAKER_EVENT_SPEAKS:
		node_note(n, EVENT_INTERFACE, link_name(n, e->interface), "%s", e->text);
		link_speaks_changed(n);
		break;
	case SPEAKER_EVENT_NOTE:
		note_neighbor(n, e, e->text);
		break;
	case SPEAKER_EVENT_SEQUENCE:
		save_put(n, &(struct saved){
				    .kind = SAVED_SEQUENCE,
				    .sequence = { .speaker = sp->number,
						  .is = { e->neighbor, e->key, e->sequence } } });
		break;
	case SPEAKER_EVENT_SOURCE_GONE:
		n->routing->watches_dirty = true;
		node_note(n, EVENT_INTERFACE, link_name(n, e->interface),
			  "its address %s is gone or deprecated: what neighbours have accepted by "
			  "it they have to show again",
			  ADDRESS_TEXT(&e->neighbor));
		tell(n, ROUTE_SOURCE_GONE, e);
		break;
	case SPEAKER_EVENT_LEFT:
		n->routing->watches_dirty = true;
		link_left(n, e->interface, sp);
		break;
	}
}

static void take_output(struct node *n, const struct speaker *sp, struct speaker_output *out)
{
	struct effect e = { .kind = EFFECT_SEND };
	uint64_t written;

	switch ((enum speaker_output_kind)out->kind) {
	case SPEAKER_SEND:
		e.send = out->packet;
		e.send.speaker = sp->number;
		written = keychain_written(n->routing->sealed[sp->number], e.send.sequence);
		if (written > n->routing->sealed[sp->number])
			sealed_save(n, sp->number, written);
		break;
	case SPEAKER_OPEN:
		e.kind = EFFECT_OPEN;
		e.stream = out->stream;
		e.stream.speaker = sp->number;
		break;
	case SPEAKER_STREAM:
		e.kind = EFFECT_STREAM;
		e.piece = out->piece;
		e.piece.speaker = sp->number;
		break;
	case SPEAKER_CLOSE:
		e.kind = EFFECT_CLOSE;
		e.change = out->change;
		e.change.speaker = sp->number;
		break;
	}
	node_effect_put(n, &e);
}

/* Takes out what one speaker has to send and to tell; false: that was nothing. */
static bool pump_one(struct node *n, struct speaker *sp)
{
	struct speaker_output out;
	struct speaker_event event;
	bool any = false;

	while (speaker_output(sp, n->now, &out)) {
		notes_pump(n, sp);
		take_output(n, sp, &out);
		any = true;
	}
	notes_pump(n, sp);
	while (speaker_event(sp, &event)) {
		take_event(n, sp, &event);
		any = true;
	}
	return any;
}

void speakers_pump(struct node *n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t k = 0; k < n->routing->n_speakers; k++)
			more |= pump_one(n, n->routing->speakers[k]);
	}
}
