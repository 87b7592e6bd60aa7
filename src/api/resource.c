/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked for: the table of resources, and what each of them does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
#include "api/request.h"
#include "base/container.h"
#include "base/text.h"

void resource_reply_done(struct request *r, const struct effect *e)
{
	if (request_refused(r, e))
		return;
	request_open(r);
	request_close(r);
}

void request_look_beside(const struct request *r, struct row_beside *ret)
{
	const struct api_hooks *hooks = &r->api->hooks;

	memset(ret, 0, sizeof(*ret));
	hooks->config->state(hooks->config_context, &ret->config);
	ret->has_guard = hooks->guard(hooks->context, &ret->guard);
	hooks->world(hooks->context, &ret->world);
}

/* GET /v1/status */

static void status_begin(struct request *r)
{
	struct moment at = moment_now();
	struct row_beside beside;
	struct row_status status;

	node_status(r->api->hooks.node, at.now, &status);
	request_look_beside(r, &beside);
	request_open(r);
	row_print_status(&r->out, &status, &beside, at);
	config_print_state(&r->out, &beside.config);
	request_close(r);
}

bool argument_address(struct request *r, struct address *ret)
{
	if (address_parse(r->argument, ret) == 0)
		return true;
	request_refuse(r, MHD_HTTP_NOT_FOUND, "'%.60s' is not an address", r->argument);
	return false;
}

/* GET /v1/vips/ADDRESS */

static void vip_begin(struct request *r)
{
	struct moment at = moment_now();
	struct address address;
	struct row_vip row;

	if (!argument_address(r, &address))
		return;
	if (!node_vip_find(r->api->hooks.node, at.now, &address, &row)) {
		request_refuse(r, MHD_HTTP_NOT_FOUND, "there is no VIP %.60s", r->argument);
		return;
	}
	request_open(r);
	json_open(&r->out, "vips", '[');
	row_print_vip(&r->out, &row, at);
	json_close(&r->out, ']');
	request_close(r);
}

/* GET /v1/doctor: the world looks at the host, then the node says what it knows. */

static void doctor_begin(struct request *r)
{
	struct address silent;

	if (r->argument && !argument_address(r, &r->vip))
		return;
	if (!node_examinable(r->api->hooks.node, &r->vip, &silent))
		request_refuse(r, MHD_HTTP_NOT_FOUND, "there is no such VIP");
	else
		r->api->hooks.examine(r->api->hooks.context, request_number(r), &silent);
}

static void doctor_say(void *context, const struct finding *f)
{
	row_print_finding(context, f);
}

void doctor_found(struct request *r, const struct finding *findings, size_t count)
{
	request_open(r);
	json_open(&r->out, "findings", '[');
	for (size_t i = 0; i < count; i++)
		row_print_finding(&r->out, &findings[i]);
	node_doctor(r->api->hooks.node, moment_now().now, &r->vip, doctor_say, &r->out);
	json_close(&r->out, ']');
	request_close(r);
}

/* The status of a body that cannot be taken. */
static void resource_refuse_body(struct request *r, int error, const char *sentence)
{
	request_refuse(r,
		       error == -EBADMSG  ? MHD_HTTP_BAD_REQUEST
		       : error == -ENOMEM ? MHD_HTTP_SERVICE_UNAVAILABLE
					  : MHD_HTTP_UNPROCESSABLE_CONTENT,
		       "%s", sentence);
}

void request_send_parsed(struct request *r, struct input *in, int error, const char *sentence)
{
	if (error < 0)
		resource_refuse_body(r, error, sentence);
	else
		request_send(r, in);
}

bool resource_takes_nothing(struct request *r)
{
	char sentence[BODY_SENTENCE_MAX];
	int error = body_parse_nothing(r->body.bytes, r->body.length, sentence, sizeof(sentence));

	if (error < 0)
		resource_refuse_body(r, error, sentence);
	return error == 0;
}

/* POST /v1/boards, DELETE /v1/boards/NAME */

