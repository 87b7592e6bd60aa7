/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2328 10.3: the states of a neighbour, as a table. What an event is, hello.c, exchange.c and
 * update.c find out. The row of the state Attempt is not here: it belongs to NBMA networks, whose
 * neighbours are known before they speak.
 *
 * A neighbour that is down stays in its list until settle.c takes it away, so nobody loses one
 * under his hands; and longer, when somebody who watches it says that it is dead.
 */
#include <stdlib.h>

#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"

#define BIT(state) (1u << OSPF_NEIGHBOR_##state)
#define ANY 0xffu
#define FROM_INIT (ANY & ~BIT(DOWN))
#define FROM_TWO_WAY (FROM_INIT & ~BIT(INIT))
#define FROM_EX_START (FROM_TWO_WAY & ~BIT(TWO_WAY))
#define FROM_EXCHANGE (FROM_EX_START & ~BIT(EX_START))
#define STAYS UINT8_MAX

static bool is_adjacent_to(const struct ospf_neighbor *n)
{
	const struct ospf_interface *i = n->interface;
	uint32_t id = neighbor_id_in_hello(n);

	/* RFC 2328 10.4 */
	return i->settings.is.network != OSPF_BROADCAST || i->state == OSPF_INTERFACE_DR ||
	       i->state == OSPF_INTERFACE_BACKUP || id == i->dr || id == i->bdr;
}

/* The lists of an adjacency: RFC 2328 10.3, "1-WayReceived". */
static void forget_exchange(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;

	timer_stop(&o->timers, &n->retransmit);
	exchange_clear(n);
	requests_clear(n);
	retransmissions_clear(n);
	n->pending = 0;
	n->again = false;
}

static uint8_t begin(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;

	(void)timer_set(&o->timers, &n->inactivity,
			instant_add(o->now, n->interface->settings.is.dead));
	return OSPF_NEIGHBOR_INIT;
}

static uint8_t go_on(struct ospf_neighbor *n)
{
	(void)begin(n);
	return STAYS;
}

static uint8_t become_two_way(struct ospf_neighbor *n)
{
	return is_adjacent_to(n) ? OSPF_NEIGHBOR_EX_START : OSPF_NEIGHBOR_TWO_WAY;
}

static uint8_t begin_to_describe(struct ospf_neighbor *n)
{
	/* Without memory for what there is to describe it is tried again. */
	return exchange_summarize(n) < 0 ? OSPF_NEIGHBOR_EX_START : OSPF_NEIGHBOR_EXCHANGE;
}

static uint8_t finish_describing(struct ospf_neighbor *n)
{
	return n->n_requests == 0 ? OSPF_NEIGHBOR_FULL : OSPF_NEIGHBOR_LOADING;
}

static uint8_t finish_loading(struct ospf_neighbor *n)
{
	(void)n;
	return OSPF_NEIGHBOR_FULL;
}

static uint8_t review_adjacency(struct ospf_neighbor *n)
{
	bool wanted = is_adjacent_to(n);

	if (n->state == OSPF_NEIGHBOR_TWO_WAY)
		return wanted ? OSPF_NEIGHBOR_EX_START : STAYS;
	if (wanted)
		return STAYS;
	forget_exchange(n);
	return OSPF_NEIGHBOR_TWO_WAY;
}

static uint8_t begin_anew(struct ospf_neighbor *n)
{
	forget_exchange(n);
	return OSPF_NEIGHBOR_EX_START;
}

static uint8_t fall_back(struct ospf_neighbor *n)
{
	forget_exchange(n);
	return OSPF_NEIGHBOR_INIT;
}

static uint8_t remember(struct ospf_neighbor *n)
{
	uint8_t init = begin(n);

	n->remembered = !is_adjacent_to(n);
	return n->remembered ? OSPF_NEIGHBOR_TWO_WAY : init;
}

static uint8_t remember_full(struct ospf_neighbor *n)
{
	(void)begin(n);
	n->remembered = true;
	return is_adjacent_to(n) ? OSPF_NEIGHBOR_FULL : OSPF_NEIGHBOR_TWO_WAY;
}

static uint8_t confirm(struct ospf_neighbor *n)
{
	n->remembered = false;
	n->interface->of->mutual_changed = n->interface->of->unsettled = true;
	return STAYS;
}

