/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is who, and marks of what is to be done: nothing is done here. All files of the folder may
 * lean on this one.
 */
#include "proto/ospf/machine.h"

/* So many hellos may leave out of turn at once, and then one in so many of an interval. */
#define HELLO_BURST 4
#define HELLO_PART 8

#define IPV4_HEADER 20
#define IPV6_HEADER 40

struct ospf_interface *ospf_interface_find(const struct ospf *o, uint32_t index)
{
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		if (i->index == index)
			return i;
	return NULL;
}

struct area *area_find(const struct ospf *o, uint32_t id)
{
	list_each_entry(struct area, a, &o->areas, link)
		if (a->id == id)
			return a;
	return NULL;
}

struct ospf_neighbor *ospf_neighbor_find(const struct ospf_interface *i, uint32_t router)
{
	list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
		if (n->router == router)
			return n;
	return NULL;
}

struct ospf_neighbor *neighbor_by_address(const struct ospf_interface *i, const struct address *a)
{
	list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
		if (address_equal(&n->address, a))
			return n;
	return NULL;
}

/*
 * RFC 2328 8.2 and 10.5, RFC 5340 4.2.2.1: on a network of OSPFv2 that several share a neighbour is
 * who has the address, else who has the router ID.
 */
struct ospf_neighbor *neighbor_from(const struct ospf_interface *i, uint32_t router,
				    const struct address *a)
{
	struct ospf_neighbor *n;

	if (i->of->version == OSPF_V3 || i->settings.is.network == OSPF_POINT_TO_POINT)
		return ospf_neighbor_find(i, router);
	n = neighbor_by_address(i, a);
	return n && n->router == router ? n : NULL;
}

uint32_t neighbor_id_in_hello(const struct ospf_neighbor *n)
{
	return n->interface->of->version == OSPF_V2 ? address_ipv4_number(&n->address) : n->router;
}

const struct address *interface_source(const struct ospf_interface *i)
{
	return i->n_sources > 0 ? &i->sources[0].address : NULL;
}

uint32_t interface_id_in_hello(const struct ospf_interface *i)
{
	const struct address *source = interface_source(i);

	if (i->of->version == OSPF_V3)
		return i->of->router;
	return source ? address_ipv4_number(source) : 0;
}

bool neighbor_is_full(const struct ospf_neighbor *n)
{
	return n->state == OSPF_NEIGHBOR_FULL || n->helped;
}

bool ospf_interface_speaks(const struct ospf_interface *i)
{
	return i->state > OSPF_INTERFACE_LOOPBACK && !i->settings.passive;
}

/*
 * RFC 5340 A.4.2.1: one of a type that is not known, whose U bit is not set, is as if it had the
 * scope of the link. RFC 2328 3.6, RFC 5340 4.5: none of the AS comes into a stub area or an NSSA.
 */
struct database *interface_database(struct ospf_interface *i, uint16_t type)
{
	struct ospf *o = i->of;
	enum lsa_scope scope = lsa_scope(o->version, type);

	if (o->version == OSPF_V3 && !(type & LSA_V3_U) && scope != LSA_SCOPE_RESERVED &&
	    lsa_kind(o->version, &(struct lsa_key){ .type = type }) == LSA_UNKNOWN)
		scope = LSA_SCOPE_LINK;
	switch (scope) {
	case LSA_SCOPE_LINK:
		return &i->database;
	case LSA_SCOPE_AREA:
		return &i->area->database;
	case LSA_SCOPE_AS:
		return i->area->kind == OSPF_AREA_NORMAL ? &o->as : NULL;
	case LSA_SCOPE_RESERVED:
		break;
	}
	return NULL;
}

size_t interface_room(const struct ospf_interface *i)
{
	enum ospf_version v = i->of->version;
	size_t around = (v == OSPF_V2 ? IPV4_HEADER : IPV6_HEADER) + ospf_header_bytes(v) +
			ospf_seal_bytes(v, (enum auth_type)i->settings.auth.type);

	return i->mtu - around;
}

/* RFC 7166 2.1: that there is a trailer behind the packet. */
uint32_t interface_options(const struct ospf_interface *i)
{
	uint32_t options = ospf_options(i->of, i->area);

	if (i->of->version == OSPF_V3 && i->settings.auth.type != AUTH_NONE)
		options |= OSPF_V3_AT;
	return options;
}

void interface_wants_output(struct ospf_interface *i)
{
	if (list_empty(&i->output))
		list_append(&i->of->output, &i->output);
}

void neighbor_wants_output(struct ospf_neighbor *n)
{
	if (list_empty(&n->output))
		list_append(&n->interface->neighbors_output, &n->output);
	interface_wants_output(n->interface);
}

void interface_event_later(struct ospf_interface *i, enum interface_event e)
{
	i->pending = (uint8_t)(i->pending | 1u << e);
	i->of->unsettled = true;
}

void interface_hello_now(struct ospf_interface *i)
{
	struct ospf *o = i->of;
	struct duration part = { i->settings.is.hello.ns / HELLO_PART };
	struct instant due = instant_max(
		i->hello_paced, (struct instant){ o->now.ns - part.ns * (HELLO_BURST - 1) });

	if (!ospf_interface_speaks(i) || i->hello_due || !instant_reached(due, o->now))
		return;
	i->hello_paced = instant_add(due, part);
	i->hello_due = true;
	interface_wants_output(i);
}
