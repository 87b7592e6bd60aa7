/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance: its life, its timers, what it gives out. README.md in this folder is the overview.
 */
#include "proto/rip/rip.h"

#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

struct rip *rip_new(enum family family, const struct rip_settings *settings, uint64_t seed)
{
	struct rip *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->family = family;
	r->settings = *settings;
	random_init(&r->random, seed);
	timers_init(&r->timers);
	hash_init(&r->by_prefix);
	hash_init(&r->opinions);
	hash_init(&r->heard);
	hash_init(&r->lessons);
	list_init(&r->changed);
	timer_init(&r->sweep, RIP_TIMER_SWEEP);
	list_init(&r->order);
	list_init(&r->interfaces);
	list_init(&r->rivals);
	timer_init(&r->relax, RIP_TIMER_RELAX);
	if (timers_reserve(&r->timers, 16) < 0) {
		free(r);
		return NULL;
	}
	return r;
}

void rip_hash_seed(struct rip *r, uint64_t seed)
{
	hash_seed(&r->by_prefix, seed);
	hash_seed(&r->opinions, seed);
	hash_seed(&r->heard, seed);
	hash_seed(&r->lessons, seed);
}

void rip_free(struct rip *r)
{
	if (!r)
		return;
	list_each_safe(link, &r->interfaces)
		interface_free(r, container_of(link, struct rip_interface, link));
	list_each_safe(link, &r->order)
		route_free(r, container_of(link, struct rip_route, order));
	/* A route that damping holds back has never been in the order. */
	for (struct hash_node *n; (n = hash_walk(&r->by_prefix, NULL));)
		route_free(r, container_of(n, struct rip_route, by_prefix));
	list_each_safe(link, &r->rivals)
		rival_silent(r, container_of(link, struct rip_rival, link));
	hash_done(&r->by_prefix);
	hash_done(&r->opinions);
	lessons_free(r);
	hash_done(&r->heard);
	timers_done(&r->timers);
	free(r);
}

void rip_configure(struct rip *r, struct instant now, const struct rip_settings *settings)
{
	bool changed = r->settings.metric != settings->metric || r->settings.tag != settings->tag;

	r->settings = *settings;
	if (!changed)
		return;
	list_each(link, &r->interfaces)
		interface_restart(r, container_of(link, struct rip_interface, link), now);
}

bool rip_event(struct rip *r, struct rip_event *ret)
{
	if (r->n_events == 0)
		return route_progress(r, ret);
	*ret = r->events[r->first_event];
	r->first_event = (r->first_event + 1) % RIP_EVENTS_MAX;
	r->n_events--;
	return true;
}

struct instant rip_deadline(const struct rip *r)
{
	struct instant due = timers_deadline(&r->timers);

	list_each(link, &r->interfaces)
		due = instant_min(
			due, interface_deadline(r, container_of(link, struct rip_interface, link)));
	return due;
}

void rip_tick(struct rip *r, struct instant now)
{
	struct timer *t;

	while ((t = timers_pop(&r->timers, now)))
		switch ((enum rip_timer)t->slot) {
		case RIP_TIMER_UPDATE:
			interface_update_due(r, now, container_of(t, struct rip_interface, update));
			break;
		case RIP_TIMER_TIMEOUT:
			neighbor_timed_out(r, now, container_of(t, struct rip_neighbor, timeout));
			break;
		case RIP_TIMER_QUERY:
			proof_query(r, now, container_of(t, struct rip_neighbor, query));
			break;
		case RIP_TIMER_ASK:
			proof_ask(r, now, container_of(t, struct rip_neighbor, ask));
			break;
		case RIP_TIMER_QUIET:
			update_over(r, now, container_of(t, struct rip_neighbor, quiet));
			break;
		case RIP_TIMER_GARBAGE:
			route_garbage_expired(r, now, container_of(t, struct rip_route, timer));
			break;
		case RIP_TIMER_DAMP:
			route_damp_expired(r, now, container_of(t, struct rip_route, timer));
			break;
		case RIP_TIMER_RIVAL:
			rival_silent(r, container_of(t, struct rip_rival, timeout));
			break;
		case RIP_TIMER_KEY:
			key_review(r, now, container_of(t, struct rip_interface, key_change));
			break;
		case RIP_TIMER_SWEEP:
			learn_sweep(r, now);
			break;
		case RIP_TIMER_RELAX:
			rescue_relax(r, now);
			break;
		}
}

/* Whether the good-byes of an interface that is leaving are out. */
static bool interface_has_left(const struct rip_interface *i)
{
	if (!i->leaving || i->copies_left > 0)
		return false;
	for (size_t k = 0; k < RIP_PASSES; k++)
		if (i->pass[k].at)
			return false;
	return true;
}

bool rip_output(struct rip *r, struct instant now, struct packet *ret)
{
	list_each_entry_safe(struct rip_interface, i, &r->interfaces, link) {
		if (interface_output(r, now, i, ret)) {
			/*
			 * The others come first next time, so that a long table here holds up
			 * nobody.
			 */
			list_remove(&i->link);
			list_append(&r->interfaces, &i->link);
			return true;
		}
		if (interface_has_left(i))
			interface_left(r, now, i);
	}
	return false;
}
