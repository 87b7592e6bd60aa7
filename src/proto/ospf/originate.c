/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which LSAs we have, and what stands in them: RFC 2328 12.4, RFC 5340 4.4.3.
 *
 * We are a host. Of our physical networks there are no stub links, so that nothing leads to us but
 * what we announce; and nobody is to go through us: v3 says that by a clear R bit in its options,
 * v2 by the H bit (RFC 8770) where all routers of an area know it, and else by links that are as
 * long as can be (RFC 6987). That we know the H bit stands in a router information LSA (RFC 7770).
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/own.h"

/* Opaque type 4, the first of its instances: RFC 7770 2.1. */
#define INFO_ID_V2 0x04000000
/* v3: those of networks, beside those of our prefixes, which begin at 0. */
#define NETWORK_PREFIXES_ID 0x01000000u

static struct lsa_key key_of(const struct ospf *o, enum lsa_kind kind, uint32_t id)
{
	/* In v2 it is an opaque one: RFC 7770 2.1. */
	bool opaque = o->version == OSPF_V2 && kind == LSA_ROUTER_INFO;

	return (struct lsa_key){ .type = opaque ? LSA_V2_OPAQUE_AREA : lsa_type(o->version, kind),
				 .id = id,
				 .router = o->router };
}

/* A router of the simulator, of a network that is to have transit. */
static bool has_transit(const struct ospf *o)
{
	return o->settings.host == OSPF_HOST_NOT;
}

static bool takes_part(const struct ospf_interface *i)
{
	return !i->leaving && i->state > OSPF_INTERFACE_LOOPBACK;
}

static bool is_at(const struct ospf_interface *i, const struct area *a)
{
	return i->area == a && takes_part(i);
}

/* Of an area: not all of its interfaces are going. */
static bool is_joined(const struct ospf *o, const struct area *a)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (i->area == a && !i->leaving)
			return true;
	return false;
}

/* RFC 8770 5: every router there, but for us, says in its router information that it knows. */
static bool all_know_host(const struct ospf *o, const struct area *a)
{
	database_each(l, &a->database, LSA_ROUTER)
	{
		struct lsa_key k = key_of(o, LSA_ROUTER_INFO, INFO_ID_V2);
		const struct lsa *info;

		k.router = l->header.key.router;
		if (k.router == o->router || lsa_is_max_age(l, o->now))
			continue;
		info = database_find(&a->database, &k);
		if (!info || lsa_is_max_age(info, o->now) ||
		    !lsa_knows_host(o->version, info->bytes, info->header.length))
			return false;
	}
	return true;
}

static void host_review(const struct ospf *o, struct area *a)
{
	a->all_know_host = all_know_host(o, a);
	a->host_bit =
		o->version == OSPF_V2 && (o->settings.host == OSPF_HOST_BIT ||
					  (o->settings.host == OSPF_HOST_AUTO && a->all_know_host));
}

void originate_hosts(struct ospf *o)
{
	list_each_entry(struct area, a, &o->areas, link) {
		bool before = a->host_bit;

		if (o->version != OSPF_V2 || !a->router)
			continue;
		host_review(o, a);
		if (before != a->host_bit)
			own_changed(o, a->router);
	}
}

/* Whether we have externals: that makes us the border of an AS. */
static bool has_externals(const struct ospf *o)
{
	return o->n_externals > 0;
}

/* RFC 2328 12.4.1.2: the DR, and who it is; NULL: we are. */
static bool dr_find(const struct ospf_interface *i, const struct ospf_neighbor **ret)
{
	*ret = NULL;
	if (i->state == OSPF_INTERFACE_DR)
		return i->n_full > 0;
	if (i->state != OSPF_INTERFACE_DR_OTHER && i->state != OSPF_INTERFACE_BACKUP)
		return false;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (neighbor_is_full(n) && i->dr != 0 && neighbor_id_in_hello(n) == i->dr) {
			*ret = n;
			return true;
		}
	return false;
}

/* What a link of ours says of its own end. */
static uint32_t link_own(const struct ospf_interface *i)
{
	const struct address *source = interface_source(i);

	/* RFC 2328 12.4.1.1: of an unnumbered link the index. */
	if (i->of->version == OSPF_V3 || i->settings.unnumbered || !source)
		return i->index;
	return address_ipv4_number(source);
}

