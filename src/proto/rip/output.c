/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves an interface, and when. The most urgent first: what is still owed of the last packet,
 * our question on start, changes, their repetitions, questions of ours, the periodic update, and
 * last the answers to others (answer.c): whoever asks, and however often, holds up nothing that we
 * have to say.
 *
 * Packets are paced, because a router whose socket buffer runs over is wrong for a whole period: a
 * burst may go at once, then they follow at rip_settings.pace a second. Changes that are said for
 * the first time are in haste, and may run ahead of the pace for a while; then a router that lags
 * behind may lose some, so all is repeated, and what is repeated waits until the pace has caught up
 * (README.md, "Pace and damping").
 */
#include <string.h>

#include "proto/rip/instance.h"

static const int64_t pass_delays_ms[RIP_PASSES] = { 0, 20, 100 };

/* Where so many packets are ahead of the pace, an announcement waits so long for others. */
#define GATHER_PACKETS 8
#define GATHER_MAX DURATION_MS(5)

static struct duration pace_step(const struct rip *r)
{
	return (struct duration){ DURATION_S(1).ns / r->settings.pace };
}

static struct duration haste_step(const struct rip *r)
{
	return (struct duration){ pace_step(r).ns / RIP_HASTE };
}

/* From when on the pace lets the next packet go. */
static struct instant pace_gate(const struct rip *r, const struct rip_interface *i)
{
	return (struct instant){ i->paced.ns - pace_step(r).ns * RIP_BURST };
}

/* The same of a change. */
static struct instant haste_gate(const struct rip *r, const struct rip_interface *i)
{
	struct instant own = { i->hasty.ns - haste_step(r).ns * RIP_BURST };
	struct instant ahead = { pace_gate(r, i).ns - pace_step(r).ns * RIP_AHEAD };

	return instant_min(instant_max(own, ahead), pace_gate(r, i));
}

/* Whoever hears one network may hear all of the interface. */
static void pace_spend(const struct rip *r, struct rip_interface *i, struct instant now)
{
	struct instant paced = instant_add(instant_max(i->paced, now), pace_step(r));
	struct instant hasty = instant_add(instant_max(i->hasty, now), haste_step(r));

	for (struct rip_interface *at = NULL; (at = interface_each(i, at));) {
		at->paced = paced;
		at->hasty = hasty;
	}
}

/* When the route at the cursor of a pass is to be sent. */
static struct instant pass_due(const struct rip_interface *i, size_t k)
{
	const struct rip_cursor *c = &i->pass[k];
	struct instant changed = instant_max(route_of(c->at)->changed, c->since);

	return instant_add(changed, DURATION_MS(pass_delays_ms[k]));
}

/*
 * When changes may leave for the first time. Very many come in portions, as the kernel takes them:
 * behind full packets, announcements that would not fill another wait a moment for the next
 * portion, or each would end with a small packet.
 */
static struct instant pass_opens(const struct rip *r, const struct rip_interface *i)
{
	const struct rip_route *first = route_of(i->pass[0].at);
	struct instant due = pass_due(i, 0);
	struct instant calm = { i->paced.ns - pace_step(r).ns * GATHER_PACKETS };

	if (!i->filled || first->withdrawn || i->leaving ||
	    r->sequence - first->sequence + 1 >= interface_entries_max(i))
		return due;
	return instant_max(due, instant_min(instant_add(due, GATHER_MAX), calm));
}

/* Fills the packet with the changes that are due in a pass. */
static void pass_fill(struct rip *r, struct instant now, struct rip_interface *i, size_t k,
		      struct rip_packet *p)
{
	struct rip_cursor *c = &i->pass[k];

	if (k == 0 && c->at && !instant_reached(pass_opens(r, i), now))
		return;
	while (c->at && p->n_entries < interface_entries_max(i) &&
	       instant_reached(pass_due(i, k), now)) {
		const struct rip_route *t = route_of(c->at);

		/* Repeating very many once is enough, and leaves the wire to the first copies. */
		if (k != 1 || !t->bulk || i->leaving)
			interface_add_route(r, i, t, p);
		c->at = order_next(r, c->at);
	}
}

/* Of the neighbours named for unicast those are told here that are not told in another network. */
static void copies_skip(struct rip_interface *i)
{
	while (i->copies_left > 0 &&
	       interface_toward(i, &i->settings.unicast[i->copies_left - 1]) != i)
		i->copies_left--;
}

static struct address copies_take(struct rip_interface *i)
{
	struct address to = i->settings.unicast[--i->copies_left];

	copies_skip(i);
	return to;
}

/* The first destination of an update; the neighbours named for unicast follow as copies. */
static void datagram_destination(struct rip_interface *i, struct packet *d)
{
	i->copies_left = i->settings.n_unicast;
	copies_skip(i);
	if (i->settings.passive && i->copies_left > 0)
		d->destination = copies_take(i);
	else
		d->destination = interface_everybody(i);
}

