/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A neighbour that is asked for its address (src/proto/probe). The session says itself whether the
 * neighbour has ever answered, so it can be believed whoever has asked for it first; one that
 * nobody runs because there is no guard says nothing.
 */
#include "base/text.h"
#include "node/route/route.h"

void probe_ask(struct node *n, const struct watch *w)
{
	struct effect e = { .kind = EFFECT_PROBE };

	e.probe.remove = !w->asked;
	e.probe.path = w->path;
	if (w->asked)
		e.probe.params = w->params.probe;
	node_effect_put(n, &e);
}

static void probe_went_down(struct node *n, struct watch *w)
{
	const struct probe_params *p = &w->params.probe;
	char reason[NODE_SENTENCE_MAX];
	struct text out;

	w->flaps++;
	text_init(&out, reason, sizeof(reason));
	text_add(&out, "down: it does not answer any more");
	if (w->asked)
		text_add(&out, ", for %u ms", (unsigned)(p->interval_us / 1000) * p->multiplier);
	watch_say(n, w, reason);
}

static enum verdict probe_liveness(const struct watch *w)
{
	if (!w->known || w->state == PROBE_STATE_UNKNOWN)
		return VERDICT_UNKNOWN;
	return w->state == PROBE_STATE_UP ? VERDICT_UP : VERDICT_DOWN;
}

void probe_observed(struct node *n, const struct input *in)
{
	struct watch *w = watch_observed(n, WATCH_PROBE, &in->probe.path, in->probe.known);
	uint8_t before;

	if (!w)
		return;
	before = w->state;
	w->state = in->probe.known ? in->probe.state : PROBE_STATE_UNKNOWN;
	if (before == w->state)
		return;
	w->since = n->now;
	if (w->state == PROBE_STATE_UP)
		watch_say(n, w, "up");
	else if (w->state == PROBE_STATE_DOWN)
		probe_went_down(n, w);
	else if (!w->known)
		watch_say(n, w, "not watched: the guard is gone");
	watch_judge(n, w, probe_liveness(w));
}
