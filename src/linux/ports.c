/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"

/*
 * A neighbour that floods gets this many packets a turn of the loop; then it is somebody else's
 * turn.
 */
#define PACKETS_A_TURN 64

void ports_init(struct ports *s, uv_loop_t *loop, uint8_t n_ports, const struct ports_hooks *hooks)
{
	s->n_ports = n_ports;
	s->loop = loop;
	s->hooks = *hooks;
	s->handles = 0;
	list_init(&s->pairs);
}

void ports_done(struct ports *s)
{
	list_each_safe(link, &s->pairs)
		ports_close(container_of(link, struct port_pair, link));
	while (s->handles)
		uv_run(s->loop, UV_RUN_NOWAIT);
}

struct port_pair *ports_find(const struct ports *s, uint32_t interface)
{
	list_each_entry(struct port_pair, pair, &s->pairs, link)
		if (pair->interface == interface)
			return pair;
	return NULL;
}

static void port_released(uv_handle_t *handle)
{
	const struct port *p = handle->data;
	struct port_pair *pair = p->pair;

	pair->set->handles--;
	if (--pair->handles == 0)
		free(pair);
}

/* Also for a pair that has not become whole. */
void ports_close(struct port_pair *pair)
{
	bool unused = pair->handles == 0;

	list_remove(&pair->link);
	for (size_t i = 0; i < pair->set->n_ports; i++) {
		struct port *p = &pair->ports[i];

		if (p->poll.data)
			uv_close((uv_handle_t *)&p->poll, port_released);
		if (p->fd >= 0)
			close(p->fd);
		p->fd = -1;
	}
	if (unused)
		free(pair);
}

static void port_ready(uv_poll_t *poll, int status, int events)
{
	struct port *p = poll->data;
	struct ports *s = p->pair->set;
	size_t n = PACKETS_A_READ;

	(void)events;
	/*
	 * An error of the socket stops libuv's poll; to read takes the error away. Who reads may
	 * close this very port because of what it hears.
	 */
	for (size_t read = 0; n == PACKETS_A_READ && read < PACKETS_A_TURN; read += n) {
		if (p->fd < 0)
			return;
		n = s->hooks.read(s->hooks.context, p);
	}
	if (status < 0 && p->fd >= 0)
		uv_poll_start(poll, UV_READABLE, port_ready);
}

static int port_open(struct port *p, const char **ret_why)
{
	struct ports *s = p->pair->set;
	int error;

	p->fd = s->hooks.open(s->hooks.context, p, ret_why);
	if (p->fd < 0)
		return p->fd;
	error = uv_poll_init(s->loop, &p->poll, p->fd);
	if (!error) {
		p->poll.data = p;
		p->pair->handles++;
		s->handles++;
		error = uv_poll_start(&p->poll, UV_READABLE, port_ready);
	}
	if (error)
		*ret_why = uv_strerror(error);
	return error;
}

int ports_open(struct ports *s, uint32_t interface, const char **ret_why)
{
	struct port_pair *pair = calloc(1, sizeof(*pair));
	int error = 0;

	if (!pair) {
		*ret_why = strerror(ENOMEM);
		return -ENOMEM;
	}
	pair->set = s;
	pair->interface = interface;
	for (size_t i = 0; i < s->n_ports; i++)
		pair->ports[i] = (struct port){ .pair = pair, .which = (uint8_t)i, .fd = -1 };
	list_append(&s->pairs, &pair->link);
	for (size_t i = 0; i < s->n_ports && !error; i++)
		error = port_open(&pair->ports[i], ret_why);
	if (error)
		ports_close(pair);
	return error;
}
