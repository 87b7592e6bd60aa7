/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a neighbour has not acknowledged, the Link state retransmission list of RFC 2328 10, and
 * what is still to leave on an interface. See struct retransmission for the three places of one.
 *
 * No more is under way to a neighbour than its socket's buffer holds: Linux gives a socket 212,992
 * bytes, and counts a packet with what it takes in memory. Nothing else would keep a router from
 * dropping half of ten thousand LSAs that come at once, and having them again in RxmtInterval.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/machine.h"

#define UNDER_WAY_MAX (64 * RETRANSMISSION_PACKET_COST)
#define RETRANSMISSIONS_MAX (4u << 20) /* of all neighbours */

static struct retransmission *retransmission_find(const struct ospf_neighbor *n,
						  const struct lsa *l)
{
	list_each_entry(struct retransmission, t, &l->waiting, of_lsa)
		if (t->neighbor == n)
			return t;
	return NULL;
}

static void place_in(struct list *list, struct retransmission *t)
{
	list_remove(&t->of_neighbor);
	list_append(list, &t->of_neighbor);
}

/* Nothing of it is under way any more. */
static void uncharge(struct retransmission *t)
{
	t->neighbor->under_way -= t->cost;
	t->cost = 0;
}

int retransmission_add(struct ospf_neighbor *n, struct lsa *l)
{
	struct ospf *o = n->interface->of;
	struct retransmission *t;

	if (o->n_retransmissions >= RETRANSMISSIONS_MAX)
		return -ENOSPC;
	t = malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	*t = (struct retransmission){ .neighbor = n, .lsa = lsa_hold(l) };
	list_init(&t->of_neighbor);
	list_append(&n->queued, &t->of_neighbor);
	list_append(&l->waiting, &t->of_lsa);
	n->n_retransmissions++;
	o->n_retransmissions++;
	lsa_is_awaited(o, l);
	return 0;
}

void retransmission_done(struct retransmission *t, bool said)
{
	struct ospf_neighbor *n = t->neighbor;
	struct ospf *o = n->interface->of;
	struct lsa *l = t->lsa;

	if (l->own)
		own_acknowledged(o, t, said);
	uncharge(t);
	list_remove(&t->of_neighbor);
	list_remove(&t->of_lsa);
	n->n_retransmissions--;
	o->n_retransmissions--;
	free(t);
	lsa_is_awaited(o, l);
	lsa_release(l);
	/* There is room: for what waits on the interface, and for what has missed its turn. */
	if (!list_empty(&n->missed))
		neighbor_wants_output(n);
	else if (!list_empty(&n->interface->flood))
		interface_wants_output(n->interface);
}

bool retransmission_acknowledged(struct ospf_neighbor *n, struct lsa *l)
{
	struct retransmission *t = retransmission_find(n, l);

	if (!t)
		return false;
	retransmission_done(t, true);
	return true;
}

void retransmissions_move(struct lsa *from, struct lsa *to)
{
	list_each_entry_safe(struct retransmission, t, &from->waiting, of_lsa) {
		uncharge(t);
		t->sent = (struct instant){ 0 };
		t->lsa = lsa_hold(to);
		place_in(&t->neighbor->queued, t);
		if (to != from) {
			list_remove(&t->of_lsa);
			list_append(&to->waiting, &t->of_lsa);
		}
		lsa_release(from);
	}
}

void retransmissions_clear(struct ospf_neighbor *n)
{
	struct list *const lists[] = { &n->queued, &n->missed, &n->retransmissions };

	for (size_t k = 0; k < ARRAY_LENGTH(lists); k++)
		list_each_entry_safe(struct retransmission, t, lists[k], of_neighbor)
			retransmission_done(t, false);
}

bool neighbor_has_room(const struct ospf_neighbor *n)
{
	return n->under_way < UNDER_WAY_MAX;
}

void retransmission_sent(struct retransmission *t, uint32_t cost)
{
	struct ospf_neighbor *n = t->neighbor;
	struct ospf *o = n->interface->of;

	uncharge(t);
	t->sent = o->now;
	t->cost = cost;
	n->under_way += cost;
	place_in(&n->retransmissions, t);
	neighbor_retransmit_later(n);
}

void retransmission_missed(struct retransmission *t)
{
	place_in(&t->neighbor->missed, t);
	neighbor_wants_output(t->neighbor);
}

void neighbor_retransmit_later(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;

	if (!timer_running(&n->retransmit))
		(void)timer_set(&o->timers, &n->retransmit,
				instant_add(o->now, n->interface->settings.is.retransmit));
}

/* Purged ones that nobody has to acknowledge any more stand in front: settle.c takes them away. */
void lsa_is_awaited(struct ospf *o, struct lsa *l)
{
	if (!l->purged || !l->of)
		return;
	list_remove(&l->of_kind);
	if (lsa_may_go(l)) {
		list_insert_before(o->purged.next, &l->of_kind);
		o->unsettled = true;
	} else {
		list_append(&o->purged, &l->of_kind);
	}
}

bool lsa_may_go(const struct lsa *l)
{
	return l->purged && list_empty(&l->waiting) && list_empty(&l->queued);
}

int queue_add(struct ospf_interface *i, struct lsa *l)
{
	struct queued *q = malloc(sizeof(*q));

	if (!q)
		return -ENOMEM;
	*q = (struct queued){ .interface = i, .lsa = lsa_hold(l) };
	list_append(&i->flood, &q->link);
	list_append(&l->queued, &q->of_lsa);
	interface_wants_output(i);
	return 0;
}

void queue_remove(struct queued *q, bool told)
{
	struct ospf *o = q->interface->of;
	struct lsa *l = q->lsa;

	list_remove(&q->link);
	list_remove(&q->of_lsa);
	if (told && l->own)
		own_sent(o, l, q->interface);
	free(q);
	lsa_is_awaited(o, l);
	lsa_release(l);
}

void queue_clear(struct ospf_interface *i)
{
	list_each_entry_safe(struct queued, q, &i->flood, link)
		queue_remove(q, true);
}
