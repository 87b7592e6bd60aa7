/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host: the node of production, over a kernel that is an array of objects. Effects are carried
 * out here, and here the invariants are kept watch over:
 *
 * - what is announced is bound: each prefix with a finite metric has a VIP in the kernel at that
 * moment, so nothing is announced before it answers, and nothing but our own VIPs ever is;
 * - what is unbound was withdrawn: when a VIP leaves the kernel at the node's wish, the last word
 * on each port that can speak was metric 16.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/recorder.h"
#include "sim/sim.h"

#define HOST_BOARD_INDEX 100

static bool object_equal(const struct object *a, const struct object *b)
{
	return a->kind == b->kind && a->interface == b->interface && a->length == b->length &&
	       address_equal(&a->address, &b->address);
}

bool host_holds(const struct sim_host *h, const struct address *a)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind != OBJECT_UNREACHABLE && h->board &&
		    address_equal(&h->objects[i].address, a))
			return true;
	return false;
}

/* Whether a VIP in the kernel stands behind the prefix. */
static bool host_backs(const struct sim_host *h, const struct prefix *p)
{
	for (size_t i = 0; i < h->n_objects; i++)
		if (h->objects[i].kind != OBJECT_UNREACHABLE &&
		    prefix_contains(p, &h->objects[i].address))
			return true;
	return false;
}

static struct sim_told *host_told(struct sim_host *h, const struct prefix *p)
{
	for (size_t i = 0; i < h->n_told; i++)
		if (prefix_equal(&h->told[i].prefix, p))
			return &h->told[i];
	assert(h->n_told < SIM_OBJECTS_MAX);
	h->told[h->n_told].prefix = *p;
	return &h->told[h->n_told++];
}

static void host_send(struct sim *s, uint8_t index, const struct rip_datagram *d)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_port *port = &h->ports[d->interface - 1];
	struct rip_datagram out = *d;
	struct rip_packet p;

	out.source = port->address;
	out.source_port = d->socket == RIP_SOCKET_QUERY ? SIM_QUERY_PORT : RIP_PORT;
	if (rip_packet_decode(d->bytes, d->length, &p) != RIP_DROP_NOTHING) {
		sim_break(s, "host %u sends a packet that it would not accept itself", index);
		return;
	}
	for (size_t i = 0; p.command == RIP_RESPONSE && i < p.n_entries; i++) {
		struct prefix prefix;

		if (rip_entry_prefix(&p.entries[i], 2, &s->lans[port->lan].network, &prefix) !=
		    RIP_DROP_NOTHING)
			sim_break(s, "host %u sends an entry that is invalid", index);
		else if (p.entries[i].metric < RIP_INFINITY && !host_backs(h, &prefix))
			sim_break(s, "host %u announces %s, which is not bound", index,
				  PREFIX_TEXT(&prefix));
		else if (address_is_multicast(&d->destination))
			host_told(h, &prefix)->metric[d->interface - 1] =
				(uint8_t)p.entries[i].metric;
	}
	sim_send(s, port, &out);
}

/* The last word on every port that can still speak must have been the good-bye. */
static void check_withdrawn(struct sim *s, uint8_t index, const struct object *o)
{
	struct sim_host *h = &s->hosts[index];
	struct prefix host = prefix_host(&o->address);

	if (o->kind == OBJECT_UNREACHABLE)
		return;
	for (size_t i = 0; i < h->n_told; i++) {
		const struct sim_told *t = &h->told[i];

		if (!prefix_equal(&t->prefix, &host))
			continue;
		for (size_t k = 0; k < h->n_ports; k++)
			if (h->ports[k].up && t->metric[k] && t->metric[k] < RIP_INFINITY)
				sim_break(s,
					  "host %u unbinds %s before it is withdrawn on port %zu",
					  index, ADDRESS_TEXT(&o->address), k + 1);
	}
}

static void host_later(struct sim *s, uint8_t index, enum sim_event_kind kind, uint32_t detail,
		       bool refused)
{
	struct duration in = random_between(&s->random, (struct duration){ 10000 }, DURATION_MS(2));

	sim_schedule(s, in,
		     &(struct sim_event){ .kind = (uint8_t)kind,
					  .owner = index,
					  .detail = detail,
					  .refused = refused });
}

