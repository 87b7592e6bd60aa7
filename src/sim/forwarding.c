/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/forwarding.h"

#include <assert.h>
#include <string.h>

#include "base/container.h"
#include "node/rows.h"
#include "sim/invariants.h"
#include "sim/router.h"

/* Until then a node has found out that a router forwards no more: a round, and what confirms it. */
#define REFUTED_AFTER DURATION_S(20)

/* The port on the LAN that has the address and takes frames; NULL when there is none. */
static const struct sim_port *lan_find(const struct sim *s, const struct sim_port *from,
				       const struct address *a)
{
	const struct sim_lan *lan = &s->lans[from->lan];

	if (!from->up || from->mute)
		return NULL;
	for (size_t i = 0; i < lan->n_ports; i++) {
		const struct sim_port *p = lan->ports[i];

		if (p != from && address_equal(&p->address, a))
			return p->up && !p->deaf ? p : NULL;
	}
	return NULL;
}

/* Where a router gives it to: by the route for it, or to who has the address on a LAN of its own.
 */
static const struct sim_port *router_forwards(const struct sim *s, const struct sim_router *r,
					      const struct address *to, bool *ret_routed)
{
	const struct sim_route *route = router_lookup(r, to);

	*ret_routed = route;
	if (r->stuck)
		return NULL;
	if (route)
		return lan_find(s, &r->ports[route->interface - 1], &route->next_hop);
	for (size_t k = 0; r->running && k < r->n_ports; k++)
		if (prefix_contains(&s->lans[r->ports[k].lan].network, to))
			return lan_find(s, &r->ports[k], to);
	return NULL;
}

const struct sim_port *forwarding_next(const struct sim *s, uint8_t router,
				       const struct address *to)
{
	bool routed;

	return router_forwards(s, &s->routers[router], to, &routed);
}

/* The port of a host that gets what starts at the router; NULL: nobody, and *ret_why says why. */
static const struct sim_port *packet_goes(const struct sim *s, uint8_t router,
					  const struct address *to, enum sim_reach *ret_why)
{
	*ret_why = SIM_LOOP;
	for (size_t hops = 0; hops < 2 * SIM_ROUTERS_MAX; hops++) {
		bool routed;
		const struct sim_port *next = router_forwards(s, &s->routers[router], to, &routed);

		*ret_why = next ? SIM_LOOP : routed ? SIM_LOST : SIM_NO_ROUTE;
		if (!next || next->kind == SIM_HOST)
			return next;
		router = next->owner;
	}
	return NULL;
}

enum sim_reach sim_reach(const struct sim *s, uint8_t router, const struct address *vip,
			 uint8_t *ret_host)
{
	enum sim_reach why;
	const struct sim_port *to = packet_goes(s, router, vip, &why);

	if (!to)
		return why;
	*ret_host = to->owner;
	return host_holds(&s->hosts[to->owner], vip) ? SIM_REACHED : SIM_LOST;
}

/* By which interface of the host it comes back; 0: not at all. */
static uint32_t comes_back(const struct sim *s, uint8_t host, uint32_t interface,
			   const struct address *router, const struct address *to)
{
	const struct sim_port *first = lan_find(s, &s->hosts[host].ports[interface - 1], router),
			      *last;
	enum sim_reach why;

	if (!first || first->kind != SIM_ROUTER || !s->routers[first->owner].running)
		return 0;
	last = packet_goes(s, first->owner, to, &why);
	return last && last->owner == host ? last->interface : 0;
}

static void goes_on_later(struct sim *s, uint8_t host, const struct sim_proof *p,
			  struct duration time)
{
	struct sim_host *h = &s->hosts[host];

	sim_schedule(s, time,
		     &(struct sim_event){ .kind = SIM_EVENT_PROVED,
					  .owner = host,
					  .detail = (uint32_t)(p - h->proofs),
					  .life = h->life });
}

