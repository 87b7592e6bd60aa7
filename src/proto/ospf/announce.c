/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our prefixes come and go, and who knows it.
 *
 * A prefix stands in LSAs by carriages: in the router-LSA (v3: an intra-area-prefix-LSA) of each
 * area, or in an LSA of its own. place.c says in which; here is what becomes of it:
 *
 *	touched ──the LSA is made──► made ──it leaves──► told ──a neighbour acknowledges──► accepted
 *
 * The carriages of an LSA stand in the order of their last change, and each has the number of the
 * instance that had it first. A neighbour that has not acknowledged the LSA is waited for since an
 * instance (struct retransmission); so it knows all that is older than that, and an acknowledgment
 * concerns the end of the list alone.
 *
 * What was there before a neighbour came it has asked for, and got when its own LSAs (or those of
 *the DR) say that we are full for it: before that it has accepted nothing (mutual.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/mutual.h"
#include "proto/ospf/own.h"

#define SETTLE_RETRANSMISSIONS 3 /* so long it is waited for who does not acknowledge */

static struct route_own *prefix_find(const struct ospf *o, const struct prefix *p)
{
	uint32_t h = prefix_hash(o->prefixes.seed, p);

	for (struct hash_node *n = hash_first(&o->prefixes, h); n; n = hash_next(n, h)) {
		struct route_own *r = container_of(n, struct route_own, node);

		if (prefix_equal(&r->prefix, p))
			return r;
	}
	return NULL;
}

static struct route_own *prefix_new(struct ospf *o, const struct prefix *p)
{
	struct route_own *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->prefix = *p;
	timer_init(&r->settle, SLOT_SETTLE);
	list_init(&r->carriages);
	if (hash_insert(&o->prefixes, &r->node, prefix_hash(o->prefixes.seed, p)) < 0) {
		free(r);
		return NULL;
	}
	rival_own_changed(o, p);
	return r;
}

static void prefix_free(struct ospf *o, struct route_own *r)
{
	struct prefix p = r->prefix;

	list_each_entry(struct area, a, &o->areas, link)
		if (a->anchor == r)
			a->anchor = NULL;
	timer_stop(&o->timers, &r->settle);
	list_each_entry_safe(struct carriage, c, &r->carriages, of_prefix)
		carriage_free(o, c);
	o->n_leaving -= r->leaving;
	hash_remove(&o->prefixes, &r->node);
	free(r);
	rival_own_changed(o, &p);
}

void announce_done(struct ospf *o)
{
	const struct hash_node *n;

	while ((n = hash_walk(&o->prefixes, NULL)))
		prefix_free(o, container_of(n, struct route_own, node));
}

static void prefix_tell(struct ospf *o, const struct route_own *r, enum speaker_event_kind kind,
			const struct ospf_neighbor *n)
{
	struct speaker_event e = { .kind = (uint8_t)kind, .prefix = r->prefix };

	if (n) {
		e.interface = n->interface->index;
		e.neighbor = n->address;
	}
	event_tell(o, &e);
}

/* The LSA that it stands in is flooded to where the neighbour is. */
static bool is_heard_by(const struct carriage *c, const struct ospf_neighbor *n)
{
	const struct area *a = n->interface->area;

	return c->own->of->scope == LSA_SCOPE_AS ? a->kind == OSPF_AREA_NORMAL
						 : c->own->of == &a->database;
}

/* Whether somebody, or that one, is still waited for to acknowledge the instance or a later one. */
static bool is_waited_for(const struct own *w, uint64_t serial, const struct ospf_neighbor *n,
			  const struct retransmission *but)
{
	if (!w->lsa)
		return false;
	list_each_entry(const struct retransmission, t, &w->lsa->waiting, of_lsa)
		if (t != but && t->since <= serial && (!n || t->neighbor == n))
			return true;
	return false;
}

static bool is_accepted_by(const struct route_own *r, const struct ospf_neighbor *n)
{
	if (!n->knows)
		return false;
	list_each_entry(const struct carriage, c, &r->carriages, of_prefix)
		if (!c->leaving && c->serial != CARRIAGE_WAITS && is_heard_by(c, n) &&
		    !is_waited_for(c->own, c->serial, n, NULL))
			return true;
	return false;
}

uint32_t announce_accepted(const struct ospf *o, const struct ospf_neighbor *n)
{
	uint32_t accepted = 0;

	/* It has acknowledged all there is: so it is but for moments, and nothing has to be
	 * counted. */
	if (n->knows && n->n_retransmissions == 0)
		return (uint32_t)(o->prefixes.count - o->n_leaving);
	for (const struct hash_node *h = NULL; (h = hash_walk(&o->prefixes, h));) {
		const struct route_own *r = container_of(h, struct route_own, node);

		accepted += !r->leaving && is_accepted_by(r, n);
	}
	return accepted;
}

static void prefix_accepted(struct ospf *o, const struct route_own *r)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
			if (is_accepted_by(r, n))
				prefix_tell(o, r, SPEAKER_EVENT_ACCEPTED, n);
}

