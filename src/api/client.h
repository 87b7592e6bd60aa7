/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections, watched for those that only take up room: one that does not complete a request
 * in time is ended, however slowly it drips, and users who may not write cannot take all the
 * places.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/peer.h"
#include "base/list.h"

#define CLIENTS_MAX 128
#define CLIENTS_UNPRIVILEGED_MAX 96
#define CLIENT_REQUEST_MS 10000 /* for a request to arrive whole, or for the next one to begin */

struct client {
	struct list link;
	int fd; /* of the HTTP server */
	struct peer peer;
	bool busy; /* a request is being answered: the time belongs to us */
	int64_t since_ms;
};

struct clients {
	struct list all;
	unsigned unprivileged;
};

void clients_init(struct clients *c);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the clients as closure. */
void clients_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
		    enum MHD_ConnectionNotificationCode code);

/* The client of a connection. */
struct client *client_of(struct MHD_Connection *connection);

/* The clock runs while the client is not busy. */
void client_set_busy(struct client *c, bool busy);

/* Ends those whose time is over. */
void clients_sweep(struct clients *c);

/* In how many milliseconds the next one's time is over; -1: nobody's runs. */
int64_t clients_timeout_ms(const struct clients *c);

#endif
