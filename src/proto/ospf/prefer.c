/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/prefer.h"

static const struct choice none = { .kind = DESTINATION_NONE };

const struct graph *preference_graph(const struct preference *p, uint32_t area)
{
	for (size_t k = 0; k < p->n_graphs; k++)
		if (p->graphs[k].area == area)
			return &p->graphs[k];
	return NULL;
}

static const struct vertex *router(struct preference *p, const struct graph *g, uint32_t id)
{
	if (p->last_graph != g || p->last_router != id)
		p->last_vertex = graph_router(g, id);
	p->last_graph = g;
	p->last_router = id;
	return p->last_vertex;
}

static struct choice by_vertex(const struct graph *g, const struct vertex *v, uint8_t kind,
			       uint32_t metric, uint32_t router)
{
	struct choice c = { .kind = kind, .router = router };

	if (!v)
		return none;
	c.reach = (struct reach){ g->area, kind == OSPF_ROUTE_INTRA, v->distance, v->hops };
	if (__builtin_add_overflow(v->distance, metric, &c.cost))
		c.cost = GRAPH_UNREACHED - 1;
	return c;
}

/* RFC 2328 16.1, the second stage; RFC 5340 4.8.1 */
static struct choice intra(struct preference *p, const struct graph *g, const struct claim *c)
{
	const struct lsa *l = c->lsa;
	const struct lsa_key *k = &l->header.key;
	const struct vertex *v = NULL;
	struct lsa_prefixes said;

	if (l->kind == LSA_ROUTER) {
		v = router(p, g, k->router);
	} else if (l->kind == LSA_NETWORK) {
		v = graph_network(g, k->id, 0);
		if (v && v->said_by != k->router)
			v = NULL;
	} else {
		(void)lsa_prefixes_walk(p->o->version, l->bytes, l->header.length, &said);
		if (said.reference.type == LSA_V3_ROUTER)
			v = router(p, g, k->router);
		else if (said.reference.type == LSA_V3_NETWORK)
			v = graph_network(g, said.reference.id, k->router);
	}
	return by_vertex(g, v, OSPF_ROUTE_INTRA, c->metric, k->router);
}

/* RFC 2328 16.2 */
static struct choice inter(struct preference *p, const struct graph *g, const struct lsa *l)
{
	const struct vertex *v = router(p, g, l->header.key.router);
	struct lsa_destination d;

	if (!v || !(v->flags & LSA_ROUTER_B) ||
	    !lsa_destination_read(p->o->version, l->bytes, l->header.length, &d))
		return none;
	return by_vertex(g, v, OSPF_ROUTE_INTER, d.metric, v->id);
}

/* A network that we are attached to: it is reached there itself. */
static bool forward_attached(struct preference *p, struct forwarding *f)
{
	list_each_entry(const struct ospf_interface, i, &p->o->interfaces, link) {
		struct hop hop = { .path = { i->index, f->address } };
		bool attached = false;

		for (size_t k = 0; k < i->n_sources; k++) {
			if (address_equal(&i->sources[k].address, &f->address))
				return true; /* ourselves: there is no way */
			attached |= prefix_contains(&i->sources[k].network, &f->address);
		}
		for (size_t k = 0; k < i->n_networks; k++)
			attached |= prefix_contains(&i->networks[k], &f->address);
		if (!attached || !i->usable || i->leaving)
			continue;
		f->area_kind = i->area->kind;
		f->reach = (struct reach){ i->area->id, true, i->settings.cost,
					   hops_single(p->hops, hops_add(p->hops, &hop)) };
		return true;
	}
	return false;
}

/* By the longest prefix that contains it, of those inside of the AS: RFC 2328 16.4 (3). */
static void forward_routed(struct preference *p, struct forwarding *f)
{
	int bits = family_bits((enum family)f->address.family);

	for (int length = bits; length >= 0; length--) {
		struct prefix prefix = prefix_make(&f->address, (uint8_t)length);
		const struct destination *d;
		const struct graph *g;

		if (!p->table->by_length[length])
			continue;
		d = table_find(p->table, &prefix);
		if (!d || !destination_is_internal(d))
			continue;
		g = preference_graph(p, d->area);
		/* An attached network is one of an interface; of what is none it is not known
		 * where. */
		if (!g || hops_are_attached(p->hops, d->hops))
			return;
		f->area_kind = g->area_kind;
		f->reach = (struct reach){ d->area, d->kind == OSPF_ROUTE_INTRA, d->cost, d->hops };
		return;
	}
}

static const struct forwarding *forward(struct preference *p, const struct address *a)
{
	struct forwarding *f = &p->forwardings[address_hash(p->o->hash_seed, a) % FORWARDINGS];

	if (f->run == p->run && address_equal(&f->address, a))
		return f;
	*f = (struct forwarding){ .address = *a, .run = p->run };
	if (!forward_attached(p, f))
		forward_routed(p, f);
	return f;
}

