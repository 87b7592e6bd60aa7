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
#define PROOF_SETTLE DURATION_S(1)	  /* a withdrawal's poison may still come */
#define PROOF_AGAIN_SOON DURATION_MS(100) /* until one is asked to say something again */
#define PROOF_AGAIN_NEXT DURATION_S(1)	  /* and asked once more */
#define PROOF_ANSWER DURATION_S(10)	  /* after a question an answer may come */
#define PROOF_TABLE_MAX 2000		  /* routes that a neighbour may have to repeat for that */
#define PROOF_HOSTS_SETTLE DURATION_S(3)

/* RFC 5737: 192.0.2.0, which nobody has a route to. */
#define PROOF_CONTROL 0xc0000200

static bool neighbor_is_mute(const struct rip_neighbor *n)
{
	return !n->answered && n->unanswered >= PROOF_PATIENCE;
}

static bool route_accepted_by(const struct rip_route *t, const struct rip_neighbor *n)
{
	return opinion(t)->accepted & neighbor_bit(n);
}

/* Whether the neighbour has been told of the route and could have an opinion. */
bool proof_is_told(const struct rip_route *t, const struct rip_neighbor *n)
{
	return !t->withdrawn && !t->held && route_goes_out(t, n->interface);
}

void proof_forget(struct rip *r, struct instant now, struct rip_route *t)
{
	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		list_each(each, &i->neighbors)
			neighbor_forgets(r, container_of(each, struct rip_neighbor, link), t);
	}
	rival_forget(r, now, &t->prefix, NULL);
}

static bool takes_a_host(const struct rip *r, const struct rip_neighbor *n)
{
	list_each_entry(const struct rip_route, t, &r->order, order)
		if (prefix_is_host(&t->prefix) && route_accepted_by(t, n))
			return true;
	return false;
}

static void ignores_hosts(struct rip *r, struct rip_neighbor *n)
{
	if (n->ignores_hosts || takes_a_host(r, n))
		return;
	n->ignores_hosts = true;
	neighbor_tell(r, n, RIP_EVENT_HOSTS_IGNORED);
}

static void question_soon(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	struct instant due = instant_add(now, PROOF_ASK_NEXT);

	n->asked = n->verified = 0;
	if (timer_running(&n->query) && instant_before(due, n->query.due))
		(void)timer_set(&r->timers, &n->query, due);
}

/* Its update says something else than is believed of it; that is believed when it is said again. */
static void proof_claim(struct rip *r, struct instant now, struct rip_neighbor *n,
			struct rip_route *t, bool accepts)
{
	uint64_t bit = neighbor_take_bit(r, now, n);
	struct rip_said said = *opinion(t);

	if (route_accepted_by(t, n) == accepts) {
		said.claimed &= ~bit;
		said.asked &= ~bit;
		(void)opinion_set(r, t, &said);
	} else if (n->answers) {
		/* Whoever answers is asked what is true; FRR poisons what it has lost, too. */
		question_soon(r, now, n);
	} else if (said.claimed & said.asked & bit) {
		neighbor_accepts(r, now, n, t, accepts);
	} else if (!(said.claimed & bit)) {
		/* When there is no place for it, there may be one when it says so again. */
		said.claimed |= bit;
		(void)opinion_set(r, t, &said);
		proof_doubt(r, now, n);
	}
}

/* What it shows is worth nothing any more. */
static void proof_drop(struct rip *r, struct instant now, struct rip_neighbor *n,
		       struct rip_route *t)
{
	struct rip_said said = *opinion(t);

	if (!(said.shown & neighbor_bit(n)))
		return;
	said.shown &= ~neighbor_bit(n);
	(void)opinion_set(r, t, &said);
	if (n->answers)
		question_soon(r, now, n);
	else
		neighbor_accepts(r, now, n, t, false);
}

