/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rescue metric. When an interface of ours fails, the routers on its LAN go on believing in a
 * route that leads there, for as long as their timeout: 180 s. They cannot be told any more, but
 * they believe a better route at once, whoever announces it. So prefixes are announced with
 * headroom, and when an interface fails the others announce them lower by as much as it takes.
 *
 * How much: a router on the dead LAN holds the metric m + o(failed) + 1, where m is the prefix's
 * metric and o(i) = cost(i) - 1 - lift(i) what the interface adds. It hears of the best surviving
 * interface s over d routers, as m + o(s) + 1 + d. That must be less: o(s) <= o(failed) - (d + 1).
 * All survivors are lifted by the same amount, so that the preference between them stays. The
 * lowest metric is 1, so the headroom m - 1 must be at least d + 1: 3 for routers that are
 * neighbours of each other.
 * An interface also fails while it has its carrier: when all its neighbours are down, because they
 * have timed out, or because somebody who watches more closely says so (rip_neighbor_liveness). It
 * goes on speaking, because the path may be broken in one direction only, and has returned when one
 * of them is up again. Until then it has a penalty of d + 1: a router that hears us there, though
 * we do not hear it, must not come back to it when the others have given their lift back.
 *
 * When to go back: not while a router may still hold the stale route, or it would believe that one
 * again: not before the timeout has passed since the failure. If the interface returns, its routers
 * hear from us again and the stale route is none any more: one update period after that is enough.
 * The interface returns with its normal metric, not with the lifted one, so the traffic stays where
 * it is until the lift is gone: a link that flaps moves the traffic once. But what others that are
 * still away need is asked of it as of any survivor.
 *
 * How to go back: by one at a time, two update periods apart, so that one update may be lost. A
 * router X whose metric rises by one can only switch to a neighbour Z with metric(Z) + 1 <=
 * metric(X) before the rise, and no such Z routes through X, because then metric(Z) would be at
 * least metric(X) + 1. So no loop can form, whatever order the news arrives in; with larger steps
 * it can. tests/sim/rescue_test.c shows both.
 */
#include "proto/rip/instance.h"

/*
 * What the interface adds to the metric of a prefix; negative when it is lifted by more than it
 * costs.
 */
static int interface_offset(const struct rip_interface *i)
{
	return i->settings.cost - 1 - i->lift + i->penalty;
}

/* The surviving interface with the lowest offset, or NULL. */
static struct rip_interface *best_survivor(const struct rip *r)
{
	struct rip_interface *best = NULL;

	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (interface_speaks(i) && !i->leaving && !i->failed &&
		    (!best || interface_offset(i) < interface_offset(best)))
			best = i;
	}
	return best;
}

/* Until when a router somewhere may hold a route to an interface that has failed. */
static struct instant stale_until(const struct rip *r)
{
	struct instant until = r->stale_until;

	list_each(link, &r->interfaces)
		until = instant_max(until,
				    container_of(link, struct rip_interface, link)->stale_until);
	return until;
}

static void rescue_tell(struct rip *r, enum rip_event_kind kind, const struct rip_interface *i,
			int metric)
{
	struct rip_event e = {
		.kind = (uint8_t)kind,
		.interface = i->index,
		.metric = (uint8_t)(metric < 1 ? 1 : metric),
	};

	if (i->departed)
		e.neighbor = i->state.address;
	rip_tell(r, &e);
}

static void rescue_lift(struct rip *r, struct instant now, int by)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (!interface_speaks(i) || i->leaving || i->failed)
			continue;
		i->lift = (uint8_t)(i->lift + by);
		interface_restart(r, i, now);
	}
}

/* The offset that routers behind the failed interface need to hear of, and the one they can. */
static int offset_wanted(const struct rip *r, const struct rip_interface *failed)
{
	return failed->stale_offset - (r->settings.distance + 1);
}

static int offset_possible(const struct rip *r, const struct rip_interface *failed)
{
	/* A prefix is announced with 1 at least. */
	int wanted = offset_wanted(r, failed), lowest = 1 - r->settings.metric;

	return wanted < lowest ? lowest : wanted;
}

/* In another of its networks the interface has told the same before. */
static bool relax_is_told(const struct rip *r, const struct rip_interface *i)
{
	for (const struct rip_interface *other = NULL; (other = interface_next(r, other));) {
		if (other == i)
			return false;
		if (other->index == i->index && interface_offset(other) == interface_offset(i))
			return true;
	}
	return false;
}

/* The survivors, if there are any, are lifted by what the failed one takes. */
static void rescue_from(struct rip *r, struct instant now, const struct rip_interface *failed)
{
	struct rip_interface *best = best_survivor(r);
	int from, to = offset_possible(r, failed);

	if (!best)
		return;
	from = interface_offset(best);
	if (to < from)
		rescue_lift(r, now, from - to);
	if (to > offset_wanted(r, failed) && from > offset_wanted(r, failed))
		rescue_tell(r, RIP_EVENT_NO_HEADROOM, failed, r->settings.metric + to);
	else if (to < from)
		rescue_tell(r, RIP_EVENT_RESCUE, failed, r->settings.metric + to);
	(void)timer_set(&r->timers, &r->relax, stale_until(r));
}

void rescue_failed(struct rip *r, struct instant now, struct rip_interface *failed)
{
	failed->stale_until = instant_add(now, r->settings.timeout);
	failed->stale_offset = (int8_t)interface_offset(failed);
	failed->lift = 0;
	if (r->n_announced == 0)
		return;
	if (failed->failed && best_survivor(r)) {
		failed->penalty = (uint8_t)(r->settings.distance + 1);
		interface_restart(r, failed, now);
	}
	rescue_from(r, now, failed);
}

/*
 * Who comes back, or takes the place of an address that is gone, while others are still away
 * carries what those who were left had carried: the last of them may have failed too, for a moment,
 * and taken its lift along.
 */
void rescue_again(struct rip *r, struct instant now)
{
	if (r->n_announced == 0)
		return;
	list_each_entry(struct rip_interface, i, &r->interfaces, link) {
		const struct rip_interface *best = best_survivor(r);

		if (instant_before(now, i->stale_until) && best &&
		    interface_offset(best) > offset_possible(r, i))
			rescue_from(r, now, i);
	}
}

void rescue_returned(struct rip *r, struct instant now, struct rip_interface *back)
{
	back->lift = 0;
	back->stale_until = (struct instant){ 0 };
	if (back->penalty > 0) {
		back->penalty = 0;
		interface_restart(r, back, now);
	}
	rescue_again(r, now);
	if (timer_running(&r->relax))
		(void)timer_set(&r->timers, &r->relax,
				instant_max(stale_until(r), instant_add(now, r->settings.update)));
}

void rescue_relax(struct rip *r, struct instant now)
{
	struct instant stale = stale_until(r);
	bool lifted = false;

	if (instant_before(now, stale)) {
		(void)timer_set(&r->timers, &r->relax, stale);
		return;
	}
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (i->lift == 0)
			continue;
		i->lift--;
		lifted |= i->lift > 0;
		interface_restart(r, i, now);
		if (!relax_is_told(r, i))
			rescue_tell(r, RIP_EVENT_RELAX, i,
				    r->settings.metric + interface_offset(i));
	}
	if (lifted)
		(void)timer_set(&r->timers, &r->relax,
				instant_add(now, (struct duration){ 2 * r->settings.update.ns }));
}
