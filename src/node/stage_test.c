/* SPDX-License-Identifier: Apache-2.0 */
#include "node/stage_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/text.h"
#include "net/ether.h"
#include "proto/rip/packet.h"

static void take(struct stage *s);

void stage_put(struct stage *s, const struct input *in)
{
	node_input(s->node, s->now, in);
	take(s);
}

static void note(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct stage *s, const char *format, ...)
{
	va_list args;

	assert_true(s->n_log < STAGE_LOG_MAX);
	va_start(args, format);
	vsnprintf(s->log[s->n_log++], STAGE_LOG_LINE, format, args);
	va_end(args);
}

size_t stage_find(const struct stage *s, size_t from, const char *text)
{
	for (size_t i = from; i < s->n_log; i++)
		if (strstr(s->log[i], text))
			return i;
	return STAGE_LOG_MAX;
}

bool stage_said(const struct stage *s, const char *text)
{
	return stage_find(s, 0, text) < STAGE_LOG_MAX;
}

/* "group 1: 1 2": by the ends of the numbers. */
static void group_text(const struct object *o, char *text, size_t size)
{
	struct text out;

	text_init(&out, text, size);
	text_add(&out, "group %x:", o->id & 0xfff);
	for (size_t k = 0; k < o->n_members; k++)
		text_add(&out, " %x", o->members[k] & 0xfff);
}

static void object_text(const struct object *o, char *text, size_t size)
{
	static const char *const kinds[] = { "?",	  "address", "local", "unreachable",
					     "arp table", "silence", "sender" };

	if (o->kind == OBJECT_ARP_TABLE)
		snprintf(text, size, "arp table");
	else if (o->kind == OBJECT_NEXTHOP)
		snprintf(text, size, "hop %x %s dev %u", o->id & 0xfff, ADDRESS_TEXT(&o->address),
			 o->interface);
	else if (o->kind == OBJECT_GROUP)
		group_text(o, text, size);
	else if (o->kind == OBJECT_LEARNED)
		snprintf(text, size, "learned %s/%u by %x", ADDRESS_TEXT(&o->address), o->length,
			 o->id & 0xfff);
	else
		snprintf(text, size, "%s %s/%u", kinds[o->kind], ADDRESS_TEXT(&o->address),
			 o->length);
}

static size_t object_find(const struct stage *s, const struct object *o)
{
	size_t i = 0;

	while (i < s->n_objects && !object_is_same(&s->objects[i], o))
		i++;
	return i;
}

bool stage_holds(const struct stage *s, const char *what)
{
	char text[80];

	for (size_t i = 0; i < s->n_objects; i++) {
		object_text(&s->objects[i], text, sizeof(text));
		if (strcmp(text, what) == 0)
			return true;
	}
	return false;
}

void stage_board_put(struct stage *s, size_t k, bool up)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = STAGE_BOARD_INDEX + (uint32_t)k,
				      .kind = INTERFACE_BOARD,
				      .up = up,
				      .carrier = up };
	text_copy(in.link.name, sizeof(in.link.name), s->boards[k]);
	stage_put(s, &in);
}

static void board_add(struct stage *s, const char *name)
{
	size_t k = 0;

	while (k < STAGE_BOARDS && s->boards[k][0])
		k++;
	assert_true(k < STAGE_BOARDS);
	text_copy(s->boards[k], sizeof(s->boards[k]), name);
	stage_board_put(s, k, true);
}

void stage_board_drop(struct stage *s, uint32_t index)
{
	struct input in = { .kind = INPUT_LINK_GONE, .link_gone.index = index };

	s->boards[index - STAGE_BOARD_INDEX][0] = '\0';
	for (size_t i = s->n_objects; i-- > 0;)
		if (s->objects[i].interface == index)
			s->objects[i] = s->objects[--s->n_objects];
	stage_put(s, &in);
}

/* With the table goes what is in it. */
static void table_drop(struct stage *s)
{
	for (size_t i = s->n_objects; i-- > 0;)
		if (s->objects[i].kind >= OBJECT_ARP_TABLE && s->objects[i].kind < OBJECT_NEXTHOP)
			s->objects[i] = s->objects[--s->n_objects];
}

