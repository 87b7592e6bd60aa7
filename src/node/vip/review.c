/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the floor of routing says, and what follows for the VIPs: gives each binding the state that
 * fits what is known of it.
 */
#include <stdio.h>

#include "base/text.h"
#include "node/vip/vip.h"

/* Nobody has shown that he routes to it: whether anybody can have heard of it. */
static void review_unaccepted(struct node *n, struct binding *b, const struct prefix *p)
{
	size_t blocked, speaking;

	speaking = link_count_speaking(n, (enum family)p->address.family, &blocked);
	if (blocked > 0 && blocked == speaking) {
		binding_step(n, b, VIP_UNHEARD,
			     "not announced: the kernel refuses what is sent, on every "
			     "interface");
	} else if (check_worsens(b)) {
		check_explain(b);
		binding_step(n, b, VIP_SENT, NULL);
	} else if (blocked == 0 && !speakers_told(n, p, NULL)) {
		/* When that is over it is told once, and not again when a way out opens. */
		binding_step(n, b, VIP_UNHEARD, "the announcement is on its way");
	} else {
		binding_step(n, b, VIP_SENT,
			     blocked ? "sent, but on some interfaces the kernel refuses it"
				     : "sent on every interface that speaks");
	}
}

void binding_review(struct node *n, struct binding *b)
{
	struct prefix p = binding_network(b);
	unsigned accepted, proven;

	if (b->leaving || !b->slot.kind || b->state < VIP_STATE_HEALTHY ||
	    b->state == VIP_STATE_FAILED)
		return;
	if (take_is_on(b))
		take_review(n, b);
	if (drain_is_on(b)) {
		drain_explain(b);
		binding_step(n, b, drain_is_done(b) ? VIP_EMPTY : VIP_DRAINS, NULL);
		return;
	}
	if (rival_explain(n, b)) {
		binding_step(n, b, VIP_CONTESTED, NULL);
		return;
	}
	if (!b->announce) {
		binding_step(n, b, VIP_UNHEARD, "not announced, as asked for");
		return;
	}
	proven = binding_proven(n, b);
	/* A router may have its route from elsewhere. */
	if (proven == 0 && !speakers_speak(n, (enum family)p.address.family)) {
		binding_step(n, b, VIP_UNHEARD, speakers_nobody(n, (enum family)p.address.family));
		return;
	}
	if (!b->announced) {
		binding_step(n, b, VIP_UNHEARD,
			     "not announced yet: waits for the others of its set");
		return;
	}
	accepted = binding_accepted(n, b);
	if (accepted == 0 && proven == 0) {
		review_unaccepted(n, b, &p);
	} else if (check_worsens(b)) {
		check_explain(b);
		binding_step(n, b, proven > 0 ? VIP_PROVEN : VIP_ACCEPTED, NULL);
	} else if (proven > 0) {
		binding_step(n, b, VIP_PROVEN,
			     proven == 1 ? "a router forwards to it" : "routers forward to it");
	} else if (binding_is_belied(n, b)) {
		binding_step(n, b, VIP_ACCEPTED,
			     "a neighbour says that it routes to it, and does not forward to us");
	} else {
		binding_step(n, b, VIP_ACCEPTED,
			     accepted == 1 ? "a neighbour routes to it" : "neighbours route to it");
	}
}

void binding_review_all(struct node *n)
{
	list_each(link, &n->vips->bindings)
		binding_review(n, container_of(link, struct binding, link));
}

/* The bindings behind a prefix of an event. */
static void review_prefix(struct node *n, const struct prefix *p)
{
	for (struct binding *b = network_next(n, p, NULL); b; b = network_next(n, p, b))
		binding_review(n, b);
}

/* Whether the neighbour accepts them has changed. */
static void review_accepted(struct node *n, const struct route_event *e)
{
	ways_accepted(n, e->interface, &e->neighbor, e->kind == ROUTE_ACCEPTED);
	if (!address_is_set(&e->prefix.address)) {
		proving_heard_all(n, e->kind == ROUTE_ACCEPTED);
		binding_review_all(n);
		return;
	}
	for (struct binding *b = network_next(n, &e->prefix, NULL); b;
	     b = network_next(n, &e->prefix, b))
		proving_heard(n, b, e->interface, &e->neighbor, e->kind == ROUTE_ACCEPTED);
	review_prefix(n, &e->prefix);
}

