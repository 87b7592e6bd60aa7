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
#include "node/protocol.h"
#include "node/will.h"
#include "node/rows.h"
#include "sim/host.h"
#include "sim/forwarding.h"
#include "sim/invariants.h"
#include "sim/kernel.h"
#include "sim/lan.h"
#include "sim/nexthops.h"
#include "sim/question.h"
#include "sim/recorder.h"
#include "sim/records.h"
#include "sim/router.h"
#include "sim/watch.h"
#include "sim/source.h"
#include "sim/talk.h"

static struct sim_told *host_told(struct sim_host *h, const struct prefix *p)
{
	for (size_t i = 0; i < h->n_told; i++)
		if (prefix_equal(&h->told[i].prefix, p))
			return &h->told[i];
	assert(h->n_told < SIM_OBJECTS_MAX);
	h->told[h->n_told].prefix = *p;
	return &h->told[h->n_told++];
}

static void host_tells(const struct sim *s, struct sim_host *h, const struct prefix *p,
		       uint32_t interface, uint8_t metric)
{
	struct sim_told *told = host_told(h, p);

	told->metric[interface - 1] = metric;
	told->at[interface - 1] = s->now;
}

/* What the second speaker sends is its good-bye alone. */
static void host_send_talk(struct sim *s, const struct sim_port *port, const struct packet *d)
{
	if (!port->refuses)
		sim_send(s, port, d);
}

static void host_send(struct sim *s, uint8_t index, const struct packet *d)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_port *port = &h->ports[d->interface - 1];
	const struct speaker_socket *socket =
		&protocol_class(h->protocol.protocol)->sockets[d->socket];
	struct sim_entry entries[SIM_ENTRIES_MAX];
	struct packet out = *d;
	int n;

	if (d->speaker != h->protocol.protocol) {
		host_send_talk(s, port, d);
		return;
	}
	n = router_reads(s, port, d, entries);
	out.source = port->address;
	out.source_port = socket->questions ? SIM_QUERY_PORT : socket->port;
	if (n < 0) {
		sim_break(s, "host %u sends a packet that nobody would take", index);
		return;
	}
	for (int i = 0; i < n; i++) {
		invariant_announced(s, index, &entries[i].prefix, entries[i].metric);
		if (!port->refuses && address_is_multicast(&d->destination))
			host_tells(s, h, &entries[i].prefix, d->interface,
				   (uint8_t)entries[i].metric);
	}
	if (port->refuses || port->refused)
		host_later(s, index, SIM_EVENT_SENDING, d->interface, port->refuses);
	if (!port->refuses)
		sim_send(s, port, &out);
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

/* Since when all that is said there leaves the host. */
static void port_review(const struct sim *s, struct sim_host *h, struct sim_port *p)
{
	bool speaks = port_speaks(p) && h->listening[p->interface - 1];

	if (!speaks)
		p->speaks = INSTANT_NEVER;
	else if (instant_is_never(p->speaks))
		p->speaks = s->now;
}

static void board_change(struct sim *s, uint8_t index, const struct effect *e)
{
	bool refused = kernel_refuses(s, &s->hosts[index]);

	host_later(s, index, SIM_EVENT_DONE, e->id, refused);
	if (!refused)
		kernel_board(s, index, e->kind != EFFECT_BOARD_REMOVE);
}

/* The second speaker has no sockets on an interface that could be refused. */
static void talker_listens(struct sim *s, uint8_t index, const struct effect *e)
{
	if (e->listen.on)
		host_later(s, index, SIM_EVENT_TALKS,
			   e->listen.interface | (uint32_t)e->listen.speaker << 16, false);
}

static void talker_listening(struct sim *s, uint8_t index, uint32_t detail)
{
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = detail & UINT16_MAX;
	in.listening.speaker = (uint16_t)(detail >> 16);
	in.listening.ready = true;
	host_input(s, index, &in);
}