static void carry_out(struct stage *s, const struct effect *e)
{
	size_t i = object_find(s, &e->object);

	if (e->kind == EFFECT_BOARD_ADD)
		board_add(s, e->board.name);
	else if (e->kind == EFFECT_BOARD_UP)
		stage_board_put(s, e->board.index - STAGE_BOARD_INDEX, true);
	else if (e->kind == EFFECT_BOARD_REMOVE)
		stage_board_drop(s, e->board.index);
	else if (e->kind == EFFECT_OBJECT_ADD && i == s->n_objects)
		s->objects[s->n_objects++] = e->object;
	else if (e->kind == EFFECT_OBJECT_ADD && e->object.replace)
		s->objects[i] = e->object;
	else if (e->kind == EFFECT_OBJECT_REMOVE && e->object.kind == OBJECT_ARP_TABLE)
		table_drop(s);
	else if (e->kind == EFFECT_OBJECT_REMOVE && i < s->n_objects)
		s->objects[i] = s->objects[--s->n_objects];
}

void stage_answer(struct stage *s)
{
	/* What an answer makes the node want is answered by the loop, not from within. */
	if (s->answering)
		return;
	s->answering = true;
	while (s->n_waiting > 0) {
		struct effect e = s->waiting[0];
		struct input in = { .kind = INPUT_DONE, .done = { .first = e.id, .count = 1 } };
		bool object = e.kind == EFFECT_OBJECT_ADD || e.kind == EFFECT_OBJECT_REMOVE;

		memmove(&s->waiting[0], &s->waiting[1], --s->n_waiting * sizeof(e));
		if (object && s->refuse && (!s->refuses || s->refuses == e.object.kind)) {
			in.done.error = s->refuse;
			text_copy(in.done.text, sizeof(in.done.text), "the kernel says no");
		} else {
			carry_out(s, &e);
		}
		stage_put(s, &in);
	}
	s->answering = false;
}

static void took_send(struct stage *s, const struct packet *d)
{
	struct prefix lan = prefix_make(&d->source, 24);
	enum family family = (enum family)d->source.family;
	struct rip_packet p;

	if (d->speaker > PROTOCOL_RIPNG) {
		note(s, "send %u of speaker %u: %.*s", d->interface, d->speaker, d->length,
		     (const char *)d->bytes);
		return;
	}
	assert_int_equal(rip_packet_decode(family, d->bytes, d->length, &p), RIP_DROP_NOTHING);
	if (p.command == RIP_REQUEST)
		note(s, "send %u request", d->interface);
	for (size_t k = 0; p.command == RIP_RESPONSE && k < p.n_entries; k++) {
		struct prefix about;

		assert_int_equal(rip_entry_prefix(&p, &p.entries[k], &lan, &about),
				 RIP_DROP_NOTHING);
		note(s, "send %u %s=%u%s from %s", d->interface, PREFIX_TEXT(&about),
		     p.entries[k].metric, d->departed ? " departed" : "", ADDRESS_TEXT(&d->source));
	}
}

static void took_save(struct stage *s, const struct saved *saved)
{
	if (saved->kind == SAVED_VIP)
		note(s, "save %s %s", saved->vip.leaving ? "leaving" : "vip",
		     ADDRESS_TEXT(&saved->vip.settings.address));
	else if (saved->kind == SAVED_GONE)
		note(s, "save gone %s", ADDRESS_TEXT(&saved->address));
	else if (saved->kind == SAVED_FAREWELL || saved->kind == SAVED_MUTE)
		note(s, "save %s of speaker %u on %u",
		     saved->kind == SAVED_MUTE ? "mute" : "farewell", saved->farewell.speaker,
		     saved->farewell.is.interface);
	else if (saved->kind == SAVED_NOTE && saved->note.speaker > PROTOCOL_COUNT)
		note(s, "save note of speaker %u: %.*s", saved->note.speaker,
		     (int)saved->note.is.length, (const char *)saved->note.is.bytes);
	else if (saved->kind == SAVED_SOURCE)
		note(s, "save source %u %s", saved->source.mode, saved->source.interface);
}

