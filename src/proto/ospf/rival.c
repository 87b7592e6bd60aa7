/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who else announces a prefix of ours: every router that is reached and whose LSAs claim it. It is
 * named by its router ID, and its interface is the one by which it goes to it.
 *
 * An LSA is somebody's word, and only its router can take it back: a forged one lives until the
 * router has heard of it and has said better (RFC 2328 13.4), which it may do once in
 * MinLSInterval. A rival is *sure* when it has stood for longer than that.
 *
 * Our own prefix can come back to us: as a summary, when we announce it in several areas and a
 * border router tells one of them about the other; or translated out of an NSSA (RFC 3101 3.2),
 * with our forwarding address. Neither is a rival.
 */
#include <stdlib.h>

#include "proto/ospf/routing.h"

#define RIVALS_MAX 20000 /* in all */
#define RIVAL_SURE_AFTER ((struct duration){ MIN_LS_INTERVAL.ns + DURATION_S(1).ns })

struct rival {
	struct hash_node node; /* spf.rivals */
	struct prefix prefix;
	uint32_t router, interface, metric;
	struct instant since;
	bool sure;
	bool met; /* by the review */
};

/* The next of the prefix; NULL starts and ends. */
static struct rival *rival_next(const struct ospf *o, const struct prefix *p,
				const struct rival *after)
{
	uint32_t hash = prefix_hash(o->spf->rivals.seed, p);
	struct hash_node *n =
		after ? hash_next(&after->node, hash) : hash_first(&o->spf->rivals, hash);

	for (; n; n = hash_next(n, hash)) {
		struct rival *r = container_of(n, struct rival, node);

		if (prefix_equal(&r->prefix, p))
			return r;
	}
	return NULL;
}

static bool is_one_area(const struct ospf *o)
{
	return o->areas.next == o->areas.prev;
}

static bool is_our_address(const struct ospf *o, const struct address *a)
{
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		for (size_t k = 0; k < i->n_sources; k++)
			if (address_equal(&i->sources[k].address, a))
				return true;
	return false;
}

static bool is_echo(const struct ospf *o, const struct lsa *l)
{
	struct lsa_destination d;

	if (l->header.key.router == o->router)
		return true;
	if (l->kind == LSA_INTER_PREFIX)
		return !is_one_area(o);
	return (l->kind == LSA_EXTERNAL || l->kind == LSA_NSSA) &&
	       lsa_destination_read(o->version, l->bytes, l->header.length, &d) &&
	       address_is_set(&d.forward) && is_our_address(o, &d.forward);
}

static bool is_sure(const struct ospf *o, struct instant since)
{
	return instant_reached(instant_add(since, RIVAL_SURE_AFTER), o->now);
}

/* Who makes that claim, if it is somebody else who is reached. */
static bool heard_of(const struct ospf *o, const struct claim *c, uint32_t *ret_router,
		     struct route_heard *ret)
{
	struct choice choice;

	if (is_echo(o, c->lsa))
		return false;
	choice = prefer_claim(&o->spf->preference, c);
	if (choice.kind == DESTINATION_NONE)
		return false;
	*ret_router = choice.router;
	*ret = (struct route_heard){
		.neighbor = address_ipv4(choice.router),
		.metric = choice.external_metric ? choice.external_metric : choice.cost,
		.sure = is_sure(o, c->lsa->installed),
	};
	if (hops_set(&o->spf->hops, choice.reach.hops)->n > 0)
		ret->interface = hops_hop(&o->spf->hops, choice.reach.hops, 0)->path.interface;
	return true;
}

static void tell(struct ospf *o, const struct rival *r, enum speaker_event_kind kind)
{
	event_tell(o, &(struct speaker_event){
			      .kind = (uint8_t)kind,
			      .interface = r->interface,
			      .metric = r->metric,
			      .neighbor = address_ipv4(r->router),
			      .prefix = r->prefix,
		      });
}

/* The LSA may have been there for long when the prefix becomes ours. */
static void rival_make(struct ospf *o, struct destination *d, uint32_t router,
		       const struct route_heard *heard, struct instant since)
{
	struct spf *s = o->spf;
	struct rival *r = s->rivals.count < RIVALS_MAX ? malloc(sizeof(*r)) : NULL;

	if (!r)
		return;
	*r = (struct rival){
		.prefix = d->prefix,
		.router = router,
		.interface = heard->interface,
		.metric = heard->metric,
		.since = since,
		.met = true,
	};
	if (hash_insert(&s->rivals, &r->node, prefix_hash(s->rivals.seed, &d->prefix)) < 0) {
		free(r);
		return;
	}
	d->rivals = true;
	tell(o, r, SPEAKER_EVENT_RIVAL);
	s->sure = instant_min(s->sure, instant_add(since, RIVAL_SURE_AFTER));
}

static void rival_meet(struct ospf *o, struct destination *d, uint32_t router,
		       const struct route_heard *heard, struct instant since)
{
	struct rival *r = rival_next(o, &d->prefix, NULL);

	while (r && r->router != router)
		r = rival_next(o, &d->prefix, r);
	if (!r) {
		rival_make(o, d, router, heard, since);
		return;
	}
	/* It may claim the prefix twice: by the better one. */
	if (r->met && r->metric <= heard->metric)
		return;
	r->met = true;
	r->interface = heard->interface;
	if (r->metric == heard->metric)
		return;
	r->metric = heard->metric;
	tell(o, r, SPEAKER_EVENT_RIVAL);
}

