/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown of neighbours, interfaces and the database. */
#include <string.h>

#include "proto/ospf/machine.h"
#include "proto/ospf/routing.h"

/* The one at that place among all neighbours, which is moved on; NULL behind the last. */
static const struct ospf_neighbor *neighbor_at(const struct ospf *o, size_t *position)
{
	size_t at = 0;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link) {
		if (*position >= at + i->n_neighbors) {
			at += i->n_neighbors;
			continue;
		}
		list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
			if (at++ == *position) {
				(*position)++;
				return n;
			}
	}
	return NULL;
}

static const struct ospf_interface *interface_at(const struct ospf *o, size_t *position)
{
	size_t at = 0;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (at++ == *position) {
			(*position)++;
			return i;
		}
	return NULL;
}

bool ospf_neighbor_next_of(const struct ospf *o, struct instant now, size_t *position,
			   struct neighbor *ret)
{
	const struct ospf_neighbor *n = neighbor_at(o, position);
	struct route_path path;

	(void)now;
	if (!n)
		return false;
	path = (struct route_path){ n->interface->index, n->address };
	*ret = (struct neighbor){
		.interface = n->interface->index,
		.address = n->address,
		.up = n->up,
		.dead = n->liveness == VERDICT_DOWN,
		.state = ospf_neighbor_state_name(n->state),
		.rhythm = n->interface->settings.is.hello,
		.version = (uint8_t)o->version,
		.proves = neighbor_is_full(n),
		.since = n->since,
		.heard = n->heard,
		.packets = n->packets,
		.accepted = announce_accepted(o, n),
		.routes = hops_routes(&o->spf->hops, &path),
	};
	memcpy(ret->drops, n->drops, sizeof(n->drops));
	return true;
}

static struct duration until(const struct timer *t, struct instant now)
{
	struct duration left = instant_since(t->due, now);

	return timer_running(t) && left.ns > 0 ? left : (struct duration){ 0 };
}

static uint32_t dropped(const uint32_t drops[OSPF_DROP_COUNT])
{
	uint32_t sum = 0;

	for (size_t k = 0; k < OSPF_DROP_COUNT; k++)
		sum += drops[k];
	return sum;
}

bool ospf_neighbor_row(const struct ospf *o, struct instant now, size_t *position,
		       struct ospf_neighbor_row *ret)
{
	const struct ospf_neighbor *n = neighbor_at(o, position);

	if (!n)
		return false;
	*ret = (struct ospf_neighbor_row){
		.interface = n->interface->index,
		.router = n->router,
		.area = n->interface->area->id,
		.address = n->address,
		.state = n->state,
		.priority = n->priority,
		.dr = n->dr,
		.bdr = n->bdr,
		.options = n->options,
		.mtu = n->mtu,
		.dead_in = until(&n->inactivity, now),
		.since = instant_since(now, n->state_since),
		.retransmitting = n->n_retransmissions,
		.requested = n->n_requests,
		.described = n->summary.left,
		.retransmissions = n->retransmitted,
		.events = n->events,
		.helping = n->helped,
		.dropped = dropped(n->drops),
	};
	return true;
}

static uint32_t router_named(const struct ospf_interface *i, uint32_t id)
{
	if (id == 0 || i->of->version == OSPF_V3)
		return id;
	if (id == interface_id_in_hello(i))
		return i->of->router;
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		if (neighbor_id_in_hello(n) == id)
			return n->router;
	return 0;
}

bool ospf_interface_row(const struct ospf *o, struct instant now, size_t *position,
			struct ospf_interface_row *ret)
{
	const struct ospf_interface *i = interface_at(o, position);

	if (!i)
		return false;
	*ret = (struct ospf_interface_row){
		.interface = i->index,
		.area = i->area->id,
		.area_kind = i->area->kind,
		.network = i->settings.is.network,
		.state = i->state,
		.priority = i->settings.is.priority,
		.cost = i->settings.cost,
		.mtu = i->mtu,
		.dr = router_named(i, i->dr),
		.bdr = router_named(i, i->bdr),
		.hello = i->settings.is.hello,
		.dead = i->settings.is.dead,
		.hello_in = until(&i->hello, now),
		.neighbors = i->n_neighbors,
		.adjacent = i->n_full,
		.dropped = dropped(i->drops),
	};
	list_each_entry(const struct ospf_neighbor, n, &i->neighbors, link)
		ret->dropped += dropped(n->drops);
	if (interface_source(i))
		ret->address = *interface_source(i);
	memcpy(ret->sent, i->sent, sizeof(i->sent));
	memcpy(ret->received, i->received, sizeof(i->received));
	return true;
}

bool ospf_interface_next(const struct ospf *o, struct instant now, size_t *position,
			 struct speaker_interface *ret)
{
	const struct ospf_interface *i = interface_at(o, position);

	(void)now;
	if (!i)
		return false;
	*ret = (struct speaker_interface){
		.index = i->index,
		.speaking = ospf_interface_speaks(i) && !i->leaving && ospf_key_is_ready(i),
		.family = o->version == OSPF_V2 ? FAMILY_IPV4 : FAMILY_IPV6,
		.version = (uint8_t)o->version,
		.cost = i->settings.cost,
		.metric = o->settings.metric,
		.neighbors = i->n_neighbors,
		.crowded = i->n_neighbors >= OSPF_NEIGHBORS_MAX,
	};
	for (size_t k = 0; k < OSPF_PACKET_TYPES; k++)
		ret->sent += i->sent[k];
	ospf_key_describe(i, ret);
	memcpy(ret->drops, i->drops, sizeof(i->drops));
	return true;
}

/* All databases in an order of their own; NULL behind the last. */
static const struct database *database_at(const struct ospf *o, size_t at)
{
	if (at-- == 0)
		return &o->as;
	list_each_entry(const struct area, a, &o->areas, link)
		if (at-- == 0)
			return &a->database;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		if (at-- == 0)
			return &i->database;
	return NULL;
}

static const struct lsa *lsa_in_slice(const struct database *d, uint32_t slice, size_t at)
{
	const struct hash_node *n = NULL;

	while ((n = hash_slice_next(&d->lsas, slice, n)))
		if (at-- == 0)
			return container_of(n, const struct lsa, node);
	return NULL;
}

/* A position is a database, a slice of its table, and a place there. */
bool ospf_lsa_row(const struct ospf *o, struct instant now, size_t *position,
		  struct ospf_lsa_row *ret)
{
	size_t at = *position & 0xffff, slice = (*position >> 16) % HASH_SLICES;
	size_t place = (*position >> 16) / HASH_SLICES;
	const struct database *d;
	const struct lsa *l = NULL;

	for (; (d = database_at(o, place)); place++, slice = 0) {
		for (; d->lsas.count > 0 && slice < HASH_SLICES; slice++, at = 0) {
			l = lsa_in_slice(d, (uint32_t)slice, at);
			if (l)
				break;
		}
		if (l)
			break;
		at = 0;
	}
	if (!l)
		return false;
	*position = ((place * HASH_SLICES + slice) << 16) + at + 1;
	*ret = (struct ospf_lsa_row){
		.scope = d->scope,
		.area = d->scope == LSA_SCOPE_AREA ? d->place : 0,
		.interface = d->scope == LSA_SCOPE_LINK ? d->place : 0,
		.header = l->header,
		.own = l->own != NULL,
		.bytes = l->bytes,
	};
	ret->header.age = lsa_age(l, now);
	return true;
}
