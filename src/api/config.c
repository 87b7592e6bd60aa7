/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: what is in force, what stands in the files, and the step from one to the
 * other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/request.h"

/* More than a day is no trial. */
#define CONFIRM_SECONDS_MAX 86400

static void *context_of(const struct request *r)
{
	return r->api->hooks.config_context;
}

/* The daemon may be short of something; all else is wrong in the files. */
static void refuse_error(struct request *r, int error, const char *sentence)
{
	unsigned status = MHD_HTTP_UNPROCESSABLE_CONTENT;

	if (error == -ENOMEM || error == -EAGAIN || error == -EBUSY)
		status = MHD_HTTP_SERVICE_UNAVAILABLE;
	request_refuse(r, status, "%s", sentence);
}

static void list_open(struct request *r, const char *name)
{
	request_open(r);
	json_open(&r->out, name, '[');
}

/* With what has been told so far, unless there was an error. */
static void list_end(struct request *r, int failure, const char *error)
{
	if (failure < 0) {
		refuse_error(r, failure, error);
		return;
	}
	json_close(&r->out, ']');
	request_close(r);
}

/* POST /v1/config/apply */

void apply_begin(struct request *r)
{
	uint32_t confirm_s = request_parameter(r, "confirm", 0);
	char error[API_SENTENCE_MAX] = "";
	int failure;

	if (!resource_takes_nothing(r))
		return;
	if (confirm_s > CONFIRM_SECONDS_MAX) {
		request_refuse(r, MHD_HTTP_BAD_REQUEST,
			       "a configuration can wait a day at the most to be confirmed");
		return;
	}
	failure = r->api->hooks.config->apply(context_of(r), request_number(r), confirm_s, error,
					      sizeof(error));
	if (failure == 0)
		return;
	r->id = 0;
	refuse_error(r, failure, error);
}

/* A configuration that a rule forbids is a wrong configuration, not a conflict of requests. */
void apply_reply(struct request *r, const struct effect *e)
{
	if (e->reply.code == REPLY_REFUSED || e->reply.code == REPLY_NOT_FOUND)
		request_refuse(r, MHD_HTTP_UNPROCESSABLE_CONTENT, "%s", e->reply.sentence);
	else
		resource_reply_done(r, e);
}

/* POST /v1/config/confirm */

void confirm_begin(struct request *r)
{
	char error[API_SENTENCE_MAX] = "";

	if (!resource_takes_nothing(r))
		return;
	if (r->api->hooks.config->confirm(context_of(r), error, sizeof(error)) < 0) {
		request_refuse(r, MHD_HTTP_CONFLICT, "%s", error);
		return;
	}
	request_open(r);
	request_close(r);
}

/* GET /v1/config/check */

static void warning_print(void *to, const char *text)
{
	json_string(to, NULL, text);
}

void check_begin(struct request *r)
{
	char error[API_SENTENCE_MAX] = "";

	list_open(r, "warnings");
	list_end(r,
		 r->api->hooks.config->check(context_of(r), warning_print, &r->out, error,
					     sizeof(error)),
		 error);
}

/* GET /v1/config */

void show_begin(struct request *r)
{
	bool saved = request_parameter(r, "saved", 0) != 0;
	char error[API_SENTENCE_MAX] = "", *text = NULL;
	int failure = r->api->hooks.config->show(context_of(r), saved, &text, error, sizeof(error));

	if (failure < 0) {
		refuse_error(r, failure, error);
	} else {
		request_open(r);
		json_string(&r->out, "source", saved ? "saved" : "active");
		json_string(&r->out, "yaml", text);
		request_close(r);
	}
	free(text);
}

/* GET /v1/config/diff */

static void change_print(void *to, const struct api_config_change *change)
{
	struct json *j = to;

	json_open(j, NULL, '{');
	json_string(j, "item", change->item);
	json_string(j, "name", change->name);
	json_string(j, "change", !change->from ? "added" : !change->to ? "removed" : "changed");
	json_string(j, "from", change->from);
	json_string(j, "to", change->to);
	json_close(j, '}');
}

void diff_begin(struct request *r)
{
	char error[API_SENTENCE_MAX] = "";

	list_open(r, "changes");
	list_end(r,
		 r->api->hooks.config->diff(context_of(r), change_print, &r->out, error,
					    sizeof(error)),
		 error);
}

/* The parameter `save` of a bind and an unbind. */

static int save_call(struct request *r, bool remove, bool look, const char *done)
{
	const struct api_config_save save = { r->vips, r->rows, remove };
	char error[API_SENTENCE_MAX] = "";
	int saved = -ENOMEM;

	if (request_parameter(r, "save", 0) == 0)
		return 0;
	if (r->vips)
		saved = r->api->hooks.config->save(context_of(r), &save, look, error,
						   sizeof(error));
	if (saved < 0)
		request_refuse(r, MHD_HTTP_CONFLICT, "%s%s", done,
			       r->vips ? error : strerror(ENOMEM));
	return saved;
}

int save_look(struct request *r, bool remove)
{
	return save_call(r, remove, true, "nothing is done, for it cannot be saved: ");
}

int save_do(struct request *r, bool remove)
{
	return save_call(r, remove, false, "it is done, but not saved: ");
}

void config_print_state(struct json *j, const struct api_config_state *s)
{
	json_open(j, "config", '{');
	json_bool(j, "valid", !s->wrong[0]);
	json_string(j, "error", s->wrong[0] ? s->wrong : NULL);
	json_time(j, "applied", s->applied_ns);
	json_bool(j, "on_trial", s->on_trial);
	if (s->on_trial)
		json_seconds(j, "rolls_back_in", s->trial_left);
	json_close(j, '}');
}