static void board_add_begin(struct request *r)
{
	struct input in = { .kind = INPUT_BOARD };
	char sentence[BODY_SENTENCE_MAX];
	int error = body_parse_board(r->body.bytes, r->body.length, in.board.name, sentence,
				     sizeof(sentence));

	request_send_parsed(r, &in, error, sentence);
}

static void board_delete_begin(struct request *r)
{
	struct input in = { .kind = INPUT_BOARD };

	if (!interface_name_is_valid(r->argument)) {
		request_refuse(r, MHD_HTTP_NOT_FOUND, "there is no board '%.60s'", r->argument);
		return;
	}
	in.board.remove = true;
	text_copy(in.board.name, sizeof(in.board.name), r->argument);
	request_send(r, &in);
}

/* POST /v1/vips, DELETE /v1/vips/ADDRESS */

static void bind_begin(struct request *r)
{
	struct vip_settings *vips = NULL;
	char sentence[BODY_SENTENCE_MAX];
	struct input in = { .kind = INPUT_BIND };
	size_t count = 0;
	int error = body_parse_bind(r->body.bytes, r->body.length, &vips, &count, sentence,
				    sizeof(sentence));

	if (error < 0) {
		resource_refuse_body(r, error, sentence);
		return;
	}
	r->rows = (uint32_t)count;
	r->vips = vips;
	if (save_look(r, false) < 0)
		return;
	in.request = request_number(r);
	for (size_t i = 0; i < count; i++) {
		in.bind = vips[i];
		in.more = i + 1 < count;
		r->api->hooks.input(r->api->hooks.context, &in);
	}
}

static void bind_reply(struct request *r, const struct effect *e)
{
	if (request_refused(r, e) || save_do(r, false) < 0)
		return;
	request_open(r);
	json_number(&r->out, "bound", r->rows);
	request_close(r);
}

static void unbind_begin(struct request *r)
{
	struct input in = { .kind = INPUT_UNBIND };

	if (!argument_address(r, &in.unbind.address))
		return;
	in.unbind.now = request_parameter(r, "now", 0) != 0;
	r->rows = 1;
	r->vips = calloc(1, sizeof(*r->vips));
	if (r->vips)
		r->vips->address = in.unbind.address;
	if (save_look(r, true) >= 0)
		request_send(r, &in);
}

static void unbind_reply(struct request *r, const struct effect *e)
{
	int saved = 0;

	/* One that is bound no longer may still be saved. */
	if (e->reply.code == REPLY_OK || e->reply.code == REPLY_NOT_FOUND)
		saved = save_do(r, true);
	if (saved < 0 || (saved == 0 && request_refused(r, e)))
		return;
	request_open(r);
	request_close(r);
}

/* POST and DELETE /v1/drain/ADDRESS */

static void drain_send(struct request *r, bool on)
{
	struct input in = { .kind = INPUT_DRAIN };
	uint32_t seconds =
		request_parameter(r, "seconds", (uint32_t)(DRAIN_TIME_DEFAULT.ns / 1000000000));

	if (!argument_address(r, &in.drain.address))
		return;
	in.drain.on = on;
	in.drain.time = DURATION_S(seconds);
	if (in.drain.time.ns > DRAIN_TIME_MAX.ns)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT,
			       "a drain takes a week at the most, not %u s", seconds);
	else if (resource_takes_nothing(r))
		request_send(r, &in);
}

static void drain_begin(struct request *r)
{
	drain_send(r, true);
}

static void undrain_begin(struct request *r)
{
	drain_send(r, false);
}

/* POST /v1/purge */

static void purge_begin(struct request *r)
{
	struct input in = { .kind = INPUT_PURGE };

	if (resource_takes_nothing(r))
		request_send(r, &in);
}

/* POST /v1/stop */