static bool host_refuses(struct sim *s, const struct sim_host *h)
{
	return random_below(&s->random, 1000000) < h->refuse_ppm;
}

static void host_object(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];
	bool refused = host_refuses(s, h);
	size_t i = 0;

	host_later(s, index, SIM_EVENT_DONE, e->id, refused);
	if (refused)
		return;
	while (i < h->n_objects && !object_equal(&h->objects[i], &e->object))
		i++;
	if (e->kind == EFFECT_OBJECT_ADD && i == h->n_objects) {
		assert(h->n_objects < SIM_OBJECTS_MAX);
		h->objects[h->n_objects++] = e->object;
	} else if (e->kind == EFFECT_OBJECT_REMOVE && i < h->n_objects) {
		check_withdrawn(s, index, &e->object);
		h->objects[i] = h->objects[--h->n_objects];
	}
}

static void board_input(struct sim *s, uint8_t index, bool there)
{
	struct input in = { .kind = there ? INPUT_LINK : INPUT_LINK_GONE };

	s->hosts[index].board = there ? HOST_BOARD_INDEX : 0;
	if (there) {
		in.link = (struct interface){ .index = HOST_BOARD_INDEX,
					      .name = NODE_BOARD_DEFAULT,
					      .kind = INTERFACE_BOARD,
					      .up = true,
					      .carrier = true };
	} else {
		in.link_gone.index = HOST_BOARD_INDEX;
		s->hosts[index].n_objects = 0;
	}
	host_input(s, index, &in);
}

static void host_event(struct sim *s, uint8_t index, const struct event *e)
{
	struct sim_host *h = &s->hosts[index];
	char line[300];

	h->rescues += e->kind == EVENT_RESCUE && !strstr(e->reason, "relaxes");
	h->relaxes += e->kind == EVENT_RESCUE && strstr(e->reason, "relaxes");
	h->rivals += e->kind == EVENT_RIVAL;
	if (!s->verbose)
		return;
	event_format(e, line, sizeof(line));
	printf("%12.6f host %u %s\n", (double)(s->now.ns - DURATION_S(1000).ns) / 1e9, index, line);
}

static void host_effect(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];

	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
		host_later(s, index, SIM_EVENT_DONE, e->id, false);
		board_input(s, index, true);
		break;
	case EFFECT_BOARD_REMOVE:
		host_later(s, index, SIM_EVENT_DONE, e->id, false);
		board_input(s, index, false);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		host_object(s, index, e);
		break;
	case EFFECT_LISTEN:
		if (e->listen.on)
			host_later(s, index, SIM_EVENT_LISTEN, e->listen.interface, false);
		h->listening[e->listen.interface - 1] = e->listen.on;
		break;
	case EFFECT_SEND:
		host_send(s, index, &e->send);
		break;
	case EFFECT_EVENT:
		host_event(s, index, &e->event);
		break;
	case EFFECT_REPLY:
		h->replies++;
		h->refusals += e->reply.code != REPLY_OK;
		break;
	case EFFECT_STOPPED:
		h->stopped = true;
		break;
	default:
		break;
	}
}

static void host_arm(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	struct instant due = node_deadline(h->node);

	if (instant_is_never(due) || h->woken.ns == due.ns)
		return;
	h->woken = due;
	due = instant_max(due, s->now);
	sim_schedule(s, instant_since(due, s->now),
		     &(struct sim_event){ .kind = SIM_EVENT_HOST, .owner = index });
}

void host_input(struct sim *s, uint8_t index, const struct input *in)
{
	struct sim_host *h = &s->hosts[index];
	struct effect e;

	if (h->record)
		recorder_input(h->record, s->now, in);
	node_input(h->node, s->now, in);
	while (!s->broken[0] && node_effect(h->node, s->now, &e)) {
		if (h->record)
			recorder_effect(h->record, s->now, &e);
		host_effect(s, index, &e);
	}
	host_arm(s, index);
}

