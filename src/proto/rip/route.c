/* SPDX-License-Identifier: Apache-2.0 */
/* The prefixes that we announce: what is told of them, and how far that has got. */
#include "proto/rip/instance.h"

struct rip_route *route_of(struct list *order)
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

/* The sequence number before which every speaking interface has sent everything in that pass. */
static uint64_t pass_progress(const struct rip *r, size_t pass, bool *ret_speaks)
{
	uint64_t progress = UINT64_MAX;

	*ret_speaks = false;
	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
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
		*ret_accepted = t ? (unsigned)__builtin_popcountll(opinion(t)->accepted) : 0;
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
