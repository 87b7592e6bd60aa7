/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is still to be described to a neighbour, the Database summary list of RFC 2328 10. It is
 * read out of the databases themselves, whose lists have the newest last: what was there when the
 * exchange began is described, what comes later is flooded. So a neighbour holds nothing, and one
 * that begins anew again and again costs no more than a packet.
 */
#include "proto/ospf/machine.h"

/* Those that it has with us, one after the other; NULL: the end of them. */
static const struct database *database_of(const struct ospf_neighbor *n, uint8_t number)
{
	const struct ospf_interface *i = n->interface;

	switch (number) {
	case 0:
		return &i->database;
	case 1:
		return &i->area->database;
	case 2:
		return i->area->kind == OSPF_AREA_NORMAL ? &i->of->as : NULL;
	default:
		return NULL;
	}
}

bool summary_concerns(const struct ospf_neighbor *n, const struct lsa *l)
{
	const struct ospf *o = n->interface->of;
	bool there = false;

	for (uint8_t k = 0; database_of(n, k); k++)
		there |= l->of == database_of(n, k);
	/*
	 * A grace-LSA is for who had an adjacency when it was flooded. FRR's ospf6d asks for it,
	 * drops it where it does not help, and never comes to an end of loading.
	 */
	if (!there || l->kind == LSA_GRACE)
		return false;
	/* RFC 5250 3: only to whom they mean something. */
	return o->version != OSPF_V2 || l->header.key.type < LSA_V2_OPAQUE_LINK ||
	       l->header.key.type > LSA_V2_OPAQUE_AS || (n->options & OSPF_V2_O);
}

/* The first that is to be described, from this place in a list on. */
static void seek(const struct ospf_neighbor *n, struct summary *s, const struct list *link)
{
	const struct ospf *o = n->interface->of;
	const struct database *d = database_of(n, s->database);

	s->next = NULL;
	while (d) {
		const struct list *head = &d->kinds[s->kind];
		struct lsa *l = container_of(link, struct lsa, of_kind);

		/* What is behind it came later, too. */
		if (link == head || instant_before(s->begun, l->installed)) {
			s->kind = (uint8_t)((s->kind + 1) % LSA_KINDS);
			s->database = (uint8_t)(s->database + (s->kind == 0));
			d = database_of(n, s->database);
			link = d ? d->kinds[s->kind].next : NULL;
			continue;
		}
		/* RFC 2328 10.3, "NegotiationDone": those of MaxAge are flooded instead. */
		if (summary_concerns(n, l) && !lsa_is_max_age(l, o->now)) {
			s->next = l;
			return;
		}
		link = link->next;
	}
	s->left = 0;
}

static void advance(const struct ospf_neighbor *n, struct summary *s)
{
	s->left -= s->left > 0;
	seek(n, s, s->next->of_kind.next);
}

void summary_lsa_goes(struct ospf *o, const struct lsa *l)
{
	if (o->n_exchanging == 0)
		return;
	list_each_entry(const struct ospf_interface, i, &o->interfaces, link)
		list_each_entry(struct ospf_neighbor, n, &i->neighbors, link)
			if (n->summary.next == l)
				advance(n, &n->summary);
}

void summary_begin(struct ospf_neighbor *n)
{
	n->summary = (struct summary){ .begun = n->interface->of->now };
	for (uint8_t k = 0; database_of(n, k); k++)
		n->summary.left += (uint32_t)database_of(n, k)->lsas.count;
	seek(n, &n->summary, database_of(n, 0)->kinds[0].next);
}

void summary_next(struct ospf_neighbor *n)
{
	advance(n, &n->summary);
}

bool summary_exceeds(const struct ospf_neighbor *n, size_t count)
{
	struct summary s = n->summary;

	for (; s.next && count > 0; count--)
		advance(n, &s);
	return s.next;
}
