/* SPDX-License-Identifier: Apache-2.0 */
/* A host's kernel: an array of objects, a board, ports; what it does with changes and with frames.
 */
#include "sim/kernel.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/invariants.h"
#include "sim/lan.h"
#include "sim/nexthops.h"

#define HOST_BOARD_INDEX 100

static bool object_is_in_table(const struct object *o)
{
	return o->kind == OBJECT_SILENCE || o->kind == OBJECT_ARP_SENDER;
}

static void host_drop(struct sim_host *h, bool (*goes)(const struct object *o))
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n_objects; i++)
		if (!goes(&h->objects[i]))
			h->objects[kept++] = h->objects[i];
	h->n_objects = (uint8_t)kept;
}

static bool object_is_on_board(const struct object *o)
{
	return object_is_vip(o) && o->interface == HOST_BOARD_INDEX;
}

static bool host_refuses(struct sim *s, const struct sim_host *h)
{
	return random_below(&s->random, 1000000) < h->refuse_ppm;
}

bool kernel_refuses(struct sim *s, const struct sim_host *h)
{
	return h->refuse_ppm && host_refuses(s, h);
}

void kernel_change(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];
	bool refused = host_refuses(s, h) ||
		       (e->kind == EFFECT_OBJECT_ADD && !nexthops_take(h, &e->object));
	size_t i = 0;

	host_later(s, index, SIM_EVENT_DONE, e->id, refused);
	if (e->kind == EFFECT_OBJECT_ADD)
		invariant_asked(s, index, &e->object);
	if (refused)
		return;
	while (i < h->n_objects && !object_is_same(&h->objects[i], &e->object))
		i++;
	if (e->kind == EFFECT_OBJECT_ADD && i == h->n_objects) {
		invariant_silent(s, index, &e->object);
		assert(h->n_objects < SIM_OBJECTS_MAX);
		h->objects[h->n_objects++] = e->object;
	} else if (e->kind == EFFECT_OBJECT_ADD && e->object.replace) {
		h->objects[i] = e->object;
	} else if (e->kind == EFFECT_OBJECT_REMOVE && i < h->n_objects) {
		invariant_withdrawn(s, index, &e->object);
		invariant_unsilenced(s, index, &e->object);
		invariant_nobodys_source(s, index, &e->object);
		h->objects[i] = h->objects[--h->n_objects];
		if (e->object.kind == OBJECT_ARP_TABLE)
			host_drop(h, object_is_in_table);
		nexthops_gone(h, &e->object);
	}
}

static void board_told(struct sim *s, uint8_t index)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = HOST_BOARD_INDEX,
				      .name = NODE_BOARD_DEFAULT,
				      .kind = INTERFACE_BOARD,
				      .up = true,
				      .carrier = true };
	sim_tell(s, index, &in);
}

void kernel_board(struct sim *s, uint8_t index, bool there)
{
	struct input in = { .kind = INPUT_LINK_GONE };

	s->hosts[index].board = there ? HOST_BOARD_INDEX : 0;
	if (there) {
		board_told(s, index);
		return;
	}
	in.link_gone.index = HOST_BOARD_INDEX;
	host_drop(&s->hosts[index], object_is_on_board);
	sim_tell(s, index, &in);
}

static void port_mac(const struct sim_port *p, uint8_t mac[ETHER_MAC_BYTES])
{
	memset(mac, 0, ETHER_MAC_BYTES);
	mac[0] = 2;
	mac[4] = p->owner;
	mac[5] = (uint8_t)p->interface;
}

void host_frame_kernel(struct sim *s, uint8_t index, const struct sim_port *port,
		       const struct ether_frame *f)
{
	struct ether_message m, reply = { .kind = ETHER_ARP_REPLY };
	struct sim_host *h = &s->hosts[index];
	struct ether_frame out = { 0 };

	if (ether_decode(f, &m) < 0 || m.kind != ETHER_ARP_REQUEST ||
	    address_equal(&m.source, &m.target) || !host_holds(h, &m.target) ||
	    host_has(h, OBJECT_SILENCE, &m.target))
		return;
	reply.source = m.target;
	reply.target = m.source;
	port_mac(port, reply.from);
	port_mac(port, reply.mac);
	memcpy(reply.to, m.mac, ETHER_MAC_BYTES);
	ether_encode(&reply, &out);
	sim_send_frame(s, port, &out);
}

void kernel_port(struct sim *s, uint8_t index, const struct sim_port *p)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = p->interface,
				      .up = p->up,
				      .carrier = p->up,
				      .multicast = true,
				      .broadcast = true,
				      .mtu = 1500 };
	port_mac(p, in.link.mac);
	snprintf(in.link.name, sizeof(in.link.name), "eth%u", p->interface);
	sim_tell(s, index, &in);
}

static void object_input(struct sim *s, uint8_t index, const struct object *o, bool present)
{
	struct input in = { .kind = INPUT_OBJECT };

	in.object.present = present;
	in.object.object = *o;
	sim_tell(s, index, &in);
}

void kernel_dump(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	sim_tell(s, index, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	for (size_t i = 0; i < h->n_ports; i++) {
		struct object address = { .kind = OBJECT_ADDRESS,
					  .interface = h->ports[i].interface,
					  .address = h->ports[i].address,
					  .length = s->lans[h->ports[i].lan].network.length };

		kernel_port(s, index, &h->ports[i]);
		object_input(s, index, &address, true);
		address.address = h->ports[i].global;
		if (address_is_set(&address.address))
			object_input(s, index, &address, true);
	}
	if (h->board)
		board_told(s, index);
	/* What stands on others is told after them. */
	for (uint8_t kind = OBJECT_ADDRESS; kind < OBJECT_KINDS; kind++)
		for (size_t i = 0; i < h->n_objects; i++)
			if (h->objects[i].kind == kind)
				object_input(s, index, &h->objects[i], true);
	sim_tell(s, index, &(struct input){ .kind = INPUT_DUMP_END });
}

/* What is taken: the board, the whole table, or one object. */
void host_damage(struct sim *s, uint8_t index, bool unheard)
{
	struct sim_host *h = &s->hosts[index];
	size_t at = random_below(&s->random, h->n_objects + 1u);
	struct object o;

	unheard |= !instant_reached(h->stalled, s->now);
	host_is_behind(s, h);
	if (at == h->n_objects) {
		host_drop(h, object_is_on_board);
		h->board = 0;
		if (!unheard)
			kernel_board(s, index, false);
	} else {
		o = h->objects[at];
		h->objects[at] = h->objects[--h->n_objects];
		if (o.kind == OBJECT_ARP_TABLE)
			host_drop(h, object_is_in_table);
		nexthops_gone(h, &o);
		if (!unheard)
			object_input(s, index, &o, false);
	}
	/*
	 * Also when it was heard: whether it came before or after a change of ours that is under
	 * way, the event does not say. So Linux, too, is read anew, behind the outcome of that
	 * change.
	 */
	if (host_lives(h))
		sim_schedule(s, HOST_REREAD,
			     &(struct sim_event){
				     .kind = SIM_EVENT_REREAD, .owner = index, .life = h->life });
}
