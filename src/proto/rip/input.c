/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives: who may say something, and what it means (RFC 2453 3.9). */
#include <string.h>

#include "proto/rip/instance.h"

#define HOP_LIMIT_OF_A_NEIGHBOR 255

static bool share_a_network(const struct rip_interface *a, const struct rip_interface *b)
{
	for (size_t k = 0; k < a->n_networks; k++)
		for (size_t l = 0; l < b->n_networks; l++)
			if (prefix_equal(&a->networks[k], &b->networks[l]))
				return true;
	return false;
}

/*
 * Two of our interfaces may be on one wire, so our own packet may come by another one. But a
 * link-local address is one host's on its own link only: a router here may well be fe80::1 as we
 * are elsewhere.
 */
static bool is_our_own(const struct rip *r, const struct rip_interface *heard,
		       const struct address *source)
{
	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		/* An address that was ours may be another's soon. */
		if (!address_equal(&i->state.address, source) || (i->departed && !i->state.usable))
			continue;
		if (i == heard || !address_is_link_local(source) || share_a_network(i, heard))
			return true;
	}
	return false;
}

/* RFC 2453 3.9.1: a single entry with family 0 and metric 16 asks for everything. */
static void input_request(struct rip *r, struct instant now, struct rip_interface *i,
			  const struct packet *d, const struct rip_packet *p)
{
	if (!interface_speaks(i) || p->n_entries == 0)
		return;
	answer_asked(r, now, i, &d->source, d->source_port, p);
}

/* What may be said of whoever says this. */
static enum rip_worth entry_worth(const struct rip *r, const struct rip_interface *i,
				  const struct prefix *p, const struct rip_entry *e)
{
	/* Poison for ours is what a router says that routes to it. */
	if (e->metric == RIP_INFINITY)
		return route_find(r, p) ? RIP_WORTH_ROUTES : RIP_WORTH_PLAIN;
	if (!prefix_is_host(p))
		return RIP_WORTH_ROUTES;
	return lesson_is_wanted(i, p) ? RIP_WORTH_TEACHES : RIP_WORTH_PLAIN;
}

/* The same of whoever sends the packet, which is good unless it is to be dropped. */
static enum rip_worth packet_worth(const struct rip *r, const struct rip_interface *i,
				   const struct rip_packet *p, enum rip_drop drop)
{
	enum rip_worth worth = RIP_WORTH_PLAIN;
	struct prefix prefix;

	if (drop != RIP_DROP_NOTHING)
		return RIP_WORTH_NOTHING;
	for (size_t k = 0; p->command == RIP_RESPONSE && k < p->n_entries; k++) {
		const struct rip_entry *e = &p->entries[k];
		enum rip_worth one;

		if (rip_entry_is_next_hop(p, e) ||
		    rip_entry_prefix(p, e, &i->network, &prefix) != RIP_DROP_NOTHING)
			continue;
		one = entry_worth(r, i, &prefix, e);
		worth = one > worth ? one : worth;
	}
	return worth;
}

/* A neighbour says something about a prefix of ours. */
static void input_about_ours(struct rip *r, struct instant now, struct rip_neighbor *n,
			     struct rip_route *t, const struct rip_entry *e, bool by_us)
{
	if (e->metric == RIP_INFINITY) {
		rival_forget(r, now, &t->prefix, n);
		proof_shown(r, now, n, t);
		return;
	}
	/* RFC 2453 4.4: it names us as the next hop, and keeps no split horizon. */
	if (by_us) {
		proof_shown(r, now, n, t);
		return;
	}
	proof_denied(r, now, n, t, e->metric);
	if (t->withdrawn)
		return;
	if (rival_is_foreign(r, t, e->tag, (uint8_t)e->metric))
		rival_heard(r, now, n, &t->prefix, (uint8_t)e->metric, false);
	else
		rival_forget(r, now, &t->prefix, n);
}

static void input_response(struct rip *r, struct instant now, struct rip_neighbor *n,
			   const struct rip_packet *p)
{
	struct address named = { 0 };

	update_heard(r, now, n);
	for (size_t k = 0; k < p->n_entries; k++) {
		const struct rip_entry *e = &p->entries[k];
		enum rip_drop drop;
		struct address next_hop;
		struct rip_route *t;
		struct prefix prefix;

		/* RFC 2080 2.1.1: it counts until the next one. */
		if (rip_entry_is_next_hop(p, e)) {
			named = e->address;
			continue;
		}
		drop = rip_entry_prefix(p, e, &n->interface->network, &prefix);
		if (drop != RIP_DROP_NOTHING) {
			n->drops[drop]++;
			continue;
		}
		n->routes++;
		n->routes_networks |= entry_worth(r, n->interface, &prefix, e) == RIP_WORTH_ROUTES;
		next_hop = learn_next_hop(n, p->family == FAMILY_IPV6 ? &named : &e->next_hop);
		heard_note(r, now, n, &prefix, e, &next_hop);
		t = route_find(r, &prefix);
		if (t)
			input_about_ours(r, now, n, t, e, !address_is_set(&next_hop));
	}
}

