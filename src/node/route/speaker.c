/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the bindings and the RIP speaker: takes out what the speaker has to send and to say, and
 * gives each binding the state that fits.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "node/save.h"
#include "node/vip/vip.h"

struct rip *speaker_of(const struct node *n, enum family family)
{
	return n->routing->speakers[family_index(family)];
}

struct rip *speaker_for(const struct node *n, const struct prefix *p)
{
	return speaker_of(n, (enum family)p->address.family);
}

bool speaker_neighbor_next(const struct node *n, struct speaker_walk *at,
			   struct rip_neighbor_info *ret)
{
	for (; at->speaker < FAMILIES; at->speaker++, at->position = 0)
		if (rip_neighbor_next(n->routing->speakers[at->speaker], n->now, &at->position,
				      ret))
			return true;
	return false;
}

bool speaker_interface_next(const struct node *n, struct speaker_walk *at,
			    struct rip_interface_info *ret)
{
	for (; at->speaker < FAMILIES; at->speaker++, at->position = 0)
		if (rip_interface_next(n->routing->speakers[at->speaker], n->now, &at->position,
				       ret))
			return true;
	return false;
}

bool speaker_rival_next(const struct node *n, struct speaker_walk *at, struct prefix *ret_prefix,
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

unsigned speaker_accepted(const struct node *n, const struct binding *b)
{
	struct prefix p = binding_network(b), host = prefix_host(&b->address);
	unsigned accepted;

	(void)rip_is_told(speaker_for(n, &p), &p, &accepted);
	/* Where RIP-1 cannot carry the network, it is the VIP's host route that is accepted. */
	if (accepted == 0 && binding_in_network(b))
		(void)rip_is_told(speaker_for(n, &host), &host, &accepted);
	return accepted;
}

/* Nobody has shown that he routes to it: whether anybody can have heard of it. */
static void review_unaccepted(struct node *n, struct binding *b, const struct prefix *p)
{
	size_t blocked, speaking;

	speaking = link_count_speaking(n, (enum family)p->address.family, &blocked);
	if (blocked > 0 && blocked == speaking) {
		binding_set_state(n, b, VIP_STATE_HEALTHY,
				  "not announced: the kernel refuses what is sent, on every "
				  "interface");
	} else if (check_worsens(b)) {
		check_explain(b);
		binding_set_state(n, b, VIP_STATE_ANNOUNCED, NULL);
	} else if (blocked == 0 && !rip_is_told(speaker_for(n, p), p, NULL)) {
		/* When that is over it is told once, and not again when a way out opens. */
		binding_set_state(n, b, VIP_STATE_HEALTHY, "the announcement is on its way");
	} else {
		binding_set_state(n, b, VIP_STATE_ANNOUNCED,
				  blocked ? "sent, but on some interfaces the kernel refuses it"
					  : "sent on every interface that speaks");
	}
}

void speaker_review(struct node *n, struct binding *b)
{
	struct prefix p = binding_network(b);
	unsigned accepted;

	if (b->leaving || !b->slot.kind || b->state < VIP_STATE_HEALTHY ||
	    b->state == VIP_STATE_FAILED)
		return;
	if (take_is_on(b))
		take_review(n, b);
	if (drain_is_on(b)) {
		drain_explain(b);
		binding_set_state(n, b, drain_is_done(b) ? VIP_STATE_DRAINED : VIP_STATE_DRAINING,
				  NULL);
		return;
	}
	if (rival_explain(n, b)) {
		binding_set_state(n, b, VIP_STATE_CONFLICT, NULL);
		return;
	}
	if (!b->announce) {
		binding_set_state(n, b, VIP_STATE_HEALTHY, "not announced, as asked for");
		return;
	}
	if (!n->routing->speaks[family_index((enum family)p.address.family)]) {
		binding_set_state(n, b, VIP_STATE_HEALTHY,
				  p.address.family == FAMILY_IPV6
					  ? "not announced: no interface speaks RIPng now"
					  : "not announced: no interface speaks RIP now");
		return;
	}
	if (!b->announced) {
		binding_set_state(n, b, VIP_STATE_HEALTHY,
				  "not announced yet: waits for the others of its set");
		return;
	}
	accepted = speaker_accepted(n, b);
	if (accepted == 0)
		review_unaccepted(n, b, &p);
	else if (check_worsens(b)) {
		check_explain(b);
		binding_set_state(n, b, VIP_STATE_ACCEPTED, NULL);
	} else {
		binding_set_state(n, b, VIP_STATE_ACCEPTED,
				  accepted == 1 ? "a neighbour routes to it"
						: "neighbours route to it");
	}
}

void speaker_review_all(struct node *n)
{
	list_each(link, &n->vips->bindings)
		speaker_review(n, container_of(link, struct binding, link));
}

/* The bindings behind a prefix of an event. */
static void review_prefix(struct node *n, const struct prefix *p)
{
	for (struct binding *b = network_next(n, p, NULL); b; b = network_next(n, p, b))
		speaker_review(n, b);
}

static void speaker_withdrawn(struct node *n, const struct rip_event *e)
{
	struct binding *b = prefix_is_host(&e->prefix) ? binding_find(n, &e->prefix.address) : NULL;

	network_withdrawn(n, &e->prefix);
	if (b && b->leaving)
		binding_removed(n, b);
}

static void speaker_rival(struct node *n, const struct rip_event *e)
{
	struct event event = { .kind = EVENT_RIVAL, .neighbor = e->neighbor };

	for (struct binding *b = network_next(n, &e->prefix, NULL); b;
	     b = network_next(n, &e->prefix, b)) {
		event.vip = b->address;
		rival_review(n, b);
	}
	if (!address_is_set(&event.vip) || e->kind == RIP_EVENT_RIVAL_SURE)
		return;
	text_copy(event.interface, sizeof(event.interface), link_name(n, e->interface));
	if (e->kind == RIP_EVENT_RIVAL)
		snprintf(event.reason, sizeof(event.reason),
			 "announces a VIP of ours, with metric %u", e->metric);
	else
		text_copy(event.reason, sizeof(event.reason), "no longer announces a VIP of ours");
	node_event(n, &event);
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

static void speaker_event(struct node *n, enum family family, const struct rip_event *e)
{
	switch ((enum rip_event_kind)e->kind) {
	case RIP_EVENT_NEIGHBOR_UP:
		n->routing->watches_dirty = true;
		ways_router(n, e->interface, &e->neighbor, true);
		speaker_note(n, EVENT_NEIGHBOR, e, "up");
		break;
	case RIP_EVENT_NEIGHBOR_DOWN:
		n->routing->watches_dirty = true;
		speaker_note(n, EVENT_NEIGHBOR, e, "down");
		ways_router(n, e->interface, &e->neighbor, false);
		learned_router_lost(n, e->interface, &e->neighbor);
		speaker_review_all(n);
		break;
	case RIP_EVENT_ACCEPTED:
	case RIP_EVENT_UNACCEPTED:
		ways_accepted(n, e->interface, &e->neighbor, e->kind == RIP_EVENT_ACCEPTED);
		if (address_is_set(&e->prefix.address))
			review_prefix(n, &e->prefix);
		else
			speaker_review_all(n);
		break;
	case RIP_EVENT_ANNOUNCED:
		review_prefix(n, &e->prefix);
		break;
	case RIP_EVENT_WITHDRAWN:
		speaker_withdrawn(n, e);
		break;
	case RIP_EVENT_RIVAL:
	case RIP_EVENT_RIVAL_SURE:
	case RIP_EVENT_RIVAL_GONE:
		speaker_rival(n, e);
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
		save_sequence(n, &(struct keychain_sequence){ e->neighbor, e->key, e->sequence });
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
		speaker_review_all(n);
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

/* Bindings that leave in haste go as soon as the first good-bye is out. */
static void speaker_hasty(struct node *n)
{
	if (!n->vips->hasty)
		return;
	n->vips->hasty = false;
	list_each_safe(link, &n->vips->bindings) {
		struct binding *b = container_of(link, struct binding, link);
		struct prefix host = prefix_host(&b->address);

		if (!b->leaving || !b->now || (b->slot.kind && !b->slot.wanted))
			continue;
		if (rip_is_told(speaker_for(n, &host), &host, NULL))
			binding_removed(n, b);
		else
			n->vips->hasty = true;
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
		if (e.send.sequence > n->routing->sealed)
			save_sealed(n, e.send.sequence);
		node_effect_put(n, &e);
		any = true;
	}
	while (rip_event(speaker, &event)) {
		speaker_event(n, family, &event);
		any = true;
	}
	return any;
}

void speaker_pump(struct node *n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t k = 0; k < FAMILIES; k++)
			more |= speaker_pump_one(n, family_at(k));
	}
	speaker_hasty(n);
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
