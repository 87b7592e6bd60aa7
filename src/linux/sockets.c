/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sockets.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "linux/datagram.h"
#include "linux/ports.h"
#include "linux/secret.h"

/* The secrets of an interface that has keys. */
struct ring {
	struct list link;
	uint32_t interface;
	struct rip_keyring keys;
};

/* The place of a port in its pair is its enum rip_socket. */
struct sockets {
	struct sockets_hooks hooks;
	struct ports ports;
	struct sockets_counters counters;
	struct list rings; /* owned */
	struct datagram packets[PACKETS_A_READ];
};

static struct ring *ring_find(const struct sockets *s, uint32_t interface)
{
	list_each(link, &s->rings) {
		struct ring *r = container_of(link, struct ring, link);

		if (r->interface == interface)
			return r;
	}
	return NULL;
}

static const struct rip_keyring *ring_of(const struct sockets *s, uint32_t interface)
{
	static const struct rip_keyring none = { .type = RIP_AUTH_NONE };
	const struct ring *r = ring_find(s, interface);

	return r ? &r->keys : &none;
}

static void ring_free(struct ring *r)
{
	list_remove(&r->link);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

/* Without memory it has no secret: nothing is sent, and nothing believed. */
static uint32_t ring_read(struct sockets *s, uint32_t interface, const struct rip_auth *auth,
			  char *error, size_t size)
{
	struct ring *r = ring_find(s, interface);

	if (!auth || auth->type == RIP_AUTH_NONE) {
		if (r)
			ring_free(r);
		return 0;
	}
	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r) {
			text_copy(error, size, "no memory for its secret");
			return 0;
		}
		r->interface = interface;
		list_append(&s->rings, &r->link);
	}
	return secrets_read(auth, &r->keys, error, size);
}

static void port_deliver(struct sockets *s, const struct port *p, const struct datagram *packet)
{
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_PACKET;
	in.packet.interface = p->pair->interface;
	in.packet.socket = p->which;
	in.packet.source = packet->source;
	in.packet.source_port = packet->source_port;
	in.packet.destination = packet->destination;
	in.packet.destination_port = p->which == RIP_SOCKET_MAIN ? RIP_PORT : 0;
	rip_open(ring_of(s, p->pair->interface), packet->bytes, packet->length, &in.packet);
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
	list_init(&s->rings);
	ports_init(&s->ports, loop, &(struct ports_hooks){ s, port_open, port_read });
	return s;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	ports_done(&s->ports);
	list_each_safe(link, &s->rings)
		ring_free(container_of(link, struct ring, link));
	free(s);
}

void sockets_listen(struct sockets *s, uint32_t interface, bool on, const struct rip_auth *auth)
{
	struct port_pair *pair = ports_find(&s->ports, interface);
	const char *why = "";
	struct input in;

	if (!on) {
		if (pair)
			ports_close(pair);
		(void)ring_read(s, interface, NULL, NULL, 0);
		return;
	}
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_LISTENING;
	in.listening.interface = interface;
	in.listening.ready = pair || ports_open(&s->ports, interface, &why) == 0;
	text_copy(in.listening.error, sizeof(in.listening.error), why);
	if (in.listening.ready)
		in.listening.secrets = ring_read(s, interface, auth, in.listening.error,
						 sizeof(in.listening.error));
	s->hooks.input(s->hooks.context, &in);
}

void sockets_send(struct sockets *s, const struct rip_datagram *d)
{
	const struct port_pair *pair = ports_find(&s->ports, d->interface);
	uint8_t bytes[RIP_SEALED_MAX];
	size_t length = rip_seal(ring_of(s, d->interface), d, bytes);

	if (!pair || d->socket >= PORTS_A_PAIR || length == 0 ||
	    datagram_send(pair->ports[d->socket].fd, d->interface, &d->source, &d->destination,
			  d->destination_port, bytes, length) < 0)
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
