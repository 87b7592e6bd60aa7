/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VIP that lies inside a physical network of ours, and the hosts there. Before it is bound they
 * are asked whether somebody has it; from then on it is claimed, which notices whoever else uses it
 * and, with `arp: answer`, tells them that it is here. proto/acd does the talking.
 *
 *	binding_start ──► claim_ask ── all networks clear ──► binding_go ──► claim_make
 *	                     └── a rival ──► refused, or told and bound, as `conflict` says
 *
 * An interface is watched (EFFECT_WATCH) only while there is a claim on it, so a host whose VIPs
 * lie in no physical network hears no frame at all.
 */
#include <stdlib.h>
#include <string.h>

#include "node/vip/vip.h"

/* A VIP that was refused is asked for again; who has it may have gone. */
#define CLAIM_AGAIN DURATION_S(10)

static bool link_contains(const struct link *l, const struct address *a)
{
	if (l->interface.kind != INTERFACE_PHYSICAL)
		return false;
	for (size_t k = 0; k < l->n_addresses; k++) {
		struct prefix network = link_address_network(&l->addresses[k]);

		if (prefix_contains(&network, a))
			return true;
	}
	return false;
}

static struct claim *claim_find(const struct binding *b, uint32_t interface)
{
	for (size_t k = 0; b->rare && k < b->rare->n_claims; k++)
		if (b->rare->claims[k].interface == interface)
			return &b->rare->claims[k];
	return NULL;
}

bool claim_is_asking(const struct binding *b)
{
	for (size_t k = 0; b->rare && k < b->rare->n_claims; k++)
		if (b->rare->claims[k].state == CLAIM_WAITING ||
		    b->rare->claims[k].state == CLAIM_ASKING)
			return true;
	return false;
}

static void hearing_ask(struct node *n, const struct want *w)
{
	const struct link *l = container_of(w, struct link, hearing);
	struct effect e = { .kind = EFFECT_WATCH };

	e.watch.interface = l->interface.index;
	e.watch.on = l->hearing.told;
	e.watch.all_multicast = l->hears_all;
	node_effect_put(n, &e);
}

/* Hears the interface, or no longer, as the claims on it want it. */
static void hearing_review(struct node *n, struct link *l)
{
	bool on = l->n_claims > 0, all = l->n_claims_ipv6 > 0;

	if (on == l->hearing.told && (!on || all == l->hears_all))
		return;
	if (!on)
		acd_link_remove(n->vips->acd, n->now, l->interface.index);
	l->hears_all = all;
	if (!l->hearing.ask)
		want_init(&l->hearing, hearing_ask);
	if (on != l->hearing.told)
		want_tell(n, &l->hearing, on);
	else
		want_ask(n, &l->hearing);
}

/* What acd is to know of the link. */
static void hearing_tell(struct node *n, const struct link *l)
{
	if (l->hearing.told)
		(void)acd_link(n->vips->acd, n->now, l->interface.index,
			       l->hearing.there && interface_is_usable(&l->interface),
			       l->interface.mac);
}

static struct claim *claim_open(struct node *n, struct binding *b, struct link *l)
{
	struct claim *c = claim_find(b, l->interface.index);

	if (c)
		return c;
	if (!binding_rare(b) || b->rare->n_claims == CLAIMS_MAX)
		return NULL;
	c = &b->rare->claims[b->rare->n_claims++];
	*c = (struct claim){ .interface = l->interface.index };
	l->n_claims++;
	l->n_claims_ipv6 += b->address.family == FAMILY_IPV6;
	hearing_review(n, l);
	return c;
}

static void claim_close(struct node *n, struct binding *b, struct claim *c)
{
	struct link *l = link_find(n, c->interface);

	acd_release(n->vips->acd, c->interface, &b->address);
	if (l) {
		l->n_claims--;
		l->n_claims_ipv6 -= b->address.family == FAMILY_IPV6;
		hearing_review(n, l);
	}
	rival_off_wire(n, b, c->interface);
	*c = b->rare->claims[--b->rare->n_claims];
}

void claim_release(struct node *n, struct binding *b)
{
	if (!b->rare)
		return;
	timer_stop(&n->timers, &b->rare->again);
	while (b->rare->n_claims > 0)
		claim_close(n, b, &b->rare->claims[0]);
}

static void claim_probe(struct node *n, const struct binding *b, struct claim *c)
{
	bool asks = acd_probe(n->vips->acd, n->now, c->interface, &b->address) == 0;

	c->state = asks ? CLAIM_ASKING : CLAIM_CLEAR;
}

/* A command is refused and nothing of it stays; what nobody waits for is tried again. */
static void claim_refused(struct node *n, struct binding *b)
{
	rival_explain(n, b);
	if (b->request) {
		binding_turn_away(n, b);
		return;
	}
	binding_step(n, b, VIP_OBJECTED, NULL);
	(void)timer_set(&n->timers, &b->rare->again, instant_add(n->now, CLAIM_AGAIN));
}

/* One network has answered; with the last one it is known whether the VIP may be bound. */
static void claim_verdict(struct node *n, struct binding *b)
{
	if (b->slot.kind || b->leaving)
		return;
	if (b->rare->wire.there && b->conflict == VIP_CONFLICT_REFUSE)
		claim_refused(n, b);
	else if (!claim_is_asking(b))
		binding_go(n, b);
}