static void datagram_update(struct rip_interface *i, const struct rip_packet *p, struct packet *ret)
{
	interface_datagram(i, ret);
	datagram_destination(i, ret);
	ret->question = p->command == RIP_REQUEST;
	ret->length = (uint16_t)rip_packet_encode(p, ret->bytes);
	if (i->copies_left > 0)
		i->copy = *ret;
}

/* Changes, and their repetitions in so many passes. */
static bool output_change(struct rip *r, struct instant now, struct rip_interface *i, size_t passes,
			  struct packet *ret)
{
	struct rip_packet p = interface_response(i);

	for (size_t k = 0; k < passes && p.n_entries == 0; k++)
		pass_fill(r, now, i, k, &p);
	if (p.n_entries > 0) {
		i->filled = p.n_entries == interface_entries_max(i);
		datagram_update(i, &p, ret);
	}
	return p.n_entries > 0;
}

static bool output_update(struct rip *r, struct rip_interface *i, struct packet *ret)
{
	struct rip_packet p = interface_response(i);

	if (!i->leaving)
		interface_table_fill(r, i, &i->full, &p);
	if (p.n_entries > 0)
		datagram_update(i, &p, ret);
	return p.n_entries > 0;
}

static bool output_request(struct instant now, struct rip_interface *i, struct packet *ret)
{
	struct rip_packet p;

	if (!i->request_due)
		return false;
	i->request_due = false;
	i->requested = true;
	i->requested_at = now;
	p = rip_packet_request_all(i->family, interface_version(i));
	datagram_update(i, &p, ret);
	return true;
}

/* A question of ours, to the neighbour alone. */
static void datagram_question(const struct rip_interface *i, const struct rip_neighbor *n,
			      enum rip_socket socket, const struct rip_packet *p,
			      struct packet *ret)
{
	interface_datagram(i, ret);
	ret->destination = n->address;
	ret->question = true;
	ret->socket = (uint8_t)socket;
	if (socket == RIP_SOCKET_QUERY)
		ret->source_port = 0; /* that of the socket */
	ret->length = (uint16_t)rip_packet_encode(p, ret->bytes);
}

static bool output_question(struct rip *r, struct instant now, struct rip_interface *i,
			    struct packet *ret)
{
	list_each_entry(struct rip_neighbor, n, &i->neighbors, link) {
		struct rip_packet p;

		if (n->table_due && proof_table_request(r, n, &p)) {
			datagram_question(i, n, RIP_SOCKET_MAIN, &p, ret);
			return true;
		}
		if (n->question_due && proof_question(r, now, n, &p)) {
			datagram_question(i, n, RIP_SOCKET_QUERY, &p, ret);
			return true;
		}
	}
	return false;
}

static bool asks_a_neighbor(const struct rip_interface *i)
{
	list_each_entry(const struct rip_neighbor, n, &i->neighbors, link)
		if (n->question_due || n->table_due)
			return true;
	return false;
}

static bool output_copy(struct rip_interface *i, struct packet *ret)
{
	if (i->copies_left == 0)
		return false;
	*ret = i->copy;
	ret->destination = copies_take(i);
	return true;
}

static bool output_in_haste(struct rip *r, struct instant now, struct rip_interface *i,
			    struct packet *ret)
{
	return output_copy(i, ret) || output_change(r, now, i, 1, ret);
}

static bool output_at_pace(struct rip *r, struct instant now, struct rip_interface *i,
			   struct packet *ret)
{
	return output_copy(i, ret) || output_request(now, i, ret) ||
	       output_change(r, now, i, RIP_PASSES, ret) || output_question(r, now, i, ret) ||
	       output_update(r, i, ret) || answer_output(r, now, i, ret);
}

bool interface_output(struct rip *r, struct instant now, struct rip_interface *i,
		      struct packet *ret)
{
	if (!i->state.usable || !key_is_ready(i) || !instant_reached(haste_gate(r, i), now))
		return false;
	if (instant_reached(pace_gate(r, i), now) ? !output_at_pace(r, now, i, ret)
						  : !output_in_haste(r, now, i, ret))
		return false;
	key_stamp(r, now, i, ret);
	pace_spend(r, i, now);
	i->sent++;
	return true;
}

struct instant interface_deadline(const struct rip *r, const struct rip_interface *i)
{
	struct instant due = answer_due(r, i), hasty = INSTANT_NEVER;

	if (!i->state.usable || !key_is_ready(i))
		return INSTANT_NEVER;
	if (i->pass[0].at)
		hasty = pass_opens(r, i);
	for (size_t k = 1; k < RIP_PASSES; k++)
		if (i->pass[k].at)
			due = instant_min(due, pass_due(i, k));
	if (i->copies_left > 0)
		hasty = (struct instant){ 0 };
	if (i->request_due || i->full.at || asks_a_neighbor(i))
		due = (struct instant){ 0 };
	if (!instant_is_never(due))
		due = instant_max(due, pace_gate(r, i));
	return instant_is_never(hasty) ? due
				       : instant_min(due, instant_max(hasty, haste_gate(r, i)));
}