static uint8_t end(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;

	forget_exchange(n);
	if (n->liveness != VERDICT_DOWN)
		timer_stop(&o->timers, &n->inactivity);
	key_silent(o, n);
	o->unsettled = true;
	return OSPF_NEIGHBOR_DOWN;
}

static const struct {
	uint8_t event;
	uint32_t states;
	uint8_t (*action)(struct ospf_neighbor *n); /* the new state, or STAYS */
} table[] = {
	{ NEIGHBOR_HELLO_RECEIVED, BIT(DOWN), begin },
	{ NEIGHBOR_HELLO_RECEIVED, FROM_INIT, go_on },
	{ NEIGHBOR_TWO_WAY_RECEIVED, BIT(INIT), become_two_way },
	{ NEIGHBOR_NEGOTIATION_DONE, BIT(EX_START), begin_to_describe },
	{ NEIGHBOR_EXCHANGE_DONE, BIT(EXCHANGE), finish_describing },
	{ NEIGHBOR_LOADING_DONE, BIT(LOADING), finish_loading },
	{ NEIGHBOR_ADJ_OK, FROM_TWO_WAY, review_adjacency },
	{ NEIGHBOR_SEQUENCE_MISMATCH, FROM_EXCHANGE, begin_anew },
	{ NEIGHBOR_BAD_LS_REQUEST, FROM_EXCHANGE, begin_anew },
	{ NEIGHBOR_ONE_WAY, FROM_TWO_WAY, fall_back },
	{ NEIGHBOR_KILL, FROM_INIT, end },
	{ NEIGHBOR_LL_DOWN, FROM_INIT, end },
	{ NEIGHBOR_INACTIVITY_TIMER, FROM_INIT, end },
	{ NEIGHBOR_REMEMBERED_FULL, BIT(DOWN), remember_full },
	{ NEIGHBOR_REMEMBERED, BIT(DOWN), remember },
	{ NEIGHBOR_CONFIRMED, BIT(TWO_WAY) | BIT(FULL), confirm },
};

static bool is_exchanging(uint8_t state)
{
	return state == OSPF_NEIGHBOR_EXCHANGE || state == OSPF_NEIGHBOR_LOADING;
}

/* It is as near as it is to come: full, or heard in both directions where no more is wanted. */
static bool is_up(const struct ospf_neighbor *n)
{
	if (n->remembered)
		return false;
	if (neighbor_is_full(n))
		return true;
	/* Who was as near as that, and is to be nearer now, has not gone. */
	if (n->state > OSPF_NEIGHBOR_TWO_WAY)
		return n->up && !n->was_full;
	return n->state == OSPF_NEIGHBOR_TWO_WAY && !is_adjacent_to(n) &&
	       n->interface->state != OSPF_INTERFACE_WAITING;
}

/* What others say of it in their LSAs. */
static void full_changed(struct ospf_neighbor *n, bool full)
{
	struct ospf_interface *i = n->interface;

	i->n_full += full ? 1 : -1u;
	announce_neighbor(i->of, n);
	originate_area(i->of, i->area);
	originate_interface(i->of, i);
	spf_wanted(i->of, i->area, SPF_FULL);
}

static void tell(struct ospf_neighbor *n)
{
	bool up = is_up(n);

	n->was_full =
		up && (n->was_full || neighbor_is_full(n)) && n->state != OSPF_NEIGHBOR_TWO_WAY;
	if (up == n->up)
		return;
	n->up = up;
	n->since = n->interface->of->now;
	event_neighbor(n->interface->of, n,
		       up ? SPEAKER_EVENT_NEIGHBOR_UP : SPEAKER_EVENT_NEIGHBOR_DOWN);
}

/* Who was full in an earlier life is not so for itself. */
static void doubt(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;

	o->memory_doubted = o->unsettled = true;
	event_note(o, n->interface->index, &n->address,
		   "it does not go on where an earlier life of ours has ended");
}