/* One packet: it is on its way back, or will be missed. */
static void send_one(struct sim *s, uint8_t host, struct sim_proof *p)
{
	const struct sim_port *from = &s->hosts[host].ports[p->path.interface - 1];
	const struct sim_lan *lan = &s->lans[from->lan];

	p->tries++;
	p->way = random_below(&s->random, 1000000) < lan->loss_ppm
			 ? 0
			 : comes_back(s, host, p->path.interface, &p->path.peer, &p->to);
	goes_on_later(s, host, p,
		      p->way ? (struct duration){ 2 * lan->delay.ns }
			     : (struct duration){ (int64_t)p->spacing_us * 1000 });
}

void forwarding_prove(struct sim *s, uint8_t host, const struct effect *e)
{
	struct sim_host *h = &s->hosts[host];
	struct sim_proof *p = h->proofs;

	while (p < h->proofs + SIM_PROOFS_MAX && p->used)
		p++;
	if (p == h->proofs + SIM_PROOFS_MAX) {
		sim_break(s, "more than %d proofs are under way", SIM_PROOFS_MAX);
		return;
	}
	*p = (struct sim_proof){
		.used = true,
		.token = e->prove.token,
		.path = e->prove.path,
		.to = e->prove.destination,
		.most = e->prove.tries,
		.spacing_us = e->prove.spacing_us,
	};
	send_one(s, host, p);
}

static bool is_refuted(const struct sim *s, uint8_t host, const struct address *vip,
		       const struct row_proof *row)
{
	/* The ports are called by their numbers: "eth1". */
	uint32_t interface = (uint32_t)(row->interface[3] - '0');

	assert(interface >= 1 && interface <= s->hosts[host].n_ports);
	return comes_back(s, host, interface, &row->router, vip) == 0;
}

/* How long it is proven although it does not come back: since when, in `ret`; made when new. */
static struct sim_refuted *refuted_get(struct sim_host *h, const struct address *vip,
				       const struct address *router)
{
	struct sim_refuted *free_one = NULL;

	for (size_t k = 0; k < SIM_REFUTED_MAX; k++) {
		struct sim_refuted *r = &h->refuted[k];

		if (r->since.ns == 0)
			free_one = r;
		else if (address_equal(&r->vip, vip) && address_equal(&r->router, router))
			return r;
	}
	return free_one;
}

/* Nothing is proven for long that the routers' tables do not lead to. */
static void invariant_proven(struct sim *s, uint8_t host)
{
	struct sim_host *h = &s->hosts[host];
	struct row_vip row;

	for (struct walk at = { 0 }; node_vip_next(h->node, s->now, &at, &row);) {
		for (size_t k = 0; k < row.n_proofs; k++) {
			const struct row_proof *proof = &row.proofs[k];
			struct sim_refuted *r =
				refuted_get(h, &row.settings.address, &proof->router);

			if (!r)
				continue;
			if (proof->state != FORWARDING_PROVEN ||
			    !is_refuted(s, host, &row.settings.address, proof))
				*r = (struct sim_refuted){ 0 };
			else if (r->since.ns == 0)
				*r = (struct sim_refuted){ row.settings.address, proof->router,
							   s->now };
			else if (instant_reached(instant_add(r->since, REFUTED_AFTER), s->now))
				sim_break(s,
					  "host %u: %s is proven through %s, which does not "
					  "forward to it",
					  host, ADDRESS_TEXT(&r->vip), ADDRESS_TEXT(&r->router));
		}
	}
}

void forwarding_goes_on(struct sim *s, uint8_t host, uint32_t place)
{
	struct sim_proof *p = &s->hosts[host].proofs[place];
	struct input in = { .kind = INPUT_PROVED };

	if (!p->used)
		return;
	if (!p->way && p->tries < p->most) {
		send_one(s, host, p);
		return;
	}
	in.proved.token = p->token;
	in.proved.outcome = p->way ? ECHO_OUTCOME_RETURNED : ECHO_OUTCOME_LOST;
	in.proved.tries = p->tries;
	in.proved.interface = p->way;
	in.proved.time_us = 500;
	p->used = false;
	sim_tell(s, host, &in);
	if (host_lives(&s->hosts[host]))
		invariant_proven(s, host);
}

void forwarding_forget(struct sim_host *h)
{
	memset(h->proofs, 0, sizeof(h->proofs));
	memset(h->refuted, 0, sizeof(h->refuted));
}