void proof_shown(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t)
{
	struct rip_said said;

	if (!proof_is_told(t, n))
		return;
	if (t->rebound && instant_before(now, instant_add(t->announced, PROOF_SETTLE)))
		return;
	/* It may as well be said for who offers the better way. */
	if (heard_is_outbid(r, now, &t->prefix, n, route_metric(r, t, n->interface), false)) {
		if (heard_is_outbid(r, now, &t->prefix, n, route_metric(r, t, n->interface), true))
			proof_drop(r, now, n, t);
		return;
	}
	proof_claim(r, now, n, t, true);
	if (!route_accepted_by(t, n))
		return;
	said = *opinion(t);
	if (said.shown & neighbor_bit(n))
		update_restates(n, now, t->changed);
	said.shown |= neighbor_bit(n);
	said.restated |= neighbor_bit(n);
	(void)opinion_set(r, t, &said);
}

/*
 * It routes to the prefix, but not through this interface: split horizon would forbid it to say so.
 * Without split horizon it may: then a metric that is as far as we are says nothing, and its
 * answers do.
 */
void proof_denied(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t,
		  uint32_t metric)
{
	if (!proof_is_told(t, n))
		return;
	if (!n->answers || metric != route_metric(r, t, n->interface) + 1u)
		proof_claim(r, now, n, t, false);
}

void proof_faded(struct rip *r, struct instant now, struct rip_neighbor *n, struct rip_route *t)
{
	struct rip_said said = *opinion(t);

	said.shown &= ~neighbor_bit(n);
	(void)opinion_set(r, t, &said);
	if (n->answers)
		question_soon(r, now, n);
	else
		neighbor_forgets(r, n, t);
}

void proof_outbid(struct rip *r, struct instant now, const struct rip_neighbor *by,
		  struct rip_route *t)
{
	for (struct rip_interface *at = NULL; (at = interface_each(by->interface, at));)
		list_each_entry(struct rip_neighbor, n, &at->neighbors, link)
			if (n != by)
				proof_drop(r, now, n, t);
}

bool proof_asked_since(const struct rip_neighbor *n, struct instant since)
{
	return n->ever_asked && instant_before(since, n->table_asked);
}

void proof_doubt(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	struct instant due = instant_add(now, PROOF_AGAIN_SOON);

	if (n->ever_asked)
		due = instant_max(due, instant_add(n->table_asked, PROOF_AGAIN_NEXT));
	if (n->up && !timer_running(&n->ask))
		(void)timer_set(&r->timers, &n->ask, due);
}

/*
 * The question for everything is answered by whoever speaks RIP, so that what was said once is said
 * again at once. Where that is very much the next period has to do.
 */
void proof_ask(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	if (!interface_speaks(n->interface) || n->interface->leaving)
		return;
	opinions_claims_asked(r, neighbor_bit(n));
	n->ever_asked = true;
	n->table_asked = now;
	n->table_due = n->n_others + r->by_prefix.count <= PROOF_TABLE_MAX;
	n->question_due = n->answers;
}

