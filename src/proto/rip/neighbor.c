/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routers that we hear. RIP has no hello: a neighbour is up when a good packet came from its
 * port 520, and down when none came for the timeout. Whoever sends bad packets only is remembered
 * too, so that somebody can see who it is, but is the first to be forgotten when room is needed.
 *
 * Not all who speak RIP are routers: other servers announce their addresses, and there may be very
 * many. There is room for RIP_NEIGHBORS_MAX in each network of an interface, which is made as they
 * come. When it is full, whoever is worth more (enum rip_worth) takes the place of the one who is
 * worth the least; and who finds no place is turned away, counted, and told of.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/rip/instance.h"

#define NEIGHBOR_FIRST_QUERY DURATION_MS(500)
#define CROWDED_AGAIN DURATION_S(600)

bool neighbor_is_named(const struct rip_interface *i, const struct address *a)
{
	for (size_t k = 0; k < i->settings.n_unicast; k++)
		if (address_equal(&i->settings.unicast[k], a))
			return true;
	return false;
}

enum rip_worth neighbor_worth(const struct rip_neighbor *n)
{
	if (neighbor_is_named(n->interface, &n->address))
		return RIP_WORTH_NAMED;
	if (n->accepted > 0 || n->dead)
		return RIP_WORTH_PROVES;
	if (!n->up)
		return RIP_WORTH_NOTHING;
	if (n->routes_networks)
		return RIP_WORTH_ROUTES;
	return n->learned > 0 ? RIP_WORTH_TEACHES : RIP_WORTH_PLAIN;
}

/* Whether it may be forgotten for one of that worth; of its own kind only who is overdue may. */
static bool gives_way(const struct rip *r, const struct rip_neighbor *n, enum rip_worth to,
		      struct instant now)
{
	struct duration patience = { r->settings.update.ns * 2 };
	enum rip_worth worth = neighbor_worth(n);

	if (worth == RIP_WORTH_NOTHING)
		return true;
	if (worth == RIP_WORTH_NAMED)
		return false;
	return worth < to || (worth == to && instant_reached(instant_add(n->heard, patience), now));
}

/* Who is worth the least, and of those whoever was silent for the longest; NULL: nobody gives way.
 */
static struct rip_neighbor *neighbor_victim(const struct rip *r, const struct rip_interface *i,
					    enum rip_worth to, struct instant now)
{
	struct rip_neighbor *victim = NULL;

	list_each_entry(struct rip_neighbor, n, &i->neighbors, link) {
		if (!gives_way(r, n, to, now))
			continue;
		if (!victim || neighbor_worth(n) < neighbor_worth(victim) ||
		    (neighbor_worth(n) == neighbor_worth(victim) &&
		     instant_before(n->heard, victim->heard)))
			victim = n;
	}
	return victim;
}

/* What it has said of our prefixes is not said any more. */
static void rivals_silent(struct rip *r, const struct rip_neighbor *n)
{
	list_each_entry_safe(struct rip_rival, v, &r->rivals, link)
		if (v->interface == n->interface->index && address_equal(&v->neighbor, &n->address))
			rival_silent(r, v);
}

/* Room for one more: false when there is none for one of that worth. */
static bool neighbor_room(struct rip *r, struct instant now, struct rip_interface *i,
			  enum rip_worth worth)
{
	struct rip_neighbor *victim;

	if (i->n_neighbors < RIP_NEIGHBORS_MAX)
		return true;
	victim = neighbor_victim(r, i, worth, now);
	if (!victim)
		return false;
	rivals_silent(r, victim);
	neighbor_lost(r, now, victim);
	neighbor_free(r, victim);
	return true;
}