static void stop_begin(struct request *r)
{
	enum api_stop how = API_STOP_WITHDRAW;

	if (!resource_takes_nothing(r))
		return;
	request_open(r);
	json_string(&r->out, "state", "stopping");
	request_close(r);
	if (request_parameter(r, "restart", 0))
		how = API_STOP_RESTART;
	else if (request_parameter(r, "hand-over", 0))
		how = API_STOP_HAND_OVER;
	r->api->hooks.stop(r->api->hooks.context, how);
}

/* GET /v1/PROTOCOL/VIEW */

static void view_begin(struct request *r)
{
	if (node_has_view(r->resource->member, r->argument))
		list_begin(r);
	else
		request_refuse(r, MHD_HTTP_NOT_FOUND, "%s has no '%.60s' to show",
			       r->resource->member, r->argument);
}

#define BODY_SMALL 4096 /* of what takes a few words, or nothing */

#define LIST(name, next_row)                                                                       \
	{                                                                                          \
		.method = "GET", .path = "/v1/" name, .begin = list_begin, .fill = list_fill,      \
		.member = (name), .row = (next_row)                                                \
	}

/* clang-format off */
static const struct resource resources[] = {
	{ .method = "GET", .path = "/v1/status", .begin = status_begin },
	{ .method = "GET", .path = "/metrics", .begin = metrics_begin, .fill = metrics_fill },
	LIST("boards", list_board),
	LIST("vips", list_vip),
	LIST("interfaces", list_interface),
	LIST("neighbors", list_neighbor),
	LIST("routes", list_route),
	LIST("checks", list_check),
	{ .method = "GET", .path = "/v1/ospf/", .begin = view_begin, .fill = list_fill,
	  .member = "ospf", .row = list_view },
	{ .method = "GET", .path = "/v1/doctor", .writes = true,
	  .reads = "have the host examined", .begin = doctor_begin },
	{ .method = "GET", .path = "/v1/doctor/", .writes = true,
	  .reads = "have the host examined", .begin = doctor_begin },
	{ .method = "GET", .path = "/v1/source", .begin = source_begin,
	  .texts = { "destination", "unit", "user" } },
	{ .method = "POST", .path = "/v1/source", .writes = true, .body = BODY_SMALL,
	  .begin = source_switch_begin, .reply = resource_reply_done },
	{ .method = "GET", .path = "/v1/vips/", .begin = vip_begin },
	{ .method = "GET", .path = "/v1/events", .begin = events_begin, .fill = events_fill,
	  .parameters = { "follow", "last" } },
	{ .method = "POST", .path = "/v1/boards", .writes = true, .body = BODY_SMALL,
	  .begin = board_add_begin, .reply = resource_reply_done },
	{ .method = "DELETE", .path = "/v1/boards/", .writes = true, .body = BODY_SMALL,
	  .begin = board_delete_begin, .reply = resource_reply_done },
	{ .method = "POST", .path = "/v1/vips", .writes = true, .body = BODY_BYTES_MAX,
	  .begin = bind_begin, .reply = bind_reply, .parameters = { "save" } },
	{ .method = "DELETE", .path = "/v1/vips/", .writes = true, .body = BODY_SMALL,
	  .begin = unbind_begin, .reply = unbind_reply, .parameters = { "now", "save" } },
	{ .method = "POST", .path = "/v1/drain/", .writes = true, .body = BODY_SMALL,
	  .begin = drain_begin, .reply = resource_reply_done, .parameters = { "seconds" } },
	{ .method = "DELETE", .path = "/v1/drain/", .writes = true, .body = BODY_SMALL,
	  .begin = undrain_begin, .reply = resource_reply_done },
	{ .method = "POST", .path = "/v1/prove/", .writes = true, .body = BODY_SMALL,
	  .begin = prove_begin, .reply = prove_reply, .fill = prove_fill,
	  .parameters = { "stream" }, .texts = { "neighbor" } },
	{ .method = "POST", .path = "/v1/config/apply", .writes = true, .body = BODY_SMALL,
	  .begin = apply_begin, .reply = apply_reply, .parameters = { "confirm" } },
	{ .method = "POST", .path = "/v1/config/confirm", .writes = true, .body = BODY_SMALL,
	  .begin = confirm_begin },
	{ .method = "GET", .path = "/v1/config/check", .writes = true, .begin = check_begin },
	{ .method = "GET", .path = "/v1/config/diff", .writes = true, .begin = diff_begin },
	{ .method = "GET", .path = "/v1/config", .writes = true, .begin = show_begin,
	  .parameters = { "saved" } },
	{ .method = "POST",
	  .path = "/v1/stop",
	  .writes = true,
	  .body = BODY_SMALL,
	  .begin = stop_begin,
	  .parameters = { "hand-over", "restart" } },
	{ .method = "POST", .path = "/v1/purge", .writes = true, .body = BODY_SMALL,
	  .begin = purge_begin, .reply = resource_reply_done },
};
/* clang-format on */

