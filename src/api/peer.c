/* SPDX-License-Identifier: Apache-2.0 */
#include "api/peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_GROUPS_MAX 65536 /* Linux gives no process more: 256 KiB of stack */

int peer_of(int fd, struct peer *ret)
{
	struct ucred cred;
	socklen_t length = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length) < 0)
		return -errno;
	*ret = (struct peer){ cred.uid, cred.gid };
	return 0;
}

bool peer_is_privileged(const struct peer *p)
{
	return p->uid == 0 || p->uid == geteuid();
}

bool peer_may_write(const struct peer *p, int fd, gid_t writers)
{
	gid_t groups[PEER_GROUPS_MAX];
	socklen_t length = sizeof(groups);

	if (peer_is_privileged(p))
		return true;
	if (writers == PEER_NO_GROUP)
		return false;
	if (p->gid == writers)
		return true;
	/* Since Linux 4.13; before it, only the primary group counts. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (size_t i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == writers)
			return true;
	return false;
}
