/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cursors of an interface stand: what of the order is still to be said on it. */
#include "proto/rip/instance.h"

/* RFC 2453 3.8: updates are varied so that routers do not fall into step; by a sixth, 30 s ± 5. */
static struct duration interface_jitter(struct rip *r)
{
	struct duration sixth = { r->settings.update.ns / 6 };

	return random_between(&r->random, (struct duration){ r->settings.update.ns - sixth.ns },
			      (struct duration){ r->settings.update.ns + sixth.ns });
}

void interface_update_next(struct rip *r, struct instant now, struct rip_interface *i)
{
	(void)timer_set(&r->timers, &i->update, instant_add(now, interface_jitter(r)));
}

void interface_restart(struct rip *r, struct rip_interface *i, struct instant now)
{
	struct rip_cursor begin = { .since = now };
	bool bulk = r->by_prefix.count >= RIP_BULK;

	if (interface_speaks(i) && !list_empty(&r->order))
		begin.at = r->order.next;
	for (size_t k = 0; k < RIP_PASSES; k++)
		i->pass[k] = begin;
	/* Repeating very many once is enough, and leaves the wire to the first copies. */
	if (bulk)
		i->pass[1].at = NULL;
}

void interface_silence(struct rip *r, struct rip_interface *i)
{
	for (size_t k = 0; k < RIP_PASSES; k++)
		i->pass[k].at = NULL;
	i->full.at = NULL;
	answer_silence(i);
	i->request_due = false;
	i->copies_left = 0;
	timer_stop(&r->timers, &i->update);
}

void interface_resume(struct rip *r, struct instant now, struct rip_interface *i, bool alone)
{
	interface_restart(r, i, now);
	if (alone)
		route_report_again(r);
	if (!interface_speaks(i) || i->leaving)
		return;
	i->request_due = true;
	interface_update_next(r, now, i);
}

void interface_step_off(struct rip *r, struct rip_interface *i, struct list *route)
{
	struct list *next = order_next(r, route);

	for (size_t k = 0; k < RIP_PASSES; k++)
		if (i->pass[k].at == route)
			i->pass[k].at = next;
	if (i->full.at == route)
		i->full.at = next;
	for (size_t k = 0; k < RIP_TABLE_REPLIES_MAX; k++)
		if (i->table_replies[k].cursor.at == route)
			i->table_replies[k].cursor.at = next;
}
