/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metric that a VIP is announced with: its own, unless something puts another in its place. A
 * take-over wins over all; else the worst of what gives way counts.
 */
#include "node/vip/vip.h"

uint32_t metric_own(const struct node *n, const struct binding *b)
{
	return b->metric ? b->metric : speakers_pace(n, (enum family)b->address.family).metric;
}

uint32_t metric_last(const struct node *n, const struct binding *b)
{
	return speakers_pace(n, (enum family)b->address.family).metric_last;
}

void metric_review(struct node *n, struct binding *b)
{
	uint32_t own = metric_own(n, b), wanted = 0;

	if (take_is_on(b)) {
		wanted = take_metric(b);
	} else {
		if (drain_is_running(b) || check_worsens(b))
			wanted = metric_last(n, b);
		if (b->rare && b->rare->worsened > wanted)
			wanted = b->rare->worsened;
		if (wanted <= own)
			wanted = 0;
	}
	network_speak(n, b, wanted);
}
