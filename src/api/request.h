/* SPDX-License-Identifier: Apache-2.0 */
/* A request while it is served, and what the files of this folder share about it. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "api/client.h"
#include "api/journal.h"
#include "api/json.h"
#include "api/rows.h"
#include "base/list.h"

#define REQUEST_PARAMETERS_MAX 32
#define REQUEST_BODIES_MAX (16 * 1024 * 1024) /* bytes of all bodies that are kept at once */
#define REQUEST_STREAM_BYTES 16384	      /* of a stream that are printed, and taken, at once */

struct request;
struct metrics;

struct api {
	struct api_hooks hooks;
	struct MHD_Daemon *daemon;
	int fd; /* an epoll set with that of MHD in it: it stays when MHD is started anew */
	struct clients clients;
	struct list requests;
	struct journal journal;
	uint32_t last_id;
	unsigned followers;
	size_t body_bytes; /* of all bodies that are kept */
	int64_t sweep_ms;  /* when the followers were last looked after */
	bool woken;	   /* a connection was resumed: api_run() is wanted */
	bool closing, trim;
};

/* What can be asked for: a row of the table in resource.c. */
struct resource {
	const char *method, *path; /* a path that ends with / takes an argument behind it */
	const char *parameters[2]; /* those that it knows behind a ? */
	const char *texts[3];	   /* likewise, whose value is any text */
	bool writes;		   /* or makes the daemon do more than tell: not for everybody */
	const char *reads;	   /* one of these that only asks: what others may not */

	size_t body; /* of so many bytes at the most; 0: none, as of every GET */

	/* Called with the whole request; it is answered then, or waits for a reply. */
	void (*begin)(struct request *r);
	/* The node's reply to a command; NULL: there is none. */
	void (*reply)(struct request *r, const struct effect *e);
	/* What fills a stream that has been read as far as it goes. */
	void (*fill)(struct request *r);

	/* Of those that list: the name of the list, or the protocol whose views they are, and what
	 * prints its next row; false: the end.
	 */
	const char *member;
	bool (*row)(struct request *r, struct moment at);
};

/* Owned by its connection; freed when MHD has done with it. */
struct request {
	struct list link;
	struct api *api;
	struct MHD_Connection *connection;
	struct client *client;
	const struct resource *resource;
	const char *argument; /* in the path; lives as long as the connection's request */
	char *path;	      /* owned */

	struct {
		char *bytes; /* owned */
		size_t length, capacity;
	} body;

	struct vip_settings *vips; /* owned: `rows` of them, until they are saved */

	uint32_t id;			 /* of the answer that is awaited; 0: none is */
	bool begun;			 /* the whole request was there */
	bool suspended;			 /* MHD sleeps until there is something new */
	bool failed;			 /* the rest of a stream cannot be had */
	char warning[NODE_SENTENCE_MAX]; /* what was asked for is done, but; empty: all is well */
	char note[NODE_SENTENCE_MAX];	 /* it is done, and worth knowing is */

	unsigned status; /* 0: there is no answer yet */
	struct json out; /* the answer, or the part of a stream that is not sent yet */
	size_t sent;	 /* of `out` */
	const char *type;
	char allow[32]; /* of a 405: the methods that there are */

	uint32_t rows; /* of `vips` */

	/* Streams: lists, metrics and events. */
	bool streams, complete;	 /* nothing will be added to `out` */
	struct walk walk;	 /* lists */
	struct metrics *metrics; /* owned */
	uint64_t place; /* events: the number of the next one; lists: which of two tables it is;
			   proof: bits: the routers that have been told */
	bool follow;

	struct source_question question; /* that the world is asked, */
	struct address vip;		 /* or about which it is examined */
};

/*
 * For MHD_start_daemon(), with the API as closure. MHD calls it for the head, for each piece of the
 * body, at the end of the request, and again when a connection is resumed that has no response yet.
 */
enum MHD_Result request_access(void *closure, struct MHD_Connection *connection, const char *path,
			       const char *method, const char *version, const char *body,
			       size_t *body_size, void **request);

/*
 * For MHD_OPTION_URI_LOG_CALLBACK: ends a request that has more parameters than
 * MHD can keep, or a NUL in it.
 */
void *request_look(void *closure, const char *uri, struct MHD_Connection *connection);

