/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 10.6 to 10.8: two neighbours describe their databases to each other, and ask for what
 * they miss. A description is made when the one before it was answered, and is kept as bytes until
 * it is answered itself: it may have to be said again.
 *
 * What there is to describe is what was installed when the exchange began. What is installed later
 * is flooded to a neighbour in Exchange, and what was replaced since need not be described.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/machine.h"

#define DD_NEGOTIATES (OSPF_DD_INIT | OSPF_DD_MORE | OSPF_DD_MASTER)
#define DD_KNOWN DD_NEGOTIATES

#define DD_BYTES 12 /* of a description, before its headers, at the most */

void exchange_clear(struct ospf_neighbor *n)
{
	n->summary = (struct summary){ 0 };
	free(n->sent_dd);
	n->sent_dd = NULL;
	n->sent_dd_length = 0;
	n->description_due = false;
	answers_clear(&n->answers);
	n->acknowledgments.n = 0;
}

/* The next description, with as much of the summary as fits; false without memory. */
static bool describe(struct ospf_neighbor *n)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	size_t room = interface_room(i), headers = (room - DD_BYTES) / LSA_HEADER_BYTES;
	struct ospf_description d = {
		.mtu = i->mtu,
		.options = interface_options(i),
		.sequence = n->dd_sequence,
		.flags = n->master ? OSPF_DD_MASTER : 0,
	};
	uint8_t *bytes = malloc(room);
	struct writer w;

	if (!bytes)
		return false;
	if (n->state == OSPF_NEIGHBOR_EX_START)
		d.flags = DD_NEGOTIATES;
	else if (summary_exceeds(n, headers))
		d.flags |= OSPF_DD_MORE;
	writer_init(&w, bytes, room);
	ospf_write_description(o->version, &w, &d);
	for (; n->state != OSPF_NEIGHBOR_EX_START && headers > 0 && n->summary.next; headers--) {
		struct lsa_header h = n->summary.next->header;

		h.age = lsa_age(n->summary.next, o->now);
		lsa_header_write(o->version, &w, &h);
		summary_next(n);
	}
	free(n->sent_dd);
	n->sent_dd = bytes;
	n->sent_dd_length = w.length;
	n->dd_flags = d.flags;
	return true;
}

static void description_send(struct ospf_neighbor *n)
{
	n->description_due = true;
	neighbor_wants_output(n);
}

static void describe_next(struct ospf_neighbor *n)
{
	if (describe(n)) {
		description_send(n);
		return;
	}
	n->pending |= NEIGHBOR_PENDING_MISMATCH;
	n->interface->of->unsettled = true;
}

void exchange_begin(struct ospf_neighbor *n)
{
	/* RFC 2328 10.3, "2-WayReceived": the number is another one each time. */
	n->dd_sequence++;
	n->master = true;
	n->last_dd_flags = 0;
	describe_next(n);
}

/* The link may have another MTU by now, or other options: what was said is not worth repeating. */
void exchange_greet(struct ospf_neighbor *n)
{
	if (describe(n))
		description_send(n);
}

/* RFC 2328 10.3, "NegotiationDone": those of MaxAge are to be acknowledged. */
static int purged_add(struct ospf_neighbor *n)
{
	list_each_entry(struct lsa, l, &n->interface->of->purged, of_kind)
		if (summary_concerns(n, l) && retransmission_add(n, l) < 0)
			return -ENOMEM;
	while (!list_empty(&n->queued))
		retransmission_missed(
			container_of(n->queued.next, struct retransmission, of_neighbor));
	return 0;
}

int exchange_summarize(struct ospf_neighbor *n)
{
	exchange_clear(n);
	if (purged_add(n) < 0)
		return -ENOMEM;
	summary_begin(n);
	return 0;
}

/* RFC 2328 10.6, of each LSA in it. False: the event SeqNumberMismatch. */
static bool headers_read(struct ospf_neighbor *n, struct reader headers)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	struct lsa_header h;

	while (ospf_lsa_header_next(o->version, &headers, &h)) {
		struct database *d = interface_database(i, h.key.type);
		struct lsa *l;
		struct lsa_header have;

		if (!d) {
			neighbor_drop(n, OSPF_DROP_LSA_TYPE);
			return false;
		}
		/* RFC 3101 2.3: it would not be taken. */
		if (lsa_kind(o->version, &h.key) == LSA_NSSA && i->area->kind != OSPF_AREA_NSSA)
			continue;
		l = database_find(d, &h.key);
		if (l) {
			have = l->header;
			have.age = lsa_age(l, o->now);
		}
		if ((!l || lsa_compare(&h, &have) > 0) && request_add(n, &h) < 0)
			neighbor_drop(n, OSPF_DROP_LSA_LIMIT);
	}
	if (n->n_requests > 0 && n->n_requested == 0) {
		n->request_due = true;
		neighbor_wants_output(n);
	}
	return true;
}

static void exchange_done(struct ospf_neighbor *n)
{
	n->described = n->interface->of->now;
	neighbor_event(n, NEIGHBOR_EXCHANGE_DONE);
}

