/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden tests of the OSPF speaker, in a folder called ospfv3 those of OSPFv3: one router is there,
 * and the script is all others. See script.h.
 *
 *	settings [router=9.9.9.9] [vips=auto|stub|external|nssa] [grace=120s] [no-helper]
 *	interface 1 10.1.0.9/24 [network=broadcast|p2p|p2mp] [priority=1] [hello=10s] [dead=40s]
 *		[multiplier=4] [retransmit=5s] [area=0] [kind=normal|stub|nssa] [cost=10] [passive]
 *		[mtu=1500] [mtu-ignore] [ttl-security] [instance=0] [neighbors=A,B]
 *	link 1 up|down [10.1.0.9/24]		remove 1
 *	verdict 1 10.1.0.1 up|down|unknown	announce 10.9.1.1/32 [metric=5]		withdraw …
 *	receive 1 from 10.1.0.1 router 1.1.1.1 [to=ADDRESS] [area=0] [hops=255] [instance=0] KIND …
 *		hello [priority=1] [dr=A] [bdr=A] [interval=10] [dead=40] [options=0x2] [mask=24]
 *			[interface=5] [neighbors=9.9.9.9,…]
 *		dd seq=N|ours|ours+1 [init] [more] [master] [mtu=1500] [options=0x42] LSA …
 *		request TYPE:ID:ROUTER …		ack LSA … | ours	update LSA …
 *		bytes 0201…
 *	with LSAs like router:1.1.1.1:1.1.1.1:SEQUENCE[@AGE][!], SEQUENCE counted from 1 or in hex,
 *	and a wrong checksum with the mark; other types: network, summary, asbr-summary, external,
 *	nssa, opaque-link, opaque-area, opaque-as, or a number
 *	mute / loud	what is sent is not shown, and shown again
 *	run 1.5s		show		database
 */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/text.h"
#include "proto/ospf/ospf.h"
#include "script.h"

#define INTERFACES 8
#define PACKET_BYTES 4096
#define OURS_MAX 64
#define DESCRIBED_MAX 32

struct golden {
	struct script script;
	enum ospf_version version;
	struct ospf *ospf;
	struct ospf_settings settings;
	struct speaker_link links[INTERFACES + 1];
	uint16_t mtus[INTERFACES + 1];
	struct {
		uint32_t interface, sequence;
		struct address to;
	} described[DESCRIBED_MAX];	     /* the number of the last description to each */
	struct lsa_header updated[OURS_MAX]; /* of the last update that was sent */
	size_t n_updated;
	bool mute;
};

static struct golden *golden_of(struct script *s)
{
	return container_of(s, struct golden, script);
}

/* The names of types here are those of lsa_type_name(); what has none is a number. */
static const struct {
	const char *name;
	uint8_t version;
	uint16_t type;
} types[] = {
	{ "router", OSPF_V2, LSA_V2_ROUTER },
	{ "network", OSPF_V2, LSA_V2_NETWORK },
	{ "summary", OSPF_V2, LSA_V2_SUMMARY },
	{ "asbr-summary", OSPF_V2, LSA_V2_SUMMARY_ASBR },
	{ "external", OSPF_V2, LSA_V2_EXTERNAL },
	{ "nssa", OSPF_V2, LSA_V2_NSSA },
	{ "opaque-link", OSPF_V2, LSA_V2_OPAQUE_LINK },
	{ "opaque-area", OSPF_V2, LSA_V2_OPAQUE_AREA },
	{ "opaque-as", OSPF_V2, LSA_V2_OPAQUE_AS },
	{ "router", OSPF_V3, LSA_V3_ROUTER },
	{ "network", OSPF_V3, LSA_V3_NETWORK },
	{ "inter-area-prefix", OSPF_V3, LSA_V3_INTER_PREFIX },
	{ "external", OSPF_V3, LSA_V3_EXTERNAL },
	{ "nssa", OSPF_V3, LSA_V3_NSSA },
	{ "link", OSPF_V3, LSA_V3_LINK },
	{ "intra-area-prefix", OSPF_V3, LSA_V3_INTRA_PREFIX },
};

