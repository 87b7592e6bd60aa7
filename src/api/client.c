/* SPDX-License-Identifier: Apache-2.0 */
#include "api/client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/container.h"

int64_t client_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clients_init(struct clients *c)
{
	list_init(&c->all);
	c->writers = PEER_NO_GROUP;
	c->refused = 0;
}

static enum client_rank rank_of(const struct clients *c, const struct peer *peer, int fd)
{
	if (peer_is_privileged(peer))
		return CLIENT_ROOT;
	return peer_may_write(peer, fd, c->writers) ? CLIENT_WRITER : CLIENT_READER;
}

/* How many places a share has: of one user, of those who may not write, of all but root. */
struct shares {
	unsigned user, readers, common, all;
};

/*
 * Whether there is one more place for the client; `follows`: counted are those that follow. The
 * client itself is among those that are counted, or is not yet, as its own `follows` says.
 */
static bool has_share(const struct client *client, bool follows, const struct shares *most)
{
	struct shares n = { 0 };

	list_each_entry(const struct client, c, &client->all->all, link) {
		if (c == client || (follows && !c->follows))
			continue;
		n.all++;
		n.common += c->rank != CLIENT_ROOT;
		n.readers += c->rank == CLIENT_READER;
		n.user += c->peer.uid == client->peer.uid;
	}
	if (n.all >= most->all)
		return false;
	if (client->rank == CLIENT_ROOT)
		return true;
	return n.common < most->common && n.user < most->user &&
	       (client->rank == CLIENT_WRITER || n.readers < most->readers);
}

/* It is told why, as far as that goes without waiting, and hung up on; MHD notices by itself. */
static void refuse(struct client *c)
{
	static const char answer[] =
		"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
		"Content-Type: application/json\r\n\r\n"
		"{\"schema\":1,\"error\":\"too many clients of this user ask at once\"}\n";
	ssize_t n = send(c->fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)n;
	c->all->refused++;
	shutdown(c->fd, SHUT_RDWR);
}

/* Without memory for it, or with its share used up, a client is hung up on. */
static struct client *client_new(struct clients *c, int fd)
{
	static const struct shares most = { CLIENTS_OF_USER_MAX, CLIENTS_READERS_MAX,
					    CLIENTS_COMMON_MAX, CLIENTS_MAX };
	struct client *client = calloc(1, sizeof(*client));

	if (!client || peer_of(fd, &client->peer) < 0) {
		free(client);
		shutdown(fd, SHUT_RDWR);
		return NULL;
	}
	client->all = c;
	client->fd = fd;
	client->rank = (uint8_t)rank_of(c, &client->peer, fd);
	client->since_ms = client_now_ms();
	if (!has_share(client, false, &most))
		refuse(client);
	list_append(&c->all, &client->link);
	return client;
}

bool client_follow(struct client *c)
{
	static const struct shares most = { CLIENTS_FOLLOWERS_OF_USER_MAX,
					    CLIENTS_FOLLOWERS_READERS_MAX,
					    CLIENTS_FOLLOWERS_COMMON_MAX, CLIENTS_FOLLOWERS_MAX };

	c->follows = has_share(c, true, &most);
	return c->follows;
}

void client_unfollow(struct client *c)
{
	c->follows = false;
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

	list_each_entry(struct client, client, &c->all, link)
		if (!client->busy && now - client->since_ms >= CLIENT_REQUEST_MS)
			shutdown(client->fd, SHUT_RDWR);
}

int64_t clients_timeout_ms(const struct clients *c)
{
	int64_t now = client_now_ms(), nearest = -1;

	list_each_entry(const struct client, client, &c->all, link) {
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
