/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/speech.h"

#include <assert.h>

#include "base/text.h"
#include "node/protocol.h"
#include "sim/invariants.h"
#include "sim/kernel.h"
#include "sim/lan.h"
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

/* What the second speaker sends is its good-bye alone. */
static void host_send_talk(struct sim *s, const struct sim_port *port, const struct packet *d)
{
	if (!port->refuses)
		sim_send(s, port, d);
}

void host_send(struct sim *s, uint8_t index, const struct packet *d)
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

/* Since when all that is said there leaves the host. */
void port_review(const struct sim *s, struct sim_host *h, struct sim_port *p)
{
	bool speaks = port_speaks(p) && h->listening[p->interface - 1];

	if (!speaks)
		p->speaks = INSTANT_NEVER;
	else if (instant_is_never(p->speaks))
		p->speaks = s->now;
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
	struct sim_host *h = &s->hosts[index];

	if (e->listen.speaker != h->protocol.protocol) {
		talker_listens(s, index, e);
		return;
	}
	if (e->listen.on)
		host_later(s, index, SIM_EVENT_LISTEN, e->listen.interface, kernel_refuses(s, h));
	h->listening[e->listen.interface - 1] = e->listen.on;
	port_review(s, h, &h->ports[e->listen.interface - 1]);
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
void host_listening(struct sim *s, uint8_t index, uint32_t interface, bool refused)
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
	sim_tell(s, index, &in);
}

/* Each packet that is refused is told, and the first that is taken again. */
void host_sending(struct sim *s, uint8_t index, uint32_t interface, bool refused)
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
	sim_tell(s, index, &in);
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
		sim_tell(s, index, &in);
}

void host_refuse_sends(struct sim *s, uint8_t index, uint32_t interface, bool on)
{
	struct sim_port *p = &s->hosts[index].ports[interface - 1];

	p->refuses = on;
	port_review(s, &s->hosts[index], p);
}