static void tell_key(struct golden *g, const struct lsa_key *k)
{
	struct address id = address_ipv4(k->id), router = address_ipv4(k->router);
	FILE *out = g->script.out;

	for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
		if (types[i].version == g->version && types[i].type == k->type) {
			fprintf(out, " %s:%s:%s", types[i].name, ADDRESS_TEXT(&id),
				ADDRESS_TEXT(&router));
			return;
		}
	fprintf(out, " 0x%x:%s:%s", k->type, ADDRESS_TEXT(&id), ADDRESS_TEXT(&router));
}

static void tell_header(struct golden *g, const struct lsa_header *h)
{
	int64_t sequence = (int64_t)h->sequence - LSA_SEQUENCE_INITIAL + 1;

	tell_key(g, &h->key);
	if (sequence >= 1 && sequence < 100000)
		fprintf(g->script.out, ":%d@%u", (int)sequence, h->age);
	else
		fprintf(g->script.out, ":0x%08x@%u", (unsigned)h->sequence, h->age);
}

static void tell_id(struct golden *g, const char *name, uint32_t id)
{
	struct address a = address_ipv4(id);

	fprintf(g->script.out, " %s=%s", name, ADDRESS_TEXT(&a));
}

static void tell_hello(struct golden *g, struct reader body)
{
	struct ospf_hello h;
	uint32_t router;

	if (!ospf_hello_read(g->version, body, &h))
		return;
	fprintf(g->script.out, " priority=%u interval=%u dead=%u options=0x%x", h.priority,
		h.interval, h.dead, h.options);
	if (g->version == OSPF_V2)
		fprintf(g->script.out, " mask=%u", h.mask_length);
	else
		fprintf(g->script.out, " interface=%u", h.interface_id);
	tell_id(g, "dr", h.dr);
	tell_id(g, "bdr", h.bdr);
	while (ospf_neighbor_next(&h.neighbors, &router))
		tell_id(g, "neighbor", router);
}

/* Where it is noted; a link of two has no addresses. */
static uint32_t *described_to(struct golden *g, uint32_t interface, const struct address *to)
{
	size_t k = 0;

	while (k + 1 < DESCRIBED_MAX && g->described[k].interface != 0 &&
	       (g->described[k].interface != interface ||
		!(address_equal(&g->described[k].to, to) ||
		  address_is_multicast(&g->described[k].to))))
		k++;
	if (g->described[k].interface == 0) {
		g->described[k].interface = interface;
		g->described[k].to = *to;
	}
	return &g->described[k].sequence;
}

static void tell_description(struct golden *g, const struct ospf_packet *p, struct reader body)
{
	struct ospf_description d;
	struct lsa_header h;

	if (!ospf_description_read(g->version, body, &d))
		return;
	*described_to(g, p->interface, &p->destination) = d.sequence;
	fprintf(g->script.out, "%s%s%s mtu=%u options=0x%x", d.flags & OSPF_DD_INIT ? " init" : "",
		d.flags & OSPF_DD_MORE ? " more" : "", d.flags & OSPF_DD_MASTER ? " master" : "",
		d.mtu, d.options);
	while (ospf_lsa_header_next(g->version, &d.headers, &h))
		tell_header(g, &h);
}

static void tell_body(struct golden *g, const struct ospf_packet *p, uint8_t type,
		      struct reader body)
{
	struct lsa_header h;
	struct lsa_key k;
	const uint8_t *bytes;

	switch ((enum ospf_packet_type)type) {
	case OSPF_HELLO:
		tell_hello(g, body);
		break;
	case OSPF_DESCRIPTION:
		tell_description(g, p, body);
		break;
	case OSPF_REQUEST:
		while (ospf_request_next(g->version, &body, &k))
			tell_key(g, &k);
		break;
	case OSPF_UPDATE:
		(void)ospf_update_read(&body);
		g->n_updated = 0;
		while (ospf_update_next(g->version, &body, &h, &bytes)) {
			if (g->n_updated < OURS_MAX)
				g->updated[g->n_updated++] = h;
			tell_header(g, &h);
		}
		break;
	default:
		while (ospf_lsa_header_next(g->version, &body, &h))
			tell_header(g, &h);
		break;
	}
}