/* For MHD_OPTION_NOTIFY_COMPLETED: the request is over, however it ended. */
void request_completed(void *closure, struct MHD_Connection *connection, void **request,
		       enum MHD_RequestTerminationCode code);

/*
 * Sends the input under a number of its own; the reply comes to resource->reply, perhaps at once.
 */
void request_send(struct request *r, struct input *in);
uint32_t request_number(struct request *r);

/* Wakes MHD up when it sleeps on this request. */
void request_resume(struct request *r);

/* Answers {"schema":1,"error":"..."}. */
void request_refuse(struct request *r, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Opens a document {"schema":1, to be closed by request_close(), which answers with 200. */
void request_open(struct request *r);
void request_close(struct request *r);

/* What a list is called: the last part of its path. */
const char *list_name(const struct request *r);

/* resource.c: what is known beside the node. */
void request_look_beside(const struct request *r, struct row_beside *ret);

/* Refuses with the status and the sentence of a reply; false when the reply is good. */
bool request_refused(struct request *r, const struct effect *e);

/* Finds what is asked for, and refuses what there is not or what the client may not. */
void request_route(struct request *r, const char *method);

/* Answers that only those who may write may do that. */
void request_forbid(struct request *r, const char *what);

/* The text that a parameter has; "" when it is not there. */
const char *request_text(const struct request *r, const char *name);

/* The number that a parameter has, `otherwise` when it is not there. */
uint32_t request_parameter(const struct request *r, const char *name, uint32_t otherwise);

/* resource.c: false, and refused, when there is a body that matters. */
bool resource_takes_nothing(struct request *r);

/* resource.c: the address that stands behind the path; false, and refused, when it is none. */
bool argument_address(struct request *r, struct address *ret);

/* prove.c: proof by hand. */
void prove_begin(struct request *r);
void prove_reply(struct request *r, const struct effect *e);
void prove_part(struct request *r); /* one router has been tried; it is told to who streams */
void prove_fill(struct request *r);

/* resource.c: answers with nothing but that it was done. */
void resource_reply_done(struct request *r, const struct effect *e);

/* config.c: the configuration. */
void apply_begin(struct request *r);
void apply_reply(struct request *r, const struct effect *e);
void confirm_begin(struct request *r);
void check_begin(struct request *r);
void show_begin(struct request *r);
void diff_begin(struct request *r);

/*
 * config.c: looks whether the VIPs of a request that asks for it can be saved, and saves them. 1:
 * the saved configuration is another one then; 0: it is not, or nobody asks for it; below 0:
 * refused.
 */
int save_look(struct request *r, bool remove);
int save_do(struct request *r, bool remove);

/* config.c: how the configuration is, for /v1/status. */
void config_print_state(struct json *j, const struct api_config_state *s);

/* stream.c: fills the answer of a stream; for MHD_create_response_from_callback(). */
ssize_t stream_read(void *closure, uint64_t position, char *buffer, size_t size);

/* stream.c: a list, of as many rows at once as fit. */
void list_begin(struct request *r);
void list_fill(struct request *r);
bool list_board(struct request *r, struct moment at);
bool list_vip(struct request *r, struct moment at);
bool list_interface(struct request *r, struct moment at);
bool list_neighbor(struct request *r, struct moment at);
bool list_view(struct request *r, struct moment at);
bool list_route(struct request *r, struct moment at);
bool list_check(struct request *r, struct moment at);

/* stream.c: the journal. */
void events_begin(struct request *r);
void events_fill(struct request *r);

/* source.c: source selection; and what the world has found out is there. */
void source_begin(struct request *r);
void source_looked(struct request *r, bool done, const struct source_look *look);
void source_switch_begin(struct request *r);

/* resource.c: sends what a body has become, or refuses it with the status of its error. */
void request_send_parsed(struct request *r, struct input *in, int error, const char *sentence);

/* metrics.c */
void metrics_begin(struct request *r);
void metrics_fill(struct request *r);
void metrics_free(struct metrics *m);

/* resource.c: the examination of the host is over. */
void doctor_found(struct request *r, const struct finding *findings, size_t count);

/* Ends the event streams whose clients have gone; MHD does not look at connections that sleep. */
void events_sweep(struct api *api);

#endif
