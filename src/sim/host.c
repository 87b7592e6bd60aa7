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
#include "sim/config.h"
#include "sim/forwarding.h"
#include "sim/guard.h"
#include "sim/invariants.h"
#include "sim/kernel.h"
#include "sim/lan.h"
#include "sim/nexthops.h"
#include "sim/question.h"
#include "sim/recorder.h"
#include "sim/records.h"
#include "sim/router.h"
#include "sim/speech.h"
#include "sim/watch.h"
#include "sim/source.h"
#include "sim/talk.h"

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

static void board_change(struct sim *s, uint8_t index, const struct effect *e)
{
	bool refused = kernel_refuses(s, &s->hosts[index]);

	host_later(s, index, SIM_EVENT_DONE, e->id, refused);
	if (!refused)
		kernel_board(s, index, e->kind != EFFECT_BOARD_REMOVE);
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
		speech_listen(s, index, e);
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
		if (!h->handing_over)
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

void host_frame_node(struct sim *s, uint8_t index, const struct sim_port *port,
		     const struct ether_frame *f)
{
	struct input in = { .kind = INPUT_FRAME, .frame = *f };

	in.frame.interface = port->interface;
	if (s->hosts[index].watching[port->interface - 1])
		host_input(s, index, &in);
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
	if (h->records.lost)
		h->forgot = s->now;
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
	memset(h->watching, 0, sizeof(h->watching));
	for (size_t k = 0; k < h->n_ports; k++) {
		memset(h->ports[k].voices, 0, sizeof(h->ports[k].voices));
		port_review(s, &h->ports[k]);
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

void host_hand_over(struct sim *s, uint8_t index, struct duration back)
{
	struct sim_host *h = &s->hosts[index];

	if (!host_lives(h) || !instant_reached(h->stalled, s->now))
		return;
	h->handing_over = true;
	host_input(s, index, &(struct input){ .kind = INPUT_STOP, .stop.hand_over = true });
	if (!h->stopped)
		sim_break(s, "host %u does not hand over", index);
	h->stopped = h->handing_over = false;
	host_crash(s, index, back);
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
			guard_acts(s, e->owner);
		break;
	/* The network's, not a host's. */
	case SIM_EVENT_DELIVER:
	case SIM_EVENT_ROUTER:
	case SIM_EVENT_OSPF:
	case SIM_EVENT_STREAM:
	case SIM_EVENT_SESSIONS:
		break;
	}
}

void host_port(struct sim *s, uint8_t index, uint32_t interface, bool up)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];

	if (p->up == up)
		return;
	p->up = up;
	port_review(s, p);
	if (!up)
		nexthops_link_down(&s->hosts[index], interface);
	if (instant_reached(s->hosts[index].stalled, s->now)) {
		kernel_port(s, index, p);
		return;
	}
	host_is_behind(s, &s->hosts[index]);
	host_later(s, index, SIM_EVENT_REREAD, 0, false);
}