struct rip_neighbor *neighbor_get(struct rip *r, struct instant now, struct rip_interface *i,
				  const struct address *a, enum rip_worth worth)
{
	struct rip_neighbor *n = neighbor_find(i, a);

	if (n)
		return n;
	if (neighbor_is_named(i, a))
		worth = RIP_WORTH_NAMED;
	n = neighbor_room(r, now, i, worth) ? calloc(1, sizeof(*n)) : NULL;
	if (!n || timers_reserve(&r->timers, r->timers.count + RIP_NEIGHBOR_TIMERS) < 0) {
		free(n);
		return NULL;
	}
	n->interface = i;
	n->address = *a;
	n->prover = RIP_PROVERS_MAX;
	timer_init(&n->timeout, RIP_TIMER_TIMEOUT);
	timer_init(&n->query, RIP_TIMER_QUERY);
	timer_init(&n->ask, RIP_TIMER_ASK);
	timer_init(&n->quiet, RIP_TIMER_QUIET);
	list_init(&n->others);
	list_append(&i->neighbors, &n->link);
	i->n_neighbors++;
	return n;
}

/* Once, and again when that goes on: whoever is turned away comes again with each period. */
void neighbor_turned_away(struct rip *r, struct instant now, struct rip_interface *i,
			  const struct address *a)
{
	bool told = i->crowded && instant_before(now, instant_add(i->crowded_told, CROWDED_AGAIN));

	i->drops[RIP_DROP_TABLE_FULL]++;
	i->crowded = true;
	i->crowded_at = now;
	if (told)
		return;
	i->crowded_told = now;
	rip_tell(r, &(struct rip_event){
			    .kind = RIP_EVENT_CROWDED,
			    .interface = i->index,
			    .neighbor = *a,
		    });
}

bool neighbor_is_crowded(const struct rip *r, const struct rip_interface *i, struct instant now)
{
	return i->crowded && instant_before(now, instant_add(i->crowded_at, r->settings.timeout));
}

static void neighbor_came_up(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	n->up = true;
	n->since = now;
	if (n->interface->failed) {
		n->interface->failed = false;
		rescue_returned(r, now, n->interface);
	}
	n->unanswered = 0;
	n->answers = n->answered = false;
	n->ignores_hosts = false;
	n->routes_networks = false;
	n->asked = n->verified = 0;
	(void)timer_set(&r->timers, &n->query, instant_add(now, NEIGHBOR_FIRST_QUERY));
	neighbor_tell(r, n, RIP_EVENT_NEIGHBOR_UP);
	lesson_neighbor_changed(r, n);
}

bool neighbor_is_classful(const struct rip_neighbor *n)
{
	return n->interface->family == FAMILY_IPV4 && n->version == 1;
}

/*
 * A neighbour's timers may be others than ours. Its periodic updates are not marked as such, but
 * they are what it sends when it has nothing to say: so the longest gap in a while is its period,
 * however many changes it tells in between.
 */
static void rhythm_note(const struct rip *r, struct rip_neighbor *n, struct instant now)
{
	struct duration gap = instant_since(now, n->heard);

	if (!n->up) {
		memset(&n->rhythm, 0, sizeof(n->rhythm));
		n->rhythm.since = now;
		return;
	}
	if (gap.ns > n->rhythm.gap.ns)
		n->rhythm.gap = gap;
	if (instant_before(now, instant_add(n->rhythm.since, r->settings.timeout)))
		return;
	n->rhythm.before = n->rhythm.gap;
	n->rhythm.gap.ns = 0;
	n->rhythm.since = now;
}

static struct duration rhythm_of(const struct rip *r, const struct rip_neighbor *n)
{
	if (n->rhythm.before.ns == 0)
		return r->settings.update;
	return n->rhythm.gap.ns > n->rhythm.before.ns ? n->rhythm.gap : n->rhythm.before;
}

void neighbor_heard(struct rip *r, struct instant now, struct rip_neighbor *n, uint8_t version)
{
	rhythm_note(r, n, now);
	n->heard = now;
	n->version = version;
	n->packets++;
	if (n->dead)
		return;
	(void)timer_set(&r->timers, &n->timeout, instant_add(now, r->settings.timeout));
	if (!n->up)
		neighbor_came_up(r, now, n);
}

uint64_t neighbor_bit(const struct rip_neighbor *n)
{
	return n->prover < RIP_PROVERS_MAX ? UINT64_C(1) << n->prover : 0;
}

/* Takes back all that the neighbour has accepted, and its bit. */
static void neighbor_disprove(struct rip *r, struct rip_neighbor *n)
{
	uint64_t bit = neighbor_bit(n);

	if (!bit)
		return;
	opinions_clear(r, bit);
	n->accepted = 0;
	r->provers &= ~(UINT64_C(1) << n->prover);
	n->prover = RIP_PROVERS_MAX;
}