static void took_change(struct stage *s, const struct effect *e)
{
	char text[80];

	if (e->kind == EFFECT_OBJECT_ADD || e->kind == EFFECT_OBJECT_REMOVE) {
		object_text(&e->object, text, sizeof(text));
		note(s, "%s %s",
		     e->kind == EFFECT_OBJECT_REMOVE ? "remove"
		     : e->object.replace	     ? "replace"
						     : "add",
		     text);
		s->adds += e->kind == EFFECT_OBJECT_ADD;
		s->removes += e->kind == EFFECT_OBJECT_REMOVE;
	} else {
		note(s, "board %s %s",
		     e->kind == EFFECT_BOARD_ADD  ? "add"
		     : e->kind == EFFECT_BOARD_UP ? "up"
						  : "remove",
		     e->board.name);
	}
	assert_true(s->n_waiting < STAGE_OBJECTS_MAX);
	s->waiting[s->n_waiting++] = *e;
}

static void took_listen(struct stage *s, const struct effect *e)
{
	struct input in = { .kind = INPUT_LISTENING };

	note(s, "listen %u %s", e->listen.interface, e->listen.on ? "on" : "off");
	in.listening.interface = e->listen.interface;
	in.listening.speaker = e->listen.speaker;
	in.listening.ready = true;
	if (e->listen.on && !s->deaf)
		stage_put(s, &in);
}

static void took_watch(struct stage *s, const struct effect *e)
{
	struct input in = { .kind = INPUT_WATCHING };

	note(s, "watch %u %s", e->watch.interface, e->watch.on ? "on" : "off");
	in.watching.interface = e->watch.interface;
	in.watching.ready = !s->blind;
	if (s->blind)
		text_copy(in.watching.error, sizeof(in.watching.error), "it lacks CAP_NET_RAW");
	if (e->watch.on)
		stage_put(s, &in);
}

static void took_frame(struct stage *s, const struct ether_frame *f)
{
	struct ether_message m;

	assert_int_equal(ether_decode(f, &m), 0);
	note(s, "%s %u %s", address_is_unspecified(&m.source) ? "probe" : "claim", f->interface,
	     ADDRESS_TEXT(&m.target));
}

static void took_source(struct stage *s, const struct effect *e)
{
	const struct source_policy_part *p = &e->source;
	struct input in = { .kind = INPUT_SOURCING };

	if (p->part == SOURCE_RULE)
		note(s, "source rule %s",
		     address_is_set(&p->rule.use) ? ADDRESS_TEXT(&p->rule.use) : "none");
	if (p->part == SOURCE_INTERFACE)
		note(s, "source off %u", p->interface);
	if (p->part != SOURCE_END)
		return;
	note(s, "source end %s %s", address_is_set(&p->first[0]) ? ADDRESS_TEXT(&p->first[0]) : "-",
	     address_is_set(&p->first[1]) ? ADDRESS_TEXT(&p->first[1]) : "-");
	in.sourcing.ready = !s->sourcing;
	text_copy(in.sourcing.error, sizeof(in.sourcing.error), s->sourcing ? s->sourcing : "");
	stage_put(s, &in);
}