bool announce_is_known(const struct carriage *c, const struct retransmission *but)
{
	return c->serial != CARRIAGE_WAITS && !is_waited_for(c->own, c->serial, NULL, but);
}

static bool is_known_to_anybody(const struct ospf *o)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
			if (n->knows)
				return true;
	return false;
}

/* It goes when it stands nowhere any more, and routers send nothing more to it. */
static void prefix_review(struct ospf *o, struct route_own *r)
{
	if (!list_empty(&r->carriages) || !r->leaving)
		return;
	r->waits = false;
	if (!r->lingers && is_known_to_anybody(o) &&
	    timer_set(&o->timers, &r->settle, instant_add(o->now, OSPF_REACTION)) == 0) {
		r->lingers = true;
		return;
	}
	if (r->lingers && timer_running(&r->settle) && !instant_reached(r->settle.due, o->now))
		return;
	prefix_tell(o, r, SPEAKER_EVENT_WITHDRAWN, NULL);
	prefix_free(o, r);
}

void announce_dropped(struct ospf *o, struct carriage *c)
{
	struct route_own *r = c->prefix;

	carriage_free(o, c);
	prefix_review(o, r);
}

static bool is_told(const struct route_own *r)
{
	list_each_entry(const struct carriage, c, &r->carriages, of_prefix)
		if (!c->leaving && (c->serial == CARRIAGE_WAITS ||
				    (c->own->unsent > 0 && c->serial >= c->own->unsent_since)))
			return false;
	return !list_empty(&r->carriages);
}

void announce_made(struct own *w)
{
	for (struct list *link = w->carriages.prev; link != &w->carriages; link = link->prev) {
		struct carriage *c = container_of(link, struct carriage, of_own);

		if (c->serial != CARRIAGE_WAITS)
			break;
		c->serial = w->serial;
		c->said = true;
	}
}

void announce_left(struct ospf *o, struct own *w)
{
	for (struct list *link = w->carriages.prev; link != &w->carriages; link = link->prev) {
		const struct carriage *c = container_of(link, struct carriage, of_own);
		struct route_own *r = c->prefix;

		if (c->serial == CARRIAGE_WAITS)
			continue;
		if (c->serial < w->unsent_since)
			break;
		if (c->leaving || r->leaving || r->told || !is_told(r))
			continue;
		r->told = true;
		prefix_tell(o, r, SPEAKER_EVENT_ANNOUNCED, NULL);
	}
}

