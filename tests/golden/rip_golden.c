/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden tests of the RIP speaker, in a folder called ripng those of RIPng: a script drives a
 *speaker in virtual time, and what it sends and tells is compared with what stands in the script,
 *indented, behind each command.
 *
 *	rip_golden FOLDER		compares
 *	rip_golden --rewrite FOLDER	writes what happens now into the scripts; read the
 * difference!
 *
 *	settings [metric=3] [tag=7] [pace=400] [distance=1] [update=30s] [timeout=180s]
 *	interface 1 10.1.0.10/24 [version=1|2|compatible] [cost=1] [passive] [neighbors=A,B]
 *	link 1 up|down [10.1.0.10/24]		network 1 10.5.0.0/24 [gone]		remove 1
 *	announce 10.9.1.1/32 [metric=5] [for=10.9.1.0/24]		withdraw 10.9.1.1/32
 *	flap 10.9.1.1/32 20			withdrawn and announced again, that many times
 *	fill 1000				announces that many host routes, to be counted
 *	receive 1 from 10.1.0.1[:520] [query] request|response v2 all |
 *		[to=ADDRESS] [tag=7] [next-hop=A] 10.9.1.1/32=16 …
 *	receive 1 from 10.1.0.1 bytes 02020000…
 *	flood 1 from 10.1.0.66 5000 1s [all]	so many questions within that time; answers are
 *counted run 1.5s				tally 100ms 10: counts packets, that many times show
 *what is known of neighbours, and what was dropped
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "proto/rip/packet.h"
#include "script.h"
#include "sim/print.h"

#define INTERFACES 8

struct golden {
	struct script script;
	enum family family;
	struct rip *rip;
	struct rip_settings settings;
	struct speaker_link links[INTERFACES + 1];
	uint32_t packets, entries; /* while they are counted only */
	bool counting;
	struct address flooder; /* whose answers are counted only; not set: nobody's */
	bool sources; /* an interface has more than one address: it is said which one sends */
};

static struct golden *golden_of(struct script *s)
{
	return container_of(s, struct golden, script);
}

static const char *event_name(enum rip_event_kind kind)
{
	static const char *const names[] = {
		"neighbor-up", "neighbor-down", "accepted",    "unaccepted",	"rival",
		"rival-sure",  "rival-gone",	"announced",   "withdrawn",	"rescue",
		"no-headroom", "relax",		"left",	       "hosts-ignored", "key",
		"sequence",    "mute",		"source-gone", "crowded",
	};

	return kind <= RIP_EVENT_CROWDED ? names[kind] : "?";
}

static void tell_packet(struct golden *g, const struct packet *d)
{
	char line[PRINT_LINE_MAX];

	if (g->counting || address_equal(&d->destination, &g->flooder)) {
		g->packets++;
		g->entries += (d->length - 4u) / 20;
		return;
	}
	print_packet(d, line, sizeof(line));
	fprintf(g->script.out, "  %.3f send eth%u%s", script_seconds(&g->script), d->interface,
		d->socket == RIP_SOCKET_QUERY ? " query" : "");
	if (g->sources || d->departed)
		fprintf(g->script.out, "%s from %s", d->departed ? " departed" : "",
			ADDRESS_TEXT(&d->source));
	fprintf(g->script.out, " -> %s:%u %s\n", ADDRESS_TEXT(&d->destination), d->destination_port,
		line);
}

static void tell_event(struct golden *g, const struct rip_event *e)
{
	if (g->counting)
		return;
	fprintf(g->script.out, "  %.3f event %s", script_seconds(&g->script),
		event_name((enum rip_event_kind)e->kind));
	if (e->interface)
		fprintf(g->script.out, " eth%u", e->interface);
	if (address_is_set(&e->neighbor))
		fprintf(g->script.out, " %s", ADDRESS_TEXT(&e->neighbor));
	if (address_is_set(&e->prefix.address))
		fprintf(g->script.out, " %s", PREFIX_TEXT(&e->prefix));
	if (e->metric)
		fprintf(g->script.out, " metric=%u", e->metric);
	fprintf(g->script.out, "\n");
}

