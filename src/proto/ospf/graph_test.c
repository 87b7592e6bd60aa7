/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph against a naive one: thousands of small random networks, of both versions, as LSAs on
 * one side and as a matrix on the other.
 */
#include "base/random.h"
#include "proto/ospf/routing_test.h"

#define ROUTERS 9 /* at most; the first is we */
#define NETWORKS 3
#define NODES (ROUTERS + NETWORKS)
#define FAR UINT32_MAX
#define SEEDS 5000
#define LINK_MAX 40

/* A link between two routers, or of a router to a network. */
struct wire {
	uint8_t from, to;   /* nodes: networks behind the routers */
	uint16_t cost;	    /* of `from` */
	uint16_t back_cost; /* 0 of a network */
	bool says, answers; /* each end has it in its LSA */
	bool other_link_local;
};

struct net {
	size_t n_routers;
	struct wire wires[LINK_MAX];
	size_t n_wires;
	bool host[ROUTERS];	/* nobody goes through it */
	bool ignorant[ROUTERS]; /* v2: it does not know RFC 8770 */
	bool hosts_count;
	bool has_lsa[NODES];
	uint16_t stub[ROUTERS];
};

static uint32_t router_id(size_t node)
{
	return US + (uint32_t)node;
}

/* The address of the router there, in v2; networks are 10.50.n.0/24. */
static uint32_t network_address(size_t node, size_t router)
{
	return 0x0a320000u + (uint32_t)((node - ROUTERS) << 8) + (uint32_t)router + 1;
}

/* Of a router on a wire, as far as there is one: v3. */
static uint32_t interface_id(size_t wire, bool to)
{
	return 100 + 2 * (uint32_t)wire + to;
}

/* The DR is the first router that is attached and has an LSA. */
static size_t dr_wire(const struct net *n, size_t node)
{
	for (size_t k = 0; k < n->n_wires; k++)
		if (n->wires[k].to == node)
			return k;
	return LINK_MAX;
}

static void net_make(struct net *n, struct random *r)
{
	*n = (struct net){ .n_routers = 2 + random_below(r, ROUTERS - 1) };
	for (size_t a = 0; a < n->n_routers; a++) {
		n->stub[a] = (uint16_t)random_below(r, 30);
		n->host[a] = a && random_below(r, 6) == 0;
		n->ignorant[a] = random_below(r, 20) == 0;
		n->has_lsa[a] = random_below(r, 20) != 0;
		for (size_t b = a + 1; b < n->n_routers; b++)
			/* Also two between the same routers. */
			for (unsigned t = 0; t < 2 && n->n_wires < 20; t++)
				if (random_below(r, n->n_routers) < 2)
					n->wires[n->n_wires++] = (struct wire){
						.from = (uint8_t)a,
						.to = (uint8_t)b,
						.cost = (uint16_t)(1 + random_below(r, 4)),
						.back_cost = (uint16_t)(1 + random_below(r, 4)),
						.says = random_below(r, 15) != 0,
						.answers = random_below(r, 15) != 0,
						.other_link_local = random_below(r, 2),
					};
	}
	for (size_t node = ROUTERS; node < NODES; node++) {
		n->has_lsa[node] = random_below(r, 10) != 0;
		for (size_t a = 0; a < n->n_routers; a++)
			if (random_below(r, 3) == 0)
				n->wires[n->n_wires++] = (struct wire){
					.from = (uint8_t)a,
					.to = (uint8_t)node,
					.cost = (uint16_t)(random_below(r, 10)
								   ? 1 + random_below(r, 4)
								   : LSA_METRIC_MAX),
					.says = random_below(r, 15) != 0,
					.answers = random_below(r, 15) != 0,
					.other_link_local = random_below(r, 2),
				};
	}
}

/* As LSAs, interfaces and neighbours */

static struct lsa_link link_of(const struct stage *s, const struct net *n, size_t k, bool to)
{
	const struct wire *w = &n->wires[k];
	struct lsa_link l = { .own = interface_id(k, to), .metric = to ? w->back_cost : w->cost };
	size_t dr;

	if (w->to < ROUTERS) {
		l.type = LSA_LINK_POINT_TO_POINT;
		l.neighbor = router_id(to ? w->from : w->to);
		l.neighbor_interface = interface_id(k, !to);
		return l;
	}
	dr = dr_wire(n, w->to);
	l.type = LSA_LINK_TRANSIT;
	if (s->o.version == OSPF_V2) {
		l.neighbor_interface = network_address(w->to, n->wires[dr].from);
		l.own = network_address(w->to, w->from);
	} else {
		l.neighbor = router_id(n->wires[dr].from);
		l.neighbor_interface = interface_id(dr, false);
	}
	return l;
}

