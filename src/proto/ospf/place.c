/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which LSAs a prefix of ours stands.
 *
 *	             v2                          v3
 *	stub         a link of the router-LSA    in an intra-area-prefix-LSA, one of several
 *	external     an LSA of its own, of the AS; in a stub area: stub, in an NSSA: as there
 *	nssa         an LSA of its own, in each NSSA, and one of them as stub too (the anchor);
 *	             elsewhere: external
 *	auto         stub while a packet holds   stub
 *	             the router-LSA, else nssa
 *
 * When that changes, a prefix stands in both places until all neighbours have acknowledged the new
 * one: nobody is without it for a moment.
 */
#include <errno.h>
#include <stdlib.h>

#include "proto/ospf/own.h"

#define ROUTER_BYTES 1400   /* that a packet holds on any path, of a router-LSA or of prefixes */
#define ROUTER_LINKS_BACK 2 /* with so many times less they are stub links again */
#define V2_LINK_BYTES 12
#define V2_STUBS_MAX 5000 /* that an LSA can have beside our links */
#define PREFIXES_BYTES (ROUTER_BYTES - LSA_HEADER_BYTES - 12)
#define ID_TRIALS 16

static enum ospf_vips form_in(const struct ospf *o, const struct area *a)
{
	enum ospf_vips form = (enum ospf_vips)o->settings.vips;

	if (a->kind == OSPF_AREA_STUB)
		return OSPF_VIPS_STUB;
	if (form == OSPF_VIPS_AUTO)
		form = o->large ? OSPF_VIPS_NSSA : OSPF_VIPS_STUB;
	if (form == OSPF_VIPS_STUB)
		return form;
	return a->kind == OSPF_AREA_NSSA ? OSPF_VIPS_NSSA : OSPF_VIPS_EXTERNAL;
}

static bool is_alive(const struct area *a)
{
	return a->router && a->router->wanted;
}

/*
 * RFC 3101 2.3: LSAs of type 7 say by which address of ours, inside of the NSSA, we are reached.
 * That of a NIC would fail with it, and all of them had to be said anew. So one of our prefixes
 * stands there as a stub too, and is what the others lead to: then it is the router-LSA alone that
 * changes.
 */
static void anchor_set(struct ospf *o, struct area *a, struct route_own *r)
{
	a->anchor = r;
	for (struct hash_node *n = NULL; (n = hash_walk(&o->own, n));) {
		struct own *w = container_of(n, struct own, node);

		if (w->of == &a->database && lsa_kind(o->version, &w->key) == LSA_NSSA)
			own_changed(o, w);
	}
}

static bool may_anchor(const struct route_own *r)
{
	return !r->leaving && prefix_is_host(&r->prefix);
}

static struct route_own *anchor_find(const struct ospf *o)
{
	for (struct hash_node *n = NULL; (n = hash_walk(&o->prefixes, n));) {
		struct route_own *r = container_of(n, struct route_own, node);

		if (may_anchor(r))
			return r;
	}
	return NULL;
}

/* `r` has come, or goes. The one that is to be the anchor now, and is to be looked at; or NULL. */
static struct route_own *anchor_review(struct ospf *o, struct area *a, struct route_own *r)
{
	bool wanted = is_alive(a) && form_in(o, a) == OSPF_VIPS_NSSA;

	if (wanted && a->anchor == r && !may_anchor(r)) {
		anchor_set(o, a, anchor_find(o));
		return a->anchor;
	}
	if (wanted && !a->anchor && may_anchor(r))
		anchor_set(o, a, r);
	else if (!wanted)
		a->anchor = NULL;
	return NULL;
}

/* The prefix is to stand there. */
static bool is_right(const struct ospf *o, const struct carriage *c)
{
	enum lsa_kind kind = lsa_kind(o->version, &c->own->key);

	if (c->prefix->leaving)
		return false;
	list_each_entry(const struct area, a, &o->areas, link) {
		enum ospf_vips form = form_in(o, a);

		if (!is_alive(a))
			continue;
		if (kind == LSA_EXTERNAL && form == OSPF_VIPS_EXTERNAL)
			return true;
		if (c->own->of != &a->database)
			continue;
		if (form == (kind == LSA_NSSA ? OSPF_VIPS_NSSA : OSPF_VIPS_STUB) ||
		    a->anchor == c->prefix)
			return true;
	}
	return false;
}

static bool has_live(const struct own *w)
{
	list_each_entry(const struct carriage, c, &w->carriages, of_own)
		if (!c->leaving)
			return true;
	return false;
}

/* NULL: it is none of an area, or the area has gone. */
static struct area *area_of(const struct ospf *o, const struct own *w)
{
	list_each_entry(struct area, a, &o->areas, link)
		if (&a->database == w->of)
			return a;
	return NULL;
}

