/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else who announces a prefix of ours. What a router tells us of our own prefix is most
 * often our own announcement come round by another way, so the two have to be told apart:
 *
 * - By the route tag (RFC 2453 4.2), which routers must hand on. We announce with a tag of our own;
 * our echo carries it, and a prefix with another tag comes from another server.
 * - Where there is no tag (RIP-1, or a router that drops it), by the metric: our echo has been
 * through at least one router, so it is above the lowest metric that we announce. Below that it is
 * a rival for sure; above it nothing can be said.
 *
 * One packet makes no rival that counts: anybody can send one. Who announces a prefix of ours is
 * told of at once, and asked; it is *sure* when it has said so again, and soon forgotten when it
 * has not.
 */
#include <stdlib.h>

#include "proto/rip/instance.h"

#define RIVALRY_BACK DURATION_S(6)

static struct rip_rival *rival_find(const struct rip *r, const struct prefix *prefix,
				    const struct rip_neighbor *n)
{
	list_each_entry(struct rip_rival, v, &r->rivals, link) {
		if (v->interface == n->interface->index &&
		    address_equal(&v->neighbor, &n->address) && prefix_equal(&v->prefix, prefix))
			return v;
	}
	return NULL;
}

bool rival_is_foreign(const struct rip *r, const struct rip_route *t, uint16_t tag, uint8_t metric)
{
	uint8_t lowest = RIP_INFINITY;

	if (r->settings.tag != 0 && tag != 0)
		return tag != r->settings.tag;
	list_each_entry(const struct rip_interface, i, &r->interfaces, link) {
		uint8_t ours = interface_speaks(i) ? route_metric(r, t, i) : RIP_INFINITY;

		if (ours < lowest)
			lowest = ours;
	}
	return metric < lowest;
}

static void rival_tell(struct rip *r, const struct rip_rival *v, enum rip_event_kind kind,
		       uint8_t metric)
{
	rip_tell(r, &(struct rip_event){
			    .kind = (uint8_t)kind,
			    .metric = metric,
			    .interface = v->interface,
			    .neighbor = v->neighbor,
			    .prefix = v->prefix,
		    });
}

static struct rip_rival *rival_new(struct rip *r, struct instant now, const struct rip_neighbor *n,
				   const struct prefix *prefix)
{
	struct rip_rival *v = r->n_rivals < RIP_RIVALS_MAX ? calloc(1, sizeof(*v)) : NULL;

	if (!v || timers_reserve(&r->timers, r->timers.count + 1) < 0) {
		free(v);
		return NULL;
	}
	v->prefix = *prefix;
	v->interface = n->interface->index;
	v->neighbor = n->address;
	v->first = now;
	timer_init(&v->timeout, RIP_TIMER_RIVAL);
	list_append(&r->rivals, &v->link);
	r->n_rivals++;
	return v;
}

/*
 * Takes one off what may still be told of rivals of the prefix: a stranger who comes, changes his
 * mind and goes with each packet is told of a few times, and then now and then.
 */
static bool rivalry_spend(struct rip *r, struct instant now, const struct prefix *prefix)
{
	struct rip_route *t = route_find(r, prefix);
	int64_t back;

	if (!t)
		return true;
	back = instant_since(now, t->rivalled).ns / RIVALRY_BACK.ns;
	if (back > 0) {
		t->rivalry = (uint8_t)(back + t->rivalry < RIP_RIVALRY_MAX ? back + t->rivalry
									   : RIP_RIVALRY_MAX);
		t->rivalled = instant_add(t->rivalled, (struct duration){ back * RIVALRY_BACK.ns });
	}
	if (t->rivalry == 0)
		return false;
	t->rivalry--;
	return true;
}

static void rival_is(struct rip *r, struct rip_rival *v, uint8_t metric)
{
	v->metric = v->told = metric;
	rival_tell(r, v, RIP_EVENT_RIVAL, metric);
}

