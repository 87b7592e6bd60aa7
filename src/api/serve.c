/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server (libmicrohttpd), and which request an effect of the node belongs to. */
#include "api/api.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/request.h"
#include "base/container.h"
#include "base/text.h"

#define API_POOL_BYTES 16384 /* of a connection, for its head and a piece of its body */
#define API_SWEEP_MS 5000

/* Serves the socket; nothing is served yet. */
static int serve(struct api *api, int listen_fd)
{
	const union MHD_DaemonInfo *info;
	struct epoll_event readable = { .events = EPOLLIN };

	api->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_access, api,
		MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_NOTIFY_COMPLETED, request_completed,
		api, MHD_OPTION_NOTIFY_CONNECTION, clients_notify, &api->clients,
		MHD_OPTION_URI_LOG_CALLBACK, request_look, NULL, MHD_OPTION_CONNECTION_LIMIT,
		CLIENTS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, CLIENT_REQUEST_MS / 1000u,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_POOL_BYTES, MHD_OPTION_END);
	info = api->daemon ? MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info || epoll_ctl(api->fd, EPOLL_CTL_ADD, info->epoll_fd, &readable) < 0)
		return -EIO;
	return 0;
}

/* Ends all connections. */
static void serve_no_longer(struct api *api)
{
	if (!api->daemon)
		return;
	/* MHD must not be stopped over sleeping connections. */
	api->closing = true;
	list_each(link, &api->requests)
		request_resume(container_of(link, struct request, link));
	/* MHD closes the socket that it listens on, and it is not ours to close. */
	MHD_run(api->daemon);
	MHD_quiesce_daemon(api->daemon);
	MHD_stop_daemon(api->daemon);
	api->daemon = NULL;
	api->closing = false;
}

int api_new(const struct api_hooks *hooks, int listen_fd, struct api **ret)
{
	struct api *api = calloc(1, sizeof(*api));
	int error;

	if (!api)
		return -ENOMEM;
	api->hooks = *hooks;
	list_init(&api->requests);
	clients_init(&api->clients);
	if (journal_init(&api->journal) < 0) {
		free(api);
		return -ENOMEM;
	}
	api->fd = epoll_create1(EPOLL_CLOEXEC);
	error = api->fd < 0 ? -errno : serve(api, listen_fd);
	if (error) {
		api_free(api);
		return error;
	}
	*ret = api;
	return 0;
}

int api_serve(struct api *api, int listen_fd)
{
	serve_no_longer(api);
	return serve(api, listen_fd);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	serve_no_longer(api);
	if (api->fd >= 0)
		close(api->fd);
	journal_done(&api->journal);
	free(api);
}

void api_set_writers(struct api *api, gid_t group)
{
	api->clients.writers = group;
}

int api_fd(const struct api *api)
{
	return api->fd;
}

void api_run(struct api *api)
{
	int64_t now_ms = client_now_ms();

	clients_sweep(&api->clients);
	if (api->followers > 0 && now_ms - api->sweep_ms >= API_SWEEP_MS) {
		api->sweep_ms = now_ms;
		events_sweep(api);
	}
	api->woken = false;
	if (api->daemon)
		MHD_run(api->daemon);
	if (api->trim)
		malloc_trim(0);
	api->trim = false;
}

/* The nearer of two timeouts, of which either may be none. */
static int64_t timeout_min(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int64_t api_timeout_ms(struct api *api)
{
	MHD_UNSIGNED_LONG_LONG mhd_ms;
	int64_t ms = clients_timeout_ms(&api->clients);

	/*
	 * A connection that was resumed is served by the next run, and MHD 0.9.75 does not say so.
	 */
	if (api->woken)
		return 0;
	if (api->daemon && MHD_get_timeout(api->daemon, &mhd_ms) == MHD_YES)
		ms = timeout_min(ms, mhd_ms > INT32_MAX ? INT32_MAX : (int64_t)mhd_ms);
	if (api->followers > 0)
		ms = timeout_min(ms, API_SWEEP_MS);
	return ms;
}

/* The request that waits for the answer of this number, and waits no longer; or NULL. */
static struct request *request_answered(struct api *api, uint32_t id)
{
	list_each_entry(struct request, r, &api->requests, link) {
		if (id == 0 || r->id != id)
			continue;
		r->id = 0;
		return r;
	}
	return NULL;
}

static void api_reply(struct api *api, const struct effect *e)
{
	struct request *r = request_answered(api, e->reply.request);
	struct effect done = *e;

	if (!r)
		return;
	if (e->reply.code == REPLY_PART) {
		r->id = e->reply.request;
		if (r->streams)
			prove_part(r);
		return;
	}
	/* For whoever answers the request it is done; what is wrong is added to the answer. */
	if (e->reply.code == REPLY_UNSAVED) {
		done.reply.code = REPLY_OK;
		text_copy(r->warning, sizeof(r->warning), e->reply.sentence);
	} else if (e->reply.code == REPLY_OK) {
		text_copy(r->note, sizeof(r->note), e->reply.sentence);
	}
	if (r->resource->reply)
		r->resource->reply(r, &done);
	request_resume(r);
}

/* All others are done by the world, or elsewhere in the daemon. */
void api_effect(struct api *api, struct instant now, const struct effect *e)
{
	if (e->kind == EFFECT_REPLY)
		api_reply(api, e);
	if (e->kind != EFFECT_EVENT)
		return;
	journal_add(&api->journal, &e->event, moment_at(now).wall_ns);
	list_each_entry(struct request, r, &api->requests, link)
		if (r->follow)
			request_resume(r);
}

void api_found(struct api *api, uint32_t request, const struct finding *findings, size_t count)
{
	struct request *r = request_answered(api, request);

	if (!r)
		return;
	doctor_found(r, findings, count);
	request_resume(r);
}

void api_looked(struct api *api, uint32_t request, bool done, const struct source_look *look)
{
	struct request *r = request_answered(api, request);

	if (!r)
		return;
	source_looked(r, done, look);
	request_resume(r);
}
