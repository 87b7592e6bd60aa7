/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The saved and the active configuration: what stands in the files, and what the node was given of
 * it. An explicit step applies one to the other; it can be taken on trial.
 */
#ifndef VIPD_CONFIGURATION_H
#define VIPD_CONFIGURATION_H

#include <uv.h>

#include "api/api.h"
#include "config/config.h"
#include "linux/logbook.h"
#include "vipd/options.h"

struct configuration;

struct configuration_hooks {
	void *context;
	void (*input)(void *context, const struct input *in);
	/* A number for a request of the daemon's own. */
	uint32_t (*number)(void *context);
	/* A configuration is about to be given to the node; and it was taken, or refused. */
	void (*begun)(void *context);
	void (*ended)(void *context, bool taken);
};

/*
 * Reads the files, or takes the defaults when there need be none. What is wrong has been said on
 * stderr. A secret that cannot be read is only told: the interface that needs it is mute. 0 or
 * -errno; everything given must outlive it.
 */
int configuration_new(const struct options *o, struct logbook *log,
		      const struct configuration_hooks *hooks, struct configuration **ret);

/* NULL is fine. After configuration_unwatch() the loop must have run once more. */
void configuration_free(struct configuration *c);

/*
 * Whoever wants a trial needs the loop for its end, and what is in force is read from the node. 0
 * or -errno.
 */
int configuration_watch(struct configuration *c, uv_loop_t *loop, const struct node *node);
void configuration_unwatch(struct configuration *c);

/*
 * Reads the files of the options, and looks at the secrets that they name. 0, or -errno with a
 * sentence.
 */
int configuration_read(const struct options *o, struct config **ret, char *error, size_t size);

/* Gives the node the configuration that configuration_new() has read. */
void configuration_start(struct configuration *c);

/* Whether the node has taken one yet, and how long the guard is to wait by the newest. */
bool configuration_in_force(const struct configuration *c);
struct duration configuration_grace(const struct configuration *c);

/* Reads the files anew and applies them; what is wrong is logged. */
void configuration_reload(struct configuration *c);

/* Takes the node's answers; true for those to requests of the daemon's own. */
bool configuration_effect(struct configuration *c, const struct effect *e);

/* What the API asks for; the context of each is the configuration. */
extern const struct api_config_hooks configuration_api;

#endif
