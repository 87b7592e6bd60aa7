/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What did not come back is looked at again.
 *
 * Who has just been told of a VIP may not have the route in its kernel yet: of ten thousand that
 * are bound at once, routers install the last ones seconds after they have acknowledged them. So
 * what does not come back soon after a change is in doubt: nothing is said of it before it has not
 * come back a second time, AGAIN_DOUBT later. And what is said not to be forwarded is looked at
 * again and again, before whatever else is due, so that it is not said for longer than it is so.
 *
 * Either is a small share of the budget, for there may be very many.
 */
#include "node/vip/forwarding.h"
#include "node/vip/vip.h"

#define AGAIN_DOUBT 5
#define AGAIN_FAILED 10
#define AGAIN_STEP DURATION_MS(100) /* between two of them */
#define AGAIN_LOOK DURATION_MS(500) /* when there was none to be looked at */

/* Seconds, which wrap: what is more than AGAIN_FAILED ahead is past. */
static uint8_t second(struct instant now)
{
	return (uint8_t)(now.ns / DURATION_S(1).ns);
}

void doubt_over(struct proof_router *r, struct forwarded *f)
{
	r->n_again -= f->again;
	f->again = false;
}

static void again_in(const struct node *n, struct proof_router *r, struct forwarded *f, unsigned s)
{
	r->n_again += !f->again;
	f->again = true;
	/* The second that has begun does not count. */
	f->way = (uint8_t)(second(n->now) + 1 + s);
}

bool doubt_is_failure(struct node *n, struct proof_router *r, struct forwarded *f)
{
	bool doubted = f->state != FORWARDING_FAILED && (!f->settled || f->again);

	if (doubted && f->again && f->settled)
		return false;
	f->settled = true;
	again_in(n, r, f, doubted ? AGAIN_DOUBT : AGAIN_FAILED);
	return !doubted;
}

/* The next one of the router whose time has come. */
static struct forwarded *router_next(const struct node *n, struct proof_router *r,
				     struct binding **ret)
{
	uint8_t now = second(n->now);

	for (size_t k = 0; k < r->n_proofs; k++) {
		size_t place = r->again_position++ % r->n_proofs;
		struct forwarded *f = &r->proofs[place];

		if (!f->again || f->open || f->waits || (uint8_t)(f->way - now - 1) <= AGAIN_FAILED)
			continue;
		*ret = n->vips->proving.at[place];
		return f;
	}
	return NULL;
}

bool doubt_next(struct node *n, struct proof_router **ret_router, struct binding **ret_binding)
{
	struct proving *p = &n->vips->proving;

	if (!instant_reached(p->again, n->now))
		return false;
	for (size_t k = 0; k <= p->n_routers; k++) {
		struct proof_router *r = proof_router_after(p, p->again_turn);
		struct forwarded *f = r && r->n_again > 0 ? router_next(n, r, ret_binding) : NULL;

		p->again_turn = r;
		if (!f)
			continue;
		doubt_over(r, f);
		*ret_router = r;
		p->again = instant_add(n->now, AGAIN_STEP);
		return true;
	}
	p->again = instant_add(n->now, AGAIN_LOOK);
	return false;
}

struct instant doubt_deadline(const struct proving *p)
{
	list_each_entry(const struct proof_router, r, &p->routers, link)
		if (r->n_again > 0)
			return p->again;
	return INSTANT_NEVER;
}
