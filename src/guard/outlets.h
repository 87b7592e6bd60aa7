/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet sockets, one for each interface and family: routers and neighbours are asked by them where
 * they are, and they hear nothing but answers, as the kernel filters them. On the terms of
 * liveness.h: all memory is taken at the start, and a socket that cannot be had is tried again.
 */
#ifndef GUARD_OUTLETS_H
#define GUARD_OUTLETS_H

#include "guard/liveness.h"
#include "net/ether.h"

/* No socket, of whatever kind, that could not be had is tried again sooner. */
#define OUTLET_RETRY DURATION_MS(500)

struct outlets;

/*
 * For so many of them at the most; NULL: there is no memory. `what` is what there is none of on an
 * interface where one cannot be had, for the log. Hooks, notes and text stay the caller's.
 */
struct outlets *outlets_new(const struct liveness_hooks *hooks, struct notes *notes,
			    const char *what, size_t most);
void outlets_free(struct outlets *o);

/* Closes all; or those that no outlets_need() has named since outlets_count_anew(). */
void outlets_close(struct outlets *o);
void outlets_count_anew(struct outlets *o);
void outlets_need(struct outlets *o, const struct path *path);
void outlets_sweep(struct outlets *o);

/* Reads what has arrived. */
void outlets_read(struct outlets *o, struct instant now,
		  void (*take)(void *context, struct instant now, const struct ether_frame *frame),
		  void *context);

/*
 * Opens the one of a path's interface and family, unless it is open, and says the address on the
 * wire that the interface has at `now`. False: it cannot be had, or there are too many.
 */
bool outlets_open(struct outlets *o, struct instant now, const struct path *path,
		  uint8_t ret_mac[ETHER_MAC_BYTES]);

/* Sends by one that outlets_open() has opened. */
void outlets_send(struct outlets *o, const struct path *path, const struct ether_frame *frame);

#endif
