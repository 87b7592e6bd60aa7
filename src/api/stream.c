/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are longer than memory should be: lists, and the journal, which may have no end.
 * Both fill `out` when the client has read what was in it; a list goes on where its walk over the
 * node was laid down, the journal sleeps while there is nothing new.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "api/request.h"

/* The tables that can be listed. */

bool list_board(struct request *r, struct moment at)
{
	struct row_board row;

	(void)at;
	if (!node_board_next(r->api->hooks.node, &r->walk, &row))
		return false;
	row_print_board(&r->out, &row);
	return true;
}

bool list_vip(struct request *r, struct moment at)
{
	struct row_vip row;

	if (!node_vip_next(r->api->hooks.node, at.now, &r->walk, &row))
		return false;
	row_print_vip(&r->out, &row, at);
	return true;
}

bool list_interface(struct request *r, struct moment at)
{
	struct row_interface row;

	if (!node_interface_next(r->api->hooks.node, at.now, &r->walk, &row))
		return false;
	row_print_interface(&r->out, &row);
	return true;
}

/* Behind the neighbours come the sessions that watch them. */
bool list_neighbor(struct request *r, struct moment at)
{
	struct row_neighbor neighbor;
	struct row_session session;

	if (r->place == 0 && node_neighbor_next(r->api->hooks.node, at.now, &r->walk, &neighbor)) {
		row_print_neighbor(&r->out, &neighbor, at);
		return true;
	}
	if (r->place++ == 0)
		r->walk = (struct walk){ 0 };
	if (!node_session_next(r->api->hooks.node, &r->walk, &session))
		return false;
	row_print_session(&r->out, &session, at);
	return true;
}

bool list_route(struct request *r, struct moment at)
{
	struct row_route row;

	(void)at;
	if (!node_route_next(r->api->hooks.node, &r->walk, &row))
		return false;
	row_print_route(&r->out, &row);
	return true;
}

bool list_check(struct request *r, struct moment at)
{
	struct row_check row;

	if (!node_check_next(r->api->hooks.node, &r->walk, &row))
		return false;
	row_print_check(&r->out, &row, at);
	return true;
}

/* /v1/PROTOCOL/VIEW: what only that protocol has. */
bool list_view(struct request *r, struct moment at)
{
	struct row_view row;

	if (!node_view_next(r->api->hooks.node, at.now, r->resource->member, r->argument, &r->walk,
			    &row))
		return false;
	row_print_view(&r->out, &row);
	return true;
}

const char *list_name(const struct request *r)
{
	return r->argument ? r->argument : r->resource->member;
}

void list_fill(struct request *r)
{
	struct moment at = moment_now();

	while (r->resource->row(r, at))
		if (r->out.length >= REQUEST_STREAM_BYTES && r->walk.rests)
			return;
	json_close(&r->out, ']');
	json_close(&r->out, '}');
	json_raw(&r->out, "\n", 1);
	r->complete = true;
}

void list_begin(struct request *r)
{
	json_open(&r->out, NULL, '{');
	json_number(&r->out, "schema", 1);
	json_open(&r->out, list_name(r), '[');
	r->streams = true;
	r->status = MHD_HTTP_OK;
	list_fill(r);
}

void events_begin(struct request *r)
{
	const struct journal *j = &r->api->journal;
	uint32_t last = request_parameter(r, "last", JOURNAL_EVENTS_MAX);
	uint64_t there = j->next - journal_first(j);

	r->follow = request_parameter(r, "follow", 0) != 0;
	if (r->follow && !client_follow(r->client)) {
		r->follow = false;
		request_refuse(r, MHD_HTTP_SERVICE_UNAVAILABLE,
			       "as many clients as may follow the events already");
		return;
	}
	r->api->followers += r->follow;
	r->place = j->next - (last < there ? last : there);
	r->type = "application/x-ndjson";
	r->streams = true;
	r->status = MHD_HTTP_OK;
	/* Whoever only reads may think as long as they like; a place in the ring costs nothing. */
	if (r->follow)
		MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT, 3600u);
}

/* Prints events until there are enough bytes to send, or no more events. */
void events_fill(struct request *r)
{
	const struct journal *j = &r->api->journal;
	struct json *out = &r->out;

	if (r->place < journal_first(j)) {
		json_format(out, "{\"schema\":1,\"kind\":\"gap\",\"lost\":%llu}\n",
			    (unsigned long long)(journal_first(j) - r->place));
		r->place = journal_first(j);
	}
	while (r->place < j->next && out->length < REQUEST_STREAM_BYTES) {
		const struct journal_entry *entry = journal_at(j, r->place);

		out->comma = false;
		event_print(out, &entry->event, r->place, entry->wall_ns);
		json_raw(out, "\n", 1);
		r->place++;
	}
	if (r->place == j->next && !r->follow)
		r->complete = true;
}

static void stream_fill(struct request *r)
{
	json_drain(&r->out);
	r->sent = 0;
	r->resource->fill(r);
	r->failed |= r->out.failed;
}

ssize_t stream_read(void *closure, uint64_t position, char *buffer, size_t size)
{
	struct request *r = closure;
	size_t n;

	(void)position;
	if (r->sent == r->out.length && !r->complete && !r->failed)
		stream_fill(r);
	n = r->out.length - r->sent;
	if (n > size)
		n = size;
	if (n > 0) {
		memcpy(buffer, r->out.at + r->sent, n);
		r->sent += n;
		return (ssize_t)n;
	}
	if (r->failed || r->api->closing)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (r->complete)
		return MHD_CONTENT_READER_END_OF_STREAM;
	/* Suspended before 0 is returned: else MHD would ask again and again. */
	r->suspended = true;
	MHD_suspend_connection(r->connection);
	return 0;
}

void events_sweep(struct api *api)
{
	list_each_entry(struct request, r, &api->requests, link) {
		struct pollfd p = { .fd = r->client->fd };

		/* POLLHUP comes without being asked for. */
		if (!r->follow || !r->suspended || poll(&p, 1, 0) <= 0)
			continue;
		r->failed = true;
		request_resume(r);
	}
}
