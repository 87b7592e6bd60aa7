/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an LSA of ours.
 *
 *	own_want ──► wanted ──change──► due ──contents differ──► installed and flooded
 *	                ▲                ▲                            │
 *	                │                └──── refresh ◄──────────────┤
 *	                │                      somebody had a newer one (13.4)
 *	own_unwant ──► flushed ──acknowledged by all──► gone
 *
 * A change is not made where it is told: the LSA is due, and is made when its timer is looked at.
 * So what changes at once leaves as one instance, and costs one. What is the same as before is
 * not sent.
 *
 * RFC 2328 12.4 has 5 s between two instances (MinLSInterval), receivers drop what comes within
 * 1 s (MinLSArrival). So the first change after a quiet time leaves at once, the next ones as soon
 * as receivers take them; who goes on changing has spent that soon, and waits for MinLSInterval.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/own.h"

#define OWN_BURST 5 /* changes that do not wait for MinLSInterval, one given back in it */
#define OWN_ARRIVAL DURATION_MS(1100)	 /* MinLSArrival, and a little for the way */
#define OWN_REFRESH_LOW DURATION_S(1500) /* ten thousand LSAs must not be refreshed at once */
#define OWN_REFRESH_HIGH DURATION_S(LSA_AGE_REFRESH)
#define OWN_FOUGHT_NOTE                                                                            \
	3 /* so often between two refreshes: it is no leftover of an earlier life                  \
	   */

#define SEQUENCE_NONE (LSA_SEQUENCE_INITIAL - 1) /* RFC 2328 12.1.6: it is reserved */

struct own_name {
	uint32_t scope, place, type, id, router;
};

static uint32_t own_hash(const struct ospf *o, const struct database *d, const struct lsa_key *k)
{
	struct own_name name = { d->scope, d->place, k->type, k->id, k->router };

	return hash_keyed(o->own.seed, &name, sizeof(name));
}

struct own *own_find(const struct ospf *o, const struct database *d, const struct lsa_key *k)
{
	uint32_t h = own_hash(o, d, k);

	for (struct hash_node *n = hash_first(&o->own, h); n; n = hash_next(n, h)) {
		struct own *w = container_of(n, struct own, node);

		if (w->of == d && lsa_key_equal(&w->key, k))
			return w;
	}
	return NULL;
}

void own_init(struct ospf *o)
{
	hash_init(&o->own);
	hash_init(&o->prefixes);
	hash_seed(&o->own, hash_seed_for(o->hash_seed, 1));
	hash_seed(&o->prefixes, hash_seed_for(o->hash_seed, 2));
	o->sequence = SEQUENCE_NONE;
}

/* With the first external, and without the last, our router-LSAs are others: the E bit. */
static void wanted_set(struct ospf *o, struct own *w, bool wanted)
{
	enum lsa_kind kind = lsa_kind(o->version, &w->key);

	if (w->wanted == wanted)
		return;
	w->wanted = wanted;
	if (kind != LSA_EXTERNAL && kind != LSA_NSSA)
		return;
	o->n_externals += wanted ? 1 : (size_t)-1;
	if (o->n_externals > 1)
		return;
	list_each_entry(struct area, a, &o->areas, link)
		if (a->router)
			own_changed(o, a->router);
}

/* Who waits for flushes that are over goes on: output.c. */
static void flush_waits_set(struct ospf *o, struct own *w, bool waits)
{
	if (w->flush_waits == waits)
		return;
	w->flush_waits = waits;
	o->n_flushes += waits ? 1 : (size_t)-1;
	if (o->n_flushes > 0)
		return;
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		if (i->leaving)
			interface_wants_output(i);
}

static void own_let_go(struct own *w)
{
	if (w->lsa)
		w->lsa->own = NULL;
	w->lsa = NULL;
}

/* Nobody points at it any more. */
static void own_free(struct ospf *o, struct own *w)
{
	timer_stop(&o->timers, &w->originate);
	wanted_set(o, w, false);
	flush_waits_set(o, w, false);
	list_each_safe(link, &w->carriages)
		announce_dropped(o, container_of(link, struct carriage, of_own));
	own_let_go(w);
	if (!w->wrapping && w->sequence != LSA_SEQUENCE_MAX && w->sequence > o->sequence)
		o->sequence = w->sequence;
	list_remove(&w->room);
	hash_remove(&o->own, &w->node);
	originate_forget(o, w);
	free(w);
}

