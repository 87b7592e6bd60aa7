/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A neighbour that is watched with BFD. Only a session that was up can say that a neighbour is
 * down. One that never was, because the neighbour does not speak BFD, says nothing; nor does one
 * that the neighbour has taken down itself (RFC 5882 3.2), nor one that nobody runs because there
 * is no guard.
 */
#include <string.h>

#include "node/route/route.h"

static bool bfd_is_wanted(const struct interface_rule *rule)
{
	return rule->bfd_enabled;
}

static bool bfd_params(const struct node *n, const struct path *path,
		       const struct interface_rule *rule, struct watch_params *ret)
{
	(void)n, (void)path;
	ret->bfd = rule->bfd.params;
	ret->bfd.rx_us = ret->bfd.tx_us;
	memcpy(&ret->auth, &rule->bfd.auth, sizeof(ret->auth));
	return true;
}

static void bfd_ask(struct node *n, const struct want *want)
{
	const struct watch *w = container_of(want, struct watch, want);
	struct effect e = { .kind = EFFECT_BFD };

	e.bfd.remove = !want->told;
	e.bfd.key = w->path;
	if (want->told) {
		e.bfd.params = w->params.bfd;
		e.bfd.auth = w->params.auth;
	}
	node_effect_put(n, &e);
}

static void bfd_went_down(struct watch *w, struct text *ret)
{
	bool by_hand = w->remote_state == BFD_STATE_ADMIN_DOWN;

	w->flaps++;
	w->liveness = by_hand ? VERDICT_UNKNOWN : VERDICT_DOWN;
	text_add(ret, "down: %s", bfd_diagnostic_name(w->diagnostic));
	if (by_hand)
		text_add(ret, "; the neighbour has taken the session down: nothing follows");
	else if (w->remote_diagnostic != BFD_DIAGNOSTIC_NONE)
		text_add(ret, "; the neighbour says: %s",
			 bfd_diagnostic_name(w->remote_diagnostic));
}

static bool bfd_judge(struct watch *w, uint8_t before, struct text *ret)
{
	bool was_up = before == BFD_STATE_UP, is_up = w->state == BFD_STATE_UP;

	if (!w->want.there) {
		w->liveness = VERDICT_UNKNOWN;
		if (was_up)
			text_add(ret, "%s", want_said(&w->want));
	} else if (!was_up && is_up) {
		w->liveness = VERDICT_UP;
		text_add(ret, "up");
	} else if (was_up && !is_up) {
		bfd_went_down(w, ret);
	} else {
		return false;
	}
	return true;
}

const struct watch_way watch_by_bfd = {
	.event = EVENT_BFD,
	.unseen = BFD_STATE_DOWN,
	.is_wanted = bfd_is_wanted,
	.params = bfd_params,
	.ask = bfd_ask,
	.judge = bfd_judge,
};