static void host_effect(struct sim *s, uint8_t index, const struct effect *e)
{
	struct sim_host *h = &s->hosts[index];

	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
		board_change(s, index, e);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		kernel_change(s, index, e);
		break;
	case EFFECT_LISTEN:
		if (e->listen.speaker != h->protocol.protocol) {
			talker_listens(s, index, e);
			break;
		}
		if (e->listen.on)
			host_later(s, index, SIM_EVENT_LISTEN, e->listen.interface,
				   kernel_refuses(s, h));
		h->listening[e->listen.interface - 1] = e->listen.on;
		port_review(s, h, &h->ports[e->listen.interface - 1]);
		break;
	case EFFECT_SEND:
		host_send(s, index, &e->send);
		break;
	case EFFECT_OPEN:
	case EFFECT_STREAM:
	case EFFECT_CLOSE:
		stream_effect(s, index, e);
		break;
	case EFFECT_EVENT:
		host_event(s, index, &e->event);
		break;
	case EFFECT_REPLY:
		question_answered(s, index, e);
		break;
	case EFFECT_RESYNC:
		host_later(s, index, SIM_EVENT_REREAD, 0, false);
		break;
	case EFFECT_WATCH:
		if (e->watch.on)
			host_later(s, index, SIM_EVENT_WATCH, e->watch.interface,
				   kernel_refuses(s, h));
		h->watching[e->watch.interface - 1] = e->watch.on;
		break;
	case EFFECT_FRAME:
		sim_send_frame(s, &h->ports[e->frame.interface - 1], &e->frame);
		break;
	case EFFECT_SOURCE:
		source_told(s, index, &e->source);
		break;
	case EFFECT_COUNT:
		service_count(s, index, e);
		break;
	case EFFECT_CHECK:
		service_ask(s, index, e);
		break;
	case EFFECT_SAVE:
		record_put(s, index, &e->save);
		break;
	case EFFECT_ECHO:
	case EFFECT_BFD:
	case EFFECT_PROBE:
		watch_effect(s, index, e);
		break;
	case EFFECT_PROVE:
		forwarding_prove(s, index, e);
		break;
	case EFFECT_STOPPED:
		watch_end(s, index);
		h->stopped = true;
		break;
	}
}

static void host_arm(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	struct instant due = node_deadline(h->node);

	/* Unless something wakes it before that. */
	if (instant_reached(h->woken, due))
		return;
	h->woken = due;
	due = instant_max(due, s->now);
	sim_schedule(
		s, instant_since(due, s->now),
		&(struct sim_event){ .kind = SIM_EVENT_HOST, .owner = index, .life = h->life });
}

void host_input(struct sim *s, uint8_t index, const struct input *in)
{
	struct sim_host *h = &s->hosts[index];
	struct effect e;

	if (!host_lives(h) || s->broken[0])
		return;
	if (h->record)
		recorder_input(h->record, s->now, in);
	node_input(h->node, s->now, in);
	while (!s->broken[0] && node_effect(h->node, s->now, &e)) {
		if (h->record)
			recorder_effect(h->record, s->now, &e);
		host_effect(s, index, &e);
	}
	invariant_expected(s, index);
	host_arm(s, index);
}

static void host_wake(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	/* It was to be woken sooner, and has been; or for a deadline that has moved since. */
	if (instant_before(s->now, h->woken))
		return;
	h->woken = INSTANT_NEVER;
	invariant_obeyed(s, index);
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

/* What is refused is no longer open. */
static void host_listening(struct sim *s, uint8_t index, uint32_t interface, bool refused)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = interface;
	in.listening.speaker = s->hosts[index].protocol.protocol;
	in.listening.ready = !refused;
	if (refused)
		text_copy(in.listening.error, sizeof(in.listening.error), "no simulated socket");
	if (!h->listening[interface - 1])
		return;
	h->listening[interface - 1] = !refused;
	h->ports[interface - 1].closed = refused;
	port_review(s, h, &h->ports[interface - 1]);
	host_input(s, index, &in);
}

static void host_watches(struct sim *s, uint8_t index, uint32_t interface, bool refused)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_WATCHING };

	in.watching.interface = interface;
	in.watching.ready = !refused;
	if (refused)
		text_copy(in.watching.error, sizeof(in.watching.error), "no simulated socket");
	if (!h->watching[interface - 1])
		return;
	/* Nobody can be asked there, so nobody answers. */
	if (refused)
		s->lans[h->ports[interface - 1].lan].harmed = s->now;
	h->watching[interface - 1] = !refused;
	host_input(s, index, &in);
}

/* Each packet that is refused is told, and the first that is taken again. */
static void host_sending(struct sim *s, uint8_t index, uint32_t interface, bool refused)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];
	struct input in = { .kind = INPUT_SENDING };

	if (!refused && !p->refused)
		return;
	p->refused = refused;
	in.sending.interface = interface;
	in.sending.speaker = s->hosts[index].protocol.protocol;
	in.sending.ready = !refused;
	if (refused)
		text_copy(in.sending.error, sizeof(in.sending.error), "Operation not permitted");
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

	const struct sim_host *h = &s->hosts[index];
	bool talk = d->destination_port == TALK_PORT;

	if (talk && !h->talker)
		return;
	in.packet.speaker = talk ? h->talker->number : h->protocol.protocol;
	if (h->listening[port->interface - 1])
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

