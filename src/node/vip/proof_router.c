/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Through whom VIPs are proven, and the places of the VIPs in what is known of each. Whatever
 * changes here marks the pairs that are to be tried; proving.c tries them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/vip/vip.h"

struct forwarded *forwarded_at(const struct proof_router *r, const struct binding *b)
{
	return b->place < r->n_proofs ? &r->proofs[b->place] : NULL;
}

struct proof_router *proof_router_after(const struct proving *p, const struct proof_router *r)
{
	const struct list *next = r ? r->link.next : p->routers.next;

	return next == &p->routers ? NULL : container_of(next, struct proof_router, link);
}

void proving_init(struct node *n)
{
	list_init(&n->vips->proving.routers);
	timer_init(&n->vips->proving.due, NODE_TIMER_PROVE);
}

/* The place of a VIP; the array of all grows with the first that has none. */
int proving_join(struct node *n, struct binding *b)
{
	struct proving *p = &n->vips->proving;
	size_t place = 0;

	if (p->n_free == 0) {
		size_t count = p->n_places + p->n_places / 32 + 8;
		struct binding **at = reallocarray(p->at, count, sizeof(*at));

		if (!at)
			return -ENOMEM;
		memset(at + p->n_places, 0, (count - p->n_places) * sizeof(*at));
		place = p->n_places;
		p->at = at;
		p->n_free = count - p->n_places;
		p->n_places = count;
	} else if (p->free_from < p->n_places) {
		place = p->free_from;
	}
	while (p->at[place])
		place++;
	p->at[place] = b;
	p->free_from = place + 1;
	p->n_free--;
	b->place = (uint32_t)place;
	return 0;
}

static void forwarded_clear(struct proof_router *r, struct forwarded *f)
{
	r->n_due -= f->due;
	r->n_waiting -= f->waits;
	r->n_again -= f->again;
	*f = (struct forwarded){ 0 };
}

/* Whoever answers for it later answers nobody. */
static void tries_forget(struct node *n, const struct proof_router *r, const struct binding *b)
{
	struct proving *p = &n->vips->proving;

	for (size_t k = 0; k < PROVING_OPEN_MAX; k++) {
		struct proving_try *t = &p->open[k];

		if (!t->router || !((r && t->router == r) || (b && t->binding == b)))
			continue;
		t->router->asking &= !t->control;
		t->router = NULL;
	}
	asked_gone(n, r, b);
}

void proving_leave(struct node *n, struct binding *b)
{
	struct proving *p = &n->vips->proving;

	if (b->place >= p->n_places || p->at[b->place] != b)
		return;
	tries_forget(n, NULL, b);
	list_each(link, &p->routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);
		struct forwarded *f = forwarded_at(r, b);

		if (f)
			forwarded_clear(r, f);
	}
	p->at[b->place] = NULL;
	p->n_free++;
	if (b->place < p->free_from)
		p->free_from = b->place;
}

/* Whoever it concerns is told by the caller. */
static void router_free(struct node *n, struct proof_router *r)
{
	tries_forget(n, r, NULL);
	for (size_t k = 0; k < ARRAY_LENGTH(n->vips->proving.rounds); k++)
		if (n->vips->proving.rounds[k].turn == r)
			n->vips->proving.rounds[k].turn = NULL;
	if (n->vips->proving.due_turn == r)
		n->vips->proving.due_turn = NULL;
	if (n->vips->proving.again_turn == r)
		n->vips->proving.again_turn = NULL;
	list_remove(&r->link);
	n->vips->proving.n_routers--;
	free(r->proofs);
	free(r);
}

void proof_routers_forget(struct node *n)
{
	n->vips->proving.gone = (struct instant){ 0 };
	list_each_safe(link, &n->vips->proving.routers)
		router_free(n, container_of(link, struct proof_router, link));
}

void proving_free(struct node *n)
{
	struct proving *p = &n->vips->proving;

	proof_routers_forget(n);
	free(p->at);
	p->at = NULL;
	p->n_places = p->n_free = 0;
}

bool proof_router_fits(const struct node *n, struct proof_router *r)
{
	size_t count = n->vips->proving.n_places;
	struct forwarded *f;

	if (r->n_proofs >= count)
		return true;
	f = reallocarray(r->proofs, count, sizeof(*f));
	if (!f)
		return false;
	memset(f + r->n_proofs, 0, (count - r->n_proofs) * sizeof(*f));
	r->proofs = f;
	r->n_proofs = count;
	return true;
}

static void forwarded_mark(struct node *n, struct proof_router *r, struct binding *b)
{
	struct forwarded *f;

	if (r->path.peer.family != b->address.family || !b->announced || !proof_router_fits(n, r))
		return;
	f = forwarded_at(r, b);
	r->n_due += !f->due;
	f->due = true;
}

static void router_mark_all(struct node *n, struct proof_router *r)
{
	list_each(link, &n->vips->bindings)
		forwarded_mark(n, r, container_of(link, struct binding, link));
}

void proving_changed(struct node *n, struct binding *b)
{
	if (!n->vips->proving.on)
		return;
	/* What is on its way still went by the routes of before. */
	if (!b->announced)
		tries_forget(n, NULL, b);
	list_each(link, &n->vips->proving.routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);
		struct forwarded *f = forwarded_at(r, b);

		if (!b->announced && f)
			forwarded_clear(r, f);
		forwarded_mark(n, r, b);
	}
}

