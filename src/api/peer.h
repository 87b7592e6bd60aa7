/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands at the other end of a Unix socket, as the kernel says (SO_PEERCRED, unix(7)). */
#ifndef API_PEER_H
#define API_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#define PEER_GROUP "vipd" /* its members may write */

struct peer {
	uid_t uid;
	gid_t gid;
};

/* 0 or -errno. */
int peer_of(int fd, struct peer *ret);

/* Root and the daemon's own user: what can be said without asking the user database. */
bool peer_is_privileged(const struct peer *p);

/* Whether the peer may change anything: privileged, or in the group, primary or supplementary. */
bool peer_may_write(const struct peer *p);

#endif
