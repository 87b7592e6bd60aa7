/* SPDX-License-Identifier: Apache-2.0 */
/* An interface in its networks: in which of them somebody is, and whether we speak there. */
#include <string.h>

#include "proto/rip/instance.h"

struct rip_interface *interface_find(const struct rip *r, uint32_t index)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (i->index == index && !i->departed)
			return i;
	}
	return NULL;
}

struct rip_interface *interface_next(const struct rip *r, const struct rip_interface *at)
{
	struct list *next = at ? at->link.next : r->interfaces.next;

	return next == &r->interfaces ? NULL : container_of(next, struct rip_interface, link);
}

struct rip_interface *interface_each(struct rip_interface *i, struct rip_interface *at)
{
	struct rip_interface *next =
		at ? container_of(at->ring.next, struct rip_interface, ring) : i;

	return at && next == i ? NULL : next;
}

struct rip_interface *interface_toward(struct rip_interface *i, const struct address *a)
{
	struct rip_interface *best = NULL, *first = NULL, *at = NULL;

	while ((at = interface_each(i, at))) {
		if (!address_is_set(&at->state.address))
			continue;
		if (!first || at->place < first->place)
			first = at;
		if (prefix_contains(&at->network, a) &&
		    (!best || at->network.length > best->network.length))
			best = at;
	}
	return best ? best : first ? first : i;
}

struct rip_neighbor *neighbor_find(const struct rip_interface *i, const struct address *a)
{
	list_each_entry(struct rip_neighbor, n, &i->neighbors, link)
		if (address_equal(&n->address, a))
			return n;
	return NULL;
}

struct rip_neighbor *interface_neighbor(const struct rip_interface *i, const struct address *a)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each((struct rip_interface *)i, at))) {
		struct rip_neighbor *n = neighbor_find(at, a);

		if (n)
			return n;
	}
	return NULL;
}

bool interface_is_ours(const struct rip_interface *i, const struct address *a)
{
	struct rip_interface *at = NULL;

	while ((at = interface_each((struct rip_interface *)i, at)))
		if (address_equal(&at->state.address, a))
			return true;
	return false;
}

bool interface_would_speak(const struct rip_interface *i, const struct rip_interface_settings *s)
{
	if (!s->passive)
		return true;
	for (size_t k = 0; k < s->n_unicast; k++)
		if (interface_toward((struct rip_interface *)i, &s->unicast[k]) == i)
			return true;
	return false;
}

bool interface_speaks(const struct rip_interface *i)
{
	return i->state.usable && !i->mute && interface_would_speak(i, &i->settings);
}

bool interface_any_speaks(const struct rip *r)
{
	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		if (interface_speaks(i) && !i->leaving)
			return true;
	}
	return false;
}

bool interface_is_on_link(const struct rip_interface *i, const struct address *a)
{
	/* RFC 2080 2.4.2. */
	if (i->family == FAMILY_IPV6)
		return address_is_link_local(a);
	for (struct rip_interface *at = NULL; (at = interface_each((struct rip_interface *)i, at));)
		if (prefix_contains(&at->network, a))
			return true;
	for (size_t k = 0; k < i->n_networks; k++)
		if (prefix_contains(&i->networks[k], a))
			return true;
	return false;
}

/* The address of the network itself, or its broadcast. RFC 3021: one of two has neither. */
static bool stands_for_all(const struct prefix *network, const struct address *a)
{
	struct address last;

	if (!prefix_contains(network, a) || network->length + 2 > family_bits(a->family))
		return false;
	if (address_equal(a, &network->address))
		return true;
	if (a->family != FAMILY_IPV4)
		return false;
	last = prefix_broadcast(network);
	return address_equal(a, &last);
}

bool interface_is_for_all(const struct rip_interface *i, const struct address *a)
{
	static const uint8_t all[] = { 255, 255, 255, 255 };

	if (!address_is_set(a) || address_is_multicast(a) ||
	    memcmp(a->bytes, all, sizeof(all)) == 0)
		return true;
	for (struct rip_interface *at = NULL; (at = interface_each((struct rip_interface *)i, at));)
		if (stands_for_all(&at->network, a))
			return true;
	for (size_t k = 0; k < i->n_networks; k++)
		if (stands_for_all(&i->networks[k], a))
			return true;
	return false;
}

bool interface_is_host(const struct rip_interface *i, const struct address *a)
{
	if (!interface_is_on_link(i, a) || stands_for_all(&i->network, a))
		return false;
	for (size_t k = 0; k < i->n_networks; k++)
		if (stands_for_all(&i->networks[k], a))
			return false;
	return true;
}
