/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When routes are computed, what is told of them, and that a partial run finds what a full one
 * would: against an instance that is given the same LSAs at once.
 */
#include <errno.h>

#include "base/random.h"
#include "proto/ospf/routing_test.h"

#define ROUTERS 6
#define PREFIXES 12
#define STEPS 150
#define SEEDS 60

static uint32_t router_id(uint32_t k)
{
	return US + k;
}

static struct prefix prefix_at(const struct stage *s, uint64_t k)
{
	/* Some lie in others. */
	return stage_prefix(s->o.version, 0x14000000u + ((uint32_t)(k / 2) << 16), k % 2 ? 16 : 24);
}

/* v2: the Link State ID is the prefix; App. E would set host bits for the second of two. */
static uint32_t id_at(uint64_t k)
{
	return 0x14000000u + ((uint32_t)(k / 2) << 16);
}

/* Routers 1 to 3 are our neighbours, 4 and 5 are behind 1 and 2; costs are what `r` says. */
static void ring_put(struct stage *s, struct area *a, uint32_t k, struct random *r, uint8_t flags,
		     uint32_t n_stubs)
{
	static const uint8_t links[ROUTERS][3] = { { 0 },    { 0, 4, 2 }, { 0, 5, 1 },
						   { 0, 4 }, { 1, 3, 5 }, { 2, 4 } };

	stage_router(s, 0, router_id(k), flags, OSPF_V3_V6 | OSPF_V3_R);
	for (size_t m = 0; m < 3; m++)
		if (m == 0 || links[k][m])
			stage_link(s,
				   &(struct lsa_link){ .type = LSA_LINK_POINT_TO_POINT,
						       .metric = (uint16_t)(1 + random_below(r, 3)),
						       .neighbor = router_id(links[k][m]),
						       .own = k });
	for (uint32_t m = 0; m < n_stubs && s->o.version == OSPF_V2; m++)
		stage_link(s,
			   &(struct lsa_link){ .type = LSA_LINK_STUB,
					       .metric = (uint16_t)random_below(r, 4),
					       .prefix = prefix_at(s, random_below(r, PREFIXES)) });
	stage_put(s, &a->database);
}

static void neighbors_make(struct stage *s, struct area *a)
{
	for (uint32_t k = 1; k <= 3; k++) {
		struct ospf_interface *i = stage_interface(s, a, k, (uint16_t)k, 0);
		struct address address = stage_address(s->o.version, 0x0b000001u + (k << 8));

		stage_neighbor(s, i, router_id(k), &address, k);
	}
}

static struct stage *ring_make(enum ospf_version v)
{
	struct stage *s = stage_new(v);
	struct area *a = stage_area(s, 0, OSPF_AREA_NORMAL);
	struct random r;

	random_init(&r, 1);
	neighbors_make(s, a);
	for (uint32_t k = 1; k < ROUTERS; k++)
		ring_put(s, a, k, &r, LSA_ROUTER_B | LSA_ROUTER_E, 0);
	stage_settle(s);
	return s;
}

/* Partial and full runs */

static void intra_put(struct stage *s, struct area *a, uint32_t router, struct random *r)
{
	lsa_write_prefixes(stage_lsa(s, LSA_INTRA_PREFIX, (uint32_t)random_below(r, 2), router),
			   LSA_V3_INTRA_PREFIX,
			   &(struct lsa_prefixes){ .reference = { LSA_V3_ROUTER, 0, router } });
	for (uint64_t n = random_below(r, 4); n > 0; n--)
		lsa_write_prefix(
			&s->w, 0,
			&(struct lsa_prefix){ .prefix = prefix_at(s, random_below(r, PREFIXES)),
					      .metric = (uint16_t)random_below(r, 4) });
	stage_put(s, &a->database);
}

static void destination_put(struct stage *s, struct database *d, enum lsa_kind kind,
			    struct random *r, uint32_t router)
{
	uint64_t k = random_below(r, PREFIXES);
	struct lsa_destination say = {
		.prefix = prefix_at(s, k),
		.metric = random_below(r, 10) ? (uint32_t)random_below(r, 4) : LSA_METRIC_INFINITY,
		.type_2 = random_below(r, 2),
		.router = router_id(4 + (uint32_t)random_below(r, 4)),
	};
	struct writer *w;

