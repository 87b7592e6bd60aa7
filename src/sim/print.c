/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/print.h"

#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "fields/print.h"
#include "net/prefix.h"
#include "net/ether.h"
#include "proto/rip/packet.h"
#include "node/protocol.h"
#include "proto/rip/rip.h"

static void add_entry_ng(struct text *t, const struct rip_packet *p, const struct rip_entry *e)
{
	if (rip_entry_is_next_hop(p, e))
		text_add(t, " via=%s", ADDRESS_TEXT(&e->address));
	else
		text_add(t, " %s/%u=%u", ADDRESS_TEXT(&e->address), e->length, e->metric);
}

static void add_entry(struct text *t, const struct rip_entry *e, uint8_t version)
{
	struct address mask = address_ipv4(e->mask);
	int length = prefix_ipv4_mask_length(e->mask);

	text_add(t, " %s", ADDRESS_TEXT(&e->address));
	if (version >= 2 && length < 0)
		text_add(t, "/%s", ADDRESS_TEXT(&mask));
	else if (version >= 2)
		text_add(t, "/%d", length);
	text_add(t, "=%u", e->metric);
	if (e->family != RIP_AFI_IPV4)
		text_add(t, " family=%u", e->family);
	if (!address_is_unspecified(&e->next_hop))
		text_add(t, " via=%s", ADDRESS_TEXT(&e->next_hop));
}

static void add_packet(struct text *t, const struct packet *d)
{
	struct rip_packet p;
	enum rip_drop drop =
		rip_packet_decode((enum family)d->source.family, d->bytes, d->length, &p);
	uint16_t tag = 0;

	if (drop != RIP_DROP_NOTHING) {
		text_add(t, "%u bytes that are no packet: %s", d->length, rip_drop_name(drop));
		return;
	}
	text_add(t, "%s v%u", p.command == RIP_REQUEST ? "request" : "response", p.version);
	if (rip_packet_requests_all(&p)) {
		text_add(t, " all");
		return;
	}
	for (size_t k = 0; k < p.n_entries; k++) {
		if (p.entries[k].tag != tag)
			text_add(t, " tag=%u", p.entries[k].tag);
		tag = p.entries[k].tag;
		if (p.family == FAMILY_IPV6)
			add_entry_ng(t, &p, &p.entries[k]);
		else
			add_entry(t, &p.entries[k], p.version);
	}
}

void print_packet(const struct packet *d, char *line, size_t size)
{
	struct text t;

	text_init(&t, line, size);
	add_packet(&t, d);
}

static void add_endpoint(struct text *t, const char *what, const struct address *a, uint16_t port)
{
	text_add(t, " %s %s", what, address_is_set(a) ? ADDRESS_TEXT(a) : "-");
	if (port)
		text_add(t, ":%u", port);
}

/* Whose keys, by their numbers: what is in the files that they name is not known here. */
static void add_auth(struct text *t, const struct keychain *a)
{
	if (a->type == AUTH_NONE)
		return;
	text_add(t, " auth=%s keys=", auth_name(a->type));
	for (size_t k = 0; k < a->n_keys && k < KEYCHAIN_KEYS_MAX; k++)
		text_add(t, "%s%u", k ? "," : "", a->keys[k].id);
}

/* With what a packet is sealed or was opened, or why it was not. */
static void add_seal(struct text *t, const struct packet *d)
{
	if (d->auth != AUTH_NONE)
		text_add(t, " auth=%s key=%u sequence=%u", auth_name(d->auth), d->key, d->sequence);
	if (d->refused)
		text_add(t, " refused=%s", rip_drop_name(d->reason));
}

static void add_datagram(struct text *t, const struct packet *d)
{
	text_add(t, " interface=%u", d->interface);
	if (d->socket == RIP_SOCKET_QUERY)
		text_add(t, " query-socket");
	add_endpoint(t, d->departed ? "departed from" : "from", &d->source, d->source_port);
	add_endpoint(t, "to", &d->destination, d->destination_port);
	add_seal(t, d);
	if (d->refused)
		return;
	text_add(t, " ");
	add_packet(t, d);
}

