/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prefixes that we announce, in the order of their last change.
 *
 *   announced ──withdraw──► withdrawn ──garbage──► forgotten
 *       ▲                       │
 *       └──── announce ─────────┘   at once; too often, and it is held back (damping)
 *
 * Damping is a route's own affair: a VIP that flaps must not hold back another's good news. Bad
 * news is never held back: a router that still believes us sends traffic into nothing.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/rip/instance.h"

#define ROUTE_CREDIT_MAX 20 /* announcements in a row; one comes back each second */

/* RFC 2453 3.10.1: a triggered update that is held back waits for 1 to 5 seconds. */
#define ROUTE_DAMP_LOW DURATION_S(1)
#define ROUTE_DAMP_HIGH DURATION_S(5)

static struct rip_route *route_of(struct list *order)
{
	return container_of(order, struct rip_route, order);
}

struct rip_route *route_find(const struct rip *r, const struct prefix *p)
{
	uint32_t hash = prefix_hash(r->by_prefix.seed, p);

	for (struct hash_node *n = hash_first(&r->by_prefix, hash); n; n = hash_next(n, hash)) {
		struct rip_route *t = container_of(n, struct rip_route, by_prefix);

		if (prefix_equal(&t->prefix, p))
			return t;
	}
	return NULL;
}

uint8_t route_metric(const struct rip *r, const struct rip_route *t, const struct rip_interface *i)
{
	int metric = t->metric ? t->metric : r->settings.metric;

	if (t->withdrawn || t->held || i->leaving)
		return RIP_INFINITY;
	metric += i->settings.cost - 1 - i->lift + i->penalty;
	if (metric < 1)
		return 1;
	return metric < RIP_INFINITY ? (uint8_t)metric : RIP_INFINITY - 1;
}

bool route_goes_out(const struct rip_route *t, const struct rip_interface *i)
{
	struct prefix network = prefix_make(&t->prefix.address, t->stands_for);
	bool stands_in = t->stands_for != t->prefix.length;
	bool carried = i->family == FAMILY_IPV6 || i->settings.version == RIP_VERSION_2 ||
		       rip_prefix_fits_version_1(&network, &i->network);

	return carried != stands_in;
}

struct list *order_next(const struct rip *r, struct list *at)
{
	return at->next == &r->order ? NULL : at->next;
}

/* Takes the route out of the order without leaving a cursor behind on it. */
static void order_leave(struct rip *r, struct rip_route *t)
{
	list_each(link, &r->interfaces)
		interface_step_off(r, container_of(link, struct rip_interface, link), &t->order);
	if (r->announced.at == &t->order)
		r->announced.at = order_next(r, &t->order);
	if (r->gone.at == &t->order)
		r->gone.at = order_next(r, &t->order);
	list_remove(&t->order);
}

static void cursor_include(struct rip_cursor *c, struct rip_route *t)
{
	if (!c->at)
		c->at = &t->order;
}

void route_touch(struct rip *r, struct instant now, struct rip_route *t)
{
	order_leave(r, t);
	list_append(&r->order, &t->order);
	t->sequence = ++r->sequence;
	t->changed = now;
	t->reported = false;
	cursor_include(&r->announced, t);
	cursor_include(&r->gone, t);
	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		for (size_t k = 0; k < RIP_PASSES && interface_speaks(i); k++)
			cursor_include(&i->pass[k], t);
	}
	proof_wanted(r, now);
}

/* The changes that the slowest interface has not sent yet come in bulk. */
static bool route_in_bulk(const struct rip *r)
{
	list_each(link, &r->interfaces) {
		const struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (i->pass[0].at && r->sequence - route_of(i->pass[0].at)->sequence >= RIP_BULK)
			return true;
	}
	return false;
}

static struct rip_route *route_new(struct rip *r, struct instant now, const struct prefix *prefix)
{
	struct rip_route *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->prefix = *prefix;
	t->credit = ROUTE_CREDIT_MAX;
	t->rivalry = RIP_RIVALRY_MAX;
	t->rivalled = now;
	t->credited = now;
	t->withdrawn = true;
	timer_init(&t->timer, RIP_TIMER_GARBAGE);
	list_init(&t->order);
	if (hash_insert(&r->by_prefix, &t->by_prefix, prefix_hash(r->by_prefix.seed, prefix)) < 0) {
		free(t);
		return NULL;
	}
	r->n_withdrawn++;
	return t;
}

/* Takes one announcement off the route's credit; false when it has none left. */
static bool route_spend(struct rip_route *t, struct instant now)
{
	int64_t seconds = instant_since(now, t->credited).ns / DURATION_S(1).ns;

	if (seconds > 0) {
		int64_t credit = t->credit + seconds;

		t->credit = credit < ROUTE_CREDIT_MAX ? (uint8_t)credit : ROUTE_CREDIT_MAX;
		t->credited = instant_add(t->credited, DURATION_S(seconds));
	}
	if (t->credit == 0)
		return false;
	t->credit--;
	return true;
}

static void route_revive(struct rip *r, struct instant now, struct rip_route *t)
{
	t->rebound = t->sequence > 0;
	t->withdrawn = false;
	t->announced = now;
	t->bulk = route_in_bulk(r);
	r->n_withdrawn--;
	r->n_announced++;
	timer_stop(&r->timers, &t->timer);
	if (!route_spend(t, now)) {
		struct duration wait = random_between(&r->random, ROUTE_DAMP_LOW, ROUTE_DAMP_HIGH);

		t->timer.slot = RIP_TIMER_DAMP;
		t->held = timer_set(&r->timers, &t->timer, instant_add(now, wait)) == 0;
	}
	if (!t->held)
		route_touch(r, now, t);
}