void host_wake(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	/* An earlier wake-up may have been for a deadline that has moved since. */
	h->woken = INSTANT_NEVER;
	if (instant_reached(node_deadline(h->node), s->now))
		host_input(s, index, &(struct input){ .kind = INPUT_TICK });
	else
		host_arm(s, index);
}

void host_done(struct sim *s, uint8_t index, uint32_t id, bool refused)
{
	struct input in = { .kind = INPUT_DONE, .done = { .first = id, .count = 1 } };

	if (refused) {
		in.done.error = -12;
		text_copy(in.done.text, sizeof(in.done.text), "the simulated kernel has no memory");
	}
	host_input(s, index, &in);
}

void host_listening(struct sim *s, uint8_t index, uint32_t interface)
{
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = interface;
	in.listening.ready = true;
	if (s->hosts[index].listening[interface - 1])
		host_input(s, index, &in);
}

void host_receive(struct sim *s, uint8_t index, const struct sim_port *port,
		  const struct rip_datagram *d)
{
	struct input in = { .kind = INPUT_PACKET, .packet = *d };

	if (s->hosts[index].listening[port->interface - 1])
		host_input(s, index, &in);
}

static void port_input(struct sim *s, uint8_t index, const struct sim_port *p)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = p->interface,
				      .up = p->up,
				      .carrier = p->up,
				      .multicast = true,
				      .broadcast = true,
				      .mtu = 1500 };
	in.link.mac[0] = 2;
	in.link.mac[4] = index;
	in.link.mac[5] = (uint8_t)p->interface;
	snprintf(in.link.name, sizeof(in.link.name), "eth%u", p->interface);
	host_input(s, index, &in);
}

static void config_part(struct sim *s, uint8_t index, struct input *in, enum config_part part)
{
	in->kind = INPUT_CONFIG;
	in->request = 1;
	in->more = part != CONFIG_END;
	in->config.part = (uint8_t)part;
	host_input(s, index, in);
}

void host_start(struct sim *s, uint8_t index, const struct rip_settings *rip)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_START };

	h->node = node_new();
	assert(h->node);
	h->woken = INSTANT_NEVER;
	h->next_request = 100;
	in.start.seed = random_next(&s->random);
	host_input(s, index, &in);
	in.config.rip = *rip;
	config_part(s, index, &in, CONFIG_RIP);
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	in.config.rule.rip_enabled = true;
	config_part(s, index, &in, CONFIG_RULE);
	config_part(s, index, &in, CONFIG_END);
	host_input(s, index, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	for (size_t i = 0; i < h->n_ports; i++) {
		struct input address = { .kind = INPUT_OBJECT };

		port_input(s, index, &h->ports[i]);
		address.object.present = true;
		address.object.object = (struct object){ .kind = OBJECT_ADDRESS,
							 .interface = h->ports[i].interface,
							 .address = h->ports[i].address,
							 .length = 24 };
		host_input(s, index, &address);
	}
	host_input(s, index, &(struct input){ .kind = INPUT_DUMP_END });
}

void host_bind(struct sim *s, uint8_t index, const char *vip)
{
	struct input in = { .kind = INPUT_BIND, .request = s->hosts[index].next_request++ };

	vip_settings_default(&in.bind);
	assert(prefix_parse(vip, &in.bind.address, &in.bind.length) == 0);
	host_input(s, index, &in);
}

void host_unbind(struct sim *s, uint8_t index, const char *address, bool now)
{
	struct input in = { .kind = INPUT_UNBIND, .request = s->hosts[index].next_request++ };

	in.unbind.now = now;
	assert(address_parse(address, &in.unbind.address) == 0);
	host_input(s, index, &in);
}

void host_stop(struct sim *s, uint8_t index)
{
	host_input(s, index, &(struct input){ .kind = INPUT_STOP });
}

void host_port(struct sim *s, uint8_t index, uint32_t interface, bool up)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];

	if (p->up == up)
		return;
	p->up = up;
	port_input(s, index, p);
}