	if (random_below(r, 3) == 0)
		say.forward = prefix_at(s, random_below(r, PREFIXES)).address;
	w = stage_lsa(s, kind, kind == LSA_INTER_ROUTER ? say.router : id_at(k), router);
	lsa_write_destination(s->o.version, w, lsa_type(s->o.version, kind), &say);
	stage_put(s, d);
}

static void step(struct stage *s, struct area *a, struct random *r)
{
	static const uint8_t kinds[] = { LSA_EXTERNAL, LSA_INTER_PREFIX, LSA_INTER_ROUTER,
					 LSA_INTRA_PREFIX };
	uint32_t router = router_id(1 + (uint32_t)random_below(r, ROUTERS - 1));
	uint8_t kind = kinds[random_below(r, 4)];
	struct database *d = kind == LSA_EXTERNAL ? &s->o.as : &a->database;

	if (random_below(r, 12) == 0) {
		ring_put(s, a, router - US, r, (uint8_t)random_below(r, 4),
			 (uint32_t)random_below(r, 4));
	} else if (kind == LSA_INTRA_PREFIX && s->o.version == OSPF_V2) {
		struct random same;

		/* The links as they were, and other stubs. */
		random_init(&same, 1);
		ring_put(s, a, router - US, &same, LSA_ROUTER_B | LSA_ROUTER_E,
			 (uint32_t)random_below(r, 4));
	} else if (random_below(r, 3) == 0) {
		struct lsa *l = NULL;

		list_each_entry(struct lsa, each, &d->kinds[kind], of_kind)
			if (!l || random_below(r, 3) == 0)
				l = each;
		if (l)
			assert_true(stage_remove(s, d, (enum lsa_kind)kind, l->header.key.id,
						 l->header.key.router));
	} else if (kind == LSA_INTRA_PREFIX) {
		intra_put(s, a, router, r);
	} else {
		/* One of 10.0.0.1 + 6 is said by another one to be an ASBR. */
		if (kind == LSA_EXTERNAL && random_below(r, 3) == 0)
			router = router_id(ROUTERS);
		destination_put(s, d, (enum lsa_kind)kind, r, router);
	}
}

static void copy(struct stage *to, struct database *d, const struct database *from)
{
	for (const struct lsa *l = NULL; (l = database_next(from, l));)
		stage_install(to, d, l->bytes, l->header.length);
}

/* How many lead through each hop is counted with each route that changes. */
static void assert_counted(const struct stage *s)
{
	const struct hops *h = &s->o.spf->hops;

	for (size_t k = 0; k < h->n; k++) {
		struct ospf_route_row row;
		uint32_t through = 0;

		if (!address_is_set(&h->all[k].path.next_hop))
			continue;
		for (size_t at = 0; ospf_route_row(&s->o, s->o.now, &at, &row);)
			for (size_t i = 0; i < row.route.n_paths; i++)
				through +=
					row.route.paths[i].interface == h->all[k].path.interface &&
					address_equal(&row.route.paths[i].next_hop,
						      &h->all[k].path.next_hop);
		assert_int_equal(hops_routes(h, &h->all[k].path), through);
	}
}

static void assert_same(const struct stage *s, const struct stage *other, uint64_t seed)
{
	struct ospf_route_row row, found;
	size_t position = 0, n = 0, n_other = 0;

	while (ospf_route_row(&s->o, s->o.now, &position, &row)) {
		n++;
		if (!stage_route(other, &row.route.prefix, &found))
			fail_msg("seed %lu: %s is too many", (unsigned long)seed,
				 PREFIX_TEXT(&row.route.prefix));
		assert_int_equal(row.kind, found.kind);
		assert_int_equal(row.route.metric, found.route.metric);
		assert_int_equal(row.external_metric, found.external_metric);
		assert_int_equal(row.route.n_paths, found.route.n_paths);
		assert_int_equal(row.router, found.router);
		for (size_t k = 0; k < row.route.n_paths; k++) {
			assert_int_equal(row.route.paths[k].interface,
					 found.route.paths[k].interface);
			assert_true(address_equal(&row.route.paths[k].next_hop,
						  &found.route.paths[k].next_hop));
		}
	}
	position = 0;
	while (ospf_route_row(&other->o, other->o.now, &position, &found))
		n_other++;
	assert_int_equal(n, n_other);
	assert_counted(s);
}

