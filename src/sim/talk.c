/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/talk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define EVERY DURATION_S(1)
#define HOLD DURATION_S(10)
#define RECORD_MAX 32
#define QUEUE_MAX 256

/* The numbers of streams that listen, and that call: one for each peer, and always new ones. */
#define LISTENS 1000
#define CALLS 2000

enum record_kind {
	RECORD_NUMBER = 1,
	RECORD_ANNOUNCE,
	RECORD_WITHDRAW,
	RECORD_TAKEN,
	RECORD_LEAVES,
};

/* A stream to a neighbour, that we have opened or it has. */
struct line {
	bool opening, open;
	uint32_t number; /* of the stream */
};

enum told {
	TOLD_NOTHING,
	TOLD_IT,
	TOLD_ITS_END,
};

struct peer {
	bool used;
	uint32_t interface;
	struct address address, local;
	bool usable, waits; /* waits: the world knows that it may call */
	struct line ours, its;
	struct line *line; /* the one of both that is spoken on; NULL: the session is down */
	uint32_t credit;
	uint32_t said, heard;	       /* numbers */
	struct instant heard_at, next; /* next: to call, or to say a number */
	uint8_t bytes[RECORD_MAX];     /* of a record that is not all there */
	size_t n_bytes;
	struct {
		uint8_t told; /* enum told */
		uint32_t metric;
		bool taken, owes; /* owes: the answer to what is heard */
	} prefixes[TALK_PREFIXES_MAX];
	struct {
		struct prefix prefix; /* family unset: free */
		bool owes;	      /* it is still to be answered */
	} heard_prefixes[TALK_PREFIXES_MAX];
};

struct talk {
	struct speaker speaker;
	struct random random;
	struct instant now;
	struct peer peers[TALK_PEERS_MAX];
	uint32_t next_number;
	struct own {
		struct prefix prefix; /* family unset: free */
		uint32_t metric;
		bool withdrawn, told_all;
	} prefixes[TALK_PREFIXES_MAX];
	struct speaker_event events[QUEUE_MAX];
	size_t first_event, n_events;
	struct stream_change closes[QUEUE_MAX];
	size_t n_closes;
	struct talk_counters counters;
};

static struct talk *talk_of(const struct speaker *sp)
{
	return (struct talk *)sp;
}

static void tell(struct talk *t, const struct speaker_event *e)
{
	if (t->n_events < QUEUE_MAX)
		t->events[(t->first_event + t->n_events++) % QUEUE_MAX] = *e;
}

static void tell_neighbor(struct talk *t, const struct peer *p, enum speaker_event_kind kind)
{
	tell(t, &(struct speaker_event){
			.kind = (uint8_t)kind, .interface = p->interface, .neighbor = p->address });
}

static void peer_review(struct talk *t);

static void session_down(struct talk *t, struct peer *p)
{
	if (!p->line)
		return;
	p->line = NULL;
	memset(p->prefixes, 0, sizeof(p->prefixes));
	memset(p->heard_prefixes, 0, sizeof(p->heard_prefixes));
	tell_neighbor(t, p, SPEAKER_EVENT_NEIGHBOR_DOWN);
	peer_review(t);
}

static void session_up(struct talk *t, struct peer *p, struct line *line, uint32_t credit)
{
	session_down(t, p);
	p->line = line;
	p->credit = credit;
	p->said = p->heard = 0;
	p->n_bytes = 0;
	p->heard_at = p->next = t->now;
	t->counters.sessions++;
	tell_neighbor(t, p, SPEAKER_EVENT_NEIGHBOR_UP);
}

static void stream_close(struct talk *t, uint32_t number, int32_t error)
{
	assert(t->n_closes < QUEUE_MAX);
	t->closes[t->n_closes++] = (struct stream_change){ .number = number, .error = error };
}

static void line_hang_up(struct talk *t, struct line *l, int32_t error)
{
	if (l->open || l->opening)
		stream_close(t, l->number, error);
	l->open = l->opening = false;
}

static void peer_hang_up(struct talk *t, struct peer *p, int32_t error)
{
	line_hang_up(t, &p->ours, error);
	line_hang_up(t, &p->its, error);
	session_down(t, p);
	p->next = instant_add(t->now, random_between(&t->random, DURATION_MS(500), DURATION_S(2)));
}