static void drain(struct script *script)
{
	struct golden *g = golden_of(script);
	struct packet d;
	struct rip_event e;
	bool more = true;

	while (more) {
		more = false;
		for (; rip_output(g->rip, g->script.now, &d); more = true)
			tell_packet(g, &d);
		for (; rip_event(g->rip, &e); more = true)
			tell_event(g, &e);
	}
}

static void run(struct golden *g, struct duration time)
{
	struct instant until = instant_add(g->script.now, time), due;

	while (instant_reached(due = rip_deadline(g->rip), until)) {
		g->script.now = instant_max(g->script.now, due);
		rip_tick(g->rip, g->script.now);
		drain(&g->script);
	}
	g->script.now = until;
}

static uint32_t interface(struct golden *g, struct words *w)
{
	unsigned long index = strtoul(word(w), NULL, 10);

	if (index < 1 || index > INTERFACES) {
		g->script.error = "interfaces have numbers from 1 to 8";
		return 1;
	}
	return (uint32_t)index;
}

static void do_settings(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct rip_settings *s = &g->settings;

	s->metric = (uint8_t)number(w, "metric", s->metric);
	s->tag = (uint16_t)number(w, "tag", s->tag);
	s->pace = (uint16_t)number(w, "pace", s->pace);
	s->distance = (uint8_t)number(w, "distance", s->distance);
	if (value(w, "update"))
		s->update = script_duration(&g->script, value(w, "update"));
	if (value(w, "timeout"))
		s->timeout = script_duration(&g->script, value(w, "timeout"));
	rip_configure(g->rip, g->script.now, s);
}

static void read_neighbors(struct golden *g, const char *list, struct rip_interface_settings *s)
{
	char copy[256], *save, *at;

	text_copy(copy, sizeof(copy), list ? list : "");
	for (at = strtok_r(copy, ",", &save); at && s->n_unicast < RIP_UNICAST_MAX;
	     at = strtok_r(NULL, ",", &save))
		if (address_parse(at, &s->unicast[s->n_unicast++]) < 0)
			g->script.error = "this is no list of neighbors";
}

/* ADDRESS/LENGTH, or a list of them: the same again where it is empty, none at all where "none". */
static void read_sources(struct golden *g, const char *list, struct speaker_link *l)
{
	char copy[256], *save, *at;

	text_copy(copy, sizeof(copy), list);
	if (copy[0])
		l->n_sources = 0;
	if (strcmp(copy, "none") == 0)
		return;
	for (at = strtok_r(copy, ",", &save); at && l->n_sources < SPEAKER_SOURCES_MAX;
	     at = strtok_r(NULL, ",", &save)) {
		struct speaker_source *s = &l->sources[l->n_sources++];
		uint8_t length;

		if (prefix_parse(at, &s->address, &length) < 0)
			g->script.error = "an interface needs an address with a length";
		else
			s->network = prefix_make(&s->address, length);
	}
	g->sources |= l->n_sources > 1;
}

static void set_link(struct golden *g, uint32_t index, bool up, const char *addresses)
{
	struct speaker_link *l = &g->links[index];

	l->index = index;
	l->usable = up;
	read_sources(g, addresses, l);
	rip_link(g->rip, g->script.now, l);
}

static void do_interface(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	const char *address = word(w), *version = value(w, "version");
	struct rip_interface_settings s;

	rip_interface_settings_default(&s);
	if (version && strcmp(version, "compatible") == 0)
		s.version = RIP_VERSION_COMPATIBLE;
	else if (version)
		s.version = strcmp(version, "1") == 0 ? RIP_VERSION_1 : RIP_VERSION_2;
	s.cost = (uint8_t)number(w, "cost", 1);
	s.passive = flag(w, "passive");
	read_neighbors(g, value(w, "neighbors"), &s);
	if (rip_interface_set(g->rip, g->script.now, index, &s) < 0)
		g->script.error = "the speaker refuses the interface";
	set_link(g, index, true, address);
}