static void sequence(enum ospf_version v, uint64_t seed, size_t *partial, size_t *full)
{
	struct stage *s = ring_make(v);
	struct random r;

	random_init(&r, seed);
	for (size_t k = 0; k < STEPS; k++) {
		struct stage *anew = stage_new(v);

		step(s, &s->areas[0], &r);
		stage_settle(s);
		stage_area(anew, 0, OSPF_AREA_NORMAL);
		neighbors_make(anew, &anew->areas[0]);
		copy(anew, &anew->areas[0].database, &s->areas[0].database);
		copy(anew, &anew->o.as, &s->o.as);
		stage_settle(anew);
		assert_same(s, anew, seed);
		stage_free(anew);
	}
	*partial += s->areas[0].partial_runs;
	*full += s->areas[0].full_runs;
	stage_free(s);
}

static void test_partial_runs_find_what_a_full_run_finds(void **state)
{
	size_t partial = 0, full = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		sequence(OSPF_V2, seed, &partial, &full);
		sequence(OSPF_V3, seed, &partial, &full);
	}
	assert_true(partial > full);
}

/* When */

static void change(struct stage *s)
{
	static uint64_t seed = 100;
	struct random r;

	random_init(&r, ++seed);
	/* So that it is never the same: another flag. */
	ring_put(s, &s->areas[0], 5, &r, (uint8_t)(seed & 3), 0);
}

static void test_the_first_run_is_at_once_and_the_next_ones_wait_longer(void **state)
{
	static const int64_t waits_ms[] = { 0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000 };
	struct stage *s = ring_make(OSPF_V2);
	uint32_t before;

	(void)state;
	stage_pass(s, DURATION_S(100));
	for (size_t k = 0; k < sizeof(waits_ms) / sizeof(waits_ms[0]); k++) {
		before = s->areas[0].full_runs;
		change(s);
		stage_run(s);
		if (waits_ms[k] > 0) {
			assert_int_equal(s->areas[0].full_runs, before);
			stage_pass(s, DURATION_MS(waits_ms[k] - 1));
			assert_int_equal(s->areas[0].full_runs, before);
			/* However many changes there are meanwhile. */
			change(s);
			stage_pass(s, DURATION_MS(1));
		}
		assert_int_equal(s->areas[0].full_runs, before + 1);
	}
	/* Twice the longest without one, and it is quiet again. */
	stage_pass(s, DURATION_S(10));
	before = s->areas[0].full_runs;
	change(s);
	stage_run(s);
	assert_int_equal(s->areas[0].full_runs, before + 1);
	stage_free(s);
}

static void test_a_next_hop_that_is_lost_waits_for_nothing(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0);
	struct ospf_route_row row;
	struct random r;
	uint32_t before;

	(void)state;
	random_init(&r, 1);
	stage_pass(s, DURATION_S(100));
	destination_put(s, &s->areas[0].database, LSA_INTER_PREFIX, &r, router_id(1));
	for (uint32_t k = 0; k < 4; k++) {
		change(s);
		stage_settle(s);
	}
	before = s->areas[0].full_runs;
	s->neighbors[1].liveness = VERDICT_DOWN;
	spf_wanted(&s->o, &s->areas[0], SPF_FULL);
	stage_run(s);
	assert_int_equal(s->areas[0].full_runs, before + 1);
	(void)p;
	for (size_t position = 0; ospf_route_row(&s->o, s->o.now, &position, &row);)
		for (size_t k = 0; k < row.route.n_paths; k++)
			assert_int_not_equal(row.route.paths[k].interface, 2);
	/* An adjacency that is new is not: it waits. */
	s->neighbors[1].liveness = VERDICT_UNKNOWN;
	spf_wanted(&s->o, &s->areas[0], SPF_FULL);
	stage_run(s);
	assert_int_equal(s->areas[0].full_runs, before + 1);
	stage_settle(s);
	assert_int_equal(s->areas[0].full_runs, before + 2);
	stage_free(s);
}

