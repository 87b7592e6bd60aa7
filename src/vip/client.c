/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/client.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

#define CLIENT_TIMEOUT_MS 30000
#define CLIENT_LINE_MAX 8192

/* The answer as it comes in: refusals are kept here, what is wanted goes on to a sink. */
struct answer {
	struct http http;
	char *bytes;
	size_t length, capacity;
	http_sink *sink; /* NULL: all is kept */
	void *context;
};

static bool answer_take(void *context, const char *bytes, size_t length)
{
	struct answer *a = context;

	if (a->sink && a->http.status == 200)
		return a->sink(a->context, bytes, length);
	if (ARRAY_RESERVE(a->bytes, a->capacity, a->length + length) < 0)
		return false;
	memcpy(a->bytes + a->length, bytes, length);
	a->length += length;
	return true;
}

static int client_unreachable(const struct vip *v, int error)
{
	switch (-error) {
	case ENOENT:
	case ECONNREFUSED:
		return vip_fail(VIP_UNREACHABLE, "vipd is not running: nobody listens on %s",
				v->socket);
	case ETIMEDOUT:
		return vip_fail(VIP_UNREACHABLE, "vipd does not answer on %s", v->socket);
	case EPROTO:
		return vip_fail(VIP_UNREACHABLE, "the answer on %s broke off, or is not vipd's",
				v->socket);
	default:
		return vip_fail(VIP_UNREACHABLE, "vipd cannot be reached on %s: %s", v->socket,
				strerror(-error));
	}
}

/* Says the sentence of a refusal. A wrong configuration names its file, line and column itself. */
static int client_refused(const struct answer *a, const char *path)
{
	json_t *document = json_loadb(a->bytes, a->length, 0, NULL);
	const char *sentence = member_text(document, "error");
	int code = VIP_REFUSED;

	if (strncmp(path, "/v1/config", 10) == 0 && a->http.status == 422) {
		fprintf(stderr, "%s\n", sentence);
		code = VIP_CONFIG;
	} else if (*sentence) {
		vip_fail(VIP_REFUSED, "%s", sentence);
	} else {
		vip_fail(VIP_REFUSED, "vipd refused with HTTP status %u", a->http.status);
	}
	json_decref(document);
	return code;
}

/* Until the answer is whole; only that there is none is told. */
static int client_converse(const struct vip *v, struct answer *a, const char *method,
			   const char *path, const char *body, int timeout_ms)
{
	int r;

	http_init(&a->http, answer_take, a);
	r = http_exchange(&a->http, v->socket, method, path, body, body ? strlen(body) : 0,
			  timeout_ms);
	return r < 0 ? client_unreachable(v, r) : VIP_DONE;
}

/* It is done, but not as well as it should be. */
static void client_warn(struct vip *v, const struct answer *a)
{
	json_t *document = json_loadb(a->bytes, a->length, 0, NULL);
	const char *warning = member_text(document, "warning");
	const char *note = member_text(document, "note");

	if (*note)
		fprintf(stderr, "vip: note: %s\n", note);
	if (*warning) {
		fprintf(stderr, "vip: %s\n", warning);
		v->unsaved = true;
	}
	json_decref(document);
}

static int client_exchange(struct vip *v, struct answer *a, const char *method, const char *path,
			   const char *body, int timeout_ms)
{
	int r = client_converse(v, a, method, path, body, timeout_ms);

	if (r != VIP_DONE)
		return r;
	if (v->json && a->length > 0)
		fwrite(a->bytes, 1, a->length, stdout);
	if (a->http.status != 200)
		return client_refused(a, path);
	if (strcmp(method, "GET") != 0)
		client_warn(v, a);
	return VIP_DONE;
}

int client_request(struct vip *v, const char *method, const char *path, const json_t *body,
		   json_t **ret)
{
	return client_request_within(v, method, path, body, CLIENT_TIMEOUT_MS, ret);
}

int client_request_within(struct vip *v, const char *method, const char *path, const json_t *body,
			  int timeout_ms, json_t **ret)
{
	struct answer a = { 0 };
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int r = client_exchange(v, &a, method, path, text, timeout_ms);

	free(text);
	if (ret)
		*ret = NULL;
	if (r == VIP_DONE && !v->json && ret) {
		*ret = json_loadb(a.bytes, a.length, 0, NULL);
		if (!*ret)
			r = vip_fail(VIP_UNREACHABLE, "the answer on %s is not vipd's", v->socket);
	}
	free(a.bytes);
	return r;
}

int client_look(const struct vip *v, const char *path, json_t **ret)
{
	struct vip quiet = *v;

	quiet.json = false;
	return client_request(&quiet, "GET", path, NULL, ret);
}

void client_print(const json_t *document)
{
	json_dumpf(document, stdout, JSON_COMPACT);
	putchar('\n');
}

int client_ask(const struct vip *v, const char *method, const char *path, const json_t *body,
	       int timeout_ms, unsigned *ret_status, json_t **ret)
{
	struct answer a = { 0 };
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int r = client_converse(v, &a, method, path, text, timeout_ms);

	free(text);
	if (r == VIP_DONE) {
		*ret = json_loadb(a.bytes, a.length, 0, NULL);
		*ret_status = a.http.status;
		if (!*ret)
			r = vip_fail(VIP_UNREACHABLE, "the answer on %s is not vipd's", v->socket);
	}
	free(a.bytes);
	return r;
}

static int client_sink(struct vip *v, const char *method, const char *path, int timeout_ms,
		       http_sink *sink, void *context)
{
	struct answer a = { .sink = sink, .context = context };
	int r = client_exchange(v, &a, method, path, NULL, timeout_ms);

	free(a.bytes);
	return r;
}

int client_stream(struct vip *v, const char *path, http_sink *sink, void *context)
{
	return client_sink(v, "GET", path, -1, sink, context);
}

/* Lines come in pieces of any size. */
struct lines {
	line_taker *take;
	void *context;
	size_t length;
	bool cut; /* the line is too long to be one of vipd's */
	char line[CLIENT_LINE_MAX];
};

static void line_end(struct lines *l)
{
	json_t *document = l->cut ? NULL : json_loadb(l->line, l->length, 0, NULL);

	if (document)
		l->take(l->context, document);
	json_decref(document);
	l->length = 0;
	l->cut = false;
}

static bool lines_take(void *context, const char *bytes, size_t length)
{
	struct lines *l = context;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n') {
			line_end(l);
			continue;
		}
		l->cut |= l->length == sizeof(l->line);
		if (!l->cut)
			l->line[l->length++] = bytes[i];
	}
	return fflush(stdout) == 0;
}

int client_lines(struct vip *v, const char *method, const char *path, int timeout_ms,
		 line_taker *take, void *context)
{
	struct lines l = { .take = take, .context = context };

	return client_sink(v, method, path, timeout_ms, lines_take, &l);
}

void client_path(char *path, size_t size, const char *prefix, const char *text, const char *suffix)
{
	struct text out;

	text_init(&out, path, size);
	text_add(&out, "%s", prefix);
	for (const char *c = text; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("-._~:", *c))
			text_add(&out, "%c", *c);
		else
			text_add(&out, "%%%02X", (unsigned char)*c);
	}
	text_add(&out, "%s", suffix);
}

const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t member_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

double member_real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

bool member_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}