/* How it goes to who says it, or to where it says that it goes. False: not at all. */
static bool external_reach(struct preference *p, const struct lsa *l,
			   const struct lsa_destination *d, struct reach *ret)
{
	const struct forwarding *f;

	if (l->kind == LSA_NSSA) {
		const struct graph *g = preference_graph(p, l->of->place);
		const struct vertex *v = g ? graph_router(g, l->header.key.router) : NULL;

		if (!v || !(v->flags & LSA_ROUTER_E))
			return false;
		*ret = (struct reach){ g->area, true, v->distance, v->hops };
	} else if (!borders_find(p->borders, l->header.key.router, ret)) {
		return false;
	}
	if (!address_is_set(&d->forward))
		return true;
	f = forward(p, &d->forward);
	if (f->reach.hops == HOPS_EMPTY)
		return false;
	/* RFC 3101 2.5 (3): inside of the NSSA, or by an area with externals. */
	if (l->kind == LSA_NSSA ? !f->reach.intra || f->reach.area != l->of->place
				: f->area_kind != OSPF_AREA_NORMAL)
		return false;
	*ret = f->reach;
	return true;
}

/* RFC 2328 16.4, RFC 3101 2.5 */
static struct choice external(struct preference *p, const struct lsa *l)
{
	struct choice c = { .router = l->header.key.router };
	struct lsa_destination d;

	if (!lsa_destination_read(p->o->version, l->bytes, l->header.length, &d) ||
	    !external_reach(p, l, &d, &c.reach))
		return none;
	c.cost = c.reach.distance;
	if (d.type_2)
		c.external_metric = d.metric;
	else if (__builtin_add_overflow(c.cost, d.metric, &c.cost))
		c.cost = GRAPH_UNREACHED - 1;
	c.precedence = 1;
	c.kind = d.type_2 ? OSPF_ROUTE_EXTERNAL_2 : OSPF_ROUTE_EXTERNAL_1;
	if (l->kind == LSA_NSSA) {
		c.precedence = d.propagate && address_is_set(&d.forward) ? 2 : 0;
		c.kind = d.type_2 ? OSPF_ROUTE_NSSA_2 : OSPF_ROUTE_NSSA_1;
	}
	return c;
}

struct choice prefer_claim(struct preference *p, const struct claim *c)
{
	const struct lsa *l = c->lsa;
	const struct graph *g;

	if (l->kind == LSA_EXTERNAL || l->kind == LSA_NSSA)
		return external(p, l);
	g = preference_graph(p, l->of->place);
	if (!g)
		return none;
	return l->kind == LSA_INTER_PREFIX ? inter(p, g, l) : intra(p, g, c);
}

/* RFC 2328 11 and 16.4 (6) (b): one of type 7 is like one of type 5. */
static unsigned rank(uint8_t kind)
{
	switch (kind) {
	case OSPF_ROUTE_INTRA:
		return 0;
	case OSPF_ROUTE_INTER:
		return 1;
	case OSPF_ROUTE_EXTERNAL_1:
	case OSPF_ROUTE_NSSA_1:
		return 2;
	case OSPF_ROUTE_EXTERNAL_2:
	case OSPF_ROUTE_NSSA_2:
		return 3;
	default:
		return 4;
	}
}

/* RFC 2328 16.4 (6). Negative: a is preferred; 0: both are. */
static int choice_compare(const struct choice *a, const struct choice *b)
{
	unsigned of_a = rank(a->kind), of_b = rank(b->kind);
	int order;

	if (of_a != of_b)
		return of_a < of_b ? -1 : 1;
	if (a->external_metric != b->external_metric)
		return a->external_metric < b->external_metric ? -1 : 1;
	order = of_a >= 2 ? reach_compare(&a->reach, &b->reach) : 0;
	if (order == 0 && a->cost != b->cost)
		order = a->cost < b->cost ? -1 : 1;
	return order;
}

static void choice_take(struct preference *p, struct choice *best, const struct choice *c)
{
	int order = choice_compare(c, best);
	uint32_t hops;

	if (c->kind == DESTINATION_NONE || order > 0)
		return;
	if (order < 0) {
		*best = *c;
		return;
	}
	hops = hops_union(p->hops, best->reach.hops, c->reach.hops);
	/* RFC 3101 2.5 (6) (e): the paths are the same for all; this says whose route it is. */
	if (c->precedence != best->precedence ? c->precedence > best->precedence
					      : c->router > best->router)
		*best = *c;
	best->reach.hops = hops;
}

static struct choice prefer(struct preference *p, const struct destination *d, bool externals)
{
	struct choice best = none;

	for (const struct claim *c = d->claims.lsa ? &d->claims : NULL; c; c = c->next) {
		struct choice choice;

		if ((c->lsa->kind == LSA_EXTERNAL || c->lsa->kind == LSA_NSSA) != externals)
			continue;
		choice = prefer_claim(p, c);
		choice_take(p, &best, &choice);
	}
	return best;
}

struct choice prefer_internal(struct preference *p, const struct destination *d)
{
	return prefer(p, d, false);
}

struct choice prefer_external(struct preference *p, const struct destination *d)
{
	return prefer(p, d, true);
}
