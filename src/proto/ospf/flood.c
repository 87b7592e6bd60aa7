/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 13.2 to 13.4: an LSA is installed and is flooded to whom it concerns. Where a newer one
 * takes the place of an older one, whoever has not acknowledged that waits for this.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"

/* Bytes of all LSAs of others: more than any network has, and less than a server misses. */
#define LSA_BYTES_ALL (UINT32_C(64) << 20)

static bool is_opaque(const struct ospf *o, const struct lsa *l)
{
	return o->version == OSPF_V2 && l->header.key.type >= LSA_V2_OPAQUE_LINK &&
	       l->header.key.type <= LSA_V2_OPAQUE_AS;
}

/* RFC 2328 13.2: nothing but the age, the sequence number and the checksum is another. */
static bool says_the_same(const struct lsa *a, const struct lsa *b)
{
	return a->header.length == b->header.length && a->header.options == b->header.options &&
	       memcmp(a->bytes + LSA_HEADER_BYTES, b->bytes + LSA_HEADER_BYTES,
		      a->header.length - LSA_HEADER_BYTES) == 0;
}

/* RFC 3623 3.2 (3): what would be another path, and not only a note of somebody. */
static bool is_topology(const struct lsa *l)
{
	return (l->kind >= LSA_ROUTER && l->kind <= LSA_NSSA) || l->kind == LSA_INTRA_PREFIX;
}

/* Only what neighbours say themselves says whether we are full for them. */
static bool is_of_neighbor(const struct ospf *o, const struct lsa *l)
{
	if (l->kind != LSA_ROUTER && l->kind != LSA_NETWORK)
		return false;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (ospf_neighbor_find(i, l->header.key.router))
			return true;
	return false;
}

static void lsa_changed(struct ospf *o, const struct lsa *old, const struct lsa *l)
{
	if (old && old->purged)
		old = NULL;
	if (l && l->purged)
		l = NULL;
	if (!old && !l)
		return;
	/* What is kept of the old one is of this one, even if it says the same. */
	spf_lsa_changed(o, old, l);
	if (old && l && says_the_same(old, l))
		return;
	if ((l ? l : old)->kind == LSA_LINK)
		o->links_changed = o->unsettled = true;
	if (l && is_of_neighbor(o, l))
		o->mutual_changed = o->unsettled = true;
	if (is_topology(old ? old : l))
		o->topology_changed = o->unsettled = true;
}

static void count(struct ospf *o, struct lsa *l)
{
	if (l->own)
		return;
	l->counted = true;
	o->n_lsas++;
	o->lsa_bytes += l->header.length;
}

void flood_uncount(struct ospf *o, struct lsa *l)
{
	if (!l->counted)
		return;
	l->counted = false;
	o->n_lsas--;
	o->lsa_bytes -= l->header.length;
}

bool flood_has_room(const struct ospf *o, const struct lsa *old, size_t length)
{
	size_t had = old && old->counted ? old->header.length : 0;

	if (length <= had)
		return true;
	return o->n_lsas < OSPF_LSAS_MAX + (had > 0) &&
	       o->lsa_bytes - had + length <= LSA_BYTES_ALL && spf_has_room(o);
}

/* What is not flushed ages away; and who has asked for grace asks no more when that is over. */
static struct duration life(const struct ospf *o, const struct lsa *l)
{
	struct lsa_grace g;

	if (l->kind == LSA_GRACE && lsa_grace_read(o->version, l->bytes, l->header.length, &g) &&
	    g.period_s < LSA_AGE_MAX)
		return DURATION_S(g.period_s);
	return DURATION_S(LSA_AGE_MAX);
}

/*
 * It is repeated until all have acknowledged it, but no longer than somebody may have it. FRR's
 * ospf6d acknowledges no grace-LSA that it does not use while it exchanges its database with
 * anybody.
 */
static void mark_purged(struct ospf *o, struct lsa *l)
{
	l->purged = true;
	(void)timer_set(&o->timers, &l->due, instant_add(o->now, life(o, l)));
	summary_lsa_goes(o, l);
	list_remove(&l->of_kind);
	list_append(&o->purged, &l->of_kind);
}

/* It leaves the database, and is kept for whoever holds it. */
static void uninstall(struct ospf *o, struct lsa *l)
{
	list_each_entry_safe(struct queued, q, &l->queued, of_lsa)
		queue_remove(q, false);
	timer_stop(&o->timers, &l->due);
	flood_uncount(o, l);
	summary_lsa_goes(o, l);
	database_remove(l);
}

static struct lsa *install(struct ospf *o, struct database *d, struct lsa *l, struct lsa *old)
{
	if (old) {
		lsa_hold(old);
		uninstall(o, old);
		retransmissions_move(old, l);
	}
	if (database_add(d, l) < 0)
		return NULL;
	ledger_lsa(o, l);
	count(o, l);
	if (l->header.age >= LSA_AGE_MAX)
		mark_purged(o, l);
	else if (!l->own)
		(void)timer_set(&o->timers, &l->due,
				instant_add(l->installed, DURATION_S(LSA_AGE_MAX - l->header.age)));
	lsa_changed(o, old, l);
	if (old)
		lsa_release(old);
	return l;
}

struct lsa *flood_install(struct ospf *o, struct database *d, const uint8_t *bytes, size_t length,
			  struct own *own)
{
	struct lsa *l, *installed = NULL;

