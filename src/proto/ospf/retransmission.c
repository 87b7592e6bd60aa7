/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a neighbour has not acknowledged, the Link state retransmission list of RFC 2328 10, and
 * what is still to leave on an interface. See struct retransmission for the three places of one.
 *
 * No more is under way to a neighbour than its socket's buffer holds: Linux gives a socket 212,992
 * bytes, and counts a packet with what it takes in memory. Nothing else would keep a router from
 * dropping half of ten thousand LSAs that come at once, and having them again in RxmtInterval.
 *
 * A socket is read in order. So whoever acknowledges an LSA has read all that was sent before it,
 * though it acknowledges that a second later (FRR) or two (BIRD): RFC 2328 13.5 lets it. What it
 * has to answer at once is an LSA that comes a second time. So it gets one of them twice for each
 * half of its buffer, and what is under way is clocked by its reading, not by its delay.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/machine.h"

#define UNDER_WAY_MAX (64 * RETRANSMISSION_PACKET_COST)
#define ASK_AFTER (UNDER_WAY_MAX / 2)
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

/* What was sent up to then has left the neighbour's socket. */
static void was_read(struct ospf_neighbor *n, uint32_t order)
{
	if ((int32_t)(order - n->bytes_read) > 0)
		n->bytes_read = order;
}

/* Nothing is waited for that could tell more. */
static void read_if_empty(struct ospf_neighbor *n)
{
	if (list_empty(&n->retransmissions))
		n->bytes_read = n->bytes_sent;
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
	if (said && t->sent.ns != 0)
		was_read(n, t->order);
	list_remove(&t->of_neighbor);
	list_remove(&t->of_lsa);
	read_if_empty(n);
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
		t->sent = (struct instant){ 0 };
		t->lsa = lsa_hold(to);
		place_in(&t->neighbor->queued, t);
		read_if_empty(t->neighbor);
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
	return n->bytes_sent - n->bytes_read < UNDER_WAY_MAX;
}

static void sent(struct retransmission *t, uint32_t order)
{
	struct ospf_neighbor *n = t->neighbor;

	t->sent = n->interface->of->now;
	t->order = order;
	place_in(&n->retransmissions, t);
	neighbor_retransmit_later(n);
}

void retransmission_sent(struct retransmission *t, uint32_t cost)
{
	struct ospf_neighbor *n = t->neighbor;

	n->bytes_sent += cost;
	sent(t, n->bytes_sent);
	if ((int32_t)(n->bytes_asked - n->bytes_read) < 0)
		n->bytes_asked = n->bytes_read;
	if (n->bytes_sent - n->bytes_asked < ASK_AFTER || n->ask_due)
		return;
	n->ask_due = true;
	neighbor_wants_output(n);
}

void retransmission_told(struct retransmission *t)
{
	sent(t, t->neighbor->bytes_read);
}

void retransmission_overdue(const struct retransmission *t)
{
	was_read(t->neighbor, t->order);
}

struct lsa *retransmission_ask(struct ospf_neighbor *n, uint32_t cost)
{
	struct retransmission *last;

	n->ask_due = false;
	if (list_empty(&n->retransmissions))
		return NULL;
	last = container_of(n->retransmissions.prev, struct retransmission, of_neighbor);
	n->bytes_sent += cost;
	n->bytes_asked = n->bytes_sent;
	return last->lsa;
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