bool proof_table_request(struct rip *r, struct rip_neighbor *n, struct rip_packet *ret)
{
	n->table_due = false;
	*ret = rip_packet_request_all(r->family, n->version);
	return true;
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
	list_each_entry(const struct rip_route, t, &r->order, order) {
		if (!proof_is_told(t, n))
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
 * Fills the question, up to that many entries, with routes behind the cursor that the neighbour has
 * accepted, or has not; the cursor goes back to the beginning when there are no more.
 */
static void query_fill(const struct rip *r, const struct rip_neighbor *n, bool accepted, size_t max,
		       uint64_t *cursor, struct rip_packet *p)
{
	size_t before = p->n_entries;
	uint64_t after = *cursor;

	list_each_entry(const struct rip_route, t, &r->order, order) {
		if (t->sequence <= after || !proof_is_told(t, n) ||
		    route_accepted_by(t, n) != accepted)
			continue;
		rip_packet_add(p, &t->prefix, 0, RIP_INFINITY);
		*cursor = t->sequence;
		if (p->n_entries == max)
			return;
	}
	if (p->n_entries > before || after == 0)
		return;
	*cursor = 0;
	query_fill(r, n, accepted, max, cursor, p);
}

static void packet_add_control(struct rip_packet *p)
{
	struct address nobodys = address_ipv4(PROOF_CONTROL);
	struct prefix control = prefix_make(&nobodys, 24);

	rip_packet_add(p, &control, 0, RIP_INFINITY);
}

bool proof_question(struct rip *r, struct instant now, struct rip_neighbor *n,
		    struct rip_packet *ret)
{
	size_t max = interface_entries_max(n->interface) - neighbor_is_classful(n);

	n->question_due = false;
	*ret = rip_packet_make(r->family, RIP_REQUEST, n->version);
	/* Some of what it has accepted is asked again each time, however much it has not. */
	query_fill(r, n, false, n->accepted > 0 && n->answers ? max * 2 / 3 : max, &n->asked, ret);
	if (n->answers)
		query_fill(r, n, true, max, &n->verified, ret);
	if (ret->n_entries == 0)
		return false;
	if (neighbor_is_classful(n))
		packet_add_control(ret);
	if (n->unanswered < UINT8_MAX)
		n->unanswered++;
	n->awaited = true;
	n->questioned = now;
	return true;
}

static bool is_patient(struct instant asked, struct instant now)
{
	return instant_before(now, instant_add(asked, PROOF_ANSWER));
}

bool interface_has_requested(const struct rip_interface *i, struct instant now)
{
	return i->requested && is_patient(i->requested_at, now);
}

bool proof_is_asked_for(const struct rip_neighbor *n, struct instant now)
{
	return interface_has_requested(n->interface, now) ||
	       (n->ever_asked && is_patient(n->table_asked, now));
}

bool proof_is_awaited(struct rip_neighbor *n, struct instant now)
{
	bool awaited = n->awaited && is_patient(n->questioned, now);

	n->awaited = false;
	return awaited;
}

/* It has answered, and answers no more: nobody knows whether what it has answered is still true. */
static void answers_fade(struct rip *r, struct rip_neighbor *n)
{
	uint64_t bit = neighbor_bit(n);
	uint32_t before = n->accepted;

	if (!n->answers || n->unanswered < PROOF_PATIENCE)
		return;
	n->answers = false;
	list_each_entry(struct rip_route, t, &r->order, order)
		if (opinion(t)->accepted & bit & ~opinion(t)->shown)
			neighbor_forgets(r, n, t);
	if (n->accepted < before)
		neighbor_tell(r, n, RIP_EVENT_UNACCEPTED);
}

void proof_query(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	check_hosts(r, now, n);
	answers_fade(r, n);
	if (interface_speaks(n->interface) && !neighbor_is_mute(n))
		n->question_due = true;
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
	return t && proof_is_told(t, n) ? t : NULL;
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
	if (e->metric < RIP_INFINITY && !answer_accepts(r, n, t, e))
		rival_answered(r, now, n, &t->prefix, (uint8_t)e->metric);
	neighbor_accepts(r, now, n, t, answer_accepts(r, n, t, e));
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
	n->answers = n->answers || (counts && denies);
	n->answered |= n->answers;
	n->unanswered = 0;
	/* A full answer with news in it means that there is more to ask about. */
	if (p->n_entries == interface_entries_max(n->interface) && n->accepted > before)
		(void)timer_set(&r->timers, &n->query, instant_add(now, PROOF_ASK_NEXT));
}

void proof_wanted(struct rip *r, struct instant now)
{
	struct instant soon = instant_add(now, PROOF_ASK_SOON);

	for (struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		list_each_entry(struct rip_neighbor, n, &i->neighbors, link) {
			if (n->up && !neighbor_is_mute(n) && timer_running(&n->query) &&
			    instant_before(soon, n->query.due))
				(void)timer_set(&r->timers, &n->query, soon);
		}
	}
}

enum proof rip_proof(const struct rip *r, const struct prefix *prefix, uint32_t interface,
		     const struct address *neighbor)
{
	const struct rip_interface *i = interface_find(r, interface);
	const struct rip_neighbor *n = i ? interface_neighbor(i, neighbor) : NULL;
	const struct rip_route *t = route_find(r, prefix);

	if (!n || !t)
		return PROOF_NONE;
	if (route_accepted_by(t, n))
		return PROOF_ACCEPTED;
	return n->ignores_hosts && prefix_is_host(prefix) ? PROOF_IGNORED : PROOF_NONE;
}
