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
	struct rival *next; /* of the same destination */
	uint32_t router, interface, metric;
	struct instant since;
	bool sure;
	bool met; /* by the review */
};

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

static void tell(struct ospf *o, const struct destination *d, const struct rival *r,
		 enum speaker_event_kind kind)
{
	event_tell(o, &(struct speaker_event){
			      .kind = (uint8_t)kind,
			      .interface = r->interface,
			      .metric = r->metric,
			      .neighbor = address_ipv4(r->router),
			      .prefix = d->prefix,
		      });
}

/* The LSA may have been there for long when the prefix becomes ours. */
static void rival_make(struct ospf *o, struct destination *d, uint32_t router,
		       const struct route_heard *heard, struct instant since)
{
	struct rival *r = o->spf->n_rivals < RIVALS_MAX ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return;
	*r = (struct rival){
		.next = d->rivals,
		.router = router,
		.interface = heard->interface,
		.metric = heard->metric,
		.since = since,
		.met = true,
	};
	d->rivals = r;
	o->spf->n_rivals++;
	tell(o, d, r, SPEAKER_EVENT_RIVAL);
	o->spf->sure = instant_min(o->spf->sure, instant_add(since, RIVAL_SURE_AFTER));
}

static void rival_meet(struct ospf *o, struct destination *d, uint32_t router,
		       const struct route_heard *heard, struct instant since)
{
	struct rival *r = d->rivals;

	while (r && r->router != router)
		r = r->next;
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
	tell(o, d, r, SPEAKER_EVENT_RIVAL);
}

static bool is_announced(const struct ospf *o, const struct prefix *p)
{
	uint32_t hash = prefix_hash(o->prefixes.seed, p);

	for (struct hash_node *n = hash_first(&o->prefixes, hash); n; n = hash_next(n, hash))
		if (prefix_equal(&container_of(n, struct route_own, node)->prefix, p))
			return true;
	return false;
}

void rival_review(struct ospf *o, struct destination *d)
{
	if (!d->ours_known)
		d->ours = is_announced(o, &d->prefix);
	d->ours_known = true;
	if (!d->ours && !d->rivals)
		return;
	for (struct rival *r = d->rivals; r; r = r->next)
		r->met = false;
	for (const struct claim *c = d->ours && d->claims.lsa ? &d->claims : NULL; c; c = c->next) {
		struct route_heard heard;
		uint32_t router;

		if (heard_of(o, c, &router, &heard))
			rival_meet(o, d, router, &heard, c->lsa->installed);
	}
	for (struct rival **at = &d->rivals, *r; (r = *at);) {
		if (r->met) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		tell(o, d, r, SPEAKER_EVENT_RIVAL_GONE);
		o->spf->n_rivals--;
		free(r);
	}
}

void rival_sure(struct ospf *o)
{
	struct spf *s = o->spf;

	s->sure = INSTANT_NEVER;
	for (size_t k = 0; k < s->table.n; k++)
		for (struct rival *r = s->table.all[k]->rivals; r; r = r->next) {
			if (r->sure)
				continue;
			if (!is_sure(o, r->since)) {
				s->sure = instant_min(s->sure,
						      instant_add(r->since, RIVAL_SURE_AFTER));
				continue;
			}
			r->sure = true;
			tell(o, s->table.all[k], r, SPEAKER_EVENT_RIVAL_SURE);
		}
}

void rival_drop(struct ospf *o)
{
	for (size_t k = 0; k < o->spf->table.n; k++)
		for (struct rival *r = o->spf->table.all[k]->rivals, *next; r; r = next) {
			next = r->next;
			free(r);
		}
}

void rival_own_changed(struct ospf *o, const struct prefix *p)
{
	struct destination *d = o->spf ? table_find(&o->spf->table, p) : NULL;

	if (!d)
		return;
	d->ours_known = false;
	rival_review(o, d);
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

/* One that is sure before hearsay; then the one with the better metric. */
static bool rival_is_before(const struct rival *a, const struct rival *b)
{
	return a->sure != b->sure ? a->sure : a->metric < b->metric;
}

bool ospf_rival(const struct ospf *o, const struct prefix *p, struct route_heard *ret)
{
	const struct destination *d = table_find(&o->spf->table, p);
	const struct rival *best = NULL;

	for (const struct rival *r = d ? d->rivals : NULL; r; r = r->next)
		if (!best || rival_is_before(r, best))
			best = r;
	if (best)
		*ret = rival_heard_as(best);
	return best;
}

/* A position is a place in the table, and which of its rivals. */
#define POSITION_BITS 16

bool ospf_rival_next(const struct ospf *o, size_t *position, struct prefix *ret_prefix,
		     struct route_heard *ret)
{
	const struct table *t = &o->spf->table;
	size_t place = *position >> POSITION_BITS, skip = *position & ((1u << POSITION_BITS) - 1);

	for (; place < t->n; place++, skip = 0) {
		const struct rival *r = t->all[place]->rivals;

		for (size_t k = 0; r && k < skip; k++)
			r = r->next;
		if (!r)
			continue;
		*position = (place << POSITION_BITS) + skip + 1;
		*ret_prefix = t->all[place]->prefix;
		*ret = rival_heard_as(r);
		return true;
	}
	return false;
}
