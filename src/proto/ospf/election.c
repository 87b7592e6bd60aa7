/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 9.4: who is the Designated Router, and who the Backup. Every router of the network works
 * it out of what all of them say in their hellos, and comes to the same.
 */
#include "proto/ospf/machine.h"

struct candidate {
	uint32_t router, id; /* `id` as it is named in hellos; 0: nobody */
	uint8_t priority;
	uint32_t dr, bdr; /* what it says */
};

static struct candidate candidate_of(const struct ospf_neighbor *n)
{
	return (struct candidate){
		.router = n->router,
		.id = neighbor_id_in_hello(n),
		.priority = n->priority,
		.dr = n->dr,
		.bdr = n->bdr,
	};
}

static struct candidate ourselves(const struct ospf_interface *i)
{
	return (struct candidate){
		.router = i->of->router,
		.id = interface_id_in_hello(i),
		.priority = i->settings.is.priority,
		.dr = i->dr,
		.bdr = i->bdr,
	};
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (b->id == 0)
		return true;
	return a->priority != b->priority ? a->priority > b->priority : a->router > b->router;
}

/* Steps (2) and (3): the best of those who say that they are it. */
struct vote {
	struct candidate dr, declared_bdr, other;
};

static void vote_for(struct vote *v, const struct candidate *c)
{
	if (c->priority == 0 || c->id == 0)
		return;
	if (c->dr == c->id) {
		if (is_better(c, &v->dr))
			v->dr = *c;
	} else if (c->bdr == c->id) {
		if (is_better(c, &v->declared_bdr))
			v->declared_bdr = *c;
	} else if (is_better(c, &v->other)) {
		v->other = *c;
	}
}

static void elect(const struct ospf_interface *i, const struct candidate *we, uint32_t *ret_dr,
		  uint32_t *ret_bdr)
{
	struct vote v = { 0 };

	vote_for(&v, we);
	list_each_entry(struct ospf_neighbor, n, &i->neighbors, link) {
		struct candidate c = candidate_of(n);

		/* RFC 3623 3: who restarts stays what it was. */
		if (n->state >= OSPF_NEIGHBOR_TWO_WAY || n->helped)
			vote_for(&v, &c);
	}
	*ret_bdr = v.declared_bdr.id ? v.declared_bdr.id : v.other.id;
	*ret_dr = v.dr.id ? v.dr.id : *ret_bdr;
}

bool election_run(struct ospf_interface *i)
{
	struct candidate we = ourselves(i);
	uint32_t dr, bdr, was_dr = i->dr, was_bdr = i->bdr;

	elect(i, &we, &dr, &bdr);
	/* Step (4): who has become it, or is it no more, votes again as such. */
	if ((dr == we.id) != (was_dr == we.id) || (bdr == we.id) != (was_bdr == we.id)) {
		we.dr = dr;
		we.bdr = bdr;
		elect(i, &we, &dr, &bdr);
	}
	i->dr = dr;
	i->bdr = bdr;
	return dr != was_dr || bdr != was_bdr;
}
