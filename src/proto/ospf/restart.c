/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graceful restart: RFC 3623, and RFC 5187 for OSPFv3. A neighbour that says by a grace-LSA that it
 * restarts is as full as before for all that we say of it, until it has restarted, its time is
 * over, or something changes that it would have to know: then routes through it may be wrong.
 */
#include "proto/ospf/own.h"

bool restart_is_helped(const struct ospf_neighbor *n)
{
	return n->helped;
}

static void help_end(struct ospf_neighbor *n, const char *why)
{
	struct ospf *o = n->interface->of;

	timer_stop(&o->timers, &n->helping);
	event_note(o, n->interface->index, &n->address, "it is not waited for any more: %s", why);
	neighbor_helped(n, false);
}

void restart_helped_due(struct ospf_neighbor *n)
{
	if (n->helped)
		help_end(n, "it has not restarted within its grace period");
}

/* RFC 3623 3.1 (2): it has been told of something that it has not acknowledged. */
static bool misses_something(const struct ospf_neighbor *n)
{
	return n->n_retransmissions > 0;
}

void restart_lsa_received(struct ospf *o, struct ospf_interface *i, const struct lsa *l)
{
	struct ospf_neighbor *n = neighbor_find(i, l->header.key.router);
	uint16_t age = lsa_age(l, o->now);
	struct lsa_grace g;

	if (!n || !lsa_grace_read(o->version, l->bytes, l->header.length, &g))
		return;
	if (age >= LSA_AGE_MAX) {
		/* 3.2 (1): it has flushed it, and is there again. */
		if (n->helped)
			help_end(n, "it has restarted");
		return;
	}
	if (!o->settings.helper || o->restarting || age >= g.period_s ||
	    g.period_s > LSA_AGE_REFRESH)
		return;
	if (!n->helped && (n->state != OSPF_NEIGHBOR_FULL || misses_something(n)))
		return;
	if (timer_set(&o->timers, &n->helping, instant_add(o->now, DURATION_S(g.period_s - age))) <
	    0)
		return;
	if (n->helped)
		return;
	event_note(o, i->index, &n->address, "it restarts: what it says is kept for %u s",
		   (unsigned)(g.period_s - age));
	neighbor_helped(n, true);
}

void restart_topology_changed(struct ospf *o)
{
	/* 3.2 (3) */
	list_each_entry(struct ospf_interface, i, &o->interfaces, link)
		list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors, link)
			if (n->helped)
				help_end(n, "something else has changed meanwhile");
}

/* Our own restart is over: what we say counts again. */
void restart_due(struct ospf *o)
{
	timer_stop(&o->timers, &o->restart);
	o->restarting = false;
	originate_all(o);
}
