/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves an interface, and when. The most urgent first: what is still owed of the last packet,
 * answers, our question on start, changes, their repetitions, whole tables that somebody asked for,
 * and last the periodic update. Packets are paced: a burst may go at once, then they follow at
 * rip_settings.pace a second, because a router whose socket buffer runs over is wrong for a whole
 * period (see "Scale and cost" in the measurements of doc/rip.md).
 */
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

static const int64_t pass_delays_ms[RIP_PASSES] = RIP_PASS_DELAYS_MS;

static struct rip_route *route_of(struct list *order)
{
	return container_of(order, struct rip_route, order);
}

static struct duration pace_step(const struct rip *r)
{
	return (struct duration){ DURATION_S(1).ns / r->settings.pace };
}

/* From when on the pace lets the next packet go. */
static struct instant pace_gate(const struct rip *r, const struct rip_interface *i)
{
	return (struct instant){ i->paced.ns - pace_step(r).ns * RIP_BURST };
}

static void pace_spend(const struct rip *r, struct rip_interface *i, struct instant now)
{
	i->paced = instant_add(instant_max(i->paced, now), pace_step(r));
}

/* When the route at the cursor of a pass is to be sent. */
static struct instant pass_due(const struct rip_interface *i, size_t k)
{
	const struct rip_cursor *c = &i->pass[k];
	struct instant changed = instant_max(route_of(c->at)->changed, c->since);

	return instant_add(changed, DURATION_MS(pass_delays_ms[k]));
}

static uint8_t wire_version(const struct rip_interface *i)
{
	/* RIPng has one version. */
	return i->family == FAMILY_IPV6 || i->settings.version == RIP_VERSION_1 ? 1 : 2;
}

static struct rip_packet response_start(const struct rip_interface *i)
{
	return rip_packet_make(i->family, RIP_RESPONSE, wire_version(i));
}

static void packet_add_route(const struct rip *r, const struct rip_interface *i,
			     const struct rip_route *t, struct rip_packet *p)
{
	if (route_goes_out(t, i))
		rip_packet_add(p, &t->prefix, r->settings.tag, route_metric(r, t, i));
}

/* Fills the packet with the changes that are due in a pass. */
static void pass_fill(struct rip *r, struct instant now, struct rip_interface *i, size_t k,
		      struct rip_packet *p)
{
	struct rip_cursor *c = &i->pass[k];

	while (c->at && p->n_entries < key_entries_max(i) && instant_reached(pass_due(i, k), now)) {
		const struct rip_route *t = route_of(c->at);

		if (k == 0 || !t->once || i->leaving)
			packet_add_route(r, i, t, p);
		c->at = order_next(r, c->at);
	}
}

/* Fills the packet with whatever comes next in a walk over all routes. */
static void table_fill(struct rip *r, const struct rip_interface *i, struct rip_cursor *c,
		       struct rip_packet *p)
{
	while (c->at && p->n_entries < key_entries_max(i)) {
		const struct rip_route *t = route_of(c->at);

		/*
		 * A route that damping holds back is not told anew in the meantime, not even as
		 * gone.
		 */
		if (!t->held)
			packet_add_route(r, i, t, p);
		c->at = order_next(r, c->at);
	}
}

static void datagram_address(const struct rip_interface *i, struct rip_datagram *d)
{
	d->interface = i->index;
	d->source = i->state.address;
	d->source_port = d->destination_port = rip_port(i->family);
	d->socket = RIP_SOCKET_MAIN;
}

/* The first destination of an update; the neighbours named for unicast follow as copies. */
static void datagram_destination(struct rip_interface *i, struct rip_datagram *d)
{
	i->copies_left = i->settings.n_unicast;
	if (i->settings.passive)
		d->destination = i->settings.unicast[--i->copies_left];
	else if (i->family == FAMILY_IPV6 || i->settings.version == RIP_VERSION_2)
		d->destination = rip_group(i->family);
	else
		d->destination = prefix_broadcast(&i->network);
}

static void datagram_update(struct rip_interface *i, const struct rip_packet *p,
			    struct rip_datagram *ret)
{
	memset(ret, 0, sizeof(*ret));
	datagram_address(i, ret);
	datagram_destination(i, ret);
	ret->length = (uint16_t)rip_packet_encode(p, ret->bytes);
	if (i->copies_left > 0)
		i->copy = *ret;
}

/* The next packet of the pending walks over routes; false when none has anything to say. */
static bool output_update(struct rip *r, struct instant now, struct rip_interface *i,
			  struct rip_datagram *ret)
{
	struct rip_packet p = response_start(i);

	for (size_t k = 0; k < RIP_PASSES && p.n_entries == 0; k++)
		pass_fill(r, now, i, k, &p);
	if (p.n_entries == 0 && !i->leaving)
		table_fill(r, i, &i->full, &p);
	if (p.n_entries == 0)
		return false;
	datagram_update(i, &p, ret);
	return true;
}

static bool output_table_reply(struct rip *r, struct rip_interface *i, struct rip_datagram *ret)
{
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++) {
		struct rip_table_reply *reply = &i->table_replies[k];
		struct rip_packet p;

		if (!reply->cursor.at)
			continue;
		p = response_start(i);
		table_fill(r, i, &reply->cursor, &p);
		if (p.n_entries == 0)
			continue;
		memset(ret, 0, sizeof(*ret));
		datagram_address(i, ret);
		ret->destination = reply->to;
		ret->destination_port = reply->port;
		ret->length = (uint16_t)rip_packet_encode(&p, ret->bytes);
		return true;
	}
	return false;
}

static bool output_request(struct rip_interface *i, struct rip_datagram *ret)
{
	struct rip_packet p;

	if (!i->request_due)
		return false;
	i->request_due = false;
	p = rip_packet_request_all(i->family, wire_version(i));
	datagram_update(i, &p, ret);
	return true;
}