bool claim_ask(struct node *n, struct binding *b)
{
	bool somewhere = false;

	list_each_entry(struct link, l, &n->routing->links, link) {
		struct claim *c;

		if (!link_contains(l, &b->address))
			continue;
		somewhere = true;
		if (!interface_is_usable(&l->interface))
			continue;
		c = claim_open(n, b, l);
		if (!c)
			continue;
		if (l->hearing.there)
			claim_probe(n, b, c);
		else
			c->state = want_waits(&l->hearing) ? CLAIM_WAITING : CLAIM_CLEAR;
	}
	if (claim_is_asking(b))
		return true;
	/* Nobody can be asked whether the rival is still there. */
	if (somewhere && b->rare && b->rare->wire.there && b->conflict == VIP_CONFLICT_REFUSE) {
		(void)timer_set(&n->timers, &b->rare->again, instant_add(n->now, CLAIM_AGAIN));
		return true;
	}
	return false;
}

void claim_again(struct node *n, struct binding *b)
{
	if (!b->slot.kind && !b->leaving && !claim_is_asking(b) && !claim_ask(n, b))
		binding_go(n, b);
}

static void claim_made(struct node *n, const struct binding *b, struct claim *c)
{
	c->state = CLAIM_MADE;
	(void)acd_claim(n->vips->acd, n->now, c->interface, &b->address, b->arp == VIP_ARP_ANSWER);
}

/* Closes what lies in a network that has gone, makes what is missing. */
static void claim_review(struct node *n, struct binding *b)
{
	for (size_t k = b->rare ? b->rare->n_claims : 0; k-- > 0;) {
		const struct link *l = link_find(n, b->rare->claims[k].interface);

		if (!l || !link_contains(l, &b->address))
			claim_close(n, b, &b->rare->claims[k]);
	}
	list_each_entry(struct link, l, &n->routing->links, link) {
		struct claim *c = link_contains(l, &b->address) ? claim_open(n, b, l) : NULL;

		if (c)
			claim_made(n, b, c);
	}
}

void claim_make(struct node *n, struct binding *b)
{
	/* What is held has passed the question, or is an earlier life's. */
	if (!b->leaving)
		claim_review(n, b);
}

/* Of an interface where nobody can be asked any more, no answer is waited for. */
static void claim_unanswered(struct node *n, const struct link *l)
{
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		struct claim *c = claim_find(b, l->interface.index);

		if (!c || c->state != CLAIM_WAITING)
			continue;
		c->state = CLAIM_CLEAR;
		claim_verdict(n, b);
	}
}

void claim_link(struct node *n, struct link *l)
{
	hearing_tell(n, l);
	if (!interface_is_usable(&l->interface) && want_waits(&l->hearing))
		claim_unanswered(n, l);
}

void claim_networks_changed(struct node *n)
{
	list_each_entry(struct binding, b, &n->vips->bindings, link)
		if (b->slot.kind && b->slot.wanted)
			claim_review(n, b);
}

void claim_link_gone(struct node *n, struct link *l)
{
	list_each_entry_safe(struct binding, b, &n->vips->bindings, link) {
		struct claim *c = claim_find(b, l->interface.index);
		bool asking = c && (c->state == CLAIM_WAITING || c->state == CLAIM_ASKING);

		if (c)
			claim_close(n, b, c);
		if (asking)
			claim_verdict(n, b);
	}
}

void claim_watching(struct node *n, const struct input *in)
{
	struct link *l = link_find(n, in->watching.interface);

	if (!l || !l->hearing.told)
		return;
	if (want_answered(n, &l->hearing, in->watching.ready, in->watching.error))
		node_note(n, EVENT_INTERFACE, l->interface.name,
			  "nobody can be asked who has a VIP: %s", in->watching.error);
	hearing_tell(n, l);
	if (!l->hearing.there) {
		claim_unanswered(n, l);
		return;
	}
	list_each_entry(struct binding, b, &n->vips->bindings, link) {
		struct claim *c = claim_find(b, l->interface.index);

		if (c && c->state == CLAIM_WAITING)
			claim_probe(n, b, c);
	}
}

static void claim_event(struct node *n, const struct acd_event *e)
{
	struct binding *b = binding_find(n, &e->address);
	struct claim *c = b ? claim_find(b, e->interface) : NULL;
	bool asked = c && c->state == CLAIM_ASKING;

	if (!c)
		return;
	if (asked)
		c->state = CLAIM_CLEAR;
	switch ((enum acd_event_kind)e->kind) {
	case ACD_EVENT_RIVAL:
		rival_on_wire(n, b, e, asked);
		break;
	case ACD_EVENT_CLEAR:
	case ACD_EVENT_RIVAL_GONE:
		rival_off_wire(n, b, e->interface);
		break;
	}
	if (asked)
		claim_verdict(n, b);
}

bool claim_pump(struct node *n)
{
	struct effect e = { .kind = EFFECT_FRAME };
	struct acd_event event;
	bool any = false;

	while (acd_output(n->vips->acd, n->now, &e.frame))
		node_effect_put(n, &e);
	while (acd_event(n->vips->acd, &event)) {
		claim_event(n, &event);
		any = true;
	}
	return any;
}