static void tell_packet(struct golden *g, const struct ospf_packet *p)
{
	FILE *out = g->mute ? NULL : g->script.out, *kept = g->script.out;
	struct ospf_header h;
	struct reader body;

	if (ospf_header_read(g->version, p->bytes, p->length, &h, &body) != PACKET_GOOD) {
		g->script.error = "a packet was sent that is none";
		return;
	}
	if (!out)
		g->script.out = out = fopen("/dev/null", "w");
	fprintf(out, "  %.3f send eth%u -> %s %s", script_seconds(&g->script), p->interface,
		ADDRESS_TEXT(&p->destination), ospf_packet_name(h.type));
	tell_body(g, p, h.type, body);
	fprintf(out, "\n");
	if (g->mute)
		fclose(out);
	g->script.out = kept;
}

static const char *event_name(uint8_t kind)
{
	static const char *const names[] = {
		"neighbor-up", "neighbor-down", "accepted",    "unaccepted", "rival",
		"rival-sure",  "rival-gone",	"announced",   "withdrawn",  "left",
		"speaks",      "sequence",	"source-gone", "rescue",     "note",
	};

	return kind < ARRAY_LENGTH(names) ? names[kind] : "?";
}

static void tell_event(struct golden *g, const struct speaker_event *e)
{
	FILE *out = g->script.out;

	if (g->mute)
		return;
	fprintf(out, "  %.3f event %s", script_seconds(&g->script), event_name(e->kind));
	if (e->interface)
		fprintf(out, " eth%u", e->interface);
	if (address_is_set(&e->neighbor))
		fprintf(out, " %s", ADDRESS_TEXT(&e->neighbor));
	if (address_is_set(&e->prefix.address))
		fprintf(out, " %s", PREFIX_TEXT(&e->prefix));
	if (e->text[0])
		fprintf(out, " \"%s\"", e->text);
	fprintf(out, "\n");
}

static void drain(struct script *s)
{
	struct golden *g = golden_of(s);
	struct ospf_packet p;
	struct speaker_event e;
	struct route r;
	bool more = true;

	while (more) {
		more = false;
		for (; ospf_output(g->ospf, s->now, &p); more = true)
			tell_packet(g, &p);
		for (; ospf_event(g->ospf, &e); more = true)
			tell_event(g, &e);
		for (; ospf_learned(g->ospf, s->now, &r); more = true)
			;
	}
}

static void run(struct golden *g, struct duration time)
{
	struct instant until = instant_add(g->script.now, time), due;

	while (instant_reached(due = ospf_deadline(g->ospf), until)) {
		g->script.now = instant_max(g->script.now, due);
		ospf_tick(g->ospf, g->script.now);
		drain(&g->script);
	}
	g->script.now = until;
}

static uint32_t id_of(struct golden *g, const char *text)
{
	struct address a = address_ipv4(0);

	if (address_parse(text, &a) == 0 && a.family == FAMILY_IPV4)
		return address_ipv4_number(&a);
	if (!*text || strspn(text, "0123456789") != strlen(text))
		g->script.error = "an ID is like 1.1.1.1, or a number";
	return (uint32_t)strtoul(text, NULL, 10);
}

static uint32_t id_value(struct golden *g, const struct words *w, const char *key)
{
	const char *text = value(w, key);

	return text ? id_of(g, text) : 0;
}

