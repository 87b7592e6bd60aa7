/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service manager is told of the daemon: that it is ready, how it is, and that it lives.
 * The signs of life come from the loop, so a loop that stands still gives none. Where no manager
 * wants to be told, nothing of this happens.
 */
#ifndef VIPD_NOTIFY_H
#define VIPD_NOTIFY_H

#include <uv.h>

#include "node/effect.h"
#include "node/input.h"

/* The number of the questions that are asked of the node from here; nobody else uses it. */
#define NOTIFY_REQUEST UINT32_MAX

struct notify;

/* Looks for a manager in the environment. 0 or -errno. */
int notify_new(uv_loop_t *loop, const struct input_sink *sink, struct notify **ret);

/* Lets go of the loop, which must run once more before notify_free(). NULL is fine. */
void notify_close(struct notify *n);
void notify_free(struct notify *n);

/*
 * The node has taken its first configuration. The manager hears of it when each VIP is in the
 * kernel or has been refused: who is started after us can bind to it.
 */
void notify_configured(struct notify *n);

/* Another configuration is being applied; and it has been, or was refused. */
void notify_reloading(struct notify *n);
void notify_reloaded(struct notify *n);

void notify_stopping(struct notify *n, bool withdraws);

/* Takes events, and the answers to the questions; all others are ignored. */
void notify_effect(struct notify *n, const struct effect *e);

#endif
