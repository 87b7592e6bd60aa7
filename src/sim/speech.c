/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/speech.h"

#include <assert.h>

#include "base/text.h"
#include "node/protocol.h"
#include "sim/invariants.h"
#include "sim/kernel.h"
#include "sim/lan.h"
#include "sim/truth.h"
#include "sim/router.h"
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

/* An interface and a protocol, as events have them. */
static uint32_t detail_of(uint32_t interface, enum sim_protocol protocol)
{
	return interface | (uint32_t)protocol << 16;
}

static struct sim_voice *voice_of(struct sim *s, uint8_t index, uint32_t detail,
				  struct sim_port **ret_port)
{
	*ret_port = &s->hosts[index].ports[(detail & UINT16_MAX) - 1];
	return &(*ret_port)->voices[detail >> 16];
}

/* RIP: what is said to all is remembered. */
static void routes_said(struct sim *s, uint8_t index, const struct sim_port *port,
			const struct packet *d)
{
	struct sim_entry entries[SIM_ENTRIES_MAX];
	int n = router_reads(s, port, d, entries);

	if (n < 0)
		sim_break(s, "host %u sends a packet that nobody would take", index);
	for (int i = 0; i < n; i++) {
		invariant_announced(s, index, &entries[i].prefix, entries[i].metric,
				    (struct duration){ 0 });
		if (!port->refuses && address_is_multicast(&d->destination))
			host_tells(s, &s->hosts[index], &entries[i].prefix, d->interface,
				   (uint8_t)entries[i].metric);
	}
}

void host_send(struct sim *s, uint8_t index, const struct packet *d)
{
	struct sim_port *port = &s->hosts[index].ports[d->interface - 1];
	enum sim_protocol protocol = protocol_of(d->speaker);
	struct packet out = *d;

	/* What the second speaker sends is its good-bye alone. */
	if (protocol == SIM_RIP) {
		const struct speaker_socket *socket =
			&protocol_class((uint8_t)d->speaker)->sockets[d->socket];

		out.source = port->address;
		out.source_port = socket->questions ? SIM_QUERY_PORT : socket->port;
		routes_said(s, index, port, d);
	} else if (protocol == SIM_OSPF) {
		truth_says(s, index, d);
	}
	if (protocol != SIM_PROTOCOLS && (port->refuses || port->voices[protocol].refused))
		host_later(s, index, SIM_EVENT_SENDING, detail_of(d->interface, protocol),
			   port->refuses);
	if (!port->refuses)
		sim_send(s, port, &out);
}

void port_review(const struct sim *s, struct sim_port *p)
{
	for (size_t k = 0; k < SIM_PROTOCOLS; k++) {
		struct sim_voice *v = &p->voices[k];

		if (!port_speaks(p, (enum sim_protocol)k) || !v->listening)
			v->speaks = INSTANT_NEVER;
		else if (instant_is_never(v->speaks))
			v->speaks = s->now;
	}
}

/* The second speaker has no sockets on an interface that could be refused. */
static void talker_listens(struct sim *s, uint8_t index, const struct effect *e)
{
	if (e->listen.on)
		host_later(s, index, SIM_EVENT_TALKS,
			   e->listen.interface | (uint32_t)e->listen.speaker << 16, false);
}

void speech_listen(struct sim *s, uint8_t index, const struct effect *e)
{
	enum sim_protocol protocol = protocol_of(e->listen.speaker);
	struct sim_host *h = &s->hosts[index];
	struct sim_port *port = &h->ports[e->listen.interface - 1];

	if (protocol == SIM_PROTOCOLS) {
		talker_listens(s, index, e);
		return;
	}
	if (e->listen.on)
		host_later(s, index, SIM_EVENT_LISTEN, detail_of(e->listen.interface, protocol),
			   kernel_refuses(s, h));
	port->voices[protocol].listening = e->listen.on;
	port_review(s, port);
}

void talker_listening(struct sim *s, uint8_t index, uint32_t detail)
{
	struct input in = { .kind = INPUT_LISTENING };

	in.listening.interface = detail & UINT16_MAX;
	in.listening.speaker = (uint16_t)(detail >> 16);
	in.listening.ready = true;
	sim_tell(s, index, &in);
}

/* What is refused is no longer open. */
void host_listening(struct sim *s, uint8_t index, uint32_t detail, bool refused)
{
	struct input in = { .kind = INPUT_LISTENING };
	struct sim_port *port;
	struct sim_voice *v = voice_of(s, index, detail, &port);

	in.listening.interface = port->interface;
	in.listening.speaker = speaker_of(s, (enum sim_protocol)(detail >> 16));
	in.listening.ready = !refused;
	if (refused)
		text_copy(in.listening.error, sizeof(in.listening.error), "no simulated socket");
	if (!v->listening)
		return;
	v->listening = !refused;
	v->closed = refused;
	port_review(s, port);
	sim_tell(s, index, &in);
}

/* Each packet that is refused is told, and the first that is taken again. */
void host_sending(struct sim *s, uint8_t index, uint32_t detail, bool refused)
{
	struct input in = { .kind = INPUT_SENDING };
	struct sim_port *port;
	struct sim_voice *v = voice_of(s, index, detail, &port);

	if (!refused && !v->refused)
		return;
	v->refused = refused;
	port_review(s, port);
	in.sending.interface = port->interface;
	in.sending.speaker = speaker_of(s, (enum sim_protocol)(detail >> 16));
	in.sending.ready = !refused;
	if (refused)
		text_copy(in.sending.error, sizeof(in.sending.error), "Operation not permitted");
	sim_tell(s, index, &in);
}

void host_receive(struct sim *s, uint8_t index, const struct sim_port *port, const struct packet *d)
{
	struct input in = { .kind = INPUT_PACKET, .packet = *d };
	const struct sim_host *h = &s->hosts[index];
	enum sim_protocol protocol = protocol_of(d->speaker);
	bool heard = false;

	if (d->destination_port == TALK_PORT) {
		if (!h->talker)
			return;
		in.packet.speaker = h->talker->number;
		for (size_t k = 0; k < SIM_PROTOCOLS; k++)
			heard |= port->voices[k].listening;
	} else if (protocol != SIM_PROTOCOLS) {
		heard = port->voices[protocol].listening;
	}
	if (heard)
		sim_tell(s, index, &in);
}

void host_refuse_sends(struct sim *s, uint8_t index, uint32_t interface, bool on)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];

	p->refuses = on;
	port_review(s, p);
}
