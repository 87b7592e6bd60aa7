/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/speaker.h"

#include <errno.h>
#include <string.h>

struct speaker_link speaker_link_make(uint32_t index, bool usable, const struct address *address,
				      uint8_t length)
{
	return (struct speaker_link){
		.index = index,
		.usable = usable,
		.n_sources = 1,
		.sources = { { .address = *address, .network = prefix_make(address, length) } },
	};
}

const struct address *speaker_link_source(const struct speaker_link *link,
					  const struct address *peer)
{
	const struct speaker_source *best = NULL;

	for (size_t k = 0; k < link->n_sources; k++) {
		const struct speaker_source *s = &link->sources[k];

		if (prefix_contains(&s->network, peer) &&
		    (!best || s->network.length > best->network.length))
			best = s;
	}
	if (!best && link->n_sources > 0)
		best = &link->sources[0];
	return best ? &best->address : NULL;
}

size_t speaker_seal(const struct speaker_class *c, const struct keyring *keys,
		    const struct packet *p, const uint8_t *bytes, size_t length, uint8_t *to)
{
	if (c->seal)
		return c->seal(keys, p, bytes, length, to);
	memcpy(to, bytes, length);
	return length;
}

bool speaker_carries(const struct speaker *sp, enum family family)
{
	return sp->class->families >> family_index(family) & 1;
}

uint32_t speaker_dropped(const struct speaker *sp, const uint32_t drops[NEIGHBOR_DROPS_MAX],
			 enum drop_about about, uint8_t *ret_worst)
{
	uint32_t sum = 0, most = 0;

	for (uint8_t k = 0; k < sp->class->n_drops; k++) {
		if (sp->class->drop_about(k) != about || drops[k] == 0)
			continue;
		sum += drops[k];
		if (drops[k] > most && ret_worst)
			*ret_worst = k;
		most = drops[k] > most ? drops[k] : most;
	}
	return sum;
}

void speaker_free(struct speaker *sp)
{
	if (sp)
		sp->class->free(sp);
}

void speaker_configure(struct speaker *sp, struct instant now, const struct speaker_settings *s,
		       uint16_t mark)
{
	if (sp->class->configure)
		sp->class->configure(sp, now, s, mark);
}

struct speaker_pace speaker_pace(const struct speaker *sp)
{
	return sp->class->pace ? sp->class->pace(sp) : (struct speaker_pace){ 0 };
}

bool speaker_note(struct speaker *sp, struct speaker_note *ret)
{
	return sp->class->note && sp->class->note(sp, ret);
}

void speaker_notes_again(struct speaker *sp)
{
	if (sp->class->notes_again)
		sp->class->notes_again(sp);
}

void speaker_recall(struct speaker *sp, const struct speaker_note *note)
{
	if (sp->class->recall)
		sp->class->recall(sp, note);
}

void speaker_forget(struct speaker *sp)
{
	if (sp->class->forget)
		sp->class->forget(sp);
}

void speaker_restart(struct speaker *sp, struct instant now)
{
	if (sp->class->restart)
		sp->class->restart(sp, now);
}

int speaker_interface_set(struct speaker *sp, struct instant now, uint32_t index,
			  const struct speech_settings *s)
{
	return sp->class->interface_set(sp, now, index, s);
}

void speaker_interface_gone(struct speaker *sp, struct instant now, uint32_t index)
{
	sp->class->interface_gone(sp, now, index);
}

void speaker_link(struct speaker *sp, struct instant now, const struct speaker_link *link)
{
	if (sp->class->link)
		sp->class->link(sp, now, link);
}

void speaker_network(struct speaker *sp, uint32_t index, const struct prefix *p, bool present)
{
	if (sp->class->network)
		sp->class->network(sp, index, p, present);
}

void speaker_identity(struct speaker *sp, struct instant now, uint32_t id)
{
	if (sp->class->identity)
		sp->class->identity(sp, now, id);
}

void speaker_clock(struct speaker *sp, struct instant now, struct duration wall)
{
	if (sp->class->clock)
		sp->class->clock(sp, now, wall);
}

void speaker_secrets(struct speaker *sp, struct instant now, uint32_t index, uint32_t places)
{
	if (sp->class->secrets)
		sp->class->secrets(sp, now, index, places);
}

void speaker_sequence(struct speaker *sp, uint64_t next)
{
	if (sp->class->sequence)
		sp->class->sequence(sp, next);
}

void speaker_sequence_heard(struct speaker *sp, struct instant now,
			    const struct keychain_sequence *s)
{
	if (sp->class->sequence_heard)
		sp->class->sequence_heard(sp, now, s);
}

bool speaker_sequence_next(const struct speaker *sp, size_t *position,
			   struct keychain_sequence *ret)
{
	return sp->class->sequence_next && sp->class->sequence_next(sp, position, ret);
}

int speaker_announce(struct speaker *sp, struct instant now, const struct prefix *p,
		     const struct prefix *stands_for, uint32_t metric)
{
	return sp->class->announce ? sp->class->announce(sp, now, p, stands_for, metric) : 0;
}

int speaker_withdraw(struct speaker *sp, struct instant now, const struct prefix *p)
{
	return sp->class->withdraw ? sp->class->withdraw(sp, now, p) : -ENOENT;
}