static void took(struct stage *s, const struct effect *e)
{
	char line[STAGE_LOG_LINE];

	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		took_change(s, e);
		break;
	case EFFECT_LISTEN:
		took_listen(s, e);
		break;
	case EFFECT_SEND:
		took_send(s, &e->send);
		break;
	case EFFECT_OPEN:
		note(s, "open %u of speaker %u", e->stream.number, e->stream.speaker);
		break;
	case EFFECT_STREAM:
		note(s, "write %u of speaker %u: %.*s", e->piece.number, e->piece.speaker,
		     e->piece.length, (const char *)e->piece.bytes);
		break;
	case EFFECT_PROBE:
		if (e->probe.remove)
			note(s, "probe %s off", ADDRESS_TEXT(&e->probe.path.peer));
		else
			note(s, "probe %s %u us x %u", ADDRESS_TEXT(&e->probe.path.peer),
			     e->probe.params.interval_us, e->probe.params.multiplier);
		break;
	case EFFECT_ECHO:
		if (e->echo.remove)
			note(s, "echo %s off", ADDRESS_TEXT(&e->echo.path.peer));
		else
			note(s, "echo %s %u us x %u from %s", ADDRESS_TEXT(&e->echo.path.peer),
			     e->echo.params.interval_us, e->echo.params.multiplier,
			     address_is_set(&e->echo.params.source)
				     ? ADDRESS_TEXT(&e->echo.params.source)
				     : "there");
		break;
	case EFFECT_BFD:
		if (e->bfd.remove)
			note(s, "bfd %s off", ADDRESS_TEXT(&e->bfd.key.peer));
		else
			note(s, "bfd %s %u us x %u from %s", ADDRESS_TEXT(&e->bfd.key.peer),
			     e->bfd.params.tx_us, e->bfd.params.multiplier,
			     ADDRESS_TEXT(&e->bfd.key.local));
		break;
	case EFFECT_PROVE:
		note(s, "prove %s through %s from %s x %u", ADDRESS_TEXT(&e->prove.destination),
		     ADDRESS_TEXT(&e->prove.path.peer), ADDRESS_TEXT(&e->prove.path.local),
		     e->prove.tries);
		assert_true(s->n_proves < STAGE_PROVES_MAX);
		s->proves[s->n_proves++] = *e;
		break;
	case EFFECT_WATCH:
		took_watch(s, e);
		break;
	case EFFECT_FRAME:
		took_frame(s, &e->frame);
		break;
	case EFFECT_CHECK:
		if (e->check.off)
			note(s, "check %u off", e->check.run);
		else
			note(s, "check %u %s %s", e->check.run,
			     check_kind_name(e->check.settings.kind),
			     ADDRESS_TEXT(&e->check.settings.address));
		break;
	case EFFECT_SOURCE:
		took_source(s, e);
		break;
	case EFFECT_COUNT:
		note(s, "count %s", ADDRESS_TEXT(&e->count.address));
		break;
	case EFFECT_SAVE:
		took_save(s, &e->save);
		break;
	case EFFECT_EVENT:
		event_format(&e->event, line, sizeof(line));
		note(s, "%s", line);
		break;
	case EFFECT_REPLY:
		if (s->told)
			s->told(s->context, s->now, e);
		s->parts += e->reply.code == REPLY_PART;
		if (e->reply.code != REPLY_PART) {
			s->reply = *e;
			s->replies++;
		}
		note(s, "reply %u %u %s", e->reply.request, e->reply.code, e->reply.sentence);
		break;
	case EFFECT_RESYNC:
		s->resyncs++;
		break;
	case EFFECT_CLOSE:
		break;
	case EFFECT_STOPPED:
		s->stopped++;
		note(s, "stopped");
		break;
	}
}

static void take(struct stage *s)
{
	struct effect e;

	while (node_effect(s->node, s->now, &e))
		took(s, &e);
	if (!s->lazy)
		stage_answer(s);
}

void stage_run(struct stage *s, struct duration time)
{
	struct instant until = instant_add(s->now, time), due;

	while (instant_reached(due = node_deadline(s->node), until)) {
		s->now = instant_max(s->now, due);
		stage_put(s, &(struct input){ .kind = INPUT_TICK });
	}
	s->now = until;
}