static void say(struct stage *s, enum lsa_kind kind, uint32_t prefix, uint32_t metric,
		const struct address *forward)
{
	struct lsa_destination d = { .prefix = stage_prefix(OSPF_V2, prefix, 16),
				     .metric = metric };

	if (forward)
		d.forward = *forward;
	lsa_write_destination(OSPF_V2, stage_lsa(s, kind, prefix, router_id(1)),
			      lsa_type(OSPF_V2, kind), &d);
	stage_put(s, kind == LSA_EXTERNAL ? &s->o.as : &s->areas[0].database);
}

/* All externals are looked at when it goes another way to what one of them forwards to, alone. */
static void test_what_externals_forward_to_costs_what_there_are_and_waits(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	const struct address forward = stage_address(OSPF_V2, 0x1e010101u);
	struct prefix external = stage_prefix(OSPF_V2, 0x28000000u, 16);
	const struct destination *d;
	uint32_t cost;

	(void)state;
	say(s, LSA_INTER_PREFIX, 0x1e010000u, 10, NULL);
	say(s, LSA_INTER_PREFIX, 0x1e020000u, 10, NULL);
	say(s, LSA_EXTERNAL, 0x28000000u, 5, &forward);
	stage_settle(s);
	stage_pass(s, DURATION_S(100));
	d = table_find(&s->o.spf->table, &external);
	assert_non_null(d);
	cost = d->cost;
	say(s, LSA_INTER_PREFIX, 0x1e020000u, 20, NULL);
	stage_run(s);
	assert_int_equal(s->o.spf->work, SPF_NOTHING);
	say(s, LSA_INTER_PREFIX, 0x1e010000u, 20, NULL);
	stage_run(s);
	assert_int_equal(d->cost, cost + 10);
	say(s, LSA_INTER_PREFIX, 0x1e010000u, 30, NULL);
	stage_run(s);
	assert_int_equal(d->cost, cost + 10);
	stage_pass(s, DURATION_MS(50));
	assert_int_equal(d->cost, cost + 20);
	stage_free(s);
}

static void test_what_is_only_said_again_and_our_own_lsas_run_nothing(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	uint32_t full, partial;
	struct random r;

	(void)state;
	full = s->areas[0].full_runs;
	partial = s->areas[0].partial_runs;
	random_init(&r, 1);
	for (uint32_t k = 1; k < ROUTERS; k++)
		ring_put(s, &s->areas[0], k, &r, LSA_ROUTER_B | LSA_ROUTER_E, 0);
	stage_router(s, 0, US, 0, 0);
	stage_link(s, &(struct lsa_link){ .type = LSA_LINK_STUB, .prefix = prefix_at(s, 0) });
	stage_put(s, &s->areas[0].database);
	assert_false(timer_running(&s->o.spf->timer));
	stage_settle(s);
	assert_int_equal(s->areas[0].full_runs, full);
	assert_int_equal(s->areas[0].partial_runs, partial);
	assert_int_equal(s->o.spf->table.n, 0);
	stage_free(s);
}

/* An external of router `k`, to prefix_at(0), or its end. */
static void external_put(struct stage *s, uint32_t k, uint32_t metric, bool type_2)
{
	struct writer *w = stage_lsa(s, LSA_EXTERNAL, id_at(0), router_id(k));

	lsa_write_destination(s->o.version, w, lsa_type(s->o.version, LSA_EXTERNAL),
			      &(struct lsa_destination){ .prefix = prefix_at(s, 0),
							 .metric = metric,
							 .type_2 = type_2 });
	stage_put(s, &s->o.as);
}

static void test_an_lsa_at_its_end_says_nothing(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0);
	struct ospf_route_row row;
	struct lsa_key k = { LSA_V2_EXTERNAL, id_at(0), router_id(1) };
	struct lsa *l;

	(void)state;
	external_put(s, 1, 1, false);
	stage_settle(s);
	assert_true(stage_route(s, &p, &row));
	/* It is purged where it stands, and is gone a while later. */
	l = database_find(&s->o.as, &k);
	l->purged = true;
	spf_lsa_changed(&s->o, l, l);
	stage_settle(s);
	assert_false(stage_route(s, &p, &row));
	assert_int_equal(s->o.spf->table.n, 0);
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, id_at(0), router_id(1)));
	/* One comes in that is at its end. */
	external_put(s, 1, 1, false);
	stage_settle(s);
	assert_true(stage_route(s, &p, &row));
	lsa_write_destination(OSPF_V2, stage_lsa(s, LSA_EXTERNAL, id_at(0), router_id(1)),
			      LSA_V2_EXTERNAL,
			      &(struct lsa_destination){ .prefix = p, .metric = 1 });
	lsa_set_age(s->bytes, LSA_AGE_MAX);
	stage_put(s, &s->o.as);
	stage_settle(s);
	assert_false(stage_route(s, &p, &row));
	stage_free(s);
}