/* On that port, or on all; with the other hosts on its LAN as neighbours of the second speaker. */
static void config_rule(struct sim *s, uint8_t index, const struct sim_port *port)
{
	const struct sim_host *h = &s->hosts[index];
	struct input in = { 0 };

	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	if (port)
		snprintf(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth%u",
			 port->interface);
	in.config.rule.learn.mode = h->learn;
	in.config.rule.bfd_enabled = s->bfd.multiplier > 0;
	if (in.config.rule.bfd_enabled)
		in.config.rule.bfd.params = s->bfd;
	in.config.rule.probe_enabled = s->probe.multiplier > 0;
	if (in.config.rule.probe_enabled)
		in.config.rule.probe.params = s->probe;
	if (s->through)
		in.config.rule.probe.through = PROBE_THROUGH_ROUTER;
	config_part(s, index, &in, CONFIG_RULE);
	in.config.speech = protocol_speech((enum protocol_id)h->protocol.protocol);
	config_part(s, index, &in, CONFIG_SPEECH);
	in.config.speech = (struct speech_settings){ .protocol = TALK_PROTOCOL, .cost = 1 };
	for (size_t i = 0; port && i < s->lans[port->lan].n_ports; i++) {
		const struct sim_port *other = s->lans[port->lan].ports[i];

		if (other != port && other->kind == SIM_HOST)
			in.config.speech.unicast[in.config.speech.n_unicast++] = other->address;
	}
	if (in.config.speech.n_unicast > 0)
		config_part(s, index, &in, CONFIG_SPEECH);
}

void host_configure(struct sim *s, uint8_t index)
{
	const struct sim_host *h = &s->hosts[index];
	struct input in = { 0 };

	in.config.protocol = h->protocol;
	config_part(s, index, &in, CONFIG_PROTOCOL);
	for (size_t k = 0; s->talks && k < h->n_ports; k++)
		config_rule(s, index, &h->ports[k]);
	if (!s->talks)
		config_rule(s, index, NULL);
	in.config.proof = s->proves;
	config_part(s, index, &in, CONFIG_PROOF);
	for (size_t k = 0; h->checks && service_check_settings(k, &in.config.check); k++)
		config_part(s, index, &in, CONFIG_CHECK);
	config_part(s, index, &in, CONFIG_END);
}

static void host_begin(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];
	const struct speaker_settings talk = { .protocol = TALK_PROTOCOL };
	struct input in = { .kind = INPUT_START };

	h->node = node_new();
	assert(h->node);
	h->woken = INSTANT_NEVER;
	services_new_life(s, h, h->records.lost);
	h->records.lost = false;
	in.start.seed = random_next(&s->random);
	host_input(s, index, &in);
	if (s->talks)
		h->talker = node_speaker_add(h->node, &talk_class, &talk, random_next(&s->random));
	records_restore(s, index);
	host_configure(s, index);
	watch_tell_all(s, index);
	kernel_dump(s, index);
}

void host_start(struct sim *s, uint8_t index)
{
	struct sim_host *h = &s->hosts[index];

	h->questions.next = SIM_REQUEST_FIRST;
	host_begin(s, index);
}

void host_free(struct sim_host *h)
{
	node_free(h->node);
	will_free(h->will);
	bfd_free(h->watch.bfd);
	probe_free(h->watch.probe);
	echo_free(h->watch.echo);
	free(h->records.all);
}

void host_forget(struct sim *s, uint8_t index)
{
	s->hosts[index].records.n = 0;
	s->hosts[index].records.lost = true;
}

void host_crash(struct sim *s, uint8_t index, struct duration back)
{
	struct sim_host *h = &s->hosts[index];

	if (!host_lives(h))
		return;
	node_free(h->node);
	h->node = NULL;
	h->talker = NULL;
	streams_die(s, index);
	h->life++;
	forwarding_forget(h);
	h->under_way = 0;
	memset(h->listening, 0, sizeof(h->listening));
	memset(h->watching, 0, sizeof(h->watching));
	for (size_t k = 0; k < h->n_ports; k++) {
		h->ports[k].refused = h->ports[k].closed = false;
		port_review(s, h, &h->ports[k]);
	}
	/* What gives connections their source ends with the process; so does who waits. */
	h->sources.n = h->sources.n_new = 0;
	h->questions.n = 0;
	h->records.lost |= h->records.broken;
	sim_schedule(
		s, back,
		&(struct sim_event){ .kind = SIM_EVENT_RESTART, .owner = index, .life = h->life });
	sim_schedule(
		s, WILL_GRACE_DEFAULT,
		&(struct sim_event){ .kind = SIM_EVENT_GUARD, .owner = index, .life = h->life });
}

/*
 * Where it did not speak when it died nobody can be told, nor of what could not be written down,
 * and nothing more is demanded.
 */
static void guard_forget_silent(struct sim_host *h)
{
	bool speaks[SIM_PORTS_MAX] = { false };
	const struct saved_farewell *f;

	for (size_t at = 0; (f = will_farewell_next(h->will, &at));)
		speaks[f->is.interface - 1] |= f->protocol == h->protocol.protocol;
	for (size_t k = 0; k < h->n_ports; k++)
		for (size_t i = 0; i < h->n_told && (!speaks[k] || h->records.lost); i++)
			h->told[i].metric[k] = 0;
}

