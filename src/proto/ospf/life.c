/* SPDX-License-Identifier: Apache-2.0 */
/* The instance: its life and its timers. README.md in this folder is the overview. */
#include <stdlib.h>
#include <string.h>

#include "proto/ospf/ledger.h"
#include "proto/ospf/machine.h"
#include "proto/ospf/memory.h"

static void tables_init(struct ospf *o)
{
	timers_init(&o->timers);
	list_init(&o->areas);
	list_init(&o->interfaces);
	list_init(&o->purged);
	list_init(&o->output);
	list_init(&o->events);
	database_init(&o->as, o, LSA_SCOPE_AS, 0);
}

struct ospf *ospf_new(enum ospf_version v, const struct ospf_settings *s, uint64_t seed,
		      uint64_t hash_seed)
{
	struct ospf *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->version = v;
	o->settings = *s;
	o->router = s->router_id;
	o->hash_seed = hash_seed;
	random_init(&o->random, seed);
	timer_init(&o->restart, SLOT_RESTART);
	tables_init(o);
	own_init(o);
	o->packet = malloc(OSPF_PACKET_MAX);
	o->sequences = calloc(1, sizeof(*o->sequences));
	if (!o->packet || !o->sequences || timers_reserve(&o->timers, 16) < 0 || spf_init(o) < 0) {
		ospf_free(o);
		return NULL;
	}
	return o;
}

void ospf_free(struct ospf *o)
{
	if (!o)
		return;
	memory_free(o);
	interfaces_free(o);
	ledger_done(o);
	database_done(&o->as);
	own_done(o);
	spf_free(o);
	events_free(o);
	free(o->sequences);
	free(o->packet);
	timers_done(&o->timers);
	free(o);
}

static void hello_due(struct ospf_interface *i)
{
	struct ospf *o = i->of;

	i->hello_due = true;
	interface_wants_output(i);
	(void)timer_set(&o->timers, &i->hello,
			instant_max(instant_add(i->hello.due, i->settings.is.hello), o->now));
}

static void wait_due(struct ospf_interface *i)
{
	if (i->leaving)
		interface_wants_output(i);
	else
		interface_event(i, INTERFACE_WAIT_TIMER);
}

static void acknowledgments_due(struct ospf_interface *i)
{
	i->acknowledge_now = true;
	interface_wants_output(i);
}

/* RFC 2328 10.3, InactivityTimer; of one that somebody else holds down: it is not heard any more.
 */
static void inactivity_due(struct ospf_neighbor *n)
{
	n->liveness = VERDICT_UNKNOWN;
	n->interface->of->unsettled = true;
	neighbor_event(n, NEIGHBOR_INACTIVITY_TIMER);
}

/* `at` was the last time; *due is when it is next. */
static bool is_due_again(const struct ospf_neighbor *n, struct instant at, struct instant *due)
{
	struct instant next = instant_add(at, n->interface->settings.is.retransmit);

	if (instant_reached(next, n->interface->of->now))
		return true;
	*due = instant_min(*due, next);
	return false;
}

/* RFC 2328 10.8, 10.9, 13.6: what was not answered is said again. */
static void retransmit_due(struct ospf_neighbor *n)
{
	struct ospf *o = n->interface->of;
	struct instant due = INSTANT_NEVER;

	if (n->state == OSPF_NEIGHBOR_EX_START || (n->state == OSPF_NEIGHBOR_EXCHANGE && n->master))
		n->description_due |= is_due_again(n, n->description_sent, &due);
	if (n->description_due && n->state == OSPF_NEIGHBOR_EX_START)
		exchange_greet(n);
	if (n->n_requested > 0 && is_due_again(n, n->request_sent, &due))
		requests_again(n);
	if (!list_empty(&n->retransmissions))
		n->again |= is_due_again(
			n,
			container_of(n->retransmissions.next, struct retransmission, of_neighbor)
				->sent,
			&due);
	if (n->description_due || n->request_due || n->again)
		neighbor_wants_output(n);
	if (!instant_is_never(due))
		(void)timer_set(&o->timers, &n->retransmit, due);
}

struct instant ospf_deadline(const struct ospf *o)
{
	return timers_deadline(&o->timers);
}

void ospf_tick(struct ospf *o, struct instant now)
{
	struct timer *t;

	o->now = now;
	settle(o);
	while ((t = timers_pop(&o->timers, now))) {
		switch ((enum slot)t->slot) {
		case SLOT_HELLO:
			hello_due(container_of(t, struct ospf_interface, hello));
			break;
		case SLOT_WAIT:
			wait_due(container_of(t, struct ospf_interface, wait));
			break;
		case SLOT_ACKNOWLEDGE:
			acknowledgments_due(container_of(t, struct ospf_interface, acknowledge));
			break;
		case SLOT_KEY:
			ospf_key_review(o, now, container_of(t, struct ospf_interface, key));
			break;
		case SLOT_INACTIVITY:
			inactivity_due(container_of(t, struct ospf_neighbor, inactivity));
			break;
		case SLOT_RETRANSMIT:
			retransmit_due(container_of(t, struct ospf_neighbor, retransmit));
			break;
		case SLOT_HELPING:
			restart_helped_due(container_of(t, struct ospf_neighbor, helping));
			break;
		case SLOT_LSA:
			flood_lsa_due(o, container_of(t, struct lsa, due));
			break;
		case SLOT_ORIGINATE:
			own_due(o, container_of(t, struct own, originate));
			break;
		case SLOT_SETTLE:
			announce_settled(o, container_of(t, struct route_own, settle));
			break;
		case SLOT_SPF:
			spf_due(o);
			break;
		case SLOT_RESTART:
			restart_due(o);
			break;
		}
		settle(o);
	}
}

int ospf_withdraw(struct ospf *o, struct instant now, const struct prefix *p)
{
	o->now = now;
	/* What an earlier life has said of it goes, too. */
	restart_withdraws(o);
	return announce_withdraw(o, p);
}