static void add_stream(struct text *t, const struct stream *s)
{
	text_add(t, " %u/%u interface=%u%s", s->speaker, s->number, s->interface,
		 s->listens ? " listens" : "");
	add_endpoint(t, "from", &s->local, 0);
	add_endpoint(t, "to", &s->remote, s->port);
	if (s->hop_limit || s->hop_limit_min)
		text_add(t, " hops=%u-%u", s->hop_limit, s->hop_limit_min);
	if (s->secret[0])
		text_add(t, " secret=%s", s->secret);
}

static void add_piece(struct text *t, const struct stream_piece *p)
{
	text_add(t, " %u/%u %u bytes", p->speaker, p->number, p->length);
}

static void add_change(struct text *t, const struct stream_change *c)
{
	text_add(t, " %u/%u", c->speaker, c->number);
	if (c->credit)
		text_add(t, " credit=%u", c->credit);
	if (c->error)
		text_add(t, " error=%d", c->error);
}

static void add_object(struct text *t, const struct object *o)
{
	static const char *const kinds[] = { "?",	  "address", "local",	   "unreachable",
					     "arp-table", "silence", "arp-sender", "next-hop",
					     "group",	  "learned", "no-echo" };

	text_add(t, " %s", kinds[o->kind < OBJECT_KINDS ? o->kind : 0]);
	if (o->kind != OBJECT_ARP_TABLE)
		text_add(t, " %s/%u", address_is_set(&o->address) ? ADDRESS_TEXT(&o->address) : "-",
			 o->length);
	if (o->kind == OBJECT_ADDRESS && address_is_set(&o->peer))
		text_add(t, " peer=%s", ADDRESS_TEXT(&o->peer));
	if (o->deprecated)
		text_add(t, " deprecated");
	if (o->interface)
		text_add(t, " interface=%u", o->interface);
}

static void add_interface(struct text *t, const struct interface *i)
{
	static const char *const kinds[] = { "physical", "loopback", "board" };

	text_add(t, " %u %s %s%s%s", i->index, i->name,
		 kinds[i->kind <= INTERFACE_BOARD ? i->kind : 0], i->up ? " up" : " down",
		 i->carrier ? " carrier" : "");
	if (i->backend[0])
		text_add(t, " %s", i->backend);
}