static uint32_t bits(const struct words *w, const char *key, uint32_t otherwise)
{
	const char *text = value(w, key);

	return text ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
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

static struct address address(struct golden *g, const char *text)
{
	struct address a = { 0 };

	if (address_parse(text, &a) < 0)
		g->script.error = "this is no address";
	return a;
}

/* The place of the text among some words. */
static uint8_t choice(struct golden *g, const char *text, const char *const *among, uint8_t n)
{
	for (uint8_t k = 0; text && k < n; k++)
		if (strcmp(among[k], text) == 0)
			return k;
	if (text)
		g->script.error = "this is none of the words that may stand there";
	return 0;
}

static void duration_value(struct golden *g, const struct words *w, const char *key,
			   struct duration *ret)
{
	if (value(w, key))
		*ret = script_duration(&g->script, value(w, key));
}

static void do_settings(struct script *script, struct words *w)
{
	static const char *const vips[] = { "auto", "stub", "external", "nssa" };
	struct golden *g = golden_of(script);
	struct ospf_settings *s = &g->settings;

	if (value(w, "router"))
		s->router_id = id_value(g, w, "router");
	if (value(w, "vips"))
		s->vips = choice(g, value(w, "vips"), vips, ARRAY_LENGTH(vips));
	duration_value(g, w, "grace", &s->grace);
	s->helper = !flag(w, "no-helper");
	ospf_configure(g->ospf, script->now, s);
}

static void set_link(struct golden *g, uint32_t index, bool up, const char *text)
{
	struct speaker_link *l = &g->links[index];

	l->index = index;
	l->usable = up;
	if (strchr(text, '/')) {
		struct address a = { 0 };
		uint8_t length = 0;

		if (prefix_parse(text, &a, &length) < 0)
			g->script.error = "an interface needs an address with a length";
		*l = speaker_link_make(index, up, &a, length);
	}
	ospf_link(g->ospf, g->script.now, l, g->mtus[index]);
}

static void read_unicast(struct golden *g, const char *list, struct ospf_interface_settings *s)
{
	char copy[256], *save, *at;

	text_copy(copy, sizeof(copy), list ? list : "");
	for (at = strtok_r(copy, ",", &save); at && s->n_unicast < SPEAKER_UNICAST_MAX;
	     at = strtok_r(NULL, ",", &save))
		s->unicast[s->n_unicast++] = address(g, at);
}

static void do_interface(struct script *script, struct words *w)
{
	static const char *const networks[] = { "broadcast", "p2p", "p2mp" };
	static const char *const kinds[] = { "normal", "stub", "nssa" };
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	const char *text = word(w);
	struct ospf_interface_settings s;

	ospf_interface_settings_default(&s);
	s.is.network = choice(g, value(w, "network"), networks, ARRAY_LENGTH(networks));
	s.is.area_kind = choice(g, value(w, "kind"), kinds, ARRAY_LENGTH(kinds));
	s.is.area = id_value(g, w, "area");
	s.is.priority = (uint8_t)number(w, "priority", 1);
	s.is.hello_multiplier = (uint8_t)number(w, "multiplier", 0);
	s.is.instance = (uint8_t)number(w, "instance", 0);
	s.is.mtu_ignore = flag(w, "mtu-ignore");
	s.is.ttl_security = flag(w, "ttl-security");
	duration_value(g, w, "hello", &s.is.hello);
	duration_value(g, w, "dead", &s.is.dead);
	duration_value(g, w, "retransmit", &s.is.retransmit);
	s.cost = (uint16_t)number(w, "cost", 10);
	s.passive = flag(w, "passive");
	read_unicast(g, value(w, "neighbors"), &s);
	g->mtus[index] = (uint16_t)number(w, "mtu", 1500);
	if (ospf_interface_set(g->ospf, script->now, index, &s) < 0)
		script->error = "the speaker refuses the interface";
	set_link(g, index, true, text);
}

static void do_link(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	bool up = strcmp(word(w), "up") == 0;

	set_link(g, index, up, word(w));
}

static void do_remove(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);

	ospf_interface_remove(g->ospf, script->now, interface(g, w));
}

static void do_verdict(struct script *script, struct words *w)
{
	static const char *const words[] = { "unknown", "up", "down" };
	struct golden *g = golden_of(script);
	uint32_t index = interface(g, w);
	struct address a = address(g, word(w));

	ospf_liveness(g->ospf, script->now, index, &a,
		      (enum verdict)choice(g, word(w), words, ARRAY_LENGTH(words)));
}

static void do_announce(struct script *script, struct words *w)
{
	struct prefix p = script_prefix(script, word(w));

	if (ospf_announce(golden_of(script)->ospf, script->now, &p, number(w, "metric", 0)) < 0)
		script->error = "the speaker refuses the prefix";
}

static void do_withdraw(struct script *script, struct words *w)
{
	struct prefix p = script_prefix(script, word(w));

	if (ospf_withdraw(golden_of(script)->ospf, script->now, &p) < 0)
		fprintf(script->out, "  %.3f it is not announced\n", script_seconds(script));
}

/* TYPE:ID:ROUTER[:SEQUENCE[@AGE]][!] */
static struct lsa_header read_header(struct golden *g, const char *text, bool *ret_broken)
{
	struct lsa_header h = { .sequence = LSA_SEQUENCE_INITIAL, .length = LSA_HEADER_BYTES };
	char copy[256], *save, *type, *id, *router, *sequence, *age;

