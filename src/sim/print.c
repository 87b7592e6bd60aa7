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

	if (ether_decode(f, &m) < 0) {
		text_add(t, " %u bytes of something else", f->length);
		return;
	}
	text_add(t, " %s %s mac=", TEXT_NAME(kinds, m.kind), ADDRESS_TEXT(&m.source));
	add_mac(t, m.mac);
	text_add(t, " target=%s to=", ADDRESS_TEXT(&m.target));
	add_mac(t, m.to);
}

/* The name and the fields of an input or an effect, by its table. */
static void add_table(struct text *t, const struct record *r, const void *object)
{
	char line[PRINT_LINE_MAX];
	struct text fields;

	text_init(&fields, line, sizeof(line));
	record_print(r, object, &fields);
	text_add(t, "%s", line + 1);
}

static void add_content(struct text *t, const struct packet *p)
{
	if (p->refused)
		text_add(t, " refused=%s", rip_drop_name(p->reason));
	text_add(t, " ");
	if (!p->refused)
		add_packet(t, p);
}

void print_input(const struct input *in, char *line, size_t size)
{
	struct text t;

	text_init(&t, line, size);
	add_table(&t, &input_record, in);
	if (in->kind == INPUT_PACKET)
		add_content(&t, &in->packet);
	else if (in->kind == INPUT_FRAME)
		add_frame(&t, &in->frame);
}

void print_effect(const struct effect *e, char *line, size_t size)
{
	char event[PRINT_LINE_MAX];
	struct text t;

	text_init(&t, line, size);
	if (e->kind == EFFECT_EVENT) {
		event_format(&e->event, event, sizeof(event));
		text_add(&t, "event %s", event);
		return;
	}
	add_table(&t, &effect_record, e);
	if (e->kind == EFFECT_SEND)
		add_content(&t, &e->send);
	else if (e->kind == EFFECT_FRAME)
		add_frame(&t, &e->frame);
}