bool stage_proved(struct stage *s, const char *to, const char *router, enum echo_outcome outcome,
		  uint32_t way)
{
	struct input in = { .kind = INPUT_PROVED };
	struct address about, through;

	assert_int_equal(address_parse(to, &about), 0);
	assert_int_equal(address_parse(router, &through), 0);
	for (size_t k = 0; k < s->n_proves; k++) {
		const struct effect *e = &s->proves[k];

		if (!address_equal(&e->prove.destination, &about) ||
		    !address_equal(&e->prove.path.peer, &through))
			continue;
		in.proved.token = e->prove.token;
		in.proved.outcome = (uint8_t)outcome;
		in.proved.tries = outcome == ECHO_OUTCOME_RETURNED ? 1 : e->prove.tries;
		in.proved.interface = way;
		in.proved.time_us = 160;
		memmove(&s->proves[k], &s->proves[k + 1],
			(--s->n_proves - k) * sizeof(s->proves[0]));
		stage_put(s, &in);
		return true;
	}
	return false;
}

void stage_link_put(struct stage *s, uint32_t index, const char *name, bool up)
{
	struct input in = { .kind = INPUT_LINK };

	in.link = (struct interface){ .index = index,
				      .up = up,
				      .carrier = up,
				      .multicast = true,
				      .mac = { 2, 0, 0, 0, 0, (uint8_t)index } };
	text_copy(in.link.name, sizeof(in.link.name), name);
	stage_put(s, &in);
}

static struct address parse(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

void stage_config_router(struct stage *s, const char *router)
{
	struct input in = { .kind = INPUT_CONFIG, .request = ++s->request, .more = true };

	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	assert_int_equal(address_parse(router, &in.config.rule.routers[0]), 0);
	in.config.rule.n_routers = 1;
	stage_put(s, &in);
	in.config.part = CONFIG_PROOF;
	in.config.proof = true;
	stage_put(s, &in);
	stage_config_end(s);
}

void stage_object_put(struct stage *s, bool present, uint8_t kind, uint32_t interface,
		      const char *prefix)
{
	struct input in = { .kind = INPUT_OBJECT };
	struct object *o = &in.object.object;

	in.object.present = present;
	o->kind = kind;
	o->interface = interface;
	if (prefix)
		assert_int_equal(prefix_parse(prefix, &o->address, &o->length), 0);
	if (kind == OBJECT_ARP_TABLE)
		table_drop(s);
	stage_put(s, &in);
}

void stage_address_put(struct stage *s, uint32_t interface, const char *prefix)
{
	stage_object_put(s, true, OBJECT_ADDRESS, interface, prefix);
}

void stage_peer_put(struct stage *s, bool present, uint32_t interface, const char *address,
		    const char *peer)
{
	struct input in = { .kind = INPUT_OBJECT };
	struct object *o = &in.object.object;

	in.object.present = present;
	o->kind = OBJECT_ADDRESS;
	o->interface = interface;
	o->address = parse(address);
	assert_int_equal(prefix_parse(peer, &o->peer, &o->length), 0);
	stage_put(s, &in);
}

void stage_speech_put(struct stage *s, enum protocol_id protocol)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request, .more = true };

	in.config.part = CONFIG_SPEECH;
	in.config.speech = protocol_speech(protocol);
	stage_put(s, &in);
}

void stage_config_begin(struct stage *s)
{
	struct input in = { .kind = INPUT_CONFIG, .request = ++s->request, .more = true };

	in.config.part = CONFIG_RULE;
	interface_rule_default(&in.config.rule);
	in.config.rule.bfd_enabled = s->bfd;
	in.config.rule.probe_enabled = s->probe;
	in.config.rule.probe.through = s->through;
	in.config.rule.learn.mode = s->learn;
	text_copy(in.config.rule.pattern, sizeof(in.config.rule.pattern), "eth*");
	stage_put(s, &in);
	stage_speech_put(s, PROTOCOL_RIP);
	in.config.part = CONFIG_PROOF;
	in.config.proof = s->proof;
	if (s->proof)
		stage_put(s, &in);
}

void stage_config_vip(struct stage *s, const char *vip, uint8_t metric)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request, .more = true };

	in.config.part = CONFIG_VIP;
	vip_settings_default(&in.config.vip);
	in.config.vip.arp = VIP_ARP_ANSWER;
	in.config.vip.metric = metric;
	assert_int_equal(prefix_parse(vip, &in.config.vip.address, &in.config.vip.length), 0);
	stage_put(s, &in);
}

