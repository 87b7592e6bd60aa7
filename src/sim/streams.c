/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/streams.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/state.h"

/* What is lost is said again; and the last time, after so many times. */
#define AGAIN DURATION_MS(300)
#define TRIES_MAX 60

/* An event's detail: the stream, and what happens to it. */
enum happening {
	HAPPENS_CALL,
	HAPPENS_READ,	   /* to end 1 of what end 0 has written */
	HAPPENS_READ_BACK, /* to end 0 of what end 1 has written */
	HAPPENS_RESET,	   /* end 0 hears that it is over */
	HAPPENS_RESET_BACK,
	HAPPENINGS
};

static void happen_later(struct sim *s, const struct sim_stream *t, struct duration in,
			 enum happening what)
{
	size_t number = (size_t)(t - s->streams->all);

	sim_schedule(s, in,
		     &(struct sim_event){ .kind = SIM_EVENT_STREAM,
					  .life = t->life,
					  .detail = (uint32_t)(number * HAPPENINGS + what) });
}

static const struct sim_port *port_of(const struct sim *s, uint8_t host, uint32_t interface)
{
	const struct sim_host *h = &s->hosts[host];

	return interface >= 1 && interface <= h->n_ports ? &h->ports[interface - 1] : NULL;
}

/* The host that has the address on the LAN, and its port there; NULL: nobody has. */
static const struct sim_port *port_with(const struct sim *s, const struct sim_port *from,
					const struct address *a)
{
	const struct sim_lan *lan = &s->lans[from->lan];

	for (size_t i = 0; i < lan->n_ports; i++)
		if (lan->ports[i] != from && lan->ports[i]->kind == SIM_HOST &&
		    address_equal(&lan->ports[i]->address, a))
			return lan->ports[i];
	return NULL;
}

static bool port_hears(const struct sim_port *p)
{
	return p->up && !p->deaf;
}

static bool port_says(const struct sim_port *p)
{
	return p->up && !p->mute;
}

/* A word and its confirmation get through, unless one of them is lost. */
static bool wire_carries(struct sim *s, const struct sim_port *a, const struct sim_port *b)
{
	uint32_t loss = s->lans[a->lan].loss_ppm;

	return port_says(a) && port_hears(b) && port_says(b) && port_hears(a) &&
	       random_below(&s->random, 1000000) >= loss &&
	       random_below(&s->random, 1000000) >= loss;
}

static struct duration wire_delay(struct sim *s, const struct sim_port *p)
{
	struct duration d = s->lans[p->lan].delay;

	d.ns += (int64_t)random_below(&s->random, (uint64_t)s->lans[p->lan].jitter.ns + 1);
	return d;
}

static bool end_lives(const struct sim *s, const struct sim_stream_end *e)
{
	return e->there && host_lives(&s->hosts[e->host]) && s->hosts[e->host].life == e->life;
}

static void tell_change(struct sim *s, const struct sim_stream_end *e, enum input_kind kind,
			int error, uint32_t credit)
{
	struct input in = { .kind = (uint8_t)kind };

	in.change = (struct stream_change){ .speaker = e->stream.speaker,
					    .number = e->stream.number,
					    .error = error,
					    .credit = credit };
	sim_tell(s, e->host, &in);
}

/* An end is no more; its host hears why, unless it is what it wanted. */
static void end_over(struct sim *s, struct sim_stream_end *e, int error)
{
	struct sim_stream_end told = { .host = e->host, .stream = e->stream };
	bool lives = end_lives(s, e);

	e->there = false;
	s->streams->reset += error != 0;
	if (lives)
		tell_change(s, &told, INPUT_CLOSED, error, 0);
}

static void stream_free_if_over(struct sim_stream *t)
{
	if (!t->ends[0].there && !t->ends[1].there)
		t->state = SIM_STREAM_FREE;
}

