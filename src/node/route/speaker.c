/* SPDX-License-Identifier: Apache-2.0 */
/* Takes out what the RIP speaker has to send and to say. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "node/route/route.h"

struct rip *speaker_of(const struct node *n, enum family family)
{
	return n->routing->speakers[family_index(family)];
}

struct rip *speaker_for(const struct node *n, const struct prefix *p)
{
	return speaker_of(n, (enum family)p->address.family);
}

bool speaker_is_told(const struct node *n, const struct prefix *p, unsigned *ret_accepted)
{
	return rip_is_told(speaker_for(n, p), p, ret_accepted);
}

bool speakers_neighbor_next(const struct node *n, struct speaker_walk *at, struct neighbor *ret)
{
	struct instant now = instant_max(n->now, at->now);

	for (; at->speaker < FAMILIES; at->speaker++, at->position = 0)
		if (rip_neighbor_next(n->routing->speakers[at->speaker], now, &at->position, ret))
			return true;
	return false;
}

bool speakers_interface_next(const struct node *n, struct speaker_walk *at,
			     struct speaker_interface *ret)
{
	struct instant now = instant_max(n->now, at->now);

	for (; at->speaker < FAMILIES; at->speaker++, at->position = 0)
		if (rip_interface_next(n->routing->speakers[at->speaker], now, &at->position, ret))
			return true;
	return false;
}

bool speakers_rival_next(const struct node *n, struct speaker_walk *at, struct prefix *ret_prefix,
			 struct route_heard *ret)
{
	for (; at->speaker < FAMILIES; at->speaker++, at->position = 0)
		if (rip_rival_next(n->routing->speakers[at->speaker], &at->position, ret_prefix,
				   ret))
			return true;
	return false;
}

static void speaker_note(struct node *n, enum event_kind kind, const struct rip_event *e,
			 const char *reason)
{
	struct event event = { .kind = (uint8_t)kind, .neighbor = e->neighbor };

	text_copy(event.interface, sizeof(event.interface), link_name(n, e->interface));
	text_copy(event.reason, sizeof(event.reason), reason);
	node_event(n, &event);
}

static void speaker_tell(struct node *n, enum route_event_kind kind, const struct rip_event *e)
{
	n->routing->tell(n, &(struct route_event){ .kind = kind,
						   .interface = e->interface,
						   .neighbor = e->neighbor,
						   .prefix = e->prefix,
						   .metric = e->metric });
}

static void speaker_rescue(struct node *n, enum family family, const struct rip_event *e)
{
	const char *name = link_name(n, e->interface);
	const char *whose = family == FAMILY_IPV6 ? "RIPng " : "";
	char failed[ADDRESS_TEXT_MAX + sizeof("its address  is gone")] = "failed";

	if (address_is_set(&e->neighbor))
		snprintf(failed, sizeof(failed), "its address %s is gone",
			 ADDRESS_TEXT(&e->neighbor));
	if (e->kind == RIP_EVENT_RESCUE)
		node_note(n, EVENT_RESCUE, name,
			  "%s; the others now announce %smetric %u, better than the route that "
			  "is lost",
			  failed, whose, e->metric);
	else if (e->kind == RIP_EVENT_NO_HEADROOM)
		node_note(n, EVENT_RESCUE, name,
			  "%s; the others now announce %smetric %u, which is not better by "
			  "enough: routers behind it switch only when they %s",
			  failed, whose, e->metric,
			  address_is_set(&e->neighbor) ? "hear the good-bye in its name, or "
							 "time out"
						       : "time out");
	else
		node_note(n, EVENT_RESCUE, name, "relaxes to %smetric %u", whose, e->metric);
}

_Static_assert(RIP_NEIGHBORS_MAX == 256, "sentences say so");

static void speakers_event(struct node *n, enum family family, const struct rip_event *e)
{
	switch ((enum rip_event_kind)e->kind) {
	case RIP_EVENT_NEIGHBOR_UP:
		n->routing->watches_dirty = true;
		speaker_note(n, EVENT_NEIGHBOR, e, "up");
		speaker_tell(n, ROUTE_NEIGHBOR_UP, e);
		break;
	case RIP_EVENT_NEIGHBOR_DOWN:
		n->routing->watches_dirty = true;
		speaker_note(n, EVENT_NEIGHBOR, e, "down");
		learned_router_lost(n, e->interface, &e->neighbor);
		speaker_tell(n, ROUTE_NEIGHBOR_DOWN, e);
		break;
	case RIP_EVENT_ACCEPTED:
		speaker_tell(n, ROUTE_ACCEPTED, e);
		break;
	case RIP_EVENT_UNACCEPTED:
		speaker_tell(n, ROUTE_UNACCEPTED, e);
		break;
	case RIP_EVENT_ANNOUNCED:
		speaker_tell(n, ROUTE_ANNOUNCED, e);
		break;
	case RIP_EVENT_WITHDRAWN:
		speaker_tell(n, ROUTE_WITHDRAWN, e);
		break;
	case RIP_EVENT_RIVAL:
		speaker_tell(n, ROUTE_RIVAL, e);
		break;
	case RIP_EVENT_RIVAL_SURE:
		speaker_tell(n, ROUTE_RIVAL_SURE, e);
		break;
	case RIP_EVENT_RIVAL_GONE:
		speaker_tell(n, ROUTE_RIVAL_GONE, e);
		break;
	case RIP_EVENT_RESCUE:
	case RIP_EVENT_NO_HEADROOM:
	case RIP_EVENT_RELAX:
		speaker_rescue(n, family, e);
		break;
	case RIP_EVENT_KEY:
		node_note(n, EVENT_INTERFACE, link_name(n, e->interface),
			  "authenticates with key %u", e->key);
		link_speaks_changed(n);
		break;
	case RIP_EVENT_SEQUENCE:
		save_put(n, &(struct saved){ .kind = SAVED_SEQUENCE,
					     .sequence = { e->neighbor, e->key, e->sequence } });
		break;
	case RIP_EVENT_MUTE:
		node_note(n, EVENT_INTERFACE, link_name(n, e->interface),
			  "none of its keys can be used now: nothing is sent or accepted there");
		link_speaks_changed(n);
		break;
	case RIP_EVENT_SOURCE_GONE:
		n->routing->watches_dirty = true;
		node_note(n, EVENT_INTERFACE, link_name(n, e->interface),
			  "its address %s is gone or deprecated: what neighbours have accepted by "
			  "it they have to "
			  "show again",
			  ADDRESS_TEXT(&e->neighbor));
		speaker_tell(n, ROUTE_SOURCE_GONE, e);
		break;
	case RIP_EVENT_CROWDED:
		speaker_note(n, EVENT_NEIGHBOR, e,
			     "turned away, and maybe others: there is room for 256 neighbours in "
			     "a network, and those who are there are worth more");
		break;
	case RIP_EVENT_LEFT:
		n->routing->watches_dirty = true;
		link_left(n, e->interface, family);
		break;
	case RIP_EVENT_HOSTS_IGNORED:
		speaker_note(n, EVENT_NEIGHBOR, e,
			     "speaks RIP-1 and ignores host routes: give its VIPs a network of "
			     "their own");
		break;
	}
}

/* Takes out what one speaker has to send and to tell; false: that was nothing. */
static bool speaker_pump_one(struct node *n, enum family family)
{
	struct rip *speaker = speaker_of(n, family);
	struct rip_event event;
	struct effect e = { .kind = EFFECT_SEND };
	bool any = false;

	while (rip_output(speaker, n->now, &e.send)) {
		/* Written down before it is used, so that no life goes back behind it. */
		if (e.send.sequence > n->routing->sealed) {
			n->routing->sealed = e.send.sequence;
			save_put(n, &(struct saved){ .kind = SAVED_SEALED,
						     .sealed = e.send.sequence });
		}
		node_effect_put(n, &e);
		any = true;
	}
	while (rip_event(speaker, &event)) {
		speakers_event(n, family, &event);
		any = true;
	}
	return any;
}

void speakers_pump(struct node *n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t k = 0; k < FAMILIES; k++)
			more |= speaker_pump_one(n, family_at(k));
	}
}

void speaker_tag(struct node *n)
{
	struct rip_settings settings = n->routing->rip_settings;
	const uint8_t none[6] = { 0 }, *lowest = NULL;

	/*
	 * Our mark must be ours alone and outlive a restart: it is made from the lowest MAC address
	 * of the host, which has both properties.
	 */
	list_each(link, &n->routing->links) {
		const struct interface *i = &container_of(link, struct link, link)->interface;

		if (i->kind == INTERFACE_PHYSICAL && memcmp(i->mac, none, 6) != 0 &&
		    (!lowest || memcmp(i->mac, lowest, 6) < 0))
			lowest = i->mac;
	}
	if (settings.tag == 0 && lowest)
		settings.tag = (uint16_t)(1 + hash_bytes(0, lowest, 6) % UINT16_MAX);
	n->routing->tag = settings.tag;
	for (size_t k = 0; k < FAMILIES; k++)
		rip_configure(n->routing->speakers[k], n->now, &settings);
}