/* RFC 2453 3.9.1: each entry that was asked for gets the metric that it has now, or infinity. */
static void reply_fill(const struct rip *r, const struct rip_interface *i, struct rip_packet *p)
{
	p->command = RIP_RESPONSE;
	for (size_t k = 0; k < p->n_entries; k++) {
		struct rip_entry *e = &p->entries[k], asked = *e;
		struct rip_route *t = NULL;
		struct prefix prefix;

		asked.metric = 1; /* whatever the asker put there says nothing */
		if (rip_entry_prefix(p, &asked, &i->network, &prefix) == RIP_DROP_NOTHING)
			t = route_find(r, &prefix);
		e->metric = t && route_goes_out(t, i) ? route_metric(r, t, i) : RIP_INFINITY;
	}
}

static bool output_reply(const struct rip *r, struct rip_interface *i, struct rip_datagram *ret)
{
	struct rip_reply *reply;

	if (i->n_replies == 0)
		return false;
	reply = i->replies[0];
	i->n_replies--;
	memmove(&i->replies[0], &i->replies[1], i->n_replies * sizeof(i->replies[0]));
	memset(ret, 0, sizeof(*ret));
	datagram_address(i, ret);
	ret->destination = reply->to;
	ret->destination_port = reply->port;
	reply_fill(r, i, &reply->question);
	ret->length = (uint16_t)rip_packet_encode(&reply->question, ret->bytes);
	free(reply);
	return true;
}

/* A question of ours, to the neighbour alone. */
static void datagram_question(const struct rip_interface *i, const struct rip_neighbor *n,
			      enum rip_socket socket, const struct rip_packet *p,
			      struct rip_datagram *ret)
{
	memset(ret, 0, sizeof(*ret));
	datagram_address(i, ret);
	ret->destination = n->address;
	ret->socket = (uint8_t)socket;
	if (socket == RIP_SOCKET_QUERY)
		ret->source_port = 0; /* that of the socket */
	ret->length = (uint16_t)rip_packet_encode(p, ret->bytes);
}

static bool output_question(struct rip *r, struct rip_interface *i, struct rip_datagram *ret)
{
	list_each(link, &i->neighbors) {
		struct rip_neighbor *n = container_of(link, struct rip_neighbor, link);
		struct rip_packet p;

		if (n->table_due && proof_table_request(r, n, &p)) {
			datagram_question(i, n, RIP_SOCKET_MAIN, &p, ret);
			return true;
		}
		if (n->question_due && proof_question(r, n, &p)) {
			datagram_question(i, n, RIP_SOCKET_QUERY, &p, ret);
			return true;
		}
	}
	return false;
}

static bool asks_a_neighbor(const struct rip_interface *i)
{
	list_each(link, &i->neighbors) {
		const struct rip_neighbor *n = container_of(link, struct rip_neighbor, link);

		if (n->question_due || n->table_due)
			return true;
	}
	return false;
}

static bool output_copy(struct rip_interface *i, struct rip_datagram *ret)
{
	if (i->copies_left == 0)
		return false;
	*ret = i->copy;
	ret->destination = i->settings.unicast[--i->copies_left];
	return true;
}

bool interface_output(struct rip *r, struct instant now, struct rip_interface *i,
		      struct rip_datagram *ret)
{
	if (!i->state.usable || !key_is_ready(i) || !instant_reached(pace_gate(r, i), now))
		return false;
	if (!output_copy(i, ret) && !output_reply(r, i, ret) && !output_request(i, ret) &&
	    !output_question(r, i, ret) && !output_update(r, now, i, ret) &&
	    !output_table_reply(r, i, ret))
		return false;
	key_stamp(r, now, i, ret);
	pace_spend(r, i, now);
	i->sent++;
	return true;
}

struct instant interface_deadline(const struct rip *r, const struct rip_interface *i)
{
	struct instant due = INSTANT_NEVER;

	if (!i->state.usable || !key_is_ready(i))
		return due;
	for (size_t k = 0; k < RIP_PASSES; k++)
		if (i->pass[k].at)
			due = instant_min(due, pass_due(i, k));
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++)
		if (i->table_replies[k].cursor.at)
			due = (struct instant){ 0 };
	if (i->copies_left > 0 || i->n_replies > 0 || i->request_due || i->full.at ||
	    asks_a_neighbor(i))
		due = (struct instant){ 0 };
	return instant_is_never(due) ? due : instant_max(due, pace_gate(r, i));
}

void interface_reply(struct rip_interface *i, const struct address *to, uint16_t port,
		     const struct rip_packet *question)
{
	struct rip_reply *reply;

	if (i->n_replies == RIP_REPLIES_MAX)
		return;
	reply = malloc(sizeof(*reply));
	if (!reply)
		return;
	*reply = (struct rip_reply){ .to = *to, .port = port, .question = *question };
	i->replies[i->n_replies++] = reply;
}

void interface_reply_table(struct rip *r, struct instant now, struct rip_interface *i,
			   const struct address *to, uint16_t port)
{
	if (list_empty(&r->order))
		return;
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++) {
		struct rip_table_reply *reply = &i->table_replies[k];

		/* Somebody who asks again while he is being answered has to wait for the end. */
		if (reply->cursor.at && address_equal(&reply->to, to) && reply->port == port)
			return;
	}
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++) {
		struct rip_table_reply *reply = &i->table_replies[k];

		if (reply->cursor.at)
			continue;
		*reply = (struct rip_table_reply){
			.to = *to,
			.port = port,
			.cursor = { .at = r->order.next, .since = now },
		};
		return;
	}
}