	text_copy(copy, sizeof(copy), text);
	*ret_broken = strchr(copy, '!');
	if (*ret_broken)
		*strchr(copy, '!') = '\0';
	age = strchr(copy, '@');
	if (age) {
		*age++ = '\0';
		h.age = (uint16_t)strtoul(age, NULL, 10);
	}
	type = strtok_r(copy, ":", &save);
	id = strtok_r(NULL, ":", &save);
	router = strtok_r(NULL, ":", &save);
	sequence = strtok_r(NULL, ":", &save);
	if (!type || !id || !router) {
		g->script.error = "an LSA is TYPE:ID:ROUTER:SEQUENCE@AGE";
		return h;
	}
	h.key.type = (uint16_t)strtoul(type, NULL, 0);
	for (size_t k = 0; k < ARRAY_LENGTH(types); k++)
		if (types[k].version == g->version && strcmp(types[k].name, type) == 0)
			h.key.type = types[k].type;
	h.key.id = id_of(g, id);
	h.key.router = id_of(g, router);
	if (sequence && strncmp(sequence, "0x", 2) == 0)
		h.sequence = (int32_t)strtoul(sequence, NULL, 16);
	else if (sequence)
		h.sequence =
			(int32_t)(LSA_SEQUENCE_INITIAL + (int32_t)strtol(sequence, NULL, 10) - 1);
	return h;
}

/* An LSA with something in it that its type allows. */
static void write_lsa(struct golden *g, struct writer *w, const struct lsa_header *h, bool broken)
{
	size_t start = lsa_begin(g->version, w, h);
	struct address net = address_ipv4(h->key.id);
	struct prefix p = prefix_make(&net, 24);

	switch (lsa_kind(g->version, &h->key)) {
	case LSA_ROUTER:
		lsa_write_router(g->version, w, &(struct lsa_router){ 0 });
		break;
	case LSA_NETWORK:
		lsa_write_network(g->version, w, &p, 0);
		lsa_write_attached(w, h->key.router);
		break;
	case LSA_INTER_PREFIX:
	case LSA_INTER_ROUTER:
	case LSA_EXTERNAL:
	case LSA_NSSA:
		if (g->version == OSPF_V3)
			p = (struct prefix){ .address.family = FAMILY_IPV6 };
		lsa_write_destination(g->version, w, h->key.type,
				      &(struct lsa_destination){ .prefix = p, .metric = 1 });
		break;
	default:
		writer_zeros(w, 8);
		break;
	}
	lsa_finish(w, start);
	if (broken)
		w->start[start + 16] ^= 0xff;
}

static void write_hello(struct golden *g, const struct words *w, struct writer *out)
{
	struct ospf_hello h = {
		.mask_length = (uint8_t)number(w, "mask", 24),
		.interface_id = number(w, "interface", 5),
		.options = bits(w, "options", g->version == OSPF_V2 ? 0x2 : 0x13),
		.priority = (uint8_t)number(w, "priority", 1),
		.interval = (uint16_t)number(w, "interval", 10),
		.dead = number(w, "dead", 40),
		.dr = id_value(g, w, "dr"),
		.bdr = id_value(g, w, "bdr"),
	};
	char copy[256], *save, *at;

	ospf_write_hello(g->version, out, &h);
	text_copy(copy, sizeof(copy), value(w, "neighbors") ? value(w, "neighbors") : "");
	for (at = strtok_r(copy, ",", &save); at; at = strtok_r(NULL, ",", &save))
		ospf_write_neighbor(out, id_of(g, at));
}

static void write_description(struct golden *g, const struct words *w, const struct ospf_packet *p,
			      struct writer *out)
{
	const char *sequence = value(w, "seq");
	struct ospf_description d = {
		.mtu = (uint16_t)number(w, "mtu", 1500),
		.options = bits(w, "options", g->version == OSPF_V2 ? 0x42 : 0x13),
		.flags = (uint8_t)((flag(w, "init") ? OSPF_DD_INIT : 0) |
				   (flag(w, "more") ? OSPF_DD_MORE : 0) |
				   (flag(w, "master") ? OSPF_DD_MASTER : 0)),
	};