/* Nothing is to be found out: it is proven, by the way that the router says. */
static bool is_no_news(const struct node *n, const struct proof_router *r, const struct binding *b)
{
	const struct forwarded *f = forwarded_at(r, b);

	return f && f->state == FORWARDING_PROVEN && forwarded_way(n, f) == r->path.interface;
}

void proving_heard(struct node *n, struct binding *b, uint32_t interface,
		   const struct address *router, bool accepts)
{
	list_each(link, &n->vips->proving.routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->path.interface == interface && address_equal(&r->path.peer, router) &&
		    !(accepts && is_no_news(n, r, b)))
			forwarded_mark(n, r, b);
	}
}

void proving_heard_all(struct node *n, bool accepts)
{
	list_each(link, &n->vips->proving.routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		list_each(at, &n->vips->bindings) {
			struct binding *b = container_of(at, struct binding, link);

			if (!(accepts && is_no_news(n, r, b)))
				forwarded_mark(n, r, b);
		}
	}
}

/* Which of our addresses is best for what. */
struct choice {
	uint32_t interface; /* where the router is */
	const struct address *router;
	bool sources;	    /* of packets; else of questions where the router is */
	unsigned worth;	    /* of the best one so far */
	struct address ret; /* that one; not set: there is none */
};

/*
 * A router forwards nothing from a link-local address (RFC 4291 2.5.6), so a packet's source may be
 * of another interface; but the router is asked where it is from its own network.
 */
static void choose(struct choice *c, const struct link *l, const struct link_address *a)
{
	struct prefix network = link_address_network(a);
	bool there = l->interface.index == c->interface;
	unsigned worth = 1 + !a->deprecated + (there ? 2u : 0u) +
			 (prefix_contains(&network, c->router) ? 4u : 0u);

	if (a->address.family != c->router->family || worth <= c->worth ||
	    (c->sources ? address_is_link_local(&a->address) : !there))
		return;
	c->worth = worth;
	c->ret = a->address;
}

static struct address choose_address(const struct node *n, uint32_t interface,
				     const struct address *router, bool sources)
{
	struct choice c = { .interface = interface, .router = router, .sources = sources };

	list_each(link, &n->routing->links) {
		const struct link *l = container_of(link, struct link, link);
		const struct address *borrowed = link_borrowed(l);

		for (size_t k = 0; l->interface.kind == INTERFACE_PHYSICAL && k < l->n_addresses;
		     k++)
			choose(&c, l, &l->addresses[k]);
		if (!sources && borrowed && l->interface.index == interface &&
		    borrowed->family == router->family)
			return *borrowed;
	}
	return c.ret;
}

void proving_watched(struct node *n)
{
	n->vips->proving.routers_dirty = true;
}

static struct proof_router *router_find(const struct node *n, uint32_t interface,
					const struct address *a)
{
	list_each(link, &n->vips->proving.routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->path.interface == interface && address_equal(&r->path.peer, a))
			return r;
	}
	return NULL;
}

static void router_want(struct node *n, uint32_t interface, const struct address *a,
			bool configured)
{
	struct proving *p = &n->vips->proving;
	struct proof_router *r = router_find(n, interface, a);
	struct path path = { interface, *a, choose_address(n, interface, a, false) };
	struct address source = choose_address(n, interface, a, true);
	bool is_new = !r;

	/* Without an address of ours there, it cannot be asked where it is. */
	if (!path_is_valid(&path))
		return;
	if (!r && p->n_routers < PROVING_ROUTERS_MAX && (r = calloc(1, sizeof(*r)))) {
		list_append(&p->routers, &r->link);
		p->n_routers++;
	}
	if (!r)
		return;
	r->wanted = true;
	r->configured = configured;
	r->quick = watch_echo_is_up(n, interface, a);
	r->returns |= r->quick;
	r->silent &= !r->quick;
	if (!is_new && address_equal(&r->source, &source) && path_equal(&r->path, &path))
		return;
	r->path = path;
	r->source = source;
	router_mark_all(n, r);
}

bool proof_routers_reconcile(struct node *n)
{
	struct proving *p = &n->vips->proving;
	struct speaker_walk at = { 0 };
	struct neighbor info;
	bool gone = false;

	p->routers_dirty = false;
	list_each(link, &p->routers)
		container_of(link, struct proof_router, link)->wanted = false;
	list_each(link, &n->routing->links) {
		const struct link *l = container_of(link, struct link, link);
		const struct interface_rule *rule = link_rule(n, l);

		for (size_t k = 0; rule && k < rule->n_routers; k++)
			if (l->interface.up && l->interface.carrier)
				router_want(n, l->interface.index, &rule->routers[k], true);
	}
	while (speakers_neighbor_next(n, &at, &info)) {
		const struct proof_router *r = router_find(n, info.interface, &info.address);

		/* Who speaks for itself alone forwards nothing. */
		if (info.up && !info.plain && !(r && r->wanted))
			router_want(n, info.interface, &info.address, false);
	}
	list_each_safe(link, &p->routers) {
		struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->wanted)
			continue;
		router_free(n, r);
		gone = true;
	}
	/* The others may bring by other ways now what they have brought by its interface. */
	if (gone) {
		proving_heard_all(n, false);
		p->gone = p->gone.ns ? p->gone : n->now;
	}
	return gone;
}