static struct sim_stream *stream_new(struct sim *s)
{
	for (size_t i = 0; i < SIM_STREAMS_MAX; i++) {
		struct sim_stream *t = &s->streams->all[i];
		uint32_t life = t->life + 1;

		if (t->state != SIM_STREAM_FREE)
			continue;
		memset(t, 0, sizeof(*t));
		t->life = life;
		return t;
	}
	sim_break(s, "more than %d streams are open", SIM_STREAMS_MAX);
	return NULL;
}

static struct sim_stream *stream_find(struct sim *s, uint8_t host, uint16_t speaker,
				      uint32_t number, unsigned *ret_end)
{
	for (size_t i = 0; i < SIM_STREAMS_MAX; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct sim_stream *t = &s->streams->all[i];
			const struct sim_stream_end *e = &t->ends[k];

			*ret_end = k;
			if (t->state != SIM_STREAM_FREE && end_lives(s, e) && e->host == host &&
			    e->stream.speaker == speaker && e->stream.number == number)
				return t;
		}
	return NULL;
}

static const struct stream *listener_for(const struct sim *s, const struct sim_port *called,
					 const struct address *caller, const struct stream *call)
{
	const struct stream *anybody = NULL;

	for (size_t i = 0; i < SIM_STREAMS_MAX; i++) {
		const struct sim_listener *l = &s->streams->listeners[i];
		bool far = l->stream.hop_limit_min > (call->hop_limit ? call->hop_limit : 64);

		if (!l->used || l->host != called->owner || l->life != s->hosts[l->host].life ||
		    l->stream.port != call->port || far ||
		    (l->stream.interface && l->stream.interface != called->interface) ||
		    strcmp(l->stream.secret, call->secret) != 0)
			continue;
		if (address_equal(&l->stream.remote, caller))
			return &l->stream;
		if (!address_is_set(&l->stream.remote))
			anybody = &l->stream;
	}
	return anybody;
}

static void end_opened(struct sim *s, struct sim_stream_end *e)
{
	struct input in = { .kind = INPUT_OPENED };

	e->there = true;
	e->life = s->hosts[e->host].life;
	e->credit = e->stream.credit = STREAM_CREDIT;
	in.stream = e->stream;
	sim_tell(s, e->host, &in);
}

static void stream_meets(struct sim *s, struct sim_stream *t, const struct sim_port *caller,
			 const struct sim_port *called, const struct stream *listener)
{
	struct sim_stream_end *other = &t->ends[1];

	t->state = SIM_STREAM_OPEN;
	other->host = called->owner;
	other->stream = *listener;
	other->stream.listens = false;
	other->stream.number = STREAM_ACCEPTED | s->streams->next_accepted++;
	other->stream.interface = called->interface;
	other->stream.local = called->address;
	other->stream.remote = t->ends[0].stream.local = caller->address;
	s->streams->opened++;
	end_opened(s, other);
	if (end_lives(s, &t->ends[0]))
		end_opened(s, &t->ends[0]);
}

static void stream_call(struct sim *s, struct sim_stream *t)
{
	struct sim_stream_end *e = &t->ends[0];
	const struct sim_port *from = port_of(s, e->host, e->stream.interface), *to;
	const struct stream *listener;

	if (!end_lives(s, e)) {
		t->state = SIM_STREAM_FREE;
		return;
	}
	to = from ? port_with(s, from, &e->stream.remote) : NULL;
	listener = to ? listener_for(s, to, &from->address, &e->stream) : NULL;
	if (to && wire_carries(s, from, to) && listener && host_lives(&s->hosts[to->owner])) {
		stream_meets(s, t, from, to, listener);
	} else if (!to || (port_says(from) && port_hears(to) && !listener) ||
		   ++t->tries > TRIES_MAX) {
		end_over(s, e, to && listener ? -ETIMEDOUT : -ECONNREFUSED);
		stream_free_if_over(t);
	} else {
		happen_later(s, t, AGAIN, HAPPENS_CALL);
	}
}