/* The one with a bit and no opinion that was silent for the longest; NULL: all have one. */
static struct rip_neighbor *prover_victim(const struct rip *r)
{
	struct rip_neighbor *victim = NULL;

	list_each(link, &r->interfaces)
		list_each_entry(struct rip_neighbor, n,
				&container_of(link, struct rip_interface, link)->neighbors, link) {
			if (neighbor_bit(n) && n->accepted == 0 && !n->answers &&
			    (!victim || instant_before(n->heard, victim->heard)))
				victim = n;
		}
	return victim;
}

/* All prefixes are looked at for that, so it is not done for each packet of a flood. */
#define PLACE_TAKEN_STEP DURATION_MS(5)

/*
 * Whoever has nothing to say of our prefixes has no bit, and who has not been believed may lose it:
 * strangers who are many must not stand in the router's place.
 */
uint64_t neighbor_take_bit(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	struct rip_neighbor *victim;

	if (neighbor_bit(n) || !n->up)
		return neighbor_bit(n);
	if (r->provers == UINT64_MAX) {
		victim = instant_reached(r->place_taken, now) ? prover_victim(r) : NULL;
		if (!victim)
			return 0;
		neighbor_disprove(r, victim);
		r->place_taken = instant_add(now, PLACE_TAKEN_STEP);
	}
	n->prover = (uint8_t)__builtin_ctzll(~r->provers);
	r->provers |= neighbor_bit(n);
	return neighbor_bit(n);
}

void neighbor_rest(struct rip *r, struct rip_neighbor *n)
{
	timer_stop(&r->timers, &n->query);
	timer_stop(&r->timers, &n->ask);
	timer_stop(&r->timers, &n->quiet);
	n->question_due = n->table_due = n->restates = false;
}

static void neighbor_went_down(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	neighbor_disprove(r, n);
	n->up = false;
	n->since = now;
	neighbor_tell(r, n, RIP_EVENT_NEIGHBOR_DOWN);
	lesson_neighbor_changed(r, n);
}

void neighbor_lost(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	timer_stop(&r->timers, &n->timeout);
	neighbor_rest(r, n);
	heard_drop(r, n);
	n->dead = false;
	if (n->up)
		neighbor_went_down(r, now, n);
}

void neighbor_doubt(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	if (!n->up)
		return;
	neighbor_disprove(r, n);
	n->asked = n->verified = 0;
	n->unanswered = 0;
	(void)timer_set(&r->timers, &n->query, instant_add(now, NEIGHBOR_FIRST_QUERY));
}

static bool any_lives(const struct rip_interface *i)
{
	list_each(link, &i->neighbors)
		if (container_of(link, struct rip_neighbor, link)->up)
			return true;
	return false;
}

/* When no neighbour lives on it any more, an interface has failed, though it speaks on. */
static void interface_review(struct rip *r, struct instant now, struct rip_interface *i)
{
	if (any_lives(i) || i->failed || i->leaving || !interface_speaks(i))
		return;
	i->failed = true;
	rescue_failed(r, now, i);
}

/* Its packets may still come: the path may be broken in the other direction alone. */
static void neighbor_died(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	neighbor_rest(r, n);
	heard_drop(r, n);
	rivals_silent(r, n);
	n->dead = true;
	neighbor_went_down(r, now, n);
	interface_review(r, now, n->interface);
}

void rip_neighbor_liveness(struct rip *r, struct instant now, uint32_t interface,
			   const struct address *neighbor, enum verdict liveness)
{
	struct rip_interface *i = interface_find(r, interface);
	struct rip_neighbor *n = i ? interface_neighbor(i, neighbor) : NULL;

	if (!n)
		return;
	i = n->interface;
	if (liveness == VERDICT_DOWN) {
		if (n->up)
			neighbor_died(r, now, n);
	} else if (n->dead) {
		n->dead = false;
		neighbor_came_up(r, now, n);
		/* What it has said was forgotten when it died. */
		i->request_due |= i->learn.mode != ROUTE_FILTER_OFF && interface_speaks(i);
	}
}

