/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router that has to forward packets of ours to us (src/proto/echo). As with the probe a track
 * says itself whether anything has ever come back, so it can be believed whoever has asked for it
 * first; until then, and where a packet could not have a source, the probe watches in its place
 * (watch.c).
 */
#include "node/route/route.h"

static bool echo_is_wanted(const struct interface_rule *rule)
{
	return rule->probe_enabled && rule->probe.through == PROBE_THROUGH_ROUTER;
}

/*
 * RFC 4291 2.5.6: a router forwards nothing from a link-local address, so the packet has another
 * one of the interface: to that the router has a way by its own link.
 */
static bool echo_source(const struct node *n, const struct path *path, struct address *ret)
{
	const struct link *l = link_find(n, path->interface);

	if (!address_is_link_local(&path->local))
		return true;
	for (size_t k = 0; l && k < l->n_addresses; k++) {
		const struct address *a = &l->addresses[k].address;

		if (a->family != path->local.family || address_is_link_local(a) ||
		    l->addresses[k].deprecated)
			continue;
		*ret = *a;
		return true;
	}
	return false;
}

static bool echo_params(const struct node *n, const struct path *path,
			const struct interface_rule *rule, struct watch_params *ret)
{
	ret->echo.interval_us = rule->probe.params.interval_us;
	ret->echo.multiplier = rule->probe.params.multiplier;
	return echo_source(n, path, &ret->echo.source);
}

static void echo_ask(struct node *n, const struct want *want)
{
	const struct watch *w = container_of(want, struct watch, want);
	struct effect e = { .kind = EFFECT_ECHO };

	e.echo.remove = !want->told;
	e.echo.path = w->path;
	if (want->told)
		e.echo.params = w->params.echo;
	node_effect_put(n, &e);
}

static void echo_went_down(struct watch *w, struct text *ret)
{
	const struct echo_params *p = &w->params.echo;

	w->flaps++;
	w->liveness = VERDICT_DOWN;
	text_add(ret, "down: nothing comes back through it any more");
	if (w->want.told)
		text_add(ret, ", for %u ms", (unsigned)(p->interval_us / 1000) * p->multiplier);
}

static bool echo_judge(struct watch *w, uint8_t before, struct text *ret)
{
	if (before == w->state)
		return false;
	w->liveness = VERDICT_UNKNOWN;
	if (w->state == ECHO_STATE_UP) {
		w->liveness = VERDICT_UP;
		text_add(ret, "up");
	} else if (w->state == ECHO_STATE_DOWN) {
		echo_went_down(w, ret);
	} else {
		text_add(ret, "%s", want_said(&w->want));
	}
	return true;
}

const struct watch_way watch_by_echo = {
	.event = EVENT_ECHO,
	.unseen = ECHO_STATE_UNKNOWN,
	.is_wanted = echo_is_wanted,
	.params = echo_params,
	.ask = echo_ask,
	.judge = echo_judge,
};
