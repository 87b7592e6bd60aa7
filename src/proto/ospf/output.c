/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves: packets are made here, of what is due, when somebody asks for one. Interfaces take
 * turns. On one of them hellos and what is small come first, then what is flooded to all who are
 * there, then what is for one neighbour alone.
 */
#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"

#include <string.h>

#define REQUEST_BYTES 12
#define HOP_LIMIT_SECURITY 255 /* RFC 5082 */

/* What is asked for at once is to fit into our own socket when it comes. */
#define REQUESTED_BYTES_MAX 100000

/* A packet that is being made in o->packet. */
struct draft {
	struct ospf_interface *interface;
	struct writer w;
	uint8_t type;
	uint32_t count; /* LSAs of an update */
	uint32_t cost;	/* of the room of whoever has to acknowledge it */
};

static struct draft draft_begin(struct ospf_interface *i, uint8_t type, size_t room)
{
	struct ospf *o = i->of;
	struct draft d = { .interface = i, .type = type };
	const struct ospf_header h = {
		.version = (uint8_t)o->version,
		.type = type,
		.router = o->router,
		.area = i->area->id,
		.instance = i->settings.is.instance,
	};

	writer_init(&d.w, o->packet, ospf_header_bytes(o->version) + room);
	ospf_begin(o->version, &d.w, &h);
	return d;
}

static bool draft_send(struct draft *d, const struct address *to, struct ospf_packet *ret)
{
	struct ospf_interface *i = d->interface;
	struct ospf *o = i->of;

	if (d->type == OSPF_UPDATE)
		ospf_update_count(o->version, &d->w, d->count);
	ospf_finish(&d->w);
	*ret = (struct ospf_packet){
		.interface = i->index,
		.source = *interface_source(i),
		.destination = *to,
		.hop_limit = i->settings.is.ttl_security ? HOP_LIMIT_SECURITY : 0,
		.bytes = o->packet,
		.length = d->w.length,
	};
	ospf_key_stamp(o, o->now, i, ret);
	i->sent[d->type]++;
	return true;
}

/* RFC 2328 8.1, RFC 5340 4.2.1 */
static struct address neighbor_destination(const struct ospf_neighbor *n)
{
	const struct ospf_interface *i = n->interface;

	return i->settings.is.network == OSPF_POINT_TO_POINT ? ospf_group(i->of->version, false)
							     : n->address;
}

/* RFC 2328 13.3 and 13.5: the Designated Routers speak to all, all others to them. */
static struct address group_destination(const struct ospf_interface *i)
{
	return ospf_group(i->of->version, i->settings.is.network == OSPF_BROADCAST &&
						  i->state != OSPF_INTERFACE_DR &&
						  i->state != OSPF_INTERFACE_BACKUP);
}

/* LSAs of ours are still to be flushed: so long it is as if nobody left. */
static bool leave_waits(const struct ospf_interface *i)
{
	return i->leaving && i->of->n_flushes > 0 && timer_running(&i->wait);
}

/* To the group, or to each neighbour that is named, one after the other. */
static bool hello_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	struct draft d;
	struct address to = ospf_group(i->of->version, false);

	if (i->settings.n_unicast > 0)
		to = i->settings.unicast[i->hello_to++];
	if (i->hello_to >= i->settings.n_unicast) {
		i->hello_to = 0;
		i->hello_due = false;
	}
	d = draft_begin(i, OSPF_HELLO, interface_room(i));
	hello_write(i, &d.w, i->leaving && !leave_waits(i));
	ledger_alive(i);
	return draft_send(&d, &to, ret);
}

/* RFC 3623 5: to all, because we know nobody yet. */
static bool grace_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	struct draft d = draft_begin(i, OSPF_UPDATE, interface_room(i));
	struct address to = ospf_group(i->of->version, false);

	ospf_write_update(&d.w);
	d.count = restart_output(i, &d.w);
	return draft_send(&d, &to, ret);
}

static bool acknowledgments_output(struct ospf_interface *i, struct acknowledgments *a,
				   const struct address *to, struct ospf_packet *ret)
{
	struct draft d = draft_begin(i, OSPF_ACKNOWLEDGMENT, interface_room(i));
	size_t n = 0;

	for (; n < a->n && writer_left(&d.w) >= LSA_HEADER_BYTES; n++)
		lsa_header_write(i->of->version, &d.w, &a->headers[n]);
	a->n -= n;
	memmove(a->headers, a->headers + n, a->n * sizeof(*a->headers));
	return draft_send(&d, to, ret);
}

static bool description_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct ospf_interface *i = n->interface;
	struct address to = neighbor_destination(n);
	struct draft d = draft_begin(i, OSPF_DESCRIPTION, n->sent_dd_length);

	writer_bytes(&d.w, n->sent_dd, n->sent_dd_length);
	n->description_due = false;
	n->description_sent = i->of->now;
	if (n->master)
		neighbor_retransmit_later(n);
	return draft_send(&d, &to, ret);
}