static void test_claims_that_had_no_memory_are_made_later(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct lsa_key k = { LSA_V2_EXTERNAL, id_at(0), router_id(1) };
	struct prefix p = prefix_at(s, 0);
	struct ospf_route_row row;

	(void)state;
	external_put(s, 1, 1, false);
	external_put(s, 2, 1, false);
	stage_settle(s);
	/* As if one had not been made. */
	spf_lsa_changed(&s->o, database_find(&s->o.as, &k), NULL);
	stage_settle(s);
	assert_true(stage_route(s, &p, &row));
	assert_int_equal(row.router, router_id(2));
	/* It costs what there is in all: it waits, and is not put off by what comes meanwhile. */
	s->o.spf->table.failed = true;
	for (unsigned n = 0; n < 4; n++) {
		spf_set_timer(&s->o);
		spf_due(&s->o);
		assert_true(stage_route(s, &p, &row));
		assert_int_equal(row.router, router_id(2));
		s->o.now.ns += s->o.settings.spf_delay_max.ns / 4;
	}
	spf_due(&s->o);
	assert_true(stage_route(s, &p, &row));
	assert_int_equal(row.router, router_id(1));
	assert_int_equal(s->o.spf->table.n_external, 2);
	stage_free(s);
}

/* What is learned */

static void learn(struct stage *s, uint32_t index, enum route_filter_mode mode)
{
	struct route_filter f = { .mode = (uint8_t)mode };

	assert_int_equal(ospf_learn(&s->o, s->o.now, index, &f), 0);
}

static void test_what_a_filter_wants_is_told_once_for_each_change(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0);
	struct route route;

	(void)state;
	external_put(s, 1, 10, false);
	stage_settle(s);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(ospf_learn(&s->o, s->o.now, 77, &(struct route_filter){ 0 }), -ENOENT);
	learn(s, 1, ROUTE_FILTER_ALL);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_true(prefix_equal(&route.prefix, &p));
	assert_int_equal(route.n_paths, 1);
	assert_int_equal(route.paths[0].interface, 1);
	assert_int_equal(route.metric, 11);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	/* The same again is none; all again is. */
	learn(s, 1, ROUTE_FILTER_ALL);
	external_put(s, 1, 10, false);
	stage_settle(s);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	ospf_learn_again(&s->o);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	/* Several changes are one, and it is told what is. */
	external_put(s, 2, 9, false);
	stage_settle(s);
	external_put(s, 2, 8, true);
	external_put(s, 1, 7, true);
	stage_settle(s);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(route.n_paths, 1);
	assert_int_equal(route.metric, 7);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	/* Over an interface that wants none there is no path. */
	external_put(s, 2, 1, true);
	stage_settle(s);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(route.n_paths, 0);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	learn(s, 2, ROUTE_FILTER_ALL);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(route.paths[0].interface, 2);
	ospf_learned_of(&s->o, s->o.now, &p, &route);
	assert_int_equal(route.n_paths, 1);
	learn(s, 2, ROUTE_FILTER_DEFAULT);
	assert_true(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(route.n_paths, 0);
	/* Gone, and nobody has to be told. */
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, id_at(0), router_id(1)));
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, id_at(0), router_id(2)));
	stage_settle(s);
	assert_false(ospf_learned(&s->o, s->o.now, &route));
	assert_int_equal(s->o.spf->table.n, 0);
	stage_free(s);
}

/* Rivals */

static void ours(struct stage *s, struct route_own *r, const struct prefix *p, bool are)
{
	r->prefix = *p;
	if (are)
		assert_int_equal(
			hash_insert(&s->o.prefixes, &r->node, prefix_hash(s->o.prefixes.seed, p)),
			0);
	else
		hash_remove(&s->o.prefixes, &r->node);
	rival_own_changed(&s->o, p);
}