static void review_withdrawn(struct node *n, const struct route_event *e)
{
	struct binding *b = prefix_is_host(&e->prefix) ? binding_find(n, &e->prefix.address) : NULL;

	network_withdrawn(n, &e->prefix);
	if (b && b->leaving)
		binding_removed(n, b);
}

static void review_rival(struct node *n, const struct route_event *e)
{
	struct event event = { .kind = EVENT_RIVAL, .neighbor = e->neighbor };

	for (struct binding *b = network_next(n, &e->prefix, NULL); b;
	     b = network_next(n, &e->prefix, b)) {
		event.vip = b->address;
		rival_review(n, b);
	}
	if (!address_is_set(&event.vip) || e->kind == ROUTE_RIVAL_SURE)
		return;
	text_copy(event.interface, sizeof(event.interface), link_name(n, e->interface));
	if (e->kind == ROUTE_RIVAL)
		snprintf(event.reason, sizeof(event.reason),
			 "announces a VIP of ours, with metric %u", e->metric);
	else
		text_copy(event.reason, sizeof(event.reason), "no longer announces a VIP of ours");
	node_event(n, &event);
}

/* Bindings that leave in haste go as soon as the first good-bye is out. */
void binding_hasty(struct node *n)
{
	if (!n->vips->hasty)
		return;
	n->vips->hasty = false;
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		struct prefix host = prefix_host(&b->address);

		if (!b->leaving || !b->now || (b->slot.kind && !b->slot.wanted))
			continue;
		if (speakers_told(n, &host, NULL))
			binding_removed(n, b);
		else
			n->vips->hasty = true;
	}
}

void vip_hear(struct node *n, const struct route_event *e)
{
	switch (e->kind) {
	case ROUTE_NEIGHBOR_UP:
		n->vips->proving.routers_dirty = true;
		ways_router(n, e->interface, &e->neighbor, true);
		break;
	case ROUTE_NEIGHBOR_DOWN:
		n->vips->proving.routers_dirty = true;
		ways_router(n, e->interface, &e->neighbor, false);
		binding_review_all(n);
		break;
	case ROUTE_ACCEPTED:
	case ROUTE_UNACCEPTED:
		review_accepted(n, e);
		break;
	case ROUTE_ANNOUNCED:
		review_prefix(n, &e->prefix);
		break;
	case ROUTE_WITHDRAWN:
		review_withdrawn(n, e);
		break;
	case ROUTE_RIVAL:
	case ROUTE_RIVAL_SURE:
	case ROUTE_RIVAL_GONE:
		review_rival(n, e);
		break;
	case ROUTE_SPEAKS:
		source_changed(n);
		binding_review_all(n);
		break;
	case ROUTE_SOURCE_GONE:
		n->vips->proving.routers_dirty = true;
		binding_review_all(n);
		break;
	case ROUTE_SENDING:
		binding_review_all(n);
		break;
	case ROUTE_LINK:
		n->vips->proving.routers_dirty = true;
		claim_link(n, e->link);
		source_changed(n);
		break;
	case ROUTE_LINK_GONE:
		n->vips->proving.routers_dirty = true;
		claim_link_gone(n, e->link);
		source_changed(n);
		break;
	case ROUTE_ADDRESS:
		n->vips->proving.routers_dirty = true;
		if (binding_find(n, &e->prefix.address))
			node_note(n, EVENT_INTERFACE, e->link->interface.name,
				  "has %s too, which is a VIP here",
				  ADDRESS_TEXT(&e->prefix.address));
		break;
	}
}

const char *vip_has(const struct node *n, const struct prefix *p)
{
	if (prefix_is_host(p) && binding_find(n, &p->address))
		return "it is a VIP of ours";
	for (uint8_t length = p->length; length > 0; length--) {
		struct prefix outer = prefix_make(&p->address, length);

		if (network_find(n, &outer))
			return "it lies in a virtual network of ours";
	}
	return NULL;
}

bool vip_holds(const struct node *n, const struct address *a)
{
	const struct binding *b = binding_find(n, a);

	return b && b->slot.kind && b->slot.present;
}
