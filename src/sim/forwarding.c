/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/forwarding.h"

#include <assert.h>
#include <string.h>

#include "base/container.h"
#include "node/rows.h"
#include "sim/invariants.h"
#include "sim/truth.h"
#include "sim/router.h"

/* So often it is looked at what the hosts believe. */
#define LOOKS DURATION_S(1)

/* So long it may take a host to find out that a router has lost a VIP, beside its dead interval. */
#define ACCEPTANCE_LEARNS DURATION_S(15)

/* The port on the LAN that has the address and takes frames; NULL when there is none. */
static const struct sim_port *lan_find(const struct sim *s, const struct sim_port *from,
				       const struct address *a)
{
	const struct sim_lan *lan = &s->lans[from->lan];

	if (!from->up || from->mute || !address_is_set(a))
		return NULL;
	for (size_t i = 0; i < lan->n_ports; i++) {
		const struct sim_port *p = lan->ports[i];

		if (p != from && (address_equal(&p->address, a) || address_equal(&p->global, a)))
			return p->up && !p->deaf ? p : NULL;
	}
	return NULL;
}

/* Where a router gives it to: by the route for it, or to who has the address on a LAN of its own.
 */
static const struct sim_port *router_forwards(const struct sim *s, const struct sim_router *r,
					      const struct address *to, bool *ret_routed)
{
	struct sim_route route;

	*ret_routed = router_lookup(s, r, to, &route);
	if (r->stuck)
		return NULL;
	if (*ret_routed)
		return lan_find(s, &r->ports[route.interface - 1], &route.next_hop);
	for (size_t k = 0; r->running && k < r->n_ports; k++) {
		const struct sim_lan *lan = &s->lans[r->ports[k].lan];

		if (prefix_contains(&lan->network, to) ||
		    (lan->global.length > 0 && prefix_contains(&lan->global, to)))
			return lan_find(s, &r->ports[k], to);
	}
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

/* The ports are called by their numbers: "eth1". */
static uint32_t port_number(const char *name)
{
	return name[0] ? (uint32_t)(name[3] - '0') : 0;
}

/* By which interface the host believes that it comes back through the router; 0: not at all. */
static uint32_t believes(const struct row_vip *row, const struct neighbor *router)
{
	for (size_t k = 0; k < row->n_proofs; k++) {
		const struct row_proof *p = &row->proofs[k];

		if (p->state == FORWARDING_PROVEN && address_equal(&p->router, &router->address) &&
		    port_number(p->interface) == router->interface)
			return port_number(p->way);
	}
	return 0;
}

/* What is known of a pair; made when it is new; NULL: there is no room. */
static struct sim_belief *belief_get(const struct sim *s, struct sim_host *h,
				     const struct sim_belief *like)
{
	struct sim_belief *free_one = NULL;

	for (size_t k = 0; k < SIM_BELIEFS_MAX; k++) {
		struct sim_belief *b = &h->beliefs[k];

		if (b->since.ns == 0)
			free_one = b;
		else if (address_equal(&b->vip, &like->vip) && b->interface == like->interface &&
			 b->accepted == like->accepted && address_equal(&b->router, &like->router))
			return b;
	}
	if (free_one) {
		*free_one = *like;
		free_one->looked = s->now;
	}
	return free_one;
}

/* Whether it is false, and has been for longer than the host may need to find out. */
static bool belief_is_stale(const struct sim *s, struct sim_host *h, const struct sim_belief *like,
			    bool right, struct duration learns)
{
	struct sim_belief *b = belief_get(s, h, like);

	if (!b)
		return false;
	/* There was no such pair meanwhile. */
	if (!instant_reached(s->now, instant_add(b->looked, (struct duration){ 2 * LOOKS.ns })))
		b->since = (struct instant){ 0 };
	b->looked = s->now;
	if (right)
		b->since = (struct instant){ 0 };
	else if (b->since.ns == 0)
		b->since = s->now;
	return b->since.ns > 0 && instant_reached(instant_add(b->since, learns), s->now);
}

static void look_at_pair(struct sim *s, uint8_t host, const struct row_vip *row,
			 const struct neighbor *router)
{
	const struct address *vip = &row->settings.address;
	uint32_t belief = believes(row, router),
		 truth = comes_back(s, host, router->interface, &router->address, vip);
	const struct sim_belief like = { .vip = *vip,
					 .router = router->address,
					 .interface = router->interface };
	bool right = belief == truth || (!row->announced && belief == 0);

	if (belief_is_stale(s, &s->hosts[host], &like, right, FORWARDING_LEARNS))
		sim_break(s, "host %u: %s through %s is proven by eth%u, and comes back by eth%u",
			  host, ADDRESS_TEXT(vip), ADDRESS_TEXT(&router->address), belief, truth);
}

/* By the database of the router, where it can have it by OSPF alone. */
static void look_at_acceptance(struct sim *s, uint8_t host, const struct row_vip *row, size_t k)
{
	const struct address *vip = &row->settings.address, *router = &row->accepted_by[k].neighbor;
	uint32_t interface = port_number(row->accepted_by[k].interface);
	const struct sim_lan *lan = &s->lans[s->hosts[host].ports[interface - 1].lan];
	const struct sim_belief like = {
		.vip = *vip, .router = *router, .interface = interface, .accepted = true
	};
	struct prefix alone = prefix_host(vip), network = prefix_make(vip, row->settings.length);
	struct duration learns = { s->ospf.dead.ns + ACCEPTANCE_LEARNS.ns };
	bool right = false;

	for (size_t i = 0; i < lan->n_ports; i++)
		if (lan->ports[i]->kind == SIM_ROUTER &&
		    address_equal(&lan->ports[i]->address, router)) {
			const struct sim_router *r = &s->routers[lan->ports[i]->owner];

			right |= truth_has(s, r, &s->hosts[host], &alone) ||
				 truth_has(s, r, &s->hosts[host], &network);
		}
	if (!lan->speaks[SIM_RIP] && belief_is_stale(s, &s->hosts[host], &like, right, learns))
		sim_break(s, "host %u: %s is accepted by %s, which does not have it", host,
			  ADDRESS_TEXT(vip), ADDRESS_TEXT(router));
}

static void look_at_host(struct sim *s, uint8_t host)
{
	const struct node *n = s->hosts[host].node;
	struct row_neighbor neighbor;
	struct row_vip row;

	for (struct walk at = { 0 }; node_vip_next(n, s->now, &at, &row);) {
		for (size_t k = 0; k < row.n_accepted; k++)
			look_at_acceptance(s, host, &row, k);
		for (struct walk each = { 0 }; node_neighbor_next(n, s->now, &each, &neighbor);)
			if (neighbor.neighbor.up && !neighbor.neighbor.plain &&
			    neighbor.neighbor.address.family == row.settings.address.family)
				look_at_pair(s, host, &row, &neighbor.neighbor);
	}
}

/* Where packets are lost by chance, nothing can be said of what comes back. */
static bool is_lossy(const struct sim *s)
{
	for (size_t k = 0; k < s->n_lans; k++)
		if (s->lans[k].loss_ppm > 0)
			return true;
	return false;
}

void forwarding_look(struct sim *s)
{
	bool lossy = is_lossy(s);

	if (!instant_reached(instant_add(s->looked, LOOKS), s->now))
		return;
	s->looked = s->now;
	for (uint8_t i = 0; i < s->n_hosts; i++) {
		struct sim_host *h = &s->hosts[i];

		if (lossy || !host_lives(h) || !instant_reached(h->harmed, s->now) ||
		    !instant_reached(h->stalled, s->now))
			memset(h->beliefs, 0, sizeof(h->beliefs));
		else
			look_at_host(s, i);
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
}

void forwarding_forget(struct sim_host *h)
{
	memset(h->proofs, 0, sizeof(h->proofs));
	memset(h->beliefs, 0, sizeof(h->beliefs));
}
