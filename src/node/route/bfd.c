/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A neighbour that is watched with BFD. Only a session that was up can say that a neighbour is
 * down. One that never was, because the neighbour does not speak BFD, says nothing; nor does one
 * that the neighbour has taken down itself (RFC 5882 3.2), nor one that nobody runs because there
 * is no guard.
 */
#include "base/text.h"
#include "node/route/route.h"

void bfd_ask(struct node *n, const struct watch *w)
{
	struct effect e = { .kind = EFFECT_BFD };

	e.bfd.remove = !w->asked;
	e.bfd.key = w->path;
	if (w->asked) {
		e.bfd.params = w->params.bfd;
		e.bfd.auth = w->params.auth;
	}
	node_effect_put(n, &e);
}

static void bfd_came_up(struct node *n, struct watch *w)
{
	watch_say(n, w, "up");
	watch_judge(n, w, VERDICT_UP);
}

static void bfd_went_down(struct node *n, struct watch *w)
{
	bool by_hand = w->remote_state == BFD_STATE_ADMIN_DOWN;
	char reason[NODE_SENTENCE_MAX];
	struct text out;

	w->flaps++;
	text_init(&out, reason, sizeof(reason));
	text_add(&out, "down: %s", bfd_diagnostic_name(w->diagnostic));
	if (by_hand)
		text_add(&out, "; the neighbour has taken the session down: nothing follows");
	else if (w->remote_diagnostic != BFD_DIAGNOSTIC_NONE)
		text_add(&out, "; the neighbour says: %s",
			 bfd_diagnostic_name(w->remote_diagnostic));
	watch_say(n, w, reason);
	watch_judge(n, w, by_hand ? VERDICT_UNKNOWN : VERDICT_DOWN);
}

static void bfd_lost_sight(struct node *n, struct watch *w, bool was_up)
{
	if (was_up)
		watch_say(n, w, "not watched: the guard is gone");
	watch_judge(n, w, VERDICT_UNKNOWN);
}

void bfd_observed(struct node *n, const struct input *in)
{
	struct watch *w = watch_observed(n, WATCH_BFD, &in->bfd.key, in->bfd.known);
	uint8_t before;

	if (!w)
		return;
	before = w->state;
	w->state = in->bfd.known ? in->bfd.state : BFD_STATE_DOWN;
	w->remote_state = in->bfd.remote_state;
	w->diagnostic = in->bfd.diagnostic;
	w->remote_diagnostic = in->bfd.remote_diagnostic;
	if (before != w->state)
		w->since = n->now;
	if (!in->bfd.known)
		bfd_lost_sight(n, w, before == BFD_STATE_UP);
	else if (before != BFD_STATE_UP && w->state == BFD_STATE_UP)
		bfd_came_up(n, w);
	else if (before == BFD_STATE_UP && w->state != BFD_STATE_UP)
		bfd_went_down(n, w);
}
