/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a neighbour shows of its opinion of our prefixes. Two signs, neither of which any router has
 * to be taught:
 *
 * - Poison reverse (RFC 2453 3.4.3). A router that routes to a prefix through us announces it back
 * to us as unreachable. BIRD does so by default.
 * - The answer to a question. A request for single entries (RFC 2453 3.9.1) is answered with the
 * metric of the router's own table, without split horizon: the metric that we announced plus one is
 * a route through us. FRR answers, and all that follow the RFC do; BIRD stays silent.
 *
 * The question leaves from a port of its own, so that an answer, which looks like an announcement,
 * cannot be mistaken for one. A neighbour that gives neither sign is no proof, and never shown as
 * one.
 */
#include <string.h>

#include "proto/rip/instance.h"

#define PROOF_ASK_SOON                                                                             \
	DURATION_MS(500) /* after a change; routers answer triggered updates before that */
#define PROOF_ASK_NEXT DURATION_MS(50) /* between questions while there is more to ask */
#define PROOF_PATIENCE 3 /* questions without an answer until a neighbour counts as mute */
#define PROOF_SETTLE DURATION_S(1) /* a withdrawal's poison may still come */
#define PROOF_HOSTS_SETTLE DURATION_S(3)

/* RFC 5737: 192.0.2.0, which nobody has a route to. */
#define PROOF_CONTROL 0xc0000200

static bool neighbor_is_mute(const struct rip_neighbor *n)
{
	return n->unanswered >= PROOF_PATIENCE;
}

static bool route_accepted_by(const struct rip_route *t, const struct rip_neighbor *n)
{
	return n->prover < RIP_PROVERS_MAX && (t->accepted >> n->prover & 1);
}

/* Whether the neighbour has been told of the route and could have an opinion. */
static bool route_is_told(const struct rip_route *t, const struct rip_neighbor *n)
{
	return !t->withdrawn && !t->held && route_goes_out(t, n->interface);
}

void proof_forget(struct rip *r, struct rip_route *t)
{
	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		list_each(each, &i->neighbors)
			neighbor_forgets(container_of(each, struct rip_neighbor, link), t);
	}
	rival_forget(r, &t->prefix, NULL);
}

static bool takes_a_host(const struct rip *r, const struct rip_neighbor *n)
{
	list_each(link, &r->order) {
		const struct rip_route *t = container_of(link, struct rip_route, order);

		if (prefix_is_host(&t->prefix) && route_accepted_by(t, n))
			return true;
	}
	return false;
}

static void ignores_hosts(struct rip *r, struct rip_neighbor *n)
{
	if (n->ignores_hosts || takes_a_host(r, n))
		return;
	n->ignores_hosts = true;
	rip_tell(r, &(struct rip_event){
			    .kind = RIP_EVENT_HOSTS_IGNORED,
			    .interface = n->interface->index,
			    .neighbor = n->address,
		    });
}

void proof_shown(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t)
{
	if (!route_is_told(t, n))
		return;
	if (t->rebound && instant_before(now, instant_add(t->announced, PROOF_SETTLE)))
		return;
	neighbor_accepts(r, n, t, true);
}

/*
 * PRODUCT row 4: a RIP-1 router that takes our networks and has had two periods for the host
 * routes.
 */
static void check_hosts(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	struct duration patience = { r->settings.update.ns * 2 };
	bool takes_networks = false, leaves_host = false;

	if (!neighbor_is_classful(n))
		return;
	list_each(link, &r->order) {
		const struct rip_route *t = container_of(link, struct rip_route, order);

		if (!route_is_told(t, n))
			continue;
		if (!prefix_is_host(&t->prefix))
			takes_networks |= route_accepted_by(t, n);
		else if (instant_reached(instant_add(t->announced, patience), now))
			leaves_host |= !route_accepted_by(t, n);
	}
	if (takes_networks && leaves_host)
		ignores_hosts(r, n);
}

/*
 * Fills the question with routes behind the cursor that the neighbour has accepted, or has not; the
 * cursor goes back to the beginning when there are no more.
 */
static void query_fill(const struct rip *r, const struct rip_neighbor *n, bool accepted,
		       uint64_t *cursor, struct rip_packet *p)
{
	size_t max = key_entries_max(n->interface) - neighbor_is_classful(n);
	uint64_t after = *cursor;

	list_each(link, &r->order) {
		const struct rip_route *t = container_of(link, struct rip_route, order);

		if (t->sequence <= after || !route_is_told(t, n) ||
		    route_accepted_by(t, n) != accepted)
			continue;
		rip_packet_add(p, &t->prefix, 0, RIP_INFINITY);
		*cursor = t->sequence;
		if (p->n_entries == max)
			return;
	}
	if (p->n_entries > 0 || after == 0)
		return;
	*cursor = 0;
	query_fill(r, n, accepted, cursor, p);
}

static void query_send(struct rip_neighbor *n, struct rip_packet *p)
{
	if (neighbor_is_classful(n)) {
		struct address nobodys = address_ipv4(PROOF_CONTROL);
		struct prefix control = prefix_make(&nobodys, 24);

		rip_packet_add(p, &control, 0, RIP_INFINITY);
	}
	interface_ask(n->interface, &n->address, p);
	n->unanswered++;
}

