/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graceful restart: RFC 3623, and RFC 5187 for OSPFv3. A neighbour that says by a grace-LSA that it
 * restarts is as full as before for all that we say of it, until it has restarted, its time is
 * over, or something changes that it would have to know: then routes through it may be wrong.
 *
 * We restart the same way, be it on purpose or by a death: a grace-LSA goes out before the first
 * hello, and what an earlier life has said of us counts until all adjacencies that it says are
 * there again. Then we say what we have to say, which is nothing where it is the same.
 */
#include "proto/ospf/machine.h"
#include "proto/ospf/memory.h"
#include "proto/ospf/mutual.h"
#include "proto/ospf/own.h"

bool restart_is_helped(const struct ospf_neighbor *n)
{
	return n->helped;
}

static void help_end(struct ospf_neighbor *n, const char *why)
{
	struct ospf *o = n->interface->of;

	timer_stop(&o->timers, &n->helping);
	event_note(o, n->interface->index, &n->address, "it is not waited for any more: %s", why);
	neighbor_helped(n, false);
}

void restart_helped_due(struct ospf_neighbor *n)
{
	if (n->helped)
		help_end(n, "it has not restarted within its grace period");
}

/* RFC 3623 3.1 (2): it has been told of something that it has not acknowledged. */
static bool misses_something(const struct ospf_neighbor *n)
{
	return n->n_retransmissions > 0;
}

void restart_lsa_received(struct ospf *o, struct ospf_interface *i, const struct lsa *l)
{
	struct ospf_neighbor *n = ospf_neighbor_find(i, l->header.key.router);
	uint16_t age = lsa_age(l, o->now);
	struct lsa_grace g;

	if (!n || !lsa_grace_read(o->version, l->bytes, l->header.length, &g))
		return;
	if (age >= LSA_AGE_MAX) {
		/* 3.2 (1): it has flushed it, and is there again. */
		if (n->helped)
			help_end(n, "it has restarted");
		return;
	}
	if (!o->settings.helper || o->restarting || age >= g.period_s ||
	    g.period_s > LSA_AGE_REFRESH)
		return;
	if (!n->helped && (n->state != OSPF_NEIGHBOR_FULL || misses_something(n)))
		return;
	if (timer_set(&o->timers, &n->helping, instant_add(o->now, DURATION_S(g.period_s - age))) <
	    0)
		return;
	if (n->helped)
		return;
	event_note(o, i->index, &n->address, "it restarts: what it says is kept for %u s",
		   (unsigned)(g.period_s - age));
	neighbor_helped(n, true);
}

/* RFC 3623 2.1, 5: more than one, because nobody acknowledges them to who has no neighbours yet. */
#define GRACE_COPIES 2
#define GRACE_ID_V2 0x03000000 /* opaque type 3: RFC 3623 A */

static struct own *grace_want(struct ospf *o, struct ospf_interface *i)
{
	struct lsa_key k = { .type = LSA_V3_GRACE, .id = i->index, .router = o->router };
	struct own *w;

	if (o->version == OSPF_V2) {
		k.type = LSA_V2_OPAQUE_LINK;
		k.id = GRACE_ID_V2;
	}
	if (!ospf_interface_speaks(i) || own_want(o, &i->database, &k, &w) < 0)
		return NULL;
	own_now(o, w);
	return w;
}

static void grace_say(struct ospf *o, struct ospf_interface *i)
{
	const struct own *w = i->graced ? NULL : grace_want(o, i);

	if (!w || !w->lsa)
		return;
	i->graced = true;
	i->grace_due = GRACE_COPIES;
	interface_wants_output(i);
}

uint32_t restart_output(struct ospf_interface *i, struct writer *w)
{
	uint32_t n = 0;

	i->grace_due--;
	database_each(l, &i->database, LSA_GRACE)
	{
		if (!l->own)
			continue;
		writer_bytes(w, l->bytes, l->header.length);
		n++;
	}
	return n;
}

void ospf_restart(struct ospf *o, struct instant now, struct duration left)
{
	o->now = now;
	if (o->settings.grace.ns > 0 && left.ns > 0)
		o->restarting = timer_set(&o->timers, &o->restart, instant_add(now, left)) == 0;
	o->goes_on = o->restarting && memory_is_fresh(o);
	if (!o->goes_on)
		memory_free(o);
}