void own_done(struct ospf *o)
{
	const struct hash_node *n;

	announce_done(o);
	/* The areas are gone. */
	for (n = NULL; (n = hash_walk(&o->own, n));)
		list_init(&container_of(n, struct own, node)->room);
	while ((n = hash_walk(&o->own, NULL)))
		own_free(o, container_of(n, struct own, node));
	hash_done(&o->own);
	hash_done(&o->prefixes);
}

void own_reset(struct ospf *o)
{
	const struct hash_node *n;

	while ((n = hash_walk(&o->own, NULL)))
		own_free(o, container_of(n, struct own, node));
	o->sequence = SEQUENCE_NONE;
}

/* The instance that is installed is of an earlier life, or of before a restart. */
static void own_adopt(struct ospf *o, struct own *w)
{
	w->lsa = database_find(w->of, &w->key);
	if (!w->lsa)
		return;
	w->lsa->own = w;
	flood_uncount(o, w->lsa);
	w->refresh = instant_add(o->now, DURATION_S(LSA_AGE_REFRESH - lsa_age(w->lsa, o->now)));
	if (w->lsa->header.sequence > w->sequence)
		w->sequence = w->lsa->header.sequence;
}

void own_forget(struct ospf *o, struct lsa *l)
{
	struct own *w = l->own;

	/* One that was on its way out goes with it. */
	if (w && w->wanted)
		own_let_go(w);
	else
		w = NULL;
	flood_drop(o, l);
	if (w)
		own_changed(o, w);
}

static struct own *own_new(struct ospf *o, struct database *d, const struct lsa_key *k)
{
	struct own *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->of = d;
	w->key = *k;
	w->sequence = o->sequence;
	w->burst = OWN_BURST;
	w->sent.ns = INT64_MIN;
	w->credited = o->now;
	timer_init(&w->originate, SLOT_ORIGINATE);
	list_init(&w->carriages);
	list_init(&w->room);
	/* From now on it runs, so that to set it never fails. */
	if (timer_set(&o->timers, &w->originate, INSTANT_NEVER) < 0 ||
	    hash_insert(&o->own, &w->node, own_hash(o, d, k)) < 0) {
		timer_stop(&o->timers, &w->originate);
		free(w);
		return NULL;
	}
	own_adopt(o, w);
	return w;
}

int own_want(struct ospf *o, struct database *d, const struct lsa_key *k, struct own **ret)
{
	struct own *w = own_find(o, d, k);

	if (!w)
		w = own_new(o, d, k);
	if (!w)
		return -ENOMEM;
	*ret = w;
	if (!w->wanted) {
		flush_waits_set(o, w, false);
		wanted_set(o, w, true);
		own_changed(o, w);
	}
	return 0;
}

static void credit_give_back(struct ospf *o, struct own *w)
{
	int64_t more = instant_since(o->now, w->credited).ns / MIN_LS_INTERVAL.ns;

	if (more > OWN_BURST - w->burst)
		more = OWN_BURST - w->burst;
	if (w->burst + more == OWN_BURST)
		w->credited = o->now;
	else
		w->credited.ns += more * MIN_LS_INTERVAL.ns;
	w->burst = (uint8_t)(w->burst + more);
}

/* When the next instance may be flooded. */
static struct instant own_earliest(struct ospf *o, struct own *w)
{
	/* Nobody has seen the last one. */
	if (!w->lsa || w->sent.ns == INT64_MIN)
		return o->now;
	credit_give_back(o, w);
	return instant_max(o->now,
			   instant_add(w->sent, w->burst > 0 ? OWN_ARRIVAL : MIN_LS_INTERVAL));
}

static void own_wait(struct ospf *o, struct own *w, struct instant due)
{
	(void)timer_set(&o->timers, &w->originate, due);
}

static void own_schedule(struct ospf *o, struct own *w)
{
	/* RFC 2328 12.1.6: it is waited for until the old one is gone. */
	if (!w->wrapping || !w->wanted)
		own_wait(o, w, own_earliest(o, w));
}

/* RFC 3623 2.2 (1): while we restart nothing is said but that. */
static bool is_held(const struct ospf *o, const struct own *w)
{
	return o->restarting && lsa_kind(o->version, &w->key) != LSA_GRACE;
}

void own_changed(struct ospf *o, struct own *w)
{
	if (!w->wanted || o->router == 0)
		return;
	w->changed = true;
	if (!is_held(o, w))
		own_schedule(o, w);
}