void stage_config_end(struct stage *s)
{
	struct input in = { .kind = INPUT_CONFIG, .request = s->request };

	in.config.part = CONFIG_END;
	stage_put(s, &in);
}

void stage_raise(void **state)
{
	stage_raise_seeded(state, 5);
}

void stage_raise_seeded(void **state, uint64_t seed)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct input start = { .kind = INPUT_START, .start.seed = seed };

	assert_non_null(s);
	s->log = calloc(STAGE_LOG_MAX, sizeof(*s->log));
	s->node = node_new();
	assert_non_null(s->log);
	assert_non_null(s->node);
	s->now = (struct instant){ DURATION_S(1000).ns };
	stage_put(s, &start);
	*state = s;
}

void stage_begin(struct stage *s, const char *held)
{
	stage_config_begin(s);
	stage_config_end(s);
	stage_begin_kernel(s, held);
}

void stage_begin_kernel(struct stage *s, const char *held)
{
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_BEGIN });
	stage_link_put(s, 1, "eth0", true);
	stage_address_put(s, 1, "10.1.0.10/24");
	if (held) {
		board_add(s, NODE_BOARD_DEFAULT);
		stage_address_put(s, STAGE_BOARD_INDEX, held);
	}
	stage_put(s, &(struct input){ .kind = INPUT_DUMP_END });
}

int stage_setup(void **state)
{
	struct stage *s;

	stage_raise(state);
	s = *state;
	stage_begin(s, NULL);
	stage_run(s, DURATION_S(1));
	s->n_log = s->adds = s->removes = 0;
	return 0;
}

int stage_teardown(void **state)
{
	struct stage *s = *state;

	assert_int_equal(node_unexpected(s->node), 0);
	node_free(s->node);
	free(s->rows);
	free(s->log);
	free(s);
	return 0;
}

void stage_bind_part(struct stage *s, const char *vip, const char *board, bool more)
{
	struct input in = { .kind = INPUT_BIND, .request = s->request, .more = more };

	vip_settings_default(&in.bind);
	in.bind.arp = VIP_ARP_ANSWER;
	if (board)
		text_copy(in.bind.board, sizeof(in.bind.board), board);
	assert_int_equal(prefix_parse(vip, &in.bind.address, &in.bind.length), 0);
	stage_put(s, &in);
}

void stage_bind_how(struct stage *s, const char *vip, enum vip_arp arp, enum vip_conflict conflict)
{
	struct input in = { .kind = INPUT_BIND, .request = ++s->request };

	vip_settings_default(&in.bind);
	in.bind.arp = (uint8_t)arp;
	in.bind.conflict = (uint8_t)conflict;
	assert_int_equal(prefix_parse(vip, &in.bind.address, &in.bind.length), 0);
	stage_put(s, &in);
}

void stage_bind(struct stage *s, const char *vip)
{
	s->request++;
	stage_bind_part(s, vip, NULL, false);
}

void stage_unbind(struct stage *s, const char *address, bool now)
{
	struct input in = { .kind = INPUT_UNBIND, .request = ++s->request };

	in.unbind.address = parse(address);
	in.unbind.now = now;
	stage_put(s, &in);
}

void assert_reply(const struct stage *s, enum reply_code code, const char *part)
{
	assert_int_equal(s->reply.reply.request, s->request);
	assert_int_equal(s->reply.reply.code, code);
	if (part && !strstr(s->reply.reply.sentence, part))
		fail_msg("'%s' does not say '%s'", s->reply.reply.sentence, part);
}

const struct row_status *stage_status(struct stage *s)
{
	node_status(s->node, s->now, &s->status);
	return &s->status;
}

static struct row_vip *row_add(struct stage *s)
{
	s->rows = reallocarray(s->rows, s->n_rows + 1, sizeof(*s->rows));
	assert_non_null(s->rows);
	return &s->rows[s->n_rows++];
}

void stage_vips(struct stage *s)
{
	s->n_rows = 0;
	for (struct walk at = { 0 }; node_vip_next(s->node, s->now, &at, row_add(s));)
		;
	s->n_rows--;
}

