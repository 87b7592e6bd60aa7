/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host: the node of production, over a kernel that is an array of objects (kernel.c). Effects are
 * carried out here; invariants.c keeps watch over them.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/will.h"
#include "sim/invariants.h"
#include "sim/kernel.h"
#include "sim/nexthops.h"
#include "sim/recorder.h"
#include "sim/sim.h"

/* So long a repair may take: to learn of it, the board, the table, the silence, the address. */
#define HOST_REPAIR DURATION_MS(20)

static struct sim_told *host_told(struct sim_host *h, const struct prefix *p)
{
	for (size_t i = 0; i < h->n_told; i++)
		if (prefix_equal(&h->told[i].prefix, p))
			return &h->told[i];
	assert(h->n_told < SIM_OBJECTS_MAX);
	h->told[h->n_told].prefix = *p;
	return &h->told[h->n_told++];
}

static void host_send(struct sim *s, uint8_t index, const struct packet *d)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_port *port = &h->ports[d->interface - 1];
	struct packet out = *d;
	struct rip_packet p;

	out.source = port->address;
	out.source_port = d->socket == RIP_SOCKET_QUERY ? SIM_QUERY_PORT : rip_port(s->family);
	if (rip_packet_decode(s->family, d->bytes, d->length, &p) != RIP_DROP_NOTHING) {
		sim_break(s, "host %u sends a packet that it would not accept itself", index);
		return;
	}
	for (size_t i = 0; p.command == RIP_RESPONSE && i < p.n_entries; i++) {
		struct prefix prefix;

		if (rip_entry_prefix(&p, &p.entries[i], &s->lans[port->lan].network, &prefix) !=
		    RIP_DROP_NOTHING)
			sim_break(s, "host %u sends an entry that is invalid", index);
		else if (p.entries[i].metric < RIP_INFINITY && !host_backs(h, &prefix) &&
			 instant_reached(h->harmed, s->now))
			sim_break(s, "host %u announces %s, which is not bound", index,
				  PREFIX_TEXT(&prefix));
		else if (address_is_multicast(&d->destination))
			host_told(h, &prefix)->metric[d->interface - 1] =
				(uint8_t)p.entries[i].metric;
	}
	sim_send(s, port, &out);
}

void host_later(struct sim *s, uint8_t index, enum sim_event_kind kind, uint32_t detail,
		bool refused)
{
	struct duration in = random_between(&s->random, (struct duration){ 10000 }, DURATION_MS(2));

	s->hosts[index].under_way += kind == SIM_EVENT_DONE;
	sim_schedule(s, in,
		     &(struct sim_event){ .kind = (uint8_t)kind,
					  .owner = index,
					  .life = s->hosts[index].life,
					  .detail = detail,
					  .refused = refused });
}

static void host_event(struct sim *s, uint8_t index, const struct event *e)
{
	struct sim_host *h = &s->hosts[index];
	char line[300];

	h->rescues += e->kind == EVENT_RESCUE && !strstr(e->reason, "relaxes");
	h->relaxes += e->kind == EVENT_RESCUE && strstr(e->reason, "relaxes");
	h->rivals += e->kind == EVENT_RIVAL && !address_equal(&e->vip, &s->shared) &&
		     !address_equal(&e->vip, &s->contested);
	if (!s->verbose)
		return;
	event_format(e, line, sizeof(line));
	printf("%12.6f host %u %s\n", (double)(s->now.ns - DURATION_S(1000).ns) / 1e9, index, line);
}

/* The state file: a snapshot counts when it is whole. */
static void record_put(struct sim_host *h, const struct saved *record)
{
	if (record->kind == SAVED_BEGIN)
		h->snapshot = h->n_records;
	if (h->n_records == h->records_capacity) {
		h->records_capacity = h->records_capacity ? 2 * h->records_capacity : 64;
		h->records = reallocarray(h->records, h->records_capacity, sizeof(*h->records));
		assert(h->records);
	}
	h->records[h->n_records++] = *record;
	if (record->kind != SAVED_END)
		return;
	h->n_records -= h->snapshot;
	memmove(h->records, h->records + h->snapshot, h->n_records * sizeof(*h->records));
	h->snapshot = 0;
}

static bool sources_have(const struct address *sources, size_t count, const struct address *a)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&sources[i], a))
			return true;
	return false;
}

