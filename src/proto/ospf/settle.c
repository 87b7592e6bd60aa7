/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was put off. The machines of interfaces and neighbours tell each other of their events, and
 * both are told by what is flooded. So that none of them is called from under its own hands, a mark
 * is set, and what it means is done here, between two packets, until nothing is marked.
 */
#include "proto/ospf/machine.h"
#include "proto/ospf/memory.h"

static void neighbor_settle(struct ospf_neighbor *n)
{
	uint8_t pending = n->pending;

	n->pending = 0;
	if (pending & NEIGHBOR_PENDING_MISMATCH)
		neighbor_event(n, NEIGHBOR_SEQUENCE_MISMATCH);
	else if ((pending & NEIGHBOR_PENDING_LOADED) && n->n_requests == 0)
		neighbor_event(n, NEIGHBOR_LOADING_DONE);
	/* One that was said to be dead is known as long as it is heard: its watch goes on. */
	if (n->state == OSPF_NEIGHBOR_DOWN && !timer_running(&n->inactivity) && !n->helped)
		ospf_neighbor_free(n);
}

static void interface_settle(struct ospf_interface *i)
{
	uint8_t pending = i->pending;

	i->pending = 0;
	for (uint8_t e = INTERFACE_UP; e <= INTERFACE_EVENT_DOWN; e++)
		if (pending >> e & 1)
			interface_event(i, (enum interface_event)e);
	list_each_entry_safe(struct ospf_neighbor, n, &i->neighbors, link)
		neighbor_settle(n);
}

void settle(struct ospf *o)
{
	while (o->unsettled) {
		o->unsettled = false;
		ospf_interfaces_review(o);
		list_each_entry_safe(struct ospf_interface, i, &o->interfaces, link)
			interface_settle(i);
		if (o->memory_doubted)
			memory_review(o);
		flood_sweep(o);
		if (o->topology_changed)
			restart_topology_changed(o);
		if (o->links_changed)
			originate_links(o);
		if (o->paths_changed)
			originate_hosts(o);
		o->topology_changed = o->links_changed = o->paths_changed = false;
		if (o->restarting)
			restart_review(o);
		announce_review(o);
	}
}