static void do_link(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	bool up = strcmp(word(w), "up") == 0;

	set_link(g, index, up, word(w));
}

static void do_network(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	struct prefix p = script_prefix(&g->script, word(w));

	if (rip_network(g->rip, index, &p, !flag(w, "gone")) < 0)
		g->script.error = "the speaker refuses the network";
}

static void do_remove(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	rip_interface_remove(g->rip, g->script.now, interface(g, w));
}

static void do_announce(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct prefix p = script_prefix(&g->script, word(w)), network;
	const char *stands_for = value(w, "for");

	network = script_prefix(&g->script, stands_for ? stands_for : "0.0.0.0/0");
	if (rip_announce(g->rip, g->script.now, &p, stands_for ? &network : NULL,
			 (uint8_t)number(w, "metric", 0)) < 0)
		g->script.error = "the speaker refuses the prefix";
}

static void do_withdraw(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct prefix p = script_prefix(&g->script, word(w));

	if (rip_withdraw(g->rip, g->script.now, &p) < 0)
		fprintf(g->script.out, "  %.3f it is not announced\n", script_seconds(&g->script));
}

static void do_flap(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct prefix p = script_prefix(&g->script, word(w));

	g->counting = true;
	for (unsigned long k = strtoul(word(w), NULL, 10); k > 0; k--) {
		(void)rip_withdraw(g->rip, g->script.now, &p);
		drain(&g->script);
		(void)rip_announce(g->rip, g->script.now, &p, NULL, 0);
		drain(&g->script);
	}
	g->counting = false;
	g->packets = g->entries = 0;
}

static void do_fill(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t count = (uint32_t)strtoul(word(w), NULL, 10);

	for (uint32_t k = 0; k < count; k++) {
		uint8_t six[ADDRESS_BYTES_MAX] = {
			0x20, 0x01, 0x0d, 0xb8, [14] = (uint8_t)(k >> 8), [15] = (uint8_t)k
		};
		struct address a = g->family == FAMILY_IPV6 ? address_make(FAMILY_IPV6, six)
							    : address_ipv4(0x0a080000 + k);
		struct prefix p = prefix_host(&a);

		(void)rip_announce(g->rip, g->script.now, &p, NULL, 0);
	}
	/* What leaves at once is in the first count. */
	g->counting = true;
	drain(&g->script);
	g->counting = false;
}