/* What stands in the installed instance is what would be said now. */
static bool is_said(const struct own *w, const uint8_t *bytes, size_t length)
{
	const struct lsa *l = w->lsa;

	/* RFC 2328 13.2: the options, and all behind the header. */
	return l && !l->purged && l->header.length == length && l->bytes[2] == bytes[2] &&
	       memcmp(l->bytes + LSA_HEADER_BYTES, bytes + LSA_HEADER_BYTES,
		      length - LSA_HEADER_BYTES) == 0;
}

/* Those that have no older instance to acknowledge have this one. */
static void waiting_mark(struct own *w)
{
	list_each_entry(struct retransmission, t, &w->lsa->waiting, of_lsa)
		if (t->since == 0)
			t->since = w->serial;
}

static void own_flood(struct ospf *o, struct own *w, const uint8_t *bytes, size_t length)
{
	struct lsa *old = w->lsa, *l;

	w->lsa = NULL;
	l = flood_install(o, w->of, bytes, length, w);
	if (!l) {
		w->lsa = old;
		own_wait(o, w, instant_add(o->now, MIN_LS_INTERVAL));
		return;
	}
	credit_give_back(o, w);
	if (old && w->sent.ns != INT64_MIN && w->burst > 0)
		w->burst--;
	w->lsa = l;
	w->changed = w->again = false;
	w->sequence++;
	w->serial = ++o->serial;
	if (w->unsent == 0)
		w->unsent_since = w->serial;
	announce_made(w);
	w->refresh =
		instant_add(o->now, random_between(&o->random, OWN_REFRESH_LOW, OWN_REFRESH_HIGH));
	own_wait(o, w, w->refresh);
	w->unsent = flood_out(o, l, NULL);
	waiting_mark(w);
	if (w->unsent == 0)
		announce_left(o, w);
	announce_known(o, w);
}

/* RFC 2328 12.1.6: it goes first, and begins again when all have let go of it. */
static void own_wrap(struct ospf *o, struct own *w)
{
	w->wrapping = true;
	own_wait(o, w, INSTANT_NEVER);
	if (!w->lsa->purged)
		flood_purge(o, w->lsa);
}

static void own_make(struct ospf *o, struct own *w)
{
	uint8_t bytes[LSA_BYTES_MAX];
	struct writer out;

	if (!w->lsa)
		own_adopt(o, w);
	if (w->sequence == LSA_SEQUENCE_MAX && w->lsa) {
		own_wrap(o, w);
		return;
	}
	if (w->sequence == LSA_SEQUENCE_MAX)
		w->sequence = SEQUENCE_NONE;
	writer_init(&out, bytes, sizeof(bytes));
	originate_due(o, w, &out, w->sequence + 1);
	own_wait(o, w, w->refresh);
	if (!writer_ok(&out)) {
		own_wait(o, w, instant_add(o->now, MIN_LS_INTERVAL));
		return;
	}
	if (w->again || !is_said(w, bytes, out.length)) {
		own_flood(o, w, bytes, out.length);
		return;
	}
	w->changed = false;
	announce_same(o, w);
}

static void own_flush(struct ospf *o, struct own *w)
{
	own_wait(o, w, INSTANT_NEVER);
	flush_waits_set(o, w, false);
	if (!w->lsa)
		own_free(o, w);
	else if (!w->lsa->purged)
		flood_purge(o, w->lsa); /* own_gone() comes of it, now or later */
}

void own_unwant(struct ospf *o, struct own *w)
{
	if (!w->wanted)
		return;
	wanted_set(o, w, false);
	w->changed = w->again = false;
	/* 13 (5) (a): a flush is dropped as any instance is when it comes too early. */
	own_wait(o, w, w->lsa && !w->lsa->purged ? own_earliest(o, w) : o->now);
}

void own_flush_soon(struct ospf *o, struct own *w)
{
	struct instant due = o->now;

	wanted_set(o, w, false);
	w->changed = w->again = false;
	if (w->lsa && !w->lsa->purged && w->sent.ns != INT64_MIN)
		due = instant_add(w->sent, OWN_ARRIVAL);
	if (instant_reached(due, o->now)) {
		own_flush(o, w);
		return;
	}
	flush_waits_set(o, w, true);
	own_wait(o, w, due);
}

void own_now(struct ospf *o, struct own *w)
{
	if (!w->wanted)
		own_flush(o, w);
	else if (w->changed && !w->wrapping && !is_held(o, w))
		own_make(o, w);
}

