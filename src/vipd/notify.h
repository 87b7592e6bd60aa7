/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service manager is told of the daemon: that it is ready, how it is, and that it lives.
 * The signs of life come from the loop, so a loop that stands still gives none. Where no manager
 * wants to be told, nothing of this happens.
 */
#ifndef VIPD_NOTIFY_H
#define VIPD_NOTIFY_H

#include <uv.h>

#include "node/node.h"

struct notify;

/* Looks for a manager in the environment, to tell it of the node. 0 or -errno. */
int notify_new(uv_loop_t *loop, const struct node *node, struct notify **ret);

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

/* Something has happened: how the node is may be worth telling. */
void notify_event(struct notify *n);

#endif