/*
 * v3 says by the R bit that it is a host. FRR believes no externals of who has it clear (its
 * ospf6_intra.c), so RFC 6987 takes its place where we have some, or where it is asked for.
 */
static bool is_by_metric(const struct ospf *o, const struct area *a)
{
	if (o->version == OSPF_V2)
		return !a->host_bit;
	return o->settings.host == OSPF_HOST_MAX_METRIC ||
	       (o->settings.host == OSPF_HOST_AUTO && has_externals(o) &&
		a->kind != OSPF_AREA_STUB);
}

static void links_write(struct ospf *o, const struct area *a, const struct ospf_interface *i,
			struct writer *out, size_t start)
{
	bool longest = is_by_metric(o, a) && !has_transit(o);
	struct lsa_link l = { .metric = longest ? LSA_METRIC_MAX : i->settings.cost,
			      .own = link_own(i) };
	const struct ospf_neighbor *dr;

	if (i->settings.is.network == OSPF_BROADCAST) {
		if (!dr_find(i, &dr))
			return;
		l.type = LSA_LINK_TRANSIT;
		if (o->version == OSPF_V2) {
			l.neighbor_interface = i->dr;
		} else {
			l.neighbor = dr ? dr->router : o->router;
			l.neighbor_interface = dr ? dr->interface_id : i->index;
		}
		lsa_write_link(o->version, out, start, &l);
		return;
	}
	l.type = LSA_LINK_POINT_TO_POINT;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link) {
		if (!neighbor_is_full(n))
			continue;
		l.neighbor = n->router;
		l.neighbor_interface = o->version == OSPF_V3 ? n->interface_id : 0;
		lsa_write_link(o->version, out, start, &l);
	}
}

static int carriage_order(const void *first, const void *second)
{
	const struct carriage *const *a = first, *const *b = second;

	return prefix_compare(&(*a)->prefix->prefix, &(*b)->prefix->prefix);
}

/* Those that the LSA is to have, in the order of their prefixes: so the same is written the same.
 */
static size_t carriages_sorted(const struct own *w, const struct carriage ***ret)
{
	const struct carriage **all;
	size_t n = 0, k = 0;

	list_each_entry(const struct carriage, c, &w->carriages, of_own)
		n += !c->leaving;
	all = n > 0 ? calloc(n, sizeof(*all)) : NULL;
	*ret = all;
	if (!all)
		return 0;
	list_each_entry(const struct carriage, c, &w->carriages, of_own)
		if (!c->leaving)
			all[k++] = c;
	qsort(all, n, sizeof(*all), carriage_order);
	return n;
}

static const struct carriage *carriage_live(const struct own *w)
{
	list_each_entry(const struct carriage, c, &w->carriages, of_own)
		if (!c->leaving)
			return c;
	return NULL;
}

static uint32_t metric_of(const struct ospf *o, const struct route_own *r, uint32_t max)
{
	uint32_t metric = r->metric ? r->metric : o->settings.metric;

	return metric < max ? metric : max;
}

static void stubs_write(const struct ospf *o, const struct own *w, struct writer *out, size_t start)
{
	const struct carriage **all;
	size_t n = carriages_sorted(w, &all);

	out->failed |= n == 0 && carriage_live(w);
	for (size_t k = 0; k < n; k++) {
		const struct route_own *r = all[k]->prefix;
		struct lsa_link l = { .type = LSA_LINK_STUB,
				      .metric = (uint16_t)metric_of(o, r, LSA_METRIC_MAX),
				      .prefix = r->prefix };

		lsa_write_link(o->version, out, start, &l);
	}
	free(all);
}

static void router_write(struct ospf *o, const struct own *w, struct writer *out, size_t start)
{
	struct area *a = area_find(o, w->of->place);
	struct lsa_router r = { 0 };

	host_review(o, a);
	if (has_externals(o) && a->kind != OSPF_AREA_STUB)
		r.flags |= LSA_ROUTER_E;
	if (a->host_bit)
		r.flags |= LSA_ROUTER_H;
	if (o->version == OSPF_V3)
		r.options = ospf_options(o, a) &
			    ~(has_transit(o) || is_by_metric(o, a) ? 0 : OSPF_V3_R);
	lsa_write_router(o->version, out, &r);
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (is_at(i, a))
			links_write(o, a, i, out, start);
	if (o->version == OSPF_V2)
		stubs_write(o, w, out, start);
}

