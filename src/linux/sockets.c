/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "linux/datagram.h"

/*
 * A neighbour that floods gets this many packets a turn of the loop; then it is somebody else's
 * turn.
 */
#define PACKETS_A_TURN 64
#define PACKETS_A_READ 16

struct listener;

struct port {
	struct listener *listener;
	uint8_t socket; /* enum rip_socket */
	int fd;
	uv_poll_t poll;
};

/* One interface. It is freed when the loop has let go of both polls. */
struct listener {
	struct list link;
	struct sockets *owner;
	uint32_t interface;
	unsigned handles;
	struct port ports[2]; /* by enum rip_socket */
};

struct sockets {
	uv_loop_t *loop;
	struct sockets_hooks hooks;
	struct list listeners;
	unsigned handles; /* of all listeners, those that are being closed included */
	struct sockets_counters counters;
	struct datagram packets[PACKETS_A_READ];
};

struct sockets *sockets_new(uv_loop_t *loop, const struct sockets_hooks *hooks)
{
	struct sockets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->loop = loop;
	s->hooks = *hooks;
	list_init(&s->listeners);
	return s;
}

static struct listener *listener_find(const struct sockets *s, uint32_t interface)
{
	list_each(link, &s->listeners) {
		struct listener *l = container_of(link, struct listener, link);

		if (l->interface == interface)
			return l;
	}
	return NULL;
}

static void listener_released(uv_handle_t *handle)
{
	struct port *p = handle->data;
	struct listener *l = p->listener;

	l->owner->handles--;
	if (--l->handles == 0)
		free(l);
}

/* Also for a listener that has not become whole. */
static void listener_close(struct listener *l)
{
	bool unused = l->handles == 0;

	list_remove(&l->link);
	for (size_t i = 0; i < ARRAY_LENGTH(l->ports); i++) {
		struct port *p = &l->ports[i];

		if (p->poll.data)
			uv_close((uv_handle_t *)&p->poll, listener_released);
		if (p->fd >= 0)
			close(p->fd);
		p->fd = -1;
	}
	if (unused)
		free(l);
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	list_each_safe(link, &s->listeners)
		listener_close(container_of(link, struct listener, link));
	while (s->handles)
		uv_run(s->loop, UV_RUN_NOWAIT);
	free(s);
}

static void port_deliver(const struct port *p, const struct datagram *packet)
{
	struct sockets *s = p->listener->owner;
	size_t kept = packet->length;
	struct input in;

	memset(&in, 0, sizeof(in));
	in.kind = INPUT_PACKET;
	if (kept > RIP_PACKET_MAX)
		kept = RIP_PACKET_MAX;
	in.packet.interface = p->listener->interface;
	in.packet.socket = p->socket;
	in.packet.source = packet->source;
	in.packet.source_port = packet->source_port;
	in.packet.destination = packet->destination;
	in.packet.destination_port = p->socket == RIP_SOCKET_MAIN ? RIP_PORT : 0;
	/* More than RIP_PACKET_MAX says that it was too long; the bytes behind that are gone. */
	in.packet.length = packet->length;
	memcpy(in.packet.bytes, packet->bytes, kept);
	s->counters.received++;
	s->hooks.input(s->hooks.context, &in);
}

static void port_ready(uv_poll_t *poll, int status, int events)
{
	struct port *p = poll->data;
	struct sockets *s = p->listener->owner;
	size_t n = PACKETS_A_READ;

	(void)events;
	/* An error of the socket stops libuv's poll; to read takes the error away. */
	for (size_t read = 0; n == PACKETS_A_READ && read < PACKETS_A_TURN; read += n) {
		if (p->fd < 0)
			return;
		n = datagram_receive(p->fd, s->packets, PACKETS_A_READ);
		/* The node may close this very socket because of what it hears. */
		for (size_t i = 0; i < n && p->fd >= 0; i++)
			port_deliver(p, &s->packets[i]);
	}
	if (status < 0 && p->fd >= 0)
		uv_poll_start(poll, UV_READABLE, port_ready);
}

static int port_open(struct port *p, const char **ret_why)
{
	struct listener *l = p->listener;
	uint16_t number = p->socket == RIP_SOCKET_MAIN ? RIP_PORT : 0;
	int error;

	p->fd = datagram_open(l->interface, number, RIP_GROUP, ret_why);
	if (p->fd < 0)
		return p->fd;
	error = uv_poll_init(l->owner->loop, &p->poll, p->fd);
	if (!error) {
		p->poll.data = p;
		l->handles++;
		l->owner->handles++;
		error = uv_poll_start(&p->poll, UV_READABLE, port_ready);
	}
	if (error)
		*ret_why = uv_strerror(error);
	return error;
}

static int listener_open(struct sockets *s, uint32_t interface, const char **ret_why)
{
	struct listener *l = calloc(1, sizeof(*l));
	int error = 0;

	if (!l) {
		*ret_why = strerror(ENOMEM);
		return -ENOMEM;
	}
	l->owner = s;
	l->interface = interface;
	for (size_t i = 0; i < ARRAY_LENGTH(l->ports); i++)
		l->ports[i] = (struct port){ .listener = l, .socket = (uint8_t)i, .fd = -1 };
	list_append(&s->listeners, &l->link);
	for (size_t i = 0; i < ARRAY_LENGTH(l->ports) && !error; i++)
		error = port_open(&l->ports[i], ret_why);
	if (error)
		listener_close(l);
	return error;
}

void sockets_listen(struct sockets *s, uint32_t interface, bool on)
{
	struct listener *l = listener_find(s, interface);
	const char *why = "";
	struct input in;

	if (!on) {
		if (l)
			listener_close(l);
		return;
	}
	memset(&in, 0, sizeof(in));
	in.kind = INPUT_LISTENING;
	in.listening.interface = interface;
	in.listening.ready = l || listener_open(s, interface, &why) == 0;
	text_copy(in.listening.error, sizeof(in.listening.error), why);
	s->hooks.input(s->hooks.context, &in);
}

void sockets_send(struct sockets *s, const struct rip_datagram *d)
{
	const struct listener *l = listener_find(s, d->interface);

	if (!l || d->socket >= ARRAY_LENGTH(l->ports) || d->length > sizeof(d->bytes) ||
	    datagram_send(l->ports[d->socket].fd, d->interface, &d->source, &d->destination,
			  d->destination_port, d->bytes, d->length) < 0)
		s->counters.not_sent++;
	else
		s->counters.sent++;
}

const struct sockets_counters *sockets_counters(const struct sockets *s)
{
	return &s->counters;
}
