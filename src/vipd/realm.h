/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network namespace that the daemon rules alone (linux/netlock.h): taken before anything is
 * changed, and held until the process ends.
 */
#ifndef VIPD_REALM_H
#define VIPD_REALM_H

#include <uv.h>

#include "linux/logbook.h"
#include "linux/netlock.h"

struct realm {
	struct netlock lock;
	uv_poll_t poll;
};

/*
 * Takes it. A guard that carries out the will of another vipd in it is waited for, and one who is
 * about to end. 0; or -errno, and what is wrong has been said: who else has it, by his process and
 * his socket.
 */
int realm_take(struct realm *r, const char *socket, struct logbook *log);

/* Who else has it, as " (process N, socket PATH)"; empty when nobody is known. */
void realm_describe(char *text, size_t size);

/* Keeps the door free of those who came to look. 0 or -errno. */
int realm_watch(struct realm *r, uv_loop_t *loop);

/* Lets go of the loop, which must run once more before the realm goes. */
void realm_unwatch(struct realm *r);
void realm_release(struct realm *r);

#endif