static void state_set(struct ospf_neighbor *n, uint8_t state)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;
	uint8_t was = n->state;
	bool was_full = n->counts_full;

	n->state = state;
	n->state_since = o->now;
	o->n_exchanging += is_exchanging(state);
	o->n_exchanging -= is_exchanging(was);
	if (is_exchanging(was) && o->n_exchanging == 0)
		o->unsettled = true;
	/* RFC 2328 9.2: whoever is heard in both directions counts in an election. */
	if ((was >= OSPF_NEIGHBOR_TWO_WAY) != (state >= OSPF_NEIGHBOR_TWO_WAY)) {
		interface_event_later(i, INTERFACE_NEIGHBOR_CHANGE);
		spf_wanted(o, i->area, SPF_FULL);
	}
	if (state == OSPF_NEIGHBOR_EX_START)
		exchange_begin(n);
	if (state == OSPF_NEIGHBOR_LOADING && n->n_requested == 0)
		requests_again(n);
	if (n->remembered && was == OSPF_NEIGHBOR_FULL)
		doubt(n);
	/* What has failed is said at once. */
	if (o->goes_on && was == OSPF_NEIGHBOR_FULL && state == OSPF_NEIGHBOR_DOWN)
		restart_soon(o, (struct duration){ 0 });
	n->remembered &= was == OSPF_NEIGHBOR_DOWN;
	n->counts_full = neighbor_is_full(n);
	if (n->counts_full != was_full)
		full_changed(n, n->counts_full);
	ledger_neighbor(n);
	tell(n);
}

void neighbor_event(struct ospf_neighbor *n, enum neighbor_event e)
{
	uint8_t state = STAYS;

	for (size_t k = 0; k < ARRAY_LENGTH(table); k++)
		if (table[k].event == e && (table[k].states >> n->state & 1)) {
			state = table[k].action(n);
			break;
		}
	if (state == STAYS) {
		tell(n);
		return;
	}
	n->events++;
	/* An exchange that begins anew is another one, though the state has the same name. */
	state_set(n, state);
}

void neighbor_helped(struct ospf_neighbor *n, bool helped)
{
	bool was_full = n->counts_full;

	n->helped = helped;
	n->interface->of->unsettled = true;
	/* RFC 3623 3.2: it counts in an election as it is now. */
	if (!helped)
		interface_event_later(n->interface, INTERFACE_NEIGHBOR_CHANGE);
	n->counts_full = neighbor_is_full(n);
	if (n->counts_full != was_full)
		full_changed(n, n->counts_full);
	tell(n);
}

struct ospf_neighbor *neighbor_new(struct ospf_interface *i, uint32_t router,
				   const struct address *a)
{
	struct ospf *o = i->of;
	struct ospf_neighbor *n;

	if (i->n_neighbors >= OSPF_NEIGHBORS_MAX ||
	    timers_reserve(&o->timers, o->timers.count + 3) < 0)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->interface = i;
	n->router = router;
	n->address = *a;
	n->since = n->state_since = o->now;
	n->dd_sequence = (uint32_t)random_next(&o->random);
	timer_init(&n->inactivity, SLOT_INACTIVITY);
	timer_init(&n->retransmit, SLOT_RETRANSMIT);
	timer_init(&n->helping, SLOT_HELPING);
	list_init(&n->requests);
	list_init(&n->queued);
	list_init(&n->missed);
	list_init(&n->retransmissions);
	list_init(&n->output);
	hash_init(&n->wanted);
	hash_seed(&n->wanted, o->hash_seed);
	list_append(&i->neighbors, &n->link);
	i->n_neighbors++;
	return n;
}

void ospf_neighbor_free(struct ospf_neighbor *n)
{
	struct ospf_interface *i = n->interface;
	struct ospf *o = i->of;

	n->helped = false;
	n->liveness = VERDICT_UNKNOWN;
	neighbor_event(n, NEIGHBOR_KILL);
	forget_exchange(n);
	timer_stop(&o->timers, &n->inactivity);
	timer_stop(&o->timers, &n->helping);
	free(n->acknowledgments.headers);
	list_remove(&n->output);
	list_remove(&n->link);
	i->n_neighbors--;
	free(n);
}

void ospf_liveness(struct ospf *o, struct instant now, uint32_t interface,
		   const struct address *neighbor, enum verdict v)
{
	struct ospf_interface *i = ospf_interface_find(o, interface);
	struct ospf_neighbor *n = i ? neighbor_by_address(i, neighbor) : NULL;

	o->now = now;
	if (!n || n->liveness == v)
		return;
	n->liveness = (uint8_t)v;
	if (v == VERDICT_DOWN)
		neighbor_event(n, NEIGHBOR_LL_DOWN);
	else if (n->state == OSPF_NEIGHBOR_DOWN)
		interface_hello_now(i);
}