static const struct ospf_interface *interface_of_network(const struct ospf *o, const struct own *w)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (i->network_lsa == w || i->network_prefixes == w)
			return i;
	return NULL;
}

/* RFC 2328 12.4.2; RFC 5340 4.4.3.3: the options are those that any of the routers has. */
static uint32_t network_options(const struct ospf *o, const struct ospf_interface *i)
{
	uint32_t options = ospf_options(o, i->area);

	database_each(l, &i->database, LSA_LINK)
	{
		struct lsa_prefixes head;
		const struct ospf_neighbor *n = ospf_neighbor_find(i, l->header.key.router);

		if (!n || !neighbor_is_full(n))
			continue;
		(void)lsa_prefixes_walk(o->version, l->bytes, l->header.length, &head);
		options |= head.options;
	}
	return options;
}

static void network_write(struct ospf *o, const struct own *w, struct writer *out)
{
	const struct ospf_interface *i = interface_of_network(o, w);
	struct prefix network = { 0 };

	if (!i) {
		out->failed = true;
		return;
	}
	if (o->version == OSPF_V2 && i->n_sources > 0)
		network = i->sources[0].network;
	lsa_write_network(o->version, out, &network,
			  o->version == OSPF_V3 ? network_options(o, i) : 0);
	lsa_write_attached(out, o->router);
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (neighbor_is_full(n))
			lsa_write_attached(out, n->router);
}

static void link_write(struct ospf *o, const struct own *w, struct writer *out, size_t start)
{
	const struct ospf_interface *i = ospf_interface_find(o, w->of->place);
	const struct address *source = interface_source(i);
	struct lsa_prefixes head = { .priority = i->settings.is.priority,
				     .options = ospf_options(o, i->area) &
						~(has_transit(o) ? 0 : OSPF_V3_R) };

	if (source)
		head.link_local = *source;
	out->failed |= !source;
	lsa_write_prefixes(out, w->key.type, &head);
	for (size_t k = 0; k < i->n_networks; k++) {
		struct lsa_prefix p = { .prefix = i->networks[k] };

		if (!address_is_link_local(&p.prefix.address))
			lsa_write_prefix(out, start, &p);
	}
}

/* RFC 5340 4.4.3.9: as the DR, for all on the link. Doubles, and what is not to be said, not. */
static void network_prefixes_write(struct ospf *o, const struct ospf_interface *i,
				   struct writer *out, size_t start)
{
	struct prefix said[64];
	size_t n = 0;

	database_each(l, &i->database, LSA_LINK)
	{
		const struct ospf_neighbor *from = ospf_neighbor_find(i, l->header.key.router);
		struct lsa_prefixes head;
		struct lsa_prefix p;
		struct lsa_walk walk =
			lsa_prefixes_walk(o->version, l->bytes, l->header.length, &head);

		if (l->header.key.router != o->router && !(from && neighbor_is_full(from)))
			continue;
		lsa_walk_family(&walk, ospf_family(o));
		while (n < ARRAY_LENGTH(said) && lsa_prefix_next(&walk, &p)) {
			size_t k = 0;

			while (k < n && !prefix_equal(&said[k], &p.prefix))
				k++;
			if (k < n || (p.options & (LSA_PREFIX_NU | LSA_PREFIX_LA)))
				continue;
			said[n++] = p.prefix;
			p.metric = 0;
			lsa_write_prefix(out, start, &p);
		}
	}
}

static void prefixes_write(struct ospf *o, const struct own *w, struct writer *out, size_t start)
{
	const struct ospf_interface *i = interface_of_network(o, w);
	struct lsa_prefixes head = { .reference = key_of(o, i ? LSA_NETWORK : LSA_ROUTER,
							 i ? i->index : 0) };
	const struct carriage **all;
	size_t n;

	lsa_write_prefixes(out, w->key.type, &head);
	if (i) {
		network_prefixes_write(o, i, out, start);
		return;
	}
	n = carriages_sorted(w, &all);
	out->failed |= n == 0;
	for (size_t k = 0; k < n; k++) {
		const struct route_own *r = all[k]->prefix;
		/* RFC 5340 A.4.1.1: the address is one of this very host. */
		struct lsa_prefix p = { .prefix = r->prefix,
					.options = prefix_is_host(&r->prefix) ? LSA_PREFIX_LA : 0,
					.metric = (uint16_t)metric_of(o, r, LSA_METRIC_MAX) };

		lsa_write_prefix(out, start, &p);
	}
	free(all);
}

