/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guard that is started to stay, as a service of its own, finds another: one that vipd has
 * started itself while the service was stopped. There is one guard, and the service is to be it, so
 * the other one is asked to go.
 */
#ifndef GUARD_YIELD_H
#define GUARD_YIELD_H

#include "guard/channel.h"
#include "guard/notes.h"

/* As channel_open(), and waits for whoever is there to go; -EWOULDBLOCK: he stays. */
int yield_open(const char *directory, struct notes *notes, struct channel_door *ret);

#endif
