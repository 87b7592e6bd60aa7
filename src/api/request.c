/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a request, from its head to the end of its answer. */
#include "api/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/body.h"
#include "base/container.h"

#define REQUEST_BODY_LARGE 65536 /* after one of these the heap gives its pages back */

uint32_t request_number(struct request *r)
{
	r->api->last_id = r->api->last_id == API_REQUEST_MAX ? 1 : r->api->last_id + 1;
	r->id = r->api->last_id;
	return r->id;
}

void request_send(struct request *r, struct input *in)
{
	in->request = request_number(r);
	r->api->hooks.input(r->api->hooks.context, in);
}

void request_resume(struct request *r)
{
	if (!r->suspended)
		return;
	r->suspended = false;
	r->api->woken = true;
	MHD_resume_connection(r->connection);
}

void request_refuse(struct request *r, unsigned status, const char *format, ...)
{
	char sentence[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	json_done(&r->out);
	r->type = "application/json";
	r->streams = false;
	request_open(r);
	json_string(&r->out, "error", sentence);
	request_close(r);
	r->status = status;
}

void request_open(struct request *r)
{
	json_open(&r->out, NULL, '{');
	json_number(&r->out, "schema", 1);
}

void request_close(struct request *r)
{
	if (r->warning[0])
		json_string(&r->out, "warning", r->warning);
	if (r->note[0])
		json_string(&r->out, "note", r->note);
	json_close(&r->out, '}');
	json_raw(&r->out, "\n", 1);
	r->status = MHD_HTTP_OK;
}

bool request_refused(struct request *r, const struct effect *e)
{
	static const unsigned statuses[] = {
		[REPLY_REFUSED] = MHD_HTTP_CONFLICT,
		[REPLY_NOT_FOUND] = MHD_HTTP_NOT_FOUND,
		[REPLY_FAILED] = MHD_HTTP_SERVICE_UNAVAILABLE,
	};

	if (e->reply.code == REPLY_OK)
		return false;
	request_refuse(r,
		       e->reply.code < ARRAY_LENGTH(statuses) ? statuses[e->reply.code]
							      : MHD_HTTP_SERVICE_UNAVAILABLE,
		       "%s", e->reply.sentence);
	return true;
}

static struct request *request_new(struct api *api, struct MHD_Connection *connection,
				   const char *path)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->path = strdup(path);
	r->client = client_of(connection);
	if (!r->path || !r->client) {
		free(r->path);
		free(r);
		return NULL;
	}
	r->api = api;
	r->connection = connection;
	r->type = "application/json";
	json_init(&r->out);
	list_append(&api->requests, &r->link);
	return r;
}

static void request_free(struct request *r)
{
	r->api->followers -= r->follow;
	r->api->body_bytes -= r->body.capacity;
	if (r->follow)
		client_unfollow(r->client);
	list_remove(&r->link);
	json_done(&r->out);
	free(r->body.bytes);
	free(r->vips);
	metrics_free(r->metrics);
	free(r->path);
	free(r);
}

/* The response that the request's answer makes; the bytes go over to it. */
static struct MHD_Response *request_response(struct request *r)
{
	struct MHD_Response *response;

	if (r->out.failed)
		r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	if (r->streams && !r->complete)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, REQUEST_STREAM_BYTES,
							 stream_read, r, NULL);
	response = MHD_create_response_from_buffer(r->out.length, r->out.at, MHD_RESPMEM_MUST_FREE);
	if (response)
		json_init(&r->out);
	return response;
}

static enum MHD_Result request_answer(struct request *r)
{
	struct MHD_Response *response = request_response(r);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, r->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (r->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, r->allow);
	result = MHD_queue_response(r->connection, r->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The head of a request is there. What is wrong with it is said before its body comes. */
static enum MHD_Result request_start(struct request *r, const char *method)
{
	const char *length = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);

	request_route(r, method);
	if (!r->status && length && strtoull(length, NULL, 10) > r->resource->body)
		request_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "the body is longer than %zu bytes",
			       r->resource->body);
	return r->status ? request_answer(r) : MHD_YES;
}

/*
 * A request cannot be taken to its end. In the middle of it MHD takes no response, so it is written
 * to the socket as it is, if it fits, before the connection is closed.
 */
