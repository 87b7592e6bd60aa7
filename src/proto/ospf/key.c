/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of an interface: which one seals, which are accepted, and sequence numbers. As in RIP, when
 * no key may send the interface is mute; neighbours are not given up for it, they time out.
 *
 * RFC 2328 D.3: a number below the last one of the neighbour is not believed. RFC 7474 and RFC 7166
 * have one for each type of packet, because a long update may be overtaken, and each is good once.
 * The highest of each neighbour outlives it, and us, until it was silent for RouterDeadInterval.
 */
#include "proto/ospf/machine.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int64_t wall_s(const struct ospf *o, struct instant now)
{
	return o->wall_known ? keychain_wall_s(now, o->wall) : 0;
}

static bool key_is_there(const struct ospf_interface *i, size_t place)
{
	return i->secrets_known && (i->secrets >> place & 1);
}

/* No two packets of a type may have one number. */
static bool counts_each(const struct ospf_interface *i)
{
	return i->of->version == OSPF_V3 || i->settings.is.extended;
}

static void key_tell(struct ospf *o, const struct ospf_interface *i)
{
	struct speaker_event e = { .kind = SPEAKER_EVENT_SPEAKS, .interface = i->index };

	if (i->mute) {
		text_copy(e.text, sizeof(e.text),
			  "none of its keys can be used now: nothing is sent or accepted there");
	} else {
		e.key = i->settings.auth.keys[i->sealing].id;
		(void)snprintf(e.text, sizeof(e.text), "authenticates with key %u", e.key);
	}
	event_tell(o, &e);
}

bool ospf_key_is_ready(const struct ospf_interface *i)
{
	return i->settings.auth.type == AUTH_NONE || (i->secrets_known && !i->mute);
}

void ospf_key_review(struct ospf *o, struct instant now, struct ospf_interface *i)
{
	const struct keychain *a = &i->settings.auth;
	struct instant due = INSTANT_NEVER;
	uint8_t place;

	timer_stop(&o->timers, &i->key);
	interface_wants_output(i);
	if (a->type == AUTH_NONE || !i->secrets_known) {
		i->mute = false;
		i->sealing = KEYCHAIN_KEYS_MAX;
		return;
	}
	if (o->wall_known)
		due = keychain_next_change(a, now, o->wall);
	if (!instant_is_never(due))
		(void)timer_set(&o->timers, &i->key, due);
	place = keychain_choose(a, i->secrets, wall_s(o, now));
	if (place == KEYCHAIN_KEYS_MAX) {
		if (!i->mute) {
			i->mute = true;
			key_tell(o, i);
		}
	} else if (i->mute || i->sealing != place) {
		i->mute = false;
		i->sealing = place;
		key_tell(o, i);
	}
	i->sealing = place;
}

void ospf_clock(struct ospf *o, struct instant now, struct duration wall)
{
	o->now = now;
	o->wall = wall;
	o->wall_known = true;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		ospf_key_review(o, now, i);
}

void ospf_secrets(struct ospf *o, struct instant now, uint32_t index, uint32_t places)
{
	struct ospf_interface *i = ospf_interface_find(o, index);

	o->now = now;
	if (!i)
		return;
	i->secrets = places;
	i->secrets_known = true;
	ospf_key_review(o, now, i);
}

void ospf_key_stamp(struct ospf *o, struct instant now, struct ospf_interface *i,
		    struct ospf_packet *p)
{
	p->auth = i->settings.auth.type;
	if (p->auth == AUTH_NONE)
		return;
	p->key = i->settings.auth.keys[i->sealing].id;
	if (p->auth == AUTH_SIMPLE)
		return;
	p->extended = o->version == OSPF_V2 && i->settings.is.extended;
	p->sequence = counts_each(i) ? keychain_count_each(&o->counter, now, wall_s(o, now))
				     : keychain_count(&o->counter, now, wall_s(o, now));
}

/* The place among the numbers of a neighbour. */
static size_t slot_of(const struct ospf_interface *i, uint8_t type)
{
	return counts_each(i) ? type : 0;
}