static void guard_begin(struct sim *s, struct sim_host *h)
{
	h->will = will_new();
	assert(h->will);
	for (size_t i = 0; i < h->records.n; i++)
		assert(will_record(h->will, &h->records.all[i]) == 0);
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

	if (!h->will)
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
		host_listening(s, e->owner, e->detail, e->refused);
		break;
	case SIM_EVENT_TALKS:
		talker_listening(s, e->owner, e->detail);
		break;
	case SIM_EVENT_WATCH:
		host_watches(s, e->owner, e->detail, e->refused);
		break;
	case SIM_EVENT_SOURCING:
		source_answers(s, e->owner, e->refused);
		break;
	case SIM_EVENT_CHECKED:
		service_answers(s, e->owner, e->detail, e->refused);
		invariant_obeyed(s, e->owner);
		break;
	case SIM_EVENT_COUNTED:
		service_counted(s, e->owner, e->detail);
		invariant_obeyed(s, e->owner);
		break;
	case SIM_EVENT_SAVING:
		records_told(s, e->owner, e->refused);
		break;
	case SIM_EVENT_PROVED:
		forwarding_goes_on(s, e->owner, e->detail);
		break;
	case SIM_EVENT_SENDING:
		host_sending(s, e->owner, e->detail, e->refused);
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
	/* The network's, not a host's. */
	case SIM_EVENT_DELIVER:
	case SIM_EVENT_ROUTER:
	case SIM_EVENT_STREAM:
	case SIM_EVENT_SESSIONS:
		break;
	}
}

void host_bind_vip(struct sim *s, uint8_t index, const struct vip_settings *v)
{
	struct sim_host *h = &s->hosts[index];
	struct sim_service *service = service_of(h, &v->address), before = *service;
	uint32_t refusals = h->questions.refusals;
	struct input in = { .kind = INPUT_BIND, .bind = *v };

	service_bound(s, h, v);
	(void)host_ask(s, index, &in);
	/* It is bound already, with a check of its own. */
	if (h->questions.refusals != refusals || !host_lives(h))
		*service = before;
}

uint32_t host_bind_how(struct sim *s, uint8_t index, const char *vip, enum vip_arp arp,
		       enum vip_conflict conflict)
{
	struct sim_host *h = &s->hosts[index];
	struct input in = { .kind = INPUT_BIND };

	vip_settings_default(&in.bind);
	in.bind.arp = (uint8_t)arp;
	in.bind.conflict = (uint8_t)conflict;
	assert(prefix_parse(vip, &in.bind.address, &in.bind.length) == 0);
	if (address_equal(&in.bind.address, &s->contested)) {
		h->conflict = (uint8_t)conflict;
		h->asks = conflict == VIP_CONFLICT_REFUSE && !host_holds(h, &s->contested);
	}
	return host_ask(s, index, &in);
}

void host_bind(struct sim *s, uint8_t index, const char *vip)
{
	(void)host_bind_how(s, index, vip, VIP_ARP_SILENT, VIP_CONFLICT_REFUSE);
}

bool host_lists(const struct sim *s, uint8_t index, const char *address)
{
	const struct sim_host *h = &s->hosts[index];
	struct address a;
	struct row_vip row;

	assert(address_parse(address, &a) == 0);
	return host_lives(h) && node_vip_find(h->node, s->now, &a, &row);
}

void host_unbind(struct sim *s, uint8_t index, const char *address, bool now)
{
	struct input in = { .kind = INPUT_UNBIND };

	in.unbind.now = now;
	assert(address_parse(address, &in.unbind.address) == 0);
	if (host_lives(&s->hosts[index]))
		service_unbound(s, &s->hosts[index], &in.unbind.address);
	(void)host_ask(s, index, &in);
}

void host_drain(struct sim *s, uint8_t index, const char *address, bool on, struct duration time)
{
	struct input in = { .kind = INPUT_DRAIN };

	in.drain.on = on;
	in.drain.time = time;
	assert(address_parse(address, &in.drain.address) == 0);
	if (host_lives(&s->hosts[index]))
		service_drained(s, &s->hosts[index], &in.drain.address, on);
	(void)host_ask(s, index, &in);
}

void host_refuse_sends(struct sim *s, uint8_t index, uint32_t interface, bool on)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];

	p->refuses = on;
	port_review(s, &s->hosts[index], p);
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
	port_review(s, &s->hosts[index], p);
	if (!up)
		nexthops_link_down(&s->hosts[index], interface);
	if (instant_reached(s->hosts[index].stalled, s->now)) {
		kernel_port(s, index, p);
		return;
	}
	host_is_behind(s, &s->hosts[index]);
	host_later(s, index, SIM_EVENT_REREAD, 0, false);
}
