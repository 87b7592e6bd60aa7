/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections, watched for those that only take up room: one that does not complete a request
 * in time is ended, however slowly it drips. A user has a share of the places, those who may not
 * write have one together, and those who may write but are not root: so nobody can shut out
 * another, and nobody root.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/peer.h"
#include "base/list.h"

#define CLIENTS_MAX 128
#define CLIENTS_COMMON_MAX 112	 /* of all but root */
#define CLIENTS_READERS_MAX 80	 /* of those who may not write */
#define CLIENTS_OF_USER_MAX 32	 /* of one user that is not root */
#define CLIENTS_FOLLOWERS_MAX 48 /* event streams, in the same way: */
#define CLIENTS_FOLLOWERS_COMMON_MAX 40
#define CLIENTS_FOLLOWERS_READERS_MAX 24
#define CLIENTS_FOLLOWERS_OF_USER_MAX 12
#define CLIENT_REQUEST_MS 10000 /* for a request to arrive whole, or for the next one to begin */

enum client_rank {
	CLIENT_READER,
	CLIENT_WRITER, /* a member of the group */
	CLIENT_ROOT,   /* or vipd's own user */
};

struct client {
	struct list link;
	struct clients *all;
	int fd; /* of the HTTP server */
	struct peer peer;
	uint8_t rank; /* enum client_rank, as it was when it connected */
	bool follows; /* an event stream */
	bool busy;    /* a request is being answered: the time belongs to us */
	int64_t since_ms;
};

struct clients {
	struct list all;
	gid_t writers;	  /* the group whose members may write; PEER_NO_GROUP: none */
	uint64_t refused; /* for want of a place */
};

void clients_init(struct clients *c);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the clients as closure. */
void clients_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
		    enum MHD_ConnectionNotificationCode code);

/* The client of a connection. */
struct client *client_of(struct MHD_Connection *connection);

static inline bool client_may_write(const struct client *c)
{
	return c->rank != CLIENT_READER;
}

/* Whether there is a place for one more event stream, which it has then; or gives it back. */
bool client_follow(struct client *c);
void client_unfollow(struct client *c);

/* The clock runs while the client is not busy. */
void client_set_busy(struct client *c, bool busy);

/* Ends those whose time is over. */
void clients_sweep(struct clients *c);

/* In how many milliseconds the next one's time is over; -1: nobody's runs. */
int64_t clients_timeout_ms(const struct clients *c);

/* The clock by which they are counted out. */
int64_t client_now_ms(void);

#endif