void ospf_hand_over(struct ospf *o, struct instant now)
{
	o->now = now;
	if (o->settings.grace.ns == 0)
		return;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		(void)grace_want(o, i);
}

bool ospf_handed_over(const struct ospf *o)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		database_each(l, &i->database,
			      LSA_GRACE) if (l->own && (!list_empty(&l->waiting) ||
							l->own->unsent > 0)) return false;
	return true;
}

/* How far it is with an adjacency that our router-LSA of before says. */
enum again {
	AGAIN_THERE,
	AGAIN_WAITED_FOR,
	AGAIN_GONE, /* the other end does not say it any more: it has not helped */
};

/* All who are to be full on the interface are: for a network that is who leads it. */
static bool interface_is_whole(const struct ospf_interface *i, uint32_t router)
{
	if (i->settings.is.network != OSPF_BROADCAST) {
		const struct ospf_neighbor *n = ospf_neighbor_find(i, router);

		return n && n->state == OSPF_NEIGHBOR_FULL && !n->remembered;
	}
	if (i->state < OSPF_INTERFACE_DR_OTHER || i->n_full == 0)
		return false;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if ((n->state > OSPF_NEIGHBOR_TWO_WAY && n->state < OSPF_NEIGHBOR_FULL) ||
		    (n->state == OSPF_NEIGHBOR_FULL && n->remembered))
			return false;
	return true;
}

/* Somebody there was full in an earlier life, and has not said yet whether that is so. */
static bool is_open(const struct ospf_interface *i)
{
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (n->state == OSPF_NEIGHBOR_FULL && n->remembered)
			return true;
	return false;
}

static enum again link_again(const struct ospf *o, const struct area *a,
			     const struct lsa_link *link)
{
	bool there = false, open = false;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link) {
		const struct address *source = interface_source(i);
		bool is_it = link->own == i->index || (o->version == OSPF_V2 && source &&
						       link->own == address_ipv4_number(source));

		there |= i->area == a && is_it && interface_is_whole(i, link->neighbor);
		open |= i->area == a && is_it && is_open(i);
	}
	if (there)
		return AGAIN_THERE;
	return !open && mutual_link(o, a, link) == MUTUAL_DENIED ? AGAIN_GONE : AGAIN_WAITED_FOR;
}

/* RFC 3623 2.3, of an area; there may be nobody yet who has our LSA. */
static enum again area_again(const struct ospf *o, const struct area *a)
{
	const struct lsa *before = mutual_router_lsa(o, a, o->router);
	enum again worst = AGAIN_THERE;
	struct lsa_router r;
	struct lsa_link link;
	struct lsa_walk walk;
	uint32_t full = 0;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		full += i->area == a ? i->n_full : 0;
	if (full == 0)
		return AGAIN_WAITED_FOR;
	if (!before)
		return AGAIN_GONE;
	walk = lsa_router_walk(o->version, before->bytes, before->header.length, &r);
	while (lsa_link_next(&walk, &link)) {
		enum again is = link.type == LSA_LINK_STUB ? AGAIN_THERE : link_again(o, a, &link);

		worst = is > worst ? is : worst;
	}
	return worst;
}

/* All prefixes that an LSA of ours says are announced again. */
static bool lsa_again(const struct ospf *o, const struct lsa *l)
{
	struct lsa_destination d;
	struct lsa_prefixes head;
	struct lsa_router router;
	struct lsa_prefix prefix;
	struct lsa_walk walk;
	struct lsa_link link;
	bool again = true;

	if (l->kind == LSA_ROUTER) {
		walk = lsa_router_walk(o->version, l->bytes, l->header.length, &router);
		while (again && lsa_link_next(&walk, &link))
			again = link.type != LSA_LINK_STUB || announce_has(o, &link.prefix);
	} else if (l->kind == LSA_EXTERNAL || l->kind == LSA_NSSA) {
		again = !lsa_destination_read(o->version, l->bytes, l->header.length, &d) ||
			announce_has(o, &d.prefix);
	} else if (l->kind == LSA_INTRA_PREFIX) {
		walk = lsa_prefixes_walk(o->version, l->bytes, l->header.length, &head);
		/* Those of a network are no prefixes of ours. */
		while (again && lsa_kind(o->version, &head.reference) == LSA_ROUTER &&
		       lsa_prefix_next(&walk, &prefix))
			again = announce_has(o, &prefix.prefix);
	}
	return again;
}