/* Poison for it says nothing for us. */
static void rival_is_sure(struct rip *r, struct instant now, struct rip_rival *v,
			  const struct rip_neighbor *n)
{
	struct rip_route *t = route_find(r, &v->prefix);

	if (!v->sure)
		rival_tell(r, v, RIP_EVENT_RIVAL_SURE, v->metric);
	v->sure = true;
	if (t && v->metric <= route_metric(r, t, n->interface))
		proof_outbid(r, now, n, t);
}

void rival_heard(struct rip *r, struct instant now, struct rip_neighbor *n,
		 const struct prefix *prefix, uint8_t metric, bool sure)
{
	struct rip_rival *v = rival_find(r, prefix, n);
	struct duration patience = { r->settings.update.ns * 2 };

	if (!v && rivalry_spend(r, now, prefix)) {
		v = rival_new(r, now, n, prefix);
		if (v)
			rival_is(r, v, metric);
	}
	if (!v)
		return;
	v->metric = metric;
	if (v->told != metric && rivalry_spend(r, now, prefix))
		rival_is(r, v, metric);
	if (v->sure || sure || proof_asked_since(n, v->first)) {
		rival_is_sure(r, now, v, n);
		patience = r->settings.timeout;
	} else {
		proof_doubt(r, now, n);
	}
	(void)timer_set(&r->timers, &v->timeout, instant_add(now, patience));
}

void rival_answered(struct rip *r, struct instant now, const struct rip_neighbor *n,
		    const struct prefix *prefix, uint8_t metric)
{
	struct rip_rival *v = rival_find(r, prefix, n);

	if (v && v->metric == metric)
		rival_is_sure(r, now, v, n);
}

void rival_silent(struct rip *r, struct rip_rival *v)
{
	rival_tell(r, v, RIP_EVENT_RIVAL_GONE, RIP_INFINITY);
	timer_stop(&r->timers, &v->timeout);
	list_remove(&v->link);
	r->n_rivals--;
	free(v);
}

void rival_forget(struct rip *r, struct instant now, const struct prefix *prefix,
		  const struct rip_neighbor *n)
{
	list_each_entry_safe(struct rip_rival, v, &r->rivals, link) {
		if (!prefix_equal(&v->prefix, prefix))
			continue;
		if (!n)
			rival_silent(r, v);
		else if (v->interface != n->interface->index ||
			 !address_equal(&v->neighbor, &n->address))
			continue;
		else if (rivalry_spend(r, now, prefix))
			rival_silent(r, v);
		else /* It comes and goes: it is gone when it stays away. */
			(void)timer_set(&r->timers, &v->timeout, instant_add(now, RIVALRY_BACK));
	}
}

static struct route_heard rival_heard_as(const struct rip_rival *v)
{
	return (struct route_heard){
		.interface = v->interface,
		.neighbor = v->neighbor,
		.metric = v->metric,
		.sure = v->sure,
	};
}

/* One that is sure before hearsay; then the one with the better metric. */
static bool rival_is_before(const struct rip_rival *a, const struct rip_rival *b)
{
	return a->sure != b->sure ? a->sure : a->metric < b->metric;
}

bool rip_rival(const struct rip *r, const struct prefix *prefix, struct route_heard *ret)
{
	const struct rip_rival *best = NULL;

	list_each_entry(const struct rip_rival, v, &r->rivals, link)
		if (prefix_equal(&v->prefix, prefix) && (!best || rival_is_before(v, best)))
			best = v;
	if (best)
		*ret = rival_heard_as(best);
	return best;
}

bool rip_rival_next(const struct rip *r, size_t *position, struct prefix *ret_prefix,
		    struct route_heard *ret)
{
	size_t at = 0;

	list_each_entry(const struct rip_rival, v, &r->rivals, link) {
		if (at++ < *position)
			continue;
		*position = at;
		*ret_prefix = v->prefix;
		*ret = rival_heard_as(v);
		return true;
	}
	return false;
}