void own_due(struct ospf *o, struct own *w)
{
	own_wait(o, w, INSTANT_NEVER);
	if (!w->wanted) {
		own_flush(o, w);
		return;
	}
	if (is_held(o, w) || o->router == 0)
		return;
	if (!w->changed) {
		w->again = true; /* the refresh */
		w->fought = 0;
	}
	own_make(o, w);
}

static void own_fight(struct ospf *o, struct own *w, const struct lsa_header *h)
{
	if (h->sequence > w->sequence)
		w->sequence = h->sequence;
	w->again = true;
	o->fought++;
	if (++w->fought == OWN_FOUGHT_NOTE)
		event_note(o, w->of->scope == LSA_SCOPE_LINK ? w->of->place : 0, NULL,
			   "another router floods LSAs with our router ID: the %s LSA has come in "
			   "newer than ours",
			   lsa_type_name(o->version, w->key.type));
	own_changed(o, w);
}

/* RFC 2328 13.4: it is not wanted any more; it goes as it has come, but for its age. */
static void stranger_flush(struct ospf *o, struct database *d, const struct lsa_header *h,
			   const uint8_t *bytes)
{
	struct lsa *l = flood_install(o, d, bytes, h->length, NULL);

	if (l)
		flood_purge(o, l);
}

static bool is_ours(const struct ospf *o, const struct lsa_header *h)
{
	if (h->key.router == o->router)
		return o->router != 0;
	if (o->version != OSPF_V2 || h->key.type != LSA_V2_NETWORK)
		return false;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		for (size_t k = 0; k < i->n_sources; k++)
			if (i->sources[k].address.family == FAMILY_IPV4 &&
			    address_ipv4_number(&i->sources[k].address) == h->key.id)
				return true;
	return false;
}

bool own_received(struct ospf *o, struct database *d, const struct lsa_header *h,
		  const uint8_t *bytes)
{
	struct own *w;

	if (!is_ours(o, h))
		return false;
	w = own_find(o, d, &h->key);
	if (o->restarting && lsa_kind(o->version, &h->key) != LSA_GRACE) {
		/* RFC 3623 2.2 (2): those of before the restart are as good as any. */
		if (w)
			own_let_go(w);
		return false;
	}
	if (w && w->wanted && h->sequence != LSA_SEQUENCE_MAX) {
		own_fight(o, w, h);
		return true;
	}
	if (!w && h->age >= LSA_AGE_MAX)
		return false;
	if (!w) {
		stranger_flush(o, d, h, bytes);
		return true;
	}
	/* Ours was on its way out, or has to wrap: this one goes in its place. */
	w->lsa = flood_install(o, d, bytes, h->length, w);
	w->sequence = h->sequence;
	w->again = w->wanted;
	o->fought++;
	if (w->lsa && w->wanted)
		own_wrap(o, w);
	else if (w->lsa)
		flood_purge(o, w->lsa);
	/* It has come as one that goes: those who waited for ours wait for this one. */
	if (w->lsa && h->age >= LSA_AGE_MAX)
		(void)flood_out(o, w->lsa, NULL);
	return true;
}

void own_acknowledged(struct ospf *o, const struct retransmission *t, bool said)
{
	struct own *w = t->lsa->own;

	if (w && w->lsa == t->lsa)
		announce_acknowledged(o, w, t, said);
}

void own_sent(struct ospf *o, struct lsa *l, struct ospf_interface *i)
{
	struct own *w = l->own;

	(void)i;
	if (!w || w->lsa != l)
		return;
	w->sent = o->now;
	if (w->unsent > 0 && --w->unsent == 0)
		announce_left(o, w);
}

void own_answered(struct ospf *o, struct lsa *l)
{
	if (l->own && l->own->lsa == l)
		l->own->sent = o->now;
}

void own_gone(struct ospf *o, struct lsa *l)
{
	struct own *w = l->own;

	l->own = NULL;
	if (!w || w->lsa != l)
		return;
	w->lsa = NULL;
	w->unsent = 0;
	if (!w->wanted || !l->purged) {
		own_free(o, w); /* it was flushed, or its place goes */
		return;
	}
	if (!w->wrapping)
		return; /* it has come back meanwhile, and waits for its time */
	w->wrapping = false;
	w->sequence = SEQUENCE_NONE;
	w->again = true;
	own_changed(o, w);
}