void proof_query(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	struct rip_packet p = rip_packet_make(r->family, RIP_REQUEST, n->version);

	check_hosts(r, now, n);
	if (interface_speaks(n->interface) && !neighbor_is_mute(n)) {
		query_fill(r, n, false, &n->asked, &p);
		/*
		 * Who poisons tells by itself when it changes its mind; of the others some are
		 * asked again.
		 */
		if (p.n_entries == 0 && n->answers)
			query_fill(r, n, true, &n->verified, &p);
	}
	if (p.n_entries > 0)
		query_send(n, &p);
	/* Without an answer the next question comes a period later, as everything in RIP. */
	(void)timer_set(&r->timers, &n->query, instant_add(now, r->settings.update));
}

/* The prefix of ours that the entry of an answer speaks of; NULL when it does of none. */
static struct rip_route *answer_route(const struct rip *r, const struct rip_neighbor *n,
				      const struct rip_packet *p, const struct rip_entry *e)
{
	struct rip_route *t;
	struct prefix prefix;

	if (rip_entry_prefix(p, e, &n->interface->network, &prefix) != RIP_DROP_NOTHING)
		return NULL;
	t = route_find(r, &prefix);
	return t && route_is_told(t, n) ? t : NULL;
}

static bool answer_accepts(const struct rip *r, const struct rip_neighbor *n,
			   const struct rip_route *t, const struct rip_entry *e)
{
	return e->metric == route_metric(r, t, n->interface) + 1u;
}

static bool is_control(const struct rip_entry *e)
{
	return e->address.family == FAMILY_IPV4 &&
	       address_ipv4_number(&e->address) == PROOF_CONTROL;
}

/*
 * What a RIP-1 router's answer is worth. FRR looks for what it is asked for in RIP-1 with a mask
 * of zeros: it answers for its default route, whatever was asked. So a route to what nobody has
 * makes the whole answer worthless, and unreachable says something only beside a prefix of ours
 * that was found.
 */
static void answer_weigh(const struct rip *r, const struct rip_neighbor *n,
			 const struct rip_packet *p, bool *ret_counts, bool *ret_denies)
{
	*ret_counts = *ret_denies = true;
	if (!neighbor_is_classful(n))
		return;
	*ret_denies = false;
	for (size_t k = 0; k < p->n_entries; k++) {
		const struct rip_entry *e = &p->entries[k];
		const struct rip_route *t = answer_route(r, n, p, e);

		if (is_control(e) && e->metric < RIP_INFINITY)
			*ret_counts = false;
		if (t && answer_accepts(r, n, t, e))
			*ret_denies = true;
	}
}

static void answer_entry(struct rip *r, struct instant now, struct rip_neighbor *n,
			 struct rip_route *t, const struct rip_entry *e)
{
	neighbor_accepts(r, n, t, answer_accepts(r, n, t, e));
	if (e->metric == RIP_INFINITY && neighbor_is_classful(n) && prefix_is_host(&t->prefix) &&
	    instant_reached(instant_add(t->announced, PROOF_HOSTS_SETTLE), now))
		ignores_hosts(r, n);
}

void proof_answer(struct rip *r, struct instant now, struct rip_neighbor *n,
		  const struct rip_packet *p)
{
	uint32_t before = n->accepted;
	bool counts, denies;

	answer_weigh(r, n, p, &counts, &denies);
	for (size_t k = 0; counts && k < p->n_entries; k++) {
		const struct rip_entry *e = &p->entries[k];
		struct rip_route *t = answer_route(r, n, p, e);

		if (t && (e->metric < RIP_INFINITY || denies))
			answer_entry(r, now, n, t, e);
	}
	n->answers |= counts && denies;
	n->unanswered = 0;
	/* A full answer with news in it means that there is more to ask about. */
	if (p->n_entries == key_entries_max(n->interface) && n->accepted > before)
		(void)timer_set(&r->timers, &n->query, instant_add(now, PROOF_ASK_NEXT));
}

void proof_wanted(struct rip *r, struct instant now)
{
	struct instant soon = instant_add(now, PROOF_ASK_SOON);

	list_each(link, &r->interfaces) {
		struct rip_interface *i = container_of(link, struct rip_interface, link);

		list_each(each, &i->neighbors) {
			struct rip_neighbor *n = container_of(each, struct rip_neighbor, link);

			if (n->up && !neighbor_is_mute(n) && timer_running(&n->query) &&
			    instant_before(soon, n->query.due))
				(void)timer_set(&r->timers, &n->query, soon);
		}
	}
}

enum rip_proof rip_proof(const struct rip *r, const struct prefix *prefix, uint32_t interface,
			 const struct address *neighbor)
{
	const struct rip_interface *i = interface_find(r, interface);
	const struct rip_neighbor *n = i ? neighbor_find(i, neighbor) : NULL;
	const struct rip_route *t = route_find(r, prefix);

	if (!n || !t)
		return RIP_PROOF_NONE;
	if (route_accepted_by(t, n))
		return RIP_PROOF_ACCEPTED;
	return n->ignores_hosts && prefix_is_host(prefix) ? RIP_PROOF_IGNORED : RIP_PROOF_NONE;
}