/* The reader takes a piece, of a size that nobody can know. */
static void stream_take(struct sim *s, struct sim_stream *t, unsigned writer)
{
	struct sim_stream_end *from = &t->ends[writer], *to = &t->ends[1 - writer];
	uint32_t life = t->life;
	size_t most = from->written < STREAM_BYTES_MAX ? from->written : STREAM_BYTES_MAX;
	size_t length = 1 + random_below(&s->random, most);
	struct input in = { .kind = INPUT_STREAM };

	in.piece = (struct stream_piece){ .speaker = to->stream.speaker,
					  .number = to->stream.number,
					  .length = (uint16_t)length };
	for (size_t i = 0; i < length; i++)
		in.piece.bytes[i] = from->bytes[(from->head + i) % STREAM_CREDIT];
	from->head = (from->head + length) % STREAM_CREDIT;
	from->written -= length;
	from->credit += (uint32_t)length;
	s->streams->pieces++;
	sim_tell(s, to->host, &in);
	if (t->life == life && end_lives(s, from) && !from->ends)
		tell_change(s, from, INPUT_CREDIT, 0, (uint32_t)length);
}

static void stream_read(struct sim *s, struct sim_stream *t, unsigned writer)
{
	struct sim_stream_end *from = &t->ends[writer], *to = &t->ends[1 - writer];
	enum happening again = writer ? HAPPENS_READ_BACK : HAPPENS_READ;
	const struct sim_port *a = port_of(s, from->host, from->stream.interface);
	const struct sim_port *b = port_of(s, to->host, to->stream.interface);
	struct instant stalled = s->hosts[to->host].stalled;
	uint32_t life = t->life;

	if (!end_lives(s, to)) {
		stream_free_if_over(t);
		return;
	}
	if (!wire_carries(s, a, b)) {
		if (++t->tries <= TRIES_MAX) {
			happen_later(s, t, AGAIN, again);
			return;
		}
		end_over(s, from, -ETIMEDOUT);
		end_over(s, to, -ETIMEDOUT);
		stream_free_if_over(t);
		return;
	}
	t->tries = 0;
	/* It waits in the socket. */
	if (!instant_reached(stalled, s->now)) {
		happen_later(s, t, instant_since(stalled, s->now), again);
		return;
	}
	if (from->written > 0)
		stream_take(s, t, writer);
	if (t->life != life || !to->there)
		return;
	if (from->written > 0) {
		happen_later(s, t, wire_delay(s, a), again);
	} else if (from->ends) {
		end_over(s, to, 0);
		stream_free_if_over(t);
	}
}

static void stream_write(struct sim *s, struct sim_stream *t, unsigned writer,
			 const struct stream_piece *p)
{
	struct sim_stream_end *e = &t->ends[writer];
	bool idle = e->written == 0;

	if (p->length > e->credit) {
		sim_break(s, "host %u writes %u bytes to a stream with a credit of %u", e->host,
			  p->length, e->credit);
		return;
	}
	for (size_t i = 0; i < p->length; i++)
		e->bytes[(e->head + e->written + i) % STREAM_CREDIT] = p->bytes[i];
	e->written += p->length;
	e->credit -= p->length;
	s->streams->short_of_credit += e->credit < STREAM_BYTES_MAX;
	if (idle)
		happen_later(s, t, wire_delay(s, port_of(s, e->host, e->stream.interface)),
			     writer ? HAPPENS_READ_BACK : HAPPENS_READ);
}

static void stream_close(struct sim *s, struct sim_stream *t, unsigned closer, int error)
{
	struct sim_stream_end *e = &t->ends[closer];
	bool idle = e->written == 0;

	e->there = false;
	if (t->state == SIM_STREAM_CALLING) {
		t->state = SIM_STREAM_FREE;
		return;
	}
	if (error) {
		e->written = 0;
		happen_later(s, t, AGAIN, closer ? HAPPENS_RESET : HAPPENS_RESET_BACK);
		return;
	}
	e->ends = true;
	if (idle)
		happen_later(s, t, wire_delay(s, port_of(s, e->host, e->stream.interface)),
			     closer ? HAPPENS_READ_BACK : HAPPENS_READ);
}

static void stream_reset(struct sim *s, struct sim_stream *t, unsigned hears)
{
	end_over(s, &t->ends[hears], -ECONNRESET);
	stream_free_if_over(t);
}