void stage_interface(struct stage *s, uint32_t index)
{
	struct walk at = { 0 };

	do
		assert_true(node_interface_next(s->node, s->now, &at, &s->interface));
	while (s->interface.interface.index != index);
}

size_t stage_route(struct stage *s, size_t position)
{
	struct row_route row;
	size_t k = 0;

	for (struct walk at = { 0 }; node_route_next(s->node, &at, &row); k++)
		if (k <= position)
			s->route = row;
	return k;
}

const struct row_vip *stage_vip(struct stage *s, const char *address)
{
	struct address a = parse(address);

	s->n_rows = 0;
	return node_vip_find(s->node, s->now, &a, row_add(s)) ? &s->rows[0] : NULL;
}

void assert_state(struct stage *s, const char *address, enum vip_state state)
{
	const struct row_vip *row = stage_vip(s, address);

	if (state == VIP_STATE_ABSENT) {
		assert_true(!row || row->state == VIP_STATE_ABSENT);
		return;
	}
	assert_non_null(row);
	assert_string_equal(vip_state_name((enum vip_state)row->state), vip_state_name(state));
}

const char *stage_interface_reason(struct stage *s)
{
	stage_interface(s, 1);
	return s->interface.reason;
}

void stage_packet_put(struct stage *s, const char *source, const char *prefix, uint8_t metric)
{
	stage_tagged_put(s, source, prefix, metric, 0);
}

void stage_rival_put(struct stage *s, const char *address, uint8_t mac)
{
	struct ether_message m = { .kind = ETHER_ARP_REPLY, .from = { 2, [5] = mac } };
	struct input in = { .kind = INPUT_FRAME };

	m.source = parse(address);
	m.target = parse("10.1.0.10");
	if (m.source.family == FAMILY_IPV6) {
		m.kind = ETHER_ADVERTISEMENT;
		m.target = m.source;
		m.destination = parse("ff02::1");
		m.override = m.has_option = true;
	}
	m.mac[0] = 2;
	m.mac[5] = mac;
	memset(m.to, 0xff, sizeof(m.to));
	ether_encode(&m, &in.frame);
	in.frame.interface = 1;
	stage_put(s, &in);
}

void stage_tagged_put(struct stage *s, const char *source, const char *prefix, uint8_t metric,
		      uint16_t tag)
{
	struct input in = { .kind = INPUT_PACKET };
	struct rip_packet p = rip_packet_make(FAMILY_IPV4, RIP_RESPONSE, 2);
	struct address a;
	struct prefix about;
	uint8_t length;

	assert_int_equal(prefix_parse(prefix, &a, &length), 0);
	about = prefix_make(&a, length);
	rip_packet_add(&p, &about, tag, metric);
	in.packet = (struct packet){ .speaker = PROTOCOL_RIP,
				     .interface = 1,
				     .source = parse(source),
				     .source_port = RIP_PORT };
	in.packet.length = (uint16_t)rip_packet_encode(&p, in.packet.bytes);
	stage_put(s, &in);
}

void stage_bind_many(struct stage *s, uint32_t count)
{
	s->request++;
	for (uint32_t k = 0; k < count; k++) {
		struct input in = { .kind = INPUT_BIND,
				    .request = s->request,
				    .more = k + 1 < count };

		vip_settings_default(&in.bind);
		in.bind.arp = VIP_ARP_ANSWER;
		in.bind.address = address_ipv4(0x0a080001 + k);
		in.bind.length = 32;
		stage_put(s, &in);
	}
	stage_run(s, DURATION_S(2));
	assert_reply(s, REPLY_OK, NULL);
}

void assert_order(const struct stage *s, const char *first, const char *second)
{
	size_t a = stage_find(s, 0, first), b = stage_find(s, 0, second);

	if (a == STAGE_LOG_MAX || b == STAGE_LOG_MAX || a >= b)
		fail_msg("'%s' (%zu) does not come before '%s' (%zu)", first, a, second, b);
}