static bool request_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct ospf_interface *i = n->interface;
	struct address to = neighbor_destination(n);
	struct draft d = draft_begin(i, OSPF_REQUEST, interface_room(i));
	size_t expected = 0;

	n->request_due = false;
	list_each_entry(struct request, r, &n->requests, link) {
		if (r->sent)
			continue;
		if (writer_left(&d.w) < REQUEST_BYTES ||
		    (n->n_requested > 0 && expected + r->header.length > REQUESTED_BYTES_MAX))
			break;
		ospf_write_request(i->of->version, &d.w, &r->header.key);
		expected += r->header.length;
		r->sent = true;
		n->n_requested++;
	}
	n->request_sent = i->of->now;
	neighbor_retransmit_later(n);
	return draft_send(&d, &to, ret);
}

static struct draft update_begin(struct ospf_interface *i, const struct lsa *first)
{
	size_t room = interface_room(i), needed = OSPF_UPDATE_BYTES + (size_t)first->header.length;
	struct draft d;

	/* One that is longer than a packet leaves alone, and IP cuts it. */
	d = draft_begin(i, OSPF_UPDATE, needed > room ? needed : room);
	d.cost = (uint32_t)(RETRANSMISSION_PACKET_COST * ((needed + room - 1) / room));
	ospf_write_update(&d.w);
	i->of->updates++;
	return d;
}

/* False: it does not fit. */
static bool update_add(struct draft *d, struct lsa *l)
{
	struct ospf *o = d->interface->of;
	size_t at = d->w.length;
	unsigned age = lsa_age(l, o->now) + OSPF_TRANSIT_DELAY;

	if (writer_left(&d->w) < l->header.length)
		return false;
	writer_bytes(&d->w, l->bytes, l->header.length);
	lsa_set_age(d->w.start + at, (uint16_t)(age < LSA_AGE_MAX ? age : LSA_AGE_MAX));
	d->count++;
	l->sent = o->now;
	return true;
}

/* What a packet takes of a neighbour's room the first LSA in it takes that it waits for. */
static uint32_t share(const struct draft *d, struct ospf_neighbor *n)
{
	uint32_t updates = d->interface->of->updates;

	if (n->charged == updates)
		return 0;
	n->charged = updates;
	return d->cost;
}

static bool answers_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	struct answers *a = &n->answers;
	struct address to = neighbor_destination(n);
	struct draft d = { 0 };

	for (; a->at < a->n; a->at++) {
		struct lsa *l = a->lsas[a->at];

		/* Another one has taken its place, and was flooded. */
		if (l->of) {
			if (d.count == 0)
				d = update_begin(i, l);
			if (!update_add(&d, l))
				break;
			if (l->own)
				own_answered(o, l);
		}
		lsa_release(l);
	}
	if (a->at == a->n)
		a->at = a->n = 0;
	return d.count > 0 && draft_send(&d, &to, ret);
}

/* What it alone is to have of what is flooded: it had no room when others were told. */
static bool missed_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct address to = neighbor_destination(n);
	struct draft d = { 0 };

	if (list_empty(&n->missed) || !neighbor_has_room(n))
		return false;
	list_each_entry_safe(struct retransmission, t, &n->missed, of_neighbor) {
		if (d.count == 0)
			d = update_begin(n->interface, t->lsa);
		if (!update_add(&d, t->lsa))
			break;
		retransmission_sent(t, share(&d, n));
	}
	return draft_send(&d, &to, ret);
}

/* RFC 2328 13.6 */
static bool again_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	struct address to = neighbor_destination(n);
	struct draft d = { 0 };

	while (n->again && !list_empty(&n->retransmissions)) {
		struct retransmission *t =
			container_of(n->retransmissions.next, struct retransmission, of_neighbor);

		if (!instant_reached(instant_add(t->sent, i->settings.is.retransmit), o->now))
			break;
		if (d.count == 0)
			d = update_begin(i, t->lsa);
		if (!update_add(&d, t->lsa))
			return draft_send(&d, &to, ret);
		n->retransmitted++;
		retransmission_overdue(t);
		retransmission_sent(t, share(&d, n));
	}
	n->again = false;
	return d.count > 0 && draft_send(&d, &to, ret);
}

/* It has room; or what is in the packet that is being made has taken the last of it. */
static bool can_take(const struct draft *d, const struct ospf_neighbor *n)
{
	return neighbor_has_room(n) || (d->count > 0 && n->charged == n->interface->of->updates);
}

/* Whether one of those who wait for it there can take it now. */
static bool has_room(const struct draft *d, const struct ospf_interface *i, const struct lsa *l)
{
	list_each_entry(struct retransmission, t, &l->waiting, of_lsa)
		if (t->neighbor->interface == i && can_take(d, t->neighbor))
			return true;
	return false;
}

