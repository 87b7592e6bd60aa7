/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP over a Unix socket: requests become inputs of the node, its effects become answers. See
 * vipd-api(7) for the requests and README.md in this folder for how they are served.
 */
#ifndef API_API_H
#define API_API_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "node/effect.h"
#include "node/input.h"

/*
 * The API numbers its requests from 1 up to this and then from 1 again. Requests of the daemon's
 * own take numbers above it, so that their replies are told apart.
 */
#define API_REQUEST_MAX 0x7fffffffu

/* What the API asks of the daemon; all are called from within api_run(). */
struct api_hooks {
	void *context;

	/*
	 * Gives an input to the node. Its effects may come to api_effect() before this returns, or
	 * later. Inputs with `more` are followed at once by the rest of their group.
	 */
	void (*input)(void *context, const struct input *in);

	/*
	 * Reads the configuration file again and gives its parts to the node under the number
	 * `request`; 0, or an error with its sentence when the file cannot be taken.
	 */
	int (*apply)(void *context, uint32_t request, char *error, size_t size);

	/* Begins to end the daemon. The answer to the request is on its way then. */
	void (*stop)(void *context, bool hand_over);
};

struct api;

/*
 * Serves a listening Unix socket, which stays the caller's and must be non-blocking. 0; -ENOMEM;
 * -EIO when the HTTP server cannot start. `hooks` is copied.
 */
int api_new(const struct api_hooks *hooks, int listen_fd, struct api **ret);

/* Ends all connections, answered or not. */
void api_free(struct api *api);

/* Becomes readable when api_run() is wanted. Belongs to the API. */
int api_fd(const struct api *api);

/*
 * Does what there is to do, without blocking. To be called when api_fd() is readable, when
 * api_timeout_ms() has passed, and once after api_effect() was given something.
 */
void api_run(struct api *api);

/*
 * In how many milliseconds api_run() is wanted at the latest; -1: only when api_fd() is readable.
 */
int64_t api_timeout_ms(struct api *api);

/*
 * Takes EFFECT_REPLY, EFFECT_ROW_* and EFFECT_EVENT; all others, and replies to others, are
 * ignored.
 */
void api_effect(struct api *api, struct instant now, const struct effect *e);

#endif