static void assert_event(struct stage *s, enum speaker_event_kind kind, uint32_t router)
{
	assert_int_equal(s->n_events, 1);
	assert_int_equal(s->events[0].kind, kind);
	assert_int_equal(address_ipv4_number(&s->events[0].neighbor), router);
	s->n_events = 0;
}

static void test_who_else_announces_a_prefix_of_ours_is_a_rival_and_sure_after_a_while(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0), found;
	struct route_own own = { 0 };
	struct route_heard heard;
	struct route route;
	size_t position = 0;

	(void)state;
	learn(s, 1, ROUTE_FILTER_ALL);
	assert_false(ospf_heard(&s->o, s->o.now, &p, &heard));
	ours(s, &own, &p, true);
	external_put(s, 1, 10, false);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL, router_id(1));
	assert_true(ospf_rival(&s->o, &p, &heard));
	assert_int_equal(heard.metric, 11);
	assert_int_equal(heard.interface, 1);
	assert_false(heard.sure);
	/* What is ours is learned of nobody. */
	while (ospf_learned(&s->o, s->o.now, &route))
		assert_int_equal(route.n_paths, 0);
	/* It says the same again: nothing new. Then another metric. */
	external_put(s, 1, 10, false);
	stage_settle(s);
	assert_int_equal(s->n_events, 0);
	external_put(s, 1, 5, false);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL, router_id(1));
	stage_pass(s, DURATION_S(5));
	assert_int_equal(s->n_events, 0);
	stage_pass(s, DURATION_S(1));
	assert_event(s, SPEAKER_EVENT_RIVAL_SURE, router_id(1));
	assert_true(ospf_rival(&s->o, &p, &heard) && heard.sure);
	external_put(s, 2, 1, false);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL, router_id(2));
	/* One that is sure before hearsay. */
	assert_true(ospf_rival(&s->o, &p, &heard));
	assert_int_equal(address_ipv4_number(&heard.neighbor), router_id(1));
	for (size_t k = 0; k < 2; k++) {
		assert_true(ospf_rival_next(&s->o, &position, &found, &heard));
		assert_true(prefix_equal(&found, &p));
	}
	assert_false(ospf_rival_next(&s->o, &position, &found, &heard));
	assert_true(stage_remove(s, &s->o.as, LSA_EXTERNAL, id_at(0), router_id(1)));
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL_GONE, router_id(1));
	/* It is not ours any more: then nobody is a rival, and it may be learned. */
	ours(s, &own, &p, false);
	assert_event(s, SPEAKER_EVENT_RIVAL_GONE, router_id(2));
	assert_true(ospf_heard(&s->o, s->o.now, &p, &heard));
	assert_int_equal(heard.metric, 3);
	/* And ours again, after a long time: sure at once. */
	stage_pass(s, DURATION_S(60));
	ours(s, &own, &p, true);
	stage_run(s);
	assert_int_equal(s->n_events, 2);
	assert_int_equal(s->events[1].kind, SPEAKER_EVENT_RIVAL_SURE);
	hash_remove(&s->o.prefixes, &own.node);
	stage_free(s);
}

static void test_who_is_not_reached_is_no_rival(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0);
	struct route_own own = { 0 };
	struct route_heard heard;

	(void)state;
	ours(s, &own, &p, true);
	external_put(s, 9, 1, false);
	stage_settle(s);
	assert_int_equal(s->n_events, 0);
	assert_false(ospf_heard(&s->o, s->o.now, &p, &heard));
	external_put(s, 5, 1, false);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL, router_id(5));
	/* The network falls apart. */
	for (size_t k = 0; k < 3; k++)
		s->neighbors[k].state = OSPF_NEIGHBOR_DOWN;
	spf_wanted(&s->o, NULL, SPF_FULL);
	stage_run(s);
	assert_event(s, SPEAKER_EVENT_RIVAL_GONE, router_id(5));
	hash_remove(&s->o.prefixes, &own.node);
	stage_free(s);
}