	/* What no packet can carry is not kept: nobody could be told of it. */
	if (ospf_header_bytes(o->version) + OSPF_UPDATE_BYTES + length > OSPF_PACKET_MAX)
		return NULL;
	l = lsa_new(o->version, bytes, length, o->now);
	if (!l)
		return NULL;
	l->own = own;
	/* With an old one in its place nothing can fail any more. */
	if (timers_reserve(&o->timers, o->timers.count + 1) == 0)
		installed = install(o, d, l, database_find(d, &l->header.key));
	if (installed && own)
		own->lsa = l;
	lsa_release(l);
	return installed;
}

/* RFC 2328 13.3 (1), for one neighbour; what it is asked for is looked at, and need not come. */
static bool neighbor_needs(struct ospf *o, struct ospf_neighbor *n, const struct lsa *l,
			   const struct ospf_neighbor *from)
{
	struct request *r;
	int newer;

	if (n->state < OSPF_NEIGHBOR_EXCHANGE)
		return false;
	r = n->state == OSPF_NEIGHBOR_FULL ? NULL : ospf_request_find(n, &l->header.key);
	if (r) {
		struct lsa_header now = l->header;

		now.age = lsa_age(l, o->now);
		newer = lsa_compare(&now, &r->header);
		if (newer < 0)
			return false;
		request_remove(n, r);
		if (newer == 0)
			return false;
	}
	/* RFC 5250 3: opaque ones go to whom they mean something alone. */
	return n != from && (!is_opaque(o, l) || (n->options & OSPF_V2_O));
}

/* RFC 2328 13.3 (3) and (4): who was to tell the others there has done so, or will. */
static bool is_told_there(const struct ospf_interface *i, const struct ospf_neighbor *from)
{
	uint32_t id;

	if (!from || from->interface != i || i->settings.is.network != OSPF_BROADCAST)
		return false;
	id = neighbor_id_in_hello(from);
	return id == i->dr || id == i->bdr || i->state == OSPF_INTERFACE_BACKUP;
}

static bool flood_on(struct ospf *o, struct ospf_interface *i, struct lsa *l,
		     struct ospf_neighbor *from)
{
	bool told = is_told_there(i, from), needed = false;

	list_each_entry(struct ospf_neighbor, n, &i->neighbors, link) {
		struct retransmission *t = n->owed;

		n->owed = NULL;
		if (!neighbor_needs(o, n, l, from)) {
			if (t)
				retransmission_done(t, false);
			continue;
		}
		if (!t && retransmission_add(n, l) < 0) {
			n->pending |= NEIGHBOR_PENDING_MISMATCH;
			o->unsettled = true;
			continue;
		}
		needed = true;
		if (told)
			retransmission_told(
				t ? t
				  : container_of(l->waiting.prev, struct retransmission, of_lsa));
	}
	if (!needed || told)
		return false;
	if (queue_add(i, l) == 0)
		return true;
	/* Without memory for its turn it leaves when it would leave again. */
	list_each_entry_safe(struct retransmission, t, &l->waiting, of_lsa)
		if (t->neighbor->interface == i)
			retransmission_told(t);
	return false;
}

static bool is_of(const struct ospf *o, const struct ospf_interface *i, const struct database *d)
{
	return d == &i->database || d == &i->area->database ||
	       (d == &o->as && i->area->kind == OSPF_AREA_NORMAL);
}

unsigned flood_out(struct ospf *o, struct lsa *l, struct ospf_neighbor *from)
{
	unsigned n = 0;

	if (!l->of)
		return 0;
	lsa_hold(l);
	list_each_entry(struct retransmission, t, &l->waiting, of_lsa)
		t->neighbor->owed = t;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		if (is_of(o, i, l->of))
			n += flood_on(o, i, l, from);
	lsa_is_awaited(o, l);
	lsa_release(l);
	return n;
}

unsigned flood_purge(struct ospf *o, struct lsa *l)
{
	if (!l->of || l->purged)
		return 0;
	lsa_changed(o, l, NULL);
	l->header.age = LSA_AGE_MAX;
	lsa_set_age(l->bytes, LSA_AGE_MAX);
	mark_purged(o, l);
	ledger_lsa(o, l);
	list_each_entry_safe(struct queued, q, &l->queued, of_lsa)
		queue_remove(q, false);
	retransmissions_move(l, l);
	return flood_out(o, l, NULL);
}

void flood_drop(struct ospf *o, struct lsa *l)
{
	lsa_hold(l);
	while (!list_empty(&l->waiting))
		retransmission_done(container_of(l->waiting.next, struct retransmission, of_lsa),
				    false);
	lsa_changed(o, l, NULL);
	ledger_lsa_gone(o, l);
	uninstall(o, l);
	if (l->own)
		own_gone(o, l);
	lsa_release(l);
}

void flood_lsa_due(struct ospf *o, struct lsa *l)
{
	if (l->purged)
		flood_drop(o, l);
	else
		(void)flood_purge(o, l);
}

void flood_sweep(struct ospf *o)
{
	struct lsa *l;

	/* RFC 2328 14: as long as somebody may have an older one to tell, it stays. */
	while (o->n_exchanging == 0 && !list_empty(&o->purged)) {
		l = container_of(o->purged.next, struct lsa, of_kind);
		if (!lsa_may_go(l))
			break;
		flood_drop(o, l);
	}
}