void neighbor_timed_out(struct rip *r, struct instant now, struct rip_neighbor *n)
{
	bool was_up = n->up;

	rivals_silent(r, n);
	neighbor_lost(r, now, n);
	/* It may hear us still, and believe in a way that nobody can use. */
	if (was_up)
		interface_review(r, now, n->interface);
}

/* What was dropped of one that is forgotten stays counted, at its interface. */
static void drops_inherit(struct rip_interface *i, const struct rip_neighbor *n)
{
	for (size_t k = 0; k < RIP_DROP_COUNT; k++)
		i->drops[k] += n->drops[k];
}

void neighbor_free(struct rip *r, struct rip_neighbor *n)
{
	timer_stop(&r->timers, &n->timeout);
	neighbor_rest(r, n);
	neighbor_disprove(r, n);
	heard_drop(r, n);
	list_remove(&n->link);
	drops_inherit(n->interface, n);
	n->interface->n_neighbors--;
	free(n);
}

/* Sets or clears the neighbour's bit; false when that changes nothing. */
static bool accepted_set(struct rip *r, struct rip_neighbor *n, struct rip_route *t, bool accepts)
{
	struct rip_said said = *opinion(t);
	uint64_t bit = neighbor_bit(n);
	bool changes = bit && !(said.accepted & bit) == accepts;

	if (changes)
		said_clear(&said, bit);
	if (changes && accepts)
		said.accepted |= bit;
	said.claimed &= ~bit;
	said.asked &= ~bit;
	if (!opinion_set(r, t, &said) || !changes)
		return false;
	n->accepted += accepts ? 1 : -1;
	return true;
}

void neighbor_accepts(struct rip *r, struct instant now, struct rip_neighbor *n,
		      struct rip_route *t, bool accepts)
{
	/* It routes to us: what it has announced before is no longer true. FRR does not take it
	 * back. */
	if (accepts) {
		heard_forget(r, n, &t->prefix);
		rival_forget(r, now, &t->prefix, n);
		(void)neighbor_take_bit(r, now, n);
	}
	if (accepted_set(r, n, t, accepts))
		rip_tell(r, &(struct rip_event){
				    .kind = accepts ? RIP_EVENT_ACCEPTED : RIP_EVENT_UNACCEPTED,
				    .interface = n->interface->index,
				    .neighbor = n->address,
				    .prefix = t->prefix,
			    });
}

void neighbor_forgets(struct rip *r, struct rip_neighbor *n, struct rip_route *t)
{
	(void)accepted_set(r, n, t, false);
}

static void neighbor_describe(const struct rip *r, struct instant now, const struct rip_neighbor *n,
			      struct neighbor *ret)
{
	struct duration silence = instant_since(now, n->heard), rhythm = rhythm_of(r, n);

	*ret = (struct neighbor){
		.interface = n->interface->index,
		.address = n->address,
		.up = n->up,
		.dead = n->dead,
		/* Late: its update is overdue by half of its rhythm. */
		.state = !n->up				  ? "down"
			 : silence.ns > rhythm.ns / 2 * 3 ? "late"
							  : "up",
		.rhythm = rhythm,
		.version = n->version,
		.plain = neighbor_worth(n) <= RIP_WORTH_PLAIN,
		.proves = n->accepted > 0 || n->answers,
		.ignores_hosts = n->ignores_hosts,
		.since = n->since,
		.heard = n->heard,
		.packets = n->packets,
		.routes = n->routes,
		.accepted = n->accepted,
		.learned = n->learned,
	};
	memcpy(ret->drops, n->drops, sizeof(ret->drops));
}

bool rip_neighbor_next(const struct rip *r, struct instant now, size_t *position,
		       struct neighbor *ret)
{
	size_t at = 0;

	for (const struct rip_interface *i = NULL; (i = interface_next(r, i));) {
		list_each(each, &i->neighbors) {
			if (at++ < *position)
				continue;
			*position = at;
			neighbor_describe(r, now, container_of(each, struct rip_neighbor, link),
					  ret);
			return true;
		}
	}
	return false;
}