/* Whether the interface believes a packet of this version. */
static bool version_is_spoken(const struct rip_interface *i, uint8_t version)
{
	if (i->family == FAMILY_IPV6)
		return true;
	switch (i->settings.version) {
	case RIP_VERSION_1:
		return version == 1;
	case RIP_VERSION_2:
		return version == 2;
	default:
		return true;
	}
}

/* Everything that can be held against a packet before its contents count. */
static enum rip_drop input_check(const struct rip *r, struct instant now,
				 const struct rip_interface *i, const struct packet *d,
				 struct rip_packet *ret)
{
	enum rip_drop drop;

	/* RFC 2453 3.9.2: the datagram must come from a directly connected network. */
	if (!interface_is_host(i, &d->source))
		return RIP_DROP_OFF_LINK;
	drop = key_check(r, now, i, d);
	if (drop != RIP_DROP_NOTHING)
		return drop;
	drop = rip_packet_decode(r->family, d->bytes, d->length, ret);
	if (drop != RIP_DROP_NOTHING)
		return drop;
	if (!version_is_spoken(i, ret->version))
		return RIP_DROP_VERSION;
	/* RFC 2453 3.9.2: a response not from the RIP port is ignored. */
	if (ret->command == RIP_RESPONSE && d->source_port != rip_port(r->family))
		return RIP_DROP_SOURCE_PORT;
	/*
	 * RFC 2080 2.4.2: nor is one believed that may come from afar. It asks that of multicast
	 * alone, and FRR answers a question with 64 hops.
	 */
	if (r->family == FAMILY_IPV6 && ret->command == RIP_RESPONSE &&
	    address_is_multicast(&d->destination) && d->hop_limit != HOP_LIMIT_OF_A_NEIGHBOR)
		return RIP_DROP_HOP_LIMIT;
	return RIP_DROP_NOTHING;
}

/*
 * A response to us alone. Routers speak to all, unless they are asked or told to speak to us; and a
 * packet to us alone may come from anywhere, whatever its source says: a router hands it on. So
 * nobody is a neighbour for one whom we have neither named nor asked.
 */
static bool is_unasked(const struct rip_interface *i, struct instant now, const struct packet *d,
		       const struct rip_packet *p)
{
	struct rip_neighbor *n;

	/* Who has the key is who he says. */
	if (p->command != RIP_RESPONSE || d->auth >= AUTH_MD5)
		return false;
	n = neighbor_find(i, &d->source);
	if (d->socket == RIP_SOCKET_QUERY)
		return !n || !proof_is_awaited(n, now);
	if (interface_is_for_all(i, &d->destination) || neighbor_is_named(i, &d->source))
		return false;
	return n ? !proof_is_asked_for(n, now) : !interface_has_requested(i, now);
}

/* A question is answered whoever asks; but only who speaks RIP to all, or is named, is a router. */
static bool is_only_asking(const struct rip_interface *i, const struct packet *d,
			   const struct rip_packet *p)
{
	return p->command == RIP_REQUEST &&
	       (d->source_port != rip_port((enum family)i->family) ||
		(!interface_is_for_all(i, &d->destination) && !neighbor_is_named(i, &d->source) &&
		 !neighbor_find(i, &d->source)));
}

void rip_input(struct rip *r, struct instant now, const struct packet *d)
{
	struct rip_interface *any = interface_find(r, d->interface);
	struct rip_interface *i = any ? interface_toward(any, &d->source) : NULL;
	struct rip_neighbor *n;
	struct rip_packet p;
	enum rip_drop drop;
	bool repeats = false;

	if (!i || !i->state.usable || i->leaving)
		return;
	if (is_our_own(r, i, &d->source)) {
		i->drops[RIP_DROP_OWN]++;
		return;
	}
	drop = input_check(r, now, i, d, &p);
	if (drop == RIP_DROP_NOTHING && is_only_asking(i, d, &p)) {
		input_request(r, now, i, d, &p);
		return;
	}
	if (drop == RIP_DROP_NOTHING && is_unasked(i, now, d, &p)) {
		i->drops[RIP_DROP_UNASKED]++;
		return;
	}
	n = neighbor_get(r, now, i, &d->source, packet_worth(r, i, &p, drop));
	if (!n) {
		neighbor_turned_away(r, now, i, &d->source);
		return;
	}
	if (drop == RIP_DROP_NOTHING)
		drop = sequence_check(r, now, n, d, &repeats);
	if (drop != RIP_DROP_NOTHING) {
		n->drops[drop] += !repeats;
		return;
	}
	neighbor_heard(r, now, n, p.version);
	if (p.command == RIP_REQUEST)
		input_request(r, now, i, d, &p);
	else if (d->socket == RIP_SOCKET_QUERY)
		proof_answer(r, now, n, &p);
	else
		input_response(r, now, n, &p);
}