	if (sequence && strncmp(sequence, "ours", 4) == 0)
		d.sequence = *described_to(g, p->interface, &p->source) +
			     (uint32_t)strtoul(sequence + 4, NULL, 10);
	else if (sequence)
		d.sequence = (uint32_t)strtoul(sequence, NULL, 10);
	ospf_write_description(g->version, out, &d);
}

static bool is_lsa(const char *text)
{
	return strchr(text, ':') && !strchr(text, '=');
}

static void write_list(struct golden *g, struct words *w, uint8_t type, struct writer *out)
{
	uint32_t count = 0;

	for (size_t k = w->next; k < w->count; k++) {
		struct lsa_header h;
		bool broken;

		for (size_t i = 0; type == OSPF_ACKNOWLEDGMENT && i < g->n_updated; i++)
			if (strcmp(w->at[k], "ours") == 0)
				lsa_header_write(g->version, out, &g->updated[i]);
		if (!is_lsa(w->at[k]))
			continue;
		h = read_header(g, w->at[k], &broken);
		count++;
		if (type == OSPF_REQUEST) {
			ospf_write_request(g->version, out, &h.key);
		} else if (type == OSPF_UPDATE) {
			write_lsa(g, out, &h, broken);
		} else {
			/* The header of what an update with it would have. */
			uint8_t bytes[256];
			struct writer lsa;
			struct reader r;

			writer_init(&lsa, bytes, sizeof(bytes));
			write_lsa(g, &lsa, &h, broken);
			reader_init(&r, bytes, lsa.length);
			h = lsa_header_read(g->version, &r);
			lsa_header_write(g->version, out, &h);
		}
	}
	if (type == OSPF_UPDATE)
		ospf_update_count(g->version, out, count);
}

static void write_packet(struct golden *g, struct words *w, const struct ospf_packet *p,
			 struct ospf_header *header, struct writer *out)
{
	uint8_t type = header->type;

	ospf_begin(g->version, out, header);
	if (type == OSPF_HELLO)
		write_hello(g, w, out);
	else if (type == OSPF_DESCRIPTION)
		write_description(g, w, p, out);
	else if (type == OSPF_UPDATE)
		ospf_write_update(out);
	if (type != OSPF_HELLO)
		write_list(g, w, type, out);
	ospf_finish(out);
}

static size_t read_bytes(struct golden *g, const char *hex, uint8_t *to)
{
	unsigned byte;
	size_t n = 0;

	for (; *hex && sscanf(hex, "%2x", &byte) == 1 && n < PACKET_BYTES; hex += 2)
		to[n++] = (uint8_t)byte;
	if (*hex)
		g->script.error = "bytes are pairs of hexadecimal digits";
	return n;
}

static void do_receive(struct script *script, struct words *w)
{
	static const char *const kinds[] = { "bytes", "hello", "dd", "request", "update", "ack" };
	struct golden *g = golden_of(script);
	uint8_t bytes[PACKET_BYTES];
	struct ospf_packet p = { .interface = interface(g, w), .bytes = bytes };
	struct ospf_header h = { .version = (uint8_t)g->version };
	struct writer out;
	uint8_t type;

	(void)word(w); /* from */
	p.source = address(g, word(w));
	(void)word(w); /* router */
	h.router = id_of(g, word(w));
	h.area = id_value(g, w, "area");
	h.instance = (uint8_t)number(w, "instance", 0);
	p.hop_limit = (uint8_t)number(w, "hops", 1);
	p.destination = value(w, "to") ? address(g, value(w, "to")) : ospf_group(g->version, false);
	/* What is said of the packet may stand before its kind. */
	while (w->next < w->count && strchr(w->at[w->next], '='))
		w->next++;
	type = choice(g, word(w), kinds, ARRAY_LENGTH(kinds));
	h.type = type;
	writer_init(&out, bytes, sizeof(bytes));
	if (type == 0)
		out.length = read_bytes(g, word(w), bytes);
	else
		write_packet(g, w, &p, &h, &out);
	p.length = out.length;
	ospf_input(g->ospf, script->now, &p);
}

static void do_run(struct script *script, struct words *w)
{
	run(golden_of(script), script_duration(script, word(w)));
}

