/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API wants to run when its descriptor is readable, when its time has come and after it was
 * given an effect; all three only set `due`. It runs at one place, at the end of each turn of the
 * loop that made it due: so a thousand effects cost one run, and it never runs inside the node's
 * own work.
 */
#include "vipd/server.h"

#include <errno.h>
#include <stdlib.h>

#include "api/peer.h"
#include "base/container.h"
#include "linux/errands.h"
#include "linux/group.h"

/* What it does may make it due again: so often before the loop goes on. */
#define RUNS_A_TURN 16

#define LAST_RUNS 4

#define FILE_LOOK_MS 2000

struct server {
	uv_loop_t *loop;
	struct api *api;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t turn;
	unsigned handles;
	struct errands *errands;
	struct listen_socket *socket;
	struct logbook *logbook;
	uv_timer_t look;
	enum listen_file file; /* as it was told last */
	bool due;
};

static void poll_ready(uv_poll_t *poll, int status, int events)
{
	struct server *s = poll->data;

	(void)status;
	(void)events;
	s->due = true;
}

static void timer_fired(uv_timer_t *timer)
{
	struct server *s = timer->data;

	s->due = true;
}

static void turn_ended(uv_prepare_t *turn)
{
	struct server *s = turn->data;
	int64_t timeout;

	if (!s->due)
		return;
	for (int i = 0; s->due && i < RUNS_A_TURN; i++) {
		s->due = false;
		api_run(s->api);
	}
	timeout = s->due ? 0 : api_timeout_ms(s->api);
	if (timeout < 0)
		uv_timer_stop(&s->timer);
	else
		uv_timer_start(&s->timer, timer_fired, (uint64_t)timeout, 0);
}

/* The group database may be on another host: it is asked by an errand. */
struct group_errand {
	struct errand errand;
	struct server *server;
	gid_t group;
};

/* Whoever has removed the file has cut off everybody: the daemon goes on, and is not reached. */
static void file_make(struct server *s)
{
	struct listen_socket fresh;
	char sentence[512];
	int error = listen_open(s->socket->path, &fresh, sentence, sizeof(sentence));

	if (!error) {
		error = api_serve(s->api, fresh.fd);
		listen_close(s->socket);
		*s->socket = fresh;
		s->due = true;
	}
	if (!error)
		logbook_print(s->logbook, LOG_LEVEL_WARNING,
			      "%s was removed by somebody: it is there again", s->socket->path);
	else if (s->file != LISTEN_GONE)
		logbook_print(s->logbook, LOG_LEVEL_ERROR,
			      "%s was removed by somebody, and cannot be made again",
			      s->socket->path);
	s->file = error ? LISTEN_GONE : LISTEN_OURS;
}

static void file_look(uv_timer_t *timer)
{
	struct server *s = timer->data;
	enum listen_file file = listen_look(s->socket);

	if (file == LISTEN_GONE) {
		file_make(s);
		return;
	}
	if (file == LISTEN_OTHERS && s->file != LISTEN_OTHERS)
		logbook_print(s->logbook, LOG_LEVEL_ERROR,
			      "%s is somebody else's now: vipd is not reached any more",
			      s->socket->path);
	s->file = file;
}

static void group_look(struct errand *errand)
{
	(void)group_find(PEER_GROUP, &container_of(errand, struct group_errand, errand)->group);
}

static void group_looked(struct errand *errand, bool wanted)
{
	struct group_errand *g = container_of(errand, struct group_errand, errand);

	if (wanted)
		api_set_writers(g->server->api, g->group);
	free(g);
}

void server_reload(struct server *s)
{
	struct group_errand *g = s ? calloc(1, sizeof(*g)) : NULL;

	/* Not at once: a client of the API may have asked for this. */
	if (s)
		uv_timer_start(&s->look, file_look, 0, FILE_LOOK_MS);
	if (!g)
		return;
	*g = (struct group_errand){ .errand = { .run = group_look, .done = group_looked },
				    .server = s,
				    .group = PEER_NO_GROUP };
	if (errands_put(s->errands, &g->errand) < 0)
		free(g);
}

void server_effect(struct server *s, struct instant now, const struct effect *e)
{
	s->due = true;
	api_effect(s->api, now, e);
}

void server_found(struct server *s, uint32_t request, const struct finding *findings, size_t count)
{
	s->due = true;
	api_found(s->api, request, findings, count);
}

void server_looked(struct server *s, uint32_t request, bool done, const struct source_look *look)
{
	s->due = true;
	api_looked(s->api, request, done, look);
}

static void handle_closed(uv_handle_t *handle)
{
	struct server *s = handle->data;

	s->handles--;
}

static void handle_close(struct server *s, uv_handle_t *handle)
{
	if (handle->data == s)
		uv_close(handle, handle_closed);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	/* The last answers still go out. */
	for (int i = 0; s->api && i < LAST_RUNS; i++)
		api_run(s->api);
	errands_free(s->errands);
	handle_close(s, (uv_handle_t *)&s->poll);
	handle_close(s, (uv_handle_t *)&s->timer);
	handle_close(s, (uv_handle_t *)&s->turn);
	handle_close(s, (uv_handle_t *)&s->look);
	while (s->handles)
		uv_run(s->loop, UV_RUN_NOWAIT);
	if (s->api)
		api_free(s->api);
	free(s);
}

/* A handle that the loop knows carries us in its data, and is to be closed. */
static int handle_made(struct server *s, int error, uv_handle_t *handle)
{
	if (error)
		return error;
	handle->data = s;
	s->handles++;
	return 0;
}

static int handles_make(struct server *s)
{
	int error;

	error = handle_made(s, uv_timer_init(s->loop, &s->timer), (uv_handle_t *)&s->timer);
	if (!error)
		error = handle_made(s, uv_timer_init(s->loop, &s->look), (uv_handle_t *)&s->look);
	if (!error)
		error = handle_made(s, uv_prepare_init(s->loop, &s->turn), (uv_handle_t *)&s->turn);
	if (!error)
		error = handle_made(s, uv_poll_init(s->loop, &s->poll, api_fd(s->api)),
				    (uv_handle_t *)&s->poll);
	if (!error)
		error = uv_prepare_start(&s->turn, turn_ended);
	if (!error)
		error = uv_poll_start(&s->poll, UV_READABLE, poll_ready);
	if (!error)
		error = uv_timer_start(&s->look, file_look, FILE_LOOK_MS, FILE_LOOK_MS);
	return error;
}

int server_new(uv_loop_t *loop, const struct api_hooks *hooks, struct listen_socket *socket,
	       struct logbook *logbook, struct server **ret)
{
	struct server *s = calloc(1, sizeof(*s));
	int error;

	if (!s)
		return -ENOMEM;
	s->loop = loop;
	s->due = true;
	s->socket = socket;
	s->logbook = logbook;
	error = errands_new(loop, &s->errands);
	if (!error)
		error = api_new(hooks, socket->fd, &s->api);
	if (!error)
		error = handles_make(s);
	if (error) {
		server_free(s);
		return error;
	}
	server_reload(s);
	*ret = s;
	return 0;
}
