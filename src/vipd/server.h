/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the API in the daemon's loop. */
#ifndef VIPD_SERVER_H
#define VIPD_SERVER_H

#include <uv.h>

#include "api/api.h"
#include "linux/logbook.h"
#include "vipd/listen.h"

struct server;

/*
 * Serves the socket, which stays the caller's: when its file is removed, it is made anew. The hooks
 * are the API's. 0 or -errno.
 */
int server_new(uv_loop_t *loop, const struct api_hooks *hooks, struct listen_socket *socket,
	       struct logbook *logbook, struct server **ret);

/*
 * Ends all connections; runs the loop, without waiting, until it has let go of the handles. NULL is
 * fine.
 */
void server_free(struct server *s);

/*
 * Looks which number the group has whose members may write, which is known a little later, and
 * whether the socket is there.
 */
void server_reload(struct server *s);

/* Hands an effect of the node to the API. */
void server_effect(struct server *s, struct instant now, const struct effect *e);

/* What the API has had the world look at. */
void server_found(struct server *s, uint32_t request, const struct finding *findings, size_t count);
void server_looked(struct server *s, uint32_t request, bool done, const struct source_look *look);

#endif