static void router_put(struct stage *s, struct area *a, const struct net *n, size_t node)
{
	bool v2 = s->o.version == OSPF_V2;
	struct prefix stub = stage_prefix(s->o.version, 0x0ac80000u + (uint32_t)(node << 8), 24);
	uint32_t id = 0;

	stage_router(s, id, router_id(node), v2 && n->host[node] ? LSA_ROUTER_H : 0,
		     OSPF_V3_V6 | OSPF_V3_E | (n->host[node] ? 0 : OSPF_V3_R));
	for (size_t k = 0; k < n->n_wires; k++) {
		const struct wire *w = &n->wires[k];
		struct lsa_link l;

		if (w->from == node && w->says)
			l = link_of(s, n, k, false);
		else if (w->to == node && w->answers)
			l = link_of(s, n, k, true);
		else
			continue;
		stage_link(s, &l);
		/* RFC 5340 4.8.1: in v3 the links may stand in several LSAs. */
		if (!v2 && k % 3 == 0) {
			stage_put(s, &a->database);
			stage_router(s, ++id, router_id(node), 0, 0);
		}
	}
	if (v2)
		stage_link(s, &(struct lsa_link){ .type = LSA_LINK_STUB,
						  .metric = n->stub[node],
						  .prefix = stub });
	stage_put(s, &a->database);
	if (v2 && n->ignorant[node])
		return;
	if (v2) {
		lsa_write_capabilities(
			stage_lsa(s, LSA_ROUTER_INFO, 0x04000000, router_id(node)),
			&(struct lsa_capabilities){ .functional = LSA_FUNCTIONAL_HOST });
	} else {
		lsa_write_prefixes(stage_lsa(s, LSA_INTRA_PREFIX, 0, router_id(node)),
				   LSA_V3_INTRA_PREFIX,
				   &(struct lsa_prefixes){
					   .reference = { LSA_V3_ROUTER, 0, router_id(node) } });
		lsa_write_prefix(&s->w, 0,
				 &(struct lsa_prefix){ .prefix = stub, .metric = n->stub[node] });
	}
	stage_put(s, &a->database);
}

static void network_put(struct stage *s, struct area *a, const struct net *n, size_t node)
{
	struct prefix p = stage_prefix(s->o.version, network_address(node, 0), 24);
	size_t dr = dr_wire(n, node);
	uint32_t router, id;

	if (dr == LINK_MAX)
		return;
	router = router_id(n->wires[dr].from);
	id = s->o.version == OSPF_V2 ? network_address(node, n->wires[dr].from)
				     : interface_id(dr, false);
	lsa_write_network(s->o.version, stage_lsa(s, LSA_NETWORK, id, router), &p, OSPF_V3_V6);
	for (size_t k = 0; k < n->n_wires; k++)
		if (n->wires[k].to == node && n->wires[k].answers)
			lsa_write_attached(&s->w, router_id(n->wires[k].from));
	stage_put(s, &a->database);
	if (s->o.version == OSPF_V2)
		return;
	lsa_write_prefixes(stage_lsa(s, LSA_INTRA_PREFIX, 1000 + id, router), LSA_V3_INTRA_PREFIX,
			   &(struct lsa_prefixes){ .reference = { LSA_V3_NETWORK, id, router } });
	lsa_write_prefix(&s->w, 0, &(struct lsa_prefix){ .prefix = p });
	stage_put(s, &a->database);
}

static void neighbor_make(struct stage *s, struct ospf_interface *i, size_t router,
			  uint32_t address, size_t k, bool to, bool other)
{
	struct address hello = stage_address(s->o.version, address);
	struct address said = stage_address(s->o.version, address + 0x1000000);
	struct ospf_neighbor *n =
		stage_neighbor(s, i, router_id(router), &hello, interface_id(k, to));

	if (s->o.version == OSPF_V2 || !other)
		return;
	lsa_write_prefixes(stage_lsa(s, LSA_LINK, n->interface_id, n->router), LSA_V3_LINK,
			   &(struct lsa_prefixes){ .link_local = said });
	stage_put(s, &i->database);
}