static void test_our_own_prefix_come_round_is_no_rival(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix p = prefix_at(s, 0);
	struct lsa_destination say = { .prefix = p, .metric = 1 };
	struct route_own own = { 0 };

	(void)state;
	ours(s, &own, &p, true);
	/* Translated out of an NSSA, with our address. */
	s->interfaces[0].n_sources = 1;
	s->interfaces[0].sources[0].address = address_ipv4(0x0b000102);
	s->interfaces[0].sources[0].network = prefix_make(&s->interfaces[0].sources[0].address, 24);
	say.forward = s->interfaces[0].sources[0].address;
	lsa_write_destination(OSPF_V2, stage_lsa(s, LSA_EXTERNAL, id_at(0), router_id(1)),
			      LSA_V2_EXTERNAL, &say);
	stage_put(s, &s->o.as);
	stage_settle(s);
	assert_int_equal(s->n_events, 0);
	/* As a summary: in one area it is another's, in two it may be ours. */
	say.forward = (struct address){ 0 };
	lsa_write_destination(OSPF_V2, stage_lsa(s, LSA_INTER_PREFIX, id_at(0), router_id(1)),
			      LSA_V2_SUMMARY, &say);
	stage_put(s, &s->areas[0].database);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL, router_id(1));
	stage_area(s, 1, OSPF_AREA_NORMAL);
	spf_wanted(&s->o, NULL, SPF_FULL);
	stage_settle(s);
	assert_event(s, SPEAKER_EVENT_RIVAL_GONE, router_id(1));
	hash_remove(&s->o.prefixes, &own.node);
	stage_free(s);
}

static void test_networks_that_overlap_are_found(void **state)
{
	struct stage *s = ring_make(OSPF_V2);
	struct prefix vip = stage_prefix(OSPF_V2, 0x14000005, 32), other;
	struct prefix far = stage_prefix(OSPF_V2, 0x15000000, 8);
	struct speaker_overlaps *all;
	struct route_heard heard;

	(void)state;
	external_put(s, 2, 10, false);
	stage_settle(s);
	all = ospf_overlaps(&s->o, s->o.now);
	assert_non_null(all);
	assert_true(ospf_overlap(all, &vip, &other, &heard));
	assert_int_equal(other.length, 24);
	assert_int_equal(address_ipv4_number(&heard.neighbor), router_id(2));
	assert_int_equal(heard.interface, 2);
	assert_false(ospf_overlap(all, &far, &other, &heard));
	ospf_overlaps_free(all);
	stage_free(s);
}

static void test_rows_say_what_has_run_and_what_is_reached(void **state)
{
	struct stage *s = ring_make(OSPF_V3);
	struct ospf_spf_row row;
	size_t position = 0;

	(void)state;
	external_put(s, 2, 10, false);
	stage_pass(s, DURATION_S(3));
	assert_true(ospf_spf_row(&s->o, s->o.now, &position, &row));
	assert_int_equal(row.routers, ROUTERS - 1);
	assert_int_equal(row.routes, 1);
	assert_int_equal(row.runs, 1);
	assert_int_equal(row.partial_runs, 1);
	assert_int_equal(row.ago.ns, DURATION_S(3).ns);
	assert_false(ospf_spf_row(&s->o, s->o.now, &position, &row));
	stage_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partial_runs_find_what_a_full_run_finds),
		cmocka_unit_test(test_the_first_run_is_at_once_and_the_next_ones_wait_longer),
		cmocka_unit_test(test_a_next_hop_that_is_lost_waits_for_nothing),
		cmocka_unit_test(test_what_externals_forward_to_costs_what_there_are_and_waits),
		cmocka_unit_test(test_what_is_only_said_again_and_our_own_lsas_run_nothing),
		cmocka_unit_test(test_an_lsa_at_its_end_says_nothing),
		cmocka_unit_test(test_claims_that_had_no_memory_are_made_later),
		cmocka_unit_test(test_what_a_filter_wants_is_told_once_for_each_change),
		cmocka_unit_test(
			test_who_else_announces_a_prefix_of_ours_is_a_rival_and_sure_after_a_while),
		cmocka_unit_test(test_who_is_not_reached_is_no_rival),
		cmocka_unit_test(test_our_own_prefix_come_round_is_no_rival),
		cmocka_unit_test(test_networks_that_overlap_are_found),
		cmocka_unit_test(test_rows_say_what_has_run_and_what_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
