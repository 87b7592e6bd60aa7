/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who stands at the other end of a Unix socket, as the kernel says (SO_PEERCRED and SO_PEERGROUPS,
 * unix(7)). No user database is asked for that: it may be on another host, which may be silent.
 */
#ifndef API_PEER_H
#define API_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#define PEER_GROUP "vipd" /* its members may write */
#define PEER_NO_GROUP ((gid_t)-1)

struct peer {
	uid_t uid;
	gid_t gid;
};

/* 0 or -errno. */
int peer_of(int fd, struct peer *ret);

/* Root and the daemon's own user. */
bool peer_is_privileged(const struct peer *p);

/*
 * Whether the peer may change anything: privileged, or its process was in the group `writers` when
 * it connected by `fd`, primary or supplementary.
 */
bool peer_may_write(const struct peer *p, int fd, gid_t writers);

#endif
