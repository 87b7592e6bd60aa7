/* SPDX-License-Identifier: Apache-2.0 */
/* What others say in golden scripts of OSPF: packets of words. */
#include "ospf_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define GRACE_S 60 /* that neighbours ask for */

#define LINKS_MAX 4

/* An LSA as a script has it. */
struct lsa_said {
	struct lsa_header header;
	bool broken;			  /* with a wrong checksum */
	struct lsa_link links[LINKS_MAX]; /* of a router: links of two */
	size_t n_links;
};

/* Cuts the text at the mark; what is behind it, NULL: there is none. */
static char *cut(char *text, char mark)
{
	char *at = strchr(text, mark);

	if (at)
		*at++ = '\0';
	return at;
}

/* TYPE:ID:ROUTER[:SEQUENCE[@AGE]][~PEER/OWN]...[!] */
static struct lsa_said read_lsa(struct golden *g, const char *text)
{
	struct lsa_said said = { .header = { .sequence = LSA_SEQUENCE_INITIAL,
					     .length = LSA_HEADER_BYTES } };
	struct lsa_header *h = &said.header;
	char copy[256], *save, *type, *id, *router, *sequence, *age, *peer, *own;

	text_copy(copy, sizeof(copy), text);
	said.broken = cut(copy, '!');
	peer = cut(copy, '~');
	for (own = peer ? cut(peer, '/') : NULL; own && said.n_links < LINKS_MAX;
	     own = peer ? cut(peer, '/') : NULL) {
		char *next = cut(own, '~');

		said.links[said.n_links++] = (struct lsa_link){ .type = LSA_LINK_POINT_TO_POINT,
								.metric = 1,
								.neighbor = id_of(g, peer),
								.own = id_of(g, own) };
		peer = next;
	}
	age = cut(copy, '@');
	if (age)
		h->age = (uint16_t)strtoul(age, NULL, 10);
	type = strtok_r(copy, ":", &save);
	id = strtok_r(NULL, ":", &save);
	router = strtok_r(NULL, ":", &save);
	sequence = strtok_r(NULL, ":", &save);
	if (!type || !id || !router) {
		g->script.error = "an LSA is TYPE:ID:ROUTER:SEQUENCE@AGE";
		return said;
	}
	h->key.type = type_of(g, type);
	h->key.id = id_of(g, id);
	h->key.router = id_of(g, router);
	if (sequence && strncmp(sequence, "0x", 2) == 0)
		h->sequence = (int32_t)strtoul(sequence, NULL, 16);
	else if (sequence)
		h->sequence =
			(int32_t)(LSA_SEQUENCE_INITIAL + (int32_t)strtol(sequence, NULL, 10) - 1);
	return said;
}

/* An LSA with something in it that its type allows. */
static void write_lsa(struct golden *g, struct writer *w, const struct lsa_said *said)
{
	const struct lsa_header *h = &said->header;
	size_t start = lsa_begin(g->version, w, h);
	struct address net = address_ipv4(h->key.id);
	struct prefix p = prefix_make(&net, 24);

	switch (lsa_kind(g->version, &h->key)) {
	case LSA_ROUTER:
		lsa_write_router(g->version, w, &(struct lsa_router){ 0 });
		for (size_t k = 0; k < said->n_links; k++)
			lsa_write_link(g->version, w, start, &said->links[k]);
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
	case LSA_LINK:
	case LSA_INTRA_PREFIX:
		lsa_write_prefixes(w, h->key.type, &(struct lsa_prefixes){ .priority = 1 });
		break;
	case LSA_GRACE:
		lsa_write_grace(g->version, w, &(struct lsa_grace){ .period_s = GRACE_S });
		break;
	default:
		writer_zeros(w, 8);
		break;
	}
	lsa_finish(w, start);
	if (said->broken)
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
	for (uint32_t k = 0; k < number(w, "strangers", 0); k++)
		ospf_write_neighbor(out, 0x0c000000 + k);
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

/* All that we have, as it is. */
static void write_all(struct golden *g, struct writer *out)
{
	struct ospf_lsa_row row;
	size_t position = 0;

	while (ospf_lsa_row(g->ospf, g->script.now, &position, &row))
		lsa_header_write(g->version, out, &row.header);
}

static void write_list(struct golden *g, struct words *w, uint8_t type, struct writer *out)
{
	uint32_t count = 0;

	for (size_t k = w->next; k < w->count; k++) {
		struct lsa_header h;
		struct lsa_said said;

		for (size_t i = 0; type == OSPF_ACKNOWLEDGMENT && i < g->n_updated; i++)
			if (strcmp(w->at[k], "ours") == 0)
				lsa_header_write(g->version, out, &g->updated[i]);
		if (type == OSPF_ACKNOWLEDGMENT && strcmp(w->at[k], "all") == 0)
			write_all(g, out);
		if (!is_lsa(w->at[k]))
			continue;
		said = read_lsa(g, w->at[k]);
		count++;
		if (type == OSPF_REQUEST) {
			ospf_write_request(g->version, out, &said.header.key);
		} else if (type == OSPF_UPDATE) {
			write_lsa(g, out, &said);
		} else {
			/* The header of what an update with it would have. */
			uint8_t bytes[256];
			struct writer lsa;
			struct reader r;

			writer_init(&lsa, bytes, sizeof(bytes));
			write_lsa(g, &lsa, &said);
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

void do_receive(struct script *script, struct words *w)
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
	p.auth = auth_choice(g, value(w, "auth"), g->auth[p.interface]);
	p.key = (uint8_t)number(w, "key", 0);
	p.sequence = value(w, "number") ? strtoull(value(w, "number"), NULL, 0) : 0;
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