/* The policy that has been told whole takes the place of the one before. */
static void sources_take(struct sim *s, struct sim_host *h)
{
	for (size_t i = 0; i < h->n_sources; i++) {
		if (sources_have(h->sources_new, h->n_sources_new, &h->sources[i]))
			continue;
		h->sources_left[h->next_left++ % SIM_OBJECTS_MAX] =
			(struct sim_source_left){ h->sources[i], s->now };
	}
	memcpy(h->sources, h->sources_new, sizeof(h->sources));
	h->n_sources = h->n_sources_new;
	h->n_sources_new = 0;
	h->source_changes++;
}

static void host_source(struct sim *s, uint8_t index, const struct source_policy_part *p)
{
	struct sim_host *h = &s->hosts[index];

	if (p->part == SOURCE_RULE && address_is_set(&p->rule.use))
		h->sources_new[h->n_sources_new++] = p->rule.use;
	if (p->part != SOURCE_END)
		return;
	for (size_t k = 0; k < 2; k++)
		if (address_is_set(&p->first[k]))
			h->sources_new[h->n_sources_new++] = p->first[k];
	sources_take(s, h);
	invariant_sources(s, index);
	host_later(s, index, SIM_EVENT_SOURCING, 0, false);
}

static void host_effect(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];

	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
		host_later(s, index, SIM_EVENT_DONE, e->id, false);
		kernel_board(s, index, true);
		break;
	case EFFECT_BOARD_REMOVE:
		host_later(s, index, SIM_EVENT_DONE, e->id, false);
		kernel_board(s, index, false);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		kernel_change(s, index, e);
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
		h->answered = e->reply.request;
		h->refusals += e->reply.code != REPLY_OK;
		break;
	case EFFECT_RESYNC:
		host_later(s, index, SIM_EVENT_REREAD, 0, false);
		break;
	case EFFECT_WATCH:
		if (e->watch.on)
			host_later(s, index, SIM_EVENT_WATCH, e->watch.interface, false);
		h->watching[e->watch.interface - 1] = e->watch.on;
		break;
	case EFFECT_FRAME:
		sim_send_frame(s, &h->ports[e->frame.interface - 1], &e->frame);
		break;
	case EFFECT_SOURCE:
		host_source(s, index, &e->source);
		break;
	case EFFECT_SOURCE_LOOK:
		host_later(s, index, SIM_EVENT_LOOKED, e->source_look.request, false);
		break;
	case EFFECT_ROW_VIP:
		h->listed = true;
		break;
	case EFFECT_SAVE:
		record_put(h, &e->save);
		break;
	case EFFECT_BFD:
	case EFFECT_PROBE:
		watch_effect(s, index, e);
		break;
	case EFFECT_STOPPED:
		watch_end(s, index);
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
	sim_schedule(
		s, instant_since(due, s->now),
		&(struct sim_event){ .kind = SIM_EVENT_HOST, .owner = index, .life = h->life });
}

void host_is_behind(const struct sim *s, struct sim_host *h)
{
	h->harmed = instant_add(instant_max(s->now, h->stalled), HOST_REPAIR);
}

bool host_lives(const struct sim_host *h)
{
	return h->node != NULL;
}