static void add_mac(struct text *t, const uint8_t *mac)
{
	text_add(t, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

static void add_frame(struct text *t, const struct ether_frame *f)
{
	static const char *const kinds[] = { "arp-request", "arp-reply", "solicitation",
					     "advertisement" };
	struct ether_message m;

	text_add(t, " interface=%u ", f->interface);
	if (ether_decode(f, &m) < 0) {
		text_add(t, "%u bytes of something else", f->length);
		return;
	}
	text_add(t, "%s %s mac=", TEXT_NAME(kinds, m.kind), ADDRESS_TEXT(&m.source));
	add_mac(t, m.mac);
	text_add(t, " target=%s to=", ADDRESS_TEXT(&m.target));
	add_mac(t, m.to);
}

static void add_source_part(struct text *t, const struct source_policy_part *p)
{
	switch ((enum source_part)p->part) {
	case SOURCE_RULE:
		text_add(t, " rule");
		record_print(&source_rule_record, &p->rule, t);
		break;
	case SOURCE_INTERFACE:
		text_add(t, " off interface=%u", p->interface);
		break;
	case SOURCE_END:
		for (size_t k = 0; k < 2; k++)
			text_add(t, " first=%s",
				 address_is_set(&p->first[k]) ? ADDRESS_TEXT(&p->first[k]) : "-");
		break;
	}
}

static void add_config(struct text *t, const struct input *in)
{
	const struct interface_rule *rule = &in->config.rule;
	const struct speech_settings *speech = &in->config.speech;
	const struct rip_settings *rip;

	switch ((enum config_part)in->config.part) {
	case CONFIG_PROTOCOL:
		rip = (const struct rip_settings *)in->config.protocol.own;
		text_add(t, " %s update=%lldms metric=%u distance=%u pace=%u tag=%u",
			 protocol_class(in->config.protocol.protocol)->name,
			 (long long)duration_ms(rip->update), rip->metric, rip->distance, rip->pace,
			 rip->tag);
		break;
	case CONFIG_SPEECH:
		text_add(t, " speech %s version=%u cost=%u%s",
			 protocol_class(speech->protocol)->name,
			 ((const struct rip_speech *)speech->own)->version, speech->cost,
			 speech->passive ? " passive" : "");
		add_auth(t, &speech->keys);
		for (size_t k = 0; k < speech->n_unicast && k < SPEAKER_UNICAST_MAX; k++)
			text_add(t, " neighbor=%s", ADDRESS_TEXT(&speech->unicast[k]));
		break;
	case CONFIG_BOARD:
		text_add(t, " board %s", in->config.board);
		break;
	case CONFIG_VIP:
		text_add(t, " vip");
		record_print(&vip_record, &in->config.vip, t);
		break;
	case CONFIG_CHECK:
		text_add(t, " check");
		record_print(&check_record, &in->config.check, t);
		break;
	case CONFIG_RULE:
		text_add(t, " rule \"%s\"", rule->pattern);
		if (!rule->source)
			text_add(t, " no-source");
		break;
	case CONFIG_SOURCE:
		text_add(t, " source %s", source_mode_name(in->config.source_mode));
		break;
	case CONFIG_SOURCE_RULE:
		text_add(t, " source-rule");
		record_print(&source_rule_record, &in->config.source_rule, t);
		break;
	case CONFIG_END:
		text_add(t, " end");
		break;
	}
}

static const char *input_name(enum input_kind kind)
{
	static const char *const names[] = {
		[INPUT_START] = "start",       [INPUT_TICK] = "tick",
		[INPUT_LINK] = "link",	       [INPUT_LINK_GONE] = "link-gone",
		[INPUT_OBJECT] = "object",     [INPUT_DUMP_BEGIN] = "dump-begin",
		[INPUT_DUMP_END] = "dump-end", [INPUT_LISTENING] = "listening",
		[INPUT_PACKET] = "packet",     [INPUT_DONE] = "done",
		[INPUT_CONFIG] = "config",     [INPUT_BOARD] = "board",
		[INPUT_BIND] = "bind",	       [INPUT_UNBIND] = "unbind",
		[INPUT_STOP] = "stop",	       [INPUT_SAVED] = "saved",
		[INPUT_WATCHING] = "watching", [INPUT_FRAME] = "frame",
		[INPUT_PURGE] = "purge",       [INPUT_DRAIN] = "drain",
		[INPUT_COUNTED] = "counted",   [INPUT_CHECKED] = "checked",
		[INPUT_SOURCING] = "sourcing", [INPUT_SOURCE] = "source",
		[INPUT_BFD] = "bfd",	       [INPUT_CLOCK] = "clock",
		[INPUT_PROBE] = "probe",       [INPUT_SAVING] = "saving",
		[INPUT_SENDING] = "sending",   [INPUT_OPENED] = "opened",
		[INPUT_STREAM] = "stream",     [INPUT_CREDIT] = "credit",
		[INPUT_CLOSED] = "closed",
	};

	return TEXT_NAME(names, kind);
}

static void add_done(struct text *t, const struct input *in)
{
	text_add(t, " effect %u", in->done.first);
	if (in->done.count != 1)
		text_add(t, " and %u more", in->done.count - 1);
	if (in->done.error)
		text_add(t, " error=%d \"%s\"", in->done.error, in->done.text);
}

static void add_input_body(struct text *t, const struct input *in)
{
	switch ((enum input_kind)in->kind) {
	case INPUT_START:
		text_add(t, " seed=%llu", (unsigned long long)in->start.seed);
		break;
	case INPUT_CLOCK:
		text_add(t, " wall=%lldms", (long long)duration_ms(in->clock.wall));
		break;
	case INPUT_LINK:
		add_interface(t, &in->link);
		break;
	case INPUT_LINK_GONE:
		text_add(t, " %u", in->link_gone.index);
		break;
	case INPUT_OBJECT:
		text_add(t, " %s", in->object.present ? "there" : "gone");
		add_object(t, &in->object.object);
		break;
	case INPUT_LISTENING:
	case INPUT_SENDING:
		text_add(t, " interface=%u %s", in->listening.interface,
			 in->listening.ready ? "ready" : in->listening.error);
		if (in->listening.secrets)
			text_add(t, " secrets=%#x", in->listening.secrets);
		break;
	case INPUT_OPENED:
		add_stream(t, &in->stream);
		break;
	case INPUT_STREAM:
		add_piece(t, &in->piece);
		break;
	case INPUT_CREDIT:
	case INPUT_CLOSED:
		add_change(t, &in->change);
		break;
	case INPUT_PACKET:
		add_datagram(t, &in->packet);
		break;
	case INPUT_DONE:
		add_done(t, in);
		break;
	case INPUT_CONFIG:
		add_config(t, in);
		break;
	case INPUT_BOARD:
		text_add(t, " %s %s", in->board.remove ? "del" : "add", in->board.name);
		break;
	case INPUT_BIND:
		record_print(&vip_record, &in->bind, t);
		break;
	case INPUT_UNBIND:
		text_add(t, " %s%s",
			 address_is_set(&in->unbind.address) ? ADDRESS_TEXT(&in->unbind.address)
							     : "-",
			 in->unbind.now ? " now" : "");
		break;
	case INPUT_DRAIN:
		text_add(t, " %s %s", ADDRESS_TEXT(&in->drain.address),
			 in->drain.on ? "on" : "off");
		break;
	case INPUT_CHECKED:
		text_add(t, " run=%u %s: %s", in->checked.run,
			 in->checked.passed ? "passed" : "failed", in->checked.text);
		break;
	case INPUT_COUNTED:
		text_add(t, " %s connections=%u%s", ADDRESS_TEXT(&in->counted.address),
			 in->counted.connections, in->counted.known ? "" : " unknown");
		break;
	case INPUT_STOP:
		text_add(t, "%s", in->stop.hand_over ? " hand-over" : "");
		break;
	case INPUT_SAVED:
		record_print(&saved_record, &in->saved, t);
		break;
	case INPUT_WATCHING:
		text_add(t, " interface=%u %s", in->watching.interface,
			 in->watching.ready ? "ready" : in->watching.error);
		break;
	case INPUT_SOURCING:
		text_add(t, " %s", in->sourcing.ready ? "ready" : in->sourcing.error);
		break;
	case INPUT_SOURCE:
		record_print(&source_switch_record, &in->source, t);
		break;
	case INPUT_FRAME:
		add_frame(t, &in->frame);
		break;
	case INPUT_BFD:
		text_add(t, " interface=%u %s %s", in->bfd.key.interface,
			 ADDRESS_TEXT(&in->bfd.key.peer),
			 in->bfd.known ? bfd_state_name(in->bfd.state) : "unknown");
		break;
	case INPUT_SAVING:
		text_add(t, " %s", in->saving.ready ? "ready" : in->saving.error);
		break;
	case INPUT_PROBE:
		text_add(t, " interface=%u %s %s", in->probe.path.interface,
			 ADDRESS_TEXT(&in->probe.path.peer),
			 in->probe.known ? probe_state_name(in->probe.state) : "not watched");
		break;
	case INPUT_TICK:
	case INPUT_DUMP_BEGIN:
	case INPUT_DUMP_END:
	case INPUT_PURGE:
		break;
	}
}

void print_input(const struct input *in, char *line, size_t size)
{
	struct text t;

	text_init(&t, line, size);
	text_add(&t, "%s", input_name((enum input_kind)in->kind));
	if (in->request)
		text_add(&t, " request=%u%s", in->request, in->more ? " more" : "");
	add_input_body(&t, in);
}

static const char *effect_name(enum effect_kind kind)
{
	static const char *const names[] = {
		[EFFECT_BOARD_ADD] = "board-add",
		[EFFECT_BOARD_UP] = "board-up",
		[EFFECT_BOARD_REMOVE] = "board-remove",
		[EFFECT_OBJECT_ADD] = "object-add",
		[EFFECT_OBJECT_REMOVE] = "object-remove",
		[EFFECT_RESYNC] = "resync",
		[EFFECT_LISTEN] = "listen",
		[EFFECT_SEND] = "send",
		[EFFECT_EVENT] = "event",
		[EFFECT_REPLY] = "reply",
		[EFFECT_STOPPED] = "stopped",
		[EFFECT_WATCH] = "watch",
		[EFFECT_FRAME] = "frame",
		[EFFECT_SAVE] = "save",
		[EFFECT_COUNT] = "count",
		[EFFECT_CHECK] = "check",
		[EFFECT_SOURCE] = "source",
		[EFFECT_BFD] = "bfd",
		[EFFECT_PROBE] = "probe",
		[EFFECT_OPEN] = "open",
		[EFFECT_STREAM] = "stream",
		[EFFECT_CLOSE] = "close",
	};

	return TEXT_NAME(names, kind);
}

static void add_reply(struct text *t, const struct effect *e)
{
	static const char *const codes[] = { "ok", "refused", "not-found", "failed", "unsaved" };

	text_add(t, " request=%u %s", e->reply.request,
		 codes[e->reply.code <= REPLY_UNSAVED ? e->reply.code : REPLY_FAILED]);
	if (e->reply.sentence[0])
		text_add(t, " \"%s\"", e->reply.sentence);
}

static void add_event(struct text *t, const struct event *event)
{
	char line[PRINT_LINE_MAX];

	event_format(event, line, sizeof(line));
	text_add(t, " %s", line);
}

void print_effect(const struct effect *e, char *line, size_t size)
{
	struct text t;

	text_init(&t, line, size);
	text_add(&t, "%s", effect_name((enum effect_kind)e->kind));
	if (e->id)
		text_add(&t, " #%u", e->id);
	switch ((enum effect_kind)e->kind) {
	case EFFECT_BOARD_ADD:
	case EFFECT_BOARD_UP:
	case EFFECT_BOARD_REMOVE:
		text_add(&t, " %s", e->board.name);
		if (e->board.index)
			text_add(&t, " index=%u", e->board.index);
		break;
	case EFFECT_OBJECT_ADD:
	case EFFECT_OBJECT_REMOVE:
		add_object(&t, &e->object);
		break;
	case EFFECT_LISTEN:
		text_add(&t, " interface=%u %s", e->listen.interface, e->listen.on ? "on" : "off");
		add_auth(&t, &e->listen.keys);
		break;
	case EFFECT_WATCH:
		text_add(&t, " interface=%u %s%s", e->watch.interface, e->watch.on ? "on" : "off",
			 e->watch.all_multicast ? " all-multicast" : "");
		break;
	case EFFECT_FRAME:
		add_frame(&t, &e->frame);
		break;
	case EFFECT_OPEN:
		add_stream(&t, &e->stream);
		break;
	case EFFECT_STREAM:
		add_piece(&t, &e->piece);
		break;
	case EFFECT_CLOSE:
		add_change(&t, &e->change);
		break;
	case EFFECT_BFD:
		text_add(&t, " interface=%u %s", e->bfd.key.interface,
			 ADDRESS_TEXT(&e->bfd.key.peer));
		if (e->bfd.remove)
			text_add(&t, " off");
		else
			text_add(&t, " %u us x %u", e->bfd.params.tx_us, e->bfd.params.multiplier);
		break;
	case EFFECT_PROBE:
		text_add(&t, " interface=%u %s", e->probe.path.interface,
			 ADDRESS_TEXT(&e->probe.path.peer));
		if (e->probe.remove)
			text_add(&t, " off");
		else
			text_add(&t, " %u us x %u", e->probe.params.interval_us,
				 e->probe.params.multiplier);
		break;
	case EFFECT_CHECK:
		text_add(&t, " run=%u%s", e->check.run, e->check.off ? " off" : "");
		record_print(&check_record, &e->check.settings, &t);
		break;
	case EFFECT_SOURCE:
		add_source_part(&t, &e->source);
		break;
	case EFFECT_COUNT:
		text_add(&t, " %s", ADDRESS_TEXT(&e->count.address));
		break;
	case EFFECT_SAVE:
		record_print(&saved_record, &e->save, &t);
		break;
	case EFFECT_SEND:
		add_datagram(&t, &e->send);
		break;
	case EFFECT_EVENT:
		add_event(&t, &e->event);
		break;
	case EFFECT_REPLY:
		add_reply(&t, e);
		break;
	case EFFECT_RESYNC:
	case EFFECT_STOPPED:
		break;
	}
}