static void read_bytes(struct golden *g, const char *hex, struct packet *d)
{
	unsigned byte;

	for (; isxdigit((unsigned char)hex[0]) && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		if (d->length < RIP_PACKET_MAX)
			d->bytes[d->length++] = (uint8_t)byte;
	if (*hex)
		g->script.error = "bytes are pairs of hexadecimal digits";
}

/* ADDRESS[/LENGTH|/MASK]=METRIC */
static void read_entry(struct golden *g, char *text, struct rip_entry *e)
{
	char *metric = strchr(text, '='), *mask = strchr(text, '/');
	struct address m = address_ipv4(0);

	if (!metric) {
		g->script.error = "an entry is ADDRESS/LENGTH=METRIC";
		return;
	}
	*metric++ = '\0';
	if (mask)
		*mask++ = '\0';
	if (address_parse(text, &e->address) < 0)
		g->script.error = "this is no address";
	e->metric = (uint32_t)strtoul(metric, NULL, 10);
	if (mask && g->family == FAMILY_IPV6)
		e->length = (uint8_t)strtoul(mask, NULL, 10);
	else if (mask && strchr(mask, '.') && address_parse(mask, &m) == 0)
		e->mask = address_ipv4_number(&m);
	else if (mask)
		e->mask = prefix_ipv4_mask((uint8_t)strtoul(mask, NULL, 10));
}

static void read_packet(struct golden *g, struct words *w, bool request, struct packet *d)
{
	struct rip_packet p = rip_packet_make(g->family, request ? RIP_REQUEST : RIP_RESPONSE, 0);
	uint16_t tag = 0, family = RIP_AFI_IPV4;
	struct address next_hop = { 0 };

	p.version = (uint8_t)strtoul(word(w) + 1, NULL, 10);
	while (w->next < w->count && p.n_entries < RIP_ENTRIES_MAX) {
		char *at = w->at[w->next++];

		if (strcmp(at, "all") == 0) {
			p = rip_packet_request_all(g->family, p.version);
		} else if (strncmp(at, "tag=", 4) == 0) {
			tag = (uint16_t)strtoul(at + 4, NULL, 10);
		} else if (strncmp(at, "family=", 7) == 0) {
			family = (uint16_t)strtoul(at + 7, NULL, 10);
		} else if (strncmp(at, "next-hop=", 9) == 0) {
			if (address_parse(at + 9, &next_hop) < 0)
				g->script.error = "a next hop is an address";
			/* RFC 2080 2.1.1: an entry of its own. */
			if (g->family == FAMILY_IPV6)
				p.entries[p.n_entries++] = (struct rip_entry){
					.address = next_hop,
					.metric = RIPNG_METRIC_NEXT_HOP,
				};
		} else if (strncmp(at, "length=", 7) != 0 && strncmp(at, "hops=", 5) != 0 &&
			   strncmp(at, "to=", 3) != 0) {
			p.entries[p.n_entries] = (struct rip_entry){
				.tag = tag,
				.family = family,
				.next_hop = next_hop,
			};
			read_entry(g, at, &p.entries[p.n_entries++]);
		}
	}
	d->length = (uint16_t)rip_packet_encode(&p, d->bytes);
}

static void do_receive(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct packet d = { .interface = interface(g, w),
			    .source_port = rip_port(g->family),
			    .hop_limit = (uint8_t)number(w, "hops", 255) };
	const char *kind, *length = value(w, "length");
	char *source, *port;

	(void)word(w); /* from */
	source = w->next < w->count ? w->at[w->next++] : (char[1]){ 0 };
	/* ADDRESS, IPV4:PORT, or [IPV6]:PORT. */
	source += *source == '[';
	port = g->family == FAMILY_IPV6 ? strchr(source, ']') : strchr(source, ':');
	if (port) {
		*port++ = '\0';
		d.source_port = (uint16_t)strtoul(port + (*port == ':'), NULL, 10);
	}
	if (address_parse(source, &d.source) < 0)
		g->script.error = "a packet comes from an address";
	d.destination = rip_group(g->family);
	if (value(w, "to") && address_parse(value(w, "to"), &d.destination) < 0)
		g->script.error = "a packet goes to an address";
	kind = word(w);
	if (strcmp(kind, "query") == 0) {
		d.destination = g->links[d.interface].sources[0].address;
		d.socket = RIP_SOCKET_QUERY;
		kind = word(w);
	}
	if (strcmp(kind, "bytes") == 0)
		read_bytes(g, word(w), &d);
	else
		read_packet(g, w, strcmp(kind, "request") == 0, &d);
	/* It was longer than what is kept of it. */
	if (length)
		d.length = (uint16_t)strtoul(length, NULL, 10);
	rip_input(g->rip, g->script.now, &d);
}

static void do_flood(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct packet d = { .interface = interface(g, w), .source_port = 40000 };
	struct rip_packet p;
	struct duration time;
	unsigned long count;

	(void)word(w); /* from */
	if (address_parse(word(w), &d.source) < 0)
		g->script.error = "questions come from an address";
	count = strtoul(word(w), NULL, 10);
	time = script_duration(&g->script, word(w));
	p = rip_packet_request_all(g->family, g->family == FAMILY_IPV6 ? 1 : 2);
	/* A question for one entry, unless for all; that of the default route is as good as any. */
	if (!flag(w, "all")) {
		p.entries[0].family = RIP_AFI_IPV4;
		p.entries[0].length = g->family == FAMILY_IPV6;
	}
	d.destination = g->links[d.interface].sources[0].address;
	d.length = (uint16_t)rip_packet_encode(&p, d.bytes);
	g->flooder = d.source;
	for (unsigned long k = 0; k < count; k++) {
		rip_input(g->rip, g->script.now, &d);
		drain(&g->script);
		run(g, (struct duration){ time.ns / (int64_t)count });
	}
	fprintf(g->script.out, "  %.3f %u answers\n", script_seconds(&g->script), g->packets);
	g->flooder = (struct address){ 0 };
	g->packets = g->entries = 0;
}

static void do_run(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	run(g, script_duration(&g->script, word(w)));
}

static void do_tally(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct duration window = script_duration(&g->script, word(w));

	g->counting = true;
	for (unsigned long k = strtoul(word(w), NULL, 10); k > 0; k--) {
		double from = script_seconds(&g->script);

		run(g, window);
		fprintf(g->script.out, "  %.3f to %.3f: %u packets, %u entries\n", from,
			script_seconds(&g->script), g->packets, g->entries);
		g->packets = g->entries = 0;
	}
	g->counting = false;
}

static void show_drops(struct golden *g, const uint32_t *drops)
{
	for (size_t k = 0; k < RIP_DROP_COUNT; k++)
		if (drops[k])
			fprintf(g->script.out, " %s=%u", rip_drop_name((enum rip_drop)k), drops[k]);
	fprintf(g->script.out, "\n");
}

static void do_show(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct neighbor n;
	struct speaker_interface i;
	size_t position = 0;

	(void)w;
	while (rip_interface_next(g->rip, g->script.now, &position, &i)) {
		fprintf(g->script.out, "  eth%u %s version=%u metric=%u lift=%u drops:", i.index,
			i.speaking ? "speaks" : "is silent", i.version, i.metric, i.lift);
		show_drops(g, i.drops);
	}
	position = 0;
	while (rip_neighbor_next(g->rip, g->script.now, &position, &n)) {
		fprintf(g->script.out,
			"  eth%u %s %s%s%s%s packets=%u routes=%u accepted=%u drops:", n.interface,
			ADDRESS_TEXT(&n.address), n.up ? "up" : "down",
			strcmp(n.state, "late") ? "" : " late", n.proves ? " proves" : "",
			n.ignores_hosts ? " ignores-hosts" : "", n.packets, n.routes, n.accepted);
		show_drops(g, n.drops);
	}
}

static const struct script_command commands[] = {
	{ "settings", do_settings }, { "interface", do_interface }, { "link", do_link },
	{ "network", do_network },   { "remove", do_remove },	    { "announce", do_announce },
	{ "withdraw", do_withdraw }, { "flap", do_flap },	    { "fill", do_fill },
	{ "receive", do_receive },   { "flood", do_flood },	    { "run", do_run },
	{ "tally", do_tally },	     { "show", do_show },	    { NULL, NULL },
};

/* A script in a folder called ripng is one of RIPng. */
static enum family script_family(const char *path)
{
	static const char folder[] = "/ripng/";
	const char *name = strrchr(path, '/');
	size_t length = name ? (size_t)(name + 1 - path) : 0;

	if (length < strlen(folder) ||
	    strncmp(name + 1 - strlen(folder), folder, strlen(folder)) != 0)
		return FAMILY_IPV4;
	return FAMILY_IPV6;
}

static struct script *golden_begin(const char *path, FILE *out)
{
	struct golden *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->family = script_family(path);
	g->script.out = out;
	rip_settings_default(&g->settings);
	g->script.start = g->script.now = (struct instant){ DURATION_S(1000).ns };
	g->rip = rip_new(g->family, &g->settings, 1);
	return &g->script;
}

static void golden_end(struct script *s)
{
	struct golden *g = golden_of(s);

	rip_free(g->rip);
	free(g);
}

int main(int argc, char **argv)
{
	static const struct script_language language = {
		.name = "rip_golden",
		.commands = commands,
		.begin = golden_begin,
		.drain = drain,
		.end = golden_end,
	};

	return scripts_run(&language, argc, argv);
}