/* What each session has to be told is told: then the node hears it. */
static void peer_review(struct talk *t)
{
	for (size_t k = 0; k < TALK_PREFIXES_MAX; k++) {
		struct own *own = &t->prefixes[k];
		bool all = true;

		if (!address_is_set(&own->prefix.address) || own->told_all)
			continue;
		for (size_t i = 0; i < TALK_PEERS_MAX; i++) {
			const struct peer *p = &t->peers[i];
			uint8_t told = p->prefixes[k].told;

			if (p->used && p->line)
				all &= own->withdrawn ? told != TOLD_IT
						      : told == TOLD_IT && p->prefixes[k].metric ==
										   own->metric;
		}
		if (!all)
			continue;
		own->told_all = true;
		tell(t, &(struct speaker_event){ .kind = own->withdrawn ? SPEAKER_EVENT_WITHDRAWN
									: SPEAKER_EVENT_ANNOUNCED,
						 .prefix = own->prefix });
		if (own->withdrawn)
			memset(own, 0, sizeof(*own));
	}
}

static struct own *own_find(const struct talk *t, const struct prefix *p)
{
	for (size_t k = 0; k < TALK_PREFIXES_MAX; k++)
		if (address_is_set(&t->prefixes[k].prefix.address) &&
		    prefix_equal(&t->prefixes[k].prefix, p))
			return (struct own *)&t->prefixes[k];
	return NULL;
}

static struct own *own_free(struct talk *t)
{
	for (size_t k = 0; k < TALK_PREFIXES_MAX; k++)
		if (!address_is_set(&t->prefixes[k].prefix.address))
			return &t->prefixes[k];
	return NULL;
}

static struct speaker *talk_make(const struct speaker_class *c, const struct speaker_settings *s,
				 uint64_t seed, uint64_t hash_seed)
{
	struct talk *t = calloc(1, sizeof(*t));

	(void)s;
	(void)hash_seed;
	if (!t)
		return NULL;
	t->speaker.class = c;
	random_init(&t->random, seed);
	t->next_number = 1;
	return &t->speaker;
}

static void talk_free(struct speaker *sp)
{
	free(talk_of(sp));
}

static struct peer *peer_free(struct talk *t)
{
	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		if (!t->peers[i].used)
			return &t->peers[i];
	return NULL;
}

static struct peer *peer_on(struct talk *t, uint32_t interface, const struct address *a)
{
	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		if (t->peers[i].used && t->peers[i].interface == interface &&
		    address_equal(&t->peers[i].address, a))
			return &t->peers[i];
	return NULL;
}

static int talk_interface_set(struct speaker *sp, struct instant now, uint32_t index,
			      const struct speech_settings *s)
{
	struct talk *t = talk_of(sp);

	t->now = now;
	for (size_t k = 0; k < s->n_unicast; k++) {
		struct peer *p = peer_on(t, index, &s->unicast[k]);

		if (p)
			continue;
		p = peer_free(t);
		if (!p)
			return -ENOMEM;
		*p = (struct peer){ .used = true, .interface = index, .address = s->unicast[k] };
	}
	return 0;
}

static void talk_interface_gone(struct speaker *sp, struct instant now, uint32_t index)
{
	struct talk *t = talk_of(sp);

	t->now = now;
	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		if (t->peers[i].used && t->peers[i].interface == index) {
			peer_hang_up(t, &t->peers[i], 0);
			if (t->peers[i].waits)
				stream_close(t, LISTENS + (uint32_t)i, 0);
			t->peers[i].usable = t->peers[i].waits = false;
		}
	tell(t, &(struct speaker_event){ .kind = SPEAKER_EVENT_LEFT, .interface = index });
}

static void talk_link(struct speaker *sp, struct instant now, const struct speaker_link *link)
{
	struct talk *t = talk_of(sp);

	t->now = now;
	for (size_t i = 0; i < TALK_PEERS_MAX; i++) {
		struct peer *p = &t->peers[i];
		const struct address *local;

		if (!p->used || p->interface != link->index)
			continue;
		local = link->usable ? speaker_link_source(link, &p->address) : NULL;
		if (p->usable && (!local || !address_equal(local, &p->local)))
			peer_hang_up(t, p, -ENETDOWN);
		if (local && !p->usable)
			p->next = now;
		p->usable = local != NULL;
		if (local)
			p->local = *local;
	}
}

