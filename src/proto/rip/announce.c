/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prefixes that we announce come and go, in the order of their last change.
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

static void route_touch(struct rip *r, struct instant now, struct rip_route *t)
{
	order_leave(r, t);
	list_append(&r->order, &t->order);
	t->sequence = ++r->sequence;
	t->changed = now;
	t->reported = false;
	cursor_include(&r->announced, t);
	cursor_include(&r->gone, t);
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		for (size_t k = 0; k < RIP_PASSES && interface_speaks(i); k++)
			cursor_include(&i->pass[k], t);
	}
	proof_wanted(r, now);
}

/* The changes that the slowest interface has not sent yet come in bulk. */
static bool route_in_bulk(const struct rip *r)
{
	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
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
	lesson_prefix_changed(r, &t->prefix);
	(void)opinion_set(r, t, &(struct rip_said){ 0 });
	free(t);
}

void route_garbage_expired(struct rip *r, struct instant now, struct rip_route *t)
{
	/* A pace so slow that the good-byes are still on their way: they come first. */
	if (t->withdrawn && !t->reported) {
		(void)timer_set(&r->timers, &t->timer, instant_add(now, r->settings.update));
		return;
	}
	route_free(r, t);
}
