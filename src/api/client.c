/* SPDX-License-Identifier: Apache-2.0 */
#include "api/client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static int64_t client_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clients_init(struct clients *c)
{
	list_init(&c->all);
	c->unprivileged = 0;
}

/*
 * Without memory for it, or with its share used up, a client is hung up on; MHD notices by itself.
 */
static struct client *client_new(struct clients *c, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client || peer_of(fd, &client->peer) < 0) {
		free(client);
		shutdown(fd, SHUT_RDWR);
		return NULL;
	}
	client->fd = fd;
	client->since_ms = client_now_ms();
	if (!peer_is_privileged(&client->peer) && ++c->unprivileged > CLIENTS_UNPRIVILEGED_MAX)
		shutdown(fd, SHUT_RDWR);
	list_append(&c->all, &client->link);
	return client;
}

void clients_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
		    enum MHD_ConnectionNotificationCode code)
{
	struct clients *c = closure;
	struct client *client = *socket_context;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = info ? client_new(c, info->connect_fd) : NULL;
		return;
	}
	if (!client)
		return;
	if (!peer_is_privileged(&client->peer))
		c->unprivileged--;
	list_remove(&client->link);
	free(client);
	*socket_context = NULL;
}

struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void client_set_busy(struct client *c, bool busy)
{
	c->busy = busy;
	c->since_ms = client_now_ms();
}

void clients_sweep(struct clients *c)
{
	int64_t now = client_now_ms();

	list_each(link, &c->all) {
		struct client *client = container_of(link, struct client, link);

		if (!client->busy && now - client->since_ms >= CLIENT_REQUEST_MS)
			shutdown(client->fd, SHUT_RDWR);
	}
}

int64_t clients_timeout_ms(const struct clients *c)
{
	int64_t now = client_now_ms(), nearest = -1;

	list_each(link, &c->all) {
		const struct client *client = container_of(link, struct client, link);
		int64_t left = client->since_ms + CLIENT_REQUEST_MS - now;

		if (client->busy)
			continue;
		/*
		 * One that is over has been hung up on; it is gone with the next run, or the one
		 * after.
		 */
		if (left < 10)
			left = 10;
		if (nearest < 0 || left < nearest)
			nearest = left;
	}
	return nearest;
}