static int talk_announce(struct speaker *sp, struct instant now, const struct prefix *p,
			 const struct prefix *stands_for, uint32_t metric)
{
	struct talk *t = talk_of(sp);
	struct own *own = own_find(t, p);

	/* The network itself is said. */
	if (stands_for)
		return 0;
	t->now = now;
	if (!own)
		own = own_free(t);
	if (!own)
		return -ENOMEM;
	*own = (struct own){ .prefix = *p, .metric = metric };
	peer_review(t);
	return 0;
}

static int talk_withdraw(struct speaker *sp, struct instant now, const struct prefix *p)
{
	struct talk *t = talk_of(sp);
	struct own *own = own_find(t, p);

	t->now = now;
	if (!own || own->withdrawn)
		return -ENOENT;
	own->withdrawn = true;
	own->told_all = false;
	peer_review(t);
	return 0;
}

static bool talk_told(const struct speaker *sp, const struct prefix *prefix, unsigned *ret_accepted)
{
	const struct talk *t = talk_of(sp);
	const struct own *own = own_find(t, prefix);
	unsigned accepted = 0;

	for (size_t i = 0; own && i < TALK_PEERS_MAX; i++)
		accepted += t->peers[i].line && t->peers[i].prefixes[own - t->prefixes].taken;
	if (ret_accepted)
		*ret_accepted = accepted;
	return !own || own->told_all;
}

static bool talk_leaving(const struct speaker *sp, const struct prefix *p)
{
	const struct own *own = own_find(talk_of(sp), p);

	return own && own->withdrawn;
}

static struct peer *peer_with(struct talk *t, uint32_t number, struct line **ret_line)
{
	for (size_t i = 0; i < TALK_PEERS_MAX; i++) {
		struct peer *p = &t->peers[i];

		*ret_line = number >= STREAM_ACCEPTED ? &p->its : &p->ours;
		if (p->used && ((*ret_line)->open || (*ret_line)->opening) &&
		    (*ret_line)->number == number)
			return p;
	}
	return NULL;
}

/* Of two streams that meet both sides keep the same. */
static void talk_opened(struct speaker *sp, struct instant now, const struct stream *s)
{
	struct talk *t = talk_of(sp);
	bool called = s->number >= STREAM_ACCEPTED, ours_stays;
	struct line *line, *other;
	struct peer *p;

	t->now = now;
	p = called ? peer_on(t, s->interface, &s->remote) : peer_with(t, s->number, &line);
	if (!p)
		return;
	line = called ? &p->its : &p->ours;
	other = called ? &p->ours : &p->its;
	/* It has called again: what it had before is over for it. */
	if (line->open)
		line_hang_up(t, line, -ECONNABORTED);
	line->opening = false;
	line->open = true;
	line->number = s->number;
	ours_stays = address_compare(&p->local, &p->address) > 0;
	if (!other->open) {
		session_up(t, p, line, s->credit);
		return;
	}
	t->counters.collisions++;
	if ((line == &p->ours) == ours_stays) {
		line_hang_up(t, other, -ECONNABORTED);
		session_up(t, p, line, s->credit);
	} else {
		line_hang_up(t, line, -ECONNABORTED);
	}
}

static bool prefix_read(struct reader *r, struct prefix *ret)
{
	uint8_t family = reader_u8(r), length = reader_u8(r);
	uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };
	struct address a;

	if (family != FAMILY_IPV4 && family != FAMILY_IPV6)
		return false;
	for (size_t i = 0; i < family_bits((enum family)family) / 8u; i++)
		bytes[i] = reader_u8(r);
	a = address_make((enum family)family, bytes);
	*ret = prefix_make(&a, length);
	return reader_ok(r) && length <= family_bits((enum family)family);
}