/* Those that the review has not met are none any more. */
static void rivals_end(struct ospf *o, struct destination *d)
{
	struct rival *next;

	d->rivals = false;
	for (struct rival *r = rival_next(o, &d->prefix, NULL); r; r = next) {
		next = rival_next(o, &d->prefix, r);
		d->rivals |= r->met;
		if (r->met)
			continue;
		tell(o, r, SPEAKER_EVENT_RIVAL_GONE);
		hash_remove(&o->spf->rivals, &r->node);
		free(r);
	}
}

static bool is_announced(const struct ospf *o, const struct prefix *p)
{
	uint32_t hash = prefix_hash(o->prefixes.seed, p);

	for (struct hash_node *n = hash_first(&o->prefixes, hash); n; n = hash_next(n, hash))
		if (prefix_equal(&container_of(n, struct route_own, node)->prefix, p))
			return true;
	return false;
}

void ospf_rival_review(struct ospf *o, struct destination *d)
{
	if (!d->ours_known)
		d->ours = is_announced(o, &d->prefix);
	d->ours_known = true;
	if (!d->ours && !d->rivals)
		return;
	for (struct rival *r = NULL; (r = rival_next(o, &d->prefix, r));)
		r->met = false;
	for (const struct claim *c = d->ours && d->claims.lsa ? &d->claims : NULL; c; c = c->next) {
		struct route_heard heard;
		uint32_t router;

		if (heard_of(o, c, &router, &heard))
			rival_meet(o, d, router, &heard, c->lsa->installed);
	}
	if (d->rivals)
		rivals_end(o, d);
}

void rival_sure(struct ospf *o)
{
	struct spf *s = o->spf;

	s->sure = INSTANT_NEVER;
	for (struct hash_node *n = NULL; (n = hash_walk(&s->rivals, n));) {
		struct rival *r = container_of(n, struct rival, node);

		if (r->sure)
			continue;
		r->sure = is_sure(o, r->since);
		if (r->sure)
			tell(o, r, SPEAKER_EVENT_RIVAL_SURE);
		else
			s->sure = instant_min(s->sure, instant_add(r->since, RIVAL_SURE_AFTER));
	}
}

void rival_drop(struct ospf *o)
{
	struct hash_node *n;

	while ((n = hash_walk(&o->spf->rivals, NULL))) {
		hash_remove(&o->spf->rivals, n);
		free(container_of(n, struct rival, node));
	}
	hash_done(&o->spf->rivals);
}

void rival_own_changed(struct ospf *o, const struct prefix *p)
{
	struct destination *d = o->spf ? table_find(&o->spf->table, p) : NULL;

	if (!d)
		return;
	d->ours_known = false;
	ospf_rival_review(o, d);
	learn_changed(o, d);
	table_release(&o->spf->table, d);
	spf_set_timer(o);
}

bool ospf_heard(const struct ospf *o, struct instant now, const struct prefix *p,
		struct route_heard *ret)
{
	const struct destination *d = table_find(&o->spf->table, p);
	bool found = false;

	(void)now;
	for (const struct claim *c = d && d->claims.lsa ? &d->claims : NULL; c; c = c->next) {
		struct route_heard heard;
		uint32_t router;

		if (!heard_of(o, c, &router, &heard) || (found && ret->metric <= heard.metric))
			continue;
		*ret = heard;
		found = true;
	}
	return found;
}

static struct route_heard rival_heard_as(const struct rival *r)
{
	return (struct route_heard){ r->interface, address_ipv4(r->router), r->metric, r->sure };
}

struct instant rival_last(const struct ospf *o, const struct prefix *p)
{
	struct instant last = INSTANT_NEVER;

	for (const struct rival *r = NULL; (r = rival_next(o, p, r));)
		if (instant_is_never(last) || instant_before(last, r->since))
			last = r->since;
	return last;
}

/* One that is sure before hearsay; then the one with the better metric. */
static bool rival_is_before(const struct rival *a, const struct rival *b)
{
	return a->sure != b->sure ? a->sure : a->metric < b->metric;
}

bool ospf_rival(const struct ospf *o, const struct prefix *p, struct route_heard *ret)
{
	const struct rival *best = NULL;

	for (const struct rival *r = NULL; (r = rival_next(o, p, r));)
		if (!best || rival_is_before(r, best))
			best = r;
	if (best)
		*ret = rival_heard_as(best);
	return best;
}

/* A position is a slice of the table, and which of those in it. */
#define POSITION_BITS 20

bool ospf_rival_next(const struct ospf *o, size_t *position, struct prefix *ret_prefix,
		     struct route_heard *ret)
{
	size_t skip = *position & ((1u << POSITION_BITS) - 1), at = 0;

	for (uint32_t slice = (uint32_t)(*position >> POSITION_BITS); slice < HASH_SLICES;
	     slice++, skip = at = 0)
		for (struct hash_node *n = NULL;
		     (n = hash_slice_next(&o->spf->rivals, slice, n));) {
			const struct rival *r = container_of(n, struct rival, node);

			if (at++ < skip)
				continue;
			*position = ((size_t)slice << POSITION_BITS) + at;
			*ret_prefix = r->prefix;
			*ret = rival_heard_as(r);
			return true;
		}
	return false;
}
