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
 */
#include <stdlib.h>

#include "proto/rip/instance.h"

static struct rip_rival *rival_find(const struct rip *r, const struct prefix *prefix,
				    const struct rip_neighbor *n)
{
	list_each(link, &r->rivals) {
		struct rip_rival *v = container_of(link, struct rip_rival, link);

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
	list_each(link, &r->interfaces) {
		const struct rip_interface *i = container_of(link, struct rip_interface, link);
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

void rival_heard(struct rip *r, struct instant now, struct rip_neighbor *n,
		 const struct prefix *prefix, uint8_t metric)
{
	struct rip_rival *v = rival_find(r, prefix, n);

	if (!v) {
		if (r->n_rivals == RIP_RIVALS_MAX)
			return;
		v = calloc(1, sizeof(*v));
		if (!v || timers_reserve(&r->timers, r->timers.count + 1) < 0) {
			free(v);
			return;
		}
		v->prefix = *prefix;
		v->interface = n->interface->index;
		v->neighbor = n->address;
		timer_init(&v->timeout, RIP_TIMER_RIVAL);
		list_append(&r->rivals, &v->link);
		r->n_rivals++;
	}
	if (v->metric != metric) {
		v->metric = metric;
		rival_tell(r, v, RIP_EVENT_RIVAL, metric);
	}
	(void)timer_set(&r->timers, &v->timeout, instant_add(now, r->settings.timeout));
}

void rival_silent(struct rip *r, struct rip_rival *v)
{
	rival_tell(r, v, RIP_EVENT_RIVAL_GONE, RIP_INFINITY);
	timer_stop(&r->timers, &v->timeout);
	list_remove(&v->link);
	r->n_rivals--;
	free(v);
}

void rival_forget(struct rip *r, const struct prefix *prefix, const struct rip_neighbor *n)
{
	list_each_safe(link, &r->rivals) {
		struct rip_rival *v = container_of(link, struct rip_rival, link);

		if (!prefix_equal(&v->prefix, prefix))
			continue;
		if (!n || (v->interface == n->interface->index &&
			   address_equal(&v->neighbor, &n->address)))
			rival_silent(r, v);
	}
}

static struct rip_heard rival_heard_as(const struct rip_rival *v)
{
	return (struct rip_heard){
		.interface = v->interface,
		.neighbor = v->neighbor,
		.metric = v->metric,
	};
}

bool rip_rival(const struct rip *r, const struct prefix *prefix, struct rip_heard *ret)
{
	const struct rip_rival *best = NULL;

	list_each(link, &r->rivals) {
		const struct rip_rival *v = container_of(link, struct rip_rival, link);

		if (prefix_equal(&v->prefix, prefix) && (!best || v->metric < best->metric))
			best = v;
	}
	if (best)
		*ret = rival_heard_as(best);
	return best;
}

bool rip_rival_next(const struct rip *r, size_t *position, struct prefix *ret_prefix,
		    struct rip_heard *ret)
{
	size_t at = 0;

	list_each(link, &r->rivals) {
		const struct rip_rival *v = container_of(link, struct rip_rival, link);

		if (at++ < *position)
			continue;
		*position = at;
		*ret_prefix = v->prefix;
		*ret = rival_heard_as(v);
		return true;
	}
	return false;
}