void carriage_free(struct ospf *o, struct carriage *c)
{
	struct own *w = c->own;

	if (lsa_kind(o->version, &w->key) == LSA_INTRA_PREFIX) {
		struct area *a = area_of(o, w);

		w->prefix_bytes -= (uint32_t)lsa_prefix_bytes(&c->prefix->prefix);
		if (a && list_empty(&w->room))
			list_append(&a->room, &w->room);
	}
	list_remove(&c->of_own);
	list_remove(&c->of_prefix);
	free(c);
}

void carriage_touch(struct ospf *o, struct carriage *c)
{
	list_remove(&c->of_own);
	list_append(&c->own->carriages, &c->of_own);
	c->serial = CARRIAGE_WAITS;
	own_changed(o, c->own);
}

/* It is taken out: who has heard of it has to hear that. */
static void carriage_leave(struct ospf *o, struct carriage *c)
{
	struct own *w = c->own;

	if (c->said) {
		c->leaving = true;
		carriage_touch(o, c);
	} else {
		carriage_free(o, c);
	}
	if (!has_live(w) && lsa_kind(o->version, &w->key) != LSA_ROUTER)
		own_unwant(o, w);
}

static int carriage_put(struct ospf *o, struct route_own *r, struct own *w)
{
	struct carriage *c;

	list_each_entry(struct carriage, each, &r->carriages, of_prefix) {
		if (each->own != w)
			continue;
		if (!each->leaving)
			return 0;
		each->leaving = r->told = false;
		carriage_touch(o, each);
		return 0;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->own = w;
	c->prefix = r;
	r->told = false;
	list_init(&c->of_own);
	list_append(&r->carriages, &c->of_prefix);
	w->prefix_bytes += (uint32_t)lsa_prefix_bytes(&r->prefix);
	carriage_touch(o, c);
	return 0;
}

/* An intra-area-prefix-LSA of the area with room for it: each keeps the prefixes that it has. */
static int prefixes_own(struct ospf *o, struct area *a, const struct route_own *r, struct own **ret)
{
	struct lsa_key k = { .type = lsa_type(o->version, LSA_INTRA_PREFIX), .router = o->router };

	list_each_entry(const struct carriage, c, &r->carriages, of_prefix)
		if (c->own->of == &a->database && c->own->key.type == k.type)
			return own_want(o, &a->database, &c->own->key, ret);
	list_each_entry_safe(struct own, w, &a->room, room) {
		if (w->prefix_bytes + lsa_prefix_bytes(&r->prefix) <= PREFIXES_BYTES)
			return own_want(o, &a->database, &w->key, ret);
		list_remove(&w->room);
	}
	while (own_find(o, &a->database, &k))
		k.id++;
	if (own_want(o, &a->database, &k, ret) < 0)
		return -ENOMEM;
	list_append(&a->room, &(*ret)->room);
	return 0;
}

/* Another prefix has that Link State ID. */
static struct route_own *id_holder(const struct ospf *o, const struct route_own *r, uint32_t id)
{
	struct lsa_key k = { .id = id, .router = o->router };
	const struct own *w;

	k.type = lsa_type(o->version, LSA_EXTERNAL);
	w = own_find(o, &o->as, &k);
	k.type = lsa_type(o->version, LSA_NSSA);
	list_each_entry(const struct area, a, &o->areas, link)
		if (!w || !has_live(w))
			w = own_find(o, &a->database, &k);
	if (!w)
		return NULL;
	list_each_entry(const struct carriage, c, &w->carriages, of_own)
		if (!c->leaving && c->prefix != r)
			return c->prefix;
	return NULL;
}

/*
 * RFC 2328 E: the address, or another one in the network when a network with the same address but
 * another length has it. False: all that were tried are taken, the last one by *ret_other.
 */
static bool id_take(const struct ospf *o, struct route_own *r, const struct route_own *but,
		    struct route_own **ret_other)
{
	uint32_t first = address_ipv4_number(&r->prefix.address);
	uint32_t hosts = ~prefix_ipv4_mask(r->prefix.length);

	for (uint32_t k = 0; k <= hosts && k < ID_TRIALS; k++) {
		r->id = k == 0 ? first : first | (hosts - (k - 1));
		*ret_other = id_holder(o, r, r->id);
		if (!*ret_other && (!but || r->id != but->id))
			return true;
	}
	return false;
}

static void id_choose(struct ospf *o, struct route_own *r)
{
	struct route_own *other = NULL, *third;

	if (r->has_id)
		return;
	r->has_id = true;
	if (o->version == OSPF_V3) {
		/* It means nothing, and is the same in each life: so no LSA of ours becomes the one
		   of another prefix, which routers would lose for a moment. */
		r->id = prefix_hash(0, &r->prefix);
		while (id_holder(o, r, r->id))
			r->id++;
		return;
	}
	if (id_take(o, r, NULL, &other) || !other)
		return;
	/* A host has but one: whose it is moves on, with all that it has. */
	list_each_entry_safe(struct carriage, c, &other->carriages, of_prefix)
		if (c->own->key.id == r->id && lsa_kind(o->version, &c->own->key) != LSA_ROUTER)
			carriage_leave(o, c);
	(void)id_take(o, other, r, &third);
	(void)place_review(o, other, NULL);
}

static int place_alone(struct ospf *o, struct route_own *r, struct database *d, enum lsa_kind kind)
{
	struct lsa_key k = { .type = lsa_type(o->version, kind), .router = o->router };
	struct own *w;

	id_choose(o, r);
	k.id = r->id;
	return own_want(o, d, &k, &w) < 0 ? -ENOMEM : carriage_put(o, r, w);
}

static int place_stub(struct ospf *o, struct route_own *r, struct area *a)
{
	struct own *w = a->router;

	if (o->version == OSPF_V3 && prefixes_own(o, a, r, &w) < 0)
		return -ENOMEM;
	return carriage_put(o, r, w);
}

static int place_put(struct ospf *o, struct route_own *r)
{
	bool external = false;
	int error = 0;

	list_each_entry(struct area, a, &o->areas, link) {
		enum ospf_vips form = form_in(o, a);

		if (!is_alive(a))
			continue;
		if (form == OSPF_VIPS_STUB || a->anchor == r)
			error |= place_stub(o, r, a);
		if (form == OSPF_VIPS_NSSA)
			error |= place_alone(o, r, &a->database, LSA_NSSA);
		else if (form == OSPF_VIPS_EXTERNAL)
			external = true;
	}
	if (external)
		error |= place_alone(o, r, &o->as, LSA_EXTERNAL);
	return error ? -ENOMEM : 0;
}

/* All have it where it is to stand. */
static bool is_settled(const struct ospf *o, const struct route_own *r,
		       const struct retransmission *but)
{
	list_each_entry(const struct carriage, c, &r->carriages, of_prefix)
		if (is_right(o, c) && !announce_is_known(c, but))
			return false;
	return true;
}

static void place_clear(struct ospf *o, struct route_own *r, bool settled)
{
	r->moving = false;
	list_each_entry_safe(struct carriage, c, &r->carriages, of_prefix) {
		if (c->leaving || is_right(o, c))
			continue;
		if (settled || !c->said)
			carriage_leave(o, c);
		else
			r->moving = true;
	}
	if (r->moving)
		announce_settle(o, r);
	else if (!r->leaving)
		timer_stop(&o->timers, &r->settle);
}

int place_review(struct ospf *o, struct route_own *r, const struct retransmission *but)
{
	int error = 0;

	list_each_entry(struct area, a, &o->areas, link) {
		struct route_own *anchor = anchor_review(o, a, r);

		/* It is none of those that leave, so that goes no deeper. */
		if (anchor)
			error |= place_review(o, anchor, NULL);
	}
	if (!r->leaving && o->router != 0)
		error |= place_put(o, r);
	place_clear(o, r, error == 0 && (r->leaving || is_settled(o, r, but)));
	return error;
}

void place_force(struct ospf *o, struct route_own *r)
{
	place_clear(o, r, true);
}

void place_all(struct ospf *o)
{
	/* LSAs come and go, but no prefixes. */
	for (const struct hash_node *n = NULL; (n = hash_walk(&o->prefixes, n));) {
		struct route_own *r = container_of(n, struct route_own, node);

		if (!r->leaving)
			(void)place_review(o, r, NULL);
	}
}

/* Stub links that fit beside our own ones. */
static size_t stubs_fit(const struct ospf *o)
{
	size_t links = 0, all = (ROUTER_BYTES - LSA_HEADER_BYTES - 4) / V2_LINK_BYTES;

	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		links += 1 + i->n_full * (i->settings.is.network == OSPF_POINT_TO_MULTIPOINT);
	return links < all ? all - links : 0;
}

bool place_size(struct ospf *o, size_t count)
{
	size_t fit = stubs_fit(o);
	bool large =
		o->version == OSPF_V2 && (o->large ? count > fit / ROUTER_LINKS_BACK : count > fit);
	bool changed = large != o->large;

	o->large = large;
	return changed && o->settings.vips == OSPF_VIPS_AUTO;
}

bool place_has_room(const struct ospf *o)
{
	if (o->version == OSPF_V3 || o->prefixes.count < V2_STUBS_MAX)
		return true;
	list_each_entry(const struct area, a, &o->areas, link)
		if (form_in(o, a) == OSPF_VIPS_STUB)
			return false;
	return true;
}