static bool is_waited_for(const struct ospf_interface *i, const struct lsa *l)
{
	list_each_entry(struct retransmission, t, &l->waiting, of_lsa)
		if (t->neighbor->interface == i)
			return true;
	return false;
}

/* It has had its turn on the interface. `alone`: each of those who wait for it is told alone. */
static void flooded(struct draft *d, struct ospf_interface *i, struct queued *q, bool alone)
{
	list_each_entry_safe(struct retransmission, t, &q->lsa->waiting, of_lsa) {
		if (t->neighbor->interface != i)
			continue;
		if (alone || !can_take(d, t->neighbor))
			retransmission_missed(t);
		else
			retransmission_sent(t, share(d, t->neighbor));
	}
	queue_remove(q, true);
}

static bool flood_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	struct address to = group_destination(i);
	struct draft d = { 0 };

	while (!list_empty(&i->flood)) {
		struct queued *q = container_of(i->flood.next, struct queued, link);

		if (i->settings.is.network == OSPF_POINT_TO_MULTIPOINT ||
		    !is_waited_for(i, q->lsa)) {
			flooded(&d, i, q, true);
			continue;
		}
		if (!has_room(&d, i, q->lsa))
			break;
		if (d.count == 0)
			d = update_begin(i, q->lsa);
		if (!update_add(&d, q->lsa))
			break;
		flooded(&d, i, q, false);
	}
	return d.count > 0 && draft_send(&d, &to, ret);
}

/* It gets once more what it was sent last, and has to answer that at once: RFC 2328 13.5. */
static bool ask_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct address to = neighbor_destination(n);
	struct lsa *l = retransmission_ask(n, RETRANSMISSION_PACKET_COST);
	struct draft d;

	if (!l)
		return false;
	d = update_begin(n->interface, l);
	return update_add(&d, l) && draft_send(&d, &to, ret);
}

static bool neighbor_small_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	struct address to = neighbor_destination(n);

	if (n->description_due && n->sent_dd)
		return description_output(n, ret);
	if (n->acknowledgments.n > 0)
		return acknowledgments_output(n->interface, &n->acknowledgments, &to, ret);
	if (n->ask_due && ask_output(n, ret))
		return true;
	return n->request_due && n->n_requests > 0 && request_output(n, ret);
}

static bool neighbor_large_output(struct ospf_neighbor *n, struct ospf_packet *ret)
{
	return answers_output(n, ret) || missed_output(n, ret) || again_output(n, ret);
}

/* Those who may have something; who has nothing any more leaves the list. */
static bool neighbors_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	list_each_entry(struct ospf_neighbor, n, &i->neighbors_output, output)
		if (neighbor_small_output(n, ret))
			return true;
	if (flood_output(i, ret))
		return true;
	list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors_output, output) {
		bool has = neighbor_large_output(n, ret);

		list_remove(&n->output);
		if (!has)
			continue;
		list_append(&i->neighbors_output, &n->output);
		return true;
	}
	return false;
}

static bool interface_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	struct address to;

	if (!ospf_interface_speaks(i) || !ospf_key_is_ready(i))
		return false;
	if (i->grace_due > 0)
		return grace_output(i, ret);
	if (i->hello_due && (!i->leaving || leave_waits(i)))
		return hello_output(i, ret);
	if (i->acknowledgments.n >= interface_room(i) / LSA_HEADER_BYTES ||
	    (i->acknowledge_now && i->acknowledgments.n > 0)) {
		to = group_destination(i);
		return acknowledgments_output(i, &i->acknowledgments, &to, ret);
	}
	i->acknowledge_now = false;
	return neighbors_output(i, ret);
}

/* What is said there is said, or cannot be: the last hello, which names nobody. */
static bool leave_output(struct ospf_interface *i, struct ospf_packet *ret)
{
	bool said = false;

	if (ospf_interface_speaks(i) &&
	    (leave_waits(i) || (!list_empty(&i->flood) && timer_running(&i->wait))))
		return false;
	if (ospf_interface_speaks(i) && ospf_key_is_ready(i)) {
		said = hello_output(i, ret);
		if (i->hello_to > 0) {
			interface_wants_output(i);
			return said;
		}
	}
	ospf_interface_left(i);
	return said;
}

bool ospf_output(struct ospf *o, struct instant now, struct ospf_packet *ret)
{
	o->now = now;
	settle(o);
	while (!list_empty(&o->output)) {
		struct ospf_interface *i =
			container_of(o->output.next, struct ospf_interface, output);
		bool has;

		list_remove(&i->output);
		has = interface_output(i, ret);
		if (has) {
			/* Others come first next time. What was done may have put it back already.
			 */
			interface_wants_output(i);
			return true;
		}
		if (i->leaving && leave_output(i, ret))
			return true;
	}
	return false;
}