/* Our own adjacencies: a wire of ours that we say is one. */
static void interfaces_make(struct stage *s, struct area *a, const struct net *n)
{
	for (size_t k = 0; k < n->n_wires; k++) {
		const struct wire *w = &n->wires[k];
		struct ospf_interface *i;
		size_t dr;

		if (w->from != 0 || !w->says)
			continue;
		if (w->to < ROUTERS) {
			i = stage_interface(s, a, interface_id(k, false), w->cost, 0);
			neighbor_make(s, i, w->to, 0x0a640001u + (uint32_t)(k << 8), k, true,
				      w->other_link_local);
			continue;
		}
		dr = dr_wire(n, w->to);
		i = stage_interface(s, a, interface_id(k, false), w->cost,
				    s->o.version == OSPF_V2
					    ? network_address(w->to, n->wires[dr].from)
					    : router_id(n->wires[dr].from));
		for (size_t m = 0; m < n->n_wires; m++)
			if (n->wires[m].to == w->to && m != k)
				neighbor_make(s, i, n->wires[m].from,
					      network_address(w->to, n->wires[m].from), m, false,
					      n->wires[m].other_link_local);
	}
}

static struct stage *stage_of(enum ospf_version v, const struct net *n)
{
	struct stage *s = stage_new(v);
	struct area *a = stage_area(s, 0, OSPF_AREA_NORMAL);

	interfaces_make(s, a, n);
	for (size_t node = 0; node < n->n_routers; node++)
		if (n->has_lsa[node])
			router_put(s, a, n, node);
	for (size_t node = ROUTERS; node < NODES; node++)
		if (n->has_lsa[node])
			network_put(s, a, n, node);
	spf_wanted(&s->o, NULL, SPF_FULL);
	stage_settle(s);
	return s;
}

/* The naive one */

struct naive {
	uint32_t distance[NODES];
	struct route paths[NODES]; /* of a network that is attached: none */
	bool attached[NODES];
};

static void path_add(struct route *r, const struct route_path *p)
{
	size_t at = 0;

	while (at < r->n_paths && (r->paths[at].interface < p->interface ||
				   (r->paths[at].interface == p->interface &&
				    address_compare(&r->paths[at].next_hop, &p->next_hop) < 0)))
		at++;
	if (at < r->n_paths && r->paths[at].interface == p->interface &&
	    address_equal(&r->paths[at].next_hop, &p->next_hop))
		return;
	assert_true(r->n_paths < ROUTE_PATHS_MAX);
	memmove(&r->paths[at + 1], &r->paths[at], (r->n_paths - at) * sizeof(*p));
	r->paths[at] = *p;
	r->n_paths++;
}

/* What it costs to go by the wire from one of its ends to the other; FAR: one cannot. */
static uint32_t wire_cost(const struct net *n, size_t k, bool back)
{
	const struct wire *w = &n->wires[k];
	size_t start = back ? w->to : w->from;

	/* One LSA back is enough, by whichever of several wires: RFC 2328 16.1 (2b). */
	bool says = false, answers = false;

	for (size_t m = 0; m < n->n_wires; m++)
		if (n->wires[m].from == w->from && n->wires[m].to == w->to) {
			says |= n->wires[m].says;
			answers |= n->wires[m].answers;
		}
	if (back ? !w->answers || !says : !w->says || !answers)
		return FAR;
	/* Ours need none. */
	if ((start != 0 && !n->has_lsa[start]) || !n->has_lsa[back ? w->from : w->to])
		return FAR;
	if (start != 0 && start < ROUTERS && n->host[start] && n->hosts_count)
		return FAR;
	return back ? w->back_cost : w->cost;
}

static struct route_path path_of(const struct stage *s, const struct net *n, size_t ours, size_t k)
{
	const struct wire *w = &n->wires[k];
	uint32_t address = w->to < ROUTERS ? 0x0a640001u + (uint32_t)(k << 8)
					   : network_address(w->to, w->from);

	if (s->o.version == OSPF_V3 && w->other_link_local)
		address += 0x1000000;
	return (struct route_path){ interface_id(ours, false),
				    stage_address(s->o.version, address) };
}