static enum MHD_Result request_break(const struct client *client, const char *status,
				     const char *sentence)
{
	char answer[256];
	int length = snprintf(answer, sizeof(answer),
			      "HTTP/1.1 %s\r\nConnection: close\r\n"
			      "Content-Type: application/json\r\n\r\n"
			      "{\"schema\":1,\"error\":\"%s\"}\n",
			      status, sentence);
	ssize_t n = send(client->fd, answer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)n;
	return MHD_NO;
}

/* In place of a request: it was answered when MHD had read no more than its first line. */
static char answered;

void *request_look(void *closure, const char *uri, struct MHD_Connection *connection)
{
	const struct client *client = client_of(connection);
	size_t parameters = 0;

	(void)closure;
	for (const char *c = strpbrk(uri, "?&"); c; c = strpbrk(c + 1, "?&"))
		parameters++;
	if (!client || (parameters <= REQUEST_PARAMETERS_MAX && !strstr(uri, "%00")))
		return NULL;
	/* What is behind it would be cut off, and the rest done. */
	if (parameters <= REQUEST_PARAMETERS_MAX)
		(void)request_break(client, "400 Bad Request", "nothing has a NUL in it");
	else
		(void)request_break(client, "414 URI Too Long",
				    "more parameters than anything takes");
	/* The memory of a connection does not hold them all, and MHD 0.9.75 says nothing then. */
	shutdown(client->fd, SHUT_RDWR);
	return &answered;
}

static enum MHD_Result request_overflow(const struct request *r, size_t most)
{
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "the body is longer than %zu bytes", most);
	return request_break(r->client, "413 Content Too Large", sentence);
}

static enum MHD_Result request_collect(struct request *r, const char *bytes, size_t length)
{
	size_t wanted = r->body.capacity ? r->body.capacity : 4096;
	size_t most = r->resource ? r->resource->body : 0;
	char *grown;

	if (r->body.length + length > most)
		return request_overflow(r, most);
	while (wanted < r->body.length + length)
		wanted *= 2;
	if (wanted != r->body.capacity) {
		/* Of those who may write; each could have many. */
		if (r->api->body_bytes - r->body.capacity + wanted > REQUEST_BODIES_MAX)
			return request_break(r->client, "503 Service Unavailable",
					     "too many long bodies are on their way");
		grown = realloc(r->body.bytes, wanted);
		if (!grown)
			return MHD_NO;
		r->api->body_bytes += wanted - r->body.capacity;
		r->body.bytes = grown;
		r->body.capacity = wanted;
	}
	memcpy(r->body.bytes + r->body.length, bytes, length);
	r->body.length += length;
	return MHD_YES;
}

/* The whole request is there. */
static void request_begin(struct request *r)
{
	r->begun = true;
	client_set_busy(r->client, true);
	r->resource->begin(r);
	if (r->body.length > REQUEST_BODY_LARGE)
		r->api->trim = true;
	free(r->body.bytes);
	r->body.bytes = NULL;
	r->api->body_bytes -= r->body.capacity;
	r->body.length = r->body.capacity = 0;
}

enum MHD_Result request_access(void *closure, struct MHD_Connection *connection, const char *path,
			       const char *method, const char *version, const char *body,
			       size_t *body_size, void **request)
{
	struct api *api = closure;
	struct request *r = *request;
	size_t length = *body_size;

	(void)version;
	if (*request == &answered)
		return MHD_NO;
	if (!r) {
		*request = r = request_new(api, connection, path);
		return r ? request_start(r, method) : MHD_NO;
	}
	if (length > 0) {
		*body_size = 0;
		return request_collect(r, body, length);
	}
	if (!r->begun)
		request_begin(r);
	if (r->status)
		return request_answer(r);
	if (r->failed || api->closing)
		return MHD_NO;
	r->suspended = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

void request_completed(void *closure, struct MHD_Connection *connection, void **request,
		       enum MHD_RequestTerminationCode code)
{
	struct request *r = *request;

	(void)closure;
	(void)connection;
	(void)code;
	if (!r || *request == &answered)
		return;
	client_set_busy(r->client, false);
	request_free(r);
	*request = NULL;
}