static void heard_set(struct talk *t, struct peer *p, const struct prefix *prefix, bool there)
{
	size_t at = TALK_PREFIXES_MAX;

	for (size_t k = 0; k < TALK_PREFIXES_MAX; k++) {
		bool used = address_is_set(&p->heard_prefixes[k].prefix.address);

		if (used && prefix_equal(&p->heard_prefixes[k].prefix, prefix)) {
			at = k;
			break;
		}
		if (!used)
			at = k;
	}
	if (at == TALK_PREFIXES_MAX) {
		t->counters.wrong++;
		return;
	}
	memset(&p->heard_prefixes[at], 0, sizeof(p->heard_prefixes[at]));
	if (there) {
		p->heard_prefixes[at].prefix = *prefix;
		p->heard_prefixes[at].owes = true;
	}
}

static void taken(struct talk *t, struct peer *p, const struct prefix *prefix)
{
	const struct own *own = own_find(t, prefix);

	if (!own || p->prefixes[own - t->prefixes].taken ||
	    p->prefixes[own - t->prefixes].told != TOLD_IT)
		return;
	p->prefixes[own - t->prefixes].taken = true;
	tell(t, &(struct speaker_event){ .kind = SPEAKER_EVENT_ACCEPTED,
					 .interface = p->interface,
					 .neighbor = p->address,
					 .prefix = *prefix });
}

static bool record_take(struct talk *t, struct peer *p, struct reader *r)
{
	uint8_t kind = reader_u8(r);
	struct prefix prefix;

	p->heard_at = t->now;
	if (kind == RECORD_NUMBER) {
		t->counters.numbers++;
		return reader_u32(r) == ++p->heard && reader_ok(r);
	}
	if (!prefix_read(r, &prefix))
		return false;
	if (kind == RECORD_TAKEN)
		taken(t, p, &prefix);
	else if (kind == RECORD_ANNOUNCE || kind == RECORD_WITHDRAW)
		heard_set(t, p, &prefix, kind == RECORD_ANNOUNCE);
	return kind <= RECORD_TAKEN;
}

static void talk_piece(struct speaker *sp, struct instant now, const struct stream_piece *piece)
{
	struct talk *t = talk_of(sp);
	struct line *line;
	struct peer *p = peer_with(t, piece->number, &line);

	t->now = now;
	for (size_t i = 0; p && p->line == line && i < piece->length; i++) {
		struct reader r;
		size_t length;

		p->bytes[p->n_bytes++] = piece->bytes[i];
		length = p->n_bytes < 2 ? 2 : (size_t)p->bytes[0] << 8 | p->bytes[1];
		if (p->n_bytes < length && length <= RECORD_MAX)
			continue;
		reader_init(&r, p->bytes + 2, length - 2);
		if (length > RECORD_MAX || length < 3 || !record_take(t, p, &r)) {
			t->counters.wrong++;
			peer_hang_up(t, p, -EBADMSG);
			return;
		}
		p->n_bytes = 0;
	}
}

static void talk_credit(struct speaker *sp, struct instant now, const struct stream_change *c)
{
	struct talk *t = talk_of(sp);
	struct line *line;
	struct peer *p = peer_with(t, c->number, &line);

	t->now = now;
	if (p && p->line == line)
		p->credit += c->credit;
}

static void talk_closed(struct speaker *sp, struct instant now, const struct stream_change *c)
{
	struct talk *t = talk_of(sp);
	struct line *line;
	struct peer *p;

	t->now = now;
	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		t->peers[i].waits &= c->number != LISTENS + i;
	p = peer_with(t, c->number, &line);
	if (!p)
		return;
	line->open = line->opening = false;
	if (p->line == line)
		session_down(t, p);
	p->next = instant_add(now, random_between(&t->random, DURATION_MS(500), DURATION_S(2)));
}

static void talk_packet(struct speaker *sp, struct instant now, const struct packet *d)
{
	struct talk *t = talk_of(sp);
	struct peer *p = peer_on(t, d->interface, &d->source);

	t->now = now;
	if (!p)
		return;
	if (d->length != 1 || d->bytes[0] != RECORD_LEAVES) {
		t->counters.wrong++;
		return;
	}
	t->counters.good_byes++;
	if (p->line)
		peer_hang_up(t, p, 0);
}

/*
 * It names no prefix: with the session all that was announced is forgotten. All neighbours on an
 * interface are spoken to from one address.
 */
static bool talk_farewell(const struct speaker *sp, uint32_t index, size_t *position,
			  struct farewell *ret)
{
	const struct talk *t = talk_of(sp);