/* What nobody has to acknowledge any more: of the carriages with that number or a higher one. */
static void known_since(struct ospf *o, struct own *w, uint64_t since,
			const struct retransmission *but, const struct ospf_neighbor *n)
{
	struct list *before;

	for (struct list *link = w->carriages.prev; link != &w->carriages; link = before) {
		struct carriage *c = container_of(link, struct carriage, of_own);
		struct route_own *r = c->prefix;

		before = link->prev;
		if (c->serial == CARRIAGE_WAITS)
			continue;
		if (c->serial < since)
			break;
		if (n && !c->leaving && !r->leaving)
			prefix_tell(o, r, SPEAKER_EVENT_ACCEPTED, n);
		if (!announce_is_known(c, but))
			continue;
		if (c->leaving && w->wanted)
			announce_dropped(o, c);
		else if (r->moving)
			(void)place_review(o, r, but);
	}
}

/* Whoever has it had it before: there is no acknowledgment to come. */
void announce_same(struct ospf *o, struct own *w)
{
	struct list *before;

	for (struct list *link = w->carriages.prev; link != &w->carriages; link = before) {
		struct carriage *c = container_of(link, struct carriage, of_own);

		before = link->prev;
		if (c->serial != CARRIAGE_WAITS)
			break;
		c->serial = w->serial;
		c->said = true;
		if (!c->leaving && !c->prefix->leaving)
			prefix_accepted(o, c->prefix);
	}
	if (w->unsent == 0)
		announce_left(o, w);
	announce_known(o, w);
}

void announce_known(struct ospf *o, struct own *w)
{
	known_since(o, w, w->serial, NULL, NULL);
}

void announce_acknowledged(struct ospf *o, struct own *w, const struct retransmission *t, bool said)
{
	known_since(o, w, t->since, t, said && t->neighbor->knows ? t->neighbor : NULL);
}

void announce_neighbor_gone(struct ospf *o, struct ospf_neighbor *n)
{
	if (!n->knows)
		return;
	n->knows = false;
	event_tell(o, &(struct speaker_event){ .kind = SPEAKER_EVENT_UNACCEPTED,
					       .interface = n->interface->index,
					       .neighbor = n->address });
}

void announce_neighbor(struct ospf *o, struct ospf_neighbor *n)
{
	/* Whether it is full for both is looked at when all has settled. */
	o->mutual_changed = o->unsettled = true;
	if (!neighbor_is_full(n))
		announce_neighbor_gone(o, n);
}

static void neighbor_knows(struct ospf *o, struct ospf_neighbor *n)
{
	n->knows = true;
	for (const struct hash_node *at = NULL; (at = hash_walk(&o->prefixes, at));) {
		const struct route_own *r = container_of(at, struct route_own, node);

		if (!r->leaving && is_accepted_by(r, n))
			prefix_tell(o, r, SPEAKER_EVENT_ACCEPTED, n);
	}
}

void announce_review(struct ospf *o)
{
	if (!o->mutual_changed)
		return;
	o->mutual_changed = false;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
			if (!n->knows && !n->remembered && neighbor_is_full(n) &&
			    mutual_neighbor(o, n))
				neighbor_knows(o, n);
}

/* Long enough for who is there: he has been sent it a few times, and MinLSInterval is over. */
static struct duration settle_time(const struct ospf *o)
{
	struct duration longest = DURATION_S(1);

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (i->settings.is.retransmit.ns > longest.ns)
			longest = i->settings.is.retransmit;
	return (struct duration){ SETTLE_RETRANSMISSIONS * longest.ns + MIN_LS_INTERVAL.ns };
}

void announce_settle(struct ospf *o, struct route_own *r)
{
	/* Without memory it is waited for as long as it takes. */
	if (!timer_running(&r->settle))
		(void)timer_set(&o->timers, &r->settle, instant_add(o->now, settle_time(o)));
}

/* It is said no more; those who know of it are waited for. */
static void prefix_leave(struct ospf *o, struct route_own *r)
{
	r->waits = false;
	timer_stop(&o->timers, &r->settle);
	announce_settle(o, r);
	(void)place_review(o, r, NULL);
	prefix_review(o, r);
}

