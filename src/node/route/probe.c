/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A neighbour that is asked for its address (src/proto/probe). The session says itself whether the
 * neighbour has ever answered, so it can be believed whoever has asked for it first; one that
 * nobody runs because there is no guard says nothing.
 */
#include "node/route/route.h"

static bool probe_is_wanted(const struct interface_rule *rule)
{
	return rule->probe_enabled;
}

static bool probe_params(const struct node *n, const struct path *path,
			 const struct interface_rule *rule, struct watch_params *ret)
{
	(void)n, (void)path;
	ret->probe = rule->probe.params;
	return true;
}

static void probe_ask(struct node *n, const struct want *want)
{
	const struct watch *w = container_of(want, struct watch, want);
	struct effect e = { .kind = EFFECT_PROBE };

	e.probe.remove = !want->told;
	e.probe.path = w->path;
	if (want->told)
		e.probe.params = w->params.probe;
	node_effect_put(n, &e);
}

static void probe_went_down(struct watch *w, struct text *ret)
{
	const struct probe_params *p = &w->params.probe;

	w->flaps++;
	w->liveness = VERDICT_DOWN;
	text_add(ret, "down: it does not answer any more");
	if (w->want.told)
		text_add(ret, ", for %u ms", (unsigned)(p->interval_us / 1000) * p->multiplier);
}

static bool probe_judge(struct watch *w, uint8_t before, struct text *ret)
{
	if (before == w->state)
		return false;
	w->liveness = VERDICT_UNKNOWN;
	if (w->state == PROBE_STATE_UP) {
		w->liveness = VERDICT_UP;
		text_add(ret, "up");
	} else if (w->state == PROBE_STATE_DOWN) {
		probe_went_down(w, ret);
	} else {
		text_add(ret, "%s", want_said(&w->want));
	}
	return true;
}

const struct watch_way watch_by_probe = {
	.event = EVENT_PROBE,
	.unseen = PROBE_STATE_UNKNOWN,
	.is_wanted = probe_is_wanted,
	.params = probe_params,
	.ask = probe_ask,
	.judge = probe_judge,
};