/* RFC 2328 10.6: it is the next one, and accepted. */
static void description_accepted(struct ospf_neighbor *n, const struct ospf_description *d)
{
	bool more = d->flags & OSPF_DD_MORE;

	n->last_dd_sequence = d->sequence;
	n->last_dd_flags = d->flags;
	if (!headers_read(n, d->headers)) {
		neighbor_event(n, NEIGHBOR_SEQUENCE_MISMATCH);
		return;
	}
	if (n->master) {
		n->dd_sequence++;
		if (!more && !(n->dd_flags & OSPF_DD_MORE))
			exchange_done(n);
		else
			describe_next(n);
		return;
	}
	n->dd_sequence = d->sequence;
	describe_next(n);
	if (!more && !(n->dd_flags & OSPF_DD_MORE))
		exchange_done(n);
}

/* RFC 2328 10.6, "ExStart": who is the master. */
static void negotiated(struct ospf_neighbor *n, const struct ospf_description *d)
{
	struct ospf *o = n->interface->of;
	bool greets = (d->flags & DD_KNOWN) == DD_NEGOTIATES && reader_left(&d->headers) == 0;

	if (greets && n->router > o->router) {
		n->master = false;
		n->dd_sequence = d->sequence;
	} else if (!greets && !(d->flags & (OSPF_DD_INIT | OSPF_DD_MASTER)) &&
		   d->sequence == n->dd_sequence && n->router < o->router) {
		n->master = true;
	} else {
		return;
	}
	n->options = n->dd_options = d->options;
	neighbor_event(n, NEIGHBOR_NEGOTIATION_DONE);
	/* The first one of a master says who is it, and nothing else. */
	if (n->state == OSPF_NEIGHBOR_EXCHANGE)
		description_accepted(n, d);
}

/* RFC 2328 10.6: one whose options are others is none. */
static bool is_duplicate(const struct ospf_neighbor *n, const struct ospf_description *d)
{
	return d->sequence == n->last_dd_sequence && d->flags == n->last_dd_flags &&
	       d->options == n->dd_options;
}

/* RFC 2328 10.8: the slave says its last one again, for RouterDeadInterval after the exchange. */
static bool may_repeat(const struct ospf_neighbor *n)
{
	const struct ospf_interface *i = n->interface;

	return n->state == OSPF_NEIGHBOR_EXCHANGE ||
	       instant_before(i->of->now, instant_add(n->described, i->settings.is.dead));
}

static void description_continues(struct ospf_neighbor *n, const struct ospf_description *d)
{
	uint32_t expected = n->master ? n->dd_sequence : n->dd_sequence + 1;

	if (is_duplicate(n, d) && (n->master || may_repeat(n))) {
		if (!n->master && n->sent_dd)
			description_send(n);
		return;
	}
	if (n->state != OSPF_NEIGHBOR_EXCHANGE || (d->flags & OSPF_DD_INIT) ||
	    !(d->flags & OSPF_DD_MASTER) != n->master || d->options != n->dd_options ||
	    d->sequence != expected) {
		neighbor_event(n, NEIGHBOR_SEQUENCE_MISMATCH);
		return;
	}
	description_accepted(n, d);
}

void description_received(struct ospf_neighbor *n, struct reader body)
{
	struct ospf_interface *i = n->interface;
	struct ospf_description d;

	if (!ospf_description_read(i->of->version, body, &d)) {
		neighbor_drop(n, OSPF_DROP_LENGTH);
		return;
	}
	if (d.mtu > i->mtu && !i->settings.is.mtu_ignore) {
		n->mtu = d.mtu;
		neighbor_drop(n, OSPF_DROP_MTU);
		return;
	}
	if (n->state == OSPF_NEIGHBOR_INIT)
		neighbor_event(n, NEIGHBOR_TWO_WAY_RECEIVED);
	switch ((enum ospf_neighbor_state)n->state) {
	case OSPF_NEIGHBOR_EX_START:
		negotiated(n, &d);
		break;
	case OSPF_NEIGHBOR_EXCHANGE:
	case OSPF_NEIGHBOR_LOADING:
	case OSPF_NEIGHBOR_FULL:
		description_continues(n, &d);
		break;
	default:
		neighbor_drop(n, OSPF_DROP_STATE);
		break;
	}
}

/* RFC 2328 10.7 */
void request_received(struct ospf_neighbor *n, struct reader body)
{
	struct ospf_interface *i = n->interface;
	struct lsa_key k;

	if (n->state < OSPF_NEIGHBOR_EXCHANGE) {
		neighbor_drop(n, OSPF_DROP_STATE);
		return;
	}
	while (ospf_request_next(i->of->version, &body, &k)) {
		struct database *d = interface_database(i, k.type);
		struct lsa *l = d ? database_find(d, &k) : NULL;

		if (!l) {
			neighbor_event(n, NEIGHBOR_BAD_LS_REQUEST);
			return;
		}
		answer_add(n, l);
	}
	if (!reader_ok(&body) || reader_left(&body) > 0)
		neighbor_drop(n, OSPF_DROP_LENGTH);
}