static void info_write(const struct ospf *o, struct writer *out)
{
	struct lsa_capabilities c = { .informational = LSA_INFORMATIONAL_STUB_ROUTER,
				      .functional = LSA_FUNCTIONAL_HOST };

	if (o->settings.grace.ns > 0)
		c.informational |= LSA_INFORMATIONAL_GRACEFUL;
	if (o->settings.helper)
		c.informational |= LSA_INFORMATIONAL_HELPER;
	lsa_write_capabilities(out, &c);
}

static void grace_write(const struct ospf *o, const struct own *w, struct writer *out)
{
	const struct ospf_interface *i = ospf_interface_find(o, w->of->place);
	const struct address *source = interface_source(i);
	struct duration left = o->settings.grace;
	struct lsa_grace g = { .reason = o->restarting ? 0 : 1 };

	if (o->restarting)
		left = instant_since(o->restart.due, o->now);
	g.period_s = (uint32_t)(left.ns / DURATION_S(1).ns);
	if (source)
		g.interface = *source;
	lsa_write_grace(o->version, out, &g);
}

/*
 * RFC 3101 2.3: an address of ours there, that the area's routers have an internal route to: that
 * of the anchor (place.c), else of an interface.
 */
static struct address forward_in(const struct ospf *o, const struct database *d)
{
	list_each_entry(const struct area, a, &o->areas, link)
		if (d == &a->database && a->anchor)
			return a->anchor->prefix.address;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link) {
		const struct address *source = interface_source(i);

		if (d == &i->area->database && takes_part(i) && source && !i->settings.unnumbered &&
		    !address_is_link_local(source))
			return *source;
	}
	return (struct address){ 0 };
}

/* RFC 3101 2.4: one that is in an LSA of the AS too is not to be translated into one. */
static bool is_external_too(const struct ospf *o, const struct route_own *r)
{
	list_each_entry(const struct carriage, c, &r->carriages, of_prefix)
		if (!c->leaving && c->own->of == &o->as)
			return true;
	return false;
}

static struct lsa_destination destination_of(const struct ospf *o, const struct own *w)
{
	const struct carriage *c = carriage_live(w);
	struct lsa_destination d = { .type_2 = o->settings.metric_type != 1,
				     .tag = o->settings.tag };

	if (!c)
		return d;
	d.prefix = c->prefix->prefix;
	d.metric = metric_of(o, c->prefix, LSA_METRIC_INFINITY - 1);
	if (lsa_kind(o->version, &w->key) != LSA_NSSA || is_external_too(o, c->prefix))
		return d;
	d.forward = forward_in(o, w->of);
	d.propagate = address_is_set(&d.forward);
	if (d.propagate)
		d.prefix_options |= LSA_PREFIX_P; /* v3: it stands there, and not in the header */
	return d;
}

/* v2: the options in the header. The rest of those that hellos have means nothing there. */
static uint8_t header_options(const struct ospf *o, const struct own *w, enum lsa_kind kind,
			      bool propagate)
{
	const struct area *a;

	if (o->version == OSPF_V3)
		return 0;
	if (kind == LSA_NSSA)
		return propagate ? OSPF_V2_NP : 0;
	if (w->of->scope == LSA_SCOPE_AS)
		return OSPF_V2_E;
	a = area_find(o, w->of->place);
	return a ? (uint8_t)(ospf_options(o, a) & (OSPF_V2_E | OSPF_V2_DC)) : 0;
}

void originate_due(struct ospf *o, struct own *w, struct writer *out, int32_t sequence)
{
	enum lsa_kind kind = lsa_kind(o->version, &w->key);
	bool alone = kind == LSA_EXTERNAL || kind == LSA_NSSA;
	struct lsa_destination d = alone ? destination_of(o, w) : (struct lsa_destination){ 0 };
	struct lsa_header h = { .options = header_options(o, w, kind, d.propagate),
				.key = w->key,
				.sequence = sequence };
	size_t start = lsa_begin(o->version, out, &h);

	switch (kind) {
	case LSA_ROUTER:
		router_write(o, w, out, start);
		break;
	case LSA_NETWORK:
		network_write(o, w, out);
		break;
	case LSA_LINK:
		link_write(o, w, out, start);
		break;
	case LSA_INTRA_PREFIX:
		prefixes_write(o, w, out, start);
		break;
	case LSA_ROUTER_INFO:
		info_write(o, out);
		break;
	case LSA_GRACE:
		grace_write(o, w, out);
		break;
	default:
		out->failed |= !alone || d.prefix.address.family == FAMILY_NONE;
		if (writer_ok(out))
			lsa_write_destination(o->version, out, w->key.type, &d);
		break;
	}
	if (writer_ok(out))
		lsa_finish(out, start);
}

