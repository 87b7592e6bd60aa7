/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of forwarding, for whoever decides and whoever asks. Nothing is changed here.
 */
#include <stdio.h>

#include "base/text.h"
#include "node/vip/vip.h"

const struct forwarded *forwarded_find(const struct binding *b, const struct proof_router *r)
{
	return r->path.peer.family == b->address.family && b->place < r->n_proofs
		       ? &r->proofs[b->place]
		       : NULL;
}

uint32_t forwarded_way(const struct node *n, const struct forwarded *f)
{
	const struct proving *p = &n->vips->proving;

	return f->state == FORWARDING_PROVEN && f->way < p->n_ways ? p->ways[f->way] : 0;
}

unsigned binding_proven(const struct node *n, const struct binding *b)
{
	unsigned proven = 0;

	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);
		const struct forwarded *f = forwarded_find(b, r);

		proven += f && f->state == FORWARDING_PROVEN;
	}
	return proven;
}

static bool router_accepts(const struct node *n, const struct proof_router *r,
			   const struct binding *b)
{
	struct prefix network = binding_network(b), host = prefix_host(&b->address);

	for (size_t k = 0; k < n->routing->n_speakers; k++) {
		const struct speaker *sp = n->routing->speakers[k];

		if (speaker_carries(sp, (enum family)b->address.family) &&
		    (speaker_proof(sp, &network, r->path.interface, &r->path.peer) ==
			     PROOF_ACCEPTED ||
		     speaker_proof(sp, &host, r->path.interface, &r->path.peer) == PROOF_ACCEPTED))
			return true;
	}
	return false;
}

bool router_is_belied(const struct node *n, const struct proof_router *r, const struct binding *b)
{
	const struct forwarded *f = forwarded_find(b, r);

	return f && f->state == FORWARDING_FAILED && b->announced &&
	       (r->configured || router_accepts(n, r, b));
}

bool binding_is_belied(const struct node *n, const struct binding *b)
{
	bool belied = false;

	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);
		const struct forwarded *f = forwarded_find(b, r);

		if (f && f->state == FORWARDING_PROVEN)
			return false;
		belied |= router_is_belied(n, r, b);
	}
	return belied;
}

bool proving_can(const struct node *n, enum family family)
{
	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->returns && r->path.peer.family == family)
			return true;
	}
	return false;
}

const char *prove_refusal_text(uint8_t refusal)
{
	static const char *const texts[] = {
		[ECHO_REFUSAL_NOTHING] = "does not forward to us",
		[ECHO_REFUSAL_NO_ROUTE] = "does not forward to us: no route, says ICMP",
		[ECHO_REFUSAL_PROHIBITED] = "does not forward to us: prohibited, says ICMP",
		[ECHO_REFUSAL_NO_HOST] = "forwards to nobody: no such host, says ICMP",
		[ECHO_REFUSAL_NO_PORT] = "forwards to another host, which has it too",
		[ECHO_REFUSAL_TTL_EXCEEDED] = "forwards in a circle, says ICMP",
	};

	return refusal < ARRAY_LENGTH(texts) && texts[refusal] ? texts[refusal] : texts[0];
}

uint32_t proof_finding(const struct node *n, const struct proof_router *r, struct finding *ret)
{
	const struct binding *first = NULL;
	char others[32] = "";
	uint32_t count = 0;

	list_each(link, &n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);

		if (!router_is_belied(n, r, b))
			continue;
		if (count++ == 0)
			first = b;
	}
	if (count == 0)
		return 0;
	*ret = (struct finding){ .severity = FINDING_PROBLEM, .vip = first->address };
	if (count > 1)
		snprintf(others, sizeof(others), " and %u others", count - 1);
	text_copy(ret->interface, sizeof(ret->interface), link_name(n, r->path.interface));
	snprintf(ret->what, sizeof(ret->what), "%s %s %s%s and %s", ADDRESS_TEXT(&r->path.peer),
		 r->configured ? "is to route to" : "says that it routes to",
		 ADDRESS_TEXT(&first->address), others,
		 prove_refusal_text((uint8_t)forwarded_find(first, r)->time));
	text_copy(ret->effect, sizeof(ret->effect),
		  "what its clients send to the VIP does not arrive");
	text_copy(
		ret->fix, sizeof(ret->fix),
		"look there for a filter, a full table, or another route to it that is preferred");
	return count;
}

/* By which interfaces what is sent to VIPs comes in. */
struct ways_in {
	uint64_t in;	/* bits: places in proving.ways */
	uint32_t first; /* the interface of the first router */
	bool several;	/* it is proven through routers on more than one interface */
};

static void ways_in_add(const struct node *n, const struct proof_router *r, struct ways_in *w)
{
	list_each(link, &n->vips->bindings) {
		const struct binding *b = container_of(link, struct binding, link);
		const struct forwarded *f = forwarded_find(b, r);

		if (!f || f->state != FORWARDING_PROVEN)
			continue;
		w->in |= UINT64_C(1) << f->way;
		w->several |= w->first != 0 && w->first != r->path.interface;
		if (w->first == 0)
			w->first = r->path.interface;
	}
}

bool way_in_finding(const struct node *n, enum family family, struct finding *ret)
{
	struct ways_in w = { 0 };
	const char *name;

	list_each(link, &n->vips->proving.routers) {
		const struct proof_router *r = container_of(link, struct proof_router, link);

		if (r->path.peer.family == family)
			ways_in_add(n, r, &w);
	}
	/* One bit alone. */
	if (!w.several || (w.in & (w.in - 1)) != 0)
		return false;
	name = link_name(n, n->vips->proving.ways[__builtin_ctzll(w.in)]);
	*ret = (struct finding){ .severity = FINDING_NOTE };
	text_copy(ret->interface, sizeof(ret->interface), name);
	snprintf(ret->what, sizeof(ret->what),
		 "everything for %s VIPs comes in by %s: one path left",
		 family == FAMILY_IPV6 ? "IPv6" : "IPv4", name);
	text_copy(ret->effect, sizeof(ret->effect),
		  "routers on other interfaces send it that way too: when it fails they have to "
		  "change over");
	text_copy(ret->fix, sizeof(ret->fix),
		  "compare the metrics that the routers have for it: 'vip show' says the way of "
		  "each");
	return true;
}