	*ret = (struct farewell){ .interface = index,
				  .port = TALK_PORT,
				  .pace = 10,
				  .n_head = 1,
				  .head = { RECORD_LEAVES } };
	for (size_t i = 0; i < TALK_PEERS_MAX && *position == 0; i++) {
		if (!t->peers[i].used || t->peers[i].interface != index || !t->peers[i].usable)
			continue;
		ret->source = t->peers[i].local;
		ret->destinations[ret->n_destinations++] = t->peers[i].address;
	}
	*position = 1;
	return ret->n_destinations > 0;
}

static struct instant peer_due(const struct peer *p)
{
	if (!p->used || !p->usable)
		return INSTANT_NEVER;
	if (p->line)
		return instant_min(p->next, instant_add(p->heard_at, HOLD));
	return p->ours.opening || p->ours.open ? INSTANT_NEVER : p->next;
}

static struct instant talk_deadline(const struct speaker *sp)
{
	const struct talk *t = talk_of(sp);
	struct instant due = INSTANT_NEVER;

	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		due = instant_min(due, peer_due(&t->peers[i]));
	return due;
}

static void talk_tick(struct speaker *sp, struct instant now)
{
	struct talk *t = talk_of(sp);

	t->now = now;
	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		if (t->peers[i].line &&
		    instant_reached(instant_add(t->peers[i].heard_at, HOLD), now))
			peer_hang_up(t, &t->peers[i], -ETIMEDOUT);
}

static bool close_output(struct talk *t, struct speaker_output *ret)
{
	if (t->n_closes == 0)
		return false;
	ret->kind = SPEAKER_CLOSE;
	ret->change = t->closes[0];
	memmove(t->closes, t->closes + 1, --t->n_closes * sizeof(*t->closes));
	return true;
}

static bool peer_opens(struct talk *t, struct peer *p, struct speaker_output *ret)
{
	struct stream s = { .interface = p->interface,
			    .local = p->local,
			    .remote = p->address,
			    .port = TALK_PORT,
			    .hop_limit = 255,
			    .hop_limit_min = 255 };

	if (!p->usable || !instant_reached(p->next, t->now))
		return false;
	if (!p->waits) {
		p->waits = s.listens = true;
		s.number = LISTENS + (uint32_t)(p - t->peers);
	} else if (!p->line && !p->ours.opening && !p->ours.open) {
		p->ours.opening = true;
		p->ours.number = s.number = CALLS + t->next_number++;
	} else {
		return false;
	}
	ret->kind = SPEAKER_OPEN;
	ret->stream = s;
	return true;
}

static void record_begin(struct writer *w, struct speaker_output *ret, enum record_kind kind)
{
	ret->kind = SPEAKER_STREAM;
	writer_init(w, ret->piece.bytes, RECORD_MAX);
	writer_u16(w, 0);
	writer_u8(w, (uint8_t)kind);
}

static void record_prefix(struct writer *w, const struct prefix *p)
{
	writer_u8(w, p->address.family);
	writer_u8(w, p->length);
	writer_bytes(w, p->address.bytes, family_bits((enum family)p->address.family) / 8u);
}

static bool record_end(struct peer *p, struct writer *w, struct speaker_output *ret)
{
	ret->piece.bytes[1] = (uint8_t)w->length;
	ret->piece.number = p->line->number;
	ret->piece.length = (uint16_t)w->length;
	p->credit -= (uint32_t)w->length;
	return true;
}

static bool prefix_output(struct talk *t, struct peer *p, size_t k, struct speaker_output *ret)
{
	const struct own *own = &t->prefixes[k];
	bool there = address_is_set(&own->prefix.address) && !own->withdrawn;
	bool told = p->prefixes[k].told == TOLD_IT;
	struct writer w;

	if (p->heard_prefixes[k].owes) {
		p->heard_prefixes[k].owes = false;
		record_begin(&w, ret, RECORD_TAKEN);
		record_prefix(&w, &p->heard_prefixes[k].prefix);
		return record_end(p, &w, ret);
	}
	if (there == told && (!there || p->prefixes[k].metric == own->metric))
		return false;
	record_begin(&w, ret, there ? RECORD_ANNOUNCE : RECORD_WITHDRAW);
	record_prefix(&w, &own->prefix);
	if (there)
		writer_u32(&w, own->metric);
	p->prefixes[k].told = there ? TOLD_IT : TOLD_ITS_END;
	p->prefixes[k].metric = own->metric;
	p->prefixes[k].taken &= there;
	record_end(p, &w, ret);
	peer_review(t);
	return true;
}

