/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sockets.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/datagram.h"
#include "linux/ports.h"

/* The place of a port in its pair is its enum rip_socket. */
struct sockets {
	struct sockets_hooks hooks;
	struct ports ports;
	struct sockets_counters counters;
	struct datagram packets[PACKETS_A_READ];
};

static void port_deliver(struct sockets *s, const struct port *p, const struct datagram *packet)
{
	size_t kept = packet->length;
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_PACKET;
	if (kept > RIP_PACKET_MAX)
		kept = RIP_PACKET_MAX;
	in.packet.interface = p->pair->interface;
	in.packet.socket = p->which;
	in.packet.source = packet->source;
	in.packet.source_port = packet->source_port;
	in.packet.destination = packet->destination;
	in.packet.destination_port = p->which == RIP_SOCKET_MAIN ? RIP_PORT : 0;
	/* More than RIP_PACKET_MAX says that it was too long; the bytes behind that are gone. */
	in.packet.length = packet->length;
	memcpy(in.packet.bytes, packet->bytes, kept);
	s->counters.received++;
	s->hooks.input(s->hooks.context, &in);
}

static size_t port_read(void *context, struct port *p)
{
	struct sockets *s = context;
	size_t n = datagram_receive(p->fd, s->packets, PACKETS_A_READ);

	for (size_t i = 0; i < n && p->fd >= 0; i++)
		port_deliver(s, p, &s->packets[i]);
	return n;
}

static int port_open(void *context, const struct port *p, const char **ret_why)
{
	uint16_t number = p->which == RIP_SOCKET_MAIN ? RIP_PORT : 0;

	(void)context;
	return datagram_open(p->pair->interface, number, RIP_GROUP, ret_why);
}

struct sockets *sockets_new(uv_loop_t *loop, const struct sockets_hooks *hooks)
{
	struct sockets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->hooks = *hooks;
	ports_init(&s->ports, loop, &(struct ports_hooks){ s, port_open, port_read });
	return s;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	ports_done(&s->ports);
	free(s);
}

void sockets_listen(struct sockets *s, uint32_t interface, bool on)
{
	struct port_pair *pair = ports_find(&s->ports, interface);
	const char *why = "";
	struct input in;

	if (!on) {
		if (pair)
			ports_close(pair);
		return;
	}
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_LISTENING;
	in.listening.interface = interface;
	in.listening.ready = pair || ports_open(&s->ports, interface, &why) == 0;
	text_copy(in.listening.error, sizeof(in.listening.error), why);
	s->hooks.input(s->hooks.context, &in);
}

void sockets_send(struct sockets *s, const struct rip_datagram *d)
{
	const struct port_pair *pair = ports_find(&s->ports, d->interface);

	if (!pair || d->socket >= PORTS_A_PAIR || d->length > sizeof(d->bytes) ||
	    datagram_send(pair->ports[d->socket].fd, d->interface, &d->source, &d->destination,
			  d->destination_port, d->bytes, d->length) < 0)
		s->counters.not_sent++;
	else
		s->counters.sent++;
}

const struct sockets_counters *sockets_counters(const struct sockets *s)
{
	return &s->counters;
}

size_t sockets_interfaces(const struct sockets *s, uint32_t *ret, size_t max)
{
	size_t n = 0;

	list_each(link, &s->ports.pairs)
		if (n < max)
			ret[n++] = container_of(link, struct port_pair, link)->interface;
	return n;
}
