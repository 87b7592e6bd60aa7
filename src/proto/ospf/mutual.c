/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ospf/mutual.h"

const struct lsa *mutual_router_lsa(const struct ospf *o, const struct area *a, uint32_t router)
{
	database_each(l, &a->database, LSA_ROUTER) if (l->header.key.router == router &&
						       !lsa_is_max_age(l, o->now)) return l;
	return NULL;
}

static const struct lsa *network_lsa(const struct ospf *o, const struct area *a, uint32_t dr,
				     uint32_t id)
{
	database_each(l, &a->database, LSA_NETWORK) if (l->header.key.id == id &&
							!lsa_is_max_age(l, o->now) &&
							(o->version == OSPF_V2 ||
							 l->header.key.router == dr)) return l;
	return NULL;
}

/* Whether the router-LSA has a link to us, or to the network that we lead there. */
static bool router_has_us(const struct ospf *o, const struct lsa *l, const struct ospf_interface *i)
{
	struct lsa_router r;
	struct lsa_link link;
	struct lsa_walk walk = lsa_router_walk(o->version, l->bytes, l->header.length, &r);

	while (lsa_link_next(&walk, &link)) {
		if (link.type == LSA_LINK_POINT_TO_POINT && link.neighbor == o->router && !i)
			return true;
		if (link.type != LSA_LINK_TRANSIT || !i)
			continue;
		if (o->version == OSPF_V2
			    ? link.neighbor_interface == i->dr
			    : link.neighbor == o->router && link.neighbor_interface == i->index)
			return true;
	}
	return false;
}

static bool network_has(const struct ospf *o, const struct lsa *l, uint32_t wanted)
{
	struct prefix p;
	uint32_t options, router;
	struct lsa_walk walk =
		lsa_network_walk(o->version, l->bytes, l->header.length, &p, &options);

	while (lsa_attached_next(&walk, &router))
		if (router == wanted)
			return true;
	return false;
}

/* v3: of several router-LSAs one that says it is enough. */
static enum mutual router_says(const struct ospf *o, const struct area *a, uint32_t router,
			       const struct ospf_interface *i)
{
	enum mutual ret = MUTUAL_UNKNOWN;

	database_each(l, &a->database, LSA_ROUTER)
	{
		if (l->header.key.router != router || lsa_is_max_age(l, o->now))
			continue;
		if (router_has_us(o, l, i))
			return MUTUAL_SAID;
		ret = MUTUAL_DENIED;
	}
	return ret;
}

enum mutual mutual_link(const struct ospf *o, const struct area *a, const struct lsa_link *link)
{
	const struct lsa *l;

	if (link->type != LSA_LINK_TRANSIT)
		return router_says(o, a, link->neighbor, NULL);
	l = network_lsa(o, a, link->neighbor, link->neighbor_interface);
	if (!l)
		return MUTUAL_UNKNOWN;
	return network_has(o, l, o->router) ? MUTUAL_SAID : MUTUAL_DENIED;
}

bool mutual_neighbor(const struct ospf *o, const struct ospf_neighbor *n)
{
	const struct ospf_interface *i = n->interface;
	const struct lsa *l = NULL;

	if (i->settings.is.network != OSPF_BROADCAST)
		return router_says(o, i->area, n->router, NULL) == MUTUAL_SAID;
	if (i->state == OSPF_INTERFACE_DR)
		return router_says(o, i->area, n->router, i) == MUTUAL_SAID;
	list_each_entry(const struct ospf_neighbor, dr, &i->neighbors, link)
		if (neighbor_id_in_hello(dr) == i->dr)
			l = network_lsa(o, i->area, dr->router,
					o->version == OSPF_V2 ? i->dr : dr->interface_id);
	return l && network_has(o, l, o->router) && network_has(o, l, n->router);
}