static bool peer_speaks(struct talk *t, struct peer *p, struct speaker_output *ret)
{
	struct writer w;

	if (!p->line || p->credit < RECORD_MAX)
		return false;
	for (size_t k = 0; k < TALK_PREFIXES_MAX; k++)
		if (prefix_output(t, p, k, ret))
			return true;
	if (!instant_reached(p->next, t->now))
		return false;
	p->next = instant_add(t->now, EVERY);
	record_begin(&w, ret, RECORD_NUMBER);
	writer_u32(&w, ++p->said);
	return record_end(p, &w, ret);
}

static bool talk_output(struct speaker *sp, struct instant now, struct speaker_output *ret)
{
	struct talk *t = talk_of(sp);

	t->now = now;
	memset(ret, 0, sizeof(*ret));
	if (close_output(t, ret))
		return true;
	for (size_t i = 0; i < TALK_PEERS_MAX; i++) {
		struct peer *p = &t->peers[i];

		if (p->used && (peer_opens(t, p, ret) || peer_speaks(t, p, ret)))
			return true;
	}
	return false;
}

static bool talk_event(struct speaker *sp, struct speaker_event *ret)
{
	struct talk *t = talk_of(sp);

	if (t->n_events == 0)
		return false;
	*ret = t->events[t->first_event];
	t->first_event = (t->first_event + 1) % QUEUE_MAX;
	t->n_events--;
	return true;
}

static bool talk_neighbor_next(const struct speaker *sp, struct instant now, size_t *position,
			       struct neighbor *ret)
{
	const struct talk *t = talk_of(sp);

	(void)now;
	for (; *position < TALK_PEERS_MAX; ++*position) {
		const struct peer *p = &t->peers[*position];

		if (!p->used)
			continue;
		*ret = (struct neighbor){ .interface = p->interface,
					  .address = p->address,
					  .up = p->line != NULL,
					  .state = p->line ? "established" : "idle",
					  .heard = p->heard_at };
		++*position;
		return true;
	}
	return false;
}

static struct speaker_pace talk_pace(const struct speaker *sp)
{
	(void)sp;
	return (struct speaker_pace){ .repeat = EVERY,
				      .patience = HOLD,
				      .settle = EVERY,
				      .metric = 100,
				      .metric_last = 1000 };
}

const struct speaker_class talk_class = {
	.name = "talk",
	.title = "Talk",
	.protocol = TALK_PROTOCOL,
	.families = 1u << 0 | 1u << 1,
	.preference = 200,
	.neighbors_max = TALK_PEERS_MAX,
	.metric_max = UINT32_MAX - 1,
	.make = talk_make,
	.free = talk_free,
	.pace = talk_pace,
	.interface_set = talk_interface_set,
	.interface_gone = talk_interface_gone,
	.link = talk_link,
	.announce = talk_announce,
	.withdraw = talk_withdraw,
	.told = talk_told,
	.leaving = talk_leaving,
	.packet = talk_packet,
	.farewell = talk_farewell,
	.opened = talk_opened,
	.piece_in = talk_piece,
	.credit = talk_credit,
	.closed = talk_closed,
	.deadline = talk_deadline,
	.tick = talk_tick,
	.output = talk_output,
	.event = talk_event,
	.neighbor_next = talk_neighbor_next,
};

const struct talk_counters *talk_counters(const struct speaker *sp)
{
	return &talk_of(sp)->counters;
}

bool talk_hears(const struct speaker *sp, const struct prefix *p)
{
	const struct talk *t = talk_of(sp);

	for (size_t i = 0; i < TALK_PEERS_MAX; i++)
		for (size_t k = 0; k < TALK_PREFIXES_MAX && t->peers[i].line; k++)
			if (address_is_set(&t->peers[i].heard_prefixes[k].prefix.address) &&
			    prefix_equal(&t->peers[i].heard_prefixes[k].prefix, p))
				return true;
	return false;
}
