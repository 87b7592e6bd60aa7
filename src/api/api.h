/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP over a Unix socket: requests become inputs of the node, its effects become answers. See
 * vipd-api(7) for the requests and README.md in this folder for how they are served.
 */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "node/counters.h"
#include "node/rows.h"

/*
 * The API numbers its requests from 1 up to this and then from 1 again. Requests of the daemon's
 * own take numbers above it, so that their replies are told apart.
 */
#define API_REQUEST_MAX 0x7fffffffu

#define API_SENTENCE_MAX 1024

/* How the configuration files compare with what is in force. */
struct api_config_state {
	char wrong[API_SENTENCE_MAX]; /* why they are not in force; "" when they are */
	int64_t applied_ns;	      /* when what is in force was applied, since 1970 */
	bool on_trial;		      /* and it is taken back unless it is confirmed */
	struct duration trial_left;
};

/* One difference, in YAML; NULL: it is not there. The texts live until the next one. */
struct api_config_change {
	const char *item, *name, *from, *to;
};

/* VIPs that go into the saved configuration, or out of it. */
struct api_config_save {
	const struct vip_settings *vips;
	size_t count;
	bool remove;
};

/*
 * What the API asks of whoever has the configuration. All give 0, or an error with its sentence;
 * -EINVAL, and the error of a read, are mistakes in the files.
 */
struct api_config_hooks {
	/*
	 * Reads the files again and gives their parts to the node under the number `request`.
	 * Unless it is confirmed within `confirm_s` seconds, the one before is applied again; 0: it
	 * need not be.
	 */
	int (*apply)(void *context, uint32_t request, uint32_t confirm_s, char *error, size_t size);
	/* -ENOENT: none waits for it. */
	int (*confirm)(void *context, char *error, size_t size);

	/* Reads the files and tells their warnings, and does nothing else. */
	int (*check)(void *context, void (*warning)(void *to, const char *text), void *to,
		     char *error, size_t size);
	/* The configuration that is active, or the one in the files, as YAML; to be freed. */
	int (*show)(void *context, bool saved, char **ret, char *error, size_t size);
	/* Tells what applying the files would change. */
	int (*diff)(void *context, void (*take)(void *to, const struct api_config_change *change),
		    void *to, char *error, size_t size);
	/* Changes the saved configuration; with `look`, only says whether that can be done. 1:
	 * it is another one then; 0: it is not. */
	int (*save)(void *context, const struct api_config_save *save, bool look, char *error,
		    size_t size);
	void (*state)(void *context, struct api_config_state *ret);
};

/* What the API asks of the daemon; all are called from within api_run(). */
/* How the daemon is to end. */
enum api_stop {
	API_STOP_WITHDRAW,
	API_STOP_HAND_OVER, /* everything stays as it is, for whoever comes next */
	API_STOP_RESTART,   /* likewise, but who comes next comes soon, or it was a death */
};

struct api_hooks {
	void *context;

	/* What the API reads whenever it is asked; it must outlive the API. */
	const struct node *node;

	/*
	 * Gives an input to the node. Its effects may come to api_effect() before this returns, or
	 * later. Inputs with `more` are followed at once by the rest of their group.
	 */
	void (*input)(void *context, const struct input *in);

	/* Begins to end the daemon. The answer to the request is on its way then. */
	void (*stop)(void *context, enum api_stop how);

	/* What the guard has counted; false when there is none. */
	bool (*guard)(void *context, struct guard_counters *ret);

	/* What the world counts of its sockets, and of source selection. */
	void (*world)(void *context, struct world_counters *ret);
	void (*source_counts)(void *context, uint64_t ret[SOURCE_VERDICT_COUNT]);

	/*
	 * Has the host examined, or the way of a connection looked at; api_found() or api_looked()
	 * follows with the same number, at once or later.
	 */
	void (*examine)(void *context, uint32_t request, const struct address *silent);
	void (*look)(void *context, uint32_t request, const struct source_question *question);

	void *config_context;
	const struct api_config_hooks *config;
};

struct api;

/*
 * Serves a listening Unix socket, which stays the caller's and must be non-blocking. 0; -ENOMEM;
 * -EIO when the HTTP server cannot start. `hooks` is copied.
 */
int api_new(const struct api_hooks *hooks, int listen_fd, struct api **ret);

/* Whose members may write, beside root and the daemon's own user; (gid_t)-1, as at first: none. */
void api_set_writers(struct api *api, gid_t group);

/*
 * Serves another socket from now on, in place of the one before, whose connections end; what has
 * happened is not forgotten. 0, or -EIO: nothing is served until it is called again.
 */
int api_serve(struct api *api, int listen_fd);

/* Ends all connections, answered or not. */
void api_free(struct api *api);

/* Becomes readable when api_run() is wanted. Belongs to the API. */
int api_fd(const struct api *api);

/*
 * Does what there is to do, without blocking. To be called when api_fd() is readable, when
 * api_timeout_ms() has passed, and once after the API was given something.
 */
void api_run(struct api *api);

/*
 * In how many milliseconds api_run() is wanted at the latest; -1: only when api_fd() is readable.
 */
int64_t api_timeout_ms(struct api *api);

/* Takes EFFECT_REPLY and EFFECT_EVENT; all others, and replies to others, are ignored. */
void api_effect(struct api *api, struct instant now, const struct effect *e);

/* What hooks.examine() has found. */
void api_found(struct api *api, uint32_t request, const struct finding *findings, size_t count);

/* What hooks.look() has found out; not `done`: it could not. */
void api_looked(struct api *api, uint32_t request, bool done, const struct source_look *look);

#endif