void host_input(struct sim *s, uint8_t index, const struct input *in)
{
	struct sim_host *h = &s->hosts[index];
	struct effect e;

	if (!host_lives(h))
		return;
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

static void host_wake(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	/* An earlier wake-up may have been for a deadline that has moved since. */
	h->woken = INSTANT_NEVER;
	if (instant_reached(node_deadline(h->node), s->now))
		host_input(s, index, &(struct input){ .kind = INPUT_TICK });
	else
		host_arm(s, index);
}

static void host_done(struct sim *s, uint8_t index, uint32_t id, bool refused)
{
	struct input in = { .kind = INPUT_DONE, .done = { .first = id, .count = 1 } };

	if (refused) {
		in.done.error = -12;
		text_copy(in.done.text, sizeof(in.done.text), "the simulated kernel has no memory");
	}
	host_input(s, index, &in);
}

static void host_listening(struct sim *s, uint8_t index, uint32_t interface)
{
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = interface;
	in.listening.family = (uint8_t)s->family;
	in.listening.ready = true;
	if (s->hosts[index].listening[interface - 1])
		host_input(s, index, &in);
}

static void host_sourcing(struct sim *s, uint8_t index)
{
	struct input in = { .kind = INPUT_SOURCING };

	in.sourcing.ready = true;
	host_input(s, index, &in);
}

static void host_looked(struct sim *s, uint8_t index, uint32_t request)
{
	struct input in = { .kind = INPUT_SOURCE_LOOKED, .request = request };

	in.looked.user_known = true;
	host_input(s, index, &in);
}

static void host_watches(struct sim *s, uint8_t index, uint32_t interface)
{
	struct input in = { .kind = INPUT_WATCHING };

	in.watching.interface = interface;
	in.watching.ready = true;
	if (s->hosts[index].watching[interface - 1])
		host_input(s, index, &in);
}

void host_frame_node(struct sim *s, uint8_t index, const struct sim_port *port,
		     const struct ether_frame *f)
{
	struct input in = { .kind = INPUT_FRAME, .frame = *f };

	in.frame.interface = port->interface;
	if (s->hosts[index].watching[port->interface - 1])
		host_input(s, index, &in);
}

void host_receive(struct sim *s, uint8_t index, const struct sim_port *port, const struct packet *d)
{
	struct input in = { .kind = INPUT_PACKET, .packet = *d };

	if (s->hosts[index].listening[port->interface - 1])
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

void host_configure(struct sim *s, uint8_t index)
{
	struct input in = { 0 };

	in.config.rip = s->hosts[index].rip;
	config_part(s, index, &in, CONFIG_RIP);
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	in.config.rule.rip_enabled = s->family == FAMILY_IPV4;
	in.config.rule.ripng_enabled = s->family == FAMILY_IPV6;
	in.config.rule.learn.mode = s->hosts[index].learn;
	in.config.rule.bfd_enabled = s->bfd.multiplier > 0;
	if (in.config.rule.bfd_enabled)
		in.config.rule.bfd = s->bfd;
	in.config.rule.probe_enabled = s->probe.multiplier > 0;
	if (in.config.rule.probe_enabled)
		in.config.rule.probe = s->probe;
	config_part(s, index, &in, CONFIG_RULE);
	config_part(s, index, &in, CONFIG_END);
}

static void host_begin(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_START };
	struct saved *records = h->records;
	size_t n_records = h->n_records;

	h->node = node_new();
	assert(h->node);
	h->woken = INSTANT_NEVER;
	h->records = NULL;
	h->n_records = h->records_capacity = h->snapshot = 0;
	in.start.seed = random_next(&s->random);
	host_input(s, index, &in);
	for (size_t i = 0; i < n_records; i++) {
		/* What is written stays written until there is a new snapshot. */
		record_put(h, &records[i]);
		host_input(s, index, &(struct input){ .kind = INPUT_SAVED, .saved = records[i] });
	}
	free(records);
	host_configure(s, index);
	watch_tell_all(s, index);
	kernel_dump(s, index);
}

void host_start(struct sim *s, uint8_t index, const struct rip_settings *rip)
{
	struct sim_host *h = &s->hosts[index];

	h->next_request = 100;
	h->rip = *rip;
	host_begin(s, index);
}

void host_free(struct sim_host *h)
{
	node_free(h->node);
	will_free(h->will);
	bfd_free(h->watch.bfd);
	probe_free(h->watch.probe);
	free(h->records);
}

void host_forget(struct sim *s, uint8_t index)
{
	s->hosts[index].n_records = s->hosts[index].snapshot = 0;
}

void host_crash(struct sim *s, uint8_t index, struct duration back)
{
	struct sim_host *h = &s->hosts[index];

	if (!host_lives(h))
		return;
	node_free(h->node);
	h->node = NULL;
	h->life++;
	h->under_way = 0;
	memset(h->listening, 0, sizeof(h->listening));
	memset(h->watching, 0, sizeof(h->watching));
	/* What gives connections their source ends with the process. */
	h->n_sources = h->n_sources_new = 0;
	sim_schedule(
		s, back,
		&(struct sim_event){ .kind = SIM_EVENT_RESTART, .owner = index, .life = h->life });
	sim_schedule(
		s, WILL_GRACE_DEFAULT,
		&(struct sim_event){ .kind = SIM_EVENT_GUARD, .owner = index, .life = h->life });
}

/* Where it did not speak when it died nobody can be told, and nothing more is demanded. */
static void guard_forget_silent(struct sim_host *h)
{
	bool speaks[SIM_PORTS_MAX] = { false };
	struct rip_link link;
	size_t position = 0;

	while (will_interface_next(h->will, &position, &link))
		speaks[link.index - 1] = true;
	for (size_t k = 0; k < h->n_ports; k++)
		for (size_t i = 0; i < h->n_told && !speaks[k]; i++)
			h->told[i].metric[k] = 0;
}

static void guard_begin(struct sim *s, struct sim_host *h)
{
	h->will = will_new();
	assert(h->will);
	for (size_t i = 0; i < h->n_records; i++)
		assert(will_record(h->will, &h->records[i]) == 0);
	guard_forget_silent(h);
	watch_end(s, (uint8_t)(h - s->hosts));
	assert(will_begin(h->will, s->now, DURATION_S(0)) == 0);
}

/* All good-byes are out: the kernel is cleaned. */
static void guard_end(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	for (size_t i = 0; i < h->n_objects; i++)
		invariant_withdrawn(s, index, &h->objects[i]);
	h->n_objects = 0;
	h->board = 0;
	h->asks = h->conflict == VIP_CONFLICT_REFUSE;
	will_free(h->will);
	h->will = NULL;
}

/* The guard: carries out the last will of a node that is not back in time. */
static void host_guard(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	struct packet d;

	if (h->will)
		will_tick(h->will, s->now);
	else
		guard_begin(s, h);
	while (will_output(h->will, s->now, &d))
		host_send(s, index, &d);
	if (will_is_said(h->will))
		guard_end(s, index);
	else
		sim_schedule(s, instant_since(instant_max(will_deadline(h->will), s->now), s->now),
			     &(struct sim_event){
				     .kind = SIM_EVENT_GUARD, .owner = index, .life = h->life });
}

void host_stall(struct sim *s, uint8_t index, struct duration time)
{
	struct sim_host *h = &s->hosts[index];

	if (!host_lives(h))
		return;
	h->stalled = instant_max(h->stalled, instant_add(s->now, time));
	if (!instant_reached(h->harmed, s->now))
		host_is_behind(s, h);
}

void host_happens(struct sim *s, const struct sim_event *e)
{
	struct sim_host *h = &s->hosts[e->owner];

	if (e->life != h->life)
		return;
	if (!instant_reached(h->stalled, s->now)) {
		sim_schedule(s, instant_since(h->stalled, s->now), e);
		return;
	}
	switch ((enum sim_event_kind)e->kind) {
	case SIM_EVENT_HOST:
		host_wake(s, e->owner);
		break;
	case SIM_EVENT_DONE:
		h->under_way--;
		host_done(s, e->owner, e->detail, e->refused);
		break;
	case SIM_EVENT_LISTEN:
		host_listening(s, e->owner, e->detail);
		break;
	case SIM_EVENT_WATCH:
		host_watches(s, e->owner, e->detail);
		break;
	case SIM_EVENT_SOURCING:
		host_sourcing(s, e->owner);
		break;
	case SIM_EVENT_LOOKED:
		host_looked(s, e->owner, e->detail);
		break;
	case SIM_EVENT_REREAD:
		/* As on Linux: what is under way is done before the kernel is read. */
		if (h->under_way)
			sim_schedule(s, HOST_REREAD, e);
		else
			kernel_dump(s, e->owner);
		break;
	case SIM_EVENT_RESTART:
		/* Who comes back in the middle of the last will waits for its end. */
		if (h->will)
			sim_schedule(s, HOST_REREAD, e);
		else if (!host_lives(h))
			host_begin(s, e->owner);
		break;
	case SIM_EVENT_GUARD:
		if (!host_lives(h))
			host_guard(s, e->owner);
		break;
	default:
		break;
	}
}

uint32_t host_bind_how(struct sim *s, uint8_t index, const char *vip, enum vip_arp arp,
		       enum vip_conflict conflict)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_BIND, .request = h->next_request++ };

	vip_settings_default(&in.bind);
	in.bind.arp = (uint8_t)arp;
	in.bind.conflict = (uint8_t)conflict;
	assert(prefix_parse(vip, &in.bind.address, &in.bind.length) == 0);
	if (address_equal(&in.bind.address, &s->contested)) {
		h->conflict = (uint8_t)conflict;
		h->asks = conflict == VIP_CONFLICT_REFUSE && !host_holds(h, &s->contested);
	}
	host_input(s, index, &in);
	return in.request;
}

void host_bind(struct sim *s, uint8_t index, const char *vip)
{
	(void)host_bind_how(s, index, vip, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
}

bool host_lists(struct sim *s, uint8_t index, const char *address)
{
	struct input in = { .kind = INPUT_QUERY, .request = s->hosts[index].next_request++ };

	in.query = (struct query){ .kind = QUERY_VIPS, .limit = 1 };
	assert(address_parse(address, &in.query.address) == 0);
	s->hosts[index].listed = false;
	host_input(s, index, &in);
	return s->hosts[index].listed;
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
	if (!up)
		nexthops_link_down(&s->hosts[index], interface);
	if (instant_reached(s->hosts[index].stalled, s->now)) {
		kernel_port(s, index, p);
		return;
	}
	host_is_behind(s, &s->hosts[index]);
	host_later(s, index, SIM_EVENT_REREAD, 0, false);
}