void announce_settled(struct ospf *o, struct route_own *r)
{
	if (r->waits) {
		prefix_leave(o, r);
		return;
	}
	if (!r->leaving) {
		place_force(o, r);
		return;
	}
	list_each_entry_safe(struct carriage, c, &r->carriages, of_prefix)
		carriage_free(o, c);
	prefix_review(o, r);
}

/* More or fewer than a router-LSA has room for. */
static void size_review(struct ospf *o, size_t more)
{
	size_t count = o->prefixes.count - o->n_leaving + more;

	if (place_size(o, count))
		place_all(o);
}

int ospf_announce(struct ospf *o, struct instant now, const struct prefix *p, uint32_t metric)
{
	struct route_own *r = prefix_find(o, p);
	int error;

	o->now = now;
	if (p->address.family != ospf_family(o))
		return -EAFNOSUPPORT;
	if (!r && !place_has_room(o))
		return -ENOSPC;
	if (!r)
		r = prefix_new(o, p);
	if (!r)
		return -ENOMEM;
	if (r->leaving) {
		r->leaving = r->lingers = r->waits = false;
		o->n_leaving--;
		timer_stop(&o->timers, &r->settle);
	}
	if (r->metric != metric) {
		r->metric = metric;
		r->told = false;
		list_each_entry(struct carriage, c, &r->carriages, of_prefix)
			if (!c->leaving)
				carriage_touch(o, c);
	}
	size_review(o, 0);
	o->unsettled |= o->restarting; /* it may be the last one that is waited for */
	error = place_review(o, r, NULL);
	return error;
}

/*
 * A move: who takes it over has come a moment ago. Routers change over one after the other, and one
 * that leaves us before the next one on its way has left us sends that one what it sends back. So
 * it is said until they have all had their time; then each has a way that does not lead to us.
 */
static bool prefix_waits(struct ospf *o, struct route_own *r)
{
	struct instant since = rival_last(o, &r->prefix), until;

	if (instant_is_never(since))
		return false;
	until = instant_add(since, OSPF_REACTION);
	return instant_before(o->now, until) && timer_set(&o->timers, &r->settle, until) == 0;
}

int announce_withdraw(struct ospf *o, const struct prefix *p)
{
	struct route_own *r = prefix_find(o, p);

	if (!r || r->leaving)
		return -ENOENT;
	r->leaving = true;
	r->told = r->moving = false;
	o->n_leaving++;
	r->waits = prefix_waits(o, r);
	if (!r->waits)
		prefix_leave(o, r);
	size_review(o, 0);
	return 0;
}

bool announce_has(const struct ospf *o, const struct prefix *p)
{
	const struct route_own *r = prefix_find(o, p);

	return r && !r->leaving;
}

bool ospf_is_leaving(const struct ospf *o, const struct prefix *p)
{
	const struct route_own *r = prefix_find(o, p);

	return r && r->leaving;
}

void ospf_reserve(struct ospf *o, size_t count)
{
	hash_reserve(&o->prefixes, o->prefixes.count + count);
	hash_reserve(&o->own, o->own.count + count);
	size_review(o, count);
}

bool ospf_is_told(const struct ospf *o, const struct prefix *p, unsigned *ret_accepted)
{
	const struct route_own *r = prefix_find(o, p);
	unsigned accepted = 0;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
			accepted += r && !r->leaving && is_accepted_by(r, n);
	if (ret_accepted)
		*ret_accepted = accepted;
	/* Where nobody is, nobody has to be told. */
	return !r || r->told || (!r->leaving && list_empty(&r->carriages));
}

enum proof ospf_proof(const struct ospf *o, const struct prefix *p, uint32_t interface,
		      const struct address *neighbor)
{
	const struct route_own *r = prefix_find(o, p);
	const struct ospf_interface *i = ospf_interface_find(o, interface);
	const struct ospf_neighbor *n = i ? neighbor_by_address(i, neighbor) : NULL;

	return r && !r->leaving && n && is_accepted_by(r, n) ? PROOF_ACCEPTED : PROOF_NONE;
}