/* The last number of whoever speaks from there; false: nothing is known of it. */
static bool last_number(const struct ospf *o, const struct ospf_interface *i,
			const struct ospf_neighbor *n, uint8_t type, const struct ospf_packet *p,
			uint64_t *ret)
{
	const struct sequence_heard *m;

	if (n && n->sequence_known) {
		*ret = n->sequence[slot_of(i, type)];
		return true;
	}
	m = sequences_find(o->sequences, &p->source, p->key);
	if (!m || instant_reached(instant_add(m->heard, i->settings.is.dead), o->now))
		return false;
	*ret = m->is.number;
	return true;
}

enum ospf_drop ospf_key_check(struct ospf *o, struct instant now, struct ospf_interface *i,
			      struct ospf_neighbor *n, uint8_t type, const struct ospf_packet *p)
{
	const struct keychain *a = &i->settings.auth;
	uint64_t last;
	size_t place;

	if (p->refused)
		return p->reason < OSPF_DROP_COUNT ? (enum ospf_drop)p->reason
						   : OSPF_DROP_AUTH_TYPE;
	/* Who opened it had another idea of the interface: it has not learned of the change yet. */
	if (a->type != p->auth)
		return a->type == AUTH_NONE   ? OSPF_DROP_AUTHENTICATION
		       : p->auth == AUTH_NONE ? OSPF_DROP_AUTH_MISSING
					      : OSPF_DROP_AUTH_TYPE;
	if (a->type == AUTH_NONE)
		return OSPF_DROP_COUNT;
	place = keychain_place(a, p->key);
	if (place == a->n_keys || !key_is_there(i, place) ||
	    !keychain_lifetime_has(&a->keys[place].accept, wall_s(o, now)))
		return OSPF_DROP_AUTH_KEY;
	if (a->type == AUTH_SIMPLE || !last_number(o, i, n, type, p, &last))
		return OSPF_DROP_COUNT;
	if (p->sequence < last || (p->sequence == last && counts_each(i)))
		return OSPF_DROP_AUTH_REPLAY;
	return OSPF_DROP_COUNT;
}

static void sequence_tell(struct ospf *o, const struct keychain_sequence *is)
{
	event_tell(o, &(struct speaker_event){
			      .kind = SPEAKER_EVENT_SEQUENCE,
			      .key = is->key,
			      .neighbor = is->neighbor,
			      .sequence = is->number,
		      });
}

void key_heard(struct ospf *o, struct ospf_neighbor *n, uint8_t type, const struct ospf_packet *p)
{
	struct ospf_interface *i = n->interface;
	struct keychain_sequence is = { .neighbor = p->source, .key = p->key };
	uint64_t last;

	if (i->settings.auth.type <= AUTH_SIMPLE)
		return;
	if (!n->sequence_known && last_number(o, i, n, type, p, &last))
		for (size_t k = 0; k < OSPF_PACKET_TYPES; k++)
			n->sequence[k] = last;
	n->sequence_known = true;
	n->sequence[slot_of(i, type)] = p->sequence;
	for (size_t k = 0; k < OSPF_PACKET_TYPES; k++)
		if (n->sequence[k] > is.number)
			is.number = n->sequence[k];
	if (sequences_note(o->sequences, o->now, &is))
		sequence_tell(o, &is);
}

void key_silent(struct ospf *o, struct ospf_neighbor *n)
{
	struct keychain_sequence is;

	n->sequence_known = false;
	memset(n->sequence, 0, sizeof(n->sequence));
	while (sequences_owed(o->sequences, o->now, &n->address, &is))
		sequence_tell(o, &is);
}

void ospf_sequence(struct ospf *o, uint64_t next)
{
	keychain_resume(&o->counter, next);
}

void ospf_sequence_heard(struct ospf *o, struct instant now, const struct keychain_sequence *s)
{
	o->now = now;
	sequences_resume(o->sequences, now, s);
}

bool ospf_sequence_next(const struct ospf *o, size_t *position, struct keychain_sequence *ret)
{
	return sequences_next(o->sequences, position, ret);
}

void ospf_key_describe(const struct ospf_interface *i, struct speaker_interface *ret)
{
	const struct keychain *a = &i->settings.auth;

	ret->auth = a->type;
	ret->n_keys = a->n_keys;
	ret->mute = i->mute;
	ret->key = a->type == AUTH_NONE || !ospf_key_is_ready(i) ? 0 : a->keys[i->sealing].id;
	for (size_t k = 0; k < a->n_keys; k++)
		ret->keys_missing =
			(uint8_t)(ret->keys_missing + (i->secrets_known && !key_is_there(i, k)));
}