static void do_mute(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);

	(void)w;
	drain(script);
	g->mute = true;
}

static void do_loud(struct script *script, struct words *w)
{
	(void)w;
	golden_of(script)->mute = false;
}

static void show_drops(struct golden *g, const uint32_t *drops)
{
	for (size_t k = 0; k < OSPF_DROP_COUNT; k++)
		if (drops[k])
			fprintf(g->script.out, " %s=%u", ospf_drop_name((enum ospf_drop)k),
				drops[k]);
	fprintf(g->script.out, "\n");
}

static void do_show(struct script *script, struct words *w)
{
	struct golden *g = golden_of(script);
	struct ospf_neighbor_row n;
	struct ospf_interface_row i;
	struct speaker_interface s;
	struct neighbor known;
	size_t position = 0, same = 0;

	(void)w;
	while (ospf_interface_row(g->ospf, script->now, &position, &i)) {
		(void)ospf_interface_next(g->ospf, script->now, &same, &s);
		fprintf(script->out, "  eth%u %s", i.interface, ospf_interface_state_name(i.state));
		tell_id(g, "dr", i.dr);
		tell_id(g, "bdr", i.bdr);
		fprintf(script->out, " drops:");
		show_drops(g, s.drops);
	}
	position = same = 0;
	while (ospf_neighbor_row(g->ospf, script->now, &position, &n)) {
		struct address router = address_ipv4(n.router);

		(void)ospf_neighbor_next_of(g->ospf, script->now, &same, &known);
		fprintf(script->out,
			"  eth%u %s %s %s%s%s requested=%u retransmitting=%u drops:", n.interface,
			ADDRESS_TEXT(&n.address), ADDRESS_TEXT(&router),
			ospf_neighbor_state_name(n.state), known.dead ? " dead" : "",
			n.helping ? " helping" : "", n.requested, n.retransmitting);
		show_drops(g, known.drops);
	}
}

static int row_compare(const void *a, const void *b)
{
	const struct ospf_lsa_row *first = a, *second = b;

	if (first->scope != second->scope)
		return first->scope < second->scope ? -1 : 1;
	return lsa_key_compare(&first->header.key, &second->header.key);
}

static void do_database(struct script *script, struct words *w)
{
	static const char *const scopes[] = { "link", "area", "as" };
	struct golden *g = golden_of(script);
	struct ospf_lsa_row rows[256];
	size_t position = 0, n = 0;

	(void)w;
	while (n < ARRAY_LENGTH(rows) && ospf_lsa_row(g->ospf, script->now, &position, &rows[n]))
		n++;
	qsort(rows, n, sizeof(rows[0]), row_compare);
	for (size_t k = 0; k < n; k++) {
		fprintf(script->out, "  %s", scopes[rows[k].scope]);
		tell_header(g, &rows[k].header);
		fprintf(script->out, "%s\n", rows[k].own ? " own" : "");
	}
}

static const struct script_command commands[] = {
	{ "settings", do_settings }, { "interface", do_interface },
	{ "link", do_link },	     { "remove", do_remove },
	{ "verdict", do_verdict },   { "announce", do_announce },
	{ "withdraw", do_withdraw }, { "receive", do_receive },
	{ "run", do_run },	     { "mute", do_mute },
	{ "loud", do_loud },	     { "show", do_show },
	{ "database", do_database }, { NULL, NULL },
};

static struct script *golden_begin(const char *path, FILE *out)
{
	struct golden *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->version = strstr(path, "/ospfv3/") ? OSPF_V3 : OSPF_V2;
	g->script.out = out;
	g->script.start = g->script.now = (struct instant){ DURATION_S(1000).ns };
	ospf_settings_default(&g->settings);
	g->settings.router_id = 0x09090909;
	g->ospf = ospf_new(g->version, &g->settings, 1, 1);
	return &g->script;
}

static void golden_end(struct script *s)
{
	struct golden *g = golden_of(s);

	ospf_free(g->ospf);
	free(g);
}

int main(int argc, char **argv)
{
	static const struct script_language language = {
		.name = "ospf_scripts",
		.commands = commands,
		.begin = golden_begin,
		.drain = drain,
		.end = golden_end,
	};

	return scripts_run(&language, argc, argv);
}