int rip_announce(struct rip *r, struct instant now, const struct prefix *prefix,
		 const struct prefix *stands_for, uint32_t wanted)
{
	/* What is worse than RIP can say is as bad as RIP can say. */
	uint8_t metric = wanted < RIP_COST_MAX ? (uint8_t)wanted : RIP_COST_MAX;
	struct rip_route *t = route_find(r, prefix);
	bool changed;

	if (prefix->address.family != r->family)
		return -EAFNOSUPPORT;
	if (!t)
		t = route_new(r, now, prefix);
	if (!t)
		return -ENOMEM;
	changed = t->metric != metric;
	t->stands_for = stands_for ? stands_for->length : prefix->length;
	t->metric = metric;
	if (t->withdrawn) {
		route_revive(r, now, t);
		heard_becomes_ours(r, now, prefix);
	} else if (changed && !t->held) {
		route_touch(r, now, t);
	}
	return 0;
}

int rip_withdraw(struct rip *r, struct instant now, const struct prefix *prefix)
{
	struct rip_route *t = route_find(r, prefix);

	if (!t || t->withdrawn)
		return -ENOENT;
	t->withdrawn = true;
	t->held = false;
	t->bulk = false;
	r->n_announced--;
	r->n_withdrawn++;
	proof_forget(r, now, t);
	/* Without memory for the timer it is told as gone for ever, which is true for as long. */
	t->timer.slot = RIP_TIMER_GARBAGE;
	(void)timer_set(&r->timers, &t->timer, instant_add(now, r->settings.garbage));
	route_touch(r, now, t);
	return 0;
}

void route_damp_expired(struct rip *r, struct instant now, struct rip_route *t)
{
	t->held = false;
	t->announced = now;
	route_touch(r, now, t);
}

void route_free(struct rip *r, struct rip_route *t)
{
	if (t->withdrawn)
		r->n_withdrawn--;
	else
		r->n_announced--;
	timer_stop(&r->timers, &t->timer);
	order_leave(r, t);
	hash_remove(&r->by_prefix, &t->by_prefix);
	learn_prefix_changed(r, &t->prefix);
	free(t);
}

void route_garbage_expired(struct rip *r, struct rip_route *t)
{
	/* A pace so slow that the good-byes are still on their way: they come first. */
	if (t->withdrawn && !t->reported) {
		(void)timer_set(&r->timers, &t->timer,
				instant_add(t->timer.due, r->settings.update));
		return;
	}
	route_free(r, t);
}

/* The sequence number before which every speaking interface has sent everything in that pass. */
static uint64_t pass_progress(const struct rip *r, size_t pass, bool *ret_speaks)
{
	uint64_t progress = UINT64_MAX;

	*ret_speaks = false;
	list_each(link, &r->interfaces) {
		const struct rip_interface *i = container_of(link, struct rip_interface, link);

		if (!interface_speaks(i) || i->leaving)
			continue;
		*ret_speaks = true;
		/*
		 * A copy of the last packet may still have to go to a neighbour named for unicast.
		 */
		if (i->copies_left > 0)
			return 0;
		if (i->pass[pass].at && route_of(i->pass[pass].at)->sequence < progress)
			progress = route_of(i->pass[pass].at)->sequence;
	}
	return progress;
}

/* Moves the cursor over routes that are sent, up to the next one that wants the event. */
static struct rip_route *cursor_progress(struct rip *r, struct rip_cursor *c, uint64_t sent,
					 bool withdrawn)
{
	while (c->at && route_of(c->at)->sequence < sent) {
		struct rip_route *t = route_of(c->at);

		c->at = order_next(r, c->at);
		/* What damping holds back is still told as gone. */
		if (t->withdrawn == withdrawn && !t->held && !t->reported) {
			t->reported = true;
			return t;
		}
	}
	return NULL;
}

void route_report_again(struct rip *r)
{
	list_each(link, &r->order)
		if (!route_of(link)->withdrawn)
			route_of(link)->reported = false;
	r->announced.at = list_empty(&r->order) ? NULL : r->order.next;
}

bool rip_is_told(const struct rip *r, const struct prefix *prefix, unsigned *ret_accepted)
{
	const struct rip_route *t = route_find(r, prefix);
	bool speaks;

	if (ret_accepted)
		*ret_accepted = t ? (unsigned)__builtin_popcountll(t->accepted) : 0;
	return !t || (!t->held && t->sequence < pass_progress(r, 0, &speaks));
}

bool rip_is_leaving(const struct rip *r, const struct prefix *prefix)
{
	const struct rip_route *t = route_find(r, prefix);
	bool speaks;

	return t && t->withdrawn && t->sequence >= pass_progress(r, RIP_PASSES - 1, &speaks);
}

void rip_reserve(struct rip *r, size_t count)
{
	hash_reserve(&r->by_prefix, count);
}

bool route_progress(struct rip *r, struct rip_event *ret)
{
	bool speaks;
	uint64_t sent = pass_progress(r, 0, &speaks);
	struct rip_route *t = speaks ? cursor_progress(r, &r->announced, sent, false) : NULL;

	if (!t) {
		sent = pass_progress(r, RIP_PASSES - 1, &speaks);
		t = cursor_progress(r, &r->gone, sent, true);
	}
	if (!t)
		return false;
	*ret = (struct rip_event){
		.kind = t->withdrawn ? RIP_EVENT_WITHDRAWN : RIP_EVENT_ANNOUNCED,
		.prefix = t->prefix,
	};
	return true;
}
