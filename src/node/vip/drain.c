/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draining: a VIP is to lose its users before it loses its place.
 *
 *	running ── no connection is left, or the time is over ──► done
 *
 * While it runs the VIP is announced with a bad metric, so that whoever else announces it gets what
 * is new, and once a second the world counts the connections that are established to it. Then it is
 * withdrawn. It stays bound either way, until it is unbound or undrained, also over a restart.
 */
#include <stdlib.h>

#include "node/vip/vip.h"

#define DRAIN_LOOK DURATION_S(1)

void drain_free(struct node *n, struct binding *b)
{
	if (!drain_is_on(b))
		return;
	timer_stop(&n->timers, &b->rare->drain->due);
	free(b->rare->drain);
	b->rare->drain = NULL;
}

/* Asks for the number of connections, and looks again a second later. */
static void drain_count(struct node *n, struct drain *d)
{
	struct effect e = { .kind = EFFECT_COUNT, .count.address = d->binding->address };

	node_effect_put(n, &e);
	(void)timer_set(&n->timers, &d->due,
			instant_min(d->until, instant_add(n->now, DRAIN_LOOK)));
}

static struct drain *drain_make(struct node *n, struct binding *b)
{
	struct drain *d = binding_rare(b) ? calloc(1, sizeof(*d)) : NULL;

	if (!d || timers_reserve(&n->timers, n->timers.count + 1) < 0) {
		free(d);
		return NULL;
	}
	d->binding = b;
	timer_init(&d->due, NODE_TIMER_DRAIN);
	b->rare->drain = d;
	return d;
}

static void drain_done(struct node *n, struct drain *d)
{
	struct binding *b = d->binding;

	timer_stop(&n->timers, &d->due);
	d->phase = DRAIN_DONE;
	save_vip(n, b);
	(void)network_leave(n, b);
	metric_review(n, b);
	binding_review(n, b);
}

/* Goes on where it stood: begun by a command, or by an earlier life. */
static void drain_run(struct node *n, struct drain *d)
{
	drain_count(n, d);
	save_vip(n, d->binding);
	metric_review(n, d->binding);
	binding_review(n, d->binding);
}

int drain_begin(struct node *n, struct binding *b, struct duration time)
{
	struct drain *d = drain_is_on(b) ? b->rare->drain : drain_make(n, b);

	if (!d)
		return -1;
	if (d->phase == DRAIN_DONE)
		return 0;
	d->phase = DRAIN_RUNNING;
	d->until = instant_add(n->now, time);
	take_free(n, b);
	drain_run(n, d);
	return 0;
}

void drain_restore(struct node *n, struct binding *b, enum drain_phase phase, struct instant until)
{
	struct drain *d = phase != DRAIN_NONE && !drain_is_on(b) ? drain_make(n, b) : NULL;

	if (!d)
		return;
	d->phase = (uint8_t)phase;
	d->until = until;
	if (phase == DRAIN_RUNNING)
		drain_count(n, d);
}

void drain_end(struct node *n, struct binding *b)
{
	drain_free(n, b);
	save_vip(n, b);
	metric_review(n, b);
	binding_announce_if_ready(n, b);
	binding_review(n, b);
}

void drain_due(struct node *n, struct timer *due)
{
	struct drain *d = container_of(due, struct drain, due);

	if (instant_reached(d->until, n->now))
		drain_done(n, d);
	else
		drain_count(n, d);
}

void drain_counted(struct node *n, const struct input *in)
{
	struct binding *b = binding_find(n, &in->counted.address);
	struct drain *d = b && drain_is_running(b) ? b->rare->drain : NULL;

	if (!d)
		return;
	d->counted = in->counted.known;
	d->connections = in->counted.connections;
	if (d->counted && d->connections == 0)
		drain_done(n, d);
	else
		binding_review(n, b);
}