void originate_forget(struct ospf *o, const struct own *w)
{
	list_each_entry(struct area, a, &o->areas, link) {
		if (a->router == w)
			a->router = NULL;
		if (a->info == w)
			a->info = NULL;
	}
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		if (i->link_lsa == w)
			i->link_lsa = NULL;
		if (i->network_lsa == w)
			i->network_lsa = NULL;
		if (i->network_prefixes == w)
			i->network_prefixes = NULL;
	}
}

/* It is wanted, and made anew; or is not wanted, if there is one. */
static void want(struct ospf *o, struct database *d, struct lsa_key k, bool wanted,
		 struct own **place)
{
	if (!wanted && *place)
		own_unwant(o, *place);
	if (wanted && own_want(o, d, &k, place) == 0)
		own_changed(o, *place);
}

void originate_area(struct ospf *o, struct area *a)
{
	bool joined = o->router != 0 && is_joined(o, a), before = a->router && a->router->wanted;
	uint32_t info = o->version == OSPF_V2 ? INFO_ID_V2 : 0;

	if (!a->room.next)
		list_init(&a->room);
	want(o, &a->database, key_of(o, LSA_ROUTER, o->version == OSPF_V2 ? o->router : 0), joined,
	     &a->router);
	want(o, &a->database, key_of(o, LSA_ROUTER_INFO, info), joined, &a->info);
	if (joined != before)
		place_all(o);
}

/* v2: the LSA of a network is named by our address there. */
static uint32_t network_id(const struct ospf_interface *i)
{
	const struct address *source = interface_source(i);

	if (i->of->version == OSPF_V3)
		return i->index;
	return source ? address_ipv4_number(source) : 0;
}

void originate_interface(struct ospf *o, struct ospf_interface *i)
{
	bool speaks = o->router != 0 && takes_part(i);
	bool dr = speaks && i->state == OSPF_INTERFACE_DR && i->n_full > 0;
	struct database *d = &i->area->database;
	uint32_t id = network_id(i);

	/* Another address: the LSA of the old one goes. */
	if (i->network_lsa && i->network_lsa->key.id != id) {
		own_unwant(o, i->network_lsa);
		i->network_lsa = NULL;
	}
	want(o, d, key_of(o, LSA_NETWORK, id), dr && id != 0, &i->network_lsa);
	if (o->version == OSPF_V3) {
		want(o, &i->database, key_of(o, LSA_LINK, i->index), speaks && interface_source(i),
		     &i->link_lsa);
		want(o, d, key_of(o, LSA_INTRA_PREFIX, NETWORK_PREFIXES_ID + i->index), dr,
		     &i->network_prefixes);
	}
	originate_area(o, i->area);
	o->unsettled |= o->restarting;
}

void originate_links(struct ospf *o)
{
	list_each_entry(struct ospf_interface, i, &o->interfaces, link) {
		if (i->network_lsa)
			own_changed(o, i->network_lsa);
		if (i->network_prefixes)
			own_changed(o, i->network_prefixes);
	}
}

void originate_all(struct ospf *o)
{
	struct hash_node *n;

	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		originate_interface(o, i);
	place_all(o);
	for (n = hash_walk(&o->own, NULL); n; n = hash_walk(&o->own, n))
		own_changed(o, container_of(n, struct own, node));
}

void originate_leave(struct ospf *o, struct ospf_interface *i)
{
	bool joined = is_joined(o, i->area), any = false;
	struct hash_node *n, *next;

	list_each_entry(const struct area, a, &o->areas, link)
		any |= is_joined(o, a);
	originate_interface(o, i);
	for (n = hash_walk(&o->own, NULL); n; n = next) {
		struct own *w = container_of(n, struct own, node);

		next = hash_walk(&o->own, n);
		if (w->of == &i->database || (w->of == &i->area->database && !joined) ||
		    (w->of == &o->as && !any))
			own_flush_soon(o, w);
		else if (w->of == &i->area->database)
			own_now(o, w);
	}
}
