/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the daemon, and what becomes of its answer. */
#ifndef VIP_CLIENT_H
#define VIP_CLIENT_H

#include <jansson.h>

#include "vip/http.h"
#include "vip/vip.h"

/*
 * Sends a request; `body` may be NULL. With --json the answer is printed as it is, and *ret is
 * NULL; else *ret is its document, to be freed with json_decref(), also NULL when ret is. A refusal
 * is told on stderr. Returns an exit code.
 */
int client_request(struct vip *v, const char *method, const char *path, const json_t *body,
		   json_t **ret);

/* A GET of which nothing is printed, also with --json, but for a refusal, on stderr. */
int client_look(const struct vip *v, const char *path, json_t **ret);

/* Prints a document as --json does. */
void client_print(const json_t *document);

/* The same with another patience: how long the daemon may say nothing. */
int client_request_within(struct vip *v, const char *method, const char *path, const json_t *body,
			  int timeout_ms, json_t **ret);

/*
 * For commands of many requests: nothing of the answer is printed, also not with --json. Where
 * there is one, *ret is its document, also that of a refusal, and *ret_status its HTTP status; else
 * that is told on stderr, and both stay as they are. Returns VIP_DONE or VIP_UNREACHABLE.
 */
int client_ask(const struct vip *v, const char *method, const char *path, const json_t *body,
	       int timeout_ms, unsigned *ret_status, json_t **ret);

/*
 * Asks for an answer without an end: each piece of it goes to the sink as it comes. Refusals are
 * told on stderr.
 */
int client_stream(struct vip *v, const char *path, http_sink *sink, void *context);

/* Takes a line of an answer, a document of its own. */
typedef void line_taker(void *context, const json_t *line);

/*
 * An answer of lines, each of which is taken as soon as it is whole; what was printed then is seen
 * at once. `timeout_ms`: as of http_exchange().
 */
int client_lines(struct vip *v, const char *method, const char *path, int timeout_ms,
		 line_taker *take, void *context);

/* Writes `text` as one segment of a path, with %XX where it is needed; cut when it does not fit. */
void client_path(char *path, size_t size, const char *prefix, const char *text, const char *suffix);

/* Members of a document; what is not there or of another type is "", 0, 0.0 or false. */
const char *member_text(const json_t *object, const char *key);
int64_t member_number(const json_t *object, const char *key);
double member_real(const json_t *object, const char *key);
bool member_true(const json_t *object, const char *key);

#endif
