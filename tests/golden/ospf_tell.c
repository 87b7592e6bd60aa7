/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in golden scripts of OSPF: packets that are sent, and events, as lines. */
#include "ospf_script.h"

#include <stdlib.h>
#include <string.h>

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
	{ "inter-area-router", OSPF_V3, LSA_V3_INTER_ROUTER },
	{ "external", OSPF_V3, LSA_V3_EXTERNAL },
	{ "nssa", OSPF_V3, LSA_V3_NSSA },
	{ "link", OSPF_V3, LSA_V3_LINK },
	{ "intra-area-prefix", OSPF_V3, LSA_V3_INTRA_PREFIX },
	{ "grace", OSPF_V3, LSA_V3_GRACE },
};

uint16_t type_of(const struct golden *g, const char *name)
{
	for (size_t k = 0; k < ARRAY_LENGTH(types); k++)
		if (types[k].version == g->version && strcmp(types[k].name, name) == 0)
			return types[k].type;
	return (uint16_t)strtoul(name, NULL, 0);
}

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

void tell_header(struct golden *g, const struct lsa_header *h)
{
	int64_t sequence = (int64_t)h->sequence - LSA_SEQUENCE_INITIAL + 1;

	tell_key(g, &h->key);
	if (sequence >= 1 && sequence < 100000)
		fprintf(g->script.out, ":%d@%u", (int)sequence, h->age);
	else
		fprintf(g->script.out, ":0x%08x@%u", (unsigned)h->sequence, h->age);
}

void tell_id(struct golden *g, const char *name, uint32_t id)
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

uint32_t *described_to(struct golden *g, uint32_t interface, const struct address *to)
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

void tell_packet(struct golden *g, const struct ospf_packet *p)
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
	if (p->auth != AUTH_NONE)
		fprintf(out, " key=%u number=%llu", p->key, (unsigned long long)p->sequence);
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

void tell_event(struct golden *g, const struct speaker_event *e)
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
