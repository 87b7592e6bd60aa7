/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When what is computed. A change of a router- or network-LSA that is not one of stubs alone, or of
 * an adjacency, wants a *full* run: the graph, and all routes by it. Any other change makes the
 * destinations dirty that it is about, and these are computed anew, with the graph as it is: a
 * *partial* run, at once, because it costs no more than what has come.
 *
 * Full runs wait for each other (RFC 8405's idea, with one timer): the first after a quiet time is
 * at once, then they are apart by spf_delay, by twice that, and so on up to spf_delay_max. A next
 * hop that is lost never waits. With them go runs over all externals: when it goes another way to
 * routers at the border of the AS, or to what externals forward to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "proto/ospf/routing.h"

#define RIVALS_USE 100 /* of the instance's seed, for a table of its own */

/* So many sets of next hops may be left over from partial runs before a full one cleans up. */
#define SETS_MAX 65536

int spf_init(struct ospf *o)
{
	struct spf *s = calloc(1, sizeof(*s));

	if (!s || hops_init(&s->hops, o->hash_seed) < 0 ||
	    timers_reserve(&o->timers, o->timers.count + 1) < 0) {
		if (s)
			hops_done(&s->hops);
		free(s);
		return -ENOMEM;
	}
	table_init(&s->table, o->version, hash_seed_for(o->hash_seed, SLOT_SPF));
	timer_init(&s->timer, SLOT_SPF);
	hash_init(&s->rivals);
	hash_seed(&s->rivals, hash_seed_for(o->hash_seed, RIVALS_USE));
	s->due = s->sure = s->complete = INSTANT_NEVER;
	o->spf = s;
	return 0;
}

void spf_free(struct ospf *o)
{
	struct spf *s = o->spf;

	if (!s)
		return;
	timer_stop(&o->timers, &s->timer);
	rival_drop(o);
	table_done(&s->table);
	borders_done(&s->borders);
	for (size_t k = 0; k < s->graphs_capacity; k++)
		graph_done(&s->graphs[k]);
	free(s->graphs);
	hops_done(&s->hops);
	free(s);
	o->spf = NULL;
}

void spf_set_timer(struct ospf *o)
{
	struct spf *s = o->spf;
	struct instant at = instant_min(s->due, s->sure);

	/* It costs what there is in all: it waits, however often it is wanted. */
	if (s->table.failed && instant_is_never(s->complete))
		s->complete = instant_add(o->now, o->settings.spf_delay_max);
	at = instant_min(at, s->complete);
	if (s->table.dirty)
		at = o->now;
	if (instant_is_never(at))
		timer_stop(&o->timers, &s->timer);
	else
		(void)timer_set(&o->timers, &s->timer, at);
}

/* When */

/* One that the last run has used is none any more. */
static bool hop_is_lost(const struct ospf *o)
{
	for (size_t k = 0; k < o->spf->hops.n; k++) {
		const struct hop *h = &o->spf->hops.all[k];
		bool there = h->router == 0;

		list_each_entry(const struct ospf_interface, i, &o->interfaces, link) {
			if (there || i->index != h->path.interface)
				continue;
			list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
				there |= n->router == h->router && graph_neighbor_counts(n);
		}
		if (!there)
			return true;
	}
	return false;
}

/* After so long without a run it is quiet. */
static struct duration quiet(const struct ospf *o)
{
	return (struct duration){ 2 * o->settings.spf_delay_max.ns };
}

static struct instant run_due(const struct ospf *o)
{
	const struct spf *s = o->spf;

	if (!s->has_run || instant_reached(instant_add(s->ran, quiet(o)), o->now))
		return o->now;
	return instant_max(o->now, instant_add(s->ran, s->back_off));
}

static void work_wanted(struct ospf *o, enum spf_work work)
{
	struct spf *s = o->spf;

	if (work > s->work)
		s->work = (uint8_t)work;
	s->due = instant_min(s->due, run_due(o));
}

void spf_wanted(struct ospf *o, struct area *a, enum spf_change c)
{
	(void)a; /* All areas make one table: they are run together. */
	if (!o->spf)
		return;
	if (c == SPF_FULL)
		work_wanted(o, SPF_ALL);
	if (c == SPF_FULL && hop_is_lost(o))
		o->spf->due = o->now;
	spf_set_timer(o);
}

static void back_off(struct ospf *o)
{
	struct spf *s = o->spf;
	bool was_quiet = !s->has_run || instant_reached(instant_add(s->ran, quiet(o)), o->now);

	if (was_quiet)
		s->back_off = o->settings.spf_delay;
	else if (s->back_off.ns > o->settings.spf_delay_max.ns / 2)
		s->back_off = o->settings.spf_delay_max;
	else
		s->back_off.ns *= 2;
	s->ran = o->now;
	s->has_run = true;
}

/* What */

/* Links and what the router says of itself are the same: then the graph is. */
static bool router_is_same(const struct ospf *o, const struct lsa *a, const struct lsa *b)
{
	struct lsa_router of_a, of_b;
	struct lsa_walk w_a = lsa_router_walk(o->version, a->bytes, a->header.length, &of_a);
	struct lsa_walk w_b = lsa_router_walk(o->version, b->bytes, b->header.length, &of_b);
	struct lsa_link x, y;

	if (of_a.flags != of_b.flags || of_a.options != of_b.options)
		return false;
	w_a.no_stubs = w_b.no_stubs = true;
	for (;;) {
		bool more_a = lsa_link_next(&w_a, &x), more_b = lsa_link_next(&w_b, &y);

		if (!more_a || !more_b)
			return more_a == more_b;
		if (x.type != y.type || x.metric != y.metric || x.neighbor != y.neighbor ||
		    x.neighbor_interface != y.neighbor_interface || x.own != y.own)
			return false;
	}
}

static bool body_is_same(const struct lsa *a, const struct lsa *b)
{
	return a->header.length == b->header.length &&
	       memcmp(a->bytes + LSA_HEADER_BYTES, b->bytes + LSA_HEADER_BYTES,
		      a->header.length - LSA_HEADER_BYTES) == 0;
}

static enum spf_work work_of(const struct ospf *o, const struct lsa *old, const struct lsa *l)
{
	const struct lsa *any = l ? l : old;

	switch (any->kind) {
	case LSA_ROUTER:
		/* What goes out of us is not what we say. */
		if (any->header.key.router == o->router || (old && l && router_is_same(o, old, l)))
			return SPF_NOTHING;
		return SPF_ALL;
	case LSA_NETWORK:
	case LSA_LINK:
	case LSA_ROUTER_INFO:
		return old && l && body_is_same(old, l) ? SPF_NOTHING : SPF_ALL;
	case LSA_INTER_ROUTER:
		return old && l && body_is_same(old, l) ? SPF_NOTHING : SPF_EXTERNALS;
	default:
		return SPF_NOTHING;
	}
}

void spf_lsa_changed(struct ospf *o, const struct lsa *old, const struct lsa *l)
{
	enum spf_work work;

	if (!o->spf)
		return;
	/* One that is at its end says nothing any more, although it stays for a while. */
	if (l && (l->purged || lsa_is_max_age(l, o->now)))
		l = NULL;
	if (!old && !l)
		return;
	o->spf->table.router = o->router;
	work = work_of(o, old, l);
	table_lsa_changed(&o->spf->table, old, l);
	if (work != SPF_NOTHING)
		work_wanted(o, work);
	spf_set_timer(o);
}

/* How */

/* The route is this one now; `before`: where the hops of the old one stand. */
static bool route_take(struct ospf *o, struct destination *d, const struct hops *before,
		       const struct choice *c)
{
	struct spf *s = o->spf;
	bool was = d->kind != DESTINATION_NONE, is = c->kind != DESTINATION_NONE;
	bool same = d->kind == c->kind && d->cost == c->cost && d->area == c->reach.area &&
		    d->router == c->router && d->external_metric == c->external_metric;

	same = was == is && (!is || (same && hops_same(before, d->hops, &s->hops, c->reach.hops)));
	/* A full run counts anew, for other hops. */
	if (was && before == &s->hops)
		hops_used(&s->hops, d->hops, false);
	if (is)
		hops_used(&s->hops, c->reach.hops, true);
	table_set_kind(&s->table, d, c->kind);
	d->cost = c->cost;
	d->external_metric = c->external_metric;
	d->area = c->reach.area;
	d->router = c->router;
	d->hops = c->reach.hops;
	if (!same)
		learn_changed(o, d);
	return !same;
}

/*
 * Routes inside of the AS first. A destination that has none is left as it is when it is external,
 * or may be: with what is said outside, in the second pass.
 */
static bool route_inside(struct ospf *o, struct destination *d, const struct hops *before)
{
	struct choice c = prefer_internal(&o->spf->preference, d);

	if (c.kind == DESTINATION_NONE && !destination_is_internal(d))
		return false;
	return route_take(o, d, before, &c);
}

static void route_outside(struct ospf *o, struct destination *d, const struct hops *before)
{
	struct choice c;

	if (destination_is_internal(d))
		return;
	c = prefer_external(&o->spf->preference, d);
	(void)route_take(o, d, before, &c);
}

static void routes_outside(struct ospf *o, const struct hops *before)
{
	struct destination *d;

	for (uint32_t place = 0; (d = table_next(&o->spf->table, &place));)
		route_outside(o, d, before);
}

static void rivals_review(struct ospf *o)
{
	struct destination *d;

	if (o->prefixes.count == 0 && o->spf->rivals.count == 0)
		return;
	for (uint32_t place = 0; (d = table_next(&o->spf->table, &place));)
		ospf_rival_review(o, d);
}

static void preference_make(struct ospf *o)
{
	struct spf *s = o->spf;

	s->preference.o = o;
	s->preference.table = &s->table;
	s->preference.graphs = s->graphs;
	s->preference.n_graphs = s->n_graphs;
	s->preference.hops = &s->hops;
	s->preference.borders = &s->borders;
	s->preference.run++;
	s->preference.last_graph = NULL;
}

/* Takes all that are dirty, as a list of places. */
static uint32_t dirty_take(struct table *t)
{
	uint32_t first = 0;
	struct destination *d;

	while ((d = table_dirty_next(t))) {
		d->dirty = first;
		first = d->place;
	}
	return first;
}

static struct destination *taken_next(const struct table *t, uint32_t *first)
{
	struct destination *d = table_at(t, *first);

	if (d) {
		*first = d->dirty;
		d->dirty = 0;
	}
	return d;
}

/* All that is claimed, and nothing is dirty any more; only what was may be claimed by nobody. */
static void routes_all(struct ospf *o, const struct hops *before)
{
	struct table *t = &o->spf->table;
	uint32_t were_dirty = dirty_take(t);
	struct destination *d;

	preference_make(o);
	for (uint32_t place = 0; (d = table_next(t, &place));)
		(void)route_inside(o, d, before);
	preference_make(o);
	if (t->n_external > 0 || o->spf->had_external)
		routes_outside(o, before);
	o->spf->had_external = t->n_external > 0;
	rivals_review(o);
	while ((d = taken_next(t, &were_dirty)))
		table_release(t, d);
}

static int graphs_make(struct ospf *o)
{
	struct spf *s = o->spf;
	int error = 0;

	s->n_graphs = 0;
	list_each_entry(struct area, a, &o->areas, link) {
		size_t had = s->graphs_capacity;

		error = ARRAY_RESERVE(s->graphs, s->graphs_capacity, s->n_graphs + 1);
		if (error)
			break;
		memset(&s->graphs[had], 0, (s->graphs_capacity - had) * sizeof(*s->graphs));
		error = graph_run(o, a, &s->graphs[s->n_graphs], &s->hops);
		if (error)
			break;
		s->n_graphs++;
		a->full_runs++;
	}
	return error;
}

static void claims_of(struct ospf *o, const struct database *d)
{
	for (const struct lsa *l = NULL; (l = database_next(d, l));)
		if (!l->purged && !lsa_is_max_age(l, o->now))
			table_complete(&o->spf->table, l);
}

/* There was no room for a claim, or no memory, and perhaps there is now. */
static void claims_complete(struct ospf *o)
{
	o->spf->table.failed = false;
	o->spf->complete = INSTANT_NEVER;
	list_each_entry(struct area, a, &o->areas, link)
		claims_of(o, &a->database);
	claims_of(o, &o->as);
}

/* There was no memory: what could be found counts, and all is tried again. */
static void run_failed(struct ospf *o)
{
	struct spf *s = o->spf;

	s->hops.failed = false;
	s->work = SPF_ALL;
	s->due = instant_add(o->now, o->settings.spf_delay_max);
}

static void run_full(struct ospf *o)
{
	struct spf *s = o->spf;
	struct hops before = s->hops;
	bool failed;

	if (hops_init(&s->hops, o->hash_seed) < 0) {
		hops_done(&s->hops);
		s->hops = before;
		run_failed(o);
		return;
	}
	failed = graphs_make(o) < 0;
	failed |= borders_make(o, s->graphs, s->n_graphs, &s->hops, &s->borders) < 0;
	routes_all(o, &before);
	hops_done(&before);
	if (failed || s->hops.failed)
		run_failed(o);
	o->paths_changed = o->unsettled = true;
	s->runs++;
}

static void run_externals(struct ospf *o)
{
	struct spf *s = o->spf;
	bool failed = borders_make(o, s->graphs, s->n_graphs, &s->hops, &s->borders) < 0;

	preference_make(o);
	routes_outside(o, &s->hops);
	rivals_review(o);
	if (failed || s->hops.failed)
		run_failed(o);
}

static void run_partial(struct ospf *o)
{
	struct spf *s = o->spf;
	uint32_t first = dirty_take(&s->table), rest = first;
	struct destination *d;
	bool inside = false;

	preference_make(o);
	for (d = table_at(&s->table, first); d; d = table_at(&s->table, d->dirty))
		inside |= route_inside(o, d, &s->hops) &&
			  table_is_forwarded_to(&s->table, &d->prefix);
	preference_make(o);
	o->spf->had_external |= s->table.n_external > 0;
	while ((d = taken_next(&s->table, &rest))) {
		route_outside(o, d, &s->hops);
		ospf_rival_review(o, d);
		table_release(&s->table, d);
	}
	/* Forwarding addresses may go another way: that costs what there are externals. */
	if (inside)
		work_wanted(o, SPF_EXTERNALS);
	list_each_entry(struct area, a, &o->areas, link)
		a->partial_runs++;
	if (s->hops.failed || s->hops.n_sets > SETS_MAX || s->hops.n > SETS_MAX)
		run_failed(o);
}

void spf_due(struct ospf *o)
{
	struct spf *s = o->spf;
	uint8_t work = s->work;

	if (instant_reached(s->complete, o->now))
		claims_complete(o);
	if (work != SPF_NOTHING && instant_reached(s->due, o->now)) {
		s->work = SPF_NOTHING;
		s->due = INSTANT_NEVER;
		back_off(o);
		if (work == SPF_ALL)
			run_full(o);
		else
			run_externals(o);
	}
	if (s->table.dirty)
		run_partial(o);
	if (instant_reached(s->sure, o->now))
		rival_sure(o);
	spf_set_timer(o);
}

bool spf_has_room(const struct ospf *o)
{
	return !o->spf || o->spf->table.n_claims < CLAIMS_MAX;
}

bool spf_reaches(const struct ospf *o, const struct area *a, uint32_t router)
{
	for (size_t k = 0; o->spf && k < o->spf->n_graphs; k++)
		if ((!a || o->spf->graphs[k].area == a->id) &&
		    graph_router(&o->spf->graphs[k], router))
			return true;
	return false;
}

bool ospf_spf_row(const struct ospf *o, struct instant now, size_t *position,
		  struct ospf_spf_row *ret)
{
	const struct spf *s = o->spf;
	const struct destination *d;
	size_t at = 0;

	list_each_entry(const struct area, a, &o->areas, link) {
		const struct graph *g = preference_graph(&s->preference, a->id);

		if (at++ < *position)
			continue;
		*position = at;
		*ret = (struct ospf_spf_row){
			.area = a->id,
			.runs = a->full_runs,
			.partial_runs = a->partial_runs,
			.host_bit = a->host_bit,
			.all_know_host = a->all_know_host,
			.routers = g ? g->n_routers : 0,
			.networks = g ? g->n_networks : 0,
			.delay = s->back_off,
		};
		if (s->has_run)
			ret->ago = instant_since(now, s->ran);
		for (uint32_t place = 0; (d = table_next(&s->table, &place));)
			ret->routes += d->kind != DESTINATION_NONE && d->area == a->id;
		return true;
	}
	return false;
}

bool ospf_route_row(const struct ospf *o, struct instant now, size_t *position,
		    struct ospf_route_row *ret)
{
	const struct spf *s = o->spf;
	const struct destination *d;
	uint32_t place = (uint32_t)*position;

	(void)now;
	while ((d = table_next(&s->table, &place))) {
		*position = place;
		if (d->kind == DESTINATION_NONE)
			continue;
		*ret = (struct ospf_route_row){
			.route = { .prefix = d->prefix, .metric = d->cost },
			.kind = d->kind,
			.area = d->area,
			.router = d->router,
			.external_metric = d->external_metric,
		};
		hops_paths(&s->hops, d->hops, &ret->route);
		return true;
	}
	return false;
}
