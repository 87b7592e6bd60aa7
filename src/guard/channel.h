/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way between vipd and its guard: STATE_DIR/guard.sock, a Unix socket that keeps messages whole
 * and tells each side at once when the other has died. Nothing here waits.
 */
#ifndef GUARD_CHANNEL_H
#define GUARD_CHANNEL_H

#include <stdbool.h>
#include <sys/types.h>

#include "guard/message.h"

/* The guard's end. One that is not open has all its descriptors below 0. */
struct channel_door {
	int fd;	  /* readable when somebody knocks */
	int lock; /* held, so that a state directory has one guard */
	int directory;
};

/* Opens the door of a state directory. 0; -EWOULDBLOCK: it has a guard already; or -errno. */
int channel_open(const char *directory, struct channel_door *ret);

/* Closes it, and takes the socket away. Also for one that is not open. */
void channel_close(struct channel_door *d);

/*
 * Whether another directory has taken the place of the one that the door was opened in: then
 * whoever starts there does not find it.
 */
bool channel_is_replaced(const struct channel_door *d, const char *directory);

/*
 * Lets the next one in who knocks, if he is root or we: *ret_pid is his process. The descriptor;
 * -EAGAIN when nobody knocks; or -errno: -EPERM when he was sent away.
 */
int channel_accept(const struct channel_door *d, pid_t *ret_pid);

/*
 * Knocks at the door of a state directory. The descriptor; -ENOENT or -ECONNREFUSED when there is
 * no guard; or -errno.
 */
int channel_connect(const char *directory);

/* Says something. 0 or -errno. */
int channel_send(int fd, const struct guard_message *m);

/*
 * Takes the next message. 0; -EAGAIN when there is none yet; -ECONNRESET when the other side has
 * gone; -EBADMSG for one that is none.
 */
int channel_receive(int fd, struct guard_message *ret);

#endif