/*
 * Whether the path is the resource's; *ret_argument is what stands behind it, NULL when nothing
 * may.
 */
static bool resource_fits(const struct resource *resource, const char *path,
			  const char **ret_argument)
{
	size_t length = strlen(resource->path);

	*ret_argument = NULL;
	if (resource->path[length - 1] != '/')
		return strcmp(resource->path, path) == 0;
	if (strncmp(resource->path, path, length) != 0 || !path[length])
		return false;
	*ret_argument = path + length;
	return true;
}

static enum MHD_Result request_check_parameter(void *closure, enum MHD_ValueKind kind,
					       const char *key, const char *value)
{
	struct request *r = closure;

	(void)kind;
	for (size_t i = 0; i < ARRAY_LENGTH(r->resource->texts); i++)
		if (r->resource->texts[i] && strcmp(r->resource->texts[i], key) == 0)
			return MHD_YES;
	for (size_t i = 0; i < ARRAY_LENGTH(r->resource->parameters); i++) {
		const char *known = r->resource->parameters[i];

		if (!known || strcmp(known, key) != 0)
			continue;
		if (value && *value && strlen(value) <= 9 &&
		    strspn(value, "0123456789") == strlen(value))
			return MHD_YES;
		request_refuse(r, MHD_HTTP_BAD_REQUEST, "the parameter '%s' is a number", known);
		return MHD_NO;
	}
	request_refuse(r, MHD_HTTP_BAD_REQUEST, "unknown parameter '%.60s'", key);
	return MHD_NO;
}

uint32_t request_parameter(const struct request *r, const char *name, uint32_t otherwise)
{
	const char *value = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);

	/* Checked by request_check_parameter(). */
	return value ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

const char *request_text(const struct request *r, const char *name)
{
	const char *value = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);

	return value ? value : "";
}

void request_forbid(struct request *r, const char *what)
{
	request_refuse(r, MHD_HTTP_FORBIDDEN,
		       "only root and members of the group " PEER_GROUP " may %s", what);
}

void request_route(struct request *r, const char *method)
{
	struct text allow;

	text_init(&allow, r->allow, sizeof(r->allow));
	for (size_t i = 0; i < ARRAY_LENGTH(resources) && !r->resource; i++) {
		if (!resource_fits(&resources[i], r->path, &r->argument))
			continue;
		if (strcmp(resources[i].method, method) == 0)
			r->resource = &resources[i];
		else
			text_add(&allow, "%s%s", *r->allow ? ", " : "", resources[i].method);
	}
	if (!r->resource && *r->allow)
		request_refuse(r, MHD_HTTP_METHOD_NOT_ALLOWED, "%.60s takes %s, not %.20s", r->path,
			       r->allow, method);
	else if (!r->resource)
		request_refuse(r, MHD_HTTP_NOT_FOUND, "there is nothing at %.100s", r->path);
	else if (r->resource->writes && !client_may_write(r->client))
		request_forbid(r, r->resource->reads	       ? r->resource->reads
				  : strcmp(method, "GET") == 0 ? "see the configuration"
							       : "change anything");
	else
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND,
					  request_check_parameter, r);
}