void speaker_reserve(struct speaker *sp, size_t count)
{
	if (sp->class->reserve)
		sp->class->reserve(sp, count);
}

bool speaker_told(const struct speaker *sp, const struct prefix *p, unsigned *ret_accepted)
{
	if (ret_accepted)
		*ret_accepted = 0;
	return !sp->class->told || sp->class->told(sp, p, ret_accepted);
}

bool speaker_leaving(const struct speaker *sp, const struct prefix *p)
{
	return sp->class->leaving && sp->class->leaving(sp, p);
}

void speaker_packet(struct speaker *sp, struct instant now, const struct packet *p)
{
	if (sp->class->packet)
		sp->class->packet(sp, now, p);
}

void speaker_opened(struct speaker *sp, struct instant now, const struct stream *s)
{
	if (sp->class->opened)
		sp->class->opened(sp, now, s);
}

void speaker_piece(struct speaker *sp, struct instant now, const struct stream_piece *p)
{
	if (sp->class->piece_in)
		sp->class->piece_in(sp, now, p);
}

void speaker_credit(struct speaker *sp, struct instant now, const struct stream_change *c)
{
	if (sp->class->credit)
		sp->class->credit(sp, now, c);
}

void speaker_closed(struct speaker *sp, struct instant now, const struct stream_change *c)
{
	if (sp->class->closed)
		sp->class->closed(sp, now, c);
}

void speaker_verdict(struct speaker *sp, struct instant now, uint32_t interface,
		     const struct address *neighbor, enum verdict v)
{
	if (sp->class->verdict)
		sp->class->verdict(sp, now, interface, neighbor, v);
}

bool speaker_farewell_next(const struct speaker *sp, uint32_t index, size_t *position,
			   struct farewell *ret)
{
	return sp->class->farewell && sp->class->farewell(sp, index, position, ret);
}

struct instant speaker_deadline(const struct speaker *sp)
{
	return sp->class->deadline ? sp->class->deadline(sp) : INSTANT_NEVER;
}

void speaker_tick(struct speaker *sp, struct instant now)
{
	if (sp->class->tick)
		sp->class->tick(sp, now);
}

bool speaker_output(struct speaker *sp, struct instant now, struct speaker_output *ret)
{
	return sp->class->output && sp->class->output(sp, now, ret);
}

bool speaker_event(struct speaker *sp, struct speaker_event *ret)
{
	return sp->class->event && sp->class->event(sp, ret);
}

void speaker_learn(struct speaker *sp, struct instant now, uint32_t index,
		   const struct route_filter *filter)
{
	if (sp->class->learn)
		(void)sp->class->learn(sp, now, index, filter);
}

bool speaker_learned(struct speaker *sp, struct instant now, struct route *ret)
{
	return sp->class->learned && sp->class->learned(sp, now, ret);
}

void speaker_route(const struct speaker *sp, struct instant now, const struct prefix *p,
		   struct route *ret)
{
	*ret = (struct route){ .prefix = *p };
	if (sp->class->route && speaker_carries(sp, (enum family)p->address.family))
		sp->class->route(sp, now, p, ret);
}

void speaker_learn_again(struct speaker *sp)
{
	if (sp->class->learn_again)
		sp->class->learn_again(sp);
}

bool speaker_heard(const struct speaker *sp, struct instant now, const struct prefix *p,
		   struct route_heard *ret)
{
	return sp->class->heard && sp->class->heard(sp, now, p, ret);
}

bool speaker_rival(const struct speaker *sp, const struct prefix *p, struct route_heard *ret)
{
	return sp->class->rival && sp->class->rival(sp, p, ret);
}

bool speaker_rival_next(const struct speaker *sp, size_t *position, struct prefix *ret_prefix,
			struct route_heard *ret)
{
	return sp->class->rival_next && sp->class->rival_next(sp, position, ret_prefix, ret);
}

struct speaker_overlaps *speaker_overlaps(const struct speaker *sp, struct instant now)
{
	return sp->class->overlaps ? sp->class->overlaps(sp, now) : NULL;
}

void speaker_overlaps_free(const struct speaker *sp, struct speaker_overlaps *o)
{
	if (o)
		sp->class->overlaps_free(o);
}

bool speaker_overlap(const struct speaker *sp, const struct speaker_overlaps *o,
		     const struct prefix *p, struct prefix *ret_other, struct route_heard *ret)
{
	return o && sp->class->overlap(o, p, ret_other, ret);
}

enum proof speaker_proof(const struct speaker *sp, const struct prefix *p, uint32_t interface,
			 const struct address *neighbor)
{
	return sp->class->proof ? sp->class->proof(sp, p, interface, neighbor) : PROOF_NONE;
}

bool speaker_neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			   struct neighbor *ret)
{
	if (!sp->class->neighbor_next || !sp->class->neighbor_next(sp, now, position, ret))
		return false;
	ret->speaker = sp->number;
	if (!ret->state)
		ret->state = ret->up ? "up" : "down";
	return true;
}

bool speaker_interface_next(const struct speaker *sp, struct instant now, size_t *position,
			    struct speaker_interface *ret)
{
	if (!sp->class->interface_next || !sp->class->interface_next(sp, now, position, ret))
		return false;
	ret->speaker = sp->number;
	return true;
}