static bool database_again(const struct ospf *o, const struct database *d)
{
	for (const struct lsa *l = NULL; (l = database_next(d, l));)
		if (l->header.key.router == o->router && !l->purged && !lsa_again(o, l))
			return false;
	return true;
}

static bool prefixes_again(const struct ospf *o)
{
	if (!database_again(o, &o->as))
		return false;
	list_each_entry(const struct area, a, &o->areas, link)
		if (!database_again(o, &a->database))
			return false;
	return true;
}

/* Those of ours that nobody wants any more, and that were left as they were. */
static void leftovers_flush(struct ospf *o, struct database *d)
{
	for (struct lsa *l = NULL; (l = database_next(d, l));) {
		struct own *w = own_find(o, d, &l->header.key);

		if (l->header.key.router != o->router || l->kind == LSA_GRACE)
			continue;
		/* It was on its way out when this one came in its place. */
		if (w && !w->wanted && !w->lsa) {
			own_now(o, w);
			w = NULL;
		}
		if (!w)
			flood_purge(o, l);
	}
}

/* There may be one of the life before: of a hand-over. */
static void grace_flush(struct ospf *o, struct ospf_interface *i)
{
	struct lsa *l = NULL, *next = database_next(&i->database, NULL);

	while ((l = next)) {
		next = database_next(&i->database, l);
		if (l->kind != LSA_GRACE || l->header.key.router != o->router)
			continue;
		if (l->own)
			own_unwant(o, l->own);
		else
			flood_purge(o, l);
	}
}

static void restart_end(struct ospf *o, const char *why)
{
	timer_stop(&o->timers, &o->restart);
	o->restarting = o->all_again = o->goes_on = false;
	memory_end(o);
	event_note(o, 0, NULL, "the restart is over: %s", why);
	originate_all(o);
	leftovers_flush(o, &o->as);
	list_each_entry(struct area, a, &o->areas, link)
		leftovers_flush(o, &a->database);
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		leftovers_flush(o, &i->database);
		grace_flush(o, i);
	}
}

void restart_review(struct ospf *o)
{
	enum again worst = AGAIN_THERE;

	if (!o->goes_on)
		list_each_entry(struct ospf_interface, i, &o->interfaces, link)
			grace_say(o, i);
	list_each_entry(const struct area, a, &o->areas, link) {
		enum again is = area_again(o, a);

		worst = is > worst ? is : worst;
	}
	if (worst == AGAIN_THERE && prefixes_again(o)) {
		restart_end(o, "all adjacencies are there again");
	} else if (worst == AGAIN_GONE) {
		restart_end(o, "a neighbour has not waited");
	} else if (worst == AGAIN_THERE && !o->all_again) {
		o->all_again = true;
		restart_soon(o, PREFIXES_WAIT);
	}
}

void restart_soon(struct ospf *o, struct duration most)
{
	(void)timer_set(&o->timers, &o->restart,
			instant_min(o->restart.due, instant_add(o->now, most)));
}

void restart_topology_changed(struct ospf *o)
{
	/* 3.2 (3) */
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors, link)
			if (n->helped)
				help_end(n, "something else has changed meanwhile");
}

void restart_withdraws(struct ospf *o)
{
	struct hash_node *n, *next;

	if (!o->restarting)
		return;
	restart_end(o, "a prefix is withdrawn");
	/* What stands in an LSA of an earlier life is taken out of it, and not of one to come. */
	for (n = hash_walk(&o->own, NULL); n; n = next) {
		next = hash_walk(&o->own, n);
		own_now(o, container_of(n, struct own, node));
	}
}

void restart_due(struct ospf *o)
{
	if (o->restarting)
		restart_end(o, o->all_again ? "not all of our prefixes are there again"
			       : o->goes_on ? "not all adjacencies are there again"
					    : "the grace period is over");
}