void stream_happens(struct sim *s, const struct sim_event *e)
{
	struct sim_stream *t = &s->streams->all[e->detail / HAPPENINGS];

	if (e->life != t->life || t->state == SIM_STREAM_FREE)
		return;
	switch ((enum happening)(e->detail % HAPPENINGS)) {
	case HAPPENS_CALL:
		stream_call(s, t);
		break;
	case HAPPENS_READ:
		stream_read(s, t, 0);
		break;
	case HAPPENS_READ_BACK:
		stream_read(s, t, 1);
		break;
	case HAPPENS_RESET:
		stream_reset(s, t, 0);
		break;
	case HAPPENS_RESET_BACK:
		stream_reset(s, t, 1);
		break;
	case HAPPENINGS:
		break;
	}
}

static struct sim_listener *listener_of(struct sim *s, uint8_t host, uint16_t speaker,
					uint32_t number)
{
	for (size_t i = 0; i < SIM_STREAMS_MAX; i++) {
		struct sim_listener *l = &s->streams->listeners[i];

		if (l->used && l->host == host && l->life == s->hosts[host].life &&
		    l->stream.speaker == speaker && l->stream.number == number)
			return l;
	}
	return NULL;
}

static void stream_open(struct sim *s, uint8_t host, const struct stream *stream)
{
	struct sim_stream *t;
	size_t i = 0;

	if (stream->listens) {
		while (i < SIM_STREAMS_MAX && s->streams->listeners[i].used &&
		       s->streams->listeners[i].life ==
			       s->hosts[s->streams->listeners[i].host].life)
			i++;
		assert(i < SIM_STREAMS_MAX);
		s->streams->listeners[i] =
			(struct sim_listener){ true, host, s->hosts[host].life, *stream };
		return;
	}
	t = stream_new(s);
	if (!t)
		return;
	t->state = SIM_STREAM_CALLING;
	t->ends[0].host = host;
	t->ends[0].there = true;
	t->ends[0].life = s->hosts[host].life;
	t->ends[0].stream = *stream;
	happen_later(s, t, DURATION_MS(1), HAPPENS_CALL);
}

void stream_effect(struct sim *s, uint8_t host, const struct effect *e)
{
	struct sim_listener *l;
	struct sim_stream *t;
	unsigned end;

	if (!s->streams) {
		s->streams = calloc(1, sizeof(*s->streams));
		assert(s->streams);
	}
	if (e->kind == EFFECT_OPEN) {
		stream_open(s, host, &e->stream);
		return;
	}
	if (e->kind == EFFECT_STREAM) {
		t = stream_find(s, host, e->piece.speaker, e->piece.number, &end);
		if (t && t->state == SIM_STREAM_OPEN)
			stream_write(s, t, end, &e->piece);
		return;
	}
	l = listener_of(s, host, e->change.speaker, e->change.number);
	t = stream_find(s, host, e->change.speaker, e->change.number, &end);
	if (l)
		l->used = false;
	else if (t)
		stream_close(s, t, end, e->change.error);
}

void streams_die(struct sim *s, uint8_t host)
{
	for (size_t i = 0; s->streams && i < SIM_STREAMS_MAX; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct sim_stream *t = &s->streams->all[i];

			if (t->state == SIM_STREAM_FREE || !t->ends[k].there ||
			    t->ends[k].host != host)
				continue;
			t->ends[k].there = false;
			happen_later(s, t, AGAIN, k ? HAPPENS_RESET : HAPPENS_RESET_BACK);
		}
}

void stream_reset_any(struct sim *s)
{
	size_t at = random_below(&s->random, SIM_STREAMS_MAX);

	for (size_t i = 0; s->streams && i < SIM_STREAMS_MAX; i++) {
		struct sim_stream *t = &s->streams->all[(at + i) % SIM_STREAMS_MAX];

		if (t->state != SIM_STREAM_OPEN)
			continue;
		happen_later(s, t, DURATION_MS(1), HAPPENS_RESET);
		happen_later(s, t, DURATION_MS(1), HAPPENS_RESET_BACK);
		return;
	}
}