/* Distances by Bellman and Ford's rule, then paths along all edges that lie on a shortest one. */
static void naive_make(const struct stage *s, const struct net *n, struct naive *v)
{
	bool changed = true;

	*v = (struct naive){ 0 };
	for (size_t k = 1; k < NODES; k++)
		v->distance[k] = FAR;
	while (changed) {
		changed = false;
		for (size_t k = 0; k < 2 * n->n_wires; k++) {
			const struct wire *w = &n->wires[k / 2];
			bool back = k % 2;
			size_t from = back ? w->to : w->from, to = back ? w->from : w->to;
			uint32_t cost = wire_cost(n, k / 2, back);

			if (v->distance[from] == FAR || cost == FAR ||
			    v->distance[from] + cost >= v->distance[to])
				continue;
			v->distance[to] = v->distance[from] + cost;
			changed = true;
		}
	}
	/* As often as a path may be long. */
	for (size_t round = 0; round < 2 * NODES; round++)
		for (size_t k = 0; k < 2 * n->n_wires; k++) {
			const struct wire *w = &n->wires[k / 2];
			bool back = k % 2;
			size_t from = back ? w->to : w->from, to = back ? w->from : w->to;
			uint32_t cost = wire_cost(n, k / 2, back);

			if (v->distance[from] == FAR || cost == FAR || to == 0 ||
			    v->distance[from] + cost != v->distance[to])
				continue;
			if (from == 0 && to >= ROUTERS) {
				v->attached[to] = true;
			} else if (from == 0) {
				struct route_path p = path_of(s, n, k / 2, k / 2);

				path_add(&v->paths[to], &p);
			} else {
				for (size_t m = 0; m < v->paths[from].n_paths; m++)
					path_add(&v->paths[to], &v->paths[from].paths[m]);
				/* Out of a network that is ours too: to the router itself. */
				for (size_t m = 0; v->attached[from] && m < n->n_wires; m++)
					if (n->wires[m].from == 0 && n->wires[m].to == from &&
					    n->wires[m].cost == v->distance[from] &&
					    n->wires[m].says) {
						struct route_path p = path_of(s, n, m, k / 2);

						path_add(&v->paths[to], &p);
					}
			}
		}
}

static void assert_route(const struct stage *s, const struct prefix *p, uint32_t distance,
			 const struct route *paths, uint64_t seed, const char *what)
{
	struct ospf_route_row row;

	if (stage_route(s, p, &row) != (distance != FAR))
		fail_msg("seed %lu, %s: %s", (unsigned long)seed, PREFIX_TEXT(p), what);
	if (distance == FAR)
		return;
	if (row.route.metric != distance || row.route.n_paths != paths->n_paths)
		fail_msg("seed %lu, %s: %u by %u for %u by %u", (unsigned long)seed, PREFIX_TEXT(p),
			 row.route.metric, row.route.n_paths, distance, paths->n_paths);
	for (size_t k = 0; k < paths->n_paths; k++)
		if (row.route.paths[k].interface != paths->paths[k].interface ||
		    !address_equal(&row.route.paths[k].next_hop, &paths->paths[k].next_hop))
			fail_msg("seed %lu, %s: %u %s for %u %s", (unsigned long)seed,
				 PREFIX_TEXT(p), row.route.paths[k].interface,
				 ADDRESS_TEXT(&row.route.paths[k].next_hop),
				 paths->paths[k].interface,
				 ADDRESS_TEXT(&paths->paths[k].next_hop));
}

static void compare(enum ospf_version version, uint64_t seed, size_t *reached, size_t *several,
		    size_t *ignored)
{
	struct random r;
	struct naive v;
	struct stage *s;
	struct net n;

	random_init(&r, seed);
	net_make(&n, &r);
	s = stage_of(version, &n);
	/* RFC 8770 5: in v2 who is a host counts where all that are reached know what that is. */
	n.hosts_count = version == OSPF_V3;
	naive_make(s, &n, &v);
	if (version == OSPF_V2) {
		n.hosts_count = true;
		for (size_t node = 1; node < n.n_routers; node++)
			n.hosts_count &= v.distance[node] == FAR || !n.ignorant[node];
		naive_make(s, &n, &v);
		*ignored += !n.hosts_count;
	}
	for (size_t node = 1; node < n.n_routers; node++) {
		struct prefix p = stage_prefix(version, 0x0ac80000u + (uint32_t)(node << 8), 24);

		assert_route(s, &p, v.distance[node] == FAR ? FAR : v.distance[node] + n.stub[node],
			     &v.paths[node], seed, "router");
		assert_int_equal(spf_reaches(&s->o, NULL, router_id(node)),
				 v.distance[node] != FAR);
		*reached += v.distance[node] != FAR;
		*several += v.paths[node].n_paths > 1;
	}
	for (size_t node = ROUTERS; node < NODES; node++) {
		struct prefix p = stage_prefix(version, network_address(node, 0), 24);

		assert_route(s, &p, v.distance[node], &v.paths[node], seed, "network");
	}
	stage_free(s);
}

static void test_paths_are_those_of_a_naive_search_in_random_networks(void **state)
{
	size_t reached = 0, several = 0, ignored = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		compare(OSPF_V2, seed, &reached, &several, &ignored);
		compare(OSPF_V3, seed, &reached, &several, &ignored);
	}
	assert_true(reached > SEEDS);
	assert_true(several > SEEDS / 10);
	assert_true(ignored > SEEDS / 10 && ignored < SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_those_of_a_naive_search_in_random_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
